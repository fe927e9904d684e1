"""The stored form of an entry: its columns, their order, and the hash that covers them. Settled once; nothing here does I/O."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import NamedTuple

import msgspec

ALGORITHMS = "sha256 aes-siv-256 hmac-sha256"
"""Names of the algorithms behind hash, sealed fields and claim tokens of entries written by this version."""

GENESIS = ""
"""The predecessor's hash of a stream's first entry."""


class Kind(StrEnum):
    """What sort of entry this is (README of the domain, CORE section 2)."""

    FACT = "fact"
    ACT = "act"
    DECISION = "decision"
    DEED = "deed"
    RUN = "run"


class Entry(NamedTuple):
    """One line of the log, exactly as stored: text, whole numbers and nothing else.

    All times are UTC stamps of fixed width (see ``times.stamp``). ``payload`` is JSON text in which personal
    fields are sealed. ``position`` is given by the store and is the only column the hash does not cover.
    """

    tenant: str
    stream: str
    version: int
    kind: str
    name: str
    schema_version: int
    occurred_at: str
    precision: str
    effective_from: str
    recorded_at: str
    actor: str
    on_behalf_of: str | None
    reason: str | None
    channel: str | None
    section: str | None
    source_system: str | None
    source_document: str | None
    source_line: str | None
    batch: str | None
    correlation: str | None
    causation: str | None
    command_id: str | None
    place: str | None
    late: int
    plugin: str
    plugin_version: str
    rule: str | None
    rule_sets: str | None
    target: str | None
    replaces: str | None
    succeeds: str | None
    data_subject: str | None
    payload: str
    algorithms: str
    previous_hash: str
    hash: str = ""
    position: int = 0

    @property
    def id(self) -> str:
        """The entry's name for ever: its stream and its version there."""
        return f"{self.stream}/{self.version}"


def one_transaction(earlier: Entry, later: Entry) -> bool:
    """Return whether two neighbours of a stream were appended by one transaction.

    They share its correlation and its stamp then, and lie together in the log.
    """
    return (later.correlation, later.recorded_at, later.position) == (
        earlier.correlation,
        earlier.recorded_at,
        earlier.position + 1,
    )


COLUMNS = Entry._fields
HASHED = COLUMNS[: COLUMNS.index("hash")]
_HASHED_COUNT = len(HASHED)
_encode = msgspec.json.Encoder().encode


def digest(entry: Entry) -> str:
    """Return the SHA-256 of every stored column but the hash itself and the position, as hexadecimal text."""
    return hashlib.sha256(_encode(entry[:_HASHED_COUNT])).hexdigest()


def seal_chain(entry: Entry, previous_hash: str) -> Entry:
    """Return the entry with its predecessor's hash and its own."""
    covered = (*entry[: _HASHED_COUNT - 1], previous_hash)
    # ``_make`` checks in Python what is true here: that there are as many values as columns.
    return tuple.__new__(Entry, (*covered, hashlib.sha256(_encode(covered)).hexdigest(), entry.position))


LINKED = "core.stream_linked"
"""The name of the entry by which one stream shows another's."""


def shows_apart(name: str, succeeds: str | None) -> bool:
    """Return whether an entry by itself shows that something may stand in its stream otherwise than it would be drawn."""
    return succeeds is not None or name == LINKED


class FoldRow(NamedTuple):
    """The columns that folding a stream needs, and no more."""

    version: int
    position: int
    kind: str
    name: str
    schema_version: int
    effective_from: str
    recorded_at: str
    place: str | None
    target: str | None
    replaces: str | None
    succeeds: str | None
    causation: str | None
    rule: str | None
    rule_sets: str | None
    payload: str
    source: str | None = None
    """The reference in the system it came from, as one text; only links ask for it."""


class ToldLate(NamedTuple):
    """A moment of knowledge at which something was recorded in a stream that counts from before it."""

    recorded_at: str
    imported: bool
    """Whether it was told by an import batch; what was not, at the same moment, is another one of these."""
    first: int
    """The lowest version among it: 1 where the stream began with it."""
    earliest: str
    """The earliest moment from which any of it counts."""
    names: frozenset[str] = frozenset()
    """Stored names of what it is."""


SOURCE_SEPARATOR = "\x1f"


def source_text(system: str, document: str | None, line: str | None) -> str:
    """Return a source reference as one text, by which the same one is found in two streams."""
    return SOURCE_SEPARATOR.join((system, document or "", line or ""))


class Passing(NamedTuple):
    """The columns that keeping read models level needs, and no more: an entry as the log goes by."""

    position: int
    stream: str
    version: int
    name: str
    schema_version: int
    effective_from: str
    late: int
    target: str | None
    replaces: str | None
    succeeds: str | None
    payload: str
    kind: str
    recorded_at: str
    place: str | None


class Head(NamedTuple):
    """Where a stream stands: kept beside the log in the append's own transaction, and rebuildable from it."""

    stream: str
    subject: str
    version: int
    hash: str
    recorded_at: str
    next_due: str | None
    judged_by: str
    apart_since: str | None = None
    """When it was learned first that something may stand otherwise than it would be drawn; None proves that nothing does."""
    rules_known: str = ""
    """When the last rules were published that its last judgement knew."""
