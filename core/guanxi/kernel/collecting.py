"""Keeps Python's cyclic garbage collector from walking young objects again and again while one stream's are being made."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_depth = 0
_was_enabled = False


@contextmanager
def collector_paused() -> Generator[None]:
    """Pause the collector for a short piece of work that makes many objects and no cycles.

    Calls may nest and run in several threads; the last to leave restores what the host had set.
    """
    global _depth, _was_enabled  # noqa: PLW0603 - the collector is one per process, and so is this
    with _lock:
        if _depth == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0 and _was_enabled:
                gc.enable()
