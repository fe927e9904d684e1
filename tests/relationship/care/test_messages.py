"""What goes out to a customer, what is withheld, and what was sent without his consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from guanxi import Conflict, Incomplete, Invalid, Outcome, Unknown
from guanxi.relationship.care.commands import (
    GiveConsent,
    GiveGift,
    ReportDelivery,
    SendMessage,
    SetContactPreference,
    WithdrawConsent,
)
from guanxi.relationship.care.events import MessageQueued, MessageSent, MessageWithheld
from guanxi.relationship.care.messages import Messages
from guanxi.relationship.file.events import ProfileFactRecorded
from tests.kernel.desks import moment
from tests.relationship.care.care_desk import CareDesk


@pytest.fixture
def desk() -> Iterator[CareDesk]:
    with CareDesk(now="2025-01-03").open(on="2025-01-01") as d:
        yield d


def sent(outcome: Outcome) -> bool:
    return any(isinstance(e, MessageSent) for e in outcome.events)


def withheld(outcome: Outcome) -> MessageWithheld:
    found = [e for e in outcome.events if isinstance(e, MessageWithheld)]
    assert len(found) == 1
    assert any(isinstance(e, MessageQueued) for e in outcome.events)
    return found[0]


def breaches(desk: CareDesk, known: str) -> list[str]:
    history = desk.ledger.history("C-1").as_known(known)
    return [
        line.name
        for line in history.lines()
        if line.name == "core.breach_flagged" and line.status == "in force"
    ]


# Over-contact


@pytest.mark.rule("CORE-45a")
@pytest.mark.parametrize(("day", "goes_out"), [("2025-06-30", False), ("2025-07-01", True)])
def test_a_fifth_marketing_touch_in_thirty_days_is_withheld(desk: CareDesk, day: str, goes_out: bool) -> None:
    desk.agree("2025-01-02")
    for on in ("2025-06-01", "2025-06-05", "2025-06-10", "2025-06-20"):
        assert sent(desk.send(on))
    outcome = desk.send(day)
    assert sent(outcome) is goes_out
    if not goes_out:
        decision = withheld(outcome)
        assert (decision.reason, decision.combinable) == ("over_contact_month", True)
        assert (decision.touches, decision.allowed) == (4, 4)


@pytest.mark.rule("CORE-45b")
def test_a_third_touch_of_the_day_is_withheld_and_a_complaint_notice_is_not(desk: CareDesk) -> None:
    assert sent(desk.send("2025-06-10T10:00", kind="greeting"))
    assert sent(desk.send("2025-06-10T11:00", kind="greeting"))
    assert sent(desk.send("2025-06-10T12:00", kind="complaint_notice"))
    decision = withheld(desk.send("2025-06-10T13:00", kind="greeting"))
    assert (decision.reason, decision.combinable) == ("over_contact_day", True)


@pytest.mark.rule("CORE-45")
@pytest.mark.parametrize("kind", ["reply", "complaint_notice", "order_notice", "legal_notice"])
def test_answers_and_notices_are_never_limited_nor_do_they_count(desk: CareDesk, kind: str) -> None:
    for hour in (10, 11, 12):
        assert sent(desk.send(f"2025-06-10T{hour}:00", kind=kind))
    assert sent(desk.send("2025-06-10T23:00", kind=kind))
    assert sent(desk.send("2025-06-11T10:00", kind="service"))


@pytest.mark.rule("CORE-45")
def test_a_withheld_message_is_shown_as_combinable_and_may_be_tried_again(desk: CareDesk) -> None:
    for n in (1, 2):
        desk.send(f"2025-06-10T1{n}:00", kind="service")
    withheld(desk.send("2025-06-10T13:00", kind="service", message="late"))
    row = desk.ledger.report("core.withheld_messages").rows[0]
    assert row[1:7] == ("late", "service", "sms", moment("2025-06-10T13:00"), "over_contact_day", "yes")
    assert sent(desk.send("2025-06-11T10:00", kind="service", message="late"))
    assert desk.ledger.report("core.withheld_messages").rows[0][-1] == moment("2025-06-11T10:00")
    with pytest.raises(Conflict, match="source_conflict"):
        desk.send("2025-06-11T11:00", kind="service", message="late")


@pytest.mark.rule("CORE-45")
def test_a_touch_entered_late_changes_nothing_that_was_sent(desk: CareDesk) -> None:
    desk.send("2025-06-10T10:00", kind="service")
    desk.send("2025-06-10T11:00", kind="service", message="second")
    desk.send("2025-06-10T09:30", known="2025-06-12", kind="service", happened=True)
    state: Messages = desk.ledger.history("C-1").state(Messages)
    assert "second" in state.sent
    assert not state.withheld


@pytest.mark.rule("CORE-93")
def test_a_withheld_message_stands_when_it_would_go_out_by_later_knowledge(desk: CareDesk) -> None:
    desk.until("2025-06-10")
    withheld(desk.send("2025-06-10T10:00", message="M"))
    desk.until("2025-06-12")
    desk.tell(GiveConsent(wording_version="1"), "2025-06-09", reason="found", happened=True)
    history = desk.ledger.history("C-1")
    assert history.state(Messages).withheld == {"M": "consent_missing"}
    assert [d.name for d in history.would_differ()] == ["core.message_withheld"]


# The contact window


@pytest.mark.rule("CORE-46a")
@pytest.mark.parametrize(
    ("at", "goes_out"),
    [
        ("2025-06-10T09:29", False),
        ("2025-06-10T09:30", True),
        ("2025-06-11T02:59", True),
        ("2025-06-11T03:00", False),
    ],
)
def test_a_window_over_midnight_is_half_open(desk: CareDesk, at: str, goes_out: bool) -> None:
    desk.tell(SetContactPreference(windows="09:30-03:00"), "2025-01-02", reason="told")
    outcome = desk.send(at, kind="service")
    assert sent(outcome) is goes_out
    if not goes_out:
        assert withheld(outcome).reason == "outside_window"


@pytest.mark.rule("CORE-46a")
def test_without_a_window_what_is_ordered_at_eight_goes_out_at_nine(desk: CareDesk) -> None:
    decision = withheld(desk.send("2025-06-10T08:00", kind="service", message="M"))
    assert decision.deferred_until == moment("2025-06-10T09:00")
    assert sent(desk.send("2025-06-10T09:00", kind="service", message="M"))


@pytest.mark.rule("CORE-46")
def test_what_was_deferred_is_judged_again_when_it_is_sent(desk: CareDesk) -> None:
    desk.agree("2025-01-02", "sms")
    assert withheld(desk.send("2025-06-10T08:00", message="M")).reason == "outside_window"
    desk.until("2025-06-10T08:30")
    desk.tell(WithdrawConsent(channel="sms"))
    assert withheld(desk.send("2025-06-10T09:00", message="M")).reason == "consent_missing"


@pytest.mark.rule("CORE-46")
@pytest.mark.parametrize(
    ("windows", "zone", "at", "opens"),
    [
        ("mon-fri 10:00-12:00", None, "2025-06-13T12:00", "2025-06-16T10:00"),
        ("sat,sun 20:00-03:00", None, "2025-06-16T02:59", None),
        ("sat,sun 20:00-03:00", None, "2025-06-16T03:00", "2025-06-21T20:00"),
        ("fri-mon 08:00-09:00", None, "2025-06-17T08:00", "2025-06-20T08:00"),
        ("09:00-18:00", "Europe/London", "2025-06-10T15:59", "2025-06-10T16:00"),
        ("09:00-18:00", "Europe/London", "2025-06-11T00:59", None),
    ],
)
def test_windows_go_by_weekday_and_by_the_customers_own_zone(
    desk: CareDesk, windows: str, zone: str | None, at: str, opens: str | None
) -> None:
    desk.tell(SetContactPreference(windows=windows, time_zone=zone), "2025-01-02", reason="told")
    outcome = desk.send(at, kind="service")
    if opens is None:
        assert sent(outcome)
    else:
        assert withheld(outcome).deferred_until == moment(opens)


@pytest.mark.rule("CORE-46")
@pytest.mark.parametrize("windows", ["always", "fun 09:00-10:00", "09:00", "25:00-26:00"])
def test_what_names_no_window_is_refused(desk: CareDesk, windows: str) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        SetContactPreference(windows=windows)


@pytest.mark.rule("CORE-46")
@pytest.mark.parametrize(
    ("preference", "reason"),
    [
        (SetContactPreference(do_not_contact=True), "do_not_contact"),
        (SetContactPreference(channels=("email",)), "channel_not_wanted"),
    ],
)
def test_what_the_customer_does_not_want_is_withheld(
    desk: CareDesk, preference: SetContactPreference, reason: str
) -> None:
    desk.tell(preference, "2025-01-02", reason="told")
    assert withheld(desk.send("2025-06-10", kind="greeting")).reason == reason
    assert sent(desk.send("2025-06-10", kind="order_notice"))


# Consent


@pytest.mark.rule("CORE-74a")
@pytest.mark.parametrize(
    ("at", "kind", "goes_out"),
    [
        ("2025-06-10T09:59", "marketing", True),
        ("2025-06-10T10:00", "marketing", False),
        ("2025-06-10T10:05", "order_notice", True),
    ],
)
def test_marketing_is_withheld_from_the_moment_of_withdrawal(
    desk: CareDesk, at: str, kind: str, goes_out: bool
) -> None:
    desk.agree("2025-05-01", "sms")
    if datetime.fromisoformat(at) >= datetime.fromisoformat("2025-06-10T10:00"):
        desk.until("2025-06-10T10:00")
        desk.tell(WithdrawConsent(channel="sms"))
    outcome = desk.send(at, kind=kind)
    assert sent(outcome) is goes_out
    if not goes_out:
        assert withheld(outcome).reason == "consent_missing"


@pytest.mark.rule("CORE-74b")
def test_a_withdrawal_entered_late_flags_what_was_sent_meanwhile(desk: CareDesk) -> None:
    desk.agree("2025-05-01", "sms")
    desk.send("2025-06-09", message="M")
    desk.until("2025-06-10")
    desk.tell(WithdrawConsent(channel="sms"), "2025-06-08", reason="letter found", happened=True)
    assert "M" in desk.ledger.history("C-1").state(Messages).sent
    assert breaches(desk, "2025-06-09") == []
    assert breaches(desk, "2025-06-10") == ["core.breach_flagged"]


@pytest.mark.rule("CORE-74")
def test_a_consent_found_later_lifts_the_breach(desk: CareDesk) -> None:
    desk.send("2025-06-09", message="M", happened=True)
    assert breaches(desk, "2025-06-09") == ["core.breach_flagged"]
    desk.until("2025-06-12")
    desk.tell(GiveConsent(wording_version="1"), "2025-06-01", reason="found", happened=True)
    assert breaches(desk, "2025-06-12") == []


@pytest.mark.rule("CORE-74")
def test_consent_is_by_channel_and_the_last_word_counts(desk: CareDesk) -> None:
    desk.agree("2025-05-01", "any")
    desk.until("2025-05-02")
    desk.tell(WithdrawConsent(channel="sms"))
    assert withheld(desk.send("2025-05-03", channel="sms")).reason == "consent_missing"
    assert sent(desk.send("2025-05-03", channel="email"))
    desk.until("2025-05-04")
    desk.tell(WithdrawConsent())
    assert withheld(desk.send("2025-05-05", channel="email")).reason == "consent_missing"


@pytest.mark.rule("CORE-74")
@pytest.mark.parametrize(
    ("born", "allowed"), [("2011-05-02", False), ("2011-05-01", True), ("unknown", True)]
)
def test_for_a_customer_under_fourteen_a_guardian_consents(desk: CareDesk, born: str, allowed: bool) -> None:
    desk.fact("2025-01-02", ProfileFactRecorded(field_name="birth_date", value=born))
    desk.until("2025-05-01")
    if allowed:
        desk.tell(GiveConsent(wording_version="1"))
        return
    with pytest.raises(Incomplete, match="approval_missing"):
        desk.tell(GiveConsent(wording_version="1"))
    desk.tell(GiveConsent(wording_version="1", guardian="mother"))


# What is told of messages and gifts


def test_what_became_of_a_message_can_be_told_only_of_one_that_went_out(desk: CareDesk) -> None:
    desk.send("2025-06-10", kind="service", message="M")
    desk.tell(ReportDelivery(message="M", outcome="delivered"))
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(ReportDelivery(message="N", outcome="delivered"))
    with pytest.raises(Unknown, match="unknown_code"):
        ReportDelivery(message="M", outcome="eaten")  # type: ignore[arg-type]


@pytest.mark.rule("CORE-43")
def test_the_weekly_message_is_sent_by_a_named_person(desk: CareDesk) -> None:
    desk.until("2025-06-13")
    with pytest.raises(Incomplete, match="named_person_missing"):
        desk.tell(SendMessage(message="W", kind="greeting", care_item="weekly/2025-06-13"))


@pytest.mark.rule("CORE-42")
def test_a_public_official_gets_no_gift(desk: CareDesk) -> None:
    from guanxi import RuleNotMet

    desk.fact("2025-01-02", ProfileFactRecorded(field_name="public_official", value="yes"))
    with pytest.raises(RuleNotMet, match="gate_unmet"):
        desk.tell(GiveGift(gift="G-1", care_item="festival/spring_festival/2025"))
    desk.tell(GiveGift(gift="G-1"), happened=True)
    with pytest.raises(Conflict, match="source_conflict"):
        desk.tell(GiveGift(gift="G-1"))
