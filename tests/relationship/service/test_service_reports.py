"""Reports of complaints and feedback: counted by category, footing month by month, with causes and word of mouth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Event, Invalid, Money
from guanxi.relationship.care.events import ConsentWithdrawn, ContactPreferenceSet
from guanxi.relationship.dealings.events import GoodsReturned, OrderPlaced
from guanxi.relationship.file.events import RelationshipClosed
from guanxi.relationship.service.commands import (
    AnswerFeedback,
    AnswerSurvey,
    CloseComplaint,
    CompleteService,
    GrantCompensation,
    NotifyComplainant,
    ReceiveComplaint,
    ReceiveFeedback,
    ReopenComplaint,
    RequestService,
)
from guanxi.relationship.service.rules import ComplaintRules
from guanxi.testing.telling_facts import Teller
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import publish, rows_of


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open("C-1", "C-2", on="2025-01-02") as d:
        yield d


def complain(desk: Desk, number: str, on: str, category: str = "delivery", who: str = "C-1") -> None:
    desk.on(on).tell(ReceiveComplaint(complaint=number, category=category, product="tea"), who=who)


def notify(desk: Desk, number: str, on: str, who: str = "C-1") -> None:
    desk.on(on).tell(NotifyComplainant(complaint=number), who=who)


def close(desk: Desk, number: str, on: str, cause: str = "transport", who: str = "C-1") -> None:
    desk.on(on).tell(
        CloseComplaint(complaint=number, result="sent", root_cause=cause, improvement="carrier"), who=who
    )


def year(desk: Desk) -> None:
    """Tell half a year: four complaints, two closed at once, one reopened, one open."""
    publish(desk, ComplaintRules(resolve_within_days=10), "2025-01-03")
    complain(desk, "K-1", "2025-01-10")
    notify(desk, "K-1", "2025-01-11")
    close(desk, "K-1", "2025-01-12")
    complain(desk, "K-2", "2025-01-20", "price", "C-2")
    notify(desk, "K-2", "2025-01-28", "C-2")
    close(desk, "K-2", "2025-02-03", "invoice", "C-2")
    desk.on("2025-02-10").tell(ReopenComplaint(complaint="K-1", reason="again"))
    complain(desk, "K-3", "2025-02-11")
    notify(desk, "K-3", "2025-02-12")
    desk.tell(GrantCompensation(complaint="K-3", amount=Money("12.50", "CNY"), reviewer="chief"))
    desk.tell(GrantCompensation(complaint="K-3", amount=Money("7.50", "CNY"), reviewer="chief"))
    close(desk, "K-3", "2025-02-13")
    complain(desk, "K-4", "2025-03-31")
    desk.on("2025-04-02")


@pytest.mark.rule("CORE-34")
@pytest.mark.rule("CORE-35")
def test_complaints_open_received_and_reopened_less_closed_are_those_still_open(desk: Desk) -> None:
    year(desk)
    names = ("month", "opening", "received", "reopened", "closed", "closing")
    rows = rows_of(desk, "core.complaint_handling", until="2025-03-31")
    assert [tuple(r[n] for n in names) for r in rows] == [
        ("2025-01", 0, 2, 0, 1, 1),
        ("2025-02", 1, 1, 1, 2, 1),
        ("2025-03", 1, 1, 0, 0, 2),
    ]
    shares = [(r["notified_in_time"], r["closed_in_time"], r["reopened_share"]) for r in rows]
    assert shares == [
        (Decimal("50.0"), Decimal("0.0"), Decimal("0.0")),
        (Decimal("100.0"), Decimal("100.0"), Decimal("50.0")),
        (None, None, None),
    ]
    assert [r["compensation"] for r in rows] == ["", "20.00 CNY", ""]


@pytest.mark.rule("CORE-35")
def test_root_causes_are_ranked(desk: Desk) -> None:
    year(desk)
    rows = rows_of(desk, "core.complaint_causes")
    assert [(r["root_cause"], r["closed"], r["cumulative"]) for r in rows] == [
        ("transport", 2, Decimal("66.7")),
        ("invoice", 1, Decimal("100.0")),
    ]


@pytest.mark.rule("CORE-40")
def test_word_of_mouth_counts_who_is_satisfied_and_whose_complaint_was_solved_quickly_for_good(
    desk: Desk,
) -> None:
    year(desk)
    for who, score in (("C-1", 1), ("C-1", 5), ("C-2", 2)):
        desk.tell(AnswerSurvey(survey="s", wave="1", score=score), who=who)
    (row,) = rows_of(desk, "core.word_of_mouth")
    assert row == {
        "satisfied": 1,
        "dissatisfied": 1,
        "told_well": 3,
        "told_badly": 10,
        "solved": 2,
        "solved_quickly": 1,
        "buy_again": Decimal("0.95"),
    }
    notes = [label.en for label, _ in desk.ledger.report("core.word_of_mouth").notes]
    assert notes[:2] == ["nature", "a second source"]


@pytest.mark.rule("CORE-34")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("category", {"delivery": (3, Decimal("75.0")), "price": (1, Decimal("100.0"))}),
        ("product", {"tea": (4, Decimal("100.0"))}),
        (
            "month",
            {
                "2025-01": (2, Decimal("50.0")),
                "2025-02": (1, Decimal("75.0")),
                "2025-03": (1, Decimal("100.0")),
            },
        ),
    ],
)
def test_complaints_are_counted_by_what_they_are_about(desk: Desk, by: str, expected: Any) -> None:
    year(desk)
    rows = rows_of(desk, "core.complaint_analysis", by=by)
    assert {r["group"]: (r["received"], r["cumulative"]) for r in rows} == expected


@pytest.mark.rule("CORE-34")
@pytest.mark.parametrize("kind", ["inquiry", "suggestion", "opinion"])
def test_feedback_tells_how_much_was_answered_and_how_fast(desk: Desk, kind: Any) -> None:
    for n, hours in enumerate((2, 4, None)):
        desk.on("2025-03-03T08:00").tell(ReceiveFeedback(feedback=f"F-{n}", kind=kind, category="price"))
        if hours:
            desk.on(f"2025-03-03T{8 + hours:02d}:00").tell(AnswerFeedback(feedback=f"F-{n}"))
    desk.on("2025-03-04")
    (row,) = rows_of(desk, f"core.{kind}_analysis")
    assert (row["received"], row["answered"], row["answered_share"], row["hours"]) == (
        3,
        2,
        Decimal("66.7"),
        Decimal("3.0"),
    )
    for other in {"inquiry", "suggestion", "opinion"} - {kind}:
        assert rows_of(desk, f"core.{other}_analysis") == []


@pytest.mark.rule("CORE-34")
def test_grievances_stand_beside_praise_faults_and_repairs(desk: Desk) -> None:
    complain(desk, "K-1", "2025-01-10")
    desk.tell(ReceiveFeedback(feedback="F-1", kind="praise", category="staff"))
    desk.tell(ReceiveFeedback(feedback="F-2", kind="fault_report", category="boiler"))
    desk.tell(RequestService(request="S-1", need_class="repair"))
    desk.on("2025-02-03").tell(CompleteService(request="S-1", waive=True, reason="done by phone"))
    told = {(r["month"], r["kind"]): r["number"] for r in rows_of(desk, "core.grievances") if r["number"]}
    assert told == {
        ("2025-01", "complaint"): 1,
        ("2025-01", "praise"): 1,
        ("2025-01", "fault_report"): 1,
        ("2025-02", "repair"): 1,
    }


@pytest.mark.rule("CORE-34")
def test_a_period_does_not_end_before_it_begins(desk: Desk) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        desk.ledger.report("core.complaint_analysis", since="2025-02-01", until="2025-01-31")


@pytest.mark.rule("CORE-34")
def test_a_report_at_an_earlier_cut_tells_what_was_known_then(desk: Desk) -> None:
    year(desk)
    then = rows_of(desk, "core.complaint_handling", as_of="2025-01-31", as_known="2025-01-31")
    assert [(r["month"], r["closing"]) for r in then] == [("2025-01", 1)]


def test_friction_is_told_for_each_hundred_orders_with_the_losses_beside_it() -> None:
    teller = Teller("customer")
    with Desk(plugins=[teller.parts()], now="2025-01-02").open("C-1", "C-2", on="2025-01-02") as desk:

        def fact(on: str, event: Event, who: str = "C-1") -> None:
            desk.on(on).tell(teller.tell([event]), who=who, reason="told", happened=True)

        for n in range(8):
            fact("2025-02-03", OrderPlaced(order=f"O-{n}", lines=()))
        fact("2025-02-04", GoodsReturned(order="O-1", lines=()))
        complain(desk, "K-1", "2025-02-05")
        desk.tell(ReceiveComplaint(complaint="K-2", category="price", claimed=Money("50", "CNY")))
        fact("2025-02-06", ConsentWithdrawn(purpose="marketing", channel="sms"), "C-2")
        fact("2025-02-07", ContactPreferenceSet(do_not_contact=False))
        fact("2025-02-07", ContactPreferenceSet(do_not_contact=True))
        fact("2025-02-28", RelationshipClosed(reason_code="service", exit_kind="voluntary"), "C-2")
        desk.on("2025-03-01")
        january, february, march = rows_of(desk, "core.friction")
        assert (january["friction"], january["customers"], january["churn"]) == (None, 0, None)
        assert february == {
            "month": "2025-02",
            "orders": 8,
            "complaints": 1,
            "returns": 1,
            "disputes": 1,
            "opt_outs": 2,
            "friction": Decimal("62.5"),
            "customers": 2,
            "lost": 1,
            "churn": Decimal("50.0"),
        }
        assert march["customers"] == 1
