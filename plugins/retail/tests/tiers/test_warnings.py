"""Warnings before a tier is lost, and what late entries make of them (RET-25, RET-57)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi.relationship.care.commands import SendMessage
from guanxi_retail import SetTier, TierRules
from guanxi_retail.tiers.warnings import TierWarnings
from plugins.retail.tests.tiers.ladder import LADDER
from plugins.retail.tests.till import notes

WARNED = "retail.tier_downgrade_warned"


def gold_with(t, spent):
    t.buy("2012-04-01", "A", "5000")
    t.buy("2013-05-01", "B", spent)
    return t


@pytest.mark.rule("RET-25d")
def test_a_warning_states_the_gap_the_next_tier_and_the_deadline(climb):
    t = gold_with(climb(), "4500.00")
    t.at("2013-12-01")
    (one,) = t.in_force(WARNED)
    assert one == {
        "tier": "Gold",
        "deadline": "2013-12-31",
        "next_tier": "Silver",
        "amount": "4500.00",
        "gap": "500.00",
    }
    lines = [line for line in t.ledger.history("M-1").lines() if line.name == WARNED]
    assert [f"{line.effective_from:%F %H:%M}" for line in lines] == ["2013-12-01 00:00"]
    assert t.ledger.history("M-1").as_of("2013-11-30").state(TierWarnings).warned == {}


@pytest.mark.rule("RET-57h")
def test_a_late_purchase_that_closes_the_gap_overtakes_the_warning(climb):
    t = gold_with(climb(), "4500.00")
    t.at("2013-12-01").ledger.advance()
    t.buy("2013-11-30", "late", "500.00", known="2013-12-05")
    assert t.in_force(WARNED) == []
    assert [one["gap"] for one in t.in_force(WARNED, as_known="2013-12-01")] == ["500.00"]


@pytest.mark.rule("RET-57h")
def test_a_message_sent_on_a_warning_stays_when_the_warning_is_overtaken(climb):
    t = gold_with(climb(), "4500.00")
    t.at("2013-12-01").ledger.advance()
    (warning,) = [line for line in t.ledger.history("M-1").lines() if line.name == WARNED]
    t.ledger.execute(
        "M-1",
        SendMessage(message="S-1", kind="service", sender="wang"),
        actor="wang",
        ground=warning.id,
        occurred_at=t.now,
        happened=True,
    )
    t.buy("2013-11-30", "late", "500.00", known="2013-12-05")
    (sent,) = [line for line in t.ledger.history("M-1").lines() if line.name == "core.message_sent"]
    assert (sent.status, sent.without_ground) == ("in force", True)


@pytest.mark.rule("RET-25")
def test_who_keeps_the_tier_anyhow_is_not_warned(climb):
    for t in (
        gold_with(climb(), "5000"),
        gold_with(climb(downgrade="none"), "10"),
    ):
        t.at("2013-12-02")
        assert t.in_force(WARNED) == []
    floored = gold_with(climb(), "4500.00")
    floored.tell(
        "2013-06-01",
        SetTier(
            setting="T-1", tier="Gold", until=date(2014, 6, 30), reason_code="goodwill", approved_by="head"
        ),
    )
    floored.at("2013-12-02")
    assert floored.in_force(WARNED) == []


@pytest.mark.rule("RET-25")
def test_one_step_down_is_what_the_warning_says_where_that_is_the_rule(climb):
    t = gold_with(climb(downgrade="one_down"), "10")
    t.at("2013-12-01")
    assert [one["next_tier"] for one in t.in_force(WARNED)] == ["Silver"]


@pytest.mark.rule("RET-57")
def test_a_rule_set_published_for_the_past_changes_a_warning_from_now_on(climb):
    t = gold_with(climb(), "4500.00")
    t.at("2013-12-10").ledger.advance()
    t.publish(TierRules(tiers={**LADDER, "Gold": Decimal(4_500)}), "2013-01-01", retroactive="promised")
    t.at("2013-12-11")
    history = t.ledger.history("M-1")
    assert list(history.as_of("2013-12-09").state(TierWarnings).warned) == [date(2013, 12, 31)]
    assert history.state(TierWarnings).warned == {}


def listed(t, as_of=None):
    rows = t.ledger.due_items(cadence="retail.tier_warning", **({"as_of": as_of} if as_of else {}))
    return {row.key: row.state for row in rows}


@pytest.mark.rule("RET-25")
def test_whoever_is_to_be_warned_is_on_the_list_until_a_message_names_the_warning(climb):
    t = gold_with(climb(), "4500.00")
    t.at("2013-12-01")
    assert listed(t, "2013-11-30") == {}
    assert listed(t) == {"tier_warning/2013-12-31": "open"}
    (row,) = t.ledger.report("retail.tier_warnings").rows
    assert row == (
        date(2013, 12, 31),
        "M-1",
        "Gold",
        "Silver",
        Decimal("4500.00"),
        Decimal("500.00"),
        date(2013, 12, 1),
        None,
    )
    message = SendMessage(message="S-1", kind="service", care_item="tier_warning/2013-12-31", sender="wang")
    t.tell("2013-12-03", message, happened=True)
    assert listed(t) == {"tier_warning/2013-12-31": "done"}
    assert t.ledger.report("retail.tier_warnings").rows[0][-1] == date(2013, 12, 3)
    assert t.ledger.report("retail.tier_warnings", as_of="2014-01-01").rows == ()


@pytest.mark.rule("RET-59c")
def test_a_warning_of_a_day_before_an_import_is_on_no_list_and_counted(climb):
    t = climb()
    t.buy("2012-04-01", "A", "5000", known="2014-03-01")
    t.at("2014-03-01")
    assert [one["gap"] for one in t.in_force(WARNED)] == ["5000"]
    assert listed(t) == {}
    result = t.ledger.report("retail.tier_warnings", since=date(2013, 12, 31))
    assert (result.rows, notes(result)["before import"]) == ((), "1")
