"""Holidays and anniversaries (RET-30)."""

from __future__ import annotations

import pytest

from guanxi import RecordProfileFact

HOLIDAY, ANNIVERSARY = "holiday_message", "anniversary_message"
NATIONAL = "festival/national/2012"


def member(c, **more):
    c.customer("2012-06-25", born=None, **more)
    c.enrol("2012-06-25")
    return c


@pytest.mark.rule("RET-30a")
def test_an_anniversary_of_29_february_falls_on_the_28th(counter):
    c = counter()
    c.customer("2012-02-28")
    c.enrol("2012-02-29")
    c.at("2013-03-01")
    (row,) = c.due("retail.anniversary_message")
    assert (row.key, row.since.date().isoformat()) == ("anniversary/membership/2013", "2013-02-28")


@pytest.mark.rule("RET-30")
def test_who_enrols_before_eight_in_shanghai_has_his_anniversary_on_that_day(counter):
    c = counter()
    c.customer("2012-06-01T05:00")
    c.enrol("2012-06-01T06:00")
    c.at("2013-06-01")
    (row,) = c.due("retail.anniversary_message")
    assert (row.since.isoformat(), row.state) == ("2013-06-01T00:00:00+08:00", "open")


@pytest.mark.rule("RET-30a")
@pytest.mark.parametrize("named", [None, NATIONAL, "birthday/2012", f"birthday/2012, {NATIONAL}"])
def test_one_message_on_a_birthday_that_is_a_holiday_fulfils_both(counter, named):
    c = counter()
    c.customer("2012-09-01", born="1980-10-01")
    c.enrol("2012-09-02")
    c.send("2012-10-01", named)
    assert c.stands("birthday_wish", "2012-10-01") == {"birthday/2012": "done"}
    assert c.stands(HOLIDAY, "2012-10-01")[NATIONAL] == "done"


@pytest.mark.rule("RET-30b")
@pytest.mark.parametrize(
    ("day", "state"), [("2012-09-30", "overdue"), ("2012-10-01", "done"), ("2012-10-02", "late")]
)
def test_a_greeting_counts_on_the_day_itself_later_it_is_late_and_earlier_it_fulfils_nothing(
    counter, day, state
):
    c = member(counter())
    c.send(day, NATIONAL)
    c.at("2012-10-03")
    assert c.stands(HOLIDAY, "2012-10-03")[NATIONAL] == state


@pytest.mark.rule("RET-30b")
def test_in_a_year_that_is_not_published_the_holidays_of_a_fixed_day_are_provisional(counter):
    c = member(counter())
    c.at("2035-10-01")
    rows = {row.key: row.provisional for row in c.due("retail.holiday_message")}
    assert (rows["festival/national/2035"], rows[NATIONAL]) == (True, False)
    assert "festival/spring_festival/2035" not in rows


@pytest.mark.rule("RET-30")
def test_holidays_are_greeted_as_the_calendar_has_them(counter):
    c = member(counter())
    c.at("2013-02-28")
    days = [(row.about, row.since.date().isoformat()) for row in c.due("retail.holiday_message")]
    assert days == [
        ("mid_autumn", "2012-09-30"),
        ("national", "2012-10-01"),
        ("new_year", "2013-01-01"),
        ("spring_festival", "2013-02-10"),
    ]


@pytest.mark.rule("RET-30")
def test_the_first_purchase_and_a_day_the_customer_named_come_round_too(counter):
    c = counter()
    c.customer("2012-01-02")
    c.buy("2012-01-10")
    c.enrol("2012-02-01")
    c.tell("2012-02-02", RecordProfileFact(field_name="wedding_day", value="2005-05-20"))
    c.at("2013-02-28")
    days = {row.key: row.since.date().isoformat() for row in c.due("retail.anniversary_message")}
    assert days == {
        "day/wedding_day/2012": "2012-05-20",
        "anniversary/first_purchase/2013": "2013-01-10",
        "anniversary/membership/2013": "2013-02-01",
    }


@pytest.mark.rule("RET-32a")
def test_a_purchaser_without_card_is_not_in_the_audience_of_messages_and_letters_but_of_events(counter):
    c = member(counter())
    c.customer("2012-06-26", "B")
    c.buy("2012-06-26", "B")
    c.at("2012-10-01")
    assert {row.customer for row in c.due("retail.holiday_message")} == {"C-1"}
    found = {
        channel: [row["account"] for row in c.rows("retail.care_audience", channel=channel)]
        for channel in ("message", "letter", "event")
    }
    assert found == {"message": ["C-1"], "letter": ["C-1"], "event": ["B"]}
