"""Those who follow the log under fire: readers that tail it and note what they saw, projectors that keep rows level."""

from __future__ import annotations

import time

import guanxi
from guanxi import Ledger, StoreError
from guanxi_adapters.sql import open_store
from tests.soak.journal import Journal, records_of
from tests.soak.plugin import parts
from tests.soak.settings import Settings
from tests.soak.writing import EXPECTED


def tail(settings: Settings, name: str) -> None:
    """Read the log page by page from where the journal ends, until the writers are gone and nothing more comes."""
    path = settings.journal(name)
    after = max((seen[0] for r in records_of(path) for seen in r.get("seen", ())), default=0)
    chance = settings.chance(name, after)
    journal, store = Journal(path), None
    while True:
        stopped = settings.written.exists()
        try:
            if store is None:
                store = open_store(settings.url, create=False, timeout=5.0)
            page = store.page(after, chance.randint(1, 400))
        except StoreError as error:
            if error.code not in EXPECTED:
                journal.note({"what": "surprise", "error": error.describe()})
            time.sleep(0.1)
            continue
        if page:
            journal.note({"seen": [(e.position, e.id, e.hash) for e in page]})
            after = page[-1].position
        elif stopped:
            return
        else:
            time.sleep(chance.uniform(0.0, 0.03))


def project(settings: Settings, name: str) -> None:
    """Keep the read models level, and rebuild them now and then, until the writers are gone."""
    journal = Journal(settings.journal(name))
    journal.note({"what": "life"})
    chance = settings.chance(name, sum(1 for _ in records_of(settings.journal(name))))
    ledger: Ledger | None = None
    while not settings.written.exists():
        try:
            if ledger is None:
                ledger = guanxi.open(settings.url, plugins=[parts], timeout=5.0)
            journal.note({"what": "level", "position": ledger.reporting.project()})
            if chance.random() < 0.03:
                ledger.reporting.rebuild(swap=True, workers=1)
            if chance.random() < 0.2:
                ledger.reporting.status()
        except StoreError as error:
            if error.code not in EXPECTED | {"build_taken_over"}:
                journal.note({"what": "surprise", "error": error.describe()})
            time.sleep(0.1)
        time.sleep(chance.uniform(0.0, 0.1))
