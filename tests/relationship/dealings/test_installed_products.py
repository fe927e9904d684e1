"""Installed products: warranty, parts and their dates, serial numbers in one place at a time (CORE-87)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Conflict, Unknown
from guanxi.relationship.dealings.commands import InstallProduct, RemoveProduct, ReplacePart
from guanxi.relationship.dealings.installed import InstalledProducts
from guanxi.relationship.dealings.rules import InstalledRules
from tests.kernel.desks import moment
from tests.relationship.dealings.trading import Trade, names


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2024-02-01") as t:
        t.ledger.publish(
            InstalledRules(warranty_months={"pump": 24}),
            effective_from=moment("2024-02-01"),
            by="drafter",
            approved_by="board",
        )
        t.on("2024-03-01").tell(InstallProduct(serial="S-1", product="pump", site="hall 1", parts=("P1",)))
        yield t


def products(trade: Trade, as_of: str | None = None, as_known: str | None = None) -> InstalledProducts:
    found: InstalledProducts = trade.state(InstalledProducts, as_of, as_known)
    return found


@pytest.mark.rule("CORE-87a")
def test_a_fault_on_the_last_day_is_under_warranty(trade: Trade) -> None:
    pump = products(trade).products["S-1"]
    assert pump.warranty_until == date(2026, 3, 1)
    assert pump.under_warranty(date(2026, 3, 1))
    assert not pump.under_warranty(date(2026, 3, 2))
    for day, answer in (("2026-03-01", "yes"), ("2026-03-02", "no")):
        result = trade.on(day).ledger.report("core.installed_products", as_of=day)
        assert result.rows[0][[c.name for c in result.columns].index("under_warranty")] == answer


@pytest.mark.rule("CORE-87")
def test_a_product_without_a_set_warranty_has_none(trade: Trade) -> None:
    trade.tell(InstallProduct(serial="S-2", product="valve"))
    assert products(trade).products["S-2"].warranty_until is None
    assert not products(trade).products["S-2"].under_warranty(date(2024, 3, 1))


@pytest.mark.rule("CORE-87b")
def test_a_replaced_part_keeps_its_dates(trade: Trade) -> None:
    trade.on("2025-06-16").tell(
        ReplacePart(serial="S-1", old_part="P1", new_part="P2"), "2025-06-10", reason="report came late"
    )
    fitted = [
        products(trade, *cut).products["S-1"].parts
        for cut in (("2025-06-09",), ("2025-06-12", "2025-06-12"), ("2025-06-12", "2025-06-16"))
    ]
    assert fitted == [["P1"], ["P1"], ["P2"]]


@pytest.mark.rule("CORE-87c")
@pytest.mark.parametrize("who", ["C-1", "C-2"])
def test_a_serial_number_is_in_one_place_at_a_time(trade: Trade, who: str) -> None:
    trade.open("C-2")
    again = InstallProduct(serial="S-1", product="pump", site="hall 2")
    with pytest.raises(Conflict, match="identifier_taken"):
        trade.tell(again, who=who)
    outcome = trade.tell(again, who=who, happened=True)
    assert names(outcome) == ["product_installed", "breach_recorded"]
    assert [e.code for e in outcome.events if e.stored_name == "core.breach_recorded"] == ["claim_denied"]  # type: ignore[attr-defined]
    assert products(trade).products["S-1"].site == "hall 1"


@pytest.mark.rule("CORE-87")
def test_a_removed_product_may_stand_elsewhere(trade: Trade) -> None:
    trade.open("C-2")
    trade.on("2025-01-10").tell(RemoveProduct(serial="S-1", reason="sold"))
    trade.tell(InstallProduct(serial="S-1", product="pump"), who="C-2")
    assert products(trade).standing("S-1") is None
    result = trade.ledger.report("core.installed_products")
    columns = [c.name for c in result.columns]
    assert [(r[columns.index("account")], r[columns.index("removed_on")]) for r in result.rows] == [
        ("C-1", date(2025, 1, 10)),
        ("C-2", None),
    ]
    assert [text for _, text in result.notes][:3] == ["2", "1", "1"]


@pytest.mark.rule("CORE-87")
def test_what_is_not_there_is_neither_replaced_nor_removed(trade: Trade) -> None:
    for command in (
        RemoveProduct(serial="S-9"),
        ReplacePart(serial="S-9", old_part="P1", new_part="P2"),
        ReplacePart(serial="S-1", old_part="P9", new_part="P2"),
    ):
        with pytest.raises(Unknown, match="unknown_code"):
            trade.tell(command)
