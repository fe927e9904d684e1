"""What may be ordered about posts, approvals, accounts and look-ups."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Incomplete, Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.access.events import AccountChangeKind, Content, Outcome, Role, StaffKind
from guanxi.relationship.checks import filled, one_of, or_none

ROLES: tuple[Role, ...] = (
    "group_management",
    "group_marketing",
    "section_head",
    "business",
    "section_admin",
    "system_admin",
    "designated",
    "file_keeper",
    "adviser",
    "auditor",
)
CONTENTS: tuple[Content, ...] = ("customer", "knowledge", "document")
LEVELS = 6


_not_blank = or_none(filled("text"))


def _level(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LEVELS:
        raise Invalid(
            "out_of_scale",
            f"{value!r} is no level",
            zh=f"级别不能为 {value!r}",
            rule="CORE-67",
            accepts=f"a whole number from 0 to {LEVELS}",
        )


def _needed(rule: str) -> Any:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not (isinstance(value, str) and value.strip()):
            raise Incomplete(
                "reason_missing",
                f"{attribute.name} is missing",
                zh=f"缺少 {attribute.name}",
                rule=rule,
                accepts=f"{attribute.name}=...",
            )

    return check


def _some(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not value or not all(isinstance(v, str) and v.strip() for v in value):  # type: ignore[attr-defined]
        raise Invalid(
            "blank",
            f"{attribute.name} names nothing",
            zh=f"{attribute.name} 为空",
            accepts="at least one account number",
        )


def _not_before(command: Any, attribute: attrs.Attribute[Any], value: date) -> None:
    if value < command.first_day:
        raise Invalid(
            "invalid_date",
            f"{value} lies before {command.first_day}",
            zh=f"{value} 早于 {command.first_day}",
            accepts="a last day that is not before the first",
        )


# ---------------------------------------------------------------- posts and staff


@command("core.establish_post")
class EstablishPost(Command):
    """Say what a post is, from now on: role, section, and the post above it (CORE-67).

    Args:
        role: what it is there for.
        section: the section it belongs to; None for the whole group.
        reports_to: the post above it.
        grants: stored names of commands that its holder may give beyond his role.
    """

    role: Role = field(validator=one_of(*ROLES))
    section: str | None = field(default=None, validator=_not_blank)
    reports_to: str | None = field(default=None, validator=_not_blank)
    grants: tuple[str, ...] = field(default=())


@command("core.abolish_post")
class AbolishPost(Command):
    """Say that a post is there no more (CORE-67)."""


@command("core.enrol_staff")
class EnrolStaff(Command):
    """Give somebody an account (CORE-67).

    Args:
        kind: ``person``; ``agent`` for software that acts for people; ``outside`` for people of other companies.
        name: his name.
    """

    kind: StaffKind = field(default="person", validator=one_of("person", "agent", "outside"))
    name: str | None = field(default=None, validator=_not_blank)


@command("core.take_post")
class TakePost(Command):
    """Say that somebody holds a post from now on (CORE-67).

    Args:
        post: which.
    """

    post: str = field(validator=_not_blank)


@command("core.leave_post")
class LeavePost(Command):
    """Say that somebody holds a post no more (CORE-67).

    Args:
        post: which.
    """

    post: str = field(validator=_not_blank)


@command("core.set_level")
class SetLevel(Command):
    """Set how far somebody may go with one kind of content in one section (CORE-67).

    Args:
        section: which; ``*`` for all.
        content: ``customer``, ``knowledge`` or ``document``.
        level: 0 no access, 1 depositor, 2 reader, 3 author, 4 editor, 5 designer, 6 manager.
    """

    section: str = field(validator=_not_blank)
    content: Content = field(default="customer", validator=one_of(*CONTENTS))
    level: int = field(validator=_level)


@command("core.record_leave")
class RecordLeave(Command):
    """Record approved leave (CORE-72).

    Args:
        leave: its number.
        first_day: its first day.
        last_day: its last day.
    """

    leave: str = field(validator=_not_blank)
    first_day: date
    last_day: date = field(validator=_not_before)


# ---------------------------------------------------------------- approval


@command("core.request_approval")
class RequestApproval(Command):
    """Ask for an approval; given to the applicant's own account (CORE-07).

    Args:
        approval: its number.
        item: of what kind the matter is, such as ``extract``.
        number: which matter.
        customer: account number that it concerns.
        deciders: who may decide; anybody with the right if none is named.
        purpose: what for.
    """

    approval: str = field(validator=_not_blank)
    item: str = field(validator=_not_blank)
    number: str | None = field(default=None, validator=_not_blank)
    customer: str | None = field(default=None, validator=_not_blank)
    deciders: tuple[str, ...] = field(default=())
    purpose: str | None = field(default=None)


@command("core.decide_approval")
class DecideApproval(Command):
    """Approve or refuse; given to the applicant's account by somebody else (CORE-07).

    Args:
        approval: number of the approval, of the look-up, or of the account change.
        outcome: ``approved`` or ``refused``.
        reason: why; needed for a refusal.
    """

    approval: str = field(validator=_not_blank)
    outcome: Outcome = field(validator=one_of("approved", "refused"))
    reason: str | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.outcome == "refused" and not (self.reason or "").strip():
            raise Incomplete(
                "reason_missing",
                "a refusal needs a reason",
                zh="拒绝须说明原因",
                rule="CORE-07",
                accepts="reason=...",
            )


@command("core.request_lookup")
class RequestLookup(Command):
    """Ask to look into files that are not one's own; given to one's own account (CORE-69).

    Args:
        lookup: its number.
        customers: account numbers: the scope.
        purpose: what for.
    """

    lookup: str = field(validator=_not_blank)
    customers: tuple[str, ...] = field(validator=_some)
    purpose: str | None = field(default=None, validator=_needed("CORE-69"))


# ---------------------------------------------------------------- changes handed in


@command("core.submit_change")
class SubmitChange(Command):
    """Hand in a change of master data, for the designated post to enter (CORE-68).

    Args:
        submission: its number.
        field_name: what it is about, as in ``core.record_profile_fact``.
        value: what it is to be.
        reason: why.
    """

    submission: str = field(validator=_not_blank)
    field_name: str = field(validator=_not_blank)
    value: str | None = field(default=None)
    reason: str | None = field(default=None)


@command("core.reject_change")
class RejectChange(Command):
    """Refuse a change that was handed in (CORE-68).

    Args:
        submission: which.
        reason: why.
    """

    submission: str = field(validator=_not_blank)
    reason: str | None = field(default=None, validator=_needed("CORE-68"))


# ---------------------------------------------------------------- disclosure


@command("core.issue_extract")
class IssueExtract(Command):
    """Give out a paper extract of a file; given to the account of who receives or answers for it (CORE-70).

    Args:
        extract: its number.
        customer: account number of the file.
        recipient: ``inside``; ``customer`` for himself; ``authority`` on a binding legal order; ``outside`` is refused always.
        approval: number of the approval, for inside.
        basis: the legal order.
        content: what is in it.
        receiver: who gets it.
        medium: ``paper``; a copy of a file is refused.
    """

    extract: str = field(validator=_not_blank)
    customer: str = field(validator=_not_blank)
    recipient: Literal["inside", "customer", "authority", "outside"] = field(
        default="inside", validator=one_of("inside", "customer", "authority", "outside")
    )
    approval: str | None = field(default=None, validator=_not_blank)
    basis: str | None = field(default=None, validator=_not_blank)
    content: tuple[str, ...] = field(default=())
    receiver: str | None = field(default=None, validator=_not_blank)
    medium: Literal["paper", "copy"] = field(default="paper", validator=one_of("paper", "copy"))


# ---------------------------------------------------------------- accounts and log-ins


@command("core.record_departure")
class RecordDeparture(Command):
    """Record that somebody leaves, or changes his post, on a day (CORE-71).

    Args:
        departure: its number.
        leaves_on: his last day at the post.
        kind: ``leave`` or ``change``.
    """

    departure: str = field(validator=_not_blank)
    leaves_on: date
    kind: AccountChangeKind = field(default="leave", validator=one_of("change", "leave"))


@command("core.request_account_change")
class RequestAccountChange(Command):
    """Submit the change of an account; given to the account (CORE-71).

    Args:
        change: its number.
        kind: ``new``, ``change`` or ``leave``.
        reason: why.
        handling: what is to be done with it.
        leaves_on: his last day at the post, for a leaver.
    """

    change: str = field(validator=_not_blank)
    kind: AccountChangeKind = field(default="leave", validator=one_of("new", "change", "leave"))
    reason: str | None = field(default=None, validator=_needed("CORE-71"))
    handling: str | None = field(default=None, validator=_needed("CORE-71"))
    leaves_on: date | None = field(default=None)


@command("core.execute_account_change")
class ExecuteAccountChange(Command):
    """Carry out an approved change of an account (CORE-71).

    Args:
        change: which.
    """

    change: str = field(validator=_not_blank)


@command("core.freeze_account")
class FreezeAccount(Command):
    """Freeze the account of somebody who clearly means to leave (CORE-71).

    Args:
        reason: why.
    """

    reason: str | None = field(default=None, validator=_needed("CORE-71"))


@command("core.log_in")
class LogIn(Command):
    """Note that somebody logged in (CORE-72)."""


@command("core.record_duty_trip")
class RecordDutyTrip(Command):
    """Record that somebody is away on duty (CORE-72).

    Args:
        trip: its number.
        first_day: its first day.
        last_day: its last day.
    """

    trip: str = field(validator=_not_blank)
    first_day: date
    last_day: date = field(validator=_not_before)


# ---------------------------------------------------------------- what the software keeps itself


@command("core.keep_view")
class KeepView(Command):
    """Keep that somebody looked into a file; the software's own (CORE-69).

    Args:
        customer: the file's stream.
        operation: by which call.
        fields: what he saw.
        on: the ground on which he might: his own, an approval's number, a channel.
    """

    customer: str
    operation: str
    fields: tuple[str, ...] = field(default=())
    on: str | None = field(default=None)


@command("core.note_not_consulted", after_closing=True)
class NoteNotConsulted(Command):
    """Note that somebody turned to the customer for marketing without having looked into his file; the software's own (CORE-77).

    Args:
        channel: by which a message is to go, where it is withheld if it may not go out; None where nothing can be withheld.
    """

    channel: str | None = None


@command("core.keep_attempt")
class KeepAttempt(Command):
    """Keep that somebody was refused; the software's own (CORE-07).

    Args:
        operation: by which call he asked.
        asked: what for: a command's name, a report's, or the call's.
        code: of the refusal.
        rule: that spoke.
        customer: the file it was about.
        for_whom: on whose behalf.
        in_name_of: in whose name he asked, where that was not his own.
    """

    operation: str
    asked: str
    code: str
    rule: str
    customer: str | None = field(default=None)
    for_whom: str | None = field(default=None)
    in_name_of: str | None = field(default=None)
