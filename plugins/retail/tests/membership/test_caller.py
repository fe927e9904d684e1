"""Who calls: shown at once, without further proof, and on record that it was looked at (RET-03)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from guanxi import Conflict, Incomplete, Invalid, Money, RuleNotMet, Unknown
from guanxi.relationship.access.events import FileViewed
from guanxi.relationship.access.streams import logged_of
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.ownership.commands import AssignSection
from guanxi_retail import TierRules
from guanxi_retail.membership.caller import NO_LOOK_UP, caller_card
from guanxi_retail.membership.commands import IssueMemberCard, LeaveProgramme, RecordReservation
from guanxi_retail.membership.rules import CallerRules
from plugins.retail.tests.membership.club import N1, N2, N3, Club


def seen(c: Club) -> list[tuple[str, str]]:
    found = c.ledger.search(name=FileViewed.stored_name)
    return [(logged_of(r.originator_id), r.event.customer) for r in found if isinstance(r.event, FileViewed)]


def book(number: str, hour: str, **more: str) -> RecordReservation:
    return RecordReservation(reservation=number, for_time=datetime.fromisoformat(hour), **more)


@pytest.fixture
def spa(club) -> Club:
    c = club().open("A", "B")
    c.enrol("2012-01-10", "A", N1)
    c.tell("2012-01-10", IssueMemberCard(card_class="gold"))
    c.tell("2012-02-01", book("V-1", "2012-02-03T14:00", service="facial"))
    c.tell("2012-02-04", RecordReservation(reservation="V-1", status="no_show"))
    c.tell("2012-02-05", book("V-2", "2012-03-03T09:30", service="manicure"))
    for n in range(1, 8):
        c.buy(f"2012-02-0{n}", f"R{n}", ("cosmetics", f"{n}.50"))
    c.refund("2012-02-08", "R7", "0.50")
    return c


@pytest.mark.rule("RET-03a")
def test_an_active_card_shows_the_profile_without_authentication_and_leaves_an_access_entry(spa):
    shown = caller_card(spa.ledger, "138 0013 8000", agent="ann")
    assert shown.answer == "member"
    member = shown.member
    assert (member.phone, member.name, member.member_type) == (N1, "李明", "gold")
    assert [(r.number, r.status, r.service, f"{r.for_time:%m-%d %H:%M}") for r in member.reservations] == [
        ("V-2", "made", "manicure", "03-03 09:30"),
        ("V-1", "no_show", "facial", "02-03 14:00"),
    ]
    assert [(p.day, p.receipt, p.paid, p.refunded) for p in member.purchases[:2]] == [
        (date(2012, 2, 7), "R7", Money("7.50", "CNY"), Money("0.50", "CNY")),
        (date(2012, 2, 6), "R6", Money("6.50", "CNY"), Money(0, "CNY")),
    ]
    assert len(member.purchases) == 5
    assert seen(spa) == [("ann", spa.ledger.find("A"))]


@pytest.mark.rule("RET-03a")
def test_an_unknown_number_is_not_a_member(spa):
    shown = caller_card(spa.ledger, N3, agent="ann")
    assert (shown.answer, shown.member, shown.recognition.new_lead) == ("not_a_member", None, True)
    assert seen(spa) == []


@pytest.mark.rule("RET-03a")
@pytest.mark.parametrize("number", [None, "", "Anonymous"])
def test_a_withheld_number_is_looked_up_nowhere(spa, number):
    assert caller_card(spa.ledger, number, agent="ann") is NO_LOOK_UP
    assert seen(spa) == []


@pytest.mark.rule("RET-03")
def test_who_is_on_file_without_a_membership_is_no_member_and_the_look_is_kept(spa):
    spa.tell("2012-02-09", RecordContactPoint(type="mobile", value=N2), who="B")
    shown = caller_card(spa.ledger, N2, agent="ann")
    assert shown.answer == "not_a_member"
    assert shown.recognition.pop_up.match.account == "B"
    assert seen(spa) == [("ann", spa.ledger.find("B"))]


@pytest.mark.rule("RET-03")
def test_of_two_files_with_a_number_the_one_whose_card_it_is_is_shown(spa):
    spa.tell("2012-02-09", RecordContactPoint(type="mobile", value=N1), who="B")
    shown = caller_card(spa.ledger, N1, agent="ann")
    assert (shown.answer, shown.member.account) == ("member", "A")


@pytest.mark.rule("RET-03")
def test_a_former_member_is_none_and_a_former_number_is_offered_as_such(spa):
    spa.rebind("2012-02-09", N2)
    shown = caller_card(spa.ledger, N1, agent="ann")
    assert shown.answer == "not_a_member"
    assert [one.account for one in shown.recognition.former] == ["A"]
    spa.tell("2012-02-10", LeaveProgramme())
    assert caller_card(spa.ledger, N2, agent="ann").answer == "not_a_member"


@pytest.mark.rule("RET-03")
def test_of_a_member_of_another_section_the_section_is_told_and_nothing_else(spa):
    spa.tell("2012-02-09", AssignSection(section="north"))
    shown = caller_card(spa.ledger, N1, agent="ann", sections=("south",))
    assert (shown.answer, shown.member) == ("known_elsewhere", None)
    assert [(one.section, one.name) for one in shown.recognition.matches] == [("north", None)]
    assert seen(spa) == []


@pytest.mark.rule("RET-03")
def test_how_many_purchases_are_shown_and_what_hides_a_number_is_the_programme_s(club):
    c = club(CallerRules(recent_purchases=1, withheld=("hidden",))).open("A")
    c.enrol("2012-01-10")
    c.buy("2012-01-11", "R1", ("cosmetics", "1"))
    c.buy("2012-01-12", "R2", ("cosmetics", "1"))
    shown = caller_card(c.ledger, N1, agent="ann")
    assert [p.receipt for p in shown.member.purchases] == ["R2"]
    assert shown.member.member_type == "member"
    assert caller_card(c.ledger, "hidden", agent="ann") is NO_LOOK_UP
    with pytest.raises(Invalid, match="invalid_phone"):
        caller_card(c.ledger, "anonymous", agent="ann")


@pytest.mark.rule("RET-03")
def test_a_reservation_is_made_once_for_a_time_and_ends_once(spa):
    with pytest.raises(Conflict, match="source_conflict"):
        spa.tell("2012-02-09", book("V-2", "2012-03-04T09:30"))
    with pytest.raises(Incomplete, match="time_missing"):
        spa.tell("2012-02-09", RecordReservation(reservation="V-3"))
    with pytest.raises(Unknown, match="unknown_reservation"):
        spa.tell("2012-02-09", RecordReservation(reservation="V-3", status="kept"))
    with pytest.raises(RuleNotMet, match="reservation_closed"):
        spa.tell("2012-02-09", RecordReservation(reservation="V-1", status="kept"))
    with pytest.raises(Unknown, match="unknown_code"):
        RecordReservation(reservation="V-2", status="forgotten")


@pytest.mark.rule("RET-03")
def test_the_tier_and_the_points_of_who_calls_are_shown(spa):
    shown = caller_card(spa.ledger, N1, agent="ann").member
    assert (shown.tier, shown.balance) == (None, 28)
    spa.publish(TierRules(tiers={"Basic": Decimal(0), "Gold": Decimal(5_000)}), "2012-01-01")
    spa.at("2012-02-09")
    assert caller_card(spa.ledger, N1, agent="ann").member.tier == "Basic"
