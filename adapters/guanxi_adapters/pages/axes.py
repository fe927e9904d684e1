"""Axes of the charts: where names and amounts stand, and how much room a name takes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import altair as alt

WIDTH = 760
TEXT = 12

_LEAST_WIDTH, _PLACE = 300, 96
_MOST_LINES = 3


def named(title: str, places: Sequence[str]) -> alt.X:
    """Set the places along the axis: upright where their names fit, in lines where they fold well, or else slanted."""
    room = width(places) / max(1, len(places)) - 8
    folded = [_balanced(place, room) for place in places]
    fits = all(len(lines) <= _MOST_LINES and max(map(pixels, lines)) <= room for lines in folded)
    axis = alt.Axis(labelAngle=0 if fits else -40, labelLimit=150, labelOverlap="greedy", grid=False)
    if fits and any(len(lines) > 1 for lines in folded):
        broken = dict(zip(places, folded, strict=True))
        axis.labelExpr = f"{json.dumps(broken, ensure_ascii=False)}[datum.value]"
    return alt.X("x:N", title=title, scale=domain(places), axis=axis)


def amounts(title: str, field: str = "v", *, percent: bool = False) -> alt.Y:
    """Set the amounts along the vertical axis, as the table writes them."""
    unit = "%" if percent else ""
    axis = alt.Axis(
        labelExpr=f"replace(format(datum.value, ',~f'), '−', '-') + '{unit}'",
        tickCount=6,
        domain=False,
        # Upright above the axis: Chinese turned on its side is hard to read.
        titleAngle=0,
        titleAlign="left",
        titleBaseline="bottom",
        titleX=0,
        titleY=-14,
    )
    return alt.Y(f"{field}:Q", title=title, axis=axis)


def domain(places: Sequence[str]) -> alt.Scale:
    """Give each place a band, in this order, whether or not something stands there."""
    return alt.Scale(domain=list(places), paddingInner=0.04, paddingOuter=0.02)


def width(places: Sequence[str]) -> int:
    """Return the pixels that this many places fill."""
    return max(_LEAST_WIDTH, min(WIDTH, _PLACE * len(places)))


def thickness(places: Sequence[str]) -> float:
    """Return the width of one bar in pixels."""
    return max(1.0, min(56.0, 0.66 * width(places) / max(1, len(places))))


def pixels(text: str) -> float:
    """Return about how wide a text is; Chinese characters are square."""
    return sum(TEXT if ord(c) > 0x2E7F else 0.58 * TEXT for c in text)


def _balanced(text: str, room: float) -> list[str]:
    lines = _folded(text, room)
    evenly = _folded(text, pixels(text) / len(lines) + TEXT)
    return evenly if len(evenly) <= len(lines) else lines


def _folded(text: str, room: float) -> list[str]:
    lines = [""]
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", text):
        if lines[-1] and pixels((lines[-1] + word).rstrip()) > room:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]
