"""What may be done with vouchers, what must hold of it, and what refunds and time make of them (RET-12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from guanxi import TICK, Conflict, Decision, Due, Fact, Now, To, Unknown, midnight_after
from guanxi_retail.promotions.commands import NoteVoucherUse, PayOutVoucher, PrintVoucher
from guanxi_retail.promotions.events import (
    VoucherCancelled,
    VoucherExpired,
    VoucherIssued,
    VoucherLapses,
    VoucherPrinted,
    VoucherRedeemed,
    VoucherRestored,
    VoucherUsedBySurvivor,
    VoucherUseStands,
)
from guanxi_retail.promotions.vouchers import Voucher, Vouchers, vouchers
from guanxi_retail.purchases.events import VOUCHER, PurchaseRefunded, ReceiptLine
from guanxi_retail.purchases.purchases import Purchases

# What may be asked


@vouchers.decide
def _print(s: Vouchers, c: PrintVoucher, now: Now) -> Iterator[Fact]:
    voucher = known_voucher(s, c.voucher)
    if s.numbers.get(c.number, voucher.key) != voucher.key:
        raise Conflict(
            "source_conflict",
            f"number {c.number} is on another voucher",
            zh=f"编号 {c.number} 已用于另一张券",
            rule="RET-57",
            accepts="a number of its own",
        )
    yield VoucherPrinted(voucher=voucher.key, number=c.number)


@vouchers.decide
def _pay_out(s: Vouchers, c: PayOutVoucher, now: Now) -> Iterator[Fact]:
    known_voucher(s, c.voucher)
    now.require(
        False,
        "not_cashable",
        "RET-12",
        "a voucher is never money, in whole or part",
        zh="礼券不兑现，亦不找零",
        accepts="the voucher as a tender on a purchase",
    )
    yield from ()


def known_voucher(s: Vouchers, name: str | None) -> Voucher:
    """Return a voucher by its key or printed number.

    Raises:
        Unknown: ``unknown_voucher``; the customer holds none of that name.
    """
    voucher = s.find(name)
    if voucher is None:
        raise Unknown(
            "unknown_voucher",
            f"this customer holds no voucher {name}",
            zh=f"该客户没有券 {name}",
            rule="RET-12",
            accepts="the key or the printed number of a voucher of this customer",
        )
    return voucher


def redeemed(
    s: Vouchers, name: str | None, amount: Decimal, receipt: str, lines: Iterable[ReceiptLine], now: Now
) -> VoucherRedeemed:
    """Return the use of a voucher as a tender, its remainder forfeited (RET-12).

    Raises:
        Conflict: ``voucher_used``; an order to use one that was used.
        RuleNotMet: ``voucher_expired``, ``voucher_cancelled``, ``voucher_out_of_scope``, ``below_min_spend`` or
            ``voucher_exceeded``, for an order.
    """
    voucher = known_voucher(s, name)
    if not now.happened:
        _usable(voucher, amount, receipt, tuple(lines), now)
    return VoucherRedeemed(
        voucher=voucher.issued.voucher,
        receipt=receipt,
        used=amount,
        forfeited=max(voucher.value or voucher.expired, amount) - amount,
        issued_at=voucher.issued_at if len(s.of(voucher.issued.voucher)) > 1 else None,
    )


def told_to_merged(s: Vouchers, e: VoucherRedeemed) -> Iterator[To]:
    """Yield what tells merged files of the use of a voucher that may be theirs; each knows its own.

    Args:
        s: the survivor's vouchers, before the use.
        e: the use.
    """
    usable = [
        one for one in s.of(e.voucher) if one.value > 0 and e.issued_at in (None, one.issued_at)
    ] or s.of(e.voucher)[:1]
    # Where this file has one of the same key and moment itself, that is used first.
    if len(usable) != 1:
        return
    for stream in sorted(s.shown):
        yield To(
            stream,
            NoteVoucherUse(
                voucher=e.voucher,
                issued_at=usable[0].issued_at,
                survivors_receipt=e.receipt,
                used=e.used,
                forfeited=e.forfeited,
            ),
        )


@vouchers.decide
def _note_use(s: Vouchers, c: NoteVoucherUse, now: Now) -> Iterator[Fact]:
    noted = s.told_twice.get((c.survivors_receipt, c.voucher), 0) > 0
    if noted if c.survivors_refund else any(one.issued_at == c.issued_at for one in s.of(c.voucher)):
        yield VoucherUsedBySurvivor(
            voucher=c.voucher,
            receipt=c.survivors_receipt,
            used=c.used,
            forfeited=c.forfeited,
            issued_at=c.issued_at,
            refund=c.survivors_refund,
        )


def given_back_to_merged(s: Vouchers, e: PurchaseRefunded) -> Iterator[To]:
    """Yield what tells merged files of vouchers that a refund gives back; each knows which of its own were used.

    Args:
        s: the survivor's vouchers.
        e: the refund.
    """
    for tender in e.tenders:
        if tender.kind == VOUCHER and tender.amount > 0:
            for stream in sorted(s.shown):
                key = s.key_of(tender.number)
                note = NoteVoucherUse(
                    voucher=key,
                    survivors_receipt=e.receipt,
                    used=tender.amount,
                    survivors_refund=e.refund,
                )
                yield To(stream, note)


def _usable(
    voucher: Voucher, amount: Decimal, receipt: str, lines: tuple[ReceiptLine, ...], now: Now
) -> None:
    """Refuse what an order may not do with a voucher."""
    if voucher.used and not voucher.value:
        raise Conflict(
            "voucher_used",
            f"voucher {voucher.key} was used on receipt {voucher.spent_on}",
            zh=f"券 {voucher.key} 已用于小票 {voucher.spent_on}",
            rule="RET-12",
            accepts="a voucher that was not used",
        )
    now.require(
        voucher.valid_from <= now.at.date() <= voucher.last_day,
        "voucher_expired",
        "RET-12",
        f"voucher {voucher.key} was usable from {voucher.valid_from} to {voucher.last_day}",
        zh=f"券 {voucher.key} 有效期为 {voucher.valid_from} 至 {voucher.last_day}",
        accepts="a day in its time",
    )
    now.require(
        voucher.value > 0,
        "voucher_cancelled",
        "RET-12",
        f"voucher {voucher.key} was cancelled",
        zh=f"券 {voucher.key} 已作废",
        accepts="a voucher that stands",
    )
    fitting = sum((line.net for line in lines if voucher.fits(line)), Decimal(0))
    now.require(
        amount <= fitting and receipt != voucher.issued.cause,
        "voucher_out_of_scope",
        "RET-12",
        f"goods for {fitting} are in the scope of voucher {voucher.key}",
        zh=f"券 {voucher.key} 适用商品金额为 {fitting}",
        accepts="at most what goods in its areas and brands come to, on a later receipt",
    )
    now.require(
        fitting >= voucher.issued.min_spend,
        "below_min_spend",
        "RET-12",
        f"goods for {fitting}, voucher {voucher.key} asks for {voucher.issued.min_spend}",
        zh=f"适用商品 {fitting}，券 {voucher.key} 最低消费为 {voucher.issued.min_spend}",
        accepts=f"{voucher.issued.min_spend} or more",
    )
    now.require(
        amount <= voucher.value,
        "voucher_exceeded",
        "RET-12",
        f"voucher {voucher.key} is worth {voucher.value}",
        zh=f"券 {voucher.key} 面值为 {voucher.value}",
        accepts=f"at most {voucher.value}",
    )


# What must hold


@vouchers.holds("RET-57", "without_ground")
def _used_with_ground(s: Vouchers, e: VoucherRedeemed) -> bool:
    voucher = _spent(s, e)
    return voucher is not None and voucher.unfounded is None


@vouchers.holds("RET-12", "kept_with_breach")
def _used_once_and_in_time(s: Vouchers, e: VoucherRedeemed | VoucherUsedBySurvivor, now: Now) -> bool:
    voucher = _spent(s, e)
    return voucher is None or (
        now.at.date() <= voucher.last_day and voucher.used + voucher.forfeited <= voucher.issued.face
    )


def _spent(s: Vouchers, e: VoucherRedeemed | VoucherUsedBySurvivor) -> Voucher | None:
    """Return the voucher that a use took."""
    return s.pick(e.voucher, lambda one: one.spent_on == e.receipt)


# What follows


@vouchers.react("RET-12")
def _lapses(s: Vouchers, due: VoucherLapses, now: Now) -> Iterator[Decision]:
    for one in s.of(due.voucher):
        if one.value > 0 and one.last_day < now.at.date():
            yield VoucherExpired(voucher=due.voucher, last_day=one.last_day, value=one.value)


@vouchers.react("RET-57")
def _used_without_ground(s: Vouchers, e: VoucherRedeemed, now: Now) -> Iterator[Decision]:
    """Say what was used although the ground had gone, and cannot be kept back any more."""
    voucher = _spent(s, e)
    if voucher is not None and voucher.unfounded:
        yield VoucherCancelled(cause=voucher.unfounded, voucher=e.voucher, value=voucher.used, way="paid_out")


@vouchers.react("RET-12")
def _refund_restores(s: Vouchers, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    """Give back the returned lines' share of each voucher that paid for the receipt."""
    sale = now.of(Purchases).sales.get(e.receipt)
    tendered = s.tendered.get(e.receipt)
    if sale is None or not tendered:
        return
    for tender in e.tenders:
        key = s.numbers.get(tender.number or "", tender.number or "")
        if tender.kind != VOUCHER or key not in tendered or tender.amount <= 0:
            continue
        # What was used without ground and not asked back is not given a second time.
        if (voucher := s.held.get(key)) is not None and not voucher.lost:
            yield VoucherRestored(refund=e.refund, voucher=key, value=tender.amount)


@vouchers.react("RET-12")
def _fallen_receipt_restores(s: Vouchers, due: VoucherUseStands, now: Now) -> Iterator[Decision]:
    """Give back what paid for a receipt that was voided, or counts from a later moment now, as if it had not been used."""
    sale = now.of(Purchases).sales.get(due.receipt)
    if sale is not None and any(
        tender.kind == VOUCHER and s.key_of(tender.number) == due.voucher for tender in sale.tenders
    ):
        return
    used = s.tendered.get(due.receipt, {}).get(due.voucher)
    voucher = s.pick(due.voucher, lambda one: one.spent_on == due.receipt)
    if used is not None and voucher is not None and not voucher.lost:
        yield VoucherRestored(
            receipt=due.receipt,
            voucher=due.voucher,
            value=used,
            forfeited=s.forfeits[due.receipt][due.voucher],
        )


# What time brings


@vouchers.due
def _receipt_has_to_stand(s: Vouchers, e: VoucherRedeemed, now: Now) -> Iterator[tuple[datetime, Due]]:
    # Behind the receipt, which comes after its tenders.
    yield now.at + 2 * TICK, VoucherUseStands(voucher=e.voucher, receipt=e.receipt)


@vouchers.due
def _last_day_ends(s: Vouchers, e: VoucherIssued, now: Now) -> Iterator[tuple[datetime, Due]]:
    last_day = now.at.date() + timedelta(days=e.valid_days)
    yield midnight_after(last_day, now.at.tzinfo), VoucherLapses(voucher=e.voucher)


@vouchers.due
def _restored_after_its_last_day(
    s: Vouchers, e: VoucherRestored | VoucherUsedBySurvivor, now: Now
) -> Iterator[tuple[datetime, Due]]:
    voucher = s.held.get(e.voucher)
    if voucher is not None and voucher.last_day < now.at.date():
        yield now.at, VoucherLapses(voucher=e.voucher)
