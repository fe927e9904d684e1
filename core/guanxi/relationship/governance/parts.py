"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.governance.cadences import CADENCES
from guanxi.relationship.governance.commands import COMMANDS
from guanxi.relationship.governance.events import EVENTS
from guanxi.relationship.governance.house import house
from guanxi.relationship.governance.labels import LABELS
from guanxi.relationship.governance.privacy import privacy
from guanxi.relationship.governance.read_models import families, issues, requests, reviews
from guanxi.relationship.governance.reports import privacy_register
from guanxi.relationship.governance.rules import PrivacyRules, ReviewRules
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Governance", "治理与隐私"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(privacy, house),
    rule_sets=(PrivacyRules, ReviewRules),
    read_models=(requests, families, reviews, issues),
    reports=(privacy_register,),
    cadences=CADENCES,
    labels=LABELS,
)
