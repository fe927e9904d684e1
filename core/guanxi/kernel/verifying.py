"""Verifying: walks every hash of the log and says what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from guanxi.kernel.entries import GENESIS, Entry, Head, digest, shows_apart
from guanxi.kernel.errors import StoreError, Unavailable
from guanxi.kernel.ports import Store


@attrs.frozen
class Fault:
    """Something that verification found.

    Args:
        entry: id of the entry, or of the stream.
        position: where in the log; 0 if nowhere.
        code: ``altered``, ``chain_broken``, ``version_missing``, ``position_missing``,
            ``truncated``, ``head_wrong``, ``time_backwards``, ``out_of_order``,
            ``unheaded`` or ``unreadable``.
        message: what is wrong, in English.
        zh: the same in Chinese.
    """

    entry: str
    position: int
    code: str
    message: str
    zh: str


@attrs.frozen
class Verification:
    """What a walk over the log found.

    Args:
        entries: how many entries were checked.
        streams: in how many streams.
        faults: what is wrong.
        position: the last position seen.
    """

    entries: int
    streams: int
    faults: tuple[Fault, ...]
    position: int

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(
    store: Store, *, progress: Callable[[int, int], None] | None = None, page: int = 500
) -> Verification:
    """Walk every stream: each entry's hash covers its stored columns, each names its predecessor's, none is missing.

    What lies after the last head that somebody outside holds is proven only against alteration of single entries, not
    against whoever can rewrite every table; that needs a signed checkpoint or an exported head.

    Args:
        store: the log.
        progress: called with (entries done, entries in all).
        page: how many streams are read at a time.
    """
    total, done, top = store.count(thorough=True), 0, 0
    faults: list[Fault] = []
    streams = 0
    after = ""
    while heads := store.streams(None, after, page):
        after = heads[-1].stream
        for head in heads:
            entries, found = walked(store, head)
            faults += found
            streams += 1
            done += len(entries) + sum(f.code == "unreadable" for f in found)
            top = max(top, max((e.position for e in entries), default=0))
        if progress is not None:
            progress(done, total)
    faults += _unheaded(store)
    given = store.positions_given()
    if given is not None and given > store.count(thorough=True):
        faults += _gaps(store, given)
    return Verification(done, streams, tuple(faults), top)


def _gaps(store: Store, given: int) -> Iterable[Fault]:
    """Name the positions that were given and are no longer there, stretch by stretch."""
    last = 0
    for e in _log(store):
        if e.position > last + 1:
            yield _gap(last + 1, e.position - 1)
        last = e.position
    if given > last:
        yield _gap(last + 1, given)


def _gap(first: int, last: int) -> Fault:
    return Fault(
        "log",
        first,
        "position_missing",
        f"positions {first} to {last} were given and are gone",
        f"位置 {first} 至 {last} 曾分配，现已缺失",
    )


def walked(store: Store, head: Head) -> tuple[list[Entry], list[Fault]]:
    """Return a stream's entries and what is wrong with them; looked at again where somebody appended between two reads."""
    while True:
        try:
            entries = store.entries(head.stream)
        except Unavailable:
            raise
        except StoreError:
            entries = [e for e in _log(store) if e.stream == head.stream]
            seen = {e.version for e in entries}
            gone = [
                Fault(
                    f"{head.stream}/{v}",
                    0,
                    "unreadable",
                    "the database cannot read it back",
                    "数据库无法读出该记录",
                )
                for v in range(1, head.version + 1)
                if v not in seen
            ]
            return entries, gone
        faults = list(_stream_faults(entries, head))
        now = store.heads([head.stream]).get(head.stream, head) if faults else head
        if now.version == head.version:
            return entries, faults
        head = now


def _log(store: Store, page: int = 2000) -> Iterator[Entry]:
    """Yield the entries of the log in order of position, leaving out what the database cannot read back."""

    def read(after: int, until: int) -> Iterator[Entry]:
        try:
            yield from [e for e in store.page(after, until - after) if e.position <= until]
        except Unavailable:
            raise
        except StoreError:
            if until - after > 1:
                middle = (after + until) // 2
                yield from read(after, middle)
                yield from read(middle, until)

    last = store.last_position()
    for after in range(0, last, page):
        yield from read(after, min(after + page, last))


def _stream_faults(entries: Iterable[Entry], head: Head) -> Iterable[Fault]:
    previous, version, recorded, position = GENESIS, 0, "", 0
    told = head.apart_since
    for e in entries:
        if shows_apart(e.name, e.succeeds) and (told is None or told > e.recorded_at):
            told = e.recorded_at
            yield Fault(
                e.id,
                e.position,
                "head_wrong",
                "its stream's head does not say that something may stand otherwise than it would be drawn since then",
                "所在流的头记录未说明自此可能有判定与重新推导不符",
            )
        if digest(e) != e.hash:
            yield Fault(
                e.id, e.position, "altered", "its stored columns do not give its hash", "存储内容与其哈希不符"
            )
        if e.version != version + 1:
            for gap in range(version + 1, min(e.version, version + 1 + _NAMED)):
                yield Fault(
                    f"{e.stream}/{gap}",
                    0,
                    "version_missing",
                    f"it is gone: {e.id} follows version {version}",
                    f"已缺失：{e.id} 前一版本为 {version}",
                )
        elif e.previous_hash != previous:
            yield Fault(
                e.id,
                e.position,
                "chain_broken",
                "it does not name its predecessor's hash",
                "未指向前一条记录的哈希",
            )
        if e.recorded_at < recorded:
            yield Fault(
                e.id,
                e.position,
                "time_backwards",
                f"it was recorded before its predecessor, {recorded}",
                "记录时间早于前一条",
            )
        if e.position <= position:
            yield Fault(
                e.id,
                e.position,
                "out_of_order",
                f"its predecessor stands at position {position} of the log",
                f"前一条位于日志位置 {position}",
            )
        previous, version, recorded, position = (
            e.hash,
            e.version,
            max(recorded, e.recorded_at),
            max(position, e.position),
        )
        if version > head.version:
            yield Fault(
                e.id,
                e.position,
                "head_wrong",
                f"its stream's head stops at version {head.version}",
                f"所在流的头记录止于版本 {head.version}",
            )
    if version < head.version:
        yield Fault(
            f"{head.stream}/{version + 1}",
            0,
            "truncated",
            f"it is gone: the stream ends at version {version}, its head says {head.version}",
            f"已缺失：流止于版本 {version}，而头记录为 {head.version}",
        )
    elif version == head.version and previous != head.hash:
        yield Fault(
            head.stream, 0, "head_wrong", "its head does not match its last entry", "头记录与最后一条不符"
        )


_NAMED = 100
"""How many missing versions of one gap are named."""


def _unheaded(store: Store) -> Iterable[Fault]:
    for found in store.unheaded():
        yield Fault(
            f"{found.stream}/{found.version}",
            found.position,
            "unheaded",
            f"its stream has no head; {found.entries} entries are concerned",
            "所在流没有头记录",
        )
