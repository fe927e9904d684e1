"""Read models of working together: goals and what was attained, forms under way, notices to maintainers, appointments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs
import msgspec

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.dealings.events import (
    OrderPlaced,
    ReceiptRecorded,
    ReceiptReversed,
    WarningRaised,
)
from guanxi.relationship.file.events import FileOpened
from guanxi.relationship.ownership.events import (
    MaintainerChange,
    maintainer_after,
)
from guanxi.relationship.pipeline.events import ContractSigned
from guanxi.relationship.together.events import (
    AppointmentCancelled,
    AppointmentMade,
    AppointmentMoved,
    FlowStep,
    FormClosed,
    FormStepTaken,
    FormSubmitted,
    GoalRevised,
    GoalSet,
)
from guanxi.relationship.together.flows import waiting_step

MEASURES = {
    "orders": Label("orders, amount", "订单金额"),
    "contracts": Label("contracts signed, amount", "签约金额"),
    "receipts": Label("receipts less reversals, amount", "回款净额"),
    "new_customers": Label("new customers", "新增客户数"),
}
"""What goals are measured by, each counted for the maintainer of the day (CORE-91)."""

_NOBODY = ""


@attrs.define
class GoalRow:
    """One target of a goal, from the day it holds."""

    goal: str = column(key=True)
    holds_from: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    target: Decimal = column(scale=2, default=Decimal(0))  # noqa: RUF009 - an attrs field, not a default
    measure: str = ""
    owner: str = ""
    period_from: date | None = None
    period_until: date | None = None
    parent: str | None = None
    measures: str = ""
    perspective: str | None = None


goal_targets = ReadModel("core.goal_targets", GoalRow, title=Label("Goals", "目标"))


@goal_targets.on
def _set(rows: Rows[GoalRow], e: GoalSet, at: datetime) -> None:
    row = rows[e.goal, at]
    row.target, row.measure, row.owner = e.target, e.measure, e.owner
    row.period_from, row.period_until = e.period_from, e.period_until
    row.parent, row.measures, row.perspective = e.parent, e.measures, e.perspective


@goal_targets.on
def _revised(rows: Rows[GoalRow], e: GoalRevised, at: datetime) -> None:
    rows[e.goal, at].target = e.target


@attrs.define
class AttainmentRow:
    """What one customer brought his maintainer on one day, by measure; the row without a measure keeps who maintains him."""

    measure: str = column(key=True)
    person: str = column(key=True)
    day: str = column(key=True)
    amount: Decimal = column(scale=2, default=Decimal(0))  # noqa: RUF009 - an attrs field, not a default
    maintainer: str = _NOBODY


attainments = ReadModel("core.attainments", AttainmentRow, title=Label("Attainments", "业绩"))


def _keeper(rows: Rows[AttainmentRow]) -> AttainmentRow:
    return rows["", "", ""]


def _credit(rows: Rows[AttainmentRow], measure: str, at: datetime, amount: Decimal) -> None:
    rows[measure, _keeper(rows).maintainer, at.date().isoformat()].amount += amount


@attainments.on
def _maintained(rows: Rows[AttainmentRow], e: MaintainerChange, at: datetime) -> None:
    _keeper(rows).maintainer = maintainer_after(e) or _NOBODY


@attainments.on
def _opened(rows: Rows[AttainmentRow], e: FileOpened, at: datetime) -> None:
    _credit(rows, "new_customers", at, Decimal(1))


@attainments.on
def _ordered(rows: Rows[AttainmentRow], e: OrderPlaced, at: datetime) -> None:
    _credit(rows, "orders", at, e.total)


@attainments.on
def _signed(rows: Rows[AttainmentRow], e: ContractSigned, at: datetime) -> None:
    _credit(rows, "contracts", at, e.amount.amount)


@attainments.on
def _received(rows: Rows[AttainmentRow], e: ReceiptRecorded, at: datetime) -> None:
    _credit(rows, "receipts", at, e.amount.amount)
    rows["receipt", e.receipt, ""].amount = e.amount.amount


@attainments.on
def _reversed(rows: Rows[AttainmentRow], e: ReceiptReversed, at: datetime) -> None:
    _credit(rows, "receipts", at, -rows["receipt", e.receipt, ""].amount)


@attrs.define
class FormRow:
    """One form handed in."""

    submission: str = column(key=True)
    form: str = ""
    version: int = 0
    revision: int = 1
    initiator: str = ""
    flow: str = "[]"
    taken: str = "{}"
    submitted_at: datetime | None = None
    step_since: datetime | None = None
    returned: bool = False
    end: str | None = None
    ended_at: datetime | None = None


form_rows = ReadModel("core.form_submissions", FormRow, title=Label("Forms handed in", "已提交表单"))


@form_rows.on
def _handed_in(rows: Rows[FormRow], e: FormSubmitted, at: datetime) -> None:
    row = rows[e.submission]
    row.form, row.version, row.revision, row.initiator = e.form, e.form_version, e.revision, e.initiator
    row.flow, row.taken = msgspec.json.encode(e.flow).decode(), "{}"
    row.submitted_at, row.step_since, row.returned = row.submitted_at or at, at, False


@form_rows.on
def _step(rows: Rows[FormRow], e: FormStepTaken, at: datetime) -> None:
    row = rows[e.submission]
    if e.done == "returned":
        row.returned, row.step_since = True, at
        return
    before = form_waits_for(row)
    taken: dict[str, dict[str, str]] = msgspec.json.decode(row.taken)
    taken.setdefault(e.step, {})[e.by] = e.done
    row.taken = msgspec.json.encode(taken).decode()
    if form_waits_for(row) != before:
        row.step_since = at


@form_rows.on
def _form_closed(rows: Rows[FormRow], e: FormClosed, at: datetime) -> None:
    row = rows[e.submission]
    row.end, row.ended_at = e.end, at


def flow_of(row: FormRow) -> list[FlowStep]:
    """Return the steps of a form's flow."""
    return msgspec.json.decode(row.flow, type=list[FlowStep])


def taken_of(row: FormRow) -> dict[str, dict[str, str]]:
    """Return who took which step, and how."""
    return msgspec.json.decode(row.taken, type=dict[str, dict[str, str]])


def form_waits_for(row: FormRow) -> str | None:
    """Return the step that a form waits for, None where it waits for none."""
    step = waiting_step(flow_of(row), taken_of(row))
    return None if step is None else step.name


@attrs.define
class NoticeRow:
    """Something that the maintainer of the day is told of; the row without a number keeps who maintains the customer."""

    kind: str = column(key=True)
    number: str = column(key=True)
    at: datetime | None = None
    amount: str = ""
    maintainer: str = _NOBODY


notices = ReadModel("core.notices", NoticeRow, title=Label("Notices", "通知"))


@notices.on
def _notice_maintainer(rows: Rows[NoticeRow], e: MaintainerChange, at: datetime) -> None:
    rows["", ""].maintainer = maintainer_after(e) or _NOBODY


@notices.on
def _notice_receipt(rows: Rows[NoticeRow], e: ReceiptRecorded, at: datetime) -> None:
    _tell(rows, "receipt", e.receipt, at, str(e.amount))


@notices.on
def _notice_reversal(rows: Rows[NoticeRow], e: ReceiptReversed, at: datetime) -> None:
    _tell(rows, "reversal", e.receipt, at, rows["receipt", e.receipt].amount)


@notices.on
def _notice_overdue(rows: Rows[NoticeRow], e: WarningRaised, at: datetime) -> None:
    if e.kind == "overdue":
        _tell(rows, "overdue", e.cause, at, e.value)


def _tell(rows: Rows[NoticeRow], kind: str, number: str, at: datetime, amount: str) -> None:
    row = rows[kind, number]
    row.at, row.amount, row.maintainer = at, amount, rows["", ""].maintainer


@attrs.define
class AppointmentRow:
    """One appointment of somebody's."""

    appointment: str = column(key=True)
    starts: datetime | None = None
    ends: datetime | None = None
    customer: str | None = None
    cancelled: bool = False


appointments = ReadModel("core.appointments", AppointmentRow, title=Label("Appointments", "日程安排"))


@appointments.on
def _made(rows: Rows[AppointmentRow], e: AppointmentMade, at: datetime) -> None:
    row = rows[e.appointment]
    row.starts, row.ends, row.customer = e.starts, e.ends, e.customer


@appointments.on
def _moved(rows: Rows[AppointmentRow], e: AppointmentMoved, at: datetime) -> None:
    row = rows[e.appointment]
    row.starts, row.ends = e.starts, e.ends


@appointments.on
def _cancelled(rows: Rows[AppointmentRow], e: AppointmentCancelled, at: datetime) -> None:
    rows[e.appointment].cancelled = True
