"""Keys that arrive with a log, in a database of their own: there before it, marked until it is, and gone again if it does not come."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from guanxi import Unavailable
from guanxi_adapters.backend import KEYRING_MARK, mark_of
from guanxi_adapters.care.backups import opening_keys
from guanxi_adapters.care.moving import UNFINISHED, move_keys, read_marks
from guanxi_adapters.care.places import (
    Place,
    Progress,
    as_tenant,
    opened,
    put_settings,
    refuse_memory,
    refuse_taken,
    settings_of,
)
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import parse_url
from guanxi_adapters.sql.keys import KeyTables, SqlKeyring


@contextmanager
def removing_what_was_made(url: str) -> Generator[None]:
    """Remove an SQLite file that was made for an arrival, if that comes to nothing."""
    name = parse_url(url).database if parse_url(url).get_backend_name() == "sqlite" else None
    path = Path(name) if name and name != ":memory:" else None
    was_there = path is None or path.exists()
    try:
        yield
    except BaseException:
        if path is not None and not was_there and _is_empty(path):
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise


def _is_empty(path: Path) -> bool:
    if not path.exists():
        return False
    with opened(f"sqlite:///{path.absolute()}", create=False) as place, place.reading() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master")
        return not cursor.fetchone()[0]


def _came_to_nothing(log: str) -> bool:
    """Return whether there is no log where it was to arrive; where nobody can tell, it may be there."""
    try:
        with opened(log, create=False, read_only=True) as place, place.reading() as cursor:
            return not schema.has_table(place, cursor, schema.meta.name)
    except Unavailable as error:
        return error.code == "no_such_file"


@attrs.define
class KeyArrival:
    """Keys that are to be somewhere before their log is.

    Args:
        place: where.
        log: name of their log's place.
        prepared: whether what stands there was made for this very arrival.
    """

    place: Place
    log: str
    prepared: bool = False


@contextmanager
def opened_for_keys(url: str | None, name: str, log: str) -> Generator[KeyArrival | None]:
    """Give the place for keys, if they are wanted, and take out of it what was brought if the log does not arrive."""
    if url is None:
        yield None
        return
    with removing_what_was_made(url), opened(url, private=True, secure_delete=True) as place:
        refuse_memory(place)
        arrival = KeyArrival(place, name)
        try:
            yield arrival
        except BaseException:
            if arrival.prepared and _came_to_nothing(log):
                _drop_keys(place)
            raise


def prepare_keys(arrival: KeyArrival) -> None:
    """Make tables for the keys, marked as unfinished, in place of what an arrival of the same log left when it broke off."""
    place = arrival.place
    if _is_left_over(place, arrival.log):
        _drop_keys(place)
    refuse_taken(place, KeyTables(place).metadata.sorted_tables)
    with place.transaction():
        SqlKeyring(place, schema.EVERY_TENANT)
        put_settings(place, schema.EVERY_TENANT, {UNFINISHED: arrival.log}, KeyTables(place).settings)
    arrival.prepared = True


def _is_left_over(place: Place, name: str) -> bool:
    """Return whether keys are marked as brought for a log of that name, which has not arrived."""
    settings = KeyTables(place).settings
    with place.reading() as cursor:
        if not schema.has_table(place, cursor, settings.name, settings.schema):
            return False
        return settings_of(place, cursor, schema.EVERY_TENANT, settings).get(UNFINISHED) == name


def _drop_keys(place: Place) -> None:
    with place.writing() as cursor:
        for table in KeyTables(place).metadata.sorted_tables:
            cursor.execute(f"DROP TABLE IF EXISTS {table.fullname}")


def bring_keys(
    source: Place, url: str, arrival: KeyArrival, tenants: Sequence[str], progress: Progress | None
) -> int:
    """Copy the keys, and commit them before the log: a log without its keys would be worse than keys without a log."""
    with opening_keys(url) as place, place.snapshot():
        _refuse_other_keys(source, place, tenants)
        with arrival.place.transaction():
            return move_keys(place, arrival.place, tenants, progress)


def _refuse_other_keys(log: Place, keys: Place, tenants: Sequence[str]) -> None:
    secrets = read_marks(keys, tenants)
    for tenant in tenants:
        with log.reading() as cursor:
            as_tenant(log, cursor, tenant)
            wanted = settings_of(log, cursor, tenant).get(KEYRING_MARK)
        if wanted is not None and (tenant not in secrets or mark_of(secrets[tenant]) != wanted):
            raise Unavailable(
                "wrong_keys",
                f"these are not the keys of this log, as far as tenant {tenant!r} goes",
                zh=f"就租户 {tenant!r} 而言，这不是此日志的密钥",
                accepts="the keys that were made with it, or the log without its keys",
                database=keys.url,
            )


def keys_that_are_there(log: Place, url: str, tenants: Sequence[str]) -> bool:
    """Return whether there are keys already where a log without them is to arrive; not if they are another log's.

    Raises:
        Unavailable: ``wrong_keys``.
    """
    try:
        with opening_keys(url) as place, place.snapshot():
            _refuse_other_keys(log, place, tenants)
    except Unavailable as error:
        if error.code != "keys_missing":
            raise
        return False
    return True


def settle_keys(arrival: KeyArrival) -> None:
    """Take the mark off keys whose log has arrived."""
    settings = KeyTables(arrival.place).settings
    with arrival.place.writing() as cursor:
        cursor.execute(f"DELETE FROM {settings.fullname} WHERE key = '{UNFINISHED}'")
