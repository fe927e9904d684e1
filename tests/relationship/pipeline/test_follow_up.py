"""Every open lead and opportunity is followed up in each calendar month (CORE-25)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi import Incomplete, Invalid, Unknown
from guanxi.relationship.pipeline.commands import (
    CloseLead,
    CloseOpportunity,
    OpenOpportunity,
    RecordAction,
    RecordLead,
    ReopenOpportunity,
    UpgradeLead,
)
from tests.relationship.pipeline.sales_desk import SalesDesk


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-03-12") as d:
        d.open()
        d.tell(OpenOpportunity(opportunity="O-1", assignee="Zhang"))
        yield d


def call(item: str = "O-1", **fields: Any) -> RecordAction:
    kind = "lead" if item.startswith("L") else "opportunity"
    return RecordAction(kind="call", item_kind=kind, item=item, **fields)


def april(desk: SalesDesk, as_of: str, as_known: str | None = None) -> str | None:
    return desk.due("core.follow_up", as_of, as_known).get("opportunity:O-1/2025-04")


def in_report(desk: SalesDesk, month: str, **cut: str) -> dict[str, str]:
    return {row[2]: row[6] for row in desk.ledger.report("core.follow_up_overdue", month=month, **cut).rows}


@pytest.mark.rule("CORE-25a")
def test_without_an_action_in_april_it_is_overdue_from_the_first_of_may(desk: SalesDesk) -> None:
    desk.on("2025-06-30")
    assert desk.due("core.follow_up", "2025-04-30") == {
        "opportunity:O-1/2025-03": "done",
        "opportunity:O-1/2025-04": "open",
    }
    assert april(desk, "2025-05-01") == "overdue"
    assert in_report(desk, "2025-04", as_of="2025-05-01", as_known="2025-05-01") == {"O-1": "overdue"}


@pytest.mark.rule("CORE-25a")
def test_an_action_that_found_nothing_new_counts_to_the_last_minute(desk: SalesDesk) -> None:
    desk.do(call(no_change=True), "2025-04-30T23:59")
    desk.on("2025-06-30")
    assert april(desk, "2025-05-01") == "done"


@pytest.mark.rule("CORE-25b")
def test_the_month_of_closing_is_exempt(desk: SalesDesk) -> None:
    desk.do(CloseOpportunity(opportunity="O-1", outcome="lost", reason_code="price"), "2025-04-20")
    desk.on("2025-06-30")
    assert desk.due("core.follow_up", "2025-06-30") == {"opportunity:O-1/2025-03": "done"}
    assert in_report(desk, "2025-04") == {"O-1": "exempt"}
    assert in_report(desk, "2025-05") == {}


@pytest.mark.rule("CORE-25b")
@pytest.mark.parametrize(
    "action",
    [
        RecordAction(kind="message", item_kind="opportunity", item="O-1", bulk=True),
        RecordAction(kind="call", item_kind="opportunity", item="O-2"),
        RecordAction(kind="call"),
    ],
    ids=["bulk", "another item", "the customer"],
)
def test_bulk_messages_and_other_items_do_not_count(desk: SalesDesk, action: RecordAction) -> None:
    desk.tell(OpenOpportunity(opportunity="O-2"))
    desk.do(action, "2025-04-10")
    desk.on("2025-06-30")
    assert april(desk, "2025-05-01") == "overdue"


@pytest.mark.rule("CORE-25c")
def test_an_action_entered_late_counts_on_its_own_day(desk: SalesDesk) -> None:
    desk.late(call(), "2025-04-30", "2025-05-03T12:00")
    assert april(desk, "2025-05-01", "2025-05-01") == "overdue"
    assert april(desk, "2025-05-03", "2025-05-03") == "done"
    report = "core.follow_up_overdue"
    rows = [
        desk.ledger.report(report, month="2025-04", as_of="2025-05-01", as_known=known).rows[0][6]
        for known in ("2025-05-01", "2025-05-03")
    ]
    assert rows == ["overdue", "in_order"]


@pytest.mark.rule("CORE-25d")
def test_the_next_action_closes_a_month_as_late_and_counts_for_its_own(desk: SalesDesk) -> None:
    desk.do(call(), "2025-05-06")
    desk.on("2025-06-30")
    assert [april(desk, f"2025-05-0{day}") for day in (1, 5, 6)] == ["overdue", "overdue", "late"]
    assert desk.due("core.follow_up", "2025-06-01")["opportunity:O-1/2025-05"] == "done"
    assert in_report(desk, "2025-04", as_of="2025-06-01") == {"O-1": "late"}
    assert in_report(desk, "2025-05", as_of="2025-06-01") == {"O-1": "in_order"}


@pytest.mark.rule("CORE-25")
def test_a_month_that_nobody_made_up_for_is_not_done_once_the_next_is_due(desk: SalesDesk) -> None:
    desk.on("2025-06-30")
    assert april(desk, "2025-06-01") == "not_done"
    row = desk.ledger.report("core.follow_up_overdue", as_of="2025-06-10").rows[0]
    assert row[6:] == ("in_order", 0, 2)


@pytest.mark.rule("CORE-25")
def test_a_lead_that_is_upgraded_hands_its_duty_on(desk: SalesDesk) -> None:
    desk.do(RecordLead(lead="L-1"), "2025-03-20")
    desk.do(UpgradeLead(lead="L-1", opportunity="O-7"), "2025-05-10")
    desk.do(call("O-7"), "2025-06-20")
    states = desk.due("core.follow_up", "2025-06-30")
    assert {key: state for key, state in states.items() if "O-1" not in key} == {
        "lead:L-1/2025-03": "done",
        "lead:L-1/2025-04": "overdue",
        "opportunity:O-7/2025-05": "done",
        "opportunity:O-7/2025-06": "done",
    } | {"lead:L-1/2025-04": "not_done"}


@pytest.mark.rule("CORE-25")
def test_what_is_reopened_is_followed_up_from_then_on(desk: SalesDesk) -> None:
    desk.do(CloseOpportunity(opportunity="O-1", outcome="lost", reason_code="price"), "2025-03-20")
    desk.do(ReopenOpportunity(opportunity="O-1", reason="called again"), "2025-05-20")
    desk.on("2025-07-31")
    assert desk.due("core.follow_up", "2025-07-01") == {
        "opportunity:O-1/2025-05": "done",
        "opportunity:O-1/2025-06": "overdue",
        "opportunity:O-1/2025-07": "open",
    }


@pytest.mark.rule("CORE-25")
def test_a_voided_action_counts_for_nothing(desk: SalesDesk) -> None:
    entry = desk.do(call(), "2025-04-10").entries[0].id
    assert april(desk, "2025-04-10") == "done"
    desk.on("2025-05-02").ledger.void(entry, actor="clerk", reason="another customer")
    assert april(desk, "2025-05-02") == "overdue"


@pytest.mark.rule("CORE-25")
def test_actions_are_counted_by_person_and_kind(desk: SalesDesk) -> None:
    for _ in range(2):
        desk.do(call(person="Zhang"), "2025-04-10")
    desk.do(RecordAction(kind="visit", person="Li"), "2025-04-11")
    desk.do(RecordAction(kind="message", bulk=True, person="Li"), "2025-04-11")
    rows = desk.ledger.report("core.follow_up_overdue", view="actions", month="2025-04").rows
    assert rows == (("2025-04", "Li", "visit", 1), ("2025-04", "Zhang", "call", 2))


@pytest.mark.rule("CORE-25")
def test_an_action_names_an_item_that_is_there_and_names_it_whole(desk: SalesDesk) -> None:
    with pytest.raises(Unknown, match="unknown_lead"):
        desk.tell(call("L-9"))
    with pytest.raises(Incomplete, match="item_missing"):
        desk.tell(RecordAction(kind="call", item="O-1"))
    with pytest.raises(Unknown, match="unknown_code"):
        RecordAction(kind="shout")  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="invalid_date"):
        desk.ledger.report("core.follow_up_overdue", month="2025-13")


@pytest.mark.rule("CORE-25")
def test_a_closed_lead_is_exempt_in_its_month(desk: SalesDesk) -> None:
    desk.do(RecordLead(lead="L-1"), "2025-03-20")
    desk.do(CloseLead(lead="L-1", reason_code="no need"), "2025-03-25")
    desk.on("2025-05-01")
    assert [k for k in desk.due("core.follow_up", "2025-05-01") if k.startswith("lead")] == []
