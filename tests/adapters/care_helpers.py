"""What the tests of a ledger's care share: what a place holds, row by row; writers in other processes; processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import guanxi
from guanxi_adapters.care import moving
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.keys import KeyTables, keys_url
from tests.adapters.sql.forms.make import OTHER_TENANT

TENANTS = ("main", OTHER_TENANT)
ROOT = Path(__file__).resolve().parents[2]


def rows(url: str, *, tenant: str | None = None) -> dict[str, list[Any]]:
    """Every row of a log and of its keys, by table; settings but for those that say how the database was made."""
    found = _rows_of(url, [*moving.log_tables(), schema.meta], tenant)
    keys = _rows_of(keys_url(url), None, tenant)
    return found | keys


def _rows_of(url: str, tables: list[sa.Table] | None, tenant: str | None) -> dict[str, list[Any]]:
    database = Database(url, create=False)
    try:
        wanted = KeyTables(database).metadata.sorted_tables if tables is None else tables
        with database.connected() as connection:
            found = {}
            for table in wanted:
                query = sa.select(table)
                if tenant is not None:
                    query = query.where(table.c.tenant == tenant)
                mine = [tuple(row) for row in connection.execute(query)]
                if "key" in table.c:
                    mine = [row for row in mine if row[0]]
                found[table.name] = sorted(mine, key=repr)
            return found
    finally:
        database.close()


def settings(url: str) -> dict[str, str]:
    """The settings of a whole database."""
    database = Database(url, create=False)
    try:
        with database.reading() as cursor:
            cursor.execute("SELECT key, value FROM guanxi_meta WHERE tenant = ''")
            return dict(cursor.fetchall())
    finally:
        database.close()


def faults(url: str, tenant: str = "main") -> tuple[guanxi.Fault, ...]:
    """What verification finds."""
    ledger = guanxi.open(url, tenant=tenant, create=False)
    try:
        return guanxi.verify(ledger.store).faults
    finally:
        ledger.close()


def is_ledger(url: str) -> bool:
    """Whether there is anything that would open as a ledger."""
    try:
        guanxi.open(url, create=False).close()
    except guanxi.Unavailable as error:
        if error.code in ("no_ledger_here", "no_such_file"):
            return False
        raise
    return True


_WRITER = """
import sys
import guanxi
ledger = guanxi.open(sys.argv[1], create=False)
name, number = sys.argv[2], 0
while True:
    number += 1
    command = f"{name}-{number}"
    ledger.execute(command, guanxi.OpenFile(name=f"of {command}"), actor="writer", command_id=command)
    ledger.execute(command, guanxi.RecordProfileFact(field_name="city", value="上海"), actor="writer")
    print(command, flush=True)
"""


class Writers:
    """Processes that open one file after another, until they are stopped."""

    def __init__(self, url: str, count: int) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, url, f"W{number}"], stdout=subprocess.PIPE, text=True
            )
            for number in range(count)
        ]
        self.acknowledged: set[str] = set()

    def wait_for(self, more: int) -> None:
        """Wait until each has been acknowledged so many more commands."""
        for process in self._processes:
            assert process.stdout is not None
            for _ in range(more):
                line = process.stdout.readline().strip()
                assert line, "a writer ended"
                self.acknowledged.add(line)

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@contextmanager
def writing(url: str, count: int = 2) -> Generator[Writers]:
    """Let processes write all the time; each has been acknowledged something before this begins."""
    writers = Writers(url, count)
    try:
        writers.wait_for(1)
        yield writers
    finally:
        writers.stop()


def forked(work: Callable[[], object]) -> int:
    """Do some work in a child process; return how that ended: 0, 256 after an exception, a signal's number."""
    pid = os.fork()
    if not pid:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1]


class DyingAt:
    """A progress callback with which a process kills itself at its nth call."""

    def __init__(self, call: int) -> None:
        self.call, self.calls = call, 0

    def __call__(self, *_told: object) -> None:
        self.calls += 1
        if self.calls == self.call:
            os.kill(os.getpid(), signal.SIGKILL)
