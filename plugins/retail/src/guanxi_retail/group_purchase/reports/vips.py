"""Who is on the VIP list, by which route, on what evidence; who came and who left (RET-39)."""

# ruff: noqa: RUF009 - attrs fields, not defaults

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Reader, Report, midnight
from guanxi.relationship import files
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi_retail.group_purchase.read_models import StayRow, vip_stays
from guanxi_retail.group_purchase.rules import VipRules
from guanxi_retail.purchases.read_models import SoldLineRow, receipt_lines
from guanxi_retail.reporting import ACCOUNT, Note, account_of, option, rows_where

OPENING, ADMITTED = Label("opening", "期初"), Label("admitted", "准入")
REMOVED, CLOSING = Label("removed", "移出"), Label("closing", "期末")
DIFFERS = Label("would differ", "将有差异")


@attrs.frozen
class VipListParameters:
    """Parameters of the VIP list."""

    since: date | None = option(
        None, Label("first day; that of the cut if not given", "起始日，默认截点当日")
    )
    until: date | None = option(None, Label("last day; that of the cut if not given", "截止日，默认截点当日"))


_Lines = dict[str, list[SoldLineRow]]


def _basis_now(row: StayRow, lines: Sequence[SoldLineRow], rules: VipRules) -> Decimal | None:
    """Return what an admission by purchase would be drawn from at the cut, refunds taken off."""
    match row.test:
        case "single_purchase":
            counted = [s for s in lines if s.receipt == row.receipt and rules.counts(s.grade)]
        case "month_total":
            counted = [
                s
                for s in lines
                if s.day is not None and f"{s.day:%Y-%m}" == row.month and rules.counts_in_month(s.grade)
            ]
        case _:
            return None
    return sum((s.net - s.refunded_net for s in counted), Decimal(0))


def _evidence(row: StayRow) -> str | None:
    match row.test:
        case "single_purchase":
            return f"{row.receipt}: {row.amount}"
        case "month_total":
            return f"{row.month}: {row.amount}"
        case _:  # the application that tells of his rank, or the nomination that was approved
            return row.application


def _lines_of_listed(reader: Reader, into: Mapping[str, str]) -> Iterator[tuple[str, SoldLineRow]]:
    """Yield the lines of those who were ever on the list, and of merged files."""

    def listed_or_merged(line: Any, stay: Any) -> Any:
        listed = line.c.stream.in_(sa.select(stay.c.stream).where(stay.c.since.is_not(None)))
        return listed | line.c.stream.in_(sorted({*into, *into.values()}))

    for stream, row in rows_where(reader, receipt_lines, listed_or_merged, vip_stays):
        yield into.get(stream, stream), row


def _list(reader: Reader, parameters: VipListParameters, asked: Asked) -> Content:
    zone, into, known = asked.as_of.tzinfo, survivors(reader, asked.as_of), account_of(reader)
    last = parameters.until or asked.day
    begin = midnight(parameters.since or last, zone)
    end = midnight(last + timedelta(days=1), zone)
    lines: _Lines = {}
    for stream, sold in _lines_of_listed(reader, into):
        lines.setdefault(stream, []).append(sold)
    rows: list[tuple[Any, ...]] = []
    opening = admitted = removed = closing = differ = 0
    for stream, row in shown_rows(reader, vip_stays, into):
        if row.since is None or row.since >= end or (row.until is not None and row.until < begin):
            continue
        opening += row.since < begin
        admitted += row.since >= begin
        removed += _over(row, end)
        closing += not _over(row, end)
        now = _basis_now(row, lines.get(stream, ()), asked.rules_at(VipRules, row.since))
        short = now is not None and row.threshold is not None and now < row.threshold and not _over(row, end)
        differ += short
        rows.append(
            (
                known(stream),
                row.route,
                row.test,
                _evidence(row),
                row.approved_by,
                asked.local(row.since),
                None if row.until is None or row.until >= end else asked.local(row.until),
                now if short else None,
            )
        )
    notes: list[Note] = [
        (OPENING, str(opening)),
        (ADMITTED, str(admitted)),
        (REMOVED, str(removed)),
        (CLOSING, str(closing)),
        (DIFFERS, str(differ)),
    ]
    trouble = (
        [] if opening + admitted - removed == closing else ["opening + admitted - removed is not closing"]
    )
    return Content(sorted(rows, key=lambda r: (r[5], r[0])), notes, trouble=trouble)


def _over(row: StayRow, end: datetime) -> bool:
    return row.until is not None and row.until < end


vip_list = Report(
    name="retail.vip_list",
    title=Label("VIP list", "VIP客户名单"),
    reads=(vip_stays, receipt_lines, files, merged_files),
    columns=(
        ACCOUNT,
        Column("route", Label("Route", "准入途径"), "code"),
        Column("test", Label("Test", "准入条件"), "code"),
        Column("evidence", Label("Evidence", "依据")),
        Column("approved_by", Label("Approved by", "批准人")),
        Column("since", Label("Since", "准入时间"), "instant"),
        Column("until", Label("Until", "移出时间"), "instant"),
        Column(
            "differs", Label("Would differ: amount after refunds", "将有差异：扣除退货后金额"), "decimal", 2
        ),
    ),
    build=_list,
    parameters=VipListParameters,
    rules=("RET-39",),
)
