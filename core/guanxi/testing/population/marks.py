"""What is done to the log after the fact: corrections, voids, and orders that concern two files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from guanxi.kernel.messages import Command


@attrs.frozen
class Mark:
    """A correction or void of what was told before, or an order of its own.

    Args:
        kind: ``correct``, ``void`` or ``order``.
        subject: of whom.
        at: when what it is about happened.
        actor: who does it.
        reason: why.
        command: what is ordered; for a mark, what was told.
        fields: the right values, for a correction.
        telling: command id of the order, or of what is marked.
    """

    kind: Literal["correct", "void", "order"]
    subject: str
    at: datetime
    actor: str
    reason: str
    command: Command
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    telling: str = ""
