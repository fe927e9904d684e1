"""The customer file: opened once, known by checked identifiers, closed with a reason, and alive again in its old file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import (
    CloseRelationship,
    Conflict,
    CustomerFile,
    Incomplete,
    Invalid,
    Money,
    OpenFile,
    RecordIdentifier,
    RecordProfileFact,
    ReopenRelationship,
    RuleNotMet,
)
from guanxi.relationship import Identifiers
from guanxi.relationship.care.commands import GiveConsent, WithdrawConsent
from guanxi.relationship.dealings.commands import IssueInvoice, RecordReceipt
from guanxi.relationship.service.commands import KeepPromise, MakePromise, NotifyComplainant, ReceiveComplaint
from tests.kernel.desks import Desk

PRC_ID, WRONG_PRC_ID = "11010519491231002X", "110105194912310021"
CREDIT_CODE, WRONG_CREDIT_CODE = "91350100M000100Y43", "91350100M000100Y44"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(now="2025-01-01").open(name="李明") as d:
        yield d


def file_of(desk: Desk, as_of: str) -> CustomerFile:
    state: CustomerFile = desk.ledger.history("C-1").as_of(as_of).state(CustomerFile)
    return state


@pytest.mark.rule("CORE-11a")
@pytest.mark.parametrize(
    ("scheme", "right", "wrong"),
    [("prc_id", PRC_ID, WRONG_PRC_ID), ("credit_code", CREDIT_CODE, WRONG_CREDIT_CODE)],
)
def test_check_digits_are_checked(desk: Desk, scheme: str, right: str, wrong: str) -> None:
    with pytest.raises(Invalid, match="invalid_identifier"):
        desk.tell(RecordIdentifier(scheme=scheme, value=wrong))
    assert len(desk.tell(RecordIdentifier(scheme=scheme, value=right)).entries) == 1
    assert desk.ledger.find_by(f"core.identifier.{scheme}", right) == [desk.stream()]


def test_an_identifier_is_kept_as_it_is_compared(desk: Desk) -> None:
    desk.tell(RecordIdentifier(scheme="prc_id", value="110105-19491231-002x"))
    assert desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID)).entries == ()
    assert desk.ledger.history("C-1").state(Identifiers).by_scheme == {"prc_id": [PRC_ID]}


@pytest.mark.rule("CORE-95e")
def test_a_mobile_number_may_be_that_of_two_customers(desk: Desk) -> None:
    desk.open("C-2")
    for who in ("C-1", "C-2"):
        desk.tell(RecordIdentifier(scheme="mobile", value="138 0013 8000"), who=who)
        assert desk.ledger.history(who).state(Identifiers).by_scheme == {"mobile": ["13800138000"]}


def test_a_paper_entered_in_the_wrong_file_and_voided_there_can_be_entered_in_the_right_one(
    desk: Desk,
) -> None:
    wrong = desk.open("C-2").tell(RecordIdentifier(scheme="prc_id", value=PRC_ID)).entries[0].id
    desk.ledger.void(wrong, actor="clerk", reason="wrong file")
    desk.tell(RecordIdentifier(scheme="prc_id", value=PRC_ID), who="C-2")


def test_a_corrected_identifier_is_the_one_that_is_held(desk: Desk) -> None:
    mistyped = desk.tell(RecordIdentifier(scheme="till", value="T-1")).entries[0].id
    desk.ledger.correct(mistyped, {"value": "T2"}, actor="clerk", reason="mistyped")
    assert desk.ledger.find_by("core.identifier.till", "T2") == [desk.stream()]


@pytest.mark.rule("CORE-95a")
def test_an_account_number_names_one_file_for_ever(desk: Desk) -> None:
    desk.tell(CloseRelationship(reason_code="relocation"))
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(OpenFile(name="王芳"))
    assert file_of(desk, "2025-01-01").name == "李明"


@pytest.mark.rule("CORE-61b")
def test_closing_needs_a_reason(desk: Desk) -> None:
    before = desk.count()
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(CloseRelationship())
    assert desk.count() == before


def test_a_closed_file_takes_no_orders_until_it_is_open_again(desk: Desk) -> None:
    desk.on("2025-02-01").tell(CloseRelationship(reason_code="price"))
    with pytest.raises(RuleNotMet, match="file_closed"):
        desk.tell(RecordProfileFact(field_name="colour", value="red"))
    desk.on("2025-03-01").tell(ReopenRelationship(reason_code="came back"))
    desk.tell(RecordProfileFact(field_name="colour", value="red"))
    statuses = [file_of(desk, day).status for day in ("2019-12-31", "2025-01-31", "2025-02-01", "2025-03-01")]
    assert statuses == ["not open", "open", "closed", "open"]
    with pytest.raises(RuleNotMet, match="not_closed"):
        desk.tell(ReopenRelationship(reason_code="again"))


def test_in_a_closed_file_what_was_begun_is_wound_up_and_no_new_business_done(desk: Desk) -> None:
    for command in (
        IssueInvoice(invoice="I-1", amount=Money(100, "CNY"), due_on=date(2025, 3, 1)),
        ReceiveComplaint(complaint="K-1", category="quality", content="broken", handler="li"),
        MakePromise(promise="P-1", content="a call", due=date(2025, 3, 1), basis="call", promiser="wang"),
        GiveConsent(wording_version="1", channel="sms"),
    ):
        desk.on("2025-01-31").tell(command)
    desk.on("2025-02-01").tell(CloseRelationship(reason_code="price"))
    for begun in (
        RecordReceipt(receipt="R-1", amount=Money(100, "CNY"), receivable="I-1"),
        NotifyComplainant(complaint="K-1"),
        KeepPromise(promise="P-1"),
        WithdrawConsent(),
    ):
        desk.on("2025-02-02").tell(begun)
    with pytest.raises(RuleNotMet, match="file_closed"):
        desk.tell(IssueInvoice(invoice="I-2", amount=Money(1, "CNY"), due_on=date(2025, 3, 1)))


def test_what_counts_from_before_the_closing_is_still_taken_in_after_it(desk: Desk) -> None:
    desk.on("2025-02-01").tell(CloseRelationship(reason_code="price"))
    desk.on("2025-02-03").tell(
        RecordProfileFact(field_name="colour", value="red"), "2025-01-31", reason="forgotten"
    )
    assert file_of(desk, "2025-01-31").profile == {"colour": "red"}
