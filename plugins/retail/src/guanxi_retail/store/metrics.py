"""What a store's figures come to, exactly: average ticket, rates, footfall, streaks, a campaign's result (RET-34, RET-35, RET-38)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import attrs

from guanxi_retail.store.read_models import SALE, StoreLineRow

Standing = Literal["below", "on_target", "above_target"]
Line = tuple[str, StoreLineRow]
"""A line of a receipt, or what came back of it, with the id of the record that it is in."""
NOTHING, WHOLE = Decimal(0), 100


@attrs.define
class Takings:
    """What was sold and what came back in a period.

    Args:
        sales: what receipts came to.
        refunds: what came back, of whichever period's receipts.
        receipts: how many receipts there were; none that came back whole.
    """

    sales: Decimal = NOTHING
    refunds: Decimal = NOTHING
    receipts: int = 0

    @property
    def net(self) -> Decimal:
        """Sales less refunds."""
        return self.sales - self.refunds

    @property
    def average_ticket(self) -> Fraction | None:
        """Net sales per receipt 客单价; None without receipts."""
        return ratio(self.net, self.receipts)


def ratio(part: Decimal | int, whole: Decimal | int) -> Fraction | None:
    """Return a part of a whole; None where there is no whole (RET-34)."""
    return Fraction(part) / Fraction(whole) if whole else None


def takings(lines: Iterable[Line], first: date, last: date) -> Takings:
    """Return what lines of one store, or of one floor of it, come to in a period.

    A receipt counts once, however many of the lines are its; one of which all these lines came back within the
    period does not count, nor does the difference of an exchange.

    Args:
        lines: sales and refunds; those that a member's file has instead are passed over.
        first: first day of the period.
        last: last day of the period.
    """
    found = Takings()
    sold: dict[tuple[str, str], Decimal] = {}
    back: dict[tuple[str, str], Decimal] = {}
    for stream, row in lines:
        if row.claimed or row.day is None or not first <= row.day <= last:
            continue
        receipt = stream, row.receipt
        if row.refund == SALE:
            found.sales += row.net
            if not row.occasion:
                continue
            sold[receipt] = sold.get(receipt, NOTHING) + row.net
        else:
            found.refunds += row.net
            back[receipt] = back.get(receipt, NOTHING) + row.net
    found.receipts = sum(1 for receipt, net in sold.items() if receipt not in back or back[receipt] < net)
    return found


def uplift(now: Fraction | None, base: Fraction | None) -> Fraction | None:
    """Return the rise on a base; None where either is not there, or the base is 0."""
    return None if now is None or not base else now / base - 1


def standing(rise: Fraction | None, at_least: Decimal, at_most: Decimal) -> Standing | None:
    """Return how a rise stands to its target; None where there is none (RET-34).

    Args:
        rise: as a share.
        at_least: the target's lower end, in per cent.
        at_most: its upper end, in per cent.
    """
    if rise is None:
        return None
    if rise * WHOLE < Fraction(at_least):
        return "below"
    return "on_target" if rise * WHOLE <= Fraction(at_most) else "above_target"


def per_minute(persons: int, seconds: int) -> Fraction | None:
    """Return persons per minute; None for no time (RET-34).

    Args:
        persons: how many were counted.
        seconds: in how many seconds.
    """
    return ratio(persons * 60, seconds)


# Streaks


@attrs.frozen
class Streak:
    """Consecutive closed months that did well.

    Args:
        current: how many, up to the last closed one.
        longest: how many at most.
    """

    current: int
    longest: int


def streak(months: Sequence[bool | None]) -> Streak:
    """Return the current and the longest streak of closed months, oldest first (RET-35).

    Args:
        months: whether each did well; None, which ends a streak too, where there is nothing to compare with.
    """
    run = longest = 0
    for good in months:
        run = run + 1 if good else 0
        longest = max(longest, run)
    return Streak(run, longest)


def rises(net: Decimal, last_year: Decimal | None) -> bool | None:
    """Return whether a month is above the same month last year; None where there is none to compare with."""
    return None if last_year is None else net > last_year


def meets(net: Decimal, target: Decimal | None) -> bool | None:
    """Return whether a month meets its target; None where it has none."""
    return None if target is None else net >= target


# Campaigns


@attrs.frozen
class CampaignResult:
    """What a campaign came to (RET-38).

    Args:
        sales: in its days, at line net, before vouchers.
        baseline: what was sold in the preceding period of equal length.
        margin: of sales, in per cent.
        cost: what it cost.
    """

    sales: Decimal
    baseline: Decimal
    margin: Decimal
    cost: Decimal

    @property
    def gain(self) -> Fraction:
        """The margin of what was sold above the baseline."""
        return Fraction(self.sales - self.baseline) * Fraction(self.margin) / WHOLE

    @property
    def result(self) -> Fraction:
        """The gain less the cost."""
        return self.gain - Fraction(self.cost)

    @property
    def roi(self) -> Fraction | None:
        """The result by the cost; None without cost."""
        return self.result / Fraction(self.cost) if self.cost else None
