"""A read model whose rows depend on the process that folds them."""

from __future__ import annotations

import os
from datetime import datetime

from guanxi import Rows
from tests.kit.broken import sound
from tests.kit.broken.sound import Counted, ItemRow


def counted(rows: Rows[ItemRow], e: Counted, at: datetime) -> None:
    sound.counted(rows, e, at)
    rows[e.item].note = str(os.getpid())


parts = sound.tally(counted=counted)
