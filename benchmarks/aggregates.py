"""Aggregates of the ``eventsourcing`` library that keep the same of a customer as the ledger's plugins do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Member(Aggregate):
    """Keeps the same things of a customer as the retail plugin does: sales, and lots of points."""

    def __init__(self) -> None:
        self.sales: dict[str, tuple[dt.datetime, Decimal, int]] = {}
        self.lots: dict[str, list[Any]] = {}
        self.spent = Decimal(0)

    @event("Purchased")
    def purchase(
        self,
        receipt: str,
        paid: Decimal,
        currency: str,
        quantity: int,
        area: str,
        outlet: str,
        at: dt.datetime,
    ) -> None:
        self.sales[receipt] = (at, paid, quantity)
        self.spent += paid

    @event("Earned")
    def earn(
        self, lot: str, base: Decimal, rate: Decimal, points: int, available_from: str, last_day: str
    ) -> None:
        self.lots[lot] = [available_from, last_day, rate, points, 0, 0]

    @event("Activated")
    def activate(self, lot: str, points: int) -> None:
        self.lots[lot][3] -= points
        self.lots[lot][4] += points

    @event("Expired")
    def expire(self, lot: str, last_day: str, points: int) -> None:
        self.lots[lot][4] -= points
        self.lots[lot][5] += points


class Counter(Aggregate):
    """Counts, as the counting plugin does."""

    def __init__(self) -> None:
        self.entries = 0
        self.total = 0

    @event("Counted")
    def count(self, document: str, amount: int) -> None:
        self.entries += 1
        self.total += amount


class Members(Application[UUID]):
    """An application over one database."""

    name = "members"


def receipt_of(n: int, k: int) -> tuple[str, int]:
    """Return number and points of the purchase that the kth event of the nth member belongs to."""
    number = n * 1000 + k // 4
    return f"R{number:06d}", 80 + number * 37 % 900


def act(member: Member, n: int, events: int, first: int = 0) -> None:
    """Trigger that many events, or those from a number on, in the proportion in which a purchase brings them."""
    for k in range(first, events):
        receipt, points = receipt_of(n, k)
        if k % 4 == 0:
            at = dt.datetime(2021, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=8 * (k // 4))
            member.purchase(receipt, Decimal(points), "CNY", 1, "cosmetics", "S-01", at)
        elif k % 4 == 1:
            member.earn(receipt, Decimal(points), Decimal(1), points, "2021-01-02", "2022-01-01")
        elif k % 4 == 2:
            member.activate(receipt, points)
        else:
            member.expire(receipt, "2022-01-01", points)


def begun(kind: str) -> Member | Counter:
    """Return a new ``member`` or ``counter``: its first event."""
    return Member() if kind == "member" else Counter()


def grow(of: Member | Counter, first: int, last: int) -> None:
    """Trigger the events from one number up to another."""
    if isinstance(of, Member):
        act(of, 0, last, first)
        return
    for n in range(first, last):
        of.count(f"R{n:06d}", n % 90)
