"""Turns the cells of a line into a command's exact values, strictly: nothing is rounded, rolled over or guessed."""

from __future__ import annotations

import re
import typing
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Literal

import attrs
import msgspec

from guanxi import Command, Invalid, Ledger, Money, Refusal, Unknown
from guanxi.kernel.times import DAY, midnight, stamp
from guanxi.kernel.values import MINOR_UNITS
from guanxi_adapters.files import mapping as form
from guanxi_adapters.files.mapping import EachSpec, LineSpec, SourceSpec, ValueSpec, bad_mapping

Cells = Sequence[str]
Read = Callable[[Cells], Any]
PENDING = "\x00pending"
"""Stands for a generated value until the line's place among its equals is known."""

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_REMEMBERED = 20_000
_encode = msgspec.json.encode


@attrs.frozen
class Line:
    """What one line of a file says.

    Args:
        kind: index of its kind among the mapping's.
        customer: account number.
        at: stamp of when it happened.
        command: the command, as JSON; what the line gives to its document's, where a document becomes one command.
        content: the mapped, normalised content, from which its identity is drawn (RET-06).
        document: document number of a numbered source.
        number: line number in that document.
        name: the customer's name, where files are opened with one.
    """

    kind: int
    customer: str
    at: str
    command: bytes
    content: bytes
    document: str | None
    number: str | None
    name: str | None


@attrs.frozen
class Kind:
    """One kind of line, its values bound to a file's columns and a command's fields."""

    spec: LineSpec
    cls: type[Command]
    conditions: tuple[tuple[int, frozenset[str]], ...]
    customer: Read
    at: Callable[[Cells], tuple[datetime, str]]
    decode: Callable[[bytes], Any]
    fields: tuple[tuple[str, Read], ...]
    generated: tuple[str, ...]
    document: Read | None
    number: Read | None
    each: str | None = None
    items: tuple[tuple[str, Read], ...] = ()
    sums: frozenset[str] = frozenset()

    def fits(self, cells: Cells) -> bool:
        """Return whether a line is of this kind."""
        return all(cells[i] in accepted for i, accepted in self.conditions)


class Converter:
    """A mapping bound to a ledger's commands and to the columns of a file.

    Args:
        mapping: the mapping.
        ledger: whose commands are meant.
        columns: the file's columns.

    Raises:
        Invalid: ``bad_mapping`` where the three do not fit together.
    """

    def __init__(self, mapping: form.Mapping, ledger: Ledger, columns: Sequence[str]) -> None:
        self.mapping, self.source = mapping, mapping.source
        self._columns = {c: i for i, c in enumerate(columns)}
        self._dates: dict[str, tuple[datetime, str]] = {}
        self.kinds = tuple(self._kind(spec, ledger.commands) for spec in mapping.lines)
        name = mapping.files.name
        self._name: Read | None = None if name is None else self._text(name, optional=True)

    def line(self, cells: Cells) -> Line:
        """Return what a line says.

        Raises:
            Refusal: a value is missing, malformed, inexact or impossible.
        """
        for index, kind in enumerate(self.kinds):
            if not kind.conditions or kind.fits(cells):
                return self._line(index, kind, cells)
        raise Unknown(
            "unknown_code",
            "the mapping knows no line of this kind",
            zh="映射中没有这类行",
            accepts="; ".join(f"{c} = {' or '.join(v)}" for k in self.kinds for c, v in k.spec.when.items()),
        )

    def reference(self, cells: Cells) -> tuple[str, str] | None:
        """Return customer and document of a line that could not be read as a whole, as far as these can be read."""
        for kind in self.kinds:
            if kind.document is not None and kind.fits(cells):
                try:
                    return kind.customer(cells), kind.document(cells)
                except Refusal:
                    return None
        return None

    def _line(self, index: int, kind: Kind, cells: Cells) -> Line:
        customer = kind.customer(cells)
        at = kind.at(cells)[1]
        values = {name: value for name, read in kind.fields if (value := read(cells)) is not None}
        if kind.each is None:
            command = _encode(kind.cls(**values, **dict.fromkeys(kind.generated, PENDING)))
        else:
            item = {name: value for name, read in kind.items if (value := read(cells)) is not None}
            command = _encode([values, item])
        return Line(
            index,
            customer,
            at,
            command,
            _encode([self.source.name, kind.spec.command, customer, at, values]),
            kind.document(cells) if kind.document else None,
            kind.number(cells) if kind.number else None,
            self._name(cells) if self._name else None,
        )

    # Binding

    def _kind(self, spec: LineSpec, commands: Mapping[str, type[Command]]) -> Kind:
        cls = commands.get(spec.command)
        if cls is None:
            self._bad(
                f"{spec.key}.command",
                f"there is no command {spec.command!r}",
                f"没有命令 {spec.command!r}",
                ", ".join(sorted(commands)),
            )
        each = spec.each
        fields = self._fields(
            spec.command, f"{spec.key}.fields", spec.fields, cls, None if each is None else each.field
        )
        items = () if each is None else self._items(spec.command, f"{spec.key}.each", each, cls)
        for name, value in spec.fields.items():
            if value.sum and _plain(typing.get_type_hints(cls)[name]) not in (Money, Decimal, int):
                self._bad(value.key, "only numbers add up", "只有数字才能合计", "a field of money or numbers")
        return Kind(
            spec,
            cls,
            tuple((self._index(f"{spec.key}.when", c), frozenset(v)) for c, v in spec.when.items()),
            self._text(spec.customer),
            self._moment(spec.occurred_at),
            msgspec.json.Decoder(cls).decode,
            tuple((n, r) for n, r in fields if r is not None),
            tuple(n for n, r in fields if r is None),
            self._text(spec.document) if spec.document else None,
            self._text(spec.number) if spec.number else None,
            None if each is None else each.field,
            items,
            frozenset(name for name, value in spec.fields.items() if value.sum),
        )

    def _fields(
        self, whose: str, key: str, given: Mapping[str, ValueSpec], cls: Any, filled: str | None = None
    ) -> list[tuple[str, Read | None]]:
        """Return what reads each field of a command or of an item; ``filled`` is filled otherwise."""
        attributes: dict[str, attrs.Attribute[Any]] = {a.name: a for a in attrs.fields(cls)}
        hints = typing.get_type_hints(cls)
        for name in given:
            if name not in attributes or name == filled:
                self._bad(
                    f"{key}.{name}",
                    f"{whose} has no such field",
                    f"{whose} 没有这个字段",
                    ", ".join(n for n in attributes if n != filled),
                )
        needed = (n for n, a in attributes.items() if a.default is attrs.NOTHING and n != filled)
        missing = [n for n in needed if n not in given]
        if missing:
            self._bad(
                key,
                f"{whose} also needs {', '.join(missing)}",
                f"{whose} 还需要 {', '.join(missing)}",
                f"{missing[0]} = …",
            )
        found: list[tuple[str, Read | None]] = []
        for name in sorted(given):
            optional = attributes[name].default is not attrs.NOTHING
            found.append((name, self._field(given[name], hints[name], optional)))
        return found

    def _items(self, whose: str, key: str, each: EachSpec, cls: Any) -> tuple[tuple[str, Read], ...]:
        hint = typing.get_type_hints(cls).get(each.field)
        inner = typing.get_args(hint)[:1]
        if typing.get_origin(hint) is not tuple or not inner or not attrs.has(inner[0]):
            self._bad(
                f"{key}.field",
                f"{whose} has no field {each.field!r} that takes an item for each line",
                f"{whose} 没有可逐行填写的字段 {each.field!r}",
                "a field that holds several items",
            )
        fields = self._fields(f"{whose}.{each.field}", f"{key}.fields", each.fields, inner[0])
        return tuple((name, read) for name, read in fields if read is not None)

    def _field(self, spec: ValueSpec, hint: Any, optional: bool) -> Read | None:
        """Return what reads a field's value; None where it is generated."""
        if spec.generated:
            if hint is not str:
                self._bad(spec.key, "only a text can be generated", "只能生成文本", "column or constant")
            return None
        wanted = _plain(hint)
        if wanted is Money:
            return self._money(spec, optional)
        if spec.currency or spec.currency_column:
            self._bad(spec.key, "only money has a currency", "只有金额才有币种", "no currency here")
        parse = self._parser(spec, wanted)
        cell = self._cell(spec, optional)

        def read(cells: Cells) -> Any:
            text = cell(cells)
            return None if text is None else parse(text)

        return read

    def _parser(self, spec: ValueSpec, wanted: Any) -> Callable[[str], Any]:
        thousands = spec.thousands
        if wanted is Decimal:
            return lambda text: normalised(decimal_of(text, thousands))
        if wanted is int:
            return lambda text: whole_of(text, thousands)
        if thousands is not None:
            self._bad(spec.key, "only numbers have thousands", "只有数字才有千位分隔符", "no thousands here")
        if wanted is str or typing.get_origin(wanted) is Literal:
            return str
        if wanted is bool:
            return _truth
        if wanted is date:
            return lambda text: day_of(text, spec.format)
        if wanted is not datetime:
            self._bad(
                spec.key,
                f"a field of type {wanted} cannot be filled from a cell",
                f"类型为 {wanted} 的字段不能由单元格填写",
                "fields of text, numbers, money, dates",
            )
        tz = self.source.zone
        return lambda text: moment_of(text, spec.format, tz)

    def _money(self, spec: ValueSpec, optional: bool) -> Read:
        if (spec.currency is None) == (spec.currency_column is None):
            self._bad(
                spec.key,
                "money needs one currency",
                "金额须有币种",
                'currency = "CNY", or currency_column = "…"',
            )
        if spec.currency is not None:
            try:
                Money(Decimal(0), spec.currency)
            except Invalid as error:
                self._bad(f"{spec.key}.currency", error.message, error.zh, error.accepts)
        cell, fixed, thousands = self._cell(spec, optional), spec.currency, spec.thousands
        index = -1 if spec.currency_column is None else self._index(spec.key, spec.currency_column)

        def read(cells: Cells) -> Money | None:
            text = cell(cells)
            if text is None:
                return None
            return money_of(decimal_of(text, thousands), fixed if fixed is not None else cells[index])

        return read

    def _moment(self, spec: ValueSpec) -> Callable[[Cells], tuple[datetime, str]]:
        cell, known, source = self._cell(spec, optional=False), self._dates, self.source

        def read(cells: Cells) -> tuple[datetime, str]:
            text = cell(cells)
            assert text is not None
            found = known.get(text)
            if found is None:
                at = _occurred(text, spec.format, source)
                found = at, stamp(at)
                if len(known) < _REMEMBERED:
                    known[text] = found
            return found

        return read

    def _text(self, spec: ValueSpec, optional: bool = False) -> Read:
        if spec.generated:
            self._bad(spec.key, "this cannot be generated", "此值不能生成", "column or constant")
        return self._cell(spec, optional)

    def _cell(self, spec: ValueSpec, optional: bool) -> Callable[[Cells], str | None]:
        """Return what reads a cell's text; None is what an empty cell of an optional field gives."""
        if spec.constant is not None:
            constant = spec.constant
            return lambda cells: constant
        indexes = [self._index(spec.key, c) for c in spec.columns]
        first, label, join, codes, default = (
            indexes[0],
            " + ".join(spec.columns),
            spec.join,
            spec.codes,
            spec.default,
        )
        single = len(indexes) == 1

        def read(cells: Cells) -> str | None:
            text = cells[first] if single else join.join([cells[i] for i in indexes])
            if not text.isascii():
                text = unicodedata.normalize("NFC", text)
            if codes is not None and text in codes:
                return codes[text]
            if text == "" or (not single and not any(cells[i] for i in indexes)):
                if default is not None:
                    return default
                if optional:
                    return None
                raise Invalid("blank", f"{label} is blank", zh=f"{label} 为空", accepts="a value")
            if codes is not None:
                raise Unknown(
                    "unknown_code",
                    f"{label} is {text!r}",
                    zh=f"{label} 为 {text!r}",
                    accepts=", ".join(codes),
                )
            return text

        return read

    def _index(self, key: str, column: str) -> int:
        if column not in self._columns:
            self._bad(
                key, f"the file has no column {column!r}", f"文件没有 {column!r} 列", ", ".join(self._columns)
            )
        return self._columns[column]

    def _bad(self, key: str, what: str, zh: str, accepts: str) -> typing.NoReturn:
        bad_mapping(self.mapping, key, what, zh, accepts)


# Values


def decimal_of(text: str, thousands: str | None = None) -> Decimal:
    """Return the exact number that a text writes out: digits, and at most one point.

    Raises:
        Invalid: ``inexact_amount``.
    """
    plain = _ungrouped(text, thousands)
    if not _DECIMAL.match(plain):
        raise Invalid(
            "inexact_amount",
            f"{text!r} is no plain number",
            zh=f"{text!r} 不是普通数字",
            accepts="digits with at most one decimal point, such as 1234.50"
            + ("" if thousands else "; thousands only where the mapping declares them"),
        )
    return Decimal(plain)


def whole_of(text: str, thousands: str | None = None) -> int:
    """Return the whole number that a text writes out.

    Raises:
        Invalid: ``out_of_scale``.
    """
    plain = _ungrouped(text, thousands)
    if not _INTEGER.match(plain) or len(plain) > 19:
        raise Invalid(
            "out_of_scale",
            f"{text!r} is no whole number",
            zh=f"{text!r} 不是整数",
            accepts="digits only, such as 12",
        )
    return int(plain)


def _ungrouped(text: str, thousands: str | None) -> str:
    if thousands is None or thousands not in text:
        return text
    groups = re.escape(thousands)
    if not re.match(rf"[+-]?[0-9]{{1,3}}({groups}[0-9]{{3}})+(\.[0-9]+)?\Z", text):
        return ""
    return text.replace(thousands, "")


def money_of(amount: Decimal, currency: str) -> Money:
    """Return money written with exactly its currency's decimals, so that equal amounts read equal.

    Raises:
        Invalid: ``inexact_amount`` for more decimals than the currency has, ``unit_missing`` without a currency.
    """
    money = Money(amount, currency)
    places = -MINOR_UNITS.get(currency, 2)
    if amount.as_tuple().exponent == places and amount != 0:
        return money
    return Money(
        abs(amount.scaleb(0).quantize(Decimal((0, (1,), places))))
        if amount == 0
        else amount.quantize(Decimal((0, (1,), places))),
        currency,
    )


def normalised(number: Decimal) -> Decimal:
    """Return a number without trailing zeros and without an exponent."""
    if number == 0:
        return Decimal(0)
    short = number.normalize()
    return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def day_of(text: str, format: str | None) -> date:
    """Return the day that a text names.

    Raises:
        Invalid: ``invalid_date``; 31 September is never taken for 1 October.
    """
    try:
        if format is None:
            if not _ISO_DAY.match(text):
                raise ValueError
            return date.fromisoformat(text)
        return _by_format(text, format).date()
    except ValueError as error:
        raise _impossible(text, format or "%Y-%m-%d") from error


def moment_of(text: str, format: str | None, zone: Any) -> datetime:
    """Return the instant that a text names, in the declared zone where it does not say another.

    Raises:
        Invalid: ``invalid_date``, also for a time that a clock skipped in that zone.
    """
    try:
        if format is None:
            if len(text) < 16:
                raise ValueError
            at = datetime.fromisoformat(text)
        else:
            at = _by_format(text, format)
    except ValueError as error:
        raise _impossible(text, format or "%Y-%m-%d %H:%M:%S") from error
    if at.tzinfo is not None:
        return at
    placed = at.replace(tzinfo=zone)
    if placed.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != at:
        raise Invalid(
            "invalid_date",
            f"{text!r} was skipped by the clocks of {zone}",
            zh=f"{zone} 时区不存在 {text!r} 这一时刻",
            accepts="a time that was",
        )
    return placed


def _by_format(text: str, format: str) -> datetime:
    at = datetime.strptime(text, format)  # noqa: DTZ007 - the zone is declared for the whole source
    # Directives side by side are only told apart by their width, which strptime does not insist on.
    if re.search(r"%[a-zA-Z]%", format) and len(at.strftime(format)) != len(text):
        raise ValueError(text)
    return at


def _occurred(text: str, format: str | None, source: SourceSpec) -> datetime:
    if source.precision == DAY:
        return midnight(day_of(text, format), source.zone)
    return moment_of(text, format, source.zone)


def _impossible(text: str, format: str) -> Invalid:
    return Invalid(
        "invalid_date",
        f"{text!r} is not a possible date",
        zh=f"{text!r} 不是可能的日期",
        accepts=f"a date written {format}",
    )


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise Unknown(
            "unknown_code",
            f"{text!r} is neither true nor false",
            zh=f"{text!r} 既非 true 也非 false",
            accepts="true or false; other codes through codes = { … }",
        )
    return text == "true"


def _plain(hint: Any) -> Any:
    """Return a field's type without None."""
    if isinstance(hint, UnionType) or typing.get_origin(hint) is typing.Union:
        kept = [t for t in typing.get_args(hint) if t is not type(None)]
        return kept[0] if len(kept) == 1 else hint
    return hint
