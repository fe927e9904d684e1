"""Every workload runs in small, and what it says it did is what it did; how long that took is nobody's test."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line
from benchmarks import measuring, native, ours, reporting
from benchmarks.measuring import OURS, Contender, Contest, Result, Stopwatch, Turn
from benchmarks.workloads import FULL, QUICK, WORKLOADS, Sizes

TINY = Sizes(
    per_save=(1, 10),
    appended=20,
    least_saves=2,
    commands=4,
    streams=(40,),
    log=60,
    pages=(25,),
    projected=60,
    run=20,
    per_customer=10,
)
ROUNDS = 2


def contests(workload: str, folder: Path) -> list[Result]:
    with closing(WORKLOADS[workload](folder, TINY)) as found:
        return [contest.run(ROUNDS) for contest in found]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_workload_runs_and_everybody_has_done_some_work(workload: str, tmp_path: Path) -> None:
    results = contests(workload, tmp_path)
    assert results
    for result in results:
        assert result.contest.workload == workload
        assert next(iter(result.turns)) == OURS
        for name, turns in result.turns.items():
            assert len(turns) == ROUNDS, name
            assert all(t.units > 0 and t.seconds > 0 for t in turns), name


def test_appends_count_the_same_entries_for_everybody(tmp_path: Path) -> None:
    for result in contests("append", tmp_path):
        units = {turn.units for turns in result.turns.values() for turn in turns}
        assert units == {20}, result.contest.name


def test_commands_count_the_same_for_everybody(tmp_path: Path) -> None:
    by_name = {
        r.contest.name: {t.units for turns in r.turns.values() for t in turns}
        for r in contests("command", tmp_path)
    }
    assert by_name == {
        "execute, 1 entry": {4},
        "take_in, 10 entries": {20},
        "execute, a purchase of 3 entries": {4},
    }


def test_streams_that_are_loaded_are_as_long_as_they_say(tmp_path: Path) -> None:
    retail, counting = contests("load", tmp_path)
    for result, least in ((retail, 40), (counting, 40)):
        units = {turn.units for turns in result.turns.values() for turn in turns}
        assert len(units) == 1, result.contest.name
        assert least <= units.pop() <= least + 5, result.contest.name


def test_the_whole_log_is_read_and_projected(tmp_path: Path) -> None:
    for workload in ("log", "project"):
        for result in contests(workload, tmp_path):
            assert all(60 <= turn.units <= 75 for turn in result.turns[OURS]), result.contest.name


def test_the_retail_stream_holds_what_rules_and_time_draw_from_purchases(tmp_path: Path) -> None:
    with ours.opened(tmp_path, "stream") as ledger:
        stream = ours.retail_stream(ledger, "C", 40)
        names = {entry.name for entry in ledger.store.entries(stream)}
        assert names >= {"retail.purchase_recorded", "retail.points_earned", "retail.points_activated"}
        assert len(ledger.history("C").judged().items) == ledger.store.heads([stream])[stream].version


def test_everybody_writes_durably(tmp_path: Path) -> None:
    for who, found in reporting.settings(tmp_path).items():
        assert (found["journal_mode"], found["synchronous"]) == ("wal", "full"), who


def test_the_native_member_keeps_what_was_bought(tmp_path: Path) -> None:
    with native.members(tmp_path / "native.db") as application:
        member: native.Member = application.repository.get(native.saved_member(application, 9))
    assert (member.version, len(member.sales), len(member.lots)) == (9, 2, 2)


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


def test_the_command_line_prints_ratios_first_and_writes_all_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "QUICK", TINY)
    file = tmp_path / "out.json"
    arguments = ["--quick", "--rounds", "1", "--only", "load", "--json", str(file), "--folder", str(tmp_path)]
    assert command_line.main(arguments) == 0
    out = capsys.readouterr().out
    assert out.index("guanxi ÷ peer") < out.index("| median") < out.index("synchronous=full")
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert {r["workload"] for r in whole["results"]} == {"load"}
    assert set(whole["results"][0]["times_as_fast"]) == {"eventsourcing", "sqlite3"}


def test_a_full_run_measures_what_was_promised() -> None:
    assert FULL.per_save == (1, 10, 100)
    assert FULL.streams == (100, 1_000, 10_000)
    assert FULL.pages == (500, 2_000)
    assert FULL.projected >= 60_000
    assert max(QUICK.streams) < max(FULL.streams)
