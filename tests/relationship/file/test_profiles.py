"""What a file holds: how complete it is, when it is stale, in which roles its party is, and that its number stays."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from guanxi import (
    ERASED,
    CloseRelationship,
    Conflict,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    RuleNotMet,
    Unknown,
)
from guanxi.relationship.file.commands import EndRole, RecordContactPoint, TakeRole, VerifyProfile
from guanxi.relationship.file.completeness import completeness, has
from guanxi.relationship.file.customer_file import CustomerFile
from guanxi.relationship.file.roles import Roles
from guanxi.relationship.file.rules import ProfileRules
from tests.kernel.desks import Desk
from tests.relationship.file.asking import due_items

REQUIRED = tuple(f"f{n:02}" for n in range(1, 21))


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        yield d


def required(desk: Desk, **fields: tuple[str, ...]) -> None:
    desk.ledger.publish(
        ProfileRules(required=dict(fields)), effective_from=desk.now, by="it", approved_by="board"
    )


def care(desk: Desk, **parameters: object) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[2:7] for row in desk.ledger.report("core.file_care", **parameters).rows}


@pytest.mark.rule("CORE-09a")
def test_completeness_is_filled_of_required_and_what_was_erased_is_not_required() -> None:
    known: dict[str, object] = dict.fromkeys(REQUIRED[:19], "x")
    before = completeness(REQUIRED, known)
    assert (len(before.filled), before.required, before.percent) == (19, 20, Decimal(95))
    known["f01"] = ERASED
    after = completeness(REQUIRED, known)
    assert (len(after.filled), after.required) == (18, 19)
    assert after.percent is not None
    assert round(after.percent, 2) == Decimal("94.74")
    kept = completeness(REQUIRED, known, erased_leave=False)
    assert (len(kept.filled), kept.required) == (18, 20)


@pytest.mark.rule("CORE-09a")
def test_the_report_says_how_complete_a_file_is(desk: Desk) -> None:
    required(desk, person=REQUIRED)
    desk.on("2025-01-02").open(on="2025-01-02")
    for name in REQUIRED[:19]:
        desk.tell(RecordProfileFact(field_name=name, value="x"))
    assert care(desk) == {"C-1": (20, 19, Decimal(95), "f20", None)}


@pytest.mark.rule("CORE-09")
def test_what_is_required_goes_by_kind_of_party_and_importance(desk: Desk) -> None:
    rules = ProfileRules(
        required={"person": ("name",), "person/vip": ("name", "contact"), "organisation": ()}
    )
    assert rules.fields_of("person") == ("name",)
    assert rules.fields_of("person", "vip") == ("name", "contact")
    assert rules.fields_of("person", "small") == ("name",)
    assert rules.fields_of("household") == ()
    assert completeness((), {}).percent is None


@pytest.mark.rule("CORE-09")
def test_contact_points_and_identifiers_fill_their_fields(desk: Desk) -> None:
    required(desk, person=("name", "contact", "contact.email", "identifier", "identifier.till"))
    desk.on("2025-01-02").tell(OpenFile(name="李明"), "2025-01-02")
    assert care(desk)["C-1"][1:4] == (1, Decimal(20), "contact, contact.email, identifier, identifier.till")
    desk.tell(RecordContactPoint(type="email", value="a@b.cn"))
    desk.tell(RecordIdentifier(scheme="till", value="T-1"))
    assert care(desk) == {}
    assert care(desk, all_files=True)["C-1"][2] == Decimal(100)


@pytest.mark.rule("CORE-09b")
@pytest.mark.parametrize(
    ("value", "filled", "selected"),
    [
        (None, False, False),
        ("yes", True, True),
        ("no", True, False),
        ("否", True, False),
        (ERASED, False, False),
    ],
)
def test_what_was_never_stated_is_neither_filled_nor_selected(
    value: object, filled: bool, selected: bool
) -> None:
    known = {} if value is None else {"owns_car": value}
    assert ("owns_car" in completeness(("owns_car",), known).filled) is filled
    assert has(known, "owns_car") is selected


@pytest.mark.rule("CORE-10a")
@pytest.mark.parametrize(
    ("as_of", "stale"), [("2025-03-30", False), ("2025-03-31", True), ("2025-04-02", False)]
)
def test_a_file_is_stale_when_a_year_has_come_without_change(as_of: str, stale: bool) -> None:
    with Desk(plugins=[], now="2024-03-31") as desk:
        desk.open(on="2024-03-31", name="李明")
        desk.on("2025-04-02").tell(VerifyProfile(families=("basics",)))
        rows = due_items(desk, "core.stale_file", as_of=as_of)
        assert [r for r in rows if r.state == "open"] == ([] if not stale else rows)
        assert [r.about for r in rows] == ([] if as_of == "2025-03-30" else ["2024-03-31"])


@pytest.mark.rule("CORE-10")
def test_every_change_makes_a_file_fresh_again_and_a_closed_one_is_nobodys_task(desk: Desk) -> None:
    desk.open(on="2025-01-01")
    desk.on("2025-12-31").tell(RecordContactPoint(type="email", value="a@b.cn"))
    assert due_items(desk, "core.stale_file", as_of="2026-12-30") == []
    desk.on("2026-12-31")
    assert [r.about for r in due_items(desk, "core.stale_file")] == ["2025-12-31"]
    assert care(desk)["C-1"][4] == "2025-12-31"
    desk.tell(CloseRelationship(reason_code="relocation"))
    assert due_items(desk, "core.stale_file") == []


@pytest.mark.rule("CORE-10")
def test_an_unknown_field_family_is_refused(desk: Desk) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        VerifyProfile(families=("colours",))


@pytest.mark.rule("CORE-11")
def test_roles_are_dated_and_may_overlap(desk: Desk) -> None:
    desk.open(on="2025-01-01")
    desk.tell(TakeRole(role="end_customer"), "2025-01-01")
    desk.on("2025-03-01").tell(TakeRole(role="guarantor"))
    assert desk.tell(TakeRole(role="guarantor")).entries == ()
    desk.on("2025-05-01").tell(EndRole(role="end_customer"))
    history = desk.ledger.history("C-1")
    found = {
        day: sorted(history.as_of(day).state(Roles).since)
        for day in ("2025-02-01", "2025-04-01", "2025-05-02")
    }
    assert found == {
        "2025-02-01": ["end_customer"],
        "2025-04-01": ["end_customer", "guarantor"],
        "2025-05-02": ["guarantor"],
    }
    with pytest.raises(RuleNotMet, match="role_not_taken"):
        desk.tell(EndRole(role="end_customer"))


@pytest.mark.rule("CORE-11")
def test_the_kind_of_a_party_stays_what_it_was_at_opening(desk: Desk) -> None:
    desk.tell(OpenFile(party="organisation"))
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(OpenFile(party="person"))


@pytest.mark.rule("CORE-11b")
def test_an_account_number_opens_its_old_file_whatever_becomes_of_the_slot(desk: Desk) -> None:
    desk.open("12345", "67890", on="2025-01-01")
    stream = desk.stream("12345")
    desk.tell(CloseRelationship(reason_code="relocation"), who="12345")
    desk.tell(RecordProfileFact(field_name="slot", value="S-7"), who="67890")
    assert desk.stream("12345") == stream
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(OpenFile(name="another"), who="12345")


@pytest.mark.rule("CORE-11b")
def test_neither_a_new_name_nor_a_new_class_changes_the_number(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"), who="12345")
    stream = desk.stream("12345")
    desk.tell(RecordProfileFact(field_name="name", value="李大明"), who="12345")
    desk.tell(RecordProfileFact(field_name="importance", value="vip"), who="12345")
    assert desk.stream("12345") == stream
    assert desk.ledger.history("12345").state(CustomerFile).account == "12345"
    assert [r[0] for r in desk.ledger.report("core.files").rows] == ["12345"]


@pytest.mark.rule("CORE-09")
def test_a_fact_says_whether_it_is_the_first_or_a_change(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明"))
    natures = [
        desk.tell(RecordProfileFact(field_name=field, value=value)).events[0].nature  # type: ignore[attr-defined]
        for field, value in (("name", "李大明"), ("region", "上海"), ("region", "北京"))
    ]
    assert natures == ["change", "initial", "change"]


@pytest.mark.rule("CORE-09")
@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("party", [("person", 2, 3), ("organisation", 1, 3)]),
        ("region", [("not stated", 2, 3), ("上海", 1, 3)]),
        ("source_channel", [("unknown", 3, 3)]),
        ("stage", [("new", 3, 3)]),
    ],
)
def test_basic_elements_foot(desk: Desk, group_by: str, expected: list[tuple[object, ...]]) -> None:
    desk.open("A", "B", on="2025-01-01")
    desk.tell(OpenFile(party="organisation", profile={"region": "上海"}), who="C")
    assert list(desk.ledger.report("core.basic_elements", group_by=group_by).rows) == expected
