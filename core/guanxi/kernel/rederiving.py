"""Deriving decisions again in memory, under the same rules or others, and saying which come out otherwise, for whom, and why.

Nothing is written. Determinism check, what-if and upgrade check are one comparison of two timelines per stream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import msgspec

from guanxi.kernel.absence import absence
from guanxi.kernel.desk import unknown_customer
from guanxi.kernel.entries import Entry, FoldRow, Head
from guanxi.kernel.errors import GuanxiError, Unknown
from guanxi.kernel.house import Room
from guanxi.kernel.judging import Judge, Judgement, Linked
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Event, fields_of
from guanxi.kernel.privacy import ERASED
from guanxi.kernel.read_models import Reader
from guanxi.kernel.replaying import Past, Reenactment, Replay, others_of, remembering, transactions
from guanxi.kernel.report_changes import Refusal, ReportChange, refused_change, report_change, two_readers
from guanxi.kernel.reports import Report, ReportResult, parameters_from
from guanxi.kernel.rules import Published, RuleBook, RuleSet, Supposed
from guanxi.kernel.runs.record import CLOSED, RUN_SUBJECT
from guanxi.kernel.runs.running import LineDifference
from guanxi.kernel.standard import BreachFlagged, DecisionEnded
from guanxi.kernel.telling import ACCOUNT
from guanxi.kernel.timeline import Cut, Item
from guanxi.kernel.times import EARLIEST, LATEST, TICK, stamp
from guanxi.kernel.verifying import Fault, walked
from guanxi.kernel.walk import Draft, Moment, Walk

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

Progress = Callable[[int, int], None]

BEFORE, AFTER = "only before", "only after"
DIFFERS = "differs"


@attrs.frozen
class Cause:
    """Why a decision comes out otherwise.

    Args:
        code: ``rule_set``, ``follows``, ``erased``, ``altered``, ``plugin_version``, ``rule``, ``rule_version`` or ``undetermined``.
        label: the same in words.
        facts: what it is made of, such as ``rule_set`` and ``parameters`` (name to the values before and after).
    """

    code: str
    label: Label
    facts: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class DecisionChange:
    """A decision that comes out otherwise.

    Args:
        stream: the relationship's opaque id.
        account: the customer's account number, where the stream has one.
        name: the decision's event name.
        key: its key fields.
        status: ``only before``, ``only after`` or ``differs``.
        before: its fields as stored, or under the rules as they are.
        after: its fields as derived, or under the other rules.
        before_from: stamp from which it counts before.
        after_from: stamp from which it counts after.
        rule: id of the rule that draws it.
        entry: id of the stored entry; None for what is not written down.
        recorded_at: stamp at which that was recorded.
        plugin: who drew the stored entry, or owns the decision.
        plugin_version: in which version.
        moment: the due moment it is drawn at, as ``name key``; None for one that follows from a fact.
        entries: ids of the facts it was drawn from.
        causes: why.
        found_by: ``replay`` of the moments of knowledge, or ``re-enactment`` of the transaction that drew it.
    """

    stream: str
    account: str | None
    name: str
    key: Mapping[str, Any]
    status: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    before_from: str | None
    after_from: str | None
    rule: str
    entry: str | None
    recorded_at: str | None
    plugin: str
    plugin_version: str
    moment: str | None
    entries: tuple[str, ...]
    causes: tuple[Cause, ...]
    found_by: str = "replay"


@attrs.frozen
class Unreadable:
    """A stored entry that a plugin's classes do not read, or a stream that its handlers fail on.

    Args:
        entry: id of the entry, or of the stream.
        name: its event name; empty for a stream.
        schema_version: the form it was stored in.
        why: what went wrong.
    """

    entry: str
    name: str
    schema_version: int
    why: str


@attrs.frozen
class RunChange:
    """A closed run some of whose recorded lines do not come out again at its own two cuts.

    Args:
        id: the run's record.
        run: the run's name.
        lines: the members' lines, as stored and as derived.
    """

    id: str
    run: str
    lines: tuple[LineDifference, ...]


@attrs.frozen
class Comparison:
    """What deriving again came to.

    Args:
        streams: how many were gone through.
        transactions: how many they hold.
        decisions: how many were in force before.
        position: last position of the log that was looked at.
        as_of: stamp of the cut.
        as_known: stamp of the knowledge.
        changes: decisions that come out otherwise, stream by stream.
        reports: what that does to the reports asked for.
        unreadable: entries that could not be read, and streams that could not be judged; left out of the rest.
        opaque: entries of absent plugins by event name: kept, and not judged.
        faults: what the streams' hashes say is altered or missing; only a check of what is stored looks.
        runs: closed runs that do not come out again; only a check of what is stored judges them.
        runs_judged: how many closed runs were judged again.
        underivable: decisions that stand and cannot be derived any more, since what their rules look at was erased: they
            are neither confirmed nor contradicted (CORE-96).
    """

    streams: int
    transactions: int
    decisions: int
    position: int
    as_of: str
    as_known: str
    changes: tuple[DecisionChange, ...]
    reports: tuple[ReportChange, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    opaque: Mapping[str, int] = attrs.field(factory=dict)
    faults: tuple[Fault, ...] = ()
    runs: tuple[RunChange, ...] = ()
    runs_judged: int = 0
    underivable: tuple[DecisionChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether everything could be read and judged, and nothing differs but what was erased."""
        wrong = self.changes or self.unreadable or self.faults or self.runs
        return not (wrong or any(not r.same for r in self.reports))

    def by_customer(self) -> dict[str, list[DecisionChange]]:
        """Return the changes by account number, or by stream where there is none."""
        out: dict[str, list[DecisionChange]] = {}
        for change in self.changes:
            out.setdefault(change.account or change.stream, []).append(change)
        return out


@attrs.frozen
class Publishing:
    """What a publication of now with effect in the past would make of the decisions that come out otherwise.

    Args:
        changed: how many it would replace, end or join by another.
        kept: how many would stand as they are, by the effects that they declare.
    """

    changed: int
    kept: int


@attrs.frozen
class WhatIf(Comparison):
    """What other rule sets would have decided, had they been in force, and what reports would have shown.

    Args:
        rules: the rule sets, or parameters of them, supposed to be in force.
        effective_from: from when; None for always.
        publishing: what publishing them now would change of it; None at a past cut.
    """

    rules: tuple[RuleSet | Supposed, ...] = ()
    effective_from: datetime | None = None
    publishing: Publishing | None = None

    @property
    def report(self) -> ReportChange | None:
        """The first report asked for, if any."""
        return self.reports[0] if self.reports else None


@attrs.frozen
class Drawn:
    """A decision in force, in plain values.

    Args:
        name: its event name.
        key: its key fields.
        effective_from: stamp from which it counts.
        fields: all its fields.
        rule: id of the rule that draws it.
        moment: the due moment it is drawn at, if any.
        entries: ids of the facts behind it.
    """

    name: str
    key: Mapping[str, Any]
    effective_from: str
    fields: Mapping[str, Any]
    rule: str
    moment: str | None
    entries: tuple[str, ...]


@attrs.frozen
class StreamSnapshot:
    """A stream's decisions in force, in plain values."""

    stream: str
    account: str | None
    decisions: tuple[Drawn, ...]


@attrs.define
class Side:
    """One of two timelines that are compared.

    Args:
        judgement: what a judge made of the stream.
        stream: whose.
        book: the rules it was judged under.
        tz: the programme's zone.
        rows: the stream's rows.
        told: stored ids of told entries, by the ids they have on this side; None where this side is what is stored.
    """

    judgement: Judgement
    stream: str
    book: RuleBook
    tz: ZoneInfo
    rows: Sequence[FoldRow]
    told: Mapping[str, str] | None = None

    def stored_id(self, entry: str) -> str:
        """Return the stored id of a told entry of this side."""
        return entry if self.told is None else self.told.get(entry, entry)

    def items(self) -> list[Item]:
        """Return the stream's own items in force."""
        return [i for i in self.judgement.items if i.origin.stream == self.stream]

    def decisions(self) -> list[Item]:
        """Return its decisions in force."""
        return [i for i in self.items() if isinstance(i.event, Decision)]

    def row(self, entry: str) -> FoldRow | None:
        """Return the row of one of its entries."""
        stream, _, version = entry.rpartition("/")
        if stream != self.stream or not version.isdigit() or not 0 < int(version) <= len(self.rows):
            return None
        return self.rows[int(version) - 1]

    def event(self, item: Item) -> Event:
        """Return an item's event with ids of told entries as they are stored."""
        event = item.event
        if isinstance(event, BreachFlagged) and self.told is not None:
            return BreachFlagged(entry=self.stored_id(event.entry), rule=event.rule, code=event.code)
        return event

    def events(self) -> list[tuple[Event, datetime]]:
        """Return the timeline as read models fold it."""
        return [(self.event(i), i.at(self.tz)) for i in self.items()]


@attrs.define
class _Company:
    pasts: dict[str, Past]
    entries: dict[str, list[Entry]]
    heads: dict[str, Head]
    faults: list[Fault] = attrs.field(factory=list)
    erased: list[tuple[Entry, Event]] = attrs.field(factory=list)


@attrs.define
class _Tally:
    streams: int = 0
    transactions: int = 0
    decisions: int = 0
    position: int = 0
    changes: list[DecisionChange] = attrs.field(factory=list)
    unreadable: list[Unreadable] = attrs.field(factory=list)
    opaque: Counter[str] = attrs.field(factory=Counter)
    faults: list[Fault] = attrs.field(factory=list)
    runs: list[RunChange] = attrs.field(factory=list)
    runs_judged: int = 0
    underivable: list[DecisionChange] = attrs.field(factory=list)


Compared = Iterator[tuple[str, list[tuple[Event, datetime]], list[tuple[Event, datetime]]]]


class Rederiving:
    """Derives the decisions of one ledger again.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # ------------------------------------------------------------ what is asked

    def check(self, subjects: Sequence[str] | None, progress: Progress | None) -> Comparison:
        """Compare what is stored with what comes of it again; see ``Ledger.check_determinism``."""
        return self._stored_against_derived(subjects, (), progress, as_judged=True)

    def rederive(
        self, subjects: Sequence[str] | None, reports: Sequence[str], progress: Progress | None
    ) -> Comparison:
        """Compare what is stored with what the installed code makes of it; see ``Ledger.rederive``."""
        return self._stored_against_derived(subjects, reports, progress, as_judged=False)

    def what_if(
        self,
        rules: Sequence[RuleSet | Supposed],
        *,
        effective_from: datetime | None,
        report: str | None,
        parameters: Mapping[str, Any],
        cut: Cut,
        subjects: Sequence[str] | None,
        progress: Progress | None,
    ) -> WhatIf:
        """Compare a replay under the rules as they are with one under others; see ``Ledger.what_if``."""
        ledger = self._ledger
        present = stamp(ledger.clock())
        cut = ledger.reporting.possible(cut, present)
        book, now = ledger.reporting.book(cut), ledger.reporting.known_at(cut, present)
        for value in rules:
            if value.stored_name not in book.classes:
                note = absence(ledger.installed, value.stored_name)
                raise Unknown(
                    "unknown_rule_set",
                    f"no installed plugin has {value.stored_name}{note.en}",
                    zh=f"没有安装含 {value.stored_name} 的插件{note.zh}",
                    accepts=", ".join(sorted(book.classes)),
                )
        other = _supposed_book(book, rules, effective_from)
        asked = [] if report is None else [ledger.reporting.find(report)]
        for each in asked:
            parameters_from(each.name, each.parameters, parameters)
        tally, publishing = _Tally(), None
        judge = _under(ledger.judge(), book)
        names = frozenset(r.stored_name for r in rules)
        if cut == Cut():
            publishing = _PublishingNow(self, book, other, sorted(names), effective_from, present)

        def sides(company: _Company, judge: Judge) -> Iterator[tuple[Side, Side]]:
            before = Replay(judge, company.pasts, cut)
            after = Replay(_under(judge, other), company.pasts, cut)
            for stream in company.pasts:
                yield _replayed(before, stream, now, book), _replayed(after, stream, now, other)

        compared = self._compare(
            judge, sides, cut, now, self._chosen(subjects), tally, progress, names, bool(asked), publishing
        )
        changed = self._reports(asked, parameters, compared, cut, (book, other), names)
        return WhatIf(
            **self._told(tally, cut, now),
            reports=changed,
            rules=tuple(rules),
            effective_from=effective_from,
            publishing=None if publishing is None else Publishing(publishing.changed, publishing.kept),
        )

    def snapshot(
        self,
        reports: Sequence[str],
        subjects: Sequence[str] | None,
        note: Callable[[StreamSnapshot], None],
        progress: Progress | None = None,
    ) -> tuple[Comparison, dict[str, ReportResult | GuanxiError], Reader]:
        """Derive everything afresh with the code of this process, for comparison with what another version makes of it.

        Args:
            reports: names of the reports to answer over what is derived.
            subjects: account numbers or stream ids; all if None.
            note: called with each stream's decisions in force.
            progress: called with (entries done, entries in all).

        Returns:
            What was gone through, the reports' answers or what kept them from it, and a reader over all read models.
        """
        ledger = self._ledger
        book, now, tally = ledger.rule_book(), stamp(ledger.clock()), _Tally()
        asked = [ledger.reporting.find(name) for name in reports]

        def sides(company: _Company, judge: Judge) -> Iterator[tuple[Side, Side]]:
            replay = Replay(judge, company.pasts)
            for stream in company.pasts:
                side = _replayed(replay, stream, now, book)
                note(self._snapshot_of(company, side))
                tally.decisions += len(side.decisions())
                yield side, side

        compared = self._compare(
            ledger.judge(), sides, Cut(), now, self._chosen(subjects), tally, progress, frozenset(), True
        )
        reporting = ledger.reporting
        reader = reporting.projector.scratch(reporting.models, ((s, events) for s, events, _ in compared))
        answers: dict[str, ReportResult | GuanxiError] = {}
        for report in asked:
            try:
                answers[report.name] = reporting.answer(report, Cut(), {}, reader, book=book)
            except GuanxiError as error:
                answers[report.name] = error
        return Comparison(**self._told(tally, Cut(), now)), answers, reader

    def _snapshot_of(self, company: _Company, side: Side) -> StreamSnapshot:
        drawn = []
        for item in side.decisions():
            event = side.event(item)
            key = {k: _plain(getattr(event, k)) for k in event.key_fields}
            moment, facts = _grounds(side, item, search=False)
            drawn.append(
                Drawn(
                    event.stored_name,
                    key,
                    item.effective,
                    _fields(side, item),
                    item.row.rule or "",
                    moment,
                    facts,
                )
            )
        return StreamSnapshot(side.stream, _account(side), tuple(drawn))

    def _stored_against_derived(
        self,
        subjects: Sequence[str] | None,
        reports: Sequence[str],
        progress: Progress | None,
        *,
        as_judged: bool,
    ) -> Comparison:
        ledger = self._ledger
        book, now, tally = ledger.rule_book(), stamp(ledger.clock()), _Tally()
        asked = [ledger.reporting.find(name) for name in reports]

        def sides(company: _Company, judge: Judge) -> Iterator[tuple[Side, Side]]:
            replay = Replay(judge, company.pasts)
            for stream in company.pasts:
                yield (
                    self._stored(company, stream, judge, Cut(), now, as_judged=as_judged),
                    _replayed(replay, stream, now, book),
                )
            if as_judged:
                self._reenact(company, judge, tally)

        compared = self._compare(
            ledger.judge(),
            sides,
            Cut(),
            now,
            self._chosen(subjects),
            tally,
            progress,
            frozenset(),
            bool(asked),
            verify=as_judged,
        )
        changed = self._reports(asked, {}, compared, Cut(), (book, book), frozenset())
        if as_judged:
            self._judge_runs(self._chosen(subjects), tally)
        return Comparison(**self._told(tally, Cut(), now), reports=changed)

    def _told(self, tally: _Tally, cut: Cut, now: str) -> dict[str, Any]:
        return {
            "streams": tally.streams,
            "transactions": tally.transactions,
            "decisions": tally.decisions,
            "position": tally.position,
            "as_of": cut.as_of or now,
            "as_known": cut.as_known or now,
            "changes": tuple(tally.changes),
            "unreadable": tuple(tally.unreadable),
            "opaque": dict(sorted(tally.opaque.items())),
            "faults": tuple(tally.faults),
            "runs": tuple(tally.runs),
            "runs_judged": tally.runs_judged,
            "underivable": tuple(tally.underivable),
        }

    def _judge_runs(self, chosen: set[str] | None, tally: _Tally) -> None:
        """Judge closed runs again at their own cuts; those of absent plugins are opaque."""
        ledger, after, broken = self._ledger, "", {u.entry.rpartition("/")[0] for u in tally.unreadable}
        while heads := ledger.store.streams(RUN_SUBJECT, after, 500):
            after = heads[-1].stream
            for head in heads:
                if head.stream in broken or (chosen is not None and head.stream not in chosen):
                    continue
                try:
                    view = ledger.runs.view(head.stream)
                    if view.status != CLOSED or view.run not in ledger.runs.runs:
                        continue
                    lines = tuple(ledger.runs.check(head.stream))
                except Exception as error:  # noqa: BLE001 - a run's handlers and its stored lines may fail in any way
                    tally.unreadable.append(Unreadable(head.stream, "", 0, _said(error)))
                    continue
                tally.runs_judged += 1
                if lines:
                    tally.runs.append(RunChange(head.stream, view.run, lines))

    # ------------------------------------------------------------ stream by stream

    def _chosen(self, subjects: Sequence[str] | None) -> set[str] | None:
        if subjects is None:
            return None
        found = self._ledger.find_all(subjects)
        heads = self._ledger.store.heads([s for s in subjects if s not in found])
        for subject in subjects:
            if subject not in found and subject not in heads:
                raise unknown_customer(subject)
        return {*found.values(), *heads}

    def _companies(
        self, chosen: set[str] | None, everything: bool, progress: Progress | None, verify: bool
    ) -> Iterator[_Company]:
        """Yield streams with those they were ever linked with, page by page; only those chosen unless all are needed."""
        store = self._ledger.store
        total, done, after = store.count(), 0, ""
        met: set[str] = set()
        while heads := store.streams(None, after, 500):
            after = heads[-1].stream
            for head in heads:
                if head.stream in met or (
                    chosen is not None and not everything and head.stream not in chosen
                ):
                    continue
                company = self._company(head, verify)
                if len(company.pasts) > 1:
                    met |= company.pasts.keys()
                yield company
                done += sum(len(e) for e in company.entries.values())
            if progress is not None:
                progress(done, total)

    def _company(self, head: Head, verify: bool) -> _Company:
        store, codec = self._ledger.store, self._ledger.codec
        company = _Company({}, {}, {})
        waiting = {head.stream: head}
        while waiting:
            stream, at = waiting.popitem()
            entries, faults = walked(store, at) if verify else (store.entries(stream), [])
            company.faults += faults
            company.entries[stream], company.heads[stream] = entries, at
            past = company.pasts[stream] = Past(stream, at.subject, transactions(entries))
            try:
                others = others_of(codec, stream, past.rows) - company.pasts.keys()
            except Exception:  # noqa: BLE001 - what cannot be read is named by whoever looks through the entries
                continue
            if others:
                waiting.update(store.heads(sorted(others)))
        return company

    def _compare(
        self,
        judge: Judge,
        sides: Callable[[_Company, Judge], Iterator[tuple[Side, Side]]],
        cut: Cut,
        now: str,
        chosen: set[str] | None,
        tally: _Tally,
        progress: Progress | None,
        supposed: frozenset[str],
        everything: bool,
        publishing: _PublishingNow | None = None,
        *,
        verify: bool = False,
    ) -> Compared:
        """Yield both timelines of each stream, noting what differs; streams not chosen stand as they are on both sides."""
        for company in self._companies(chosen, everything, progress, verify):
            alone = chosen is not None and not (company.pasts.keys() & chosen)
            unreadable = self._look_through(company, tally, count=not alone)
            tally.faults += company.faults
            if unreadable:
                tally.unreadable += unreadable
                continue
            mine = remembering(judge)
            try:
                if alone:
                    pairs = [
                        (side, side)
                        for s in company.pasts
                        for side in [self._stored(company, s, mine, cut, now, as_judged=True)]
                    ]
                else:
                    pairs = list(sides(company, mine))
            except GuanxiError as error:
                stream = next(iter(company.pasts))
                tally.unreadable.append(Unreadable(stream, "", 0, f"{error.code}: {error.message}"))
                continue
            for before, after in pairs:
                if before is not after and (chosen is None or before.stream in chosen):
                    seen = len(tally.changes)
                    self._note(company, before, after, tally, supposed)
                    if publishing is not None:
                        publishing.note(company, mine, before.stream, tally.changes[seen:])
                folded = before.events()
                yield before.stream, folded, folded if after is before else after.events()

    def _look_through(self, company: _Company, tally: _Tally, *, count: bool) -> list[Unreadable]:
        """Read every entry once; count what belongs to absent plugins, and return what should be readable and is not."""
        codec = self._ledger.codec
        found: list[Unreadable] = []
        for stream, entries in company.entries.items():
            for version in sorted(
                {*range(1, company.heads[stream].version + 1)} - {e.version for e in entries}
            ):
                found.append(Unreadable(f"{stream}/{version}", "", 0, "it is missing; see guanxi verify"))
            for e in entries:
                try:
                    event = codec.decode(e.name, e.schema_version, e.payload, stream, e.version)
                except Exception as error:  # noqa: BLE001 - upcasters and classes are plugin code and may fail in any way
                    found.append(Unreadable(e.id, e.name, e.schema_version, _said(error)))
                    continue
                if event is None:
                    if codec.registry.find(e.name) is not None:
                        why = f"stored in form {e.schema_version}, newer than the class installed"
                        found.append(Unreadable(e.id, e.name, e.schema_version, why))
                    elif count:
                        tally.opaque[e.name] += 1
                elif any(getattr(event, a.name) is ERASED for a in fields_of(type(event))):
                    company.erased.append((e, event))
                tally.position = max(tally.position, e.position)
        if count:
            tally.streams += len(company.pasts)
            tally.transactions += sum(len(p.transactions) for p in company.pasts.values())
        return found

    def _stored(
        self, company: _Company, stream: str, judge: Judge, cut: Cut, now: str, *, as_judged: bool
    ) -> Side:
        """Return a stream as it stands, with moments that have come but are not written down drawn in memory."""
        ledger, head, rows = self._ledger, company.heads[stream], company.pasts[stream].rows
        linked = None
        if len(company.pasts) > 1:
            others = others_of(judge.timelines.codec, stream, rows, joining=False) & company.pasts.keys()
            linked = Linked({s: company.pasts[s].rows for s in sorted(others)}) if others else None
        changed = as_judged and ledger.stale(head, cut)
        judged = judge.state(head.subject, stream, rows, cut, now, linked, facets_changed=changed)
        return Side(judged, stream, judge.book, judge.tz, rows)

    # ------------------------------------------------------------ what differs

    def _note(
        self, company: _Company, before: Side, after: Side, tally: _Tally, supposed: frozenset[str]
    ) -> None:
        left, right = before.decisions(), after.decisions()
        tally.decisions += len(left)
        if _all_alike(before, left, after, right):
            return
        pairs = list(_paired(before, left, after, right))
        account = _account(before) or _account(after)
        changes: list[DecisionChange] = []
        for one, other in pairs:
            changes.append(self._change(company, account, (before, one), (after, other), supposed, changes))
        if supposed:
            tally.changes += changes
            return
        judged = _judged(changes, self._of_absent_plugins(company), company)
        self._add(company, before.judgement.room, judged, tally)

    def _of_absent_plugins(self, company: _Company) -> frozenset[str]:
        """Return the ids of entries whose plugin is away."""
        find = self._ledger.codec.registry.find
        return frozenset(
            e.id for entries in company.entries.values() for e in entries if find(e.name) is None
        )

    def _change(
        self,
        company: _Company,
        account: str | None,
        left: tuple[Side, Item | None],
        right: tuple[Side, Item | None],
        supposed: frozenset[str],
        earlier: Sequence[DecisionChange],
    ) -> DecisionChange:
        (before, one), (after, other) = left, right
        side, item = (after, other) if other is not None else (before, one)
        assert item is not None
        event = side.event(item)
        entry = None
        if one is not None and before.told is None and one.row.version <= len(company.entries[before.stream]):
            entry = company.entries[before.stream][one.row.version - 1]
        moment, facts = _grounds(side, item)
        owner = self._ledger.owners.get(event.stored_name, ("core", "0"))
        causes = (
            _supposed_causes(left, right, supposed, earlier)
            if supposed
            else self._causes(entry, left, right, facts, company, earlier)
        )
        return DecisionChange(
            stream=side.stream,
            account=account,
            name=event.stored_name,
            key={k: _plain(getattr(event, k)) for k in event.key_fields},
            status=DIFFERS if one is not None and other is not None else (AFTER if one is None else BEFORE),
            before=None if one is None else _fields(before, one),
            after=None if other is None else _fields(after, other),
            before_from=None if one is None else one.effective,
            after_from=None if other is None else other.effective,
            rule=item.row.rule or "",
            entry=None if entry is None else entry.id,
            recorded_at=None if entry is None else entry.recorded_at,
            plugin=owner[0] if entry is None else entry.plugin,
            plugin_version=owner[1] if entry is None else entry.plugin_version,
            moment=moment,
            entries=facts,
            causes=causes,
        )

    def _causes(
        self,
        entry: Entry | None,
        left: tuple[Side, Item | None],
        right: tuple[Side, Item | None],
        facts: Sequence[str],
        company: _Company,
        earlier: Sequence[DecisionChange],
    ) -> tuple[Cause, ...]:
        """Say why a stored decision does not come of the same facts again."""
        one, other = left[1], right[1]
        item = one or other
        assert item is not None
        causes: list[Cause] = _altered(company)
        name = item.event.stored_name
        owner, version = self._ledger.owners.get(name, ("core", "0"))
        causes += _other_plugin(entry, owner, version)
        was, now = _versions(one), _versions(other)
        for rule_set in sorted(was.keys() & now.keys()):
            if was[rule_set] != now[rule_set]:
                causes.append(
                    Cause(
                        "rule_version",
                        Label(
                            f"drawn under {rule_set} v{was[rule_set]}, derived under v{now[rule_set]}",
                            f"依据 {rule_set} v{was[rule_set]} 作出，重新推导依据 v{now[rule_set]}",
                        ),
                        {"rule_set": rule_set, "before": was[rule_set], "after": now[rule_set]},
                    )
                )
        gone = {e.id for e, _ in company.erased}
        if erased := [f for f in facts if f in gone]:
            causes.append(_gone(erased))
        if not causes and (first := _followed(earlier, item)) is not None:
            causes.append(first)
        return tuple(causes) or (_UNDETERMINED,)

    def _add(self, company: _Company, room: Room, changes: Sequence[DecisionChange], tally: _Tally) -> None:
        """Note what differs, and apart from it what cannot be derived any more."""
        rest, lost = self._underivable(company, room, changes)
        named = {_whose(c) for c in tally.underivable}
        tally.underivable += [c for c in lost if _whose(c) not in named]
        tally.changes += rest

    def _underivable(
        self, company: _Company, room: Room, changes: Sequence[DecisionChange]
    ) -> tuple[list[DecisionChange], list[DecisionChange]]:
        """Part what differs from what comes out otherwise by nothing but that a value which its rules look at was erased since.

        What differs by altered entries, other code or other rules differs whatever was erased. What follows a decision that
        cannot be derived cannot be, either.
        """
        rest: list[DecisionChange] = []
        lost: list[DecisionChange] = []
        for change in changes:
            codes = {c.code for c in change.causes}
            if not company.erased or not codes <= {"erased", "follows", "undetermined"}:
                rest.append(change)
                continue
            until = change.recorded_at or LATEST
            looked_at = _looked_at(room, change.rule)
            needed = [
                e.id
                for e, event in company.erased
                if e.recorded_at <= until and (not looked_at or isinstance(event, looked_at))
            ]
            if "erased" in codes or needed:
                why = change.causes if "erased" in codes else (_gone(needed),)
                lost.append(attrs.evolve(change, causes=why))
            elif lost and change.found_by == "re-enactment":
                lost.append(change)  # of the same transaction, whose states are otherwise by now
            elif lost and "follows" in codes:
                lost.append(change)
            else:
                rest.append(change)
        return rest, lost

    def _reenact(self, company: _Company, judge: Judge, tally: _Tally) -> None:
        """Note transactions that come out otherwise with what was known then, where the replay did not say so already."""
        again = Reenactment(judge, company.pasts)
        for stream in company.pasts:
            known = {
                (c.name, tuple(c.key.items()))
                for c in (*tally.changes, *tally.underivable)
                if c.stream == stream
            }
            room = self._ledger.house.room(company.heads[stream].subject)
            for departure in again.departures(stream):
                rows = {_named(e): (r, e) for r, e in departure.stored if isinstance(e, Decision)}
                made = {_named(d.event): d for d in departure.made if isinstance(d.event, Decision)}
                recorded = departure.transaction.recorded
                changes = [
                    self._departed(company, stream, rows.get(ident), made.get(ident), recorded)
                    for ident in dict.fromkeys([*rows, *made])
                    if (ident[0], ident[1]) not in known
                ]
                self._add(company, room, changes, tally)

    def _departed(
        self,
        company: _Company,
        stream: str,
        stored: tuple[FoldRow, Event] | None,
        made: Draft | None,
        recorded: str,
    ) -> DecisionChange:
        event = stored[1] if stored is not None else made.event if made is not None else None
        assert event is not None
        entry = None if stored is None else company.entries[stream][stored[0].version - 1]
        owner, version = self._ledger.owners.get(event.stored_name, ("core", "0"))
        causation = (
            stored[0].causation if stored is not None else made.causation if made is not None else None
        )
        causes = _altered(company)
        causes += _other_plugin(entry, owner, version)
        if stored is not None and made is not None:
            causes += _other_rules(stored[0], made)
        return DecisionChange(
            stream=stream,
            account=_account_in(company.entries[stream], self._ledger),
            name=event.stored_name,
            key={k: _plain(getattr(event, k)) for k in event.key_fields},
            status=DIFFERS
            if stored is not None and made is not None
            else (AFTER if stored is None else BEFORE),
            before=None if stored is None else _plain(stored[1]),
            after=None if made is None else _plain(made.event),
            before_from=None if stored is None else stored[0].effective_from,
            after_from=None if made is None else made.effective,
            rule=(stored[0].rule if stored is not None else made.rule if made is not None else None) or "",
            entry=None if entry is None else entry.id,
            recorded_at=recorded,
            plugin=owner if entry is None else entry.plugin,
            plugin_version=version if entry is None else entry.plugin_version,
            moment=None,
            entries=() if causation is None else (causation,),
            causes=tuple(causes) or (_UNDETERMINED,),
            found_by="re-enactment",
        )

    # ------------------------------------------------------------ reports

    def _reports(
        self,
        asked: Sequence[Report],
        parameters: Mapping[str, Any],
        compared: Compared,
        cut: Cut,
        books: tuple[RuleBook, RuleBook],
        supposed: frozenset[str],
    ) -> tuple[ReportChange, ...]:
        reporting = self._ledger.reporting
        if not asked:
            for _ in compared:
                pass
            return ()
        models = list(dict.fromkeys(m for r in asked for m in r.reads))
        readers = two_readers(reporting.projector, models, compared)
        out: list[ReportChange] = []
        for report in asked:
            answers: list[ReportResult | Refusal] = []
            for reader, book, names in zip(readers, books, (frozenset[str](), supposed), strict=True):
                try:
                    answers.append(
                        reporting.answer(report, cut, parameters, reader, book=book, hypothetical=names)
                    )
                except GuanxiError as error:
                    answers.append(Refusal.of(error))
            before, after = answers
            if isinstance(before, ReportResult) and isinstance(after, ReportResult):
                out.append(report_change(before, after, self._entries_behind(report, before, after)))
            else:
                out.append(refused_change(report.name, report.columns, before, after))
        return tuple(out)

    def _entries_behind(
        self, report: Report, before: ReportResult, after: ReportResult
    ) -> Callable[[Sequence[Sequence[Any]]], dict[str, tuple[str, ...]]]:
        """Return what names the entries behind rows that lead with an account number: those that the report's read models fold."""
        ledger = self._ledger
        folded = {c.stored_name for m in report.reads for c in m.handlers if not issubclass(c, Decision)}

        def behind(keys: Sequence[Sequence[Any]]) -> dict[str, tuple[str, ...]]:
            names = sorted({k[0] for k in keys if k and isinstance(k[0], str) and k[0]})
            found = ledger.find_all(names) if names else {}
            rows = ledger.store.fold_rows_of(sorted(set(found.values()))) if found else {}
            return {
                name: tuple(f"{s}/{r.version}" for r in rows.get(s, ()) if r.name in folded)
                for name, s in found.items()
            }

        return behind


# ---------------------------------------------------------------- sides


def _replayed(replay: Replay, stream: str, now: str, book: RuleBook) -> Side:
    judged = replay.derived(stream, now)
    return Side(judged, stream, book, replay.tz, replay.rows[stream], replay.stored)


def _under(judge: Judge, book: RuleBook) -> Judge:
    return Judge(judge.house, book, judge.timelines, judge.tz)


def _supposed_book(
    book: RuleBook, rules: Sequence[RuleSet | Supposed], effective_from: datetime | None
) -> RuleBook:
    whole = [r for r in rules if isinstance(r, RuleSet)]
    if effective_from is None:
        book = book.overridden(*whole) if whole else book
    else:
        book = _published(book, whole, effective_from)
    parts = [r for r in rules if isinstance(r, Supposed)]
    return book.supposing(parts, None if effective_from is None else stamp(effective_from)) if parts else book


class _PublishingNow:
    """Counts what a publication of now with effect in the past would change, stream by stream."""

    def __init__(
        self,
        rederiving: Rederiving,
        book: RuleBook,
        other: RuleBook,
        names: Sequence[str],
        since: datetime | None,
        now: str,
    ) -> None:
        self.changed = self.kept = 0
        # A tick later than anything known, so that it is news to whatever was recorded just now.
        self._rederiving, self._book = rederiving, book
        self._now = stamp(datetime.fromisoformat(now) + TICK)
        self._published = _published_now(book, other, names, since, self._now)

    def note(self, company: _Company, judge: Judge, stream: str, changes: Sequence[DecisionChange]) -> None:
        """Count which of a stream's changes would come about."""
        if not changes:
            return
        before, after = (
            self._rederiving._stored(company, stream, _under(judge, book), Cut(), self._now, as_judged=True)
            for book in (self._book, self._published)
        )
        found = {
            _named(side.event(item))
            for pair in _paired(before, before.decisions(), after, after.decisions())
            for side, item in zip((before, after), pair, strict=True)
            if item is not None
        }
        changed = sum((c.name, tuple(c.key.items())) in found for c in changes)
        self.changed += changed
        self.kept += len(changes) - changed


def _published_now(
    book: RuleBook, other: RuleBook, names: Sequence[str], since: datetime | None, now: str
) -> RuleBook:
    """Return a book in which what another supposes is published now, in place of every version in force from then on."""
    start, new = EARLIEST if since is None else stamp(since), list[Published]()
    for name in names:
        versions = book.versions(name)
        number = max((p.version for p in versions), default=0)
        later = {p.effective_from for p in versions if p.counts(now) and p.effective_from > start}
        for n, at in enumerate([start, *sorted(later)], 1):
            value, _ = other.find(book.classes[name], at, now)
            # One reason is enough for everything from the first moment on to be judged again.
            new.append(Published(name, number + n, at, now, value, "supposed" if n == 1 else None, ""))
    known = [p for name in book.classes for p in book.versions(name)]
    return RuleBook(book.classes.values(), [*known, *new])


def _published(book: RuleBook, rules: Sequence[RuleSet], effective_from: datetime) -> RuleBook:
    """Return a book in which these were published in time to be in force from a moment on."""
    at = stamp(effective_from)
    known = [p for name in book.classes for p in book.versions(name)]
    supposed = [
        Published(
            r.stored_name,
            max((p.version for p in book.versions(r.stored_name)), default=0) + 1,
            at,
            at,
            r,
            None,
            "",
        )
        for r in rules
    ]
    return RuleBook(book.classes.values(), [*known, *supposed])


def _judged(
    changes: Sequence[DecisionChange], absent: frozenset[str], company: _Company
) -> list[DecisionChange]:
    """Return the changes without those of decisions that cannot be judged while a plugin is away, and what follows from them.

    What an entry of such a plugin or time was the ground of stands as it is, see ``Walk``; no replay can draw it.
    """
    if not absent:
        return list(changes)
    stored = {e.id: e for entries in company.entries.values() for e in entries}
    standing: set[tuple[str, str]] = set()
    found = []
    for change in changes:
        entry = stored.get(change.entry or "")
        groundless = (
            change.status == BEFORE
            and entry is not None
            and (entry.causation is None or entry.causation in absent)
        )
        follows = bool(change.causes) and all(
            c.code == "follows" and (c.facts["name"], str(c.facts["key"])) in standing for c in change.causes
        )
        if groundless or follows:
            standing.add((change.name, str(change.key)))
        else:
            found.append(change)
    return found


# ---------------------------------------------------------------- pairing


def _ident(side: Side, item: Item) -> tuple[Any, ...]:
    event = item.ended if isinstance(item.event, DecisionEnded) else side.event(item)
    if event is None:
        return (item.event.stored_name,)
    if isinstance(event, BreachFlagged):
        return (item.event.stored_name, event.entry, event.rule, event.code)
    return (
        item.event.stored_name,
        event.stored_name,
        *(_hashable(getattr(event, k)) for k in event.key_fields),
    )


def _alike(before: Side, one: Item, after: Side, other: Item) -> bool:
    if one.effective != other.effective or type(one.event) is not type(other.event):
        return False
    if isinstance(one.event, DecisionEnded):
        return one.ended == other.ended
    return before.event(one) == after.event(other)


def _all_alike(before: Side, left: Sequence[Item], after: Side, right: Sequence[Item]) -> bool:
    return len(left) == len(right) and all(
        _alike(before, one, after, other) for one, other in zip(left, right, strict=True)
    )


def _paired(
    before: Side, left: Sequence[Item], after: Side, right: Sequence[Item]
) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield decisions that differ in pairs of the same identity: of the same moment first, then in order."""
    groups: dict[tuple[Any, ...], tuple[list[Item], list[Item]]] = {}
    for item in left:
        groups.setdefault(_ident(before, item), ([], []))[0].append(item)
    for item in right:
        groups.setdefault(_ident(after, item), ([], []))[1].append(item)
    found: list[tuple[str, Item | None, Item | None]] = []
    for mine, theirs in groups.values():
        for same in (True, False):
            for one in list(mine):
                match = next(
                    (
                        o
                        for o in theirs
                        if (_alike(before, one, after, o) if same else o.effective == one.effective)
                    ),
                    None,
                )
                if match is not None:
                    mine.remove(one)
                    theirs.remove(match)
                    if not same:
                        found.append((one.effective, one, match))
        for n in range(max(len(mine), len(theirs))):
            first = mine[n] if n < len(mine) else None
            second = theirs[n] if n < len(theirs) else None
            found.append((min(i.effective for i in (first, second) if i is not None), first, second))
    for _, first, second in sorted(found, key=lambda f: f[0]):
        yield first, second


def _named(event: Event) -> tuple[Any, ...]:
    return (event.stored_name, tuple((k, _plain(getattr(event, k))) for k in event.key_fields))


# ---------------------------------------------------------------- grounds and causes

_UNDETERMINED = Cause(
    "undetermined",
    Label(
        "same facts, same rules, same plugin version: a handler depends on something else "
        "(a clock, a counter, chance, the order of a set), or its code was changed without a new version",
        "事实、规则集与插件版本均相同：处理程序依赖了其他因素（时钟、计数、随机、集合次序），或代码已改而版本未升",
    ),
)


def _altered(company: _Company) -> list[Cause]:
    """Return that entries of these streams are not as they were written, if any are not."""
    if not company.faults:
        return []
    names = list(dict.fromkeys(f.entry for f in company.faults))
    text = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    label = Label(f"entry {text} is altered; see guanxi verify", f"记录 {text} 已被改动；见 guanxi verify")
    return [Cause("altered", label, {"altered": names})]


def _other_plugin(entry: Entry | None, owner: str, version: str) -> list[Cause]:
    """Return that a stored decision was drawn by another version of its plugin than is installed."""
    if entry is None or entry.plugin_version == version:
        return []
    label = Label(
        f"drawn by {entry.plugin} {entry.plugin_version}; {version} is installed",
        f"由 {entry.plugin} {entry.plugin_version} 作出；现装 {version}",
    )
    facts = {"plugin": owner, "drawn_by": entry.plugin_version, "installed": version}
    return [Cause("plugin_version", label, facts)]


def _other_rules(stored: FoldRow, made: Draft) -> list[Cause]:
    """Return that a decision names another rule, or other versions of rule sets, than it is drawn by."""
    causes: list[Cause] = []
    if stored.rule != made.rule:
        was, now = stored.rule or "–", made.rule or "–"
        causes.append(
            Cause(
                "rule",
                Label(f"stored as drawn by {was}, drawn by {now}", f"所存依据为规则 {was}，实依规则 {now}"),
                {"before": stored.rule, "after": made.rule},
            )
        )
    old: dict[str, int] = msgspec.json.decode(stored.rule_sets) if stored.rule_sets else {}
    new = made.rule_sets or {}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            before, after = (f"v{v[name]}" if name in v else "–" for v in (old, new))
            causes.append(
                Cause(
                    "rule_version",
                    Label(
                        f"stored as under {name} {before}, derived under {after}",
                        f"所存依据为 {name} {before}，重新推导依据 {after}",
                    ),
                    {"rule_set": name, "before": old.get(name), "after": new.get(name)},
                )
            )
    return causes


def _grounds(side: Side, item: Item, *, search: bool = True) -> tuple[str | None, tuple[str, ...]]:
    """Return the due moment a decision is drawn at, if any, and the stored ids of the facts behind it."""
    row: FoldRow | None = item.row
    seen: set[str] = set()
    while row is not None:
        cause = row.causation
        if cause is None:
            break
        if cause in seen:
            return None, ()
        seen.add(cause)
        if side.told is not None and cause in side.told:
            return None, (side.told[cause],)
        other = side.row(cause)
        if other is None or other.kind != "decision":
            return None, (cause,)
        row = other
    place = (row.place if row is not None else None) or item.place or ""
    if not place.startswith("@"):
        return None, ()
    name, _, rest = place[1:].partition("|")
    key_text = rest.rpartition("|")[0]
    return f"{name} {key_text}", _setting_off(side, name, key_text) if search else ()


def _setting_off(side: Side, name: str, key_text: str) -> tuple[str, ...]:
    """Return the facts that set a moment running, asked of the facets as they stand now."""
    room, judgement = side.judgement.room, side.judgement
    out: list[str] = []
    for item in side.items():
        waits = room.dues.get(type(item.event), ())
        if not waits:
            continue
        walk = Walk(room, side.book, side.stream, 1, item.row.recorded_at, side.tz)
        walk.states = judgement.states
        for index, handler in waits:
            try:
                dues = [
                    d for _, d in handler(judgement.states[index], item.event, Moment(walk, item.effective))
                ]
            except Exception:  # noqa: BLE001 - the state has moved on since; what cannot be told is left out
                continue
            if any(d.stored_name == name and msgspec.json.encode(d).decode() == key_text for d in dues):
                fact = isinstance(item.event, Decision) and item.row.causation
                out.append(side.stored_id(fact or item.id))
    return tuple(dict.fromkeys(out))


def _supposed_causes(
    left: tuple[Side, Item | None],
    right: tuple[Side, Item | None],
    supposed: frozenset[str],
    earlier: Sequence[DecisionChange],
) -> tuple[Cause, ...]:
    """Say which of the supposed rule sets a decision differs by, or which other decision it follows."""
    (before, one), (after, other) = left, right
    was, now = _versions(one), _versions(other)
    item = one or other
    assert item is not None
    causes: list[Cause] = []
    for name in sorted((was.keys() | now.keys()) & supposed):
        cls = before.book.classes[name]
        at = item.effective
        old = before.book.version(cls, was[name])[0] if name in was else before.book.find(cls, at, at)[0]
        new = after.book.version(cls, now[name])[0] if name in now else after.book.find(cls, at, at)[0]
        parameters = {
            a.name: (_plain(getattr(old, a.name)), _plain(getattr(new, a.name)))
            for a in fields_of(cls)
            if getattr(old, a.name) != getattr(new, a.name)
        }
        if parameters:
            text = ", ".join(f"{k} {_shown(a)} → {_shown(b)}" for k, (a, b) in parameters.items())
            causes.append(
                Cause(
                    "rule_set",
                    Label(f"{name}: {text}", f"{name}：{text}"),
                    {"rule_set": name, "parameters": parameters},
                )
            )
    if not causes and (first := _followed(earlier, item)) is not None:
        causes.append(first)
    if not causes:
        text = ", ".join(sorted(supposed))
        causes.append(
            Cause(
                "follows", Label(f"follows from {text}", f"由 {text} 引起"), {"rule_sets": sorted(supposed)}
            )
        )
    return tuple(causes)


def _whose(change: DecisionChange) -> tuple[str, str, str]:
    return change.stream, change.name, repr(sorted(change.key.items()))


def _gone(erased: Sequence[str]) -> Cause:
    text = ", ".join(erased)
    return Cause("erased", Label(f"{text} was erased", f"{text} 已被擦除"), {"entries": list(erased)})


def _looked_at(room: Room, rule: str) -> tuple[type[Any], ...]:
    """Return the events that a rule's decisions may hang on: what its facets, and those that they read, take up."""
    waiting = [
        facet
        for facet in room.facets
        if any(
            rule == named[0]
            for kinds in (facet.reactions, facet.guards)
            for n in kinds.values()
            for named in n
        )
    ]
    found: dict[type[Any], None] = {}
    seen = set(waiting)
    while waiting:
        facet = waiting.pop()
        found.update(dict.fromkeys((*facet.evolvers, *facet.reactions, *facet.dues)))
        waiting += [other for other in facet.reads if other not in seen]
        seen.update(facet.reads)
    return tuple(found)


def _followed(earlier: Sequence[DecisionChange], item: Item | None) -> Cause | None:
    """Return that a decision follows the first one of its stream that came out otherwise, of the same key if there is one."""
    if not earlier or item is None:
        return None
    mine = {str(getattr(item.event, k)) for k in item.event.key_fields}
    first = next((c for c in earlier if mine & {str(v) for v in c.key.values()}), earlier[0])
    named = " ".join([first.name, *(_shown(v) for v in first.key.values())])
    return Cause(
        "follows",
        Label(f"follows from {named}", f"由 {named} 引起"),
        {"name": first.name, "key": dict(first.key)},
    )


def _versions(item: Item | None) -> dict[str, int]:
    if item is None or not item.row.rule_sets:
        return {}
    versions: dict[str, int] = msgspec.json.decode(item.row.rule_sets)
    return versions


def _account(side: Side) -> str | None:
    return _claimed(side.judgement.room, (i.event for i in side.items()))


def _account_in(entries: Sequence[Entry], ledger: Ledger) -> str | None:
    events = (
        ledger.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
        for e in entries
        if e.kind != "decision"
    )
    head = ledger.store.heads([entries[0].stream])[entries[0].stream]
    return _claimed(ledger.house.room(head.subject), (e for e in events if e is not None))


def _claimed(room: Room, events: Iterable[Event]) -> str | None:
    for event in events:
        for claims in room.claimers.get(type(event), ()):
            for claim in claims(event):
                if claim.kind == ACCOUNT and isinstance(claim.value, str):
                    return claim.value
    return None


# ---------------------------------------------------------------- plain values


def _fields(side: Side, item: Item) -> dict[str, Any]:
    if isinstance(item.event, DecisionEnded) and item.ended is not None:
        return {"ended": item.ended.stored_name, **_plain(item.ended)}
    out: dict[str, Any] = _plain(side.event(item))
    return out


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=str)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int) else repr(value)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
