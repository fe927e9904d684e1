"""A process's own notes of what it did: append-only, on disk before it goes on, readable after it was killed in mid-line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Journal:
    """Notes of one process; one file, one writer at a time.

    Args:
        path: the file; carried on where it is there already, less a line that was never finished.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        whole = path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(self._file, whole)

    def note(self, *records: dict[str, Any]) -> None:
        """Write records and return once they are on disk."""
        text = b"".join(_encode(record) + b"\n" for record in records)
        with self._lock:
            os.write(self._file, text)
            os.fdatasync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def records_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a journal, without a last line that was never finished."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield _decode(line)
