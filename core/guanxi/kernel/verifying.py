"""Verifying: walks every hash of the log and says what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from guanxi.kernel.entries import GENESIS, Entry, Head, digest
from guanxi.kernel.ports import Store


@attrs.frozen
class Fault:
    """Something that verification found.

    Args:
        entry: id of the entry, or of the stream.
        position: where in the log; 0 if nowhere.
        code: ``altered``, ``chain_broken``, ``version_missing``, ``truncated``, ``head_wrong``, ``time_backwards`` or ``unheaded``.
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


def verify(store: Store, *, progress: Callable[[int, int], None] | None = None, page: int = 500) -> Verification:
    """Walk every stream: each entry's hash covers its stored columns, each names its predecessor's, none is missing.

    What lies after the last head that somebody outside holds is proven only against alteration of single entries, not
    against whoever can rewrite every table; that needs a signed checkpoint or an exported head.

    Args:
        store: the log.
        progress: called with (entries done, entries in all).
        page: how many streams are read at a time.
    """
    total, done, top = store.count(), 0, 0
    faults: list[Fault] = []
    streams = 0
    after = ""
    while heads := store.streams(None, after, page):
        after = heads[-1].stream
        for head in heads:
            entries = store.entries(head.stream)
            faults += _stream_faults(entries, head)
            streams += 1
            done += len(entries)
            top = max(top, max((e.position for e in entries), default=0))
        if progress is not None:
            progress(done, total)
    if done < total:
        faults += _unheaded(store, total - done)
    return Verification(done, streams, tuple(faults), top)


def _stream_faults(entries: Iterable[Entry], head: Head) -> Iterable[Fault]:
    previous, version, recorded = GENESIS, 0, ""
    for e in entries:
        if digest(e) != e.hash:
            yield Fault(e.id, e.position, "altered", "its stored columns do not give its hash", "存储内容与其哈希不符")
        if e.version != version + 1:
            for gap in range(version + 1, min(e.version, version + 1 + _NAMED)):
                yield Fault(f"{e.stream}/{gap}", 0, "version_missing", f"it is gone: {e.id} follows version {version}", f"已缺失：{e.id} 前一版本为 {version}")
        elif e.previous_hash != previous:
            yield Fault(e.id, e.position, "chain_broken", "it does not name its predecessor's hash", "未指向前一条记录的哈希")
        if e.recorded_at < recorded:
            yield Fault(e.id, e.position, "time_backwards", f"it was recorded before its predecessor, {recorded}", "记录时间早于前一条")
        previous, version, recorded = e.hash, e.version, max(recorded, e.recorded_at)
    if version < head.version:
        yield Fault(f"{head.stream}/{version + 1}", 0, "truncated", f"it is gone: the stream ends at version {version}, its head says {head.version}", f"已缺失：流止于版本 {version}，而头记录为 {head.version}")
    elif version > head.version or previous != head.hash:
        yield Fault(head.stream, 0, "head_wrong", "its head does not match its last entry", "头记录与最后一条不符")


_NAMED = 100
"""How many missing versions of one gap are named."""


def _unheaded(store: Store, missing: int) -> Iterable[Fault]:
    after = 0
    seen: set[str] = set()
    while page := store.page(after, 2000):
        after = page[-1].position
        for e in page:
            if e.stream not in seen:
                seen.add(e.stream)
                if e.stream not in store.heads([e.stream]):
                    yield Fault(e.id, e.position, "unheaded", f"its stream has no head; {missing} entries are concerned", "所在流没有头记录")
