"""What may be told about the shop floor, or ordered there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, get_args

from guanxi import Command, Money, command, field, personal
from guanxi_retail.checks import money, named, quantity, several
from guanxi_retail.purchases.commands import lines_returned, lines_sold, tender_amounts
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine, Tender
from guanxi_retail.store.checks import after_begin, of_our_time, one_of, results, with_zone
from guanxi_retail.store.events import Article, ClauseResult, Measure, MeasureOutcome, Role, VisitOutcome

# In the record of a store's day


@command("retail.record_store_receipt")
class RecordStoreReceipt(Command):
    """Record a receipt that no member's card was shown for, in the record of the store's day.

    It is told to ``day_stream(outlet, day)`` of the day on which it was made.

    Args:
        receipt: its number; once per store and day.
        paid: money paid, after discounts, without vouchers and points.
        quantity: pieces.
        area: floor or department.
        conditions: what held at the till.
        lines: what was bought, line by line; their money adds up to what was paid. One line where none is given.
        tenders: how it was paid.
        salesperson: who sold it.
        phone_given: whether a telephone number stands on it.
    """

    receipt: str = field(validator=named)
    paid: Money = field(validator=money)
    quantity: int = field(default=1, validator=quantity)
    area: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=(), converter=several(str))
    lines: tuple[ReceiptLine, ...] = field(default=(), converter=several(ReceiptLine), validator=lines_sold)
    tenders: tuple[Tender, ...] = field(default=(), converter=several(Tender), validator=tender_amounts)
    salesperson: str | None = field(default=None)
    phone_given: bool = field(default=False)


@command("retail.refund_store_receipt")
class RefundStoreReceipt(Command):
    """Refund a receipt without a member, in the record of the day of its sale.

    It is told to ``day_stream(outlet, day)`` of the day of the sale, whenever the goods come back.

    Args:
        refund: its number.
        receipt: the receipt's.
        paid: money returned.
        quantity: pieces returned.
        lines: what came back, line by line; needed where the receipt has several.
    """

    refund: str = field(validator=named)
    receipt: str = field(validator=named)
    paid: Money = field(validator=money)
    quantity: int = field(default=0, validator=quantity)
    lines: tuple[ReturnedLine, ...] = field(
        default=(), converter=several(ReturnedLine), validator=lines_returned
    )


@command("retail.hand_over_receipt")
class HandOverReceipt(Command):
    """Note that a receipt without a member is one's after all; given by the member's file.

    Args:
        receipt: its number.
        paid: what was paid on it.
        claimed_by: stream of the member's file.
    """

    receipt: str = field(validator=named)
    paid: Money = field(validator=money)
    claimed_by: str | None = field(default=None)


@command("retail.complete_store_sale")
class CompleteStoreSale(Command):
    """Bring in what a sale without a member lacked; on a later day with the store manager's approval (RET-33).

    It is told to ``day_stream(outlet, day)`` of the day of the sale.

    Args:
        receipt: its number.
        phone_given: whether the telephone number is there now.
        card_given: whether the customer got a card.
        approved_by: who approved it; where nobody is named the request is kept, for ``DecideStoreCompletion``.
    """

    receipt: str = field(validator=named)
    phone_given: bool = field(default=False)
    card_given: bool = field(default=False)
    approved_by: str | None = field(default=None)


@command("retail.decide_store_completion")
class DecideStoreCompletion(Command):
    """Approve or refuse the completion of a sale without a member that another person brought in (RET-33).

    It is told to ``day_stream(outlet, day)`` of the day of the sale.

    Args:
        receipt: its number.
        outcome: ``approved`` or ``refused``.
        reason: why; needed where it is refused.
    """

    receipt: str = field(validator=named)
    outcome: Literal["approved", "refused"] = field(default="approved")
    reason: str | None = personal("access", default=None)


@command("retail.record_walk_in_visit")
class RecordWalkInVisit(Command):
    """Record a reception of somebody without a file, in the record of the store's day (RET-34).

    It is told to ``day_stream(outlet, day)`` of the day on which he came.

    Args:
        visit: its number.
        received_by: who received the customer.
        role: ``store_manager``, ``shift_leader`` or ``salesperson``.
        outcome: ``bought`` or ``not_bought``.
        lost_reason: why nothing was bought.
        contact_given: whether the customer left a contact.
    """

    visit: str = field(validator=named)
    received_by: str = field(validator=named)
    role: Role = field(default="salesperson", validator=one_of(*get_args(Role)))
    outcome: VisitOutcome = field(validator=one_of(*get_args(VisitOutcome)))
    lost_reason: str | None = field(default=None)
    contact_given: bool = field(default=False)


@command("retail.count_footfall")
class CountFootfall(Command):
    """Read the counter of an entrance, in the record of the store's day (RET-34).

    It is told to ``day_stream(outlet, day)`` of the day on which it began to count.

    Args:
        entrance: which.
        begins: from when it counted.
        ends: until when.
        persons: how many.
    """

    entrance: str = field(validator=named)
    begins: datetime = field(validator=with_zone)
    ends: datetime = field(validator=after_begin)
    persons: int = field(validator=quantity)


# In a customer's file


@command("retail.claim_receipt")
class ClaimReceipt(Command):
    """Have a receipt that was made without a card count as the member's, dated its own moment (RET-15).

    ``claim_receipt`` gives it with what the receipt says.

    Args:
        receipt: its number.
        outlet: the store.
        paid: money paid on it.
        quantity: pieces.
        area: floor or department.
        conditions: what held at the till.
        lines: its lines.
        tenders: how it was paid.
        salesperson: who sold it.
        phone_given: whether a telephone number stands on it.
        card: the card that is shown with it.
        proof: what proves that it is the member's.
        shown_on: the day it was shown; the day of entry if not given.
    """

    receipt: str = field(validator=named)
    outlet: str = field(validator=named)
    paid: Money = field(validator=money)
    quantity: int = field(default=1, validator=quantity)
    area: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=(), converter=several(str))
    lines: tuple[ReceiptLine, ...] = field(default=(), converter=several(ReceiptLine), validator=lines_sold)
    tenders: tuple[Tender, ...] = field(default=(), converter=several(Tender), validator=tender_amounts)
    salesperson: str | None = field(default=None)
    phone_given: bool = field(default=False)
    card: str | None = personal("contact", default=None)
    proof: str | None = personal("dealings", default=None)
    shown_on: date | None = field(default=None)


@command("retail.complete_sale")
class CompleteSale(Command):
    """Bring in what a customer's sale lacked; on a later day with the store manager's approval (RET-33).

    Args:
        receipt: its number.
        phone_given: whether the telephone number is there now.
        card_given: whether the customer got a card.
        approved_by: who approved it; where nobody is named the request is kept, for ``DecideCompletion``.
    """

    receipt: str = field(validator=named)
    phone_given: bool = field(default=False)
    card_given: bool = field(default=False)
    approved_by: str | None = field(default=None)


@command("retail.decide_completion")
class DecideCompletion(Command):
    """Approve or refuse the completion of a customer's sale that another person brought in (RET-33).

    Args:
        receipt: its number.
        outcome: ``approved`` or ``refused``.
        reason: why; needed where it is refused.
    """

    receipt: str = field(validator=named)
    outcome: Literal["approved", "refused"] = field(default="approved")
    reason: str | None = personal("access", default=None)


@command("retail.designate_key_customer")
class DesignateKeyCustomer(Command):
    """Enter the customer in the key customer book (RET-36).

    Args:
        since: from which day; that of the entry if not given.
        until: the last day, where it ends.
    """

    since: date | None = field(default=None)
    until: date | None = field(default=None)


@command("retail.record_store_visit")
class RecordStoreVisit(Command):
    """Record a reception of the customer in a store (RET-34, RET-36).

    Args:
        visit: its number.
        outlet: the store.
        received_by: who received him.
        role: ``store_manager``, ``shift_leader`` or ``salesperson``.
        outcome: ``bought`` or ``not_bought``.
        lost_reason: why nothing was bought.
        contact: the contact he left.
        matter: what it was about.
    """

    visit: str = field(validator=named)
    outlet: str = field(validator=named)
    received_by: str = field(validator=named)
    role: Role = field(default="salesperson", validator=one_of(*get_args(Role)))
    outcome: VisitOutcome = field(validator=one_of(*get_args(VisitOutcome)))
    lost_reason: str | None = field(default=None)
    contact: str | None = personal("contact", default=None)
    matter: str | None = personal("service", default=None)


# In a store's record


@command("retail.open_store")
class OpenStore(Command):
    """Note that a store is there; what is due in stores falls due in it from then on.

    It is told to ``store_stream(outlet)``.

    Args:
        opened_on: from which day; that of the entry if not given.
        name: what it is called.
    """

    opened_on: date | None = field(default=None, validator=of_our_time)
    name: str = field(default="")


@command("retail.choose_best_employee")
class ChooseBestEmployee(Command):
    """Choose the best employee of a period; told to ``store_stream(outlet)`` (RET-35).

    Args:
        fortnight: a day in the period; that of the entry if not given.
        employee: who.
        ground: why.
    """

    fortnight: date | None = field(default=None)
    employee: str = field(validator=named)
    ground: str = field(validator=named)


@command("retail.publish_service_standard")
class PublishServiceStandard(Command):
    """Put a version of the store's service standard in force; told to ``store_stream(outlet)`` (RET-56).

    Args:
        articles: its articles, each with the numbers of its clauses.
        effective_on: from which day; that of the entry if not given.
        theme: the theme of its year.
    """

    articles: tuple[Article, ...] = field(converter=several(Article))
    effective_on: date | None = field(default=None, validator=of_our_time)
    theme: str | None = field(default=None)


@command("retail.check_service_standard")
class CheckServiceStandard(Command):
    """Check the store against the standard in force; a clause without an answer is not met (RET-56).

    Args:
        check: its number.
        clauses: ``met``, ``not_met`` or ``not_applicable`` by clause.
    """

    check: str = field(validator=named)
    clauses: dict[str, ClauseResult] = field(validator=results)


# Reviews


@command("retail.hold_vip_review")
class HoldVipReview(Command):
    """Record the VIP review of a quarter, in the gathering's own record, whose id is the command's subject (RET-37).

    Args:
        outlet: the store.
        quarter: the quarter it is for, as ``2012-Q1``; that of the day if not given.
        chair: who took the chair.
        held_on: the day; that of the entry if not given.
        minutes: number of the minutes.
        measures: what was agreed on for the next quarter.
    """

    outlet: str = field(validator=named)
    quarter: str | None = field(default=None)
    chair: str = field(validator=named)
    held_on: date | None = field(default=None)
    minutes: str | None = field(default=None)
    measures: tuple[Measure, ...] = field(default=(), converter=several(Measure))


@command("retail.report_on_measure")
class ReportOnMeasure(Command):
    """Report at a review what became of an earlier one's measure; the subject is the review that agreed on it (RET-37).

    Args:
        measure: its number.
        outcome: ``done``, ``goes_on`` or ``dropped``.
        at_review: the review that it is reported at.
    """

    measure: str = field(validator=named)
    outcome: MeasureOutcome = field(validator=one_of(*get_args(MeasureOutcome)))
    at_review: str = field(validator=named)


@command("retail.follow_up_card_rules")
class FollowUpCardRules(Command):
    """Follow up a version of the card or points rules, in the house's record; all four parts are needed (RET-55).

    Args:
        rule_set: its stored name.
        version: which version.
        feedback: what members say.
        operation: how it works.
        improvement: ``measure`` or ``none``: whether something is to be improved.
        measure: the measure.
        because: why there is none.
        vip_traits: consumption traits and needs of the VIPs.
    """

    rule_set: str = field(validator=named)
    version: int
    feedback: str | None = field(default=None)
    operation: str | None = field(default=None)
    improvement: str | None = field(default=None)
    measure: str | None = field(default=None)
    because: str | None = field(default=None)
    vip_traits: str | None = field(default=None)


COMMANDS = (
    RecordStoreReceipt,
    RefundStoreReceipt,
    HandOverReceipt,
    CompleteStoreSale,
    DecideStoreCompletion,
    RecordWalkInVisit,
    CountFootfall,
    ClaimReceipt,
    CompleteSale,
    DecideCompletion,
    DesignateKeyCustomer,
    RecordStoreVisit,
    OpenStore,
    ChooseBestEmployee,
    PublishServiceStandard,
    CheckServiceStandard,
    HoldVipReview,
    ReportOnMeasure,
    FollowUpCardRules,
)
