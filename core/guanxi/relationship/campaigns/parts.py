"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.campaigns.cadences import CADENCES
from guanxi.relationship.campaigns.campaign import campaigns
from guanxi.relationship.campaigns.commands import COMMANDS
from guanxi.relationship.campaigns.events import EVENTS
from guanxi.relationship.campaigns.execution import executions
from guanxi.relationship.campaigns.gone import reach
from guanxi.relationship.campaigns.labels import LABELS
from guanxi.relationship.campaigns.profile_reports import PROFILE_REPORTS
from guanxi.relationship.campaigns.programme import programmes
from guanxi.relationship.campaigns.read_models import READ_MODELS
from guanxi.relationship.campaigns.reports import CAMPAIGN_REPORTS
from guanxi.relationship.campaigns.rules import RULE_SETS
from guanxi.relationship.campaigns.screening import screenings
from guanxi.relationship.campaigns.targets import targets
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Campaigns", "营销活动"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(campaigns, executions, programmes, targets, screenings, reach),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=(*CAMPAIGN_REPORTS, *PROFILE_REPORTS),
    cadences=CADENCES,
    labels=LABELS,
)
