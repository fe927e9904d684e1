"""A scenario tells, lets time pass and compares by value; what it finds wrong it shows with moment, expected and got."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal

import pytest

from guanxi import CloseRelationship, Money
from guanxi.testing import Breached, Ended, Scenario, Withdrawn
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints, plugin
from guanxi_retail.points.events import (
    PointsActivated,
    PointsEarned,
    PointsExpired,
    PointsRebooked,
    PointsRedeemed,
)
from guanxi_retail.points.points import Points, points
from guanxi_retail.purchases.events import PurchaseRecorded
from tests.kernel import shop
from tests.laws import club


def bought(receipt: str = "A", paid: int = 100) -> PurchaseRecorded:
    return PurchaseRecorded(receipt=receipt, area="books", paid=Money(paid, "CNY"))


def expired(n: int) -> PointsExpired:
    return PointsExpired(lot="A", last_day=date(2012, 6, 30), points=n)


def earned(
    lot: str = "A", n: int = 100, on: date = date(2012, 1, 30), last: date = date(2012, 6, 30)
) -> PointsEarned:
    return PointsEarned(
        lot=lot,
        base=Decimal(n),
        rate=Decimal(1),
        multiplier=Decimal(1),
        points=n,
        available_from=on,
        last_day=last,
        area="books",
    )


def activated(n: int = 100) -> PointsActivated:
    return PointsActivated(lot="A", points=n)


def owed(n: int = 400, number: str = "X") -> PointsRebooked:
    return PointsRebooked(number=number, kind="redemption", lots=(), debt=n)


def member() -> Scenario:
    s = Scenario(points, rules=(PointsRules(months=5),))
    return s.given("2012-01-30 10:00", bought()).then(earned(), activated())


# What it is for


def test_a_burn_uploaded_late_restates_the_expiry() -> None:
    s = member()
    s.until("2012-07-01").then(expired(100))
    s.when("2012-06-30 18:00", RedeemPoints(redemption="X", points=40), known="2012-07-02")
    s.then(PointsRedeemed(redemption="X", points=40, lots=(("A", 40),)), expired(60))


def test_bare_facets_bring_the_events_and_rule_sets_of_their_modules() -> None:
    s = Scenario(points)
    (parts,) = [p for p in s.ledger.parts if p.name == "retail"]
    assert {"retail.points_earned", "retail.purchase_recorded"} <= {e.stored_name for e in parts.events}
    assert PointsRules in parts.rule_sets
    assert [f.name for f in parts.facets] == ["retail.purchases", "retail.tiers", "retail.points"]


@pytest.mark.parametrize("given", [plugin, plugin.guanxi_parts(), shop.parts])
def test_parts_and_plugin_objects_are_accepted_too(given: object) -> None:
    Scenario(given).given("2012-01-30 10:00").then_nothing()


def test_anything_else_is_refused() -> None:
    with pytest.raises(Exception, match="neither parts nor a facet"):
        Scenario("retail")


# What a stretch brings


def test_then_leaves_out_what_was_given_and_starts_a_new_stretch() -> None:
    s = member()
    s.then_nothing()
    s.given("2012-02-01", bought("B", 10)).then(
        earned("B", 10, date(2012, 2, 1), date(2012, 7, 1)), PointsActivated(lot="B", points=10)
    )


def test_a_decision_drawn_and_replaced_within_a_stretch_is_left_out() -> None:
    s = member()
    s.until("2012-07-01")
    s.when("2012-06-30 18:00", RedeemPoints(redemption="X", points=100), known="2012-07-02")
    s.then(PointsRedeemed(redemption="X", points=100, lots=(("A", 100),)))


def test_a_decision_of_an_earlier_stretch_that_lost_its_ground_shows_as_withdrawn() -> None:
    s = member()
    s.until("2012-07-01").then(expired(100))
    s.when("2012-06-30 18:00", RedeemPoints(redemption="X", points=100), known="2012-07-02")
    s.then(PointsRedeemed(redemption="X", points=100, lots=(("A", 100),)), Withdrawn(expired(100)))


def test_a_decision_that_ends_on_a_later_day_shows_as_ended() -> None:
    s = Scenario(club.parts, rules=(club.Lines(),))
    held = club.Held(order="A", amount=120, line=100)
    s.given("2025-03-01", club.Owed(order="A", amount=120))
    warned, discounted = club.Warned(order="A", amount=120), club.Discounted(order="A", percent=2)
    s.then(held, warned, discounted, club.LetterSent(about="A"))
    s.void(0, known="2025-03-05")
    s.then(Withdrawn(warned), Ended(held), Ended(discounted))


def test_facts_come_in_the_order_in_which_they_count_not_in_which_they_were_entered() -> None:
    s = Scenario(shop.parts)
    s.given("2025-01-05", shop.Promised(promise="A", last_day=date(2025, 1, 10)))
    s.given("2025-01-06", shop.Promised(promise="B", last_day=date(2025, 1, 8)), known="2025-02-01")
    s.then(shop.Broken(promise="B"), shop.Broken(promise="A"))


# Corrections, voids, rule sets


def test_a_correction_is_judged_again_and_itself_left_out() -> None:
    s = member()
    s.correct(bought(), known="2012-02-02", paid=Money(50, "CNY")).then(earned(n=50), activated(50))
    s.then_state(Points, balance=50)


@pytest.mark.parametrize("which", [0, -1, PurchaseRecorded, bought()])
def test_a_fact_is_named_by_place_class_or_value(which: object) -> None:
    s = member()
    s.void(which, known="2012-02-02")  # type: ignore[arg-type]
    s.then_in_force().then_state(points, balance=0)


def test_naming_a_fact_that_was_not_told_shows_those_that_were() -> None:
    with pytest.raises(
        AssertionError, match=r"there is no fact 3; told were\n  0: PurchaseRecorded\(receipt='A'"
    ):
        member().correct(3, known="2012-02-02", receipt="B")


def test_a_rule_set_published_for_the_past_needs_its_reason() -> None:
    s = member()
    s.publish(PointsRules(rate=Decimal(2)), effective="2012-01-01").then_refused(
        "retroactive_rule", "CORE-73"
    )
    s.publish(
        PointsRules(rate=Decimal(2)), effective="2012-01-01", known="2012-02-02", retroactive="promised"
    )
    s.then_state(Points, balance=200)


# Refusals, breaches, states, moments


def test_a_refusal_is_required_by_code_and_rule() -> None:
    s = member()
    s.when("2012-02-01", RedeemPoints(redemption="X", points=500)).then_refused(
        "insufficient_points", "RET-17"
    )
    s.then_nothing()


def test_a_refusal_that_nobody_asked_for_fails_the_next_step() -> None:
    s = member().when("2012-02-01", RedeemPoints(redemption="X", points=500))
    with pytest.raises(AssertionError, match=r"it was refused: insufficient_points: 500 points asked"):
        s.until("2012-03-01")


def test_a_refusal_of_the_last_step_fails_when_the_scenario_is_closed() -> None:
    s = Scenario(points).when("2012-02-01", RedeemPoints(redemption="X", points=500))
    assert s.refused is not None
    with pytest.raises(AssertionError, match=r"it was refused: insufficient_points"), s:
        pass
    with Scenario(points) as s:
        s.when("2012-02-01", RedeemPoints(redemption="X", points=500)).then_refused("insufficient_points")


def test_a_command_is_not_given_and_a_fact_no_order() -> None:
    with pytest.raises(AssertionError, match=r"given\(\.\.\.\) tells facts.*accepted: when\(at, command\)"):
        member().given("2012-02-01", RedeemPoints(redemption="X", points=5))  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match=r"when\(\.\.\.\) gives a command.*accepted: given\(at, fact\)"):
        member().when("2012-02-01", bought("B"))  # type: ignore[arg-type]


def test_another_refusal_than_expected_is_shown() -> None:
    s = member().when("2012-02-01", RedeemPoints(redemption="X", points=500))
    with pytest.raises(AssertionError, match=r"expected in_debt\n  got insufficient_points"):
        s.then_refused("in_debt")


def test_an_order_that_was_accepted_fails_then_refused() -> None:
    s = member().when("2012-02-01", RedeemPoints(redemption="X", points=5))
    with pytest.raises(AssertionError, match="it was accepted, at 2012-02-01 00:00"):
        s.then_refused("insufficient_points")


def test_what_already_happened_is_kept_and_its_breach_shown() -> None:
    s = member()
    s.when("2012-02-01", RedeemPoints(redemption="X", points=500), happened=True)
    s.then(
        PointsRedeemed(redemption="X", points=500, lots=(("A", 100),)), Breached("kept_with_breach"), owed()
    )


def test_a_breach_named_once_need_not_be_named_again() -> None:
    s = member()
    s.when("2012-02-01", RedeemPoints(redemption="X", points=500), happened=True)
    s.then_breached("kept_with_breach")
    s.then(PointsRedeemed(redemption="X", points=500, lots=(("A", 100),)), owed())


def test_a_breach_that_did_not_happen_is_missed() -> None:
    with pytest.raises(AssertionError, match="broken was no rule"):
        member().then_breached("kept_with_breach")


def test_the_next_due_moment_is_known() -> None:
    member().then_due("2012-07-01").until("2012-07-01").then_due("2013-01-30")


def test_that_nothing_is_due_is_known() -> None:
    Scenario(plugin).then_due(None)


def test_another_due_moment_is_shown() -> None:
    with pytest.raises(AssertionError, match="expected 2012-07-02 00:00, 2012-07-01 00:00 waits"):
        member().then_due("2012-07-02")


def test_states_can_be_asked_at_a_cut() -> None:
    s = member().until("2012-08-01")
    assert s.state(Points).balance == 0
    assert s.state(Points, as_of="2012-06-30").balance == 100
    assert s.state("retail.points", as_known="2012-02-01").balance == 100


def test_a_wrong_attribute_is_shown() -> None:
    with pytest.raises(AssertionError, match=r"at 2012-01-30 10:00\n  balance: expected 1, got 100"):
        member().then_state(Points, balance=1)


# What a failure says


def test_a_difference_names_the_moment_what_was_expected_and_what_came() -> None:
    s = member().until("2012-07-01")
    with pytest.raises(AssertionError) as failure:
        s.then(expired(60))
    text = str(failure.value)
    assert text.startswith("then at 2012-07-01 00:00")
    assert "- expected        PointsExpired(lot='A', last_day=datetime.date(2012, 6, 30), points=60)" in text
    assert (
        "+ 2012-07-01 00:00  PointsExpired(lot='A', last_day=datetime.date(2012, 6, 30), points=100)" in text
    )
    assert "points: expected 60, got 100" in text


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(AssertionError, match="say known="):
        member().given("2012-01-01", bought("B"))


def test_moments_may_be_texts_dates_and_datetimes() -> None:
    s = Scenario(plugin, zone="Europe/Berlin")
    s.given(date(2012, 1, 30), bought("A"))
    s.when(datetime.fromisoformat("2012-01-30T10:00"), RecordPurchase(receipt="B", paid=Money(1, "CNY")))
    assert s.state(Points).balance == 101


# What it needs


def test_a_scenario_needs_neither_hypothesis_nor_pytest() -> None:
    code = (
        "import sys\n"
        "sys.modules['hypothesis'] = sys.modules['pytest'] = None\n"
        "from guanxi.testing import Scenario\n"
        "from tests.kernel import shop\n"
        "Scenario(shop.parts).given('2025-01-01', shop.Kept(promise='A')).then_nothing()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_guanxi_itself_imports_neither_hypothesis_nor_pytest() -> None:
    code = "import sys, guanxi, guanxi.testing\nassert not {'hypothesis', 'pytest'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# One plugin's entries only


def core_too() -> Scenario:
    """Tell something that retail answers, and something that the core answers: who has left is a customer no longer."""
    s = Scenario(plugin, rules=(PointsRules(months=5),)).given("2012-01-30 10:00", bought())
    return s.when("2012-02-01", CloseRelationship(reason_code="relocation"))


def test_only_one_plugins_entries_are_compared() -> None:
    s = core_too()
    names = {line.name.partition(".")[0] for line in s.history().lines() if line.kind == "decision"}
    assert names == {"core", "retail"}
    s.then(earned(), activated(), only="retail")
    s.then_in_force(earned(), activated(), only="retail")
    s.until("2012-07-01").then(expired(100), only="retail").then_nothing(only="retail")


def test_what_lost_its_ground_is_of_the_plugin_that_drew_it() -> None:
    s = core_too().then(earned(), activated(), only="retail")
    s.void(0, known="2012-02-01").then(Withdrawn(earned()), Withdrawn(activated()), only="retail")


def test_a_broken_rule_of_the_core_is_left_out_and_a_plugins_own_is_not() -> None:
    s = Scenario(plugin)
    s.when("2025-06-01", CloseRelationship(reason_code="relocation")).then_nothing(only="retail")
    s.when("2025-06-02", RedeemPoints(redemption="R", points=10), happened=True)
    redeemed = PointsRedeemed(redemption="R", points=10, lots=())
    s.then(redeemed, Breached("kept_with_breach"), owed(10, "R"), only="retail")


def test_to_expect_what_is_left_out_is_an_error() -> None:
    s = core_too()
    with pytest.raises(AssertionError, match=r"leaves out what it expects.*stored name begins with club\."):
        s.then(earned(), only="club")
