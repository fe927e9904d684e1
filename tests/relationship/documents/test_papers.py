"""Papers: the contents list, the gate, filing rates, loans, and what may be destroyed when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from guanxi import (
    CloseRelationship,
    Conflict,
    Incomplete,
    Invalid,
    NotPermitted,
    ReopenRelationship,
    RuleNotMet,
    Telling,
    Unknown,
)
from guanxi.relationship.documents.cadences import destruction_review, document_filing, loan_return
from guanxi.relationship.documents.commands import (
    ApproveDestruction,
    DestroyDocument,
    ExpectDocument,
    HandInDocument,
    IssueCatalogue,
    LendDocument,
    LiftLegalHold,
    PlaceLegalHold,
    ReturnDocument,
    ShelveDocument,
)
from guanxi.relationship.documents.papers import Papers
from guanxi.relationship.documents.reports import rate
from guanxi.relationship.documents.rules import BorrowingRules, FilingRules, IntakeRules, RetentionRules
from guanxi.relationship.pipeline.events import ContractSigned
from tests.relationship.grading.grading_desks import Room, cny


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2025-01-01") as d:
        yield d.open()


def paper(
    document: str = "D1", formed_on: str = "2025-01-10", pages: int = 1, kind: str = "form", **fields: Any
) -> Any:
    return HandInDocument(
        document=document, document_type=kind, formed_on=date.fromisoformat(formed_on), pages=pages, **fields
    )


def catalogue(room: Room, **cut: Any) -> list[tuple[str, int, int]]:
    found = room.ledger.report("core.catalogue", **cut)
    names = [c.name for c in found.columns]
    rows = [dict(zip(names, row, strict=True)) for row in found.rows]
    return [(r["document"], r["first_page"], r["last_page"]) for r in rows]


# ---------------------------------------------------------------- catalogue


@pytest.mark.rule("CORE-62a")
def test_pages_are_numbered_for_every_cut(room: Room) -> None:
    room.on("2025-02-28").tell(paper("D1", "2025-01-10", 3))
    room.tell(paper("D2", "2025-02-20", 2))
    room.on("2025-03-05").tell(paper("D3", "2025-01-25", 4))
    assert catalogue(room, as_known="2025-03-01") == [("D1", 1, 3), ("D2", 4, 5)]
    assert catalogue(room, as_known="2025-03-05") == [("D1", 1, 3), ("D3", 4, 7), ("D2", 8, 9)]


@pytest.mark.rule("CORE-62b")
def test_a_paper_is_never_replaced_but_a_newer_version_stands_beside_it(room: Room) -> None:
    for number in ("D1", "D2", "D3"):
        room.tell(paper(number))
    with pytest.raises(RuleNotMet, match="history_immutable"):
        room.tell(paper("D1", pages=2))
    room.tell(paper("D4", supersedes="D1"))
    rows = {r["document"]: r for r in room.rows("core.catalogue")}
    assert (rows["D4"]["supersedes"], rows["D1"]["superseded_by"]) == ("D1", "D4")
    with pytest.raises(Unknown, match="unknown_document"):
        room.tell(paper("D5", supersedes="D9"))


@pytest.mark.rule("CORE-62")
def test_an_issued_list_can_be_issued_again_unchanged(room: Room) -> None:
    room.tell(paper("D2", "2025-02-20", 2))
    room.tell(IssueCatalogue(catalogue="L-1"))
    before = room.ledger.report("core.catalogue", as_of=room.now, catalogue="L-1")
    room.on("2025-03-05").tell(paper("D1", "2025-01-25", 4))
    assert room.ledger.report("core.catalogue", as_of=room.now, catalogue="L-1").rows == before.rows
    assert catalogue(room) == [("D1", 1, 4), ("D2", 5, 6)]


@pytest.mark.rule("CORE-62")
def test_papers_of_one_day_stand_in_order_of_entry_and_files_by_account_number(room: Room) -> None:
    room.open("B-1", "A-1")
    for who, number in (("B-1", "Z"), ("B-1", "Y"), ("A-1", "X")):
        room.tell(paper(number), who=who)
    assert [r["document"] for r in room.rows("core.catalogue")] == ["X", "Z", "Y"]
    assert [r["document"] for r in room.rows("core.catalogue", account="B-1")] == ["Z", "Y"]


@pytest.mark.rule("CORE-95")
def test_a_papers_number_is_its_own_for_ever(room: Room) -> None:
    room.open("C-2")
    room.tell(paper("D1"))
    with pytest.raises(Conflict):
        room.tell(paper("D1"), who="C-2")


# ---------------------------------------------------------------- gate


@pytest.mark.rule("CORE-63a")
def test_a_contract_without_signature_is_kept_as_rejected_and_taken_in_once_signed(room: Room) -> None:
    contract = {"kind": "contract", "title": "supply"}
    with pytest.raises(Incomplete, match=r"intake_rejected.*signature") as refused:
        room.tell(paper("K-1", **contract))
    assert "缺少签字" in refused.value.zh
    (rejected,) = room.events("core.document_rejected")
    assert rejected.event.faults == ("signature: customer", "signature: firm")
    assert catalogue(room) == []
    room.tell(paper("K-1", **contract, signatures=("customer", "firm")))
    assert len(room.events("core.document_rejected")) == len(room.events("core.document_accepted")) == 1


@pytest.mark.rule("CORE-63a")
def test_a_permanent_form_on_thermal_paper_is_rejected_and_printed_it_is_taken(room: Room) -> None:
    with pytest.raises(Incomplete, match=r"intake_rejected.*paper"):
        room.tell(paper("F-1", medium="thermal_paper", retention_class="permanent"))
    room.tell(paper("F-1", medium="printed", retention_class="permanent"))
    assert [line.event.document for line in room.events("core.document_accepted")] == ["F-1"]


@pytest.mark.rule("CORE-63")
@pytest.mark.parametrize("medium", ["thermal_paper", "pencil", "ball_point", "pure_blue_ink", "carbon_copy"])
@pytest.mark.parametrize(
    ("retention_class", "taken"), [("permanent", False), ("long_term", False), ("short", True)]
)
def test_what_does_not_last_is_taken_for_short_keeping_alone(
    room: Room, medium: str, retention_class: str, taken: bool
) -> None:
    room.publish(RetentionRules(classes={"form": (retention_class,)}, periods={retention_class: 30}))
    if taken:
        room.tell(paper(medium=medium))
    else:
        with pytest.raises(Incomplete, match="intake_rejected"):
            room.tell(paper(medium=medium))


@pytest.mark.rule("CORE-63")
def test_fields_and_enclosures_are_checked_against_the_scope(room: Room) -> None:
    papers = ("basic_card", "consumption_assessment", "contract_copy", "sales_statistics")
    room.publish(IntakeRules(fields={"form": ("name", "date")}, enclosures={"supplier_file": papers}))
    with pytest.raises(Incomplete, match="fields: date"):
        room.tell(paper(filled=("name",)))
    room.tell(paper(filled=("date", "name")))
    with pytest.raises(Incomplete, match="enclosure: sales_statistics"):
        room.tell(paper("S-1", kind="supplier_file", enclosed=papers[:3]))
    room.tell(paper("S-1", kind="supplier_file", enclosed=papers))


@pytest.mark.rule("CORE-63")
def test_a_copy_of_an_identity_paper_is_taken_after_verification_alone(room: Room) -> None:
    with pytest.raises(Incomplete, match="verification"):
        room.tell(paper(kind="id_card", is_copy=True))
    room.tell(paper(kind="id_card", is_copy=True, verified=True))


@pytest.mark.rule("CORE-63")
def test_a_paper_made_after_its_event_is_kept_and_marked(room: Room) -> None:
    room.on("2025-03-01").tell(paper(formed_on="2025-02-10", event_on=date(2025, 2, 1)))
    assert room.rows("core.catalogue")[0]["flag"] == "made_later"


@pytest.mark.rule("CORE-63")
@pytest.mark.parametrize("fields", [{"pages": 0}, {"document": " "}, {"supersedes": ""}])
def test_a_paper_without_number_or_pages_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        paper(**fields)


@pytest.mark.rule("CORE-63")
def test_an_imported_hand_in_that_fails_is_kept_as_rejected_too(room: Room) -> None:
    telling = Telling(subject="C-1", command=paper(kind="contract"), actor="import", batch="scan")
    for _ in range(2):
        (verdict,) = room.ledger.take_in([telling])
        assert verdict.refusal is not None
        assert verdict.refusal.code == "intake_rejected"
    assert room.events("core.document_rejected")
    assert room.events("core.document_accepted") == []


# ---------------------------------------------------------------- filing


@pytest.mark.rule("CORE-64a")
@pytest.mark.parametrize(
    ("accepted", "due", "shown", "meets"),
    [
        (98, 100, "98.00", True),
        (979, 1000, "97.90", False),
        (24_499, 25_000, "98.00", False),
        (0, 0, None, None),
    ],
)
def test_rates_are_compared_unrounded(accepted: int, due: int, shown: str | None, meets: bool | None) -> None:
    found = rate(accepted, due)
    assert (None if found is None else f"{found:.2f}") == shown
    assert FilingRules().meets(accepted, due) is meets
    if accepted == 24_499:
        assert str(found) == "97.996"


@pytest.mark.rule("CORE-64b")
def test_a_paper_is_missing_until_it_is_filed_late(room: Room) -> None:
    room.publish(FilingRules(scope={"contract_signed": ("contract",)}))
    room.on("2025-03-01").happen(ContractSigned(contract="K", amount=cny(100)))
    room.on("2025-04-05").tell(paper(kind="contract", signatures=("customer", "firm")))
    first = room.rows("core.filing", "2025-03-31")[-1]
    assert (first["due"], first["missing"], first["late"]) == (1, 1, 0)
    then = room.rows("core.filing", "2025-04-05")[-1]
    assert (then["due"], then["accepted"], then["late"], then["missing"]) == (1, 1, 1, 0)
    assert room.rows("core.filing", "2025-03-30")[-1]["rate"] is None
    key = "contract/2025-03-01"
    assert room.due(document_filing, "2025-03-31")[key][1] == "open"
    assert room.due(document_filing, "2025-04-01")[key][1] == "overdue"
    assert room.due(document_filing, "2025-04-05")[key][1] == "late"


@pytest.mark.rule("CORE-64")
def test_what_does_not_apply_is_not_missing_and_a_plugin_may_set_another_day(room: Room) -> None:
    room.publish(FilingRules(scope={"contract_signed": ("contract", "minutes")}))
    room.on("2025-03-01").happen(ContractSigned(contract="K", amount=cny(100)))
    room.tell(ExpectDocument(document_type="minutes", event_on=date(2025, 3, 1), applies=False))
    room.tell(ExpectDocument(document_type="contract", event_on=date(2025, 3, 1), due_on=date(2025, 3, 10)))
    room.tell(ExpectDocument(document_type="card", event_on=date(2025, 3, 1)))
    room.on("2025-03-31")
    found = room.due(document_filing, "2025-03-31")
    assert {key: item.until.date() for key, (item, _) in found.items()} == {
        "card/2025-03-01": date(2025, 4, 1),
        "contract/2025-03-01": date(2025, 3, 11),
    }


@pytest.mark.rule("CORE-64")
def test_both_rates_are_told_below_the_report(room: Room) -> None:
    room.open("C-2", "C-3")
    day = date(2025, 1, 1)
    for who, accepted in (("C-1", 2), ("C-2", 1)):
        for n in range(2):
            room.tell(ExpectDocument(document_type=f"t{n}", event_on=day), who=who)
            if n < accepted:
                room.tell(paper(f"{who}-{n}", kind=f"t{n}", event_on=day), who=who)
    with pytest.raises(Incomplete):
        room.tell(paper("x", kind="contract"), who="C-2")
    room.on("2025-03-01")
    found = room.ledger.report("core.filing")
    assert [text for _, text in found.notes[:2]] == ["3 / 4 = 75.00 % < 98 %", "1 / 2 = 50.00 % < 98 %"]
    rows = {r["account"]: r for r in room.rows("core.filing")}
    assert (rows["C-1"]["complete"], rows["C-2"]["complete"], rows["C-3"]["complete"]) == ("yes", "no", None)
    assert rows["Σ"]["rejected"] == 1


# ---------------------------------------------------------------- loans


@pytest.fixture
def shelf(room: Room) -> Room:
    room.publish(BorrowingRules(borrowers=("li", "wang")))
    room.tell(paper("D1"))
    return room.on("2025-05-01")


def loan(number: str = "L-1", borrower: str = "li", **fields: Any) -> LendDocument:
    told = {"document": "D1", "purpose": "audit", "signature": "Li", **fields}
    return LendDocument(loan=number, borrower=borrower, **told)


@pytest.mark.rule("CORE-65a")
def test_lending_needs_a_signature_a_free_original_and_an_authorised_borrower(shelf: Room) -> None:
    with pytest.raises(Incomplete, match="signature_missing"):
        shelf.tell(loan(signature=None))
    shelf.tell(loan())
    with pytest.raises(Conflict, match=r"on_loan.*li"):
        shelf.tell(loan("L-2", "wang"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        shelf.tell(loan("L-3", "zhao", original=False))


@pytest.mark.rule("CORE-65a")
def test_a_loan_is_due_on_the_fifteenth_day_and_overdue_after_it(shelf: Room) -> None:
    shelf.tell(loan())
    shelf.on("2025-05-20")
    item, state = shelf.due(loan_return, "2025-05-16")["L-1"]
    assert (state, item.person) == ("open", "li")
    assert shelf.due(loan_return, "2025-05-17")["L-1"][1] == "overdue"
    assert [shelf.rows("core.loans", day)[0]["state"] for day in ("2025-05-16", "2025-05-17")] == [
        "open",
        "overdue",
    ]


@pytest.mark.rule("CORE-65")
def test_a_copy_may_be_with_many_and_a_returned_original_goes_out_again(shelf: Room) -> None:
    shelf.tell(loan())
    shelf.tell(loan("L-2", "wang", original=False))
    shelf.on("2025-05-10").tell(ReturnDocument(loan="L-1", condition="page 3 torn"))
    shelf.tell(loan("L-3", "wang"))
    rows = {r["loan"]: r for r in shelf.rows("core.loans")}
    assert (rows["L-1"]["state"], rows["L-1"]["condition"]) == ("returned", "page 3 torn")
    with pytest.raises(Unknown, match="unknown_loan"):
        shelf.tell(ReturnDocument(loan="L-1", condition="good"))
    with pytest.raises(Conflict, match="identifier_taken"):
        shelf.tell(loan("L-3", original=False))
    with pytest.raises(Unknown, match="unknown_document"):
        shelf.tell(loan("L-4", document="D9"))


@pytest.mark.rule("CORE-65")
def test_a_loan_that_already_happened_is_kept_and_flagged(shelf: Room) -> None:
    shelf.tell(loan())
    shelf.ledger.execute("C-1", loan("L-2", "zhao", signature=None), actor="import", happened=True)
    flags = {
        line.event.code for line in shelf.ledger.history("C-1").lines() if line.name == "core.breach_recorded"
    }
    assert {"signature_missing", "not_authorised", "on_loan"} <= flags


# ---------------------------------------------------------------- retention


def closed(room: Room, *periods: int, on: str = "2020-06-30") -> Room:
    room.open(on="2015-01-01")
    room.on("2015-02-01")
    room.tell(paper("D1", "2015-01-10"))
    names = {f"class_{n}": n for n in periods}
    room.publish(RetentionRules(classes={"form": tuple(names)}, periods=names))
    room.on(on).tell(CloseRelationship(reason_code="price"))
    return room


@pytest.fixture
def archive() -> Iterator[Room]:
    with Room(now="2015-01-01") as d:
        yield d


def approve(document: str = "D1", **fields: Any) -> ApproveDestruction:
    told = {"list_no": "V-1", "documents": (document,), "approver": "head", "reason": "expired", **fields}
    return ApproveDestruction(**told)


def destroy(**fields: Any) -> DestroyDocument:
    return DestroyDocument(
        **{"document": "D1", "list_no": "V-1", "executor": "zhao", "supervisor": "sun", **fields}
    )


@pytest.mark.rule("CORE-66a")
def test_a_period_runs_to_the_end_of_its_last_day(archive: Room) -> None:
    closed(archive, 5).on("2025-06-30")
    with pytest.raises(RuleNotMet, match="retention_running"):
        archive.tell(approve())
    archive.on("2025-07-01").tell(approve())
    archive.tell(destroy())
    assert archive.state(Papers).papers["D1"].destroyed == "V-1"


@pytest.mark.rule("CORE-66b")
def test_a_period_from_a_leap_day_ends_with_the_february_of_its_last_year(archive: Room) -> None:
    closed(archive, 3, on="2020-02-29").on("2023-02-28")
    with pytest.raises(RuleNotMet, match="retention_running"):
        archive.tell(approve())
    archive.on("2023-03-01").tell(approve())


@pytest.mark.rule("CORE-66b")
def test_nothing_of_an_open_file_is_destroyed(room: Room) -> None:
    room.tell(paper("D1"))
    with pytest.raises(RuleNotMet, match="file_open"):
        room.tell(approve())
    with pytest.raises(RuleNotMet, match="file_open"):
        room.tell(destroy())


@pytest.mark.rule("CORE-66b")
@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"supervisor": None}, Incomplete, "supervisor_missing"),
        ({"supervisor": "zhao"}, NotPermitted, "supervisor_conflict"),
        ({"list_no": "V-2"}, Incomplete, "approval_missing"),
        ({"document": "D9"}, Unknown, "unknown_document"),
    ],
)
def test_destruction_needs_a_supervisor_and_a_list(
    archive: Room, fields: dict[str, Any], error: type[Exception], code: str
) -> None:
    closed(archive, 5).on("2025-07-01").tell(approve())
    with pytest.raises(error, match=code):
        archive.tell(destroy(**fields))


@pytest.mark.rule("CORE-66b")
def test_a_paper_on_loan_is_not_destroyed(archive: Room) -> None:
    closed(archive, 5)
    archive.publish(BorrowingRules(borrowers=("li",)))
    archive.on("2025-07-01").tell(approve())
    archive.tell(loan())
    with pytest.raises(Conflict, match=r"on_loan.*li"):
        archive.tell(destroy())


@pytest.mark.rule("CORE-66b")
@pytest.mark.parametrize("documents", [(), ("D1",)])
def test_a_legal_hold_stops_destruction_until_it_is_lifted(archive: Room, documents: tuple[str, ...]) -> None:
    closed(archive, 5).on("2025-07-01").tell(approve())
    archive.tell(PlaceLegalHold(hold="H-1", reason="lawsuit", documents=documents))
    with pytest.raises(RuleNotMet, match="legal_hold"):
        archive.tell(destroy())
    assert archive.rows("core.retention")[0]["state"] == "legal_hold"
    archive.tell(LiftLegalHold(hold="H-1", reason="settled"))
    assert archive.rows("core.retention")[0]["state"] == "expired"
    archive.tell(destroy())
    with pytest.raises(Unknown, match="unknown_hold"):
        archive.tell(LiftLegalHold(hold="H-1", reason="settled"))


@pytest.mark.rule("CORE-66b")
def test_without_a_class_nothing_is_destroyed(archive: Room) -> None:
    closed(archive).on("2090-01-01")
    with pytest.raises(Incomplete, match="retention_class_missing"):
        archive.tell(approve())
    assert archive.rows("core.retention")[0]["state"] == "retention_class_missing"


@pytest.mark.rule("CORE-66c")
def test_the_longest_duty_wins(archive: Room) -> None:
    closed(archive, 5, 10).on("2026-01-01")
    row = archive.rows("core.retention")[0]
    assert (row["years"], row["free_from"]) == (10, date(2030, 7, 1))


@pytest.mark.rule("CORE-66c")
def test_reopening_restarts_the_clock_at_the_next_closing(archive: Room) -> None:
    closed(archive, 5).on("2024-01-10").tell(ReopenRelationship(reason_code="new_need"))
    assert archive.rows("core.retention")[0]["state"] == "file_open"
    archive.on("2026-02-01").tell(CloseRelationship(reason_code="price"))
    assert archive.rows("core.retention")[0]["free_from"] == date(2031, 2, 2)
    archive.on("2031-02-01")
    with pytest.raises(RuleNotMet, match="retention_running"):
        archive.tell(approve())
    archive.on("2031-02-02").tell(approve())


@pytest.mark.rule("CORE-66d")
def test_the_catalogue_still_names_what_was_destroyed(archive: Room) -> None:
    closed(archive, 5).on("2025-07-01").tell(approve())
    archive.on("2025-07-02").tell(destroy())
    (row,) = archive.rows("core.catalogue")
    assert (row["document"], row["destroyed_on"], row["destroyed_by"], row["list_no"]) == (
        "D1",
        date(2025, 7, 2),
        "zhao",
        "V-1",
    )
    with pytest.raises(Conflict, match="destroyed_already"):
        archive.tell(destroy())
    archive.publish(BorrowingRules(borrowers=("li",)))
    with pytest.raises(RuleNotMet, match="document_destroyed"):
        archive.tell(loan())


@pytest.mark.rule("CORE-66")
def test_what_is_kept_for_ever_is_never_destroyed(archive: Room) -> None:
    closed(archive, 0, 5).on("2090-01-01")
    with pytest.raises(RuleNotMet, match=r"retention_running.*for ever"):
        archive.tell(approve())
    assert archive.rows("core.retention")[0]["state"] == "permanent"


@pytest.mark.rule("CORE-66")
@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"approver": "clerk"}, NotPermitted, "approver_conflict"),
        ({"documents": ()}, Incomplete, "document_missing"),
        ({"reason": ""}, Incomplete, "reason_missing"),
    ],
)
def test_a_list_needs_papers_a_reason_and_another_approver(
    archive: Room, fields: dict[str, Any], error: type[Exception], code: str
) -> None:
    closed(archive, 5).on("2025-07-01")
    with pytest.raises(error, match=code):
        archive.tell(approve(**fields))


@pytest.mark.rule("CORE-66")
def test_a_destruction_that_already_happened_is_kept_and_flagged(archive: Room) -> None:
    closed(archive, 5).on("2021-01-01")
    archive.ledger.execute("C-1", destroy(supervisor=None), actor="import", happened=True)
    flags = {x.event.code for x in archive.ledger.history("C-1").lines() if x.name == "core.breach_recorded"}
    assert {"retention_running", "supervisor_missing", "approval_missing"} <= flags
    assert archive.state(Papers).papers["D1"].destroyed == "V-1"


@pytest.mark.rule("CORE-66")
def test_what_has_run_out_falls_due_for_review_until_it_is_approved_or_held(archive: Room) -> None:
    closed(archive, 5).on("2026-01-01")
    key = "D1/2025-07-01"
    assert room_state(archive, "2025-06-30", key) is None
    assert room_state(archive, "2025-07-01", key) == "open"
    assert room_state(archive, "2025-09-30", key) == "overdue"
    archive.tell(PlaceLegalHold(hold="H-1", reason="lawsuit"))
    assert room_state(archive, "2026-01-01", key) == "late"


def room_state(room: Room, day: str, key: str) -> str | None:
    found = room.due(destruction_review, day).get(key)
    return None if found is None else found[1]


@pytest.mark.rule("CORE-66")
def test_a_closed_file_is_kept_apart(archive: Room) -> None:
    closed(archive, 5).tell(ShelveDocument(slot="S-7", document="D1", apart=True))
    assert archive.rows("core.retention")[0]["slot"] == "S-7"
    archive.tell(ShelveDocument(slot="S-8"))
    assert archive.state(Papers).slots == {"D1": "S-7", "": "S-8"}
