"""The horizon: up to where the log can be read once and for all, since no append in flight will put anything there."""

from __future__ import annotations

import weakref
from typing import Any

from guanxi.kernel.ports import InFlight
from guanxi_adapters.sql.engine import Database

EVERYTHING = 2**63 - 1
"""A horizon beyond every position: where appends end in the order of their positions, all that is seen may be read."""

_WAITED_FOR = """
SELECT b.bound, a.xact_start, b.backend, a.usename, a.application_name, a.client_addr
FROM guanxi_bounds((SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM guanxi_entries_position_seq)) AS b
LEFT JOIN pg_stat_activity AS a ON a.pid = b.backend
ORDER BY b.bound
"""


class Horizon:
    """Tells how far the log of a database can be read.

    Args:
        database: where the log is.
        registered: whether appends are registered while they are in flight.
    """

    def __init__(self, database: Database, *, registered: bool) -> None:
        self._database, self._registered = database, registered
        self._reached: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    def seen_by(self, cursor: Any) -> int:
        """Return the horizon as of now.

        It has to be asked for before what is read up to it, and over the same connection: a statement that asks for both
        sees an older state of the table than of the locks; and a server that crashed in between, which ends every
        connection, may give again what it had given to transactions that never ended.

        Args:
            cursor: of a connection that is in no transaction whose state of the tables is fixed.
        """
        if not self._registered:
            return EVERYTHING
        cursor.execute("SELECT guanxi_horizon()")
        reached = self._reached[cursor.connection] = int(cursor.fetchone()[0])
        return reached

    def beyond(self, position: int, cursor: Any) -> int:
        """Return a horizon that lies beyond a position, as this connection saw it before; asked for anew if there is none."""
        if not self._registered:
            return EVERYTHING
        reached = self._reached.get(cursor.connection, 0)
        return reached if reached > position else self.seen_by(cursor)

    def in_flight(self) -> list[InFlight]:
        """Return the appends that readers wait for, the lowest first."""
        if not self._registered:
            return []
        with self._database.reading() as cursor:
            cursor.execute(_WAITED_FOR)
            rows = cursor.fetchall()
        return [
            InFlight(bound, None if since is None else since.isoformat(), pid, _who(user, program, address))
            for bound, since, pid, user, program, address in rows
        ]


def _who(user: str | None, program: str | None, address: Any) -> str:
    return " ".join(str(part) for part in (user, program, address) if part)
