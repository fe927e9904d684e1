"""Reports as pages that need no network and no script, and their pictures as SVG or PNG."""

from guanxi_adapters.pages.page import render_html
from guanxi_adapters.pages.picture import render_png, render_svg

__all__ = ["render_html", "render_png", "render_svg"]
