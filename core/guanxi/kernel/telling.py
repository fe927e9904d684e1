"""What comes in and what goes out: a telling (a command with its envelope), an outcome, and a verdict on one line of many."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import attrs

from guanxi.kernel.entries import Entry
from guanxi.kernel.errors import Parked, Refusal
from guanxi.kernel.messages import Event
from guanxi.kernel.times import INSTANT

if TYPE_CHECKING:
    from guanxi.kernel.codec import Codec

ACCOUNT = "core.account"
"""Claim kind of account numbers: for ever (CORE-95)."""


@attrs.frozen
class Source:
    """Reference of an input in the system it came from; within one customer file it is taken in once (CORE-03).

    Args:
        system: the source's declared name.
        document: receipt, file or content key.
        line: line or running number.
    """

    system: str
    document: str | None = None
    line: str | None = None


@attrs.frozen
class Telling:
    """A command on its way in, with everything its envelope will say."""

    subject: str
    command: Any
    actor: str
    reason: str | None = None
    occurred_at: datetime | None = None
    effective_from: datetime | None = None
    precision: str = INSTANT
    happened: bool = False
    source: Source | None = None
    on_behalf_of: str | None = None
    channel: str | None = None
    section: str | None = None
    command_id: str | None = None
    correlation: str | None = None
    ground: str | None = None
    """Id of the decision on whose ground it was done (CORE-05)."""
    batch: str | None = None
    untimed: bool = False
    whole: str | None = None
    """What this is a part of, such as a receipt of several lines: taken in whole or not at all."""


@attrs.frozen
class Outcome:
    """What a command left behind.

    Args:
        stream: the relationship's opaque id.
        entries: what was appended to it, with positions.
        elsewhere: what was appended to other streams in the same transaction.
        duplicate: whether this is the first outcome of the same command, answered again.
    """

    stream: str
    entries: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]
    duplicate: bool
    _codec: Codec = attrs.field(repr=False, eq=False)

    @property
    def events(self) -> tuple[Event, ...]:
        """The appended events, decoded."""
        decoded = (
            self._codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version) for e in self.entries
        )
        return tuple(e for e in decoded if e is not None)

    @property
    def code(self) -> str | None:
        """``already_known`` where the same was told before; None for what is new."""
        return "already_known" if self.duplicate else None

    @property
    def position(self) -> int:
        """Position of the last entry appended, 0 if none was; read models that reached it show this outcome."""
        return max((e.position for e in (*self.entries, *self.elsewhere)), default=0)


Status = Literal["accepted", "known", "refused", "waiting"]


@attrs.frozen
class Verdict:
    """What became of one telling of many.

    Args:
        status: ``accepted``, ``known``, ``refused`` or ``waiting`` (for its customer file, or for what it is about).
        entry: id of the first entry, for what was known.
        refusal: why it was refused or waits.
        flags: codes of the rules it broke, where it was kept all the same because it had already happened.
    """

    status: Status
    entry: str | None = None
    refusal: Refusal | None = None
    flags: tuple[str, ...] = ()

    @property
    def code(self) -> str | None:
        """What a program asks by: ``already_known``, ``awaiting_file``, the refusal's code; None for what was accepted."""
        if self.status == "known":
            return "already_known"
        if self.status == "waiting" and not isinstance(self.refusal, Parked):
            return "awaiting_file"
        return self.refusal.code if self.refusal else None
