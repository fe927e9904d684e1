"""A card by one purchase: entitled by the rules, handed over by a person (RET-04)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from guanxi import Conflict, Money, RuleNotMet, Unknown
from guanxi.relationship import MergeFiles
from guanxi_retail import RecordPurchase
from guanxi_retail.membership.commands import IssueMemberCard, LeaveProgramme
from guanxi_retail.membership.events import CardEligibilityReached
from guanxi_retail.membership.rules import CardRules
from plugins.retail.tests.membership.club import N2, Club

COSMETICS, CLOTHING = "cosmetics", "clothing"
DAY = CardRules(scope="day")
BY_PURCHASE = IssueMemberCard(ground="purchase")


def reached(c: Club) -> list[CardEligibilityReached]:
    lines = c.ledger.history("A").lines()
    found = [line.event for line in lines if line.name == "retail.card_eligibility_reached"]
    return [event for event in found if isinstance(event, CardEligibilityReached)]


def due(c: Club, **cut: str) -> list[tuple[str, str]]:
    return [(row.key, row.state) for row in c.ledger.due_items(cadence="retail.card_hand_over", **cut)]


@pytest.mark.rule("RET-04a")
@pytest.mark.parametrize(
    ("lines", "entitled"),
    [
        ([(COSMETICS, "499.99")], False),
        ([(COSMETICS, "500.00")], True),
        ([(COSMETICS, "300"), (CLOTHING, "300")], False),
    ],
)
def test_a_receipt_entitles_by_what_was_paid_in_the_area(club, lines, entitled):
    c = club().open("A")
    c.buy("2012-06-01", "R", *lines)
    assert c.entitled() is entitled


@pytest.mark.rule("RET-04b")
@pytest.mark.parametrize(("rules", "entitled"), [(CardRules(), False), (DAY, True)])
def test_two_receipts_of_a_day_add_up_only_where_the_day_counts(club, rules, entitled):
    c = club(rules).open("A")
    c.buy("2012-06-01T10:00", "R1", (COSMETICS, "250"))
    c.buy("2012-06-01T23:30", "R2", (COSMETICS, "250"))
    assert c.entitled() is entitled
    if entitled:
        (one,) = reached(c)
        assert (one.receipt, one.day, one.amount) == (None, date(2012, 6, 1), Decimal(500))


@pytest.mark.rule("RET-04b")
def test_receipts_of_two_days_add_up_under_no_scope(club):
    c = club(DAY).open("A")
    c.buy("2012-06-01T23:30", "R1", (COSMETICS, "250"))
    c.buy("2012-06-02T06:00", "R2", (COSMETICS, "250"))
    assert not c.entitled()


@pytest.mark.rule("RET-04c")
def test_cents_add_up_exactly(club):
    assert 228.90 + 264.40 + 6.70 < 500
    c = club().open("A")
    c.buy("2012-06-01", "R", (COSMETICS, "228.90"), (COSMETICS, "264.40"), (COSMETICS, "6.70"))
    assert c.entitled()
    (one,) = reached(c)
    assert (one.receipt, one.amount, one.threshold) == ("R", Decimal("500.00"), Decimal("500.00"))


@pytest.mark.rule("RET-04d")
def test_who_holds_a_card_is_entitled_to_no_second_one(club):
    c = club().open("A")
    c.enrol("2012-01-10")
    c.tell("2012-01-10", IssueMemberCard())
    c.buy("2012-06-01", "R", (COSMETICS, "800"))
    assert not c.entitled()
    assert reached(c) == []
    with pytest.raises(Conflict) as refused:
        c.tell("2012-06-01", IssueMemberCard())
    assert refused.value.code == "card_issued"


@pytest.mark.rule("RET-04d")
def test_a_member_without_a_card_and_one_who_joined_again_are_entitled(club):
    c = club().open("A")
    c.enrol("2012-01-10")
    c.buy("2012-06-01", "R1", (COSMETICS, "800"))
    assert c.entitled()
    c.tell("2012-06-01", BY_PURCHASE)
    c.tell("2012-07-01", LeaveProgramme())
    c.enrol("2012-08-01")
    c.buy("2012-08-01", "R2", (COSMETICS, "800"))
    assert c.entitled()


@pytest.mark.rule("RET-04e")
def test_a_refund_withdraws_the_entitlement_from_its_own_day(club):
    c = club().open("A")
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"))
    c.refund("2012-06-02", "R", "100")
    assert c.entitled(as_of="2012-06-01")
    assert not c.entitled(as_of="2012-06-02")
    assert not c.entitled()


@pytest.mark.rule("RET-04e")
def test_a_card_that_was_handed_over_stays_when_the_goods_come_back(club):
    c = club().open("A")
    c.enrol("2012-06-01")
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"))
    c.tell("2012-06-01T18:00", BY_PURCHASE)
    c.refund("2012-06-02", "R", "100")
    assert c.member().holds_card
    assert c.member().issued.receipt == "R"
    assert c.flags() == []


@pytest.mark.rule("RET-04")
def test_a_refund_that_leaves_the_amount_withdraws_nothing_and_one_elsewhere_neither(club):
    c = club().open("A")
    c.buy("2012-06-01", "R", (COSMETICS, "600.00"))
    c.buy("2012-06-01", "Q", (CLOTHING, "600.00"))
    c.refund("2012-06-02", "R", "100")
    c.refund("2012-06-02", "Q", "600")
    assert c.entitled()


@pytest.mark.rule("RET-04")
def test_another_receipt_that_reaches_the_amount_takes_the_place_of_one_that_came_back(club):
    c = club().open("A")
    c.buy("2012-06-01", "R1", (COSMETICS, "500.00"))
    c.buy("2012-06-03", "R2", (COSMETICS, "700.00"))
    assert [one.receipt for one in reached(c)] == ["R1"]
    c.refund("2012-06-04", "R1", "500")
    assert c.entitled()
    assert [one.receipt for one in reached(c)] == ["R1", "R2"]


@pytest.mark.rule("RET-04")
def test_a_card_is_issued_to_members_and_on_a_purchase_only_to_who_is_entitled(club):
    c = club().open("A", "B")
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"))
    with pytest.raises(Unknown) as refused:
        c.tell("2012-06-01", BY_PURCHASE)
    assert refused.value.code == "not_a_member"
    c.enrol("2012-06-01", "B", N2)
    with pytest.raises(RuleNotMet) as refused:
        c.tell("2012-06-01", BY_PURCHASE, who="B")
    assert refused.value.code == "not_entitled"
    c.tell("2012-06-01", IssueMemberCard(ground="form", card_class="blue"), who="B")
    assert c.member("B").issued.card_class == "blue"


@pytest.mark.rule("RET-57")
def test_a_purchase_entered_late_entitles_from_its_own_day(club):
    c = club().open("A")
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"), known="2012-06-05")
    assert c.entitled(as_of="2012-06-01")
    assert not c.entitled(as_of="2012-06-05", as_known="2012-06-04")


@pytest.mark.rule("RET-57")
def test_a_corrected_amount_leaves_the_card_and_flags_it_without_ground(club):
    c = club().open("A")
    c.enrol("2012-06-01")
    bought = c.tell("2012-06-01", RecordPurchase(receipt="R", paid=Money("500.00", "CNY"), area=COSMETICS))
    c.tell("2012-06-01", BY_PURCHASE)
    c.at("2012-06-05").ledger.correct(
        bought.entries[0].id,
        {"paid": {"amount": "499.99", "currency": "CNY"}},
        actor="clerk",
        reason="misread",
    )
    assert c.member().holds_card
    assert c.flags() == ["without_ground"]
    assert c.flags(as_known="2012-06-04") == []


@pytest.mark.rule("RET-57")
def test_a_lower_amount_published_for_the_past_entitles_in_hindsight(club):
    c = club().open("A")
    c.buy("2012-06-01", "R", (COSMETICS, "480"))
    c.at("2012-06-10").publish(CardRules(threshold=Decimal(450)), "2012-05-01", retroactive="promised")
    assert c.entitled(as_of="2012-06-01")
    c.at("2012-06-11").publish(CardRules(threshold=Decimal(490)), "2012-05-01", retroactive="a mistake")
    assert not c.entitled()


@pytest.mark.rule("RET-04")
def test_the_card_is_due_the_same_day_and_done_by_handing_it_over(club):
    c = club().open("A")
    c.enrol("2012-06-01")
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"))
    assert due(c) == [("R/2012-06-01", "open")]
    c.tell("2012-06-01T21:59", BY_PURCHASE)
    assert due(c) == [("R/2012-06-01", "done")]
    assert due(c, as_of="2012-06-01T20:00+08:00") == [("R/2012-06-01", "open")]


@pytest.mark.rule("RET-04")
def test_a_card_of_yesterday_is_overdue_then_late_and_one_withdrawn_is_not_done(club):
    c = club().open("A", "B")
    c.enrol("2012-06-01")
    c.enrol("2012-06-01", "B", N2)
    c.buy("2012-06-01T07:00", "R", (COSMETICS, "500.00"))
    c.buy("2012-06-01T07:00", "S", (COSMETICS, "500.00"), who="B")
    assert {state for _, state in due(c.at("2012-06-02T00:00"))} == {"overdue"}
    c.tell("2012-06-02", BY_PURCHASE)
    c.refund("2012-06-02", "S", "500", who="B")
    assert due(c) == [("R/2012-06-01", "late"), ("S/2012-06-01", "not_done")]


@pytest.mark.rule("RET-04")
def test_what_came_back_the_same_day_was_never_due(club):
    c = club().open("A")
    c.buy("2012-06-01T09:00", "R", (COSMETICS, "500.00"))
    c.refund("2012-06-01T12:00", "R", "500")
    assert due(c) == []


@pytest.mark.rule("RET-04")
def test_the_card_of_a_merged_customer_is_due_once_at_the_survivor_s(club):
    c = club().open("A", "B")
    c.enrol("2012-06-01", "B", N2)
    c.buy("2012-06-01", "R", (COSMETICS, "500.00"), who="B")
    c.tell("2012-06-01T11:00", MergeFiles(absorbed="B"), who="A")
    assert due(c) == [("R/2012-06-01", "open")]
    c.tell("2012-06-01T12:00", BY_PURCHASE)
    assert c.member("A").holds_card
    assert due(c) == [("R/2012-06-01", "done")]
    c.buy("2012-07-01", "R2", (COSMETICS, "800"))
    assert not c.entitled("A")


@pytest.mark.rule("RET-57")
def test_in_whatever_order_things_are_entered_the_same_is_decided(club):
    def told(c: Club, step: str, known: str) -> None:
        match step:
            case "first":
                c.buy("2012-06-01", "R1", (COSMETICS, "500"), known=known)
            case "second":
                c.buy("2012-06-03", "R2", (COSMETICS, "700"), known=known)
            case "back":
                c.refund("2012-06-04", "R1", "500", known=known)
            case "issued":
                c.tell("2012-06-05", IssueMemberCard(ground="purchase", receipt="R2"), known=known)
            case "third":
                c.buy("2012-06-06", "R3", (COSMETICS, "900"), known=known)

    def decided(steps: tuple[str, ...]) -> tuple[list[tuple[str, str, str]], list[str]]:
        c = club().open("A")
        c.enrol("2012-05-01")
        for day, step in enumerate(steps, 10):
            told(c, step, f"2012-06-{day}")
        lines = [
            line
            for line in c.ledger.history("A").lines()
            if line.name.startswith("retail.card_") and line.status == "in force"
        ]
        return sorted(
            (line.name, f"{line.effective_from:%m-%d}", repr(line.event)) for line in lines
        ), c.flags()

    steps = ("first", "second", "back", "issued", "third")
    expected = decided(steps)
    assert [day for _, day, _ in expected[0]] == ["06-01", "06-04", "06-04"]
    assert expected[1] == []
    orders = [order for order in permutations(steps) if order.index("first") < order.index("back")]
    for order in orders[:: len(orders) // 12]:
        assert decided(order) == expected, order
