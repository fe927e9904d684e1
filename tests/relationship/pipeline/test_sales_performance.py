"""What people and departments brought in, against their targets, with their ranks; one section's customers alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import RecordProfileFact
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignSection
from guanxi.relationship.pipeline.commands import (
    OpenOpportunity,
    PlanVisit,
    RecordAction,
    SignContract,
    SubmitBid,
)
from guanxi.relationship.pipeline.reports import REPORTS
from guanxi.relationship.together.commands import SetGoal
from guanxi.relationship.together.goals import goal_stream
from tests.relationship.pipeline.sales_desk import SalesDesk, yuan

OWNERS = {"C-1": ("Zhang", "north"), "C-2": ("Li", "north"), "C-3": ("Zhang", "south")}


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-03-03") as d:
        d.open(*OWNERS)
        for who, (person, section) in OWNERS.items():
            d.tell(AssignMaintainer(person=person), who=who)
            d.tell(AssignSection(section=section), who=who)
            d.tell(OpenOpportunity(opportunity="O-1", amount=yuan(10)), who=who)
        for who, amount in (("C-1", 300), ("C-2", 500), ("C-3", 100)):
            d.tell(SignContract(contract=f"K-{who}", amount=yuan(amount)), who=who, happened=True)
        d.tell(RecordReceipt(receipt="R-1", amount=yuan(50)))
        d.tell(RecordAction(kind="call", item_kind="opportunity", item="O-1", person="Li"), who="C-2")
        goal = SetGoal(
            measure="contracts",
            owner="Zhang",
            target=Decimal(600),
            period_from=date(2025, 3, 1),
            period_until=date(2025, 3, 31),
        )
        d.tell(goal, who=goal_stream("G-1"))
        yield d


def rows(desk: SalesDesk, **parameters: Any) -> dict[tuple[str, ...], tuple[Any, ...]]:
    found = desk.ledger.report("core.sales_performance", **parameters).rows
    return {row[:3]: row[3:] for row in found}


def test_persons_add_up_to_their_department_and_are_ranked(desk: SalesDesk) -> None:
    found = rows(desk)
    assert list(found) == [
        ("department", "north", ""),
        ("department", "south", ""),
        ("person", "north", "Li"),
        ("person", "north", "Zhang"),
        ("person", "south", "Zhang"),
    ]
    assert found["department", "north", ""][3:7] == (Decimal(800), Decimal(50), 2, 1)
    assert found["person", "north", "Li"][3:] == (Decimal(500), Decimal(0), 1, 1, 1, 2, 1, 1)
    assert found["person", "north", "Zhang"][:3] == (Decimal(600), Decimal(300), Decimal(50))
    assert found["person", "north", "Zhang"][7:9] == (2, 1)


def test_what_was_brought_in_another_month_is_left_out(desk: SalesDesk) -> None:
    desk.on("2025-04-10")
    assert rows(desk) == {}
    assert rows(desk, since="2025-03-01")["department", "south", ""][3] == Decimal(100)


@pytest.mark.parametrize(
    ("report", "parameters", "all_of_them", "north"),
    [
        ("core.sales_performance", {}, 5, 3),
        ("core.sales_forecast", {}, Decimal(30), Decimal(20)),
        ("core.follow_up_overdue", {}, 3, 2),
        ("core.funnel", {}, 3, 2),
    ],
)
def test_a_report_of_one_section_leaves_the_others_out(
    desk: SalesDesk, report: str, parameters: dict[str, Any], all_of_them: Any, north: Any
) -> None:
    def size(**more: Any) -> Any:
        found = desk.ledger.report(report, **parameters, **more).rows
        if report == "core.sales_forecast":
            return sum(row[3] for row in found)
        return sum(row[2] for row in found) if report == "core.funnel" else len(found)

    assert size() == all_of_them
    assert size(section="north") == north


@pytest.mark.parametrize("report", [r.name for r in REPORTS])
def test_every_report_can_be_shown_with_its_picture(desk: SalesDesk, report: str) -> None:
    desk.tell(PlanVisit(visit_plan="P-1", on=date(2025, 3, 3)))
    desk.tell(SubmitBid(bid="B-1", tender="T-1", due=desk.now, amount=yuan(1)))
    for field in ("stock_on_hand", "monthly_use"):
        desk.tell(RecordProfileFact(field_name=field, value="30"))
    result = desk.ledger.report(report)
    assert result.rows
    for lang in ("en", "zh"):
        assert result.as_table(lang)
        assert "<html" in result.as_html(lang)
