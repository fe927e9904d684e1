"""A customer's vouchers: what each is worth, and what changes it (RET-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from guanxi import Facet, Label, StreamLinked, StreamUnlinked
from guanxi_retail.promotions.events import (
    VoucherCancelled,
    VoucherExpired,
    VoucherIssued,
    VoucherKind,
    VoucherPrinted,
    VoucherRedeemed,
    VoucherRestored,
    VoucherUsedBySurvivor,
)
from guanxi_retail.purchases.events import ReceiptLine
from guanxi_retail.purchases.purchases import purchases


@attrs.define
class Voucher:
    """A voucher and what became of it.

    Args:
        key: what gave it (RET-57).
        issued_at: when it was issued.
        issued: the entitlement.
        valid_from: its first day.
        last_day: its last usable day.
        value: what may still be used of it; 0 once it was used or ended.
        used: what it paid, less what refunds restored.
        forfeited: what was lost of it when it was used.
        spent_on: the receipt that it was used on last.
        expired: what lapsed.
        cancelled: what lost its ground before it was used.
        unfounded: what took its ground away; None while it stands.
        lost: what was used without ground and not deducted.
        number: printed on it last.
    """

    key: str
    issued_at: datetime
    issued: VoucherIssued
    valid_from: date
    last_day: date
    value: Decimal
    used: Decimal = Decimal(0)
    forfeited: Decimal = Decimal(0)
    spent_on: str | None = None
    expired: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)
    unfounded: str | None = None
    lost: Decimal = Decimal(0)
    number: str | None = None

    @property
    def kind(self) -> VoucherKind:
        """What gave it."""
        return self.issued.kind

    @property
    def state(self) -> str:
        """Where it stands: issued, redeemed, expired or cancelled."""
        if self.value:
            return "issued"
        if self.used:
            return "redeemed"
        return "expired" if self.expired else "cancelled"

    def fits(self, line: ReceiptLine) -> bool:
        """Return whether a line is in its scope."""
        areas, brands = self.issued.areas, self.issued.brands
        return (not areas or line.area in areas) and (not brands or line.brand in brands)


@attrs.define
class Vouchers:
    """A customer's vouchers.

    Args:
        held: by key; where merged files each got one by the same rule, day and step, further ones have a number behind it.
        numbers: the keys behind numbers that were printed.
        tendered: what each voucher paid, by receipt.
        forfeits: what was forfeited then, by receipt.
        shown: the files that are merged into this one.
        told_twice: uses that were told once and may be told again, here and in a merged file: by receipt and key, above 0
            where the one told to the merged file came first.
    """

    held: dict[str, Voucher] = attrs.field(factory=dict)
    numbers: dict[str, str] = attrs.field(factory=dict)
    tendered: dict[str, dict[str, Decimal]] = attrs.field(factory=dict)
    forfeits: dict[str, dict[str, Decimal]] = attrs.field(factory=dict)
    shown: set[str] = attrs.field(factory=set)
    told_twice: dict[tuple[str, str], int] = attrs.field(factory=dict)

    def find(self, name: str | None) -> Voucher | None:
        """Return a voucher by its key or by a number that was printed on it; one that may be used, where several fit."""
        return self.pick(self.numbers.get(name or "", name or ""), lambda one: one.value > 0)

    def key_of(self, name: str | None) -> str:
        """Return the key by which facts name the voucher of a key or printed number."""
        return self.numbers.get(name or "", name or "").partition(" +")[0]

    def counts(self, e: VoucherRedeemed | VoucherUsedBySurvivor | VoucherRestored) -> bool:
        """Note a use or what was given back; return whether it counts here, and has not been told to the other of two merged files."""
        way = 1 if isinstance(e, VoucherUsedBySurvivor) else -1
        refund = None if isinstance(e, VoucherRedeemed) else e.refund
        place = (f"refund {refund}" if refund else e.receipt, e.voucher)
        before = self.told_twice.get(place, 0)
        self.told_twice[place] = before + way
        return before * way >= 0

    def of(self, key: str) -> list[Voucher]:
        """Return the vouchers of a key: one, unless files were merged."""
        found: list[Voucher] = []
        while (one := self.held.get(_place(key, len(found)))) is not None:
            found.append(one)
        return found

    def pick(self, key: str, fits: Callable[[Voucher], bool]) -> Voucher | None:
        """Return the first voucher of a key that fits, the first one where none does."""
        of_key = self.of(key)
        return next((one for one in of_key if fits(one)), of_key[0] if of_key else None)

    @property
    def value(self) -> Decimal:
        """What may still be used, in all."""
        return sum((v.value for v in self.held.values()), Decimal(0))


def _place(key: str, before: int) -> str:
    return f"{key} +{before}" if before else key


MERGE = "merge"
_NOTHING = Decimal(0)

vouchers = Facet("retail.vouchers", Vouchers, reads=(purchases,), title=Label("Vouchers", "礼券"))


# What changes them


@vouchers.evolve
def _issued(s: Vouchers, e: VoucherIssued, at: datetime) -> None:
    # One that lost its ground is issued anew; beside one that stands it is another file's.
    of_key = s.of(e.voucher)
    place = next((n for n, one in enumerate(of_key) if one.unfounded is not None), len(of_key))
    before = of_key[place] if place < len(of_key) else None
    day = at.date()
    s.held[_place(e.voucher, place)] = Voucher(
        _place(e.voucher, place),
        at,
        e,
        day,
        day + timedelta(days=e.valid_days),
        e.face,
        number=None if before is None else before.number,
    )


@vouchers.ended
def _no_longer_issued(s: Vouchers, e: VoucherIssued) -> None:
    if (voucher := s.pick(e.voucher, _stands)) is not None:
        _lose_ground(voucher, "", voucher.used)


@vouchers.evolve
def _printed(s: Vouchers, e: VoucherPrinted) -> None:
    s.numbers[e.number] = e.voucher
    if (voucher := s.held.get(e.voucher)) is not None:
        voucher.number = e.number


@vouchers.evolve
def _used(s: Vouchers, e: VoucherRedeemed | VoucherUsedBySurvivor) -> None:
    if not s.counts(e):
        return
    if isinstance(e, VoucherUsedBySurvivor) and e.refund:
        _give_back(s.pick(e.voucher, lambda one: one.spent_on == e.receipt), e.used)
        return
    s.tendered.setdefault(e.receipt, {})[e.voucher] = e.used
    s.forfeits.setdefault(e.receipt, {})[e.voucher] = e.forfeited
    candidates = [one for one in s.of(e.voucher) if e.issued_at in (None, one.issued_at)]
    if not candidates:
        return
    voucher = next((one for one in candidates if one.value > 0), None)
    voucher = voucher or next((one for one in candidates if not one.used), candidates[0])
    # A use overtakes the end: what lapsed or was cancelled is what was used.
    voucher.value = voucher.expired = voucher.cancelled = Decimal(0)
    voucher.used += e.used
    voucher.forfeited += e.forfeited
    voucher.spent_on = e.receipt
    if voucher.unfounded is not None:
        voucher.lost = voucher.used


@vouchers.evolve
def _shown(s: Vouchers, e: StreamLinked) -> None:
    if e.link_type == MERGE:
        s.shown.add(e.other)


@vouchers.evolve
def _hidden(s: Vouchers, e: StreamUnlinked) -> None:
    s.shown.discard(e.other)


@vouchers.evolve
def _restored(s: Vouchers, e: VoucherRestored) -> None:
    if e.receipt:
        s.tendered.get(e.receipt, {}).pop(e.voucher, None)
    elif not s.counts(e):
        return
    _give_back(s.pick(e.voucher, lambda one: _gave(one, e)), e.value, e.forfeited)


def _give_back(voucher: Voucher | None, value: Decimal, forfeited: Decimal = _NOTHING) -> None:
    if voucher is not None:
        voucher.value += value + forfeited
        voucher.used -= value
        voucher.forfeited -= forfeited


def _gave(one: Voucher, e: VoucherRestored) -> bool:
    return one.used >= e.value and (not e.receipt or one.spent_on == e.receipt)


@vouchers.evolve
def _cancelled(s: Vouchers, e: VoucherCancelled) -> None:
    if (voucher := s.pick(e.voucher, _stands)) is not None:
        lost = e.value - e.deducted if e.way == "paid_out" else Decimal(0)
        _lose_ground(voucher, e.cause, lost)


@vouchers.evolve
def _expired(s: Vouchers, e: VoucherExpired) -> None:
    # A merged file draws the end of its own vouchers too, whatever was used of them here.
    if (voucher := s.pick(e.voucher, lambda one: one.value > 0)) is not None:
        ended = min(e.value, voucher.value)
        voucher.value -= ended
        voucher.expired += ended


def _stands(one: Voucher) -> bool:
    return one.unfounded is None


def _lose_ground(voucher: Voucher, cause: str, lost: Decimal) -> None:
    voucher.unfounded = cause
    voucher.cancelled += voucher.value
    voucher.value = Decimal(0)
    voucher.lost = lost
