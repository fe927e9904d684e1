"""Who was a member on a day, and in which tier: what the register and the matrix share (RET-28)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi import TICK, Asked, Column, Label, Picture, Reader, midnight_after
from guanxi.relationship import files
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.spans import within
from guanxi.relationship.file.standing import survivors
from guanxi_retail.reporting import percent
from guanxi_retail.tiers.read_models import TierChangeRow, tier_changes, tier_members
from guanxi_retail.tiers.rules import TierRules

NOT_YET, LEFT, NO_TIER, TOTAL = "not_yet", "left", "no_tier", "total"
READS = (files, merged_files, tier_members, tier_changes)

LONG = (
    Column("from", Label("From", "期初等级"), "code"),
    Column("to", Label("To", "期末等级"), "code"),
    Column("members", Label("Members", "人数"), "integer"),
    Column("share", Label("Share of row", "行占比"), "percent"),
)
SANKEY = Picture(
    "sankey", x="from", y="to", value="members", title=Label("Migration between tiers", "会员等级迁移")
)
HEATMAP = Picture(
    "heatmap", x="to", y="from", value="members", title=Label("Migration between tiers", "会员等级迁移")
)


@attrs.frozen
class Standing:
    """Tiers of all members on one day, by stream; who had not joined or had left is not in it."""

    day: date
    tiers: Mapping[str, str]
    ladder: Sequence[str]


@attrs.frozen
class Migration:
    """How many went from which tier to which between two days."""

    opening: Standing
    closing: Standing
    moved: Counter[tuple[str, str]]

    @property
    def tiers(self) -> list[str]:
        """All tiers that somebody has on either day or the ladder names on the second, from the lowest."""
        named = [*self.closing.ladder, *self.opening.ladder]
        found = {*self.opening.tiers.values(), *self.closing.tiers.values()}
        order = [*dict.fromkeys(named), *sorted(found - {*named, NO_TIER})]
        return [NO_TIER, *order] if NO_TIER in found else order

    @property
    def sources(self) -> list[str]:
        """The rows: tiers, and who had not joined yet."""
        return [*self.tiers, NOT_YET]

    @property
    def targets(self) -> list[str]:
        """The columns: tiers, and who had left."""
        return [*self.tiers, LEFT]

    def total(self, source: str) -> int:
        """Return a row's total."""
        return sum(self.moved[source, target] for target in self.targets)

    def arrived(self, target: str) -> int:
        """Return a column's total."""
        return sum(self.moved[source, target] for source in self.sources)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of ``long``, with the two days in their headings."""
        dated = zip(LONG, (self.opening.day, self.closing.day), strict=False)
        first, then = (
            attrs.evolve(c, label=Label(f"{c.label.en}, {d}", f"{c.label.zh} {d}")) for c, d in dated
        )
        return first, then, *LONG[2:]

    def long(self) -> Iterator[tuple[Any, ...]]:
        """Yield every cell: from, to, members, share of the row."""
        for source in self.sources:
            total = self.total(source)
            for target in self.targets:
                n = self.moved[source, target]
                yield source, target, n, percent(Fraction(n, total)) if total else None

    def trouble(self) -> list[str]:
        """Return what does not add up: rows are the opening, columns the closing."""
        opening, closing = Counter(self.opening.tiers.values()), Counter(self.closing.tiers.values())
        out = [f"row {t} is not the opening" for t in self.tiers if self.total(t) != opening[t]]
        return out + [f"column {t} is not the closing" for t in self.tiers if self.arrived(t) != closing[t]]


def changes_by_stream(reader: Reader) -> dict[str, list[TierChangeRow]]:
    """Return every stream's changes in the order in which they took effect."""
    found: dict[str, list[TierChangeRow]] = {}
    for stream, row in reader.rows(tier_changes):
        if row.at is not None:
            found.setdefault(stream, []).append(row)
    for rows in found.values():
        rows.sort(key=_when)
    return found


def _when(row: TierChangeRow) -> tuple[Any, ...]:
    return row.at, row.turn, row.cause, row.about


def standing_on(
    reader: Reader, asked: Asked, day: date, changes: Mapping[str, Sequence[TierChangeRow]]
) -> Standing:
    """Return the tiers of all members at the end of a day.

    Args:
        reader: of ``READS``.
        asked: the cut.
        day: which.
        changes: as ``changes_by_stream`` returns them.
    """
    moment = midnight_after(day, asked.as_of.tzinfo) - TICK
    rules = asked.rules_at(TierRules, moment)
    into = survivors(reader, moment)
    closed = ((s, row.closed_on) for s, row in reader.rows(files))
    gone = {*into, *(s for s, closed_on in closed if closed_on is not None and closed_on <= day)}
    members: dict[str, bool] = {}
    for stream, row in reader.rows(tier_members):
        shown = into.get(stream, stream)
        members[shown] = members.get(shown, False) or within(row.spans, moment)
    tiers: dict[str, str] = {}
    for stream in (s for s, still in members.items() if still and s not in gone):
        past = [row for row in changes.get(stream, ()) if row.at is not None and row.at <= moment]
        tiers[stream] = (past[-1].after if past else rules.level(Decimal(0))) or NO_TIER
    return Standing(day, tiers, rules.ladder)


def migrated(opening: Standing, closing: Standing) -> Migration:
    """Return how many went from where to where."""
    moved: Counter[tuple[str, str]] = Counter()
    for stream in opening.tiers.keys() | closing.tiers.keys():
        moved[opening.tiers.get(stream, NOT_YET), closing.tiers.get(stream, LEFT)] += 1
    return Migration(opening, closing, moved)
