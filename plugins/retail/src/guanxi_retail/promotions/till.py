"""What happens at the till: tenders act first, then the receipt earns; a refund pays back each tender's share (RET-08, RET-12).

It stands apart from the subjects that it asks: purchases, points, vouchers and referrals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from guanxi import Conflict, Facet, Fact, Invalid, Label, Now, To, Unknown
from guanxi_retail.checks import spread
from guanxi_retail.points.events import PointsRedeemed, RedemptionUndone
from guanxi_retail.points.points import Points, points
from guanxi_retail.points.redeeming import continues, require_enough, require_own_account
from guanxi_retail.promotions.commands import NoteFriendsReturn, NoteFriendsSets
from guanxi_retail.promotions.events import VoucherRedeemed
from guanxi_retail.promotions.issuing import Issued, issuing, surplus
from guanxi_retail.promotions.pricing import nets_of
from guanxi_retail.promotions.referrals import Referrals, referrals, sets_of, sets_returned
from guanxi_retail.promotions.rules import (
    CashLadderRules,
    EVoucherRules,
    ReferralRules,
    StackedDiscountRules,
    TenderRules,
)
from guanxi_retail.promotions.using import given_back_to_merged, redeemed, told_to_merged
from guanxi_retail.promotions.vouchers import Vouchers, vouchers
from guanxi_retail.purchases.commands import RecordPurchase, RefundPurchase
from guanxi_retail.purchases.events import (
    POINTS,
    VOUCHER,
    PurchaseRecorded,
    PurchaseRefunded,
    ReceiptLine,
    Tender,
)
from guanxi_retail.purchases.purchases import Purchases, Sale, bought, flagged, purchases, returned
from guanxi_retail.store.events import ReceiptClaimed

E = TypeVar("E", PurchaseRecorded, PurchaseRefunded)


@attrs.define
class AtTheTill:
    """When what the programme gave out paid for receipts, and which receipts it did not pay for here.

    Args:
        paid_at: when vouchers or points paid part of a receipt, by its number.
        claimed: receipts that were made without a member: their vouchers and points were nobody's.
    """

    paid_at: dict[str, datetime] = attrs.field(factory=dict)
    claimed: set[str] = attrs.field(factory=set)


till = Facet(
    "retail.till",
    AtTheTill,
    reads=(purchases, points, vouchers, issuing, referrals),
    title=Label("Till", "收银"),
)


@till.evolve
def _tender_acted(s: AtTheTill, e: VoucherRedeemed | PointsRedeemed, at: datetime) -> None:
    if e.receipt is not None:
        s.paid_at[e.receipt] = at


@till.evolve
def _claimed(s: AtTheTill, e: ReceiptClaimed) -> None:
    s.claimed.add(e.receipt)


# A purchase


@till.decide
def _record(s: AtTheTill, c: RecordPurchase, now: Now) -> Iterator[Fact | To]:
    event = bought(now.of(Purchases), c)
    if c.tenders:
        event = _with_tenders(event, now.rules(TenderRules))
        yield from tendered(event, now)
    if not now.happened:
        _require_factors_in_range(event, now)
        _require_prices(event, now)
    if now.known > now.at and vouchers_are_issued(now):
        event = with_fields(event, entered_at=now.known)
    yield event
    yield from flagged(event)
    yield from _told_to_the_referrer(event, now)


def _with_tenders(event: PurchaseRecorded, rules: TenderRules) -> PurchaseRecorded:
    """Return a receipt whose tenders add up to it; one line where it names none and not all of it is money.

    Raises:
        Unknown: ``unknown_code``; no rule knows the tender.
        Invalid: ``tenders_do_not_add_up``.
    """
    _require_known(event.tenders, rules)
    total = sum((t.amount for t in event.tenders), Decimal(0))
    money = sum((t.amount for t in event.tenders if t.kind in rules.money_tenders), Decimal(0))
    if money != event.paid.amount or (event.lines and total != event.net):
        raise Invalid(
            "tenders_do_not_add_up",
            f"tenders come to {total}, {money} of it money; the receipt to {event.net}, {event.paid.amount} of it money",
            zh=f"付款方式合计 {total}，其中现金 {money}；小票 {event.net}，其中现金 {event.paid.amount}",
            rule="RET-08",
            accepts="tenders that add up to the receipt, those of money to the money paid",
        )
    if event.lines or total == money:
        return event
    line = ReceiptLine(area=event.area, quantity=event.quantity, net=total, paid=money)
    return with_fields(event, lines=(line,))


def _require_known(tenders: Iterable[Tender], rules: TenderRules) -> None:
    known = (*rules.money_tenders, *rules.other_tenders, VOUCHER, POINTS)
    for tender in tenders:
        if tender.kind not in known:
            raise Unknown(
                "unknown_code",
                f"there is no tender {tender.kind}",
                zh=f"没有付款方式 {tender.kind}",
                rule="RET-IN-b",
                accepts=", ".join(known),
            )


def tendered(event: PurchaseRecorded, now: Now) -> Iterator[Fact | To]:
    """Yield what vouchers and points of a receipt's tenders do, before it earns (RET-58)."""
    held = now.of(Vouchers)
    for tender in event.tenders:
        if tender.kind == POINTS:
            yield _points_paid(tender, event.receipt, now)
        elif tender.kind == VOUCHER:
            require_own_account(now.of(Points), now)
            use = redeemed(held, tender.number, tender.amount, event.receipt, event.each_line, now)
            yield use
            yield from told_to_merged(held, use)


def _points_paid(tender: Tender, receipt: str, now: Now) -> PointsRedeemed:
    held, asked, number = now.of(Points), _points_for(tender.amount, now), tender.number or receipt
    earlier = held.redemptions.get(number)
    # What a receipt gave back that fell away is spent anew under its number when the receipt is told anew.
    fell_away = earlier is not None and earlier.undone and earlier.receipt not in now.of(Purchases).sales
    if earlier is not None and not (fell_away and earlier.receipt):
        raise Conflict(
            "source_conflict",
            f"redemption {number} is on record",
            zh=f"兑换 {number} 已登记",
            rule="CORE-03",
            accepts="another redemption number",
        )
    if not now.happened:
        require_own_account(held, now)
        require_enough(held, asked, now, "RET-17")
    return PointsRedeemed(
        redemption=number, points=asked, lots=held.burn(asked), purpose="purchase", receipt=receipt
    )


def _points_for(amount: Decimal, now: Now) -> int:
    value = now.rules(TenderRules).point_value
    if amount % value:
        raise Invalid(
            "inexact_points",
            f"{amount} are no whole number of points at {value} each",
            zh=f"{amount} 按每分 {value} 计不是整数积分",
            rule="RET-08",
            accepts=f"a multiple of {value}",
        )
    return int(amount / value)


def _require_factors_in_range(event: PurchaseRecorded, now: Now) -> None:
    for line in event.lines:
        if line.discounts and not factors_in_range(line, now):
            rules = now.rules(StackedDiscountRules)
            now.require(
                False,
                "discount_out_of_range",
                "RET-07",
                f"line {line.number} has factors {', '.join(map(str, line.discounts))}",
                zh=f"第 {line.number} 行折扣为 {'、'.join(map(str, line.discounts))}",
                accepts=f"{rules.lowest} to {rules.highest}, then at most {rules.extra}",
            )


def _require_prices(event: PurchaseRecorded, now: Now) -> None:
    """Refuse an order whose line does not come to its list price times its factors less its cash-off.

    Raises:
        RuleNotMet: ``discount_out_of_range``; it comes to less.
        Invalid: ``lines_do_not_add_up``; it comes to more.
    """
    rules = now.rules(StackedDiscountRules)
    for line in event.lines:
        nets = nets_of(line, event.paid.currency, rules)
        if not nets or line.net in nets:
            continue
        comes_to = " or ".join(str(net) for net in nets)
        message = (
            f"line {line.number} comes to {comes_to} by its list price, factors and cash-off, not {line.net}"
        )
        zh = f"第 {line.number} 行按原价、折扣与满减应为 {comes_to}，不是 {line.net}"
        if line.net > nets[-1]:
            raise Invalid("lines_do_not_add_up", message, zh=zh, rule="RET-08", accepts=comes_to)
        now.require(False, "discount_out_of_range", "RET-07", message, zh=zh, accepts=comes_to)


def factors_in_range(line: ReceiptLine, now: Now) -> bool:
    """Return whether a line's factors are the campaign's, where one runs and the line takes part (RET-07)."""
    rules = now.rules(StackedDiscountRules)
    return (
        not rules.runs_on(now.at.date())
        or line.counter in rules.excluded_counters
        or (line.fixed_price and not rules.stack_on_fixed)
        or rules.admits(line.discounts)
    )


@till.holds("RET-07", "kept_with_breach")
def _factors_are_the_campaigns(s: AtTheTill, e: PurchaseRecorded, now: Now) -> bool:
    if not all(factors_in_range(line, now) for line in e.lines if line.discounts):
        return False
    # Lines of an exchange's receipt come to their difference alone.
    rules = now.rules(StackedDiscountRules)
    currency = e.paid.currency
    return e.exchange is not None or all(
        line.net in (nets_of(line, currency, rules) or (line.net,)) for line in e.lines
    )


@till.holds("RET-58", "tenders_apart")
def _tenders_act_with_it(s: AtTheTill, e: PurchaseRecorded, now: Now) -> bool:
    """Refuse to re-date a receipt alone: what the programme gave out has paid for it at its own moment."""
    given_out = any(tender.kind in (POINTS, VOUCHER) for tender in e.tenders)
    return not given_out or e.receipt in s.claimed or s.paid_at.get(e.receipt) == now.at


def vouchers_are_issued(now: Now) -> bool:
    """Return whether a campaign runs that issues vouchers."""
    day = now.at.date()
    return now.rules(EVoucherRules).runs_on(day) or now.rules(CashLadderRules).runs_on(day)


def _told_to_the_referrer(event: PurchaseRecorded, now: Now) -> Iterator[To]:
    s = now.of(Referrals)
    if s.referrer is None:
        return
    if sets := tuple(sets_of(event, now.rules(ReferralRules))):
        yield To(s.referrer, NoteFriendsSets(friend=now.stream, receipt=event.receipt, sets=sets))


def with_fields(event: E, **fields: Any) -> E:
    """Return an event with other values in some fields."""
    whole: Any = event
    changed: E = attrs.evolve(whole, **fields)
    return changed


# A refund


@till.decide
def _refund(s: AtTheTill, c: RefundPurchase, now: Now) -> Iterator[Fact | To]:
    sales = now.of(Purchases)
    event = returned(sales, c, now)
    sale = sales.sales[c.receipt]
    event = paid_back(event, sale, now)
    yield event
    yield from points_back(event, now)
    yield from given_back_to_merged(now.of(Vouchers), event)
    yield from _set_came_back(event, sale, now)


def paid_back(event: PurchaseRefunded, sale: Sale, now: Now) -> PurchaseRefunded:
    """Return a refund with each tender's share, and with what an order keeps for used vouchers that lose their ground.

    Args:
        event: what comes back.
        sale: the purchase.
        now: of the decider.
    """
    mixed = sale.tenders and any(line.net != line.paid for line in sale.lines.values())
    if not event.tenders and mixed:
        event = with_fields(event, tenders=_shares(event, sale, now))
    elif event.tenders:
        _require_adding_up(event, now.rules(TenderRules))
        held = now.of(Vouchers)
        named = tuple(
            attrs.evolve(t, number=held.numbers.get(t.number or "", t.number)) if t.kind == VOUCHER else t
            for t in event.tenders
        )
        event = with_fields(event, tenders=named)
    if now.happened or not now.of(Issued).steps:
        return event
    return with_fields(event, deducted=_deduction(event, now))


def _require_adding_up(event: PurchaseRefunded, rules: TenderRules) -> None:
    """Refuse a refund's tenders that no rule knows, or that are not what came back.

    Raises:
        Unknown: ``unknown_code``.
        Invalid: ``tenders_do_not_add_up``.
    """
    _require_known(event.tenders, rules)
    total = sum((t.amount for t in event.tenders), Decimal(0))
    money = sum((t.amount for t in event.tenders if t.kind in rules.money_tenders), Decimal(0))
    net = sum((back.net for back in event.each_line), Decimal(0))
    if (total, money) != (net, event.paid.amount):
        raise Invalid(
            "tenders_do_not_add_up",
            f"tenders come to {total}, {money} of it money; what came back to {net}, {event.paid.amount} of it money",
            zh=f"退款方式合计 {total}，其中现金 {money}；退回 {net}，其中现金 {event.paid.amount}",
            rule="RET-12",
            accepts="each tender in the line's proportion; or none, and they are worked out",
        )


def _shares(event: PurchaseRefunded, sale: Sale, now: Now) -> tuple[Tender, ...]:
    """Return what of each tender comes back, in the returned lines' proportion (RET-12)."""
    money = now.rules_at(TenderRules, sale.at).money_tenders
    lines = event.each_line
    before_paid = sum((line.refunded for line in sale.lines.values()), Decimal(0))
    before_net = sum((line.refunded_net for line in sale.lines.values()), Decimal(0))
    paid = sum((back.paid for back in lines), Decimal(0))
    net = sum((back.net for back in lines), Decimal(0))
    back: list[Tender] = []
    for of_money, before, come in ((True, before_paid, paid), (False, before_net - before_paid, net - paid)):
        kinds = [t for t in sale.tenders if (t.kind in money) == of_money]
        weights = [t.amount for t in kinds]
        until_now, so_far = spread(before + come, weights), spread(before, weights)
        for tender, all_of_it, earlier in zip(kinds, until_now, so_far, strict=True):
            if all_of_it > earlier:
                back.append(attrs.evolve(tender, number=_key(tender, now), amount=all_of_it - earlier))
    return tuple(back)


def _key(tender: Tender, now: Now) -> str | None:
    """Return the key of a voucher that was named by its printed number."""
    if tender.kind != VOUCHER or tender.number is None:
        return tender.number
    return now.of(Vouchers).numbers.get(tender.number, tender.number)


def _deduction(event: PurchaseRefunded, now: Now) -> Decimal:
    """Return what is kept of a refund for used vouchers that it takes the ground of, at most the refund (RET-11)."""
    sales = now.of(Purchases)
    sale = sales.sales[event.receipt]
    rules = now.rules_at(EVoucherRules, sale.at), now.rules_at(CashLadderRules, sale.at)
    after = _after(sales, event)
    over = surplus(now.of(Issued), after, now.of(Vouchers), event.receipt, *rules, now.at)
    return min(sum((voucher.used for voucher in over), Decimal(0)), event.paid.amount)


def _after(sales: Purchases, event: PurchaseRefunded) -> Purchases:
    """Return the purchases as they will be, without changing those that are."""
    sale = sales.sales[event.receipt]
    lines = dict(sale.lines)
    for back in event.each_line:
        if (line := lines.get(back.number)) is not None:
            lines[back.number] = attrs.evolve(
                line, refunded=line.refunded + back.paid, refunded_net=line.refunded_net + back.net
            )
    changed = attrs.evolve(sale, lines=lines, refunded=sale.refunded + event.paid.amount)
    return Purchases(sales={**sales.sales, event.receipt: changed})


def points_back(event: PurchaseRefunded, now: Now) -> Iterator[Fact]:
    """Yield what gives points back that paid for returned goods: the redemption undone, and its rest made anew (RET-12, RET-20)."""
    held = now.of(Points).redemptions
    for tender in event.tenders:
        if tender.kind != POINTS:
            continue
        number = tender.number or event.receipt
        standing = [k for k, burn in held.items() if continues(k, number) and not burn.undone]
        if not standing:
            continue
        burn = held[standing[-1]]
        back = min(int(tender.amount / now.rules(TenderRules).point_value), burn.asked)
        yield RedemptionUndone(redemption=standing[-1])
        if (rest := burn.asked - back) > 0:
            yield PointsRedeemed(
                redemption=f"{number}/{event.refund}",
                points=rest,
                lots=_first_of(burn.lots, rest),
                purpose="purchase",
                receipt=event.receipt,
            )


def _first_of(lots: dict[str, int], wanted: int) -> tuple[tuple[str, int], ...]:
    taken: list[tuple[str, int]] = []
    for lot, held in lots.items():
        if (part := min(held, wanted)) > 0:
            taken.append((lot, part))
            wanted -= part
    return tuple(taken)


def _set_came_back(event: PurchaseRefunded, sale: Sale, now: Now) -> Iterator[To]:
    """Tell the member who brought this customer of sets that came back whole."""
    s = now.of(Referrals)
    if s.referrer is None:
        return
    if numbers := tuple(sets_returned(event, sale, now.rules_at(ReferralRules, sale.at))):
        yield To(s.referrer, NoteFriendsReturn(friend=now.stream, numbers=numbers, refund=event.refund))
