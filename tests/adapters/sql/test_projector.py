"""Read models stay level with the log: exactly once, whatever the pages, the workers and the failures."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.kernel.errors import StoreError, Unavailable, Unknown
from guanxi.kernel.messages import personal
from guanxi.kernel.ports import StreamAppend
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi_adapters.sql import SqlStore, contents, model_tables, open_keyring, open_store
from guanxi_adapters.sql.projector import SqlProjector
from guanxi_adapters.sql.reader import SqlReader
from tests.adapters.sql.samples import (
    Bought,
    PlainSource,
    batch,
    entry,
    growth,
    head_of,
    items,
    stamp_at,
    sums,
)


@attrs.define
class Named:
    name: str | None = personal("identity", default=None)
    count: int = column(default=0)


Purchase = tuple[str, int, str, int]  # stream, second, item, amount


def buy(store: SqlStore, purchases: list[Purchase]) -> None:
    """Append purchases one by one, those that count before an earlier one of their stream marked as late."""
    for stream, second, item, amount in purchases:
        rows = store.fold_rows(stream)
        late = int(any(stamp_at(second) < row.effective_from for row in rows))
        payload = f'{{"amount":{amount},"item":"{item}"}}'
        entries = (entry(stream, len(rows) + 1, effective_from=stamp_at(second), payload=payload, late=late),)
        store.append(batch(StreamAppend(stream, stream, len(rows), entries, head_of(entries))))


def shown(reader: SqlReader, *models: ReadModel[Any]) -> list[Any]:
    return [[(stream, attrs.astuple(row)) for stream, row in reader.rows(model)] for model in models]


def expected(store: SqlStore, *models: ReadModel[Any]) -> list[Any]:
    """The rows as folding every stream's whole timeline in memory gives them."""
    found: list[Any] = []
    for model in models:
        rows_of = []
        for head in store.streams(limit=10_000):
            rows: Rows[Any] = Rows(model.make, lambda key: None, head.stream)
            model.fold(rows, PlainSource().timeline(head.stream, store.fold_rows(head.stream)))
            rows_of += sorted((head.stream, attrs.astuple(row)) for row in rows.values())
        found.append(rows_of)
    return found


def sample(count: int, seed: int = 1) -> list[Purchase]:
    chance = random.Random(seed)
    return [
        (f"s{chance.randint(0, 4)}", chance.randint(0, 50), chance.choice("abc"), chance.randint(-1, 9))
        for _ in range(count)
    ]


def test_rows_are_what_folding_each_timeline_gives(store: SqlStore) -> None:
    models = [sums(), items()]
    projector = store.projector(models, PlainSource())
    for part in range(3):
        buy(store, [(f"{part % 2}{s}", t, i, a) for s, t, i, a in sample(25, part)])
        assert projector.catch_up() == store.last_position()
        assert shown(projector.reader(), *models) == expected(store, *models)


purchases = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(0, 9), st.sampled_from("ab"), st.integers(-1, 3)),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(given_=purchases, page=st.integers(1, 6), stops=st.sets(st.integers(0, 14)))
def test_rows_do_not_depend_on_pages_or_restarts(given_: list[Purchase], page: int, stops: set[int]) -> None:
    store, models = open_store("sqlite://"), [sums(), items()]
    for number, purchase in enumerate(given_):
        buy(store, [purchase])
        if number in stops:  # another worker, with a page of its own
            SqlProjector(store, models, PlainSource(), page=page).catch_up()
    projector = SqlProjector(store, models, PlainSource(), page=page + 1)
    assert projector.catch_up() == len(given_)
    assert shown(projector.reader(), *models) == expected(store, *models)
    projector.rebuild()
    assert shown(projector.reader(), *models) == expected(store, *models)
    store.close()


def test_the_log_is_read_once_for_all_models(store: SqlStore) -> None:
    buy(store, sample(30))
    source = PlainSource()
    SqlProjector(store, [sums(), items()], source, page=10).catch_up()
    assert source.pages == [10, 10, 10]


def test_a_new_model_catches_up_alone_before_it_joins_the_others(store: SqlStore) -> None:
    buy(store, sample(20))
    store.projector([sums()], PlainSource()).catch_up()
    buy(store, [("t0", 1, "a", 1)])
    source, models = PlainSource(), [sums(), items()]
    projector = SqlProjector(store, models, source, page=15)
    assert projector.catch_up() == 21
    assert source.pages == [15, 5, 1]
    assert shown(projector.reader(), *models) == expected(store, *models)


def test_racing_workers_apply_every_page_exactly_once(shared_url: str) -> None:
    store, models = open_store(shared_url), [sums(), items()]
    stop = threading.Event()

    def work(_: int) -> None:
        own = open_store(shared_url)
        projector = SqlProjector(own, models, PlainSource(), page=7)
        while not stop.is_set():
            projector.catch_up()
        projector.catch_up()
        own.close()

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(work, n) for n in range(3)]
        for part in range(4):
            buy(store, [(f"{part}{s}", t, i, a) for s, t, i, a in sample(25, part)])
        stop.set()
        for worker in workers:
            worker.result()
    projector = store.projector(models, PlainSource())
    assert projector.catch_up() == 100
    assert shown(projector.reader(), *models) == expected(store, *models)
    store.close()


def test_a_worker_that_is_overtaken_writes_nothing(shared_url: str) -> None:
    store, model = open_store(shared_url), sums()
    buy(store, sample(10))
    other = store.projector([model], PlainSource())

    class Slow(PlainSource):
        def extend_or_remake(self, page: list[Any]) -> Any:
            if not self.pages:
                other.catch_up()  # while this worker folds, another one writes
            return super().extend_or_remake(page)

    projector = store.projector([model], Slow())
    assert projector.catch_up() == 10
    assert shown(projector.reader(), model) == expected(store, model)
    store.close()


def failing(at_amount: int) -> ReadModel[Any]:
    model = sums()
    model = ReadModel("test.failing", model.row)

    @model.on
    def bought(rows: Rows[Any], e: Bought, at: datetime) -> None:
        if e.amount == at_amount:
            raise ValueError("cannot fold seven")
        rows[()].count += 1

    return model


def test_a_model_that_fails_is_parked_at_its_entry_while_the_others_go_on(store: SqlStore) -> None:
    buy(store, [("a", i, "x", 7 if i == 12 else 1) for i in range(20)])
    bad, good = failing(7), sums()
    projector = SqlProjector(store, [bad, good], PlainSource(), page=8)
    assert projector.catch_up() == 20
    parked, level = projector.status()
    assert (parked.position, parked.parked_at, parked.lag) == (12, 13, 8)
    assert "cannot fold seven" in (parked.error or "")
    assert (level.position, level.parked_at, level.lag, level.lag_seconds) == (20, None, 0, 0.0)
    reader = projector.reader()
    assert reader.position == 20
    assert shown(reader, good) == expected(store, good)
    with pytest.raises(Unavailable, match="read_model_parked"):
        reader.row(bad, "a")
    with pytest.raises(Unavailable, match="read_models_behind"):
        projector.wait_for(20, timeout=0.1)
    # still failing: the rebuild parks as well, and the live table stays as it was
    projector.rebuild(["test.failing"])
    assert projector.status()[0].parked_at == 13
    # mended: a rebuild clears it
    mended = store.projector([failing(-99), good], PlainSource())
    assert mended.rebuild(["test.failing"]).position == 20
    assert [s.parked_at for s in mended.status()] == [None, None]
    assert mended.reader().row(failing(-99), "a").count == 20
    with store.engine.connect() as connection:
        assert not [name for name in sa.inspect(connection).get_table_names() if "building" in name]


def test_a_database_that_fails_parks_nothing(store: SqlStore) -> None:
    buy(store, [("a", 1, "x", 1)])

    class Failing:
        def seal_cell(self, *_args: Any, **_said: Any) -> str:
            raise Unavailable("database_locked", "the keys are locked")

        unseal_cell = seal_cell

    model = ReadModel("test.named", Named)

    @model.on
    def bought(rows: Rows[Named], e: Bought, at: datetime) -> None:
        rows[()].name = "张三"

    projector = store.projector([model], PlainSource(Failing()))
    with pytest.raises(Unavailable, match="database_locked"):
        projector.catch_up()
    assert projector.status()[0].parked_at is None


def test_a_new_version_is_built_beside_the_old_one_and_swapped(shared_url: str) -> None:
    store, old = open_store(shared_url), sums()
    buy(store, [("a", i, "x", 1) for i in range(30)])
    store.projector([old], PlainSource()).catch_up()

    @attrs.define
    class Wider(old.row):  # type: ignore[name-defined, misc]
        most: int = column(default=0)

    new = ReadModel("test.sums", Wider, version=2)

    @new.on
    def bought(rows: Rows[Any], e: Bought, at: datetime) -> None:
        rows[()].count += 1
        rows[()].most = max(rows[()].most, e.amount)

    seen: list[Any] = []
    other = open_store(shared_url)

    def look(_position: int, _last: int) -> None:
        seen.append(shown(other.projector([old], PlainSource()).reader(), old))

    projector = SqlProjector(store, [new], PlainSource(), page=10)
    with pytest.raises(Unavailable, match="read_model_not_ready"):
        projector.reader().row(new, "a")
    projector.catch_up(look)
    assert len(seen) == 3
    assert all(rows == [[("a", (30, Decimal(30), datetime.fromisoformat(stamp_at(29))))]] for rows in seen)
    row = projector.reader().row(new, "a")
    assert (row.count, row.most) == (30, 1)
    assert projector.status()[0].rebuilt_at is not None
    other.close()
    store.close()


def test_a_rebuild_that_was_broken_off_is_taken_up_again(store: SqlStore) -> None:
    model = sums()
    buy(store, sample(30))
    projector = SqlProjector(store, [model], PlainSource(), page=10)
    projector.catch_up()

    def stop(position: int, _last: int) -> None:
        if position >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projector.rebuild(progress=stop)
    source = PlainSource()
    again = SqlProjector(store, [model], source, page=10)
    assert again.catch_up() == 30
    assert source.pages == [10]
    assert shown(again.reader(), model) == expected(store, model)


def test_a_rebuild_repairs_rows_and_reports_progress(store: SqlStore) -> None:
    model = sums()
    buy(store, sample(25))
    projector = SqlProjector(store, [model], PlainSource(), page=10)
    projector.catch_up()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE test_sums SET amount = 99")
    seen: list[tuple[int, int]] = []
    assert projector.rebuild(progress=lambda position, last: seen.append((position, last))).position == 25
    assert seen == [(10, 25), (20, 25), (25, 25)]
    assert shown(projector.reader(), model) == expected(store, model)
    with pytest.raises(Unknown, match="unknown_read_model"):
        projector.rebuild(["test.nothing"])


def test_two_rebuilds_at_once_end_in_one_whole_table(shared_url: str) -> None:
    store, model = open_store(shared_url), sums()
    buy(store, sample(60))

    def rebuild(_: int) -> None:
        own = open_store(shared_url)
        SqlProjector(own, [model], PlainSource(), page=9).rebuild()
        own.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(rebuild, range(3)))
    projector = store.projector([model], PlainSource())
    assert projector.catch_up() == 60
    assert shown(projector.reader(), model) == expected(store, model)
    store.close()


@pytest.mark.parametrize("reading", ["digest", "compare"])
def test_rows_that_another_swaps_in_just_before_they_are_read_are_looked_at_again(
    shared_url: str, monkeypatch: pytest.MonkeyPatch, reading: str
) -> None:
    store, models = open_store(shared_url), [sums(), items()]
    buy(store, sample(60))
    own, other = SqlProjector(store, models, PlainSource()), open_store(shared_url)
    own.catch_up()
    read, met = getattr(contents, reading), threading.Event()

    def meanwhile(*args: Any) -> Any:
        if not met.is_set():
            met.set()
            SqlProjector(other, models, PlainSource()).rebuild([models[0].name])
        return read(*args)

    monkeypatch.setattr(contents, reading, meanwhile)
    monkeypatch.setattr(model_tables, "_FEW", 0)
    rebuilt = own.rebuild(compare=reading == "compare")
    assert met.is_set()
    assert set(rebuilt.swapped) == {m.name for m in models}
    assert [c.model for c in rebuilt.comparisons if c.equal and not c.faulty] == (
        [m.name for m in models] if reading == "compare" else []
    )
    assert shown(own.reader(), *models) == expected(store, *models)
    other.close()
    store.close()


def test_rows_read_before_a_swap_are_not_written_after_it(shared_url: str) -> None:
    store, model = open_store(shared_url), sums()
    buy(store, sample(10))
    store.projector([model], PlainSource()).catch_up()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE test_sums SET amount = 99")

    class Worker(SqlProjector):
        """Looked before the rebuild began, and folds onto the old table's rows until the new one takes its place."""

        swap: Any = None
        early: Any = None

        def _targets(self) -> Any:
            self.early, early = None, self.early
            return early or super()._targets()

        def _write(self, *args: Any) -> None:
            if self.swap is not None:
                self.swap, swap = None, self.swap
                swap()
            super()._write(*args)

    class Rebuilder(SqlProjector):
        """Lets the worker begin after its own last look at the log, and before its swap."""

        def _swap_all(self, targets: Any) -> None:
            buy(store, [("s1", 60, "a", 5)])
            worker.swap = lambda: SqlProjector._swap_all(self, targets)
            worker.catch_up()

    worker = Worker(store, [model], PlainSource())
    worker.early = worker._targets()
    Rebuilder(store, [model], PlainSource()).rebuild()
    projector = store.projector([model], PlainSource())
    assert projector.catch_up() == 11
    assert shown(projector.reader(), model) == expected(store, model)
    store.close()


def test_tables_of_models_that_were_removed_stay_untouched(store: SqlStore) -> None:
    buy(store, sample(10))
    store.projector([sums(), items()], PlainSource()).catch_up()
    with store.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT * FROM test_items").fetchall()
    buy(store, [("t1", 1, "a", 5)])
    store.projector([sums()], PlainSource()).rebuild()
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM test_items").fetchall() == before
    projector = store.projector([sums(), items()], PlainSource())
    projector.catch_up()
    assert shown(projector.reader(), items()) == expected(store, items())


def test_a_table_of_someone_else_is_not_taken_over(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE test_sums (theirs INTEGER)")
    with pytest.raises(StoreError, match="table_in_the_way"):
        store.projector([sums()], PlainSource()).catch_up()


def test_tenants_rebuild_without_touching_each_other(shared_url: str) -> None:
    one, two, model = open_store(shared_url), open_store(shared_url, tenant="other"), sums()
    buy(one, sample(10))
    two.append(batch(growth("b", 0, 3, tenant="other"), tenant="other"))
    projectors = [s.projector([model], PlainSource()) for s in (one, two)]
    for projector in projectors:
        projector.catch_up()
    projectors[0].rebuild()
    assert shown(projectors[0].reader(), model) == expected(one, model)
    assert [row.count for _, row in projectors[1].reader().rows(model)] == [3]
    newer = sums(version=2, factor=10)
    one.projector([newer], PlainSource()).catch_up()
    two_newer = two.projector([newer], PlainSource())
    with pytest.raises(Unavailable, match="read_model_not_ready"):
        list(two_newer.reader().rows(newer))
    two_newer.catch_up()
    assert [row.amount for _, row in two_newer.reader().rows(newer)] == [Decimal(30)]
    assert shown(one.projector([newer], PlainSource()).reader(), newer) == expected(one, newer)
    one.close()
    two.close()


def test_waiting_returns_once_a_position_is_reached(store: SqlStore) -> None:
    projector = store.projector([sums()], PlainSource())
    positions = store.append(batch(growth("a", 0)))
    projector.wait_for(positions[-1])
    assert projector.status()[0].position == 1
    with pytest.raises(Unavailable, match="read_models_behind"):
        projector.wait_for(99, timeout=0.05)


def test_lag_is_counted_in_entries_and_seconds(store: SqlStore) -> None:
    projector = store.projector([sums()], PlainSource())
    store.append(batch(growth("a", 0, 4, recorded_at=stamp_at(0))))
    (status,) = projector.status()
    assert (status.position, status.lag) == (0, 4)
    assert status.lag_seconds > 0


# Reading


@pytest.fixture
def level(store: SqlStore) -> tuple[SqlStore, SqlProjector]:
    buy(store, [("B", 1, "x", 2), ("a", 2, "y", 3), ("a", 3, "x", 4), ("ä", 4, "x", 5)])
    projector = store.projector([sums(), items()], PlainSource())
    projector.catch_up()
    return store, projector


def test_rows_come_in_order_of_stream_and_key(level: tuple[SqlStore, SqlProjector]) -> None:
    reader = level[1].reader()
    assert [(s, r.item) for s, r in reader.rows(items())] == [("B", "x"), ("a", "x"), ("a", "y"), ("ä", "x")]
    assert reader.position == 4


def test_one_row_is_found_by_stream_and_key(level: tuple[SqlStore, SqlProjector]) -> None:
    reader = level[1].reader()
    assert reader.row(items(), "a", "y").history == "3;"
    assert reader.row(items(), "a", "z") is None
    found = reader.row(sums(), "a")
    assert (found.count, found.amount, found.last) == (
        2,
        Decimal("7.00"),
        datetime.fromisoformat(stamp_at(3)),
    )
    assert reader.row(sums(), "nobody") is None


def test_a_query_is_built_over_tables_narrowed_to_the_tenant(level: tuple[SqlStore, SqlProjector]) -> None:
    store, projector = level
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO test_sums (tenant, stream, count, amount) VALUES ('other', 'a', 9, 9)"
        )

    def build(s: Any, i: Any) -> Any:
        joined = sa.select(i.c.item, sa.func.sum(s.c.amount)).select_from(i.join(s, s.c.stream == i.c.stream))
        return joined.group_by(i.c.item).order_by(i.c.item)

    rows = projector.reader().select(build, sums(), items())
    assert rows == [("x", 1400), ("y", 700)]
    assert all(type(total) is int for _, total in rows)


def test_a_reader_keeps_one_state_in_view(shared_url: str) -> None:
    store, models = open_store(shared_url), [sums(), items()]
    projector = store.projector(models, PlainSource())
    buy(store, sample(10))
    projector.catch_up()
    with projector.reader() as reader:
        before = shown(reader, models[0])
        buy(store, [("zz", 1, "x", 1)])
        projector.catch_up()
        assert shown(reader, models[0]) == before
        assert ("zz", "x") not in [(s, r.item) for s, r in reader.rows(models[1])]
        assert reader.position == 10
    assert projector.reader().position == 11
    store.close()


def test_a_reader_that_is_forgotten_gives_its_connection_back(shared_url: str) -> None:
    store, model = open_store(shared_url), sums()
    projector = store.projector([model], PlainSource())
    projector.catch_up()
    for _ in range(100):
        projector.reader()
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    store.close()


def test_a_store_for_reading_reads_what_others_built(shared_url: str) -> None:
    store, model = open_store(shared_url), sums()
    buy(store, sample(5))
    store.projector([model], PlainSource()).catch_up()
    watcher = open_store(shared_url, read_only=True)
    projector = watcher.projector([model, items()], PlainSource())
    assert shown(projector.reader(), model) == expected(store, model)
    with pytest.raises(Unavailable, match="read_model_not_ready"):
        list(projector.reader().rows(items()))
    projector_waiting = watcher.projector([model], PlainSource())
    projector_waiting.wait_for(5, timeout=1)
    watcher.close()
    store.close()


def test_scratch_tables_are_folded_from_the_given_timelines_alone(
    level: tuple[SqlStore, SqlProjector],
) -> None:
    store, projector = level
    moment = datetime.fromisoformat(stamp_at(1))
    histories = ((f"h{i:05}", [(Bought(amount=i, item="x"), moment)]) for i in range(6_000))
    reader = projector.scratch([sums(), items()], histories)
    rows = list(reader.rows(sums()))
    assert (len(rows), rows[7][0], rows[7][1].amount) == (6_000, "h00007", Decimal(7))
    assert reader.row(items(), "h00007", "x").history == "7;"
    assert reader.select(lambda t: sa.select(sa.func.count()).select_from(t), items()) == [(6_000,)]
    assert reader.position == 0
    assert projector.reader().row(sums(), "h00007") is None
    assert store.count() == 4


def test_personal_cells_are_sealed_in_the_table_and_read_back(any_url: str) -> None:
    store, keyring = open_store(any_url), open_keyring(any_url)
    source = PlainSource(Sealing("main", keyring))

    model = ReadModel("test.named", Named)

    @model.on
    def bought(rows: Rows[Named], e: Bought, at: datetime) -> None:
        rows[()].name = e.item
        rows[()].count += 1

    projector = store.projector([model], source)
    for second in (1, 2):
        buy(store, [("a", second, "张三", 1)])
        projector.catch_up()
    found = projector.reader().row(model, "a")
    assert (found.name, found.count) == ("张三", 2)
    (cells,) = projector.reader().select(lambda t: sa.select(t.c.name, t.c.count), model)
    assert cells[0].startswith("~s1.")
    keyring.destroy("a", "identity")
    assert not projector.reader().row(model, "a").name
    store.close()
    keyring.close()
