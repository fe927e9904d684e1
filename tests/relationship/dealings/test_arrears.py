"""Old arrears hold a new order or contract; a payment, an approver or a rule lets it go again, from now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Held, Incomplete, NotPermitted
from guanxi.relationship.dealings.commands import (
    DeliverGoods,
    NameCollector,
    ReleaseOrder,
    ReverseReceipt,
    WriteOffReceivable,
)
from guanxi.relationship.dealings.events import (
    InstalmentPlanned,
    LineQuantity,
    OrderLine,
    OrderPlaced,
    ReceiptRecorded,
)
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.rules import ArrearsRules
from guanxi.relationship.pipeline.events import ContractSigned
from guanxi.testing import Scenario
from tests.kernel.desks import CUSTOMER, moment
from tests.relationship.dealings.trading import Trade, names, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-05-01") as t:
        t.plan(("2025-05-31", 300))
        yield t


def cash(trade: Trade, number: str, on: str | None = None) -> list[str]:
    """Place an order that is paid at once, so that only arrears can hold it."""
    trade.order(number, 10, on=on, on_credit=False)
    return trade.held(number)


@pytest.mark.rule("CORE-30a")
@pytest.mark.rule("CORE-IN-m")
def test_an_instalment_that_is_unpaid_holds_orders_from_the_day_after_it_was_due(trade: Trade) -> None:
    assert cash(trade.on("2025-05-31"), "O-1") == []
    outcome = trade.on("2025-06-01").order("O-2", 10, on_credit=False)
    assert "order_held" in names(outcome)
    assert trade.held("O-2") == ["arrears_open"]
    with pytest.raises(Held, match="arrears_open"):
        trade.ship("O-2")


@pytest.mark.rule("CORE-30b")
def test_a_payment_entered_late_releases_from_when_it_was_known(trade: Trade) -> None:
    assert cash(trade.on("2025-06-01"), "O-1") == ["arrears_open"]
    outcome = trade.on("2025-06-03").pay("R-1", 300, "2025-05-30", reason="bank statement")
    released = [e for e in outcome.events if e.stored_name == "core.order_released"]
    assert [(e.order, e.ground, e.receipt) for e in released] == [("O-1", "cause_gone", "R-1")]  # type: ignore[attr-defined]
    assert trade.held("O-1", as_of="2025-06-02") == ["arrears_open"]
    assert trade.held("O-1") == []
    assert trade.book(as_of="2025-06-02").overdue(moment("2025-06-02").date()) == {}
    known_then = trade.book(as_of="2025-06-02", as_known="2025-06-02")
    assert known_then.overdue(moment("2025-06-02").date()) == {"CNY": Decimal(300)}


@pytest.mark.rule("CORE-30b")
def test_a_release_that_began_late_stands_when_something_else_is_entered_late(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    trade.on("2025-06-03").pay("R-1", 300, "2025-05-30", reason="bank statement")
    trade.on("2025-06-10").pay("R-2", 5, "2025-05-29", reason="found")
    assert trade.held("O-1", as_of="2025-06-02") == ["arrears_open"]
    assert trade.held("O-1", as_of="2025-06-03") == []
    assert trade.held("O-1") == []


@pytest.mark.rule("CORE-30")
def test_a_payment_in_time_for_its_own_day_releases_at_once(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    trade.on("2025-06-04").pay("R-1", 299)
    assert trade.held("O-1") == ["arrears_open"]
    trade.on("2025-06-05").pay("R-2", 1)
    assert trade.held("O-1") == []
    assert trade.held("O-1", as_of="2025-06-04") == ["arrears_open"]
    trade.ship("O-1")


@pytest.mark.rule("CORE-30")
def test_a_release_falls_away_from_now_when_its_receipt_does(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    paid = trade.on("2025-06-04").pay("R-1", 300).entries[0].id
    trade.on("2025-06-06").ledger.void(paid, actor="clerk", reason="another customer's")
    assert trade.held("O-1", as_of="2025-06-05") == []
    assert trade.held("O-1") == ["arrears_open"]


@pytest.mark.rule("CORE-30")
def test_somebody_else_than_the_seller_may_release_with_a_reason(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        trade.tell(ReleaseOrder(order="O-1", reason="urgent"))
    with pytest.raises(Incomplete, match="reason_missing"):
        trade.tell(ReleaseOrder(order="O-1", reason=" "), actor="head")
    trade.tell(ReleaseOrder(order="O-1", reason="urgent"), actor="head")
    assert trade.held("O-1") == []


@pytest.mark.rule("CORE-30")
def test_a_write_off_leaves_nothing_overdue(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    trade.tell(WriteOffReceivable(receivable="K/1", reason="bankrupt"), actor="head")
    assert trade.held("O-1") == []


@pytest.mark.rule("CORE-30")
@pytest.mark.parametrize(("grace", "held"), [(0, ["arrears_open"]), (1, []), (2, [])])
def test_days_of_grace_are_waited_for(trade: Trade, grace: int, held: list[str]) -> None:
    trade.ledger.publish(
        ArrearsRules(arrears_grace_days=grace),
        effective_from=moment("2025-05-02"),
        by="drafter",
        approved_by="board",
    )
    assert cash(trade.on("2025-06-01"), "O-1") == held


@pytest.mark.rule("CORE-30")
def test_arrears_below_the_least_sum_hold_nothing(trade: Trade) -> None:
    trade.ledger.publish(
        ArrearsRules(arrears_min=Decimal("300.01")),
        effective_from=moment("2025-05-02"),
        by="drafter",
        approved_by="board",
    )
    assert cash(trade.on("2025-06-01"), "O-1") == []


@pytest.mark.rule("CORE-93b")
def test_a_rule_published_with_effect_in_the_past_releases_from_its_publication(trade: Trade) -> None:
    assert cash(trade.on("2025-06-05"), "O-1") == ["arrears_open"]
    version = trade.on("2025-06-20").ledger.publish(
        ArrearsRules(arrears_min=Decimal(500)),
        effective_from=moment("2025-06-01T00:00"),
        by="drafter",
        approved_by="board",
        retroactive="small sums are not worth it",
    )
    assert version is not None
    assert trade.held("O-1", as_of="2025-06-05") == ["arrears_open"]
    assert trade.held("O-1", as_of="2025-06-19") == ["arrears_open"]
    assert trade.held("O-1", as_of="2025-06-20") == []
    trade.ledger.advance()
    lines = trade.ledger.history(CUSTOMER).entries()
    released = [e for e in lines if e.name in ("core.order_released", "core.decision_ended")]
    assert released
    assert {json.loads(e.rule_sets or "{}").get("core.arrears") for e in released} == {1}


@pytest.mark.rule("CORE-30")
def test_a_reversed_receipt_opens_the_arrears_for_the_next_order(trade: Trade) -> None:
    trade.on("2025-05-30").pay("R-1", 300)
    trade.on("2025-06-02")
    assert cash(trade, "O-1") == []
    trade.tell(ReverseReceipt(receipt="R-1", reason="cheque returned"))
    assert trade.held("O-1") == []
    assert cash(trade, "O-2") == ["arrears_open"]


@pytest.mark.rule("CORE-30")
def test_naming_a_collector_releases_nothing(trade: Trade) -> None:
    cash(trade.on("2025-06-01"), "O-1")
    trade.tell(NameCollector(person="wang"))
    assert trade.held("O-1") == ["arrears_open"]


@pytest.mark.rule("CORE-30")
def test_a_contract_in_arrears_is_held_and_so_are_deliveries_under_it() -> None:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pieces", amount=yuan(10))
    out = DeliverGoods(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal(1)),))
    planned = InstalmentPlanned(contract="A", instalment="1", due_on=date(2025, 5, 31), amount=yuan(300))
    with Scenario() as s:
        s.given("2025-05-01", planned)
        s.given("2025-06-02 10:00", ContractSigned(contract="B", amount=yuan(1000)))
        s.given("2025-06-02 11:00", OrderPlaced(order="O-1", lines=(line,), contract="B"))

        def causes() -> tuple[list[str], list[str]]:
            state = s.ledger.history("C-1").state(Orders)
            return list(state.held_contracts.get("B", {})), state.held(state.orders["O-1"])

        assert causes() == (["arrears_open"], ["arrears_open"])
        s.when("2025-06-02 12:00", ReleaseOrder(order="O-1", reason="urgent"), actor="head")
        s.when("2025-06-02 13:00", out)
        s.then_refused("arrears_open")
        s.when("2025-06-02 14:00", ReleaseOrder(order="B", kind="contract", reason="urgent"), actor="head")
        assert causes() == ([], [])
        s.when("2025-06-02 15:00", out)


@pytest.mark.rule("CORE-30")
def test_a_contract_goes_on_when_nothing_is_overdue_any_more() -> None:
    planned = InstalmentPlanned(contract="A", instalment="1", due_on=date(2025, 5, 31), amount=yuan(300))
    with Scenario() as s:
        s.given("2025-05-01", planned)
        s.given("2025-06-02", ContractSigned(contract="B", amount=yuan(1000)))
        s.given("2025-06-05", ReceiptRecorded(receipt="R-1", amount=yuan(300)))
        assert s.ledger.history("C-1").as_of("2025-06-04").state(Orders).held_contracts["B"] != {}
        assert s.ledger.history("C-1").state(Orders).held_contracts["B"] == {}
