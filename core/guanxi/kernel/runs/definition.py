"""What a plugin declares of a run: who is judged, what each member's line says, and what the lines must sum to."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

import attrs
import msgspec
import sqlalchemy as sa

from guanxi.kernel.errors import PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, fields_of, personal_of
from guanxi.kernel.read_models import STREAM, Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked, canonical
from guanxi.kernel.runs.record import CLOSED, RunLinesRecorded, RunRow, plain, run_register
from guanxi.kernel.times import stamp

L = TypeVar("L")
MEMBER = "member"


def _all_of(members: Iterable[str]) -> frozenset[str]:
    return frozenset(members)


@attrs.frozen
class Population:
    """Who is judged, and what the lines must sum to; counted apart from the lines, so that these can be checked by it.

    Args:
        members: the members' streams.
        controls: what the named numeric fields of all lines must sum to.
    """

    members: frozenset[str] = attrs.field(converter=_all_of)
    controls: Mapping[str, Decimal | int] = attrs.field(factory=dict)

    @property
    def digest(self) -> str:
        """Digest of who the members are."""
        return hashlib.sha256("\n".join(sorted(self.members)).encode()).hexdigest()


@attrs.frozen
class InForce(Generic[L]):
    """A run whose lines count at a cut.

    Args:
        id: the run's own record.
        since: stamp from which its lines count.
        row: what the register says of it.
        lines: the members' lines, by stream.
    """

    id: str
    since: str
    row: RunRow
    lines: Mapping[str, L]


class Run(Generic[L]):
    """A decision over a population: one line per member, in force together or not at all (CORE-94).

    Args:
        name: stable name with the plugin's prefix, such as ``retail.abc``.
        line: frozen attrs class of a line; its fields may have the types of a read model's row, and none is personal.
        reads: the read models it judges by.
        population: ``population(reader, parameters, asked)`` returns who is judged, with control sums.
        judge: ``judge(reader, parameters, asked)`` yields (member's stream, line), one for each member.
        title: in both languages.
        parameters: frozen attrs class of its parameters, each with a default; a series of runs shares them.
        counted: the field whose values are counted when the run closes, such as the class.
        deliver: ``deliver(line)`` returns a command that tells a member's own relationship its line, or None.
        rules: ids of the rules it answers to.
        version: raised whenever the line's fields change, so that its table is built anew.
    """

    def __init__(
        self,
        name: str,
        line: type[L],
        *,
        reads: Iterable[ReadModel[Any]],
        population: Callable[[Reader, Any, Asked], Population],
        judge: Callable[[Reader, Any, Asked], Iterable[tuple[str, L]]],
        title: Label | None = None,
        parameters: type[Any] | None = None,
        counted: str = "",
        deliver: Callable[[L], Command | None] | None = None,
        rules: tuple[str, ...] = (),
        version: int = 1,
    ) -> None:
        self.name, self.line, self.reads = name, line, tuple(reads)
        self.population, self.judge = population, judge
        self.title = title or Label(name, name)
        self.parameters, self.counted, self.deliver, self.rules = parameters, counted, deliver, rules
        self.fields = tuple(a.name for a in fields_of(line))
        personal = [a.name for a in fields_of(line) if personal_of(a)]
        if personal:
            raise PluginError(
                "personal_run_line",
                f"{name} has personal fields in its lines: {', '.join(personal)}",
                zh=f"{name} 的明细含个人信息字段：{', '.join(personal)}",
                rule="CORE-94",
                accepts="codes, classes and figures; the member's file says who it is",
            )
        if counted and counted not in self.fields:
            raise PluginError(
                "unknown_field",
                f"{name} counts {counted!r}, which its lines do not have",
                zh=f"{name} 统计的字段 {counted!r} 不在明细中",
                accepts=", ".join(self.fields),
            )
        self.lines: ReadModel[Any] = _lines_model(name, line, self.title, version, self.decode_values)
        """The read model of its lines, those of runs that are not closed included; ``in_force`` reads the right ones."""
        self._cells = {c.name: c for c in self.lines.cells}

    def __repr__(self) -> str:
        return f"<run {self.name}>"

    def encode(self, line: L) -> list[Any]:
        """Return a line's values as recorded."""
        return [_as_data(getattr(line, name)) for name in self.fields]

    def decode_values(self, values: list[Any]) -> dict[str, Any]:
        """Return a recorded line's values, by field."""
        hints = self._cells
        return {n: _from_data(hints[n].type, v) for n, v in zip(self.fields, values, strict=True)}

    def decode(self, values: list[Any]) -> L:
        """Return a recorded line."""
        return self.line(**self.decode_values(values))

    def in_force(self, reader: Reader, asked: Asked, parameters: Any = None) -> InForce[L] | None:
        """Return the run whose lines count at the cut, or None; for reports that read ``core.runs`` and ``run.lines``.

        Args:
            reader: at the cut.
            asked: the cut.
            parameters: the series' parameters; the defaults if None.
        """
        own = parameters_text(self, parameters)
        rows = [
            (stream, row)
            for stream, row in reader.rows(run_register)
            if row.run == self.name and row.parameters == own
        ]
        chosen = latest_in_force(rows, stamp(asked.as_of))
        if chosen is None:
            return None
        stream, row = chosen
        return InForce(stream, row.in_force_from or "", row, dict(self.lines_of(reader, stream)))

    def lines_of(self, reader: Reader, run: str) -> Iterator[tuple[str, L]]:
        """Yield the (member, line) pairs of one run, in order of member.

        Args:
            reader: at a cut.
            run: the run's own record.
        """
        names = [c.name for c in self.lines.cells]

        def mine(table: Any) -> sa.Select[Any]:
            columns: Any = [table.c[n] for n in names]
            chosen: Any = sa.select(*columns)
            query: sa.Select[Any] = chosen.where(table.c[STREAM] == run).order_by(table.c[MEMBER])
            return query

        for cells in reader.select(mine, self.lines):
            row = self.lines.from_db(run, cells)
            yield row.member, self.line(**{n: getattr(row, n) for n in self.fields})


def latest_in_force(rows: Iterable[tuple[str, RunRow]], as_of: str) -> tuple[str, RunRow] | None:
    """Return the run in force at a moment: the closed one whose lines count latest, and which no other supersedes."""
    closed = {stream: row for stream, row in rows if row.status == CLOSED}
    superseded = {row.supersedes for row in closed.values()}
    found = [
        (row.in_force_from, row.as_known, stream)
        for stream, row in closed.items()
        if stream not in superseded and row.in_force_from is not None and row.in_force_from <= as_of
    ]
    if not found:
        return None
    stream = max(found)[2]
    return stream, closed[stream]


def parameters_text(run: Run[Any], parameters: Any) -> str:
    """Return a run's parameters as the register keeps them."""
    return plain(parameters_data(run, parameters))


def parameters_data(run: Run[Any], parameters: Any) -> dict[str, Any]:
    """Return a run's parameters as data; the defaults if None."""
    if run.parameters is None:
        return {}
    value = run.parameters() if parameters is None else parameters
    return dict(msgspec.to_builtins(value))


def _as_data(value: Any) -> Any:
    return canonical(value.value if isinstance(value, Enum) else value)


def _from_data(kind: Any, value: Any) -> Any:
    return value if value is None else msgspec.convert(value, kind)


def _lines_model(
    name: str,
    line: type[Any],
    title: Label,
    version: int,
    decode: Callable[[list[Any]], dict[str, Any]],
) -> ReadModel[Any]:
    """Make the read model of a run's lines: the line's own fields, keyed by member."""
    fields: dict[str, Any] = {MEMBER: column(key=True, default="")}
    annotations: dict[str, Any] = {MEMBER: str}
    hints = typing.get_type_hints(line)
    for a in fields_of(line):
        fields[a.name] = attrs.field(default=None, metadata=a.metadata)
        annotations[a.name] = hints[a.name] | None
    row = attrs.define(type(f"{line.__name__}Row", (), {**fields, "__annotations__": annotations}))
    model: ReadModel[Any] = ReadModel(name, row, version=version, title=title)

    @model.on
    def _recorded(rows: Rows[Any], e: RunLinesRecorded, at: datetime) -> None:
        if e.run != name:
            return
        for member, values in e.lines:
            own = rows[member]
            for field, value in decode(values).items():
                setattr(own, field, value)

    return model
