"""A report as one HTML file: its picture, its table, its notes, and the manifest by which it can be proven."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from guanxi.kernel.errors import Invalid, PluginError
from guanxi.kernel.labels import Label
from guanxi.kernel.rendering import (
    AS_KNOWN,
    AS_OF,
    DIGEST,
    NO_ROWS,
    NUMBERS,
    POSITION,
    TEXTS,
    cell_text,
    moment_text,
    result_zone,
)
from guanxi.kernel.reports import Column, ReportResult, canonical
from guanxi_adapters.pages.picture import render_svg

# Nothing may be loaded from anywhere, even where a cell's text managed to look like markup.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

ROWS = Label("{} rows", "共 {} 行")
ONE_ROW = Label("1 row", "共 1 行")
MANIFEST = Label("What this was made from", "报表凭据")
NOTES = Label("Notes", "说明")
REPORT = Label("report", "报表")
PLUGIN = Label("made by", "出具方")
PARAMETERS = Label("parameters", "参数")
RULES = Label("rules", "规则")
ZONE = Label("time zone", "时区")
UNDRAWN = Label("The picture was left out: {} is needed to draw it.", "未画图：画图需要先执行 {}。")
TOO_FINE = Label("The picture was left out: {}.", "未画图：{}。")


def render_html(result: ReportResult, lang: str = "en") -> str:
    """Return the report as a standalone page: no script, nothing loaded from elsewhere.

    Where the picture cannot be drawn, for want of the extra or for too many bars, the page says so in its place.

    Args:
        result: the report's answer.
        lang: ``"en"`` or ``"zh"``.
    """
    title = escape(result.report.title(lang))
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{title}</title>",
            f"<style>\n{_style()}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<header>\n<h1>{title}</h1>\n{_cut(result, lang)}\n</header>",
            *_figure(result, lang),
            _table(result, lang),
            *_notes(result, lang),
            _footer(result, lang),
            "</main>",
            "</body>",
            "</html>\n",
        )
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "style.css").read_text("utf-8")


def _cut(result: ReportResult, lang: str) -> str:
    tz = result_zone(result)
    of, known = (moment_text(text, tz) for text in (result.manifest.as_of, result.manifest.as_known))
    parts = (f"{_opening(AS_OF(lang))} {of}", f"{AS_KNOWN(lang)} {known}", result.manifest.zone)
    return f'<p class="cut">{"".join(f"<span>{escape(part)}</span>" for part in parts)}</p>'


def _figure(result: ReportResult, lang: str) -> Iterable[str]:
    result = result.drawn()
    if result.report.picture is None or not result.rows:
        return
    try:
        yield f"<figure>\n{render_svg(result, lang)}\n</figure>"
    except PluginError as error:
        command = f"<code>{escape(error.accepts)}</code>"
        yield f'<p class="without">{UNDRAWN(lang).format(command)}</p>'
    except Invalid as error:
        why = escape(error.zh if lang == "zh" else error.message)
        yield f'<p class="without">{TOO_FINE(lang).format(why)}</p>'


def _table(result: ReportResult, lang: str) -> str:
    count = len(result.rows)
    counted = ONE_ROW(lang) if count == 1 else ROWS(lang).format(f"{count:,}")
    headings = "".join(
        f'<th scope="col" class="{_kind(c)}">{escape(c.label(lang))}</th>' for c in result.columns
    )
    title = escape(result.report.title(lang))
    return "\n".join(
        (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{title}">',
            "<table>",
            f"<caption>{counted}</caption>",
            f"<thead>\n<tr>{headings}</tr>\n</thead>",
            "<tbody>",
            *_rows(result, lang),
            "</tbody>",
            "</table>",
            "</div>",
        )
    )


def _rows(result: ReportResult, lang: str) -> Iterable[str]:
    tz = result_zone(result)
    if not result.rows:
        yield f'<tr><td colspan="{max(1, len(result.columns))}" class="none">{escape(NO_ROWS(lang))}</td></tr>'
    for row in result.rows:
        cells = [
            _cell(value, column, cell_text(value, column, lang, tz, result.labels), first=i == 0)
            for i, (value, column) in enumerate(zip(row, result.columns, strict=True))
        ]
        yield f"<tr>{''.join(cells)}</tr>"


def _cell(value: Any, column: Column, text: str, *, first: bool) -> str:
    kind = _kind(column) + (" none" if value is None else "")
    if first and column.type not in NUMBERS:
        return f'<th scope="row" class="{kind}">{escape(text)}</th>'
    return f'<td class="{kind}">{escape(text)}</td>'


def _kind(column: Column) -> str:
    return "number" if column.type in NUMBERS else "text" if column.type in TEXTS else "day"


def _notes(result: ReportResult, lang: str) -> Iterable[str]:
    if result.notes:
        pairs = _pairs((label(lang), escape(text)) for label, text in result.notes)
        yield f'<section class="notes" aria-label="{NOTES(lang)}">\n{pairs}\n</section>'


def _footer(result: ReportResult, lang: str) -> str:
    manifest, tz = result.manifest, result_zone(result)
    given = sorted(manifest.parameters.items())
    pairs = [
        (REPORT, escape(manifest.report)),
        (PLUGIN, escape(f"{manifest.plugin} {manifest.plugin_version}")),
        (PARAMETERS, ", ".join(escape(f"{name} = {canonical(value)}") for name, value in given)),
        (AS_OF, escape(moment_text(manifest.as_of, tz))),
        (AS_KNOWN, escape(moment_text(manifest.as_known, tz))),
        (ZONE, escape(manifest.zone)),
        (POSITION, f"{manifest.position:,}"),
        (RULES, escape(", ".join(result.report.rules))),
        (DIGEST, f"<code>{escape(manifest.digest)}</code>"),
    ]
    shown = _pairs((label(lang), text) for label, text in pairs if text)
    return f'<footer aria-label="{MANIFEST(lang)}">\n{shown}\n</footer>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    lines = (f"<dt>{escape(_opening(name))}</dt><dd>{text}</dd>" for name, text in pairs)
    return "<dl>\n" + "\n".join(lines) + "\n</dl>"


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]
