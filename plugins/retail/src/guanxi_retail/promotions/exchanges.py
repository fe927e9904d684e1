"""Exchanges: a return and a sale in one act, of which only the difference counts (RET-54).

What comes back goes on standing as it was sold, with its lots, dates and tenders: the new goods take its place. Dearer goods
leave a purchase of the difference beside it, cheaper ones a refund of the difference, equal ones neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import attrs

from guanxi import (
    TICK,
    Conflict,
    Decision,
    Due,
    Facet,
    Fact,
    Incomplete,
    Invalid,
    Label,
    Money,
    Now,
    To,
    Unknown,
)
from guanxi_retail.checks import spread
from guanxi_retail.promotions.commands import RecordExchange
from guanxi_retail.promotions.events import ActStands, ExchangeRecorded, PartMissing
from guanxi_retail.promotions.rules import ExchangeRules, TenderRules
from guanxi_retail.promotions.till import paid_back, points_back, till, vouchers_are_issued
from guanxi_retail.promotions.using import given_back_to_merged
from guanxi_retail.promotions.vouchers import Vouchers
from guanxi_retail.purchases.events import (
    PurchaseRecorded,
    PurchaseRefunded,
    ReturnedLine,
)
from guanxi_retail.purchases.purchases import (
    Purchases,
    Sale,
    money_behind,
    purchases,
    require_new_receipt,
    require_new_refund,
    sale_of,
)


@attrs.define
class Exchanges:
    """Exchanges by their numbers.

    Args:
        done: the receipt that goods of were exchanged.
        told_at: when.
        settled_at: when the difference was paid or paid back.
    """

    done: dict[str, str] = attrs.field(factory=dict)
    told_at: dict[str, datetime] = attrs.field(factory=dict)
    settled_at: dict[str, datetime] = attrs.field(factory=dict)


exchanges = Facet(
    "retail.exchanges", Exchanges, reads=(purchases, *till.reads), title=Label("Exchanges", "换货")
)


@exchanges.evolve
def _exchanged(s: Exchanges, e: ExchangeRecorded, at: datetime) -> None:
    s.done[e.exchange], s.told_at[e.exchange] = e.replaces, at


@exchanges.evolve
def _settled(s: Exchanges, e: PurchaseRecorded | PurchaseRefunded, at: datetime) -> None:
    if e.exchange is not None:
        s.settled_at[e.exchange] = at


# Both or neither: what is voided or re-dated alone leaves the rest flagged.


@exchanges.holds("RET-54", "exchange_incomplete")
def _difference_has_its_exchange(s: Exchanges, e: PurchaseRecorded | PurchaseRefunded, now: Now) -> bool:
    return e.exchange is None or s.told_at.get(e.exchange) == now.at


@exchanges.due
def _has_to_be_settled(s: Exchanges, e: ExchangeRecorded, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.difference:
        # Behind the difference, which comes after the exchange.
        yield now.at + TICK, ActStands(act="exchange", number=e.exchange)


@exchanges.react("RET-57")
def _difference_is_missing(s: Exchanges, due: ActStands, now: Now) -> Iterator[Decision]:
    if due.act == "exchange" and s.settled_at.get(due.number) != now.at - TICK:
        yield PartMissing(act="exchange", number=due.number)


@exchanges.decide
def _exchange(s: Exchanges, c: RecordExchange, now: Now) -> Iterator[Fact | To]:
    sales = now.of(Purchases)
    _require_both(s, c)
    sale = sale_of(sales, c.replaces)
    require_new_refund(sales, c.refund, "RET-54")
    require_new_receipt(sales, c.receipt, "RET-54")
    _require_exchangeable(sale, c, now)
    _require_in_time(sale, now)
    _require_within(sale, c, now)
    returned = sum((back.net for back in c.returned), Decimal(0))
    difference = sum((line.net for line in c.goods), Decimal(0)) - returned
    yield ExchangeRecorded(
        exchange=c.exchange,
        refund=c.refund,
        receipt=c.receipt,
        replaces=c.replaces,
        returned=c.returned,
        goods=c.goods,
        difference=difference,
    )
    if difference > 0:
        yield _more(c, sale, difference, now)
    elif difference < 0:
        event = paid_back(_less(c, sale, -difference), sale, now)
        yield event
        yield from points_back(event, now)
        yield from given_back_to_merged(now.of(Vouchers), event)


def _more(c: RecordExchange, sale: Sale, difference: Decimal, now: Now) -> PurchaseRecorded:
    """Return the purchase of what the new goods cost more, paid in money."""
    money = now.rules(TenderRules).money_tenders
    if c.tenders and (
        any(t.kind not in money for t in c.tenders)
        or sum((t.amount for t in c.tenders), Decimal(0)) != difference
    ):
        raise Invalid(
            "tenders_do_not_add_up",
            f"{difference} are to be paid in money",
            zh=f"差额 {difference} 须以现金支付",
            rule="RET-54",
            accepts=f"{', '.join(money)} for {difference} in all",
        )
    parts = spread(difference, [line.net for line in c.goods])
    lines = tuple(
        attrs.evolve(
            line, quantity=0, list_price=None, discounts=(), cash_off=Decimal(0), net=part, paid=part
        )
        for line, part in zip(c.goods, parts, strict=True)
    )
    return PurchaseRecorded(
        receipt=c.receipt,
        paid=Money(difference, sale.currency),
        quantity=0,
        area=c.goods[0].area,
        outlet=c.outlet or sale.outlet,
        conditions=c.conditions,
        lines=lines,
        tenders=c.tenders,
        salesperson=c.salesperson,
        entered_at=now.known if now.known > now.at and vouchers_are_issued(now) else None,
        exchange=c.exchange,
        replaces=c.replaces,
    )


def _less(c: RecordExchange, sale: Sale, difference: Decimal) -> PurchaseRefunded:
    """Return the refund of what the new goods cost less, in the returned lines' proportion."""
    parts = spread(difference, [back.net for back in c.returned])
    lines = tuple(
        ReturnedLine(number=back.number, net=part, paid=money_behind(sale.lines[back.number], part))
        for back, part in zip(c.returned, parts, strict=True)
    )
    return PurchaseRefunded(
        refund=c.refund,
        receipt=c.replaces,
        paid=Money(sum((line.paid for line in lines), Decimal(0)), sale.currency),
        quantity=0,
        lines=lines,
        exchange=c.exchange,
    )


# What is asked of an exchange


def _require_both(s: Exchanges, c: RecordExchange) -> None:
    if not c.returned or not c.goods:
        missing, zh = (
            ("goods that go out", "换出商品") if c.returned else ("goods that come back", "换回商品")
        )
        raise Incomplete(
            "exchange_incomplete",
            f"an exchange is a return and a sale at once, and {missing} are not named",
            zh=f"换货须同时有退有售，缺少{zh}",
            rule="RET-54",
            accepts="returned=(ExchangedLine(...), ...) and goods=(ReceiptLine(...), ...)",
        )
    if c.exchange in s.done:
        raise Conflict(
            "source_conflict",
            f"exchange {c.exchange} is on record",
            zh=f"换货 {c.exchange} 已登记",
            rule="RET-54",
            accepts="another exchange number",
        )


def _require_exchangeable(sale: Sale, c: RecordExchange, now: Now) -> None:
    rules = now.rules(ExchangeRules)
    for back in c.returned:
        if back.number not in sale.lines:
            raise Unknown(
                "unknown_line",
                f"receipt {c.replaces} has no line {back.number}",
                zh=f"小票 {c.replaces} 没有第 {back.number} 行",
                rule="RET-IN-b",
                accepts="one of " + ", ".join(str(n) for n in sale.lines),
            )
        what = sale.lines[back.number].what
        now.require(
            rules.admits(what),
            "exchange_not_allowed",
            "RET-54",
            f"line {back.number} of receipt {c.replaces} is not of exchangeable goods",
            zh=f"小票 {c.replaces} 第 {back.number} 行商品不可换货",
            accepts=", ".join(rules.exchangeable),
        )


def _require_in_time(sale: Sale, now: Now) -> None:
    days = now.rules_at(ExchangeRules, sale.at).exchange_days
    passed = (now.at.date() - sale.at.date()).days
    now.require(
        days is None or passed <= days,
        "exchange_closed",
        "RET-54",
        f"{passed} days after the sale",
        zh=f"距购买已 {passed} 天",
        accepts=f"within {days} days of the sale",
    )


def _require_within(sale: Sale, c: RecordExchange, now: Now) -> None:
    for back in c.returned:
        line = sale.lines[back.number]
        left = line.net - line.refunded_net
        now.require(
            back.net <= left and back.quantity <= line.quantity - line.returned,
            "exceeds_original",
            "RET-IN-i",
            f"{left} and {line.quantity - line.returned} pieces of line {back.number} are left to exchange",
            zh=f"第 {back.number} 行可换 {left}、{line.quantity - line.returned} 件",
            accepts=f"at most {left} and {line.quantity - line.returned} pieces",
        )
