"""What is recorded about who may do what, who asked for more, and who looked at what (CORE-07, CORE-67 to CORE-72)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from guanxi.kernel.messages import Act, Fact, event, field, key, personal
from guanxi.kernel.privacy import Erased

Role = Literal[
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
]
"""What a post is there for (CORE-67); group marketing and designated maintainers are posts like the others."""
Content = Literal["customer", "knowledge", "document"]
"""What a level is set for."""
StaffKind = Literal["person", "agent", "outside"]
Outcome = Literal["approved", "refused"]
AccountChangeKind = Literal["new", "change", "leave"]
Recipient = Literal["inside", "customer", "authority"]


# ---------------------------------------------------------------- posts and those who hold them (ours)


@event("core.post_established", standing=True)
class PostEstablished(Act):
    """A post is in a section and below another post from now on; it is the whole of what is said of it (CORE-67).

    ``section`` is None for posts of the group. ``grants`` names commands that its holder may give beyond his role.
    """

    role: Role
    section: str | None = field(default=None)
    reports_to: str | None = field(default=None)
    grants: tuple[str, ...] = field(default=())


@event("core.post_abolished")
class PostAbolished(Act):
    """The post is there no more (CORE-67)."""


@event("core.staff_enrolled")
class StaffEnrolled(Fact):
    """Somebody, or an agent that acts for people, has an account (CORE-67)."""

    user: str
    kind: StaffKind = field(default="person")
    name: str | Erased | None = personal("access", default=None)


@event("core.post_taken", standing=True)
class PostTaken(Fact):
    """He holds the post from now on (CORE-67)."""

    post: str = key()


@event("core.post_left")
class PostLeft(Fact):
    """He holds it no more (CORE-67)."""

    post: str


@event("core.level_set", standing=True)
class LevelSet(Act):
    """How far he may go with one kind of content in one section, from 0 to 6 (CORE-67)."""

    section: str = key()
    content: Content = key()
    level: int


@event("core.departure_recorded")
class DepartureRecorded(Fact):
    """He leaves, or changes his post, on a day: his account has to be seen to (CORE-71)."""

    departure: str
    leaves_on: date
    kind: AccountChangeKind = field(default="leave")


@event("core.leave_recorded")
class LeaveRecorded(Fact):
    """Approved leave, first to last day: no log-in is expected (CORE-72)."""

    leave: str
    first_day: date
    last_day: date


# ---------------------------------------------------------------- approval


@event("core.approval_requested")
class ApprovalRequested(Fact):
    """Somebody asks for an approval; ``item`` says of what kind, ``number`` which (CORE-07)."""

    approval: str
    applicant: str
    item: str
    number: str | None = field(default=None)
    customer: str | None = field(default=None)
    deciders: tuple[str, ...] = field(default=())
    purpose: str | Erased | None = personal("access", default=None)


@event("core.approval_decided")
class ApprovalDecided(Act):
    """An approval was given or refused; it has effect from now on, if given (CORE-07)."""

    approval: str
    decider: str
    outcome: Outcome
    reason: str | Erased | None = personal("access", default=None)


@event("core.lookup_requested")
class LookupRequested(Fact):
    """Somebody asks to look into files that are not his own; ``customers`` is the scope (CORE-69)."""

    lookup: str
    applicant: str
    customers: tuple[str, ...]
    purpose: str | Erased | None = personal("access", default=None)


# ---------------------------------------------------------------- what was looked at, and what was refused


@event("core.file_viewed")
class FileViewed(Fact):
    """Somebody looked into a customer's file (CORE-69)."""

    customer: str
    operation: str
    fields: tuple[str, ...] = field(default=())
    on: str | None = field(default=None)


@event("core.attempt_refused")
class AttemptRefused(Fact):
    """Somebody asked for what he had no right to (CORE-07, CORE-22, CORE-69, CORE-70)."""

    operation: str
    asked: str
    code: str
    rule: str
    customer: str | None = field(default=None)
    for_whom: str | None = field(default=None)
    in_name_of: str | None = field(default=None)


@event("core.extract_issued")
class ExtractIssued(Fact):
    """A numbered paper extract of a file was given out (CORE-70)."""

    extract: str
    customer: str
    recipient: Recipient
    receiver: str | Erased | None = personal("access", default=None)
    approval: str | None = field(default=None)
    basis: str | None = field(default=None)
    content: tuple[str, ...] = field(default=())


# ---------------------------------------------------------------- accounts and log-ins


@event("core.account_change_requested")
class AccountChangeRequested(Fact):
    """The account of somebody new, moving or leaving is to be changed (CORE-71)."""

    change: str
    kind: AccountChangeKind
    submitted_by: str
    handling: str
    leaves_on: date | None = field(default=None)
    reason: str | Erased | None = personal("access", default=None)


@event("core.account_change_executed")
class AccountChangeExecuted(Act):
    """The approved change was carried out; a ``leave`` closes the account (CORE-71)."""

    change: str
    kind: AccountChangeKind
    executed_by: str


@event("core.account_frozen")
class AccountFrozen(Act):
    """Somebody clearly means to leave: his account gives no rights from now on (CORE-71)."""

    frozen_by: str
    reason: str | Erased | None = personal("access", default=None)


@event("core.logged_in")
class LoggedIn(Fact):
    """He logged in (CORE-72)."""


@event("core.duty_trip_recorded")
class DutyTripRecorded(Fact):
    """He is away on duty, first to last day (CORE-72)."""

    trip: str
    first_day: date
    last_day: date
