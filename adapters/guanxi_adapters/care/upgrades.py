"""Upgrading a ledger's tables to the form that this program works on, keys included, and verifying it afterwards."""

from __future__ import annotations

import attrs

from guanxi import Fault
from guanxi_adapters.care.arrivals import faults_of
from guanxi_adapters.care.places import Progress, contents, opened, tenants_of
from guanxi_adapters.sql import SqlStore, schema, upgrading
from guanxi_adapters.sql.upgrading import Step


@attrs.frozen
class Upgraded:
    """What an upgrade did.

    Args:
        before: schema version that was found.
        now: schema version since.
        steps: what was done, in order.
        faults: what verification found afterwards, by tenant; the upgrade changes no entry, so it was there before.
    """

    before: int
    now: int
    steps: tuple[Step, ...]
    faults: tuple[tuple[str, Fault], ...]


def upgrade(url: str, *, progress: Progress | None = None) -> Upgraded:
    """Bring the tables of a ledger to this program's form, step by step, and verify every hash.

    Each step is one transaction, and upgraders take turns: whatever happens, the tables are of the old form or of the new one.
    No entry is changed. Older programs must not use the database any more: make a backup, and stop them first.

    Args:
        url: where the ledger is.
        progress: called with (what, done, of how much).

    Returns:
        What was done; nothing, where the tables are of this form already.

    Raises:
        Unavailable: ``no_ledger_here``; ``database_locked`` where somebody uses it for longer than the time allowed.
        SchemaTooNew: a newer program made the tables.
    """
    with opened(url, create=False) as place:
        before = contents(place).version
        steps = upgrading.upgrade(place)
        tenants = tenants_of(place) if steps else []
        faults = [(tenant, fault) for tenant in tenants for fault in faults_of(place, tenant, progress)]
        for tenant in tenants:
            SqlStore(place, tenant, create=False).index()
    return Upgraded(before, schema.SCHEMA_VERSION, steps, tuple(faults))


def planned(url: str) -> tuple[Step, ...]:
    """Return the steps that an upgrade would take.

    Args:
        url: where the ledger is.

    Raises:
        Unavailable: ``no_ledger_here``.
        SchemaTooNew: a newer program made the tables.
    """
    with opened(url, create=False, read_only=True) as place:
        return upgrading.steps_from(contents(place).version)
