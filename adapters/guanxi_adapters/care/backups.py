"""A backup: one state of a ledger in a file of its own, taken while others write, and its keys in a second one beside it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import attrs
import sqlalchemy as sa

from guanxi import Conflict, Invalid, Ledger, Unavailable
from guanxi_adapters.care.moving import move_keys, move_log, say_where_from
from guanxi_adapters.care.places import (
    Place,
    Progress,
    absent,
    contents,
    last_position,
    one_state,
    opened,
    put_settings,
    tenants_of,
)
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.errors import failure
from guanxi_adapters.sql.keys import KeyTables, SqlKeyring, keys_url

_PAGES_AT_ONCE = 256


@attrs.frozen
class BackedUp:
    """What a backup holds.

    Args:
        path: the file of the log.
        keys: the file of the keys, None if they were left out.
        tenants: whose logs.
        entries: how many entries.
        position: of the last one.
    """

    path: Path
    keys: Path | None
    tenants: tuple[str, ...]
    entries: int
    position: int


def backup(
    source: Ledger | str,
    to: str | Path,
    *,
    keys: str | None = None,
    with_keys: bool = True,
    progress: Progress | None = None,
) -> BackedUp:
    """Write one state of a whole database's log into a new SQLite file, and the keys into a second one; writers go on meanwhile.

    The file is a ledger of its own, to be opened and verified like any other. It is there whole or not at all. Keys are read
    after the log, so that every sealed text has its key, unless that was destroyed.

    Args:
        source: the ledger, or its URL.
        to: the file to make; its keys go to ``NAME.keys.db`` beside it, readable by this user alone.
        keys: where the keyring is, as a URL; beside the log, if not given.
        with_keys: whether to take the keys. Who erases a person destroys keys: a copy of them has to end in time too.
        progress: called with (what, done, of how much).

    Returns:
        What the backup holds.

    Raises:
        Conflict: ``file_exists``: nothing is overwritten.
        Unavailable: ``no_ledger_here``, ``keys_missing``, ``disk_full`` and so on; no file is left.
    """
    path = Path(to).absolute()
    beside = Path(sa.make_url(keys_url(f"sqlite:///{path}")).database or "")
    if not path.parent.is_dir():
        raise failure("cannot_open", database=str(path))
    _refuse_existing(path, *([beside] if with_keys else []))
    log_url, key_url = _urls(source, keys)
    with _unfinished(path) as temporary, _unfinished(beside) as temporary_keys:
        tenants = _back_up_log(source, log_url, temporary, progress)
        if with_keys:
            _back_up_keys(source, key_url, temporary_keys, tenants, progress)
        found = _held(temporary, tenants, path, beside if with_keys else None)
        if with_keys:
            _finish(temporary_keys, beside)
        try:
            _finish(temporary, path)
        except BaseException:
            if with_keys:
                beside.unlink()
            raise
    return found


def _urls(source: Ledger | str, keys: str | None) -> tuple[str, str]:
    if isinstance(source, str):
        return source, keys or keys_url(source)
    log, keyring = _databases(source)
    return (
        log.parsed.render_as_string(hide_password=False),
        keys or keyring.parsed.render_as_string(hide_password=False),
    )


def _databases(ledger: Ledger) -> tuple[Database, Database]:
    log = getattr(ledger.store, "database", None)
    keyring = getattr(ledger.backend.keyring, "database", None)
    if not isinstance(log, Database) or not isinstance(keyring, Database):
        raise Invalid(
            "other_store",
            "this ledger's log or keys are not in a database of this adapter",
            zh="此账本的日志或密钥不在本适配器的数据库中",
            accepts="a ledger that guanxi.open made",
        )
    return log, keyring


# The log


def _back_up_log(source: Ledger | str, url: str, to: Path, progress: Progress | None) -> list[str]:
    if not isinstance(source, str) and (memory := _databases(source)[0]).is_memory:
        with memory.reading() as cursor:
            _copy_pages(cursor.connection, to, progress)
        return _settle(to)
    with opened(url, create=False, read_only=True) as place:
        if not place.is_sqlite:
            return _read_out(place, to, progress)
        contents(place)
        with place.snapshot(), place.reading() as cursor:
            _copy_pages(cursor.connection, to, progress)
    return _settle(to)


def _copy_pages(connection: sqlite3.Connection, to: Path, progress: Progress | None) -> None:
    """Copy an SQLite database as it stands; a transaction for reading that is open keeps others' writing out of it."""

    def told(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress("copying", total - remaining, total)

    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        connection.backup(target, pages=_PAGES_AT_ONCE, progress=told)


def _settle(path: Path) -> list[str]:
    """Give the copy a name of its own, by which nobody takes it for the ledger it was made of."""
    with opened(f"sqlite:///{path}") as place, place.transaction():
        known, tenants = contents(place), tenants_of(place)
        last = max((last_position(place, tenant) for tenant in tenants), default=0)
        put_settings(place, schema.EVERY_TENANT, {"database_id": secrets.token_hex(16)})
        say_where_from(place, known.database_id, last)
        return tenants


def _read_out(place: Place, to: Path, progress: Progress | None) -> list[str]:
    with opened(f"sqlite:///{to}") as target, one_state(place), target.transaction():
        schema.ensure(target, create=True)
        tenants = tenants_of(place)
        move_log(place, target, tenants, whole=True, progress=progress)
        return tenants


# The keys


def _back_up_keys(
    source: Ledger | str, url: str, to: Path, tenants: list[str], progress: Progress | None
) -> None:
    with opened(f"sqlite:///{to}", private=True, secure_delete=True) as target:
        if not isinstance(source, str) and (memory := _databases(source)[1]).is_memory:
            with memory.reading() as cursor:
                cursor.connection.backup(_connection_of(target))
            return
        with opening_keys(url) as place, place.snapshot(), target.transaction():
            SqlKeyring(target, schema.EVERY_TENANT)
            move_keys(place, target, tenants, progress)


def _connection_of(target: Place) -> sqlite3.Connection:
    with target.reading() as cursor:
        connection: sqlite3.Connection = cursor.connection
        return connection


@contextmanager
def opening_keys(url: str) -> Generator[Place]:
    """Give the place of keys that are there, for reading.

    Raises:
        Unavailable: ``keys_missing``.
    """
    try:
        with opened(url, create=False, read_only=True) as place:
            settings = KeyTables(place).settings
            with place.reading() as cursor:
                if not schema.has_table(place, cursor, settings.name, settings.schema):
                    raise _keys_missing(place.url)
            yield place
    except Unavailable as error:
        if not absent(error):
            raise
        raise _keys_missing(url) from error


def _keys_missing(url: str) -> Unavailable:
    return Unavailable(
        "keys_missing",
        "there are no keys where they should be",
        zh="应有密钥之处没有密钥",
        accepts="where they are, by keys=...; or with_keys=False, for the log without its keys",
        database=sa.make_url(url).render_as_string(hide_password=True),
    )


# Files


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists() or path.is_symlink():
            raise Conflict(
                "file_exists",
                f"{path} exists; a backup overwrites nothing",
                zh=f"{path} 已存在；备份不覆盖任何文件",
                accepts="a name that is not taken",
            )


@contextmanager
def _unfinished(path: Path) -> Generator[Path]:
    """Give a name beside a file that is to be, and remove whatever is left under it in the end."""
    temporary = path.with_name(f"{path.name}.unfinished-{secrets.token_hex(4)}")
    try:
        yield temporary
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                temporary.with_name(temporary.name + suffix).unlink()


def _finish(temporary: Path, path: Path) -> None:
    """Bring a file to the disk as a whole, and only then under its name."""
    with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
        # One file that needs no other beside it, and can be read where nothing may be written.
        connection.execute("PRAGMA journal_mode = DELETE")
    _sync(temporary)
    try:
        os.link(temporary, path)  # unlike a renaming, it never replaces what came there meanwhile
    except FileExistsError:
        _refuse_existing(path)
        raise
    except OSError:  # a file system without such links
        _refuse_existing(path)
        temporary.rename(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _held(temporary: Path, tenants: list[str], path: Path, keys: Path | None) -> BackedUp:
    with opened(f"sqlite:///{temporary}", read_only=True) as place, place.reading() as cursor:
        cursor.execute("SELECT count(*), coalesce(max(position), 0) FROM guanxi_entries")
        entries, position = cursor.fetchone()
    return BackedUp(path, keys, tuple(tenants), entries, position)
