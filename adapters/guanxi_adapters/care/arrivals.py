"""A ledger that arrives in an empty place: restored from a backup, or copied from another database; verified, or not at all there."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import attrs

import guanxi
from guanxi import Fault, StoreError, verify
from guanxi.kernel.errors import Unavailable
from guanxi_adapters.care.backups import backup
from guanxi_adapters.care.key_arrivals import (
    bring_keys,
    keys_that_are_there,
    opened_for_keys,
    prepare_keys,
    removing_what_was_made,
    settle_keys,
)
from guanxi_adapters.care.moving import move_log
from guanxi_adapters.care.places import (
    Contents,
    Place,
    Progress,
    contents,
    last_position,
    one_state,
    opened,
    refuse_memory,
    refuse_taken,
    tenants_of,
)
from guanxi_adapters.sql import SqlStore, schema, upgrading
from guanxi_adapters.sql.engine import parse_url
from guanxi_adapters.sql.keys import keys_url, refuse_same

_ARRIVING = 0x6775_616E_7869_0004
"""Number of the advisory lock under which something arrives on PostgreSQL."""


@attrs.frozen
class Arrived:
    """What arrived.

    Args:
        url: where it is now, without a password.
        tenants: whose logs.
        entries: how many entries.
        position: of the last one.
        keys: how many keys that are alive came with it; None if they were left out or the backup has none.
    """

    url: str
    tenants: tuple[str, ...]
    entries: int
    position: int
    keys: int | None


def restore(
    path: str | Path,
    into: str,
    *,
    keys: str | None = None,
    with_keys: bool = True,
    portable: bool = False,
    partitions: int = 1,
    progress: Progress | None = None,
) -> Arrived:
    """Put a backup into an empty place: every hash is checked before, and again where it arrived; read models are made anew.

    All of it arrives in one transaction, or nothing. The ledger has the positions, hashes and settings of the backup.

    Args:
        path: the backup's log; its keys are taken from beside it, if they are there.
        into: URL of a database without a ledger.
        keys: where the keys are to be, as a URL; where they belong beside ``into``, if not given.
        with_keys: whether to restore keys.
        portable: on PostgreSQL, make the tables with plain SQL alone.
        partitions: on PostgreSQL, into how many parts to divide the entries.
        progress: called with (what, done, of how much).

    Returns:
        What arrived.

    Raises:
        Unavailable: ``no_such_file``, ``no_ledger_here``; ``keys_missing``; ``wrong_keys`` for keys of another log, in the
            backup or in place.
        StoreError: ``backup_altered``, naming what is wrong in it.
        Conflict: ``place_taken``: there is something already.
    """
    theirs = keys_url(f"sqlite:///{Path(path).absolute()}")
    brought = with_keys and Path(parse_url(theirs).database or "").exists()
    with (
        _present_form(Path(path)) as url,
        opened(url, create=False, read_only=True) as source,
        source.snapshot(),
    ):
        tenants = tenants_of(source)
        for tenant in tenants:
            _refuse_faults(faults_of(source, tenant, progress), "backup_altered")
        there = brought or keys_that_are_there(source, keys or keys_url(into), tenants)
        if with_keys and not there:
            raise Unavailable(
                "keys_missing",
                f"the keys of this backup are not beside it ({Path(parse_url(theirs).database or '').name}), nor in place",
                zh=f"此备份旁没有它的密钥（{Path(parse_url(theirs).database or '').name}），目标处也没有",
                accepts="its key file put back beside it, or with_keys=False (--without-keys) to bring the keys later",
            )
        arrived = _arrive(
            source,
            into,
            theirs if brought else None,
            keys,
            making=schema.Making(portable, partitions),
            progress=progress,
        )
    if there:
        _catch_up(into, keys, arrived.tenants, progress)
    return arrived


def copy(
    source: str,
    into: str,
    *,
    tenant: str | None = None,
    keys: str | None = None,
    into_keys: str | None = None,
    with_keys: bool = True,
    portable: bool = False,
    partitions: int = 1,
    progress: Progress | None = None,
) -> Arrived:
    """Copy a ledger from one database to another, of whatever kind: the same positions, hashes, commands, claims, settings and keys.

    One state of the source is copied, while others may go on writing there. All of it arrives in one transaction, every hash
    is checked before that is committed, or nothing arrives. The copy is a database of its own, with an id of its own;
    positions go on above the highest that the source ever gave.

    Args:
        source: URL of the ledger.
        into: URL of a database without a ledger.
        tenant: copy this tenant alone.
        keys: where the source's keyring is, as a URL; where it belongs beside ``source``, if not given.
        into_keys: where the keys are to be; where they belong beside ``into``, if not given.
        with_keys: whether to copy the keys.
        portable: on PostgreSQL, make the tables with plain SQL alone.
        partitions: on PostgreSQL, into how many parts to divide the entries.
        progress: called with (what, done, of how much).

    Returns:
        What arrived.

    Raises:
        Unavailable: ``no_ledger_here``, ``keys_missing``, ``schema_too_old`` and so on.
        StoreError: ``copy_altered``, naming what is wrong; it is wrong in the source.
        Conflict: ``place_taken``: there is something already.
    """
    with opened(source, create=False, read_only=True) as place:
        refuse_memory(place)
        schema.ensure(place, create=False)
        theirs = (keys or keys_url(source)) if with_keys else None
        with one_state(place, tenant):
            arrived = _arrive(
                place,
                into,
                theirs,
                into_keys,
                tenant=tenant,
                making=schema.Making(portable, partitions),
                progress=progress,
            )
    if with_keys:
        _catch_up(into, into_keys, arrived.tenants, progress)
    return arrived


@contextmanager
def _present_form(path: Path) -> Generator[str]:
    """Give the URL of a backup, or of a throw-away copy in the present form where an older program made it."""
    url = f"sqlite:///{path.absolute()}"
    with opened(url, create=False, read_only=True) as place:
        found: Contents = contents(place)
    if found.version == schema.SCHEMA_VERSION:
        yield url
        return
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=f"{path.name}.") as folder:
        made = backup(url, Path(folder) / "upgraded.db", with_keys=False)
        with opened(f"sqlite:///{made.path}") as place:
            upgrading.upgrade(place)
        yield f"sqlite:///{made.path}"


def _arrive(
    source: Place,
    into: str,
    theirs: str | None,
    keys: str | None,
    *,
    tenant: str | None = None,
    making: schema.Making,
    progress: Progress | None,
) -> Arrived:
    """Copy what a snapshot shows into an empty place."""
    ours = keys or keys_url(into)
    if keys is not None:
        refuse_same(into, keys)
    with (
        removing_what_was_made(into),
        opened(into) as target,
        opened_for_keys(ours if theirs is not None else None, target.url, into) as arriving_keys,
    ):
        refuse_memory(target)
        tenants = tenants_of(source, tenant)
        alive: int | None = None
        with target.transaction():
            _take_turn(target)
            refuse_taken(target, schema.metadata.sorted_tables)
            if arriving_keys is not None:
                prepare_keys(arriving_keys)
            schema.ensure(target, True, making)
            entries = move_log(source, target, tenants, whole=tenant is None, progress=progress)
            for each in tenants:
                _refuse_faults(faults_of(target, each, progress), "copy_altered")
                SqlStore(target, each, create=False).index()
            position = _last(target, tenants)
            if theirs is not None and arriving_keys is not None:
                alive = bring_keys(source, theirs, arriving_keys, tenants, progress)
            _analyse(target)
        if arriving_keys is not None:
            settle_keys(arriving_keys)
        return Arrived(target.url, tuple(tenants), entries, position, alive)


def _take_turn(target: Place) -> None:
    """Let one arrival at a time look whether a place is empty, until it has arrived or not; SQLite has one writer anyway."""
    if target.is_sqlite:
        return
    with target.writing() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_ARRIVING,))


# What is checked


def faults_of(place: Place, tenant: str, progress: Progress | None) -> tuple[Fault, ...]:
    """Return what is wrong with a tenant's log, inside the snapshot or transaction if there is one."""
    store = SqlStore(place, tenant, create=False)
    return verify(store, progress=partial(_told, progress, "verifying")).faults


def _refuse_faults(faults: tuple[Fault, ...], code: str) -> None:
    if not faults:
        return
    first = faults[0]
    raise StoreError(
        code,
        f"{len(faults)} faults found, the first {first.code} at {first.entry}: {first.message}; nothing was copied",
        zh=f"发现 {len(faults)} 处问题，首处为 {first.entry} 的 {first.code}：{first.zh}；未复制任何内容",
        accepts="a ledger that passes `guanxi verify`",
        entry=first.entry,
        position=first.position,
    )


def _last(place: Place, tenants: Sequence[str]) -> int:
    return max((last_position(place, tenant) for tenant in tenants), default=0)


def _analyse(place: Place) -> None:
    """Tell the server what its tables hold; it would read all of them for want of knowing."""
    if place.is_sqlite:
        return
    with place.writing() as cursor:
        for table in schema.metadata.sorted_tables:
            if schema.has_table(place, cursor, table.name):
                cursor.execute(f"ANALYZE {table.name}")


def _told(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


def _catch_up(url: str, keys: str | None, tenants: Sequence[str], progress: Progress | None) -> None:
    """Make the read models of what arrived; a report would do so too, and a plugin may be absent here."""
    options: dict[str, Any] = {} if keys is None else {"keys": keys}
    for tenant in tenants:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", guanxi.PluginRefused)
            ledger = guanxi.open(url, tenant=tenant, create=False, **options)
        try:
            with suppress(StoreError):
                ledger.reporting.project(partial(_told, progress, "read models"))
        finally:
            ledger.close()
