"""Read models: tables folded one stream at a time. What a row looks like, what folds it, how its cells are stored; no engine."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import chain
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, Protocol, TypeVar

import attrs
import sqlalchemy as sa

from guanxi.kernel.errors import Invalid, PluginError, asking
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Sealed, fields_of, handled_types, require_arity, sealed_of
from guanxi.kernel.privacy import ERASED, Erased
from guanxi.kernel.times import stamp

Row = TypeVar("Row")
Loader = Callable[[Any], "Row | None"]

TENANT, STREAM = "tenant", "stream"
INTERVALS = ("valid_from", "valid_until", "known_from", "known_until")
"""The further columns of a temporal table: the half-open intervals in which a version of a row holds, on both clocks."""
INTERVAL_KEYS = ("valid_from", "known_from")


class Rows(dict[Any, Row], Generic[Row]):
    """One stream's rows by key while they are folded; a missing row begins with its defaults, a touched one is written.

    The key is the value of the row's key field, or a tuple of them in order.
    """

    def __init__(self, make: Callable[[Any], Row], load: Callable[[Any], Row | None], stream: str) -> None:
        super().__init__()
        self._make, self._load = make, load
        self.stream = stream

    def __missing__(self, key: Any) -> Row:
        found = self._load(key)
        row = self._make(key) if found is None else found
        self[key] = row
        return row


@attrs.frozen
class Cell:
    """How one field of a row is kept in a column: ``encode`` and ``decode`` turn its value into text or a whole number and back."""

    name: str
    type: Any
    kind: str
    nullable: bool
    sealed: Sealed | None
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]

    @property
    def family(self) -> str | None:
        """The retention family of a personal cell, or None."""
        return None if self.sealed is None else self.sealed.family


class Sealer(Protocol):
    """Seals and unseals a personal cell of a stream's row."""

    def seal_cell(
        self, stream: str, model: str, field: str, family: str, value: Any, *, whose: str | None = None
    ) -> str:
        """Return the sealed text of a value, the data subject being the stream's own party unless named."""
        ...

    def unseal_cell(self, stream: str, model: str, field: str, text: str) -> Any:
        """Return the value behind a sealed text, or ``ERASED``."""
        ...


def column(*, key: bool = False, scale: int = 2, default: Any = attrs.NOTHING, factory: Any = None) -> Any:
    """Declare a field of a row class.

    Args:
        key: whether the field is part of the row's key within its stream.
        scale: decimal places kept, for ``Decimal`` fields; they are stored as whole numbers, so that sums are exact.
        default: value of a new row.
        factory: makes the value of a new row.
    """
    metadata = {"key": key, "scale": scale}
    if factory is not None:
        return attrs.field(factory=factory, metadata=metadata)
    return attrs.field(default=default, metadata=metadata)


def _same(value: Any) -> Any:
    return value


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives an object's attributes of those names as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda row: tuple([getattr(row, name) for name in names])


def _maker(row: type[Row], fields: Sequence[attrs.Attribute[Any]]) -> Callable[[list[Any]], Row]:
    """Return what makes a row of its cells' values in order."""
    if not any(f.kw_only for f in fields):
        return lambda values: row(*values)
    names = [f.alias or f.name for f in fields]
    return lambda values: row(**dict(zip(names, values, strict=True)))


def _cell(field: attrs.Attribute[Any], hint: Any, whose: str) -> Cell:
    sealed = sealed_of(field)
    union = isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union
    parts = typing.get_args(hint) if union else (hint,)
    nullable = NoneType in parts
    kinds = [t for t in parts if t not in (NoneType, Erased)]
    if len(kinds) != 1:
        raise PluginError(
            "row_type_unknown",
            f"the row field {field.name!r} of {whose} has more than one type",
            zh=f"{whose} 的行字段 {field.name!r} 有多种类型",
            accepts="one type, or one type | None",
        )
    kind = kinds[0]
    if typing.get_origin(kind) is typing.Literal:
        kind = str
    if sealed is not None:
        return Cell(field.name, kind, "text", True, sealed, _same, _same)
    if kind is bool:
        return Cell(field.name, kind, "integer", nullable, None, int, bool)
    if kind is int:
        return Cell(field.name, kind, "integer", nullable, None, _same, _same)
    if kind is str:
        return Cell(field.name, kind, "text", nullable, None, _same, _same)
    if kind is Decimal:
        scale = int(field.metadata.get("scale", 2))
        unit = Decimal(1).scaleb(-scale)

        def to_units(value: Decimal) -> int:
            units = value.scaleb(scale)
            whole = int(units)
            if whole != units:
                raise Invalid(
                    "inexact_amount",
                    f"{value} has more than {scale} decimals",
                    zh=f"{value} 超过 {scale} 位小数",
                )
            return whole

        return Cell(field.name, kind, "integer", nullable, None, to_units, lambda n: n * unit)
    if kind is date:
        return Cell(field.name, kind, "text", nullable, None, date.isoformat, date.fromisoformat)
    if kind is datetime:
        return Cell(field.name, kind, "text", nullable, None, stamp, datetime.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Cell(field.name, kind, "text", nullable, None, lambda e: str(e.value), kind)
    raise PluginError(
        "row_type_unknown",
        f"the row field {field.name!r} of {whose} has type {kind!r}",
        zh=f"{whose} 的行字段 {field.name!r} 的类型为 {kind!r}",
        accepts="str, int, bool, Decimal, date, datetime, an Enum, a Literal of texts, or one of these | None",
    )


class ReadModel(Generic[Row]):
    """A table folded stream by stream, so that any row can be made again, checked and erased alone.

    Args:
        name: stable name with the plugin's prefix, such as ``retail.customers``.
        row: a mutable attrs class. Fields declared with ``column(key=True)`` are the key within a stream; without
            any, a stream has one row.
        version: raised whenever handlers or fields change, so that the table is built anew.
        title: what people call it, in both languages.
        temporal: whether its rows are kept as they were at every cut, so that a report at a past cut is an ordinary query.
    """

    def __init__(
        self,
        name: str,
        row: type[Row],
        *,
        version: int = 1,
        title: Label | None = None,
        temporal: bool = False,
    ) -> None:
        self.name, self.row, self.version, self.temporal = name, row, version, temporal
        self.title = title or Label(name, name)
        self.handlers: dict[type[Any], Callable[[Rows[Row], Any, datetime], None]] = {}
        hints = typing.get_type_hints(row)
        fields = fields_of(row)
        self.cells: tuple[Cell, ...] = tuple(
            _cell(f, hints[f.name], f"{name} ({row.__qualname__})") for f in fields
        )
        self.keys: tuple[str, ...] = tuple(f.name for f in fields if f.metadata.get("key"))
        self.personal: tuple[Cell, ...] = tuple(c for c in self.cells if c.family)
        self.table_name = name.replace(".", "_")
        if temporal and (taken := sorted({c.name for c in self.cells}.intersection(INTERVALS))):
            raise PluginError(
                "column_reserved",
                f"{name}: a temporal read model keeps {', '.join(taken)} itself",
                zh=f"{name}：时态读模型自行维护 {', '.join(taken)}",
                accepts="another name for the field",
            )
        self._key_cells = tuple(c for c in self.cells if c.name in self.keys)
        self._encoders = tuple(
            (n, c.encode) for n, c in enumerate(self.cells) if c.family is None and c.encode is not _same
        )
        self._decoders = tuple(
            (n, c.decode) for n, c in enumerate(self.cells) if c.family is None and c.decode is not _same
        )
        self._key_places = tuple(n for n, c in enumerate(self.cells) if c.name in self.keys)
        self._made = _maker(row, fields)
        self._sealed = tuple((n, c.name, c.sealed) for n, c in enumerate(self.cells) if c.sealed is not None)
        self._values: Callable[[Row], tuple[Any, ...]] = _getter([c.name for c in self.cells])

    def __repr__(self) -> str:
        return f"<read model {self.name} v{self.version}>"

    def on(
        self, handler: Callable[[Rows[Row], Any, datetime], None]
    ) -> Callable[[Rows[Row], Any, datetime], None]:
        """Register ``handler(rows, event, at)`` for the event type, or union of types, that its second parameter names."""
        require_arity(handler, "read_model.on", "rows, event, at")
        for kind in handled_types(handler):
            if kind in self.handlers:
                raise PluginError(
                    "two_handlers",
                    f"{self.name} has two handlers for {kind.__name__}",
                    zh=f"{self.name} 对 {kind.__name__} 有两个处理函数",
                )
            self.handlers[kind] = handler
        return handler

    def table(self, metadata: sa.MetaData, suffix: str = "", *, temporal: bool = False) -> sa.Table:
        """Return the SQLAlchemy table of this read model, keyed by tenant, stream and the row's own key.

        Args:
            metadata: what it is defined in.
            suffix: what its name ends with.
            temporal: whether it keeps versions of rows: they have the four ends of their intervals too.
        """
        name = self.table_name + suffix
        if name in metadata.tables:
            return metadata.tables[name]
        columns = [
            sa.Column(
                c.name,
                sa.BigInteger() if c.kind == "integer" else sa.Text(),
                primary_key=c.name in self.keys,
                nullable=c.nullable,
            )
            for c in self.cells
        ]
        if temporal:
            columns += [
                sa.Column(name, sa.Text(), primary_key=name in INTERVAL_KEYS, nullable=False)
                for name in INTERVALS
            ]
        return sa.Table(
            name,
            metadata,
            sa.Column(TENANT, sa.Text(), primary_key=True),
            sa.Column(STREAM, sa.Text(), primary_key=True),
            *columns,
            sqlite_with_rowid=False,
        )

    def key_of(self, row: Row) -> Any:
        """Return a row's key within its stream: a value, a tuple of values, or the empty tuple."""
        values = tuple(getattr(row, k) for k in self.keys)
        return values[0] if len(values) == 1 else values

    def make(self, key: Any) -> Row:
        """Return a new row with that key and its defaults.

        Raises:
            PluginError: ``row_key_wrong`` for a key that the row class does not declare so.
        """
        if key == () and not self.keys:
            return self.row()
        given = (key,) if len(self.keys) == 1 else key
        if len(self.keys) != 1 and (not isinstance(key, tuple) or len(key) != len(self.keys)):
            who = asking()
            declared = ", ".join(self.keys) or "no key"
            raise PluginError(
                "row_key_wrong",
                f"{who} asks {self.name} for rows[{key!r}], and {self.row.__qualname__} declares {declared}",
                zh=f"{who} 向 {self.name} 索取 rows[{key!r}]，而 {self.row.__qualname__} 声明的键为 {declared}",
                accepts=f"rows[{', '.join(self.keys)}]"
                if self.keys
                else "rows[()], or column(key=True) for its field",
            )
        return self.row(**dict(zip(self.keys, given, strict=True)))

    def to_db(self, stream: str, row: Row, sealer: Sealer | None = None) -> tuple[Any, ...]:
        """Return a row's cells as stored, in the order of ``cells``; personal ones sealed."""
        values = self._values(row)
        if not self._encoders and not self._sealed:
            return values
        out = list(values)
        for n, encode in self._encoders:
            if out[n] is not None:
                out[n] = encode(out[n])
        if sealer is not None and self._sealed:
            place = self._place(out)
            for n, name, how in self._sealed:
                if out[n] is not None:
                    whose, family = how.of(row.__getattribute__, stream)
                    out[n] = sealer.seal_cell(stream, place, name, family, out[n], whose=whose)
        return tuple(out)

    def from_db(self, stream: str, cells: Iterable[Any], sealer: Sealer | None = None) -> Row:
        """Return the row behind stored cells; what was erased reads as ``ERASED``."""
        out = list(cells)
        place = self._place(out) if self._sealed else ""
        for n, decode in self._decoders:
            value = out[n]
            if value is not None and value is not ERASED:
                out[n] = decode(value)
        for n, name, _ in self._sealed:
            value = out[n]
            if value is not None and value is not ERASED:
                out[n] = (
                    self.cells[n].decode(value)
                    if sealer is None
                    else sealer.unseal_cell(stream, place, name, value)
                )
        return self._made(out)

    def _place(self, cells: Sequence[Any]) -> str:
        """Return what a row's sealed cells are bound to, so that none can be moved to another row."""
        return "#".join((self.name, *[str(cells[n]) for n in self._key_places]))

    def fold(self, rows: Rows[Row], timeline: Iterable[tuple[Any, datetime]]) -> None:
        """Fold (event, effective from) pairs into rows, in the order given."""
        find = self.handlers.get
        for event, at in timeline:
            handler = find(type(event))
            if handler is not None:
                handler(rows, event, at)


class Sorted:
    """A stream's timeline sorted by kind of event once, of which each read model takes what it handles.

    Args:
        timeline: (event, effective from) pairs, in fold order.
    """

    def __init__(self, timeline: Sequence[tuple[Any, datetime]]) -> None:
        self._timeline = timeline
        self._places: dict[type[Any], list[int]] = {}
        for place, (event, _) in enumerate(timeline):
            self._places.setdefault(type(event), []).append(place)

    def of(self, model: ReadModel[Any]) -> list[tuple[Any, datetime]]:
        """Return what a read model folds of it, in fold order."""
        mine = [self._places[kind] for kind in self._places.keys() & model.handlers.keys()]
        places = sorted(chain.from_iterable(mine)) if len(mine) != 1 else mine[0]
        return [self._timeline[place] for place in places]


class Reader(Protocol):
    """Reads the rows of read models at one cut, for one tenant."""

    position: int

    def rows(self, model: ReadModel[Row]) -> Iterator[tuple[str, Row]]:
        """Yield (stream, row) pairs in order of stream and key."""
        ...

    def rows_of(self, model: ReadModel[Row], stream: str) -> list[Row]:
        """Return one stream's rows in order of key."""
        ...

    def row(self, model: ReadModel[Row], stream: str, key: Any = ()) -> Row | None:
        """Return one row, or None."""
        ...

    def select(self, build: Callable[..., sa.Select[Any]], *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        """Run a query built over the models' tables, each already narrowed to the tenant.

        Args:
            build: receives one selectable per model, in order, and returns the statement.
            models: the read models it reads.
        """
        ...


class StreamReader:
    """Reads the rows of one stream, folded in memory; single rows of other streams are folded when they are asked for.

    Args:
        stream: whose rows it lists.
        models: what may be read.
        position: place in the log that it stands for.
        timeline: gives (event, effective from) pairs of a stream, in fold order.
    """

    def __init__(
        self,
        stream: str,
        models: Sequence[ReadModel[Any]],
        position: int,
        timeline: Callable[[str], Sequence[tuple[Any, datetime]]],
    ) -> None:
        self.stream, self.position = stream, position
        self._models, self._timeline = tuple(models), timeline
        self._folded: dict[str, dict[str, Rows[Any]]] = {}

    def rows(self, model: ReadModel[Row]) -> Iterator[tuple[str, Row]]:
        """Yield the one stream's rows in order of key."""
        rows = self._rows(model, self.stream)
        for key in sorted(rows, key=lambda k: k if isinstance(k, tuple) else (k,)):
            yield self.stream, rows[key]

    def rows_of(self, model: ReadModel[Row], stream: str) -> list[Row]:
        """Return one stream's rows in order of key."""
        rows = self._rows(model, stream)
        return [rows[key] for key in sorted(rows, key=lambda k: k if isinstance(k, tuple) else (k,))]

    def row(self, model: ReadModel[Row], stream: str, key: Any = ()) -> Row | None:
        """Return one row of any stream, or None."""
        return self._rows(model, stream).get(key)

    def select(self, build: Callable[..., sa.Select[Any]], *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        """Refuse: rows in memory have no tables.

        Raises:
            PluginError: ``select_narrowed``.
        """
        raise PluginError(
            "select_narrowed",
            f"{asking()} selects from tables, and one stream is read without any",
            zh=f"{asking()} 以表查询，而单一流的读取没有表",
            accepts="reader.rows(model) and reader.row(model, stream, key)",
        )

    def _rows(self, model: ReadModel[Row], stream: str) -> Rows[Row]:
        if stream not in self._folded:
            timeline = Sorted(self._timeline(stream))
            self._folded[stream] = {}
            for one in self._models:
                rows: Rows[Any] = Rows(one.make, lambda key: None, stream)
                one.fold(rows, timeline.of(one))
                self._folded[stream][one.name] = rows
        return self._folded[stream][model.name]
