"""Call and truthful answer within three days (RET-51)."""

from __future__ import annotations

import pytest

from guanxi import Source, Telling, Unknown
from guanxi.relationship.service.commands import (
    AnswerFeedback,
    NotifyComplainant,
    ReceiveComplaint,
    ReceiveFeedback,
)
from guanxi_retail.cars.calls import CallAboutFeedback
from guanxi_retail.cars.rules import VehicleFeedbackRules
from plugins.retail.tests.cars.desk import Desk, local

COMPLAINT = ReceiveComplaint(complaint="F-1", category="gearbox", received_by="dealer")
CALL = NotifyComplainant(complaint="F-1", answered=False)
ANSWER = NotifyComplainant(complaint="F-1", answered=True)


def stands(d: Desk, as_of: str, as_known: str | None = None) -> list[str]:
    """How call and answer stand, and the feedback as a whole."""
    cut = {"as_of": as_of if "T" not in as_of else local(as_of)}
    if as_known is not None:
        cut["as_known"] = as_known
    (call,) = d.due("retail.feedback_call", **cut)
    (answer,) = d.due("retail.feedback_answer", **cut)
    (row,) = d.rows("retail.feedback_in_time", **cut)
    assert (row["call"], row["answer"]) == (call.state, answer.state)
    return [call.state, answer.state, row["standing"]]


def friday(d: Desk) -> Desk:
    d.tell("2012-06-01T16:00", COMPLAINT)
    return d


@pytest.mark.rule("RET-51a")
def test_both_done_in_the_last_minute_of_the_third_day_are_in_time(dealer):
    d = friday(dealer())
    d.tell("2012-06-04T23:59", CALL, ANSWER)
    assert stands(d, "2012-06-05") == ["done", "done", "in_time"]


@pytest.mark.rule("RET-51a")
def test_both_done_at_the_following_midnight_are_late(dealer):
    d = friday(dealer())
    d.tell("2012-06-05T00:00", CALL, ANSWER)
    assert stands(d, "2012-06-05") == ["late", "late", "late"]


@pytest.mark.rule("RET-51a")
def test_nothing_done_is_overdue_from_the_fourth_day_on(dealer):
    d = friday(dealer())
    d.at("2012-06-06")
    assert stands(d, "2012-06-04T23:59") == ["open", "open", "open"]
    assert stands(d, "2012-06-05") == ["overdue", "overdue", "overdue"]


@pytest.mark.rule("RET-51")
def test_what_comes_before_eight_in_shanghai_is_of_its_own_day(dealer):
    d = dealer()
    d.tell("2012-06-01T06:00", COMPLAINT)
    d.tell("2012-06-04T23:59", CALL, ANSWER)
    assert stands(d, "2012-06-05") == ["done", "done", "in_time"]


@pytest.mark.rule("RET-51b")
def test_a_call_in_time_and_a_late_answer_are_told_apart(dealer):
    d = friday(dealer())
    d.tell("2012-06-02", CALL)
    d.tell("2012-06-05", ANSWER)
    assert stands(d, "2012-06-05") == ["done", "late", "late"]


@pytest.mark.rule("RET-51b")
def test_three_working_days_from_friday_end_with_wednesday(dealer):
    d = friday(dealer(VehicleFeedbackRules(unit="working_days")))
    d.at("2012-06-07")
    (call,) = d.due("retail.feedback_call")
    assert call.until == local("2012-06-07T00:00")
    assert stands(d, "2012-06-06T23:59") == ["open", "open", "open"]
    assert stands(d, "2012-06-07") == ["overdue", "overdue", "overdue"]


@pytest.mark.rule("RET-51c")
def test_a_call_recorded_late_counts_on_its_own_day(dealer):
    d = friday(dealer())
    d.tell("2012-06-03", CALL, ANSWER, known="2012-06-06")
    assert stands(d, "2012-06-05") == ["done", "done", "in_time"]
    assert stands(d, "2012-06-05", "2012-06-05") == ["overdue", "overdue", "overdue"]


@pytest.mark.rule("RET-51")
def test_an_attempt_that_reached_nobody_fulfils_nothing(dealer):
    d = friday(dealer())
    d.tell("2012-06-02", NotifyComplainant(complaint="F-1", reached=False))
    d.at("2012-06-05")
    assert stands(d, "2012-06-05") == ["overdue", "overdue", "overdue"]


@pytest.mark.rule("RET-51")
def test_other_feedback_to_the_maker_is_called_about_and_answered_too(dealer):
    d = dealer()
    d.tell("2012-06-01T16:00", ReceiveFeedback(feedback="F-2", kind="suggestion", category="maker"))
    with pytest.raises(Unknown) as refused:
        d.tell("2012-06-02", CallAboutFeedback(feedback="F-9"))
    assert refused.value.code == "unknown_code"
    d.tell("2012-06-02", CallAboutFeedback(feedback="F-2"))
    d.tell("2012-06-05", AnswerFeedback(feedback="F-2", answer="next year's model has it"))
    assert stands(d, "2012-06-05") == ["done", "late", "late"]


@pytest.mark.rule("RET-51")
def test_what_came_to_neither_dealer_nor_maker_is_not_listed(dealer):
    d = dealer()
    d.tell("2012-06-01", ReceiveComplaint(complaint="F-3", category="gearbox"))
    d.tell("2012-06-01", ReceiveFeedback(feedback="F-4", kind="praise", category="shop"))
    assert (d.due("retail.feedback_call"), d.rows("retail.feedback_in_time")) == ([], [])


@pytest.mark.rule("RET-51")
def test_what_was_received_is_in_time_late_overdue_or_open(dealer):
    d = dealer()
    for number in ("F-1", "F-2", "F-3"):
        told = ReceiveComplaint(complaint=number, category="gearbox", received_by="head_office")
        d.tell("2012-06-01", told)
    d.tell("2012-06-02", NotifyComplainant(complaint="F-1"))
    d.tell("2012-06-06", NotifyComplainant(complaint="F-2"))
    d.tell("2012-06-08", ReceiveComplaint(complaint="F-4", category="gearbox", received_by="dealer"))
    notes = d.notes("retail.feedback_in_time")
    told = [notes[name] for name in ("received", "in time", "late", "overdue", "open")]
    assert told == ["4", "1", "1", "1", "1"]


@pytest.mark.rule("RET-59")
def test_feedback_that_an_import_told_of_is_on_no_list_and_counted(dealer):
    d = dealer()
    line = Telling(
        subject="C-1",
        command=COMPLAINT,
        actor="import",
        reason="history of the dealer",
        occurred_at=local("2010-05-01"),
        happened=True,
        source=Source("old", "complaints", "1"),
        batch="B-1",
    )
    assert [v.status for v in d.at("2012-06-01").ledger.take_in([line])] == ["accepted"]
    assert (d.due("retail.feedback_call"), d.due("retail.feedback_answer")) == ([], [])
    notes = d.notes("retail.feedback_in_time")
    assert (notes["received"], notes["before import"]) == ("0", "1")


@pytest.mark.rule("RET-51")
def test_feedback_entered_late_by_hand_is_overdue_all_the_same(dealer):
    d = dealer()
    d.tell("2012-06-01", COMPLAINT, known="2012-06-06")
    assert stands(d, "2012-06-06") == ["overdue", "overdue", "overdue"]
