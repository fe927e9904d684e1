"""Voucher register: month by month and kind by kind, from opening to closing, by value or by count (RET-12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.promotions.read_models import VoucherMonthRow, voucher_months
from guanxi_retail.reporting import option

MOVES = ("issued", "restored", "beyond", "redeemed", "forfeited", "expired", "cancelled")
ADDS = ("issued", "restored", "beyond")
HEADINGS = {
    "issued": Label("Issued", "发出"),
    "restored": Label("Restored", "返还"),
    "beyond": Label("Used beyond value", "超值使用"),
    "redeemed": Label("Redeemed", "使用"),
    "forfeited": Label("Forfeited", "作废余额"),
    "expired": Label("Expired", "到期"),
    "cancelled": Label("Cancelled", "作废"),
}


@attrs.frozen
class VoucherRegisterParameters:
    """What is shown."""

    show: Literal["value", "count"] = option("value", Label("value or count", "金额或张数"))


def _columns(show: str) -> tuple[Column, ...]:
    kind: Any = "decimal" if show == "value" else "integer"
    moves = MOVES if show == "value" else tuple(m for m in MOVES if m != "forfeited")
    return (
        Column("month", Label("Month", "月份")),
        Column("kind", Label("Kind", "券种"), "code"),
        Column("opening", Label("Opening", "期初"), kind),
        *(Column(move, HEADINGS[move], kind) for move in moves),
        Column("closing", Label("Closing", "期末"), kind),
    )


PICTURE = Picture(
    "stacked_bars", x="month", y="kind", value="closing", title=Label("Vouchers outstanding", "未用礼券")
)


def _build(reader: Reader, parameters: VoucherRegisterParameters, asked: Asked) -> Content:
    columns = _columns(parameters.show)
    moves = [c.name for c in columns[3:-1]]
    found: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(moves, 0))
    last = f"{asked.day:%Y-%m}"
    for _, row in reader.rows(voucher_months):
        if row.month and row.month <= last:
            for move in moves:
                found[row.kind, row.month][move] += _figure(row, move, parameters.show)
    rows: list[tuple[Any, ...]] = []
    for kind in sorted({kind for kind, _ in found}):
        opening: Any = Decimal(0) if parameters.show == "value" else 0
        for month in _months(min(m for k, m in found if k == kind), last):
            moved = found.get((kind, month)) or dict.fromkeys(moves, 0)
            closing = opening + sum(n if move in ADDS else -n for move, n in moved.items())
            rows.append((month, kind, opening, *moved.values(), closing))
            opening = closing
    return Content(sorted(rows, key=lambda r: (r[0], r[1])), columns=columns)


def _figure(row: VoucherMonthRow, move: str, show: str) -> Any:
    return getattr(row, move if show == "value" else f"{move}_count")


def _months(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Say where opening and movements are not closing, or an opening is not the closing before."""
    before: dict[str, Any] = {}
    for month, kind, opening, *moved, closing in rows:
        issued, restored, beyond, *less = moved
        if opening + issued + restored + beyond - sum(less) != closing:
            yield f"{month} {kind}: opening and movements are not closing"
        if opening != before.get(kind, 0):
            yield f"{month} {kind}: opening is not the closing before"
        before[kind] = closing


voucher_register = Report(
    name="retail.voucher_register",
    title=Label("Voucher register", "券台账"),
    reads=(voucher_months,),
    columns=_columns("value"),
    build=_build,
    parameters=VoucherRegisterParameters,
    foots=_foots,
    picture=PICTURE,
    rules=("RET-12",),
)
