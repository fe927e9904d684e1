"""Carrying runs out: started at a fixed cut, recorded part by part, resumed where they broke off, closed when their sums hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa

from guanxi.kernel.absence import absence
from guanxi.kernel.errors import Conflict, Invalid, RuleNotMet, Unknown, failures_named
from guanxi.kernel.messages import Command
from guanxi.kernel.read_models import STREAM, Reader
from guanxi.kernel.reports import parameters_from
from guanxi.kernel.runs.definition import Population, Run, parameters_data, parameters_text
from guanxi.kernel.runs.record import (
    CLOSED,
    OPEN,
    AbandonRun,
    CloseRun,
    NoteRunDelivered,
    RecordRunLines,
    RunLinesRecorded,
    RunRow,
    StartRun,
    plain,
    run_register,
)
from guanxi.kernel.telling import Telling
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import instant, stamp

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

LINES_AT_ONCE = 500
"""Lines in one entry: large enough to be few, small enough to be read."""

Progress = Callable[[int, int], None]


@attrs.frozen
class RunView:
    """A run as its record tells it.

    Args:
        id: its own record.
        run: the run's name.
        status: ``open``, ``closed`` or ``abandoned``.
        parameters: its parameters.
        as_of: the as-of cut.
        as_known: the as-known cut, which ``position`` fixes.
        position: place in the log.
        rule_sets: versions of the rule sets it judged by; 0 is the default.
        population: number of members.
        digest: digest of who they are.
        controls: control sums.
        counts: members by class, once it is closed.
        lines: lines recorded so far.
        supersedes: the run whose place it takes.
        superseded_by: the closed run that took its place.
        begun: from when its record counts: its beginning, or the moment of the run whose place it takes.
        in_force_from: from when its lines count; None unless closed.
        delivered: whether every member's relationship was told.
    """

    id: str
    run: str
    status: str
    parameters: Mapping[str, Any]
    as_of: datetime
    as_known: datetime
    position: int
    rule_sets: Mapping[str, int]
    population: int
    digest: str
    controls: Mapping[str, Decimal]
    counts: Mapping[str, int]
    lines: int
    supersedes: str | None
    superseded_by: str | None
    begun: datetime
    in_force_from: datetime | None
    delivered: bool


@attrs.frozen
class RunStep:
    """Who did what to a run, when and why.

    Args:
        entry: id of the entry.
        name: its event name.
        actor: who.
        reason: why, where that was said.
        recorded_at: when it was recorded.
    """

    entry: str
    name: str
    actor: str
    reason: str | None
    recorded_at: datetime


@attrs.frozen
class LineDifference:
    """A member whose line would come out otherwise with what is known now.

    Args:
        member: the member's stream.
        stored: the line on record; None for one who was not in the population.
        derived: the line as it would be; None for one who would not be in it.
    """

    member: str
    stored: Any
    derived: Any


@attrs.frozen
class _Judged:
    population: Population
    lines: tuple[tuple[str, Any], ...]
    rule_sets: Mapping[str, int]


@attrs.frozen
class _Look:
    """One look at the log: as of when it was asked for, its cuts, and what was to be read there."""

    as_of: datetime | None
    cut: Cut
    known: str
    reader: Reader


@attrs.frozen
class _Begun:
    """A run that has begun: its parameters, its record, and what was judged for it where that was here and now."""

    given: Any
    view: RunView
    judged: _Judged | None


class Running:
    """Carries out the runs of one ledger.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.runs: dict[str, Run[Any]] = {r.name: r for p in ledger.parts for r in p.runs}

    def find(self, name: str) -> Run[Any]:
        """Return a run's definition by name.

        Raises:
            Unknown: there is none.
        """
        run = self.runs.get(name)
        if run is None:
            note = absence(self._ledger.installed, name)
            raise Unknown(
                "unknown_run",
                f"no installed plugin has a run {name}{note.en}",
                zh=f"没有安装含判定 {name} 的插件{note.zh}",
                accepts=", ".join(sorted(self.runs)) or "none installed",
            )
        return run

    # ------------------------------------------------------------ carrying out

    def carry_out(
        self,
        name: str,
        *,
        actor: str,
        as_of: datetime | None,
        reason: str | None,
        supersedes: str | None,
        parameters: Mapping[str, Any],
        progress: Progress | None,
    ) -> RunView:
        """Carry out a run, or go on with the one that broke off; see ``Ledger.run``."""
        run = self.find(name)
        (begun,) = self._begin(run, [parameters], actor, as_of, reason, supersedes, progress)
        return self._complete(run, begun, actor, progress)

    def carry_out_each(
        self,
        name: str,
        each: Sequence[Mapping[str, Any]],
        *,
        actor: str,
        as_of: datetime | None,
        reason: str | None,
        progress: Progress | None,
    ) -> list[RunView]:
        """Carry out a run with each of several parameters; see ``Ledger.run_each``."""
        run = self.find(name)
        every = self._begin(run, each, actor, as_of, reason, None, None)
        closed: list[RunView] = []
        for begun in every:
            if progress is not None:
                progress(len(closed), len(every))
            closed.append(self._complete(run, begun, actor, None))
        if progress is not None:
            progress(len(closed), len(every))
        return closed

    def _begin(
        self,
        run: Run[Any],
        each: Sequence[Mapping[str, Any]],
        actor: str,
        as_of: datetime | None,
        reason: str | None,
        supersedes: str | None,
        progress: Progress | None,
    ) -> list[_Begun]:
        """Begin a run with each of several parameters, all over one look at the log; one that broke off is gone on with."""
        given = [parameters_from(run.name, run.parameters, parameters) for parameters in each]
        series = [parameters_text(run, one) for one in given]
        _refuse_twice(run, series)
        left = self.views(run.name)
        unfinished: dict[str, RunView] = {}
        for view in left:
            own = plain(view.parameters)
            if view.status == OPEN and own in series:
                unfinished.setdefault(own, view)
        for view in unfinished.values():
            if as_of is not None and stamp(as_of) != stamp(view.as_of):
                raise Conflict(
                    "run_open",
                    f"{view.id} as of {view.as_of.isoformat()} was begun and not finished",
                    zh=f"{view.id} 尚未结束",
                    rule="CORE-94",
                    accepts="that run carried out to its end, or abandoned with a reason",
                )
        fresh = set(series) - unfinished.keys()
        if fresh and run.deliver is not None:
            for view in left:
                if view.status == CLOSED and not view.delivered and plain(view.parameters) in fresh:
                    self._deliver(run, view, actor, progress)
        look: _Look | None = None
        number = len(left)
        begun: list[_Begun] = []
        for one, own in zip(given, series, strict=True):
            if own in unfinished:
                begun.append(_Begun(one, unfinished[own], None))
                continue
            if look is None:
                self._ledger.advance(as_of)
                look = self._look(run, as_of)
            number += 1
            begun.append(_Begun(one, *self._start(run, one, look, number, actor, reason, supersedes)))
        return begun

    def _complete(self, run: Run[Any], begun: _Begun, actor: str, progress: Progress | None) -> RunView:
        """Record, close and deliver what has begun."""
        closed = begun.view
        if closed.status == OPEN:
            closed = self._finish(run, begun.given, closed, begun.judged, actor, progress)
        if run.deliver is not None and not closed.delivered:
            self._deliver(run, closed, actor, progress)
            return self.view(closed.id)
        return closed

    def abandon(self, run_id: str, *, actor: str, reason: str) -> RunView:
        """Break a run off, so that nothing of it ever counts.

        Args:
            run_id: the run's own record.
            actor: who does.
            reason: why.

        Raises:
            Unknown: there is no such run.
            Conflict: ``run_not_open``.
        """
        self.view(run_id)
        self._ledger.execute(run_id, AbandonRun(reason=reason), actor=actor, reason=reason)
        return self.view(run_id)

    def _look(self, run: Run[Any], as_of: datetime | None) -> _Look:
        """Return what a run may know when it begins now."""
        ledger = self._ledger
        now = ledger.clock()
        if as_of is not None and as_of > now:
            raise Invalid(
                "future_dated",
                f"{as_of.isoformat()} lies ahead of {stamp(now)}",
                zh=f"截止时点 {as_of.isoformat()} 晚于现在",
                rule="CORE-94",
                accepts="a cut up to now",
            )
        cut = Cut(as_of=stamp(as_of or now), position=ledger.store.last_position())
        known = max(stamp(now), ledger.store.last_recorded())
        return _Look(as_of, cut, known, ledger.reporting.scratch(run.reads, cut, known))

    def _start(
        self,
        run: Run[Any],
        given: Any,
        look: _Look,
        number: int,
        actor: str,
        reason: str | None,
        supersedes: str | None,
    ) -> tuple[RunView, _Judged | None]:
        """Begin a run; return it, and what was judged for it unless another process began the same one meanwhile."""
        ledger, cut, known = self._ledger, look.cut, look.known
        effective = None if supersedes is None else self._superseded_from(run, given, supersedes)
        judged = self._judge(run, given, cut, known, look.reader)
        start = StartRun(
            run=run.name,
            parameters=parameters_data(run, given),
            as_of=cut.as_of or "",
            position=cut.position or 0,
            as_known=known,
            rule_sets=dict(judged.rule_sets),
            population=len(judged.population.members),
            digest=judged.population.digest,
            controls={k: Decimal(v) for k, v in judged.population.controls.items()},
            fields=run.fields,
            counted=run.counted,
            supersedes=supersedes,
        )
        while True:
            own = f"{run.name}-{number}"
            try:
                ledger.execute(own, start, actor=actor, reason=reason, effective_from=effective)
            except Conflict as conflict:
                if conflict.code != "run_exists":
                    raise
                # Another process began one of that number meanwhile; where it is the same run, the two carry it out together.
                other = self.view(own)
                if _same(other, start, look.as_of):
                    return other, None
                number += 1
            else:
                return self.view(own), judged

    def _superseded_from(self, run: Run[Any], given: Any, supersedes: str) -> datetime | None:
        """Return from when the lines of a run to be superseded count, after checking that it may be."""
        old = self.view(supersedes)
        if old.run != run.name or old.parameters != parameters_data(run, given) or old.status != CLOSED:
            raise RuleNotMet(
                "not_to_supersede",
                f"{supersedes} is a run of {old.run}, {old.status}, with parameters {dict(old.parameters)}",
                zh=f"{supersedes} 不能由本次判定取代",
                rule="CORE-94",
                accepts="a closed run of the same name and parameters",
            )
        if old.superseded_by is not None:
            raise Conflict(
                "superseded_already",
                f"{supersedes} was superseded by {old.superseded_by}",
                zh=f"{supersedes} 已被 {old.superseded_by} 取代",
                rule="CORE-94",
                accepts=old.superseded_by,
            )
        return old.in_force_from

    def _finish(
        self,
        run: Run[Any],
        given: Any,
        view: RunView,
        judged: _Judged | None,
        actor: str,
        progress: Progress | None,
    ) -> RunView:
        """Record the lines that are missing, and close; what was recorded before must come out the same.

        What was judged to begin the run at these very cuts is not judged twice.
        """
        if judged is None:
            cut = Cut(as_of=stamp(view.as_of), position=view.position)
            judged = self._judge(run, given, cut, stamp(view.as_known))
        parts = list(_parts(run, judged.lines))
        recorded = self._recorded(view.id)
        same = (
            judged.population.digest == view.digest
            and judged.rule_sets == view.rule_sets
            and recorded == parts[: len(recorded)]
        )
        if not same:
            raise Conflict(
                "run_differs",
                f"{view.id} was begun by other code or rules than are installed now: at its own cut it comes out otherwise",
                zh=f"{view.id} 在其截止时点的重算结果与已记录的不一致",
                rule="CORE-94",
                accepts="abandoning it with a reason, and a further run",
            )
        for n, lines in enumerate(parts[len(recorded) :], len(recorded) + 1):
            self._tell(view, RecordRunLines(part=n, lines=lines), actor, f"part {n}")
            if progress is not None:
                progress(min(n * LINES_AT_ONCE, len(judged.lines)), len(judged.lines))
        self._tell(view, CloseRun(), actor, "close")
        return self.view(view.id)

    def _tell(self, view: RunView, command: Command, actor: str, what: str) -> None:
        """Enter one step of a run; the same step of two processes is one.

        What supersedes an earlier run counts from when that one did, as its own beginning does.
        """
        retroactive = view.supersedes is not None
        self._ledger.execute(
            view.id,
            command,
            actor=actor,
            reason=f"supersedes {view.supersedes}" if retroactive else None,
            effective_from=view.begun if retroactive else None,
            command_id=f"{view.id} {what}",
        )

    def _deliver(self, run: Run[Any], view: RunView, actor: str, progress: Progress | None) -> None:
        """Tell every member's own relationship its line; what was told before is recognised."""
        assert run.deliver is not None
        assert view.in_force_from is not None
        tellings: list[Telling] = []
        for lines in self._recorded(view.id):
            for member, values in lines:
                command = run.deliver(run.decode(values))
                if command is not None:
                    tellings.append(
                        Telling(
                            subject=member,
                            command=command,
                            actor=actor,
                            occurred_at=view.in_force_from,
                            effective_from=view.in_force_from,
                            command_id=f"{view.id} {member}",
                            batch=view.id,
                        )
                    )
        told = 0
        for start in range(0, len(tellings), LINES_AT_ONCE):
            part = tellings[start : start + LINES_AT_ONCE]
            told += sum(v.status in ("accepted", "known") for v in self._ledger.take_in(part))
            if progress is not None:
                progress(start + len(part), len(tellings))
        self._tell(view, NoteRunDelivered(told=told, refused=len(tellings) - told), actor, "delivered")

    # ------------------------------------------------------------ asking

    def views(self, name: str | None = None) -> list[RunView]:
        """Return the runs on record, those of one name if given, in the order in which they were begun."""
        self._ledger.reporting.project()
        every = dict(self._ledger.reporting.projector.reader().rows(run_register))
        after = {row.supersedes: stream for stream, row in every.items() if row.status == CLOSED}
        found = [(row.as_known, stream) for stream, row in every.items() if name is None or row.run == name]
        return [_view(stream, every[stream], after.get(stream), self._ledger) for _, stream in sorted(found)]

    def view(self, run_id: str) -> RunView:
        """Return one run.

        Raises:
            Unknown: there is no such run.
        """
        self._ledger.reporting.project()
        reader = self._ledger.reporting.projector.reader()
        row = reader.row(run_register, run_id)
        if row is None:
            raise Unknown(
                "unknown_run",
                f"there is no run {run_id}",
                zh=f"没有判定 {run_id}",
                rule="CORE-94",
                accepts="a run's own record, such as retail.abc-1",
            )

        def after(table: Any) -> sa.Select[Any]:
            query: sa.Select[Any] = sa.select(table.c[STREAM])
            return query.where(table.c.supersedes == run_id, table.c.status == CLOSED)

        superseded_by = [stream for (stream,) in reader.select(after, run_register)]
        return _view(run_id, row, superseded_by[-1] if superseded_by else None, self._ledger)

    def steps(self, run_id: str) -> list[RunStep]:
        """Return who began, closed, abandoned or delivered a run, when and why; its lines are left out."""
        self.view(run_id)
        return [
            RunStep(e.id, e.name, e.actor, e.reason, instant(e.recorded_at, self._ledger.tz))
            for e in self._ledger.store.entries(run_id)
            if e.name != RunLinesRecorded.stored_name
        ]

    def check(self, run_id: str) -> list[LineDifference]:
        """Judge a run again at its own two cuts, and return the members whose recorded lines do not come out; none if all is well.

        Raises:
            Unknown: there is no such run, or its plugin is absent.
        """
        view = self.view(run_id)
        found = self._differences(view, view.position, stamp(view.as_known))
        # An open one has not come to the others yet.
        return [d for d in found if view.status != OPEN or d.stored is not None]

    def lines(self, run_id: str) -> list[tuple[str, Any]]:
        """Return a run's recorded (member, line) pairs; of a run whose plugin is absent, the values as recorded."""
        run = self.runs.get(self.view(run_id).run)
        pairs = [pair for part in self._recorded(run_id) for pair in part]
        return [(m, run.decode(v)) for m, v in pairs] if run is not None else list(pairs)

    def would_differ(self, run_id: str, known: datetime | None = None) -> list[LineDifference]:
        """Return the members whose lines would come out otherwise at the run's own as-of cut, with what is known now (CORE-94).

        Args:
            run_id: the run's own record.
            known: what was known then counts, not what is known now.

        Raises:
            Unknown: there is no such run, or its plugin is absent.
        """
        store, view = self._ledger.store, self.view(run_id)
        if known is not None:
            return self._otherwise(view, Cut(as_of=stamp(view.as_of), as_known=stamp(known)), stamp(known))
        now = max(stamp(self._ledger.clock()), store.last_recorded())
        return self._differences(view, store.last_position(), now)

    def all_that_differ(self, run_ids: Sequence[str]) -> dict[str, list[LineDifference]]:
        """Return what ``would_differ`` returns of several runs; those of one as-of cut are judged over one look at the log.

        Args:
            run_ids: the runs' own records; what is left out of the answer is a run whose plugin is absent.

        Raises:
            Unknown: there is no such run.
        """
        store = self._ledger.store
        position, now = store.last_position(), max(stamp(self._ledger.clock()), store.last_recorded())
        at: dict[datetime, list[RunView]] = {}
        for run_id in run_ids:
            view = self.view(run_id)
            if view.run in self.runs:
                at.setdefault(view.as_of, []).append(view)
        found: dict[str, list[LineDifference]] = {}
        for as_of, views in at.items():
            cut = Cut(as_of=stamp(as_of), position=position)
            reads = tuple(dict.fromkeys(m for view in views for m in self.find(view.run).reads))
            reader = self._ledger.reporting.scratch(reads, cut, now)
            found |= {view.id: self._otherwise(view, cut, now, reader) for view in views}
        return found

    # ------------------------------------------------------------ judging

    def _differences(self, view: RunView, position: int, known: str) -> list[LineDifference]:
        """Return whose recorded lines do not come out at the run's own as-of cut, with what is known at a position."""
        return self._otherwise(view, Cut(as_of=stamp(view.as_of), position=position), known)

    def _otherwise(
        self, view: RunView, cut: Cut, known: str, reader: Reader | None = None
    ) -> list[LineDifference]:
        run = self.find(view.run)
        given = parameters_from(run.name, run.parameters, view.parameters)
        judged = self._judge(run, given, cut, known, reader)
        derived = {m: run.decode(run.encode(line)) for m, line in judged.lines}
        stored = {m: run.decode(values) for part in self._recorded(view.id) for m, values in part}
        return [
            LineDifference(m, stored.get(m), derived.get(m))
            for m in sorted(stored.keys() | derived.keys())
            if stored.get(m) != derived.get(m)
        ]

    def _judge(
        self, run: Run[Any], parameters: Any, cut: Cut, known: str, reader: Reader | None = None
    ) -> _Judged:
        ledger = self._ledger
        if reader is None:
            reader = ledger.reporting.scratch(run.reads, cut, known)
        asked, used = ledger.reporting.asked(cut.as_of or known, known, ledger.rule_book())
        with failures_named(run.name):
            population = run.population(reader, parameters, asked)
            lines = tuple(sorted(run.judge(reader, parameters, asked), key=lambda pair: pair[0]))
        return _Judged(population, lines, used)

    def _recorded(self, run_id: str) -> list[tuple[tuple[str, list[Any]], ...]]:
        """Return the parts of a run that are on record."""
        rows = self._ledger.store.fold_rows(run_id)
        items = self._ledger.timelines.build(run_id, rows)
        return [i.event.lines for i in items if isinstance(i.event, RunLinesRecorded)]


def _refuse_twice(run: Run[Any], series: Sequence[str]) -> None:
    """Refuse parameters of which two are the same, as the register keeps them."""
    twice = next((s for s, count in Counter(series).items() if count > 1), None)
    if twice is not None:
        raise Invalid(
            "parameters_twice",
            f"{run.name} is asked for twice with {twice}",
            zh=f"{run.name} 以同一参数 {twice} 提出了两次",
            rule="CORE-94",
            accepts="parameters of which no two are the same",
        )


def _parts(run: Run[Any], lines: Sequence[tuple[str, Any]]) -> Iterator[tuple[tuple[str, list[Any]], ...]]:
    for start in range(0, len(lines), LINES_AT_ONCE):
        yield tuple((m, run.encode(line)) for m, line in lines[start : start + LINES_AT_ONCE])


def _same(other: RunView, start: StartRun, as_of: datetime | None) -> bool:
    """Return whether a run that another process began meanwhile is the one that was about to begin here."""
    if other.run != start.run or other.parameters != start.parameters or other.supersedes != start.supersedes:
        return False
    if other.status == OPEN:
        return as_of in (None, other.as_of)
    return other.status == CLOSED and other.position == start.position and as_of == other.as_of


def _view(run_id: str, row: RunRow, superseded_by: str | None, ledger: Ledger) -> RunView:
    decode = msgspec.json.decode
    return RunView(
        id=run_id,
        run=row.run,
        status=row.status,
        parameters=decode(row.parameters),
        as_of=instant(row.as_of, ledger.tz),
        as_known=instant(row.as_known, ledger.tz),
        position=row.position,
        rule_sets=decode(row.rule_sets),
        population=row.population,
        digest=row.digest,
        controls=decode(row.controls, type=dict[str, Decimal]),
        counts=decode(row.counts),
        lines=row.lines,
        supersedes=row.supersedes,
        superseded_by=superseded_by,
        begun=instant(row.begun, ledger.tz),
        in_force_from=None if row.in_force_from is None else instant(row.in_force_from, ledger.tz),
        delivered=row.delivered,
    )
