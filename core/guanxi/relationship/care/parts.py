"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.care.age_bands import age_band_report, age_band_rows, age_bands, births
from guanxi.relationship.care.cadences import CADENCES
from guanxi.relationship.care.commands import COMMANDS
from guanxi.relationship.care.consent import consents
from guanxi.relationship.care.events import EVENTS
from guanxi.relationship.care.gatherings import gatherings
from guanxi.relationship.care.gifts import favours
from guanxi.relationship.care.labels import LABELS
from guanxi.relationship.care.messages import messages
from guanxi.relationship.care.read_models import READ_MODELS
from guanxi.relationship.care.reports import REPORTS
from guanxi.relationship.care.rules import RULE_SETS
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Care", "客户关怀"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(consents, messages, favours, gatherings, age_bands),
    rule_sets=RULE_SETS,
    read_models=(*READ_MODELS, age_band_rows, births),
    reports=(*REPORTS, age_band_report),
    cadences=CADENCES,
    labels=LABELS,
)
