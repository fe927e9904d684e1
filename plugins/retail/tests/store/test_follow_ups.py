"""How new card and points rules went, before and after (RET-55)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Incomplete, Unknown
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.service.commands import ReceiveFeedback
from guanxi_retail import PointsRules, RedeemPoints
from guanxi_retail.membership.commands import EnrolMember
from guanxi_retail.store.commands import FollowUpCardRules
from guanxi_retail.store.followed import windows
from plugins.retail.tests.store.floor import MEMBER

REPORT = "retail.card_follow_up"
POINTS = "retail.points"
PARTS = {
    "feedback": "two want more",
    "operation": "more redeemed",
    "improvement": "measure",
    "measure": "shorter wait",
    "vip_traits": "gold, and gifts",
}


def two_versions(f):
    f.at("2012-02-01")
    f.publish(PointsRules(rate=Decimal(2)), "2012-03-01")


@pytest.mark.rule("RET-55a")
def test_windows_are_three_months_and_the_next_version_cuts_them_short():
    whole = windows(date(2012, 3, 1), None, 3)
    assert whole == (
        (date(2011, 12, 1), date(2012, 2, 29)),
        (date(2012, 3, 1), date(2012, 5, 31)),
        False,
    )
    assert windows(date(2012, 3, 1), date(2012, 5, 1), 3) == (
        (date(2012, 1, 1), date(2012, 2, 29)),
        (date(2012, 3, 1), date(2012, 4, 30)),
        True,
    )
    assert windows(date(2012, 3, 1), date(2012, 3, 16), 3) == (
        (date(2012, 2, 15), date(2012, 2, 29)),
        (date(2012, 3, 1), date(2012, 3, 15)),
        True,
    )
    assert windows(date(2012, 3, 1), date(2012, 6, 1), 3) == whole


@pytest.mark.rule("RET-55a")
def test_a_follow_up_is_due_a_month_after_its_window(floor):
    def last_days(f):
        return [(row.key, row.until.date()) for row in f.ledger.due_items(cadence=REPORT, as_of="2012-09-30")]

    f = floor(PointsRules())
    two_versions(f)
    f.at("2012-09-30")
    assert last_days(f) == [("retail.points/2", date(2012, 7, 1))]  # through 30 June
    f = floor(PointsRules())
    two_versions(f)
    f.publish(PointsRules(rate=Decimal(3)), "2012-05-01")
    f.at("2012-09-30")
    assert last_days(f) == [("retail.points/2", date(2012, 5, 31)), ("retail.points/3", date(2012, 9, 1))]
    assert f.rows(REPORT, "before_from", "before_until", "after_from", "after_until", "cut", version=2)[
        0
    ] == (
        date(2012, 1, 1),
        date(2012, 2, 29),
        date(2012, 3, 1),
        date(2012, 4, 30),
        "cut_short",
    )


@pytest.mark.rule("RET-55b")
def test_figures_before_stand_beside_figures_after(floor):
    f = floor(PointsRules(rate=Decimal(1)))
    two_versions(f)
    members = [f"N-{n}" for n in range(23)]
    for n, member in enumerate(members):
        moment = "2012-02-10" if n < 10 else "2012-04-10"
        f.at(moment).open(member)
        f.tell(moment, member, EnrolMember(mobile=f"138001380{n:02}", name="Li"))
    f.buy("2012-02-11", "A", "100000", known="2012-04-11")
    f.buy("2012-04-11", "B", "60000")
    for moment, number, points in (("2012-02-12", "X", 40_000), ("2012-04-12", "Y", 54_000)):
        known = "2012-04-12" if moment < "2012-03" else None
        f.tell(moment, MEMBER, RedeemPoints(redemption=number, points=points), known=known)
    f.at("2012-06-01")
    told = {row[0]: row[1:] for row in f.rows(REPORT, "figure", "before", "after", "change")}
    assert told["enrolments"] == (10, 13, Decimal("30.00"))
    assert told["points_earned"] == (100_000, 120_000, Decimal("20.00"))
    assert told["points_redeemed"] == (40_000, 54_000, Decimal("35.00"))
    assert told["redeemed_share"][:2] == (Decimal("40.00"), Decimal("45.00"))
    assert told["active_members"] == (1, 1, 0)
    assert told["cards"] == (0, 0, None)


@pytest.mark.rule("RET-55")
def test_what_members_say_is_counted_by_kind(floor):
    f = floor(PointsRules())
    two_versions(f)
    for number, kind in (("F1", "suggestion"), ("F2", "suggestion"), ("F3", "praise")):
        f.tell("2012-04-01", MEMBER, ReceiveFeedback(feedback=number, kind=kind, category="card"))
    f.at("2012-06-01")
    told = {row[0]: row[1:] for row in f.rows(REPORT, "figure", "before", "after")}
    assert told["feedback suggestion"] == (0, 2)
    assert told["feedback praise"] == (0, 1)


@pytest.mark.rule("RET-55c")
@pytest.mark.parametrize("part", ["feedback", "operation", "improvement", "vip_traits", "measure"])
def test_a_follow_up_without_one_of_its_parts_is_refused_and_names_it(floor, part):
    f = floor(PointsRules())
    two_versions(f)
    parts = {name: text for name, text in PARTS.items() if name != part}
    with pytest.raises(Incomplete) as refusal:
        f.tell("2012-06-10", HOUSE, FollowUpCardRules(rule_set=POINTS, version=2, **parts))
    assert refusal.value.code == "review_incomplete"
    assert part in str(refusal.value)


@pytest.mark.rule("RET-55c")
def test_no_measure_needs_a_reason(floor):
    f = floor(PointsRules())
    two_versions(f)
    parts = {**PARTS, "improvement": "none", "measure": None}
    with pytest.raises(Incomplete) as refusal:
        f.tell("2012-06-10", HOUSE, FollowUpCardRules(rule_set=POINTS, version=2, **parts))
    assert refusal.value.code == "reason_missing"
    f.tell("2012-06-10", HOUSE, FollowUpCardRules(rule_set=POINTS, version=2, because="all is well", **parts))
    assert f.in_force(HOUSE, "core.rule_set_reviewed") == [
        {"rule_set": POINTS, "version": 2, "changed": False}
    ]


@pytest.mark.rule("RET-55")
def test_all_four_parts_fulfil_what_is_due_and_their_measure_is_noted(floor):
    f = floor(PointsRules())
    two_versions(f)
    f.tell("2012-06-10", HOUSE, FollowUpCardRules(rule_set=POINTS, version=2, **PARTS))
    (row,) = f.ledger.due_items(cadence=REPORT, as_of="2012-07-01")
    assert row.state == "done"
    assert "shorter wait" in [text for _, text in f.report(REPORT).notes]


@pytest.mark.rule("RET-55")
def test_rules_that_are_not_followed_up_are_refused(floor):
    f = floor(PointsRules())
    with pytest.raises(Unknown) as refusal:
        f.tell("2012-06-10", HOUSE, FollowUpCardRules(rule_set="retail.rfm", version=1, **PARTS))
    assert refusal.value.code == "unknown_code"
    with pytest.raises(Unknown):
        f.tell(
            "2012-06-10",
            HOUSE,
            FollowUpCardRules(rule_set=POINTS, version=1, **{**PARTS, "improvement": "maybe"}),
        )
