"""Member register: who is a member, and how the number of members came to be (RET-02)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship.file.callers import callers
from guanxi_retail.membership.read_models import MemberRow, members
from guanxi_retail.membership.reports.texts import text
from guanxi_retail.membership.roll import ENDED, JOINED, READS, Turn, roll
from guanxi_retail.points.read_models import points_month
from guanxi_retail.purchases.read_models import customers
from guanxi_retail.reporting import ACCOUNT, option
from guanxi_retail.tiers.read_models import TierChangeRow, tier_changes
from guanxi_retail.tiers.rules import TierRules


@attrs.frozen
class RegisterParameters:
    """From when on it is told how many joined and left."""

    since: date | None = option(None, Label("count who joined and left from this day on", "自此日起统计进出"))  # noqa: RUF009 - an attrs field, not a default


def _register(reader: Reader, parameters: RegisterParameters, asked: Asked) -> Content:
    found, cards, who = roll(reader, asked), dict(reader.rows(members)), dict(reader.rows(callers))
    bought: dict[str, Any] = dict(reader.rows(customers))
    tiers, balances = _tiers(reader, asked), _balances(reader)
    lowest = asked.rules(TierRules).level(Decimal(0))
    rows: list[tuple[Any, ...]] = []
    for top, streams in found.members.items():
        stream = top if top in streams else min(streams, key=lambda s: (str(cards[s].enrolled_at), s))
        card, party = cards.get(stream, MemberRow()), who[top]
        last = [bought[s].last_on for s in {top, *streams} if s in bought and bought[s].last_on]
        rows.append(
            (
                party.account,
                text(card.card),
                text(party.name),
                party.member_type or card.card_class or "member",
                next((tiers[s] for s in (top, stream) if s in tiers), lowest),
                None if card.enrolled_at is None else asked.day_of(card.enrolled_at),
                card.source_channel,
                max(last, default=None),
                sum(balances[s] for s in {top, *streams}),
            )
        )
    rows.sort(key=lambda row: row[0])
    counted = _counted(found.turns, parameters.since)
    trouble = [] if counted["closing"] == len(rows) else ["the list is not what the movements come to"]
    notes = [(label, f"{counted[name]:,}") for name, label in _NOTES.items()]
    return Content(rows, notes, trouble=trouble)


def _tiers(reader: Reader, asked: Asked) -> dict[str, str | None]:
    """Return the tier of each file in which one was ever changed."""
    latest: dict[str, TierChangeRow] = {}
    for stream, row in reader.rows(tier_changes):
        if row.at is None or row.at > asked.as_of:
            continue
        before = latest.get(stream)
        if before is None or before.at is None or (before.at, before.turn) <= (row.at, row.turn):
            latest[stream] = row
    return {stream: row.after for stream, row in latest.items()}


def _balances(reader: Reader) -> Counter[str]:
    """Return the usable points of each file, less what is owed (RET-22)."""
    found: Counter[str] = Counter()
    for stream, month in reader.rows(points_month):
        found[stream] += month.activated + month.restored + month.adjusted + month.transferred
        found[stream] -= month.redeemed + month.expired + month.clawed_back
    return found


_NOTES = {
    "opening": Label("opening", "期初"),
    "joined": Label("joined", "入会"),
    "ended": Label("ended", "退会"),
    "closing": Label("closing", "期末"),
}


def _counted(turns: Sequence[Turn], since: date | None) -> dict[str, int]:
    before = [turn for turn in turns if since is not None and turn.at.date() < since]
    within = turns[len(before) :]
    opening = sum(turn.change for turn in before)
    joined = sum(turn.change > 0 for turn in within)
    ended = len(within) - joined
    return {"opening": opening, "joined": joined, "ended": ended, "closing": opening + joined - ended}


member_register = Report(
    name="retail.member_register",
    title=Label("Member register", "会员名册"),
    reads=(*READS, members, callers, customers, tier_changes, points_month),
    columns=(
        ACCOUNT,
        Column("card", Label("Card no.", "卡号")),
        Column("name", Label("Name", "姓名")),
        Column("member_type", Label("Type", "类型"), "code"),
        Column("tier", Label("Tier", "等级"), "code"),
        Column("enrolled_on", Label("Enrolled on", "入会日期"), "date"),
        Column("source_channel", Label("Source", "来源"), "code"),
        Column("last_on", Label("Last purchase", "最近消费"), "date"),
        Column("balance", Label("Points", "积分余额"), "integer"),
    ),
    build=_register,
    parameters=RegisterParameters,
    rules=("RET-01", "RET-02"),
)


_KINDS = (*JOINED, *ENDED)
_MONTH = Column("month", Label("Month", "月份"))
_CLOSING = Column("closing", Label("Closing", "期末"), "integer")
_PICTURE = Picture(
    "waterfall", x="month", y="closing", value="change", title=Label("Members by month", "会员数月度变动")
)
_STEPS = (_MONTH, _CLOSING, Column("change", Label("Change", "变动"), "integer"))


def _movement(reader: Reader, parameters: None, asked: Asked) -> Content:
    found = roll(reader, asked)
    months: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for turn in found.turns:
        months[f"{turn.at:%Y-%m}"][turn.kind] += 1
    rows: list[tuple[Any, ...]] = []
    opening = 0
    for month in _between(min(months, default=""), f"{asked.day:%Y-%m}"):
        counts = [months[month][kind] for kind in _KINDS]
        closing = opening + sum(counts[: len(JOINED)]) - sum(counts[len(JOINED) :])
        rows.append((month, opening, *counts, closing))
        opening = closing
    trouble = [] if opening == len(found.members) else ["the movements do not come to the members listed"]
    drawing = Drawing(_PICTURE, _STEPS, [(row[0], row[-1], row[-1] - row[1]) for row in rows])
    return Content(rows, drawing=drawing, trouble=trouble)


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
        joined, ended = row[2 : 2 + len(JOINED)], row[2 + len(JOINED) : -1]
        if row[1] != before or row[1] + sum(joined) - sum(ended) != row[-1]:
            yield f"{row[0]}: opening, joined and ended do not come to the closing"
        before = row[-1]


member_movement = Report(
    name="retail.member_movement",
    title=Label("Members joined and left", "会员进出表"),
    reads=READS,
    columns=(
        _MONTH,
        Column("opening", Label("Opening", "期初"), "integer"),
        Column("enrolled", Label("Enrolled", "入会"), "integer"),
        Column("set_apart", Label("Set apart", "拆分"), "integer"),
        Column("left", Label("Left", "退会"), "integer"),
        Column("merged", Label("Merged", "并档"), "integer"),
        Column("erased", Label("Erased", "删除"), "integer"),
        Column("closed", Label("Closed", "关档"), "integer"),
        _CLOSING,
    ),
    build=_movement,
    foots=_foots,
    picture=_PICTURE,
    rules=("RET-02",),
)
