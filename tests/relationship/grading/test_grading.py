"""Grading: a class stands until the next grading, late costs are listed, and somebody's ruling ends on its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Incomplete, Invalid, NotPermitted, RecordProfileFact, RuleNotMet, Unknown
from guanxi.relationship.grading.classing import value_potential
from guanxi.relationship.grading.commands import GradeCustomer, OverrideGrade, StateClass
from guanxi.relationship.grading.events import ABC, CREDIT_GRADE, FOUR_CLASS, IMPORTANCE, VALUE_POTENTIAL
from guanxi.relationship.grading.rules import (
    FourClassRules,
    GradingRules,
    ImportanceRules,
    ValuePotentialRules,
)
from tests.relationship.grading.grading_desks import Room

LINES = FourClassRules(method="lines", lines=(Decimal(1000), Decimal(500), Decimal(100)))
CUTS = ValuePotentialRules(value_cut=Decimal(100_000), potential_cut=Decimal(60))


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2024-01-01") as d:
        yield d.open()


def override(
    scheme: str = FOUR_CLASS, grade: str = "vip", until: str = "2025-06-30", **fields: Any
) -> OverrideGrade:
    told = {"reason": "new plant", "approver": "head", **fields}
    return OverrideGrade(scheme=scheme, grade=grade, until=date.fromisoformat(until), **told)


@pytest.mark.rule("CORE-53a")
def test_a_late_cost_leaves_the_class_and_is_listed_until_the_next_grading(room: Room) -> None:
    room.publish(LINES)
    room.on("2024-12-10").invoice("I-1", "2024-12-10", 1000)
    room.on("2025-01-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    assert room.ledger.history("C-1").would_differ() == []
    room.on("2025-01-10").cost("2024-12-20", 600)
    assert room.grade(FOUR_CLASS, "2025-01-10") == "vip"
    (found,) = room.ledger.history("C-1").would_differ()
    assert (found.stored.grade, found.derived.grade) == ("vip", "ordinary")
    room.on("2025-06-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    assert room.grade(FOUR_CLASS, "2025-06-05") == "ordinary"


@pytest.mark.rule("CORE-53b")
def test_an_override_ends_after_its_last_day(room: Room) -> None:
    room.publish(LINES)
    room.on("2025-01-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    room.on("2025-02-01").tell(override())
    room.on("2025-08-01")
    assert room.grade(FOUR_CLASS, "2025-06-30") == "vip"
    assert room.grade(FOUR_CLASS, "2025-07-01") == "small"


@pytest.mark.rule("CORE-53")
def test_the_result_and_its_inputs_are_written_to_the_file(room: Room) -> None:
    room.publish(LINES)
    room.on("2024-12-10").invoice("I-1", "2024-12-10", 1000)
    room.cost("2024-12-10", 300)
    room.cost("2024-12-10", 100, "indirect")
    room.on("2025-01-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    (line,) = room.events("core.grade_set")
    assert line.event.grade == "main"
    assert line.event.inputs == (("contribution", "600"),)


@pytest.mark.rule("CORE-53")
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        ({"reason": " "}, Incomplete, "reason_missing"),
        ({"approver": ""}, Incomplete, "approval_missing"),
        ({"approver": "clerk"}, NotPermitted, "approver_conflict"),
        ({"until": "2024-12-31"}, Invalid, "invalid_date"),
        ({"grade": "gold"}, Unknown, "unknown_code"),
        ({"scheme": "starsign"}, Unknown, "unknown_code"),
        ({"scheme": IMPORTANCE, "grade": "5"}, Unknown, "unknown_code"),
    ],
)
def test_an_override_needs_reason_approver_end_and_a_class_that_exists(
    room: Room, command: dict[str, str], error: type[Exception], code: str
) -> None:
    room.on("2025-02-01")
    before = room.count()
    with pytest.raises(error, match=code):
        room.tell(override(**command))
    assert room.count() == before


@pytest.mark.rule("CORE-53")
def test_a_plugins_class_may_be_overridden_by_any_name(room: Room) -> None:
    room.on("2025-02-01").tell(override("retail.spend_class", "A1"))
    assert room.grade("retail.spend_class", "2025-02-01") == "A1"


@pytest.mark.rule("CORE-53")
@pytest.mark.parametrize(("score", "grade"), [("80", "A"), ("79.99", "B"), ("0", "C")])
def test_a_credit_grade_is_drawn_by_the_firms_own_lines(room: Room, score: str, grade: str) -> None:
    lines = {"credit_grade/A": Decimal(80), "credit_grade/B": Decimal(50), "credit_grade/C": Decimal(0)}
    room.publish(GradingRules(lines=lines))
    room.on("2025-02-01").tell(GradeCustomer(scheme=CREDIT_GRADE, score=score))
    assert room.grade(CREDIT_GRADE, "2025-02-01") == grade
    with pytest.raises(Invalid, match="out_of_scale"):
        room.tell(GradeCustomer(scheme=CREDIT_GRADE, score="-1"))
    with pytest.raises(Invalid, match="out_of_scale"):
        room.tell(GradeCustomer(scheme=CREDIT_GRADE))


@pytest.mark.rule("CORE-53")
@pytest.mark.parametrize(
    ("scheme", "error", "code"),
    [
        ("starsign", Unknown, "unknown_code"),
        (FOUR_CLASS, RuleNotMet, "ranked_by_run"),
        (ABC, RuleNotMet, "ranked_by_run"),
        (VALUE_POTENTIAL, Incomplete, "cut_missing"),
        (CREDIT_GRADE, Unknown, "unknown_code"),
    ],
)
def test_a_scheme_that_cannot_grade_one_customer_is_refused(
    room: Room, scheme: str, error: type[Exception], code: str
) -> None:
    with pytest.raises(error, match=code):
        room.on("2025-02-01").tell(GradeCustomer(scheme=scheme))


@pytest.mark.rule("CORE-53")
def test_a_grading_date_may_be_past_but_not_ahead(room: Room) -> None:
    room.publish(LINES)
    room.on("2025-02-10").invoice("I-1", "2025-01-20", 1000)
    with pytest.raises(Invalid, match="future_dated"):
        room.tell(GradeCustomer(scheme=FOUR_CLASS, graded_on=date(2025, 2, 11)))
    room.tell(GradeCustomer(scheme=FOUR_CLASS, graded_on=date(2025, 1, 31)))
    assert room.grade(FOUR_CLASS, "2025-02-10") == "small"
    room.tell(GradeCustomer(scheme=FOUR_CLASS))
    assert room.grade(FOUR_CLASS, "2025-02-10") == "vip"


@pytest.mark.rule("CORE-53")
@pytest.mark.parametrize(
    ("risk", "credit", "terms"),
    [
        ("high", "A", "strict"),
        ("high", None, "strict"),
        ("low", "A", "relaxed"),
        ("low", "B", "normal"),
        (None, "A", "normal"),
    ],
)
def test_risk_and_credit_steer_payment_terms(risk: str | None, credit: str | None, terms: str) -> None:
    assert GradingRules().payment_terms(risk, credit) == terms


@pytest.mark.rule("CORE-53")
def test_the_next_grading_falls_due_after_the_months_set(room: Room) -> None:
    from guanxi.relationship.grading.cadences import regrading

    room.publish(LINES)
    room.on("2025-01-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    room.on("2026-03-01")
    item, state = room.due(regrading, "2026-01-05")["four_class/2025-01-05"]
    assert (item.until.date(), state) == (date(2026, 1, 6), "open")
    assert room.due(regrading, "2026-01-06")["four_class/2025-01-05"][1] == "overdue"
    room.tell(GradeCustomer(scheme=FOUR_CLASS))
    assert room.due(regrading, "2026-03-01")["four_class/2025-01-05"][1] == "late"
    assert room.due(regrading, "2026-03-01")["four_class/2026-03-01"][1] == "open"


# ---------------------------------------------------------------- value and potential


@pytest.mark.rule("CORE-55a")
@pytest.mark.parametrize(
    ("value", "potential", "metal"),
    [
        ("99999.99", "59", "lead"),
        ("99999.99", "60", "iron"),
        ("100000", "59", "gold"),
        ("100000", "60", "platinum"),
        ("500000", None, "not_classified"),
    ],
)
def test_value_and_potential_make_four_metals(value: str, potential: str | None, metal: str) -> None:
    known = None if potential is None else Decimal(potential)
    assert value_potential(Decimal(value), known, CUTS) == metal


@pytest.mark.rule("CORE-55a")
@pytest.mark.parametrize(
    ("value", "potential", "metal"),
    [
        ("99999.99", "59", "lead"),
        ("99999.99", "60", "iron"),
        ("100000", "59", "gold"),
        ("100000", "60", "platinum"),
        ("500000", None, "not_classified"),
    ],
)
def test_a_customer_is_graded_by_what_he_was_invoiced_and_his_stated_potential(
    room: Room, value: str, potential: str | None, metal: str
) -> None:
    room.publish(CUTS)
    room.on("2024-12-10").invoice("I-1", "2024-12-10", value)
    if potential is not None:
        room.tell(RecordProfileFact(field_name="potential", value=potential))
    room.on("2025-01-05").tell(GradeCustomer(scheme=VALUE_POTENTIAL))
    assert room.grade(VALUE_POTENTIAL, "2025-01-05") == metal


@pytest.mark.rule("CORE-55")
def test_a_potential_that_is_no_number_is_unknown(room: Room) -> None:
    room.publish(CUTS)
    for told in ("large", "NaN"):
        room.on("2025-01-05").tell(RecordProfileFact(field_name="potential", value=told))
        room.tell(GradeCustomer(scheme=VALUE_POTENTIAL))
        assert room.grade(VALUE_POTENTIAL, "2025-01-05") == "not_classified"


# ---------------------------------------------------------------- importance


@pytest.mark.rule("CORE-58a")
def test_the_highest_class_makes_the_level_and_an_override_ends(room: Room) -> None:
    room.on("2025-01-05").tell(
        StateClass(plugin="told", scheme="told.spend", grade="main", since=date(2025, 1, 5))
    )
    assert room.level("2025-01-05") == 2
    room.tell(StateClass(plugin="told", scheme="told.worth", grade="platinum", since=date(2025, 1, 5)))
    assert room.level("2025-01-05") == 1
    room.on("2025-02-01").tell(override(IMPORTANCE, "3"))
    room.on("2025-08-01")
    assert room.level("2025-06-30") == 3
    assert room.level("2025-07-01") == 1


@pytest.mark.rule("CORE-58")
def test_a_stated_class_counts_on_its_days_alone(room: Room) -> None:
    room.on("2025-01-05").tell(
        StateClass(
            plugin="told", scheme="told.spend", grade="vip", since=date(2025, 1, 10), until=date(2025, 1, 20)
        )
    )
    room.on("2025-02-01")
    assert [room.level(f"2025-01-{d}") for d in ("09", "10", "20", "21")] == [4, 1, 1, 4]


@pytest.mark.rule("CORE-58")
def test_a_host_may_give_a_plugins_class_a_level_of_its_own() -> None:
    rules = ImportanceRules(levels={"vip": 1, "retail.spend_class/vip": 2})
    assert (
        rules.level("four_class", "vip"),
        rules.level("retail.spend_class", "vip"),
        rules.level("x", "y"),
    ) == (1, 2, 4)
