"""What is recorded of working together: forms and their flow, schedules, teams, goals, discussion, knowledge."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.messages import Act, Fact, event, field, key, personal
from guanxi.kernel.privacy import Erased

FieldType = Literal["text", "integer", "decimal", "date", "choice", "yes_no"]
StepKind = Literal["sign", "co_sign", "circulate", "approve", "archive"]
StepDone = Literal["signed", "read", "approved", "refused", "returned", "archived"]
FormEnd = Literal["archived", "in_force", "refused", "withdrawn"]
ItemKind = Literal["opportunity", "contract", "customer"]


@attrs.frozen
class FormField:
    """One field of a form.

    Args:
        name: its code.
        title: what people call it.
        type: what its values are.
        required: whether a submission needs it.
        choices: its values, for a choice.
        fills: posts or persons who may fill it; everybody if none are named.
        reads: posts or persons who may read it; everybody who reads the form if none are named.
        family: retention family of a personal field of the customer; empty for one that is not personal.
    """

    name: str
    title: str = ""
    type: FieldType = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    family: str = ""


@attrs.frozen
class FlowStep:
    """One step of a form's flow.

    Args:
        name: its code.
        kind: ``sign``, ``co_sign`` (all who are named, in any order), ``circulate`` (each reads, nobody blocks),
            ``approve`` or ``archive``.
        people: who takes it.
        days: its limit in working days; none if 0.
    """

    name: str
    kind: StepKind
    people: tuple[str, ...] = ()
    days: int = 0


@event("core.form_defined")
class FormDefined(Act):
    """A host's form in a version (CORE-84)."""

    form: str
    version: int
    title: str
    fields: tuple[FormField, ...]
    flow: tuple[FlowStep, ...] = field(default=())


@event("core.form_submitted")
class FormSubmitted(Fact):
    """A form filled in, under the definition it will end with; personal values by their families (CORE-84)."""

    submission: str
    revision: int
    form: str
    form_version: int
    initiator: str
    flow: tuple[FlowStep, ...] = field(default=())
    readers: dict[str, tuple[str, ...]] = field(default=attrs.Factory(dict))
    values: dict[str, Any] = field(default=attrs.Factory(dict))
    identity: dict[str, Any] | Erased | None = personal("identity", default=None)
    contact: dict[str, Any] | Erased | None = personal("contact", default=None)
    preference: dict[str, Any] | Erased | None = personal("preference", default=None)
    marketing: dict[str, Any] | Erased | None = personal("marketing", default=None)
    dealings: dict[str, Any] | Erased | None = personal("dealings", default=None)
    service: dict[str, Any] | Erased | None = personal("service", default=None)
    credit: dict[str, Any] | Erased | None = personal("credit", default=None)
    document: dict[str, Any] | Erased | None = personal("document", default=None)


@event("core.form_step_taken")
class FormStepTaken(Act):
    """Somebody signed, read, approved, refused, returned or archived a submission (CORE-84)."""

    submission: str
    revision: int
    step: str
    done: StepDone
    by: str
    reason: str | Erased | None = personal("service", default=None)


@event("core.form_closed")
class FormClosed(Act):
    """A submission's flow ended (CORE-84)."""

    submission: str
    end: FormEnd
    reason: str | Erased | None = personal("service", default=None)


@event("core.appointment_made")
class AppointmentMade(Fact):
    """Somebody's time is taken (CORE-85)."""

    appointment: str
    starts: datetime
    ends: datetime
    with_whom: str | Erased | None = personal("access", default=None)
    customer: str | None = field(default=None)
    private: bool = field(default=False)


@event("core.appointment_moved")
class AppointmentMoved(Fact):
    """An appointment takes place at another time (CORE-85)."""

    appointment: str
    starts: datetime
    ends: datetime
    reason: str | Erased | None = personal("access", default=None)


@event("core.appointment_cancelled")
class AppointmentCancelled(Fact):
    """An appointment does not take place (CORE-85)."""

    appointment: str
    reason: str | Erased | None = personal("access", default=None)


@event("core.team_member_joined")
class TeamMemberJoined(Act):
    """Somebody works on an opportunity, a contract or the customer, in a part of it (CORE-86)."""

    person: str
    item_kind: ItemKind
    item: str
    part: str


@event("core.team_member_left")
class TeamMemberLeft(Act):
    """Somebody no longer works on it (CORE-86)."""

    person: str
    item_kind: ItemKind
    item: str


@event("core.goal_set")
class GoalSet(Act):
    """A target of a period (CORE-91)."""

    goal: str
    measure: str
    owner: str
    target: Decimal
    period_from: date
    period_until: date
    parent: str | None = field(default=None)
    measures: str = field(default="")
    perspective: str | None = field(default=None)


@event("core.goal_revised")
class GoalRevised(Act):
    """From its date on the target is another; a finished period keeps the one it ran under (CORE-91)."""

    goal: str
    target: Decimal
    because: str = field(default="")


@event("core.discussion_posted")
class DiscussionPosted(Fact):
    """Somebody wrote about a customer or an item of his; never shown to the customer (CORE-92)."""

    post: str
    item: str | None = field(default=None)
    text: str | Erased = personal("service")


@event("core.knowledge_published", standing=True)
class KnowledgePublished(Act):
    """An article or standard answer in a version (CORE-92)."""

    article: str = key()
    version: int
    title: str
    text: str


EVENTS = (
    FormDefined,
    FormSubmitted,
    FormStepTaken,
    FormClosed,
    AppointmentMade,
    AppointmentMoved,
    AppointmentCancelled,
    TeamMemberJoined,
    TeamMemberLeft,
    GoalSet,
    GoalRevised,
    DiscussionPosted,
    KnowledgePublished,
)
