"""Wake-ups: a bell that rings when something may have been appended, so that whoever follows the log need not look all the time.

A ring is only a hint. It may come without reason and it may be lost; so an ear that hears nothing lets its owner look
again after a while, and nothing depends on a ring but how soon an entry is seen.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from guanxi.kernel.errors import GuanxiError
from guanxi_adapters.sql.engine import Database

CHANNEL = "guanxi_appended"
"""PostgreSQL's channel, which each database has of its own; ledgers in several schemas of one wake each other, which harms nothing."""

SOONEST, LATEST = 0.005, 0.25
"""Seconds until an ear that was rung looks again, doubled from the first to the second: appends of the next moments may not ring."""

PATIENCE = 2.0
"""Seconds until an ear looks again that heard nothing, though somebody listens for it."""

BETWEEN_NOTICES = 0.02
"""Seconds between two notices of one process: at commit each takes a lock of the whole server."""

_AGAIN_SOONEST, _AGAIN_LATEST = 0.1, 5.0
_GLANCE_SOONEST, _GLANCE_LATEST = 0.005, 0.05
_PROOF = 30.0
"""Seconds of silence after which the listening connection has to prove that it is still one."""

_STOPPING = 2.0

_lines: weakref.WeakValueDictionary[tuple[str, ...], _Line] = weakref.WeakValueDictionary()
_lines_guard = threading.Lock()
_inherited: list[object] = []  # a parent process's connections: never collected here


class Bell:
    """What rings, and is heard, for one database; all bells of a process over one database share one listening connection.

    Args:
        database: which.
        listens: whether the server has LISTEN and NOTIFY, if it is a PostgreSQL; without them ears look by themselves.
    """

    def __init__(self, database: Database, *, listens: bool = True) -> None:
        self._database = database
        self._notifies = listens and not database.is_sqlite
        self._line = _line_of(database, listens)

    def ring(self, connection: sa.Connection | None = None) -> None:
        """Tell all who follow that something was appended; call it after the commit.

        Args:
            connection: the host's own connection, whose transaction holds the append; then the notice goes with its commit.
        """
        if connection is not None:
            if self._notifies:
                with self._database.reading(connection) as cursor:
                    cursor.execute(f"NOTIFY {CHANNEL}")
            return
        for ear in self._line.ears:
            ear.ring()
        if self._notifies:
            self._notify()

    def ear(self) -> Ear:
        """Return a new ear at this bell, to be closed in the end."""
        return Ear(self._line, self._database)

    def _notify(self) -> None:
        now = time.monotonic()
        if now < self._line.silent_until or self._database.read_only:
            return
        self._line.silent_until = now + BETWEEN_NOTICES
        # What was appended is safe; listeners who miss a notice look by themselves.
        with suppress(GuanxiError), self._database.reading() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class Ear:
    """Where one follower waits for the bell; made by ``Bell.ear``. One thread waits, any may close it."""

    def __init__(self, line: _Line, database: Database) -> None:
        self._line, self._database = line, database
        self._rung = threading.Event()
        self._pause = SOONEST
        self.closed = False

    def wait(self, at_most: float | None = None, *, found: bool = False) -> bool:
        """Return when it is time to look again: the bell rang, or a pause is over, which grows while it is silent.

        Args:
            at_most: seconds.
            found: whether the last look found something, so that more may follow soon.

        Returns:
            Whether the bell rang.
        """
        if self.closed:
            return False
        self._line.attend(self, self._database)
        if found:
            self._pause = SOONEST
        waited_long = self._pause > LATEST
        pause = (PATIENCE if self._line.listening else LATEST) if waited_long else self._pause
        if self._rung.wait(pause if at_most is None else min(pause, at_most)):
            self._rung.clear()
            self._pause = SOONEST
            return True
        if not waited_long:
            self._pause *= 2
        return False

    def ring(self) -> None:
        """End a wait, or the next one."""
        if not self._rung.is_set():
            self._rung.set()

    def close(self) -> None:
        """End a wait for good. The last ear that closes ends the listening, too."""
        self.closed = True
        self._rung.set()
        self._line.leave(self)

    def renew(self) -> None:
        """Begin anew in a forked child, where no other thread will ever release a lock."""
        closed, self._rung = self.closed, threading.Event()
        if closed:
            self._rung.set()


class _Line:
    """The ears of one process at one database, and the thread that listens for them while there are any."""

    def __init__(self, kind: type[_Listener] | None) -> None:
        self.ears: tuple[Ear, ...] = ()
        self.listening, self.silent_until = False, 0.0
        self._kind, self._lock = kind, threading.Lock()
        self._listener: _Listener | None = None

    def attend(self, ear: Ear, database: Database) -> None:
        if ear in self.ears and (self._kind is None or self._listener is not None):
            return
        with self._lock:
            if ear.closed:
                return
            if ear not in self.ears:
                self.ears = (*self.ears, ear)
            if self._kind is not None and self._listener is None:
                self._listener = self._kind(self, database)
                self._listener.start()

    def leave(self, ear: Ear) -> None:
        with self._lock:
            self.ears = tuple(e for e in self.ears if e is not ear)
            ended = None if self.ears else self._listener
            if ended is not None:
                self._listener = None
        if ended is not None:
            ended.stop()

    def ring(self) -> None:
        for ear in self.ears:
            ear.ring()

    def heard_by(self, listener: _Listener, listening: bool) -> None:
        """Note whether somebody listens; what a listener says that was replaced is of no interest."""
        if self._listener is listener and self.listening != listening:
            self.listening = listening
            self.ring()  # what was appended before was not heard; and from now on pauses are others

    # Forks

    def before_fork(self) -> None:
        self._lock.acquire()
        if self._listener is not None:
            self._listener.before_fork()

    def after_fork_in_parent(self) -> None:
        if self._listener is not None:
            self._listener.after_fork()
        self._lock.release()

    def after_fork_in_child(self) -> None:
        _inherited.append(self._listener)
        self._lock, self._listener, self.listening = threading.Lock(), None, False
        for ear in self.ears:
            ear.renew()
        self.ears = ()  # an ear that is used in the child attends again


class _Listener(threading.Thread):
    """Listens in the background: keeps a connection of its own, and gets a new one when it is lost."""

    def __init__(self, line: _Line, database: Database) -> None:
        super().__init__(name="guanxi-bell", daemon=True)
        self._line, self._database = line, database
        self._over = False
        self._woken, self._waker = socket.socketpair()
        self._using = threading.Lock()
        self._open: Any = None

    def stop(self) -> None:
        self._over = True
        with suppress(OSError):
            self._waker.send(b"\0")
        if threading.current_thread() is not self:
            self.join(_STOPPING)

    def run(self) -> None:
        pause = _AGAIN_SOONEST
        while not self._over:
            # Whatever goes wrong here delays wake-ups and nothing else: ears look by themselves meanwhile.
            with suppress(Exception), self._connected() as connection:
                self._begin(connection)
                self._line.heard_by(self, listening=True)
                pause = _AGAIN_SOONEST
                self._hear(connection)
            self._line.heard_by(self, listening=False)
            if not self._over:
                self._rest(pause)
                pause = min(pause * 2, _AGAIN_LATEST)
        self._woken.close()
        self._waker.close()

    def _rest(self, seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.select(seconds)

    @contextmanager
    def _connected(self) -> Generator[Any]:
        """Give a driver's connection that the pool keeps no account of."""
        with self._using:
            connection = self._database.open_connection()
            connection.detach()
            driver: Any = connection.connection.dbapi_connection
            self._open = driver
        try:
            yield driver
        finally:
            with self._using, suppress(Exception):  # the server may be gone; there is nothing to say to it
                self._open = None
                connection.invalidate()
                driver.close()

    def _begin(self, connection: Any) -> None:
        raise NotImplementedError

    def _hear(self, connection: Any) -> None:
        """Ring for as long as the connection lasts and nobody stops it."""
        raise NotImplementedError

    def before_fork(self) -> None:
        """Leave nothing to a child that it must not have."""

    def after_fork(self) -> None:
        """Go on in the parent."""


class _Notified(_Listener):
    """Is told by PostgreSQL."""

    def _begin(self, connection: Any) -> None:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")

    def _hear(self, connection: Any) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._over:
                if not selector.select(_PROOF):
                    connection.execute("SELECT 1")
                if list(connection.notifies(timeout=0)):
                    self._line.ring()


class _Glancing(_Listener):
    """Asks an SQLite file whether anybody changed it: a look at its header in shared memory, a few microseconds."""

    def _begin(self, connection: Any) -> None:
        """Nothing is needed."""

    def _hear(self, connection: Any) -> None:
        version, pause = -1, _GLANCE_SOONEST
        while not self._over:
            with self._using:
                if self._open is None:
                    return  # closed for a fork
                (found,) = connection.execute("PRAGMA data_version").fetchone()
            if found != version:
                version, pause = found, _GLANCE_SOONEST
                self._line.ring()
            else:
                pause = min(pause * 2, _GLANCE_LATEST)
            self._rest(pause)

    def before_fork(self) -> None:
        """Close the connection: a child would inherit SQLite's account of its locks without the locks."""
        self._using.acquire()
        if self._open is not None:
            self._open.close()
            self._open = None

    def after_fork(self) -> None:
        """Let the thread open another."""
        self._using.release()


def _line_of(database: Database, listens: bool) -> _Line:
    """Return the line that a process has to a database."""
    kind: type[_Listener] | None = None
    key: tuple[str, ...]
    if database.path is not None:
        key, kind = ("sqlite", os.path.realpath(database.path)), _Glancing
    elif database.is_sqlite:
        key = ("memory", str(id(database)))
    else:
        key = ("postgresql", database.parsed.render_as_string(hide_password=False), str(listens))
        kind = _Notified if listens else None
    with _lines_guard:
        line = _lines.get(key)
        if line is None:
            line = _lines[key] = _Line(kind)
        return line


_forking: list[_Line] = []


def _before_fork() -> None:
    _lines_guard.acquire()
    _forking[:] = list(_lines.values())
    for line in _forking:
        line.before_fork()


def _after_fork_in_parent() -> None:
    for line in _forking:
        line.after_fork_in_parent()
    _forking.clear()
    _lines_guard.release()


def _after_fork_in_child() -> None:
    global _lines_guard  # noqa: PLW0603 - the parent's may be held for ever
    _lines_guard = threading.Lock()
    for line in _forking:
        line.after_fork_in_child()
    _forking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )

__all__ = ["Bell", "Ear"]
