"""What the kernel asks of the world, as Protocols; ``guanxi_adapters`` implements them and tests hold them to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from guanxi.kernel.entries import Entry, FoldRow, Head, ToldLate
from guanxi.kernel.errors import StoreError
from guanxi.kernel.following import Follower, FollowState
from guanxi.kernel.rebuilding import Cleaned as Cleaned
from guanxi.kernel.rebuilding import ModelStatus as ModelStatus
from guanxi.kernel.rebuilding import Rebuilt as Rebuilt
from guanxi.kernel.timeline import NOW_CUT, Cut

if TYPE_CHECKING:
    from eventsourcing.persistence import ApplicationRecorder

    from guanxi.kernel.read_models import Reader, ReadModel


@attrs.frozen
class StreamAppend:
    """What one stream gains: entries with consecutive versions, chained, and the head that results.

    ``expected`` is the version the writer folded (0 for a stream that does not exist). With no entries only the
    head's ``next_due`` and ``judged_by`` change, under the same guard.
    """

    stream: str
    subject: str
    expected: int
    entries: tuple[Entry, ...]
    head: Head


@attrs.frozen
class ClaimChange:
    """A unique key taken or released by a stream, written in the append's transaction.

    ``token`` is a keyed digest, never the plain value. ``policy`` is ``for_ever``, ``while_active`` or ``advisory``.
    """

    kind: str
    token: str
    stream: str
    policy: str
    release: bool = False


@attrs.frozen
class CommandRecord:
    """That a command was carried out: its id, a keyed digest of its content, and the entries it left."""

    command_id: str
    digest: str
    stream: str
    first_version: int
    last_version: int


@attrs.frozen
class Append:
    """Everything that one transaction writes to the log: all of it or nothing."""

    tenant: str
    streams: tuple[StreamAppend, ...]
    claims: tuple[ClaimChange, ...] = ()
    commands: tuple[CommandRecord, ...] = ()


@attrs.frozen
class SourceReference:
    """A source reference on record: document and line, and the entry that it brought."""

    document: str
    line: str
    entry: str
    name: str


@attrs.frozen
class InFlight:
    """An append that has begun and not ended yet, so that readers of the log wait for it.

    Args:
        position: the lowest position that it may put an entry at.
        since: when its transaction began, as ISO text; None where nobody says.
        pid: the server's process that carries it out.
        who: user, program and address of its connection.
    """

    position: int
    since: str | None
    pid: int | None
    who: str


@attrs.frozen
class Unheaded:
    """A stream that has entries and no head, as nothing that appends leaves one.

    Args:
        stream: which.
        version: of its first entry.
        position: where that stands in the log.
        entries: how many it has.
    """

    stream: str
    version: int
    position: int
    entries: int


class VersionConflict(Exception):
    """Another writer appended to a stream first; fold again and decide again."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class ClaimTaken(Exception):
    """A unique key is held by another stream."""

    def __init__(self, kind: str, token: str, holder: str) -> None:
        super().__init__(f"{kind} is held by {holder}")
        self.kind, self.token, self.holder = kind, token, holder


class CommandSeen(Exception):
    """A command id was recorded by another writer meanwhile."""

    def __init__(self, command_id: str) -> None:
        super().__init__(command_id)
        self.command_id = command_id


class Store(Protocol):
    """The log of one database, bound to one tenant."""

    url: str
    tenant: str

    def append(self, batch: Append, connection: Any = None) -> list[int]:
        """Write a batch in one transaction and return the positions of its entries, in the order given.

        Args:
            batch: what to write; streams must be sorted by name.
            connection: the host's own SQLAlchemy connection, to write under a savepoint of its transaction.

        Raises:
            VersionConflict: a stream is no longer at its expected version. Nothing was written.
            ClaimTaken: a claim is held by another stream. Nothing was written.
            CommandSeen: a command id is on record already. Nothing was written.
            StoreError: the database refused; nothing was written.
        """
        ...

    def heads(self, streams: Iterable[str], connection: Any = None) -> dict[str, Head]:
        """Return the heads of those of the named streams that exist."""
        ...

    def fold_rows(
        self, stream: str, connection: Any = None, *, up_to_position: int | None = None
    ) -> list[FoldRow]:
        """Return a stream's rows in order of version."""
        ...

    def fold_rows_of(
        self,
        streams: Sequence[str],
        *,
        kinds: Sequence[str] | None = None,
        up_to_position: int | None = None,
        connection: Any = None,
    ) -> dict[str, list[FoldRow]]:
        """Return the rows of many streams in few round trips; a stream without rows is absent.

        Args:
            streams: whose.
            kinds: stored names of events; rows of others are left out, unless they change or void one. All if None.
            up_to_position: the last place in the log that counts; all if None.
            connection: a host's, to read within its transaction.
        """
        ...

    def told_late(self, streams: Sequence[str]) -> dict[str, list[ToldLate]]:
        """Return when streams were told of what had counted before, in order of recording; a stream without is absent."""
        ...

    def entries(self, stream: str, connection: Any = None) -> list[Entry]:
        """Return a stream's whole entries in order of version."""
        ...

    def page(self, after: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries with positions above ``after``, in order of position."""
        ...

    def streams(self, subject: str | None = None, after: str = "", limit: int = 1000) -> list[Head]:
        """Return heads in order of stream name, for walking all of them page by page."""
        ...

    def due(self, until: str, judged_by: Collection[str], limit: int = 500, after: str = "") -> list[Head]:
        """Return heads whose next due moment is at or before ``until``, or that other facets judged last; by stream name.

        Args:
            until: stamp of the moment.
            judged_by: digests of the facets of today, of each kind of subject.
            limit: how many at most.
            after: the stream's name behind which to begin.
        """
        ...

    def apart(self, judged_by: Collection[str]) -> list[str]:
        """Return the streams in which something may stand otherwise than it would be drawn, and those that other facets judged last.

        Args:
            judged_by: digests of the facets of today, of each kind of subject.
        """
        ...

    def behind_rules(self, published: str, since: str) -> list[Head]:
        """Return heads of streams that were judged last without what was published by a moment, and have entries recorded since another.

        Args:
            published: stamp of the publication.
            since: stamp from which what was published counts.
        """
        ...

    def horizon(self) -> int:
        """Return the position at or below which every append has ended; no reading call shows anything above it.

        Go on behind the last entry seen, not behind the horizon: positions of appends that were rolled back may be given
        again after a crash of the server.
        """
        ...

    def in_flight(self) -> list[InFlight]:
        """Return the appends that readers wait for: begun, neither committed nor rolled back."""
        ...

    def unheaded(self) -> list[Unheaded]:
        """Return the streams that have entries and no head, in order of the log; also those above the horizon."""
        ...

    def count(self, *, thorough: bool = False) -> int:
        """Return how many entries the log holds.

        Args:
            thorough: count each of them, rather than rely on the log's index.
        """
        ...

    def search(
        self,
        *,
        wanted: Mapping[str, str] | None = None,
        between: Mapping[str, tuple[str, str]] | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Entry]:
        """Return entries that hold all the given values, in order of position.

        Args:
            wanted: values by field: ``name``, ``actor``, ``section``, ``batch``.
            between: first stamp, and the stamp before which, by field: ``occurred_at``, ``effective_from``.
            after: the position behind which to begin.
            limit: how many at most.
        """
        ...

    def last_position(self) -> int:
        """Return the position of the last entry that can be read, 0 for an empty log."""
        ...

    def positions_given(self) -> int | None:
        """Return how many positions were ever given to this log, where they are given without gaps; None where nobody can tell."""
        ...

    def last_recorded(self) -> str:
        """Return the latest stamp at which anything was recorded, the empty text for an empty log."""
        ...

    def first_named(self, name: str, after: int = 0) -> int | None:
        """Return the position of the first entry of that event name above another position, or None."""
        ...

    def position_known_at(self, recorded_at: str) -> int:
        """Return the last position recorded at or before that stamp, 0 if none."""
        ...

    def source_references(self, system: str, batch: str | None = None) -> Iterator[SourceReference]:
        """Yield the references of a source that are on record, those of one batch if given, in order of document and line.

        References without document or line are left out.
        """
        ...

    def holders(
        self, tokens: Iterable[tuple[str, str]], connection: Any = None
    ) -> dict[tuple[str, str], str]:
        """Return who holds each (kind, token) pair: a mapping to stream names."""
        ...

    def sharers(
        self, tokens: Iterable[tuple[str, str]], connection: Any = None
    ) -> dict[tuple[str, str], list[str]]:
        """Return all that hold each (kind, token) pair, in order of name; several may hold advisory ones."""
        ...

    def commands(self, ids: Iterable[str], connection: Any = None) -> dict[str, CommandRecord]:
        """Return the records of those command ids that were carried out."""
        ...

    def meta(self) -> Mapping[str, str]:
        """Return the ledger's settings: zone, schema version, program version that made it."""
        ...

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Record settings of the ledger when it is made."""
        ...

    def projector(self, models: Sequence[ReadModel[Any]], source: Any) -> Projector:
        """Return the projector that keeps these read models level with this log."""
        ...

    def recorder(self) -> ApplicationRecorder:
        """Return this log as a recorder of the ``eventsourcing`` library."""
        ...

    def settings(self) -> Mapping[str, str]:
        """Return the effective durability settings, such as ``synchronous`` or ``fsync``, as the database reports them."""
        ...

    def subscribe(self, after: int = 0, names: Sequence[str] = (), *, page: int = 500) -> EntrySubscription:
        """Return the entries behind a position, those of some event names or all, in order and without end.

        Args:
            after: position behind which to begin.
            names: which; all, if there are none.
            page: entries read, and held, at once.

        Raises:
            Invalid: ``out_of_scale`` for a page without entries, or a position below 0.
        """
        ...

    def close(self) -> None:
        """Release every connection."""
        ...


class EntrySubscription(Protocol):
    """The entries behind a position, in order and without end: an iterator that waits for those that are not there yet.

    Each comes once, when nothing can appear before it any more. One thread iterates, any may close.
    """

    @property
    def position(self) -> int:
        """Up to where the log was given out; once the last entry is dealt with, the place to go on behind another time."""
        ...

    @property
    def waiting_since(self) -> str | None:
        """Stamp from which on the database is waited for; None while it answers."""
        ...

    @property
    def trouble(self) -> StoreError | None:
        """What the database says, while it is waited for."""
        ...

    def __iter__(self) -> Iterator[Entry]:
        """Return it."""
        ...

    def __next__(self) -> Entry:
        """Return the next entry, waiting for it.

        Raises:
            StopIteration: it was closed.
            StoreError: the database refused for good.
        """
        ...

    def close(self) -> None:
        """End it, also while another thread waits for the next entry."""
        ...


class Projector(Protocol):
    """Keeps the tables of read models level with the log: one read of the log for all of them."""

    def catch_up(self, progress: Any = None) -> int:
        """Bring every read model level and return the position they stand at."""
        ...

    def rebuild(
        self,
        names: Sequence[str] | None = None,
        progress: Any = None,
        *,
        workers: int | None = None,
        compare: bool = False,
        swap: bool | None = None,
    ) -> Rebuilt:
        """Make the named read models (all, if none are named) anew from the log, beside the live ones, and swap them.

        Args:
            names: which.
            progress: called as ``progress(done, last)``.
            workers: processes that fold; several for a large log, one for a small one, if not given.
            compare: whether to compare new rows with live ones first.
            swap: whether to swap also where they differ (True), or in no case (False); if not given, where they don't.
        """
        ...

    def retry(self, names: Sequence[str] | None = None, progress: Any = None) -> list[ModelStatus]:
        """Take up parked read models (all, if none are named) at the entry they stopped at; return where these stand then."""
        ...

    def clean(self, *, absent: bool = False, broken_off: bool = False) -> list[Cleaned]:
        """Remove tables that nothing will read again; absent plugins' read models and present builds only if asked to."""
        ...

    def status(self, *, checksum: bool = False) -> list[ModelStatus]:
        """Return where each read model stands, those of absent plugins last.

        Args:
            checksum: whether to digest their rows, which reads all of them.
        """
        ...

    def follow(self, stop: Event, on_change: Callable[[FollowState], None] | None = None) -> None:
        """Keep every read model level until told to stop, or stand by while another process of the tenant does.

        Args:
            stop: set by any thread to end it.
            on_change: called with every new state, in this thread.

        Raises:
            StoreError: the database refused for good. One that is away is waited for.
        """
        ...

    def followers(self) -> list[Follower]:
        """Return which processes keep the tenant's read models level, and which stand by."""
        ...

    def wait_for(self, position: int, timeout: float = 5.0) -> None:
        """Return when every read model has reached a position.

        Raises:
            Unavailable: ``read_models_behind`` when the timeout, in seconds, passes first.
        """
        ...

    def reader(self, cut: Cut = NOW_CUT, models: Sequence[ReadModel[Any]] = ()) -> Reader:
        """Return a reader over the live tables.

        Args:
            cut: as of and as known at which stamps it shows the rows of temporal models; now, if not given.
            models: what is to be read; all of them if none are named. The fewer, the sooner.
        """
        ...

    def scratch(self, models: Sequence[ReadModel[Any]], histories: Iterator[tuple[str, list[Any]]]) -> Reader:
        """Return a reader over throw-away tables folded from the given timelines."""
        ...


class Keyring(Protocol):
    """The secrets, held apart from the log: one key per data subject and retention family, and the token keys."""

    def key_for(self, subject: str, family: str) -> tuple[str, bytes]:
        """Return the id and the 64 secret bytes of the subject's key for a family, made when first asked for."""
        ...

    def keys_for(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Make the keys of many (subject, family) pairs at once, ahead of a bulk append."""
        ...

    def key(self, key_id: str) -> bytes | None:
        """Return the secret of a key, or None when it was destroyed."""
        ...

    def token_key(self) -> bytes:
        """Return the tenant's secret for claim tokens and content digests."""
        ...

    def destroy(self, subject: str, family: str) -> bool:
        """Destroy a key; return whether there was one. What it sealed can never be read again."""
        ...

    def close(self) -> None:
        """Release every connection."""
        ...


class Clock(Protocol):
    """Tells the time; the only place where the kernel learns what time it is."""

    def __call__(self) -> datetime:
        """Return the present instant, aware."""
        ...
