"""Who counts as a VIP on a day: holders of a VIP card, and customers on the VIP list (RET-34)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Label, Reader, ReadModel, Rows
from guanxi_retail.group_purchase.events import VipAdmitted, VipRemoved
from guanxi_retail.membership.events import MemberCardIssued, MembershipEnded
from guanxi_retail.store.metrics import Line, takings
from guanxi_retail.store.read_models import store_lines

VIP = "vip"
"""Ground or class of a card that makes its holder a VIP."""


@attrs.define
class VipRow:
    """Since when a customer is a VIP, by a card and by the list; until when, where that ended."""

    card_since: date | None = None
    card_until: date | None = None
    listed_since: date | None = None
    listed_until: date | None = None


store_vips = ReadModel("retail.store_vips", VipRow, title=Label("VIPs", "VIP客户"))


@store_vips.on
def _got_card(rows: Rows[VipRow], e: MemberCardIssued, at: datetime) -> None:
    if VIP in (e.ground, e.card_class):
        row = rows[()]
        row.card_since, row.card_until = row.card_since or at.date(), None


@store_vips.on
def _left(rows: Rows[VipRow], e: MembershipEnded, at: datetime) -> None:
    rows[()].card_until = at.date()


@store_vips.on
def _listed(rows: Rows[VipRow], e: VipAdmitted, at: datetime) -> None:
    row = rows[()]
    row.listed_since, row.listed_until = row.listed_since or at.date(), None


@store_vips.on
def _removed(rows: Rows[VipRow], e: VipRemoved, at: datetime) -> None:
    rows[()].listed_until = at.date()


def vips_on(reader: Reader, day: date) -> set[str]:
    """Return the files of those who are VIPs at the end of a day.

    Args:
        reader: over ``store_vips``.
        day: the day.
    """
    return {
        stream
        for stream, row in reader.rows(store_vips)
        if _there(row.card_since, row.card_until, day) or _there(row.listed_since, row.listed_until, day)
    }


def _there(since: date | None, until: date | None, day: date) -> bool:
    return since is not None and since <= day and (until is None or day < until)


def first_days_at(reader: Reader, outlet: str | None) -> dict[str, list[tuple[str, date]]]:
    """Return who ever was a VIP and bought at each store, with the first day of it.

    Args:
        reader: over ``store_lines`` and ``store_vips``.
        outlet: one store; all if None.
    """

    def begun(line: Any, vip: Any) -> sa.Select[Any]:
        c = line.c
        found = sa.select(c.outlet, c.stream, sa.func.min(c.day)).where(
            c.day.is_not(None), c.stream.in_(sa.select(vip.c.stream))
        )
        return (found if outlet is None else found.where(c.outlet == outlet)).group_by(c.outlet, c.stream)

    found: dict[str, list[tuple[str, date]]] = {}
    for name, stream, day in reader.select(begun, store_lines, store_vips):
        found.setdefault(name, []).append((stream, date.fromisoformat(day)))
    return found


def bought_by(vips: set[str], lines: Iterable[Line], first: date, last: date) -> Decimal:
    """Return the net sales of a period to VIPs.

    Args:
        vips: their files.
        lines: what was sold and came back.
        first: first day of the period.
        last: last day of the period.
    """
    return takings([line for line in lines if line[0] in vips], first, last).net


def admitted_between(reader: Reader, first: date, last: date) -> int:
    """Return how many became VIPs in a period.

    Args:
        reader: over ``store_vips``.
        first: first day of the period.
        last: last day of the period.
    """
    begun = (
        min(since for since in (row.card_since, row.listed_since, date.max) if since is not None)
        for _, row in reader.rows(store_vips)
    )
    return sum(first <= since <= last for since in begun)
