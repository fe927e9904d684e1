"""The record of one run: what is entered from its start to its close, the facet that guards it, and the register of all runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from guanxi.kernel.entries import Kind
from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Fact, command, event, field, fields_of
from guanxi.kernel.read_models import ReadModel, Rows
from guanxi.kernel.times import stamp

RUN_SUBJECT = "run"
OPEN, CLOSED, ABANDONED = "open", "closed", "abandoned"

Line = tuple[str, list[Any]]
"""A member's stream, and the line's values in the order of the run's fields: text, whole numbers, truth values, None."""


class OfARun(Fact):
    """An entry of a run: drawn by rules over a population, kept word for word."""

    __slots__ = ()
    entry_kind = Kind.RUN


@event("core.run_started")
class RunStarted(OfARun):
    """A run began: over whom, at which cut, under which rules (CORE-94)."""

    run: str
    parameters: dict[str, Any]
    as_of: str
    position: int
    as_known: str
    rule_sets: dict[str, int]
    population: int
    digest: str
    controls: dict[str, Decimal]
    fields: tuple[str, ...]
    counted: str = field(default="")
    supersedes: str | None = field(default=None)


@event("core.run_lines_recorded")
class RunLinesRecorded(OfARun):
    """Some of a run's lines, one per member; in force only once the run is closed."""

    run: str
    part: int
    lines: tuple[Line, ...]


@event("core.run_closed")
class RunClosed(OfARun):
    """The run is complete and its control sums hold; all its lines take effect with this entry."""

    run: str
    counts: dict[str, int]


@event("core.run_abandoned")
class RunAbandoned(OfARun):
    """The run was broken off; nothing of it is in force."""

    run: str
    reason: str


@event("core.run_delivered")
class RunDelivered(OfARun):
    """Every member's own relationship was told its line."""

    run: str
    told: int
    refused: int


RUN_EVENTS = (RunStarted, RunLinesRecorded, RunClosed, RunAbandoned, RunDelivered)


@command("core.start_run")
class StartRun(Command):
    """Begin the record of a run.

    Args:
        run: the run's name.
        parameters: its parameters, as data.
        as_of: stamp of its as-of cut.
        position: place in the log up to which things are known.
        as_known: stamp of that.
        rule_sets: versions of the rule sets it judges by.
        population: how many members there are.
        digest: digest of who they are.
        controls: what the lines must sum to, by field.
        fields: the lines' fields, in order.
        counted: the field whose values are counted when it closes.
        supersedes: the closed run whose place it takes.
    """

    run: str
    parameters: dict[str, Any]
    as_of: str
    position: int
    as_known: str
    rule_sets: dict[str, int]
    population: int
    digest: str
    controls: dict[str, Decimal]
    fields: tuple[str, ...]
    counted: str = field(default="")
    supersedes: str | None = field(default=None)


@command("core.record_run_lines")
class RecordRunLines(Command):
    """Record some of a run's lines.

    Args:
        part: which part, counted from 1.
        lines: the members' lines.
    """

    part: int
    lines: tuple[Line, ...]


@command("core.close_run")
class CloseRun(Command):
    """Close the run, so that its lines take effect."""


@command("core.abandon_run")
class AbandonRun(Command):
    """Break the run off.

    Args:
        reason: why.
    """

    reason: str


@command("core.note_run_delivered")
class NoteRunDelivered(Command):
    """Note that every member was told its line.

    Args:
        told: how many took it in.
        refused: how many did not.
    """

    told: int
    refused: int


RUN_COMMANDS = (StartRun, RecordRunLines, CloseRun, AbandonRun, NoteRunDelivered)


@attrs.define
class RunRecord:
    """A run as its own record tells it."""

    status: str = ""
    started: RunStarted | None = None
    parts: int = 0
    members: set[str] = attrs.field(factory=set)
    repeated: list[str] = attrs.field(factory=list)
    sums: dict[str, Decimal] = attrs.field(factory=dict)
    counts: dict[str, int] = attrs.field(factory=dict)
    delivered: bool = False


run_record = Facet("core.run", RunRecord, subject=RUN_SUBJECT, title=Label("Run", "总体判定"))


@run_record.evolve
def _started(s: RunRecord, e: RunStarted) -> None:
    s.status, s.started = OPEN, e
    s.sums = dict.fromkeys(e.controls, Decimal(0))


@run_record.evolve
def _recorded(s: RunRecord, e: RunLinesRecorded) -> None:
    s.parts = e.part
    if s.started is None:
        return
    fields, counted = s.started.fields, s.started.counted
    summed = [(name, fields.index(name)) for name in s.sums]
    at = fields.index(counted) if counted else -1
    for member, values in e.lines:
        if member in s.members:
            s.repeated.append(member)
        s.members.add(member)
        for name, place in summed:
            if values[place] is not None:
                s.sums[name] += Decimal(str(values[place]))
        if at >= 0:
            code = str(values[at])
            s.counts[code] = s.counts.get(code, 0) + 1


@run_record.evolve
def _ended(s: RunRecord, e: RunClosed | RunAbandoned | RunDelivered) -> None:
    match e:
        case RunClosed():
            s.status = CLOSED
        case RunAbandoned():
            s.status = ABANDONED
        case RunDelivered():
            s.delivered = True


@run_record.decide
def _start(s: RunRecord, c: StartRun, now: Now) -> Iterator[Fact]:
    if s.status:
        raise Conflict(
            "run_exists",
            f"{now.subject} is the record of another run",
            zh=f"{now.subject} 已是另一次判定的记录",
            rule="CORE-94",
            accepts="a record of its own",
        )
    yield RunStarted(**{a.name: getattr(c, a.name) for a in fields_of(StartRun)})


@run_record.decide
def _record(s: RunRecord, c: RecordRunLines, now: Now) -> Iterator[Fact]:
    started = _open(s, now)
    if c.part != s.parts + 1:
        raise Conflict(
            "run_part_out_of_turn",
            f"part {c.part} of {now.subject} follows part {s.parts}",
            zh=f"{now.subject} 的第 {c.part} 部分应接在第 {s.parts} 部分之后",
            accepts=f"part {s.parts + 1}",
        )
    yield RunLinesRecorded(run=started.run, part=c.part, lines=c.lines)


@run_record.decide
def _close(s: RunRecord, c: CloseRun, now: Now) -> Iterator[Fact]:
    started = _open(s, now)
    now.require(
        len(s.members) == started.population and not s.repeated,
        "population_mismatch",
        "CORE-94",
        f"{now.subject} has lines of {len(s.members)} members against {started.population}"
        + (f", some twice: {', '.join(s.repeated[:5])}" if s.repeated else ""),
        zh=f"{now.subject} 有 {len(s.members)} 名成员的明细，应为 {started.population}",
        accepts="one line for each member of the population",
    )
    wrong = [f"{n}: {s.sums[n]} against {v}" for n, v in started.controls.items() if s.sums[n] != v]
    now.require(
        not wrong,
        "control_sum_mismatch",
        "CORE-94",
        f"the lines of {now.subject} do not sum to its control sums: {'; '.join(wrong)}",
        zh=f"{now.subject} 的明细与控制总数不符：{'；'.join(wrong)}",
        accepts="lines that sum to the control sums",
    )
    yield RunClosed(run=started.run, counts=dict(sorted(s.counts.items())))


@run_record.decide
def _abandon(s: RunRecord, c: AbandonRun, now: Now) -> Iterator[Fact]:
    started = _open(s, now)
    if not c.reason.strip():
        raise Incomplete(
            "reason_missing",
            "breaking a run off needs a reason",
            zh="放弃判定须说明原因",
            rule="CORE-94",
            accepts="reason=...",
        )
    yield RunAbandoned(run=started.run, reason=c.reason)


@run_record.decide
def _delivered(s: RunRecord, c: NoteRunDelivered, now: Now) -> Iterator[Fact]:
    if s.started is None or s.status != CLOSED or s.delivered:
        raise Conflict(
            "run_not_to_deliver",
            f"{now.subject} is {s.status or 'not started'}{' and delivered' if s.delivered else ''}",
            zh=f"{now.subject} 不在待送达状态",
            accepts="a closed run whose members were not told yet",
        )
    yield RunDelivered(run=s.started.run, told=c.told, refused=c.refused)


def _open(s: RunRecord, now: Now) -> RunStarted:
    if s.started is None:
        raise Unknown(
            "unknown_run",
            f"there is no run {now.subject}",
            zh=f"没有判定 {now.subject}",
            rule="CORE-94",
        )
    if s.status != OPEN:
        raise Conflict(
            "run_not_open",
            f"{now.subject} is {s.status}",
            zh=f"{now.subject} 已{'结束' if s.status == CLOSED else '放弃'}",
            rule="CORE-94",
            accepts="an open run; a closed one is superseded by a further run",
        )
    return s.started


@attrs.define
class RunRow:
    """A run in the register; its lines count from ``in_force_from``, which only a closed one has."""

    run: str = ""
    status: str = ""
    parameters: str = "{}"
    as_of: str = ""
    as_known: str = ""
    position: int = 0
    rule_sets: str = "{}"
    population: int = 0
    digest: str = ""
    controls: str = "{}"
    counts: str = "{}"
    supersedes: str | None = None
    begun: str = ""
    lines: int = 0
    in_force_from: str | None = None
    delivered: bool = False


run_register = ReadModel("core.runs", RunRow, title=Label("Runs", "总体判定"))
"""The read model of all runs: cuts, rules, control sums and how they ended."""


def plain(value: Any) -> str:
    """Return data as JSON text with its keys in order."""
    return msgspec.json.encode(value, order="sorted").decode()


@run_register.on
def _row_begins(rows: Rows[RunRow], e: RunStarted, at: datetime) -> None:
    row = rows[()]
    row.run, row.status, row.parameters, row.begun = e.run, OPEN, plain(e.parameters), stamp(at)
    row.as_of, row.as_known, row.position = e.as_of, e.as_known, e.position
    row.rule_sets, row.population, row.digest = plain(e.rule_sets), e.population, e.digest
    row.controls, row.supersedes = plain(e.controls), e.supersedes


@run_register.on
def _row_grows(rows: Rows[RunRow], e: RunLinesRecorded, at: datetime) -> None:
    rows[()].lines += len(e.lines)


@run_register.on
def _row_ends(rows: Rows[RunRow], e: RunClosed | RunAbandoned | RunDelivered, at: datetime) -> None:
    row = rows[()]
    match e:
        case RunClosed():
            row.status, row.counts, row.in_force_from = CLOSED, plain(e.counts), stamp(at)
        case RunAbandoned():
            row.status = ABANDONED
        case RunDelivered():
            row.delivered = True
