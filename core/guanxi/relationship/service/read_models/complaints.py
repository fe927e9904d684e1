"""Complaints and feedback as rows: dates and amounts, never what passing time makes of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.kernel.times import stamp
from guanxi.relationship.service.events import (
    CompensationGranted,
    ComplaintClosed,
    ComplaintNotified,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintStepTaken,
    FeedbackAnswered,
    FeedbackReceived,
)

MONEY_SCALE = 3
"""Decimals kept of an amount: as many as any currency has."""


@attrs.define
class ComplaintRow:
    """A complaint: what it is about, when it came, and when the customer was called and answered."""

    complaint: str = column(key=True)
    category: str = ""
    product: str | None = None
    complained_of: str | None = None
    received_by: str = ""
    follows: str | None = None
    handler: str | None = None
    opportunity: str | None = None
    received_at: datetime | None = None
    notified_at: datetime | None = None
    attempts: int = 0


complaint_rows = ReadModel("core.complaints", ComplaintRow, title=Label("Complaints", "投诉"))


@complaint_rows.on
def _received(rows: Rows[ComplaintRow], e: ComplaintReceived, at: datetime) -> None:
    row = rows[e.complaint]
    row.category, row.product, row.complained_of = e.category, e.product, e.complained_of
    row.received_by, row.follows, row.handler, row.received_at = e.received_by, e.follows, e.handler, at


@complaint_rows.on
def _notified(rows: Rows[ComplaintRow], e: ComplaintNotified, at: datetime) -> None:
    row = rows[e.complaint]
    if not (e.reached and e.answered):
        row.attempts += 1
    elif row.notified_at is None:
        row.notified_at = at


@complaint_rows.on
def _handled(rows: Rows[ComplaintRow], e: ComplaintStepTaken | ComplaintClosed, at: datetime) -> None:
    row = rows[e.complaint]
    row.opportunity = e.opportunity or row.opportunity
    if isinstance(e, ComplaintStepTaken):
        row.handler = e.handler


@attrs.define
class PhaseRow:
    """One time that a complaint was open: from its receipt or a reopening to its closing.

    ``phases`` counts them, in the first one's row.
    """

    complaint: str = column(key=True)
    phase: int = column(key=True)
    phases: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    root_cause: str | None = None


complaint_phases = ReadModel(
    "core.complaint_phases", PhaseRow, title=Label("Complaints open and closed", "投诉受理与办结")
)


@complaint_phases.on
def _opened(rows: Rows[PhaseRow], e: ComplaintReceived | ComplaintReopened, at: datetime) -> None:
    first = rows[e.complaint, 1]
    first.phases += 1
    rows[e.complaint, first.phases].opened_at = at


@complaint_phases.on
def _closed(rows: Rows[PhaseRow], e: ComplaintClosed, at: datetime) -> None:
    row = rows[e.complaint, max(rows[e.complaint, 1].phases, 1)]
    if row.closed_at is None:
        row.closed_at, row.root_cause = at, e.root_cause


@attrs.define
class CompensationRow:
    """Amends granted for a complaint at a moment."""

    complaint: str = column(key=True)
    granted: str = column(key=True)
    currency: str = column(key=True)
    granted_at: datetime | None = None
    amount: Decimal = column(scale=MONEY_SCALE, default=Decimal(0))  # noqa: RUF009 - an attrs field, not a default


compensations = ReadModel("core.compensations", CompensationRow, title=Label("Compensations", "抱怨补偿"))


@compensations.on
def _granted(rows: Rows[CompensationRow], e: CompensationGranted, at: datetime) -> None:
    row = rows[e.complaint, stamp(at), e.amount.currency]
    row.granted_at = at
    row.amount += e.amount.amount


@attrs.define
class FeedbackRow:
    """A piece of feedback, and when it was first answered."""

    feedback: str = column(key=True)
    kind: str = ""
    category: str = ""
    product: str | None = None
    received_at: datetime | None = None
    answered_at: datetime | None = None


feedback_rows = ReadModel("core.feedback", FeedbackRow, title=Label("Feedback", "客户反馈"))


@feedback_rows.on
def _feedback(rows: Rows[FeedbackRow], e: FeedbackReceived, at: datetime) -> None:
    row = rows[e.feedback]
    row.kind, row.category, row.product, row.received_at = e.kind, e.category, e.product, at


@feedback_rows.on
def _answered(rows: Rows[FeedbackRow], e: FeedbackAnswered, at: datetime) -> None:
    row = rows[e.feedback]
    if row.answered_at is None:
        row.answered_at = at
