"""The made-up chain: the same every time, whoever else is in it, and a year of it reaches all of retail."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import guanxi
import guanxi_retail
from guanxi import Ledger, Refusal
from guanxi_retail.assembly import PARTS
from guanxi_retail.synthetic import MEANT, PLANS, SHOP, UNREACHED, ShopChain, Tally, live

MEMBERS = 60
MEANT_FLAGS = {"claim_denied"}
"""What a year is meant to be flagged for: a number that was somebody else's."""
ESTIMATES = {"retail.clv", "retail.models"}
"""Reports that need more customers over a longer time than a year of three shops, and say so where no model fits."""
EMPTY: set[str] = set()
"""Reports that have nothing to show of a year."""


def digest(chain: ShopChain) -> str:
    """A digest of everything that is told of a chain."""
    told = hashlib.sha256()
    for telling in chain.tellings():
        told.update(repr(telling).encode())
    return told.hexdigest()


def lived(chain: ShopChain) -> tuple[Ledger, Tally]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ledger = guanxi.open("sqlite://", zone="Asia/Shanghai", plugins=[guanxi_retail.plugin])
    return ledger, live(ledger, chain)


def entries(ledger: Ledger) -> list[Any]:
    found: list[Any] = []
    while page := ledger.store.page(found[-1].position if found else 0, 2_000):
        found += page
    return found


# What is told


def test_the_same_seed_tells_the_same_and_another_something_else() -> None:
    told = digest(ShopChain(seed=7, members=25, months=4))
    assert told == digest(ShopChain(seed=7, members=25, months=4))
    assert told != digest(ShopChain(seed=8, members=25, months=4))


@pytest.mark.parametrize("number", [0, 5, 7, 13, 19, 42])
def test_a_members_year_hangs_neither_on_how_many_there_are_nor_on_how_long_it_goes_on(number: int) -> None:
    few, many = ShopChain(members=number + 1, months=6), ShopChain(members=10_000, months=30)
    for month in range(6):
        assert few.member_month(number, month) == many.member_month(number, month)


def test_everything_is_told_once_and_in_the_month_it_belongs_to() -> None:
    chain = ShopChain(members=40)
    names: Counter[str] = Counter()
    for month in range(chain.months):
        steps = chain.month(month)
        names.update(chain.name_of(step) for step in steps)
        assert steps == sorted(steps, key=lambda s: (s.at, s.subject, s.ref))
        assert all(step.at <= chain.closes(month) for step in steps)
        assert all(step.late or step.at.date() >= chain.first_day(month) for step in steps)
    assert [name for name, count in names.items() if count > 1] == []


def test_names_and_accounts_say_that_they_are_synthetic_and_numbers_are_the_members_own() -> None:
    chain = ShopChain(members=200)
    members = [chain.member(number) for number in range(200)]
    assert all(one.account.startswith("SYN-") and one.name.startswith("合成") for one in members)
    assert len({one.mobile for one in members}) == 200


def test_more_is_bought_at_weekends_and_in_the_month_of_the_campaign() -> None:
    chain = ShopChain(members=100)
    sold = [t for t in chain.tellings() if type(t.command).stored_name == "retail.record_purchase"]
    days = Counter(t.occurred_at.weekday() for t in sold if t.occurred_at is not None)
    assert days[5] + days[6] > 1.3 * (days[1] + days[2])
    months = Counter(t.occurred_at.month for t in sold if t.occurred_at is not None)
    assert months[1] > months[2]


def test_receipts_have_several_lines_in_several_areas_and_are_paid_in_several_ways() -> None:
    sold = [
        t.command
        for t in ShopChain(members=100).tellings()
        if type(t.command).stored_name == "retail.record_purchase"
    ]
    assert {len(one.lines) for one in sold} >= {1, 2, 3, 4}
    assert {line.area for one in sold for line in one.lines} >= {"clothing", "cosmetics", "books", "food"}
    assert {tender.kind for one in sold for tender in one.tenders} == {
        "cash",
        "card",
        "mobile",
        "voucher",
        "points",
    }
    for one in sold:
        assert not one.lines or sum(line.paid for line in one.lines) == one.paid.amount


def test_every_place_of_a_shop_has_a_story() -> None:
    assert {place for plan in PLANS for place in plan.places} == set(range(SHOP))


# A month of it, twice


def test_two_ledgers_that_live_through_the_same_chain_have_the_same_log() -> None:
    logs = []
    for _ in range(2):
        ledger, _tally = lived(ShopChain(members=6, months=2))
        logs.append(
            [(e.position, e.name, e.effective_from, e.recorded_at, e.command_id) for e in entries(ledger)]
        )
        ledger.close()
    assert logs[0] == logs[1]
    assert len(logs[0]) > 100


# A year of it


@pytest.fixture(scope="module")
def year() -> Iterator[tuple[Ledger, Tally]]:
    ledger, tally = lived(ShopChain(members=MEMBERS))
    yield ledger, tally
    ledger.close()


@pytest.mark.slow
def test_nothing_is_refused_but_what_is_meant_to_be(year: tuple[Ledger, Tally]) -> None:
    refused = year[1].refused
    assert {what: n for what, n in refused.items() if what not in MEANT} == {}
    assert set(refused) == MEANT
    assert set(year[1].flagged) <= MEANT_FLAGS


@pytest.mark.slow
def test_every_event_of_retail_occurs_but_those_that_are_listed(year: tuple[Ledger, Tally]) -> None:
    owned = {event.stored_name for event in PARTS.events}
    assert owned - {entry.name for entry in entries(year[0])} == set(UNREACHED)


def _has_no_fit(ledger: Ledger, report: str) -> bool:
    try:
        ledger.report(report)
    except Refusal as refusal:
        return refusal.code == "no_fit"
    return False


@pytest.mark.slow
@pytest.mark.parametrize("report", [report.name for report in PARTS.reports])
def test_every_report_of_retail_adds_up_and_says_something(year: tuple[Ledger, Tally], report: str) -> None:
    if report in ESTIMATES and _has_no_fit(year[0], report):
        return
    result = year[0].report(report)
    assert result.rows or report in EMPTY
    for language in ("en", "zh"):
        assert result.as_table(language)


@pytest.mark.slow
def test_points_foot_for_the_programme_and_its_members(year: tuple[Ledger, Tally]) -> None:
    ledger = year[0]

    def closing(**of: Any) -> int:
        result = ledger.report("retail.points_movement", **of)
        return int(dict(zip([c.name for c in result.columns], result.rows[-1], strict=True))["closing"])

    chain = ShopChain(members=MEMBERS)
    accounts = [chain.member(number).account for number in range(MEMBERS)]
    accounts += [f"{chain.member(n).account}-D" for n in range(MEMBERS) if n % SHOP in (16, 17)]
    assert closing() == sum(closing(account=account) for account in accounts)


@pytest.mark.slow
def test_its_log_can_be_replayed_to_the_same_decisions(year: tuple[Ledger, Tally]) -> None:
    assert year[0].check_determinism().same
