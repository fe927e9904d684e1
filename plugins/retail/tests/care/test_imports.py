"""What history that is imported leaves off the lists (RET-59)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi import Money, OpenFile, RecordProfileFact
from guanxi.relationship.care.commands import GiveConsent
from guanxi_retail.group_purchase.commands import ApplyForVip
from guanxi_retail.membership.commands import EnrolMember
from guanxi_retail.purchases.commands import RecordPurchase

LISTS = ("birthday_wish", "birthday_gift", "holiday_message", "anniversary_message", "friday_message")


def history():
    """Fifteen years of a customer: purchases, a card, a birthday, consent, and a place on the VIP list."""
    vip = ApplyForVip(
        application="V-1", route="rank", rank="division", unit="bureau", unit_kind="administrative"
    )
    return (
        ("A", "1997-01-02", OpenFile(name="李")),
        ("A", "1997-01-03", RecordPurchase(receipt="R-1", paid=Money("20", "CNY"))),
        ("A", "1997-01-04", EnrolMember(mobile="13800138000", name="李")),
        ("A", "1997-01-05", RecordProfileFact(field_name="birth_date", value="1970-03-01")),
        ("A", "1997-01-06", GiveConsent(wording_version="1")),
        ("A", "1997-01-07", vip),
    )


@pytest.mark.rule("RET-59c")
def test_birthdays_holidays_anniversaries_and_fridays_before_the_import_are_on_no_list(counter):
    c = counter()
    assert c.take_in("2012-03-01", *history()) == ["accepted"] * 6
    for name in LISTS:
        ended = [r for r in c.due(f"retail.{name}") if r.state in ("overdue", "not_done", "done", "late")]
        assert ended == [], name
    today = {row.key for name in LISTS for row in c.due(f"retail.{name}") if row.customer == "A"}
    assert today == {"birthday/2012"}


@pytest.mark.rule("RET-59c")
def test_they_are_counted_as_before_import(counter):
    c = counter()
    c.take_in("2012-03-01", *history())
    notes = c.notes("retail.care_list", since=date(1997, 1, 1))
    assert (notes["due"], notes["open"]) == ("2", "2")
    # 15 birthdays twice, 15 anniversaries of membership and of the first purchase, and the published holidays since 2004
    assert int(notes["before import"]) == 15 * 2 + 15 * 2 + _holidays()
    friday = c.notes("retail.friday_list", friday=date(2012, 2, 24))
    assert (friday["VIPs"], friday["before import"]) == ("0", "1")


def _holidays() -> int:
    """Fixed days of the years that are not published, all festivals of the others, up to the import."""
    unpublished = 2 * 7 + 1 * 6  # Labour Day and National Day of 1997 to 2003, New Year of 1998 to 2003
    return unpublished + 7 * 8 + 2  # all seven of 2004 to 2011, New Year and Spring Festival of 2012


@pytest.mark.rule("RET-59c")
def test_what_falls_due_after_the_import_is_listed_as_ever(counter):
    c = counter()
    c.take_in("2012-03-01", *history())
    c.at("2012-03-09")
    assert c.stands("birthday_wish", "2012-03-09") == {"birthday/2012": "overdue"}
    assert c.stands("friday_message", "2012-03-09") == {
        "weekly/2012-03-02": "not_done",
        "weekly/2012-03-09": "open",
    }


@pytest.mark.rule("RET-59")
def test_a_history_that_is_imported_for_a_file_that_was_there_leaves_its_old_days_out_too(counter):
    c = counter()
    c.customer("2011-01-02")
    c.enrol("2011-02-01")
    bought = RecordPurchase(receipt="R-1", paid=Money("20", "CNY"))
    c.take_in("2012-03-10", ("C-1", "2011-01-20", bought))
    keys = list(c.states("retail.anniversary_message"))
    assert keys == ["anniversary/membership/2012"]
    c.at("2013-01-21")
    assert c.states("retail.anniversary_message")["anniversary/first_purchase/2013"] == "overdue"


@pytest.mark.rule("RET-59c")
def test_the_shops_whole_history_as_one_batch_puts_nothing_of_its_days_on_a_list(shop):
    names = [*LISTS, "letter_run", "store_event"]
    due = [row for name in names for row in shop.ledger.due_items(cadence=f"retail.{name}")]
    assert [(row.key, row.state) for row in due] == [("store_event/2012-03-01", "open")]
