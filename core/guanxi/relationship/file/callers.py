"""What an agent sees of a caller, in rows of its own: who calls, and what is open with him (CORE-15)."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.file.events import FileOpened, IdentifierRecorded, ProfileFactRecorded
from guanxi.relationship.file.identifiers import MOBILE
from guanxi.relationship.grading.events import ClassStated, GradeOverridden
from guanxi.relationship.ownership.events import SectionAssigned
from guanxi.relationship.pipeline.events import VisitPlanned
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintReceived,
    ComplaintReopened,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
)

COMPLAINT, PROMISE, RESERVATION = "complaint", "promise", "reservation"


@attrs.define
class CallerRow:
    """Who a file is of, as far as a pop-up shows it."""

    account: str = ""
    party: str = ""
    name: str | Erased | None = personal("identity", default=None)  # noqa: RUF009 - an attrs field, not a default
    section: str | None = None
    member_type: str | None = None
    mobile: bool = False
    """Whether a mobile number is among its identifiers, which nobody retires."""


callers = ReadModel("core.callers", CallerRow, title=Label("Callers", "来电客户"))


@callers.on
def _opened(rows: Rows[CallerRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.party, row.name = e.account, e.party, e.name


@callers.on
def _renamed(rows: Rows[CallerRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == "name":
        rows[()].name = e.value


@callers.on
def _identified(rows: Rows[CallerRow], e: IdentifierRecorded, at: datetime) -> None:
    if e.scheme == MOBILE:
        rows[()].mobile = True


@callers.on
def _sectioned(rows: Rows[CallerRow], e: SectionAssigned, at: datetime) -> None:
    rows[()].section = e.section


@callers.on
def _classed(rows: Rows[CallerRow], e: ClassStated | GradeOverridden, at: datetime) -> None:
    rows[()].member_type = e.grade


@attrs.define
class CallerItemRow:
    """A complaint, a promise or a reservation: when it came up, for which day it is, and when it was settled."""

    kind: str = column(key=True)
    number: str = column(key=True)
    since: datetime | None = None
    on: date | None = None
    settled_at: datetime | None = None


caller_items = ReadModel(
    "core.caller_items", CallerItemRow, title=Label("Open with callers", "来电客户未结事项")
)


@caller_items.on
def _begun(
    rows: Rows[CallerItemRow], e: ComplaintReceived | PromiseMade | VisitPlanned, at: datetime
) -> None:
    if isinstance(e, ComplaintReceived):
        row = rows[COMPLAINT, e.complaint]
    elif isinstance(e, PromiseMade):
        row = rows[PROMISE, e.promise]
        row.on = e.due
    else:
        row = rows[RESERVATION, e.visit_plan]
        row.on = e.on
    row.since = at


@caller_items.on
def _settled(
    rows: Rows[CallerItemRow], e: ComplaintClosed | PromiseKept | PromiseReleased, at: datetime
) -> None:
    key = (COMPLAINT, e.complaint) if isinstance(e, ComplaintClosed) else (PROMISE, e.promise)
    rows[key].settled_at = at


@caller_items.on
def _taken_up(rows: Rows[CallerItemRow], e: ComplaintReopened, at: datetime) -> None:
    rows[COMPLAINT, e.complaint].settled_at = None
