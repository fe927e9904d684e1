"""What is bought, how often, how widely, at what cost, and in a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Money, RecordProfileFact, Unknown
from guanxi.relationship.dealings.commands import (
    CancelOrder,
    InstallProduct,
    PlaceOrder,
    RecordCost,
    RemoveProduct,
    ReturnGoods,
)
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.dealings.rules import PurchaseGroupRules
from guanxi.relationship.dealings.sales_reports import utilisation
from guanxi.relationship.grading.commands import StateClass
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
        ("pump", "2025-04", "not_stated", 0, 60, -60),
        ("pump", "2025-04", "web", 200, 0, 200),
        ("valve", "2025-03", "web", 300, 0, 300),
    )
    by_family = trade.ledger.report("core.product_sales", attribute="family").rows
    assert [row[0] for row in by_family] == [None, "pumps", "pumps", "valves"]


def test_a_week_shows_orders_and_receipts(trade: Trade) -> None:
    trade.pay("R-1", 50)
    result = trade.ledger.report("core.weekly_sales")
    assert result.rows == ((None, "C-1", "CNY", 1, 200, 50, None, None),)
    assert trade.ledger.report("core.weekly_sales", day=date(2025, 3, 4)).rows == (
        (None, "C-1", "CNY", 1, 100, 0, None, None),
    )


def test_amounts_of_two_currencies_are_not_added(trade: Trade) -> None:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pieces", amount=Money("1", "USD"))
    trade.tell(PlaceOrder(order="O-9", lines=(line,)))
    with pytest.raises(Invalid, match="unit_mismatch"):
        trade.ledger.report("core.purchase_behaviour")
    assert len(trade.ledger.report("core.purchase_behaviour", currency="USD").rows) == 1


def test_purchase_behaviour_by_weekday_adds_up_to_the_same(trade: Trade) -> None:
    result = trade.ledger.report("core.purchase_behaviour", by="weekday")
    assert [row[:3] for row in result.rows] == [("mon", 1, 100), ("wed", 1, 200), ("thu", 1, 300)]
    assert sum(row[4] for row in result.rows) == 100
    assert result.columns[0].name == "weekday"


@pytest.mark.rule("CORE-87")
def test_what_is_held_is_used_or_idle(trade: Trade) -> None:
    """Pumps were bought in March and April, valves in March; a boiler was installed in February and taken away in May."""
    given = {"since": date(2025, 4, 1), "until": date(2025, 4, 30)}
    trade.on("2025-05-06")
    trade.tell(
        InstallProduct(serial="S-1", product="boiler"), "2025-02-10", reason="told late", happened=True
    )
    result = trade.ledger.report("core.product_utilisation", **given)
    assert result.rows == (
        ("boiler", 1, 0, Decimal(0), 1),
        ("pump", 1, 1, Decimal(100), 0),
        ("valve", 1, 0, Decimal(0), 1),
    )
    assert {label.en: text for label, text in result.notes} == {
        "held": "3",
        "used": "1",
        "utilisation, %": "33.33",
    }
    families = trade.ledger.report("core.product_utilisation", attribute="family", **given).rows
    assert [row[0] for row in families] == ["boiler", "pumps", "valves"]
    trade.on("2025-05-10").tell(RemoveProduct(serial="S-1"))
    now = trade.ledger.report("core.product_utilisation")
    assert [row[0] for row in now.rows] == ["pump", "valve"]
    before = trade.ledger.report("core.product_utilisation", as_of="2025-05-09", as_known="2025-05-05")
    assert [row[0] for row in before.rows] == ["pump", "valve"], "the boiler was not known yet"
    assert len(trade.ledger.report("core.product_utilisation", as_of="2025-05-09").rows) == 3


def test_what_went_back_or_was_cancelled_is_not_held(trade: Trade) -> None:
    trade.ship("O-1")
    trade.tell(ReturnGoods(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal(1)),)))
    trade.tell(CancelOrder(order="O-2"))
    rows = trade.ledger.report("core.product_utilisation").rows
    assert rows == (("pump", 1, 1, Decimal(100), 0),), "one of two pumps stays"


def test_a_family_is_held_as_long_as_one_of_its_products_is(trade: Trade) -> None:
    trade.on("2025-05-01").order("O-7", 10, product="big pump", family="pumps", on_credit=False)
    trade.tell(InstallProduct(serial="S-1", product="big pump"))
    trade.on("2025-05-10").tell(RemoveProduct(serial="S-1"))
    given = {"since": date(2025, 5, 1)}
    assert [r[:3] for r in trade.ledger.report("core.product_utilisation", **given).rows] == [
        ("pump", 1, 0),
        ("valve", 1, 0),
    ]
    families = trade.ledger.report("core.product_utilisation", attribute="family", **given).rows
    assert [r[:3] for r in families] == [("pumps", 1, 0), ("valves", 1, 0)], "only the pump that stays counts"


def test_utilisation_does_not_foot_when_used_and_idle_are_not_what_is_held() -> None:
    assert utilisation.foots is not None
    assert list(utilisation.foots([("pump", 3, 1, None, 1)])) == [
        "pump: 1 used and 1 idle are not the 3 held"
    ]


@pytest.mark.rule("CORE-48")
def test_each_customer_is_in_the_first_group_that_takes_him(trade: Trade) -> None:
    result = trade.ledger.report("core.purchase_groups")
    assert result.rows == (
        ("new", 0, 0, Decimal(0)),
        ("frequent", 0, 0, Decimal(0)),
        ("regular", 1, 600, Decimal(100)),
        ("occasional", 0, 0, Decimal(0)),
        ("not_buying", 1, 0, Decimal(0)),
    )
    listed = trade.ledger.report("core.purchase_groups", view="customers")
    assert listed.rows == (
        ("regular", "C-1", 3, 600, Decimal(100)),
        ("not_buying", "C-2", 0, 0, Decimal(0)),
    )


@pytest.mark.rule("CORE-48")
def test_a_host_groups_by_behaviour_and_profile_and_nobody_is_left_out(trade: Trade) -> None:
    trade.tell(RecordProfileFact(field_name="region", value="north"), who="C-2")
    rules = PurchaseGroupRules(
        groups=("web: channel = web; average >= 200; days_since <= 30", "north: region = north")
    )
    trade.ledger.publish(rules, effective_from=trade.now, by="li", approved_by="wang", reason="trial")
    trade.open("C-3")
    trade.on("2025-04-02T12:00")
    assert trade.ledger.report("core.purchase_groups").rows == (
        ("web", 1, 600, Decimal(100)),
        ("north", 1, 0, Decimal(0)),
        ("ungrouped", 1, 0, Decimal(0)),
    )
    trade.on("2025-06-02")
    assert [row[:2] for row in trade.ledger.report("core.purchase_groups").rows] == [
        ("web", 0),
        ("north", 1),
        ("ungrouped", 2),
    ]
    before = trade.ledger.report("core.purchase_groups", as_known="2025-04-01")
    assert before.rows[0][:2] == ("new", 0), "the rules were not known yet"


@pytest.mark.parametrize(
    "groups", [("a: orders > 1", "a: orders = 0"), (": orders = 1",), ("ungrouped: orders = 1",)]
)
def test_groups_have_names_of_their_own(groups: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        PurchaseGroupRules(groups=groups)


def test_a_group_without_readable_criteria_is_refused() -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        PurchaseGroupRules(groups=("big: amount much",))


@pytest.mark.rule("CORE-57")
def test_product_sales_by_class_of_customer_and_by_customer_add_up_to_the_same(trade: Trade) -> None:
    line = OrderLine(line="1", product="pump", quantity=Decimal(1), unit="pieces", amount=yuan(40))
    trade.on("2025-04-03").tell(PlaceOrder(order="O-4", lines=(line,)), who="C-2")
    trade.tell(StateClass(plugin="told", scheme="told.ladder", grade="gold", since=date(2025, 4, 3)))
    by_customer = trade.ledger.report("core.product_sales", by="customer")
    assert by_customer.rows == (
        ("pump", "C-1", 300, 0, 300),
        ("pump", "C-2", 40, 0, 40),
        ("valve", "C-1", 300, 0, 300),
    )
    assert by_customer.drawing is not None
    assert by_customer.drawing.picture is not None
    assert by_customer.drawing.picture.kind == "heatmap"
    by_class = trade.ledger.report("core.product_class_sales", scheme="told.ladder")
    assert by_class.rows == (
        ("pump", "gold", 300, 0, 300),
        ("pump", "unclassed", 40, 0, 40),
        ("valve", "gold", 300, 0, 300),
    )
    assert by_class.columns[1].name == "class"


def test_a_picture_of_product_sales_has_one_height_for_each_product_and_month(trade: Trade) -> None:
    trade.on("2025-04-20").order("O-5", 7, channel="shop", product="pump", on_credit=False)
    result = trade.ledger.report("core.product_sales")
    assert result.drawing is not None
    assert list(result.drawing.rows) == [
        ("pump", "2025-03", 100),
        ("valve", "2025-03", 300),
        ("pump", "2025-04", 207),
    ]


@pytest.mark.rule("CORE-47")
def test_a_week_shows_stock_and_how_fast_it_is_used(trade: Trade) -> None:
    for field, value in (("stock_on_hand", "120"), ("monthly_use", "45")):
        trade.tell(RecordProfileFact(field_name=field, value=value))
        trade.tell(RecordProfileFact(field_name=field, value=value), who="C-2")
    trade.on("2025-04-09").tell(RecordProfileFact(field_name="stock_on_hand", value="80"))
    assert trade.ledger.report("core.weekly_sales", day=date(2025, 4, 2)).rows == (
        (None, "C-1", "CNY", 1, 200, 0, Decimal("120.00"), Decimal("1.50")),
        (None, "C-2", None, 0, 0, 0, Decimal("120.00"), Decimal("1.50")),
    )
    assert trade.ledger.report("core.weekly_sales").rows[0][6:] == (Decimal("80.00"), Decimal("1.50"))


def test_a_product_range_of_some_families_counts_those_alone(trade: Trade) -> None:
    assert trade.ledger.report("core.product_range", families="pumps, boilers").rows == ((0, 1), (1, 1))
