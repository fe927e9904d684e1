"""Whom to warn that a tier is about to be lost; nothing is to be sent for a day before its ground was known (RET-25, RET-59)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi import Asked, Cadence, DueItem, Label, Reader, midnight_after
from guanxi.relationship.care.read_models import touches
from guanxi_retail.tiers.read_models import TierWarningRow, tier_warning_rows

READS = (touches, tier_warning_rows)
_NAME = "tier_warning"


@attrs.frozen
class Notice:
    """A warning to be sent.

    Args:
        stream: whose.
        row: what it says.
        warned_at: from when it is to be sent.
        sent_at: when it was.
        before_import: whether its day was over when its ground became known.
    """

    stream: str
    row: TierWarningRow
    warned_at: datetime
    sent_at: datetime | None
    before_import: bool


def notices(reader: Reader, asked: Asked) -> Iterator[Notice]:
    """Yield every warning, with the message that names it: ``tier_warning/`` and the deadline.

    Args:
        reader: of ``READS``.
        asked: the cut.
    """
    sent: dict[tuple[str, str], list[datetime]] = {}
    for stream, touch in reader.rows(touches):
        if touch.sent_at is not None and touch.care_item is not None:
            sent.setdefault((stream, touch.care_item), []).append(touch.sent_at)
    for stream, row in reader.rows(tier_warning_rows):
        if row.deadline == date.min or row.warned_at is None:
            continue
        at = asked.local(row.warned_at)
        told = at if row.ground_at is None else asked.known_from(stream, row.ground, row.ground_at)
        named = sorted(m for m in sent.get((stream, f"{_NAME}/{row.deadline}"), ()) if m >= row.warned_at)
        yield Notice(
            stream, row, at, named[0] if named else None, told >= midnight_after(at.date(), at.tzinfo)
        )


def _items(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for one in notices(reader, asked):
        if not one.before_import:
            until = midnight_after(one.row.deadline, one.warned_at.tzinfo)
            key = f"{_NAME}/{one.row.deadline}"
            yield one.stream, DueItem(key, one.warned_at, until, one.sent_at, until, about=one.row.tier)


tier_warning = Cadence(
    name="retail.tier_warning",
    title=Label("Warning before a tier is lost", "降级预警通知"),
    rule="RET-25",
    reads=READS,
    items=_items,
    fulfilled_by=("core.message_sent",),
)

CADENCES = (tier_warning,)
