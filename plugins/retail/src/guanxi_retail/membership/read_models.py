"""Read models of membership: members, how memberships began and ended, reservations, entitlements, consultations."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi import Erased, Label, ReadModel, Rows, column, personal
from guanxi.relationship.service.events import ReturnVisitDone
from guanxi_retail.membership.events import (
    CardEligibilityReached,
    CardEligibilityWithdrawn,
    MemberCardIssued,
    MemberCardRebound,
    MemberEnrolled,
    MembershipEnded,
    ReservationRecorded,
)

ENROLLED = "enrolled"
REACHED, WITHDRAWN, ISSUED = "reached", "withdrawn", "issued"


@attrs.define
class MemberRow:
    """A membership as it stands in a file."""

    card: str | Erased | None = personal("contact", default=None)  # noqa: RUF009 - an attrs field, not a default
    programme: str = ""
    enrolled_at: datetime | None = None
    source_channel: str | None = None
    outlet: str | None = None
    card_class: str | None = None
    issued_at: datetime | None = None


members = ReadModel("retail.members", MemberRow, title=Label("Members", "会员"))


@members.on
def _enrolled(rows: Rows[MemberRow], e: MemberEnrolled, at: datetime) -> None:
    row = rows[()]
    row.card, row.programme, row.enrolled_at = e.card, e.programme, at
    row.source_channel, row.outlet = e.source_channel, e.outlet
    row.card_class = row.issued_at = None


@members.on
def _rebound(rows: Rows[MemberRow], e: MemberCardRebound, at: datetime) -> None:
    rows[()].card = e.new_card


@members.on
def _issued(rows: Rows[MemberRow], e: MemberCardIssued, at: datetime) -> None:
    row = rows[()]
    row.card_class, row.issued_at = e.card_class, at


@attrs.define
class MembershipMoveRow:
    """How many numbers came to be a member's at a moment, or ceased to be, and why."""

    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    kind: str = column(key=True)
    count: int = 0


membership_moves = ReadModel(
    "retail.membership_moves", MembershipMoveRow, title=Label("Joined and left", "入会与退会")
)


@membership_moves.on
def _joined(rows: Rows[MembershipMoveRow], e: MemberEnrolled, at: datetime) -> None:
    rows[at, ENROLLED].count += 1


@membership_moves.on
def _ended(rows: Rows[MembershipMoveRow], e: MembershipEnded, at: datetime) -> None:
    rows[at, e.reason].count += 1


@attrs.define
class ReservationRow:
    """One reservation as it stands."""

    reservation: str = column(key=True)
    status: str = ""
    for_time: datetime | None = None
    service: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field, not a default


reservation_rows = ReadModel("retail.reservation_rows", ReservationRow, title=Label("Reservations", "预约"))


@reservation_rows.on
def _reserved(rows: Rows[ReservationRow], e: ReservationRecorded, at: datetime) -> None:
    row = rows[e.reservation]
    row.status = e.status
    row.for_time = e.for_time or row.for_time
    row.service = row.service if e.service is None else e.service


@attrs.define
class CardMoveRow:
    """That an entitlement was reached, that it was withdrawn, or that the card was handed over."""

    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    kind: str = column(key=True)
    ground: str = ""


card_moves = ReadModel("retail.card_moves", CardMoveRow, title=Label("Cards by purchase", "购物办卡"))


@card_moves.on
def _entitled(rows: Rows[CardMoveRow], e: CardEligibilityReached, at: datetime) -> None:
    rows[at, REACHED].ground = e.receipt if e.receipt is not None else str(e.day)


@card_moves.on
def _withdrawn(rows: Rows[CardMoveRow], e: CardEligibilityWithdrawn, at: datetime) -> None:
    rows[at, WITHDRAWN].ground = e.receipt if e.receipt is not None else str(e.day)


@card_moves.on
def _handed_over(rows: Rows[CardMoveRow], e: MemberCardIssued, at: datetime) -> None:
    rows[at, ISSUED].ground = e.receipt or ""


@attrs.define
class ConsultationRow:
    """An item of the consultation that was answered, and when first."""

    item: str = column(key=True)
    answered_at: datetime | None = None


consultations = ReadModel("retail.consultations", ConsultationRow, title=Label("Consultation", "咨询"))


@consultations.on
def _answered(rows: Rows[ConsultationRow], e: ReturnVisitDone, at: datetime) -> None:
    for item in e.answered:
        row = rows[item]
        row.answered_at = row.answered_at or at


READ_MODELS = (members, membership_moves, reservation_rows, card_moves, consultations)
