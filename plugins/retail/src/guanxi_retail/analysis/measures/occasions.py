"""What every analysis starts from: a customer's occasions (购买日) and their exact summary.

An occasion is a distinct customer-day with a purchase. Money stays Decimal, weeks and means stay Fraction;
binary floats appear only where a statistical model asks for them.
"""

from __future__ import annotations

import decimal
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from operator import le, sub

import attrs

DAYS_PER_WEEK = 7

# Sums must not depend on the caller's decimal context, nor round silently.
_EXACT = decimal.Context(prec=60, traps=[decimal.Inexact, decimal.InvalidOperation])


@attrs.frozen
class Occasion:
    """One customer-day with a purchase.

    Args:
        day: the store's calendar day.
        value: summed net value of the day's lines in the currency's main unit; zero is a purchase too.
    """

    day: date
    value: Decimal


def _strictly_ascending(
    instance: CustomerOccasions, attribute: attrs.Attribute[tuple[date, ...]], value: tuple[date, ...]
) -> None:
    if not value:
        raise ValueError(f"customer {instance.customer!r} has no occasion; leave such customers out")
    if any(map(le, value[1:], value)):
        raise ValueError(f"occasions of customer {instance.customer!r} must be distinct days, oldest first")


def _one_for_each_day(
    instance: CustomerOccasions, attribute: attrs.Attribute[tuple[Decimal, ...]], value: tuple[Decimal, ...]
) -> None:
    if len(value) != len(instance.days):
        raise ValueError(
            f"customer {instance.customer!r} has {len(instance.days)} occasions and {len(value)} values"
        )


@attrs.frozen
class CustomerOccasions:
    """All occasions of one customer up to some cut; at least one, oldest first.

    Days and values stand in columns: a report goes through millions of them.

    Args:
        customer: customer id; ties between customers are broken by its ascending order.
        days: distinct days, oldest first.
        values: net value of each day, in the currency's main unit.

    Raises:
        ValueError: there is no occasion, days repeat or are out of order, or a value is missing.
    """

    customer: str
    days: tuple[date, ...] = attrs.field(validator=_strictly_ascending)
    values: tuple[Decimal, ...] = attrs.field(validator=_one_for_each_day)

    @property
    def occasions(self) -> tuple[Occasion, ...]:
        """The occasions one by one."""
        return tuple(map(Occasion, self.days, self.values))

    @property
    def first(self) -> date:
        """Day of the first occasion."""
        return self.days[0]

    @property
    def last(self) -> date:
        """Day of the last occasion."""
        return self.days[-1]

    @property
    def count(self) -> int:
        """Number of occasions, F of RFM."""
        return len(self.days)

    @property
    def value(self) -> Decimal:
        """Exact net value of all occasions, M of RFM."""
        return exact_sum(self.values)

    @property
    def intervals(self) -> tuple[int, ...]:
        """Days between neighbouring occasions, oldest first; empty after a single occasion."""
        numbers = [*map(date.toordinal, self.days)]
        return tuple(map(sub, numbers[1:], numbers))

    def value_between(self, first: date, last: date) -> Decimal:
        """Exact net value of the occasions from `first` to `last`, both days included."""
        return exact_sum(self.values[bisect_left(self.days, first) : bisect_right(self.days, last)])

    def next_after(self, day: date) -> Occasion | None:
        """The first occasion after `day`, or None; after a lapse this is the win-back (RET-48)."""
        place = bisect_right(self.days, day)
        return Occasion(self.days[place], self.values[place]) if place < len(self.days) else None


@attrs.frozen
class PurchaseSummary:
    """What the purchase and value models know of one customer at a cut (RET-46, RET-47).

    Args:
        customer: customer id.
        first: day of the first occasion.
        cut: last day observed, included.
        x: repeat occasions, that is occasions − 1.
        t_x: weeks from the first to the last occasion, days / 7 exactly; 0 if x = 0.
        T: weeks from the first occasion to the cut, days / 7 exactly.
        zbar: exact mean value of the repeat occasions, the first one excluded; None if x = 0.

    Raises:
        ValueError: the numbers contradict each other.
    """

    customer: str
    first: date
    cut: date
    x: int = attrs.field(validator=attrs.validators.ge(0))
    t_x: Fraction
    T: Fraction
    zbar: Fraction | None

    def __attrs_post_init__(self) -> None:
        if self.t_x.numerator < 0:
            raise ValueError(f"customer {self.customer!r}: t_x is {self.t_x}; weeks count from 0")
        if self.t_x > self.T:
            raise ValueError(f"customer {self.customer!r}: last occasion after the cut")
        if self.x == 0 and self.t_x != 0:
            raise ValueError(f"customer {self.customer!r}: without repeat occasions t_x is 0")
        if (self.zbar is None) != (self.x == 0):
            raise ValueError(f"customer {self.customer!r}: zbar is given exactly where x > 0")


def occasions_until(
    lines: Iterable[tuple[str, date, Decimal]], cut: date | None = None
) -> dict[str, CustomerOccasions]:
    """Gather purchase lines into occasions per customer.

    Lines of one customer-day are one occasion with summed value. A refund reduces the occasion of its
    purchase, so its line carries the purchase's day.

    Args:
        lines: (customer id, store day, net amount); equal lines are distinct purchases.
        cut: last day counted, included; None counts all.

    Returns:
        Occasions by customer id, in ascending order of id.

    Raises:
        ValueError: a customer-day has negative lines only, hence no purchase to reduce.
        decimal.Inexact: amounts too far apart in magnitude to be summed exactly.

    Source: RET-44 to RET-48, preamble; RET-59k.
    """
    days: dict[str, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for customer, day, amount in lines:
        if cut is None or day <= cut:
            days[customer][day].append(amount)
    found: dict[str, CustomerOccasions] = {}
    for customer in sorted(days):
        by_day = sorted(days[customer].items())
        values = tuple(_value(customer, day, amounts) for day, amounts in by_day)
        found[customer] = CustomerOccasions(customer, tuple(day for day, _ in by_day), values)
    return found


def summarise(history: CustomerOccasions, cut: date) -> PurchaseSummary:
    """Summarise one customer for the models.

    Args:
        history: occasions, none of them after the cut.
        cut: last day observed, included.

    Returns:
        x, t_x and T in exact weeks, and zbar as an exact fraction.

    Raises:
        ValueError: an occasion lies after the cut.

    Source: RET-46, RET-47.
    """
    repeats = history.values[1:]
    return PurchaseSummary(
        customer=history.customer,
        first=history.first,
        cut=cut,
        x=len(repeats),
        t_x=weeks_between(history.first, history.last),
        T=weeks_between(history.first, cut),
        zbar=_mean(repeats) if repeats else None,
    )


def summarise_all(histories: Iterable[CustomerOccasions], cut: date) -> tuple[PurchaseSummary, ...]:
    """Summarise many customers at one cut; see `summarise`."""
    return tuple(summarise(history, cut) for history in histories)


def _mean(values: Sequence[Decimal]) -> Fraction:
    part, whole = exact_sum(values).as_integer_ratio()
    return Fraction(part, whole * len(values))


def weeks_between(start: date, end: date) -> Fraction:
    """Exact weeks from one day to another, days / 7, never rounded (RET-46)."""
    return _weeks((end - start).days)


@cache
def _weeks(days: int) -> Fraction:
    return Fraction(days, DAYS_PER_WEEK)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Sum of decimals without rounding, whatever decimal context the caller has set.

    Raises:
        decimal.Inexact: the sum needs more than 60 digits.
    """
    with decimal.localcontext(_EXACT):
        return sum(amounts, Decimal(0))


def _value(customer: str, day: date, amounts: list[Decimal]) -> Decimal:
    if all(amount < 0 for amount in amounts):
        raise ValueError(
            f"customer {customer!r} has only negative lines on {day}: a refund belongs to its purchase's day"
        )
    return exact_sum(amounts)
