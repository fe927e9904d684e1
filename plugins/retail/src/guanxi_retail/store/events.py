"""What is recorded on the shop floor: of customers in their files, of everybody else in the record of the store's day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import attrs

from guanxi import (
    REVISE,
    WOULD_DIFFER,
    Act,
    Decision,
    Due,
    Erased,
    Fact,
    Money,
    due,
    event,
    field,
    given,
    key,
    limit,
    personal,
)
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine, Tender

Role = Literal["store_manager", "shift_leader", "salesperson"]
VisitOutcome = Literal["bought", "not_bought"]
CreditReason = Literal["phone_missing", "card_not_issued"]
ClauseResult = Literal["met", "not_met", "not_applicable"]
MeasureOutcome = Literal["done", "goes_on", "dropped"]


# Receipts without a member


@event("retail.store_receipt_recorded")
class StoreReceiptRecorded(Fact):
    """A receipt that nobody's card was shown for, in the record of the store's day.

    Of a telephone number only whether there was one is kept: whoever leaves one as a contact has a file.
    """

    receipt: str
    outlet: str
    paid: Money
    quantity: int = field(default=1)
    area: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=())
    lines: tuple[ReceiptLine, ...] = field(default=())
    tenders: tuple[Tender, ...] = field(default=())
    salesperson: str | None = field(default=None)
    phone_given: bool = field(default=False)

    @property
    def each_line(self) -> Sequence[ReceiptLine]:
        """Its lines; one where none is told."""
        paid = self.paid.amount
        return self.lines or (ReceiptLine(area=self.area, quantity=self.quantity, net=paid, paid=paid),)


@event("retail.store_receipt_refunded")
class StoreReceiptRefunded(Fact):
    """Goods of a receipt without a member came back; ``paid`` is the money returned."""

    refund: str
    receipt: str
    paid: Money
    lines: tuple[ReturnedLine, ...]


@event("retail.store_receipt_handed_over")
class StoreReceiptHandedOver(Fact):
    """A receipt turned out to be a member's, whose file has it from here on (RET-15)."""

    receipt: str
    lines: tuple[int, ...]
    claimed_by: str | None = field(default=None)


@event("retail.receipt_claimed")
class ReceiptClaimed(Fact):
    """A member showed a receipt that was made without his card; his purchase counts on its own day (RET-15)."""

    receipt: str
    outlet: str
    shown_on: date
    phone_given: bool = field(default=False)
    card: str | Erased | None = personal("contact", default=None)
    proof: str | Erased | None = personal("dealings", default=None)


# Visits and footfall


@event("retail.store_visit_recorded")
class StoreVisitRecorded(Fact):
    """A reception in a store ended, with a purchase or without (RET-34, RET-36)."""

    visit: str
    outlet: str
    received_by: str
    role: Role
    outcome: VisitOutcome
    lost_reason: str | None = field(default=None)
    contact_given: bool = field(default=False)
    contact: str | Erased | None = personal("contact", default=None)
    matter: str | Erased | None = personal("service", default=None)


@event("retail.footfall_counted")
class FootfallCounted(Fact):
    """The counter of an entrance was read (RET-34)."""

    outlet: str
    entrance: str
    begins: datetime
    ends: datetime
    persons: int


# Sales credit


@event("retail.sale_completed")
class SaleCompleted(Act):
    """What a sale lacked was brought in: a telephone number, a card; on a later day the store manager approves (RET-33)."""

    receipt: str
    phone_given: bool = field(default=False)
    card_given: bool = field(default=False)
    approved_by: str | None = field(default=None)


@event("retail.completion_requested")
class CompletionRequested(Fact):
    """What a sale lacked was brought in on a later day; nothing changes before the store manager has approved it (RET-33)."""

    receipt: str
    phone_given: bool = field(default=False)
    card_given: bool = field(default=False)


@event("retail.sales_credit_decided")
class SalesCreditDecided(Decision, late=REVISE, retroactive=WOULD_DIFFER):
    """Whether a sale counts as its salesperson's own; judged at day close, and again when it was completed (RET-33)."""

    receipt: str = key()
    salesperson: str = key()
    outlet: str = given(default="")
    amount: Decimal = given()
    paid: Decimal = given()
    granted: bool
    reasons: tuple[CreditReason, ...] = field(default=())
    card_amount: Decimal = limit()
    completed: bool = field(default=False)


@due("retail.sales_day_closes")
class SalesDayCloses(Due):
    """The day of a receipt is over."""

    receipt: str


# Key customers


@event("retail.key_customer_designated")
class KeyCustomerDesignated(Act):
    """The customer is in the key customer book from a day on (RET-36)."""

    since: date
    until: date | None = field(default=None)


@event("retail.received_by_other")
class ReceivedByOther(Decision, late=REVISE, retroactive=WOULD_DIFFER):
    """A key customer was received by somebody else than rules say: an entry all the same, and a flag (RET-36)."""

    visit: str = key()
    role: Role = given()
    code: Literal["received_by_other"] = field(default="received_by_other")


# A store


@event("retail.store_opened")
class StoreOpened(Fact):
    """A store is there from a day on; what is due in stores is due in it from then."""

    outlet: str
    opened_on: date
    name: str = field(default="")


@event("retail.best_employee_chosen")
class BestEmployeeChosen(Act):
    """Who was best in a fortnight, named by its first day, and why (RET-35)."""

    fortnight: date
    employee: str
    ground: str


@attrs.frozen(kw_only=True)
class Article:
    """An article of a service standard.

    Args:
        number: its number.
        title: what it is about.
        clauses: the numbers of its clauses.
    """

    number: str
    title: str = ""
    clauses: tuple[str, ...]


@event("retail.service_standard_published")
class ServiceStandardPublished(Act):
    """A version of a store's service standard, with the theme of its year (RET-56)."""

    version: int
    effective_on: date
    articles: tuple[Article, ...]
    theme: str | None = field(default=None)


@event("retail.service_standard_checked")
class ServiceStandardChecked(Fact):
    """A store was checked against the version of its standard that held on the day, clause by clause (RET-56)."""

    check: str
    version: int
    checked_on: date
    clauses: dict[str, ClauseResult]


# Reviews


@attrs.frozen(kw_only=True)
class Measure:
    """What a review agreed on.

    Args:
        number: its number in the review.
        text: what is to be done.
        person: who is to do it.
    """

    number: str
    text: str
    person: str


@event("retail.vip_review_noted")
class VipReviewNoted(Fact):
    """Which store and quarter a review meeting was for, who took the chair, and the measures agreed on (RET-37)."""

    outlet: str
    quarter: str
    chair: str
    held_on: date
    measures: tuple[Measure, ...] = field(default=())


@event("retail.measure_reported")
class MeasureReported(Fact):
    """A later review was told what became of a measure (RET-37)."""

    measure: str
    outcome: MeasureOutcome
    at_review: str


@event("retail.card_rules_followed_up")
class CardRulesFollowedUp(Act):
    """How new card or points rules went, in four parts (RET-55); the rule set counts as reviewed with it."""

    rule_set: str
    version: int
    feedback: str
    operation: str
    vip_traits: str
    measure: str | None = field(default=None)
    no_measure_because: str | None = field(default=None)


EVENTS = (
    StoreReceiptRecorded,
    StoreReceiptRefunded,
    StoreReceiptHandedOver,
    ReceiptClaimed,
    StoreVisitRecorded,
    FootfallCounted,
    SaleCompleted,
    CompletionRequested,
    SalesCreditDecided,
    KeyCustomerDesignated,
    ReceivedByOther,
    StoreOpened,
    BestEmployeeChosen,
    ServiceStandardPublished,
    ServiceStandardChecked,
    VipReviewNoted,
    MeasureReported,
    CardRulesFollowedUp,
)
