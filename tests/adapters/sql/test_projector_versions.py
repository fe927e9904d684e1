"""Read models are made anew beside the live ones: by several workers, compared, swapped whole, retried and cleaned away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

import guanxi
from guanxi import OpenFile
from guanxi.kernel.errors import Invalid, Unavailable, Unknown
from guanxi.kernel.privacy import Sealing
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi_adapters.sql import SqlStore, crew, open_keyring, open_store
from guanxi_adapters.sql.projector import SqlProjector
from guanxi_adapters.sql.standings import table_name
from tests.adapters.cli.conftest import make_sample
from tests.adapters.sql.samples import Bought, PlainSource, Sum, batch, growth, items, sums
from tests.adapters.sql.test_projector import Named, buy, expected, sample, shown
from tests.adapters.sql.tiny import FAILS, install


def beside(shop: guanxi.Ledger) -> set[str]:
    """Tables that a build has left behind: neither live nor anything but a read model's."""
    live = {table_name(model.name, model.version) for parts in shop.parts for model in parts.models}
    return {name for name in tables(shop.store) if "__" in name} - live


def tables(store: SqlStore) -> set[str]:
    with store.engine.connect() as connection:
        return {n for n in sa.inspect(connection).get_table_names() if not n.startswith("guanxi_")}


def stored(store: SqlStore, table: str) -> list[Any]:
    with store.engine.connect() as connection:
        return sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {table}")))


def run(store: SqlStore, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def touchy(fails: set[int]) -> ReadModel[Sum]:
    """Sums that cannot fold some amounts."""
    model = ReadModel("test.touchy", Sum)

    @model.on
    def bought(rows: Rows[Sum], e: Bought, at: datetime) -> None:
        if e.amount in fails:
            raise ValueError(f"cannot fold {e.amount}")
        rows[()].count += 1
        rows[()].amount += e.amount
        rows[()].last = at

    return model


def wider(version: int = 2) -> ReadModel[Any]:
    """Sums with one column more."""

    @attrs.define
    class Wider(Sum):
        most: int = column(default=0)

    model = ReadModel("test.sums", Wider, version=version)

    @model.on
    def bought(rows: Rows[Any], e: Bought, at: datetime) -> None:
        rows[()].count += 1
        rows[()].most = max(rows[()].most, e.amount)

    return model


# Parked, and taken up again


def test_a_model_that_failed_is_taken_up_at_its_entry_and_ends_as_if_it_never_had(store: SqlStore) -> None:
    log = [(f"s{n % 3}", n, "x", 7 if n == 12 else 1) for n in range(20)]
    buy(store, log)
    fails, good = {7}, [sums(), items()]
    projector = SqlProjector(store, [touchy(fails), *good], PlainSource(), page=8)
    assert projector.catch_up() == 20
    parked, *others = projector.status()
    assert (parked.position, parked.parked_at) == (12, 13)
    assert "cannot fold 7" in (parked.error or "")
    assert [(s.position, s.parked_at) for s in others] == [(20, None)] * 2
    buy(store, [("s1", 3, "x", 2), ("s9", 30, "y", 4)])  # one of them late
    fails.clear()
    (mended,) = projector.retry()
    assert (mended.name, mended.position, mended.parked_at, mended.error) == ("test.touchy", 22, None, None)
    never = open_store("sqlite://")
    buy(never, [*log, ("s1", 3, "x", 2), ("s9", 30, "y", 4)])
    fresh = never.projector([touchy(set())], PlainSource())
    fresh.catch_up()
    assert shown(projector.reader(), touchy(set())) == shown(fresh.reader(), touchy(set()))
    assert stored(store, "test_touchy") == stored(never, "test_touchy")
    assert shown(projector.reader(), *good) == expected(store, *good)
    never.close()


def test_a_model_that_fails_again_is_parked_at_the_next_entry_with_its_new_error(store: SqlStore) -> None:
    buy(store, [("a", n, "x", n) for n in range(10)])
    fails = {3, 6}
    projector = store.projector([touchy(fails), sums()], PlainSource())
    projector.catch_up()
    fails.remove(3)
    (again,) = projector.retry(["test.touchy"])
    assert (again.position, again.parked_at) == (6, 7)
    assert "cannot fold 6" in (again.error or "")
    assert projector.retry(["test.sums"]) == []
    with pytest.raises(Unknown, match="unknown_read_model"):
        projector.retry(["test.nothing"])


def test_rows_of_a_parked_model_are_refused_until_it_is_taken_up(store: SqlStore) -> None:
    buy(store, [("a", n, "x", n) for n in range(5)])
    fails = {3}
    model = touchy(fails)
    projector = store.projector([model], PlainSource())
    projector.catch_up()
    with pytest.raises(Unavailable, match="a retry once the cause is mended"):
        projector.reader().row(model, "a")
    fails.clear()
    projector.retry()
    assert projector.reader().row(model, "a").count == 5


def test_a_rebuild_that_was_parked_is_taken_up_where_it_stopped(store: SqlStore) -> None:
    buy(store, [("a", n, "x", n) for n in range(10)])
    fails: set[int] = set()
    model = touchy(fails)
    projector = SqlProjector(store, [model], PlainSource(), page=4)
    projector.catch_up()
    fails.add(6)
    assert projector.rebuild().swapped == ()
    assert projector.status()[0].parked_at == 7
    assert projector.status()[0].building.position == 6  # type: ignore[union-attr]
    assert projector.reader().row(model, "a").count == 10
    fails.clear()
    assert projector.retry()[0].building is None
    assert tables(store) == {"test_touchy"}


# Several workers


@pytest.fixture
def shop(shared_url: str) -> Iterator[guanxi.Ledger]:
    """A ledger with late entries, corrections and refunds, of each kind of shared database."""
    make_sample(shared_url)
    ledger = guanxi.open(shared_url)
    yield ledger
    ledger.close()


def everything(ledger: guanxi.Ledger) -> dict[str, list[Any]]:
    return {m.name: stored(ledger.store, table_name(m.name, m.version)) for m in ledger.reporting.models}


def test_rows_that_two_workers_fold_are_those_that_one_folds(shop: guanxi.Ledger) -> None:
    for n in range(40):
        shop.execute(f"D-{n}", OpenFile(name=f"customer {n}"), actor="x")
    shop.reporting.project()
    page_by_page = everything(shop)
    assert all(page_by_page[name] for name in ("core.files", "retail.customers", "retail.points_month"))
    one = shop.reporting.rebuild(workers=1)
    alone = everything(shop)
    seen: list[tuple[int, int]] = []
    two = shop.reporting.rebuild(progress=lambda done, last: seen.append((done, last)), workers=2)
    assert (one.workers, two.workers, two.alone) == (1, 2, None)
    assert set(two.swapped) == {m.name for m in shop.reporting.models}
    assert everything(shop) == alone == page_by_page
    assert seen[-1] == (shop.store.last_position(),) * 2
    assert beside(shop) == set()


def test_what_is_recorded_while_workers_fold_is_there_after_the_swap(
    shop: guanxi.Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = SqlProjector._fill

    def slowly(self: SqlProjector, *args: Any) -> None:
        fill(self, *args)
        shop.execute("E-1", OpenFile(name="late comer"), actor="x")

    monkeypatch.setattr(SqlProjector, "_fill", slowly)
    done = shop.reporting.rebuild(workers=2)
    assert done.position == shop.store.last_position()
    assert all(c.same for c in shop.reporting.check())


def test_a_large_log_is_folded_by_several_workers_unless_it_is_said_otherwise() -> None:
    assert crew.wanted(None, crew.MANY_ENTRIES) == 1
    assert 1 <= crew.wanted(None, crew.MANY_ENTRIES + 1) <= crew.MOST_WORKERS
    assert crew.wanted(3, 10) == 3


def test_a_first_catch_up_over_a_large_log_is_folded_by_several_workers(
    shop: guanxi.Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    begin = crew.Crew.__init__

    def noted(self: crew.Crew, *args: Any) -> None:
        started.append(args[-1])
        begin(self, *args)

    monkeypatch.setattr(crew.Crew, "__init__", noted)
    monkeypatch.setattr(crew, "wanted", lambda _workers, entries: 2 if entries > 10 else 1)
    pages: list[int] = []
    passing = SqlStore.passing
    monkeypatch.setattr(SqlStore, "passing", lambda self, *at: (pages.append(at[0]), passing(self, *at))[1])
    shop.reporting.project()
    assert started == [2]
    assert 0 not in pages, "what the workers fold is not folded page by page as well"
    assert all((s.lag, s.parked_at, s.building) == (0, None, None) for s in shop.reporting.status())
    together = everything(shop)
    shop.execute("E-1", OpenFile(name="late comer"), actor="x")
    shop.reporting.project()
    assert started == [2], "what follows is folded page by page"
    monkeypatch.undo()
    assert together != everything(shop)
    assert all(c.same for c in shop.reporting.check(workers=1))
    assert beside(shop) == set()


def test_a_first_catch_up_whose_workers_die_goes_on_page_by_page(
    shop: guanxi.Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_START", "import sys; sys.stdin.read(); sys.exit(1)")
    monkeypatch.setattr(crew, "wanted", lambda *_: 2)
    shop.reporting.project()
    monkeypatch.undo()
    assert all((s.lag, s.parked_at) == (0, None) for s in shop.reporting.status())
    assert all(c.same for c in shop.reporting.check(workers=1))


def test_a_model_that_fails_in_a_first_catch_up_is_parked_as_without_workers(
    shared_url: str, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = guanxi.open(shared_url)
    for n in range(12):
        ledger.execute(f"T-{n % 3}", OpenFile() if n < 3 else tiny.Note(text=f"note {n}"), actor="x")
    monkeypatch.setattr(crew, "wanted", lambda *_: 2)
    monkeypatch.setenv(FAILS, "note 7")
    ledger.reporting.project()
    status = {s.name: s for s in ledger.reporting.status()}
    parked = status["tiny.notes"]
    assert parked.parked_at is not None
    assert parked.building is None
    assert parked.position < parked.parked_at
    assert all(s.parked_at is None and s.lag == 0 for name, s in status.items() if name != "tiny.notes")
    monkeypatch.delenv(FAILS)
    assert [s.parked_at for s in ledger.reporting.retry()] == [None]
    assert all(c.same for c in ledger.reporting.check(workers=1))
    ledger.close()


def test_less_than_one_worker_is_refused(store: SqlStore) -> None:
    with pytest.raises(Invalid, match="0 workers fold nothing"):
        store.projector([sums()], PlainSource()).rebuild(workers=0)


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        (lambda url: guanxi.open("sqlite://"), "the database is in memory"),
        (lambda url: guanxi.open(url, plugins=[_parts()]), "its plugins were handed over directly"),
    ],
)
def test_where_no_other_process_can_open_the_ledger_one_folds_and_says_why(
    sqlite_url: str, opened: Callable[[str], guanxi.Ledger], reason: str
) -> None:
    ledger = opened(sqlite_url)
    ledger.execute("a", OpenFile(), actor="x")
    done = ledger.reporting.rebuild(workers=2)
    assert done.workers == 1
    assert done.alone is not None
    assert reason in done.alone.en
    assert all(s.lag == 0 for s in ledger.reporting.status())
    ledger.close()


def _parts() -> guanxi.Parts:
    @guanxi.event("own.seen")
    class Seen(guanxi.Fact):
        where: str

    return guanxi.Parts(name="own", version="1", title=guanxi.Label("Own", "自有"), events=(Seen,))


def test_workers_that_cannot_open_the_ledger_leave_the_work_to_one(
    shop: guanxi.Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = crew.recipe_for(shop.store, shop.source())
    assert isinstance(found, crew.Recipe)
    elsewhere = crew.Recipe("sqlite:////nowhere/at/all.db", found.tenant, found.keys, found.plugins)
    monkeypatch.setattr(crew, "recipe_for", lambda *_: elsewhere)
    done = shop.reporting.rebuild(workers=2)
    assert done.workers == 1
    assert "the workers could not open the ledger" in done.alone.en  # type: ignore[union-attr]
    assert all(c.same for c in shop.reporting.check(workers=1))


def test_a_worker_that_dies_leaves_the_live_rows_and_nothing_beside_them(
    shop: guanxi.Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.reporting.project()
    before = everything(shop)
    with monkeypatch.context() as broken:
        broken.setattr(crew, "_START", "import sys; sys.stdin.read(); sys.exit('killed by the kernel')")
        with pytest.raises(Unavailable, match=r"worker_failed.*killed by the kernel"):
            shop.reporting.rebuild(workers=2)
    assert everything(shop) == before
    assert beside(shop) == set()
    assert shop.reporting.rebuild(workers=2).workers == 2


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A plugin that is installed, one of whose read models fails when told to."""
    monkeypatch.syspath_prepend(install(tmp_path / "plugins"))
    import tiny_plugin  # type: ignore[import-not-found]

    yield tiny_plugin
    sys.modules.pop("tiny_plugin", None)


def test_a_model_that_fails_in_a_worker_is_parked_where_one_worker_parks_it(
    shared_url: str, tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = guanxi.open(shared_url)
    for n in range(12):
        ledger.execute(f"T-{n % 3}", OpenFile() if n < 3 else tiny.Note(text=f"note {n}"), actor="x")
    monkeypatch.setenv(FAILS, "note 7")
    places = []
    for workers in (1, 2):
        done = ledger.reporting.rebuild(["tiny.notes", "tiny.counts"], workers=workers)
        assert done.workers == workers
        assert done.swapped == ("tiny.counts",)
        parked = next(s for s in ledger.reporting.status() if s.name == "tiny.notes")
        assert "cannot fold note 7" in (parked.error or "")
        places.append((parked.parked_at, parked.building.position if parked.building else None))
    assert places[0] == places[1]
    monkeypatch.delenv(FAILS)
    assert [s.parked_at for s in ledger.reporting.retry()] == [None]
    assert all(c.same for c in ledger.reporting.check())
    ledger.close()


# Comparing


def test_a_falsified_row_is_found_and_nothing_is_changed_by_looking(shared_url: str) -> None:
    store = open_store(shared_url)
    buy(store, [("a", 1, "x", 1), ("b", 2, "y", 2), ("c", 3, "x", 3)])
    models = [sums(), items()]
    projector = store.projector(models, PlainSource())
    projector.catch_up()
    assert [c.same for c in projector.rebuild(compare=True, swap=False).comparisons] == [True, True]
    run(store, "UPDATE test_sums SET amount = 99 WHERE stream = 'b'")
    run(store, "DELETE FROM test_items WHERE stream = 'a'")
    run(store, "UPDATE test_items SET item = 'z' WHERE stream = 'c'")
    before = stored(store, "test_sums"), stored(store, "test_items")
    changed, moved = projector.rebuild(compare=True, swap=False).comparisons
    assert (changed.equal, changed.only_live, changed.only_new, changed.different) == (2, 0, 0, 1)
    (row,) = changed.examples
    assert (row.stream, row.key, row.found) == ("b", (), "different")
    assert [(c.name, c.live, c.new) for c in row.cells] == [("amount", 99, 200)]
    assert (moved.equal, moved.only_live, moved.only_new) == (1, 1, 2)
    assert [(r.stream, r.key, r.found) for r in moved.examples] == [
        ("a", ("x",), "only_new"),
        ("c", ("x",), "only_new"),
        ("c", ("z",), "only_live"),
    ]
    assert (stored(store, "test_sums"), stored(store, "test_items")) == before
    assert tables(store) == {"test_sums", "test_items"}
    store.close()


def test_rows_that_differ_are_swapped_only_if_that_was_said(store: SqlStore) -> None:
    buy(store, sample(20))
    model = sums()
    projector = store.projector([model], PlainSource())
    projector.catch_up()
    run(store, "UPDATE test_sums SET amount = 99")
    left = projector.rebuild(compare=True)
    assert (left.swapped, left.kept) == ((), ("test.sums",))
    assert {row.amount for _, row in projector.reader().rows(model)} == {Decimal("0.99")}
    done = projector.rebuild(compare=True, swap=True)
    assert (done.swapped, done.kept) == (("test.sums",), ())
    assert done.comparisons[0].faulty
    assert shown(projector.reader(), model) == expected(store, model)
    assert projector.rebuild(compare=True).comparisons[0].same


def test_a_version_with_other_columns_is_swapped_without_a_comparison(store: SqlStore) -> None:
    buy(store, sample(10))
    store.projector([sums()], PlainSource()).catch_up()
    new = wider()
    projector = store.projector([new], PlainSource())
    done = projector.rebuild(compare=True)
    assert done.comparisons[0].why_not is not None
    assert done.comparisons[0].why_not.en == "the live rows have other columns"
    assert done.swapped == ("test.sums",)
    assert projector.status()[0].live_version == 2


def test_a_personal_cell_that_was_falsified_is_named_but_not_shown(any_url: str) -> None:
    store, keyring = open_store(any_url), open_keyring(any_url)
    sealing = Sealing("main", keyring)

    model = ReadModel("test.named", Named)

    @model.on
    def bought(rows: Rows[Named], e: Bought, at: datetime) -> None:
        rows[()].name = e.item

    buy(store, [("a", 1, "张三", 1), ("b", 1, "李四", 1)])
    projector = store.projector([model], PlainSource(sealing))
    projector.catch_up()
    moved = stored(store, "test_named")[0][2]
    run(store, f"UPDATE test_named SET name = '{moved}' WHERE stream = 'b'")
    (found,) = projector.rebuild(compare=True, swap=False).comparisons
    assert found.different == 1
    (cell,) = found.examples[0].cells
    assert (cell.name, cell.personal, cell.live, cell.new) == ("name", True, None, None)
    assert "李四" not in repr(found)
    store.close()
    keyring.close()


def test_a_parked_model_is_not_compared_and_says_so(store: SqlStore) -> None:
    buy(store, [("a", n, "x", n) for n in range(5)])
    projector = store.projector([touchy({3})], PlainSource())
    projector.catch_up()
    (found,) = projector.rebuild(compare=True, swap=False).comparisons
    assert not found.same
    assert not found.faulty
    assert "the new rows stop at the entry at position 4" in found.why_not.en  # type: ignore[union-attr]


# What the rows sum to


def test_one_log_has_one_checksum_on_every_database_and_after_every_rebuild(
    store: SqlStore, memory_url: str
) -> None:
    log, models = sample(30), [sums(), items()]
    other = open_store(memory_url)
    found = []
    for each in (store, other):
        buy(each, log)
        projector = each.projector(models, PlainSource())
        projector.catch_up()
        found.append([s.checksum for s in projector.status(checksum=True)])
        projector.rebuild()
        found.append([s.checksum for s in projector.status(checksum=True)])
        found.append([s.rebuilt_checksum for s in projector.status()])
        assert [s.rebuilt_position for s in projector.status()] == [30, 30]
        assert [s.checksum for s in projector.status()] == [None, None]
    assert all(each == found[0] for each in found)
    assert None not in found[0]
    run(store, "UPDATE test_sums SET count = count + 1 WHERE stream = 's1'")
    projector = store.projector(models, PlainSource())
    now = [s.checksum for s in projector.status(checksum=True)]
    assert [a == b for a, b in zip(now, found[0], strict=True)] == [False, True]
    other.close()


def test_erasing_a_customer_changes_no_checksum_and_makes_no_difference(shared_url: str) -> None:
    ledger = guanxi.open(shared_url)
    ledger.execute("C-1", OpenFile(name="李明"), actor="x")
    ledger.reporting.project()

    def files() -> str | None:
        return next(s.checksum for s in ledger.reporting.status(checksum=True) if s.name == "core.files")

    before, (head,) = files(), [h for h in ledger.store.streams() if h.subject == "customer"]
    assert ledger.backend.keyring.destroy(head.stream, "identity")
    (found,) = ledger.reporting.check(["core.files"])
    assert found.same
    ledger.reporting.rebuild(["core.files"])
    assert files() == before
    ledger.close()


# Versions, tenants, readers


def test_tenants_of_one_database_change_the_version_each_in_its_own_time(shared_url: str) -> None:
    one, two = open_store(shared_url), open_store(shared_url, tenant="other")
    old, new = sums(), wider()
    buy(one, sample(10))
    two.append(batch(growth("b", 0, 3, tenant="other"), tenant="other"))
    for each in (one, two):
        each.projector([old], PlainSource()).catch_up()
    one.projector([new], PlainSource()).catch_up()
    assert tables(one) == {"test_sums", "test_sums__v2"}
    # the other tenant's program still knows version 1: it reads, appends, rebuilds
    still = two.projector([old], PlainSource())
    two.append(batch(growth("c", 0, 2, tenant="other"), tenant="other"))
    still.catch_up()
    assert [row.count for _, row in still.reader().rows(old)] == [3, 2]
    assert still.rebuild().swapped == ("test.sums",)
    assert [row.count for _, row in still.reader().rows(old)] == [3, 2]
    assert {row[0] for row in stored(one, "test_sums")} == {"other"}
    assert shown(one.projector([new], PlainSource()).reader(), new) == expected(one, new)
    # and follows later, with rows of both in one table
    later = two.projector([new], PlainSource())
    later.catch_up()
    assert [(row.count, row.most) for _, row in later.reader().rows(new)] == [(3, 1), (2, 1)]
    assert shown(one.projector([new], PlainSource()).reader(), new) == expected(one, new)
    assert tables(one) == {"test_sums__v2"}
    one.close()
    two.close()


def test_an_older_program_leaves_a_newer_version_alone_unless_told_to_rebuild(shared_url: str) -> None:
    store, old, new = open_store(shared_url), sums(), wider()
    buy(store, sample(10))
    store.projector([new], PlainSource()).catch_up()
    behind = store.projector([old], PlainSource())
    behind.catch_up()
    with pytest.raises(Unavailable, match=r"test\.sums v1 is already of version 2"):
        list(behind.reader().rows(old))
    assert shown(store.projector([new], PlainSource()).reader(), new) == expected(store, new)
    behind.rebuild()
    assert shown(behind.reader(), old) == expected(store, old)
    assert tables(store) == {"test_sums"}
    store.close()


@pytest.mark.parametrize("next_model", [sums, wider])
def test_a_reader_opened_before_a_swap_sees_the_whole_old_rows(
    shared_url: str, next_model: Callable[[], ReadModel[Any]]
) -> None:
    store, writer, model = open_store(shared_url), open_store(shared_url), sums()
    buy(store, sample(10))
    projector = store.projector([model], PlainSource())
    projector.catch_up()
    before = expected(store, model)
    with projector.reader() as reader:
        buy(writer, [("zz", 60, "x", 5)])
        other = writer.projector([next_model()], PlainSource())
        other.rebuild()
        assert other.status()[0].live_version == next_model().version
        assert shown(reader, model) == before
        assert reader.position == 10
    other.clean()
    assert tables(store) == {table_name("test.sums", next_model().version)}
    store.close()
    writer.close()


def test_a_table_name_too_long_for_postgresql_is_cut_and_stays_its_own() -> None:
    long = "retail." + "very_long_name_" * 5
    names = {
        table_name(long + end, v, s) for end in "ab" for v in (1, 2) for s in ("", "__building_12345678")
    }
    assert len(names) == 8
    assert max(map(len, names)) <= 63
    assert table_name("retail.customers", 1) == "retail_customers"
    assert table_name("retail.customers", 12) == "retail_customers__v12"


# What is left behind


def broken_off(store: SqlStore, model: ReadModel[Any], **how: Any) -> None:
    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    class Gone(SqlProjector):
        """A process that is killed: it cleans nothing up."""

        def _remove(self, *_: Any) -> bool:
            return False

    with pytest.raises(KeyboardInterrupt):
        Gone(store, [model], PlainSource(), page=4).rebuild(progress=stop, **how)


def test_a_build_that_another_version_overtook_is_cleared_away_by_itself(store: SqlStore) -> None:
    buy(store, sample(10))
    store.projector([sums()], PlainSource()).catch_up()
    broken_off(store, sums(version=2))
    assert any("__v2__building" in name for name in tables(store))
    store.projector([sums(version=3)], PlainSource()).catch_up()
    assert tables(store) == {"test_sums__v3"}


def test_a_build_that_its_process_left_behind_is_shown_and_made_again(store: SqlStore) -> None:
    buy(store, sample(10))
    model = sums()
    projector = store.projector([model], PlainSource())
    projector.catch_up()
    broken_off(store, model, compare=True)
    (status,) = projector.status()
    assert status.building is not None
    assert status.building.private
    assert status.position == 10
    assert projector.catch_up() == 10  # nobody else goes on with it
    assert projector.status()[0].building is not None
    assert projector.rebuild(compare=True).comparisons[0].same
    assert tables(store) == {"test_sums"}


def test_cleaning_removes_what_nobody_builds_and_nothing_else(store: SqlStore) -> None:
    buy(store, sample(10))
    store.projector([sums(), items()], PlainSource()).catch_up()
    broken_off(store, sums(), compare=True)
    broken_off(store, items())
    stray = next(n for n in tables(store) if n.startswith("test_items__building")).replace("items", "gone")
    run(store, f"CREATE TABLE {stray} (x INTEGER)")
    run(store, "CREATE TABLE somebodys (x INTEGER)")
    both = store.projector([sums(), items()], PlainSource())
    found = both.clean()
    assert [(c.model, c.why) for c in found] == [("test.sums", "abandoned"), (stray, "abandoned")]
    assert both.status()[1].building is not None  # whoever catches up carries it on
    alone = store.projector([sums()], PlainSource())
    assert [(c.model, c.why) for c in alone.clean()] == [("test.items", "abandoned")]
    assert tables(store) == {"test_sums", "test_items", "somebodys"}
    assert both.clean() == []


def test_a_build_that_was_cleaned_away_under_its_process_is_given_up(store: SqlStore) -> None:
    buy(store, sample(10))
    model = sums()
    projector = SqlProjector(store, [model], PlainSource(), page=4)
    projector.catch_up()
    other = store.projector([model], PlainSource())
    with pytest.raises(Unavailable, match="build_taken_over"):
        projector.rebuild(progress=lambda *_: other.clean(), compare=True)
    assert shown(projector.reader(), model) == expected(store, model)
    assert tables(store) == {"test_sums"}


def test_rows_of_an_absent_plugin_are_listed_kept_and_removed_only_when_asked(shared_url: str) -> None:
    store, two = open_store(shared_url), open_store(shared_url, tenant="other")
    buy(store, sample(10))
    two.append(batch(growth("b", 0, 3, tenant="other"), tenant="other"))
    for each in (store, two):
        each.projector([sums(), items()], PlainSource()).catch_up()
    left = store.projector([sums()], PlainSource())
    buy(store, [("z", 1, "x", 1)])
    left.catch_up()
    status = left.status()[-1]
    assert (status.name, status.absent, status.position, status.lag) == ("test.items", True, 10, 1)
    assert status.lag_seconds > 0
    left.wait_for(11)
    assert left.clean() == []
    assert [(c.model, c.table, c.why) for c in left.clean(absent=True)] == [
        ("test.items", "test_items", "absent")
    ]
    assert {row[0] for row in stored(store, "test_items")} == {"other"}
    assert two.projector([items()], PlainSource()).clean(absent=True)[0].model == "test.sums"
    assert not [s for s in left.status() if s.absent]
    back = store.projector([sums(), items()], PlainSource())
    back.catch_up()
    assert shown(back.reader(), items()) == expected(store, items())
    store.close()
    two.close()


def test_rows_of_a_plugin_that_comes_back_are_those_of_a_rebuild(shared_url: str) -> None:
    make_sample(shared_url)
    with_it = guanxi.open(shared_url)
    with_it.reporting.project()
    with_it.close()
    without = guanxi.open(shared_url, plugins=[])
    without.execute("C-3", OpenFile(), actor="x")
    without.reporting.project()
    assert {s.name for s in without.reporting.status() if s.absent} >= {"retail.customers", "retail.receipts"}
    without.close()
    back = guanxi.open(shared_url)
    back.advance()
    back.reporting.project()
    assert {s.name for s in back.reporting.status() if s.rebuilt_at} == set()  # continued, not made anew
    assert all(c.same for c in back.reporting.check())
    back.close()
