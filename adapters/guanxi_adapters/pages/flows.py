"""A Sankey picture: how much flows from each name on the left to each on the right."""

from __future__ import annotations

from typing import Any

import altair as alt

from guanxi.kernel.reports import Picture
from guanxi_adapters.pages.axes import TEXT, WIDTH
from guanxi_adapters.pages.colours import CATEGORIES, INK, MUTED
from guanxi_adapters.pages.drawing import Drawn, layered, once

_HEIGHT = 360
_GAP = 0.03
_BAR = 0.03
_STEPS = 32
_HEAD = 0.07
"""Room above the bars for what the two sides are, as a share of the whole flow."""


def sankey(d: Drawn, p: Picture) -> alt.LayerChart:
    """Draw each row as a band from ``x`` on the left to ``y`` on the right, as thick as ``value``."""
    flows = [
        (source, target, v)
        for source, target, v in zip(d.words(p.x), d.words(p.y), d.numbers(p.value or p.y), strict=True)
        if v is not None and v > 0
    ]
    labels = {side: _sums(flows, side) for side in (0, 1)}
    names = once([f[0] for f in flows]), once([f[1] for f in flows])
    colour = {n: CATEGORIES[i % len(CATEGORIES)] for i, n in enumerate(once([*names[0], *names[1]]))}
    total = sum(v for *_, v in flows) or 1.0
    tops = [_tops(side_names, labels[side], total) for side, side_names in enumerate(names)]
    boxes: list[dict[str, Any]] = [
        {
            "x": x,
            "x2": x + _BAR,
            "y": top,
            "y2": top + labels[side][n] / total,
            "m": top + labels[side][n] / total / 2,
        }
        | {"fill": colour[n], "label": f"{n}  {labels[side][n]:,.10g}", "side": side}
        for side, x in ((0, 0.0), (1, 1.0 - _BAR))
        for n, top in tops[side].items()
    ]
    bands: list[dict[str, Any]] = []
    left, right = dict(tops[0]), dict(tops[1])
    for number, (source, target, v) in enumerate(flows):
        thick = v / total
        start, end = left[source], right[target]
        left[source], right[target] = start + thick, end + thick
        for step in range(_STEPS + 1):
            share = step / _STEPS
            bend = share * share * (3 - 2 * share)
            top = start + (end - start) * bend
            bands.append(
                {
                    "x": _BAR + (1 - 2 * _BAR) * share,
                    "y": top,
                    "y2": top + thick,
                    "flow": number,
                    "fill": colour[source],
                }
            )
    lowest = max((b["y2"] for b in boxes), default=1.0)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.22, 1.22], nice=False))
    down = alt.Scale(reverse=True, domain=[-_HEAD, lowest], nice=False)
    y = alt.Y("y:Q", axis=None, scale=down)
    flat = alt.Color("fill:N", scale=None)
    drawn = alt.Chart(alt.InlineData(values=boxes))
    middle = alt.Y("m:Q", axis=None, scale=down)
    left_words = drawn.transform_filter("datum.side == 0").mark_text(
        fontSize=TEXT, color=INK, align="right", dx=-6, baseline="middle"
    )
    right_words = drawn.transform_filter("datum.side == 1").mark_text(
        fontSize=TEXT, color=INK, align="left", dx=6, baseline="middle"
    )
    heads = alt.Chart(
        alt.InlineData(
            values=[
                {"x": 0.0, "y": -_HEAD / 2, "label": d.heading(p.x), "side": 0},
                {"x": 1.0, "y": -_HEAD / 2, "label": d.heading(p.y), "side": 1},
            ]
        )
    ).encode(x=x, y=y, text="label:N")
    layers = [
        heads.transform_filter("datum.side == 0").mark_text(
            fontSize=TEXT, color=MUTED, align="left", baseline="middle"
        ),
        heads.transform_filter("datum.side == 1").mark_text(
            fontSize=TEXT, color=MUTED, align="right", baseline="middle"
        ),
        alt.Chart(alt.InlineData(values=bands))
        .mark_area(opacity=0.45)
        .encode(x=x, y=y, y2="y2:Q", detail="flow:N", color=flat),
        drawn.mark_rect().encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=flat),
        left_words.encode(x=x, y=middle, text="label:N"),
        right_words.encode(x=alt.X("x2:Q", axis=None), y=middle, text="label:N"),
    ]
    return layered(layers, width=WIDTH, height=_HEIGHT)


def _sums(flows: list[tuple[str, str, float]], side: int) -> dict[str, float]:
    sums: dict[str, float] = {}
    for flow in flows:
        name = flow[0] if side == 0 else flow[1]
        sums[name] = sums.get(name, 0.0) + flow[2]
    return sums


def _tops(names: list[str], sums: dict[str, float], total: float) -> dict[str, float]:
    tops, at = {}, 0.0
    for name in names:
        tops[name] = at
        at += sums[name] / total + _GAP
    return tops
