"""``guanxi project follow``, as processes of their own: one leads, others stand by and take over; rows count every entry once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import guanxi
from guanxi import OpenFile
from guanxi_adapters.sql import open_store
from tests.adapters.cli.conftest import Ran
from tests.adapters.cli.test_terminal import CONTROLS, GUANXI
from tests.adapters.sql.elsewhere import away, eventually
from tests.adapters.sql.samples import batch, growth
from tests.adapters.sql.tiny import FAILS, install

pytestmark = pytest.mark.slow

Start = Callable[..., "Process"]


class Process:
    """A running ``project follow`` and the states that it has told."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str]) -> None:
        self.lines, self.states, self.environment = list[str](), list[dict[str, Any]](), environment
        command = [sys.executable, "-m", "guanxi_adapters.cli", "project", "follow", *arguments]
        self.child = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.append(line)
            if line.startswith("{"):
                self.states.append(json.loads(line))

    @property
    def last(self) -> dict[str, Any]:
        return self.states[-1] if self.states else {"role": None, "position": 0, "lag": 1}

    @property
    def who(self) -> str:
        return f"/{self.child.pid}"

    def becomes(self, role: str) -> bool:
        return eventually(lambda: self.last["role"] == role)

    def is_level_at(self, position: int) -> bool:
        return eventually(lambda: self.last["position"] >= position and not self.last["lag"])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.child.send_signal(number)
        code = self.child.wait(20)
        self._reader.join(10)
        return code


@pytest.fixture
def url(shared_url: str) -> str:
    """A ledger with two customers."""
    ledger = guanxi.open(shared_url)
    for number in range(2):
        ledger.execute(f"C-{number}", OpenFile(name="李明"), actor="clerk")
    ledger.close()
    return shared_url


@pytest.fixture
def start(plain: None, url: str, tmp_path: Path) -> Iterator[Start]:
    """Start ``project follow`` on the ledger; what still runs in the end is killed."""
    begun: list[Process] = []
    folder = install(tmp_path / "plugins")

    def go(*arguments: str, fails: str = "", plugin: bool = False) -> Process:
        environment = {**os.environ, "GUANXI_DB": url, FAILS: fails}
        if plugin:
            environment["PYTHONPATH"] = str(folder)
        begun.append(Process(arguments or ["--json"], environment))
        return begun[-1]

    yield go
    for process in begun:
        if process.child.poll() is None:
            process.child.kill()
        process.child.wait(10)


@pytest.fixture
def shop(run: Callable[..., Ran], url: str) -> Callable[..., Ran]:
    return lambda *arguments: run(*arguments, "--db", url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_follows_what_is_appended_and_ends_in_order(
    start: Start, shop: Callable[..., Ran], number: int
) -> None:
    process = start()
    assert process.is_level_at(2)
    for customer in ("C-7", "C-8"):
        shop("execute", customer, "core.open_file")
    assert process.is_level_at(4)
    assert process.last["role"] == "leading"
    found = shop("project", "status", "--json").json()
    assert [(f["leads"], f["who"].endswith(process.who)) for f in found["followers"]] == [(True, True)]
    assert process.end(number) == 0
    assert process.child.stderr is not None
    assert process.child.stderr.read() == ""
    assert shop("project", "status", "--json").json()["followers"] == []
    assert all(c["equal"] for c in shop("project", "check", "--json").json() if c["model"] == "core.files")


def test_another_takes_over_when_the_leading_one_leaves_or_dies(
    start: Start, shop: Callable[..., Ran]
) -> None:
    first = start()
    assert first.becomes("leading")
    second, third = start(), start()
    assert second.becomes("standing_by")
    assert third.becomes("standing_by")
    assert second.last["leader"].endswith(first.who)
    status = shop("project", "status")
    assert status.out.count("standing by") == 2
    assert "待命" in shop("project", "status", "--lang", "zh").out
    assert first.end() == 0
    assert eventually(lambda: {second.last["role"], third.last["role"]} == {"leading", "standing_by"})
    leading, standing = sorted([second, third], key=lambda p: p.last["role"])
    leading.child.kill()
    killed = time.monotonic()
    assert standing.becomes("leading")
    print(f"taken over {time.monotonic() - killed:.2f} s after a kill")
    shop("execute", "C-9", "core.open_file")
    assert standing.is_level_at(3)
    assert standing.end() == 0


def test_rows_count_every_entry_once_though_the_leading_process_is_killed_again_and_again(
    start: Start, shop: Callable[..., Ran], url: str
) -> None:
    ledger, stop, written = guanxi.open(url), threading.Event(), 2

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            ledger.execute(f"W-{written}", OpenFile(name="王芳"), actor="clerk")
            written += 1

    writer = threading.Thread(target=write)
    processes = [start() for _ in range(2)]
    assert eventually(lambda: any(p.last["role"] == "leading" for p in processes))
    writer.start()
    for _ in range(4):
        found = next(p for p in processes if p.last["role"] == "leading" and p.child.poll() is None)
        at = found.last["position"]
        assert eventually(lambda found=found, at=at: found.last["position"] > at)
        found.child.kill()
        processes = [p for p in processes if p is not found] + [start()]
        assert eventually(lambda living=processes: any(p.last["role"] == "leading" for p in living))
    stop.set()
    writer.join(20)
    last = ledger.store.last_position()
    assert eventually(lambda: any(p.is_level_at(last) for p in processes))
    assert eventually(lambda: all(p.states for p in processes))  # before that, a signal just ends them
    for process in processes:
        assert process.end() == 0
    compared = shop("project", "check", "--json")
    assert compared.code == 0
    found_rows = {c["model"]: c["equal"] for c in compared.json()}
    assert found_rows["core.files"] == written
    ledger.close()


def test_a_parked_read_model_does_not_stop_the_others(start: Start, shop: Callable[..., Ran]) -> None:
    process = start(fails="two", plugin=True)
    assert process.is_level_at(2)
    environment = process.environment | {FAILS: ""}
    for word in ("one", "two", "three"):
        command = [GUANXI, "execute", "C-1", "tiny.note", f"text={word}"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    assert eventually(lambda: [p["name"] for p in process.last.get("parked", [])] == ["tiny.notes"])
    assert process.is_level_at(5)
    assert process.end() == 0
    done = subprocess.run(
        [GUANXI, "project", "status", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    models = {m["name"]: m for m in json.loads(done.stdout)["models"]}
    assert models["tiny.counts"]["position"] == 5
    assert models["tiny.notes"]["parked_at"] == 4


def test_programs_with_other_read_models_have_another_leader(start: Start, shop: Callable[..., Ran]) -> None:
    old, new = start(), start(plugin=True)
    assert old.becomes("leading")
    assert new.becomes("leading")
    found = shop("project", "status", "--json").json()["followers"]
    assert [f["leads"] for f in found] == [True, True]
    assert len({f["group"] for f in found}) == 2
    assert old.end() == new.end() == 0


def test_a_server_that_is_away_is_waited_for(plain: None, postgres_url: str) -> None:
    ledger = guanxi.open(postgres_url)
    ledger.execute("C-1", OpenFile(name="李明"), actor="clerk")
    process = Process(["--json"], {**os.environ, "GUANXI_DB": postgres_url})
    assert process.is_level_at(1)
    away(postgres_url, True)
    assert process.becomes("waiting")
    assert process.last["waiting_since"]
    assert "connection" in process.last["trouble"] or "database" in process.last["trouble"]
    away(postgres_url, False)
    ledger.execute("C-2", OpenFile(name="李明"), actor="clerk")
    assert process.is_level_at(ledger.store.last_position())
    assert process.last["role"] == "leading"
    assert process.end() == 0
    ledger.close()


def test_in_a_pipe_it_says_what_changes_line_by_line(start: Start, shop: Callable[..., Ran]) -> None:
    process = start("--lang", "en")
    assert eventually(lambda: any("leading · position 2 · level" in line for line in process.lines))
    shop("execute", "C-3", "core.open_file")
    assert eventually(lambda: any("position 3" in line for line in process.lines))
    assert process.end() == 0
    assert not any("\x1b" in line or "\r" in line for line in process.lines)


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals to fork")
def test_on_a_terminal_it_stays_on_one_line(db: str) -> None:
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({"TERM": "xterm-256color", "LC_ALL": "zh_CN.UTF-8"})
        os.execv(GUANXI, [GUANXI, "project", "follow", "--db", db])
    written = b""
    while "执行中".encode() not in written:
        written += os.read(terminal, 65_536)
    os.write(terminal, b"\x03")
    while True:
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    shown = CONTROLS.sub("", written.decode()).replace("\r\n", "\n").rstrip("\n")
    assert "执行中 · 日志位置" in shown
    assert len([line for line in shown.split("\n") if "执行中" in line]) == 1


def test_status_says_whom_readers_wait_for(run: Callable[..., Ran], postgres_url: str) -> None:
    store = open_store(postgres_url)
    with store.engine.connect() as host:
        host.begin()
        host.execute(sa.text("SET application_name = 'the till'"))
        store.append(batch(growth("a", 0)), host)
        pid = host.execute(sa.text("SELECT pg_backend_pid()")).scalar()
        guanxi.open(postgres_url).close()
        (wait,) = run("project", "status", "--json", "--db", postgres_url).json()["in_flight"]
        assert (wait["position"], wait["pid"]) == (1, pid)
        assert "the till" in wait["who"]
        told = " ".join(run("project", "status", "--db", postgres_url).out.split())
        assert "Readers wait at position 1 for an append that began" in told
        assert "the till" in told
        assert "读者停在位置 1" in run("project", "status", "--lang", "zh", "--db", postgres_url).out
        host.rollback()
    assert run("project", "status", "--json", "--db", postgres_url).json()["in_flight"] == []
    store.close()
