"""Writers side by side: each is given its saves beforehand, all begin at one moment, and the last to end ends the span."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

NAME, PAYLOAD = 4, 32
"""Where an entry's columns hold what every peer stores."""


@dataclass(frozen=True)
class Span:
    """Units of work, and when on the machine's clock they were begun and done."""

    units: int
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


class Writer(Protocol):
    """Appends to one new stream."""

    def prepare(self, saves: int, per_save: int) -> list[Any]:
        """Return what the saves hold; not measured."""
        ...

    def save(self, prepared: Any) -> None:
        """Append one save."""
        ...


def timed(units: int, work: Callable[[], object]) -> Span:
    """Do a piece of work, from a clean slate as far as Python's collector goes."""
    gc.collect()
    began = time.monotonic()
    work()
    return Span(units, began, time.monotonic())


def side_by_side(writers: Sequence[Writer], saves: int, per_save: int, at: float | None = None) -> Span:
    """Let writers share so many saves, each in a thread of its own if there are several."""
    share = max(1, saves // len(writers))
    work = [writer.prepare(share, per_save) for writer in writers]
    gc.collect()
    if at is not None:
        time.sleep(max(0.0, at - time.monotonic()))
    ends: list[tuple[float, float]] = []
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(writers))

    def run(writer: Writer, prepared: list[Any]) -> None:
        save = writer.save
        try:
            barrier.wait()
            began = time.monotonic()
            for each in prepared:
                save(each)
            ends.append((began, time.monotonic()))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
            errors.append(error)

    if len(writers) == 1:
        run(writers[0], work[0])
    else:
        pairs = zip(writers, work, strict=True)
        threads = [threading.Thread(target=run, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]
    began, ended = min(b for b, _ in ends), max(e for _, e in ends)
    return Span(share * per_save * len(writers), began, ended)
