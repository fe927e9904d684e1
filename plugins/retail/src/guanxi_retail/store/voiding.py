"""Voids a receipt, an exchange or a refund whole: with what paid for it, what it gave back, and the claim that it came by (RET-57).

Each part is an entry of its own, so that a person may void one alone; what that leaves is flagged. Whoever means the whole
asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from guanxi import Ledger, Line, Outcome, Unknown
from guanxi_retail.points.events import PointsRedeemed, RedemptionUndone
from guanxi_retail.promotions.events import ExchangeRecorded, VoucherRedeemed, VoucherUsedBySurvivor
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.store.events import ReceiptClaimed, StoreReceiptHandedOver, StoreReceiptRecorded
from guanxi_retail.store.streams import day_stream

_STANDING = ("in force", "corrected")


def void_receipt(
    ledger: Ledger, subject: str, receipt: str, *, actor: str, reason: str
) -> tuple[Outcome, ...]:
    """Void a receipt with everything that was told with it, entry by entry; asked again after a failure it goes on.

    Points and vouchers that paid part of it come back. A member's receipt that was made without a card is nobody's again;
    a store's receipt that was shown later takes the member's purchase with it.

    Args:
        ledger: where it is recorded.
        subject: the member, or the record of the day in the store: ``day_stream("S1", day)``.
        receipt: its number.
        actor: who voids.
        reason: why.

    Raises:
        Unknown: ``unknown_receipt``; nothing of it stands there.
    """
    return _void(ledger, list(_of_receipt(ledger, subject, receipt)), actor, reason, receipt)


def void_exchange(
    ledger: Ledger, member: str, exchange: str, *, actor: str, reason: str
) -> tuple[Outcome, ...]:
    """Void an exchange with its difference, and with what that gave back.

    Args:
        ledger: where it is recorded.
        member: whose it is.
        exchange: its number.
        actor: who voids.
        reason: why.

    Raises:
        Unknown: ``unknown_exchange``; nothing of it stands there.
    """
    told = list(_told(ledger, member))
    parts = [
        line
        for line in told
        if isinstance(line.event, ExchangeRecorded | PurchaseRecorded | PurchaseRefunded)
        and line.event.exchange == exchange
    ]
    back = [line for line in parts if isinstance(line.event, PurchaseRefunded)]
    parts += [one for refund in back for one in _given_back(told, refund)]
    return _void(ledger, [line.id for line in parts], actor, reason, exchange, "exchange", "换货")


def void_refund(ledger: Ledger, member: str, refund: str, *, actor: str, reason: str) -> tuple[Outcome, ...]:
    """Void a member's refund with the points that it gave back; vouchers follow by themselves.

    Args:
        ledger: where it is recorded.
        member: whose it is.
        refund: its number.
        actor: who voids.
        reason: why.

    Raises:
        Unknown: ``unknown_refund``; nothing of it stands there.
    """
    told = list(_told(ledger, member))
    parts = [x for x in told if isinstance(x.event, PurchaseRefunded) and x.event.refund == refund]
    parts += [one for back in list(parts) for one in _given_back(told, back)]
    return _void(ledger, [line.id for line in parts], actor, reason, refund, "refund", "退货")


def _of_receipt(ledger: Ledger, subject: str, receipt: str) -> Iterator[str]:
    """Yield the entries of a receipt, wherever they stand; each once."""
    found = [line for line in _told(ledger, subject) if _is_of(line.event, receipt)]
    for line in found:
        yield line.id
        event = line.event
        if isinstance(event, ReceiptClaimed):
            day = day_stream(event.outlet, line.effective_from.astimezone(ledger.tz).date())
            handed = _some(ledger, day, lambda e: isinstance(e, StoreReceiptHandedOver), receipt)
            yield from handed
        elif isinstance(event, StoreReceiptHandedOver) and event.claimed_by is not None:
            yield from _some(ledger, event.claimed_by, lambda e: True, receipt)


def _some(ledger: Ledger, subject: str, fits: Callable[[Any], bool], receipt: str) -> Iterator[str]:
    for line in _told(ledger, subject):
        if _is_of(line.event, receipt) and fits(line.event):
            yield line.id


def _is_of(event: Any, receipt: str) -> bool:
    """Return whether an event is a part of a receipt; the difference of an exchange is part of that."""
    if isinstance(event, PurchaseRecorded) and event.exchange is not None:
        return False
    kinds = (
        PurchaseRecorded,
        VoucherRedeemed,
        VoucherUsedBySurvivor,
        PointsRedeemed,
        ReceiptClaimed,
        StoreReceiptRecorded,
        StoreReceiptHandedOver,
    )
    return isinstance(event, kinds) and event.receipt == receipt


def _given_back(told: Iterable[Line], refund: Line) -> Iterator[Line]:
    """Yield what a refund did to points that had paid for its goods, and what it told a merged file."""
    event = refund.event
    assert isinstance(event, PurchaseRefunded)
    for line in told:
        by_it = line.effective_from == refund.effective_from and line.recorded_at == refund.recorded_at
        match line.event:
            case RedemptionUndone() if by_it and any(t.kind == "points" for t in event.tenders):
                yield line
            case PointsRedeemed(redemption=number) if number.endswith(f"/{event.refund}"):
                yield line
            case VoucherUsedBySurvivor(refund=number) if number == event.refund:
                yield line


def _told(ledger: Ledger, subject: str) -> Iterator[Line]:
    """Yield what stands of what was told of a subject."""
    for line in ledger.history(subject).lines():
        if line.kind in ("fact", "act") and line.status in _STANDING and line.event is not None:
            yield line


def _void(
    ledger: Ledger,
    entries: list[str],
    actor: str,
    reason: str,
    number: str,
    what: str = "receipt",
    zh: str = "小票",
) -> tuple[Outcome, ...]:
    if not entries:
        raise Unknown(
            f"unknown_{what}",
            f"nothing of {what} {number} stands there",
            zh=f"没有在册的{zh} {number}",
            rule="RET-57",
            accepts=f"a {what} on record that was not voided",
        )
    return tuple(ledger.void(one, actor=actor, reason=reason) for one in dict.fromkeys(entries))
