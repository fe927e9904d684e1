"""A member's points reckoned the slow way, told in order: one record per point. Imports nothing of the library."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from fractions import Fraction
from math import floor


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


class Point:
    """One point: of which lot, where it is now, and who has it."""

    def __init__(self, lot: int, usable: date, last: date | None) -> None:
        self.lot, self.usable, self.last = lot, usable, last
        self.state, self.by = "pending", ""

    def move(self, state: str, by: str = "") -> None:
        self.state, self.by = state, by


class Naive:
    """Points of one member; every call is on the same day or later than the one before."""

    def __init__(self, policy: str, pending_days: int, months: int | None) -> None:
        self.policy, self.pending_days, self.months = policy, pending_days, months
        self.points: list[Point] = []
        self.lots: dict[str, int] = {}
        self.paid: dict[int, Fraction] = {}
        self.back: dict[int, Fraction] = {}
        self.settled: dict[int, int] = {}
        self.absorbed: dict[int, int] = {}
        self.undone: set[str] = set()
        self.uncovered: dict[str, int] = {}
        self.debt = self.unrecovered = 0
        self.today = date(2012, 1, 1)

    def count(self, state: str) -> int:
        return sum(p.state == state for p in self.points)

    def pass_to(self, day: date) -> None:
        while self.today < day:
            self.today += timedelta(days=1)
            self.mature()
            self.lapse()

    def mature(self) -> None:
        for p in self.points:
            if p.state == "pending" and p.usable <= self.today:
                self.credit(p)

    def credit(self, p: Point) -> None:
        if self.debt:
            self.debt -= 1
            p.move("debt")
        else:
            p.move("active")

    def lapse(self) -> None:
        for p in self.points:
            if p.state == "active" and p.last is not None and p.last < self.today:
                p.move("expired")

    def in_burn_order(self) -> list[Point]:
        return sorted(
            (p for p in self.points if p.state == "active"), key=lambda p: (p.last or date.max, p.lot)
        )

    def new_lot(self, name: str, count: int, usable: date) -> int:
        last = None if self.months is None else months_on(self.today, self.months)
        lot = self.lots[name] = len(self.lots)
        self.points += [Point(lot, usable, last) for _ in range(count)]
        return lot

    def buy(self, lines: dict[str, int]) -> None:
        """Buy lines, each of so many cents."""
        for name, cents in lines.items():
            lot = self.new_lot(name, cents // 100, self.today + timedelta(days=self.pending_days))
            self.paid[lot], self.back[lot] = Fraction(cents, 100), Fraction(0)
        self.mature()
        self.lapse()

    def adjust(self, name: str, n: int) -> None:
        """Add points that settle debt and are usable at once, or take some away."""
        if n > 0:
            self.new_lot(name, n, self.today)
            self.mature()
        for p in self.in_burn_order()[: max(-n, 0)]:
            p.move("taken away")

    def can_redeem(self, n: int) -> bool:
        return self.debt == 0 and n <= self.count("active")

    def redeem(self, number: str, n: int) -> None:
        taken = self.in_burn_order()[:n]
        for p in taken:
            p.move("burned", number)
        self.uncovered[number] = n - len(taken)
        self.debt += n - len(taken)

    def undo(self, number: str) -> None:
        """Give a redemption back: what it left uncovered first, then its points, which settle debt before they are usable."""
        self.undone.add(number)
        forgiven = min(self.debt, self.uncovered[number])
        self.debt -= forgiven
        settled_since = self.uncovered[number] - forgiven
        lots = list(dict.fromkeys(p.lot for p in self.points))
        for lot in reversed(lots):
            for p in [p for p in self.points if p.lot == lot and p.state == "debt"][:settled_since]:
                p.move("active")
                settled_since -= 1
        mine = [p for p in self.points if p.state == "burned" and p.by == number]
        for p in sorted(mine, key=lambda p: (p.last or date.max, p.lot)):
            self.credit(p)
        self.lapse()

    def refund(self, parts: dict[str, int]) -> None:
        """Give lines back, so many cents of each, one after the other."""
        for name, cents in parts.items():
            self.refund_line(self.lots[name], cents)

    def refund_line(self, receipt: int, cents: int) -> None:
        paid = self.paid[receipt]
        self.back[receipt] += Fraction(cents, 100)
        due = floor(paid) - floor(paid - self.back[receipt]) - self.settled.get(receipt, 0)
        self.settled[receipt] = self.settled.get(receipt, 0) + due
        own = [p for p in self.points if p.lot == receipt]
        due -= self.claw([p for p in own if p.state == "pending"], due)
        if self.policy != "only_pending":
            due -= self.claw([p for p in own if p.state == "active"], due)
        lapsed = sum(p.state == "expired" for p in own) - self.absorbed.get(receipt, 0)
        self.absorbed[receipt] = self.absorbed.get(receipt, 0) + min(due, lapsed)
        due -= min(due, lapsed)
        if self.policy != "only_pending":
            due -= self.claw(self.in_burn_order(), due)
        if self.policy == "unlimited":
            self.debt += due
        else:
            self.unrecovered += due

    def claw(self, points: list[Point], n: int) -> int:
        taken = points[:n]
        for p in taken:
            p.move("clawed back")
        return len(taken)
