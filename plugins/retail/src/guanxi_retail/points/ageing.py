"""Lot ageing: when the points that members hold expire (RET-18, RET-22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.points.read_models import points_lots, points_month
from guanxi_retail.points.rules import PointsReportRules
from guanxi_retail.reporting import option, streams_of

NEVER = "–"
"""Stands for the days until points expire that never do."""

LOTS, DEBT, BALANCE = Label("in lots", "批次合计"), Label("owed", "欠账"), Label("balance", "余额")


@attrs.frozen
class PointsAgeingParameters:
    """Whose lots are shown."""

    account: str | None = option(
        None, Label("one member's account no.; the programme if not given", "会员户号，默认全部会员")
    )


def _build(reader: Reader, parameters: PointsAgeingParameters, asked: Asked) -> Content:
    ends, whose = asked.rules(PointsReportRules).ageing_days, parameters.account
    own = streams_of(reader, whose)

    def held_by_day(lot: Any) -> sa.Select[Any]:
        wanted = [lot.c.active != 0] if own is None else [lot.c.active != 0, lot.c.stream.in_(own)]
        key = (lot.c.stream, lot.c.last_day)
        return sa.select(*key, sa.func.sum(lot.c.active)).where(*wanted).group_by(*key)

    def moved(month: Any) -> sa.Select[Any]:
        c = month.c
        balance = (
            c.activated + c.restored + c.adjusted + c.transferred - c.redeemed - c.expired - c.clawed_back
        )
        sums = sa.select(*[sa.func.coalesce(sa.func.sum(each), 0) for each in (balance, c.debt)])
        return sums if own is None else sums.where(c.stream.in_(own))

    points: defaultdict[int, int] = defaultdict(int)
    members: defaultdict[int, set[str]] = defaultdict(set)
    part_of = cache(lambda last: _part(last and date.fromisoformat(last), asked.day, ends))
    for stream, last_day, active in reader.select(held_by_day, points_lots):
        part = part_of(last_day)
        points[part] += active
        members[part].add(stream)
    rows = [
        (words, through, len(members[n]), points[n])
        for n, (words, through) in enumerate(_parts(asked.day, ends))
    ]
    ((balance, debt),) = reader.select(moved, points_month)
    held = sum(points.values())
    notes = [(LOTS, f"{held:,}"), (DEBT, f"{debt:,}"), (BALANCE, f"{balance:,}")]
    trouble = (
        [] if held - debt == balance else [f"lots hold {held}, {debt} are owed, the balance is {balance}"]
    )
    return Content(rows, notes, trouble=trouble)


def _part(last_day: date | None, day: date, ends: Sequence[int]) -> int:
    """Return the row of a lot."""
    if last_day is None:
        return len(ends) + 1
    left = (last_day - day).days
    return next((n for n, end in enumerate(ends) if left <= end), len(ends))


def _parts(day: date, ends: Sequence[int]) -> list[tuple[str, date | None]]:
    """Return each row's days until expiry, and its last day where it has one."""
    begins = [0, *(end + 1 for end in ends)]
    out: list[tuple[str, date | None]] = [
        (f"{begin}–{end}", day + timedelta(days=end)) for begin, end in zip(begins, ends, strict=False)
    ]
    return [*out, (f"{begins[-1]}–", None), (NEVER, None)]


points_ageing = Report(
    name="retail.points_ageing",
    title=Label("Lot ageing", "积分到期表"),
    reads=(files, points_lots, points_month),
    columns=(
        Column("days", Label("Days until expiry", "距到期天数")),
        Column("through", Label("Last day by", "最晚到期日"), "date"),
        Column("members", Label("Members", "会员数"), "integer"),
        Column("points", Label("Points", "积分"), "integer"),
    ),
    build=_build,
    parameters=PointsAgeingParameters,
    picture=Picture(
        "bars", x="days", y="points", title=Label("Points by days until expiry", "按距到期天数的积分")
    ),
    rules=("RET-18", "RET-22"),
)
