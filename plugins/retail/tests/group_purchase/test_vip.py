"""Who comes on the VIP list: by what he buys, by rank, by nomination; what late entries and refunds do to it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from guanxi import CloseRelationship, Conflict, Incomplete, NotPermitted, RuleNotMet, Unknown
from guanxi_retail.group_purchase.commands import (
    ApplyForVip,
    DecideVipNomination,
    NominateForVip,
    RemoveFromVipList,
)
from guanxi_retail.group_purchase.rules import RANKS, VipRules
from plugins.retail.tests.group_purchase.cellar import local, notes


@pytest.mark.rule("RET-39a")
@pytest.mark.parametrize(
    ("grade", "amount", "admitted"),
    [
        ("mid", "9999.99", False),
        ("high", "9999.99", False),
        ("mid", "10000.00", True),
        ("high", "10000.00", True),
        ("low", "12000.00", False),
    ],
)
def test_one_purchase_of_mid_or_high_grade_admits_from_ten_thousand(cellar, grade, amount, admitted):
    c = cellar()
    c.buy("2012-01-31", "R-1", (grade, amount))
    c.apply("2012-02-01")
    assert c.vip().on_list is admitted


@pytest.mark.rule("RET-39a")
def test_the_lines_of_mid_and_high_grade_of_one_receipt_count_together_and_others_do_not(cellar):
    c = cellar()
    c.buy("2012-01-31", "R-1", ("mid", "5000"), ("low", "4000"), ("high", "4999.99"))
    c.apply("2012-02-01")
    assert not c.vip().on_list
    c.buy("2012-02-02", "R-2", ("mid", "5000"), ("high", "5000"), ("low", "1"))
    assert c.vip().stay.admission.amount == Decimal(10_000)


@pytest.mark.rule("RET-39b")
@pytest.mark.parametrize(("last", "admitted"), [("1999.99", False), ("2000.00", True)])
def test_a_months_total_admits_from_twenty_thousand(cellar, last, admitted):
    c = cellar()
    for n, amount in enumerate(("9000", "9000", last), 1):
        c.buy(f"2012-01-0{n}", f"R-{n}", ("mid", amount))
    c.apply("2012-01-31")
    assert c.vip().on_list is admitted
    if admitted:
        told = c.vip().stay.admission
        assert (told.test, told.month, told.amount) == ("month_total", "2012-01", Decimal(20_000))


@pytest.mark.rule("RET-39c")
def test_two_months_are_not_added_up(cellar):
    c = cellar()
    c.buy("2012-01-31T23:59", "R-1", ("mid", "9000"))
    c.buy("2012-02-01T00:00", "R-2", ("mid", "9000"))
    c.buy("2012-02-01T12:00", "R-3", ("mid", "2000"))
    c.apply("2012-02-02")
    assert not c.vip().on_list


@pytest.mark.rule("RET-39c")
@pytest.mark.parametrize(("grades", "admitted"), [("all", True), ("mid_high", False)])
def test_whether_low_grade_counts_in_a_month_is_the_hosts(cellar, grades, admitted):
    c = cellar(VipRules(month_grades=grades))
    c.buy("2012-01-05", "R-1", ("low", "20000"))
    c.apply("2012-01-31")
    assert c.vip().on_list is admitted


def by_rank(rank, unit_kind="administrative", application="A-1"):
    return ApplyForVip(
        application=application, route="rank", rank=rank, unit="the county", unit_kind=unit_kind
    )


@pytest.mark.rule("RET-39d")
@pytest.mark.parametrize(
    ("rank", "unit_kind", "admitted"),
    [
        ("section", "administrative", False),
        ("deputy_division", "administrative", True),
        ("division", "administrative", True),
        ("division", "company", False),
    ],
)
def test_rank_counts_in_an_administrative_unit_only(cellar, rank, unit_kind, admitted):
    c = cellar()
    c.tell("2012-02-01", by_rank(rank, unit_kind))
    assert c.vip().on_list is admitted


@pytest.mark.rule("RET-39")
def test_every_rank_from_the_least_one_on_admits_without_a_purchase(cellar):
    c = cellar(customers=RANKS)
    for rank in RANKS:
        c.tell("2012-02-01", by_rank(rank), who=rank)
    assert [rank for rank in RANKS if c.vip(who=rank).on_list] == list(RANKS[3:])


@pytest.mark.rule("RET-39")
def test_a_compliance_rule_can_close_the_route_by_rank(cellar):
    c = cellar(VipRules(rank_route=False))
    with pytest.raises(RuleNotMet) as refusal:
        c.tell("2012-02-01", by_rank("ministry"))
    assert refusal.value.code == "route_closed"
    with pytest.raises(Unknown) as unknown:
        c.tell("2012-02-01", by_rank("emperor"))
    assert unknown.value.code == "unknown_code"


@pytest.mark.rule("RET-39e")
def test_a_nominee_is_listed_from_the_leaders_approval(cellar):
    c = cellar()
    assert c.nominate("2012-03-01").code == "approval_pending"
    c.decide("2012-03-05")
    assert c.vip("2012-03-05").on_list
    assert not c.vip("2012-03-04").on_list
    assert c.vip().stay.admission.approved_by == "zhao"


@pytest.mark.rule("RET-39e")
def test_an_undecided_nomination_is_held_kept_and_not_listed(cellar):
    c = cellar()
    held = c.nominate("2012-03-01", purpose="a large buyer")
    assert (held.code, type(held).__name__) == ("approval_pending", "Held")
    (kept,) = c.in_force("core.approval_requested")
    assert (kept["number"], kept["applicant"], kept["item"]) == ("N-1", "wang", "vip_nomination")
    assert c.vip().nominations["N-1"].outcome is None
    assert not c.vip("2012-04-01").on_list


@pytest.mark.rule("RET-39e")
def test_a_refused_nominee_is_not_listed_and_the_reason_is_kept(cellar):
    c = cellar()
    c.nominate("2012-03-01")
    c.decide("2012-03-05", "refused")
    (kept,) = c.in_force("core.approval_decided")
    assert (kept["outcome"], kept["reason"]) == ("refused", "buys too little")
    assert not c.vip().on_list


@pytest.mark.rule("RET-39e")
def test_the_proposer_cannot_approve_his_own_nomination(cellar):
    c = cellar()
    c.nominate("2012-03-01")
    with pytest.raises(NotPermitted) as refusal:
        c.decide("2012-03-05", by="wang")
    assert refusal.value.code == "approver_conflict"
    assert not c.vip().on_list


@pytest.mark.rule("RET-39e")
def test_what_the_proposer_approved_all_the_same_is_kept_flagged_and_has_no_effect(cellar):
    c = cellar()
    c.nominate("2012-03-01")
    c.decide("2012-03-05", by="wang", known="2012-03-08")
    assert c.flags() == [("core.approval_decided", "approver_conflict")]
    assert not c.vip().on_list


@pytest.mark.rule("RET-39")
def test_only_a_named_leader_decides_where_leaders_are_named(cellar):
    c = cellar()
    c.nominate("2012-03-01", leaders=("sun",))
    with pytest.raises(NotPermitted) as refusal:
        c.decide("2012-03-05")
    assert refusal.value.code == "not_authorised"
    c.decide("2012-03-05", by="sun")
    assert c.vip().on_list


@pytest.mark.rule("RET-39")
def test_a_nomination_is_decided_once_and_a_refusal_says_why(cellar):
    c = cellar()
    with pytest.raises(Unknown):
        c.decide("2012-02-28")
    c.nominate("2012-03-01")
    with pytest.raises(Incomplete) as silent:
        c.tell("2012-03-05", DecideVipNomination(nomination="N-1", outcome="refused"), actor="zhao")
    assert silent.value.code == "reason_missing"
    c.decide("2012-03-05", "refused")
    with pytest.raises(Conflict) as refusal:
        c.decide("2012-03-06")
    assert refusal.value.code == "already_known"


@pytest.mark.rule("RET-39f")
def test_a_purchase_that_comes_to_light_later_admits_from_then(cellar):
    c = cellar()
    c.apply("2012-02-01")
    assert not c.vip().on_list
    assert "A-1" in c.vip().applications
    c.buy("2012-01-31", "R-1", ("high", "10000"), known="2012-02-03")
    assert not c.vip("2012-02-02").on_list
    assert c.vip("2012-02-03").since == local("2012-02-03")
    assert not c.vip("2012-02-03", as_known="2012-02-02").on_list


@pytest.mark.rule("RET-39")
def test_an_application_that_was_not_met_is_decided_again_at_the_next_purchase(cellar):
    c = cellar()
    c.apply("2012-02-01")
    c.buy("2012-02-07", "R-1", ("high", "9999.99"))
    assert not c.vip().on_list
    c.buy("2012-02-09", "R-2", ("high", "10000"))
    assert c.vip().since == local("2012-02-09")
    assert len(c.in_force("retail.vip_admitted")) == 1


@pytest.mark.rule("RET-39")
def test_nobody_is_listed_by_what_he_buys_without_asking(cellar):
    c = cellar()
    c.buy("2012-02-09", "R-1", ("high", "50000"))
    assert not c.vip().on_list


@pytest.mark.rule("RET-39")
def test_refunds_known_at_the_decision_are_taken_off(cellar):
    c = cellar()
    c.buy("2012-01-20", "R-1", ("high", "10000"))
    c.refund("2012-01-25", "R-1", "0.01")
    c.apply("2012-02-01")
    assert not c.vip().on_list


@pytest.mark.rule("RET-39g")
def test_a_later_refund_removes_nobody_and_he_is_listed_as_one_that_would_differ(cellar):
    c = cellar()
    c.buy("2012-02-03T09:00", "R-1", ("high", "10000.00"))
    c.apply("2012-02-03")
    assert c.vip().on_list
    c.refund("2012-02-10", "R-1", "500")
    assert c.vip("2012-02-11").on_list
    before = c.ledger.report("retail.vip_list", as_of="2012-02-09")
    after = c.ledger.report("retail.vip_list", as_of="2012-02-10")
    assert [row[-1] for row in before.rows] == [None]
    assert [row[-1] for row in after.rows] == [Decimal("9500.00")]
    assert notes(after)["would differ"] == "1"


@pytest.mark.rule("RET-57")
def test_a_refund_of_before_the_decision_that_is_entered_later_removes_nobody_either(cellar):
    c = cellar()
    c.buy("2012-01-20", "R-1", ("high", "10000"))
    c.apply("2012-02-01")
    c.refund("2012-01-25", "R-1", "500", known="2012-02-10")
    assert c.vip().since == local("2012-02-01")
    assert [d.name for d in c.ledger.history("C-1").would_differ()] == ["retail.vip_admitted"]


@pytest.mark.rule("RET-57")
def test_an_approval_entered_later_counts_from_its_own_day(cellar):
    c = cellar()
    c.nominate("2012-03-01")
    c.decide("2012-03-05", known="2012-03-08")
    assert c.vip().since == local("2012-03-05")
    assert not c.vip("2012-03-06", as_known="2012-03-07").on_list


@pytest.mark.rule("RET-57")
def test_a_rule_published_for_the_past_lists_people_from_now_and_takes_nobody_off(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.buy("2012-01-20", "R-1", ("high", "9000"))
    c.buy("2012-01-20", "R-2", ("high", "11000"), who="C-2")
    for who in ("C-1", "C-2"):
        c.apply("2012-02-01", who=who)
    c.at("2012-02-10").publish(
        VipRules(single_purchase=Decimal(8_000)), "2012-01-01T00:00", retroactive="eased"
    )
    assert c.vip().since == local("2012-02-10")
    c.at("2012-02-20").publish(
        VipRules(single_purchase=Decimal(12_000)), "2012-01-01T00:00", retroactive="tightened"
    )
    assert [c.vip(who=who).on_list for who in ("C-1", "C-2")] == [True, True]


@pytest.mark.rule("RET-39")
def test_who_is_on_the_list_at_friday_midnight_can_be_asked(cellar):
    c = cellar()
    c.buy("2012-01-31", "R-1", ("high", "10000"))
    c.apply("2012-02-02T23:59")  # a Thursday
    c.tell("2012-02-09T18:00", RemoveFromVipList(removal="X-1", reason_code="moved_away"))
    friday, following = local("2012-02-03T00:00"), local("2012-02-10T00:00")
    assert (c.vip().was_listed(friday), c.vip().was_listed(following)) == (True, False)


@pytest.mark.rule("RET-39")
def test_who_leaves_is_removed_by_a_ruling_or_with_the_end_of_the_relationship(cellar):
    c = cellar(customers=("C-1", "C-2"))
    for n, who in enumerate(("C-1", "C-2"), 1):
        c.buy("2012-01-31", f"R-{n}", ("high", "10000"), who=who)
        c.apply("2012-02-01", who=who)
    with pytest.raises(Incomplete) as silent:
        RemoveFromVipList(removal="X-1", reason_code=" ")
    assert silent.value.code == "reason_missing"
    c.tell("2012-02-05", RemoveFromVipList(removal="X-1", reason_code="asked"))
    c.tell("2012-02-06", CloseRelationship(reason_code="relocation", exit_kind="natural"), who="C-2")
    assert [c.in_force("retail.vip_removed", who=who)[0]["cause"] for who in ("C-1", "C-2")] == [
        "ruled",
        "closed",
    ]
    with pytest.raises(RuleNotMet) as refusal:
        c.tell("2012-02-07", RemoveFromVipList(removal="X-2", reason_code="asked"))
    assert refusal.value.code == "not_on_list"


@pytest.mark.rule("RET-39")
def test_a_number_is_given_once(cellar):
    c = cellar()
    c.apply("2012-02-01")
    for again in (ApplyForVip(application="A-1", route="purchase"), NominateForVip(nomination="A-1")):
        with pytest.raises(Conflict) as refusal:
            c.tell("2012-02-02", again)
        assert refusal.value.code == "source_conflict"


@pytest.mark.rule("RET-39")
def test_opening_and_admitted_less_removed_is_what_the_list_comes_to(cellar):
    c = cellar(customers=("C-1", "C-2", "C-3"))
    for n, (who, day) in enumerate((("C-1", "2012-01-10"), ("C-2", "2012-02-10"), ("C-3", "2012-02-11")), 1):
        c.buy(day + "T08:00", f"R-{n}", ("high", "10000"), who=who)
        c.apply(day, who=who)
    c.tell("2012-02-20", RemoveFromVipList(removal="X-1", reason_code="asked"))
    result = c.ledger.report("retail.vip_list", since="2012-02-01", until="2012-02-29", as_of="2012-02-29")
    told = notes(result)
    assert [told[name] for name in ("opening", "admitted", "removed", "closing")] == ["1", "2", "1", "2"]
    assert [(row[0], row[1], row[6] is not None) for row in result.rows] == [
        ("C-1", "purchase", True),
        ("C-2", "purchase", False),
        ("C-3", "purchase", False),
    ]


@pytest.mark.rule("RET-39")
def test_a_look_at_the_customer_shows_since_when_and_by_which_route(cellar):
    c = cellar()
    c.nominate("2012-03-01")
    c.decide("2012-03-05")
    rows = c.ledger.whole_view("C-1").section("retail.view_vip").rows
    assert [(str(route), str(test), since, until, by) for route, test, since, until, by in rows] == [
        ("nomination", "approval", local("2012-03-05"), None, "zhao")
    ]
    assert isinstance(rows[0][2], datetime)


@pytest.mark.rule("RET-57")
def test_what_comes_to_light_of_before_an_admission_moves_its_evidence_and_not_its_beginning(cellar):
    c = cellar()
    c.apply("2012-02-01")
    c.buy("2012-02-15", "R-2", ("high", "10000"))
    c.buy("2012-01-31", "R-1", ("high", "11000"), known="2012-02-20")
    assert c.vip().since == local("2012-02-15")
    assert (c.vip().stay.admission.receipt, c.vip("2012-02-19").stay.admission.receipt) == ("R-1", "R-2")
    (row,) = c.ledger.report("retail.vip_list").rows
    assert (row[3], row[5]) == ("R-1: 11000.00", local("2012-02-15"))


@pytest.mark.rule("RET-57")
def test_a_purchase_that_was_never_made_is_listed_as_would_differ_and_a_person_rules(cellar):
    c = cellar()
    told = c.buy("2012-01-31", "R-1", ("high", "10000"))
    c.apply("2012-02-01")
    c.at("2012-02-10").ledger.void(told.entries[0].id, actor="wang", reason="another customer's")
    assert c.vip().on_list
    assert [d.name for d in c.ledger.history("C-1").would_differ()] == ["retail.vip_admitted"]
    assert [row[-1] for row in c.ledger.report("retail.vip_list").rows] == [Decimal("0.00")]
    c.tell("2012-02-11", RemoveFromVipList(removal="X-1", reason_code="entered_wrongly"))
    assert not c.vip().on_list


@pytest.mark.rule("RET-39")
def test_a_route_or_an_outcome_that_there_is_not_is_unknown(cellar):
    for wrong in (
        lambda: ApplyForVip(application="A-1", route="friendship"),
        lambda: DecideVipNomination(nomination="N-1", outcome="perhaps"),
    ):
        with pytest.raises(Unknown) as refusal:
            wrong()
        assert refusal.value.code == "unknown_code"
