"""The made-up population: it is the same every time, hangs on nobody else's number, and its year reaches the whole core."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import guanxi
from guanxi import Ledger
from guanxi.kernel.verifying import verify
from guanxi.testing.population import RATES, UNREACHED, Population, Tally, live
from guanxi_adapters.sql.projector import SqlProjector

CUSTOMERS = 100
MEANT = {("core.hand_in_document", "intake_rejected")}
"""What a year is meant to be refused: a paper that nobody signed."""


def _all(population: Population) -> list[Any]:
    return list(population.tellings())


# ------------------------------------------------------------ what is told


def test_the_same_seed_tells_the_same() -> None:
    assert _all(Population(seed=7, customers=6, months=3)) == _all(Population(seed=7, customers=6, months=3))


def test_another_seed_tells_something_else() -> None:
    one, other = Population(seed=7, customers=6, months=2), Population(seed=8, customers=6, months=2)
    assert _all(one) != _all(other)


@pytest.mark.parametrize("number", [0, 1, 2, 9, 27, 99, 150])
def test_a_customers_year_does_not_hang_on_how_many_there_are(number: int) -> None:
    few, many = Population(customers=number + 1), Population(customers=10_000)
    for month in range(12):
        assert few.customer_month(number, month) == many.customer_month(number, month)


def test_a_year_begins_as_its_first_months_do_alone() -> None:
    quarter, year = Population(customers=5, months=3), Population(customers=5)
    for month in range(3):
        assert [quarter.customer_month(n, month) for n in range(5)] == [
            year.customer_month(n, month) for n in range(5)
        ]


def test_nothing_is_told_before_it_happened_or_in_another_month() -> None:
    population = Population(customers=30)
    for month in range(population.months):
        first = population.closes(month - 1) + timedelta(minutes=5) if month else population.begins()
        for number in range(30):
            for telling in population.customer_month(number, month)[0]:
                assert telling.occurred_at is not None
                assert telling.occurred_at <= population.closes(month)
                assert telling.reason is not None or telling.occurred_at >= first


def test_every_telling_is_named_once() -> None:
    names = Counter(t.command_id for t in Population(customers=60).tellings())
    assert [name for name, count in names.items() if count > 1] == []


def test_names_and_numbers_say_that_they_are_synthetic() -> None:
    population = Population(customers=200)
    for number in range(200):
        customer = population.customer(number)
        assert customer.account.startswith("SYN-")
        assert customer.name.startswith("合成")


def test_all_kinds_of_party_are_there() -> None:
    population = Population(customers=CUSTOMERS)
    kinds = {population.customer(n).party for n in range(CUSTOMERS)}
    assert kinds == {"person", "organisation", "household", "group"}


def test_every_story_is_rare_or_often_but_never_missing_from_a_hundred() -> None:
    assert all(rate.a_year >= 0.04 for rate in RATES)


# ------------------------------------------------------------ a year of it


@pytest.fixture(scope="module")
def year() -> Iterator[tuple[Ledger, Tally]]:
    population = Population(customers=CUSTOMERS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ledger = guanxi.open("sqlite://", plugins=[])
    yield ledger, live(ledger, population)
    ledger.close()


@pytest.fixture(scope="module")
def entries(year: tuple[Ledger, Tally]) -> list[Any]:
    found, position = [], 0
    while page := year[0].store.page(position, 2_000):
        found += page
        position = page[-1].position
    return found


def _core(ledger: Ledger) -> Any:
    return next(parts for parts in ledger.parts if parts.name == "core")


def test_nothing_is_refused_but_what_is_meant_to_be(year: tuple[Ledger, Tally]) -> None:
    assert {what: n for what, n in year[1].refused.items() if what not in MEANT} == {}


def test_every_event_of_the_core_occurs_but_those_that_are_listed(
    year: tuple[Ledger, Tally], entries: list[Any]
) -> None:
    owned = {event.stored_name for event in _core(year[0]).events}
    assert owned - {e.name for e in entries} == set(UNREACHED) & owned


def test_every_event_comes_a_hundred_times_in_a_year_of_ten_thousand(entries: list[Any]) -> None:
    counted = Counter(e.name for e in entries)
    enough = 100 * CUSTOMERS / 10_000
    assert {n: c for n, c in counted.items() if c < enough} == {}


def test_every_customer_has_sixty_entries(year: tuple[Ledger, Tally], entries: list[Any]) -> None:
    counted = Counter(e.stream for e in entries)
    population = Population(customers=CUSTOMERS)
    accounts = [population.customer(n).account for n in range(CUSTOMERS)]
    streams = year[0].find_all(accounts)
    assert {a: counted[s] for a, s in streams.items() if counted[s] < 60} == {}
    assert len(streams) == CUSTOMERS


@pytest.mark.parametrize("page", [17, 2_000])
def test_rows_folded_page_by_page_are_those_of_whole_histories(
    year: tuple[Ledger, Tally], entries: list[Any], page: int
) -> None:
    ledger, _ = year
    assert {"core.entry_corrected", "core.entry_voided", "core.breach_recorded"} <= {e.name for e in entries}
    models, source, store = ledger.reporting.models, ledger.source(), ledger.store
    by_pages = SqlProjector(store, models, source, page=page)
    by_pages.rebuild()
    streams = [head.stream for head in store.streams(limit=10_000)]
    whole = by_pages.scratch(models, ((s, source.timeline(s, store.fold_rows(s))) for s in streams))
    found = by_pages.reader()
    different = [m.name for m in models if list(found.rows(m)) != list(whole.rows(m))]
    assert different == []
    assert sum(1 for m in models for _ in found.rows(m)) > len(entries) / 2


def test_its_log_verifies_clean(year: tuple[Ledger, Tally]) -> None:
    assert verify(year[0].store).clean


def test_all_reports_of_the_core_foot(year: tuple[Ledger, Tally]) -> None:
    broken = {}
    for report in _core(year[0]).reports:
        try:
            year[0].report(report.name)
        except Exception as error:  # noqa: BLE001 - each report is named with what it said
            broken[report.name] = str(error)
    assert broken == {}


def test_every_customer_has_a_whole_view(year: tuple[Ledger, Tally]) -> None:
    population = Population(customers=CUSTOMERS)
    for number in (0, 1, 2, 7, 9, 33):
        assert year[0].whole_view(population.customer(number).account)
