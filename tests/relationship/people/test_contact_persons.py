"""Contact persons: dated, with their roles; key persons, whose change is reviewed and whose absence is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Unknown
from guanxi.relationship.care.events import GatheringAttended
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.people.cadences import key_person_meeting, key_person_missing, key_person_review
from guanxi.relationship.people.commands import NameContactPerson, RecordContactPersonLeft
from guanxi.relationship.people.contact_persons import ContactPersons
from guanxi.relationship.pipeline.events import ActionRecorded
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

LI = NameContactPerson(person="li", name="李", decision_role="decides", key_person=True)
WANG = NameContactPerson(person="wang", name="王", decision_role="decides", key_person=True)


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2024-01-01") as d:
        d.open("C-1", on="2023-12-31", party="organisation")
        d.tell(LI)
        d.on("2025-07-01").tell(RecordContactPersonLeft(person="li", successor="wang"))
        yield d


def key_persons(desk: FactDesk, as_of: str, known: str | None = None) -> tuple[str, ...]:
    found: ContactPersons = desk.state(ContactPersons, as_of, known)
    return found.key_persons


@pytest.mark.rule("CORE-18a")
def test_key_persons_are_dated(desk: FactDesk) -> None:
    desk.tell(WANG)
    assert key_persons(desk, "2025-06-30") == ("li",)
    assert key_persons(desk, "2025-07-01") == ("wang",)


@pytest.mark.rule("CORE-18a")
def test_a_change_of_key_person_is_to_be_reviewed_within_ten_working_days(desk: FactDesk) -> None:
    desk.tell(WANG)
    items = desk.due(key_person_review, "2025-07-15")
    assert list(items) == ["2025-07-01"]
    item = items["2025-07-01"]
    assert (item.since, item.until) == (moment("2025-07-01T10:00"), moment("2025-07-16T00:00"))
    assert item.state(moment("2025-07-15T23:59")) == "open"
    assert item.state(moment("2025-07-16T00:00")) == "overdue"


@pytest.mark.rule("CORE-18a")
@pytest.mark.parametrize(
    ("on", "bulk", "state"),
    [("2025-07-10", False, "done"), ("2025-07-18", False, "late"), ("2025-07-10", True, "overdue")],
)
def test_the_review_is_done_by_an_action(desk: FactDesk, on: str, bulk: bool, state: str) -> None:
    desk.tell(WANG)
    desk.fact(on, ActionRecorded(kind="visit", two_way=True, bulk=bulk))
    item = desk.due(key_person_review, "2025-07-20")["2025-07-01"]
    assert item.state(moment("2025-07-20T23:59")) == state


@pytest.mark.rule("CORE-18")
def test_what_was_done_before_the_change_reviews_nothing(desk: FactDesk) -> None:
    desk.fact("2025-06-30", ActionRecorded(kind="visit", two_way=True), known="2025-07-01")
    assert desk.due(key_person_review, "2025-07-20")["2025-07-01"].state(moment("2025-07-20")) == "overdue"


@pytest.mark.rule("CORE-18b")
def test_a_corrected_start_shows_both_from_then_on_as_known_later(desk: FactDesk) -> None:
    entered = desk.tell(WANG)
    desk.on("2025-07-10")
    desk.ledger.correct(
        entered.entries[0].id,
        actor="clerk",
        reason="he began earlier",
        effective_from=moment("2025-06-15T00:00"),
    )
    assert key_persons(desk, "2025-06-20", "2025-07-01") == ("li",)
    assert key_persons(desk, "2025-06-20", "2025-07-10") == ("li", "wang")


@pytest.mark.rule("CORE-18")
def test_the_first_key_person_is_no_change_and_another_contact_person_is_none_either(desk: FactDesk) -> None:
    desk.on("2025-08-01").tell(NameContactPerson(person="zhao", decision_role="buys"))
    desk.on("2025-08-02").tell(NameContactPerson(person="zhao", decision_role="buys", post="buyer"))
    assert list(desk.due(key_person_review, "2025-08-10")) == ["2025-07-01"]
    desk.on("2025-08-11").tell(NameContactPerson(person="zhao", decision_role="decides", key_person=True))
    assert list(desk.due(key_person_review, "2025-08-12")) == ["2025-07-01", "2025-08-11"]


@pytest.mark.rule("CORE-18")
def test_what_is_known_of_a_contact_person_can_be_said_anew(desk: FactDesk) -> None:
    wang = NameContactPerson(person="wang", post="director", preferences="tea", worries="late parts")
    desk.tell(WANG)
    desk.on("2025-07-02").tell(wang)
    found = desk.state(ContactPersons).by_id["wang"]
    assert (found.post, found.preferences, found.worries) == ("director", "tea", "late parts")
    assert found.since == moment("2025-07-01")


@pytest.mark.rule("CORE-18")
def test_what_somebody_does_in_decisions_is_unknown_until_it_is_said(desk: FactDesk) -> None:
    desk.on("2025-08-01").tell(NameContactPerson(person="zhao", post="buyer"))
    found = desk.state(ContactPersons).by_id["zhao"]
    assert (found.decision_role, found.key_person) == (None, False)
    desk.on("2025-08-02").tell(NameContactPerson(person="zhao", post="buyer", decision_role="uses"))
    assert desk.state(ContactPersons).by_id["zhao"].decision_role == "uses"


@pytest.mark.rule("CORE-18")
def test_who_is_no_contact_person_cannot_leave_and_codes_are_checked(desk: FactDesk) -> None:
    with pytest.raises(Unknown, match="unknown_contact_person"):
        desk.tell(RecordContactPersonLeft(person="nobody"))
    with pytest.raises(Unknown, match="unknown_code"):
        NameContactPerson(person="x", decision_role="dances")  # type: ignore[arg-type]


# A key person for every important organisation, and yearly meetings with them


def important(grade: str, since: str) -> ClassStated:
    return ClassStated(plugin="bank", scheme="four_class", grade=grade, since=date.fromisoformat(since))


@pytest.mark.rule("CORE-18")
@pytest.mark.parametrize(
    ("party", "grade", "gap"),
    [
        ("organisation", "vip", True),
        ("organisation", "main", True),
        ("organisation", "ordinary", False),
        ("person", "vip", False),
    ],
)
def test_an_important_organisation_without_a_key_person_is_a_gap(party: str, grade: str, gap: bool) -> None:
    with FactDesk(now="2025-03-01") as desk:
        desk.open("C-1", on="2025-01-01", party=party)
        desk.fact("2025-03-01", important(grade, "2025-03-01"))
        items = desk.due(key_person_missing, "2025-03-10")
        assert list(items) == (["2025-03-01"] if gap else [])


@pytest.mark.rule("CORE-18")
def test_the_gap_is_filled_by_a_key_person_and_opens_again_when_he_leaves() -> None:
    with FactDesk(now="2025-03-01") as desk:
        desk.open("C-1", on="2025-01-01", party="organisation")
        desk.fact("2025-03-01", important("vip", "2025-03-01"))
        desk.on("2025-03-05").tell(NameContactPerson(person="zhao", decision_role="buys"))
        desk.on("2025-03-10").tell(LI)
        desk.on("2025-04-01").tell(RecordContactPersonLeft(person="li"))
        items = desk.due(key_person_missing, "2025-04-02")
        assert {n: (i.since, i.done_at) for n, i in items.items()} == {
            "2025-03-01": (moment("2025-03-01T00:00"), moment("2025-03-10")),
            "2025-04-01": (moment("2025-04-01"), None),
        }


@pytest.mark.rule("CORE-18")
def test_who_had_a_key_person_when_he_became_important_has_no_gap(desk: FactDesk) -> None:
    desk.tell(WANG)
    desk.fact("2025-08-01", important("vip", "2025-08-01"))
    assert desk.due(key_person_missing, "2025-08-02") == {}


@pytest.mark.rule("CORE-18")
def test_key_persons_are_met_at_a_summit_and_visited_every_calendar_year(desk: FactDesk) -> None:
    met = GatheringAttended(gathering="G", kind="summit", held_on=date(2025, 5, 6))
    desk.fact("2025-07-01T11:00", met)
    desk.tell(WANG)
    states = {
        n: i.state(moment("2025-12-31T23:59")) for n, i in desk.due(key_person_meeting, "2025-12-31").items()
    }
    assert states == {
        "summit/2024": "not_done",
        "mutual_visit/2024": "not_done",
        "summit/2025": "done",
        "mutual_visit/2025": "open",
    }


@pytest.mark.rule("CORE-18")
def test_a_year_without_any_key_person_asks_for_no_meeting(desk: FactDesk) -> None:
    assert "summit/2026" not in desk.due(key_person_meeting, "2026-02-01")
