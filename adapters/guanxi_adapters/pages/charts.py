"""Pictures as Altair charts, one function a kind: values are drawn as floats, but labels are the report's own text."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import escape
from pathlib import Path

import altair as alt
import vl_convert

from guanxi.kernel.errors import Invalid
from guanxi.kernel.reports import Picture, PictureKind, ReportResult
from guanxi_adapters.pages.axes import TEXT
from guanxi_adapters.pages.bars import bars, funnel, histogram, pareto, stacked_bars, waterfall
from guanxi_adapters.pages.colours import GRID, INK, MUTED
from guanxi_adapters.pages.curves import lines, radar, scatter, stacked_area, timeline
from guanxi_adapters.pages.drawing import Drawn, once
from guanxi_adapters.pages.flows import sankey
from guanxi_adapters.pages.grids import heatmap, tree

FONTS = Path(__file__).parent / "fonts"
FONT = "Guanxi Sans, Noto Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"

KINDS: dict[PictureKind, Callable[[Drawn, Picture], alt.LayerChart]] = {
    "bars": bars,
    "stacked_bars": stacked_bars,
    "histogram": histogram,
    "pareto": pareto,
    "lines": lines,
    "stacked_area": stacked_area,
    "scatter": scatter,
    "heatmap": heatmap,
    "waterfall": waterfall,
    "funnel": funnel,
    "radar": radar,
    "sankey": sankey,
    "timeline": timeline,
    "tree": tree,
}

_MOST: dict[PictureKind, int] = {
    "bars": 400,
    "stacked_bars": 400,
    "histogram": 400,
    "pareto": 400,
    "waterfall": 400,
    "funnel": 60,
    "radar": 60,
    "sankey": 400,
    "tree": 400,
    "heatmap": 10_000,
    "scatter": 20_000,
    "timeline": 20_000,
}
_BY_ROW = ("heatmap", "scatter", "timeline", "sankey", "tree")

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


def _picture(result: ReportResult) -> Picture:
    assert result.report.picture is not None
    return result.report.picture


def _chart(result: ReportResult, lang: str) -> alt.LayerChart:
    picture = _picture(result)
    drawn = Drawn(result, lang)
    _refuse_too_fine(drawn, picture)
    title = alt.TitleParams(picture.title(lang), anchor="start", offset=14)
    return _styled(KINDS[picture.kind](drawn, picture).properties(title=title))


def _refuse_too_fine(d: Drawn, p: Picture) -> None:
    count = len(d.result.rows) if p.kind in _BY_ROW else len(once(d.words(p.x)))
    most = _MOST.get(p.kind, count)
    if count > most:
        raise Invalid(
            "picture_too_fine",
            f"{count:,} bars or cells in one picture could not be told apart",
            zh=f"一幅图中有 {count:,} 个柱或格，无法分辨",
            accepts=f"{most:,}",
        )


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
