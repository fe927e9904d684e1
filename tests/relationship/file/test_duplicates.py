"""Files that seem to be of one party: certain, probable or possible; and pairs that somebody dismissed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi import Conflict, Invalid, OpenFile, RecordIdentifier, RecordProfileFact, Source, Telling
from guanxi.relationship.file.commands import (
    Contact,
    DismissDuplicate,
    Identity,
    MergeFiles,
    RecordContactPoint,
)
from guanxi.relationship.file.duplicates import Duplicates
from guanxi.relationship.file.names import folded
from tests.kernel.desks import Desk, moment

MOBILE = (Contact(type="mobile", value="13800138000"),)
PRC_ID, CREDIT_CODE = "11010519491231002X", "91350100M000100Y43"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        yield d


def company(desk: Desk, who: str, name: str, region: str | None = "北京", **more: Any) -> None:
    profile = {} if region is None else {"region": region}
    desk.tell(OpenFile(party="organisation", name=name, profile=profile, **more), who=who)


def suspected(desk: Desk, who: str) -> dict[str, dict[str, tuple[str, ...]]]:
    return dict(desk.ledger.history(who).state(Duplicates).suspected)


def listed(desk: Desk, **cut: Any) -> list[tuple[str, ...]]:
    return [tuple(row) for row in desk.ledger.report("core.duplicates", **cut).rows]


@pytest.mark.rule("CORE-12a")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ＡＢＣ（北京）有限公司", "abc(北京)有限公司", True),
        ("ABC  【北京】 有限公司", "abc(北京)有限公司", True),
        ("ABC北京有限公司", "abc(北京)有限公司", False),
        ("Straße AG", "STRASSE ag", True),
    ],
)
def test_names_are_compared_without_width_case_space_and_brackets_form(
    one: str, other: str, same: bool
) -> None:
    assert (folded(one) == folded(other)) is same


@pytest.mark.rule("CORE-12a")
def test_the_same_organisation_in_the_same_region_is_suspected(desk: Desk) -> None:
    company(desk, "O-1", "ＡＢＣ（北京）有限公司")
    company(desk, "O-2", "abc(北京)有限公司")
    assert suspected(desk, "O-2") == {desk.stream("O-1"): {"probable": ("name_and_region",)}}
    assert listed(desk) == [("probable", "O-1", "O-2", "name_and_region")]


@pytest.mark.rule("CORE-12")
def test_the_same_name_elsewhere_or_of_a_person_is_nothing(desk: Desk) -> None:
    company(desk, "O-1", "ABC")
    company(desk, "O-2", "ABC", "上海")
    desk.tell(OpenFile(name="ABC", profile={"region": "北京"}), who="P-1")
    assert listed(desk) == []
    desk.tell(RecordProfileFact(field_name="region", value="北京"), who="O-2")
    assert [row[0] for row in listed(desk)] == ["probable"]


@pytest.mark.rule("CORE-12b")
def test_the_same_mobile_under_another_name_is_possible_only(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", contacts=MOBILE), who="P-1")
    desk.tell(OpenFile(name="王芳", contacts=MOBILE), who="P-2")
    assert suspected(desk, "P-2") == {}
    assert listed(desk) == [("possible", "P-1", "P-2", "mobile")]


@pytest.mark.rule("CORE-12")
def test_the_same_mobile_and_name_are_probable_whichever_comes_last(desk: Desk) -> None:
    desk.tell(OpenFile(name="李 明", contacts=MOBILE), who="P-1")
    desk.tell(OpenFile(name="李明"), who="P-2")
    assert listed(desk) == []
    desk.tell(RecordContactPoint(type="mobile", value="+8613800138000"), who="P-2")
    assert suspected(desk, "P-2") == {desk.stream("P-1"): {"probable": ("mobile_and_name",)}}
    desk.tell(OpenFile(name="不明", contacts=MOBILE), who="P-3")
    desk.tell(RecordProfileFact(field_name="name", value="李明"), who="P-3")
    assert set(suspected(desk, "P-3")) == {desk.stream("P-1"), desk.stream("P-2")}


@pytest.mark.rule("CORE-12")
def test_the_same_name_and_birth_date_are_possible(desk: Desk) -> None:
    for who in ("P-1", "P-2"):
        desk.tell(OpenFile(name="李明", profile={"birth_date": "1980-02-03"}), who=who)
    assert listed(desk) == [("possible", "P-1", "P-2", "name_and_birth_date")]


@pytest.mark.rule("CORE-12b")
def test_a_dismissed_pair_returns_as_certain_on_the_same_credit_code(desk: Desk) -> None:
    company(desk, "O-1", "ABC", identifiers=(Identity(scheme="credit_code", value=CREDIT_CODE),))
    company(desk, "O-2", "ABC")
    desk.tell(DismissDuplicate(other="O-1"), who="O-2", reason="two companies")
    assert suspected(desk, "O-2") == suspected(desk, "O-1") == {}
    assert listed(desk) == []
    desk.tell(RecordProfileFact(field_name="name", value="abc"), who="O-2")
    assert listed(desk) == [], "the same evidence brings nothing back"
    desk.tell(RecordIdentifier(scheme="credit_code", value=CREDIT_CODE), who="O-2", happened=True)
    assert suspected(desk, "O-2") == {desk.stream("O-1"): {"certain": ("credit_code",)}}
    assert listed(desk) == [("certain", "O-1", "O-2", "credit_code")]


@pytest.mark.rule("CORE-12b")
def test_an_order_for_the_same_legal_identifier_is_refused_and_names_the_file(desk: Desk) -> None:
    identifiers = (Identity(scheme="prc_id", value=PRC_ID),)
    desk.tell(OpenFile(name="李明", identifiers=identifiers), who="P-1")
    with pytest.raises(Conflict, match="duplicate_party") as refusal:
        desk.tell(OpenFile(name="李 明", identifiers=identifiers), who="P-2")
    assert refusal.value.facts["held_by"] == desk.stream("P-1")
    assert desk.ledger.find("P-2") is None


@pytest.mark.rule("CORE-95a")
def test_a_closed_file_still_holds_the_identity_card(desk: Desk) -> None:
    from guanxi import CloseRelationship

    identifiers = (Identity(scheme="prc_id", value=PRC_ID),)
    desk.tell(OpenFile(identifiers=identifiers), who="P-1")
    desk.tell(CloseRelationship(reason_code="relocation"), who="P-1")
    with pytest.raises(Conflict, match="duplicate_party"):
        desk.tell(OpenFile(identifiers=identifiers), who="P-2")


@pytest.mark.rule("CORE-12")
def test_a_dismissed_possible_pair_is_not_listed(desk: Desk) -> None:
    for who, name in (("P-1", "李明"), ("P-2", "王芳")):
        desk.tell(OpenFile(name=name, contacts=MOBILE), who=who)
    desk.tell(DismissDuplicate(other="P-1"), who="P-2", reason="a couple")
    assert listed(desk) == []
    with pytest.raises(Invalid, match="link_to_itself"):
        desk.tell(DismissDuplicate(other="P-1"), who="P-1")


@pytest.mark.rule("CORE-12")
@pytest.mark.parametrize(("most", "pairs"), [(4, 6), (3, 3)])
def test_of_many_files_with_one_number_each_is_listed_against_the_first(
    desk: Desk, most: int, pairs: int
) -> None:
    for n in range(4):
        desk.tell(OpenFile(name=f"N{n}", contacts=MOBILE), who=f"P-{n}")
    assert len(listed(desk, most=most)) == pairs


@pytest.mark.rule("CORE-12")
def test_a_merged_pair_is_listed_no_more(desk: Desk) -> None:
    company(desk, "O-1", "ABC")
    company(desk, "O-2", "ABC")
    desk.on("2025-02-01").tell(MergeFiles(absorbed="O-2"), who="O-1")
    assert listed(desk) == []
    assert len(listed(desk, as_of="2025-01-31")) == 1


@pytest.mark.rule("CORE-12")
def test_an_import_finds_duplicates_among_its_own_lines(desk: Desk) -> None:
    lines = [
        Telling(
            subject=f"P-{n}",
            command=OpenFile(name="李明", contacts=MOBILE),
            actor="import",
            occurred_at=moment("2024-12-01"),
            batch="b",
            source=Source("crm", "1", str(n)),
        )
        for n in range(3)
    ]
    desk.ledger.take_in(lines)
    assert [row[:3] for row in listed(desk)] == [
        ("probable", "P-0", "P-1"),
        ("probable", "P-0", "P-2"),
        ("probable", "P-1", "P-2"),
    ]
    assert desk.ledger.check_determinism().same
