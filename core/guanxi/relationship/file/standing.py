"""Which files stand for which parties at a cut, and what each shows: the rows of an absorbed file are the survivor's (CORE-13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import attrs

from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.relationship.file.read_models import ContactRow, absorbed_files, contact_points, merged_files
from guanxi.relationship.file.spans import within

Row = TypeVar("Row")


def survivors(reader: Reader, moment: datetime) -> Mapping[str, str]:
    """Return the survivor's stream by the stream of every file that is absorbed at a moment.

    Args:
        reader: of ``merged_files`` at least.
        moment: when.
    """
    into = {row.absorbed: stream for stream, row in reader.rows(merged_files) if within(row.spans, moment)}
    return {absorbed: _top(absorbed, into) for absorbed in into}


def survivor(reader: Reader, stream: str, moment: datetime) -> str:
    """Return the stream of the file that stands for one at a moment: its own, unless it is absorbed.

    Args:
        reader: of ``absorbed_files`` at least.
        stream: whose.
        moment: when.
    """
    seen = {stream}
    while True:
        rows = reader.rows_of(absorbed_files, stream)
        above = next((r.survivor for r in rows if within(r.spans, moment)), None)
        if above is None or above in seen:
            return stream
        seen.add(above)
        stream = above


def _top(stream: str, into: Mapping[str, str]) -> str:
    seen = {stream}
    while (above := into.get(stream)) is not None and above not in seen:
        seen.add(above)
        stream = above
    return stream


def shown_rows(reader: Reader, model: ReadModel[Row], into: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """Yield a model's rows, those of absorbed files as their survivors'.

    Args:
        reader: of the model.
        model: which.
        into: as ``survivors`` returns it.
    """
    for stream, row in reader.rows(model):
        yield into.get(stream, stream), row


def shown_points(reader: Reader, into: Mapping[str, str]) -> Iterator[tuple[str, ContactRow]]:
    """Yield contact points, those of absorbed files as their survivors', ended where the survivor retired them.

    Args:
        reader: of ``contact_points``.
        into: as ``survivors`` returns it.
    """
    retired: dict[tuple[str, str], datetime] = {}
    begun: list[tuple[str, ContactRow]] = []
    for stream, row in shown_rows(reader, contact_points, into):
        if row.since is not None:
            begun.append((stream, row))
        elif row.until is not None:
            retired[stream, row.point] = row.until
    for stream, row in begun:
        until = retired.get((stream, row.point))
        yield stream, row if until is None or row.until is not None else attrs.evolve(row, until=until)
