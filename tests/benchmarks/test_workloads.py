"""Every workload runs in small, and what it says it did is what it did; how long that took is nobody's test."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line
from benchmarks import growth, measuring, ours, reporting, tenfold
from benchmarks.measuring import Contender, Contest, Result, Stopwatch, Turn
from benchmarks.peers import BARE, NATIVE, OURS, opened
from benchmarks.peers.apart import Apart, Failed, Several
from benchmarks.peers.environment import FOLDER, NoEnvironment, python
from benchmarks.peers.lanes import NAME, PAYLOAD
from benchmarks.peers.library import LibraryPeer
from benchmarks.places import POSTGRES, SQLITE, NotThere, Place, place
from benchmarks.targets import MET, MISSED, TARGETS, UNMEASURED, Target
from benchmarks.workloads import FULL, QUICK, WORKLOADS, Bench, Sizes
from guanxi import verify
from guanxi.kernel.entries import COLUMNS

TINY = Sizes(
    saves={1: 12, 10: 6},
    writers=(1, 2),
    processes=0,
    bulk=60,
    commands=4,
    streams=(40,),
    log=60,
    pages=(25,),
    projected=60,
    rebuilt=90,
    run=20,
    per_customer=10,
)
ROUNDS = 1


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRES, marks=[pytest.mark.postgres, pytest.mark.slow])])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Small work on each kind of database, without the peers of another environment."""
    if request.param == SQLITE:
        yield Bench(Place(SQLITE, tmp_path), TINY)
        return
    server: str = request.getfixturevalue("postgres_server")
    found = Place(POSTGRES, tmp_path, server)
    with suppress(NotThere):
        yield Bench(found, TINY)
    found.drop_all()


@pytest.fixture
def files(tmp_path: Path) -> Bench:
    """Small work on files."""
    return Bench(Place(SQLITE, tmp_path), TINY)


def contests(workload: str, bench: Bench) -> list[Result]:
    with closing(WORKLOADS[workload](bench)) as found:
        return [contest.run(ROUNDS) for contest in found]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_workload_runs_and_everybody_has_done_some_work(workload: str, bench: Bench) -> None:
    results = contests(workload, bench)
    assert results
    for result in results:
        assert (result.contest.workload, result.contest.database) == (workload, bench.place.name)
        assert next(iter(result.turns)) == OURS
        for name, turns in result.turns.items():
            assert len(turns) == ROUNDS, name
            assert all(t.units > 0 and t.seconds > 0 for t in turns), name


def test_appends_count_the_same_entries_for_everybody_however_many_write(files: Bench) -> None:
    found = {
        r.contest.name: ({t.units for turns in r.turns.values() for t in turns}, set(r.turns))
        for r in contests("append", files)
    }
    everybody = {OURS, NATIVE, "sqlite3"}
    assert found == {
        "1 entry a save, 1 writer": ({12}, everybody),
        "10 entries a save, 1 writer": ({60}, everybody),
        "1 entry a save, 2 writers": ({12}, everybody),
        "10 entries a save, 2 writers": ({60}, everybody),
    }


def test_bulk_counts_the_same_for_everybody(files: Bench) -> None:
    for result in contests("bulk", files):
        assert {t.units for turns in result.turns.values() for t in turns} == {60}, result.contest.name


def test_commands_count_the_same_for_everybody(files: Bench) -> None:
    by_name = {
        r.contest.name: {t.units for turns in r.turns.values() for t in turns}
        for r in contests("command", files)
    }
    assert by_name == {
        "execute, 1 entry": {4},
        "take_in, 10 entries": {50},
        "execute, a purchase of 3 entries": {4},
    }


def test_streams_that_are_loaded_are_as_long_as_they_say(files: Bench) -> None:
    for result in contests("load", files):
        units = {turn.units for turns in result.turns.values() for turn in turns}
        assert len(units) == 1, result.contest.name
        assert 40 <= units.pop() <= 45, result.contest.name


def test_the_whole_log_is_read_and_projected(files: Bench) -> None:
    for workload, least in (("log", 60), ("project", 60), ("rebuild", 90)):
        for result in contests(workload, files):
            units = {turn.units for turn in result.turns[OURS]}
            assert all(least - 10 <= n <= least + 15 for n in units), result.contest.name


def test_the_retail_stream_holds_what_rules_and_time_draw_from_purchases(files: Bench) -> None:
    with ours.opened(files.place, "stream") as (ledger, _):
        stream = ours.retail_stream(ledger, "C", 40)
        names = {entry.name for entry in ledger.store.entries(stream)}
        assert names >= {"retail.purchase_recorded", "retail.points_earned", "retail.points_activated"}
        assert len(ledger.history("C").judged().items) == ledger.store.heads([stream])[stream].version


def test_a_log_that_is_filled_in_bulk_is_as_whole_as_one_that_is_told(files: Bench) -> None:
    with ours.opened(files.place, "bulk") as (ledger, _):
        ours.many_counted(ledger, 200, 10)
        assert 200 <= ledger.store.count() < 210
        assert verify(ledger.store).clean
        some = ledger.store.page(150, 1)[0].stream
        assert len(ledger.history(some).judged().items) == 10


def test_writers_in_processes_of_their_own_append_to_one_log(bench: Bench) -> None:
    with ours.opened(bench.place, "apart") as (ledger, url):
        stored = ledger.store.entries(ours.counted_stream(ledger, "C", 10))
        before = ledger.store.count()
        several = Several([Apart(sys.executable, OURS, url, stored) for _ in range(2)])
        try:
            span = several.append(6, 1)
        finally:
            several.close()
        assert (span.units, ledger.store.count()) == (6, before + 6)
        assert span.seconds > 0


def test_a_peer_that_fails_says_why(files: Bench) -> None:
    with pytest.raises(Failed, match="cannot_open"):
        Apart(sys.executable, OURS, f"sqlite:///{files.place.folder / 'nowhere' / 'x.db'}", [])


def test_everybody_writes_durably(bench: Bench) -> None:
    found = reporting.settings(bench)
    assert set(found) >= {OURS, NATIVE, bench.bare}
    for who, settings in found.items():
        if bench.place.is_sqlite:
            assert (settings["journal_mode"], settings["synchronous"]) == ("wal", "full"), who
        else:
            assert (settings["fsync"], settings["synchronous_commit"]) == ("on", "on"), who


def test_the_native_member_keeps_what_was_bought(files: Bench) -> None:
    peer = LibraryPeer(files.place.url("native"), ())
    with closing(peer):
        key = peer.fill("member", 9)
        assert peer.load(key).units == 9


def test_what_everybody_stores_is_a_name_and_a_payload() -> None:
    assert (COLUMNS[NAME], COLUMNS[PAYLOAD]) == ("name", "payload")


def test_the_plugin_of_ten_read_models_is_found_as_an_installed_one(tmp_path: Path) -> None:
    with tenfold.installed(tmp_path):
        (plugin,) = ours.tenfold_plugins()
        assert plugin.parts is tenfold.parts
    assert [plugin.parts for plugin in ours.tenfold_plugins()] == [None]


@pytest.mark.skipif(not (FOLDER / "bin" / "python").exists(), reason="`make bench-peers` has not been run")
@pytest.mark.parametrize("who", ["eventsourcing-sqlalchemy", "eventsource-py"])
def test_a_peer_of_another_environment_does_the_same_work(who: str, files: Bench) -> None:
    with ours.opened(files.place, "stored") as (ledger, _):
        stored = ledger.store.entries(ours.counted_stream(ledger, "C", 10))
    try:
        peer = Apart(python(), who, files.place.url("peer"), stored)
    except NoEnvironment as error:
        pytest.skip(str(error))
    with closing(peer):
        assert peer.load(peer.fill("member", 9, times=2)).units == 9
        assert peer.log(5).units == 18
        assert peer.append(2, 6, 3).units == 18
        assert peer.settings()["synchronous"] == "full"


def test_a_server_whose_commits_are_not_durable_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Place, "durability", _not_durable)
    monkeypatch.setenv("GUANXI_TEST_POSTGRES_URL", "postgresql+psycopg://nobody@nowhere/none")
    with pytest.raises(NotThere, match="not durable"), place(POSTGRES, tmp_path):
        pass


def _not_durable(_self: Place) -> dict[str, str]:
    raise NotThere("its commits are not durable: {'fsync': 'off'}")


def test_the_bare_driver_stores_what_it_is_given(files: Bench) -> None:
    with ours.opened(files.place, "stored") as (ledger, _):
        stored = ledger.store.entries(ours.counted_stream(ledger, "C", 10))
    with closing(opened(BARE, files.place.url("bare"), stored)) as bare:
        assert bare.append(2, 6, 1).units == 6
        assert bare.bulk(3, 10).units == 30


# Figures


def test_ratios_are_of_the_same_round_and_of_one_unit() -> None:
    contest = Contest("w", "c", "entries/s", [Contender(OURS, lambda _: 1), Contender("peer", lambda _: 1)])
    result = Result(contest, {OURS: [Turn(10, 1.0), Turn(10, 4.0)], "peer": [Turn(5, 1.0), Turn(5, 4.0)]})
    assert result.rounds_as_fast(OURS, "peer") == [2.0, 2.0]
    assert result.figures(OURS) == [10.0, 2.5]
    assert measuring.spread([3.0, 1.0, 2.0]) == (1.0, 2.0, 3.0)


def test_only_what_is_under_the_stopwatch_counts_and_the_first_turn_does_not() -> None:
    asked: list[int] = []

    def work(watch: Stopwatch) -> int:
        asked.append(1)
        with watch.running():
            pass
        return len(asked)

    result = Contest("w", "c", "entries/s", [Contender(OURS, work)]).run(3)
    assert [turn.units for turn in result.turns[OURS]] == [2, 3, 4]


def test_a_target_is_met_missed_or_not_measured() -> None:
    contest = Contest(
        "append",
        "1 entry a save, 1 writer",
        "entries/s",
        [Contender(OURS, lambda _: 1), Contender(NATIVE, lambda _: 1)],
        database=POSTGRES,
    )
    twice = Result(contest, {OURS: [Turn(1, 1.0)], NATIVE: [Turn(1, 2.0)]})
    (target,) = [t for t in TARGETS if t.database == POSTGRES and t.said.startswith("single")]
    assert target.verdict(target.measured([twice])) == MET
    slow = Result(contest, {OURS: [Turn(1, 1.0)], NATIVE: [Turn(1, 1.5)]})
    assert target.verdict(target.measured([slow])) == MISSED
    assert target.verdict(target.measured([])) == UNMEASURED
    assert Target("quick", SQLITE, "load", "x", most=100).verdict(101) == MISSED


def test_every_target_speaks_of_a_contest_of_a_full_run() -> None:
    wanted = {f"{FULL.bulk:,} entries", "retail, 10,", "1 read model", "10 read", "1 entry a save, 1 writer"}
    assert {t.begins for t in TARGETS} <= wanted | {"1 entry a save, 6 writers"}
    assert FULL.bulk % FULL.per_customer == 0


def test_the_command_line_prints_ratios_then_targets_and_shows_later_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "QUICK", TINY)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    file = tmp_path / "out.json"
    arguments = ["--quick", "--rounds", "1", "--only", "load", "--database", "sqlite", "--no-peers"]
    assert command_line.main([*arguments, "--json", str(file), "--folder", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    order = ["times as fast", "| target", "| unit", "synchronous=full"]
    assert sorted(order, key=out.index) == order
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert {r["workload"] for r in whole["results"]} == {"load"}
    assert set(whole["results"][0]["times_as_fast"]) == {"eventsourcing", "sqlite3"}
    assert command_line.main(["--show", str(file)]) == 0
    assert capsys.readouterr().out == out, "what was written is what was measured"


def test_a_full_run_measures_what_was_promised() -> None:
    assert set(FULL.saves) == {1, 10, 100}
    assert tuple(FULL.writers) == (1, 6)
    assert FULL.streams == (100, 1_000, 10_000)
    assert FULL.pages == (500, 2_000)
    assert FULL.projected >= 60_000
    assert max(QUICK.streams) < max(FULL.streams)


# Growth


def test_growth_fills_a_log_step_by_step_and_says_how_cost_grew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "LAG", 60)
    monkeypatch.setattr(growth, "_SAVES", 4)
    figures, drawn = tmp_path / "growth.json", tmp_path / "growth.svg"
    arguments = ["growth", "--sizes", "1200,2400", "--database", "sqlite", "--folder", str(tmp_path)]
    assert command_line.main([*arguments, "--json", str(figures), "--picture", str(drawn)]) == 0
    out = capsys.readouterr().out
    assert "exponent" in out
    assert "append of 1 entry" in out
    found = json.loads(figures.read_text(encoding="utf-8"))["growth"][SQLITE]
    assert list(found) == ["1200", "2400"]
    assert found["2400"]["database"] > found["1200"]["database"]
    assert drawn.read_text(encoding="utf-8").startswith("<svg")


def test_an_exponent_is_the_power_that_a_figure_grows_with() -> None:
    sizes = (10**5, 10**6, 10**7)
    assert growth.exponent(sizes, (3, 3, 3)) == pytest.approx(0)
    assert growth.exponent(sizes, (1, 10, 100)) == pytest.approx(1)
    assert growth.judged("logarithmic", 0.05) == "as it should"
    assert growth.judged("logarithmic", 0.5) == "not logarithmic"
    assert growth.judged("linear", 1.0) == "as it should"
    assert growth.judged("linear", 1.6) == "not linear"
