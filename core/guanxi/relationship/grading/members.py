"""Which customers are graded and counted: open files that were not absorbed by another."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel, Rows
from guanxi.relationship.file.events import (
    FileOpened,
    FilesMerged,
    MergeUndone,
    RelationshipClosed,
    RelationshipReopened,
)


@attrs.define
class MemberRow:
    """A file: since when it is open, until when, and whether another shows its entries."""

    account: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    absorbed_by: str | None = None


members = ReadModel("core.graded_files", MemberRow, title=Label("Files that are graded", "参评档案"))


@members.on
def _opened(rows: Rows[MemberRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.opened_on = e.account, at.date()


@members.on
def _closed(rows: Rows[MemberRow], e: RelationshipClosed, at: datetime) -> None:
    rows[()].closed_on = at.date()


@members.on
def _reopened(rows: Rows[MemberRow], e: RelationshipReopened, at: datetime) -> None:
    rows[()].closed_on = None


@members.on
def _merged(rows: Rows[MemberRow], e: FilesMerged, at: datetime) -> None:
    if e.here == "absorbed":
        rows[()].absorbed_by = e.survivor


@members.on
def _undone(rows: Rows[MemberRow], e: MergeUndone, at: datetime) -> None:
    if e.here == "absorbed":
        rows[()].absorbed_by = None


def members_of(reader: Reader, *, closed: bool = False) -> dict[str, str]:
    """Return the account numbers of the files that count at the cut, by stream.

    Args:
        reader: at a cut; what reads it declares ``members``.
        closed: whether closed ones count too.
    """
    return {
        stream: row.account
        for stream, row in reader.rows(members)
        if row.opened_on is not None and row.absorbed_by is None and (closed or row.closed_on is None)
    }


def owners(reader: Reader) -> dict[str, str]:
    """Return, for every file's stream, that of the file which shows its entries at the cut: itself, or its survivor.

    Args:
        reader: at a cut; what reads it declares ``members``.
    """
    into = {stream: row.absorbed_by for stream, row in reader.rows(members)}
    found: dict[str, str] = {}
    for stream in into:
        owner, passed = stream, {stream}
        while (following := into.get(owner)) is not None and following not in passed:
            owner = following
            passed.add(owner)
        found[stream] = owner
    return found
