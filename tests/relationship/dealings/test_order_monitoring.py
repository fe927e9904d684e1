"""Order lines: what is shipped, installed, invoiced and received, and what is past its promised date (CORE-78)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Conflict, Incomplete, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import (
    AcceptInstallation,
    CancelOrder,
    MoveOrderPromise,
    PlaceOrder,
    ReturnGoods,
)
from guanxi.relationship.dealings.events import LineAmount, LineQuantity, OrderLine
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.pipeline.events import ContractSigned
from guanxi.testing import Scenario
from tests.relationship.dealings.trading import Trade, names, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-06-02") as t:
        yield t


def ordered(trade: Trade, **fields: Any) -> Trade:
    """Return the desk with an order of ten at 100.00, promised for 20 June."""
    trade.order("O-1", "1000.00", quantity=10, promised="2025-06-20", on_credit=False, **fields)
    return trade


def parts(quantity: int) -> tuple[LineQuantity, ...]:
    return (LineQuantity(line="1", quantity=Decimal(quantity)),)


def line(trade: Trade, as_of: str | None = None, as_known: str | None = None) -> dict[str, Any]:
    """Return the order line as the report shows it."""
    result = trade.ledger.report("core.order_monitoring", as_of=as_of, as_known=as_known)
    [row] = result.rows
    return dict(zip([c.name for c in result.columns], row, strict=True))


def listed(trade: Trade, as_of: str, as_known: str | None = None) -> int | None:
    """Return by how many days the line is past its promised date in the list; None where it is not listed."""
    result = trade.ledger.report("core.order_monitoring", as_of=as_of, as_known=as_known, past_only=True)
    names = [c.name for c in result.columns]
    return result.rows[0][names.index("days_past")] if result.rows else None


@pytest.mark.rule("CORE-78a")
def test_each_line_shows_how_far_it_has_come(trade: Trade) -> None:
    ordered(trade, installs=True)
    trade.on("2025-06-18").ship("O-1", 6)
    trade.tell(AcceptInstallation(order="O-1", lines=parts(4)))
    trade.invoice("I-1", "600.00", order="O-1", lines=(LineAmount(line="1", amount=yuan("600.00")),))
    trade.pay("R-1", "400.00")
    row = line(trade)
    assert (row["progress"], row["open"]) == ("partly_shipped", 4)
    rates = [row[f"{name}_rate"] for name in ("shipped", "installed", "invoiced", "received")]
    assert rates == [Decimal("60.0"), Decimal("40.0"), Decimal("60.0"), Decimal("40.0")]


@pytest.mark.rule("CORE-78b")
def test_a_line_is_listed_from_the_day_after_its_promised_date(trade: Trade) -> None:
    ordered(trade).on("2025-06-18").ship("O-1", 6)
    assert listed(trade.on("2025-06-20"), "2025-06-20") is None
    assert listed(trade.on("2025-06-21"), "2025-06-21") == 1
    trade.on("2025-06-23").ship("O-1", 4, "2025-06-19", reason="note found")
    assert listed(trade, "2025-06-22", "2025-06-22") == 2
    assert listed(trade, "2025-06-22", "2025-06-23") is None


@pytest.mark.rule("CORE-78c")
def test_a_moved_date_needs_the_customer_and_both_dates_stay(trade: Trade) -> None:
    ordered(trade).on("2025-06-18")
    moved = {"order": "O-1", "line": "1", "promised_on": trade.now.date().replace(day=30)}
    with pytest.raises(Incomplete, match="date_not_agreed"):
        trade.tell(MoveOrderPromise(**moved))
    trade.tell(MoveOrderPromise(**moved, agreed_by="Li"))
    assert listed(trade.on("2025-06-30"), "2025-06-30") is None
    assert listed(trade.on("2025-07-01"), "2025-07-01") == 1
    trade.ship("O-1", 10, "2025-06-28")
    row = line(trade)
    assert (row["late_first"], row["late_last"], row["days_past"]) == (8, 0, None)
    assert [row["first_promised_on"].day, row["promised_on"].day] == [20, 30]


@pytest.mark.rule("CORE-78d")
@pytest.mark.rule("CORE-IN-i")
def test_more_than_was_ordered_is_not_shipped_but_kept_when_it_left(trade: Trade) -> None:
    ordered(trade)
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.ship("O-1", 11)
    outcome = trade.ship("O-1", 11, happened=True)
    assert names(outcome)[:2] == ["goods_delivered", "breach_flagged"]
    assert line(trade)["open"] == -1


@pytest.mark.rule("CORE-78")
@pytest.mark.parametrize("installs", [True, False])
def test_progress_goes_step_by_step(trade: Trade, installs: bool) -> None:
    ordered(trade, installs=installs)
    seen = [line(trade)["progress"]]
    trade.ship("O-1", 1)
    seen.append(line(trade)["progress"])
    trade.ship("O-1", 9)
    seen.append(line(trade)["progress"])
    if installs:
        trade.tell(AcceptInstallation(order="O-1", lines=parts(10)))
        seen.append(line(trade)["progress"])
    trade.invoice("I-1", 1000, order="O-1")
    seen.append(line(trade)["progress"])
    trade.pay("R-1", 1000)
    seen.append(line(trade)["progress"])
    middle = ["installed"] if installs else []
    assert seen == ["placed", "partly_shipped", "shipped", *middle, "invoiced", "paid"]


@pytest.mark.rule("CORE-78")
def test_a_line_that_is_to_be_installed_waits_until_it_is(trade: Trade) -> None:
    ordered(trade, installs=True).on("2025-06-19").ship("O-1", 10)
    assert listed(trade.on("2025-06-21"), "2025-06-21") == 1
    trade.tell(AcceptInstallation(order="O-1", lines=parts(10)))
    assert listed(trade, "2025-06-21") is None
    assert line(trade)["late_first"] == 1


@pytest.mark.rule("CORE-78")
def test_a_contract_says_whether_installation_is_part_of_the_deal() -> None:
    with Scenario() as s:
        s.given("2025-01-01", ContractSigned(contract="K", amount=yuan(1), deal_type="installed"))
        one = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pieces", amount=yuan(1))
        s.when("2025-01-02", PlaceOrder(order="A", lines=(one,), contract="K"))
        s.when("2025-01-02", PlaceOrder(order="B", lines=(one,), contract="K", installs=False))
        s.when("2025-01-02", PlaceOrder(order="C", lines=(one,)))
        found = s.ledger.history("C-1").state(Orders).orders
        assert [found[n].installs for n in "ABC"] == [True, False, False]


@pytest.mark.rule("CORE-78")
def test_what_is_cancelled_is_not_open(trade: Trade) -> None:
    ordered(trade)
    trade.ship("O-1", 6)
    trade.tell(CancelOrder(order="O-1", line="1", quantity=Decimal(1)))
    assert (line(trade)["open"], line(trade)["cancelled"]) == (3, 1)
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.tell(CancelOrder(order="O-1", line="1", quantity=Decimal(4)))
    trade.tell(CancelOrder(order="O-1"))
    assert (line(trade)["open"], line(trade)["cancelled"]) == (0, 4)
    assert listed(trade.on("2025-06-25"), "2025-06-25") is None


@pytest.mark.rule("CORE-78")
def test_no_more_comes_back_than_was_shipped(trade: Trade) -> None:
    ordered(trade)
    trade.ship("O-1", 2)
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.tell(ReturnGoods(order="O-1", lines=parts(3)))
    trade.tell(ReturnGoods(order="O-1", lines=parts(2)))
    assert line(trade)["open"] == 8


@pytest.mark.rule("CORE-78")
def test_what_came_in_on_a_contracts_plan_is_spread_over_its_lines(trade: Trade) -> None:
    trade.plan(("2025-06-30", 300), contract="K")
    for n in ("1", "2"):
        trade.order(f"O-{n}", 150, contract="K", on_credit=False)
        trade.ship(f"O-{n}")
    trade.pay("R-1", 200)
    result = trade.ledger.report("core.order_monitoring")
    received = [c.name for c in result.columns].index("received")
    assert [row[received] for row in result.rows] == [150, 50]


def test_numbers_are_taken_once_and_lines_have_to_be_known(trade: Trade) -> None:
    ordered(trade)
    with pytest.raises(Conflict, match="source_conflict"):
        trade.order("O-1", 5)
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(CancelOrder(order="O-1", line="9"))
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(CancelOrder(order="O-9"))
    with pytest.raises(Unknown, match="unknown_code"):
        trade.tell(ReturnGoods(order="O-1", lines=(LineQuantity(line="9", quantity=Decimal(1)),)))


@pytest.mark.rule("CORE-99")
def test_a_promised_line_is_a_due_item(trade: Trade) -> None:
    ordered(trade)
    assert trade.due("core.order_line_promised", "2025-06-20") == {"O-1/1": "open"}
    trade.on("2025-06-21")
    assert trade.due("core.order_line_promised", "2025-06-21") == {"O-1/1": "overdue"}
    trade.on("2025-06-22").ship("O-1", 10)
    assert trade.due("core.order_line_promised", "2025-06-22") == {"O-1/1": "late"}
