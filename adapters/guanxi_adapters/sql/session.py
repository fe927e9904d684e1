"""What a connection to PostgreSQL is told about itself: whose tenant it works for, which policies on the rows go by."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

TENANT = "guanxi.tenant"
"""Setting that names the tenant; every connection of a store and of a keyring has it."""

OPERATOR = "guanxi.operator"
"""Setting with which the owner of the tables asks to see which tenants there are; for one transaction."""

_Mark = tuple[Any, Any, tuple[tuple[str, str], ...]]

_told: weakref.WeakKeyDictionary[sa.Connection, _Mark] = weakref.WeakKeyDictionary()


def of(tenant: str) -> dict[str, str]:
    """Return the settings of a tenant's own connections."""
    return {TENANT: tenant}


def bind(connection: sa.Connection, settings: Mapping[str, str]) -> None:
    """Tell a host's connection whose it is, for the length of the host's transaction.

    A savepoint that is rolled back takes with it what was said inside it, so it is said again for each; and again
    whenever two ledgers take turns on one connection.

    Args:
        connection: the host's own, to PostgreSQL.
        settings: what to say.
    """
    if not settings:
        return
    transaction = connection.get_transaction()
    mark: _Mark | None = None
    if transaction is not None:
        nested = connection.get_nested_transaction()
        mark = (
            weakref.ref(transaction),
            None if nested is None else weakref.ref(nested),
            tuple(settings.items()),
        )
        if _told.get(connection) == mark:
            return
    raw: Any = connection.connection.dbapi_connection
    with raw.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, %s)", (name, value, not raw.autocommit))
    if mark is None:
        _told.pop(connection, None)
    else:
        _told[connection] = mark
