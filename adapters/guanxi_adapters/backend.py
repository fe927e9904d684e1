"""Puts a store, its keyring, the system's clock and a source of opaque ids together.

``guanxi.open`` finds ``open_backend`` by entry point.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import random
import time
from datetime import UTC, datetime
from typing import Any

from guanxi import Backend, Invalid, Unavailable
from guanxi.kernel.ports import Clock
from guanxi.kernel.times import DEFAULT_ZONE
from guanxi.kernel.times import zone as zone_of
from guanxi_adapters.sql import SqlKeyring, SqlStore, open_keyring, open_store, upgrading
from guanxi_adapters.sql.engine import Database

KEYRING_MARK = "keyring"
"""Setting under which a log remembers which keyring is its own."""


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def opaque_id() -> str:
    """Return a new stream id: 48 bits of time, so that new streams lie together on disk, and 80 random ones."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def pause(attempt: int) -> None:
    """Wait some milliseconds, by chance and longer each time, so that writers who met do not meet again."""
    time.sleep(random.uniform(0.0, 0.002 * 2 ** min(attempt, 7)))


def open_backend(
    url: str,
    *,
    tenant: str = "main",
    zone: str | None = None,
    keys: str | None = None,
    clock: Clock | None = None,
    upgrade: bool = False,
    **options: Any,
) -> Backend:
    """Open a database as a backend.

    Args:
        url: where the log lives.
        tenant: whose log.
        zone: the programme's IANA zone, recorded when the ledger is made.
        keys: where the keyring lives; beside the log, but apart from it, if not given.
        clock: tells the time; the system's if not given.
        upgrade: whether to bring tables that an older program made to this one's form first.
        **options: for the store.

    Raises:
        StoreError: see ``guanxi.open``.
        Invalid: ``zone_settled`` for another zone than the ledger was made with.
    """
    if upgrade and not options.get("read_only"):
        _upgrade(url)
    store = open_store(url, tenant=tenant, **options)
    try:
        read_only = bool(options.get("read_only"))
        made_before = _settle_zone(store, zone, create=options.get("create", True) and not read_only)
        empty = store.last_position() == 0
        try:
            keyring = open_keyring(
                url, tenant=tenant, keys=keys, create=not made_before or empty, read_only=read_only
            )
        except Unavailable as error:
            if not made_before or empty:
                raise
            raise Unavailable(
                "keys_missing",
                f"the keys of this log are not to be had: {error.message}",
                zh=f"找不到此日志的密钥：{error.zh}",
                accepts="the keyring put back beside the log, or named by keys=...",
            ) from error
        try:
            _check_keys(store, keyring, may_mark=empty and not read_only)
        except BaseException:
            keyring.close()
            raise
    except BaseException:
        store.close()
        raise
    return Backend(store, keyring, clock or system_clock, opaque_id, pause)


def _upgrade(url: str) -> None:
    """Bring the tables of a database to this program's form, if there are any."""
    try:
        database = Database(url, create=False, statement_timeout=0)
    except Unavailable as error:
        if error.code != "no_such_file":
            raise
        return
    try:
        upgrading.upgrade(database)
    finally:
        database.close()


def _settle_zone(store: SqlStore, zone: str | None, *, create: bool) -> bool:
    """Record the programme's zone when a ledger is made, and refuse another one later; return whether it was made before."""
    settled = store.meta().get("zone")
    if settled is None and not create:
        raise Unavailable(
            "no_ledger_here",
            f"this database holds no ledger of the tenant {store.tenant!r}",
            zh=f"该数据库中没有租户 {store.tenant!r} 的账本",
            accepts="a tenant whose ledger was made there, or create=True",
            database=store.url,
        )
    if settled is None:
        store.put_meta({"zone": zone_of(zone or DEFAULT_ZONE).key})
    elif zone is not None and zone != settled:
        raise Invalid(
            "zone_settled",
            f"this ledger counts its days in {settled}; {zone} would shift the days of what is on record",
            zh=f"此账本以 {settled} 计日；改为 {zone} 会使已有记录的日期改变",
            accepts=settled,
        )
    return settled is not None


def mark_of(secret: bytes) -> str:
    """Return the mark by which a log knows its tenant's keyring, of the secret for its tokens."""
    return hmac.new(secret, b"guanxi keyring", hashlib.sha256).hexdigest()[:16]


def _check_keys(store: SqlStore, keyring: SqlKeyring, *, may_mark: bool) -> None:
    """Refuse keys that are not this log's: nothing could be read, and new entries would be sealed under the wrong ones."""
    mark = mark_of(keyring.token_key())
    recorded = store.meta().get(KEYRING_MARK)
    if recorded is None and may_mark:
        store.put_meta({KEYRING_MARK: mark})
    elif recorded != mark:
        raise Unavailable(
            "wrong_keys",
            "these are not the keys of this log",
            zh="这不是此日志的密钥",
            accepts="the keyring that was made with it, put back beside it or named by keys=...",
        )
