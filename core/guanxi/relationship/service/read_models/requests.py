"""Needs, service requests with their steps, and trials as rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.service.events import (
    ImpressionGiven,
    NeedAnswered,
    NeedClassified,
    NeedClassNamed,
    NeedRecorded,
    ServiceClosed,
    ServiceCompleted,
    ServiceRequested,
    ServiceStepTaken,
    TrialInvited,
    TrialTaken,
)


@attrs.define
class NeedRow:
    """A need in the customer's words, its class and who said so, and its plan."""

    need: str = column(key=True)
    wording: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field, not a default
    channel: str = ""
    product: str | None = None
    need_class: str | None = None
    classed_by: str | None = None
    recorded_at: datetime | None = None
    answered_at: datetime | None = None
    planned_on: date | None = None
    who: str | None = None
    request: str | None = None


need_rows = ReadModel("core.needs", NeedRow, title=Label("Customer needs", "客户需求"))


@need_rows.on
def _need(rows: Rows[NeedRow], e: NeedRecorded, at: datetime) -> None:
    row = rows[e.need]
    row.wording, row.channel, row.product, row.recorded_at = e.wording, e.channel, e.product, at


@need_rows.on
def _classed(rows: Rows[NeedRow], e: NeedClassified | NeedClassNamed, at: datetime) -> None:
    row = rows[e.need]
    if isinstance(e, NeedClassNamed):
        row.need_class, row.classed_by = e.need_class, "person"
    elif row.classed_by != "person":
        row.need_class, row.classed_by = e.need_class, "rule"


@need_rows.on
def _planned(rows: Rows[NeedRow], e: NeedAnswered, at: datetime) -> None:
    row = rows[e.need]
    if row.answered_at is None:
        row.answered_at = at
    row.planned_on, row.who, row.request = e.planned_on, e.who, e.request or row.request


@attrs.define
class RequestRow:
    """A service request."""

    request: str = column(key=True)
    need_class: str = ""
    chain: str = ""
    state: str = "acknowledged"
    product: str | None = None
    serial: str | None = None
    who: str | None = None
    planned_on: date | None = None
    requested_at: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    hours: Decimal = column(scale=4, default=Decimal(0))  # noqa: RUF009 - an attrs field, not a default


request_rows = ReadModel("core.service_requests", RequestRow, title=Label("Service requests", "服务请求"))

_OVER = ("resolved", "closed", "cancelled", "rejected")


@request_rows.on
def _requested(rows: Rows[RequestRow], e: ServiceRequested, at: datetime) -> None:
    row = rows[e.request]
    row.need_class, row.chain, row.product, row.serial = e.need_class, e.chain, e.product, e.serial
    row.who, row.planned_on, row.requested_at = e.who, e.planned_on, at


@request_rows.on
def _worked(rows: Rows[RequestRow], e: ServiceStepTaken | ServiceCompleted, at: datetime) -> None:
    row = rows[e.request]
    row.hours += e.hours or 0
    if isinstance(e, ServiceCompleted):
        row.state, row.completed_at = "resolved", at
    elif row.state not in _OVER:
        row.state = e.state


@request_rows.on
def _closed(rows: Rows[RequestRow], e: ServiceClosed, at: datetime) -> None:
    row = rows[e.request]
    row.state, row.closed_at = e.state, at


@attrs.define
class StepRow:
    """A step of a request's chain that was taken or waived; the first time counts."""

    request: str = column(key=True)
    step: str = column(key=True)
    taken_at: datetime | None = None
    waived: bool = False
    who: str | None = None
    reason: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field, not a default


step_rows = ReadModel("core.service_steps", StepRow, title=Label("Steps of service requests", "服务步骤"))


@step_rows.on
def _step(rows: Rows[StepRow], e: ServiceStepTaken, at: datetime) -> None:
    if e.step is None:
        return
    row = rows[e.request, e.step]
    if row.taken_at is None:
        row.taken_at, row.waived, row.who, row.reason = at, e.waived, e.who, e.reason


@attrs.define
class TrialRow:
    """A trial of a new product."""

    trial: str = column(key=True)
    product: str = ""
    invited_at: datetime | None = None
    taken_at: datetime | None = None
    impression_at: datetime | None = None


trial_rows = ReadModel("core.trials", TrialRow, title=Label("New-product trials", "新品试用"))


@trial_rows.on
def _trial(rows: Rows[TrialRow], e: TrialInvited | TrialTaken | ImpressionGiven, at: datetime) -> None:
    row = rows[e.trial]
    match e:
        case TrialInvited():
            row.product, row.invited_at = e.product, at
        case TrialTaken():
            row.taken_at = at
        case ImpressionGiven() if row.impression_at is None:
            row.impression_at = at
