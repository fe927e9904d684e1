"""Which papers were due until when, and which of them were taken in (CORE-64)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight, zone
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.documents.read_models import (
    EXPECTED,
    WHOLE_FILE,
    DocumentRow,
    ExpectationRow,
    documents,
    expectations,
)
from guanxi.relationship.documents.rules import FilingRules


@attrs.define
class Filing:
    """A paper that is to be filed.

    Args:
        stream: in which file.
        document_type: what sort of paper.
        event_on: the day of what it is about.
        due_on: its last day.
        accepted_at: when it was taken in, if it was.
        provisional: whether the term runs through a year whose holidays are not published.
    """

    stream: str
    document_type: str
    event_on: date
    due_on: date
    accepted_at: datetime | None = None
    provisional: bool = False


def filings(reader: Reader, asked: Asked) -> Iterator[Filing]:
    """Yield what is to be filed in each file at the cut, in order of file, type and day.

    Args:
        reader: at a cut; what reads it declares ``expectations`` and ``documents``.
        asked: the cut.
    """
    called: dict[str, list[ExpectationRow]] = {}
    for stream, row in reader.rows(expectations):
        called.setdefault(stream, []).append(row)
    taken: dict[str, list[DocumentRow]] = {}
    for stream, paper in reader.rows(documents):
        if paper.document != WHOLE_FILE and paper.accepted_at is not None:
            paper.accepted_at = asked.local(paper.accepted_at)
            taken.setdefault(stream, []).append(paper)
    for stream in sorted(called):
        due = sorted(_due(stream, called[stream], asked), key=lambda f: (f.document_type, f.event_on))
        _match(due, taken.get(stream, []))
        yield from due


def _due(stream: str, rows: list[ExpectationRow], asked: Asked) -> Iterator[Filing]:
    tz = zone(asked.zone)
    said = {row.what: row for row in rows if row.trigger == EXPECTED}
    wanted: dict[str, date] = {}
    for row in rows:
        if row.trigger == EXPECTED:
            wanted[row.what] = row.event_on
            continue
        scope = asked.rules_at(FilingRules, midnight(row.event_on, tz)).scope
        for document_type in scope.get(row.trigger, ()):
            wanted[f"{document_type}/{row.event_on}"] = row.event_on
    for name, event_on in wanted.items():
        own = said.get(name)
        if own is not None and not own.applies:
            continue
        days = asked.rules_at(FilingRules, midnight(event_on, tz)).filing_due_days
        term = asked.rules(CalendarRules).days(event_on, days)
        named = None if own is None else own.due_on
        yield Filing(
            stream,
            name.rpartition("/")[0],
            event_on,
            named or term.last_day,
            provisional=named is None and term.provisional,
        )


def _match(due: list[Filing], taken: list[DocumentRow]) -> None:
    """Give each paper to what it was due for: by type and day where it names one, else to the earliest still missing."""
    left: list[DocumentRow] = []
    for paper in sorted(taken, key=lambda p: p.number):
        exact = [f for f in due if _for(f, paper) and f.event_on == paper.event_on]
        if exact:
            exact[0].accepted_at = paper.accepted_at
        elif paper.event_on is None:
            left.append(paper)
    for paper in left:
        open_ones = [f for f in due if _for(f, paper)]
        if open_ones:
            min(open_ones, key=lambda f: f.event_on).accepted_at = paper.accepted_at


def _for(filing: Filing, paper: DocumentRow) -> bool:
    return filing.accepted_at is None and filing.document_type == paper.document_type
