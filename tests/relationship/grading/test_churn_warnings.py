"""Churn warnings: which signs show on which day, how many make a warning, and what clears it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs
import pytest

from guanxi import Command, Facet, Fact, Invalid, Label, Now, Parts, Unknown, command
from guanxi.relationship.dealings.events import OrderCancelled
from guanxi.relationship.grading.commands import StateSignal
from guanxi.relationship.grading.events import SignalStated
from guanxi.relationship.grading.rules import ChurnRules
from guanxi.relationship.grading.signs import Signals
from guanxi.relationship.people.events import ContactPersonLeft, ContactPersonNamed
from guanxi.relationship.pipeline.events import ActionRecorded
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintNotified,
    ComplaintReceived,
    SurveyAnswered,
)
from tests.kernel.desks import Desk
from tests.relationship.grading.grading_desks import Room


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2024-12-31") as d:
        yield d.open(on="2024-12-31")


def warned(room: Room, as_of: str, known: str | None = None) -> bool:
    found: Signals = room.state(Signals, as_of, known)
    return found.warned


def reasons(room: Room) -> list[str]:
    raised = room.events("core.warning_raised")
    return list(raised[-1].event.reasons) if raised else []


def buy_monthly(room: Room) -> None:
    for n, day in enumerate(("2025-01-01", "2025-01-31", "2025-03-02", "2025-04-11")):
        room.on(day).order(f"O-{n}", day)


@pytest.mark.rule("CORE-60a")
def test_silence_of_twice_the_own_median_interval_is_a_warning(room: Room) -> None:
    buy_monthly(room)
    room.on("2025-06-30").ledger.advance()
    assert not warned(room, "2025-06-09")
    assert warned(room, "2025-06-10")
    (line,) = room.events("core.warning_raised")
    assert (line.event.kind, line.event.reasons) == ("churn", ("silent",))
    assert (line.event.value, line.event.threshold) == ("silent 60 d", "silent 60 d")


@pytest.mark.rule("CORE-60a")
def test_three_purchases_are_two_intervals_and_too_few(room: Room) -> None:
    for n, day in enumerate(("2025-01-01", "2025-01-31", "2025-03-02")):
        room.on(day).order(f"O-{n}", day)
    room.on("2025-08-15")
    assert not warned(room, "2025-05-31")


@pytest.mark.rule("CORE-60b")
def test_a_purchase_entered_late_takes_the_warning_back(room: Room) -> None:
    buy_monthly(room)
    room.on("2025-06-11").ledger.advance()
    room.on("2025-06-12").order("late", "2025-06-05")
    assert warned(room, "2025-06-11", "2025-06-11")
    assert not warned(room, "2025-06-11", "2025-06-12")
    (old,) = room.events("core.warning_raised")
    assert old.event.reasons == ("silent",)
    assert old.status != "in force"


@pytest.mark.rule("CORE-60c")
def test_fallen_spend_is_weak_and_a_key_person_who_leaves_is_the_second_sign(room: Room) -> None:
    room.on("2025-01-10").order("O-1", "2025-01-10", 10_000)
    room.on("2025-04-10").order("O-2", "2025-04-10", 5_000)
    room.happen(ContactPersonNamed(person="li", key_person=True))
    room.on("2025-07-05").ledger.advance()
    assert not warned(room, "2025-07-05")
    room.happen(ContactPersonLeft(person="li"))
    assert warned(room, "2025-07-05")
    assert reasons(room) == ["spend_fallen", "key_person_left"]


@pytest.mark.rule("CORE-60c")
def test_spend_just_above_half_is_no_sign(room: Room) -> None:
    room.on("2025-01-10").order("O-1", "2025-01-10", 10_000)
    room.on("2025-04-10").order("O-2", "2025-04-10", 5_001)
    room.happen(ContactPersonNamed(person="li", key_person=True))
    room.on("2025-07-05").happen(ContactPersonLeft(person="li"))
    assert not warned(room, "2025-07-05")


@pytest.mark.rule("CORE-60d")
def test_a_plugins_signal_stays_to_its_end_and_then_the_warning_is_cleared(room: Room) -> None:
    room.on("2025-05-01").tell(
        StateSignal(
            plugin="told",
            signal="told.usage",
            weight="strong",
            since=date(2025, 5, 1),
            until=date(2025, 7, 31),
        )
    )
    room.on("2025-08-02").ledger.advance()
    assert warned(room, "2025-06-15")
    assert warned(room, "2025-07-31")
    assert not warned(room, "2025-08-01")
    assert len(room.events("core.warning_cleared")) == 1


@pytest.mark.rule("CORE-60d")
def test_the_last_signal_of_a_plugin_that_was_taken_out_stays_in_force_to_its_end(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'signals.db'}"
    with Desk(url, plugins=[USAGE], now="2025-05-01") as desk:
        desk.open(on="2025-05-01").tell(ReportUsage(until=date(2025, 7, 31)))
    with Desk(url, plugins=[], now="2025-08-02") as desk:
        june = desk.ledger.report("core.churn_warnings", as_of="2025-06-15").rows
        assert [(row[3], row[6], row[8]) for row in june] == [("usage.fallen", "usage", "open")]
        august = desk.ledger.report("core.churn_warnings", as_of="2025-08-01").rows
        assert [row[8] for row in august] == ["cleared"]
    with Desk(url, plugins=[USAGE], now="2025-08-02") as desk:
        june = desk.ledger.report("core.churn_warnings", as_of="2025-06-15").rows
        assert [row[6] for row in june] == [""]


@command("usage.report")
class ReportUsage(Command):
    """Usage has fallen."""

    until: date


@attrs.define
class Usage:
    """Nothing is kept."""


usage = Facet("usage.facts", Usage)


@usage.decide
def _report(s: Usage, c: ReportUsage, now: Now) -> Iterator[Fact]:
    yield SignalStated(
        plugin="usage", signal="usage.fallen", weight="strong", since=now.at.date(), until=c.until
    )


USAGE = Parts(
    name="usage", version="1", title=Label("Usage", "用量"), commands=(ReportUsage,), facets=(usage,)
)


@pytest.mark.rule("CORE-60")
def test_a_signal_that_begins_later_warns_from_its_first_day(room: Room) -> None:
    room.on("2025-05-01").tell(
        StateSignal(plugin="told", signal="told.usage", weight="strong", since=date(2025, 5, 10))
    )
    room.on("2025-06-01").ledger.advance()
    assert [warned(room, f"2025-05-{d}") for d in ("09", "10")] == [False, True]


@pytest.mark.rule("CORE-60")
def test_a_complaint_past_its_limit_and_a_poor_answer_make_a_warning_until_it_is_answered(room: Room) -> None:
    room.on("2025-02-01").happen(SurveyAnswered(survey="S", wave="1", question="q", scale="csat", score=2))
    room.on("2025-02-03").happen(ComplaintReceived(complaint="K-1", category="quality"))
    room.on("2025-02-10").ledger.advance()
    assert [warned(room, f"2025-02-{d}") for d in ("06", "07")] == [False, True]
    assert reasons(room) == ["complaint_past_limit", "poor_answer"]
    room.happen(ComplaintNotified(complaint="K-1"))
    assert not warned(room, "2025-02-10")


@pytest.mark.rule("CORE-60")
@pytest.mark.parametrize(
    ("scale", "score", "poor"), [("csat", 2, True), ("csat", 3, False), ("nps", 6, True), ("nps", 7, False)]
)
def test_answers_up_to_the_line_are_poor_for_ninety_days(
    room: Room, scale: str, score: int, poor: bool
) -> None:
    room.publish(ChurnRules(weak_needed=1))
    room.on("2025-01-02").happen(SurveyAnswered(survey="S", wave="1", question="q", scale=scale, score=score))
    room.happen(ActionRecorded(kind="visit"), "2025-01-02")
    room.on("2025-04-05").ledger.advance()
    assert [warned(room, day) for day in ("2025-01-02", "2025-04-02", "2025-04-03")] == [poor, poor, False]


@pytest.mark.rule("CORE-60")
def test_contact_overdue_by_a_whole_interval_is_weak(room: Room) -> None:
    room.publish(ChurnRules(weak_needed=1))
    room.on("2025-01-01").happen(ActionRecorded(kind="call", two_way=True))
    room.on("2026-02-01").ledger.advance()
    assert [warned(room, day) for day in ("2025-12-27", "2025-12-28")] == [False, True]
    assert reasons(room) == ["contact_overdue"]
    room.happen(ActionRecorded(kind="call", two_way=True))
    assert not warned(room, "2026-02-01")


@pytest.mark.rule("CORE-60")
def test_a_closed_complaint_and_a_cancelled_order_are_no_signs(room: Room) -> None:
    buy_monthly(room)
    room.on("2025-04-12").happen(OrderCancelled(order="O-3"))
    room.on("2025-04-13").happen(ComplaintReceived(complaint="K-1", category="quality"))
    room.on("2025-04-14").happen(ComplaintClosed(complaint="K-1", root_cause="none"))
    room.on("2025-06-30").ledger.advance()
    assert not warned(room, "2025-06-30")


@pytest.mark.rule("CORE-60")
def test_closing_the_relationship_clears_the_warning(room: Room) -> None:
    from guanxi import CloseRelationship

    buy_monthly(room)
    room.on("2025-06-30").tell(CloseRelationship(reason_code="price"))
    assert not warned(room, "2025-06-30")


@pytest.mark.rule("CORE-60")
def test_a_signal_of_unknown_weight_or_that_ends_before_it_begins_is_refused() -> None:
    day = date(2025, 5, 2)
    with pytest.raises(Unknown, match="unknown_code"):
        StateSignal(plugin="told", signal="told.usage", weight="huge", since=day)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="invalid_date"):
        StateSignal(plugin="told", signal="told.usage", weight="weak", since=day, until=date(2025, 5, 1))
