"""Reads a data file line by line; what it cannot decode or split it hands over as a refusal of that line."""

from __future__ import annotations

import csv
import re
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import attrs

from guanxi.kernel.errors import Invalid, Refusal, Unknown
from guanxi_adapters.files.mapping import CSV, SourceSpec

_BLANKS = re.compile(r"[ \t]+")
_HEAD = 65_536
_LONGEST = 1_000_000
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@attrs.frozen
class Row:
    """One line of a data file: its number from 1, and its fields or why it has none."""

    number: int
    fields: Sequence[str]
    refusal: Refusal | None = None


@attrs.frozen
class Opened:
    """A data file with its heading read.

    Args:
        columns: names of its columns.
        rows: the lines below the heading; blank ones are passed over.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def opened(path: str | Path, source: SourceSpec) -> Generator[Opened]:
    """Open a data file and read its heading.

    Raises:
        Unknown: ``no_such_file``.
        Invalid: ``cannot_read``, ``not_a_file``, ``file_empty``, ``not_text``, ``wrong_encoding``, ``header_mismatch``.
    """
    with _open(Path(path)) as file:
        _check_head(Path(path), file, source)
        rows = _rows(_lines(file, source), source)
        columns = _columns(Path(path), rows, source)
        yield Opened(columns, _fitting(rows, columns))


@contextmanager
def _open(path: Path) -> Generator[BinaryIO]:
    try:
        # A pipe would be waited for: look before opening.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise Invalid(
                "not_a_file",
                f"{path} is no regular file",
                zh=f"{path} 不是普通文件",
                accepts="the path of a data file",
            )
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise Unknown(
            "no_such_file",
            f"there is no file {path}",
            zh=f"没有文件 {path}",
            accepts="the path of a data file",
        ) from error
    except OSError as error:
        raise Invalid(
            "cannot_read",
            f"{path}: {error.strerror}",
            zh=f"无法读取 {path}：{error.strerror}",
            accepts="a readable file",
        ) from error


def _check_head(path: Path, file: BinaryIO, source: SourceSpec) -> None:
    head = file.read(_HEAD)
    file.seek(0)
    if not head:
        raise Invalid(
            "file_empty",
            f"{path} is empty",
            zh=f"{path} 是空文件",
            accepts="a file with at least its heading",
        )
    for mark, encoding in _BOMS.items():
        if head.startswith(mark) and not (encoding == "utf-8-sig" and source.encoding.startswith("utf-8")):
            raise Invalid(
                "wrong_encoding",
                f"{path} begins with the mark of {encoding}, but {source.encoding} is declared",
                zh=f"{path} 带有 {encoding} 标记，但声明的编码是 {source.encoding}",
                accepts="a file in the declared encoding, or the file's own encoding in the mapping",
            )
    if b"\0" in head:
        raise Invalid(
            "not_text", f"{path} holds binary data", zh=f"{path} 是二进制数据", accepts="a text file"
        )


def _lines(file: BinaryIO, source: SourceSpec) -> Iterator[str]:
    # Bytes that do not decode become lone surrogates, so that one bad line does not stop the others.
    encoding = "utf-8-sig" if source.encoding == "utf-8" else source.encoding
    first = True
    while raw := file.readline(_LONGEST):
        yield raw.decode(encoding if first else source.encoding.removesuffix("-sig"), "surrogateescape")
        first = False


def _rows(lines: Iterator[str], source: SourceSpec) -> Iterator[Row]:
    return _csv_rows(lines, source.delimiter) if source.format == CSV else _plain_rows(lines)


def _plain_rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        fields = line.split() if line.isascii() else _BLANKS.split(line.strip(" \t\r\n"))
        if fields and fields[0]:
            yield Row(number, fields) if line.isascii() and "\0" not in line else _checked(number, fields)


def _csv_rows(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(
                number,
                (),
                Invalid(
                    "malformed_line",
                    f"it cannot be split: {error}",
                    zh=f"无法拆分：{error}",
                    accepts="quotes that are closed, doubled within a field",
                ),
            )
            continue
        stripped = [f.strip() for f in fields]
        if any(stripped):
            yield _checked(number, stripped)


def _checked(number: int, fields: Sequence[str]) -> Row:
    for f in fields:
        if not f.isascii() and any("\ud800" <= c <= "\udfff" for c in f):
            return Row(
                number,
                fields,
                Invalid(
                    "wrong_encoding",
                    "its bytes do not fit the declared encoding",
                    zh="字节与声明的编码不符",
                    accepts="the encoding that the file has",
                ),
            )
        if "\0" in f:
            return Row(
                number,
                fields,
                Invalid("not_text", "it holds a NUL character", zh="含有 NUL 字符", accepts="text"),
            )
    return Row(number, fields)


def _columns(path: Path, rows: Iterator[Row], source: SourceSpec) -> tuple[str, ...]:
    heading: Sequence[str] = source.columns
    for _ in range(source.header):
        row = next(rows, None)
        if row is None:
            raise _mismatch(
                path,
                f"it has fewer than {source.header} heading lines",
                f"标题行少于 {source.header} 行",
                source,
            )
        if row.refusal is not None:
            raise _mismatch(
                path,
                f"its heading cannot be read: {row.refusal.message}",
                f"标题行无法读取：{row.refusal.zh}",
                source,
            )
        heading = row.fields
    if source.columns and tuple(heading) != source.columns:
        raise _mismatch(
            path, f"its heading reads {', '.join(heading)}", f"标题行为 {', '.join(heading)}", source
        )
    if len(set(heading)) != len(heading):
        raise _mismatch(path, "its heading names a column twice", "标题行有重复的列名", source)
    return tuple(heading)


def _mismatch(path: Path, what: str, zh: str, source: SourceSpec) -> Invalid:
    return Invalid(
        "header_mismatch",
        f"{path}: {what}",
        zh=f"{path}：{zh}",
        accepts=", ".join(source.columns) or f"{source.header} heading lines with a name for each column",
    )


def _fitting(rows: Iterator[Row], columns: Sequence[str]) -> Iterator[Row]:
    count = len(columns)
    for row in rows:
        if row.refusal is None and len(row.fields) != count:
            yield Row(
                row.number,
                row.fields,
                Invalid(
                    "wrong_columns",
                    f"it has {len(row.fields)} fields",
                    zh=f"有 {len(row.fields)} 个字段",
                    accepts=f"{count} fields: {', '.join(columns)}",
                ),
            )
        else:
            yield row
