"""Keeps the processes of a round alive, and sees to it that they die: kills, cut sessions, crashes, a full disk."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.soak.server import Filler, OwnServer, Server
from tests.soak.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 400
"""Bytes of notes by which a process shows that it is at work."""

PATIENCE = 180.0
"""Seconds that a process may take to finish once it was told to."""


class Crew:
    """The processes of a round; a killed one is started again, under its old name.

    Args:
        settings: of the round.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roles = {
            f"{role}-{n}": role
            for role, count in (
                ("writer", settings.writers),
                ("reader", settings.readers),
                ("projector", settings.projectors),
            )
            for n in range(count)
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: dict[str, int] = {}
        self.died: dict[str, int] = {}

    def names(self, role: str) -> list[str]:
        """Return the names of those who play a role."""
        return [name for name, played in self._roles.items() if played == role]

    def busy(self, role: str) -> list[str]:
        """Return the names of those who have done something since they were started last."""
        return [name for name in self.names(role) if self._size(name) > self._begun[name] + ENOUGH]

    def wait_until_busy(self) -> None:
        """Return once every writer is at work, or after a while, so that a round is as long on a slow machine."""
        deadline = time.monotonic() + PATIENCE
        while len(self.busy("writer")) < len(self.names("writer")) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _size(self, name: str) -> int:
        path = self._settings.journal(name)
        return path.stat().st_size if path.exists() else 0

    def start(self) -> None:
        """Start everybody."""
        for name in self._roles:
            self._start(name)

    def _start(self, name: str) -> None:
        role = self._roles[name]
        self._begun[name] = self._size(name)
        command = [sys.executable, "-m", "tests.soak.worker", role, name, self._settings.encode()]
        # What it says goes beside its journal: drivers have much to say about connections that are cut.
        with (Path(self._settings.folder) / f"{name}.said").open("ab") as said:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )

    def kill(self, name: str) -> None:
        """Kill one with -9 and start it again."""
        process = self._processes[name]
        process.kill()
        process.wait()
        self._start(name)

    def look_after(self) -> None:
        """Start again whoever ended by itself, which nobody should before the end."""
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None and not self._settings.stop.exists():
                self.died[name] = code
                self._start(name)

    def finish(self) -> list[str]:
        """Tell the writers to finish, then those who follow; return who did not."""
        self._settings.stop.touch()
        late = self._wait(self.names("writer"))
        self._settings.written.touch()
        return late + self._wait(self.names("reader") + self.names("projector"))

    def _wait(self, names: Sequence[str]) -> list[str]:
        deadline, late = time.monotonic() + PATIENCE, list[str]()
        for name in names:
            process = self._processes[name]
            try:
                code = process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                late.append(name)
            else:
                if code:
                    self.died[name] = code
        return late

    def kill_all(self) -> None:
        """Leave nobody behind."""
        for process in self._processes.values():
            process.kill()
            process.wait()


class Trouble:
    """Does one cruel thing after the other, drawn by chance.

    Args:
        settings: of the round.
        crew: whom to kill.
        server: whose sessions to cut, and which to crash if it is our own; None for SQLite.
        filler: fills the database's disk, if that is a small one.
    """

    def __init__(self, settings: Settings, crew: Crew, server: Server | None, filler: Filler | None) -> None:
        self._settings, self._crew, self._server, self._filler = settings, crew, server, filler
        self._chance = settings.chance("trouble")
        self.done: Counter[str] = Counter()
        self._ways: Mapping[Callable[[], None], int] = {
            self._kill_writer: 40,
            self._kill_reader: 14,
            self._kill_projector: 14,
            **({self._cut_one: 18, self._cut_all: 5} if server is not None else {}),
            **({self._crash: 7} if server is not None and server.can_crash else {}),
            **({self._fill: 8} if filler is not None else {}),
        }

    def cause(self) -> None:
        """Wait a little, then do something."""
        time.sleep(self._chance.uniform(0.2, 1.8))
        self._crew.look_after()
        self._chance.choices(list(self._ways), list(self._ways.values()))[0]()

    def _kill_one(self, role: str) -> None:
        # Killing those who are only just coming up would prove nothing, and on a slow machine nobody would ever come up.
        busy = self._crew.busy(role)
        if busy:
            self._crew.kill(self._chance.choice(busy))
            self.done[f"{role}s killed"] += 1

    def _kill_writer(self) -> None:
        self._kill_one("writer")

    def _kill_reader(self) -> None:
        self._kill_one("reader")

    def _kill_projector(self) -> None:
        self._kill_one("projector")

    def _cut_one(self) -> None:
        assert self._server is not None
        self.done["sessions cut"] += self._server.cut(self._settings.url, every=False)

    def _cut_all(self) -> None:
        assert self._server is not None
        self.done["sessions cut"] += self._server.cut(self._settings.url, every=True)

    def _crash(self) -> None:
        server = self._server
        assert isinstance(server, OwnServer)
        server.crash()
        time.sleep(self._chance.uniform(0.0, 0.5))
        server.start()
        self.done["server crashes"] += 1

    def _fill(self) -> None:
        assert self._filler is not None
        self._filler.fill()
        time.sleep(self._chance.uniform(0.3, 1.5))
        self._filler.release()
        self.done["disk filled"] += 1
        if isinstance(self._server, OwnServer) and not self._server.running():
            self._server.start()
            self.done["server stopped by a full disk"] += 1
