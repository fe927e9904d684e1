"""Runs over a population: fixed to a cut, in force together or not at all, resumed where they broke off, superseded by further runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

import guanxi
from guanxi import (
    Asked,
    Column,
    Command,
    Conflict,
    Content,
    Facet,
    Fact,
    Invalid,
    Label,
    Now,
    Parts,
    PluginError,
    Population,
    Reader,
    ReadModel,
    Report,
    Rows,
    RuleNotMet,
    RuleSet,
    Run,
    Unknown,
    column,
    command,
    event,
    parameter,
    personal,
    rule_set,
)
from guanxi.kernel.runs import running
from guanxi.relationship import files
from tests.kernel.desks import Desk, moment


@event("rank.contributed")
class Contributed(Fact):
    amount: Decimal


@event("rank.class_taken")
class ClassTaken(Fact):
    grade: str


@command("rank.contribute")
class Contribute(Command):
    amount: Decimal


@command("rank.take_class")
class TakeClass(Command):
    grade: str


@rule_set("rank.shares")
class Shares(RuleSet):
    vip: int = parameter(default=5)
    main: int = parameter(default=20)
    ordinary: int = parameter(default=50)


@attrs.define
class Contributions:
    total: Decimal = Decimal(0)
    grade: str = ""


contributions = Facet("rank.contributions", Contributions)


@contributions.evolve
def _folds(s: Contributions, e: Contributed | ClassTaken) -> None:
    if isinstance(e, Contributed):
        s.total += e.amount
    else:
        s.grade = e.grade


@contributions.decide
def _contribute(s: Contributions, c: Contribute, now: Now) -> Iterator[Fact]:
    yield Contributed(amount=c.amount)


@contributions.decide
def _take(s: Contributions, c: TakeClass, now: Now) -> Iterator[Fact]:
    yield ClassTaken(grade=c.grade)


@attrs.define
class TotalRow:
    total: Decimal = Decimal(0)


totals = ReadModel("rank.totals", TotalRow)


@totals.on
def _total(rows: Rows[TotalRow], e: Contributed, at: datetime) -> None:
    rows[()].total += e.amount


@attrs.frozen
class GradeLine:
    grade: str
    amount: Decimal = column(scale=2)  # noqa: RUF009 - an attrs field, not a default


class Faults:
    """What a test lets go wrong while a run is carried out."""

    missing: Decimal = Decimal(0)
    twice: bool = False


def people(reader: Reader, parameters: None, asked: Asked) -> Population:
    rows = list(reader.rows(totals))
    return Population([s for s, _ in rows], {"amount": sum((r.total for _, r in rows), Decimal(0))})


def graded(reader: Reader, parameters: None, asked: Asked) -> Iterator[tuple[str, GradeLine]]:
    rows = sorted(reader.rows(totals), key=lambda pair: -pair[1].total)
    rules, n = asked.rules(Shares), len(rows)
    steps = [
        (-(-n * share // 100), name)
        for share, name in ((rules.vip, "VIP"), (rules.main, "main"), (rules.ordinary, "ordinary"))
    ]
    for place, (stream, row) in enumerate(rows):
        grade = next((name for first, name in steps if place < first), "small")
        yield stream, GradeLine(grade=grade, amount=row.total - (Faults.missing if place == 0 else 0))
        if Faults.twice and place == 0:
            yield stream, GradeLine(grade=grade, amount=Decimal(0))


def make(**keywords: Any) -> Run[GradeLine]:
    return Run(
        "rank.classes",
        GradeLine,
        reads=(totals,),
        population=people,
        judge=graded,
        counted="grade",
        **keywords,
    )


classes = make()
told = make(deliver=lambda line: TakeClass(grade=line.grade))


def _by_class(reader: Reader, parameters: None, asked: Asked) -> Content:
    run = classes.in_force(reader, asked)
    if run is None:
        return Content([])
    accounts = {s: r.account for s, r in reader.rows(files)}
    return Content(sorted((accounts[m], line.grade) for m, line in run.lines.items()))


def report_of(run: Run[Any]) -> Report:
    from guanxi.relationship import run_register

    return Report(
        "rank.classes",
        Label("Classes", "等级"),
        (files, run_register, run.lines),
        (Column("account", Label("Account", "户号")), Column("grade", Label("Class", "等级"))),
        _by_class,
    )


def parts(run: Run[Any] = classes) -> Parts:
    return Parts(
        name="rank",
        version="1.0",
        title=Label("Ranking", "排名"),
        events=(Contributed, ClassTaken),
        commands=(Contribute, TakeClass),
        facets=(contributions,),
        rule_sets=(Shares,),
        read_models=(totals,),
        reports=(report_of(run),),
        runs=(run,),
    )


@pytest.fixture(autouse=True)
def no_faults() -> Iterator[None]:
    yield
    Faults.missing, Faults.twice = Decimal(0), False


def ten_customers(url: str = "sqlite://", run: Run[Any] = classes) -> Desk:
    """Ten customers with contributions 100, 90, … 10, entered on 2 January."""
    desk = Desk(url, plugins=[parts(run)], now="2026-01-02")
    for n in range(1, 11):
        desk.open(f"C{n:02}")
        desk.tell(Contribute(amount=Decimal(110 - 10 * n)), who=f"C{n:02}")
    return desk.on("2026-01-05")


def grades(desk: Desk, **cut: Any) -> dict[str, str]:
    return dict(desk.ledger.report("rank.classes", **cut).rows)


FIRST = {
    "C01": "VIP",
    "C02": "main",
    **dict.fromkeys(("C03", "C04", "C05"), "ordinary"),
    **{f"C{n:02}": "small" for n in range(6, 11)},
}


@pytest.mark.rule("CORE-94a")
def test_a_late_entry_leaves_a_run_standing_and_lists_everyone_whose_line_it_moves():
    with ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief", reason="yearly")
        assert (done.status, done.population, done.controls) == ("closed", 10, {"amount": Decimal(550)})
        assert done.counts == {"VIP": 1, "main": 1, "ordinary": 3, "small": 5}
        assert grades(desk) == FIRST
        desk.on("2026-01-10").tell(
            Contribute(amount=Decimal(30)), "2026-01-04", who="C03", reason="found later"
        )
        assert grades(desk) == FIRST
        moved = {
            desk.ledger.history(d.member).state("core.file").account: (d.stored.grade, d.derived.grade)
            for d in desk.ledger.runs.would_differ(done.id)
        }
        assert moved == {"C01": ("VIP", "main"), "C02": ("main", "ordinary"), "C03": ("ordinary", "VIP")}
        again = desk.ledger.run("rank.classes", actor="chief")
        assert again.controls == {"amount": Decimal(580)}
        assert {k: v for k, v in grades(desk).items() if v != FIRST[k]} == {
            "C01": "main",
            "C02": "ordinary",
            "C03": "VIP",
        }
        assert grades(desk, as_known="2026-01-09") == FIRST


@pytest.mark.rule("CORE-94b")
def test_lines_take_effect_with_the_closing_entry_and_a_broken_off_run_leaves_nothing_in_force(monkeypatch):
    monkeypatch.setattr(running, "LINES_AT_ONCE", 3)
    with ten_customers() as desk:
        desk.ledger.run("rank.classes", actor="chief")
        desk.on("2026-02-05").tell(Contribute(amount=Decimal(500)), who="C10")

        def breaks_off(done: int, total: int) -> None:
            if done == 6:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            desk.ledger.run("rank.classes", actor="chief", progress=breaks_off)
        halfway = desk.ledger.runs.views("rank.classes")[-1]
        assert (halfway.status, halfway.lines) == ("open", 6)
        assert grades(desk) == FIRST
        desk.ledger.runs.abandon(halfway.id, actor="chief", reason="wrong month")
        assert grades(desk) == FIRST
        with pytest.raises(Conflict, match="run_not_open"):
            desk.ledger.runs.abandon(halfway.id, actor="chief", reason="again")
        desk.ledger.run("rank.classes", actor="chief")
        assert grades(desk)["C10"] == "VIP"
        assert grades(desk, as_of="2026-01-31") == FIRST


def test_a_run_that_broke_off_is_gone_on_with_at_its_own_cut(monkeypatch, tmp_path):
    monkeypatch.setattr(running, "LINES_AT_ONCE", 3)
    with ten_customers(f"sqlite:///{tmp_path / 'log.db'}") as desk:

        def breaks_off(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            desk.ledger.run("rank.classes", actor="chief", progress=breaks_off)
        desk.on("2026-01-07").tell(Contribute(amount=Decimal(500)), who="C10")
        before = desk.count()
        with pytest.raises(Conflict, match="run_open"):
            desk.ledger.run("rank.classes", actor="chief", as_of=moment("2026-01-06"))
        done = desk.ledger.run("rank.classes", actor="chief")
        assert (done.id, done.status, done.population) == ("rank.classes-1", "closed", 10)
        assert desk.count() == before + 4  # three parts that were missing, and the close
        assert dict(done.counts) == {"VIP": 1, "main": 1, "ordinary": 3, "small": 5}
        assert grades(desk)["C10"] == "small"


def test_a_run_begun_under_other_code_is_not_gone_on_with(monkeypatch):
    monkeypatch.setattr(running, "LINES_AT_ONCE", 3)
    with ten_customers() as desk:

        def breaks_off(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            desk.ledger.run("rank.classes", actor="chief", progress=breaks_off)
        Faults.missing = Decimal(1)
        with pytest.raises(Conflict, match="run_differs"):
            desk.ledger.run("rank.classes", actor="chief")


@pytest.mark.rule("CORE-94c")
def test_a_run_whose_lines_do_not_sum_is_not_closed_and_who_joins_later_has_no_class():
    with ten_customers() as desk:
        desk.ledger.run("rank.classes", actor="chief")
        desk.on("2026-01-06").open("C11", on="2026-01-03").tell(Contribute(amount=Decimal(200)), who="C11")
        assert "C11" not in grades(desk)
        Faults.missing = Decimal(10)
        with pytest.raises(RuleNotMet, match=r"control_sum_mismatch: .*740.00 against 750.00"):
            desk.ledger.run("rank.classes", actor="chief")
        assert desk.ledger.runs.views()[-1].status == "open"
        assert "C11" not in grades(desk)


def test_a_member_with_two_lines_is_refused():
    with ten_customers() as desk:
        Faults.twice = True
        with pytest.raises(RuleNotMet, match=r"population_mismatch: .*some twice"):
            desk.ledger.run("rank.classes", actor="chief")


def test_a_superseding_run_counts_from_the_moment_of_the_one_whose_place_it_takes():
    with ten_customers() as desk:
        first = desk.ledger.run("rank.classes", actor="chief")
        desk.on("2026-01-10").tell(
            Contribute(amount=Decimal(30)), "2026-01-04", who="C03", reason="found later"
        )
        second = desk.ledger.run(
            "rank.classes",
            actor="chief",
            as_of=moment("2026-01-05"),
            supersedes=first.id,
            reason="a cost came late",
        )
        assert second.supersedes == first.id
        assert grades(desk, as_of="2026-01-06")["C03"] == "VIP"
        assert grades(desk, as_of="2026-01-06", as_known="2026-01-06")["C03"] == "ordinary"
        with pytest.raises(Conflict, match="superseded_already"):
            desk.ledger.run("rank.classes", actor="chief", supersedes=first.id)
        with pytest.raises(Unknown, match="unknown_run"):
            desk.ledger.run("rank.classes", actor="chief", supersedes="rank.classes-9")


def test_every_member_is_told_its_line_once_from_the_moment_the_run_counts():
    with ten_customers(run=told) as desk:
        done = desk.ledger.run("rank.classes", actor="chief")
        assert done.delivered
        assert desk.ledger.history("C01").state(Contributions).grade == "VIP"
        before = desk.count()
        desk.ledger.runs._deliver(told, done, "chief", None)
        assert desk.count() == before, "what was told before is recognised"


def test_a_closed_run_whose_members_were_not_all_told_tells_them_before_the_next_begins(monkeypatch):
    with ten_customers(run=told) as desk:
        with monkeypatch.context() as broken:
            broken.setattr(
                type(desk.ledger), "take_in", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)
            )
            with pytest.raises(KeyboardInterrupt):
                desk.ledger.run("rank.classes", actor="chief")
        first = desk.ledger.runs.views()[0]
        assert (first.status, first.delivered) == ("closed", False)
        desk.on("2026-02-05").ledger.run("rank.classes", actor="chief")
        assert [v.delivered for v in desk.ledger.runs.views()] == [True, True]
        assert desk.ledger.history("C01").as_of("2026-01-20").state(Contributions).grade == "VIP"


def test_a_run_is_judged_under_the_rules_in_force_at_its_cut_and_names_their_version():
    with ten_customers() as desk:
        desk.ledger.publish(
            Shares(vip=30),
            effective_from=moment("2026-02-01"),
            by="analyst",
            approved_by="chief",
            reason="more",
        )
        assert desk.ledger.run("rank.classes", actor="chief").rule_sets == {"rank.shares": 0}
        later = desk.on("2026-02-05").ledger.run("rank.classes", actor="chief")
        assert later.rule_sets == {"rank.shares": 1}
        assert later.counts["VIP"] == 3


def test_a_cut_ahead_of_now_and_unknown_runs_and_parameters_are_refused():
    with ten_customers() as desk:
        with pytest.raises(Invalid, match="future_dated"):
            desk.ledger.run("rank.classes", actor="chief", as_of=moment("2027-01-01"))
        with pytest.raises(Unknown, match=r"rank.classes"):
            desk.ledger.run("rank.klasses", actor="chief")
        with pytest.raises(Invalid, match="unknown_field"):
            desk.ledger.run("rank.classes", actor="chief", variant="x")
        assert desk.ledger.runs.views() == []


def test_lines_with_personal_fields_are_refused_when_the_run_is_declared():
    @attrs.frozen
    class Named:
        name: str = personal("identity", default="")

    with pytest.raises(PluginError, match=r"personal_run_line: rank.named .*name"):
        Run("rank.named", Named, reads=(), population=people, judge=graded)  # type: ignore[arg-type]


def test_the_register_shows_every_run_with_its_cut_sums_and_classes():
    with ten_customers() as desk:
        desk.ledger.run("rank.classes", actor="chief")
        [row] = desk.ledger.report("core.runs").rows
        assert row[:2] == ("rank.classes-1", "closed")
        assert row[7:10] == (10, "amount 550.00", "VIP 1, main 1, ordinary 3, small 5")
        assert "总体判定登记" in desk.ledger.report("core.runs").as_table("zh")


def test_the_entries_of_a_run_are_of_their_own_kind_and_verify():
    with ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief", reason="yearly")
        entries = desk.ledger.store.entries(done.id)
        assert {e.kind for e in entries} == {"run"}
        assert guanxi.verify(desk.ledger.store).clean


def test_a_run_that_two_carry_out_at_once_is_recorded_once(monkeypatch, shared_url):
    monkeypatch.setattr(running, "LINES_AT_ONCE", 2)
    with ten_customers(shared_url) as first, Desk(shared_url, plugins=[parts()], now="2026-01-05") as second:
        gate = threading.Barrier(2)

        def carry_out(desk: Desk) -> str:
            gate.wait()
            return desk.ledger.run("rank.classes", actor="chief").id

        with ThreadPoolExecutor(2) as pool:
            ids = list(pool.map(carry_out, (first, second)))
        views = first.ledger.runs.views()
        assert [v.status for v in views] == ["closed"] * len(views)
        assert {v.id for v in views} == set(ids)
        for view in views:
            members = [m for m, _ in first.ledger.runs.lines(view.id)]
            assert len(members) == len(set(members)) == 10
        assert grades(first) == FIRST


@pytest.mark.rule("CORE-94")
@attrs.frozen
class Above:
    """Only those are judged who contributed more than an amount."""

    amount: int = 0


def above(reader: Reader, parameters: Above, asked: Asked) -> Population:
    rows = [(s, r.total) for s, r in reader.rows(totals) if r.total > parameters.amount]
    return Population([s for s, _ in rows], {"amount": sum((total for _, total in rows), Decimal(0))})


def judged_above(reader: Reader, parameters: Above, asked: Asked) -> Iterator[tuple[str, GradeLine]]:
    for stream, row in reader.rows(totals):
        if row.total > parameters.amount:
            yield stream, GradeLine(grade="above", amount=row.total)


def run_above() -> Run[GradeLine]:
    return Run(
        "rank.above",
        GradeLine,
        reads=(totals,),
        population=above,
        judge=judged_above,
        parameters=Above,
        counted="grade",
        deliver=lambda line: TakeClass(grade=line.grade),
    )


EACH = [{"amount": 0}, {"amount": 50}, {"amount": 95}]


@pytest.mark.rule("CORE-94")
def test_runs_with_each_of_several_parameters_share_one_look_at_the_log(shared_url):
    with ten_customers(shared_url, run_above()) as desk:
        seen: list[tuple[int, int]] = []
        done = desk.ledger.run_each(
            "rank.above", EACH, actor="chief", reason="yearly", progress=lambda *at: seen.append(at)
        )
        assert [(v.id, v.status, v.population, v.delivered) for v in done] == [
            ("rank.above-1", "closed", 10, True),
            ("rank.above-2", "closed", 5, True),
            ("rank.above-3", "closed", 1, True),
        ]
        assert len({(v.position, v.as_of, v.as_known) for v in done}) == 1
        assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
        assert done == desk.ledger.runs.views("rank.above")
        assert [desk.ledger.runs.check(v.id) for v in done] == [[], [], []]
        alone = desk.ledger.run("rank.above", actor="chief", amount=50)
        assert (alone.id, desk.ledger.runs.lines(alone.id)) == (
            "rank.above-4",
            desk.ledger.runs.lines("rank.above-2"),
        )


@pytest.mark.rule("CORE-94b")
def test_what_broke_off_of_several_runs_is_gone_on_with_at_its_own_cut():
    with ten_customers(run=run_above()) as desk:

        def break_off(done: int, runs: int) -> None:
            if done == 1:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            desk.ledger.run_each("rank.above", EACH, actor="chief", progress=break_off)
        assert [v.status for v in desk.ledger.runs.views()] == ["closed", "open", "open"]
        desk.on("2026-01-06").tell(Contribute(amount=Decimal(500)), who="C10")
        with pytest.raises(Conflict, match="run_open"):
            desk.ledger.run_each("rank.above", EACH, actor="chief", as_of=moment("2026-01-06"))
        more = desk.ledger.run_each("rank.above", [*EACH[1:], {"amount": 550}], actor="chief")
        assert [(v.id, v.population, v.as_of.day) for v in more] == [
            ("rank.above-2", 5, 5),
            ("rank.above-3", 1, 5),
            ("rank.above-4", 0, 6),
        ]
        assert [v.status for v in desk.ledger.runs.views()] == ["closed"] * 4


@pytest.mark.rule("CORE-94")
def test_a_run_asked_for_twice_with_the_same_parameters_is_refused_before_any_begins():
    with ten_customers(run=run_above()) as desk:
        with pytest.raises(Invalid, match="parameters_twice"):
            desk.ledger.run_each("rank.above", [{"amount": 50}, {}, {"amount": "50"}], actor="chief")
        assert desk.ledger.runs.views() == []
        assert desk.ledger.run_each("rank.above", [], actor="chief") == []


def test_no_entry_of_a_run_is_corrected_or_voided():
    with ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief")
        entries = desk.ledger.store.entries(done.id)
        for entry in entries:
            with pytest.raises(RuleNotMet, match="run_not_correctable"):
                desk.ledger.void(entry.id, actor="clerk", reason="gone")
        with pytest.raises(RuleNotMet, match="run_not_correctable"):
            desk.ledger.correct(entries[1].id, {"lines": ()}, actor="clerk", reason="better")
        assert desk.ledger.store.entries(done.id) == entries


def test_a_run_that_another_took_the_place_of_says_so():
    with ten_customers() as desk:
        first = desk.ledger.run("rank.classes", actor="chief")
        second = desk.ledger.run(
            "rank.classes", actor="chief", supersedes=first.id, reason="a cost came late"
        )
        assert desk.ledger.runs.view(first.id).superseded_by == second.id
        assert [v.superseded_by for v in desk.ledger.runs.views()] == [second.id, None]
        assert [row[-1] for row in desk.ledger.report("core.runs").rows] == [second.id, None]


def test_a_run_says_who_began_and_closed_it_and_why():
    with ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief", reason="yearly")
        steps = [(s.name, s.actor, s.reason) for s in desk.ledger.runs.steps(done.id)]
        assert steps == [("core.run_started", "chief", "yearly"), ("core.run_closed", "chief", None)]


def test_a_run_judged_again_at_its_own_cuts_comes_out_as_recorded_unless_the_code_is_another():
    with ten_customers() as desk:
        done = desk.ledger.run("rank.classes", actor="chief")
        desk.on("2026-01-10").tell(
            Contribute(amount=Decimal(30)), "2026-01-04", who="C03", reason="found later"
        )
        assert desk.ledger.runs.check(done.id) == []
        Faults.missing = Decimal(1)
        [changed] = desk.ledger.runs.check(done.id)
        assert (changed.stored.amount, changed.derived.amount) == (Decimal(100), Decimal(99))
