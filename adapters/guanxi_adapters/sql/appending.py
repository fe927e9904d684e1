"""Appending: threads that append at once are committed together, and a connection that is lost leaves no doubt behind."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

from guanxi.kernel.errors import GuanxiError, Unavailable
from guanxi.kernel.ports import Append
from guanxi_adapters.sql.errors import failure
from guanxi_adapters.sql.writing import LARGE, REFUSED, TOGETHER, Writer, Written

PATIENT = 4
"""Threads of a process that wait for streams which somebody holds, each on a connection; the others wait for these."""

_UNKNOWN = "commit_unknown"
_LOST = frozenset({"connection_lost", _UNKNOWN})
_AGAIN = frozenset({"serialization_failure"})
_HELD = "database_locked"
_ATTEMPTS = 12
_SOONEST, _LATEST = 0.02, 0.5


class _Batch:
    """A batch on its way: who waits for it, and what became of it."""

    __slots__ = ("append", "leads", "outcome", "size", "woken")

    def __init__(self, append: Append) -> None:
        self.append = append
        self.size = sum(len(stream.entries) for stream in append.streams)
        self.outcome: Written | GuanxiError | None = None
        self.leads = False
        self.woken: threading.Lock | None = None

    def goes_with(self, others: Sequence[_Batch]) -> bool:
        """Return whether it can share a transaction with others: in ascending order of stream, and none of them large.

        Streams are locked in that order everywhere, so that no two writers wait for each other.
        """
        last = others[-1].append
        mine = self.append
        if self.size >= LARGE or others[-1].size >= LARGE or not mine.streams or not last.streams:
            return False
        return last.streams[-1].stream < mine.streams[0].stream


class Appending:
    """Writes batches on connections of the store's own.

    While one thread writes, others queue; whoever writes next takes with it what waits. A thread that is alone never
    waits. Each batch is written wholly or not at all, whatever becomes of the others. One whose stream somebody holds is
    left to its own thread, which waits for it alone. (Two transactions at once were
    slower: more of them, each with less in it.)

    Args:
        writer: writes them.
        patience: seconds for which a server that was lost is looked for.
        stored: returns the positions of a batch's entries if they are on record exactly so, else None.
    """

    def __init__(
        self, writer: Writer, *, patience: float, stored: Callable[[Append], list[int] | None]
    ) -> None:
        self._writer, self._patience, self._stored = writer, patience, stored
        self._begin()

    def append(self, batch: Append) -> list[int]:
        """Write a batch and return the positions of its entries.

        Raises:
            VersionConflict, ClaimTaken, CommandSeen: nothing of it was written.
            StoreError: nothing of it was written, but for ``commit_unknown``.
        """
        if os.getpid() != self._pid:
            self._begin()  # a forked child knows nothing of its parent's threads
        if self._held and any(s.stream in self._held for s in batch.streams):
            return self._told(self._patiently(batch))
        mine = _Batch(batch)
        if not self._enter(mine):
            self._wait(mine)
            if not mine.leads:
                return self._result(mine)
        group = [mine]
        try:
            group = self._gather(mine)
            self._write(group)
        finally:
            self._leave(group, mine)
        return self._result(mine)

    def _begin(self) -> None:
        self._pid, self._lock = os.getpid(), threading.Lock()
        self._waiting: deque[_Batch] = deque()
        self._leading = False
        self._held: Counter[str] = Counter()
        self._patient = threading.BoundedSemaphore(PATIENT)

    def _enter(self, mine: _Batch) -> bool:
        """Take the lead, or a place in the queue; False where the caller has to wait."""
        with self._lock:
            if not self._leading:
                self._leading = True
                return True
            mine.woken = threading.Lock()
            mine.woken.acquire()
            self._waiting.append(mine)
            return False

    def _wait(self, mine: _Batch) -> None:
        """Wait until the batch was written, or is to lead; whoever is interrupted meanwhile leaves no place behind."""
        assert mine.woken is not None
        try:
            mine.woken.acquire()
        except BaseException:
            with self._lock:
                queued = mine in self._waiting
                if queued:
                    self._waiting.remove(mine)
            if mine.leads:
                self._leave([], mine)
            raise

    def _gather(self, mine: _Batch) -> list[_Batch]:
        """Return what is to be written together: the leader's own batch and what waits that goes with it."""
        with self._lock:
            if not self._waiting:
                return [mine]
            candidates = sorted([mine, *self._waiting], key=_first_stream)
            group = [mine]
            place = candidates.index(mine)
            for other in candidates[place + 1 :]:
                if len(group) < TOGETHER and other.goes_with(group):
                    group.append(other)
            for other in reversed(candidates[:place]):
                if len(group) < TOGETHER and group[0].goes_with([other]):
                    group.insert(0, other)
            chosen = set(map(id, group))
            self._waiting = deque(b for b in self._waiting if id(b) not in chosen)
            return group

    def _leave(self, group: Sequence[_Batch], mine: _Batch) -> None:
        """Wake those whose batches were written, and let one that waits lead next."""
        for other in group:
            if other is not mine and other.woken is not None:
                other.woken.release()
        with self._lock:
            if not self._waiting:
                self._leading = False
                return
            following = self._waiting.popleft()
            following.leads = True
            assert following.woken is not None
            following.woken.release()

    def _write(self, group: Sequence[_Batch]) -> None:
        lost: Unavailable | None = None
        if len(group) > 1:
            try:
                outcomes = self._writer.write([b.append for b in group])
            except Unavailable as error:
                if error.code in _LOST:
                    lost = error  # nobody answered, so all of them may be on record
                elif not (error.code == _HELD and self._writer.by_stream):
                    for b in group:
                        b.outcome = error
                    return
            except GuanxiError:
                pass  # which of them it was shows when each is written alone
            else:
                for b, outcome in zip(group, outcomes, strict=True):
                    b.outcome = outcome
                return
        away: GuanxiError | None = None
        for b in group:
            try:
                b.outcome = away or (
                    self._write_alone(b.append) if lost is None else self._for_certain(b.append, lost)
                )
            except GuanxiError as error:
                b.outcome = error
                away = error if error.code == _UNKNOWN else None

    def _write_alone(self, batch: Append, *, patient: bool = False) -> Written:
        """Write one batch, again where another transaction came between, and for certain where the connection was lost."""
        for attempt in range(_ATTEMPTS):
            try:
                return self._writer.write([batch], patient=patient)[0]
            except Unavailable as error:
                if error.code in _LOST:
                    return self._for_certain(batch, error)
                if error.code not in _AGAIN or attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_SOONEST * attempt)
        raise AssertionError

    def _for_certain(self, batch: Append, lost: Unavailable) -> Written:
        """Write a batch again that may have been written already.

        If it was, or still is being written, its streams have moved on when it is written again; the entries stored there
        tell whether it was this batch that moved them.
        """
        deadline, pause = time.monotonic() + self._patience, _SOONEST
        while True:
            try:
                outcome = self._writer.write([batch], patient=True)[0]
                if isinstance(outcome, REFUSED):
                    stored = self._stored(batch)
                    return outcome if stored is None else stored
                return outcome
            except Unavailable as error:
                if time.monotonic() > deadline:
                    raise failure(_UNKNOWN, database=str(lost.facts.get("database", ""))) from error
                time.sleep(pause)
                pause = min(pause * 2, _LATEST)

    def _result(self, batch: _Batch) -> list[int]:
        outcome = batch.outcome
        if outcome is None:  # whoever wrote it was interrupted
            outcome = self._for_certain(batch.append, failure(_UNKNOWN))
        if isinstance(outcome, Unavailable) and outcome.code == _HELD and self._writer.by_stream:
            outcome = self._patiently(batch.append)
        return self._told(outcome)

    def _told(self, outcome: Written | GuanxiError) -> list[int]:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _patiently(self, batch: Append) -> Written:
        """Wait for streams that somebody holds, out of the others' way, and with few connections however many wait."""
        streams = [s.stream for s in batch.streams]
        with self._lock:
            self._held.update(streams)
        try:
            if not self._patient.acquire(timeout=self._patience):
                raise failure(_HELD)
            try:
                return self._write_alone(batch, patient=True)
            finally:
                self._patient.release()
        finally:
            with self._lock:
                self._held.subtract(streams)
                self._held = +self._held


def _first_stream(batch: _Batch) -> str:
    return batch.append.streams[0].stream if batch.append.streams else ""
