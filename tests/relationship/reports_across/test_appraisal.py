"""Account managers are appraised by satisfaction first; their customers are those of the ownership register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Money
from guanxi.kernel.standard import BreachRecorded
from guanxi.relationship.dealings.events import InvoiceIssued, OrderLine, OrderPlaced
from guanxi.relationship.file.events import RelationshipClosed
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.service.events import PromiseMade, SurveyAnswered
from tests.relationship.ownership.telling import FactDesk


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-06-01") as d:
        d.open("C-1", "C-2", "C-3", on="2024-02-01").open("C-4", on="2025-02-01")
        for who, person in (("C-1", "li"), ("C-2", "wang"), ("C-4", "wang")):
            d.tell(AssignMaintainer(person=person), who=who)
        yield d


def answered(score: int, scale: str = "csat", question: str = "Q1") -> SurveyAnswered:
    return SurveyAnswered(survey="S", wave="1", question=question, scale=scale, score=score)


def ordered(number: str, amount: str) -> OrderPlaced:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pc", amount=Money(amount, "CNY"))
    return OrderPlaced(order=number, lines=(line,))


def appraised(desk: FactDesk, **given: Any) -> list[dict[str, Any]]:
    result = desk.ledger.report("core.manager_appraisal", **given)
    return [dict(zip([c.name for c in result.columns], row, strict=True)) for row in result.rows]


@pytest.mark.rule("CORE-37")
def test_satisfaction_is_the_first_measure_and_nobody_s_customers_come_last(desk: FactDesk) -> None:
    desk.fact("2025-03-01", answered(2), answered(9, "nps", "Q2"), who="C-1")
    desk.fact("2025-03-01", answered(5), who="C-2")
    desk.fact("2025-03-01", answered(5), who="C-3")
    rows = appraised(desk)
    assert [(r["maintainer"], r["csat"]) for r in rows] == [
        ("wang", Decimal("100.0")),
        ("li", Decimal("0.0")),
        (None, Decimal("100.0")),
    ]
    assert [r["nps"] for r in rows] == [None, Decimal("100.0"), None]


@pytest.mark.rule("CORE-20")
def test_customers_held_won_and_lost_are_those_of_the_ownership_register(desk: FactDesk) -> None:
    desk.fact("2025-04-01", RelationshipClosed(reason_code="relocation", exit_kind="voluntary"), who="C-2")
    rows = {r["maintainer"]: (r["customers"], r["new"], r["lost"]) for r in appraised(desk)}
    assert rows == {"li": (1, 0, 0), "wang": (1, 1, 1), None: (1, 0, 0)}
    register = desk.ledger.report("core.ownership_register").rows
    assert sum(held for held, _, _ in rows.values()) == sum(row[2] for row in register)


@pytest.mark.rule("CORE-20")
def test_growth_compares_with_as_many_days_before(desk: FactDesk) -> None:
    desk.fact("2025-04-15", ordered("O-1", "100"), who="C-1")
    desk.fact("2025-05-15", ordered("O-2", "150"), who="C-1")
    desk.fact("2025-05-20", ordered("O-3", "80"), who="C-2")
    rows = {r["maintainer"]: r for r in appraised(desk, since=date(2025, 5, 1), until=date(2025, 5, 31))}
    assert (rows["li"]["ordered"], rows["li"]["ordered_before"]) == (Decimal(150), Decimal(100))
    assert rows["li"]["growth"] == Decimal("50.0")
    assert rows["wang"]["growth"] is None


@pytest.mark.rule("CORE-39")
def test_a_broken_promise_and_what_is_overdue_count_against_the_maintainer(desk: FactDesk) -> None:
    desk.fact(
        "2025-03-01",
        PromiseMade(promise="P-1", due=date(2025, 3, 10), basis="told", promiser="li"),
        who="C-1",
    )
    bill = InvoiceIssued(invoice="I-1", amount=Money("70", "CNY"), due_on=date(2025, 4, 1))
    desk.fact("2025-03-01", bill, who="C-1")
    row = next(r for r in appraised(desk) if r["maintainer"] == "li")
    assert (row["broken"], row["overdue"]) == (1, Decimal(70))


def test_measures_without_a_unit_in_common_are_drawn_as_shares_of_the_best(desk: FactDesk) -> None:
    drawn = desk.ledger.report("core.manager_appraisal").drawn()
    assert drawn.report.picture.kind == "radar"
    assert {row[:2]: row[2] for row in drawn.rows if row[0] == "customers"} == {
        ("customers", "li"): Decimal("50.0"),
        ("customers", "wang"): Decimal("100.0"),
    }


@pytest.mark.rule("CORE-04")
def test_rules_that_were_broken_count_against_the_maintainer_in_the_period(desk: FactDesk) -> None:
    desk.fact("2025-03-01", BreachRecorded(rule="CORE-30", code="arrears_open"), who="C-1")
    late = BreachRecorded(rule="CORE-30", code="arrears_open")
    desk.fact("2025-05-02", late, known="2025-06-05", who="C-1")
    assert {r["maintainer"]: r["breaches"] for r in appraised(desk)} == {"li": 2, "wang": 0, None: 0}
    may = appraised(desk, since=date(2025, 5, 1), until=date(2025, 5, 31))
    assert {r["maintainer"]: r["breaches"] for r in may} == {"li": 1, "wang": 0, None: 0}
    before = appraised(desk, as_known="2025-06-02")
    assert [r["breaches"] for r in before if r["maintainer"] == "li"] == [1]
