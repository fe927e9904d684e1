"""Reconciliation, collectors, write-offs, toll material, firm-funded goods (CORE-80)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Incomplete, Invalid, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import (
    ApproveFundedGoods,
    ConfirmBalance,
    MoveTollMaterial,
    NameCollector,
    ReturnAdvance,
    WriteOffReceivable,
)
from guanxi.relationship.dealings.toll import TollMaterials
from tests.relationship.dealings.trading import Trade, names, yuan


@pytest.fixture
def trade() -> Iterator[Trade]:
    with Trade("2025-05-05") as t:
        yield t


def month(trade: Trade, name: str, **parameters: Any) -> dict[str, Any]:
    result = trade.ledger.report("core.reconciliation", month=name, **parameters)
    [row] = result.rows
    return dict(zip([c.name for c in result.columns], row, strict=True))


@pytest.fixture
def moved(trade: Trade) -> Trade:
    """A customer whose advances and receivables moved in June as in the example."""
    trade.plan(("2025-12-31", 50_000), contract="old")
    trade.pay("R-0", 10_000, earmarked_for="new")
    trade.on("2025-06-03").plan(("2025-12-31", 8_000), contract="new")
    trade.plan(("2025-12-31", 22_000), contract="other")
    trade.pay("R-1", 5_000, earmarked_for="new")
    trade.pay("R-2", 20_000, earmarked_for="old")
    trade.tell(ReturnAdvance(amount=yuan(1_000)))
    trade.tell(WriteOffReceivable(receivable="old/1", amount=yuan(2_000), reason="agreed"), actor="head")
    return trade


@pytest.mark.rule("CORE-80a")
def test_a_month_opens_moves_and_closes(moved: Trade) -> None:
    row = month(moved, "2025-06")
    advances = [row[n] for n in ("advances_opening", "received", "applied", "returned", "advances_closing")]
    # Besides the example's 5,000 and 8,000, 20,000 came in and were used at once.
    assert advances == [10_000, 25_000, 28_000, 1_000, 6_000]
    receivables = [
        row[n] for n in ("receivables_opening", "invoiced", "allocated", "written_off", "receivables_closing")
    ]
    assert receivables == [50_000, 30_000, 28_000, 2_000, 50_000]


@pytest.mark.rule("CORE-80")
def test_a_confirmed_balance_names_the_difference(moved: Trade) -> None:
    told = ConfirmBalance(
        as_of=date(2025, 6, 3), advances=yuan(6_000), receivables=yuan(49_900), confirmed_by="Li"
    )
    with pytest.raises(Invalid, match="future_dated"):
        moved.on("2025-06-02").tell(told)
    moved.on("2025-06-30").tell(told)
    row = month(moved, "2025-06")
    assert (row["advances_difference"], row["receivables_difference"]) == (0, -100)


@pytest.mark.rule("CORE-80")
def test_reconciliation_falls_due_in_each_month_in_which_anything_is_open(trade: Trade) -> None:
    trade.plan(("2025-12-31", 100))
    assert trade.due("core.monthly_reconciliation", "2025-05-31") == {"2025-05": "open"}
    trade.on("2025-06-10").tell(
        ConfirmBalance(as_of=date(2025, 5, 31), advances=yuan(0), receivables=yuan(100))
    )
    assert trade.due("core.monthly_reconciliation", "2025-06-09") == {
        "2025-05": "overdue",
        "2025-06": "open",
    }
    assert trade.due("core.monthly_reconciliation", "2025-06-10") == {"2025-05": "late", "2025-06": "done"}
    trade.pay("R-1", 100)
    trade.on("2025-08-02")
    assert "2025-07" not in trade.due("core.monthly_reconciliation", "2025-08-02")


@pytest.mark.rule("CORE-80b")
def test_an_overdue_receivable_without_a_collector_is_a_gap(trade: Trade) -> None:
    trade.plan(("2025-05-31", 1000))
    trade.on("2025-06-01")
    assert trade.due("core.collector_missing", "2025-05-31") == {}
    assert trade.due("core.collector_missing", "2025-06-01") == {"K/1": "open"}
    assert month(trade, "2025-06")["without_collector"] == 1
    trade.on("2025-06-04").tell(NameCollector(person="wang", receivable="K/1"))
    assert trade.due("core.collector_missing", "2025-06-03") == {"K/1": "open"}
    assert trade.due("core.collector_missing", "2025-06-04") == {"K/1": "done"}
    assert month(trade, "2025-06")["without_collector"] == 0


@pytest.mark.rule("CORE-80b")
def test_what_is_written_off_is_no_gap_and_what_comes_later_is_a_recovery(trade: Trade) -> None:
    trade.plan(("2025-05-31", 1000))
    trade.on("2025-06-02").tell(NameCollector(person="wang"))
    with pytest.raises(NotPermitted, match="approver_conflict"):
        trade.tell(WriteOffReceivable(receivable="K/1", reason="gone"), actor="wang")
    trade.tell(WriteOffReceivable(receivable="K/1", reason="gone"), actor="head")
    trade.on("2025-06-05").pay("R-1", 500)
    totals = trade.book().totals("CNY")
    assert (totals.written_off, totals.recovered, totals.advance) == (1000, 500, 0)
    result = trade.ledger.report("core.collection")
    assert ("recovered", "500.00 CNY") in [(label.en, text) for label, text in result.notes]


@pytest.mark.rule("CORE-80c")
def test_toll_material_is_the_customers_and_touches_no_receivable(trade: Trade) -> None:
    for movement, quantity in (("received", 100), ("used", 85), ("returned", 5)):
        trade.tell(
            MoveTollMaterial(toll_material="ore", movement=movement, quantity=Decimal(quantity), unit="t")  # type: ignore[arg-type]
        )
    assert trade.state(TollMaterials).materials["ore"].on_hand == 10
    assert trade.book().currencies() == []
    row = month(trade, "2025-05", view="toll")
    assert [row[n] for n in ("opening", "received", "used", "returned", "on_hand")] == [0, 100, 85, 5, 10]
    assert month(trade, "2025-06", view="toll")["opening"] == 10
    with pytest.raises(RuleNotMet, match="quantity_exceeded"):
        trade.tell(MoveTollMaterial(toll_material="ore", movement="used", quantity=Decimal(11), unit="t"))
    with pytest.raises(Invalid, match="unit_mismatch"):
        trade.tell(MoveTollMaterial(toll_material="ore", movement="used", quantity=Decimal(1), unit="kg"))
    with pytest.raises(Unknown, match="unknown_code"):
        MoveTollMaterial(toll_material="ore", movement="stolen", quantity=Decimal(1), unit="t")  # type: ignore[arg-type]


@pytest.mark.rule("CORE-80d")
def test_firm_funded_goods_go_out_only_when_approved_and_count_as_exposure(trade: Trade) -> None:
    trade.terms(500_000)
    trade.invoice("I-1", 420_000, due="2025-12-31")
    trade.order("O-1", 30_000, on_credit=False, funded=True)
    with pytest.raises(Incomplete, match="approval_missing"):
        trade.ship("O-1")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        trade.tell(ApproveFundedGoods(order="O-1", goods="P", amount=yuan(30_000)))
    trade.tell(ApproveFundedGoods(order="O-1", goods="P", amount=yuan(30_000)), actor="head")
    trade.ship("O-1")
    assert trade.exposure() == 450_000
    assert trade.warned() == [("exposure_near_limit", "CNY")]
    assert month(trade, "2025-05", view="funded")["delivered"] == 30_000


@pytest.mark.rule("CORE-80d")
def test_firm_funded_goods_that_left_unapproved_are_kept_with_a_breach(trade: Trade) -> None:
    trade.order("O-1", 30_000, on_credit=False, funded=True)
    outcome = trade.ship("O-1", happened=True)
    assert {"goods_delivered", "breach_recorded"} <= set(names(outcome))
