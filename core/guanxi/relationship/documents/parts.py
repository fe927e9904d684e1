"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.documents import destruction, intake, loans  # noqa: F401 - they register the facet's handlers
from guanxi.relationship.documents.cadences import CADENCES
from guanxi.relationship.documents.commands import COMMANDS
from guanxi.relationship.documents.events import EVENTS
from guanxi.relationship.documents.labels import LABELS
from guanxi.relationship.documents.papers import papers
from guanxi.relationship.documents.read_models import READ_MODELS
from guanxi.relationship.documents.reports import REPORTS
from guanxi.relationship.documents.rules import RULE_SETS
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Documents", "档案材料"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(papers,),
    rule_sets=RULE_SETS,
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
