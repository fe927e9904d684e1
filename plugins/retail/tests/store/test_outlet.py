"""A store's own record: best employees and the service standard (RET-35, RET-56)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Invalid, RuleNotMet, Unknown
from guanxi_retail.store.campaigns import days_before
from guanxi_retail.store.commands import (
    CheckServiceStandard,
    ChooseBestEmployee,
    OpenStore,
    PublishServiceStandard,
)
from guanxi_retail.store.events import Article
from guanxi_retail.store.outlet import fortnight_of
from guanxi_retail.store.rules import StoreRules
from plugins.retail.tests.store.floor import OUTLET, STORE

CHECKS = "retail.service_standard"


def articles(number=10, clauses=100):
    """So many articles with so many clauses in all, numbered 1.1, 1.2, ..."""
    each, more = divmod(clauses, number)
    sizes = [each + (n < more) for n in range(number)]
    return tuple(
        Article(number=str(n), title=f"article {n}", clauses=tuple(f"{n}.{k}" for k in range(1, size + 1)))
        for n, size in enumerate(sizes, 1)
    )


def answers(met, not_met=0, not_applicable=0):
    numbers = [clause for article in articles() for clause in article.clauses]
    results = ["met"] * met + ["not_met"] * not_met + ["not_applicable"] * not_applicable
    return dict(zip(numbers, results, strict=False))


def due(f, cadence, as_of):
    return {row.key: row.state for row in f.ledger.due_items(cadence=cadence, as_of=as_of)}


# Best employee


@pytest.mark.rule("RET-35")
def test_the_best_employee_is_chosen_every_two_weeks(floor):
    f = floor(StoreRules(best_employee_from=date(2012, 1, 2)))
    f.tell("2012-01-02", STORE, OpenStore())
    f.tell("2012-01-13", STORE, ChooseBestEmployee(employee="li", ground="9 sales"))
    f.tell("2012-01-31", STORE, ChooseBestEmployee(fortnight=date(2012, 1, 20), employee="wu", ground="7"))
    f.at("2012-02-20")
    assert due(f, "retail.best_employee", "2012-02-20") == {
        "2012-01-02": "done",
        "2012-01-16": "late",
        "2012-01-30": "overdue",
        "2012-02-13": "open",
    }


@pytest.mark.rule("RET-35")
def test_one_employee_is_chosen_for_a_period_and_times_chosen_are_counted_for_the_year(floor):
    f = floor()
    for day, who in (("2012-01-13", "li"), ("2012-01-27", "wu"), ("2012-02-10", "li")):
        f.tell(day, STORE, ChooseBestEmployee(employee=who, ground="sales"))
    with pytest.raises(Conflict) as refusal:
        f.tell("2012-02-11", STORE, ChooseBestEmployee(employee="wu", ground="sales"))
    assert refusal.value.code == "source_conflict"
    assert f.report("retail.best_employees", as_of="2012-12-31").rows == (
        (OUTLET, "2012", "li", 2),
        (OUTLET, "2012", "wu", 1),
    )


# Service standard


@pytest.mark.rule("RET-56a")
def test_the_score_is_met_by_applicable_and_what_is_not_answered_is_not_met(floor):
    f = floor()
    f.tell("2012-06-01", STORE, PublishServiceStandard(articles=articles(), theme="innovation"))
    f.tell("2012-06-15", STORE, CheckServiceStandard(check="C1", clauses=answers(92, 3, 4)))
    f.tell("2012-06-16", STORE, CheckServiceStandard(check="C2", clauses=answers(0, 0, 100)))
    told = ("check", "clauses", "met", "not_met", "not_applicable", "score", "theme")
    assert f.rows(CHECKS, *told, as_of="2012-06-30") == [
        ("C1", 100, 92, 4, 4, Decimal("95.83"), "innovation"),
        ("C2", 100, 0, 0, 100, None, "innovation"),
    ]


@pytest.mark.rule("RET-56b")
@pytest.mark.parametrize(("number", "clauses"), [(9, 100), (10, 99)])
def test_a_standard_below_the_base_is_refused(floor, number, clauses):
    f = floor()
    with pytest.raises(RuleNotMet) as refusal:
        f.tell("2012-06-01", STORE, PublishServiceStandard(articles=articles(number, clauses)))
    assert refusal.value.code == "standard_below_base"


@pytest.mark.rule("RET-56b")
def test_a_check_is_judged_on_the_version_of_its_own_day(floor):
    f = floor()
    f.tell("2012-01-01", STORE, PublishServiceStandard(articles=articles()))
    f.tell(
        "2012-06-20",
        STORE,
        PublishServiceStandard(articles=articles(11, 110), effective_on=date(2012, 7, 1)),
    )
    f.tell("2012-06-30", STORE, CheckServiceStandard(check="C1", clauses=answers(100)), known="2012-07-02")
    f.tell("2012-07-02", STORE, CheckServiceStandard(check="C2", clauses=answers(100)))
    assert f.rows(CHECKS, "check", "version", "clauses", as_of="2012-07-31") == [
        ("C1", 1, 100),
        ("C2", 2, 110),
    ]


@pytest.mark.rule("RET-56")
def test_clauses_and_results_that_are_not_there_are_refused(floor):
    f = floor()
    with pytest.raises(Unknown):
        f.tell("2012-06-01", STORE, CheckServiceStandard(check="C0", clauses={}))
    f.tell("2012-06-01", STORE, PublishServiceStandard(articles=articles()))
    with pytest.raises(Unknown) as refusal:
        f.tell("2012-06-02", STORE, CheckServiceStandard(check="C1", clauses={"99.9": "met"}))
    assert refusal.value.code == "unknown_code"
    with pytest.raises(Unknown):
        CheckServiceStandard(check="C1", clauses={"1.1": "nearly"})
    f.tell("2012-06-02", STORE, CheckServiceStandard(check="C1", clauses={}))
    with pytest.raises(Conflict):
        f.tell("2012-06-03", STORE, CheckServiceStandard(check="C1", clauses={}))
    twice = (*articles(), Article(number="11", clauses=("1.1",)))
    with pytest.raises(Conflict):
        f.tell("2012-06-03", STORE, PublishServiceStandard(articles=twice))


@pytest.mark.rule("RET-56")
def test_a_store_is_checked_every_month_from_its_first_standard_on(floor):
    f = floor()
    f.tell("2012-05-10", STORE, PublishServiceStandard(articles=articles()))
    f.tell("2012-06-30", STORE, CheckServiceStandard(check="C1", clauses=answers(100)))
    f.at("2012-07-02")
    assert due(f, "retail.service_check", "2012-07-02") == {
        "2012-05": "not_done",
        "2012-06": "done",
        "2012-07": "open",
    }


@pytest.mark.rule("RET-35")
def test_a_store_is_opened_once(floor):
    f = floor()
    f.tell("2012-01-02", STORE, OpenStore(name="West Lake"))
    with pytest.raises(Conflict):
        f.tell("2012-01-03", STORE, OpenStore())
    assert f.in_force(STORE, "retail.store_opened")[0]["outlet"] == OUTLET


@pytest.mark.rule("RET-35")
def test_days_at_the_ends_of_the_calendar_are_refused_or_bear_no_harm():
    for command in (
        OpenStore,
        lambda **more: PublishServiceStandard(articles=articles(), effective_on=more["opened_on"]),
    ):
        with pytest.raises(Invalid) as refusal:
            command(opened_on=date(1, 1, 1))
        assert refusal.value.code == "invalid_date"
    assert fortnight_of(date.min, StoreRules()) == date.min
    assert fortnight_of(date(2012, 1, 15), StoreRules()) == date(2012, 1, 2)
    assert fortnight_of(date(2012, 1, 1), StoreRules()) == date(2011, 12, 19)
    assert days_before(date.min, date.max)[0] == date.min
    assert days_before(date(2012, 1, 22), date(2012, 1, 31)) == (date(2012, 1, 12), date(2012, 1, 21))


@pytest.mark.rule("RET-35")
def test_what_is_a_stores_is_told_to_the_stores_record(floor):
    f = floor()
    chosen = ChooseBestEmployee(employee="li", ground="sales")
    for command in (OpenStore(), chosen, PublishServiceStandard(articles=articles())):
        with pytest.raises(Unknown) as refusal:
            f.tell("2012-01-02", "S1", command)
        assert (refusal.value.code, refusal.value.accepts) == ("unknown_code", 'store_stream("S1"): store/S1')
