"""What a database can do for the log beyond plain SQL, as settled when the ledger was made there."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database


@attrs.frozen
class Capabilities:
    """What the log makes use of.

    Args:
        functions: functions of the server's own: an append in one round trip.
        advisory_locks: locks named by numbers, by which appends in flight are known.
        listen: notices from one connection to another.
    """

    functions: bool
    advisory_locks: bool
    listen: bool


_PLAIN = Capabilities(functions=False, advisory_locks=False, listen=False)
_POSTGRES = Capabilities(functions=True, advisory_locks=True, listen=True)


def capabilities_of(database: Database, settings: Mapping[str, str]) -> Capabilities:
    """Return what the log of a database makes use of.

    Args:
        database: the database.
        settings: what was recorded when its ledger was made.
    """
    serialised = settings.get(schema.POSITIONS_SETTING) == schema.SERIALISED
    return _PLAIN if database.is_sqlite or serialised else _POSTGRES
