"""Birthdays: wishes to cardholders, gifts to purchasers (RET-29)."""

from __future__ import annotations

import pytest

from guanxi import RecordProfileFact
from guanxi.relationship.care.commands import SetContactPreference
from guanxi.relationship.due_items.commands import WaiveDueItem
from guanxi_retail.care.rules import CareRules

WISH, GIFT = "birthday_wish", "birthday_gift"


@pytest.mark.rule("RET-29a")
def test_birthdays_are_listed_seven_days_ahead_both_ends_included(counter):
    c = counter()
    for who, born in (("A", "1980-01-04"), ("B", "1980-01-05"), ("C", "1980-12-27"), ("D", "1980-12-28")):
        c.customer("2012-12-20", who, born=born)
    for who in "ABCD":
        c.enrol("2012-12-21", who)
    c.at("2012-12-28")
    listed = {row.customer: row.key for row in c.due("retail.birthday_wish", as_of="2012-12-28")}
    assert listed == {"A": "birthday/2013", "C": "birthday/2012", "D": "birthday/2012"}
    states = {row.customer: row.state for row in c.due("retail.birthday_wish", as_of="2012-12-28")}
    assert states == {"A": "open", "C": "overdue", "D": "open"}


@pytest.mark.rule("RET-29a")
def test_who_was_born_on_29_february_is_greeted_on_the_28th_of_common_years(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-02-29")
    c.enrol("2012-01-02")
    c.at("2013-03-01")
    days = [row.since.date().isoformat() for row in c.due("retail.birthday_wish")]
    assert days == ["2012-02-29", "2013-02-28"]


@pytest.mark.rule("RET-29")
def test_a_host_may_greet_them_on_the_1st_of_march(counter):
    c = counter(CareRules(leap_day="march_1"))
    c.customer("2012-01-02", born="1980-02-29")
    c.enrol("2012-01-02")
    c.at("2013-03-01")
    days = [row.since.date().isoformat() for row in c.due("retail.birthday_wish")]
    assert days == ["2012-02-29", "2013-03-01"]


@pytest.mark.rule("RET-29b")
def test_a_purchaser_without_card_gets_a_gift_and_no_message(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-03-01")
    c.buy("2012-01-03")
    c.at("2012-03-01")
    assert (c.states("retail.birthday_wish"), c.states("retail.birthday_gift")) == (
        {},
        {"birthday/2012": "open"},
    )
    c.give("2012-03-01T11:00", "birthday/2012")
    assert c.states("retail.birthday_gift") == {"birthday/2012": "done"}


@pytest.mark.rule("RET-29b")
def test_without_consent_the_message_is_suppressed_and_listed_so(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-03-01", consent=False)
    c.enrol("2012-01-03")
    c.at("2012-03-01")
    assert c.states("retail.birthday_wish") == {}
    (row,) = c.rows("retail.care_list")
    assert (row["occasion"], row["suppressed"], row["state"]) == ("birthday/2012", "no_consent", "suppressed")
    assert c.notes("retail.care_list")["suppressed"] == "1"


@pytest.mark.rule("RET-29")
def test_who_wants_no_contact_is_suppressed_too(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-03-01")
    c.enrol("2012-01-03")
    c.tell("2012-01-04", SetContactPreference(do_not_contact=True))
    c.at("2012-03-01")
    (row,) = c.rows("retail.care_list")
    assert (row["suppressed"], row["state"]) == ("do_not_contact", "suppressed")


@pytest.mark.rule("RET-29c")
def test_a_birthday_that_is_corrected_is_due_again_and_the_greeting_was_right_as_known_then(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-03-01")
    c.enrol("2012-01-03")
    c.send("2012-03-01", "birthday/2012")
    (told,) = [
        line
        for line in c.ledger.history("C-1").lines()
        if line.name == "core.profile_fact_recorded" and dict(line.fields)["field_name"] == "birth_date"
    ]
    c.at("2012-03-05").ledger.correct(told.id, {"value": "1980-03-20"}, actor="clerk", reason="misread")
    c.at("2012-03-20")
    assert c.stands(WISH, "2012-03-20") == {"birthday/2012": "open"}
    assert c.stands(WISH, "2012-03-01", as_known="2012-03-01") == {"birthday/2012": "done"}


@pytest.mark.rule("RET-57")
def test_a_birthday_learned_after_its_day_is_not_greeted_any_more(counter):
    c = counter()
    c.customer("2012-01-02")
    c.enrol("2012-01-03")
    c.tell("2012-02-01", RecordProfileFact(field_name="birth_date", value="1980-03-01"), known="2012-03-05")
    assert c.states("retail.birthday_wish") == {}
    assert c.notes("retail.care_list")["before import"] == "1"


@pytest.mark.rule("RET-29")
def test_a_public_official_gets_no_gift(counter):
    c = counter()
    c.customer("2012-01-02", born="1980-03-01")
    c.buy("2012-01-03")
    c.tell("2012-01-04", RecordProfileFact(field_name="public_official", value="yes"))
    c.at("2012-03-01")
    assert c.states("retail.birthday_gift") == {}


@pytest.mark.rule("RET-29")
def test_lunar_birthdays_fall_on_the_days_that_the_host_converts(counter):
    c = counter(CareRules(birthday_calendar="lunar"))
    c.customer("2012-01-02", born="1980-01-15")
    c.enrol("2012-01-03")
    c.tell("2012-01-04", RecordProfileFact(field_name="birth_date/2012", value="2012-02-06"))
    c.at("2012-02-06")
    (row,) = c.due("retail.birthday_wish")
    assert (row.key, row.since.date().isoformat()) == ("birthday/2012", "2012-02-06")


@pytest.mark.rule("RET-29")
def test_what_is_due_is_done_late_overdue_not_done_open_suppressed_or_waived(counter):
    c = counter()
    everybody = ("done", "late", "overdue", "suppressed", "waived", "open")
    for who in everybody:
        born = "1980-03-14" if who == "open" else "1980-03-01"
        c.customer("2012-01-02", who, born=born, consent=who != "suppressed")
    for who in everybody:
        c.enrol("2012-01-03", who)
    c.send("2012-03-01", "birthday/2012", "done")
    c.send("2012-03-03", "birthday/2012", "late")
    waived = WaiveDueItem(cadence="retail.birthday_wish", number="birthday/2012", reason="asked for peace")
    c.tell("2012-03-04", waived, customer="waived")
    c.at("2012-03-10")
    told = {row["account"]: row["state"] for row in c.rows("retail.care_list")}
    assert told == {state: state for state in ("done", "late", "overdue", "suppressed", "waived", "open")}
    notes = c.notes("retail.care_list")
    assert [
        notes[n] for n in ("due", "done", "late", "overdue", "not done", "open", "waived", "suppressed")
    ] == [
        "6",
        "1",
        "1",
        "1",
        "0",
        "1",
        "1",
        "1",
    ]
    drawn = c.ledger.report("retail.care_list").drawing
    assert drawn is not None
    assert sorted(drawn.rows) == [("2012-03", 1, 5), ("2012-03", 14, 1)]
