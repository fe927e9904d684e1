"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.grading.cadences import CADENCES
from guanxi.relationship.grading.churn import churn
from guanxi.relationship.grading.commands import COMMANDS
from guanxi.relationship.grading.events import EVENTS
from guanxi.relationship.grading.grades import grades
from guanxi.relationship.grading.gradings import delivered_values, gradings
from guanxi.relationship.grading.importance import classes, importance
from guanxi.relationship.grading.labels import LABELS
from guanxi.relationship.grading.loyalty import loyalty
from guanxi.relationship.grading.measures import values
from guanxi.relationship.grading.members import members
from guanxi.relationship.grading.reports import REPORTS
from guanxi.relationship.grading.rules import RULE_SETS
from guanxi.relationship.grading.runs import RUNS
from guanxi.relationship.grading.watching import watched
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Grading", "客户分级"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(grades, importance, churn),
    rule_sets=RULE_SETS,
    read_models=(members, classes, gradings, values, delivered_values, loyalty, watched),
    reports=REPORTS,
    runs=RUNS,
    cadences=CADENCES,
    labels=LABELS,
)
