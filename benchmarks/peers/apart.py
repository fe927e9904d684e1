"""Speaks to peers in processes of their own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.peers import Stored
from benchmarks.peers.lanes import Span

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 20.0
_LEAD = 0.25


class Failed(Exception):
    """A peer could not do what it was told."""


class Apart:
    """A peer in a process of its own; see ``benchmarks.peers.Peer``.

    Args:
        python: the interpreter of its environment.
        name: which peer.
        url: the database.
        entries: what it appends.
    """

    def __init__(self, python: Path | str, name: str, url: str, entries: Stored = ()) -> None:
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.peers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self._say({"name": name, "url": url, "entries": [list(e) for e in entries]})
        except BaseException:
            self.close()
            raise

    def settings(self) -> dict[str, str]:
        """Return the effective settings of a connection that writes."""
        found: dict[str, str] = self._say({"do": "settings"})
        return found

    def append(self, writers: int, saves: int, per_save: int, at: float | None = None) -> Span:
        """Append to new streams."""
        order = {"do": "append", "writers": writers, "saves": saves, "per_save": per_save, "at": at}
        return Span(**self._say(order))

    def bulk(self, streams: int, length: int) -> Span:
        """Append many streams at once."""
        return Span(**self._say({"do": "bulk", "streams": streams, "length": length}))

    def fill(self, kind: str, events: int, times: int = 1) -> str:
        """Store members or counters."""
        return str(self._say({"do": "fill", "kind": kind, "events": events, "times": times}))

    def load(self, key: str) -> Span:
        """Bring one back."""
        return Span(**self._say({"do": "load", "key": key}))

    def log(self, page: int) -> Span:
        """Read the whole log."""
        return Span(**self._say({"do": "log", "page": page}))

    def close(self) -> None:
        """Let it end."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _say(self, order: dict[str, Any]) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise Failed("it ended") from error
        line = process.stdout.readline()
        if not line:
            raise Failed("it ended")
        said = json.loads(line)
        if "error" in said:
            raise Failed(said["error"])
        return said["answer"]


class Several:
    """The same peer in several processes, which append at the same time.

    Args:
        peers: one for each process.
    """

    def __init__(self, peers: Sequence[Apart]) -> None:
        self._peers = peers
        self._threads = ThreadPoolExecutor(len(peers))

    def append(self, saves: int, per_save: int) -> Span:
        """Let each append its share; the span is from the first one's beginning to the last one's end."""
        share, at = max(1, saves // len(self._peers)), time.monotonic() + _LEAD
        told = [self._threads.submit(p.append, 1, share, per_save, at) for p in self._peers]
        spans = [each.result() for each in told]
        return Span(sum(s.units for s in spans), min(s.began for s in spans), max(s.ended for s in spans))

    def close(self) -> None:
        """Let them end."""
        self._threads.shutdown()
        for peer in self._peers:
            peer.close()
