"""The form, and the mobile number that is the card number (RET-01)."""

from __future__ import annotations

import pytest

from guanxi import Conflict, Incomplete, Invalid, Unknown
from guanxi.relationship import CustomerFile
from guanxi.relationship.file.contacts import ContactPoints
from guanxi.relationship.file.rules import TelephoneRules
from guanxi_retail.membership.commands import EnrolMember, IssueMemberCard, LeaveProgramme
from guanxi_retail.membership.numbers import card_number, shown
from guanxi_retail.membership.rules import EnrolmentRules

TOLD = ("+86 138-0013 8000", "13800138000", "0086 138 0013 8000")


@pytest.mark.rule("RET-01a")
@pytest.mark.parametrize("told", TOLD)
def test_a_mobile_number_is_one_card_number_however_it_is_told(club, told):
    c = club().open("A")
    c.enrol("2012-01-10", mobile=told)
    card = c.member().card
    assert card == "+8613800138000"
    assert shown(card, TelephoneRules(), EnrolmentRules()) == "13800138000"


@pytest.mark.rule("RET-01b")
@pytest.mark.parametrize("told", ["12800138000", "1380013800"])
def test_what_is_no_mobile_number_is_refused_and_leaves_nothing(club, told):
    c = club().open("A")
    with pytest.raises(Invalid) as refused:
        c.enrol("2012-01-10", mobile=told)
    assert (refused.value.code, refused.value.outcome) == ("invalid_phone", "invalid")
    assert not c.member().held
    assert not c.state(ContactPoints).active


@pytest.mark.rule("RET-01b")
@pytest.mark.parametrize("told", [None, "", " - "])
def test_a_form_without_a_mobile_number_is_incomplete(club, told):
    c = club().open("A")
    with pytest.raises(Incomplete) as refused:
        c.enrol("2012-01-10", mobile=told)
    assert (refused.value.code, refused.value.outcome) == ("mobile_missing", "incomplete")


@pytest.mark.rule("RET-01b")
def test_a_number_of_another_country_keeps_its_country_code(club):
    c = club().open("A")
    c.enrol("2012-01-10", mobile="+852 9123 4567")
    assert c.member().card == "+85291234567"
    assert shown("+85291234567", TelephoneRules(), EnrolmentRules()) == "+85291234567"


@pytest.mark.rule("RET-01")
def test_a_number_without_country_code_is_of_the_programme_s_region():
    hong_kong = TelephoneRules(default_region="HK")
    assert card_number("9123 4567", hong_kong, EnrolmentRules()) == "+85291234567"
    assert card_number("+86 13800138000", hong_kong, EnrolmentRules()) == "+8613800138000"


@pytest.mark.rule("RET-01")
def test_a_form_without_a_name_is_incomplete_unless_the_name_is_on_file(club):
    c = club().open("A", name=None).open("B", name="王芳")
    with pytest.raises(Incomplete) as refused:
        c.enrol("2012-01-10", "A")
    assert refused.value.code == "form_incomplete"
    assert "name" in refused.value.message
    c.enrol("2012-01-10", "B")
    c.enrol("2012-01-11", "A", mobile="13900139000", name="李明")
    assert c.state(CustomerFile, "A").name == "李明"
    assert c.member("A").is_member


@pytest.mark.rule("RET-01")
def test_a_programme_may_ask_for_more(club):
    c = club(EnrolmentRules(mandatory=("name", "mobile", "birthday"))).open("A")
    with pytest.raises(Incomplete, match="birthday"):
        c.enrol("2012-01-10")
    c.enrol("2012-01-10", form={"birthday": "1980-02-29", "district": "  "})
    assert c.state(CustomerFile).profile == {"birth_date": "1980-02-29"}


@pytest.mark.rule("RET-01")
def test_what_the_form_says_goes_to_the_customer_s_file_and_the_number_among_its_contacts(club):
    c = club().open("A")
    told = c.enrol("2012-01-10", form={"district": "徐汇"}, source_channel="outdoor", outlet="S1")
    enrolled = told.events[0]
    assert enrolled.form_fields == ("district", "mobile")
    assert "徐汇" not in repr(enrolled)
    assert c.state(CustomerFile).profile["district"] == "徐汇"
    assert [p.value for p in c.state(ContactPoints).active.values()] == ["+8613800138000"]
    assert (c.member().source_channel, c.member().outlet) == ("outdoor", "S1")


@pytest.mark.rule("RET-01")
def test_a_form_imported_without_a_name_is_kept_and_flagged(club):
    c = club().open("A", name=None)
    c.take_in("2012-01-10", "A", EnrolMember(mobile="13800138000"))
    assert c.member().is_member
    assert c.flags() == ["form_incomplete"]


@pytest.mark.rule("RET-02")
def test_who_is_a_member_is_not_enrolled_twice_and_who_left_is_enrolled_anew(club):
    c = club().open("A")
    c.enrol("2012-01-10")
    with pytest.raises(Conflict) as refused:
        c.enrol("2012-02-10", mobile="13900139000")
    assert refused.value.code == "already_member"
    c.tell("2012-03-01", IssueMemberCard())
    c.tell("2012-04-01", LeaveProgramme())
    assert (c.member().is_member, c.member().holds_card, c.member().ended) == (False, False, "left")
    with pytest.raises(Unknown) as refused:
        c.tell("2012-04-02", LeaveProgramme())
    assert refused.value.code == "not_a_member"
    c.enrol("2012-05-01")
    assert (c.member().is_member, c.member().holds_card) == (True, False)
    assert c.member().since.date().isoformat() == "2012-05-01"
    assert c.member(as_of="2012-03-15").holds_card


@pytest.mark.rule("RET-29")
def test_a_birthday_of_the_form_is_the_day_that_greetings_go_by():
    assert EnrolMember(mobile="1", form={"birthday": " 1980-02-29 "}).form == {"birth_date": "1980-02-29"}
    both = {"birthday": "1980-02-28", "birth_date": "1980-02-29"}
    assert EnrolMember(mobile="1", form=both).form == {"birth_date": "1980-02-29"}
    for field in ("birthday", "birth_date"):
        with pytest.raises(Invalid) as refused:
            EnrolMember(mobile="1", form={field: "1981-02-29"})
        assert refused.value.code == "invalid_date"
        assert "1981" not in str(refused.value)
