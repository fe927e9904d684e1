"""What is told and ordered of forms, schedules, teams, goals, discussion and knowledge."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.values import exact
from guanxi.relationship.checks import filled
from guanxi.relationship.together.events import FlowStep, FormField, ItemKind, StepDone

_told = filled("text")


def _distinct(_: object, attribute: attrs.Attribute[Any], value: tuple[Any, ...]) -> None:
    names = [one.name for one in value]
    if len(names) != len(set(names)):
        raise Invalid(
            "unknown_field",
            f"two of the {attribute.name} have one name",
            zh=f"{attribute.name} 中有重名",
            rule="CORE-84",
            accepts="a name for each",
        )


def _after_start(instance: Any, attribute: attrs.Attribute[Any], value: datetime) -> None:
    if value <= instance.starts:
        raise Invalid(
            "invalid_date",
            "an appointment ends after it starts",
            zh="日程的结束须晚于开始",
            rule="CORE-85",
            accepts="a later end",
        )


def _after_first_day(instance: Any, attribute: attrs.Attribute[Any], value: date) -> None:
    if value < instance.period_from:
        raise Invalid(
            "invalid_date",
            "a period ends on or after its first day",
            zh="期间的末日不得早于首日",
            rule="CORE-91",
            accepts="a later day",
        )


@command("core.define_form")
class DefineForm(Command):
    """Define a form, or its next version, on the stream ``form/<name>`` (CORE-84).

    Args:
        title: what people call it.
        fields: its typed fields.
        flow: its steps in order; none for a form in force when submitted.
    """

    title: str = field(validator=_told)
    fields: tuple[FormField, ...] = field(validator=_distinct)
    flow: tuple[FlowStep, ...] = field(default=(), validator=_distinct)


@attrs.frozen
class FormDefinition:
    """A version of a form, as submissions are judged by it.

    Args:
        form: its name.
        version: its number.
        title: what people call it.
        fields: its fields.
        flow: its steps.
    """

    form: str
    version: int
    title: str = ""
    fields: tuple[FormField, ...] = ()
    flow: tuple[FlowStep, ...] = ()


@command("core.submit_form")
class SubmitForm(Command):
    """Hand in a form; ``submit_form`` finds its definition (CORE-84).

    Args:
        submission: its number; the same again after it was returned.
        definition: the version of the form it is judged by.
        values: by field.
    """

    submission: str = field(validator=_told)
    definition: FormDefinition
    values: dict[str, Any]


@command("core.take_form_step", after_closing=True)
class TakeFormStep(Command):
    """Sign, read, approve, refuse, return or archive a submission (CORE-84).

    Args:
        submission: its number.
        step: the step of its flow.
        done: what was done.
        because: why; refusing and returning need it.
    """

    submission: str
    step: str
    done: StepDone
    because: str = field(default="")


@command("core.withdraw_form", after_closing=True)
class WithdrawForm(Command):
    """Take a submission back before its flow ends (CORE-84).

    Args:
        submission: its number.
        because: why.
    """

    submission: str
    because: str = field(default="")


@command("core.make_appointment")
class MakeAppointment(Command):
    """Enter an appointment into a person's schedule, the stream ``schedule/<person>`` (CORE-85).

    Args:
        appointment: its number.
        starts: when it begins.
        ends: when it ends.
        with_whom: with whom.
        customer: the account it concerns.
        private: whether others see only that the time is taken.
    """

    appointment: str = field(validator=_told)
    starts: datetime
    ends: datetime = field(validator=_after_start)
    with_whom: str | None = field(default=None)
    customer: str | None = field(default=None)
    private: bool = field(default=False)


@command("core.move_appointment")
class MoveAppointment(Command):
    """Move an appointment to another time; the old one stays readable (CORE-85).

    Args:
        appointment: its number.
        starts: when it begins now.
        ends: when it ends now.
        because: why.
    """

    appointment: str
    starts: datetime
    ends: datetime = field(validator=_after_start)
    because: str | None = field(default=None)


@command("core.cancel_appointment")
class CancelAppointment(Command):
    """Cancel an appointment; it stays readable (CORE-85).

    Args:
        appointment: its number.
        because: why.
    """

    appointment: str
    because: str | None = field(default=None)


@command("core.join_team")
class JoinTeam(Command):
    """Name somebody to work on an item of the customer's (CORE-86).

    Args:
        person: who.
        item_kind: ``opportunity``, ``contract`` or ``customer``.
        item: its number; the account for the customer.
        part: what he does in it.
    """

    person: str = field(validator=_told)
    item_kind: ItemKind
    item: str
    part: str = field(default="", validator=lambda _, a, v: _part(v))


def _part(value: str) -> None:
    if not value.strip():
        raise Incomplete(
            "reason_missing",
            "a collaborator is named with his part",
            zh="指定协作员工须说明分工",
            rule="CORE-86",
            accepts="part=...",
        )


@command("core.leave_team", after_closing=True)
class LeaveTeam(Command):
    """End somebody's work on an item (CORE-86).

    Args:
        person: who.
        item_kind: ``opportunity``, ``contract`` or ``customer``.
        item: its number.
    """

    person: str
    item_kind: ItemKind
    item: str


@command("core.set_goal")
class SetGoal(Command):
    """Set a goal on the stream ``goal/<code>`` (CORE-91).

    Args:
        measure: which figure, such as ``receipts``.
        owner: the person or department.
        target: what is to be reached.
        period_from: first day.
        period_until: last day.
        parent: the goal it is part of.
        measures: what is to be done for it.
        perspective: the host's own label, such as one of a balanced scorecard.
    """

    measure: str = field(validator=_told)
    owner: str = field(validator=_told)
    target: Decimal = field(converter=exact)
    period_from: date
    period_until: date = field(validator=_after_first_day)
    parent: str | None = field(default=None)
    measures: str = field(default="")
    perspective: str | None = field(default=None)


@command("core.revise_goal")
class ReviseGoal(Command):
    """Give a goal another target from a date on (CORE-91).

    Args:
        target: what is to be reached.
        because: why.
    """

    target: Decimal = field(converter=exact)
    because: str = field(default="")


@command("core.post_discussion", after_closing=True)
class PostDiscussion(Command):
    """Write about a customer or an item of his (CORE-92).

    Args:
        post: its number.
        text: what is written.
        item: the item it is about.
    """

    post: str = field(validator=_told)
    text: str = field(validator=_told)
    item: str | None = field(default=None)


@command("core.publish_knowledge")
class PublishKnowledge(Command):
    """Publish an article, or its next version, on the stream ``knowledge/<article>`` (CORE-92).

    Args:
        title: what it is called.
        text: what it says.
    """

    title: str = field(validator=_told)
    text: str = field(validator=_told)


COMMANDS = (
    DefineForm,
    SubmitForm,
    TakeFormStep,
    WithdrawForm,
    MakeAppointment,
    MoveAppointment,
    CancelAppointment,
    JoinTeam,
    LeaveTeam,
    SetGoal,
    ReviseGoal,
    PostDiscussion,
    PublishKnowledge,
)
