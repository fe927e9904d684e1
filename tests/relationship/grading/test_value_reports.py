"""Reports on classes and value: what they show, what they are compared with, and that they foot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import CloseRelationship, Invalid, RecordProfileFact
from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    GoodsReturned,
    LineQuantity,
)
from guanxi.relationship.grading.cadences import countermeasure_plan
from guanxi.relationship.grading.commands import (
    GradeCustomer,
    OverrideGrade,
    Part,
    StateClass,
    StateDeliveredValue,
    StateSignal,
)
from guanxi.relationship.grading.events import CREDIT_GRADE, FOUR_CLASS, RISK_MARK
from guanxi.relationship.grading.rules import FourClassRules, GradingRules, LoyaltyRules
from guanxi.relationship.pipeline.events import CustomerPlanFiled
from guanxi.relationship.service.events import ComplaintReceived, ServiceCompleted
from tests.relationship.grading.grading_desks import Room


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(now="2024-01-01") as d:
        yield d


def invoiced(room: Room, amounts: list[int], on: str = "2024-06-10") -> list[str]:
    names = [f"C-{n}" for n in range(1, len(amounts) + 1)]
    room.open(*names)
    room.on(on)
    for name, amount in zip(names, amounts, strict=True):
        if amount:
            room.invoice(f"I-{name}", on, amount, who=name)
    return names


# ---------------------------------------------------------------- 29 concentration


@pytest.mark.rule("CORE-56c")
def test_concentration_shows_ranks_shares_and_what_they_are_compared_with(room: Room) -> None:
    invoiced(room, [500, 300, 100, 60, 40])
    room.cost("2024-06-10", 90, who="C-1")
    room.cost("2024-06-10", 10, who="C-2")
    room.on("2025-01-05").tell(
        StateClass(plugin="told", scheme="told.x", grade="vip", since=date(2025, 1, 5)), who="C-2"
    )
    rows = room.rows("core.concentration")
    assert [(r["account"], r["grade"], r["share"], r["cumulative"]) for r in rows] == [
        ("C-1", "A", 50, 50),
        ("C-2", "A", 30, 80),
        ("C-3", "B", 10, 90),
        ("C-4", "B", 6, 96),
        ("C-5", "C", 4, 100),
    ]
    notes = [text for _, text in room.ledger.report("core.concentration").notes[:4]]
    assert notes == ["1 / 5: 50.0 % < 80 %", "30.0 % < 50 %", "90.0 % ≥ 80 %", "0.3552"]


@pytest.mark.rule("CORE-56")
def test_thirds_foot_and_nothing_has_no_shares(room: Room) -> None:
    invoiced(room, [1, 1, 1])
    room.on("2025-01-05")
    assert [r["grade"] for r in room.rows("core.concentration")] == ["A", "A", "A"]
    room.on("2026-02-05")
    assert [r["share"] for r in room.rows("core.concentration")] == [None, None, None]


# ---------------------------------------------------------------- 30 migration


@pytest.mark.rule("CORE-53")
def test_migration_counts_who_went_from_which_class_to_which(room: Room) -> None:
    names = invoiced(room, [1000, 600, 200, 0])
    room.publish(FourClassRules(method="lines", lines=(Decimal(1000), Decimal(500), Decimal(100))))
    room.on("2025-01-05")
    for name in names[:3]:
        room.tell(GradeCustomer(scheme=FOUR_CLASS), who=name)
    room.on("2025-02-01").tell(CloseRelationship(reason_code="price"), who="C-2")
    room.on("2026-01-05")
    for name in ("C-1", "C-4"):
        room.tell(GradeCustomer(scheme=FOUR_CLASS), who=name)
    rows = [(r["before"], r["after"], r["customers"], r["share"]) for r in room.rows("core.class_migration")]
    assert rows == [
        ("vip", "small", 1, 100),
        ("main", "left", 1, 100),
        ("ordinary", "ordinary", 1, 100),
        ("new", "small", 1, 100),
    ]
    notes = [text for _, text in room.ledger.report("core.class_migration").notes[:2]]
    assert notes == ["2025-01-05: 3", "2026-01-05: 3"]


@pytest.mark.rule("CORE-54")
def test_classes_in_force_carry_their_terms(room: Room) -> None:
    room.open("C-1")
    room.publish(
        FourClassRules(
            method="lines",
            lines=(Decimal(3), Decimal(2), Decimal(1)),
            price_terms={"small": "list price"},
            service_terms={"small": "by mail"},
        ),
        GradingRules(
            lines={"risk_mark/high": Decimal(50), "risk_mark/low": Decimal(0), "credit_grade/A": Decimal(0)},
            eliminate=("high",),
        ),
    )
    room.on("2025-01-05").tell(GradeCustomer(scheme=FOUR_CLASS))
    room.tell(GradeCustomer(scheme=RISK_MARK, score=80))
    room.tell(GradeCustomer(scheme=CREDIT_GRADE, score=80))
    rows = {r["scheme"]: r for r in room.rows("core.classes_in_force")}
    four = rows[FOUR_CLASS]
    assert (four["grade"], four["price_terms"], four["service_terms"], four["level"]) == (
        "small",
        "list price",
        "by mail",
        4,
    )
    assert (rows[RISK_MARK]["payment_terms"], rows[RISK_MARK]["eliminate"]) == ("strict", "yes")
    room.tell(
        OverrideGrade(scheme=RISK_MARK, grade="low", reason="paid", approver="head", until=date(2025, 12, 31))
    )
    row = next(r for r in room.rows("core.classes_in_force") if r["scheme"] == RISK_MARK)
    assert (row["grade"], row["how"], row["payment_terms"]) == ("low", "overridden", "relaxed")


# ---------------------------------------------------------------- 31 value


@pytest.mark.rule("CORE-57a")
def test_relationship_value_is_shown_before_and_after_indirect_cost(room: Room) -> None:
    invoiced(room, [1_200_000])
    room.cost("2024-06-10", 800_000, who="C-1")
    room.cost("2024-06-10", 150_000, "indirect", who="C-1")
    room.on("2025-01-05")
    row = room.rows("core.customer_value")[0]
    assert (row["before_indirect"], row["after_indirect"]) == (400_000, 250_000)


@pytest.mark.rule("CORE-57")
def test_customers_and_what_is_unassigned_sum_to_the_company(room: Room) -> None:
    invoiced(room, [100, 50])
    room.on("2024-07-01").tell(CloseRelationship(reason_code="price"), who="C-2")
    room.on("2025-01-05")
    rows = {
        r["account"]: r for r in room.rows("core.customer_value", company_revenue="180", company_direct="20")
    }
    assert (rows["unassigned"]["revenue"], rows["unassigned"]["after_indirect"]) == (30, 10)
    assert (rows["Σ"]["revenue"], rows["Σ"]["direct"], rows["C-2"]["revenue"]) == (180, 20, 50)
    june = room.rows("core.customer_value", since="2024-06-10", until="2024-06-10")
    assert june[-1]["revenue"] == 150
    assert room.rows("core.customer_value", since="2024-06-11")[-1]["revenue"] == 0


def told(gets: list[int | None], gives: list[int | None], unit: str = "CNY") -> StateDeliveredValue:
    names = ("product", "service", "personnel", "image", "money", "time", "energy", "mental")
    parts = zip(names, [*gets, *gives], strict=True)
    return StateDeliveredValue(**{n: Part(Decimal(a), unit) for n, a in parts if a is not None})


@pytest.mark.rule("CORE-57b")
def test_delivered_value_is_what_he_gets_less_what_he_gives_up(room: Room) -> None:
    room.open("C-1")
    room.on("2025-01-05").tell(told([100, 40, 20, 10], [90, 15, 10, 5]))
    row = room.rows("core.customer_value")[0]
    assert (row["delivered"], row["unit"]) == (50, "CNY")


@pytest.mark.rule("CORE-57b")
def test_a_part_not_stated_leaves_delivered_value_not_available(room: Room) -> None:
    room.open("C-1")
    room.on("2025-01-05").tell(told([100, 40, 20, 10], [None, None, None, None]))
    assert room.rows("core.customer_value")[0]["delivered"] is None


@pytest.mark.rule("CORE-57b")
def test_parts_in_two_units_are_refused() -> None:
    with pytest.raises(Invalid, match="unit_mismatch"):
        StateDeliveredValue(product=Part(100, "CNY"), money=Part(90, "points"))
    with pytest.raises(Invalid, match="unit_missing"):
        StateDeliveredValue()


# ---------------------------------------------------------------- 32 key and problem customers


@pytest.mark.rule("CORE-58b")
def test_a_customer_overdue_for_more_than_thirty_days_is_a_problem_with_a_gap(room: Room) -> None:
    room.open("C-1")
    room.on("2025-03-01").invoice("I-1", "2025-03-01", 100, due="2025-03-31")
    room.on("2025-05-15")
    assert room.rows("core.key_and_problem", "2025-04-30") == []
    (row,) = room.rows("core.key_and_problem", "2025-05-01")
    assert (row["lists"], row["reasons"], row["gap"]) == ("problem", "overdue I-1", "yes")
    key = "problem/2025-05-01"
    assert room.due(countermeasure_plan, "2025-04-30") == {}
    assert room.due(countermeasure_plan, "2025-05-15")[key][1] == "open"
    room.happen(plan(), "2025-05-15")
    (row,) = room.rows("core.key_and_problem")
    assert (row["gap"], row["owner"], row["measures"]) == ("no", "li", "call; visit")
    assert room.due(countermeasure_plan, "2025-05-15")[key][1] == "done"


def plan(**fields: object) -> CustomerPlanFiled:
    told = {
        "plan": "M-1",
        "kind": "countermeasure",
        "version": 1,
        "goal": "paid",
        "measures": ("call", "visit"),
        "owner": "li",
        "author": "li",
        "ends_on": date(2025, 6, 30),
    }
    return CustomerPlanFiled(**{**told, **fields})  # type: ignore[arg-type]


@pytest.mark.rule("CORE-58")
@pytest.mark.parametrize(
    "fields",
    [{"kind": "customer"}, {"measures": ()}, {"owner": ""}, {"ends_on": None}, {"ends_on": date(2025, 5, 1)}],
)
def test_a_plan_without_owner_measure_or_running_date_leaves_the_gap(
    room: Room, fields: dict[str, object]
) -> None:
    room.open("C-1")
    room.on("2025-05-15").tell(
        StateClass(plugin="told", scheme="told.x", grade="vip", since=date(2025, 5, 10))
    )
    room.happen(plan(**fields))
    (row,) = room.rows("core.key_and_problem")
    assert (row["lists"], row["gap"]) == ("key", "yes")
    assert room.due(countermeasure_plan, "2025-05-15")["key/2025-05-10"][1] == "open"


@pytest.mark.rule("CORE-58")
def test_a_complaint_past_its_limit_and_a_churn_warning_make_a_problem_customer(room: Room) -> None:
    room.on("2025-05-01").open("C-1", "C-2", on="2025-05-01")
    room.happen(ComplaintReceived(complaint="K-1", category="quality"), who="C-1")
    room.tell(StateSignal(plugin="told", signal="usage", weight="strong", since=date(2025, 5, 3)), who="C-2")
    room.on("2025-05-10")
    found = {r["account"]: r["reasons"] for r in room.rows("core.key_and_problem")}
    assert found == {"C-1": "complaint_past_limit K-1", "C-2": "churn told.usage"}
    assert room.rows("core.key_and_problem", "2025-05-02") == []


# ---------------------------------------------------------------- 5 loyalty


@pytest.mark.rule("CORE-59")
def test_loyalty_shows_three_inputs_and_sole_use_and_no_index_without_weights(room: Room) -> None:
    loyal(room)
    room.ledger.run("core.loyalty_index", actor="analyst")
    rows = room.rows("core.loyalty_inputs")
    assert [
        (r["account"], r["months"], r["quantity"], r["hours"], r["sole_use"], r["index"]) for r in rows
    ] == [
        ("C-1", 12, 8, Decimal("2.5"), "yes", None),
        ("C-2", 0, 0, 0, None, None),
    ]


@pytest.mark.rule("CORE-59")
def test_the_index_is_the_weighted_sum_of_percentiles_of_a_run(room: Room) -> None:
    loyal(room)
    room.publish(
        LoyaltyRules(
            duration_weight=Decimal("0.5"), quantity_weight=Decimal("0.3"), service_weight=Decimal("0.2")
        )
    )
    view = room.ledger.run("core.loyalty_index", actor="analyst")
    assert view.controls["hours"] == Decimal("2.5")
    assert [r["index"] for r in room.rows("core.loyalty_inputs")] == [100, 50]


def loyal(room: Room) -> None:
    room.open("C-1", "C-2")
    room.on("2024-05-20").order("O-1", "2024-05-20", 100, who="C-1")
    whole = (LineQuantity(line="1", quantity=Decimal(1)),)
    room.happen(GoodsDelivered(order="O-1", lines=whole), who="C-1")
    room.on("2024-08-20").order("O-2", "2024-08-20", 100, pieces=9, who="C-1")
    room.happen(GoodsDelivered(order="O-2", lines=(LineQuantity(line="1", quantity=Decimal(9)),)), who="C-1")
    room.happen(GoodsReturned(order="O-2", lines=whole), who="C-1")
    room.happen(ServiceCompleted(request="S-1", hours=Decimal("2.5")), who="C-1")
    room.tell(RecordProfileFact(field_name="sole_use", value="yes"), who="C-1")
    room.on("2025-05-25")


@pytest.mark.rule("CORE-59b")
def test_a_lapse_of_four_months_is_taken_out(room: Room) -> None:
    room.open("C-1")
    room.on("2023-06-15")
    for number, day in (("O-1", "2023-06-15"), ("O-2", "2024-10-15")):
        room.on(day).order(number, day)
        room.happen(GoodsDelivered(order=number, lines=(LineQuantity(line="1", quantity=Decimal(1)),)))
    room.on("2025-06-14")
    assert room.rows("core.loyalty_inputs")[0]["months"] == 19


# ---------------------------------------------------------------- 33 churn warnings


@pytest.mark.rule("CORE-60d")
def test_signs_of_a_plugin_that_was_taken_out_are_marked(room: Room) -> None:
    room.open("C-1", "C-2")
    until = date(2025, 7, 31)
    for who, plugin in (("C-1", "gone"), ("C-2", "told")):
        signal = StateSignal(
            plugin=plugin, signal=f"{plugin}.usage", weight="strong", since=date(2025, 5, 1), until=until
        )
        room.on("2025-05-01").tell(signal, who=who)
    room.on("2025-08-02")
    june = room.rows("core.churn_warnings", "2025-06-15")
    assert [(r["account"], r["source_absent"], r["ends"]) for r in june] == [
        ("C-1", "gone", "open"),
        ("C-2", "", "open"),
    ]
    august = room.rows("core.churn_warnings", "2025-08-01")
    assert [(r["cleared_on"], r["ends"]) for r in august] == [(date(2025, 8, 1), "cleared")] * 2
    found = room.ledger.report("core.churn_warnings", as_of="2025-08-01")
    assert found.notes[0][1] == "0 + 2 = 2 + 0"


def test_every_report_says_the_same_of_now_and_of_a_cut_at_now(room: Room) -> None:
    from guanxi.relationship.documents.reports import REPORTS as PAPERS
    from guanxi.relationship.grading.reports import REPORTS

    loyal(room)
    room.tell(StateSignal(plugin="gone", signal="usage", weight="strong", since=date(2025, 5, 20)), who="C-1")
    for report in (*REPORTS, *PAPERS):
        now, cut = room.ledger.report(report.name), room.ledger.report(report.name, as_of=room.now)
        assert now.rows == cut.rows
        for lang in ("en", "zh"):
            assert now.as_csv(lang)
