"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.people.cadences import CADENCES
from guanxi.relationship.people.commands import (
    AnswerConcern,
    NameContactPerson,
    RecordConcern,
    RecordContactPersonLeft,
    RecordWinBackAttempt,
)
from guanxi.relationship.people.contact_persons import contact_persons
from guanxi.relationship.people.events import EVENTS
from guanxi.relationship.people.labels import LABELS
from guanxi.relationship.people.lifecycle import lifecycle
from guanxi.relationship.people.read_models import READ_MODELS
from guanxi.relationship.people.reports import REPORTS
from guanxi.relationship.people.rules import ContactPersonRules, LifecycleRules, TrustRules
from guanxi.relationship.people.trust import trust
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("People and life cycle", "人员与生命周期"),
    events=EVENTS,
    commands=(
        NameContactPerson,
        RecordContactPersonLeft,
        RecordConcern,
        AnswerConcern,
        RecordWinBackAttempt,
    ),
    facets=(lifecycle, trust, contact_persons),
    rule_sets=(LifecycleRules, TrustRules, ContactPersonRules),
    read_models=READ_MODELS,
    reports=REPORTS,
    cadences=CADENCES,
    labels=LABELS,
)
