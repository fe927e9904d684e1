"""An event that has no name in Chinese."""

from __future__ import annotations

from guanxi import Label
from tests.kit.broken import sound

parts = sound.tally(labels={**sound.LABELS, "tally.counted": Label("counted", "counted")})
