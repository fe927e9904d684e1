"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.together.cadences import CADENCES
from guanxi.relationship.together.commands import COMMANDS
from guanxi.relationship.together.events import EVENTS
from guanxi.relationship.together.forms import form_versions, forms
from guanxi.relationship.together.goals import goals
from guanxi.relationship.together.knowledge import articles, discussion
from guanxi.relationship.together.labels import LABELS
from guanxi.relationship.together.read_models import (
    appointments,
    attainments,
    form_rows,
    goal_targets,
    notices,
)
from guanxi.relationship.together.reports import form_report, goal_report, notice_report
from guanxi.relationship.together.rules import ScheduleRules
from guanxi.relationship.together.schedules import schedule
from guanxi.relationship.together.teams import teams
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Working together", "协同工作"),
    events=EVENTS,
    commands=COMMANDS,
    facets=(forms, teams, discussion, form_versions, schedule, goals, articles),
    rule_sets=(ScheduleRules,),
    read_models=(form_rows, goal_targets, attainments, notices, appointments),
    reports=(goal_report, form_report, notice_report),
    cadences=CADENCES,
    labels=LABELS,
)
