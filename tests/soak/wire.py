"""A wire between a client and its PostgreSQL server that loses answers: what was asked is done, and nobody hears of it.

It also ends as a server does that crashes: with a warning that the client has yet to read when it writes again.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

_AT_ONCE = 1 << 16
_WARNING = b"SWARNING\0C57P02\0Mterminating connection because of crash of another server process\0\0"


class Wire:
    """Passes on what is said between clients and a server, over a socket of its own.

    Args:
        url: of a database.
        folder: where the socket is made; a short path.
        about: only answers to what contains one of these are lost.
        seed: of the chance by which they are.
    """

    def __init__(self, url: str, folder: Path, about: Sequence[bytes], seed: int = 0) -> None:
        parsed = sa.make_url(url)
        self._host = str(parsed.query.get("host") or parsed.host or "localhost")
        self._port = int(parsed.port or 5432)
        self.url = parsed.set(
            drivername="postgresql+psycopg", host=None, port=None, query={"host": str(folder)}
        ).render_as_string(hide_password=False)
        self.share, self.lost = 0.0, 0
        self._about = about
        self._chance = random.Random(seed)
        self._clients: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more clients."""
        self._listening.close()

    def crash(self) -> int:
        """Hang up on every client with the warning of a crash; return how many heard it."""
        clients, self._clients = self._clients, []
        heard = 0
        for client in clients:
            with suppress(OSError):
                client.sendall(b"N" + (len(_WARNING) + 4).to_bytes(4, "big") + _WARNING)
                client.shutdown(socket.SHUT_RDWR)
                heard += 1
        return heard

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._clients.append(client)
                server = self._dial()
                asked = threading.Event()
                for one, other, answers in ((client, server, False), (server, client, True)):
                    given = (one, other, asked, answers)
                    threading.Thread(target=self._pass, args=given, daemon=True).start()

    def _dial(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            return server
        return socket.create_connection((self._host, self._port))

    def _pass(self, one: socket.socket, other: socket.socket, asked: threading.Event, answers: bool) -> None:
        with suppress(OSError):
            while data := one.recv(_AT_ONCE):
                if not answers:
                    if any(words in data for words in self._about):
                        asked.set()
                elif asked.is_set():
                    # The server answers once it is done; so what it was asked has happened when its answer is lost.
                    asked.clear()
                    if self._chance.random() < self.share:
                        self.lost += 1
                        break
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
