"""Charts along two axes: lines, areas, points, lanes of moments, and a radar."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from guanxi.kernel.reports import Picture
from guanxi_adapters.pages.axes import TEXT, WIDTH, named
from guanxi_adapters.pages.colours import GRID, INK, MUTED, RISE
from guanxi_adapters.pages.drawing import (
    HEIGHT,
    Drawn,
    baseline,
    height_and_series,
    height_axis,
    layered,
    once,
    series_colour,
)


def lines(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw a line along ``x``, or one for each word of ``y`` with ``value`` as their heights."""
    height, series = height_and_series(d, p)
    names = d.words(p.x)
    groups = d.words(series) if series else [""] * len(names)
    places = once(names)
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
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=height_axis(d, height))
    colour = series_colour(d, series, groups) if series else alt.value(RISE)
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=28) if len(places) <= 60 else False)
    return layered([line.encode(color=colour), baseline()], width=WIDTH, height=HEIGHT)


def _dated(d: Drawn, name: str) -> alt.X:
    axis = alt.Axis(format="%Y-%m-%d", tickCount=8)
    return alt.X("x:T", title=d.heading(name), scale=alt.Scale(type="utc"), axis=axis)


def stacked_area(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw the words of ``y`` as layers over ``x``, ``value`` being their amounts."""
    height, series = height_and_series(d, p)
    if series is None:
        return lines(d, p)
    names, groups = d.words(p.x), d.words(series)
    rows = [{"x": x, "s": s, "v": v or 0.0} for x, s, v in zip(names, groups, d.numbers(height), strict=True)]
    dated = d.column(p.x).type in ("date", "instant")
    x = _dated(d, p.x) if dated else named(d.heading(p.x), once(names))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    areas = base.mark_area(opacity=0.85).encode(
        y=height_axis(d, height), color=series_colour(d, series, groups)
    )
    return layered([areas, baseline()], width=WIDTH, height=HEIGHT)


def scatter(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw one point for each row at two numbers; the words of ``value`` colour them."""
    groups = d.words(p.value) if p.value else [""] * len(d.result.rows)
    rows = [
        {"x": x, "v": v, "s": s}
        for x, v, s in zip(d.numbers(p.x), d.numbers(p.y), groups, strict=True)
        if x is not None and v is not None
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:Q", title=d.heading(p.x), axis=alt.Axis(grid=True)), y=height_axis(d, p.y)
    )
    colour = series_colour(d, p.value, groups) if p.value else alt.value(RISE)
    points = base.mark_circle(size=60, opacity=0.75).encode(color=colour)
    return layered([points], width=WIDTH, height=HEIGHT)


def timeline(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw a mark at each moment ``x`` in the lane that ``y`` names, with the words of ``value`` beside it where they fit."""
    lanes, moments = d.words(p.y), d.words(p.x)
    words = d.words(p.value) if p.value else [""] * len(moments)
    known = [n for n, cell in enumerate(d.cells(p.x)) if cell is not None]
    rows = [{"x": moments[n], "y": lanes[n], "s": lanes[n], "label": words[n]} for n in known]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=_dated(d, p.x),
        y=alt.Y(
            "y:N", title=None, scale=alt.Scale(domain=once(lanes)), axis=alt.Axis(grid=True, domain=False)
        ),
    )
    layers = [base.mark_tick(thickness=3, size=18).encode(color=series_colour(d, p.y, lanes, legend=False))]
    if p.value and len(rows) <= _MOST_WORDS:
        layers.append(
            base.mark_text(fontSize=TEXT - 1, color=INK, align="left", dx=5, dy=-9).encode(text="label:N")
        )
    return layered(layers, width=WIDTH, height=alt.Step(44))


_MOST_WORDS = 40
_RADIUS = 150


def radar(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw each series as a closed line over the axes that ``x`` names, each axis from zero to its greatest value."""
    height, series = height_and_series(d, p)
    names = d.words(p.x)
    groups = d.words(series) if series else [d.heading(height)] * len(names)
    numbers, labels, axes = d.numbers(height), d.labels(height), once(names)
    most = {
        a: max([abs(v or 0.0) for n, v in zip(names, numbers, strict=True) if n == a], default=0.0)
        for a in axes
    }
    turn = {a: 2 * math.pi * n / max(1, len(axes)) for n, a in enumerate(axes)}

    def place(axis: str, share: float) -> dict[str, float]:
        return {"x": share * math.sin(turn[axis]), "y": share * math.cos(turn[axis])}

    rows: list[dict[str, Any]] = []
    for group in once(groups):
        mine = {
            n: (v, label) for n, g, v, label in zip(names, groups, numbers, labels, strict=True) if g == group
        }
        shown = [a for a in axes if mine.get(a, (None,))[0] is not None]
        for step, axis in enumerate([*shown, *shown[:1]]):
            value = mine[axis][0] or 0.0
            share = max(0.0, value) / most[axis] if most[axis] else 0.0
            rows.append({**place(axis, share), "s": group, "n": step, "label": mine[axis][1]})
    rings = [
        {**place(axis, share), "ring": share, "n": n}
        for share in (0.25, 0.5, 0.75, 1.0)
        for n, axis in enumerate([*axes, *axes[:1]])
    ]
    spokes = [{**place(a, s), "a": a, "n": n} for a in axes for n, s in enumerate((0.0, 1.0))]
    ends = [{**place(a, 1.16), "label": a} for a in axes]
    flat = alt.Scale(domain=[-1.35, 1.35])
    x, y = alt.X("x:Q", axis=None, scale=flat), alt.Y("y:Q", axis=None, scale=flat)

    def drawn(values: list[dict[str, Any]]) -> alt.Chart:
        chart: alt.Chart = alt.Chart(alt.InlineData(values=values)).encode(x=x, y=y)
        return chart

    layers = [
        drawn(rings).mark_line(color=GRID, strokeWidth=1).encode(detail="ring:N", order="n:Q"),
        drawn(spokes).mark_line(color=GRID, strokeWidth=1).encode(detail="a:N", order="n:Q"),
        drawn(rows)
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=36))
        .encode(order="n:Q", color=series_colour(d, series or p.x, groups)),
        drawn(ends).mark_text(fontSize=TEXT, color=MUTED).encode(text="label:N"),
    ]
    return layered(layers, width=2.6 * _RADIUS, height=2.6 * _RADIUS)
