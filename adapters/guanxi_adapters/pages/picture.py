"""A report's picture as SVG or PNG. Altair and vl-convert are loaded only when one is drawn."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from guanxi.kernel.errors import PluginError, Unknown
from guanxi.kernel.reports import ReportResult


def render_svg(result: ReportResult, lang: str = "en") -> str:
    """Return the picture as SVG whose words are text, on a transparent ground.

    Args:
        result: the report's answer.
        lang: ``"en"`` or ``"zh"``.

    Raises:
        Unknown: ``no_picture`` when the report declares none.
        Invalid: ``picture_too_fine`` when its bars or cells are too many to be told apart.
        PluginError: ``pictures_missing`` when the extra that draws is not installed.
    """
    svg: str = _charts(result).svg(result.drawn(), lang)
    return svg


def render_png(result: ReportResult, lang: str = "en") -> bytes:
    """Return the picture as PNG on white, at twice its nominal size; arguments and errors as for ``render_svg``."""
    png: bytes = _charts(result).png(result.drawn(), lang)
    return png


def _charts(result: ReportResult) -> Any:
    if result.drawn().report.picture is None:
        name = result.report.name
        raise Unknown("no_picture", f"{name} declares no picture", zh=f"{name} 没有声明图形")
    try:
        return import_module("guanxi_adapters.pages.charts")
    except ImportError as error:
        raise PluginError(
            "pictures_missing",
            f"pictures need a package that is not installed: {error.name or error}",
            zh=f"画图需要的软件包没有安装：{error.name or error}",
            accepts="pip install guanxi[pictures]",
        ) from error
