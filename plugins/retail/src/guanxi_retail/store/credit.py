"""Whether a sale counts as its salesperson's own, in members' files and in the records of stores' days alike (RET-33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import (
    Decision,
    Due,
    Facet,
    Fact,
    Held,
    Invalid,
    Label,
    NotPermitted,
    Now,
    Unknown,
    midnight_after,
)
from guanxi.relationship.access.events import ApprovalDecided, ApprovalRequested
from guanxi_retail.approvals import require_reason
from guanxi_retail.membership.membership import Membership, membership
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.store.commands import (
    CompleteSale,
    CompleteStoreSale,
    DecideCompletion,
    DecideStoreCompletion,
)
from guanxi_retail.store.events import (
    CompletionRequested,
    CreditReason,
    ReceiptClaimed,
    SaleCompleted,
    SalesCreditDecided,
    SalesDayCloses,
    StoreReceiptHandedOver,
    StoreReceiptRecorded,
    StoreReceiptRefunded,
)
from guanxi_retail.store.rules import SalesCreditRules
from guanxi_retail.store.streams import STORE_DAY

ITEM = "completed_sale"
"""The kind of matter for which approval is asked."""
_APPROVAL = f"{ITEM} "


@attrs.define
class Credited:
    """A receipt as sales credit sees it.

    Args:
        day: the day of the sale.
        outlet: the store.
        salesperson: who sold it.
        amount: what it came to, less what came back so far.
        paid: what of that was money.
        phone: whether a telephone number, or a card, which supplies one, was there.
        card: whether a card was shown.
        completed: whether somebody brought in what it lacked.
    """

    day: date
    outlet: str
    salesperson: str
    amount: Decimal
    paid: Decimal
    phone: bool
    card: bool
    completed: bool = False


@attrs.define
class Completion:
    """What was brought in for a sale on a later day, and by whom; it waits for the store manager."""

    phone_given: bool
    card_given: bool
    applicant: str = ""


@attrs.define
class SalesCredit:
    """The receipts of a file or of a day, and completions that wait for approval."""

    sold: dict[str, Credited] = attrs.field(factory=dict)
    claimed: dict[str, ReceiptClaimed] = attrs.field(factory=dict)
    waiting: dict[str, Completion] = attrs.field(factory=dict)


sales_credit = Facet(
    "retail.sales_credit", SalesCredit, reads=(membership,), title=Label("Sales credit", "业绩认定")
)
store_credit = Facet(
    "retail.store_credit",
    SalesCredit,
    subject=STORE_DAY,
    title=Label("Sales credit without a member", "业绩认定（非会员）"),
)


# In a member's file


@sales_credit.evolve
def _bought(s: SalesCredit, e: PurchaseRecorded, at: datetime) -> None:
    # Where nobody sold it there is nobody to credit; the sale whose goods were exchanged keeps its salesperson (RET-54).
    if e.salesperson is None or not e.is_occasion:
        return
    day, claimed = at.date(), s.claimed.get(e.receipt)
    # A card that was shown on a later day is what completes a sale, and that needs an approval.
    card = e.card is not None and (claimed is None or claimed.shown_on <= day)
    phone = e.phone is not None or card or (claimed is not None and claimed.phone_given)
    s.sold[e.receipt] = Credited(day, e.outlet or "", e.salesperson, e.net, e.paid.amount, phone, card)


@sales_credit.evolve
def _claimed(s: SalesCredit, e: ReceiptClaimed) -> None:
    s.claimed[e.receipt] = e


@sales_credit.evolve
def _returned(s: SalesCredit, e: PurchaseRefunded) -> None:
    _less(s, e.receipt, sum((line.net for line in e.each_line), Decimal(0)), e.paid.amount)


@sales_credit.evolve
def _completed(s: SalesCredit, e: SaleCompleted) -> None:
    _complete(s, e)


@sales_credit.evolve
def _asked(s: SalesCredit, e: CompletionRequested | ApprovalRequested | ApprovalDecided) -> None:
    _wait(s, e)


@sales_credit.decide
def _complete_sale(s: SalesCredit, c: CompleteSale, now: Now) -> Iterator[Fact]:
    yield _completion(s, c, now)


@sales_credit.decide
def _decide_sale(s: SalesCredit, c: DecideCompletion, now: Now) -> Iterator[Fact]:
    yield from _decision(s, c, now)


@sales_credit.due
def _closes(s: SalesCredit, e: PurchaseRecorded, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.receipt in s.sold:
        yield midnight_after(now.at.date(), now.at.tzinfo), SalesDayCloses(receipt=e.receipt)


@sales_credit.react("RET-33")
def _day_closed(s: SalesCredit, due: SalesDayCloses, now: Now) -> Iterator[Decision]:
    yield from _judged(s, due.receipt, now, holds_card=now.of(Membership).holds_card)


@sales_credit.react("RET-33")
def _judged_again(s: SalesCredit, e: SaleCompleted, now: Now) -> Iterator[Decision]:
    yield from _on_completion(s, e, now, holds_card=now.of(Membership).holds_card)


# In the record of a store's day


@store_credit.evolve
def _sold(s: SalesCredit, e: StoreReceiptRecorded, at: datetime) -> None:
    if e.salesperson is None:
        return
    net = sum((line.net for line in e.each_line), Decimal(0))
    s.sold[e.receipt] = Credited(
        at.date(), e.outlet, e.salesperson, net, e.paid.amount, e.phone_given, card=False
    )


@store_credit.evolve
def _came_back(s: SalesCredit, e: StoreReceiptRefunded) -> None:
    _less(s, e.receipt, sum((line.net for line in e.lines), Decimal(0)), e.paid.amount)


@store_credit.evolve
def _handed_over(s: SalesCredit, e: StoreReceiptHandedOver) -> None:
    s.sold.pop(e.receipt, None)


@store_credit.evolve
def _completed_there(s: SalesCredit, e: SaleCompleted) -> None:
    _complete(s, e)


@store_credit.evolve
def _asked_there(s: SalesCredit, e: CompletionRequested | ApprovalRequested | ApprovalDecided) -> None:
    _wait(s, e)


@store_credit.decide
def _complete_store_sale(s: SalesCredit, c: CompleteStoreSale, now: Now) -> Iterator[Fact]:
    yield _completion(s, c, now)


@store_credit.decide
def _decide_store_sale(s: SalesCredit, c: DecideStoreCompletion, now: Now) -> Iterator[Fact]:
    yield from _decision(s, c, now)


@store_credit.due
def _closes_there(s: SalesCredit, e: StoreReceiptRecorded, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.receipt in s.sold:
        yield midnight_after(now.at.date(), now.at.tzinfo), SalesDayCloses(receipt=e.receipt)


@store_credit.react("RET-33")
def _day_closed_there(s: SalesCredit, due: SalesDayCloses, now: Now) -> Iterator[Decision]:
    yield from _judged(s, due.receipt, now, holds_card=False)


@store_credit.react("RET-33")
def _judged_again_there(s: SalesCredit, e: SaleCompleted, now: Now) -> Iterator[Decision]:
    yield from _on_completion(s, e, now, holds_card=False)


# The same in both


def _less(s: SalesCredit, receipt: str, net: Decimal, paid: Decimal) -> None:
    if (sold := s.sold.get(receipt)) is not None:
        sold.amount -= net
        sold.paid -= paid


def _wait(s: SalesCredit, e: CompletionRequested | ApprovalRequested | ApprovalDecided) -> None:
    match e:
        case CompletionRequested():
            s.waiting[e.receipt] = Completion(e.phone_given, e.card_given)
        case ApprovalRequested(item=item, number=number) if item == ITEM and number in s.waiting:
            s.waiting[number].applicant = e.applicant
        case ApprovalDecided(approval=approval) if approval.startswith(_APPROVAL):
            s.waiting.pop(approval.removeprefix(_APPROVAL), None)


def _complete(s: SalesCredit, e: SaleCompleted) -> None:
    s.waiting.pop(e.receipt, None)
    if (sold := s.sold.get(e.receipt)) is not None:
        sold.completed = True
        sold.phone = sold.phone or e.phone_given or e.card_given
        sold.card = sold.card or e.card_given


def _judged(
    s: SalesCredit, receipt: str, now: Now, *, holds_card: bool, completed: bool = False
) -> Iterator[Decision]:
    sold = s.sold.get(receipt)
    if sold is None:
        return
    card_amount = now.rules(SalesCreditRules).card_amount
    reasons: list[CreditReason] = [] if sold.phone else ["phone_missing"]
    if sold.paid >= card_amount and not (sold.card or holds_card):
        reasons.append("card_not_issued")
    yield SalesCreditDecided(
        receipt=receipt,
        salesperson=sold.salesperson,
        outlet=sold.outlet,
        amount=sold.amount,
        paid=sold.paid,
        granted=not reasons,
        reasons=tuple(reasons),
        card_amount=card_amount,
        completed=completed,
    )


def _on_completion(s: SalesCredit, e: SaleCompleted, now: Now, *, holds_card: bool) -> Iterator[Decision]:
    sold = s.sold.get(e.receipt)
    if sold is not None and now.at.date() > sold.day:
        yield from _judged(s, e.receipt, now, holds_card=holds_card, completed=True)


def _completion(s: SalesCredit, c: CompleteSale | CompleteStoreSale, now: Now) -> SaleCompleted:
    sold = s.sold.get(c.receipt)
    if sold is None:
        raise Unknown(
            "unknown_receipt",
            f"there is no receipt {c.receipt} of a salesperson to complete",
            zh=f"没有可补全的营业员小票 {c.receipt}",
            rule="RET-33",
            accepts="a receipt on record that names its salesperson",
        )
    if not (c.phone_given or c.card_given):
        raise Invalid(
            "blank",
            "neither a telephone number nor a card is brought in",
            zh="未补电话，也未补会员卡",
            rule="RET-33",
            accepts="phone_given=True or card_given=True",
        )
    if now.at.date() > sold.day:
        waiting = s.waiting.get(c.receipt)
        if not c.approved_by:
            raise _held(sold, c, waiting, now)
        _check_approver(sold, c.approved_by, (now.actor, waiting.applicant if waiting else now.actor), now)
    return SaleCompleted(
        receipt=c.receipt,
        phone_given=c.phone_given,
        card_given=c.card_given,
        approved_by=c.approved_by,
    )


def _decision(s: SalesCredit, c: DecideCompletion | DecideStoreCompletion, now: Now) -> Iterator[Fact]:
    """Yield what the store manager rules on a completion that somebody else brought in."""
    waiting, sold = s.waiting.get(c.receipt), s.sold.get(c.receipt)
    if waiting is None or sold is None:
        raise Unknown(
            "unknown_code",
            f"no completion of receipt {c.receipt} waits for approval",
            zh=f"没有待批准的补全销售 {c.receipt}",
            rule="RET-33",
            accepts=", ".join(s.waiting) or "a receipt whose completion was asked for",
        )
    _check_approver(sold, now.actor, (waiting.applicant,), now)
    require_reason(c.outcome, c.reason, rule="RET-33")
    yield ApprovalDecided(
        approval=f"{_APPROVAL}{c.receipt}", decider=now.actor, outcome=c.outcome, reason=c.reason
    )
    if c.outcome == "approved":
        yield SaleCompleted(
            receipt=c.receipt,
            phone_given=waiting.phone_given,
            card_given=waiting.card_given,
            approved_by=now.actor,
        )


def _held(sold: Credited, c: CompleteSale | CompleteStoreSale, waiting: Completion | None, now: Now) -> Held:
    """Return the refusal of a completion on a later day that nobody has approved; it keeps the request, once."""
    manager = now.rules(SalesCreditRules).managers.get(sold.outlet)
    decide = DecideCompletion if isinstance(c, CompleteSale) else DecideStoreCompletion
    held = Held(
        "approval_pending",
        "a sale completed on a later day needs the store manager's approval",
        zh="隔日补全的销售须经店长批准",
        rule="RET-33",
        accepts=f"{decide.stored_name} of {c.receipt} by {manager or 'somebody else'}, or approved_by=...",
    )
    if waiting is not None and (waiting.phone_given, waiting.card_given) == (c.phone_given, c.card_given):
        return held
    held.keeping(
        CompletionRequested(receipt=c.receipt, phone_given=c.phone_given, card_given=c.card_given),
        ApprovalRequested(
            approval=f"{_APPROVAL}{c.receipt}",
            applicant=now.actor,
            item=ITEM,
            number=c.receipt,
            deciders=() if manager is None else (manager,),
        ),
    )
    return held


def _check_approver(sold: Credited, approver: str, authors: tuple[str, ...], now: Now) -> None:
    """Refuse a completion on a later day that somebody unfit approves."""
    manager = now.rules(SalesCreditRules).managers.get(sold.outlet)
    if approver in (*authors, sold.salesperson):
        raise NotPermitted(
            "approver_conflict",
            f"{approver} entered it or sold it, and cannot approve it",
            zh=f"{approver} 为经办人或营业员，不能批准",
            rule="RET-33",
            accepts=manager or "another approver",
        )
    if manager is not None and approver != manager:
        raise NotPermitted(
            "not_authorised",
            f"{approver} is not the manager of {sold.outlet}",
            zh=f"{approver} 不是 {sold.outlet} 的店长",
            rule="RET-33",
            accepts=manager,
        )
