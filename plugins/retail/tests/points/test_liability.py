"""What sales owe for points, and what of it is revenue as they are used (RET-23)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Invalid
from guanxi_retail import PointsLiabilityRules, PointsRules
from guanxi_retail.points.liability import allocated, recognised
from plugins.retail.tests.till import table

UNITS = (Decimal(1), Decimal("0.01"))


def rules(share, unit, value=Decimal(1)):
    return PointsLiabilityRules(value_per_point=value, expected_share=Decimal(share), rounding=str(unit))


def years(t, **cut):
    return {row["period"]: row for row in table(t.ledger.report("retail.points_liability", **cut))}


def sold(till, unit):
    """A sale of 100,000 with 10,000 points of which 9,500 are expected to be redeemed, 4,500 of them in the year."""
    t = till(PointsRules(rate=Decimal("0.1"), expiry="never"), rules("0.95", unit))
    t.buy("2012-01-06", "A", "100000")
    t.redeem("2012-06-01", "X", 4_500)
    return t


def next_year(t, unit):
    """The estimate of the next year is 9,700, and 4,000 more are redeemed."""
    t.at("2013-02-01")
    t.publish(rules("0.97", unit), "2013-02-01")
    t.redeem("2013-06-01", "Y", 4_000)
    return t.at("2013-12-31")


@pytest.mark.rule("RET-23a")
@pytest.mark.parametrize(
    ("unit", "goods", "points"), [(UNITS[0], "91324", "8676"), (UNITS[1], "91324.20", "8675.80")]
)
def test_a_price_is_split_by_what_goods_and_points_would_cost_alone(till, unit, goods, points):
    assert allocated(Decimal(100_000), 10_000, rules("0.95", unit)) == (Decimal(goods), Decimal(points))
    assert years(sold(till, unit))["2012"]["allocated"] == Decimal(points)


@pytest.mark.rule("RET-23b")
@pytest.mark.parametrize(
    ("unit", "revenue", "liability"), [(UNITS[0], "4110", "4566"), (UNITS[1], "4109.59", "4566.21")]
)
def test_the_first_year_earns_the_share_that_was_redeemed_of_what_is_expected(till, unit, revenue, liability):
    row = years(sold(till, unit))["2012"]
    assert (row["redeemed"], row["expected"]) == (4_500, 9_500)
    assert (row["recognised_in_period"], row["liability"]) == (Decimal(revenue), Decimal(liability))


@pytest.mark.rule("RET-23c")
@pytest.mark.parametrize(
    ("unit", "revenue", "liability", "first"),
    [(UNITS[0], "3493", "1073", "4110"), (UNITS[1], "3492.92", "1073.29", "4109.59")],
)
def test_a_new_estimate_acts_on_all_so_far_in_the_year_that_has_it(till, unit, revenue, liability, first):
    t = next_year(sold(till, unit), unit)
    row = years(t)["2013"]
    assert (row["redeemed"], row["expected"]) == (8_500, 9_700)
    assert (row["recognised_in_period"], row["liability"]) == (Decimal(revenue), Decimal(liability))
    assert years(t)["2012"]["recognised_in_period"] == Decimal(first)
    assert years(t, as_of="2012-12-31", as_known="2012-12-31")["2012"]["recognised"] == Decimal(first)


@pytest.mark.rule("RET-23c")
def test_an_estimate_published_for_the_past_leaves_the_first_year_as_it_was_known(till):
    t = sold(till, UNITS[0]).at("2013-02-01")
    t.publish(rules("0.97", UNITS[0]), "2012-12-01", retroactive="the estimate was too low")
    then = {"as_of": "2012-12-31", "as_known": "2013-01-31"}
    assert years(t, **then)["2012"]["recognised"] == Decimal(4_110)
    assert years(t, as_of="2012-12-31")["2012"]["recognised"] == Decimal(4_025)


@pytest.mark.rule("RET-23d")
@pytest.mark.parametrize(("expected", "second"), [(9_900, 3_552), (9_200, 4_140)])
def test_a_higher_estimate_lessens_and_a_lower_one_raises_the_second_year(expected, second):
    unit, allocation = Decimal(1), Decimal(9_000)
    first = recognised(allocation, 4_500, Decimal(9_700), unit)
    assert first == 4_175
    assert recognised(allocation, 8_500, Decimal(expected), unit) - first == second


@pytest.mark.rule("RET-23")
def test_no_more_is_recognised_than_was_allocated_and_nothing_expected_is_refused():
    assert recognised(Decimal(90), 120, Decimal(100), Decimal(1)) == 90
    assert recognised(Decimal(90), 0, Decimal(0), Decimal(1)) == 0
    with pytest.raises(Invalid):
        recognised(Decimal(90), 1, Decimal(0), Decimal(1))
    assert allocated(Decimal(0), 0, rules(1, Decimal(1))) == (0, 0)


@pytest.mark.rule("RET-23")
def test_a_refund_takes_its_part_of_the_allocation_back_from_its_own_period(till):
    t = sold(till, UNITS[1])
    t.refund("2013-01-10", "A", "50000")
    rows = years(t.at("2013-01-11"))
    assert (rows["2012"]["allocated"], rows["2013"]["allocated"]) == (Decimal("8675.80"), Decimal("4337.90"))
    assert rows["2013"]["expected"] == 4_750


@pytest.mark.rule("RET-23")
def test_every_period_foots_and_an_undone_redemption_is_none(till):
    t = next_year(sold(till, UNITS[1]), UNITS[1])
    t.undo("2013-12-31T11:00", "Y")
    for row in table(t.ledger.report("retail.points_liability", period="month")):
        assert row["allocated"] - row["recognised"] == row["liability"]
    assert years(t)["2013"]["redeemed"] == 4_500
