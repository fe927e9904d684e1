"""What a database's refusal means to the caller: driver errors in, ``GuanxiError`` out. No database is touched."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy.exc

from guanxi.kernel.errors import GuanxiError, Invalid, StoreError, Unavailable

_SQLITE_PRIMARY = 0xFF
_SQLITE: dict[int, str] = {
    5: "database_locked",
    6: "database_locked",
    7: "out_of_memory",
    8: "database_read_only",
    9: "statement_timeout",
    10: "disk_error",
    11: "database_damaged",
    13: "disk_full",
    14: "cannot_open",
    23: "access_refused",
    26: "not_a_database",
}
_POSTGRES: dict[str, str] = {
    "25006": "database_read_only",
    "28000": "access_refused",
    "28P01": "access_refused",
    "3D000": "no_such_database",
    "40001": "serialization_failure",
    "40P01": "database_locked",
    "42501": "access_refused",
    "53100": "disk_full",
    "53200": "out_of_memory",
    "53300": "too_many_connections",
    "55P03": "database_locked",
    "57014": "statement_timeout",
    "XX001": "database_damaged",
    "XX002": "database_damaged",
}
# A failed psycopg connection carries no SQLSTATE, only libpq's text.
_CONNECTING: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "access_refused"),
    ("no password supplied", "access_refused"),
    ("authentication failed", "access_refused"),
    ("no pg_hba.conf entry", "access_refused"),
    ('role "', "access_refused"),
    ("does not exist", "no_such_database"),
    ("too many clients", "too_many_connections"),
    ("remaining connection slots", "too_many_connections"),
)
_NOT_CONNECTED = ("connection to server", "connection failed", "could not", "failed to resolve")
_TEXTS: dict[str, tuple[str, str, str]] = {
    "access_refused": (
        "the database refused this user or password",
        "数据库拒绝了该用户或密码",
        "a user with a valid password and the right to read and write the tables",
    ),
    "cannot_open": (
        "the database file cannot be opened",
        "无法打开数据库文件",
        "a path in an existing directory that this user may write",
    ),
    "commit_unknown": (
        "the connection was lost while committing: whether it was recorded is not known",
        "提交时连接中断：无法确定是否已记录",
        "the same command id again, which gives the first outcome if there was one",
    ),
    "connection_lost": (
        "the connection to the database was lost; nothing was recorded",
        "与数据库的连接已中断；未记录任何内容",
        "the same call again, once the server is back",
    ),
    "database_damaged": (
        "the database reports damaged pages",
        "数据库报告数据页已损坏",
        "a copy restored from a backup, verified before use",
    ),
    "database_locked": (
        "another writer held the database for longer than the time allowed; nothing was recorded",
        "另一写入者占用数据库的时间超过了允许的等待时间；未记录任何内容",
        "the same call again, or a longer timeout",
    ),
    "database_read_only": (
        "the database is open or stored for reading only; nothing was recorded",
        "数据库为只读；未记录任何内容",
        "a store opened with read_only=False on a file or server that this user may write",
    ),
    "database_unreachable": (
        "the database server does not answer",
        "数据库服务器没有响应",
        "a running server at that address",
    ),
    "disk_error": (
        "the disk reported an error",
        "磁盘报告错误",
        "a healthy disk; see the system's log",
    ),
    "disk_full": (
        "the disk is full; nothing was recorded",
        "磁盘已满；未记录任何内容",
        "free space on the database's disk, then the same call again",
    ),
    "no_such_database": (
        "there is no database of that name on the server",
        "服务器上没有该名称的数据库",
        "the name of an existing database",
    ),
    "not_a_database": (
        "the file is not an SQLite database",
        "该文件不是 SQLite 数据库",
        "a new path, or a file that this library made",
    ),
    "out_of_memory": ("the database ran out of memory", "数据库内存不足", "more memory, or smaller batches"),
    "pool_exhausted": (
        "every connection of the pool stayed in use for longer than the time allowed",
        "连接池中的所有连接被占用的时间超过了允许的等待时间",
        "a larger pool_size, or fewer threads",
    ),
    "serialization_failure": (
        "a concurrent transaction changed what this one had read; nothing was recorded",
        "并发事务修改了本事务读取的数据；未记录任何内容",
        "the whole transaction again",
    ),
    "statement_timeout": (
        "a statement took longer than the time allowed; nothing was recorded",
        "语句执行超过了允许的时间；未记录任何内容",
        "a longer statement_timeout",
    ),
    "too_many_connections": (
        "the server takes no more connections",
        "服务器不再接受新的连接",
        "a smaller pool_size, or a larger max_connections on the server",
    ),
}


def failure(code: str, **facts: str) -> Unavailable:
    """Return the error for one of the codes above, its text in both languages."""
    message, zh, accepts = _TEXTS[code]
    return Unavailable(code, message, zh=zh, accepts=accepts, **cast("dict[str, Any]", facts))


def code_of(error: BaseException) -> str | None:
    """Return our word for a driver's error, or None for one that is not about the database's condition."""
    sqlite_code = getattr(error, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return _SQLITE.get(sqlite_code & _SQLITE_PRIMARY)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        if state[:2] in ("08", "57") and state not in _POSTGRES:
            return "connection_lost"
        return _POSTGRES.get(state)
    return _code_of_text(error)


def _code_of_text(error: BaseException) -> str | None:
    if not type(error).__module__.startswith("psycopg"):
        return None
    text = str(error)
    if type(error).__name__ == "ConnectionTimeout":
        return "database_unreachable"
    if type(error).__name__ == "DatabaseError":
        return "connection_lost"  # the server itself names an SQLSTATE; this is libpq, which no longer reaches it
    if type(error).__name__ == "OperationalError":
        if not any(words in text for words in _NOT_CONNECTED):
            return "connection_lost"
        return next((code for words, code in _CONNECTING if words in text), "database_unreachable")
    return None


def is_unique_violation(error: BaseException) -> bool:
    """Return whether a driver's error says that a unique key was there already."""
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        return name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID")
    return getattr(error, "sqlstate", None) == "23505"


def translated(error: BaseException, url: str) -> GuanxiError:
    """Return the library's error for one that a driver, its pool or SQLAlchemy raised.

    Args:
        error: what was raised.
        url: the database, without its password, for the message.
    """
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return failure("pool_exhausted", database=url)
    if isinstance(error, UnicodeEncodeError):
        return Invalid(
            "unstorable_text",
            f"a text holds characters that cannot be stored: {error.reason}",
            zh=f"文本中含有无法存储的字符：{error.reason}",
            accepts="text without lone surrogates",
        )
    original: Any = getattr(error, "orig", None) or error
    code = code_of(original)
    if code is not None:
        return failure(code, database=url, said=_first_line(original))
    if type(original).__name__ in ("DataError", "OverflowError", "InterfaceError", "UntranslatableCharacter"):
        return Invalid(
            "unstorable_value",
            f"the database cannot store a value: {_first_line(original)}",
            zh=f"数据库无法存储某个值：{_first_line(original)}",
            accepts="text without NUL characters and whole numbers of 64 bits",
        )
    return StoreError(
        "database_error",
        f"the database refused: {_first_line(original)}; nothing was recorded",
        zh=f"数据库拒绝：{_first_line(original)}；未记录任何内容",
        database=url,
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
