"""The colours of pages and pictures, chosen to be told apart by colour-blind readers and to print."""

from __future__ import annotations

INK = "#344054"
MUTED = "#667085"
GRID = "#e4e7ec"
RISE = "#2f6fa8"
FALL = "#c4662a"
TOTAL = "#53627a"
CATEGORIES = ("#2f6fa8", "#c4662a", "#3c8d78", "#8a5a9e", "#b08a1e", "#53627a", "#a6426a", "#6a8fb8")

_PALE = (236, 243, 250)
_COLD = ((118, 170, 215), (14, 62, 116))
_WARM = ((226, 156, 110), (148, 62, 16))
_CONTRAST = (
    0.6  # below 1: small values stay apart where one of them, such as month 0's 100 %, towers over the rest
)
_DARK_TEXT, _LIGHT_TEXT = "#101828", "#ffffff"


def heat(value: float, least: float, most: float) -> str:
    """Return a cell's colour: pale at zero or the least value, deep blue at the most, deep orange far below zero."""
    floor = 0.0 if least < 0 else least
    reach = max(most, -least) if least < 0 else most - floor
    share = min(1.0, abs(value - floor) / reach) ** _CONTRAST if reach else 0.0
    middle, deep = _WARM if value < 0 else _COLD
    start, end, part = (_PALE, middle, share * 2) if share < 0.5 else (middle, deep, share * 2 - 1)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(start, end, strict=True))


def readable_on(colour: str) -> str:
    """Return dark or white, whichever reads better on that colour."""
    return _DARK_TEXT if _luminance(colour) > 0.18 else _LIGHT_TEXT


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
