"""Which sales count as their salesperson's own, and which are the store's alone (RET-33)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Held, Incomplete, Invalid, NotPermitted, Unknown
from guanxi.relationship import MergeFiles
from guanxi.relationship.governance.erasing import erase
from guanxi_retail import PointsRules
from guanxi_retail.membership.commands import EnrolMember, IssueMemberCard
from guanxi_retail.store.claims import claim_receipt
from guanxi_retail.store.commands import (
    CompleteSale,
    CompleteStoreSale,
    DecideCompletion,
    DecideStoreCompletion,
)
from guanxi_retail.store.rules import SalesCreditRules
from plugins.retail.tests.store.floor import MEMBER, OUTLET

DECIDED = "retail.sales_credit_decided"
PHONE = "+8613800138000"


def verdicts(f, subject, **cut):
    return [(d["receipt"], d["granted"], tuple(d["reasons"])) for d in f.in_force(subject, DECIDED, **cut)]


def enrol(f, moment, known=None, mobile="13800138000"):
    """Membership with its card: the mobile number is the card number."""
    f.tell(moment, MEMBER, EnrolMember(mobile=mobile, name="Li"), known=known)
    f.tell(moment, MEMBER, IssueMemberCard(), known=known)


@pytest.mark.rule("RET-33a")
def test_a_phone_is_enough_below_the_card_amount_and_from_it_on_a_card_is_needed(floor):
    f = floor()
    f.buy("2012-06-01T10:00", "A", "499.99", phone=PHONE)
    f.buy("2012-06-01T11:00", "B", "500.00", phone=PHONE)
    f.at("2012-06-02")
    assert verdicts(f, MEMBER) == [("A", True, ()), ("B", False, ("card_not_issued",))]


@pytest.mark.rule("RET-33a")
@pytest.mark.parametrize("enrolled", ["2012-05-01", "2012-06-01T18:00"], ids=["holder", "that day"])
def test_a_card_held_or_issued_on_the_day_makes_the_sale_the_salespersons(floor, enrolled):
    f = floor()
    if enrolled < "2012-06":
        enrol(f, enrolled)
    f.buy("2012-06-01T11:00", "B", "500.00", phone=PHONE)
    if enrolled > "2012-06":
        enrol(f, enrolled)
    f.at("2012-06-02")
    assert verdicts(f, MEMBER) == [("B", True, ())]


@pytest.mark.rule("RET-33b")
def test_without_phone_and_card_every_reason_is_named(floor):
    f = floor()
    f.sell("2012-06-01T10:00", "A", "200.00")
    f.sell("2012-06-01T11:00", "B", "800.00")
    f.at("2012-06-02")
    assert verdicts(f, f.day("2012-06-01")) == [
        ("A", False, ("phone_missing",)),
        ("B", False, ("phone_missing", "card_not_issued")),
    ]


@pytest.mark.rule("RET-33")
def test_a_shown_card_supplies_the_phone(floor):
    f = floor()
    f.buy("2012-06-01", "A", "800.00", card=PHONE)
    f.at("2012-06-02")
    assert verdicts(f, MEMBER) == [("A", True, ())]


@pytest.mark.rule("RET-33c")
def test_a_refund_of_the_next_day_does_not_change_what_the_day_came_to(floor):
    f = floor()
    f.sell("2012-06-01", "A", "550.00", phone_given=True)
    f.take_back("2012-06-02", "2012-06-01", "A", "100.00")
    f.at("2012-06-03")
    assert verdicts(f, f.day("2012-06-01")) == [("A", False, ("card_not_issued",))]


@pytest.mark.rule("RET-33")
def test_a_refund_of_the_same_day_does(floor):
    f = floor()
    f.sell("2012-06-01T10:00", "A", "550.00", phone_given=True)
    f.take_back("2012-06-01T17:00", "2012-06-01", "A", "100.00")
    f.at("2012-06-03")
    assert verdicts(f, f.day("2012-06-01")) == [("A", True, ())]


@pytest.mark.rule("RET-33c")
def test_a_sale_completed_on_the_next_day_is_credited_from_the_approval_and_both_decisions_are_kept(floor):
    f = floor()
    f.sell("2012-06-01", "A", "800.00")
    done = CompleteStoreSale(receipt="A", phone_given=True, card_given=True)
    with pytest.raises(Held) as refusal:
        f.tell("2012-06-02", f.day("2012-06-01"), done)
    assert refusal.value.code == "approval_pending"
    approved = CompleteStoreSale(receipt="A", phone_given=True, card_given=True, approved_by="manager")
    f.tell("2012-06-02", f.day("2012-06-01"), approved)
    assert [granted for _, granted, _ in verdicts(f, f.day("2012-06-01"))] == [False, True]
    shown = ("receipt", "amount", "standing", "completed_on")
    assert f.rows("retail.sales_credit", *shown, as_of="2012-06-02") == [
        ("A", 800, "credited", date(2012, 6, 2))
    ]
    assert f.rows("retail.sales_credit", *shown, as_of="2012-06-01T23:59") == [("A", 800, "not_judged", None)]
    assert f.rows("retail.sales_credit", "standing", "reasons", as_of="2012-06-02T00:00:01") == [
        ("withheld", "phone_missing,card_not_issued")
    ]


@pytest.mark.rule("RET-33")
def test_a_completion_that_leaves_something_out_stays_withheld(floor):
    f = floor()
    f.buy("2012-06-01", "A", "800.00")
    f.tell("2012-06-02", MEMBER, CompleteSale(receipt="A", phone_given=True, approved_by="manager"))
    assert verdicts(f, MEMBER)[-1] == ("A", False, ("card_not_issued",))


@pytest.mark.rule("RET-33")
def test_what_is_completed_on_the_day_itself_needs_no_approval_and_is_judged_once(floor):
    f = floor()
    f.sell("2012-06-01T10:00", "A", "200.00")
    f.tell("2012-06-01T17:00", f.day("2012-06-01"), CompleteStoreSale(receipt="A", phone_given=True))
    f.at("2012-06-02")
    assert verdicts(f, f.day("2012-06-01")) == [("A", True, ())]


@pytest.mark.rule("RET-33")
@pytest.mark.parametrize(
    ("approver", "code"),
    [("clerk", "approver_conflict"), ("li", "approver_conflict"), ("wang", "not_authorised")],
)
def test_only_the_store_manager_approves_and_nobody_his_own_sale(floor, approver, code):
    f = floor(SalesCreditRules(managers={OUTLET: "manager"}))
    f.buy("2012-06-01", "A", "200.00")
    with pytest.raises(NotPermitted) as refusal:
        f.tell("2012-06-02", MEMBER, CompleteSale(receipt="A", phone_given=True, approved_by=approver))
    assert refusal.value.code == code
    f.tell("2012-06-02", MEMBER, CompleteSale(receipt="A", phone_given=True, approved_by="manager"))
    assert verdicts(f, MEMBER)[-1] == ("A", True, ())


@pytest.mark.rule("RET-33")
def test_nothing_brought_in_and_an_unknown_receipt_are_refused(floor):
    f = floor()
    f.buy("2012-06-01", "A", "200.00")
    with pytest.raises(Invalid):
        f.tell("2012-06-01", MEMBER, CompleteSale(receipt="A"))
    with pytest.raises(Unknown) as refusal:
        f.tell("2012-06-01", MEMBER, CompleteSale(receipt="B", phone_given=True))
    assert refusal.value.code == "unknown_receipt"


@pytest.mark.rule("RET-33d")
def test_the_card_of_that_day_recorded_next_morning_revises_without_approval(floor):
    f = floor()
    f.buy("2012-06-01T15:00", "A", "500.00", phone=PHONE)
    enrol(f, "2012-06-01T16:00", known="2012-06-02T09:00")
    assert verdicts(f, MEMBER, as_known="2012-06-02T08:00") == [("A", False, ("card_not_issued",))]
    assert verdicts(f, MEMBER) == [("A", True, ())]


@pytest.mark.rule("RET-33")
def test_a_card_of_a_later_day_does_not_make_the_sale_anybodys(floor):
    f = floor()
    f.buy("2012-06-01T15:00", "A", "500.00", phone=PHONE)
    enrol(f, "2012-06-02")
    assert verdicts(f, MEMBER) == [("A", False, ("card_not_issued",))]


@pytest.mark.rule("RET-33")
def test_a_receipt_claimed_on_a_later_day_is_withheld_until_it_is_completed(floor):
    f = floor(PointsRules(claim_days=7))
    f.sell("2012-06-01", "A", "200.00")
    f.at("2012-06-02")
    claim_receipt(f.ledger, MEMBER, "A", outlet=OUTLET, day=date(2012, 6, 1), actor="clerk", card=PHONE)
    assert verdicts(f, f.day("2012-06-01")) == []
    assert verdicts(f, MEMBER) == [("A", False, ("phone_missing",))]
    f.tell("2012-06-02", MEMBER, CompleteSale(receipt="A", phone_given=True, approved_by="manager"))
    assert verdicts(f, MEMBER)[-1] == ("A", True, ())


@pytest.mark.rule("RET-33")
def test_a_lower_card_amount_published_for_the_past_would_differ(floor):
    f = floor(SalesCreditRules())
    f.buy("2012-06-01", "A", "300.00", phone=PHONE)
    f.at("2012-06-10").ledger.advance()
    f.at("2012-06-11").publish(
        SalesCreditRules(card_amount=Decimal(200)), "2012-06-01", retroactive="a mistake"
    )
    assert verdicts(f, MEMBER) == [("A", True, ())]
    (one,) = [d for d in f.ledger.history(MEMBER).would_differ() if d.name == DECIDED]
    assert (one.stored.granted, one.derived.granted) == (True, False)


@pytest.mark.rule("RET-33e")
def test_credited_and_withheld_come_to_the_sales_of_the_store(floor):
    f = floor()
    f.sell("2012-06-01T10:00", "A", "300.00", phone_given=True)
    f.sell("2012-06-01T11:00", "B", "500.00", phone_given=True)
    f.sell("2012-06-01T12:00", "C", "200.00")
    f.at("2012-06-02")
    report = f.report("retail.sales_credit", as_of="2012-06-30")
    sums = {}
    for row in report.rows:
        sums[row[5]] = sums.get(row[5], 0) + row[4]
    assert sums == {"credited": 300, "withheld": 700}
    assert {label.en: text for label, text in report.notes}["store sales"] == "1000.00"
    assert f.rows("retail.store_month", "sales", as_of="2012-06-30")[0] == (1_000,)


@pytest.mark.rule("RET-33")
def test_a_sale_nobody_made_is_judged_for_nobody_and_shown_apart(floor):
    f = floor()
    f.sell("2012-06-01", "A", "300.00", salesperson=None)
    f.at("2012-06-02")
    assert f.rows("retail.sales_credit", "salesperson", "standing", as_of="2012-06-30") == [
        (None, "not_judged")
    ]


@pytest.mark.rule("RET-33")
def test_a_corrected_amount_is_judged_again_and_a_voided_sale_no_more(floor):
    f = floor()
    sold = f.buy("2012-06-01", "A", "500.00", phone=PHONE)
    f.at("2012-06-02")
    assert verdicts(f, MEMBER) == [("A", False, ("card_not_issued",))]
    f.ledger.correct(
        sold.entries[0].id, {"paid": {"amount": "50", "currency": "CNY"}}, actor="clerk", reason="misread"
    )
    assert verdicts(f, MEMBER) == [("A", True, ())]
    assert verdicts(f, MEMBER, as_known="2012-06-02T09:59") == [("A", False, ("card_not_issued",))]
    f.at("2012-06-03").ledger.void(sold.entries[0].id, actor="clerk", reason="training")
    assert verdicts(f, MEMBER) == []


@pytest.mark.rule("RET-33")
def test_a_refund_of_that_day_entered_later_revises_without_approval(floor):
    f = floor()
    f.sell("2012-06-01T10:00", "A", "550.00", phone_given=True)
    f.take_back("2012-06-01T17:00", "2012-06-01", "A", "100.00", known="2012-06-03")
    day = f.day("2012-06-01")
    assert verdicts(f, day, as_known="2012-06-02") == [("A", False, ("card_not_issued",))]
    assert verdicts(f, day) == [("A", True, ())]
    assert f.rows("retail.sales_credit", "amount", "standing", as_of="2012-06-30") == [(450, "credited")]


@pytest.mark.rule("RET-33")
def test_whether_a_job_runs_every_day_or_never_the_same_sales_are_credited(floor):
    def play(daily):
        f = floor()
        for n in range(1, 6):
            f.buy(f"2012-06-0{n}", f"R{n}", "100.00" if n % 2 else "600.00", phone=PHONE)
            if daily:
                f.at(f"2012-06-0{n}T23:59").ledger.advance()
        f.at("2012-06-10")
        return verdicts(f, MEMBER)

    assert play(daily=True) == play(daily=False)
    assert [granted for _, granted, _ in play(daily=False)] == [True, False, True, False, True]


@pytest.mark.rule("RET-33")
def test_an_erased_telephone_number_was_there_all_the_same(floor):
    f = floor()
    f.buy("2012-06-01", "A", "100.00", phone=PHONE)
    f.at("2012-06-01T12:00")
    erase(f.ledger, MEMBER, actor="officer", legal_basis="he asked")
    f.at("2012-06-02")
    assert verdicts(f, MEMBER) == [("A", True, ())]


@pytest.mark.rule("RET-33")
def test_files_that_are_merged_leave_sales_and_credit_counted_once(floor):
    f = floor()
    f.open("M-2")
    f.buy("2012-06-01", "A", "100.00", phone=PHONE)
    f.buy("2012-06-01", "B", "200.00", phone=PHONE, member="M-2")
    f.tell("2012-06-01T12:00", MEMBER, MergeFiles(absorbed="M-2"))
    f.buy("2012-06-03", "C", "300.00", phone=PHONE)
    f.at("2012-06-04")
    told = f.rows("retail.sales_credit", "receipt", "amount", "standing", as_of="2012-06-30")
    assert told == [("A", 100, "credited"), ("B", 200, "credited"), ("C", 300, "credited")]
    assert f.rows("retail.store_month", "sales", "receipts", as_of="2012-06-30")[0] == (600, 3)


def decide(f, moment, subject, command, actor="manager"):
    return f.at(moment).ledger.execute(subject, command, actor=actor)


def brought_in(f, subject, command):
    """A completion of the next day that nobody has approved."""
    with pytest.raises(Held) as refusal:
        f.tell("2012-06-02", subject, command)
    return refusal.value


@pytest.mark.rule("RET-33", "RET-IN-q")
@pytest.mark.parametrize(
    ("complete", "ruling"),
    [(CompleteSale, DecideCompletion), (CompleteStoreSale, DecideStoreCompletion)],
    ids=["member", "nobody"],
)
def test_a_completion_that_waits_is_credited_from_its_approval_by_somebody_else(floor, complete, ruling):
    f = floor(SalesCreditRules(managers={OUTLET: "manager"}))
    if complete is CompleteSale:
        subject = MEMBER
        f.buy("2012-06-01", "A", "200.00")
    else:
        subject = f.day("2012-06-01")
        f.sell("2012-06-01", "A", "200.00")
    done = complete(receipt="A", phone_given=True)
    assert ruling.stored_name in brought_in(f, subject, done).accepts
    brought_in(f, subject, done)
    assert len(f.in_force(subject, "core.approval_requested")) == 1
    for actor, code in (
        ("clerk", "approver_conflict"),
        ("li", "approver_conflict"),
        ("wang", "not_authorised"),
    ):
        with pytest.raises(NotPermitted) as refusal:
            decide(f, "2012-06-03", subject, ruling(receipt="A"), actor)
        assert refusal.value.code == code
    assert [granted for _, granted, _ in verdicts(f, subject)] == [False]
    decide(f, "2012-06-03", subject, ruling(receipt="A"))
    assert [granted for _, granted, _ in verdicts(f, subject)] == [False, True]
    (told,) = f.in_force(subject, "retail.sale_completed")
    assert (told["phone_given"], told["card_given"], told["approved_by"]) == (True, False, "manager")
    with pytest.raises(Unknown):
        decide(f, "2012-06-04", subject, ruling(receipt="A"))


@pytest.mark.rule("RET-33")
def test_a_completion_that_is_refused_stays_withheld_and_may_be_brought_in_again(floor):
    f = floor()
    f.buy("2012-06-01", "A", "200.00")
    done = CompleteSale(receipt="A", phone_given=True)
    brought_in(f, MEMBER, done)
    with pytest.raises(Incomplete) as refusal:
        decide(f, "2012-06-03", MEMBER, DecideCompletion(receipt="A", outcome="refused"))
    assert refusal.value.code == "reason_missing"
    decide(f, "2012-06-03", MEMBER, DecideCompletion(receipt="A", outcome="refused", reason="not hers"))
    assert verdicts(f, MEMBER) == [("A", False, ("phone_missing",))]
    with pytest.raises(Held):
        f.tell("2012-06-04", MEMBER, done)
    assert len(f.in_force(MEMBER, "core.approval_requested")) == 2


@pytest.mark.rule("RET-33")
def test_who_brought_a_completion_in_is_not_named_as_its_approver_by_another(floor):
    f = floor()
    f.buy("2012-06-01", "A", "200.00")
    brought_in(f, MEMBER, CompleteSale(receipt="A", phone_given=True))
    named = CompleteSale(receipt="A", phone_given=True, approved_by="clerk")
    with pytest.raises(NotPermitted) as refusal:
        decide(f, "2012-06-03", MEMBER, named, "desk")
    assert refusal.value.code == "approver_conflict"
