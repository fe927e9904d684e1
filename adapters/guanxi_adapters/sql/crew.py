"""Folding read models in several processes: whole timelines up to one position, each process taking its share of the streams.

A worker is a fresh interpreter that opens the ledger again by its URL and sends rows back, which the caller writes; it is told
what to do on its standard input, so that no password stands among a process's arguments. A fork would be quicker to start, but
inherits whatever locks the host's other threads held at that moment.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import msgspec

from guanxi.kernel.collecting import collector_paused
from guanxi.kernel.errors import GuanxiError, StoreError, Unavailable
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel

if TYPE_CHECKING:
    from guanxi_adapters.sql.log import SqlStore

MANY_ENTRIES = 200_000
"""Above so many entries, several workers fold unless it is said otherwise: below, starting them costs more than they save."""

MOST_WORKERS = 4
"""Workers at most, unless it is said otherwise; the caller writes what they fold."""

_STREAMS_AT_ONCE = 500
_FRAMES_WAITING = 4
_LENGTH_BYTES = 4
_OBJECTS_BETWEEN_COLLECTIONS = 500_000
_LAST_CHARACTERS = 2_000
_START = (
    "import sys, json; said = sys.stdin.buffer.read(); sys.path[:] = json.loads(said)['path'];"
    " from guanxi_adapters.sql.crew import work; work(said)"
)


class Recipe(msgspec.Struct, frozen=True):
    """How another process opens the same ledger."""

    url: str
    tenant: str
    keys: str
    plugins: list[str]


class Task(msgspec.Struct, frozen=True):
    """What one worker does: which models it folds, up to where, and which share of the streams is its own."""

    path: list[str]
    recipe: Recipe
    models: list[tuple[str, int]]
    position: int
    share: int
    shares: int


class Frame(msgspec.Struct, array_like=True):
    """What a worker sends: entries folded and rows by model, models that failed, or why it cannot go on."""

    entries: int = 0
    rows: list[tuple[int, list[tuple[Any, ...]]]] = []
    failed: list[int] = []
    refused: str | None = None
    error: str | None = None
    done: bool = False


class NoCrew(Exception):
    """Workers could not open the ledger; nothing was folded."""


def wanted(workers: int | None, entries: int) -> int:
    """Return how many workers fold a log of so many entries; as many as said, if anything was."""
    if workers is not None:
        return workers
    if entries <= MANY_ENTRIES:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def recipe_for(store: SqlStore, source: Any) -> Recipe | Label:
    """Return how another process opens this ledger, or why none can."""
    from guanxi_adapters.sql.keys import SqlKeyring

    installed = getattr(source, "installed", None)
    keyring = getattr(source.sealer, "keyring", None)
    if store.database.is_memory:
        return Label("the database is in memory", "数据库位于内存中")
    if not isinstance(keyring, SqlKeyring) or keyring.database.is_memory:
        return Label("the keys cannot be opened by another process", "其他进程无法打开密钥")
    if not sys.executable:
        return Label("this program does not say where its Python is", "本程序未给出 Python 解释器的位置")
    if installed is None or not _found_again(installed):
        return Label(
            "its plugins were handed over directly, so another process cannot find them",
            "插件由程序直接传入，其他进程无法找到",
        )
    return Recipe(
        store.database.parsed.render_as_string(hide_password=False),
        store.tenant,
        keyring.database.parsed.render_as_string(hide_password=False),
        [p.name for p in installed if p.parts is not None],
    )


def _found_again(installed: Sequence[Any]) -> bool:
    """Return whether a fresh look at the environment finds the very same events and read models."""
    from guanxi.kernel.plugins import discover

    handed = {p.name: p.parts for p in installed if p.parts is not None}
    # Others are left alone: a plugin that the host keeps out is not to be imported here either.
    found = {p.name: p.parts for p in discover(allow=list(handed)) if p.parts is not None} if handed else {}
    return all(name in found and _same(parts, found[name]) for name, parts in handed.items())


def _same(one: Any, other: Any) -> bool:
    pairs = ((p.events, p.read_models, p.upcasters) for p in (one, other))
    left, right = (tuple(thing for group in groups for thing in group) for groups in pairs)
    return len(left) == len(right) and all(a is b or a == b for a, b in zip(left, right, strict=True))


class Crew:
    """Worker processes over one log, from their start until they are closed.

    Args:
        recipe: how they open the ledger.
        models: what they fold.
        position: up to which entry.
        count: how many they are.
    """

    def __init__(self, recipe: Recipe, models: Sequence[ReadModel[Any]], position: int, count: int) -> None:
        self._frames: queue.Queue[tuple[int, bytes | None]] = queue.Queue(_FRAMES_WAITING * count)
        self._stopped = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._complaints: list[IO[bytes]] = []
        named = [(m.name, m.version) for m in models]
        try:
            for share in range(count):
                self._start(Task([p or "." for p in sys.path], recipe, named, position, share, count))
        except OSError as error:
            self.close()
            raise NoCrew(str(error)) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def frames(self) -> Iterator[Frame]:
        """Yield what the workers send until all have done.

        Raises:
            NoCrew: one could not open the ledger.
            Unavailable: ``worker_failed`` when one ended before it had done.
        """
        working, decoder = set(range(len(self._processes))), msgspec.msgpack.Decoder(Frame)
        while working:
            share, body = self._frames.get()
            if body is None and share not in working:
                continue
            if body is None:
                raise self._ended(share)
            try:
                with collector_paused():
                    frame = decoder.decode(body)
            except msgspec.MsgspecError as error:
                raise _failed(f"it sent what nobody can read: {error}") from error
            if frame.refused is not None:
                raise NoCrew(frame.refused)
            if frame.error is not None:
                raise _failed(frame.error)
            if frame.done:
                working.discard(share)
            yield frame

    def close(self) -> None:
        """End what still works."""
        self._stopped.set()
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        for complaint in self._complaints:
            complaint.close()

    def _start(self, task: Task) -> None:
        complaint = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the crew
        self._complaints.append(complaint)
        process = subprocess.Popen(
            [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaint
        )
        self._processes.append(process)
        said: Any = process.stdin
        with suppress(BrokenPipeError):  # it ended at once; whoever listens to it will notice
            said.write(msgspec.json.encode(task))
            said.close()
        threading.Thread(target=self._listen, args=(len(self._processes) - 1,), daemon=True).start()

    def _listen(self, share: int) -> None:
        stream: Any = self._processes[share].stdout
        with suppress(OSError, ValueError):  # cut off, as when it is closed: as if it had ended
            while head := stream.read(_LENGTH_BYTES):
                length = int.from_bytes(head, "big")
                body = stream.read(length)
                if len(body) < length:
                    break
                self._put(share, body)
        self._put(share, None)

    def _put(self, share: int, body: bytes | None) -> None:
        while not self._stopped.is_set():
            try:
                self._frames.put((share, body), timeout=0.2)
                return
            except queue.Full:
                continue

    def _ended(self, share: int) -> Unavailable:
        code = self._processes[share].wait()
        complaint = self._complaints[share]
        complaint.seek(0)
        lines = complaint.read().decode(errors="replace").strip().splitlines()
        return _failed(f"exit code {code}" + (f": {lines[-1]}" if lines else ""))


def _failed(said: str) -> Unavailable:
    return Unavailable(
        "worker_failed",
        f"a worker of the rebuild ended before it had done ({said}); the live rows are as they were",
        zh=f"重建的一个工作进程提前结束（{said}）；现有数据行未受影响",
        accepts="the rebuild again, with one worker if this happens once more",
    )


# In the worker


def work(said: bytes) -> None:
    """Do a task; what a worker process runs."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what handlers print must not stand between rows
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller ends its workers itself
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)  # folding makes many objects and hardly a cycle
    worker = _Worker(msgspec.json.decode(said, type=Task), out)
    try:
        worker.run()
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more
    out.close()


class _Worker:
    def __init__(self, task: Task, out: IO[bytes]) -> None:
        self._task, self._out = task, out
        self._encode = msgspec.msgpack.Encoder().encode

    def run(self) -> None:
        try:
            ledger, models = self._open()
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller folds alone then
            self._send(Frame(refused=_told(error)))
            return
        try:
            self._fold_all(ledger, models)
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - told to the caller, who raises it
            self._send(Frame(error=_told(error)))
            return
        finally:
            ledger.close()
        self._send(Frame(done=True))

    def _open(self) -> tuple[Any, list[ReadModel[Any]]]:
        import guanxi
        from guanxi.kernel.plugins import discover

        recipe = self._task.recipe
        plugins = discover(allow=recipe.plugins)
        ledger = guanxi.open(
            recipe.url, tenant=recipe.tenant, keys=recipe.keys, create=False, plugins=plugins
        )
        known = {(m.name, m.version): m for m in ledger.reporting.models}
        try:
            return ledger, [known[wanted] for wanted in self._task.models]
        except KeyError:
            ledger.close()
            raise

    def _fold_all(self, ledger: Any, models: list[ReadModel[Any]]) -> None:
        from guanxi.kernel.read_models import Sorted
        from guanxi_adapters.sql.model_tables import Changes, ModelTable

        task, store, source = self._task, ledger.store, ledger.source()
        tables: dict[int, ModelTable] = {
            n: ModelTable(m, store.database, store.tenant) for n, m in enumerate(models)
        }
        after = ""
        while heads := store.streams(None, after, _STREAMS_AT_ONCE * task.shares):
            after = heads[-1].stream
            mine = [h.stream for h in heads if zlib.crc32(h.stream.encode()) % task.shares == task.share]
            rows_of = store.fold_rows_of(mine, up_to_position=task.position)
            changes = {n: Changes(table, source.sealer) for n, table in tables.items()}
            for stream in mine:
                rows = rows_of.get(stream)
                if rows:
                    timeline = Sorted(source.timeline(stream, rows))
                    for n in [n for n in tables if not _fold(changes[n], stream, timeline.of(models[n]))]:
                        del tables[n]
                        self._send(Frame(failed=[n]))
            entries = sum(len(rows) for rows in rows_of.values())
            found = [(n, changes[n].rows) for n in tables if changes[n].rows]
            self._send(Frame(entries=entries, rows=found))

    def _send(self, frame: Frame) -> None:
        body = self._encode(frame)
        self._out.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
        self._out.flush()


def _fold(changes: Any, stream: str, timeline: Any) -> bool:
    """Fold a stream's rows; False where the model fails, which the caller then folds alone to find the entry."""
    try:
        changes.remake(stream, timeline)
    except StoreError:
        raise
    except Exception:  # noqa: BLE001 - whatever a model's handler raises fails that model alone
        return False
    return True


def _told(error: Exception) -> str:
    text = error.describe() if isinstance(error, GuanxiError) else f"{type(error).__name__}: {error}"
    return text[:_LAST_CHARACTERS]
