"""Points in the whole view of a customer: what may be used, what waits, what lapses next, what is owed (RET-16 to RET-22)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guanxi import Column, Label, Look, Overview
from guanxi_retail.points.points import Points, points


def _rows(look: Look) -> Iterator[tuple[Any, ...]]:
    state, day = look.of(Points), look.at.date()
    if state.resting or not (state.lots or state.debt):
        return
    usable = [lot for lot in state.lots.values() if lot.active > 0]
    lapsing = [
        (lot.last_day, lot.active) for lot in usable if lot.last_day is not None and lot.last_day >= day
    ]
    first = min((last for last, _ in lapsing), default=None)
    lapse = None if first is None else sum(held for last, held in lapsing if last == first)
    yield state.balance, state.pending, lapse, first, state.debt


points_view = Overview(
    "retail.view_points",
    Label("Points", "积分"),
    (points,),
    (
        Column("balance", Label("Balance", "余额"), "integer"),
        Column("pending", Label("Not usable yet", "待生效"), "integer"),
        Column("lapsing", Label("Lapse next", "最近到期积分"), "integer"),
        Column("last_day", Label("Last day of these", "最近到期日"), "date"),
        Column("debt", Label("Owed", "欠分"), "integer"),
    ),
    _rows,
)
