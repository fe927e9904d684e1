"""Earning, maturity, burn order, lapse, claw-back and restoration, row by row of the rules page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Conflict, RuleNotMet, Unknown
from guanxi_retail import PointsRules, RedeemPoints
from plugins.retail.tests.till import table

POLICIES = ("only_pending", "within_balance", "unlimited")
VIP_AND_DEMONSTRATION = ("vip", "demonstration")


@pytest.mark.rule("RET-15a")
def test_the_multiplier_of_cosmetics_needs_a_vip_card_and_a_demonstration(till):
    t = till()
    t.buy("2012-01-06", "A", "500.00", area="cosmetics", conditions=VIP_AND_DEMONSTRATION)
    assert t.points().active == 3_000
    for receipt, conditions in (("B", ("vip",)), ("C", ("demonstration",)), ("D", ())):
        t.buy("2012-01-06", receipt, "500.00", area="cosmetics", conditions=conditions)
        assert t.points().lots[receipt].active == 500


@pytest.mark.rule("RET-15b")
def test_points_are_floored_once_after_the_multiplier(till):
    t = till()
    t.buy("2012-01-06", "A", "240.00", area="clothing", conditions=("vip",))
    t.buy("2012-01-06", "B", "99.99", area="clothing", conditions=("vip",))
    assert [lot.active for lot in t.points().lots.values()] == [912, 379]


@pytest.mark.rule("RET-15c")
def test_only_money_earns(till):
    t = till()
    t.buy("2012-01-06", "A", "199.99")
    t.buy("2012-01-06", "B", "70.00")  # of 100, 30 were paid by voucher
    assert [lot.active for lot in t.points().lots.values()] == [199, 70]


@pytest.mark.parametrize(("choice", "times"), [("highest", "3"), ("product", "6"), ("sum_of_extras", "4")])
def test_where_several_multipliers_fit_the_rule_set_says_what_counts(choice, times):
    rules = PointsRules(multipliers={"toys": Decimal(3), "toys+vip": Decimal(2)}, several_multipliers=choice)
    assert rules.multiplier("toys", ("vip",)) == Decimal(times)
    assert rules.multiplier("toys", ()) == 3
    assert rules.multiplier("books", ("vip",)) == rules.multiplier(None, ()) == 1


@pytest.mark.rule("RET-15d")
def test_a_better_rate_published_for_the_past_adds_to_the_lot_and_keeps_its_last_day(till):
    t = till()
    t.buy("2012-01-25", "A", "100.00", area="books")
    t.at("2012-02-01")
    t.publish(
        PointsRules(multipliers={"books": Decimal(6)}), "2012-01-20", retroactive="promised in the leaflet"
    )
    t.at("2012-02-02")
    assert t.points(as_known="2012-01-31").active == 100
    assert t.points(as_known="2012-02-02").active == 600
    assert t.points(as_of="2012-01-25", as_known="2012-02-02").active == 600
    assert {str(lot.last_day) for lot in t.points().lots.values()} == {"2013-01-25"}


@pytest.mark.rule("RET-16a")
def test_points_are_usable_from_midnight_of_their_day_job_or_no_job(till):
    t = till(PointsRules(pending_days=7))
    t.buy("2012-01-06", "A", "100")
    with pytest.raises(RuleNotMet) as refusal:
        t.redeem("2012-01-12T23:59", "X", 100)
    assert refusal.value.code == "insufficient_points"
    outcome = t.redeem("2012-01-13T00:01", "X", 100)
    assert [type(e).__name__ for e in outcome.events] == ["PointsActivated", "PointsRedeemed"]


@pytest.mark.rule("RET-16b")
def test_a_purchase_recorded_late_is_active_from_its_own_day(till):
    t = till(PointsRules(pending_days=7))
    t.buy("2012-01-06", "A", "100", known="2012-01-20")
    assert (t.points("2012-01-12").active, t.points("2012-01-13").active) == (0, 100)
    assert t.points(as_known="2012-01-15").lots == {}


def three_lots(till, **more):
    """A 100 to 2012-12-31, B 100 to 2012-06-30, C 100 for ever, and the 150 that were redeemed of them."""
    t = till(PointsRules(months=None, **more))
    t.publish(PointsRules(months=6, **more), "2011-12-30")
    t.publish(PointsRules(months=12, **more), "2011-12-31")
    t.buy("2011-12-29", "C", "100")
    t.buy("2011-12-30", "B", "100")
    t.buy("2011-12-31", "A", "100")
    t.redeem("2012-03-01", "X", 150)
    return t


def remainders(points, *keys):
    return tuple(points.lots[key].active for key in keys)


@pytest.mark.rule("RET-17a")
def test_the_lot_that_lapses_soonest_burns_first(till):
    t = three_lots(till)
    assert [str(t.points().lots[key].last_day) for key in "AB"] == ["2012-12-31", "2012-06-30"]
    assert t.in_force("retail.points_redeemed")[0]["lots"] == [["B", 100], ["A", 50]]
    assert remainders(t.points(), *"ABC") == (50, 0, 100)


@pytest.mark.rule("RET-17")
def test_a_redemption_says_what_it_was_for(till):
    t = till()
    t.buy("2012-01-06", "A", "100")
    t.tell("2012-01-07", RedeemPoints(redemption="X", points=40, purpose="umbrella"))
    (one,) = t.in_force("retail.points_redeemed")
    assert (one["purpose"], one["lots"], t.points().active) == ("umbrella", [["A", 40]], 60)


@pytest.mark.rule("RET-17")
def test_of_equal_last_days_the_older_lot_burns_first_then_the_one_entered_first(till):
    t = till(PointsRules(months=None))
    t.buy("2012-01-02", "later", "10")
    t.buy("2012-01-01", "earlier", "10", known="2012-01-03")
    t.buy("2012-01-02", "same", "10", known="2012-01-03")
    assert [key for key, _ in t.points().burn(30)] == ["earlier", "later", "same"]


@pytest.mark.rule("RET-17b")
def test_more_than_is_active_is_refused_whole(till):
    t = till(PointsRules(pending_days=7))
    t.buy("2012-01-01", "A", "300")
    t.buy("2012-01-09", "B", "500")
    with pytest.raises(RuleNotMet) as refusal:
        t.redeem("2012-01-10", "X", 301)
    assert (refusal.value.code, refusal.value.rule) == ("insufficient_points", "RET-17")
    assert (t.points().active, t.points().pending) == (300, 500)
    t.redeem("2012-01-10", "X", 300)
    assert (t.points().active, t.points().pending) == (0, 500)


@pytest.mark.rule("RET-18a")
@pytest.mark.parametrize(
    ("months", "earned", "last_day"),
    [(12, "2012-01-06", "2013-01-06"), (12, "2012-02-29", "2013-02-28"), (1, "2012-01-31", "2012-02-29")],
)
def test_the_last_day_is_the_same_day_some_months_on_or_that_months_end(till, months, earned, last_day):
    t = till(PointsRules(months=months))
    t.buy(earned, "A", "100")
    assert str(t.points().lots["A"].last_day) == last_day
    t.at("2014-01-01")
    assert t.points(last_day).active == 100
    (expiry,) = t.in_force("retail.points_expired")
    assert (expiry["last_day"], expiry["points"]) == (last_day, 100)


@pytest.mark.rule("RET-18")
def test_points_that_never_lapse_stay(till):
    t = till(PointsRules(months=None))
    t.buy("2012-01-06", "A", "100")
    t.at("2030-01-01")
    assert t.points().active == 100


@pytest.mark.rule("RET-18b")
def test_a_burn_uploaded_late_restates_the_expiry(till):
    t = till(PointsRules(months=6))
    t.buy("2011-12-30", "A", "100")
    t.at("2012-07-01").ledger.advance()
    t.redeem("2012-06-30T18:00", "X", 40, known="2012-07-02")
    assert (t.points().expired, t.points().active, t.points().redemptions["X"].uncovered) == (60, 0, 0)
    assert t.points(as_known="2012-07-01").expired == 100
    assert t.flags() == []


def test_a_lot_that_becomes_usable_after_its_last_day_lapses_at_once(till):
    t = till(PointsRules(months=1, pending_days=60))
    t.buy("2012-01-01", "A", "100")
    t.at("2012-03-10")
    assert (t.points().active, t.points().pending, t.points().expired) == (0, 0, 100)


@pytest.mark.rule("RET-19a")
@pytest.mark.parametrize(
    ("paid", "back", "multiplier", "earned", "due"),
    [("199.50", "0.60", "1", 199, 1), ("300.00", "100.00", "3.8", 1_140, 380)],
)
def test_what_is_due_is_the_difference_of_two_floors(till, paid, back, multiplier, earned, due):
    t = till(PointsRules(multipliers={"books": Decimal(multiplier)}))
    t.buy("2012-01-06", "A", paid, area="books")
    assert t.points().active == earned
    t.refund("2012-01-07", "A", back)
    assert t.in_force("retail.points_clawed_back")[0]["due"] == due
    assert t.points().active == earned - due


@pytest.mark.rule("RET-19")
def test_refunds_in_steps_take_no_more_than_one_at_once(till):
    t = till()
    t.buy("2012-01-06", "A", "100.50")
    for n in range(3):
        t.refund("2012-01-07", "A", "33.50", refund=f"R{n}")
    dues = [line["due"] for line in t.in_force("retail.points_clawed_back")]
    assert (dues, t.points().active) == ([33, 34, 33], 0)


@pytest.mark.rule("RET-19")
def test_the_original_sales_rules_decide_even_after_they_changed(till):
    t = till(PointsRules(rate=Decimal(2), clawback="within_balance"))
    t.publish(PointsRules(rate=Decimal(1), clawback="unlimited"), "2012-02-01")
    t.buy("2012-01-06", "A", "100")
    t.redeem("2012-01-07", "X", 150)
    t.refund("2012-03-01", "A", "100")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["due"], claw["from_own_lot"], claw["unrecovered"], claw["policy"]) == (
        200,
        50,
        150,
        "within_balance",
    )


@pytest.mark.rule("RET-19b")
@pytest.mark.parametrize(
    ("policy", "balance", "unrecovered"), list(zip(POLICIES, (300, 0, -700), (1_000, 700, 0), strict=True))
)
def test_what_a_claw_back_does_not_find_is_left_to_the_policy(till, policy, balance, unrecovered):
    t = till(PointsRules(months=6, clawback=policy))
    t.publish(PointsRules(months=12, clawback=policy), "2012-01-02")
    t.buy("2012-01-01", "other", "200")
    t.buy("2012-01-02", "own", "1000")
    t.redeem("2012-01-03", "X", 900)
    t.refund("2012-01-04", "own", "1000")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (t.points().balance, claw["unrecovered"]) == (balance, unrecovered)


@pytest.mark.rule("RET-19c")
@pytest.mark.parametrize(
    ("policy", "debt", "unrecovered"), list(zip(POLICIES, (0, 0, 400), (400, 400, 0), strict=True))
)
def test_lapsed_points_absorb_a_claw_back_once(till, policy, debt, unrecovered):
    t = till(PointsRules(months=1, clawback=policy))
    t.buy("2012-01-01", "A", "1000")
    t.redeem("2012-01-02", "X", 400)
    t.refund("2012-03-01", "A", "500")
    (half,) = t.in_force("retail.points_clawed_back")
    assert (half["due"], half["absorbed"], half["debt"], half["unrecovered"]) == (500, 500, 0, 0)
    t.refund("2012-03-02", "A", "500")
    rest = t.in_force("retail.points_clawed_back")[1]
    assert (rest["due"], rest["absorbed"]) == (500, 100)
    assert (rest["debt"], rest["unrecovered"]) == (debt, unrecovered)


@pytest.mark.rule("RET-19c")
def test_a_full_refund_meets_all_that_lapsed(till):
    t = till(PointsRules(months=1))
    t.buy("2012-01-01", "A", "1000")
    t.redeem("2012-01-02", "X", 400)
    t.refund("2012-03-01", "A", "1000")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["due"], claw["absorbed"], claw["debt"]) == (1_000, 600, 400)
    assert t.points().balance == -400


@pytest.mark.rule("RET-19d")
@pytest.mark.parametrize("policy", POLICIES)
def test_pending_points_are_taken_first_under_every_policy(till, policy):
    t = till(PointsRules(multipliers={"cosmetics": Decimal(6)}, pending_days=7, clawback=policy))
    t.buy("2012-01-06", "A", "500", area="cosmetics")
    t.refund("2012-01-08", "A", "100")
    (claw,) = t.in_force("retail.points_clawed_back")
    assert (claw["from_pending"], claw["debt"], claw["unrecovered"]) == (600, 0, 0)
    assert t.points().pending == 2_400


@pytest.mark.rule("RET-19e")
def test_what_was_redeemed_above_the_balance_is_kept_flagged_and_owed(till):
    t = till()
    t.buy("2012-01-06", "A", "300")
    with pytest.raises(RuleNotMet) as refusal:
        t.redeem("2012-01-07", "X", 301)
    assert refusal.value.code == "insufficient_points"
    t.redeem("2012-01-07", "X", 301, known="2012-01-08")
    assert (t.points().balance, t.points().active) == (-1, 0)
    assert t.flags() == [("retail.points_redeemed", "kept_with_breach")]
    with pytest.raises(RuleNotMet) as refusal:
        t.redeem("2012-01-09", "Y", 1)
    assert refusal.value.code == "in_debt"
    t.buy("2012-01-10", "B", "50")
    assert (t.points().balance, t.points().active, t.points().debt) == (49, 49, 0)


@pytest.mark.rule("RET-19e")
def test_the_flag_is_lifted_when_it_turns_out_that_there_was_enough(till):
    t = till()
    t.buy("2012-01-06", "A", "300")
    t.redeem("2012-01-08", "X", 301, known="2012-01-09")
    t.buy("2012-01-07", "B", "10", known="2012-01-10")
    assert (t.points().balance, t.flags()) == (9, [])
    assert t.points(as_known="2012-01-09").balance == -1


@pytest.mark.rule("RET-20a", "RET-17a")
def test_an_undone_redemption_gives_each_lot_its_part(till):
    t = three_lots(till)
    t.undo("2012-05-01", "X")
    assert remainders(t.points(), *"ABC") == (100, 100, 100)
    assert t.in_force("retail.points_restored")[0]["lots"] == [["B", 100], ["A", 50]]


@pytest.mark.rule("RET-20a")
def test_a_part_past_its_day_is_restored_and_lapses_at_once(till):
    t = three_lots(till)
    outcome = t.undo("2012-07-01", "X")
    assert [type(e).__name__ for e in outcome.events] == [
        "RedemptionUndone",
        "PointsRestored",
        "PointsExpired",
    ]
    assert remainders(t.points(), *"ABC") == (100, 0, 100)
    assert t.points().lots["B"].expired == 100


@pytest.mark.rule("RET-20a")
def test_with_grace_a_part_past_its_day_stays_usable_that_long(till):
    t = three_lots(till, restored_grace_days=30)
    t.undo("2012-07-01", "X")
    assert remainders(t.points(), *"ABC") == (100, 100, 100)
    t.at("2012-08-01")
    assert remainders(t.points("2012-07-31"), "A", "B") == (100, 100)
    assert (remainders(t.points(), "A", "B"), t.points().lots["B"].expired) == ((100, 0), 100)
    assert str(t.points().lots["A"].last_day) == "2012-12-31"


@pytest.mark.rule("RET-20")
def test_grace_does_not_lengthen_the_life_of_a_part_whose_day_is_still_to_come(till):
    t = three_lots(till, restored_grace_days=400)
    t.undo("2012-07-01", "X")
    assert str(t.points().lots["A"].last_day) == "2012-12-31"


@pytest.mark.rule("RET-20")
def test_a_redemption_is_undone_once(till):
    t = three_lots(till)
    t.undo("2012-05-01", "X")
    with pytest.raises(Conflict) as refusal:
        t.undo("2012-05-02", "X")
    assert refusal.value.code == "already_undone"
    with pytest.raises(Unknown):
        t.undo("2012-05-02", "Y")
    with pytest.raises(Conflict):
        t.redeem("2012-05-03", "X", 10)


@pytest.mark.rule("RET-20")
def test_undoing_what_was_never_covered_gives_back_what_later_credits_paid_for_it(till):
    t = till()
    t.buy("2012-01-06", "A", "300")
    t.redeem("2012-01-07", "X", 350, known="2012-01-07")
    t.buy("2012-01-08", "B", "80")
    assert (t.points().balance, t.points().debt) == (30, 0)
    t.undo("2012-01-09", "X")
    assert (remainders(t.points(), "A", "B"), t.points().debt) == ((300, 80), 0)


@pytest.mark.rule("RET-20")
def test_a_restoration_settles_debt_before_anything_else(till):
    t = till()
    t.buy("2012-01-06", "A", "300")
    t.redeem("2012-01-07", "X", 300)
    t.refund("2012-01-08", "A", "100")
    assert t.points().debt == 100
    t.undo("2012-01-09", "X")
    assert (t.points().debt, remainders(t.points(), "A"), t.points().balance) == (0, (200,), 200)


class TestTheExampleOfFooting:
    """RET-22: three months of a VIP under each claw-back policy."""

    COLUMNS = (
        "opening",
        "activated",
        "restored",
        "adjusted",
        "redeemed",
        "expired",
        "clawed_back",
        "closing",
    )

    def play(self, till, policy, until="2012-03-31"):
        t = till(PointsRules(pending_days=7, clawback=policy))
        vip = {"area": "cosmetics", "conditions": VIP_AND_DEMONSTRATION}
        steps = (
            ("2012-01-06", t.buy, "A", "500", vip),
            ("2012-01-14", t.buy, "B", "240", {"area": "clothing", "conditions": ("vip",)}),
            ("2012-01-20", t.redeem, "X", 500, {}),
            ("2012-01-25", t.refund, "A", "100", {}),
            ("2012-01-31", t.adjust, "P", 50, {}),
            ("2012-02-10", t.redeem, "Y", 2_000, {}),
            ("2012-02-15", t.refund, "A", "400", {}),
            ("2012-03-01", t.buy, "C", "2000", {}),
        )
        for day, act, number, amount, more in steps:
            if day <= until:
                act(day, number, amount, **more)
        if until >= "2012-03-20":
            t.undo("2012-03-20", "X")
        return t.at(until)

    def months(self, t, **cut):
        found = t.ledger.report("retail.points_movement", **cut)
        return {row["month"]: row for row in table(found)}

    @pytest.mark.rule("RET-22a", "RET-22b", "RET-22c")
    def test_every_month_foots_under_unlimited_claw_back(self, till):
        t = self.play(till, "unlimited")
        months = self.months(t)
        expected = {
            "2012-01": (0, 3_912, 0, 50, 500, 0, 600, 2_862),
            "2012-02": (2_862, 0, 0, 0, 2_000, 0, 2_400, -1_538),
            "2012-03": (-1_538, 2_000, 500, 0, 0, 0, 0, 962),
        }
        assert {m: tuple(row[name] for name in self.COLUMNS) for m, row in months.items()} == expected

    @pytest.mark.rule("RET-22a", "RET-22b", "RET-22c")
    @pytest.mark.parametrize(
        ("policy", "closings"),
        [("within_balance", [2_862, 0, 2_500]), ("only_pending", [3_462, 1_462, 3_962])],
    )
    def test_the_closings_differ_by_policy(self, till, policy, closings):
        t = self.play(till, policy)
        assert [row["closing"] for row in self.months(t).values()] == closings

    @pytest.mark.rule("RET-22d")
    def test_the_burn_leaves_what_lapses_last(self, till):
        t = self.play(till, "unlimited", "2012-02-10")
        assert remainders(t.points(), "A", "B", "adjustment P") == (0, 812, 50)

    @pytest.mark.rule("RET-22e")
    def test_the_new_lot_settles_the_debt_first(self, till):
        t = self.play(till, "unlimited", "2012-03-08")
        assert t.points("2012-03-07").balance == -1_538
        assert (remainders(t.points(), "C"), t.points().debt) == ((462,), 0)

    @pytest.mark.rule("RET-22f")
    @pytest.mark.parametrize(("policy", "total"), [("within_balance", 1_538), ("only_pending", 3_000)])
    def test_what_is_never_recovered_adds_up(self, till, policy, total):
        t = self.play(till, policy)
        assert sum(line["unrecovered"] for line in t.in_force("retail.points_clawed_back")) == total

    @pytest.mark.rule("RET-22")
    @pytest.mark.parametrize("policy", POLICIES)
    def test_every_day_closes_on_what_the_lots_hold_less_debt(self, till, policy):
        t = self.play(till, policy)
        for day in (
            "2012-01-13",
            "2012-01-21",
            "2012-01-25",
            "2012-02-10",
            "2012-02-15",
            "2012-03-08",
            "2012-03-20",
        ):
            usable = self.months(t, as_of=day)
            pending = t.ledger.report("retail.points_movement", as_of=day, view="pending").rows
            assert usable[day[:7]]["closing"] == t.points(day).balance
            assert pending[-1][-1] == t.points(day).pending
            lots = sum(lot.active for lot in t.points(day).lots.values())
            assert lots - usable[day[:7]]["debt"] == usable[day[:7]]["closing"]


def test_points_added_by_hand_settle_debt_and_lapse_on_their_day(till):
    t = till()
    t.buy("2012-01-06", "A", "100")
    t.redeem("2012-01-07", "X", 130, known="2012-01-07")
    t.adjust("2012-01-08", "P", 50)
    assert (t.points().active, t.points().debt) == (20, 0)
    assert str(t.points().lots["adjustment P"].last_day) == "2013-01-08"
    t.at("2013-01-09")
    assert t.points().expired == 20
