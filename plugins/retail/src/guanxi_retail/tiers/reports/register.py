"""Tier register (升保降级清单): who moved up, stayed or fell, on what amount against which threshold (RET-24 to RET-26)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Reader, Report, add_months
from guanxi_retail.reporting import ACCOUNT, account_of, option
from guanxi_retail.tiers.read_models import TierChangeRow
from guanxi_retail.tiers.reports._standing import (
    NO_TIER,
    READS,
    SANKEY,
    Migration,
    changes_by_stream,
    migrated,
    standing_on,
)

_YEAR = 12


@attrs.frozen
class RegisterParameters:
    """From which day to the cut, and which moves."""

    since: date | None = option(  # noqa: RUF009 - an attrs field, not a default
        None,
        Label("changes after this day; after a year before the cut if not given", "此日之后的变动，默认一年"),
    )
    move: Literal["upgrade", "keep", "downgrade"] | None = option(
        None, Label("upgrade, keep or downgrade; all if not given", "升级、保级或降级，默认全部")
    )


def _build(reader: Reader, parameters: RegisterParameters, asked: Asked) -> Content:
    changes = changes_by_stream(reader)
    account = account_of(reader)
    since = parameters.since or add_months(asked.day, -_YEAR)
    found = migrated(
        standing_on(reader, asked, since, changes), standing_on(reader, asked, asked.day, changes)
    )
    within: dict[str, list[TierChangeRow]] = {}
    for stream, own in changes.items():
        within[stream] = [r for r in own if r.at is not None and since < asked.day_of(r.at) <= asked.day]
    rows = sorted(
        (row for stream, own in within.items() for row in _rows(account(stream), own, asked)),
        key=lambda row: (row[0], row[1], row[-1]),
    )
    shown = [row[:-1] for row in rows if parameters.move in (None, row[4])]
    drawing = Drawing(SANKEY, found.columns(), [row for row in found.long() if row[2]])
    return Content(shown, _notes(rows), drawing=drawing, trouble=[*found.trouble(), *_led(found, within)])


def _rows(account: str, changes: Sequence[TierChangeRow], asked: Asked) -> Iterator[tuple[Any, ...]]:
    for turn, row in enumerate(changes):
        assert row.at is not None
        gap = max(row.threshold - row.amount, Decimal(0))
        day = asked.day_of(row.at)
        yield (
            day, account, row.before, row.after, row.move, row.amount, row.threshold, gap, row.cause,
            row.valid_until, turn,
        )  # fmt: skip


def _notes(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Label, str]]:
    moves = Counter(row[4] for row in rows)
    return [
        (Label("upgraded, kept, downgraded", "升级、保级、降级"), ", ".join(f"{moves[m]:,}" for m in _MOVES))
    ]


_MOVES = ("upgrade", "keep", "downgrade")


def _led(found: Migration, changes: Mapping[str, Sequence[TierChangeRow]]) -> Iterator[str]:
    """Yield whose changes do not lead from the tier of the opening to that of the closing."""
    for stream, closing in found.closing.tiers.items():
        opening = found.opening.tiers.get(stream)
        own = changes.get(stream, ())
        if own and (opening not in (None, own[0].before or NO_TIER) or (own[-1].after or NO_TIER) != closing):
            yield f"{stream}: changes do not lead from {opening} to {closing}"
        elif not own and opening not in (None, closing):
            yield f"{stream}: no change leads from {opening} to {closing}"


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for day, account, _, _, _, amount, threshold, gap, *_ in rows:
        if gap != max(threshold - amount, Decimal(0)):
            yield f"{account} on {day}: the gap is not what is missing to the threshold"


register = Report(
    name="retail.tier_register",
    title=Label("Tier register", "升保降级清单"),
    reads=READS,
    columns=(
        Column("on", Label("On", "日期"), "date"),
        ACCOUNT,
        Column("from", Label("From", "原等级"), "code"),
        Column("to", Label("To", "新等级"), "code"),
        Column("move", Label("Move", "变动"), "code"),
        Column("amount", Label("Amount", "考核金额"), "decimal"),
        Column("threshold", Label("Threshold", "门槛"), "decimal"),
        Column("gap", Label("Gap", "差额"), "decimal"),
        Column("cause", Label("Cause", "原因"), "code"),
        Column("valid_until", Label("Valid until", "有效期至"), "date"),
    ),
    build=_build,
    parameters=RegisterParameters,
    foots=_foots,
    picture=SANKEY,
    rules=("RET-24", "RET-25", "RET-26", "RET-28"),
)
