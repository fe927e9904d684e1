"""Members who bring friends (RET-14)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Conflict, Invalid, Money, RuleNotMet, Source, Telling
from guanxi.relationship import CloseRelationship
from guanxi_retail import ChooseReferralReward, RecordPurchase, RecordReferral, ReferralRules
from guanxi_retail.membership.commands import EnrolMember
from guanxi_retail.promotions.referrals import Referrals
from plugins.retail.tests.promotions.counter import held, line, voucher, worth
from plugins.retail.tests.till import local

D = Decimal
FRIEND = "F-1"


@pytest.fixture
def member(till):
    """A till with a member M-1 who holds a card, and a new customer F-1."""
    t = till(ReferralRules())
    t.tell("2012-01-01", EnrolMember(name="李明", mobile="13800138000"))
    t.open(FRIEND)
    return t


def refer(t, moment="2012-01-02", **more):
    return t.tell(moment, RecordReferral(referrer="M-1"), member=more.pop("member", FRIEND), **more)


def choose(t, moment, number, choice):
    return t.tell(moment, ChooseReferralReward(friend=FRIEND, number=number, choice=choice))


def faces(t):
    return [v.issued.face for v in held(t).held.values() if v.unfounded is None]


@pytest.mark.rule("RET-14a")
def test_each_set_sold_to_a_friend_is_rewarded_by_what_was_spent_on_it(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    t.buy("2012-01-04", "B", "1000", member=FRIEND)
    assert (faces(t), worth(t)) == ([20, 50], 70)


@pytest.mark.rule("RET-14a")
def test_a_gift_may_be_chosen_in_a_vouchers_place(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    t.buy("2012-01-04", "B", "1000", member=FRIEND)
    choose(t, "2012-01-05", "B", "gift")
    assert (faces(t), worth(t)) == ([20], 20)
    state: Referrals = t.ledger.history("M-1").state(Referrals)
    assert [number for _, number in state.gifts] == ["B"]
    choose(t, "2012-01-06", "B", "voucher")
    assert worth(t) == 70


@pytest.mark.rule("RET-14a")
def test_rewards_have_no_end_date_and_each_line_is_a_set(member):
    t = member
    refer(t)
    goods = (line(1, "200"), line(2, "500"), line(3, "999.99"))
    t.buy("2013-12-03", "A", "1699.99", member=FRIEND, lines=goods)
    assert faces(t) == [30, 40, 40]


@pytest.mark.rule("RET-14")
def test_a_catalogue_says_which_products_are_sets(till):
    t = till(ReferralRules(sets=("kit",)))
    t.tell("2012-01-01", EnrolMember(name="李明", mobile="13800138000"))
    t.open(FRIEND)
    refer(t)
    goods = (line(1, "200", product="kit"), line(2, "500", product="brush"))
    t.buy("2012-01-03", "A", "700", member=FRIEND, lines=goods)
    assert faces(t) == [30]


@pytest.mark.rule("RET-14b")
def test_only_a_cardholder_brings_friends(till):
    t = till()
    t.open(FRIEND)
    with pytest.raises(RuleNotMet) as refusal:
        refer(t)
    assert (refusal.value.code, refusal.value.rule) == ("referrer_not_member", "RET-14")
    assert t.ledger.history(FRIEND).state(Referrals).referrer is None


@pytest.mark.rule("RET-14b")
def test_nobody_brings_themselves(member):
    with pytest.raises(RuleNotMet, match="self_referral"):
        refer(member, member="M-1")


@pytest.mark.rule("RET-14b")
def test_who_bought_before_is_not_new(member):
    member.buy("2011-05-01", "old", "10", member=FRIEND, known="2012-01-01")
    with pytest.raises(RuleNotMet, match="friend_not_new"):
        refer(member)


@pytest.mark.rule("RET-14b")
def test_the_first_recorded_referrer_counts(member):
    t = member
    refer(t)
    t.open("M-2")
    t.tell("2012-01-02", EnrolMember(name="王芳", mobile="13900139000"), member="M-2")
    with pytest.raises(Conflict, match="already_referred"):
        t.tell("2012-01-03", RecordReferral(referrer="M-2"), member=FRIEND)
    assert t.ledger.history(FRIEND).state(Referrals).referrer == "M-1"


@pytest.mark.rule("RET-14b")
def test_a_reward_is_never_money(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    with pytest.raises(RuleNotMet, match="not_cashable"):
        choose(t, "2012-01-04", "A", "cash")


@pytest.mark.rule("RET-14b")
@pytest.mark.parametrize("reward", ["51", "19.99"])
def test_a_table_stays_within_the_range(reward):
    with pytest.raises(Invalid, match="reward_out_of_range"):
        ReferralRules(rewards=(D(20), D(30), D(40), D(reward)))


@pytest.mark.rule("RET-14c")
def test_an_earlier_purchase_entered_later_leaves_the_voucher_and_is_listed(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    t.buy("2011-05-01", "old", "10", member=FRIEND, known="2012-01-10")
    assert worth(t) == 20
    flags = [
        line.fields["code"]
        for line in t.ledger.history(FRIEND).lines()
        if line.name == "core.breach_flagged" and line.status == "in force"
    ]
    assert "friend_not_new" in flags
    ((*_, status),) = t.ledger.report("retail.referral").rows
    assert status == "would_differ"


@pytest.mark.rule("RET-14")
def test_a_returned_set_cancels_its_unused_voucher(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    t.refund("2012-01-04", "A", "99", member=FRIEND)
    assert worth(t) == 20
    t.refund("2012-01-05", "A", "100", member=FRIEND)
    assert (worth(t), faces(t)) == (0, [])


@pytest.mark.rule("RET-14")
def test_a_returned_set_whose_voucher_was_used_is_shown_as_lost(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    (key,) = held(t).held
    t.buy("2012-01-04", "B", "0", tenders=(voucher("20", key),))
    t.refund("2012-01-05", "A", "199", member=FRIEND)
    assert held(t).held[key].lost == 20
    assert t.ledger.report("retail.referral").rows[0][-3:-1] == (D(20), D(20))


@pytest.mark.rule("RET-14")
def test_a_voucher_that_was_used_is_not_changed_for_a_gift(member):
    t = member
    refer(t)
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    (key,) = held(t).held
    t.buy("2012-01-04", "B", "0", tenders=(voucher("20", key),))
    with pytest.raises(Conflict, match="voucher_used"):
        choose(t, "2012-01-05", "A", "gift")


@pytest.mark.rule("RET-14")
def test_a_friend_buys_also_when_the_members_file_is_closed(member):
    t = member
    refer(t)
    t.tell("2012-01-02T12:00", CloseRelationship(reason_code="relocation"))
    t.buy("2012-01-03", "A", "199", member=FRIEND)
    assert worth(t) == 20


@pytest.mark.rule("RET-14")
def test_sets_of_an_imported_batch_are_rewarded_too(member):
    t = member
    refer(t)
    t.at("2012-02-01").ledger.take_in(
        [
            Telling(
                subject=FRIEND,
                command=RecordPurchase(receipt=receipt, paid=Money(paid, "CNY")),
                source=Source("till", "receipt", receipt),
                actor="import",
                occurred_at=local(day),
                happened=True,
                batch="one",
                reason="till feed",
            )
            for receipt, paid, day in (("A", 199, "2012-01-03"), ("B", 1000, "2012-01-04"))
        ]
    )
    assert worth(t) == 70
