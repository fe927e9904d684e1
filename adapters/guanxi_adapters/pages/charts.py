"""The four kinds of picture as Altair charts: values are drawn as floats, but labels are the report's own text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import altair as alt
import attrs
import vl_convert

from guanxi.kernel.errors import Invalid
from guanxi.kernel.rendering import NUMBERS, cell_text, number_text, result_zone
from guanxi.kernel.reports import Column, Picture, ReportResult
from guanxi_adapters.pages.axes import TEXT, WIDTH, amounts, domain, named, pixels, thickness, width
from guanxi_adapters.pages.colours import (
    CATEGORIES,
    FALL,
    GRID,
    INK,
    MUTED,
    RISE,
    TOTAL,
    heat,
    readable_on,
)

FONTS = Path(__file__).parent / "fonts"
FONT = "Guanxi Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"

_HEIGHT = 300
_CELL_HEIGHT = 34
_MOST_WIDTH = 1200
_MOST_LABELLED = 24

# Without it Chinese is drawn as boxes on a machine that has no Chinese font.
vl_convert.register_font_directory(str(FONTS))


def svg(result: ReportResult, lang: str) -> str:
    """Return the picture as SVG, named for those who cannot see it."""
    out = io.StringIO()
    _chart(result, lang).save(out, format="svg")
    name = escape(_picture(result).title(lang))
    return out.getvalue().replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1)


def png(result: ReportResult, lang: str) -> bytes:
    """Return the picture as PNG on white."""
    out = io.BytesIO()
    _chart(result, lang).properties(background="white").save(out, format="png", scale_factor=2)
    return out.getvalue()


@attrs.frozen
class _Drawing:
    """A result with the columns that its picture names, and how their cells read."""

    result: ReportResult
    lang: str

    def column(self, name: str) -> Column:
        return next(c for c in self.result.columns if c.name == name)

    def cells(self, name: str) -> list[Any]:
        at = [c.name for c in self.result.columns].index(name)
        return [row[at] for row in self.result.rows]

    def words(self, name: str) -> list[str]:
        """Return a column's cells as names of places on an axis: codes and years take no thousands separator."""
        column, tz = self.column(name), result_zone(self.result)
        if column.type == "integer":
            return [cell_text(v, attrs.evolve(column, type="text"), self.lang, tz) for v in self.cells(name)]
        return [cell_text(v, column, self.lang, tz) for v in self.cells(name)]

    def labels(self, name: str) -> list[str]:
        column = self.column(name)
        return ["" if v is None else number_text(v, column) for v in self.cells(name)]

    def numbers(self, name: str) -> list[float | None]:
        return [None if v is None else float(v) for v in self.cells(name)]

    def heading(self, name: str) -> str:
        return self.column(name).label(self.lang)

    def number_like(self, name: str) -> bool:
        return self.column(name).type in NUMBERS


def _picture(result: ReportResult) -> Picture:
    assert result.report.picture is not None
    return result.report.picture


def _chart(result: ReportResult, lang: str) -> alt.LayerChart:
    picture = _picture(result)
    drawing = _Drawing(result, lang)
    _refuse_too_fine(drawing, picture)
    draw = {"bars": _bars, "lines": _lines, "heatmap": _heatmap, "waterfall": _waterfall}[picture.kind]
    title = alt.TitleParams(picture.title(lang), anchor="start", offset=14)
    return _styled(draw(drawing, picture).properties(title=title))


def _refuse_too_fine(d: _Drawing, p: Picture) -> None:
    count = len(d.result.rows) if p.kind == "heatmap" else len(_once(d.words(p.x)))
    most = {"bars": 400, "waterfall": 400, "heatmap": 10_000}.get(p.kind, count)
    if count > most:
        raise Invalid(
            "picture_too_fine",
            f"{count:,} bars or cells in one picture could not be told apart",
            zh=f"一幅图中有 {count:,} 个柱或格，无法分辨",
            accepts=f"{most:,}",
        )


def _bars(d: _Drawing, p: Picture) -> alt.LayerChart:
    height, series = _height_and_series(d, p)
    names = d.words(p.x)
    groups = d.words(series) if series else [""] * len(names)
    rows = [
        {"x": x, "s": s, "v": v, "label": label}
        for x, s, v, label in zip(names, groups, d.numbers(height), d.labels(height), strict=True)
        if v is not None
    ]
    places = _once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    bars = base.mark_bar(size=thickness(places)).encode(y=_height_axis(d, height))
    if series:
        layers = [bars.encode(color=_series_colour(d, series, groups)), _baseline()]
    else:
        sign = alt.condition("datum.v < 0", alt.value(FALL), alt.value(RISE))
        layers = [bars.encode(color=sign), _baseline(), *_labels(base, places)]
    return _layered(layers, width=width(places), height=_HEIGHT)


def _waterfall(d: _Drawing, p: Picture) -> alt.LayerChart:
    """Draw movements as bars that hang where the one before them ended.

    With ``y`` alone, its cells are the movements, and a last one that equals the sum of the others is the closing
    total. With ``value`` too, ``y`` is the level reached and ``value`` the movement that led there; a row without
    one is a total.
    """
    names = d.words(p.x)
    moves, ends = _steps(d, p)
    label_of = d.labels(_height_and_series(d, p)[0])
    rows: list[dict[str, Any]] = []
    for i, (name, move, end) in enumerate(zip(names, moves, ends, strict=True)):
        start = 0.0 if move is None else end - move
        kind = TOTAL if move is None or (i == 0 and start == 0) else FALL if move < 0 else RISE
        label = label_of[i] if kind == TOTAL or move is None or move < 0 else f"+{label_of[i]}"
        following = names[i + 1] if i + 1 < len(names) else name
        rows.append(
            {
                "x": name,
                "next": following,
                "a": start,
                "b": end,
                "v": max(start, end),
                "colour": kind,
                "label": label,
            }
        )
    places = _once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    height = p.value if p.value and not d.number_like(p.y) else p.y
    layers = [
        base.mark_rule(color=MUTED, strokeWidth=1, strokeDash=[2, 2]).encode(x2="next:N", y="b:Q"),
        base.mark_bar(size=thickness(places)).encode(
            y=_height_axis(d, height, "a"), y2="b:Q", color=alt.Color("colour:N", scale=None)
        ),
        _baseline(),
        *_labels(base, places),
    ]
    return _layered(layers, width=width(places), height=_HEIGHT)


def _steps(d: _Drawing, p: Picture) -> tuple[list[float | None], list[float]]:
    """Return each step's movement, none for a total, and the level at its end."""
    if p.value and p.value != p.y and d.number_like(p.y):
        return d.numbers(p.value), [v or 0.0 for v in d.numbers(p.y)]
    column = p.y if d.number_like(p.y) or not p.value else p.value
    exact = [v or 0 for v in d.cells(column)]
    levels = [sum(exact[: i + 1]) for i in range(len(exact))]
    moves: list[float | None] = [float(v) for v in exact]
    if len(exact) > 2 and exact[-1] == levels[-2]:
        moves[-1], levels[-1] = None, exact[-1]
    return moves, [float(level) for level in levels]


def _lines(d: _Drawing, p: Picture) -> alt.LayerChart:
    height, series = _height_and_series(d, p)
    names = d.words(p.x)
    groups = d.words(series) if series else [""] * len(names)
    places = _once(names)
    dated, counted = d.column(p.x).type in ("date", "instant"), d.number_like(p.x)
    along = d.numbers(p.x) if counted else names
    rows = [
        {"x": x, "s": s, "v": v}
        for x, s, v in zip(along, groups, d.numbers(height), strict=True)
        if x is not None
    ]
    if dated:
        x = alt.X(
            "x:T",
            title=d.heading(p.x),
            scale=alt.Scale(type="utc"),
            axis=alt.Axis(format="%Y-%m-%d", tickCount=8),
        )
    elif counted:
        x = alt.X("x:Q", title=d.heading(p.x), axis=alt.Axis(tickMinStep=1, grid=False))
    else:
        x = named(d.heading(p.x), places)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=_height_axis(d, height))
    colour = _series_colour(d, series, groups) if series else alt.value(RISE)
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=28) if len(places) <= 60 else False)
    return _layered([line.encode(color=colour), _baseline()], width=WIDTH, height=_HEIGHT)


def _heatmap(d: _Drawing, p: Picture) -> alt.LayerChart:
    value = p.value or p.y
    across, down, labels, numbers = d.words(p.x), d.words(p.y), d.labels(value), d.numbers(value)
    known = [v for v in numbers if v is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)
    rows = [
        {"x": x, "y": y, "fill": fill, "ink": readable_on(fill), "label": label}
        for x, y, label, v in zip(across, down, labels, numbers, strict=True)
        if v is not None
        for fill in [heat(v, least, most)]
    ]
    columns = (
        [x for _, x in sorted(zip(d.cells(p.x), across, strict=True), key=_known_first)]
        if d.number_like(p.x)
        else across
    )
    places = _once(columns)
    cell, size = _cell_size(places, labels)
    x_axis = alt.Axis(orient="top", labelAngle=0, labelOverlap="greedy", domain=False)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:N", title=d.heading(p.x), scale=domain(places), axis=x_axis),
        y=alt.Y("y:N", title=d.heading(p.y), scale=domain(_once(down)), axis=alt.Axis(domain=False)),
    )
    layers = [base.mark_rect(cornerRadius=2).encode(color=alt.Color("fill:N", scale=None))]
    if size:
        ink = alt.Color("ink:N", scale=None)
        layers.append(base.mark_text(fontSize=size, baseline="middle").encode(text="label:N", color=ink))
    return _layered(layers, width=alt.Step(cell), height=alt.Step(_CELL_HEIGHT))


def _known_first(pair: tuple[Any, str]) -> tuple[bool, Any]:
    return pair[0] is None, pair[0] or 0


def _cell_size(places: Sequence[str], labels: Sequence[str]) -> tuple[int, int]:
    """Return the cells' width and the labels' size in pixels; size 0 where labels would be too small to read."""
    widest = max(map(pixels, labels), default=0.0)
    for size in (TEXT, 11, 10):
        cell = max(48, round(widest * size / TEXT) + 10)
        if cell * len(places) <= _MOST_WIDTH:
            return min(max(cell, WIDTH // 2 // max(1, len(places))), 96) if size == TEXT else cell, size
    return max(6, _MOST_WIDTH // len(places)), 0


def _height_and_series(d: _Drawing, p: Picture) -> tuple[str, str | None]:
    """Return the column that gives the height, and the one whose words part the bars or lines into series."""
    if p.value is None or p.value == p.y:
        return p.y, None
    return p.value, None if d.number_like(p.y) else p.y


def _height_axis(d: _Drawing, name: str, field: str = "v") -> alt.Y:
    return amounts(d.heading(name), field, percent=d.column(name).type == "percent")


def _labels(base: alt.Chart, places: Sequence[str]) -> list[alt.Chart]:
    """Put values over the bars, and under those that hang below zero, as long as there is room for them."""
    if len(places) > _MOST_LABELLED:
        return []
    shown = base.encode(y="v:Q", text="label:N")
    over = shown.transform_filter("datum.v >= 0").mark_text(
        fontSize=TEXT, color=INK, dy=-4, baseline="bottom"
    )
    under = shown.transform_filter("datum.v < 0").mark_text(fontSize=TEXT, color=INK, dy=4, baseline="top")
    return [over, under]


def _series_colour(d: _Drawing, series: str, groups: Sequence[str]) -> alt.Color:
    names = _once(groups)
    colours = [CATEGORIES[i % len(CATEGORIES)] for i in range(len(names))]
    return alt.Color("s:N", title=d.heading(series), scale=alt.Scale(domain=names, range=colours))


def _baseline() -> alt.Chart:
    zero: alt.Chart = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=MUTED).encode(y="zero:Q")
    )
    return zero


def _once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _layered(layers: Sequence[alt.Chart], width: Any, height: Any) -> alt.LayerChart:
    drawn: alt.LayerChart = alt.LayerChart(layer=list(layers), width=width, height=height)
    return drawn


def _styled(chart: alt.LayerChart) -> alt.LayerChart:
    words = {
        "labelColor": INK,
        "titleColor": MUTED,
        "labelFontSize": TEXT,
        "titleFontSize": TEXT,
        "titleFontWeight": "normal",
    }
    lines = {"gridColor": GRID, "domainColor": MUTED, "ticks": False, "labelPadding": 6, "titlePadding": 10}
    styled: alt.LayerChart = chart.configure(
        font=FONT,
        background="transparent",
        padding=4,
        aria=False,
        axis={**words, **lines},
        legend=words,
        title={"color": INK, "fontSize": 15, "fontWeight": "bold"},
        view={"stroke": None},
    )
    return styled
