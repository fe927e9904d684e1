"""What campaigns owe for receipts: e-vouchers and the cash ladder, and what a refund takes back (RET-10, RET-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import attrs

from guanxi import Decision, Due, Facet, Label, Now
from guanxi_retail.promotions.events import (
    LateReceiptEarns,
    VoucherCancelled,
    VoucherIssued,
    voucher_of,
)
from guanxi_retail.promotions.rules import (
    CashLadderRules,
    EVoucherRules,
    VoucherRules,
    steps_of,
)
from guanxi_retail.promotions.vouchers import Voucher, Vouchers, vouchers
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.purchases.purchases import CENT, Purchases, Sale, SoldLine, purchases

E_VOUCHER, LADDER = "RET-10", "RET-11"


@attrs.define
class Issued:
    """Which steps stand, by rule and cause."""

    steps: dict[tuple[str, str], set[int]] = attrs.field(factory=dict)

    def of(self, rule: str, cause: str) -> set[int]:
        """Return the steps that stand for a rule and a receipt or day."""
        return self.steps.get((rule, cause), set())


issuing = Facet(
    "retail.issuing", Issued, reads=(purchases, vouchers), title=Label("Steps reached", "满额级数")
)


@issuing.evolve
def _issued(s: Issued, e: VoucherIssued) -> None:
    if e.rule in (E_VOUCHER, LADDER):
        s.steps.setdefault((e.rule, e.cause), set()).add(int(e.step))


@issuing.ended
def _no_longer(s: Issued, e: VoucherIssued) -> None:
    if e.rule in (E_VOUCHER, LADDER):
        s.of(e.rule, e.cause).discard(int(e.step))


@issuing.evolve
def _cancelled(s: Issued, e: VoucherCancelled) -> None:
    for (rule, cause), steps in s.steps.items():
        for step in list(steps):
            if voucher_of(rule, cause, step) == e.voucher:
                steps.discard(step)


# What is owed


@attrs.frozen
class Owed:
    """What a campaign owes for a receipt or a day.

    Args:
        rule: which rule.
        cause: the receipt, or the day.
        base: what was tested.
        steps: how many steps are reached.
    """

    rule: str
    cause: str
    base: Decimal
    steps: int


def owed(
    bought: Purchases,
    receipt: str,
    sale: Sale,
    e_voucher: EVoucherRules,
    ladder: CashLadderRules,
    at: datetime,
) -> Iterator[Owed]:
    """Yield what the campaigns of a purchase's day owe for it, and for the day, as it stands.

    Args:
        bought: the customer's purchases.
        receipt: whose campaigns are asked for.
        sale: that purchase.
        e_voucher: as in force when it was made.
        ladder: as in force when it was made.
        at: purchases entered later than this do not count yet.
    """
    day = sale.at.date()
    if e_voucher.runs_on(day):
        of_day = e_voucher.scope == "customer_day"
        sales = _of_day(bought, day, at) if of_day else [sale]
        base = sum((_tested(line, e_voucher) for one in sales for line in one.lines.values()), Decimal(0))
        cause = day.isoformat() if of_day else receipt
        yield Owed(E_VOUCHER, cause, base, steps_of(base, e_voucher.threshold, e_voucher.repeat))
    if ladder.runs_on(day):
        base = sum((one.paid - one.refunded for one in _of_day(bought, day, at)), Decimal(0))
        yield Owed(LADDER, day.isoformat(), base, steps_of(base, ladder.step, "every_full_step"))


def _of_day(bought: Purchases, day: date, at: datetime) -> list[Sale]:
    return [one for one in bought.sales.values() if one.at.date() == day and (one.entered_at or one.at) <= at]


def _tested(line: SoldLine, rules: EVoucherRules) -> Decimal:
    """Return what a line brings to the threshold, less what came back of it; nothing where it takes no part."""
    what = line.what
    if what is not None and what.counter in rules.excluded_counters and what.brand not in rules.named_brands:
        return Decimal(0)
    if rules.threshold_basis == "money_paid":
        return line.paid - line.refunded
    if rules.threshold_basis == "net" or what is None or not what.cash_off or not line.net:
        return line.net - line.refunded_net
    kept = (line.net - line.refunded_net) / line.net
    return ((line.net + what.cash_off) * kept).quantize(CENT, ROUND_HALF_UP)


# What follows


@issuing.react("RET-10")
def _receipt_earns_e_vouchers(s: Issued, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    if e.entered_at is None:
        yield from _earned(s, e.receipt, E_VOUCHER, now)


@issuing.react("RET-11")
def _receipt_climbs_the_ladder(s: Issued, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    if e.entered_at is None:
        yield from _earned(s, e.receipt, LADDER, now)


@issuing.react("RET-10")
def _late_receipt_earns_e_vouchers(s: Issued, due: LateReceiptEarns, now: Now) -> Iterator[Decision]:
    yield from _earned(s, due.receipt, E_VOUCHER, now)


@issuing.react("RET-11")
def _late_receipt_climbs_the_ladder(s: Issued, due: LateReceiptEarns, now: Now) -> Iterator[Decision]:
    yield from _earned(s, due.receipt, LADDER, now)


@issuing.due
def _entered_late(s: Issued, e: PurchaseRecorded, now: Now) -> Iterator[tuple[datetime, Due]]:
    if e.entered_at is not None:
        yield e.entered_at.astimezone(now.at.tzinfo), LateReceiptEarns(receipt=e.receipt)


def _earned(s: Issued, receipt: str, rule: str, now: Now) -> Iterator[Decision]:
    """Issue the steps that are reached and do not stand yet."""
    bought = now.of(Purchases)
    sale = bought.sales.get(receipt)
    if sale is None:
        return
    e_voucher, ladder = now.rules_at(EVoucherRules, sale.at), now.rules_at(CashLadderRules, sale.at)
    for one in owed(bought, receipt, sale, e_voucher, ladder, now.at):
        missing = [n for n in range(1, one.steps + 1) if n not in s.of(one.rule, one.cause)]
        if one.rule != rule or not missing:
            continue
        days = now.rules(VoucherRules).valid_days
        gifts = _gifts_left(now.of(Vouchers), one.cause, ladder) if rule == LADDER else 0
        for place, step in enumerate(missing):
            if rule == E_VOUCHER:
                yield _e_voucher(one, step, e_voucher, days)
            else:
                yield _of_ladder(one, step, ladder, days, int(place < gifts))


def _e_voucher(one: Owed, step: int, rules: EVoucherRules, days: int) -> VoucherIssued:
    return VoucherIssued(
        rule=one.rule,
        cause=one.cause,
        step=str(step),
        kind="e_voucher",
        face=rules.face,
        valid_days=days,
        base=one.base,
        threshold=rules.threshold * step,
        campaign=rules.campaign,
        min_spend=rules.min_spend,
        areas=rules.areas,
        brands=rules.brands,
    )


def _of_ladder(one: Owed, step: int, rules: CashLadderRules, days: int, gifts: int) -> VoucherIssued:
    return VoucherIssued(
        rule=one.rule,
        cause=one.cause,
        step=str(step),
        kind="cash_ladder",
        face=rules.face,
        valid_days=days,
        base=one.base,
        threshold=rules.step * step,
        campaign=rules.campaign,
        gifts=gifts,
        min_spend=rules.min_spend,
        areas=rules.areas,
        brands=rules.brands,
    )


def _gifts_left(held: Vouchers, day: str, rules: CashLadderRules) -> int:
    """Return how many gift sets the cap still leaves, on the day or in the whole campaign."""
    if rules.cap_scope == "customer_day":
        causes = [day]
    else:
        causes = [v.issued.cause for v in held.held.values() if v.issued.rule == LADDER]
        causes = [c for c in causes if rules.runs_on(date.fromisoformat(c))]
    given = sum(
        v.issued.gifts
        for v in held.held.values()
        if v.issued.rule == LADDER and v.issued.cause in causes and v.unfounded is None
    )
    return max(rules.gift_cap - given, 0)


# What a refund takes back


def surplus(
    s: Issued,
    bought: Purchases,
    held: Vouchers,
    receipt: str,
    e_voucher: EVoucherRules,
    ladder: CashLadderRules,
    at: datetime,
) -> list[Voucher]:
    """Return the vouchers that purchases no longer give ground for, the highest step first.

    Args:
        s: the steps that stand.
        bought: the customer's purchases, with what came back of them.
        held: the customer's vouchers.
        receipt: the receipt that goods came back of.
        e_voucher: as in force when it was made.
        ladder: as in force when it was made.
        at: the moment.
    """
    sale = bought.sales.get(receipt)
    if sale is None:
        return []
    return [
        held.held[voucher]
        for one in owed(bought, receipt, sale, e_voucher, ladder, at)
        for step in sorted(s.of(one.rule, one.cause), reverse=True)
        if step > one.steps and (voucher := voucher_of(one.rule, one.cause, step)) in held.held
    ]


@issuing.react("RET-11")
def _refund_takes_ground(s: Issued, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    bought = now.of(Purchases)
    sale = bought.sales.get(e.receipt)
    if sale is None or not s.steps:
        return
    rules = now.rules_at(EVoucherRules, sale.at), now.rules_at(CashLadderRules, sale.at)
    kept = e.deducted
    for voucher in surplus(s, bought, now.of(Vouchers), e.receipt, *rules, now.at):
        if not voucher.used:
            yield VoucherCancelled(
                cause=e.refund,
                voucher=voucher.key,
                value=voucher.value,
                way="cancelled",
                gifts=voucher.issued.gifts,
            )
            continue
        part = min(voucher.used, kept)
        kept -= part
        yield VoucherCancelled(
            cause=e.refund,
            voucher=voucher.key,
            value=voucher.used,
            way="deducted" if part == voucher.used else "paid_out",
            deducted=part,
            gifts=voucher.issued.gifts,
        )
