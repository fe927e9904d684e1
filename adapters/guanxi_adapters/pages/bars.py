"""Charts whose amounts are lengths: bars side by side, stacked, touching, cumulated, hanging, and in a funnel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import altair as alt

from guanxi.kernel.reports import Picture
from guanxi_adapters.pages.axes import TEXT, WIDTH, named, thickness, width
from guanxi_adapters.pages.colours import CATEGORIES, FALL, INK, MUTED, RISE, TOTAL
from guanxi_adapters.pages.drawing import (
    HEIGHT,
    Drawn,
    baseline,
    height_and_series,
    height_axis,
    layered,
    once,
    series_colour,
    value_labels,
)

_CELL_HEIGHT = 34


def bars(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw one bar for each ``x``, or one for each word of ``y`` beside the other with ``value`` as their heights."""
    height, series = height_and_series(d, p)
    names = d.words(p.x)
    groups = d.words(series) if series else [""] * len(names)
    rows = [
        {"x": x, "s": s, "v": v, "label": label}
        for x, s, v, label in zip(names, groups, d.numbers(height), d.labels(height), strict=True)
        if v is not None
    ]
    places = once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    bars = base.mark_bar(size=thickness(places)).encode(y=height_axis(d, height))
    if series:
        layers = [bars.encode(color=series_colour(d, series, groups)), baseline()]
    else:
        sign = alt.condition("datum.v < 0", alt.value(FALL), alt.value(RISE))
        layers = [bars.encode(color=sign), baseline(), *value_labels(base, places)]
    return layered(layers, width=width(places), height=HEIGHT)


def stacked_bars(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw the words of ``y`` as parts of one bar for each ``x``, ``value`` being their amounts."""
    height, series = height_and_series(d, p)
    if series is None:
        return bars(d, p)
    names, groups = d.words(p.x), d.words(series)
    rows = [
        {"x": x, "s": s, "v": v, "n": n}
        for n, (x, s, v) in enumerate(zip(names, groups, d.numbers(height), strict=True))
        if v is not None
    ]
    places = once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    stacked = base.mark_bar(size=thickness(places)).encode(
        y=height_axis(d, height), color=series_colour(d, series, groups), order=alt.Order("n:Q")
    )
    return layered([stacked, baseline()], width=width(places), height=HEIGHT)


def histogram(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw touching bars: ``x`` names the bands in their order, ``y`` says how many fall into each."""
    height, _ = height_and_series(d, p)
    names = d.words(p.x)
    rows = [
        {"x": x, "v": v, "label": label}
        for x, v, label in zip(names, d.numbers(height), d.labels(height), strict=True)
        if v is not None
    ]
    places = once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    touching = base.mark_bar(color=RISE, size=0.96 * width(places) / max(1, len(places)))
    layers = [touching.encode(y=height_axis(d, height)), baseline(), *value_labels(base, places)]
    return layered(layers, width=width(places), height=HEIGHT)


def pareto(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw bars from the greatest down, and over them which share of the whole they make up together, 100 % at the top."""
    height, _ = height_and_series(d, p)
    cells = d.cells(height)
    order = sorted(range(len(cells)), key=lambda n: (cells[n] is None, -(cells[n] or 0), n))
    names, labels = d.words(p.x), d.labels(height)
    total = sum((Decimal(c) for c in cells if c is not None), Decimal(0))
    rows, together = [], Decimal(0)
    for n in order:
        if cells[n] is not None:
            together += Decimal(cells[n])
            share = float(together / total) if total else 0.0
            rows.append({"x": names[n], "v": float(cells[n]), "label": labels[n], "share": share})
    places = once([names[n] for n in order])
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    over = alt.Axis(format=".0%", orient="right", title=None, grid=False, domain=False)
    shares = base.mark_line(color=FALL, strokeWidth=2, point=alt.OverlayMarkDef(size=28, color=FALL)).encode(
        y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=over)
    )
    amounts = layered(
        [
            base.mark_bar(color=RISE, size=thickness(places)).encode(y=height_axis(d, height)),
            *value_labels(base, places),
        ],
        width=width(places),
        height=HEIGHT,
    )
    both: alt.LayerChart = layered([amounts, shares], width=width(places), height=HEIGHT)
    apart: alt.LayerChart = both.resolve_scale(y="independent")
    return apart


def funnel(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw one centred bar below the other: ``x`` names the stages in their order, ``y`` says how many reach each."""
    height, _ = height_and_series(d, p)
    names, numbers, labels = d.words(p.x), d.numbers(height), d.labels(height)
    rows = [
        {
            "x": x,
            "a": -(v or 0.0) / 2,
            "b": (v or 0.0) / 2,
            "label": label,
            "colour": CATEGORIES[n % len(CATEGORIES)],
        }
        for n, (x, v, label) in enumerate(zip(names, numbers, labels, strict=True))
    ]
    down = alt.Scale(domain=once(names), paddingInner=0.25, paddingOuter=0.1)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("x:N", title=None, scale=down, axis=alt.Axis(domain=False))
    )
    ends = alt.X("b:Q", axis=None)
    layers = [
        base.mark_bar(cornerRadius=2).encode(
            x=alt.X("a:Q", axis=None), x2="b:Q", color=alt.Color("colour:N", scale=None)
        ),
        base.mark_text(fontSize=TEXT, color=INK, dx=6, align="left").encode(x=ends, text="label:N"),
    ]
    return layered(layers, width=WIDTH * 2 // 3, height=alt.Step(_CELL_HEIGHT))


def waterfall(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw movements as bars that hang where the one before them ended.

    With ``y`` alone, its cells are the movements, and a last one that equals the sum of the others is the closing
    total. With ``value`` too, ``y`` is the level reached and ``value`` the movement that led there; a row without
    one is a total.
    """
    names = d.words(p.x)
    moves, ends = _steps(d, p)
    label_of = d.labels(height_and_series(d, p)[0])
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
    places = once(names)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=named(d.heading(p.x), places))
    height = p.value if p.value and not d.number_like(p.y) else p.y
    layers = [
        base.mark_rule(color=MUTED, strokeWidth=1, strokeDash=[2, 2]).encode(x2="next:N", y="b:Q"),
        base.mark_bar(size=thickness(places)).encode(
            y=height_axis(d, height, "a"), y2="b:Q", color=alt.Color("colour:N", scale=None)
        ),
        baseline(),
        *value_labels(base, places),
    ]
    return layered(layers, width=width(places), height=HEIGHT)


def _steps(d: Drawn, p: Picture) -> tuple[list[float | None], list[float]]:
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
