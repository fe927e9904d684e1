"""Read models of car retail: vehicle orders, papers that are in, feedback with its call and its answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from guanxi import Label, ReadModel, Rows, column
from guanxi.relationship.dealings.events import AdvanceReturned, ReceiptRecorded, ReceiptReversed
from guanxi.relationship.documents.events import DocumentAccepted
from guanxi.relationship.pipeline.events import ContractConfirmed
from guanxi.relationship.service.events import (
    ComplaintNotified,
    ComplaintReceived,
    FeedbackAnswered,
    FeedbackReceived,
)
from guanxi_retail.cars.events import (
    CustomerConsented,
    LoanApproved,
    VehicleBriefingGiven,
    VehicleContractDrafted,
    VehicleFormalityDone,
    VehicleHandedOver,
)


@attrs.define
class VehicleOrderRow:
    """A vehicle order: when each of its steps was taken; no moment of drafting where none was told."""

    contract: str = column(key=True)
    model: str = ""
    price: Decimal = Decimal(0)
    currency: str = ""
    payment_kind: str = ""
    consultant: str | None = None
    drafted_at: datetime | None = None
    consented_at: datetime | None = None
    confirmed_at: datetime | None = None
    loan: Decimal | None = None
    formalities: str = ""
    handed_over_at: datetime | None = None
    briefed_at: datetime | None = None


vehicle_order_rows = ReadModel(
    "retail.vehicle_orders", VehicleOrderRow, title=Label("Vehicle orders", "购车订单")
)


@vehicle_order_rows.on
def _drafted(rows: Rows[VehicleOrderRow], e: VehicleContractDrafted, at: datetime) -> None:
    row = rows[e.contract]
    row.model, row.price, row.currency = e.model, e.price.amount, e.price.currency
    row.payment_kind, row.consultant, row.drafted_at = e.payment_kind, e.consultant, at


@vehicle_order_rows.on
def _consented(rows: Rows[VehicleOrderRow], e: CustomerConsented, at: datetime) -> None:
    row = rows[e.contract]
    row.consented_at = row.consented_at or at


@vehicle_order_rows.on
def _confirmed(rows: Rows[VehicleOrderRow], e: ContractConfirmed, at: datetime) -> None:
    row = rows[e.contract]
    row.confirmed_at = row.confirmed_at or at


@vehicle_order_rows.on
def _lent(rows: Rows[VehicleOrderRow], e: LoanApproved, at: datetime) -> None:
    rows[e.contract].loan = e.amount.amount


@vehicle_order_rows.on
def _formality(rows: Rows[VehicleOrderRow], e: VehicleFormalityDone, at: datetime) -> None:
    row = rows[e.contract]
    row.formalities = ",".join(dict.fromkeys([*filter(None, row.formalities.split(",")), e.kind]))


@vehicle_order_rows.on
def _handed_over(rows: Rows[VehicleOrderRow], e: VehicleHandedOver, at: datetime) -> None:
    row = rows[e.contract]
    row.handed_over_at = row.handed_over_at or at
    if e.briefing_done:
        row.briefed_at = row.briefed_at or at


@vehicle_order_rows.on
def _briefed(rows: Rows[VehicleOrderRow], e: VehicleBriefingGiven, at: datetime) -> None:
    row = rows[e.contract]
    row.briefed_at = row.briefed_at or at


@attrs.define
class EarmarkedRow:
    """Money that came in for one thing only, and what of it is still there."""

    receipt: str = column(key=True)
    earmarked_for: str = ""
    amount: Decimal = Decimal(0)
    currency: str = ""


earmarked_rows = ReadModel("retail.earmarked_receipts", EarmarkedRow, title=Label("Earmarked money", "专款"))


@earmarked_rows.on
def _received(rows: Rows[EarmarkedRow], e: ReceiptRecorded, at: datetime) -> None:
    if e.earmarked_for is not None:
        row = rows[e.receipt]
        row.earmarked_for, row.amount, row.currency = e.earmarked_for, e.amount.amount, e.amount.currency


@earmarked_rows.on
def _reversed(rows: Rows[EarmarkedRow], e: ReceiptReversed, at: datetime) -> None:
    rows[e.receipt].amount = Decimal(0)


@earmarked_rows.on
def _given_back(rows: Rows[EarmarkedRow], e: AdvanceReturned, at: datetime) -> None:
    if e.receipt is not None:
        rows[e.receipt].amount -= e.amount.amount


@attrs.define
class PaperRow:
    """A type of paper, and since when one of it is in."""

    document_type: str = column(key=True)
    since: datetime | None = None


paper_rows = ReadModel("retail.papers_in", PaperRow, title=Label("Papers that are in", "已收资料"))


@paper_rows.on
def _filed(rows: Rows[PaperRow], e: DocumentAccepted, at: datetime) -> None:
    row = rows[e.document_type]
    row.since = row.since or at


@attrs.define
class FeedbackRow:
    """Feedback or a complaint, the call that followed it, and its truthful answer."""

    number: str = column(key=True)
    received_at: datetime | None = None
    through: str = ""
    complaint: bool = False
    handler: str | None = None
    called_at: datetime | None = None
    answered_at: datetime | None = None


feedback_rows = ReadModel("retail.feedback", FeedbackRow, title=Label("Feedback", "客户反馈"))


@feedback_rows.on
def _complained(rows: Rows[FeedbackRow], e: ComplaintReceived, at: datetime) -> None:
    row = rows[e.complaint]
    row.received_at, row.through, row.complaint, row.handler = at, e.received_by, True, e.handler


@feedback_rows.on
def _said(rows: Rows[FeedbackRow], e: FeedbackReceived, at: datetime) -> None:
    row = rows[e.feedback]
    if row.received_at is None:
        row.received_at, row.through = at, e.category


@feedback_rows.on
def _called(rows: Rows[FeedbackRow], e: ComplaintNotified, at: datetime) -> None:
    row = rows[e.complaint]
    if e.reached:
        row.called_at = row.called_at or at
        if e.answered:
            row.answered_at = row.answered_at or at


@feedback_rows.on
def _answered(rows: Rows[FeedbackRow], e: FeedbackAnswered, at: datetime) -> None:
    row = rows[e.feedback]
    row.answered_at = row.answered_at or at


READ_MODELS = (vehicle_order_rows, earmarked_rows, paper_rows, feedback_rows)
