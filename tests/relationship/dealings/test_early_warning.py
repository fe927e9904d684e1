"""Early warning: raised once for a cause and kind, cleared when the cause is gone, revised by what comes in late (CORE-33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi.relationship.dealings.commands import CancelOrder
from guanxi.relationship.dealings.events import InstalmentPlanned
from guanxi.relationship.dealings.rules import WarningRules
from guanxi.relationship.dealings.warnings import Warnings
from guanxi.relationship.grading.events import ClassStated, GradeOverridden
from guanxi.relationship.pipeline.commands import RecordAction
from guanxi.relationship.pipeline.events import ContractAmended, ContractEnded, ContractSigned
from guanxi.testing import Scenario
from tests.kernel.desks import CUSTOMER, moment
from tests.relationship.dealings.trading import Trade, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-01-02") as t:
        yield t


@pytest.mark.rule("CORE-33a")
def test_an_instalment_is_warned_of_seven_days_ahead_and_when_it_is_overdue(trade: Trade) -> None:
    trade.plan(("2025-02-28", 1000))
    trade.on("2025-03-03").pay("R-1", 1000)
    assert trade.warned("2025-02-20") == []
    assert trade.warned("2025-02-21") == [("due_soon", "K/1")]
    assert trade.warned("2025-02-28") == [("due_soon", "K/1")]
    assert trade.warned("2025-03-01") == [("overdue", "K/1")]
    assert trade.warned("2025-03-03") == []
    raised = [
        line.fields for line in trade.ledger.history(CUSTOMER).lines() if line.name == "core.warning_raised"
    ]
    assert [(f["kind"], f["value"], f["threshold"]) for f in raised if f] == [
        ("due_soon", "7", "7"),
        ("overdue", "1", "1"),
    ]


@pytest.mark.rule("CORE-33b")
@pytest.mark.parametrize(("amount", "warned"), [("449999.99", False), ("450000.00", True)])
def test_exposure_is_warned_of_from_nine_tenths_of_the_limit(trade: Trade, amount: str, warned: bool) -> None:
    trade.terms(500_000)
    trade.invoice("I-1", amount, due="2025-12-31")
    assert (("exposure_near_limit", "CNY") in trade.warned()) == warned


@pytest.mark.rule("CORE-33")
def test_a_warning_is_raised_once_and_again_only_after_it_was_cleared(trade: Trade) -> None:
    trade.terms(1000)
    trade.invoice("I-1", 900, due="2025-12-31")
    trade.invoice("I-2", 50, due="2025-12-31")
    assert trade.names().count("core.warning_raised") == 1
    trade.on("2025-01-03").pay("R-1", 100)
    assert trade.warned() == []
    trade.on("2025-01-04").invoice("I-3", 60, due="2025-12-31")
    assert trade.warned() == [("exposure_near_limit", "CNY")]
    assert trade.names().count("core.warning_raised") == 2
    assert trade.names().count("core.warning_cleared") == 1


@pytest.mark.rule("CORE-33")
def test_an_order_that_is_held_is_not_warned_of_as_exposure(trade: Trade) -> None:
    trade.terms(1000)
    trade.order("O-1", 1001)
    assert trade.warned() == []
    assert "core.warning_raised" not in trade.names()


@pytest.mark.rule("CORE-93a")
def test_a_receipt_entered_late_takes_the_warning_back_from_its_own_day(trade: Trade) -> None:
    trade.plan(("2025-02-28", 1000))
    trade.on("2025-03-02").ledger.advance()
    [warning] = [
        line.id
        for line in trade.ledger.history(CUSTOMER).lines()
        if line.name == "core.warning_raised" and line.fields and line.fields["kind"] == "overdue"
    ]
    trade.on("2025-03-03").tell(RecordAction(kind="dunning"), ground=warning)
    trade.on("2025-03-05").pay("R-1", 1000, "2025-02-27", reason="bank statement")
    assert trade.warned("2025-03-01", "2025-03-02") == [("overdue", "K/1")]
    assert trade.warned("2025-03-01", "2025-03-05") == []
    assert trade.warned("2025-02-26") == [("due_soon", "K/1")]
    called = {
        known: [
            line.without_ground
            for line in trade.ledger.history(CUSTOMER).as_known(known).lines()
            if line.name == "core.action_recorded"
        ]
        for known in ("2025-03-04", "2025-03-05")
    }
    assert called == {"2025-03-04": [False], "2025-03-05": [True]}


@pytest.mark.rule("CORE-33")
def test_lines_may_differ_by_risk_mark(trade: Trade) -> None:
    rules = WarningRules(due_soon_days_by_mark={"high": 14}, exposure_percent_by_mark={"high": Decimal(50)})
    assert rules.soon("high") == 14
    assert rules.soon("low") == 7
    assert rules.exposure_line(Decimal(1000), "high") == 500
    assert rules.exposure_line(Decimal(1000), "") == 900


@pytest.mark.rule("CORE-33")
def test_a_customer_of_high_risk_is_warned_of_earlier() -> None:
    planned = InstalmentPlanned(contract="K", instalment="1", due_on=date(2025, 3, 31), amount=yuan(1))
    with Scenario(rules=[WarningRules(due_soon_days_by_mark={"high": 14})]) as s:
        s.given(
            "2025-01-01", ClassStated(plugin="p", scheme="risk_mark", grade="high", since=date(2025, 1, 1))
        )
        s.given("2025-01-02", planned)
        s.until("2025-04-01")
        assert warned(s, "2025-03-16") == []
        assert warned(s, "2025-03-17") == [("due_soon", "K/1")]


@pytest.mark.rule("CORE-33")
def test_a_contract_is_warned_of_thirty_days_before_its_end() -> None:
    with Scenario() as s:
        signed = ContractSigned(contract="K", amount=yuan(1), ends_on=date(2025, 3, 31))
        s.given("2025-01-01", signed)
        s.until("2025-04-02")
        assert warned(s, "2025-02-28") == []
        assert warned(s, "2025-03-01") == [("contract_ends", "K")]
        assert warned(s, "2025-03-31") == [("contract_ends", "K")]
        assert warned(s, "2025-04-01") == []


@pytest.mark.rule("CORE-33")
@pytest.mark.parametrize(
    "ends",
    [
        ContractEnded(contract="K", how="terminated"),
        ContractAmended(contract="K", amendment="1", added=yuan(1), ends_on=date(2025, 12, 31)),
    ],
)
def test_a_contract_that_is_ended_or_prolonged_is_not_warned_of_any_more(
    ends: ContractEnded | ContractAmended,
) -> None:
    with Scenario() as s:
        s.given("2025-01-01", ContractSigned(contract="K", amount=yuan(1), ends_on=date(2025, 3, 31)))
        s.given("2025-03-10", ends)
        assert warned(s, "2025-03-09") == [("contract_ends", "K")]
        assert warned(s, "2025-03-10") == []


def warned(s: Scenario, day: str) -> list[tuple[str, str]]:
    return sorted(s.ledger.history("C-1").as_of(day).state(Warnings).raised)


@pytest.mark.rule("CORE-33")
def test_a_new_line_moves_what_has_not_been_reached_yet(trade: Trade) -> None:
    trade.plan(("2025-02-28", 1000))
    trade.ledger.publish(
        WarningRules(due_soon_days=3),
        effective_from=moment("2025-01-01"),
        by="a",
        approved_by="b",
        retroactive="r",
    )
    trade.on("2025-02-28")
    assert trade.warned("2025-02-24") == []
    assert trade.warned("2025-02-25") == [("due_soon", "K/1")]


@pytest.mark.rule("CORE-33")
@pytest.mark.rule("CORE-93")
def test_a_warning_is_cleared_when_an_order_is_held_again_because_its_release_ended(trade: Trade) -> None:
    trade.terms(1000)
    for number, amount in (("O-1", 700), ("O-2", 300), ("O-3", 50)):
        trade.order(number, amount)
    assert trade.held("O-3") == ["credit_exceeded"]
    cancelled = trade.on("2025-01-03").tell(CancelOrder(order="O-2", reason="not needed"))
    assert trade.held("O-3") == []
    trade.on("2025-01-06").ledger.void(cancelled.entries[0].id, actor="clerk", reason="of another order")
    assert trade.held("O-3") == ["credit_exceeded"]
    over = ("exposure_over_limit", "CNY")
    assert over in trade.warned("2025-01-05")
    assert over not in trade.warned("2025-01-06")
    trade.on("2025-01-07").pay("R-1", 5, "2025-01-02", reason="bank statement")
    assert over in trade.warned("2025-01-05")
    assert over not in trade.warned()


HIGH_EARLIER = [WarningRules(due_soon_days_by_mark={"high": 14})]


def marked(since: date, until: date) -> ClassStated:
    return ClassStated(plugin="p", scheme="risk_mark", grade="high", since=since, until=until)


@pytest.mark.rule("CORE-33")
@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (marked(date(2025, 1, 2), date(2025, 1, 31)), {"06": False, "12": False, "13": True}),
        (
            marked(date(2025, 1, 2), date(2025, 2, 8)),
            {"05": False, "06": True, "08": True, "09": False, "13": True},
        ),
        (marked(date(2025, 2, 10), date(2025, 3, 31)), {"06": False, "09": False, "10": True, "13": True}),
        (
            GradeOverridden(scheme="risk_mark", grade="high", approver="B", until=date(2025, 2, 8)),
            {"05": False, "06": True, "08": True, "09": False, "13": True},
        ),
    ],
)
@pytest.mark.parametrize("mark_first", [True, False])
def test_the_mark_in_force_on_the_day_moves_the_line(
    mark: ClassStated | GradeOverridden, expected: dict[str, bool], mark_first: bool
) -> None:
    planned = InstalmentPlanned(contract="K", instalment="1", due_on=date(2025, 2, 20), amount=yuan(1))
    told = (mark, planned) if mark_first else (planned, mark)
    with Scenario(rules=HIGH_EARLIER) as s:
        for day, event in zip(("2025-01-02", "2025-01-03"), told, strict=True):
            s.given(day, event)
        s.until("2025-02-20")
        assert {day: warned(s, f"2025-02-{day}") == [("due_soon", "K/1")] for day in expected} == expected
