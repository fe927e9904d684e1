"""Complaints: recorded with every step, the customer informed within three days, closed with a cause, reopened on the same clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from guanxi import Conflict, Incomplete, Invalid, Money, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.service.commands import (
    AnswerFeedback,
    CloseComplaint,
    GrantCompensation,
    NotifyComplainant,
    ReceiveComplaint,
    ReceiveFeedback,
    ReopenComplaint,
    TakeComplaintStep,
)
from guanxi.relationship.service.complaints import Complaints
from guanxi.relationship.service.rules import ComplaintRules
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_row, due_state, last_day, publish

NOTICE, RESOLUTION = "core.complaint_notice", "core.complaint_resolution"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open(on="2025-01-02") as d:
        yield d


def receive(desk: Desk, on: str = "2025-06-10T16:00", number: str = "K-1", **more: Any) -> None:
    desk.on(on).tell(ReceiveComplaint(complaint=number, category="delivery", content="too late", **more))


def notify(desk: Desk, on: str, **more: Any) -> None:
    desk.on(on).tell(NotifyComplainant(complaint="K-1", **more))


def solved(**more: Any) -> CloseComplaint:
    told: dict[str, Any] = {"result": "replaced", "root_cause": "transport", "improvement": "new carrier"}
    return CloseComplaint(complaint="K-1", **{**told, **more})


def state(desk: Desk) -> Complaints:
    found: Complaints = desk.ledger.history("C-1").state(Complaints)
    return found


def fields(desk: Desk, name: str) -> list[Any]:
    """Return what the entries of a kind say."""
    return [line.fields for line in desk.ledger.history("C-1").lines() if line.name == name]


@pytest.mark.rule("CORE-34a")
@pytest.mark.parametrize(
    ("called", "expected"), [("2025-06-13T23:59", "done"), ("2025-06-14T00:00", "late"), (None, "overdue")]
)
def test_the_informing_call_is_in_time_until_the_end_of_the_third_day(
    desk: Desk, called: str | None, expected: str
) -> None:
    receive(desk)
    assert due_state(desk, NOTICE, "K-1", "2025-06-10") == "open"
    if called:
        notify(desk, called, answer="it left on the 9th")
    desk.on("2025-06-20")
    assert due_state(desk, NOTICE, "K-1", "2025-06-15") == expected


@pytest.mark.rule("CORE-34a")
@pytest.mark.parametrize("attempt", [{"reached": False}, {"answered": False}])
def test_an_attempt_that_reached_nobody_or_told_him_nothing_leaves_the_call_due(
    desk: Desk, attempt: dict[str, bool]
) -> None:
    receive(desk)
    notify(desk, "2025-06-12", **attempt)
    assert due_state(desk, NOTICE, "K-1", "2025-06-12") == "open"
    desk.on("2025-06-14")
    assert due_state(desk, NOTICE, "K-1", "2025-06-14") == "overdue"


@pytest.mark.rule("CORE-34b")
@pytest.mark.parametrize(
    ("unit", "last"), [("calendar_days", date(2025, 10, 3)), ("working_days", date(2025, 10, 11))]
)
def test_days_are_calendar_days_unless_the_rules_say_working_days(desk: Desk, unit: Any, last: date) -> None:
    publish(desk, ComplaintRules(unit=unit), "2025-02-01")
    receive(desk, "2025-09-30")
    assert last_day(due_row(desk, NOTICE, "K-1")) == last


@pytest.mark.rule("CORE-34c")
def test_a_call_entered_late_was_overdue_for_as_long_as_nobody_knew_of_it(desk: Desk) -> None:
    receive(desk)
    desk.on("2025-06-16").tell(
        NotifyComplainant(complaint="K-1"), "2025-06-12T11:00", reason="the caller was ill"
    )
    assert due_state(desk, NOTICE, "K-1", "2025-06-14", "2025-06-14") == "overdue"
    assert due_state(desk, NOTICE, "K-1", "2025-06-16", "2025-06-16") == "done"


@pytest.mark.rule("CORE-34")
@pytest.mark.parametrize("receiver", ["dealer", "head_office"])
def test_what_a_dealer_or_head_office_hears_starts_the_same_clock(desk: Desk, receiver: str) -> None:
    receive(desk, received_by=receiver)
    assert last_day(due_row(desk, NOTICE, "K-1")) == date(2025, 6, 13)


@pytest.mark.rule("CORE-34")
def test_every_step_of_handling_is_kept(desk: Desk) -> None:
    receive(desk)
    for day, step in (("2025-06-11", "asked the carrier"), ("2025-06-12", "sent a new one")):
        desk.on(day).tell(TakeComplaintStep(complaint="K-1", step=step, handler="Wang"))
    told = [f["step"] for f in fields(desk, "core.complaint_step_taken")]
    assert told == ["asked the carrier", "sent a new one"]
    assert due_row(desk, NOTICE, "K-1").person == "Wang"


@pytest.mark.rule("CORE-35a")
def test_nobody_handles_a_complaint_of_himself(desk: Desk) -> None:
    with pytest.raises(NotPermitted, match="handler_conflict"):
        receive(desk, complained_of="Zhao", handler="Zhao")
    receive(desk, complained_of="Zhao")
    with pytest.raises(NotPermitted, match="handler_conflict"):
        desk.tell(TakeComplaintStep(complaint="K-1", step="looked into it", handler="Zhao"))
    notify(desk, "2025-06-11")
    with pytest.raises(NotPermitted, match="handler_conflict"):
        desk.tell(solved(), actor="Zhao")


@pytest.mark.rule("CORE-04")
def test_a_step_that_he_took_all_the_same_is_kept_and_flagged(desk: Desk) -> None:
    receive(desk, complained_of="Zhao")
    desk.tell(TakeComplaintStep(complaint="K-1", step="wrote", handler="Zhao"), happened=True)
    assert [e.name for e in desk.ledger.history("C-1").entries()][-2:] == [
        "core.complaint_step_taken",
        "core.breach_recorded",
    ]


@pytest.mark.rule("CORE-35a")
@pytest.mark.parametrize(
    "lacking",
    [{"root_cause": None}, {"root_cause": " "}, {"result": None}, {"improvement": None}],
)
def test_closing_needs_result_cause_and_improvement(lacking: dict[str, Any]) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        solved(**lacking)


@pytest.mark.rule("CORE-35")
def test_closing_needs_an_answer_to_the_customer_first(desk: Desk) -> None:
    receive(desk)
    notify(desk, "2025-06-11", reached=False)
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(solved())
    notify(desk, "2025-06-12")
    desk.tell(solved(improvement=None, no_improvement="an act of God", opportunity="O-7"))
    assert state(desk).open == []
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(solved())


@pytest.mark.rule("CORE-35")
def test_compensation_is_approved_by_somebody_else(desk: Desk) -> None:
    receive(desk, complained_of="Zhao")
    amount = Money("200", "CNY")
    with pytest.raises(Incomplete, match="approval_missing"):
        desk.tell(GrantCompensation(complaint="K-1", amount=amount))
    for reviewer in ("clerk", "Zhao"):
        with pytest.raises(NotPermitted, match="approver_conflict"):
            desk.tell(GrantCompensation(complaint="K-1", amount=amount, reviewer=reviewer))
    desk.tell(GrantCompensation(complaint="K-1", amount=amount, reviewer="chief"))


@pytest.mark.rule("CORE-IN-q")
@pytest.mark.parametrize(("amount", "code"), [("0", "amount_zero"), ("-5", "amount_sign")])
def test_compensation_is_an_amount_above_zero(amount: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        GrantCompensation(complaint="K-1", amount=Money(amount, "CNY"), reviewer="chief")


def closed(desk: Desk, on: str = "2025-05-01") -> None:
    receive(desk, "2025-04-28")
    notify(desk, "2025-04-29")
    desk.on(on).tell(solved())


@pytest.mark.rule("CORE-35b")
def test_within_thirty_days_the_same_complaint_goes_on(desk: Desk) -> None:
    closed(desk)
    publish(desk, ComplaintRules(resolve_within_days=10), "2025-05-02")
    desk.on("2025-05-31").tell(ReopenComplaint(complaint="K-1", reason="broken again"))
    assert list(state(desk).complaints) == ["K-1"]
    assert state(desk).open == ["K-1"]


@pytest.mark.rule("CORE-35b")
def test_afterwards_it_becomes_a_new_one_that_names_it(desk: Desk) -> None:
    closed(desk)
    desk.on("2025-06-01").tell(ReopenComplaint(complaint="K-1", reason="broken again"))
    assert state(desk).open == ["K-1/2"]
    _, new = fields(desk, "core.complaint_received")
    assert (new["complaint"], new["follows"]) == ("K-1/2", "K-1")
    assert last_day(due_row(desk, NOTICE, "K-1/2")) == date(2025, 6, 4)


@pytest.mark.rule("CORE-35")
def test_an_open_complaint_cannot_be_reopened_and_reopening_needs_a_reason(desk: Desk) -> None:
    receive(desk)
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(ReopenComplaint(complaint="K-1", reason="again"))
    with pytest.raises(Incomplete, match="reason_missing"):
        ReopenComplaint(complaint="K-1")


@pytest.mark.rule("CORE-35")
def test_there_is_no_term_for_the_solution_until_somebody_sets_one(desk: Desk) -> None:
    receive(desk)
    assert desk.ledger.due_items(cadence=RESOLUTION) == ()


@pytest.mark.rule("CORE-35")
def test_a_reopened_complaint_is_due_on_the_clock_of_its_receipt(desk: Desk) -> None:
    publish(desk, ComplaintRules(resolve_within_days=10), "2025-02-01")
    closed(desk)
    assert due_state(desk, RESOLUTION, "K-1", "2025-05-05") == "done"
    desk.on("2025-05-06").tell(ReopenComplaint(complaint="K-1", reason="broken again"))
    assert due_state(desk, RESOLUTION, "K-1", "2025-05-07", "2025-05-07") == "open"
    desk.on("2025-05-09")
    row = due_row(desk, RESOLUTION, "K-1")
    assert (row.state, last_day(row)) == ("overdue", date(2025, 5, 8))


@pytest.mark.rule("CORE-34")
def test_a_number_names_one_complaint_and_none_that_is_not_there(desk: Desk) -> None:
    receive(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        receive(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(NotifyComplainant(complaint="K-9"))


@pytest.mark.rule("CORE-34")
def test_feedback_is_answered_under_its_number(desk: Desk) -> None:
    desk.tell(ReceiveFeedback(feedback="F-1", kind="inquiry", category="price", content="how much?"))
    desk.tell(AnswerFeedback(feedback="F-1", answer="12 yuan"))
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(AnswerFeedback(feedback="F-2"))
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(ReceiveFeedback(feedback="F-1", kind="praise", category="price"))
    with pytest.raises(Unknown, match="unknown_code"):
        ReceiveFeedback(feedback="F-3", kind="gossip", category="price")  # type: ignore[arg-type]
