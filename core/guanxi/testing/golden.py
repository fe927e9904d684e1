"""Golden histories: stored entries kept as a file, so that today's code proves that it still reads yesterday's bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import msgspec

from guanxi.kernel.errors import Invalid
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.privacy import ERASED, is_sealed


@attrs.frozen
class GoldenEntry:
    """One stored entry.

    Args:
        name: the event's stored name.
        schema: the schema version it was stored under.
        fields: its payload's fields, as stored then; personal ones in the clear.
        occurred_at: stamp of when it happened.
        effective_from: stamp from which it counts.
        recorded_at: stamp of when it was learned.
        kind: ``fact``, ``act``, ``decision`` or ``deed``.
    """

    name: str
    schema: int
    fields: dict[str, Any]
    occurred_at: str
    effective_from: str
    recorded_at: str
    kind: str = "fact"


@attrs.frozen
class Golden:
    """A stored history.

    Args:
        title: the file's name, or what a test calls it.
        entries: its entries, in order of entry.
    """

    title: str
    entries: tuple[GoldenEntry, ...]

    def __iter__(self) -> Iterator[GoldenEntry]:
        return iter(self.entries)

    @classmethod
    def load(cls, path: str | Path) -> Golden:
        """Return the history of a file: JSON lines, one entry each.

        Raises:
            Invalid: ``bad_golden`` naming the line.
        """
        path = Path(path)
        entries: list[GoldenEntry] = []
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                entries.append(msgspec.json.decode(line, type=GoldenEntry))
            except msgspec.DecodeError as error:
                raise Invalid(
                    "bad_golden",
                    f"{path}, line {number}: {error}",
                    zh=f"{path} 第 {number} 行：{error}",
                    accepts="lines as Golden.record writes them",
                ) from error
        return cls(path.name, tuple(entries))

    @classmethod
    def load_all(cls, folder: str | Path) -> tuple[Golden, ...]:
        """Return the histories of all ``*.jsonl`` files of a folder, in order of name."""
        return tuple(cls.load(path) for path in sorted(Path(folder).glob("*.jsonl")))

    @classmethod
    def record(cls, ledger: Ledger, subject: str, path: str | Path) -> Golden:
        """Write a relationship's entries to a file, and return them.

        Personal fields are written in the clear: record made-up customers only.

        Args:
            ledger: where the relationship is kept.
            subject: account number or stream id.
            path: the file; kept in the plugin's ``tests/golden/``.
        """
        stream = ledger.find(subject) or subject
        entries = []
        for e in ledger.store.entries(stream):
            raw: dict[str, Any] = msgspec.json.decode(e.payload)
            entries.append(
                GoldenEntry(
                    e.name,
                    e.schema_version,
                    {k: _plain(ledger, f"{e.id}#{k}", v) for k, v in raw.items()},
                    e.occurred_at,
                    e.effective_from,
                    e.recorded_at,
                    e.kind,
                )
            )
        golden = cls(Path(path).name, tuple(entries))
        golden.save(path)
        return golden

    def save(self, path: str | Path) -> None:
        """Write the history to a file."""
        Path(path).write_text("".join(_lines(self.entries)), "utf-8")


def _plain(ledger: Ledger, place: str, value: Any) -> Any:
    """Return a stored value in the clear, without what is erased."""
    if isinstance(value, dict):
        return {k: _plain(ledger, f"{place}.{k}", v) for k, v in value.items()}
    if not is_sealed(value):
        return value
    plain = ledger.sealing.unseal(place, value)
    return None if plain is ERASED else plain


def _lines(entries: Iterable[GoldenEntry]) -> Iterator[str]:
    encode = msgspec.json.Encoder().encode
    for entry in entries:
        yield encode(entry).decode() + "\n"
