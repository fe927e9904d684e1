"""Tables of staff, of what they asked for, and of what they looked at."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.access.approvals import ACCOUNT_CHANGE, LOOKUP
from guanxi.relationship.access.events import (
    AccountChangeExecuted,
    AccountChangeRequested,
    AccountFrozen,
    ApprovalDecided,
    ApprovalRequested,
    AttemptRefused,
    DepartureRecorded,
    DutyTripRecorded,
    ExtractIssued,
    FileViewed,
    LeaveRecorded,
    LoggedIn,
    LookupRequested,
    PostAbolished,
    PostEstablished,
    PostLeft,
    PostTaken,
    StaffEnrolled,
)


@attrs.define
class PostRow:
    """A post as it stands."""

    role: str | None = None
    section: str | None = None
    reports_to: str | None = None


post_rows = ReadModel("core.posts", PostRow, title=Label("Posts", "岗位"))


@post_rows.on
def _established(rows: Rows[PostRow], e: PostEstablished, at: datetime) -> None:
    row = rows[()]
    row.role, row.section, row.reports_to = e.role, e.section, e.reports_to


@post_rows.on
def _abolished(rows: Rows[PostRow], e: PostAbolished, at: datetime) -> None:
    row = rows[()]
    row.role = row.section = row.reports_to = None


@attrs.define
class StaffRow:
    """An account, and since when it is as it is."""

    user: str = ""
    kind: str = ""
    enrolled_at: datetime | None = None
    frozen_at: datetime | None = None
    closed_at: datetime | None = None


staff_rows = ReadModel("core.staff", StaffRow, title=Label("Staff", "员工"))


@staff_rows.on
def _enrolled(rows: Rows[StaffRow], e: StaffEnrolled, at: datetime) -> None:
    row = rows[()]
    row.user, row.kind, row.enrolled_at = e.user, e.kind, at


@staff_rows.on
def _frozen(rows: Rows[StaffRow], e: AccountFrozen, at: datetime) -> None:
    rows[()].frozen_at = at


@staff_rows.on
def _executed(rows: Rows[StaffRow], e: AccountChangeExecuted, at: datetime) -> None:
    row = rows[()]
    if e.kind == "leave":
        row.closed_at = at
    else:
        row.frozen_at = row.closed_at = None


@attrs.define
class HeldRow:
    """The stretches of time in which somebody held a post, by the number of the stretch."""

    post: str = column(key=True)
    number: int = column(key=True)
    since: datetime | None = None
    until: datetime | None = None


held_posts = ReadModel("core.held_posts", HeldRow, title=Label("Who held which post", "任岗记录"))


def _stretch(rows: Rows[HeldRow], post: str) -> HeldRow:
    """Return the last stretch of a post, or a new one: stretches are numbered without gaps."""
    number = 1
    while rows[post, number].until is not None:
        number += 1
    return rows[post, number]


@held_posts.on
def _holds(rows: Rows[HeldRow], e: PostTaken, at: datetime) -> None:
    row = _stretch(rows, e.post)
    row.since = row.since or at


@held_posts.on
def _holds_no_more(rows: Rows[HeldRow], e: PostLeft, at: datetime) -> None:
    row = _stretch(rows, e.post)
    if row.since is not None:
        row.until = at


@attrs.define
class DayRow:
    """A day on which somebody logged in, and when first."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    at: datetime | None = None


login_days = ReadModel("core.login_days", DayRow, title=Label("Log-ins by day", "逐日登录"))


@login_days.on
def _logged_in(rows: Rows[DayRow], e: LoggedIn, at: datetime) -> None:
    row = rows[at.date()]
    row.at = row.at or at


@attrs.define
class AwayRow:
    """A duty trip or a leave, first to last day."""

    kind: str = column(key=True)
    number: str = column(key=True)
    first_day: date | None = None
    last_day: date | None = None


absences = ReadModel("core.absences", AwayRow, title=Label("Duty trips and leave", "出差与休假"))


@absences.on
def _trip(rows: Rows[AwayRow], e: DutyTripRecorded, at: datetime) -> None:
    row = rows["trip", e.trip]
    row.first_day, row.last_day = e.first_day, e.last_day


@absences.on
def _leave(rows: Rows[AwayRow], e: LeaveRecorded, at: datetime) -> None:
    row = rows["leave", e.leave]
    row.first_day, row.last_day = e.first_day, e.last_day


@attrs.define
class ApprovalRow:
    """Something that somebody asked approval for."""

    number: str = column(key=True)
    item: str = ""
    applicant: str = ""
    requested_at: datetime | None = None
    decided_at: datetime | None = None
    decider: str | None = None
    outcome: str | None = None


approval_rows = ReadModel("core.approval_register", ApprovalRow, title=Label("Approvals", "审批登记"))


def _ask(rows: Rows[ApprovalRow], number: str, item: str, applicant: str, at: datetime) -> None:
    row = rows[number]
    row.item, row.applicant, row.requested_at = item, applicant, at


@approval_rows.on
def _asked(rows: Rows[ApprovalRow], e: ApprovalRequested, at: datetime) -> None:
    _ask(rows, e.approval, e.item, e.applicant, at)


@approval_rows.on
def _asked_to_look(rows: Rows[ApprovalRow], e: LookupRequested, at: datetime) -> None:
    _ask(rows, e.lookup, LOOKUP, e.applicant, at)


@approval_rows.on
def _asked_to_change(rows: Rows[ApprovalRow], e: AccountChangeRequested, at: datetime) -> None:
    _ask(rows, e.change, ACCOUNT_CHANGE, e.submitted_by, at)


@approval_rows.on
def _decided(rows: Rows[ApprovalRow], e: ApprovalDecided, at: datetime) -> None:
    row = rows[e.approval]
    if row.outcome != "approved":
        row.decided_at, row.decider, row.outcome = at, e.decider, e.outcome


@attrs.define
class AccountChangeRow:
    """A change of an account that was submitted."""

    change: str = column(key=True)
    kind: str = ""
    submitted_by: str = ""
    submitted_at: datetime | None = None
    leaves_on: date | None = None
    executed_at: datetime | None = None


account_changes = ReadModel(
    "core.account_changes", AccountChangeRow, title=Label("Account changes", "账号变更")
)


@account_changes.on
def _submitted(rows: Rows[AccountChangeRow], e: AccountChangeRequested, at: datetime) -> None:
    row = rows[e.change]
    row.kind, row.submitted_by, row.submitted_at, row.leaves_on = e.kind, e.submitted_by, at, e.leaves_on


@account_changes.on
def _carried_out(rows: Rows[AccountChangeRow], e: AccountChangeExecuted, at: datetime) -> None:
    rows[e.change].executed_at = at


@attrs.define
class DepartureRow:
    """That somebody leaves, or changes his post."""

    departure: str = column(key=True)
    leaves_on: date | None = None
    told_at: datetime | None = None


departures = ReadModel("core.departures", DepartureRow, title=Label("Departures", "离岗登记"))


@departures.on
def _departs(rows: Rows[DepartureRow], e: DepartureRecorded, at: datetime) -> None:
    row = rows[e.departure]
    row.leaves_on, row.told_at = e.leaves_on, at


@attrs.define
class ViewRow:
    """How often somebody looked into one file on one day."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    customer: str = column(key=True)
    count: int = 0


file_views = ReadModel("core.file_views", ViewRow, title=Label("Files looked at", "档案查阅"))


@file_views.on
def _viewed(rows: Rows[ViewRow], e: FileViewed, at: datetime) -> None:
    rows[at.date(), e.customer].count += 1


@attrs.define
class RefusedRow:
    """How often somebody was refused on one day, and why."""

    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    code: str = column(key=True)
    count: int = 0


attempts = ReadModel("core.attempts_refused", RefusedRow, title=Label("Refused attempts", "被拒尝试"))


@attempts.on
def _refused(rows: Rows[RefusedRow], e: AttemptRefused, at: datetime) -> None:
    rows[at.date(), e.code].count += 1


@attrs.define
class ExtractRow:
    """A paper extract that was given out."""

    extract: str = column(key=True)
    customer: str = ""
    recipient: str = ""
    issued_at: datetime | None = None


extract_rows = ReadModel("core.paper_extracts", ExtractRow, title=Label("Paper extracts", "纸质资料"))


@extract_rows.on
def _issued(rows: Rows[ExtractRow], e: ExtractIssued, at: datetime) -> None:
    row = rows[e.extract]
    row.customer, row.recipient, row.issued_at = e.customer, e.recipient, at


READ_MODELS = (
    post_rows,
    staff_rows,
    held_posts,
    login_days,
    absences,
    approval_rows,
    account_changes,
    departures,
    file_views,
    attempts,
    extract_rows,
)
