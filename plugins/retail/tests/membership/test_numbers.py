"""One number, one member: whose a number was on a day, as known on another (RET-02)."""

from __future__ import annotations

import pytest

from guanxi import CloseRelationship, Conflict, Incomplete, Money, Unknown
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.governance.erasing import erase
from guanxi_retail import RecordPurchase
from guanxi_retail.membership.commands import (
    EnrolMember,
    IssueMemberCard,
    LeaveProgramme,
    RebindMemberCard,
    ReleaseMemberCard,
    TakeUpMemberCard,
)
from guanxi_retail.membership.holders import hand_on, member_of
from plugins.retail.tests.membership.club import N1, N2, N3, Club


def holder(c: Club, number: str = N1, **cut: str) -> str | None:
    found = member_of(c.ledger, number, **cut).holder
    return None if found is None else found.account


def moved(c: Club, *, late: bool = False) -> Club:
    """A enrols N1 on 2012-01-10 and changes to N2 on 2013-05-01, entered then or only on 2013-06-20."""
    c.open("A", "B", "C")
    c.enrol("2012-01-10", "A", N1)
    if not late:
        c.rebind("2013-05-01", N2)
    return c


@pytest.mark.rule("RET-02a")
def test_a_changed_number_stays_resolvable_for_its_time_and_may_be_another_s_later(club):
    c = moved(club())
    c.enrol("2013-06-01", "B", N1)
    c.at("2013-07-01")
    assert holder(c, as_of="2013-01-01") == "A"
    assert holder(c, as_of="2013-05-15") is None
    assert holder(c, as_of="2013-07-01") == "B"
    assert holder(c, N2, as_of="2013-07-01") == "A"


@pytest.mark.rule("RET-02a")
def test_a_number_that_nobody_holds_offers_who_held_it(club):
    c = moved(club())
    c.at("2013-05-15")
    found = member_of(c.ledger, N1)
    assert found.holder is None
    assert [(one.account, one.name, one.why, f"{one.until:%Y-%m-%d}") for one in found.former] == [
        ("A", "李明", "rebound", "2013-05-01")
    ]
    assert member_of(c.ledger, N3).former == ()


@pytest.mark.rule("RET-02b")
def test_a_number_in_use_is_refused(club):
    c = moved(club())
    with pytest.raises(Conflict) as refused:
        c.enrol("2013-06-01", "C", N2)
    assert (refused.value.code, refused.value.outcome) == ("identifier_taken", "conflict")
    assert not c.member("C").held
    c.enrol("2013-06-01", "C", N3)
    with pytest.raises(Conflict, match="identifier_taken"):
        c.rebind("2013-06-02", N2, "C")
    assert c.member("C").card == f"+86{N3}"


@pytest.mark.rule("RET-02c")
def test_a_change_entered_late_moves_the_number_for_its_own_days_and_undoes_no_refusal(club):
    c = moved(club(), late=True)
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2013-06-01", "B", N1)
    c.rebind("2013-05-01", N2, known="2013-06-20")
    assert holder(c, as_of="2013-05-15", as_known="2013-06-10") == "A"
    assert holder(c, as_of="2013-05-15", as_known="2013-06-20") is None
    assert not c.member("B").held, "the refusal stays"


@pytest.mark.rule("RET-02c")
def test_a_holder_imported_against_a_taken_number_is_kept_flagged_and_holds_it_once_that_was_given_up(club):
    c = moved(club(), late=True)
    c.take_in("2013-06-01", "B", EnrolMember(mobile=N1))
    assert c.member("B").is_member
    assert c.flags("B") == ["claim_denied"]
    assert holder(c) == "A"
    assert hand_on(c.ledger, N1, actor="clerk", reason="asked for too early") is None

    c.rebind("2013-05-01", N2, known="2013-06-20")
    given = hand_on(c.ledger, N1, actor="clerk", reason="the other one changed his number")
    assert given is not None
    assert given.account == "B"
    assert holder(c, as_of="2013-06-01", as_known="2013-06-20") == "B"
    assert holder(c, as_of="2013-06-01", as_known="2013-06-19") == "A"
    assert holder(c, as_of="2013-05-31", as_known="2013-06-20") is None
    assert (c.flags("B", as_known="2013-06-19"), c.flags("B")) == (["claim_denied"], [])
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2013-06-21", "C", N1)
    assert hand_on(c.ledger, N1, actor="clerk", reason="once more") is None


@pytest.mark.rule("RET-02")
def test_a_number_that_was_never_told_is_not_taken_up(club):
    c = moved(club())
    with pytest.raises(Unknown) as refused:
        c.tell("2013-06-01", TakeUpMemberCard(mobile=N3))
    assert refused.value.code == "card_not_his"
    assert hand_on(c.ledger, N3, actor="clerk", reason="nobody waits") is None


@pytest.mark.rule("RET-02")
def test_two_files_may_have_a_number_as_contact_and_one_as_card(club):
    c = moved(club())
    c.tell("2013-06-01", RecordContactPoint(type="mobile", value=N2), who="B")
    assert holder(c, N2) == "A"


@pytest.mark.rule("RET-02")
def test_a_change_of_number_names_another_number_and_what_was_shown(club):
    c = moved(club())
    for mobile, old in ((N2, None), (N3, N1)):
        with pytest.raises(Conflict, match="identifier_taken"):
            c.tell("2013-06-01", RebindMemberCard(mobile=mobile, proof="sim", old=old))
    with pytest.raises(Unknown, match="not_a_member"):
        c.rebind("2013-06-01", N3, "B")


@pytest.mark.rule("RET-02")
def test_a_voided_change_gives_the_old_number_back(club):
    c = moved(club())
    change = next(line for line in c.ledger.history("A").lines() if line.name == "retail.member_card_rebound")
    c.at("2013-05-02").ledger.void(change.id, actor="clerk", reason="another customer's")
    assert c.member().card == f"+86{N1}"
    assert (holder(c, N1), holder(c, N2)) == ("A", None)
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2013-05-03", "B", N1)
    c.enrol("2013-05-03", "B", N2)


@pytest.mark.rule("RET-02")
def test_leaving_frees_the_number_and_the_past_stays(club):
    c = moved(club())
    c.tell("2013-08-01", LeaveProgramme())
    c.enrol("2013-08-02", "C", N2)
    assert (holder(c, N2, as_of="2013-07-31"), holder(c, N2)) == ("A", "C")


@pytest.mark.rule("RET-02")
def test_a_closed_file_ends_the_membership_and_voiding_the_closing_revives_it(club):
    c = moved(club())
    closed = c.tell("2013-08-01", CloseRelationship(reason_code="relocation", exit_kind="natural"))
    assert (c.member().is_member, c.member().ended) == (False, "closed")
    assert holder(c, N2) is None
    c.at("2013-08-02").ledger.void(closed.entries[0].id, actor="clerk", reason="wrong file")
    assert c.member().is_member
    assert holder(c, N2) == "A"
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2013-08-03", "C", N2)


@pytest.mark.rule("RET-02")
def test_erasure_ends_the_membership_and_the_number_finds_nobody(club):
    c = moved(club())
    c.tell("2013-06-01", IssueMemberCard())
    c.at("2013-08-01")
    erase(c.ledger, "A", actor="officer", legal_basis="request")
    member = c.member()
    assert (member.is_member, member.holds_card, member.ended) == (False, False, "erased")
    for number in (N1, N2):
        assert member_of(c.ledger, number).holder is None
        assert member_of(c.ledger, number).former == ()
    c.enrol("2013-08-02", "B", N1)
    c.enrol("2013-08-02", "C", N2)
    checked = c.ledger.check_determinism("A")
    assert (checked.changes, checked.faults) == ((), ())


@pytest.mark.rule("RET-02")
def test_a_merge_gives_the_survivor_the_membership_and_undoing_gives_it_back(club):
    c = club().open("A", "B", "C")
    c.enrol("2012-01-10", "B", N1)
    c.tell("2012-02-01", IssueMemberCard(card_class="gold"), who="B")
    c.tell("2012-03-01", MergeFiles(absorbed="B"), who="A")
    absorbed, survivor = c.member("B"), c.member("A")
    assert (absorbed.is_member, absorbed.ended) == (False, "merged")
    assert (survivor.is_member, survivor.card, survivor.holds_card) == (True, f"+86{N1}", True)
    assert holder(c) == "A"
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2012-03-02", "C", N1)
    c.tell("2012-04-01", UndoMerge(absorbed="B"), who="A")
    absorbed, survivor = c.member("B"), c.member("A")
    assert (absorbed.is_member, absorbed.holds_card, survivor.is_member) == (True, True, False)
    assert (holder(c), holder(c, as_of="2012-03-15")) == ("B", "A")


@pytest.mark.rule("RET-02")
def test_a_merged_member_has_both_numbers_and_changes_the_one_he_names(club):
    c = club().open("A", "B", "C")
    c.enrol("2012-01-10", "A", N1)
    c.enrol("2012-01-11", "B", N2)
    c.tell("2012-03-01", MergeFiles(absorbed="B"), who="A")
    assert [one.number for one in c.member("A").active] == [f"+86{N1}", f"+86{N2}"]
    c.tell("2012-03-02", RebindMemberCard(mobile=N3, proof="sim", old=N2), who="A")
    assert [one.number for one in c.member("A").active] == [f"+86{N1}", f"+86{N3}"]
    assert {holder(c, n) for n in (N1, N3)} == {"A"}
    c.enrol("2012-03-03", "C", N2)
    assert (holder(c, N2), holder(c, N2, as_of="2012-03-01")) == ("C", "A")


@pytest.mark.rule("RET-02")
def test_a_merged_member_who_leaves_or_is_erased_frees_all_his_numbers(club):
    c = club().open("A", "B", "C", "D")
    for moment, who, number in (("2012-01-10", "B", N1), ("2012-01-11", "A", N2), ("2012-01-12", "C", N3)):
        c.enrol(moment, who, number)
    c.tell("2012-03-01", MergeFiles(absorbed="B"), who="A")
    c.tell("2012-03-02", LeaveProgramme(), who="A")
    assert not c.member("A").is_member
    c.enrol("2012-03-03", "D", N1)
    c.tell("2012-03-04", MergeFiles(absorbed="D"), who="C")
    c.at("2012-03-05")
    erase(c.ledger, "C", actor="officer", legal_basis="request")
    c.open("E", on="2012-03-06", name="王芳")
    c.enrol("2012-03-06", "E", N1)
    assert [holder(c, n) for n in (N1, N2, N3)] == ["E", None, None]


@pytest.mark.rule("RET-02")
def test_a_member_is_one_whether_or_not_he_bought(club):
    c = club().open("A", "B")
    c.tell("2012-01-10", RecordPurchase(receipt="R", paid=Money("9.00", "CNY")), who="B")
    c.enrol("2012-01-10", "A")
    assert (c.member("A").is_member, c.member("B").is_member) == (True, False)


@pytest.mark.rule("RET-02")
def test_a_number_is_released_only_where_it_is_held_no_more(club):
    c = moved(club())
    released = c.tell("2013-06-01", ReleaseMemberCard(card=f"+86{N2}"))
    assert released.events == ()
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2013-06-02", "B", N2)


@pytest.mark.rule("RET-02")
def test_a_number_is_asked_for_with_a_number(club):
    c = moved(club())
    with pytest.raises(Incomplete, match="mobile_missing"):
        member_of(c.ledger, "  ")


@pytest.mark.rule("RET-57")
def test_an_earlier_leaving_entered_late_takes_no_number_from_who_joined_again(club):
    c = club().open("A", "B")
    c.enrol("2012-01-10", "A", N2)
    c.tell("2013-01-10", LeaveProgramme())
    c.enrol("2013-02-01", "A", N1)
    c.tell("2013-03-01", LeaveProgramme())
    c.enrol("2014-01-01", "A", N1)
    c.tell("2012-06-01", LeaveProgramme(), known="2014-02-01")
    assert [(f"{one.until:%Y-%m-%d}" if one.until else None) for one in c.member().held] == [
        "2012-06-01",
        "2013-03-01",
        None,
    ]
    with pytest.raises(Conflict, match="identifier_taken"):
        c.enrol("2014-02-02", "B", N1)
    assert holder(c, N2, as_of="2012-07-01") is None
    assert holder(c, N2, as_of="2012-07-01", as_known="2014-01-31") == "A"


@pytest.mark.rule("RET-57")
def test_a_change_of_number_entered_after_the_file_was_closed_closes_the_new_number(club):
    c = club().open("A", "B")
    c.enrol("2012-01-10", "A", N1)
    c.tell("2013-01-10", CloseRelationship(reason_code="relocation", exit_kind="natural"))
    c.rebind("2012-12-01", N2, known="2013-02-01")
    assert [(one.number, one.why) for one in c.member().held] == [
        (f"+86{N1}", "rebound"),
        (f"+86{N2}", "closed"),
    ]
    c.enrol("2013-02-02", "B", N2)
    assert (holder(c, N2, as_of="2012-12-31"), holder(c, N2)) == ("A", "B")


@pytest.mark.rule("RET-57")
def test_once_the_numbers_are_erased_the_same_one_of_two_is_still_the_one_that_changed(club):
    c = club().open("A", "B")
    c.enrol("2012-01-10", "A", N1)
    c.enrol("2012-01-11", "B", N2)
    c.tell("2012-03-01", MergeFiles(absorbed="B"), who="A")
    c.tell("2012-03-02", RebindMemberCard(mobile=N3, proof="sim", old=N2), who="A")
    c.tell("2012-03-03", LeaveProgramme(), who="A")
    before = [(one.since, one.until, one.why) for one in c.member("A").held]
    c.at("2012-04-01")
    erase(c.ledger, "A", actor="officer", legal_basis="request")
    assert [(one.since, one.until, one.why) for one in c.member("A").held] == before
