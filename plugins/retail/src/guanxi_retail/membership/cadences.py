"""What falls due in membership: the card that a purchase entitles to is handed over the same day (RET-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from guanxi import Asked, Cadence, DueItem, Label, Reader, midnight_after
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi_retail.membership.read_models import ISSUED, REACHED, WITHDRAWN, CardMoveRow, card_moves

_ORDER = (WITHDRAWN, REACHED, ISSUED)
"""Of what happens at one instant: a refund takes one ground away and leaves another, then the card is handed over."""


def _cards(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    into = survivors(reader, asked.as_of)
    moves: defaultdict[str, list[CardMoveRow]] = defaultdict(list)
    for stream, row in shown_rows(reader, card_moves, into):
        moves[stream].append(row)
    for stream, rows in moves.items():
        rows.sort(key=lambda row: (row.at, _ORDER.index(row.kind)))
        for item in _of_one(rows, asked):
            yield stream, item


def _of_one(rows: Sequence[CardMoveRow], asked: Asked) -> Iterator[DueItem]:
    """Yield a customer's cards to be handed over; what was withdrawn within its day is none."""
    open_one: tuple[str, datetime] | None = None
    for row in rows:
        at = asked.local(row.at)
        if row.kind == REACHED:
            open_one = row.ground, at
        elif open_one is not None:
            ground, since = open_one
            if row.kind == ISSUED:
                yield _item(ground, since, done_at=at)
            elif at >= midnight_after(since.date(), since.tzinfo):
                yield _item(ground, since, ends=at)
            open_one = None
    if open_one is not None:
        yield _item(*open_one)


def _item(
    ground: str, since: datetime, done_at: datetime | None = None, ends: datetime | None = None
) -> DueItem:
    key = f"{ground}/{since:%Y-%m-%d}"
    return DueItem(
        key, since, midnight_after(since.date(), since.tzinfo), done_at=done_at, ends=ends, about=ground
    )


card_hand_over = Cadence(
    name="retail.card_hand_over",
    title=Label("Card to be handed over", "待发会员卡"),
    rule="RET-04",
    reads=(card_moves, merged_files),
    items=_cards,
    fulfilled_by=("retail.member_card_issued",),
)

CADENCES = (card_hand_over,)
