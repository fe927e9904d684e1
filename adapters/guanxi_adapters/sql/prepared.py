"""Prepared statements on PostgreSQL by the driver's own lowest layer: for the one statement that every append waits for.

A cursor converts, adapts and waits in Python, which takes longer than the server takes. Here texts go in and whole numbers
come out, and the interpreter is free while the server works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.pool import PoolProxiedConnection

_KNOWN = "guanxi_prepared"
_COMMAND_OK, _TUPLES_OK, _CONNECTION_OK = 1, 2, 0


class Lost(Exception):
    """The connection was lost while the server was asked."""


def call(connection: PoolProxiedConnection, sql: str, parameters: Sequence[str]) -> list[int]:
    """Carry out a statement that yields one row of whole numbers, and return them.

    Args:
        connection: to the server, in no transaction.
        sql: the statement, its parameters written ``$1`` and so on.
        parameters: their values as texts.

    Raises:
        Lost: the connection is gone; whether the statement was carried out is not known.
        psycopg.Error: the server refused.
        UnicodeEncodeError: a text holds what UTF-8 cannot say.
    """
    import psycopg

    given = "\0".join(parameters).encode()
    if given.count(b"\0") >= len(parameters):
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    driver: Any = connection.dbapi_connection
    server, known = driver.pgconn, connection.info.setdefault(_KNOWN, {})
    values = given.split(b"\0")
    try:
        name = known.get(sql) or _prepare(psycopg, server, sql, known)
        result = _checked(psycopg, server, server.exec_prepared(name, values), _TUPLES_OK)
    except psycopg.errors.InvalidSqlStatementName:
        # At a rollback the driver has the server forget every statement, ours too; nothing was carried out.
        known.clear()
        name = _prepare(psycopg, server, sql, known)
        result = _checked(psycopg, server, server.exec_prepared(name, values), _TUPLES_OK)
    return [int(result.get_value(0, column)) for column in range(result.nfields)]


def _prepare(psycopg: Any, server: Any, sql: str, known: dict[str, bytes]) -> bytes:
    # Named after what it says: where the server knows that name, it knows this statement.
    name = b"guanxi_" + hashlib.sha256(sql.encode()).hexdigest()[:24].encode()
    with suppress(psycopg.errors.DuplicatePreparedStatement):
        _checked(psycopg, server, server.prepare(name, sql.encode()), _COMMAND_OK)
    known[sql] = name
    return name


def _checked(psycopg: Any, server: Any, result: Any, wanted: int) -> Any:
    if result.status == wanted:
        return result
    error = psycopg.errors.error_from_result(result, encoding="utf-8")
    if server.status != _CONNECTION_OK:
        raise Lost(
            str(error).strip().splitlines()[0] if str(error).strip() else "connection closed"
        ) from error
    raise error
