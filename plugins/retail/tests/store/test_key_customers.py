"""Key customers, and who receives them (RET-36)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi import Conflict, Unknown
from guanxi.relationship.governance.erasing import erase
from guanxi_retail.store.commands import DesignateKeyCustomer, RecordStoreVisit
from plugins.retail.tests.store.floor import MEMBER, OUTLET

BOOK = "retail.key_customer_book"


def flagged(f):
    """The visits that are flagged, with the code."""
    return [(e["visit"], e["code"]) for e in f.in_force(MEMBER, "retail.received_by_other")]


def receive(f, moment, number, role, **more):
    known = more.pop("known", None)
    fields = {"outlet": OUTLET, "received_by": "zhao", "outcome": "bought", "matter": "ring resized", **more}
    f.tell(moment, MEMBER, RecordStoreVisit(visit=number, role=role, **fields), known=known)


@pytest.mark.rule("RET-36a")
def test_a_key_customer_received_by_a_salesperson_is_an_entry_with_a_flag(floor):
    f = floor()
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer())
    receive(f, "2012-06-02", "V1", "shift_leader")
    receive(f, "2012-06-03", "V2", "salesperson", known="2012-06-04")
    receive(f, "2012-06-05", "V3", "store_manager")
    assert flagged(f) == [("V2", "received_by_other")]
    told = ("day", "account", "received_by", "role", "matter", "flag")
    assert f.rows(BOOK, *told, as_of="2012-06-30") == [
        (date(2012, 6, 2), MEMBER, "zhao", "shift_leader", "ring resized", None),
        (date(2012, 6, 3), MEMBER, "zhao", "salesperson", "ring resized", "received_by_other"),
        (date(2012, 6, 5), MEMBER, "zhao", "store_manager", "ring resized", None),
    ]


@pytest.mark.rule("RET-36a")
def test_a_live_reception_by_a_salesperson_is_not_refused_either(floor):
    f = floor()
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer())
    receive(f, "2012-06-02", "V1", "salesperson")
    assert flagged(f) == [("V1", "received_by_other")]


@pytest.mark.rule("RET-36b")
def test_a_reception_of_before_the_designation_bears_no_flag(floor):
    f = floor()
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer())
    receive(f, "2012-05-30", "V1", "salesperson", known="2012-06-02")
    assert flagged(f) == []
    assert f.rows(BOOK, "day", month="2012-05", as_of="2012-06-30") == []


@pytest.mark.rule("RET-36")
def test_a_designation_entered_late_flags_what_came_after_its_day(floor):
    f = floor()
    receive(f, "2012-06-02", "V1", "salesperson")
    assert flagged(f) == []
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer(), known="2012-06-05")
    assert flagged(f) == [("V1", "received_by_other")]


@pytest.mark.rule("RET-36")
def test_after_the_last_day_in_the_book_anybody_may_receive(floor):
    f = floor()
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer(until=date(2012, 6, 10)))
    receive(f, "2012-06-10", "V1", "store_manager")
    receive(f, "2012-06-11", "V2", "salesperson")
    assert flagged(f) == []
    assert f.rows(BOOK, "day", as_of="2012-06-30") == [(date(2012, 6, 10),)]


@pytest.mark.rule("RET-36")
def test_one_number_is_one_visit_and_an_unknown_role_is_refused(floor):
    f = floor()
    receive(f, "2012-06-02", "V1", "store_manager")
    with pytest.raises(Conflict):
        receive(f, "2012-06-03", "V1", "store_manager")
    with pytest.raises(Unknown) as refusal:
        receive(f, "2012-06-03", "V2", "cleaner")
    assert refusal.value.code == "unknown_code"


@pytest.mark.rule("RET-36")
def test_an_erased_customer_leaves_his_receptions_without_what_they_were_about(floor):
    f = floor()
    f.tell("2012-06-01", MEMBER, DesignateKeyCustomer())
    receive(f, "2012-06-02", "V1", "salesperson", contact="13800138000")
    f.at("2012-06-03")
    erase(f.ledger, MEMBER, actor="officer", legal_basis="he asked")
    ((received_by, matter, flag),) = f.rows(BOOK, "received_by", "matter", "flag", as_of="2012-06-30")
    assert (received_by, flag) == ("zhao", "received_by_other")
    assert "ring" not in str(matter)
    assert flagged(f) == [("V1", "received_by_other")]
