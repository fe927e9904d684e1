"""Replenishment and pay-day: when the customer's stock runs out, and when he can pay (CORE-47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import attrs

from guanxi.kernel.cadences import DueItem
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months, midnight
from guanxi.relationship.care.customers import CARED_FOR, Customer, Value, customers
from guanxi.relationship.care.read_models import DELIVERY, PROFILE, RECEIPT, supplies
from guanxi.relationship.care.rules import ReplenishmentRules

SUPPLY = (*CARED_FOR, supplies)
"""The read models that replenishment is computed from."""

_DAY = timedelta(days=1)
_LONGEST = 31
_MOST_DAYS = 36_500


@attrs.frozen
class Supply:
    """What the customer's supply comes to.

    Args:
        base: day of the latest statement of stock.
        stock: what was there then.
        runs_out: day on which it runs out, or None where something is not stated.
        missing: fields that are not stated.
    """

    base: date | None
    stock: Fraction | None
    runs_out: date | None
    missing: tuple[str, ...]


def number_of(value: Value) -> Fraction | None:
    """Return the number that a profile field tells, or None."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() else None


def run_out(base: date, stock: Fraction, uses: list[tuple[date, Fraction]], days_a_month: int) -> date | None:
    """Return the day on which a stock runs out; a change of use is reckoned from its own date.

    Args:
        base: day on which the stock was there.
        stock: how much.
        uses: monthly use from a day on, in order of time; the first also counts before its day.
        days_a_month: how many days a month's use lasts.
    """
    if not uses:
        return None
    day, left = base, stock
    steps = [pair for pair in uses if pair[0] <= base][-1:] or uses[:1]
    steps += [pair for pair in uses if pair[0] > base and pair not in steps]
    for n, (_, use) in enumerate(steps):
        daily = use / days_a_month
        until = steps[n + 1][0] if n + 1 < len(steps) else None
        if daily > 0:
            ends = day + timedelta(days=int(min(left / daily, Fraction(_MOST_DAYS))))
            if until is None or ends < until:
                return ends
        if until is not None:
            left -= daily * (until - day).days
            day = until
    return None


def first_pay_day(pay_day: int, delivered: date) -> date:
    """Return the first pay day on or after a delivery; day 31 is the last of a month."""
    for months in (0, 1):
        first = add_months(delivered.replace(day=1), months)
        day = min(first + timedelta(days=pay_day - 1), add_months(first, 1) - _DAY)
        if day >= delivered:
            return day
    raise AssertionError("the next month's pay day lies ahead")


def supply_of(one: Customer, asked: Asked, base_at: datetime | None = None) -> Supply:
    """Return what a customer's supply comes to at the cut.

    Args:
        one: the customer.
        asked: the cut.
        base_at: the statement of stock to reckon from; the latest if not given.
    """
    rules = asked.rules(ReplenishmentRules)
    stocks = [
        (at, n)
        for at, value in one.changes(PROFILE, rules.stock_field)
        if (n := number_of(value)) is not None
    ]
    uses = [
        (at.date(), n)
        for at, value in one.changes(PROFILE, rules.use_field)
        if (n := number_of(value)) is not None
    ]
    if base_at is not None:
        stocks = [pair for pair in stocks if pair[0] <= base_at]
    missing = ((rules.stock_field,) if not stocks else ()) + ((rules.use_field,) if not uses else ())
    if not stocks:
        return Supply(None, None, None, missing)
    at, stock = stocks[-1]
    return Supply(at.date(), stock, run_out(at.date(), stock, uses, rules.days_a_month), missing)


def _moments(reader: Reader, asked: Asked) -> dict[tuple[str, str], list[datetime]]:
    found: dict[tuple[str, str], list[datetime]] = {}
    for stream, row in reader.rows(supplies):
        found.setdefault((stream, row.what), []).append(asked.local(row.at))
    for told in found.values():
        told.sort()
    return found


def deliveries(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield the delivery that falls due when a customer's stock runs out, and gaps where a field is not stated."""
    rules, zone = asked.rules(ReplenishmentRules), asked.as_of.tzinfo
    moments = _moments(reader, asked)
    for one in customers(reader, asked):
        delivered = moments.get((one.stream, DELIVERY), [])
        stocks = one.changes(PROFILE, rules.stock_field)
        uses = one.changes(PROFILE, rules.use_field)
        if not stocks and not uses:
            continue
        for n, (at, _) in enumerate(stocks):
            replaced = stocks[n + 1][0] if n + 1 < len(stocks) else None
            supply = supply_of(one, asked, at)
            done = next((d for d in delivered if d.date() > at.date()), None)
            if replaced is not None and (done is None or done.date() > replaced.date()):
                continue
            if supply.runs_out is not None and (replaced is not None or one.is_open(asked.as_of)):
                yield (
                    one.stream,
                    DueItem(
                        key=f"delivery/{at.date().isoformat()}",
                        since=at,
                        until=midnight(supply.runs_out + _DAY, zone),
                        done_at=done,
                    ),
                )
        yield from _gaps(one, asked, delivered)


def _gaps(one: Customer, asked: Asked, delivered: list[datetime]) -> Iterator[tuple[str, DueItem]]:
    """Yield what is missing to reckon the next delivery, as gaps without a term."""
    if not one.is_open(asked.as_of):
        return
    rules, supply = asked.rules(ReplenishmentRules), supply_of(one, asked)
    told = [at for name in (rules.stock_field, rules.use_field) for at, _ in one.changes(PROFILE, name)]
    for name in supply.missing:
        yield one.stream, DueItem(key=f"gap/{name}", since=min(told), until=None, about=name)
    after = [d for d in delivered if supply.base is not None and d.date() > supply.base]
    if after:
        key = f"gap/{rules.stock_field}/{after[0].date().isoformat()}"
        yield one.stream, DueItem(key=key, since=after[0], until=None, about=rules.stock_field)


def collections(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield the collection that is due on the first pay day on or after each delivery, and gaps where none is stated."""
    rules, zone = asked.rules(ReplenishmentRules), asked.as_of.tzinfo
    moments = _moments(reader, asked)
    for one in customers(reader, asked):
        if not one.changes(PROFILE, rules.stock_field) and not one.changes(PROFILE, rules.use_field):
            continue
        received = moments.get((one.stream, RECEIPT), [])
        delivered = moments.get((one.stream, DELIVERY), [])
        for at in sorted({d.date(): d for d in reversed(delivered)}.values()):
            pay_day = number_of(one.profile(rules.pay_day_field, asked.as_of))
            if pay_day is None or not 1 <= pay_day <= _LONGEST:
                key = f"gap/{rules.pay_day_field}/{at.date().isoformat()}"
                yield one.stream, DueItem(key=key, since=at, until=None, about=rules.pay_day_field)
                continue
            due = first_pay_day(int(pay_day), at.date())
            yield (
                one.stream,
                DueItem(
                    key=f"collection/{at.date().isoformat()}",
                    since=midnight(at.date(), zone),
                    until=midnight(due + _DAY, zone),
                    done_at=next((r for r in received if r.date() >= at.date()), None),
                ),
            )
