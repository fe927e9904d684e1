"""The quarterly VIP review, and what becomes of its measures (RET-37)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi import Conflict, Invalid, Unknown
from guanxi.relationship.care.events import GatheringHeld
from guanxi_retail.membership.commands import EnrolMember, IssueMemberCard
from guanxi_retail.store.commands import HoldVipReview, OpenStore, ReportOnMeasure
from guanxi_retail.store.events import Measure
from plugins.retail.tests.store.floor import MEMBER, OUTLET, STORE

CALL = Measure(number="1", text="call every VIP once", person="zhao")
GIFT = Measure(number="2", text="spring gift", person="qian")


def hold(f, moment, number, *measures, **more):
    command = HoldVipReview(
        outlet=OUTLET, chair="zhao", minutes=f"{number}-minutes", measures=measures, **more
    )
    return f.tell(moment, f"vip-review/{number}", command)


def due(f, as_of, cadence="retail.vip_review"):
    return {row.key: row.state for row in f.ledger.due_items(cadence=cadence, as_of=as_of)}


@pytest.mark.rule("RET-37a")
@pytest.mark.parametrize(("held", "expected"), [("2012-03-31", "done"), ("2012-04-01", "late")])
def test_a_review_is_due_by_the_last_day_of_its_quarter(floor, held, expected):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    hold(f, held, "A", CALL, quarter="2012-Q1")
    assert due(f, "2012-04-01")["2012-Q1"] == expected


@pytest.mark.rule("RET-37a")
def test_a_second_review_of_a_quarter_does_not_cover_the_next(floor):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    hold(f, "2012-02-01", "A", CALL)
    hold(f, "2012-03-20", "B", GIFT)
    f.at("2012-07-01")
    assert due(f, "2012-06-29") == {"2012-Q1": "done", "2012-Q2": "open"}
    assert due(f, "2012-07-01") == {"2012-Q1": "done", "2012-Q2": "overdue", "2012-Q3": "open"}


@pytest.mark.rule("RET-37")
def test_a_review_without_a_measure_is_recorded_and_fulfils_nothing(floor):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    told = hold(f, "2012-02-01", "A")
    assert isinstance(
        told.entries[0].event if hasattr(told.entries[0], "event") else told.events[0], GatheringHeld
    )
    assert due(f, "2012-02-01") == {"2012-Q1": "open"}
    assert f.rows("retail.vip_review", "quarter", "held_on", "standing", as_of="2012-02-01") == [
        ("2012-Q1", None, "open")
    ]


@pytest.mark.rule("RET-37")
def test_every_measure_is_somebodys_and_reported_on_at_the_next_review(floor):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    hold(f, "2012-03-01", "A", CALL, GIFT)
    items = f.ledger.due_items(cadence="retail.review_measure", as_of="2012-03-02")
    assert [(i.key, i.person, i.about, i.state) for i in items] == [
        ("1", "zhao", "call every VIP once", "open"),
        ("2", "qian", "spring gift", "open"),
    ]
    hold(f, "2012-06-01", "B", CALL)
    f.tell(
        "2012-06-01", "vip-review/A", ReportOnMeasure(measure="1", outcome="done", at_review="vip-review/B")
    )
    f.at("2012-07-01")
    states = {
        (i.stream, i.key): i.state
        for i in f.ledger.due_items(cadence="retail.review_measure", as_of="2012-07-01")
    }
    assert states == {
        ("vip-review/A", "1"): "done",
        ("vip-review/A", "2"): "overdue",
        ("vip-review/B", "1"): "open",
    }


@pytest.mark.rule("RET-37")
def test_the_material_counts_measures_and_vips_quarter_by_quarter(floor):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    hold(f, "2012-03-01", "A", CALL, GIFT)
    f.tell("2012-04-10", MEMBER, EnrolMember(mobile="13800138000", name="Li"))
    f.tell("2012-04-10", MEMBER, IssueMemberCard(ground="vip"))
    hold(f, "2012-06-01", "B", CALL)
    f.tell(
        "2012-06-01", "vip-review/A", ReportOnMeasure(measure="1", outcome="done", at_review="vip-review/B")
    )
    f.at("2012-07-01")
    told = (
        "quarter",
        "standing",
        "measures_due",
        "measures_done",
        "measures_unreported",
        "vips",
        "admissions",
    )
    assert f.rows("retail.vip_review", *told, as_of="2012-06-30") == [
        ("2012-Q1", "in_time", 0, 0, 0, 0, 0),
        ("2012-Q2", "in_time", 2, 1, 1, 1, 1),
    ]


@pytest.mark.rule("RET-37")
def test_a_quarter_that_is_none_or_has_not_begun_and_a_meeting_twice_are_refused(floor):
    f = floor()
    for quarter in ("2012-Q5", "spring", "2012-Q2"):
        with pytest.raises(Invalid) as refusal:
            hold(f, "2012-03-01", "A", CALL, quarter=quarter)
        assert refusal.value.code == "invalid_date"
    hold(f, "2012-03-01", "A", CALL, held_on=date(2012, 3, 1))
    with pytest.raises(Conflict):
        hold(f, "2012-03-02", "A", CALL)
    with pytest.raises(Conflict):
        hold(f, "2012-03-02", "B", CALL, CALL)
    with pytest.raises(Unknown) as unknown:
        f.tell("2012-06-01", "vip-review/A", ReportOnMeasure(measure="7", outcome="done", at_review="B"))
    assert unknown.value.code == "unknown_code"


@pytest.mark.rule("RET-37")
def test_the_material_says_how_much_of_the_care_was_done(floor):
    f = floor()
    f.tell("2012-01-01", STORE, OpenStore())
    f.tell(
        "2012-01-02", MEMBER, EnrolMember(mobile="13800138000", name="Li", form={"birthday": "1980-02-10"})
    )
    f.buy("2012-01-03", "A", "100")
    f.at("2012-03-31")
    assert f.rows("retail.vip_review", "care_done", as_of="2012-01-05") == [(None,)]
    assert f.rows("retail.vip_review", "care_done", as_of="2012-03-31") == [(0,)]
