"""What happens to memberships, cards and reservations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from guanxi import MERGED, REVISE, Decision, Erased, Fact, event, field, given, key, limit, personal

Ground = Literal["form", "purchase", "vip"]
"""On what a card is handed over."""

EndReason = Literal["left", "merged", "erased", "closed"]
"""Why a membership stops."""

ReservationStatus = Literal["made", "kept", "cancelled", "no_show"]


@event("retail.member_enrolled", carried=MERGED)
class MemberEnrolled(Fact):
    """The form was accepted; the mobile number is the card number (RET-01). What the form says is on the core's file."""

    card: str | Erased = personal("contact")
    programme: str = field(default="main")
    form_fields: tuple[str, ...] = field(default=())
    source_channel: str | None = field(default=None)
    outlet: str | None = field(default=None)


@event("retail.member_card_issued", carried=MERGED)
class MemberCardIssued(Fact):
    """A card was handed over (RET-04)."""

    card: str | Erased = personal("contact")
    ground: Ground
    card_class: str | None = field(default=None)
    receipt: str | None = field(default=None)


@event("retail.member_card_rebound", carried=MERGED)
class MemberCardRebound(Fact):
    """The mobile number changed, and with it the card number; the old one stays resolvable for its time (RET-02)."""

    old_card: str | Erased = personal("contact")
    new_card: str | Erased = personal("contact")
    proof: str | Erased | None = personal("contact", default=None)
    held_since: datetime | None = field(default=None)


@event("retail.member_card_taken_up", carried=MERGED)
class MemberCardTakenUp(Fact):
    """The number that an import told of while somebody else held it is free, and is this member's (RET-02)."""

    card: str | Erased = personal("contact")


@event("retail.member_card_released", carried=False)
class MemberCardReleased(Fact):
    """The number that this file brought along is given up in the file that it is merged into (RET-02)."""

    card: str | Erased = personal("contact")


@event("retail.membership_left", carried=MERGED)
class MembershipLeft(Fact):
    """The member left the programme (RET-02)."""

    card: str | Erased = personal("contact")
    held_since: datetime | None = field(default=None)


@event("retail.membership_ended", carried=MERGED)
class MembershipEnded(Decision, late=REVISE, retroactive=REVISE):
    """The membership stopped: it was left, or its file was merged, erased or closed (RET-02).

    ``since`` is from when the number was the member's.
    """

    reason: EndReason = key()
    since: datetime = key()
    card: str | Erased = personal("contact")


@event("retail.reservation_recorded")
class ReservationRecorded(Fact):
    """A booking, or what became of it (RET-03)."""

    reservation: str
    status: ReservationStatus
    for_time: datetime | None = field(default=None)
    service: str | Erased | None = personal("service", default=None)


@event("retail.card_eligibility_reached", carried=MERGED)
class CardEligibilityReached(Decision, late=REVISE, retroactive=REVISE):
    """A receipt, or a customer's day, reached the amount that entitles to a card (RET-04)."""

    receipt: str | None = key(default=None)
    day: date | None = key(default=None)
    amount: Decimal = given()
    threshold: Decimal = limit()


@event("retail.card_eligibility_withdrawn", carried=MERGED)
class CardEligibilityWithdrawn(Decision, late=REVISE, retroactive=REVISE):
    """A refund took the ground of an entitlement on which no card had been issued (RET-04)."""

    receipt: str | None = key(default=None)
    day: date | None = key(default=None)
    refund: str = key()
    amount: Decimal = given()
    threshold: Decimal = limit()


EVENTS = (
    MemberEnrolled,
    MemberCardIssued,
    MemberCardRebound,
    MemberCardTakenUp,
    MemberCardReleased,
    MembershipLeft,
    MembershipEnded,
    ReservationRecorded,
    CardEligibilityReached,
    CardEligibilityWithdrawn,
)
