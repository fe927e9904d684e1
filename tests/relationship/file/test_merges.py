"""Merging files of one party and undoing it: what is shown, from when, under which id, and that nothing is moved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest

from guanxi import (
    CloseRelationship,
    Conflict,
    CustomerFile,
    Incomplete,
    Invalid,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    RuleNotMet,
    Source,
    Unknown,
    verify,
)
from guanxi.relationship.file.commands import Contact, Identity, MergeFiles, UndoMerge
from guanxi.relationship.file.contacts import ContactPoints
from guanxi.relationship.file.merges import Merges
from guanxi.relationship.file.recognition import look_up
from guanxi.relationship.ownership.commands import AssignMaintainer
from tests.kernel.desks import Desk
from tests.laws import club

PRC_ID, OTHER_ID = "11010519491231002X", "110101199003070038"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[club.parts], now="2025-01-01") as d:
        yield d.open("F1", "F2", "F3", on="2025-01-01")


def spend(desk: Desk, who: str, order: str, amount: int, on: str, *, ref: str | None = None) -> None:
    source = None if ref is None else Source("till", ref, "1")
    desk.on(on).tell(club.Owe(order=order, amount=amount), on, who=who, source=source)


def total(desk: Desk, who: str, as_of: str | None = None, as_known: str | None = None) -> int:
    history = desk.ledger.history(who)
    history = history if as_of is None else history.as_of(as_of)
    history = history if as_known is None else history.as_known(as_known)
    found: int = history.state(club.Account).total
    return found


def merge(desk: Desk, survivor: str, absorbed: str, on: str, **more: object) -> None:
    desk.on(on).tell(MergeFiles(absorbed=absorbed, **more), on, who=survivor, reason="one person")  # type: ignore[arg-type]


def undo(desk: Desk, survivor: str, absorbed: str, on: str) -> None:
    desk.on(on).tell(UndoMerge(absorbed=absorbed), on, who=survivor, reason="two persons")


def sound(desk: Desk) -> None:
    assert verify(desk.ledger.store).clean
    assert desk.ledger.check_determinism().same


@pytest.fixture
def doubled(desk: Desk) -> Desk:
    """F1 spent 100 and F2 60, a purchase of 40 being in both under one reference; merged on 1 May."""
    spend(desk, "F1", "a", 60, "2025-02-01")
    spend(desk, "F1", "b", 40, "2025-02-02", ref="R-1")
    spend(desk, "F2", "c", 20, "2025-03-01")
    spend(desk, "F2", "b", 40, "2025-03-02", ref="R-1")
    merge(desk, "F1", "F2", "2025-05-01")
    return desk


@pytest.mark.rule("CORE-13a")
def test_a_merge_shows_both_and_counts_one_reference_once(doubled: Desk) -> None:
    assert (total(doubled, "F1", "2025-04-30"), total(doubled, "F2", "2025-04-30")) == (100, 60)
    assert total(doubled, "F1", "2025-05-01") == 120
    assert total(doubled, "F1", "2025-05-01", "2025-04-30") == 100
    sound(doubled)


@pytest.mark.rule("CORE-13b")
def test_an_undone_merge_gives_each_entry_back_to_the_file_whose_id_it_carries(doubled: Desk) -> None:
    spend(doubled, "F2", "d", 30, "2025-05-10")
    spend(doubled, "F1", "e", 20, "2025-05-12")
    undo(doubled, "F1", "F2", "2025-05-20")
    assert (total(doubled, "F1", "2025-05-25"), total(doubled, "F2", "2025-05-25")) == (120, 90)
    assert total(doubled, "F1", "2025-05-15") == 170
    assert total(doubled, "F1", "2025-05-25", "2025-05-19") == 170
    sound(doubled)


@pytest.mark.rule("CORE-13")
def test_a_reference_that_comes_again_after_the_merge_counts_once_too(doubled: Desk) -> None:
    spend(doubled, "F1", "f", 7, "2025-05-02", ref="R-2")
    spend(doubled, "F2", "f", 7, "2025-05-03", ref="R-2")
    spend(doubled, "F2", "g", 5, "2025-05-04", ref="R-3")
    spend(doubled, "F1", "g", 5, "2025-05-05", ref="R-3")
    assert total(doubled, "F1") == 132
    undo(doubled, "F1", "F2", "2025-05-20")
    assert (total(doubled, "F1"), total(doubled, "F2")) == (112, 72)
    sound(doubled)


@pytest.mark.rule("CORE-13")
def test_what_was_drawn_from_an_entry_that_counts_here_already_is_not_shown(desk: Desk) -> None:
    spend(desk, "F1", "x", 150, "2025-02-01", ref="R-1")
    spend(desk, "F2", "x", 150, "2025-02-01", ref="R-1")
    assert desk.ledger.history("F2").state(club.Account).held == ["x"]
    merge(desk, "F1", "F2", "2025-05-01")
    account = desk.ledger.history("F1").state(club.Account)
    assert (account.total, account.held) == (150, ["x"])
    sound(desk)


@pytest.mark.rule("CORE-13c")
def test_a_merge_of_two_maintained_files_names_the_one_who_stays(desk: Desk) -> None:
    for who, person in (("F1", "Wang"), ("F2", "Zhao")):
        desk.tell(AssignMaintainer(person=person), who=who)
    with pytest.raises(Incomplete, match="maintainer_choice_missing"):
        merge(desk, "F1", "F2", "2025-05-01")
    assert desk.ledger.history("F1").state(Merges).absorbed == {}
    merge(desk, "F1", "F2", "2025-05-01", maintainer="Zhao")
    assert desk.ledger.history("F1").state(Merges).responsible == "Zhao"
    undo(desk, "F1", "F2", "2025-05-20")
    assert [desk.ledger.history(w).state(Merges).responsible for w in ("F1", "F2")] == ["Wang", "Zhao"]


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("maintained", ["F1", "F2"])
def test_one_maintainer_needs_no_choice(desk: Desk, maintained: str) -> None:
    desk.tell(AssignMaintainer(person="Wang"), who=maintained)
    merge(desk, "F1", "F2", "2025-05-01")


@pytest.mark.rule("CORE-13c")
def test_nothing_merges_with_itself_or_with_another_kind_of_party(desk: Desk) -> None:
    desk.tell(OpenFile(party="organisation"), who="O")
    before = desk.count()
    with pytest.raises(Invalid, match="merge_into_itself"):
        merge(desk, "F1", "F1", "2025-05-01")
    with pytest.raises(RuleNotMet, match="merge_kinds_differ"):
        merge(desk, "F1", "O", "2025-05-01")
    with pytest.raises(Unknown, match="unknown_relationship"):
        merge(desk, "F1", "nobody", "2025-05-01")
    assert desk.count() == before


@pytest.mark.rule("CORE-13c")
def test_an_absorbed_id_leads_to_the_survivor_and_after_the_undoing_to_its_own_file(desk: Desk) -> None:
    merge(desk, "F1", "F2", "2025-05-01")
    found = look_up(desk.ledger, "F2")
    assert (found.account, found.stream, found.merged_from) == ("F1", desk.stream("F1"), "F2")
    assert found.note is not None
    assert found.note.en == "F2 is merged into F1"
    undo(desk, "F1", "F2", "2025-05-20")
    assert look_up(desk.ledger, "F2").account == "F2"
    assert look_up(desk.ledger, "F2").note is None
    assert look_up(desk.ledger, "F2", at="2025-05-10").account == "F1"
    with pytest.raises(Unknown, match="unknown_relationship"):
        look_up(desk.ledger, "nobody")


@pytest.mark.rule("CORE-13d")
def test_of_two_merges_of_one_pair_the_first_recorded_counts(desk: Desk) -> None:
    merge(desk, "F1", "F2", "2025-05-01")
    with pytest.raises(Conflict, match="already_merged"):
        merge(desk, "F2", "F1", "2025-05-01")
    with pytest.raises(Conflict, match="already_merged"):
        merge(desk, "F1", "F2", "2025-05-01")
    assert desk.ledger.history("F1").state(Merges).into is None


@pytest.mark.rule("CORE-13d")
def test_an_absorbed_file_is_merged_no_further(desk: Desk) -> None:
    merge(desk, "F2", "F1", "2025-05-01")
    with pytest.raises(Conflict, match="already_merged"):
        merge(desk, "F3", "F1", "2025-05-02")
    with pytest.raises(Conflict, match="already_merged"):
        merge(desk, "F1", "F3", "2025-05-02")


@pytest.mark.rule("CORE-13")
def test_a_merge_told_late_does_not_overlap_a_later_one(desk: Desk) -> None:
    merge(desk, "F1", "F2", "2025-05-10")
    desk.on("2025-06-01")
    with pytest.raises(RuleNotMet, match="contradicts_later_entry"):
        desk.tell(MergeFiles(absorbed="F2"), "2025-05-01", who="F3", reason="told late")


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("order", list(permutations(("F2", "F3"))))
def test_merges_are_undone_in_any_order(desk: Desk, order: tuple[str, str]) -> None:
    for who, amount in (("F1", 10), ("F2", 20), ("F3", 40)):
        spend(desk, who, who, amount, "2025-02-01")
    merge(desk, "F1", "F2", "2025-05-01")
    merge(desk, "F1", "F3", "2025-05-02")
    assert total(desk, "F1") == 70
    undo(desk, "F1", order[0], "2025-05-20")
    assert total(desk, "F1") == 70 - {"F2": 20, "F3": 40}[order[0]]
    undo(desk, "F1", order[1], "2025-05-21")
    assert [total(desk, w) for w in ("F1", "F2", "F3")] == [10, 20, 40]
    assert total(desk, "F1", "2025-05-15") == 70
    sound(desk)


@pytest.mark.rule("CORE-13")
@pytest.mark.parametrize("first", ["inner", "outer"])
def test_a_survivor_brings_along_what_it_absorbed_and_either_is_undone_first(desk: Desk, first: str) -> None:
    for who, amount in (("F1", 10), ("F2", 20), ("F3", 40)):
        spend(desk, who, who, amount, "2025-02-01")
    merge(desk, "F1", "F2", "2025-05-01")
    merge(desk, "F3", "F1", "2025-05-02")
    assert [total(desk, w) for w in ("F1", "F2", "F3")] == [30, 20, 70]
    assert look_up(desk.ledger, "F2").account == "F3"
    spend(desk, "F2", "late", 1, "2025-05-10")
    assert [total(desk, w) for w in ("F1", "F2", "F3")] == [31, 21, 71]
    if first == "inner":
        undo(desk, "F1", "F2", "2025-05-20")
        assert [total(desk, w) for w in ("F1", "F2", "F3")] == [10, 21, 50]
        undo(desk, "F3", "F1", "2025-05-21")
    else:
        undo(desk, "F3", "F1", "2025-05-20")
        assert [total(desk, w) for w in ("F1", "F2", "F3")] == [31, 21, 40]
        undo(desk, "F1", "F2", "2025-05-21")
    assert [total(desk, w) for w in ("F1", "F2", "F3")] == [10, 21, 40]
    assert total(desk, "F3", "2025-05-15") == 71
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_a_file_may_be_merged_again_after_the_undoing(desk: Desk) -> None:
    spend(desk, "F2", "a", 20, "2025-02-01")
    merge(desk, "F1", "F2", "2025-05-01")
    undo(desk, "F1", "F2", "2025-05-20")
    with pytest.raises(Unknown, match="not_merged"):
        undo(desk, "F1", "F2", "2025-05-21")
    merge(desk, "F3", "F2", "2025-06-01")
    assert [total(desk, w) for w in ("F1", "F3")] == [0, 20]
    undo(desk, "F3", "F2", "2025-06-10")
    merge(desk, "F1", "F2", "2025-06-20")
    assert total(desk, "F1") == 20
    assert [tuple(r)[1:3] for r in desk.ledger.report("core.merges").rows] == [
        ("F1", "F2"),
        ("F3", "F2"),
        ("F1", "F2"),
    ]
    assert [r[3] is None for r in desk.ledger.report("core.merges").rows] == [False, False, True]


@pytest.mark.rule("CORE-13")
def test_field_choices_say_whose_value_stands(desk: Desk) -> None:
    for who, region, post in (("F1", "上海", "clerk"), ("F2", "北京", "chief")):
        desk.tell(RecordProfileFact(field_name="region", value=region), who=who)
        desk.tell(RecordProfileFact(field_name="post", value=post), who=who)
    desk.tell(RecordProfileFact(field_name="colour", value="red"), who="F2")
    before = {w: desk.ledger.history(w).state(CustomerFile).profile for w in ("F1", "F2")}
    merge(desk, "F1", "F2", "2025-05-01", choices={"region": "absorbed", "post": "survivor"})
    profile = desk.ledger.history("F1").state(CustomerFile).profile
    assert profile == {"region": "北京", "post": "clerk", "colour": "red"}
    desk.on("2025-05-05").tell(RecordProfileFact(field_name="post", value="head"), who="F2")
    assert desk.ledger.history("F1").state(CustomerFile).profile["post"] == "head"
    undo(desk, "F1", "F2", "2025-05-20")
    after = {w: desk.ledger.history(w).state(CustomerFile).profile for w in ("F1", "F2")}
    assert after == {"F1": before["F1"], "F2": {**before["F2"], "post": "head"}}
    sound(desk)


@pytest.mark.rule("CORE-13")
def test_undoing_restores_both_files_exactly(desk: Desk) -> None:
    mobile = (Contact(type="mobile", value="13800138000"),)
    desk.tell(OpenFile(name="李明", contacts=mobile), who="A")
    desk.tell(OpenFile(name="李大明", contacts=(Contact(type="email", value="a@b.cn"), *mobile)), who="B")
    before = {w: desk.ledger.history(w).values() for w in ("A", "B")}
    merge(desk, "A", "B", "2025-05-01", choices={"name": "absorbed"})
    points = desk.ledger.history("A").state(ContactPoints)
    assert points.kinds == ["email", "mobile"]
    assert len(points.active) == 2
    undo(desk, "A", "B", "2025-05-20")
    after = {w: desk.ledger.history(w).values() for w in ("A", "B")}
    differing = {w: [k for k in before[w] if before[w][k] != after[w][k]] for w in before}
    assert differing == {"A": [], "B": []}


@pytest.mark.rule("CORE-95")
def test_the_survivor_has_the_claims_of_both_and_undoing_gives_them_back(desk: Desk) -> None:
    desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID), who="F2")
    with pytest.raises(Conflict, match="duplicate_party"):
        desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID), who="F1")
    merge(desk, "F1", "F2", "2025-05-01")
    desk.tell(RecordIdentifier(scheme="passport", value="E1"), who="F1")
    assert desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID), who="F1").entries == ()
    assert len(desk.tell(RecordIdentifier(scheme="passport", value="E1"), who="F2").entries) == 1
    with pytest.raises(Conflict, match="duplicate_party"):
        desk.tell(OpenFile(identifiers=(Identity(scheme="prc_id", value=PRC_ID),)), who="X")
    undo(desk, "F1", "F2", "2025-05-20")
    with pytest.raises(Conflict, match="duplicate_party"):
        desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID), who="F1")
    assert desk.ledger.find_by("core.identifier.prc_id", PRC_ID) == [desk.stream("F2")]
    assert desk.ledger.find_by("core.identifier.passport", "E1") == [desk.stream("F1")]


@pytest.mark.rule("CORE-13")
def test_a_closed_file_can_be_absorbed_and_released(desk: Desk) -> None:
    desk.tell(CloseRelationship(reason_code="relocation"), who="F2")
    merge(desk, "F1", "F2", "2025-05-01")
    assert desk.ledger.history("F1").state(CustomerFile).status == "open"
    undo(desk, "F1", "F2", "2025-05-20")


@pytest.mark.rule("CORE-13")
def test_a_merge_entered_late_shows_from_its_day_as_known_later(desk: Desk) -> None:
    spend(desk, "F2", "a", 20, "2025-02-01")
    desk.on("2025-06-01").tell(MergeFiles(absorbed="F2"), "2025-05-01", who="F1", reason="found late")
    assert (total(desk, "F1", "2025-04-30"), total(desk, "F1", "2025-05-02")) == (0, 20)
    assert total(desk, "F1", "2025-05-02", "2025-05-31") == 0
    sound(desk)
