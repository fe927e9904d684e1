"""Import batches: a file's reading as one moment of knowledge, with its reason and what became of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.messages import Command, Fact, command, event, field
from guanxi.kernel.times import stamp

SUBJECT = "import"


@attrs.frozen
class Batch:
    """A batch that is open.

    Args:
        id: its name, on every entry it brings.
        reason: why it is imported; said once for all of its lines.
        recorded_at: stamp of its moment of knowledge.
        continued: whether an earlier run opened it and did not come to its end.
    """

    id: str
    reason: str
    recorded_at: str
    continued: bool


def import_stream(source: str) -> str:
    """Return the id of the stream that keeps the batches of a source."""
    return f"import-{source}"


def open_batch(ledger: Ledger, source: str, *, reason: str, actor: str) -> Batch:
    """Open a batch of a source, or continue the one that an earlier run left open, at that one's moment.

    Args:
        ledger: where it is recorded.
        source: the source's declared name.
        reason: why; kept for all of its lines.
        actor: who imports.

    Raises:
        Incomplete: ``reason_missing`` (CORE-98).
    """
    _need_reason(reason)
    stream = import_stream(source)
    while True:
        state = _state(ledger, stream)
        if state is not None and state.open is not None:
            return state.open
        number = 1 if state is None else state.count + 1
        opening = OpenImportBatch(batch=f"{source}-{number}", source=source, reason=reason)
        try:
            done = ledger.execute(stream, opening, actor=actor, reason=reason)
        except Conflict as conflict:  # another process opened one meanwhile
            if conflict.code != "batch_open":
                raise
            continue
        entry = done.entries[0]
        return Batch(opening.batch, reason, entry.effective_from, continued=False)


def close_batch(
    ledger: Ledger,
    source: str,
    batch: str,
    *,
    actor: str,
    accepted: int,
    known: int,
    refused: int,
    waiting: int,
) -> None:
    """Close a batch with the count of its lines; one that was closed by another process meanwhile stays closed.

    Args:
        ledger: where it is recorded.
        source: the source's declared name.
        batch: its id.
        actor: who imports.
        accepted: lines taken in by this batch.
        known: lines that were on record before.
        refused: lines that were not accepted.
        waiting: lines kept for customer files that are not open yet.
    """
    closing = CloseImportBatch(batch=batch, accepted=accepted, known=known, refused=refused, waiting=waiting)
    try:
        ledger.execute(import_stream(source), closing, actor=actor)
    except Unknown as unknown:
        if unknown.code != "batch_not_open":
            raise


def _state(ledger: Ledger, stream: str) -> ImportBatches | None:
    if stream not in ledger.store.heads([stream]):
        return None
    judged = ledger.relationship(stream)
    state: ImportBatches = judged.states[judged.room.index[import_batches.name]]
    return state


def _need_reason(reason: str) -> None:
    if not reason or not reason.strip():
        raise Incomplete(
            "reason_missing",
            "an import needs a reason, which all of its lines carry",
            zh="导入须说明原因，批次内各行共用",
            rule="CORE-98",
            accepts="reason=...",
        )


def _reason(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    _need_reason(value)


@event("core.import_batch_opened")
class ImportBatchOpened(Fact):
    """A batch is one moment of knowledge (CORE-98)."""

    batch: str
    source: str
    reason: str


@event("core.import_batch_closed")
class ImportBatchClosed(Fact):
    """What became of a batch's lines (CORE-98)."""

    batch: str
    accepted: int
    known: int
    refused: int
    waiting: int


@command("core.open_import_batch")
class OpenImportBatch(Command):
    """Open a batch; its subject is the stream of its source.

    Args:
        batch: its id.
        source: the source's declared name.
        reason: why it is imported.
    """

    batch: str
    source: str
    reason: str = field(validator=_reason)


@command("core.close_import_batch")
class CloseImportBatch(Command):
    """Close the open batch.

    Args:
        batch: its id.
        accepted: lines taken in.
        known: lines that were on record before.
        refused: lines that were not accepted.
        waiting: lines that wait for their customer file.
    """

    batch: str
    accepted: int
    known: int
    refused: int
    waiting: int


@attrs.define
class ImportBatches:
    """The batches of one source: how many there were, and the one that is open."""

    open: Batch | None = None
    count: int = 0


import_batches = Facet(
    "core.import_batch", ImportBatches, subject=SUBJECT, title=Label("Import batches", "导入批次")
)


@import_batches.evolve
def _opened(s: ImportBatches, e: ImportBatchOpened, at: datetime) -> None:
    s.open = Batch(e.batch, e.reason, stamp(at), continued=True)
    s.count += 1


@import_batches.evolve
def _closed(s: ImportBatches, e: ImportBatchClosed) -> None:
    s.open = None


@import_batches.decide
def _open(s: ImportBatches, c: OpenImportBatch, now: Now) -> Iterator[Fact]:
    if s.open is not None:
        raise Conflict(
            "batch_open",
            f"the batch {s.open.id} of this source is still open",
            zh=f"该来源的批次 {s.open.id} 尚未结束",
            rule="CORE-98",
            accepts="the same import again, which continues it",
        )
    yield ImportBatchOpened(batch=c.batch, source=c.source, reason=c.reason)


@import_batches.decide
def _close(s: ImportBatches, c: CloseImportBatch, now: Now) -> Iterator[Fact]:
    if s.open is None or s.open.id != c.batch:
        raise Unknown(
            "batch_not_open",
            f"the batch {c.batch} is not open",
            zh=f"批次 {c.batch} 不在进行中",
            rule="CORE-98",
        )
    yield ImportBatchClosed(
        batch=c.batch, accepted=c.accepted, known=c.known, refused=c.refused, waiting=c.waiting
    )
