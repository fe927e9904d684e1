"""A manifest that leaves out an event and claims a personal field that there is not."""

from __future__ import annotations

import attrs

from guanxi.kernel.plugins import manifest_of
from tests.kit.broken import sound

parts = sound.parts
_true = manifest_of(parts)
manifest = attrs.evolve(_true, events={k: v for k, v in _true.events.items() if k != "tally.weighed"})
