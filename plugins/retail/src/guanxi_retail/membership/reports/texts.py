"""Personal cells as a report shows them."""

from __future__ import annotations

from guanxi import Erased


def text(value: str | Erased | None) -> str | None:
    """Return a personal value as text; what was erased says so."""
    return None if value is None else str(value)
