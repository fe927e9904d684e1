"""What falls due with papers: filing, return of loans, and review of what has run out (CORE-64 to CORE-66)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight, midnight_after, zone
from guanxi.relationship.documents.destruction import free_from
from guanxi.relationship.documents.filing import filings
from guanxi.relationship.documents.read_models import (
    HOLD,
    LIST,
    WHOLE_FILE,
    BarRow,
    DocumentRow,
    bars,
    documents,
    expectations,
    loans,
)
from guanxi.relationship.documents.rules import RetentionRules
from guanxi.relationship.grading.members import members


def _filings(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    tz = zone(asked.zone)
    for f in filings(reader, asked):
        yield (
            f.stream,
            DueItem(
                key=f"{f.document_type}/{f.event_on}",
                since=midnight(f.event_on, tz),
                until=midnight_after(f.due_on, tz),
                done_at=f.accepted_at,
                about=f.document_type,
                provisional=f.provisional,
            ),
        )


def _loans(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    tz = zone(asked.zone)
    for stream, row in reader.rows(loans):
        if row.lent_at is not None:
            yield (
                stream,
                DueItem(
                    key=row.loan,
                    since=row.lent_at,
                    until=midnight_after(row.due_on, tz),
                    done_at=row.returned_at,
                    person=row.borrower,
                    about=row.document,
                ),
            )


@attrs.frozen
class Kept:
    """A paper of a closed file.

    Args:
        stream: in which file.
        paper: the paper.
        closed_on: when the relationship ended.
        years: its longest period, 0 for ever, None where none is set.
        free_from: from when it may be destroyed; None if never, or not known.
        holds: legal holds in force on it.
        lists: approved lists that it is on.
    """

    stream: str
    paper: DocumentRow
    closed_on: date | None
    years: int | None
    free_from: date | None
    holds: tuple[BarRow, ...]
    lists: tuple[BarRow, ...]


def kept_papers(reader: Reader, asked: Asked) -> Iterator[Kept]:
    """Yield every paper with what its retention says at the cut, in order of file and number.

    Args:
        reader: at a cut; what reads it declares ``members``, ``documents`` and ``bars``.
        asked: the cut.
    """
    rules = asked.rules(RetentionRules)
    closed = {stream: row.closed_on for stream, row in reader.rows(members)}
    bearing: dict[str, list[BarRow]] = {}
    for stream, bar in reader.rows(bars):
        if bar.begins is not None:
            bearing.setdefault(stream, []).append(bar)
    for stream, paper in reader.rows(documents):
        if paper.document == WHOLE_FILE or paper.accepted_at is None:
            continue
        mine = [b for b in bearing.get(stream, []) if b.document in (paper.document, WHOLE_FILE)]
        years, closed_on = rules.years(paper.document_type, paper.retention_class), closed.get(stream)
        free = None if closed_on is None or years is None else free_from(closed_on, years)
        yield Kept(
            stream=stream,
            paper=paper,
            closed_on=closed_on,
            years=years,
            free_from=free,
            holds=tuple(b for b in mine if b.kind == HOLD and b.ends is None),
            lists=tuple(b for b in mine if b.kind == LIST),
        )


def _reviews(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    tz, days = zone(asked.zone), asked.rules(RetentionRules).review_days
    for kept in kept_papers(reader, asked):
        if kept.free_from is None or kept.free_from > asked.day:
            continue
        since = midnight(kept.free_from, tz)
        yield (
            kept.stream,
            DueItem(
                key=f"{kept.paper.document}/{kept.free_from}",
                since=since,
                until=midnight_after(kept.free_from + timedelta(days=days), tz),
                done_at=_reviewed(kept, since),
                about=kept.paper.document,
            ),
        )


def _reviewed(kept: Kept, since: datetime) -> datetime | None:
    """Return when somebody dealt with a paper that has run out: by approving its destruction, or by a hold."""
    found = [b.begins for b in (*kept.lists, *kept.holds) if b.begins is not None]
    if kept.paper.destroyed_on is not None:
        found.append(midnight(kept.paper.destroyed_on, since.tzinfo))
    return max(since, min(found)) if found else None


document_filing = Cadence(
    name="core.document_filing",
    title=Label("Filing of papers", "材料归档"),
    rule="CORE-64",
    reads=(expectations, documents),
    items=_filings,
    fulfilled_by=("core.document_accepted",),
)

loan_return = Cadence(
    name="core.loan_return",
    title=Label("Return of lent papers", "借阅归还"),
    rule="CORE-65",
    reads=(loans,),
    items=_loans,
    fulfilled_by=("core.document_returned",),
)

destruction_review = Cadence(
    name="core.destruction_review",
    title=Label("Review of papers whose period has run", "到期档案鉴定"),
    rule="CORE-66",
    reads=(members, documents, bars),
    items=_reviews,
    fulfilled_by=("core.destruction_approved", "core.legal_hold_placed"),
)

CADENCES = (document_filing, loan_return, destruction_review)
