"""The Friday message (RET-31)."""

from __future__ import annotations

import pytest

from guanxi import Held
from guanxi.relationship.care.commands import WithdrawConsent
from guanxi.relationship.due_items.commands import AssignDueItem
from guanxi_retail.group_purchase.commands import DecideVipNomination, NominateForVip, RemoveFromVipList

FRIDAY = "friday_message"


def vip(c, who="C-1", on="2012-01-05", listed="2012-01-06T15:00"):
    """A member who is on the VIP list from a Friday afternoon on."""
    c.customer(on, who)
    c.enrol(on, who)
    c.list_as_vip(listed, who)
    return c


def assign(c, day, who="C-1", person="mei"):
    item = AssignDueItem(cadence="retail.friday_message", number=f"weekly/{day}", person=person)
    c.tell(day + "T08:00", item, customer=who)


@pytest.mark.rule("RET-31a")
def test_of_three_vips_two_are_done_and_the_unassigned_one_is_an_exception(counter):
    c = counter()
    for who in ("A", "B", "C"):
        c.customer("2012-01-05", who)
    for who in ("A", "B", "C"):
        c.enrol("2012-01-05", who)
        c.list_as_vip("2012-01-16", who)
    for who in ("A", "B"):
        assign(c, "2012-01-20", who)
        c.send("2012-01-20", "weekly/2012-01-20", who)
    rows = {
        row["account"]: (row["state"], row["exception"])
        for row in c.rows("retail.friday_list", as_of="2012-01-20")
    }
    assert rows == {"A": ("done", None), "B": ("done", None), "C": ("exception", "unassigned")}
    notes = c.notes("retail.friday_list", as_of="2012-01-20")
    assert [notes[n] for n in ("VIPs", "done", "exceptions")] == ["3", "2", "1"]


@pytest.mark.rule("RET-31b")
def test_a_friday_in_a_holiday_week_is_due_all_the_same(counter):
    c = vip(counter())
    c.at("2012-01-27")
    assert c.stands(FRIDAY, "2012-01-27") == {
        "weekly/2012-01-13": "not_done",
        "weekly/2012-01-20": "not_done",
        "weekly/2012-01-27": "open",
    }


@pytest.mark.rule("RET-31b")
def test_who_is_admitted_on_friday_morning_is_first_greeted_the_next_friday(counter):
    c = vip(counter(), listed="2012-01-20T10:00")
    c.at("2012-01-27")
    assert list(c.stands(FRIDAY, "2012-01-26")) == []
    assert list(c.stands(FRIDAY, "2012-01-27")) == ["weekly/2012-01-27"]


@pytest.mark.rule("RET-31b")
def test_sent_on_saturday_is_late_nothing_is_overdue_and_on_the_next_friday_not_done(counter):
    c = vip(counter(), "C-1", listed="2012-01-26")
    assign(c, "2012-01-27")
    c.at("2012-02-03")
    assert c.stands(FRIDAY, "2012-01-29") == {"weekly/2012-01-27": "overdue"}
    assert c.stands(FRIDAY, "2012-02-03")["weekly/2012-01-27"] == "not_done"
    c.send("2012-01-28T00:10", "weekly/2012-01-27", known="2012-02-03")
    assert c.stands(FRIDAY, "2012-01-29") == {"weekly/2012-01-27": "late"}


@pytest.mark.rule("RET-31c")
def test_an_approval_of_thursday_recorded_on_monday_leaves_no_item_for_that_friday(counter):
    c = counter()
    c.customer("2012-01-05")
    c.enrol("2012-01-05")
    with pytest.raises(Held):
        c.tell("2012-01-11", NominateForVip(nomination="N-1"), actor="zhao")
    approved = DecideVipNomination(nomination="N-1", outcome="approved")
    c.tell("2012-01-12", approved, actor="leader", known="2012-01-16")
    c.at("2012-01-20")
    assert c.stands(FRIDAY, "2012-01-20") == {"weekly/2012-01-20": "open"}
    assert c.rows("retail.friday_list", as_of="2012-01-19") == []
    assert c.notes("retail.friday_list", as_of="2012-01-19")["before import"] == "1"
    listed = c.ledger.report("retail.vip_list", as_of="2012-01-13").rows
    assert len(listed) == 1
    assert c.ledger.report("retail.vip_list", as_of="2012-01-13", as_known="2012-01-15").rows == ()


@pytest.mark.rule("RET-31")
def test_without_consent_the_message_is_suppressed_and_without_number_it_is_an_exception(counter):
    c = counter()
    c.customer("2012-01-05", "B")
    c = vip(c, "A", listed="2012-01-16")
    c.list_as_vip("2012-01-16", "B")
    c.tell("2012-01-17", WithdrawConsent(), customer="A")
    assign(c, "2012-01-20", "A")
    assign(c, "2012-01-20", "B")
    rows = {row["account"]: (row["state"], row["exception"]) for row in c.rows("retail.friday_list")}
    assert rows == {"A": ("suppressed", "no_consent"), "B": ("exception", "no_phone")}
    assert c.stands(FRIDAY, "2012-01-20") == {"weekly/2012-01-20": "open"}


@pytest.mark.rule("RET-31")
def test_a_message_of_somebody_else_does_not_fulfil_it_nor_does_a_holiday_greeting(counter):
    c = vip(counter(), listed="2012-01-16")
    assign(c, "2012-01-20")
    c.send("2012-01-20", "weekly/2012-01-20", sender="hong")
    c.send("2012-01-20T11:00", "festival/spring_festival/2012")
    assert c.stands(FRIDAY, "2012-01-20") == {"weekly/2012-01-20": "open"}
    c.send("2012-01-20T12:00", "weekly/2012-01-20")
    assert c.stands(FRIDAY, "2012-01-20") == {"weekly/2012-01-20": "done"}
    assert c.due("retail.friday_message")[0].person == "mei"


@pytest.mark.rule("RET-31")
def test_who_has_left_the_list_by_friday_is_not_greeted(counter):
    c = vip(counter(), listed="2012-01-16")
    c.tell("2012-01-19", RemoveFromVipList(removal="X-1", reason_code="moved_away"))
    c.at("2012-01-20")
    assert c.stands(FRIDAY, "2012-01-20") == {}
