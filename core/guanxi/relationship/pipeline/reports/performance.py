"""Sales performance: what people and departments brought in a period, against their targets, with their ranks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.pipeline.read_models import customer_rows, follow_up_rows
from guanxi.relationship.pipeline.reports._common import (
    Customers,
    begins,
    customers_of,
    option,
    rounded,
    section_option,
    since_option,
)
from guanxi.relationship.together.read_models import attainments, goal_targets

Measure = Literal["contracts", "receipts", "new_customers", "follow_ups"]
MEASURES: tuple[Measure, ...] = ("contracts", "receipts", "new_customers", "follow_ups")
DEPARTMENT, PERSON = "department", "person"
NOTHING = Decimal(0)

Brought = Mapping[str, Decimal]
"""What was brought, by measure."""


@attrs.frozen
class PerformanceParameters:
    """Which period, and what is compared with its target."""

    since: date | None = since_option()  # noqa: RUF009 - an attrs field, not a default
    measure: Measure = option("contracts", "what is compared with its target", "考核指标")  # noqa: RUF009 - an attrs field, not a default
    section: str | None = section_option()


def _build(reader: Reader, parameters: PerformanceParameters, asked: Asked) -> Content:
    first = begins(parameters.since, asked).date()
    figures = _figures(reader, customers_of(reader, parameters.section), first, asked.day)
    targets = _targets(reader, parameters.measure, first, asked)
    by_department: defaultdict[tuple[str, str], list[Brought]] = defaultdict(list)
    for (department, _), brought in figures.items():
        by_department[department, ""].append(brought)
    summed = {whose: _sum(parts) for whose, parts in by_department.items()}
    rows = [*_rows(DEPARTMENT, summed, targets, parameters.measure)]
    rows += _rows(PERSON, figures, targets, parameters.measure)
    return Content(rows, drawing=_drawing(rows))


def _sum(parts: Sequence[Brought]) -> Brought:
    return {measure: sum((b.get(measure, NOTHING) for b in parts), NOTHING) for measure in MEASURES}


def _figures(
    reader: Reader, customers: Customers, first: date, last: date
) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Return what was brought by department and person; a customer is new on the day of his first order or contract."""
    days = (first.isoformat(), last.isoformat())
    figures: dict[tuple[str, str], dict[str, Decimal]] = {}
    firsts: dict[str, tuple[str, str]] = {}

    def add(stream: str, person: str, measure: str, amount: Decimal) -> None:
        brought = figures.setdefault((customers.sections.get(stream, ""), person), {})
        brought[measure] = brought.get(measure, NOTHING) + amount

    for stream, row in customers.rows(reader, attainments):
        if row.measure in ("contracts", "orders"):
            firsts[stream] = min(firsts.get(stream, (row.day, row.person)), (row.day, row.person))
        if row.measure in ("contracts", "receipts") and days[0] <= row.day <= days[1]:
            add(stream, row.person, row.measure, row.amount)
    for stream, (day, person) in firsts.items():
        if days[0] <= day <= days[1]:
            add(stream, person, "new_customers", Decimal(1))
    for stream, acted in customers.rows(reader, follow_up_rows):
        if acted.item_kind in ("lead", "opportunity") and days[0] <= acted.day <= days[1]:
            add(stream, acted.person, "follow_ups", Decimal(acted.actions))
    return figures


def _targets(reader: Reader, measure: str, first: date, asked: Asked) -> Mapping[str, Decimal]:
    """Return by owner the targets of the goals whose period begins within the reported one."""
    goals: defaultdict[str, list[Any]] = defaultdict(list)
    for _, row in reader.rows(goal_targets):
        if row.holds_from <= asked.as_of:
            goals[row.goal].append(row)
    found: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for rows in goals.values():
        rows.sort(key=lambda row: row.holds_from)
        begins_on = rows[0].period_from
        if rows[0].measure == measure and begins_on is not None and first <= begins_on <= asked.day:
            found[rows[0].owner] += rows[-1].target
    return found


def _rows(
    level: str, figures: Mapping[tuple[str, str], Brought], targets: Mapping[str, Decimal], measure: str
) -> Iterator[tuple[Any, ...]]:
    ranks = {m: _ranks([b.get(m, NOTHING) for b in figures.values()]) for m in MEASURES}
    for (department, person), brought in sorted(figures.items()):
        target, actual = targets.get(person or department), brought.get(measure, NOTHING)
        yield (
            level,
            department,
            person,
            target,
            rounded(actual),
            rounded(Fraction(100 * actual) / Fraction(target)) if target else None,
            rounded(brought.get("contracts", NOTHING)),
            rounded(brought.get("receipts", NOTHING)),
            int(brought.get("new_customers", NOTHING)),
            int(brought.get("follow_ups", NOTHING)),
            *(ranks[m][brought.get(m, NOTHING)] for m in MEASURES),
        )


def _ranks(amounts: Sequence[Decimal]) -> Mapping[Decimal, int]:
    """Return the rank of each amount, the highest first; equal ones share the better."""
    ordered = sorted(amounts, reverse=True)
    return {amount: ordered.index(amount) + 1 for amount in set(amounts)}


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[0] == DEPARTMENT:
            people = [r for r in rows if r[0] == PERSON and r[1] == row[1]]
            for n in range(6, 10):
                if sum(r[n] for r in people) != row[n]:
                    yield f"{row[1]}: the persons are not their department"


def _drawing(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    people: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for row in rows:
        if row[0] == PERSON:
            people[row[2]] += row[4]
    return Drawing(PICTURE if people else None, (WHO, ACTUAL), sorted(people.items()))


WHO = Column("person", Label("Person", "人员"))
ACTUAL = Column("actual", Label("Actual", "实际"), "decimal")
PICTURE = Picture("bars", x="person", y="actual", title=Label("Brought in by person", "人员业绩"))

performance = Report(
    name="core.sales_performance",
    title=Label("Sales performance", "销售业绩"),
    reads=(customer_rows, follow_up_rows, attainments, goal_targets),
    columns=(
        Column("level", Label("Level", "层级"), "code"),
        Column("department", Label("Department", "部门")),
        WHO,
        Column("target", Label("Target", "目标"), "decimal"),
        ACTUAL,
        Column("rate", Label("Rate", "完成率"), "percent"),
        Column("contracts", Label("Contracts signed", "签约金额"), "decimal"),
        Column("receipts", Label("Receipts", "回款"), "decimal"),
        Column("new_customers", Label("New customers", "新客户"), "integer"),
        Column("follow_ups", Label("Follow-ups", "跟进次数"), "integer"),
        *(
            Column(f"rank_{measure}", label, "integer")
            for measure, label in zip(
                MEASURES,
                (
                    Label("Rank by contracts", "签约排名"),
                    Label("Rank by receipts", "回款排名"),
                    Label("Rank by new customers", "新客户排名"),
                    Label("Rank by follow-ups", "跟进排名"),
                ),
                strict=True,
            )
        ),
    ),
    build=_build,
    parameters=PerformanceParameters,
    foots=_foots,
    rules=("CORE-24", "CORE-25"),
)
