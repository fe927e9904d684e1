"""A member's lots: what each holds, which burns first, and what is owed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi_retail.points.events import LotPart

_NEVER = date.max
_NOTHING: Mapping[str, int] = {}
_Place = tuple[date, datetime, int, str]


@attrs.define
class Lot:
    """Points of one receipt line or credit.

    Args:
        key: the receipt's number and line, or the adjustment's number behind the word ``adjustment``.
        number: how many lots the member had before.
        earned_at: when it was earned.
        available_from: its first usable day.
        last_day: its last usable day; None if it never lapses.
        rate: points per unit of money, multiplier included, as the line earned them in all.
        earned: points that it began with.
        granted: points that its line earned so far, further lots included.
        further: keys of the lots that later knowledge added to it, in order.
        pending: points that wait for the first usable day.
        active: usable points.
        expired: points that lapsed.
        absorbed: lapsed points of it and its further lots that a claw-back has counted already.
        settled: points that claw-backs of its line have settled.
        to_debt: points of it that went into a debt.
        leavable: usable points that claw-backs took which may not go below zero.
    """

    key: str
    number: int
    earned_at: datetime
    available_from: date
    last_day: date | None
    rate: Decimal = Decimal(0)
    earned: int = 0
    granted: int = 0
    further: list[str] = attrs.field(factory=list)
    pending: int = 0
    active: int = 0
    expired: int = 0
    absorbed: int = 0
    settled: int = 0
    to_debt: int = 0
    leavable: int = 0

    def past(self, at: datetime) -> bool:
        """Return whether its last usable day is over at a moment."""
        return self.last_day is not None and self.last_day < at.date()

    @property
    def place(self) -> _Place:
        """Its place in burn order: soonest last day, oldest, order of entry (RET-17)."""
        return (self.last_day or _NEVER, self.earned_at, self.number, self.key)


@attrs.define
class Burn:
    """Points paid or taken away.

    Args:
        asked: how many.
        named: how many of them were on lots when it was told.
        lots: which lots gave them.
        uncovered: how many no lot gave, so that they became debt.
        undone: whether it was taken back.
        receipt: the receipt that they paid part of, if any.
    """

    asked: int
    named: int
    lots: dict[str, int]
    uncovered: int = 0
    undone: bool = False
    receipt: str | None = None


@attrs.define
class Lots:
    """Lots with what they hold in all; those with usable points also stand in burn order."""

    lots: dict[str, Lot] = attrs.field(factory=dict)
    active: int = 0
    """Usable points, before debt."""
    pending: int = 0
    """Points that are earned but not usable yet."""
    expired: int = 0
    """Points that lapsed unused."""
    debt: int = 0
    _order: list[_Place] = attrs.field(factory=list)

    @property
    def balance(self) -> int:
        """Usable points less debt (RET-22)."""
        return self.active - self.debt

    def family(self, key: str) -> list[Lot]:
        """Return a lot and those that later knowledge added to it; none where it is not on record."""
        first = self.lots.get(key)
        return [] if first is None else [first, *(self.lots[k] for k in first.further)]

    def fresh(self, key: str) -> str:
        """Return a key that no lot has: the given one, or where a number stands twice, that with its count."""
        n, free = 1, key
        while free in self.lots:
            n += 1
            free = f"{key} ({n})"
        return free

    def add(
        self, key: str, at: datetime, available_from: date, last_day: date | None, rate: Decimal = Decimal(0)
    ) -> Lot:
        """Put an empty lot on record and return it.

        Args:
            key: its name.
            at: when it was earned.
            available_from: its first usable day.
            last_day: its last usable day, if any.
            rate: points per unit of money.
        """
        lot = self.lots[key] = Lot(key, len(self.lots), at, available_from, last_day, rate)
        return lot

    def wait(self, lot: Lot, points: int) -> None:
        """Put pending points on a lot, or take them off where negative."""
        lot.pending += points
        self.pending += points

    def put(self, lot: Lot, points: int) -> None:
        """Put usable points on a lot, or take them off where negative."""
        stood = lot.active > 0
        lot.active += points
        self.active += points
        if stood != (lot.active > 0):
            (self._leave if stood else self._stand)(lot)

    def lapse(self, lot: Lot, points: int) -> None:
        """Have usable points of a lot lapse."""
        self.put(lot, -points)
        lot.expired += points
        self.expired += points

    def lengthen(self, lot: Lot, last_day: date) -> None:
        """Give a lot a later last usable day."""
        if lot.active > 0:
            self._leave(lot)
        lot.last_day = last_day
        if lot.active > 0:
            self._stand(lot)

    def burn(self, points: int, less: Mapping[str, int] = _NOTHING) -> tuple[LotPart, ...]:
        """Return which lots give how many points, in burn order (RET-17).

        Args:
            points: how many are wanted.
            less: what is spoken for already, by lot.
        """
        taken: list[LotPart] = []
        for *_, key in self._order:
            if points <= 0:
                break
            if (usable := self.lots[key].active - less.get(key, 0)) > 0:
                part = min(points, usable)
                taken.append((key, part))
                points -= part
        return tuple(taken)

    def take(self, named: Iterable[LotPart], asked: int) -> Burn:
        """Take from lots what a burn names, even more than they hold: what they lack is booked elsewhere (RET-57)."""
        lots = dict(named)
        for key, n in lots.items():
            if key in self.lots:
                self.put(self.lots[key], -n)
        return Burn(asked, sum(lots.values()), lots)

    def lacking(self, burn: Burn) -> dict[str, int]:
        """Return what lots that a burn has just taken from do not hold."""
        held = {k: self.lots[k].active if k in self.lots else -n for k, n in burn.lots.items()}
        return {k: min(-active, burn.lots[k]) for k, active in held.items() if active < 0}

    def uncovered(self, burn: Burn) -> int:
        """Return what no lot can give of a burn that was just taken from those it names."""
        lacking = self.lacking(burn)
        overdrawn = sum(n for k, n in lacking.items() if k in self.lots)
        wanted = sum(lacking.values()) + burn.asked - burn.named
        return max(wanted - self.active - overdrawn, 0)

    def rebook(self, burn: Burn, changes: Iterable[LotPart], debt: int) -> None:
        """Have other lots give than a burn names, or none, so that it is owed."""
        for key, n in changes:
            left = burn.lots.get(key, 0) - n
            burn.lots.pop(key, None)
            if left:
                burn.lots[key] = left
            if key in self.lots:
                self.put(self.lots[key], n)
        burn.uncovered = debt
        self.debt += debt

    def leavable(self, keys: Iterable[str]) -> int:
        """Return what claw-backs that may not go below zero took from lots."""
        return sum(self.lots[key].leavable for key in keys if key in self.lots)

    def leave(self, keys: Iterable[str], points: int) -> None:
        """Have claw-backs leave points of lots, since they had been used."""
        for key in keys:
            if key in self.lots:
                part = min(points, self.lots[key].leavable)
                self.lots[key].leavable -= part
                points -= part

    def _stand(self, lot: Lot) -> None:
        insort(self._order, lot.place)

    def _leave(self, lot: Lot) -> None:
        del self._order[bisect_left(self._order, lot.place)]
