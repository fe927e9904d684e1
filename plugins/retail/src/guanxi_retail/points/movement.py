"""Points movement: month by month from opening to closing, usable and pending points apart (RET-22)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report, Unknown
from guanxi.relationship import files
from guanxi_retail.points.read_models import points_lots, points_month
from guanxi_retail.reporting import option, streams_of


@attrs.frozen
class PointsMovementParameters:
    """Whose points are shown, and which of them."""

    view: Literal["usable", "pending"] = option(
        "usable", Label("usable or pending points", "可用或待生效积分")
    )
    account: str | None = option(
        None, Label("one member's account no.; the programme if not given", "会员户号，默认全部会员")
    )


MONTH = Column("month", Label("Month", "月份"))
OPENING = Column("opening", Label("Opening", "期初"), "integer")
ACTIVATED = Column("activated", Label("Activated", "生效"), "integer")
CLAWED_BACK = Column("clawed_back", Label("Clawed back", "扣回"), "integer")
TRANSFERRED = Column("transferred", Label("Transferred", "转移"), "integer")
CLOSING = Column("closing", Label("Closing", "期末"), "integer")

USABLE = (
    MONTH,
    OPENING,
    ACTIVATED,
    Column("restored", Label("Restored", "返还"), "integer"),
    Column("adjusted", Label("Adjusted", "调整"), "integer"),
    TRANSFERRED,
    Column("redeemed", Label("Redeemed", "兑换"), "integer"),
    Column("expired", Label("Expired", "到期"), "integer"),
    CLAWED_BACK,
    Column("debt", Label("Owed at the end", "期末欠账"), "integer"),
    CLOSING,
)
PENDING = (
    MONTH,
    OPENING,
    Column("earned", Label("Earned", "累积"), "integer"),
    TRANSFERRED,
    ACTIVATED,
    CLAWED_BACK,
    CLOSING,
)
STEPS = (MONTH, CLOSING, Column("change", Label("Change", "变动"), "integer"))

PICTURE = Picture(
    "waterfall", x="month", y="closing", value="change", title=Label("Points by month", "积分余额月度变动")
)
MEMBERS = Label("members", "会员数")


@attrs.define
class _Month:
    """Movements of one month, summed over members."""

    earned: int = 0
    activated: int = 0
    restored: int = 0
    adjusted: int = 0
    transferred: int = 0
    redeemed: int = 0
    expired: int = 0
    clawed_back: int = 0
    debt: int = 0
    clawed_back_pending: int = 0
    transferred_pending: int = 0


_NAMES = tuple(a.name for a in attrs.fields(_Month) if a.name != "earned")


@attrs.frozen
class _View:
    """One of the two balances: its columns, and which movements add to it (+1) or take from it (-1)."""

    columns: tuple[Column, ...]
    signs: dict[str, int]
    debt: bool = False

    def movements(self, month: _Month) -> tuple[int, ...]:
        return tuple(getattr(month, name) for name in self.signs)

    def change(self, month: _Month) -> int:
        return sum(sign * getattr(month, name) for name, sign in self.signs.items())


_VIEWS = {
    "usable": _View(
        USABLE,
        {
            "activated": 1,
            "restored": 1,
            "adjusted": 1,
            "transferred": 1,
            "redeemed": -1,
            "expired": -1,
            "clawed_back": -1,
        },
        debt=True,
    ),
    "pending": _View(
        PENDING, {"earned": 1, "transferred_pending": 1, "activated": -1, "clawed_back_pending": -1}
    ),
}


def _build(reader: Reader, parameters: PointsMovementParameters, asked: Asked) -> Content:
    whose, last = parameters.account, f"{asked.day:%Y-%m}"
    own = streams_of(reader, whose)
    months = _sums(reader, last, own, by_member=False)
    members = _sums(reader, last, own, by_member=True)
    if whose is not None and not members:
        _require_known(reader, whose)
    view = _VIEWS[parameters.view]
    rows = _rows(months, last, view)
    drawing = Drawing(PICTURE, STEPS, [(row[0], row[-1], row[-1] - row[1]) for row in rows])
    closing = rows[-1][-1] if rows else 0
    sums = sum(view.change(member) for member in members.values())
    trouble = [] if closing == sums else ["the programme is not the sum of its members"]
    if any(_VIEWS["pending"].change(member) < 0 for member in members.values()):
        trouble.append("a member's pending points are below zero")
    return Content(rows, [(MEMBERS, f"{len(members):,}")], view.columns, drawing, trouble)


def _sums(reader: Reader, last: str, own: Sequence[str] | None, *, by_member: bool) -> dict[str, _Month]:
    """Return the movements up to a month, summed by month or by member.

    Args:
        reader: over ``points_month`` and ``points_lots``.
        last: the month.
        own: the streams that are wanted; all if None.
        by_member: whether they are summed by member.
    """

    def moved(month: Any) -> sa.Select[Any]:
        key = month.c.stream if by_member else month.c.month
        wanted = [month.c.month != "", month.c.month <= last]
        wanted += [] if own is None else [month.c.stream.in_(own)]
        return sa.select(key, *[sa.func.sum(month.c[name]) for name in _NAMES]).where(*wanted).group_by(key)

    def earned(lot: Any) -> sa.Select[Any]:
        key = lot.c.stream if by_member else sa.func.substr(lot.c.earned_on, 1, len("2025-01"))
        wanted = [lot.c.earned != 0, lot.c.earned_on.is_not(None)]
        wanted += [] if own is None else [lot.c.stream.in_(own)]
        return sa.select(key, sa.func.sum(lot.c.earned)).where(*wanted).group_by(key)

    found = {
        key: _Month(**dict(zip(_NAMES, sums, strict=True)))
        for key, *sums in reader.select(moved, points_month)
    }
    for key, points in reader.select(earned, points_lots):
        found.setdefault(key, _Month()).earned = points
    return found


def _require_known(reader: Reader, account: str) -> None:
    if all(row.account != account for _, row in reader.rows(files)):
        raise Unknown(
            "unknown_relationship",
            f"there is no customer file {account}",
            zh=f"没有客户档案 {account}",
            accepts="an account number that was opened",
        )


def _rows(months: dict[str, _Month], last: str, view: _View) -> list[tuple[Any, ...]]:
    """Return all months from the first with a movement to the last asked for, also those without any."""
    rows, opening, debt = [], 0, 0
    for name in _between(min(months, default=""), last):
        month = months.get(name) or _Month()
        closing, debt = opening + view.change(month), debt + month.debt
        rows.append((name, opening, *view.movements(month), *((debt,) if view.debt else ()), closing))
        opening = closing
    return rows


def _between(first: str, last: str) -> Iterator[str]:
    if not first:
        return
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    before = 0
    for row in rows:
        if row[1] != before:
            yield f"{row[0]}: opening is not the closing before"
        before = row[-1]


points_movement = Report(
    name="retail.points_movement",
    title=Label("Points movement", "积分变动表"),
    reads=(files, points_month, points_lots),
    columns=USABLE,
    build=_build,
    parameters=PointsMovementParameters,
    foots=_foots,
    picture=PICTURE,
    rules=("RET-22",),
)
