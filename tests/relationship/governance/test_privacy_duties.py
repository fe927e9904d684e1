"""What a data subject asks for is answered in time; what no duty keeps is erased, what one keeps is restricted until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from guanxi import (
    ERASED,
    CloseRelationship,
    Command,
    CustomerFile,
    Incomplete,
    Money,
    RecordProfileFact,
    RuleNotMet,
    verify,
)
from guanxi.relationship.care.commands import SendMessage
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.documents.commands import PlaceLegalHold
from guanxi.relationship.file.commands import RecordContactPoint
from guanxi.relationship.governance.cadences import answers, erasures
from guanxi.relationship.governance.commands import (
    AnswerRightsRequest,
    ErasePersonalData,
    LiftRestriction,
    ReceiveRightsRequest,
    RestrictProcessing,
)
from guanxi.relationship.governance.erasing import complete_erasures, erase
from guanxi.relationship.governance.issuing import issue, reissue
from guanxi.relationship.governance.privacy import Privacy
from guanxi.relationship.governance.rules import PrivacyRules
from guanxi.relationship.service.commands import ReceiveComplaint
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A customer with a hobby and a paid contract, whose dealings are kept five years after the end."""
    with Desk(plugins=[], now="2025-01-02").open(name="李明", on="2025-01-01") as d:
        d.ledger.publish(
            PrivacyRules(retention_years={"dealings": 5}),
            effective_from=moment("2025-01-02"),
            by="clerk",
            approved_by="head",
        )
        d.on("2025-01-10").tell(RecordProfileFact(field_name="hobby", value="tea", retention="preference"))
        d.tell(RecordProfileFact(field_name="birth_date", value="1980-02-03", retention="preference"))
        d.tell(RecordReceipt(receipt="R-1", amount=Money("100.00", "CNY"), payer="李明"))
        yield d


def items(desk: Desk, cadence: Any, as_of: str) -> dict[str, str]:
    return {r.key: r.state for r in desk.ledger.due_items(as_of=moment(as_of), cadence=cadence.name)}


@pytest.mark.rule("CORE-75a")
def test_what_no_duty_keeps_is_erased_at_once_and_the_rest_restricted_to_its_last_day(desk: Desk) -> None:
    desk.on("2025-03-01").tell(CloseRelationship(reason_code="need_gone"))
    desk.on("2025-04-01")
    done = erase(desk.ledger, "C-1", actor="officer", legal_basis="request of 04-01")
    assert "preference" in done.erased
    assert done.restricted == {"identity": "2030-03-01", "dealings": "2030-03-01"}
    file: CustomerFile = desk.ledger.history("C-1").state(CustomerFile)
    assert (file.profile["hobby"], file.profile["birth_date"], file.name) == (ERASED, ERASED, "李明")
    assert items(desk, erasures, "2030-03-01") == {}
    assert items(desk, erasures, "2030-03-02") == {"/identity": "open", "/dealings": "open"}
    assert items(desk, erasures, "2030-03-03") == {"/identity": "overdue", "/dealings": "overdue"}
    desk.on("2030-03-02")
    assert set(erase(desk.ledger, "C-1", actor="officer", legal_basis="duty over").erased) == {
        "identity",
        "dealings",
    }
    assert desk.ledger.history("C-1").state(CustomerFile).name is ERASED
    assert items(desk, erasures, "2030-03-03") == {"/identity": "done", "/dealings": "done"}


@pytest.mark.rule("CORE-75b")
def test_a_cut_before_the_erasure_reads_erased_and_a_report_issued_again_says_what_differs(
    desk: Desk,
) -> None:
    desk.on("2025-02-28")
    february = issue(desk.ledger, "I-1", "core.files", actor="clerk")
    assert reissue(desk.ledger, "I-1").differences == ()
    desk.on("2025-03-01").ledger.publish(
        PrivacyRules(), effective_from=desk.now, by="clerk", approved_by="head"
    )
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request")
    assert desk.ledger.history("C-1").as_of("2025-02-01").state(CustomerFile).name is ERASED
    again = reissue(desk.ledger, "I-1")
    assert not again.same
    assert any("erased" in text for text in again.differences)
    assert len(again.result.rows) == len(february.rows)
    assert [row[2] for row in again.result.rows] == ["(erased)"]
    assert verify(desk.ledger.store).clean


@pytest.mark.rule("CORE-75c")
@pytest.mark.parametrize(("day", "state"), [("2025-05-01", "done"), ("2025-05-02", "late")])
def test_a_request_is_answered_within_thirty_days(desk: Desk, day: str, state: str) -> None:
    desk.on("2025-04-01").tell(ReceiveRightsRequest(request="Q-1", right="copy"))
    desk.on(day).tell(AnswerRightsRequest(request="Q-1", answer="granted"))
    assert items(desk, answers, "2025-06-01") == {"Q-1": state}
    assert len(desk.ledger.report("core.privacy_register").rows) == 1


@pytest.mark.rule("CORE-75c")
def test_a_refusal_without_a_reason_is_refused(desk: Desk) -> None:
    desk.on("2025-04-01").tell(ReceiveRightsRequest(request="Q-1", right="delete"))
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(AnswerRightsRequest(request="Q-1", answer="refused"))


@pytest.mark.rule("CORE-75d")
@pytest.mark.rule("CORE-IN-s")
@pytest.mark.parametrize(
    ("family", "command"),
    [
        ("marketing", SendMessage(message="M-1", kind="marketing")),
        ("preference", RecordProfileFact(field_name="hobby", value="chess", retention="preference")),
        ("identity", RecordProfileFact(field_name="name", value="王芳")),
        ("contact", RecordContactPoint(type="mobile", value="13800138000")),
    ],
)
def test_what_is_restricted_is_neither_used_nor_added_to(desk: Desk, family: str, command: Command) -> None:
    desk.tell(RestrictProcessing(legal_basis="objection", families=(family,)))
    before = desk.count()
    with pytest.raises(RuleNotMet, match="processing_restricted"):
        desk.tell(command)
    assert desk.count() == before


@pytest.mark.rule("CORE-75d")
def test_a_complaint_of_a_restricted_customer_is_taken_in(desk: Desk) -> None:
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request", families=("marketing",))
    desk.tell(ReceiveComplaint(complaint="K-1", category="delivery", content="too late"))
    state: Privacy = desk.ledger.history("C-1").state(Privacy)
    assert state.closed_to("marketing")
    desk.tell(LiftRestriction(legal_basis="consent given anew"))
    assert not desk.ledger.history("C-1").state(Privacy).closed_to("marketing")


def test_a_legal_hold_prevents_erasure(desk: Desk) -> None:
    desk.tell(PlaceLegalHold(hold="H-1", reason="court order"))
    with pytest.raises(RuleNotMet, match="legal_hold"):
        erase(desk.ledger, "C-1", actor="officer", legal_basis="request")


def test_what_a_crash_left_readable_is_erased_by_the_next_call(desk: Desk) -> None:
    desk.tell(ErasePersonalData(legal_basis="request", families=("preference",)))
    assert desk.ledger.history("C-1").state(CustomerFile).profile["hobby"] == "tea"
    assert complete_erasures(desk.ledger) == 1
    assert desk.ledger.history("C-1").state(CustomerFile).profile["hobby"] is ERASED
    assert complete_erasures(desk.ledger) == 0


@pytest.mark.rule("CORE-96c")
def test_a_reason_goes_with_the_data_and_its_code_stays(desk: Desk) -> None:
    desk.on("2025-02-01").tell(
        RecordProfileFact(field_name="city", value="Xi'an"), reason="moved in with his daughter"
    )
    desk.tell(CloseRelationship(reason_code="relocation"))
    told = [line.name for line in desk.ledger.history("C-1").lines() if "daughter" in (line.reason or "")]
    assert told == ["core.profile_fact_recorded"]
    desk.ledger.publish(PrivacyRules(), effective_from=desk.now, by="clerk", approved_by="head")
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request")
    history = desk.ledger.history("C-1")
    assert all("daughter" not in str(attrs.asdict(line)) for line in history.lines())
    assert history.state(CustomerFile).exit_reason == "relocation"
