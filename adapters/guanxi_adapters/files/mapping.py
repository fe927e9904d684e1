"""What a mapping file says: which source a data file is, and which command each of its lines becomes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.errors import Invalid, Unknown
from guanxi.kernel.times import DAY, INSTANT, zone

Kind = Literal["numbered", "unnumbered", "delta"]
NUMBERED, UNNUMBERED, DELTA = "numbered", "unnumbered", "delta"
CSV, WHITESPACE = "csv", "whitespace"
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")
MANY_BYTES = 1_000_000


@attrs.frozen
class SourceSpec:
    """The data file's source, as declared (RET-06).

    Args:
        name: the source's name; part of every line's identity, so it never changes.
        kind: ``numbered`` (lines carry a document number), ``unnumbered`` (a file that grows), or ``delta`` (each file
            holds only what is new).
        format: ``csv`` or ``whitespace``.
        zone: time zone in which its dates and times are meant.
        precision: ``day`` or ``instant``.
        header: how many heading lines it has; the last of them names the columns.
        columns: names of the columns, where no heading names them.
        encoding: ``utf-8``, ``utf-8-sig`` or ``gb18030``.
        delimiter: what separates the fields of a CSV line.
        file_number: number of a delta file.
        all_or_nothing: whether one bad line keeps the whole file out.
    """

    name: str
    kind: str
    format: str
    zone: ZoneInfo
    precision: str
    header: int = 0
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    file_number: str | None = None
    all_or_nothing: bool = False


@attrs.frozen
class ValueSpec:
    """Where one value comes from: columns, a constant, or the line's own identity.

    Args:
        key: the mapping file's key, for messages.
        columns: what it is read from; several are joined by ``join``.
        join: what stands between several columns.
        constant: the value itself, for every line.
        generated: whether it is derived from the line's identity, for sources without numbers.
        format: how dates are written, in ``strptime``'s directives.
        currency: currency of money.
        currency_column: column that names the currency instead.
        thousands: what separates thousands; none is accepted if not declared.
        codes: what the source's codes mean; any other is refused.
        default: what an empty cell means.
        sum: whether the values of a document's lines are added up; they must be the same otherwise.
    """

    key: str
    columns: tuple[str, ...] = ()
    join: str = ""
    constant: str | None = None
    generated: bool = False
    format: str | None = None
    currency: str | None = None
    currency_column: str | None = None
    thousands: str | None = None
    codes: Table[str, str] | None = None
    default: str | None = None
    sum: bool = False


@attrs.frozen
class EachSpec:
    """What each line of a document adds to the one command that the document becomes.

    Args:
        field: the command's field that takes one item for each line.
        fields: the item's fields.
    """

    field: str
    fields: Table[str, ValueSpec]


@attrs.frozen
class LineSpec:
    """One kind of line: which lines it is, and the command they become.

    Args:
        key: the mapping file's key, for messages.
        command: the command's stored name.
        customer: the account number.
        occurred_at: when it happened.
        when: values that columns must have for a line to be of this kind; every line is if empty.
        document: document number of a numbered source.
        number: line number within the document; 1 if not given.
        fields: the command's fields.
        each: what each line adds, where a document's lines become one command together; None where each becomes its own.
    """

    key: str
    command: str
    customer: ValueSpec
    occurred_at: ValueSpec
    when: Table[str, tuple[str, ...]]
    document: ValueSpec | None
    number: ValueSpec | None
    fields: Table[str, ValueSpec]
    each: EachSpec | None = None


@attrs.frozen
class FilesSpec:
    """What is done with lines of customers who have no file yet.

    Args:
        opens: whether a customer file is opened from the first line on; otherwise its lines wait.
        party: ``person`` or ``organisation``.
        source_channel: how these customers came to us.
        name: their name.
    """

    opens: bool = False
    party: str = "person"
    source_channel: str = "import"
    name: ValueSpec | None = None


@attrs.frozen
class Mapping:
    """A mapping file, read and checked; its commands are looked up when it is used.

    Args:
        path: where it was read from.
        source: the source.
        lines: kinds of lines; the first that fits a line is taken.
        files: what is done with unknown customers.
    """

    path: str
    source: SourceSpec
    lines: tuple[LineSpec, ...]
    files: FilesSpec


def load_mapping(path: str | Path) -> Mapping:
    """Read a mapping file.

    Args:
        path: a TOML file; ``examples/cdnow/master.toml`` is one.

    Raises:
        Unknown: ``no_such_file``.
        Invalid: ``bad_mapping``, naming the file, the key, what is wrong and what would be accepted.
    """
    path = Path(path)
    try:
        if not path.is_file():
            raise Unknown(
                "no_such_file",
                f"there is no file {path}",
                zh=f"没有文件 {path}",
                accepts="the path of a mapping file",
            )
        if path.stat().st_size > MANY_BYTES:
            _bad(
                path,
                "",
                f"it has more than {MANY_BYTES} bytes",
                f"超过 {MANY_BYTES} 字节",
                "a small TOML file",
            )
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Invalid(
            "cannot_read",
            f"{path}: {error.strerror}",
            zh=f"无法读取 {path}：{error.strerror}",
            accepts="a readable file",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _bad(path, "", f"it is no TOML: {error}", f"不是 TOML：{error}", "a TOML file in UTF-8")
    return mapping_from(data, str(path))


def mapping_from(data: Table[str, Any], path: str = "mapping") -> Mapping:
    """Return the mapping that a table of plain values describes.

    Args:
        data: the values, as TOML gives them.
        path: what to call it in messages.

    Raises:
        Invalid: ``bad_mapping``.
    """
    top = _Part(path, "", data)
    lines = top.tables("line")
    source = _source(top.table("source"))
    mapping = Mapping(
        path, source, tuple(_line(part, source) for part in lines), _files(top.table("files", needed=False))
    )
    top.finish()
    return mapping


def _source(part: _Part) -> SourceSpec:
    kind = part.choice("kind", (NUMBERED, UNNUMBERED, DELTA))
    form = part.choice("format", (CSV, WHITESPACE))
    zone_name = part.text("zone")
    try:
        tz = zone(zone_name)
    except Invalid as error:
        part.bad("zone", error.message, error.zh, "an IANA name such as Asia/Shanghai")
    delimiter = part.text("delimiter", ",")
    if form != CSV and part.has("delimiter"):
        part.bad("delimiter", "only a csv file has one", "只有 csv 文件才有分隔符", 'format = "csv"')
    if len(delimiter) != 1 or delimiter in '"\r\n':
        part.bad(
            "delimiter",
            f"{delimiter!r} is no single character",
            f"{delimiter!r} 不是单个字符",
            '"," or ";" or "\\t"',
        )
    encoding = part.choice("encoding", ENCODINGS, "utf-8")
    header = part.number("header", 0)
    columns = part.texts("columns")
    if not header and not columns:
        part.bad(
            "columns",
            "no heading line names the columns, and the mapping does not either",
            "既无标题行，也未声明列名",
            "header = 1, or columns = [...]",
        )
    if len(set(columns)) != len(columns):
        part.bad("columns", "a name stands there twice", "列名重复", "names that differ")
    number = part.scalar("file_number")
    if number is not None and kind != DELTA:
        part.bad(
            "file_number", f"a source of kind {kind} has none", f"{kind} 类来源没有文件编号", 'kind = "delta"'
        )
    source = SourceSpec(
        name=part.text("name"),
        kind=kind,
        format=form,
        zone=tz,
        precision=part.choice("precision", (DAY, INSTANT)),
        header=header,
        columns=columns,
        encoding=encoding,
        delimiter=delimiter,
        file_number=number,
        all_or_nothing=part.flag("all_or_nothing", default=False),
    )
    part.finish()
    return source


def _line(part: _Part, source: SourceSpec) -> LineSpec:
    document = part.value("document") if part.has("document") else None
    number = part.value("number") if part.has("number") else None
    if source.kind == NUMBERED and document is None:
        part.bad(
            "document",
            "a numbered source needs its document number",
            "有编号的来源须给出单据号",
            'document = "receipt_no"',
        )
    if source.kind != NUMBERED and (document or number):
        named = "document" if document else "number"
        part.bad(
            named,
            f"a source of kind {source.kind} has no numbers of its own",
            f"{source.kind} 类来源没有自己的编号",
            'kind = "numbered"',
        )
    fields = part.table("fields", needed=False)
    each = _each(part, source, number) if part.has("each") else None
    line = LineSpec(
        key=part.key,
        command=part.text("command"),
        customer=part.value("customer"),
        occurred_at=part.value("occurred_at"),
        when=part.conditions("when"),
        document=document,
        number=number,
        fields={name: fields.value(name) for name in fields.names()},
        each=each,
    )
    for name, value in line.fields.items():
        if value.sum and each is None:
            part.bad(
                "fields",
                f"{name} is a sum, and each line is a command of its own",
                f"{name} 要求合计，但每行各为一条命令",
                "[line.each] with what each line adds",
            )
    if line.occurred_at.format is not None:
        _check_format(part, line.occurred_at.format)
    part.finish()
    fields.finish()
    return line


def _each(part: _Part, source: SourceSpec, number: ValueSpec | None) -> EachSpec:
    if source.kind != NUMBERED:
        part.bad(
            "each",
            f"lines of a source of kind {source.kind} name no document",
            f"{source.kind} 类来源的行没有单据号",
            'kind = "numbered"',
        )
    if number is not None:
        part.bad(
            "number",
            "a document whose lines become one command is known by its own number",
            "整单成为一条命令时以单据号为准",
            "the line's number among the fields of each",
        )
    each = part.table("each")
    fields = each.table("fields")
    spec = EachSpec(each.text("field"), {name: fields.value(name) for name in fields.names()})
    each.finish()
    fields.finish()
    for name, value in spec.fields.items():
        if value.sum or value.generated:
            fields.bad(name, "it is one line's own", "此值属于单行", "a column or a constant")
    return spec


def _check_format(part: _Part, form: str) -> None:
    if "%y" in form:
        part.bad(
            "occurred_at", "two digits leave the century open", "两位年份无法确定世纪", "a format with %Y"
        )
    if "%z" in form or "%Z" in form:
        part.bad(
            "occurred_at",
            "the zone is declared for the whole source",
            "时区须为整个来源声明",
            "a format without a zone; ISO 8601 text may carry an offset",
        )


def _files(part: _Part) -> FilesSpec:
    spec = FilesSpec(
        opens=part.flag("opens", default=False),
        party=part.choice("party", ("person", "organisation"), "person"),
        source_channel=part.text("source_channel", "import"),
        name=part.value("name") if part.has("name") else None,
    )
    part.finish()
    return spec


_VALUE_KEYS = frozenset(
    (
        "column",
        "columns",
        "join",
        "constant",
        "generated",
        "format",
        "currency",
        "currency_column",
        "thousands",
        "codes",
        "default",
        "sum",
    )
)


class _Part:
    """One table of a mapping file: hands out its values, checked, and knows which keys nobody asked for."""

    def __init__(self, path: str, key: str, data: Table[str, Any]) -> None:
        self.path, self.key, self._data = path, key, data
        self._asked: set[str] = set()

    def bad(self, name: str, what: str, zh: str, accepts: str) -> NoReturn:
        _bad(self.path, self._full(name), what, zh, accepts)

    def finish(self) -> None:
        for name in self._data:
            if name not in self._asked:
                self.bad(name, "there is no such key", "没有这个键", ", ".join(sorted(self._asked)))

    def names(self) -> Sequence[str]:
        return list(self._data)

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._data

    def text(self, name: str, default: str | None = None) -> str:
        value = self._get(name, default)
        if (
            not isinstance(value, str)
            or not value.strip(" ")
            or any(ord(c) < 32 and c != "\t" for c in value)
        ):
            self.bad(name, f"{value!r} is no text", f"{value!r} 不是文本", "a text in one line")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
            self.bad(
                name, f"{value!r} is no list of texts", f"{value!r} 不是文本列表", '["customer", "date"]'
            )
        return tuple(value)

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str:
        value = self._get(name, default)
        if value not in options:
            self.bad(name, f"{value!r} is none of them", f"{value!r} 不在可选值中", ", ".join(options))
        return str(value)

    def number(self, name: str, default: int) -> int:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.bad(name, f"{value!r} is no count", f"{value!r} 不是个数", "a whole number, 0 or more")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._get(name, default)
        if not isinstance(value, bool):
            self.bad(name, f"{value!r} is neither yes nor no", f"{value!r} 既非是也非否", "true or false")
        return value

    def scalar(self, name: str) -> str | None:
        """Return a text or a whole number as text; binary floats are none."""
        if not self.has(name):
            return None
        value = self._data[name]
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            self.bad(
                name,
                f"{value!r} is neither text nor a whole number",
                f"{value!r} 既非文本也非整数",
                '7, or "12.50" in quotes',
            )
        return str(value)

    def table(self, name: str, *, needed: bool = True) -> _Part:
        value = self._get(name, None if needed else {})
        if not isinstance(value, dict):
            self.bad(name, "it is no table", "不是表", f"[{self._full(name)}]")
        return _Part(self.path, self._full(name), value)

    def tables(self, name: str) -> list[_Part]:
        value = self._get(name, None)
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
            self.bad(
                name,
                "it is no list of tables",
                "不是表的列表",
                f"[[{self._full(name)}]], once for each kind of line",
            )
        many = len(value) > 1
        return [_Part(self.path, f"{self._full(name)}{n if many else ''}", v) for n, v in enumerate(value, 1)]

    def conditions(self, name: str) -> dict[str, tuple[str, ...]]:
        part = self.table(name, needed=False)
        found: dict[str, tuple[str, ...]] = {}
        for column in part.names():
            value = part._get(column, None)
            found[column] = tuple(value) if isinstance(value, list) else (value,)
            if not all(isinstance(v, str) for v in found[column]):
                part.bad(column, f"{value!r} is no text", f"{value!r} 不是文本", '"sale", or ["sale", "S"]')
        return found

    def value(self, name: str) -> ValueSpec:
        """Return where a value comes from: a column's name, or a table that says more."""
        raw = self._get(name, None)
        key = self._full(name)
        if isinstance(raw, str) and raw:
            return ValueSpec(key, columns=(raw,))
        if not isinstance(raw, dict):
            self.bad(
                name,
                f"{raw!r} says not where the value comes from",
                f"{raw!r} 未说明取值来源",
                "the name of a column in quotes, { column = … } or { constant = … }",
            )
        part = _Part(self.path, key, raw)
        part._asked |= _VALUE_KEYS
        part.finish()
        return _value(part, key)

    def _get(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        if name not in self._data:
            if default is None:
                self.bad(name, "it is missing", "缺少这个键", _HINTS.get(name, f"{name} = …"))
            return default
        return self._data[name]

    def _full(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name


_HINTS = {
    "kind": '"numbered", "unnumbered" or "delta"; there is no default',
    "zone": "the IANA name of the zone its dates are meant in; there is no default",
    "precision": '"day" or "instant"; there is no default',
    "format": '"csv" or "whitespace"',
    "line": "[[line]], once for each kind of line",
    "source": "[source]",
}


def _value(part: _Part, key: str) -> ValueSpec:
    columns = (part.text("column"),) if part.has("column") else part.texts("columns")
    constant = part.scalar("constant")
    generated = part.flag("generated", default=False)
    if (bool(columns), constant is not None, generated).count(True) != 1:
        part.bad(
            "column",
            "a value has one origin",
            "一个值只能有一个来源",
            "column (or columns), constant, or generated = true",
        )
    thousands = part.text("thousands", " ") if part.has("thousands") else None
    if thousands is not None and (len(thousands) != 1 or re.match(r"[0-9.+-]", thousands)):
        part.bad(
            "thousands", f"{thousands!r} cannot separate thousands", f"{thousands!r} 不能作千位分隔符", '","'
        )
    codes = part.table("codes", needed=False)
    meanings = {c: codes.scalar(c) or "" for c in codes.names()}
    return ValueSpec(
        key=key,
        columns=columns,
        join=part.text("join", "/") if len(columns) > 1 else "",
        constant=constant,
        generated=generated,
        format=part.text("format") if part.has("format") else None,
        currency=part.text("currency") if part.has("currency") else None,
        currency_column=part.text("currency_column") if part.has("currency_column") else None,
        thousands=thousands,
        codes=meanings or None,
        default=part.scalar("default"),
        sum=part.flag("sum", default=False),
    )


def _bad(path: str | Path, key: str, what: str, zh: str, accepts: str) -> NoReturn:
    where = f"{path}: {key}" if key else f"{path}"
    raise Invalid("bad_mapping", f"{where}: {what}", zh=f"{where}：{zh}", accepts=accepts)


def bad_mapping(mapping: Mapping, key: str, what: str, zh: str, accepts: str) -> NoReturn:
    """Refuse a mapping for what shows only beside a ledger's commands or a file's heading."""
    _bad(mapping.path, key, what, zh, accepts)
