"""Puts a store, its keyring, the system's clock and a source of opaque ids together; what ``guanxi.open`` finds by entry point."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

from guanxi import Backend
from guanxi_adapters.sql import open_keyring, open_store


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def opaque_id() -> str:
    """Return a new stream id: 48 bits of time, so that new streams lie together on disk, and 80 random ones."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def open_backend(
    url: str, *, tenant: str = "main", zone: str | None = None, keys: str | None = None, **options: Any
) -> Backend:
    """Open a database as a backend.

    Args:
        url: where the log lives.
        tenant: whose log.
        zone: the programme's IANA zone, recorded when the ledger is made.
        keys: where the keyring lives; beside the log, but apart from it, if not given.
        **options: for the store.

    Raises:
        StoreError: see ``guanxi.open``.
    """
    store = open_store(url, tenant=tenant, **options)
    try:
        if zone is not None and "zone" not in store.meta():
            store.put_meta({"zone": zone})
        keyring = open_keyring(url, tenant=tenant, keys=keys)
    except BaseException:
        store.close()
        raise
    return Backend(store, keyring, system_clock, opaque_id)
