"""The horizon: up to where the log can be read once and for all, since no append in flight will put anything there."""

from __future__ import annotations

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
        self._reached, self._as_of = 0, -1

    def now(self) -> int:
        """Return the horizon as of now.

        It has to be asked for before what is read up to it: a statement that asks for both sees an older state of the
        table than of the locks.
        """
        if not self._registered:
            return EVERYTHING
        with self._database.reading() as cursor:
            return self.seen_by(cursor)

    def seen_by(self, cursor: Any) -> int:
        """Return the horizon as of now, over a connection that is in no transaction whose state of the tables is fixed."""
        if not self._registered:
            return EVERYTHING
        made = self._database.connections_made
        cursor.execute("SELECT guanxi_horizon()")
        self._reached, self._as_of = int(cursor.fetchone()[0]), made
        return self._reached

    def beyond(self, position: int) -> int:
        """Return a horizon that lies beyond a position if there is one, an earlier one if that does, without asking again."""
        return self._reached if self._reached > position and not self.doubtful() else self.now()

    def doubtful(self) -> bool:
        """Return whether the server may have been restarted since it was asked last.

        What it had given to transactions that never ended, it may then give again. A server that was restarted has left
        every connection, so that whoever read since has made a new one.
        """
        return self._registered and self._as_of != self._database.connections_made

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
