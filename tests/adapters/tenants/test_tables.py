"""Tables that tenants share: read models that are swapped and cleaned, the log's index, and what stands in one place for all."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi import ReadModel
from guanxi_adapters.sql import SqlStore, open_store
from guanxi_adapters.sql.projector import SqlProjector
from tests.adapters.sql.samples import PlainSource, batch, growth, sums
from tests.adapters.tenants.world import OURS, THEIRS

MANY = 5_000


def appended(store: SqlStore, stream: str, *, rows: int = 1, **columns: Any) -> None:
    store.append(batch(growth(stream, 0, rows, tenant=store.tenant, **columns), tenant=store.tenant))


def projector(store: SqlStore, *models: ReadModel[Any]) -> SqlProjector:
    return SqlProjector(store, models, PlainSource())


def rows(store: SqlStore, model: ReadModel[Any]) -> list[tuple[str, int]]:
    with projector(store, model).reader() as reader:
        return [(stream, row.count) for stream, row in reader.rows(model)]


@pytest.fixture
def stores(shared_url: str) -> Any:
    made = [open_store(shared_url, tenant=tenant) for tenant in (OURS, THEIRS)]
    yield made
    for store in made:
        store.close()


def test_one_tenant_moves_to_a_new_version_while_another_stays_with_the_old_one(
    stores: list[SqlStore],
) -> None:
    ours, theirs = stores
    for store in stores:
        appended(store, "same")
        projector(store, sums()).catch_up()
    projector(ours, sums(version=2)).catch_up()
    projector(ours, sums(version=2)).clean()
    assert rows(ours, sums(version=2)) == [("same", 1)]
    assert rows(theirs, sums()) == [("same", 1)]
    appended(theirs, "later")
    projector(theirs, sums()).catch_up()
    assert rows(theirs, sums()) == [("later", 1), ("same", 1)]
    assert rows(ours, sums(version=2)) == [("same", 1)]
    projector(theirs, sums(version=2)).catch_up()
    assert rows(theirs, sums(version=2)) == [("later", 1), ("same", 1)]
    assert rows(ours, sums(version=2)) == [("same", 1)]


def test_a_swap_of_one_tenants_rows_leaves_the_others_in_the_shared_table(stores: list[SqlStore]) -> None:
    ours, theirs = stores
    for store, count in ((ours, 2), (theirs, 3)):
        appended(store, "same", rows=count)
        projector(store, sums()).catch_up()
    for workers in (1, 2):
        assert projector(ours, sums()).rebuild(swap=True, workers=workers).swapped
        assert rows(ours, sums()) == [("same", 2)]
        assert rows(theirs, sums()) == [("same", 3)]


def test_a_build_that_was_broken_off_is_cleaned_by_its_own_tenant_alone(stores: list[SqlStore]) -> None:
    ours, theirs = stores
    for store in stores:
        appended(store, "same")
        one = projector(store, sums())
        one.catch_up()
        one._begin_building([sums()])
    gone = projector(ours, sums()).clean(broken_off=True)
    assert len(gone) == 1
    left = {line.name for line in projector(theirs, sums())._standings().values()}
    assert len(left) == 2
    assert projector(theirs, sums()).status()[0].building is not None
    assert projector(ours, sums()).status()[0].building is None
    assert projector(theirs, sums()).rebuild().swapped
    assert rows(theirs, sums()) == [("same", 1)]


def test_a_checksum_and_a_lag_count_ones_own_rows_and_entries_alone(stores: list[SqlStore]) -> None:
    ours, theirs = stores
    appended(ours, "same")
    projector(ours, sums()).catch_up()
    alone = projector(ours, sums()).status(checksum=True)[0]
    appended(theirs, "same", rows=3)
    projector(theirs, sums()).catch_up()
    appended(theirs, "other", rows=7)
    now = projector(ours, sums()).status(checksum=True)[0]
    assert (now.checksum, now.lag, now.position) == (alone.checksum, 0, alone.position)
    assert projector(theirs, sums()).status()[0].lag == 7


def test_the_logs_index_keeps_tenants_apart(stores: list[SqlStore]) -> None:
    """Both logs are long enough to be indexed, stretch by stretch, with the other's entries between them."""
    ours, theirs = stores
    for n in range(MANY // 500):
        for store in stores:
            appended(
                store, f"s{n}", rows=500, actor=store.tenant, batch="b", section=f"{store.tenant}{n % 3}"
            )
    for store in stores:
        appended(store, "last")  # passes the mark
    with ours.database.connected() as connection:
        indexed = connection.exec_driver_sql("SELECT DISTINCT tenant FROM guanxi_lookup").fetchall()
    assert {row[0] for row in indexed} == {OURS, THEIRS}
    every = ours.page(0, 3 * MANY)
    positions = [e.position for e in every]
    assert {e.tenant for e in every} == {OURS}
    assert ours.count() == ours.count(thorough=True) == len(every) == MANY + 1
    assert [e.position for e in ours.search(wanted={"batch": "b"}, limit=3 * MANY)] == positions[:-1]
    assert ours.search(wanted={"actor": THEIRS}) == []
    assert ours.search(wanted={"section": f"{THEIRS}1"}) == []
    assert len(theirs.search(wanted={"section": f"{THEIRS}1"}, limit=3 * MANY)) == 1500
    foreign = theirs.page(0, 3 * MANY)
    for position in (foreign[0].position, foreign[MANY // 2].position, foreign[-1].position):
        assert ours.count_after(position) == sum(p > position for p in positions)
        following = next((p for p in positions if p > position), None)
        assert ours.first_named("test.bought", position) == following
    assert ours.position_known_at("9999") == positions[-1]
    assert ours.last_recorded() == every[-1].recorded_at
    found = ours.search(
        between={"occurred_at": ("", "9999")}, after=foreign[MANY // 2].position, limit=3 * MANY
    )
    assert {e.tenant for e in found} == {OURS}


def test_a_claim_a_command_and_a_stream_of_one_name_belong_to_each_tenant_alone(
    stores: list[SqlStore],
) -> None:
    from guanxi.kernel.ports import ClaimChange, CommandRecord

    claim = ClaimChange("card", "t", "same", "for_ever")
    noted = CommandRecord("c:1", "d", "same", 1, 1)
    for store in stores:
        store.append(
            batch(
                growth("same", 0, tenant=store.tenant), claims=[claim], commands=[noted], tenant=store.tenant
            )
        )
    for store in stores:
        assert store.count() == 1
        assert store.holders([("card", "t")]) == {("card", "t"): "same"}
        assert store.page(0, 10)[0].tenant == store.tenant


def test_readers_of_one_tenant_wait_for_nothing_but_the_horizon_of_all(stores: list[SqlStore]) -> None:
    """Positions are given to the whole database: what another tenant has begun is waited for, and is named without its content."""
    ours, theirs = stores
    appended(ours, "before")
    with theirs.database.open_connection() as connection, connection.begin() as transaction:
        theirs.append(batch(growth("held", 0, tenant=THEIRS), tenant=THEIRS), connection)
        assert [e.stream for e in ours.page(0, 10)] == ["before"]
        assert "held" not in str(ours.in_flight())
        transaction.rollback()
    appended(ours, "after")
    assert [e.stream for e in ours.page(0, 10)] == ["before", "after"]
    assert theirs.page(0, 10) == []
