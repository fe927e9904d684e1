"""Plans are reviewed by somebody else, mail is passed on, bids are in by their instant (CORE-89)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Command, Conflict, Incomplete, NotPermitted, Refusal, Unknown
from guanxi.relationship.pipeline.bids import Bids
from guanxi.relationship.pipeline.commands import (
    DecideBid,
    FileCustomerPlan,
    PassOnIncoming,
    PlanBid,
    RegisterIncoming,
    ReviewCustomerPlan,
    SubmitBid,
)
from guanxi.relationship.pipeline.incoming import Incoming
from guanxi.relationship.pipeline.plans import CustomerPlan, CustomerPlans
from tests.kernel.desks import moment
from tests.relationship.pipeline.sales_desk import SalesDesk, yuan


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-06-01") as d:
        d.open()
        yield d


# ---------------------------------------------------------------- plans


@pytest.fixture
def planned(desk: SalesDesk) -> SalesDesk:
    desk.do(FileCustomerPlan(plan="P-1", goal="sole supplier", owner="Li"), "2025-06-06", actor="Zhang")
    return desk


def plan(desk: SalesDesk, as_of: str | None = None) -> CustomerPlan:
    return desk.state(CustomerPlans, as_of).by_number["P-1"]


REVIEW = ReviewCustomerPlan(plan="P-1")


@pytest.mark.rule("CORE-89a")
@pytest.mark.parametrize(("day", "state"), [("2025-06-20", "done"), ("2025-06-23", "late")])
def test_a_plan_is_reviewed_within_ten_working_days(planned: SalesDesk, day: str, state: str) -> None:
    planned.do(REVIEW, day, actor="head of marketing")
    planned.on("2025-06-30")
    assert planned.due("core.plan_review", "2025-06-30") == {"P-1/1": state}
    assert plan(planned, "2025-06-19").in_force_from is None
    assert plan(planned).in_force_from == moment(day)


@pytest.mark.rule("CORE-89a")
def test_its_author_does_not_review_it(planned: SalesDesk) -> None:
    with pytest.raises(NotPermitted, match="approver_conflict"):
        planned.tell(REVIEW, actor="Zhang")
    assert plan(planned).outcome is None
    planned.tell(REVIEW, actor="Zhang", happened=True)
    assert [code for _, code in planned.flags()] == ["approver_conflict"]


@pytest.mark.rule("CORE-89")
def test_a_rejected_plan_is_not_in_force_and_filed_anew(planned: SalesDesk) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        planned.tell(ReviewCustomerPlan(plan="P-1", outcome="rejected"), actor="head")
    planned.do(ReviewCustomerPlan(plan="P-1", outcome="rejected", reason="vague"), "2025-06-10", actor="head")
    assert plan(planned).in_force_from is None
    with pytest.raises(Conflict, match="source_conflict"):
        planned.tell(REVIEW, actor="head")
    planned.do(FileCustomerPlan(plan="P-1", goal="sole supplier by May", owner="Li"), "2025-06-11")
    assert plan(planned).version == 2
    with pytest.raises(Conflict, match="source_conflict"):
        planned.tell(FileCustomerPlan(plan="P-1", goal="again", owner="Li"))
    assert planned.due("core.plan_review", "2025-06-11") == {"P-1/1": "done", "P-1/2": "open"}


# ---------------------------------------------------------------- incoming


@pytest.fixture
def letter(desk: SalesDesk) -> SalesDesk:
    desk.do(RegisterIncoming(incoming="E-1", medium="formal_letter", content="a demand"), "2025-06-06")
    return desk


@pytest.mark.rule("CORE-89b")
def test_what_came_on_friday_is_in_time_when_passed_on_on_monday(letter: SalesDesk) -> None:
    letter.do(PassOnIncoming(incoming="E-1", passed_to="legal"), "2025-06-09T18:00")
    assert letter.due("core.incoming_passed_on", "2025-06-10", "2025-06-10") == {"E-1": "done"}
    assert letter.state(Incoming).by_number["E-1"].passed_to == "legal"


@pytest.mark.rule("CORE-89b")
def test_what_nobody_passes_on_is_overdue_from_tuesday(letter: SalesDesk) -> None:
    letter.on("2025-06-30")
    states = [letter.due("core.incoming_passed_on", day) for day in ("2025-06-09", "2025-06-10")]
    assert states == [{"E-1": "open"}, {"E-1": "overdue"}]


@pytest.mark.rule("CORE-89")
def test_what_is_passed_on_at_once_is_done_at_once(desk: SalesDesk) -> None:
    desk.do(RegisterIncoming(incoming="E-2", medium="call", passed_to="Li"), "2025-06-06")
    assert desk.due("core.incoming_passed_on", "2025-06-06") == {"E-2": "done"}


# ---------------------------------------------------------------- bids

DUE = moment("2025-06-20T17:00")


def bid(number: str = "B-1", **fields: Any) -> SubmitBid:
    return SubmitBid(bid=number, amount=yuan(1000), **{"tender": "T-1", "due": DUE, **fields})


@pytest.mark.rule("CORE-89d")
@pytest.mark.parametrize(
    ("at", "state", "in_time"), [("2025-06-20T17:00", "done", True), ("2025-06-20T17:01", "late", False)]
)
def test_the_due_instant_is_in_time(desk: SalesDesk, at: str, state: str, in_time: bool) -> None:
    desk.do(PlanBid(bid="B-1", tender="T-1", due=DUE, person="Li"), "2025-06-10")
    desk.do(SubmitBid(bid="B-1", amount=yuan(1000)), at)
    assert desk.due("core.bid", "2025-06-20", "2025-06-20") == {"B-1": state}
    assert desk.state(Bids).by_number["B-1"].in_time is in_time
    assert desk.ledger.report("core.bid_results").rows[0][2:4] == (int(in_time), int(not in_time))


@pytest.mark.rule("CORE-89")
def test_a_bid_that_is_planned_is_open_then_overdue(desk: SalesDesk) -> None:
    desk.do(PlanBid(bid="B-1", tender="T-1", due=DUE), "2025-06-10")
    desk.on("2025-06-30")
    assert desk.due("core.bid", "2025-06-19") == {"B-1": "open"}
    assert desk.due("core.bid", "2025-06-21") == {"B-1": "overdue"}


@pytest.mark.rule("CORE-89d")
def test_the_rate_of_those_won_leaves_out_what_is_open(desk: SalesDesk) -> None:
    desk.on("2025-06-02")
    for n in range(10):
        desk.tell(bid(f"B-{n}"))
    for n in range(3):
        desk.tell(DecideBid(bid=f"B-{n}", outcome="won"))
    for n in range(3, 8):
        desk.tell(DecideBid(bid=f"B-{n}", outcome="lost", reason_code="price"))
    (row,) = desk.ledger.report("core.bid_results").rows
    assert row == ("2025-06", 10, 10, 0, 3, 5, 2, Decimal("37.50"), Decimal(10_000), Decimal(3_000))


@pytest.mark.rule("CORE-89")
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (bid(), Conflict, "source_conflict"),
        (PlanBid(bid="B-1", tender="T-1", due=DUE), Conflict, "source_conflict"),
        (SubmitBid(bid="B-2", amount=yuan(1)), Incomplete, "tender_missing"),
        (DecideBid(bid="B-2", outcome="won"), Unknown, "unknown_bid"),
        (DecideBid(bid="B-1", outcome="lost"), Incomplete, "reason_missing"),
        (PassOnIncoming(incoming="E-9", passed_to="Li"), Unknown, "unknown_incoming"),
        (ReviewCustomerPlan(plan="P-9"), Unknown, "unknown_plan"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: SalesDesk, command: Command, error: type[Refusal], code: str
) -> None:
    desk.tell(bid())
    before = desk.count()
    with pytest.raises(error, match=code):
        desk.tell(command)
    assert desk.count() == before


def test_what_is_decided_is_decided(desk: SalesDesk) -> None:
    desk.tell(bid())
    desk.tell(DecideBid(bid="B-1", outcome="won"))
    with pytest.raises(Conflict, match="source_conflict"):
        desk.tell(DecideBid(bid="B-1", outcome="lost", reason_code="price"))
