"""What every kind of chart is drawn with: a result's columns as words and numbers, series, axes and layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import attrs

from guanxi.kernel.rendering import NUMBERS, cell_text, number_text, result_zone
from guanxi.kernel.reports import Column, Picture, ReportResult
from guanxi_adapters.pages.axes import TEXT, amounts
from guanxi_adapters.pages.colours import CATEGORIES, INK, MUTED

HEIGHT = 300

_MOST_LABELLED = 24


@attrs.frozen
class Drawn:
    """A result with the columns that its picture names, and how their cells read."""

    result: ReportResult
    lang: str

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(c for c in self.result.columns if c.name == name)

    def cells(self, name: str) -> list[Any]:
        """Return a column's cells as the report has them."""
        at = [c.name for c in self.result.columns].index(name)
        return [row[at] for row in self.result.rows]

    def words(self, name: str) -> list[str]:
        """Return a column's cells as names of places on an axis: codes and years take no thousands separator."""
        column, tz = self.column(name), result_zone(self.result)
        if column.type == "integer":
            return [cell_text(v, attrs.evolve(column, type="text"), self.lang, tz) for v in self.cells(name)]
        return [cell_text(v, column, self.lang, tz, self.result.labels) for v in self.cells(name)]

    def labels(self, name: str) -> list[str]:
        """Return a column's numbers as the table writes them, empty where there is none."""
        column = self.column(name)
        return ["" if v is None else number_text(v, column) for v in self.cells(name)]

    def numbers(self, name: str) -> list[float | None]:
        """Return a column's cells as floats, for places on a canvas only."""
        return [None if v is None else float(v) for v in self.cells(name)]

    def heading(self, name: str) -> str:
        """Return a column's heading."""
        return self.column(name).label(self.lang)

    def number_like(self, name: str) -> bool:
        """Return whether a column holds numbers."""
        return self.column(name).type in NUMBERS


def height_and_series(d: Drawn, p: Picture) -> tuple[str, str | None]:
    """Return the column that gives the height, and the one whose words part the bars or lines into series."""
    if p.value is None or p.value == p.y:
        return p.y, None
    return p.value, None if d.number_like(p.y) else p.y


def height_axis(d: Drawn, name: str, field: str = "v") -> alt.Y:
    """Return the vertical axis of a column's amounts."""
    return amounts(d.heading(name), field, percent=d.column(name).type == "percent")


def value_labels(base: alt.Chart, places: Sequence[str]) -> list[alt.Chart]:
    """Put values over the bars, and under those that hang below zero, as long as there is room for them."""
    if len(places) > _MOST_LABELLED:
        return []
    shown = base.encode(y="v:Q", text="label:N")
    over = shown.transform_filter("datum.v >= 0").mark_text(
        fontSize=TEXT, color=INK, dy=-4, baseline="bottom"
    )
    under = shown.transform_filter("datum.v < 0").mark_text(fontSize=TEXT, color=INK, dy=4, baseline="top")
    return [over, under]


def series_colour(d: Drawn, series: str, groups: Sequence[str], *, legend: bool = True) -> alt.Color:
    """Return one colour for each word of a series, named in a legend unless it is told elsewhere."""
    names = once(groups)
    colours = [CATEGORIES[i % len(CATEGORIES)] for i in range(len(names))]
    told: dict[str, Any] = {} if legend else {"legend": None}
    return alt.Color("s:N", title=d.heading(series), scale=alt.Scale(domain=names, range=colours), **told)


def baseline() -> alt.Chart:
    """Return the line at zero."""
    zero: alt.Chart = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=MUTED).encode(y="zero:Q")
    )
    return zero


def once(names: Sequence[str]) -> list[str]:
    """Return the names in the order in which each comes first."""
    return list(dict.fromkeys(names))


def layered(layers: Sequence[alt.Chart | alt.LayerChart], width: Any, height: Any) -> alt.LayerChart:
    """Return layers as one chart of that size."""
    drawn: alt.LayerChart = alt.LayerChart(layer=list(layers), width=width, height=height)
    return drawn
