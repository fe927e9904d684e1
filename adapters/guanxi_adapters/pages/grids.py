"""Charts of cells: a heatmap, and a tree whose branches lie within their stems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from guanxi.kernel.reports import Picture
from guanxi_adapters.pages.axes import TEXT, WIDTH, domain, pixels
from guanxi_adapters.pages.colours import CATEGORIES, heat, readable_on
from guanxi_adapters.pages.drawing import Drawn, layered, once

_CELL_HEIGHT = 34
_MOST_WIDTH = 1200


def heatmap(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw a grid of ``x`` by ``y`` whose cells are coloured by ``value``."""
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
    places = once(columns)
    cell, size = _cell_size(places, labels)
    x_axis = alt.Axis(orient="top", labelAngle=0, labelOverlap="greedy", domain=False)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("x:N", title=d.heading(p.x), scale=domain(places), axis=x_axis),
        y=alt.Y("y:N", title=d.heading(p.y), scale=domain(once(down)), axis=alt.Axis(domain=False)),
    )
    layers = [base.mark_rect(cornerRadius=2).encode(color=alt.Color("fill:N", scale=None))]
    if size:
        ink = alt.Color("ink:N", scale=None)
        layers.append(base.mark_text(fontSize=size, baseline="middle").encode(text="label:N", color=ink))
    return layered(layers, width=alt.Step(cell), height=alt.Step(_CELL_HEIGHT))


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


def tree(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw each row as a box right of its stem's: ``x`` names it, ``y`` its stem (empty for a root), ``value`` its amount."""
    names, stems = d.words(p.x), d.words(p.y)
    blank = [cell is None or cell == "" for cell in d.cells(p.y)]
    amounts = d.labels(p.value) if p.value else [""] * len(names)
    label = dict(zip(names, amounts, strict=True))
    branches: dict[str | None, list[str]] = {}
    for name, stem, none in zip(names, stems, blank, strict=True):
        branches.setdefault(None if none or stem not in label else stem, []).append(name)
    boxes: list[dict[str, Any]] = []
    seen: set[str] = set()

    def laid(name: str, depth: int, top: int) -> int:
        seen.add(name)
        below = top
        for branch in branches.get(name, ()):
            if branch not in seen:
                below = laid(branch, depth + 1, below)
        below = max(below, top + 1)
        fill = CATEGORIES[depth % len(CATEGORIES)]
        text = f"{name}  {label[name]}".rstrip()
        boxes.append(
            {"x": depth, "x2": depth + 0.97, "y": top, "y2": below - 0.08, "m": (top + below - 0.08) / 2}
            | {"fill": fill, "ink": readable_on(fill), "label": text}
        )
        return below

    height = 0
    for root in branches.get(None, []):
        if root not in seen:
            height = laid(root, 0, height)
    deepest = max((int(b["x"]) for b in boxes), default=0) + 1
    base = alt.Chart(alt.InlineData(values=boxes))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, deepest], nice=False))
    down = alt.Scale(reverse=True, domain=[0, max(1, height)], nice=False)
    layers = [
        base.mark_rect(cornerRadius=2).encode(
            x=x,
            x2="x2:Q",
            y=alt.Y("y:Q", axis=None, scale=down),
            y2="y2:Q",
            color=alt.Color("fill:N", scale=None),
        ),
        base.mark_text(
            fontSize=TEXT, align="left", baseline="middle", dx=6, limit=WIDTH // deepest - 12
        ).encode(
            x=x, y=alt.Y("m:Q", axis=None, scale=down), text="label:N", color=alt.Color("ink:N", scale=None)
        ),
    ]
    return layered(layers, width=WIDTH, height=max(60, _CELL_HEIGHT * height))
