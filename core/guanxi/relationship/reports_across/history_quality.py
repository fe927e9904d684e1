"""How well the history is kept: what came late, was corrected, voided, broke a rule or was decided anew (report 42)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

import attrs
import msgspec

from guanxi.kernel.access import let_in
from guanxi.kernel.clocks import ClockRules
from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.differing import differences
from guanxi.kernel.entries import Entry, FoldRow, Head, Kind
from guanxi.kernel.history import History
from guanxi.kernel.judging import Judge
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report, ReportResult
from guanxi.kernel.standard import (
    BreachFlagged,
    BreachRecorded,
    DecisionEnded,
    DecisionWithdrawn,
    EntryCorrected,
    EntryVoided,
)
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import LATEST, instant, stamp
from guanxi.relationship.file.events import FilesMerged, MergeUndone
from guanxi.relationship.import_batches import ImportBatchOpened
from guanxi.relationship.reports_across.over_ledger import learned_by, not_from_tables

LATE, REVISED = "late", "decision_revised"
_NAMED = {
    EntryCorrected.stored_name: "corrected",
    EntryVoided.stored_name: "voided",
    BreachFlagged.stored_name: "breach",
    BreachRecorded.stored_name: "breach",
    DecisionWithdrawn.stored_name: "decision_withdrawn",
    DecisionEnded.stored_name: "decision_ended",
    ImportBatchOpened.stored_name: "import_batch",
    FilesMerged.stored_name: "files_merged",
    MergeUndone.stored_name: "merge_undone",
}
"""Events that are of a kind by what they are."""

WOULD_DIFFER, WITHOUT_GROUND, PENDING = "would_differ", "without_ground", "pending"
INCOMPLETE, STALE = "incomplete", "stale"
KINDS = (
    LATE,
    "import_batch",
    "corrected",
    "voided",
    "breach",
    REVISED,
    "decision_withdrawn",
    "decision_ended",
    "files_merged",
    "merge_undone",
)
STANDING = (WOULD_DIFFER, WITHOUT_GROUND, PENDING, INCOMPLETE, STALE)
_BANDS = ((7, "≤7"), (30, "8–30"), (90, "31–90"))
_IN_BOTH = (FilesMerged.stored_name, MergeUndone.stored_name)
_PAGE, _STREAMS = 2_000, 500


@attrs.frozen
class QualityParameters:
    """Which entries are looked at, and what is judged again."""

    since: date | None = attrs.field(
        default=None,
        metadata={"help": Label("first day of entering; the beginning if not given", "录入起始日，默认最早")},
    )
    until: date | None = attrs.field(
        default=None,
        metadata={
            "help": Label("last day of entering; that of the cut if not given", "录入截止日，默认截点当日")
        },
    )
    view: Literal["sums", "entries"] = attrs.field(
        default="sums",
        metadata={"help": Label("sums, or the entries behind them", "sums 汇总、entries 逐条")},
    )
    judged: bool = attrs.field(
        default=True,
        metadata={
            "help": Label(
                "judge every file again for what would differ, which takes time", "重新判定全部档案（较慢）"
            )
        },
    )


@attrs.frozen
class Noted:
    """One thing that the report counts.

    Args:
        kind: of what sort.
        channel: how it was entered; None for what stands.
        band: days that it came late, as a band; None for what did not.
        days: the days themselves.
        stream: whose.
        entry: its id, or the account number of a file that is incomplete or stale.
        event: stored name.
        recorded_at: when it was entered; None for what is not written down.
        counts_from: from when it counts.
    """

    kind: str
    channel: str | None
    band: str | None
    days: int | None
    stream: str
    entry: str
    event: str | None
    recorded_at: datetime | None
    counts_from: datetime | None


def over_ledger(ledger: Ledger, parameters: QualityParameters, asked: Asked, at: Cut) -> Content:
    """Return how well the history is kept, at a cut.

    Of entries it counts those that were made in the period: late ones by days and channel, import batches, corrections, voids,
    breaches, decisions that were revised, withdrawn or ended, merges and their undoing. Of what stands at the cut it counts the
    decisions that would differ, the deeds without ground, what is pending, and the files that are incomplete or stale.

    Args:
        ledger: which.
        parameters: ``since`` and ``until``, days of entering; ``view``, ``"sums"`` or ``"entries"``; ``judged``, False to leave
            out what takes judging every file again.
        asked: the cut, and its rules.
        at: the cut.
    """
    known = learned_by(at)
    with let_in():
        care = ledger.report("core.file_care", as_of=at.as_of, as_known=known, all_files=True)
        accounts = [row[0] for row in ledger.report("core.files", as_known=known).rows]
        return _content(ledger, care, accounts, parameters, asked, at)


# ---------------------------------------------------------------- entries


def _known(ledger: Ledger, at: Cut) -> Iterator[Entry]:
    """Yield the entries of the log that were known at a cut and count by then."""
    after, top = 0, ledger.store.last_position() if at.position is None else at.position
    known, counted = at.as_known or LATEST, at.as_of or LATEST
    while after < top and (page := ledger.store.page(after, _PAGE)):
        after = page[-1].position
        for e in page:
            if e.position <= top and e.recorded_at <= known and e.effective_from <= counted:
                yield e


def _noted(entries: Iterator[Entry], parameters: QualityParameters, asked: Asked) -> Iterator[Noted]:
    """Yield the entries that are of a kind, each once."""

    @cache
    def bearable(day: date, at: datetime) -> int:
        return asked.rules_at(ClockRules, at).late_after_days

    tz = asked.as_of.tzinfo
    for e in entries:
        recorded = instant(e.recorded_at, tz)
        day = recorded.date()
        if (parameters.since is not None and day < parameters.since) or day > (parameters.until or date.max):
            continue
        days = (day - instant(min(e.occurred_at, e.effective_from), tz).date()).days
        kind = _NAMED.get(e.name)
        if e.name in _IN_BOTH and msgspec.json.decode(e.payload).get("here") == "absorbed":
            continue  # one ruling that is written in both files: it is the survivor's
        if kind is None and e.kind == Kind.DECISION.value and (e.replaces or e.succeeds):
            kind = REVISED
        if kind is None and e.kind in (Kind.FACT.value, Kind.ACT.value) and days > 0:
            # A threshold holds for whole days: one question for each day is enough.
            moment = recorded.replace(hour=0, minute=0, second=0, microsecond=0)
            kind = LATE if days > bearable(day, moment) else None
        if kind is not None:
            late = days if kind == LATE else None
            yield Noted(
                kind,
                _channel(e),
                None if late is None else _band(late),
                late,
                e.stream,
                e.id,
                e.name,
                recorded,
                instant(e.effective_from, tz),
            )


def _channel(e: Entry) -> str | None:
    if e.kind == Kind.DECISION.value:
        return None
    return e.channel or ("import" if e.batch else "feed" if e.source_system else "by_hand")


def _band(days: int) -> str:
    return next((name for last, name in _BANDS if days <= last), f">{_BANDS[-1][0]}")


# ---------------------------------------------------------------- what stands


def _standing(ledger: Ledger, at: Cut, *, today: bool) -> Iterator[Noted]:
    """Yield the decisions that would differ, the deeds without ground and what is pending at a cut.

    Args:
        ledger: which.
        at: the cut.
        today: whether it leaves out nothing that was learned, so that all that is due is written down.
    """
    plain = ledger.judge()
    book = ledger.reporting.book(at)
    judge = Judge(plain.house, book, plain.timelines, plain.tz)
    top = ledger.store.last_position() if at.position is None else at.position
    known, after = at.as_known or LATEST, ""
    may_differ = frozenset(ledger.reporting.may_differ())
    while heads := ledger.store.streams(None, after, _STREAMS):
        after = heads[-1].stream
        with collector_paused():
            stored = ledger.store.fold_rows_of([head.stream for head in heads])
            for head in heads:
                rows = [
                    r for r in stored.get(head.stream, ()) if r.position <= top and r.recorded_at <= known
                ]
                if not rows:
                    continue
                if head.stream in may_differ:
                    yield from _differing(ledger, judge, head, rows, at)
                waits = head.next_due is not None and head.next_due <= known
                if not today or waits or any(r.causation and r.kind != Kind.DECISION.value for r in rows):
                    yield from _loose(ledger, head, at)


def _differing(ledger: Ledger, judge: Judge, head: Head, rows: Sequence[FoldRow], at: Cut) -> Iterator[Noted]:
    """Yield the decisions of one stream that stand although they would come out otherwise."""
    linked, counted = ledger.linked(head.stream, rows), at.as_of or LATEST
    moment = max(at.as_known or LATEST, rows[-1].recorded_at)
    for one in differences(judge, head.subject, head.stream, rows, moment, linked):
        if one.effective <= counted:
            since = instant(one.effective, ledger.tz)
            yield Noted(WOULD_DIFFER, None, None, None, head.stream, one.entry or "", one.name, None, since)


def _loose(ledger: Ledger, head: Head, at: Cut) -> Iterator[Noted]:
    """Yield what of one stream is pending, or without ground."""
    for line in History(ledger, head.stream, at).lines():
        own = line.id.rpartition("/")[0] == head.stream  # what other files bring along is counted where it is
        kind = PENDING if line.status == "pending" else WITHOUT_GROUND if line.without_ground else None
        if own and kind is not None:
            recorded = None if line.recorded_at is None else line.recorded_at.astimezone(ledger.tz)
            yield Noted(
                kind, None, None, None, head.stream, line.id, line.name, recorded, line.effective_from
            )


def _files(care: ReportResult) -> Iterator[Noted]:
    """Yield the files that lack fields, and those that nobody looked over in time."""
    where = {column.name: n for n, column in enumerate(care.columns)}
    for row in care.rows:
        for kind, column in ((INCOMPLETE, "missing"), (STALE, "stale_since_change")):
            if row[where[column]]:
                account = row[where["account"]]
                yield Noted(kind, None, None, None, account, account, None, None, None)


# ---------------------------------------------------------------- the report


def _content(
    ledger: Ledger,
    care: ReportResult,
    accounts: Sequence[str],
    parameters: QualityParameters,
    asked: Asked,
    at: Cut,
) -> Content:
    entries = list(_noted(_known(ledger, at), parameters, asked))
    # Asked as known at a moment, what had come by then and is not written down yet is drawn for the answer.
    then = attrs.evolve(at, as_known=stamp(asked.as_known))
    today = at.as_known is None and at.position is None
    standing = list(_standing(ledger, then, today=today)) if parameters.judged else []
    standing += _files(care)
    many = Counter((KINDS.index(n.kind), n.band or "", n.channel or "") for n in entries)
    order = {name: n for n, (_, name) in enumerate(_BANDS)}
    rows: list[tuple[Any, ...]] = [
        (KINDS[kind], "entered", channel or None, band or None, count)
        for (kind, band, channel), count in sorted(
            many.items(), key=lambda pair: (pair[0][0], order.get(pair[0][1], len(order)), pair[0][2])
        )
    ]
    stands = Counter(n.kind for n in standing)
    wanted = STANDING if parameters.judged else (INCOMPLETE, STALE)
    rows += [(kind, "standing", None, None, stands[kind]) for kind in wanted]
    entered = sum(r[4] for r in rows if r[1] == "entered")
    # Each entry is of one kind only: counted by their ids, they are as many.
    trouble = (
        []
        if entered == len({n.entry for n in entries})
        else ["Σ kinds is not the number of entries of those kinds"]
    )
    notes = [(Label("entries of these kinds", "上述各类记录数"), str(entered))]
    drawn = Counter(n.kind for n in (*entries, *standing))
    drawing = Drawing(
        Picture("bars", "kind", "count", Label("Entries by kind", "各类记录数")),
        (COLUMNS[0], COLUMNS[4]),
        [(kind, drawn[kind]) for kind in (*KINDS, *wanted) if drawn[kind]],
    )
    if parameters.view == "sums":
        return Content(rows, notes, drawing=drawing, trouble=trouble)
    return Content(
        _listed(ledger, [*entries, *standing], accounts),
        notes,
        columns=LISTED,
        drawing=drawing,
        trouble=trouble,
    )


def _listed(ledger: Ledger, noted: Sequence[Noted], accounts: Sequence[str]) -> list[tuple[Any, ...]]:
    named = {stream: account for account, stream in ledger.find_all(accounts).items()}
    every = (*KINDS, *STANDING)
    found = sorted(
        noted, key=lambda n: (every.index(n.kind), stamp(n.recorded_at) if n.recorded_at else "", n.entry)
    )
    return [
        (
            n.kind,
            named.get(n.stream, n.stream),
            n.event,
            n.counts_from,
            n.recorded_at,
            n.days,
            n.channel,
            n.entry,
        )
        for n in found
    ]


COLUMNS = (
    Column("kind", Label("Kind", "类别"), "code"),
    Column("counted", Label("Counted", "口径"), "code"),
    Column("channel", Label("Channel", "渠道"), "code"),
    Column("days_late", Label("Days late", "迟录天数")),
    Column("count", Label("Number", "数量"), "integer"),
)
LISTED = (
    COLUMNS[0],
    Column("account", Label("Account no.", "户号")),
    Column("event", Label("Entry", "记录"), "code"),
    Column("counts_from", Label("Counts from", "生效时间"), "instant"),
    Column("recorded_at", Label("Entered", "录入时间"), "instant"),
    Column("days", Label("Days late", "迟录天数"), "integer"),
    COLUMNS[2],
    Column("entry", Label("Entry id", "记录号")),
)

REPORT = Report(
    name="core.history_quality",
    title=Label("History quality", "留痕质量"),
    reads=(),
    columns=COLUMNS,
    build=not_from_tables,
    over=over_ledger,
    parameters=QualityParameters,
    rules=("CORE-01", "CORE-02", "CORE-04", "CORE-05", "CORE-13", "CORE-93", "CORE-98"),
)
"""What the answer is called, and what stands in it."""
