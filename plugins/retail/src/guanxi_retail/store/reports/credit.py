"""Sales credit 业绩认定表: which receipts count as their salesperson's own, and why others do not (RET-33)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi_retail.reporting import rows_where
from guanxi_retail.store.metrics import NOTHING, Line
from guanxi_retail.store.read_models import SALE, CreditRow, sales_credits, store_lines
from guanxi_retail.store.reports._period import (
    MONTH_NOTE,
    OUTLET,
    StoreMonthParameters,
    asked_month,
    lines_by_outlet,
    month_of,
    shown_outlet,
)

CREDITED, WITHHELD, NOT_JUDGED = "credited", "withheld", "not_judged"

SALES_NOTE = Label("store sales", "门店销售额")


def _build(reader: Reader, parameters: StoreMonthParameters, asked: Asked) -> Content:
    first, last = asked_month(parameters, asked)
    judged: dict[tuple[str, str], CreditRow] = {
        (stream, row.receipt): row for stream, row in _judged(reader, first, last)
    }
    rows: list[tuple[Any, ...]] = []
    trouble: list[str] = []
    total = NOTHING
    (sold,) = lines_by_outlet(reader, parameters.outlet, (first, last))
    for outlet, lines in sold.items():
        for (stream, receipt), (day, salesperson, amount) in _receipts(lines, first, last).items():
            credit = judged.get((stream, receipt))
            total += amount
            if credit is not None and credit.amount != amount:
                trouble.append(f"{receipt}: {credit.amount} was judged, {amount} was sold")
            rows.append(_row(outlet, day, receipt, salesperson, amount, credit, asked))
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    if (shown := sum((row[4] for row in rows), NOTHING)) != total:
        trouble.append(f"receipts come to {shown}, store sales to {total}")
    rows = [(shown_outlet(row[0]), *row[1:]) for row in rows]
    return Content(
        rows,
        [(MONTH_NOTE, month_of(first)), (SALES_NOTE, str(total))],
        drawing=_drawing(rows),
        trouble=trouble,
    )


def _judged(reader: Reader, first: date, last: date) -> Iterator[tuple[str, CreditRow]]:
    """Return what was judged of the receipts of some days."""

    def sold_then(credit: Any, line: Any) -> Any:
        same = (line.c.stream == credit.c.stream, line.c.receipt == credit.c.receipt)
        on_days = line.c.day.between(first.isoformat(), last.isoformat())
        return sa.select(line.c.line).where(*same, on_days).exists()

    return rows_where(reader, sales_credits, sold_then, store_lines)


def _receipts(
    lines: Iterable[Line], first: date, last: date
) -> dict[tuple[str, str], tuple[date, str | None, Decimal]]:
    """Return receipts of a period with day, salesperson and what they came to at the end of their day."""
    sold: dict[tuple[str, str], tuple[date, str | None, Decimal]] = {}
    back: defaultdict[tuple[str, str, date], Decimal] = defaultdict(lambda: NOTHING)
    for stream, row in lines:
        if row.claimed or row.day is None or not first <= row.day <= last:
            continue
        receipt = stream, row.receipt
        if row.refund == SALE:
            _, _, amount = sold.get(receipt, (row.day, None, NOTHING))
            sold[receipt] = row.day, row.salesperson, amount + row.net
        else:
            back[(*receipt, row.day)] += row.net
    return {
        receipt: (day, salesperson, amount - back[(*receipt, day)])
        for receipt, (day, salesperson, amount) in sold.items()
    }


def _row(
    outlet: str,
    day: date,
    receipt: str,
    salesperson: str | None,
    amount: Decimal,
    credit: CreditRow | None,
    asked: Asked,
) -> tuple[Any, ...]:
    state = NOT_JUDGED if credit is None else CREDITED if credit.granted else WITHHELD
    completed = None if credit is None or credit.completed_at is None else asked.day_of(credit.completed_at)
    reasons = credit.reasons or None if credit else None
    return (outlet, day, receipt, salesperson, amount, state, reasons, completed)


def _drawing(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
    for row in rows:
        if row[3] is not None:
            sums[row[3], row[5]] += row[4]
    return Drawing(
        Picture(
            "bars",
            x="salesperson",
            y="standing",
            value="amount",
            title=Label("Credited and withheld", "认定与不认定"),
        ),
        (SALESPERSON, STANDING, AMOUNT),
        [(who, state, amount) for (who, state), amount in sorted(sums.items())],
    )


SALESPERSON = Column("salesperson", Label("Salesperson", "营业员"))
AMOUNT = Column("amount", Label("Amount", "金额"), "decimal")
STANDING = Column("standing", Label("Standing", "认定"), "code")

sales_credit_report = Report(
    name="retail.sales_credit",
    title=Label("Sales credit", "业绩认定表"),
    reads=(store_lines, sales_credits),
    columns=(
        OUTLET,
        Column("day", Label("Day", "日期"), "date"),
        Column("receipt", Label("Receipt", "小票")),
        SALESPERSON,
        AMOUNT,
        STANDING,
        Column("reasons", Label("Why withheld", "不认定原因"), "code"),
        Column("completed_on", Label("Completed on", "补全日期"), "date"),
    ),
    build=_build,
    parameters=StoreMonthParameters,
    rules=("RET-33",),
)
