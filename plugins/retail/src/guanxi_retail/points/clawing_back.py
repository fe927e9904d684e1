"""What a refund takes back of the points that its goods earned (RET-19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from guanxi import Decision, Now
from guanxi_retail.points.events import LotPart, PointsClawedBack
from guanxi_retail.points.lots import Lot
from guanxi_retail.points.points import Points, lot_of, points, points_on
from guanxi_retail.points.rules import ClawbackPolicy, PointsRules
from guanxi_retail.purchases.events import PurchaseRefunded
from guanxi_retail.purchases.purchases import Purchases, SoldLine


@points.react("RET-19")
def _refund_claws_back(s: Points, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    if not s.resting and not s.shown:
        yield from clawed_back(s, e, now)


def clawed_back(s: Points, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    """Yield what a refund takes back."""
    sale = now.of(Purchases).sales.get(e.receipt)
    if sale is None:
        return
    policy = now.rules_at(PointsRules, sale.at).clawback
    taken: dict[str, int] = {}
    for back in e.each_line:
        line = sale.lines.get(back.number)
        own = line and s.family(lot_of(e.receipt, None if line.what is None else back.number))
        if line and own:
            yield from _clawed_back_of(s, e.refund, line, own, policy, taken)


def unsettled(s: Points, keys: Iterable[str], refund: str, now: Now) -> Iterator[Decision]:
    """Yield what goods take back that were returned before their lots were here."""
    wanted, taken = set(keys), dict[str, int]()
    for receipt, sale in now.of(Purchases).sales.items():
        policy = now.rules_at(PointsRules, sale.at).clawback
        for n, line in sale.lines.items():
            key = lot_of(receipt, None if line.what is None else n)
            if key in wanted and line.refunded and (own := s.family(key)):
                yield from _clawed_back_of(s, refund, line, own, policy, taken)


def _clawed_back_of(
    s: Points, refund: str, line: SoldLine, own: list[Lot], policy: ClawbackPolicy, taken: dict[str, int]
) -> Iterator[Decision]:
    """Yield what one returned line takes back; ``taken`` is what the refund's earlier lines took, by lot."""
    first = own[0]
    kept = max(line.paid - line.refunded, Decimal(0))
    due = points_on(line.paid, first.rate) - points_on(kept, first.rate) - first.settled
    if due <= 0:
        return
    pending, left = _share(due, [(lot.key, lot.pending) for lot in own])
    usable: list[LotPart] = []
    if policy != "only_pending":
        usable, left = _share(left, [(lot.key, lot.active - taken.get(lot.key, 0)) for lot in own])
        _note(taken, usable)
    absorbed = min(left, sum(lot.expired for lot in own) - first.absorbed)
    left -= absorbed
    others = s.burn(left, less=taken) if policy != "only_pending" else ()
    left -= sum(n for _, n in others)
    _note(taken, others)
    owes = policy == "unlimited"
    yield PointsClawedBack(
        refund=refund,
        lot=first.key,
        due=due,
        from_pending=dict(pending).get(first.key, 0),
        from_own_lot=dict(usable).get(first.key, 0),
        from_other_lots=(*(part for part in usable if part[0] != first.key), *others),
        absorbed=absorbed,
        debt=left if owes else 0,
        unrecovered=0 if owes else left,
        policy=policy,
        further_pending=tuple(part for part in pending if part[0] != first.key),
    )


def _share(points: int, held: list[LotPart]) -> tuple[list[LotPart], int]:
    """Return what lots give in their order, and what is left then."""
    parts: list[LotPart] = []
    for key, n in held:
        if (part := min(points, max(n, 0))) > 0:
            parts.append((key, part))
            points -= part
    return parts, points


def _note(taken: dict[str, int], parts: list[LotPart] | tuple[LotPart, ...]) -> None:
    for key, n in parts:
        taken[key] = taken.get(key, 0) + n
