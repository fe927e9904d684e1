"""Who is a member, and how the number of members came to be."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi import CloseRelationship
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi.relationship.governance.erasing import erase
from guanxi_retail.membership.commands import IssueMemberCard, LeaveProgramme, RecordReservation
from plugins.retail.tests.membership.club import N1, N2, N3, Club, local


def accounts(c: Club, **cut: str) -> list[str]:
    return [row[0] for row in c.ledger.report("retail.member_register", **cut).rows]


def movement(c: Club, **cut: str) -> dict[str, tuple[int, ...]]:
    """By month: opening, enrolled, set apart, left, merged, erased, closed, closing; months without any left out."""
    rows = c.ledger.report("retail.member_movement", **cut).rows
    return {row[0]: row[1:] for row in rows if any(row[2:-1])}


def counted(c: Club, **more: object) -> tuple[int, ...]:
    result = c.ledger.report("retail.member_register", **more)
    notes = {label.en: text for label, text in result.notes}
    return tuple(int(notes[name]) for name in ("opening", "joined", "ended", "closing"))


@pytest.fixture
def members(club) -> Club:
    c = club().open("A", "B", "C", "D", source_channel="outdoor")
    c.enrol("2012-01-10", "A", N1, source_channel="outdoor")
    c.enrol("2012-02-10", "B", N2)
    c.enrol("2012-02-11", "C", N3)
    c.tell("2012-02-12", IssueMemberCard(card_class="gold"), who="B")
    c.buy("2012-02-20T06:00", "R", ("cosmetics", "12"))
    return c


@pytest.mark.rule("RET-01")
def test_the_register_lists_members_with_number_type_and_last_purchase(members):
    members.rebind("2012-02-25", "13600136000")
    rows = members.ledger.report("retail.member_register").rows
    assert [(*row[:4], *row[5:]) for row in rows] == [
        ("A", "+8613600136000", "李明", "member", date(2012, 1, 10), "outdoor", date(2012, 2, 20), 12),
        ("B", f"+86{N2}", "李明", "gold", date(2012, 2, 10), None, None, 0),
        ("C", f"+86{N3}", "李明", "member", date(2012, 2, 11), None, None, 0),
    ]


@pytest.mark.rule("RET-02")
def test_opening_and_joined_less_ended_is_closing_month_by_month(members):
    members.tell("2012-03-01", LeaveProgramme(), who="C")
    members.tell("2012-03-02", CloseRelationship(reason_code="relocation", exit_kind="natural"), who="A")
    members.at("2012-04-02")
    erase(members.ledger, "B", actor="officer", legal_basis="request")
    members.enrol("2012-04-03", "D", N1)
    assert movement(members) == {
        "2012-01": (0, 1, 0, 0, 0, 0, 0, 1),
        "2012-02": (1, 2, 0, 0, 0, 0, 0, 3),
        "2012-03": (3, 0, 0, 1, 0, 0, 1, 1),
        "2012-04": (1, 1, 0, 0, 0, 1, 0, 1),
    }
    assert accounts(members) == ["D"]
    assert accounts(members, as_of="2012-02-29") == ["A", "B", "C"]
    assert counted(members, since="2012-03-01") == (3, 1, 3, 1)
    assert counted(members) == (0, 4, 3, 1)


@pytest.mark.rule("RET-02")
def test_merged_files_are_one_member_and_two_again_when_set_apart(members):
    members.tell("2012-03-01", MergeFiles(absorbed="B"), who="A")
    assert accounts(members) == ["A", "C"]
    members.tell("2012-03-05", MergeFiles(absorbed="C"), who="D")
    assert accounts(members) == ["A", "D"]
    assert counted(members) == (0, 3, 1, 2)
    members.tell("2012-04-01", UndoMerge(absorbed="B"), who="A")
    members.tell("2012-04-01", LeaveProgramme(), who="D")
    assert accounts(members) == ["A", "B"]
    assert movement(members)["2012-03"] == (3, 0, 0, 0, 1, 0, 0, 2)
    assert movement(members)["2012-04"] == (2, 0, 1, 1, 0, 0, 0, 2)


@pytest.mark.rule("RET-02")
def test_a_membership_entered_late_counts_from_its_own_month(members):
    members.enrol("2012-01-15", "D", "13500135000", known="2012-05-01")
    assert movement(members)["2012-01"][-1] == 2
    assert movement(members, as_known="2012-04-30")["2012-01"][-1] == 1


@pytest.mark.rule("RET-03")
def test_caller_cards_list_what_a_call_would_show(members):
    made = RecordReservation(reservation="V-1", for_time=local("2012-03-03T09:30"), service="facial")
    members.tell("2012-02-26", made)
    rows = {row[0]: row[1:] for row in members.ledger.report("retail.caller_cards").rows}
    assert rows["A"] == (N1, "李明", "member", "made V-1 2012-03-03 09:30", "2012-02-20 R 12.00 CNY")
    assert rows["B"] == (N2, "李明", "gold", "", "")
    (only,) = members.ledger.report("retail.caller_cards", account="B").rows
    assert only[0] == "B"


@pytest.mark.rule("RET-02")
def test_the_whole_view_shows_numbers_card_and_reservations(members):
    members.rebind("2012-02-25", "13600136000", "B")
    members.tell(
        "2012-02-26", RecordReservation(reservation="V-1", for_time=local("2012-03-03T09:30")), who="B"
    )
    view = members.ledger.whole_view("B")
    assert view.section("retail.view_membership").rows == (
        ("card_number", N2, "rebound", date(2012, 2, 10), date(2012, 2, 25)),
        ("card_number", "13600136000", "member", date(2012, 2, 25), None),
        ("card_handed_over", "gold", "form", date(2012, 2, 12), None),
    )
    (booked,) = view.section("retail.view_reservations").rows
    assert booked[:2] == ("V-1", "made")
    members.buy("2012-02-27", "S", ("cosmetics", "500"))
    (*_, due) = members.ledger.whole_view("A").section("retail.view_membership").rows
    assert due == ("card_due", "S", "purchase", date(2012, 2, 27), None)
