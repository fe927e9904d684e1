"""Every call of the projector, tried against another tenant of the same database."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from guanxi.kernel.following import FollowState
from guanxi.kernel.ports import Projector
from guanxi.kernel.read_models import ReadModel
from guanxi_adapters.sql.leases import Leases
from guanxi_adapters.sql.projector import SqlProjector
from tests.adapters.tenants.calling import Case, Cases, attempt
from tests.adapters.tenants.world import OURS, THEIRS, World

on_projector = Cases("projector", Projector, SqlProjector)

BEYOND = 10**9


# Projector


@on_projector("catch_up")
def _(w: World) -> None:
    assert w.ledger.reporting.projector.catch_up() == w.ledger.store.last_position()
    assert {s.lag for s in w.ledger.reporting.status()} == {0}


@on_projector("clean")
def _(w: World) -> None:
    without = w.ledger.store.projector([], w.ledger.source())
    gone = without.clean(absent=True, broken_off=True)
    assert {line.model for line in gone} >= {"core.files", "retail.customers"}
    assert w.foreign.report("retail.customers").rows
    w.ledger.reporting.project()


@on_projector("reader")
def _(w: World) -> None:
    reader = w.ledger.reporting.projector.reader()
    for model in w.ledger.reporting.models:
        w.outcome(reader.rows, model)
        assert w.alike(lambda stream, m=model: _row(reader, m, stream), w.foreign.find("C-2"))
        assert w.alike(lambda stream, m=model: reader.rows_of(m, stream), w.foreign.find("C-2")) == ""
    import sqlalchemy as sa

    first = w.ledger.reporting.models[0]
    w.outcome(reader.select, lambda table: sa.select(table), first)
    w.outcome(reader.select, lambda table: sa.select(sa.func.count()).select_from(table), first)


@on_projector("rebuild")
def _(w: World) -> None:
    done = w.ledger.reporting.projector.rebuild()
    assert len(done.swapped) == len(w.ledger.reporting.models)
    done = w.ledger.reporting.projector.rebuild(compare=True)
    assert not [c for c in done.comparisons if c.faulty]
    w.outcome(lambda: done)


@on_projector("retry")
def _(w: World) -> None:
    _park(w, THEIRS)
    before = w.theirs()
    assert w.ledger.reporting.projector.retry() == []
    assert w.theirs() == before
    w.foreign.reporting.retry()


@on_projector("scratch")
def _(w: World) -> None:
    models = w.ledger.reporting.models
    w.outcome(lambda: [list(w.ledger.reporting.projector.scratch(models, iter(())).rows(m)) for m in models])


@on_projector("status")
def _(w: World) -> None:
    _park(w, THEIRS)
    said = w.ledger.reporting.projector.status(checksum=True)
    assert not [s for s in said if s.parked_at is not None]
    w.outcome(lambda: said)
    w.foreign.reporting.retry()


@on_projector("wait_for")
def _(w: World) -> None:
    w.alike(lambda position: w.ledger.reporting.projector.wait_for(position, 0.01), w.ahead, BEYOND)


@on_projector("standing")
def _(w: World) -> None:
    _park(w, THEIRS)
    w.ledger.reporting.projector.catch_up()
    assert w.ledger.reporting.projector.standing() == (w.ledger.store.last_position(), {})  # type: ignore[attr-defined]
    w.foreign.reporting.retry()


@on_projector("follow")
def _(w: World) -> None:
    """Each tenant's read models have a leader of their own."""
    roles: dict[str, set[str]] = {OURS: set(), THEIRS: set()}
    stops = [threading.Event(), threading.Event()]

    def told(tenant: str, state: FollowState) -> None:
        roles[tenant].add(state.role)
        if all("leading" in found for found in roles.values()):
            for stop in stops:
                stop.set()

    threads = [
        threading.Thread(
            target=ledger.reporting.projector.follow,
            args=(stop, partial(told, ledger.store.tenant)),
            daemon=True,
        )
        for ledger, stop in zip((w.ledger, w.foreign), stops, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert roles[OURS] == roles[THEIRS] == {"leading"}
    w.before = w.theirs()


@on_projector("followers")
def _(w: World) -> None:
    held = Leases(w.foreign.store.database, THEIRS, lasts=3.5)  # type: ignore[attr-defined]
    assert held.take("read_models/x", "h", "Beifang host")
    w.before = w.theirs()
    try:
        assert [f.who for f in w.foreign.reporting.followers()] == ["Beifang host"]
        assert w.ledger.reporting.projector.followers() == []
        ours = Leases(w.ledger.store.database, OURS, lasts=3.5)  # type: ignore[attr-defined]
        ours.give_back("read_models/x", "h")
        ours.forget()
        assert ours.take("read_models/x", "other", "ours")
        ours.give_back("read_models/x", "other")
        assert w.theirs() == w.before
    finally:
        held.give_back("read_models/x", "h")
        w.before = w.theirs()


def _row(reader: Any, model: ReadModel[Any], stream: str) -> Any:
    samples = {
        date: date(2025, 1, 1),
        datetime: datetime(2025, 1, 1, tzinfo=UTC),
        int: 1,
        bool: True,
        Decimal: Decimal(1),
    }
    values = tuple(samples.get(c.type, "x") for c in model.cells if c.name in model.keys)
    return reader.row(model, stream, values[0] if len(values) == 1 else values)


def _park(world: World, tenant: str) -> None:
    """Let a read model of a tenant stand as one that could not fold an entry."""
    import sqlalchemy as sa

    ledger = world.foreign if tenant == THEIRS else world.ledger
    with ledger.store.database.connected() as connection, connection.begin():  # type: ignore[attr-defined]
        query = "UPDATE guanxi_read_models SET parked_at = 1, error = 'Beifang' WHERE tenant = :t AND name = 'core.files'"
        connection.execute(sa.text(query), {"t": tenant})


TABLES = (on_projector,)


@pytest.mark.parametrize("cases", TABLES, ids=str)
def test_each_public_call_has_a_case(cases: Cases) -> None:
    cases.check()


@pytest.mark.parametrize("case", [p for cases in TABLES for p in cases.parameters()])
def test_a_call_neither_shows_nor_changes_what_is_the_other_tenants(world: World, case: Case) -> None:
    attempt(world, case)
