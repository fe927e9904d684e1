"""What is bought, how often, how widely, at what cost, and in a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Money
from guanxi.relationship.dealings.commands import CancelOrder, PlaceOrder, RecordCost
from guanxi.relationship.dealings.events import OrderLine
from tests.relationship.dealings.trading import Trade, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-03-03") as t:
        t.open("C-2")
        t.order("O-1", 100, channel="shop", product="pump", family="pumps", on_credit=False)
        t.on("2025-03-13").order("O-2", 300, channel="web", product="valve", family="valves", on_credit=False)
        t.on("2025-04-02").order("O-3", 200, channel="web", product="pump", family="pumps", on_credit=False)
        yield t


@pytest.mark.rule("CORE-59")
def test_purchase_behaviour_adds_up_over_channels(trade: Trade) -> None:
    result = trade.ledger.report("core.purchase_behaviour")
    assert result.rows == (
        ("shop", 1, Decimal(100), Decimal(100), Decimal("16.67")),
        ("web", 2, Decimal(500), Decimal(250), Decimal("83.33")),
    )
    assert result.drawing is not None
    assert list(result.drawing.rows) == [("shop", "mon", 100), ("web", "wed", 200), ("web", "thu", 300)]
    assert trade.ledger.report("core.purchase_behaviour", since=date(2025, 4, 1)).rows[0][0] == "web"


def test_what_was_cancelled_is_not_bought(trade: Trade) -> None:
    trade.tell(CancelOrder(order="O-2"))
    web = trade.ledger.report("core.purchase_behaviour").rows[1]
    assert web[2] == 200


def test_purchase_frequency_counts_every_customer(trade: Trade) -> None:
    trade.on("2025-04-30")
    result = trade.ledger.report("core.purchase_frequency", since=date(2025, 1, 1))
    assert result.rows == (
        ("C-1", 3, 4, Decimal("0.75"), Decimal(15)),
        ("C-2", 0, 4, Decimal(0), None),
    )
    assert result.drawing is not None
    assert sum(n for _, n in result.drawing.rows) == 2


def test_product_range_counts_families(trade: Trade) -> None:
    result = trade.ledger.report("core.product_range")
    assert result.rows == ((0, 1), (2, 1))
    assert {label.en: text for label, text in result.notes}["families per active customer"] == "2.00"


@pytest.mark.rule("CORE-57")
def test_product_sales_set_costs_against_amounts(trade: Trade) -> None:
    trade.tell(RecordCost(cost="direct", amount=yuan(60), product="pump"))
    result = trade.ledger.report("core.product_sales")
    assert result.rows == (
        ("pump", "2025-03", "shop", 100, 0, 100),
        ("pump", "2025-04", "", 0, 60, -60),
        ("pump", "2025-04", "web", 200, 0, 200),
        ("valve", "2025-03", "web", 300, 0, 300),
    )
    by_family = trade.ledger.report("core.product_sales", attribute="family").rows
    assert [row[0] for row in by_family] == ["", "pumps", "pumps", "valves"]


def test_a_week_shows_orders_and_receipts(trade: Trade) -> None:
    trade.pay("R-1", 50)
    result = trade.ledger.report("core.weekly_sales")
    assert result.rows == (("", "C-1", "CNY", 1, 200, 50),)
    assert trade.ledger.report("core.weekly_sales", day=date(2025, 3, 4)).rows == (
        ("", "C-1", "CNY", 1, 100, 0),
    )


def test_amounts_of_two_currencies_are_not_added(trade: Trade) -> None:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pieces", amount=Money("1", "USD"))
    trade.tell(PlaceOrder(order="O-9", lines=(line,)))
    with pytest.raises(Invalid, match="unit_mismatch"):
        trade.ledger.report("core.purchase_behaviour")
    assert len(trade.ledger.report("core.purchase_behaviour", currency="USD").rows) == 1
