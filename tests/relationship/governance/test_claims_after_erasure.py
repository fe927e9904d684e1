"""Erasure gives up what personal values held: nobody is found by them any more, and others may bear them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import Conflict, OpenFile, RecordIdentifier
from guanxi.relationship.file.commands import (
    Contact,
    MergeFiles,
    RecordContactPoint,
    RetireContactPoint,
    UndoMerge,
)
from guanxi.relationship.governance.erasing import erase
from guanxi.relationship.governance.privacy import Privacy
from tests.kernel.desks import Desk

ID = "11010519491231002X"
OLD, NEW = "13800138000", "13800138001"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-01") as d:
        told = OpenFile(name="李明", party="person", contacts=(Contact(type="mobile", value=OLD),))
        d.tell(told, who="P1")
        d.tell(RecordIdentifier(scheme="prc_id", value=ID), who="P1")
        d.tell(RecordIdentifier(scheme="card", value="K-1"), who="P1")
        d.tell(RecordContactPoint(type="mobile", value=NEW), who="P1")
        d.tell(RetireContactPoint(type="mobile", value=OLD), who="P1")
        yield d.on("2025-02-01")


def sharers(desk: Desk, kind: str, value: str) -> list[str]:
    key = (kind, desk.ledger.sealing.token(kind, value))
    return list(desk.ledger.store.sharers([key]).get(key, ()))


def held(desk: Desk) -> list[bool]:
    return [bool(sharers(desk, "core.contact.telephone", f"+86{number}")) for number in (OLD, NEW)]


@pytest.mark.rule("CORE-95")
@pytest.mark.rule("CORE-75")
def test_who_was_erased_is_found_by_no_number_that_he_ever_had(desk: Desk) -> None:
    assert held(desk) == [True, True]
    erase(desk.ledger, "P1", actor="officer", legal_basis="request", families=("preference",))
    assert held(desk) == [True, True]
    erase(desk.ledger, "P1", actor="officer", legal_basis="request")
    assert held(desk) == [False, False]


@pytest.mark.rule("CORE-95")
@pytest.mark.rule("CORE-12")
def test_an_identity_card_is_free_once_erased_and_a_number_that_was_issued_never(desk: Desk) -> None:
    with pytest.raises(Conflict):
        desk.open("P2", on="2025-02-01", name="王芳").tell(
            RecordIdentifier(scheme="prc_id", value=ID), who="P2"
        )
    erase(desk.ledger, "P1", actor="officer", legal_basis="request")
    desk.tell(RecordIdentifier(scheme="prc_id", value=ID), who="P2")
    with pytest.raises(Conflict):
        desk.tell(RecordIdentifier(scheme="card", value="K-1"), who="P2")


@pytest.mark.rule("CORE-95")
@pytest.mark.rule("CORE-12")
def test_nobody_is_found_alike_to_one_who_was_erased(desk: Desk) -> None:
    erase(desk.ledger, "P1", actor="officer", legal_basis="request")
    alike = OpenFile(name="李明", party="person", contacts=(Contact(type="mobile", value=NEW),))
    told = desk.tell(alike, who="P3")
    assert [e.name for e in told.entries if e.name in ("core.claim_shared", "core.duplicate_suspected")] == []


@pytest.mark.rule("CORE-95")
@pytest.mark.rule("CORE-75")
def test_a_merged_file_is_erased_along_and_knows_it_when_the_merge_is_undone(desk: Desk) -> None:
    desk.tell(OpenFile(name="李明", party="person", contacts=()), who="P2")
    desk.on("2025-02-02").tell(MergeFiles(absorbed="P1"), who="P2")
    erase(desk.on("2025-02-03").ledger, "P2", actor="officer", legal_basis="request")
    assert held(desk) == [False, False]
    desk.on("2025-02-04").tell(UndoMerge(absorbed="P1"), who="P2")
    for who in ("P1", "P2"):
        privacy: Privacy = desk.ledger.history(who).state(Privacy)
        assert privacy.closed_to("contact")
