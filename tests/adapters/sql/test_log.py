"""Appending and reading back: all or nothing, in the order given, against every race."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from guanxi.kernel.entries import COLUMNS, FoldRow, ToldLate
from guanxi.kernel.errors import Invalid, StoreError
from guanxi.kernel.ports import (
    Append,
    ClaimChange,
    ClaimTaken,
    CommandRecord,
    CommandSeen,
    StreamAppend,
    VersionConflict,
)
from guanxi_adapters.sql import SqlStore, open_store
from guanxi_adapters.sql.writing import COPY_FROM, LARGE
from tests.adapters.sql.samples import batch, chained, entry, growth, head_of, stamp_at


def claim(token: str, stream: str, policy: str = "while_active", *, release: bool = False) -> ClaimChange:
    return ClaimChange("card", token, stream, policy, release)


def command(command_id: str, stream: str = "c1") -> CommandRecord:
    return CommandRecord(command_id, "digest", stream, 1, 1)


@pytest.mark.parametrize("count", [1, 2, COPY_FROM + 1, LARGE + 1])
def test_entries_come_back_exactly_as_they_were_appended(store: SqlStore, count: int) -> None:
    odd = "line\none\t\\N 'quote' \"double\" 张三 \\. 😀"
    given = growth(
        "c1", 0, count, reason=odd, source_system="till", source_document=odd, late=1, rule_sets=""
    )
    positions = store.append(batch(given))
    assert positions == list(range(1, count + 1))
    expected = [e._replace(position=p) for e, p in zip(given.entries, positions, strict=True)]
    assert store.entries("c1") == expected
    assert store.page(0, 1000) == expected
    columns = FoldRow._fields[:-1]
    assert [r[:-1] for r in store.fold_rows("c1")] == [
        tuple(getattr(e, n) for n in columns) for e in expected
    ]


def test_positions_are_returned_in_the_order_of_the_entries(store: SqlStore) -> None:
    assert store.append(batch(growth("a", 0, 2), growth("b", 0, 3))) == [1, 2, 3, 4, 5]
    assert store.append(batch(growth("a", 2), growth("c", 0))) == [6, 7]
    assert [(e.stream, e.position) for e in store.page(0, 10)] == [
        ("a", 1), ("a", 2), ("b", 3), ("b", 4), ("b", 5), ("a", 6), ("c", 7)
    ]  # fmt: skip


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_stream_at_another_version_refuses_the_whole_batch(store: SqlStore, expected: int) -> None:
    store.append(batch(growth("b", 0, 2)))
    with pytest.raises(VersionConflict) as caught:
        store.append(batch(growth("a", 0), growth("b", expected), commands=[command("x")]))
    assert caught.value.stream == "b"
    assert store.count() == 2
    assert store.heads(["a", "b"]).keys() == {"b"}
    assert store.commands(["x"]) == {}


def test_the_conflicting_stream_of_many_is_named(store: SqlStore) -> None:
    store.append(batch(growth("a", 0), growth("b", 0), growth("c", 0)))
    store.append(batch(growth("b", 1)))
    with pytest.raises(VersionConflict) as caught:
        store.append(batch(growth("a", 1), growth("b", 1), growth("c", 1)))
    assert caught.value.stream == "b"


def test_a_batch_without_entries_moves_the_head_under_the_same_guard(store: SqlStore) -> None:
    first = growth("a", 0)
    store.append(batch(first))
    later = first.head._replace(next_due=stamp_at(9), judged_by="facets-2")
    assert store.append(batch(StreamAppend("a", "a", 1, (), later))) == []
    assert store.heads(["a"]) == {"a": later}
    with pytest.raises(VersionConflict):
        store.append(batch(StreamAppend("a", "a", 2, (), later._replace(version=2))))
    assert store.count() == 1


def test_one_of_many_writers_of_a_version_wins(store: SqlStore) -> None:
    def attempt(number: int) -> bool:
        try:
            store.append(batch(growth("a", 0, actor=f"writer-{number}")))
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(24)))
    assert won.count(True) == 1
    assert store.count() == 1


def test_a_claim_is_held_by_one_stream_until_it_is_released(store: SqlStore) -> None:
    store.append(batch(growth("a", 0), claims=[claim("t1", "a"), claim("t2", "a")]))
    with pytest.raises(ClaimTaken) as caught:
        store.append(batch(growth("b", 0), claims=[claim("t1", "b")]))
    assert (caught.value.kind, caught.value.token, caught.value.holder) == ("card", "t1", "a")
    assert store.count() == 1
    store.append(batch(growth("a", 1), claims=[claim("t1", "a")]))
    moved = [claim("t1", "a", release=True), claim("t1", "b")]
    store.append(batch(growth("a", 2), growth("b", 0), claims=moved))
    wanted = [("card", "t1"), ("card", "t2"), ("card", "t3"), ("account", "t1")]
    assert store.holders(wanted) == {("card", "t1"): "b", ("card", "t2"): "a"}


def test_an_advisory_claim_has_many_holders(store: SqlStore) -> None:
    for name in ("b", "a"):
        store.append(batch(growth(name, 0), claims=[claim("id", name, "advisory")]))
    assert store.holders([("card", "id")]) == {("card", "id"): "a"}
    store.append(batch(growth("a", 1), claims=[claim("id", "a", "advisory", release=True)]))
    assert store.holders([("card", "id")]) == {("card", "id"): "b"}


def test_releasing_a_claim_of_another_stream_changes_nothing(store: SqlStore) -> None:
    store.append(batch(growth("a", 0), claims=[claim("t", "a")]))
    store.append(batch(growth("b", 0), claims=[claim("t", "b", release=True)]))
    assert store.holders([("card", "t")]) == {("card", "t"): "a"}


def test_a_command_id_is_carried_out_once(store: SqlStore) -> None:
    record = CommandRecord("x", "digest", "a", 1, 1)
    store.append(batch(growth("a", 0), commands=[record]))
    with pytest.raises(CommandSeen) as caught:
        store.append(batch(growth("b", 0), commands=[command("w"), command("x")]))
    assert caught.value.command_id == "x"
    assert store.commands(["w", "x", "y"]) == {"x": record}
    assert store.count() == 1


def test_one_of_many_threads_with_a_command_id_wins(store: SqlStore) -> None:
    def attempt(number: int) -> bool:
        try:
            store.append(batch(growth(f"s{number:02}", 0), commands=[command("x")]))
        except CommandSeen:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(attempt, range(12)))
    assert won.count(True) == 1
    assert store.count() == 1


def test_a_reader_tailing_by_position_never_has_anything_inserted_behind_it(shared_url: str) -> None:
    store = open_store(shared_url)
    done, seen = threading.Event(), list[int]()

    def tail() -> None:
        after = 0
        while True:
            last_round = done.is_set()
            page = store.page(after, 50)
            seen.extend(e.position for e in page)
            after = page[-1].position if page else after
            if last_round and not page:
                return

    def write(writer: int) -> None:
        for i in range(15):
            store.append(batch(growth(f"w{writer}-{i:03}", 0, random.randint(1, 40))))

    reader = threading.Thread(target=tail)
    reader.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    done.set()
    reader.join()
    assert seen == [e.position for e in store.page(0, 100_000)]
    assert len(seen) == store.count()
    store.close()


def test_every_entry_of_a_batch_stands_together_in_the_log(shared_url: str) -> None:
    store = open_store(shared_url)

    def write(writer: int) -> list[int]:
        return store.append(batch(growth(f"w{writer}", 0, 30)))

    with ThreadPoolExecutor(6) as pool:
        for positions in pool.map(write, range(12)):
            assert positions == list(range(positions[0], positions[0] + 30))
    store.close()


def test_tenants_share_tables_and_see_nothing_of_each_other(shared_url: str) -> None:
    one, two = open_store(shared_url), open_store(shared_url, tenant="other")
    one.append(batch(growth("a", 0), claims=[claim("t", "a")], commands=[command("x", "a")]))
    given = growth("a", 0, 2, tenant="other")
    two.append(batch(given, claims=[claim("t", "a")], commands=[command("x", "a")], tenant="other"))
    two.put_meta({"zone": "UTC"})
    assert (one.count(), two.count()) == (1, 2)
    assert (one.last_position(), two.last_position()) == (1, 3)
    assert [e.tenant for e in two.page(0, 10)] == ["other", "other"]
    assert "zone" not in one.meta()
    one.close()
    two.close()


def test_a_batch_of_another_tenant_is_refused(store: SqlStore) -> None:
    with pytest.raises(Invalid, match="other_tenant"):
        store.append(batch(growth("a", 0, tenant="x"), tenant="x"))


def test_a_batch_that_contradicts_itself_is_refused(store: SqlStore) -> None:
    good = growth("b", 0, 2)
    gap = chained([entry("b", 1), entry("b", 3)])
    wrong = [
        Append("main", (growth("b", 0), growth("a", 0))),
        Append("main", (growth("a", 0), growth("a", 0))),
        Append("main", (StreamAppend("b", "b", 0, gap, head_of(gap)),)),
        Append("main", (StreamAppend("b", "b", 0, good.entries, good.head._replace(version=1)),)),
        Append("main", (StreamAppend("c", "c", 0, good.entries, good.head),)),
    ]
    for malformed in wrong:
        with pytest.raises(Invalid, match="malformed_batch"):
            store.append(malformed)
    assert store.count() == 0


def test_a_log_whose_heads_were_lost_refuses_to_grow_beside_itself(store: SqlStore) -> None:
    store.append(batch(growth("a", 0)))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM guanxi_heads")
    with pytest.raises(StoreError, match="log_inconsistent"):
        store.append(batch(growth("a", 0)))
    assert store.count() == 1


def test_rows_are_read_up_to_a_position(store: SqlStore) -> None:
    store.append(batch(growth("a", 0, 2), growth("b", 0, 2)))
    store.append(batch(growth("a", 2, 2)))
    assert [r.position for r in store.fold_rows("a", up_to_position=5)] == [1, 2, 5]
    found = store.fold_rows_of(["a", "b", "z"], up_to_position=3)
    assert {name: [r.version for r in rows] for name, rows in found.items()} == {"a": [1, 2], "b": [1]}
    assert store.fold_rows_of(["b", "a"]) == {"a": store.fold_rows("a"), "b": store.fold_rows("b")}
    assert store.fold_rows_of([]) == {}


def test_rows_of_some_kinds_of_event_are_read_apart(store: SqlStore) -> None:
    store.append(batch(growth("a", 0, 3), growth("b", 0, 1)))
    name = store.fold_rows("a")[0].name
    assert store.fold_rows_of(["a", "b"], kinds=[name]) == store.fold_rows_of(["a", "b"])
    bounded = store.fold_rows_of(["a", "b"], kinds=[name], up_to_position=2)
    assert {stream: [r.position for r in rows] for stream, rows in bounded.items()} == {"a": [1, 2]}
    assert store.fold_rows_of(["a", "b"], kinds=["no.such"]) == {}


def test_what_was_told_late_is_summed_up_by_moment_and_by_whether_a_batch_told_it(store: SqlStore) -> None:
    told = [("2", "1", None), ("3", "3", None), ("5", "4", "B"), ("5", "2", "B"), ("5", "3", None)]
    entries = chained(
        entry("a", n, recorded_at=stamp_at(int(at)), effective_from=stamp_at(int(counts)), batch=by)
        for n, (at, counts, by) in enumerate(told, 1)
    )
    store.append(batch(StreamAppend("a", "a", 0, entries, head_of(entries)), growth("b", 0)))
    told_of = frozenset(e.name for e in entries)
    assert store.told_late(["a", "b", "z"]) == {
        "a": [
            ToldLate(stamp_at(2), False, 1, stamp_at(1), told_of),
            ToldLate(stamp_at(5), False, 5, stamp_at(3), told_of),
            ToldLate(stamp_at(5), True, 3, stamp_at(2), told_of),
        ]
    }
    assert store.told_late([]) == {}


def test_lists_of_any_length_are_looked_up(store: SqlStore) -> None:
    store.append(batch(growth("a", 0), growth("b", 0)))
    names = [f"n{i}" for i in range(12_000)] + ["b"]
    assert store.heads(names).keys() == {"b"}
    assert store.fold_rows_of(names).keys() == {"b"}


def test_pages_follow_each_other_without_gap_or_overlap(store: SqlStore) -> None:
    store.append(batch(*[growth(f"s{i:02}", 0, 3) for i in range(20)]))
    after, seen = 0, list[int]()
    while page := store.page(after, 7):
        seen += [e.position for e in page]
        after = page[-1].position
    assert seen == list(range(1, 61))


def test_heads_are_walked_in_order_of_name(store: SqlStore) -> None:
    names = ["B", "a", "ä", "b", "Z", "张"]
    store.append(batch(*[growth(name, 0) for name in sorted(names)]))
    seen, after = list[str](), ""
    while page := store.streams(after=after, limit=2):
        seen += [head.stream for head in page]
        after = seen[-1]
    assert seen == sorted(names)


def test_heads_of_a_subject_are_found(store: SqlStore) -> None:
    made = [growth(name, 0) for name in ("a", "b", "c")]
    owned = [StreamAppend(s.stream, "p1", 0, s.entries, s.head._replace(subject="p1")) for s in made[:2]]
    store.append(batch(*owned, made[2]))
    assert [h.stream for h in store.streams("p1")] == ["a", "b"]
    assert [h.stream for h in store.streams("p1", after="a")] == ["b"]


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_due_streams_are_those_due_or_judged_by_others(store: SqlStore, limit: int) -> None:
    expected = []
    made = []
    for i in range(40):
        g = growth(f"s{i:02}", 0)
        due = stamp_at(i) if i % 3 == 0 else None
        judge = "old" if i % 7 == 0 else "new"
        made.append(
            StreamAppend(g.stream, g.stream, 0, g.entries, g.head._replace(next_due=due, judged_by=judge))
        )
        if (due is not None and i <= 20) or judge == "old":
            expected.append(g.stream)
    store.append(batch(*made))
    seen, after = list[str](), ""
    while page := store.due(stamp_at(20), {"new"}, limit=limit, after=after):
        seen += [head.stream for head in page]
        after = seen[-1]
    assert seen == expected


def test_the_position_known_at_a_stamp_is_the_last_recorded_by_then(store: SqlStore) -> None:
    recorded = [1, 1, 2, 5, 3, 5, 8, 4, 9, 9]  # clocks differ, and a batch keeps its moment
    for i, second in enumerate(recorded):
        store.append(batch(growth(f"s{i}", 0, recorded_at=stamp_at(second))))
    for second in range(11):
        by_then = [p for p, s in enumerate(recorded, start=1) if s <= second]
        assert store.position_known_at(stamp_at(second)) == max(by_then, default=0)


def test_text_that_cannot_be_stored_is_refused_whole(store: SqlStore) -> None:
    good = growth("b", 0)
    entries = (good.entries[0]._replace(reason="\ud800"),)
    with pytest.raises(Invalid, match="unstorable"):
        store.append(batch(growth("a", 0), StreamAppend("b", "b", 0, entries, good.head)))
    assert store.count() == 0
    assert store.heads(["a"]) == {}


def test_settings_of_the_ledger_are_kept(store: SqlStore) -> None:
    store.put_meta({"zone": "Asia/Shanghai", "currency": "CNY"})
    store.put_meta({"zone": "UTC"})
    found = store.meta()
    assert (found["zone"], found["currency"], found["schema_version"]) == ("UTC", "CNY", "3")
    assert found["program_version"]
    with pytest.raises(Invalid, match="reserved_setting"):
        store.put_meta({"schema_version": "9"})


def test_an_empty_log_answers_every_question(store: SqlStore) -> None:
    assert store.count() == store.last_position() == store.position_known_at(stamp_at(1)) == 0
    assert store.page(0, 10) == store.entries("a") == store.fold_rows("a") == []
    assert store.heads(["a"]) == store.holders([("card", "t")]) == store.commands(["x"]) == {}
    assert store.append(batch()) == []


def test_the_table_of_entries_has_the_columns_of_an_entry_in_their_order(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        assert tuple(connection.exec_driver_sql("SELECT * FROM guanxi_entries").keys()) == COLUMNS
