"""What a round is told: where the database is, where notes go, and from which seed everything is drawn."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import attrs
import msgspec


@attrs.frozen
class Settings:
    """One round.

    Args:
        url: the database.
        folder: where processes keep their journals; on another disk than the database, which may fill up.
        seed: of this round; each process draws from it with its own name.
        writers: processes that write.
        readers: processes that tail the log.
        projectors: processes that keep the read models level.
        accounts: customer files that there are at first.
        options: for the store.
    """

    url: str
    folder: str
    seed: str
    writers: int = 3
    readers: int = 2
    projectors: int = 2
    accounts: int = 24
    options: dict[str, Any] = attrs.field(factory=dict)

    def encode(self) -> str:
        """Return the settings as text for a command line."""
        return msgspec.json.encode(self).decode()

    def journal(self, name: str) -> Path:
        """Return the journal of a process."""
        return Path(self.folder) / f"{name}.jsonl"

    @property
    def stop(self) -> Path:
        """The file whose presence tells writers to finish."""
        return Path(self.folder) / "stop"

    @property
    def written(self) -> Path:
        """The file whose presence says that all writers are gone, and tells those who follow to finish."""
        return Path(self.folder) / "written"

    def chance(self, *names: object) -> random.Random:
        """Return a source of chance that belongs to a name."""
        return random.Random("/".join(map(str, (self.seed, *names))))


decode = msgspec.json.Decoder(Settings).decode
