"""What falls due about files: contact methods to be obtained, stale files to be checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months, midnight
from guanxi.relationship.file.customer_file import REACHABLE
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    ContactPointRetired,
    FileOpened,
    IdentifierRecorded,
    ProfileFactRecorded,
    ProfileVerified,
)
from guanxi.relationship.file.read_models import ContactRow, changes, contact_points, files, merged_files
from guanxi.relationship.file.rules import OpeningRules, ProfileRules
from guanxi.relationship.file.standing import shown_points, shown_rows, survivors


def _gaps(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    into = survivors(reader, asked.as_of)
    points: dict[str, list[ContactRow]] = defaultdict(list)
    for stream, point in shown_points(reader, into):
        points[stream].append(point)
    for stream, file in reader.rows(files):
        if file.party not in REACHABLE or file.opened_on is None or stream in into:
            continue
        opened = midnight(file.opened_on, asked.as_of.tzinfo)
        wanted = asked.rules_at(OpeningRules, opened).min_contact_kinds
        at_opening = {
            p.type for p in points[stream] if p.since is not None and asked.day_of(p.since) <= file.opened_on
        }
        if len(at_opening) >= wanted or file.closed_on is not None:
            continue
        reached = _reached(points[stream], wanted)
        kinds = len({p.type for p in points[stream] if p.until is None})
        yield (
            stream,
            DueItem("contacts", since=opened, until=None, done_at=reached, about=f"{kinds}/{wanted}"),
        )


def _reached(points: list[ContactRow], wanted: int) -> datetime | None:
    """Return when a file first had so many kinds of contact point at once; None while it has not."""
    kinds: set[str] = set()
    for point in sorted((p for p in points if p.until is None), key=lambda p: str(p.since)):
        kinds.add(point.type)
        if len(kinds) >= wanted:
            return point.since
    return None


contact_gap = Cadence(
    name="core.contact_gap",
    title=Label("Contact methods to be obtained", "待补充联系方式"),
    rule="CORE-08",
    reads=(files, contact_points, merged_files),
    items=_gaps,
    fulfilled_by=(ContactPointRecorded.stored_name,),
)


def _stale(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    into = survivors(reader, asked.as_of)
    moments: dict[str, list[datetime]] = defaultdict(list)
    for stream, change in shown_rows(reader, changes, into):
        if change.at is not None:
            moments[stream].append(change.at)
    gone = {stream for stream, file in reader.rows(files) if file.closed_on is not None}
    for stream, at in sorted(moments.items()):
        if stream in gone:
            continue
        at.sort()
        for last, after in zip(at, [*at[1:], None], strict=True):
            months = asked.rules_at(ProfileRules, last).stale_after_months
            day = asked.day_of(last)
            until = midnight(add_months(day, months), asked.as_of.tzinfo)
            if until <= asked.as_of and (after is None or after >= until):
                yield stream, DueItem(f"stale/{day}", since=until, until=None, done_at=after, about=f"{day}")


stale_file = Cadence(
    name="core.stale_file",
    title=Label("Stale file to be checked", "待核对陈旧档案"),
    rule="CORE-10",
    reads=(files, changes, merged_files),
    items=_stale,
    fulfilled_by=(
        FileOpened.stored_name,
        ProfileFactRecorded.stored_name,
        ContactPointRecorded.stored_name,
        ContactPointRetired.stored_name,
        IdentifierRecorded.stored_name,
        ProfileVerified.stored_name,
    ),
)

CADENCES = (contact_gap, stale_file)
