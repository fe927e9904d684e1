"""A report's answer as text: a terminal table, CSV, JSON, and the door to the page that an adapter draws.

Cells are only written here, never computed; no file, store or adapter is touched.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from guanxi.kernel.errors import Invalid, PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import Erased
from guanxi.kernel.reports import CODES, Column, ReportResult, canonical
from guanxi.kernel.times import zone

PIPED_WIDTH = 100
NOTHING = "–"
NUMBERS = frozenset({"integer", "decimal", "percent"})
TEXTS = frozenset({"text", "code"})
RENDERERS = "guanxi.renderers"

NO_ROWS = Label("No rows.", "没有数据。")
AS_OF = Label("as of", "截至")
AS_KNOWN = Label("as known", "知悉至")
POSITION = Label("position", "日志位置")
DIGEST = Label("digest", "摘要")
ERASED_CELL = Label("(erased)", "（已删除）")

_NO_LABELS: Mapping[str, Label] = MappingProxyType({})
_SHOWN = Context(prec=400, rounding=ROUND_HALF_UP)
_GAP = 2
_FOLDED_TEXT = 12  # characters below which a column of text is no longer readable
_BLOCK_HEADING = 8


def table(result: ReportResult, lang: str = "en", width: int | None = None) -> str:
    """Return the report as text in columns.

    Where the columns cannot stand side by side without cutting a number, each row becomes a block of lines.

    Args:
        result: the report's answer.
        lang: ``"en"`` or ``"zh"``.
        width: characters per line; the terminal's by default, or 100 when there is none.

    Returns:
        Lines without trailing blanks; styled only when standard output is a terminal.
    """
    width = width or _terminal_width()
    cells = _cells(result, lang)
    widths = _widths(result.columns, cells, lang, width)
    out = io.StringIO()
    console = _console(out, width if widths else max(width, _least_block(result.columns, cells)))
    console.print(Text(_clean(result.report.title(lang)), style="bold"), end="\n\n")
    if widths:
        console.print(_side_by_side(result.columns, cells, widths, lang))
    else:
        console.print(_blocks(result.columns, cells, lang, console.width))
    if not cells:
        console.print(Text(NO_ROWS(lang)))
    console.print()
    for label, text in result.notes:
        console.print(Text(_clean(note_text(label, text, lang))))
    console.print(Text(" · ".join(provenance(result, lang)), style="dim"))
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def csv_text(result: ReportResult, lang: str = "en") -> str:
    """Return the report as CSV (RFC 4180): one heading line, exact decimals, ISO dates, ``None`` empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label(lang) for column in result.columns])
    writer.writerows([[canonical(value) for value in row] for row in result.rows])
    return out.getvalue()


def json_text(result: ReportResult) -> str:
    """Return the report as JSON, the same bytes for the same answer; decimals as text."""
    names = [column.name for column in result.columns]
    manifest = attrs.asdict(result.manifest, recurse=False)
    manifest["parameters"] = {name: manifest["parameters"][name] for name in sorted(manifest["parameters"])}
    body = {
        "manifest": manifest,
        "columns": [{"name": c.name, "label": attrs.asdict(c.label), "type": c.type} for c in result.columns],
        "rows": [dict(zip(names, row, strict=True)) for row in result.rows],
        "notes": [{"label": attrs.asdict(label), "text": text} for label, text in result.notes],
    }
    encoded = msgspec.json.encode(_portable(body), enc_hook=str)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def html_page(result: ReportResult, lang: str = "en") -> str:
    """Return the report as one standalone HTML page.

    The page is made by the entry point ``html`` of the group ``guanxi.renderers``, since core imports no adapter.

    Raises:
        PluginError: ``renderer_missing`` when nothing installed makes pages, or what does cannot be loaded;
            ``renderer_ambiguous`` when two packages claim to.
    """
    page: str = _renderer("html")(result, lang)
    return page


def cell_text(
    value: Any, column: Column, lang: str, tz: ZoneInfo, labels: Mapping[str, Label] = _NO_LABELS
) -> str:
    """Return a cell as people read it: rounded to its column's places, thousands apart, instants in the given zone.

    Args:
        value: the cell.
        column: its column.
        lang: ``"en"`` or ``"zh"``.
        tz: the zone.
        labels: what codes are called; one that nobody named is shown as it is.
    """
    if value is None:
        return NOTHING
    if isinstance(value, Erased):
        return ERASED_CELL(lang)
    if column.type in NUMBERS:
        return number_text(value, column)
    if column.type == "code" and isinstance(value, str):
        return _code_text(value, lang, labels)
    if isinstance(value, datetime):
        return _instant_text(value.astimezone(tz) if value.tzinfo else value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _code_text(text: str, lang: str, labels: Mapping[str, Label]) -> str:
    said = CODES.sub(lambda found: labels[found[0]](lang) if found[0] in labels else found[0], text)
    return said.replace(", ", "、") if lang == "zh" else said


def number_text(value: Any, column: Column) -> str:
    """Return a number rounded half up to its column's places, with thousands separators, and ``%`` for a percentage."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return str(number)
    if column.type != "integer":
        number = number.quantize(Decimal(1).scaleb(-column.places), context=_SHOWN)
    sign = "%" if column.type == "percent" else ""
    return f"{number if number else abs(number):,f}{sign}"


def moment_text(text: str, tz: ZoneInfo) -> str:
    """Return a manifest's instant in the given zone; a day's last one, which a bare date means, as that day."""
    try:
        at = datetime.fromisoformat(text).astimezone(tz)
    except (ValueError, OverflowError):
        return text
    day_ends = at.time() == time.max
    return at.date().isoformat() if day_ends else _instant_text(at)


def provenance(result: ReportResult, lang: str) -> list[str]:
    """Return what names the answer: its cut, the log's position, and the beginning of its digest."""
    manifest = result.manifest
    tz = result_zone(result)
    return [
        f"{AS_OF(lang)} {moment_text(manifest.as_of, tz)}",
        f"{AS_KNOWN(lang)} {moment_text(manifest.as_known, tz)}",
        manifest.zone,
        f"{POSITION(lang)} {manifest.position:,}",
        f"{DIGEST(lang)} {manifest.digest[:12]}",
    ]


def note_text(label: Label, text: str, lang: str) -> str:
    """Return a note as one line of text."""
    return f"{label(lang)}{'：' if lang == 'zh' else ': '}{text}"


def result_zone(result: ReportResult) -> ZoneInfo:
    """Return the zone in which the report was made; UTC where this machine does not know it."""
    try:
        return zone(result.manifest.zone)
    except Invalid:
        return zone("UTC")


def _cells(result: ReportResult, lang: str) -> list[list[str]]:
    tz = result_zone(result)
    return [
        [_clean(cell_text(v, c, lang, tz, result.labels)) for v, c in zip(row, result.columns, strict=True)]
        for row in result.rows
    ]


def _clean(text: str) -> str:
    """Replace what would move the cursor or colour the screen; keep line ends."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" and c != "\n" else c for c in text)


def _widths(columns: Sequence[Column], cells: list[list[str]], lang: str, width: int) -> list[int]:
    """Return the columns' widths, or nothing when they do not fit side by side."""
    natural, least = [], []
    for i, column in enumerate(columns):
        heading = _clean(column.label(lang))
        longest = max((_length(row[i]) for row in cells), default=1)
        # Text may fold; a number or a date never may.
        unfolded = min(longest, _FOLDED_TEXT) if column.type in TEXTS else longest
        natural.append(max(longest, _length(heading)))
        least.append(max(unfolded, _longest_word(heading)))
    spare = width - sum(least) - _GAP * (len(columns) - 1)
    return _shared_out(natural, least, spare) if columns and spare >= 0 else []


def _shared_out(natural: list[int], least: list[int], spare: int) -> list[int]:
    """Widen the narrowest column that wants more, again and again, so that long texts fold before short ones."""
    widths = list(least)
    for _ in range(min(spare, sum(natural) - sum(least))):
        wanting = [i for i, have in enumerate(widths) if have < natural[i]]
        widths[min(wanting, key=widths.__getitem__)] += 1
    return widths


def _length(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _longest_word(heading: str) -> int:
    # Chinese folds anywhere; four characters side by side still read as a heading.
    return max((min(cell_len(w), 8) if cell_len(w) > len(w) else len(w) for w in heading.split()), default=1)


def _side_by_side(columns: Sequence[Column], cells: list[list[str]], widths: list[int], lang: str) -> Table:
    # The divider that the box draws is the gap's other half.
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        side: JustifyMethod = "right" if column.type in NUMBERS else "left"
        shown.add_column(Text(_clean(column.label(lang))), justify=side, width=width, overflow="fold")
    for row in cells:
        shown.add_row(*map(Text, row))
    return shown


def _blocks(columns: Sequence[Column], cells: list[list[str]], lang: str, width: int) -> Table:
    """Lay each row out as lines of heading and value."""
    headings = [_clean(column.label(lang)) for column in columns]
    unbroken = _widest_unbroken(columns, cells)
    room = max(_BLOCK_HEADING, width - _GAP - max(unbroken, width // 2))
    shown = Table.grid(padding=(0, _GAP, 0, 0))
    shown.add_column(style="dim", overflow="fold", width=min(room, max(map(_length, headings), default=1)))
    shown.add_column(overflow="fold", ratio=1)
    for i, row in enumerate(cells):
        if i:
            shown.add_row()
        for heading, cell in zip(headings, row, strict=True):
            shown.add_row(Text(heading), Text(cell))
    return shown


def _least_block(columns: Sequence[Column], cells: list[list[str]]) -> int:
    """Return the width below which even a block would cut a number; the margin gives way first."""
    return _BLOCK_HEADING + _GAP + _widest_unbroken(columns, cells)


def _widest_unbroken(columns: Sequence[Column], cells: list[list[str]]) -> int:
    return max(
        (_length(cell) for row in cells for cell, c in zip(row, columns, strict=True) if c.type not in TEXTS),
        default=0,
    )


def _instant_text(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(
        sep=" ", timespec="microseconds" if at.microsecond else "seconds"
    )


def _portable(value: Any) -> Any:
    """Write decimals and dates as text at any depth, as the digest does."""
    if isinstance(value, Mapping):
        return {str(name): _portable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(part) for part in value]
    return canonical(value)


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _terminal_width() -> int:
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if _terminal() else PIPED_WIDTH


def _console(out: io.StringIO, width: int) -> Console:
    styled = _terminal()
    return Console(
        file=out,
        width=width,
        force_terminal=styled,
        force_jupyter=False,
        color_system="standard" if styled else None,
        legacy_windows=False,
    )


def _renderer(name: str) -> Callable[[ReportResult, str], str]:
    found = {point.value: point for point in entry_points(group=RENDERERS, name=name)}
    if len(found) > 1:
        raise PluginError(
            "renderer_ambiguous",
            f"several packages offer to make {name} pages: {', '.join(sorted(found))}",
            zh=f"有多个软件包都声称能生成 {name} 页面：{'、'.join(sorted(found))}",
            accepts="one of them",
        )
    for point in found.values():
        try:
            loaded: Callable[[ReportResult, str], str] = point.load()
        except (ImportError, AttributeError) as error:
            raise _missing(name, str(error)) from error
        return loaded
    raise _missing(name, "")


def _missing(name: str, why: str) -> PluginError:
    return PluginError(
        "renderer_missing",
        f"nothing installed makes {name} pages of reports{why and ': ' + why}",
        zh=f"没有安装能把报表生成 {name} 页面的组件{why and '：' + why}",
        accepts="pip install guanxi[pictures]",
    )
