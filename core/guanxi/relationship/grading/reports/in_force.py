"""The classes in force, with the importance and the terms that go with them (CORE-53, CORE-54, CORE-58)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.grading.events import CREDIT_GRADE, FOUR_CLASS, RISK_MARK
from guanxi.relationship.grading.importance import (
    classes,
    classes_by_stream,
    classes_in_force,
    level_of,
)
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
    NO,
    YES,
)
from guanxi.relationship.grading.rules import (
    FourClassRules,
    GradingRules,
    ImportanceRules,
)


def _in_force(reader: Reader, parameters: None, asked: Asked) -> Content:
    rules, grading, four = (
        asked.rules(ImportanceRules),
        asked.rules(GradingRules),
        asked.rules(FourClassRules),
    )
    graded = classes_by_stream(reader)
    rows: list[tuple[Any, ...]] = []
    for stream, account in members_of(reader).items():
        found = classes_in_force(graded.get(stream, ()), asked.day)
        risk, credit = found.get(RISK_MARK), found.get(CREDIT_GRADE)
        mark = None if risk is None else risk.grade
        terms = grading.payment_terms(mark, None if credit is None else credit.grade)
        level = level_of(graded.get(stream, ()), asked.day, rules)
        rows += [
            (
                account,
                scheme,
                row.grade,
                row.how,
                row.since,
                row.until,
                level,
                four.price_terms.get(row.grade) if scheme == FOUR_CLASS else None,
                four.service_terms.get(row.grade) if scheme == FOUR_CLASS else None,
                terms,
                YES if mark in grading.eliminate else NO,
            )
            for scheme, row in found.items()
        ]
    return Content(sorted(rows, key=lambda r: (r[0], r[1])), drawing=_drawing(rows))


def _drawing(rows: Sequence[tuple[Any, ...]]) -> Drawing:
    """Return how many customers there are in each class of each scheme."""
    many = Counter((row[1], row[2]) for row in rows)
    columns = (
        Column("scheme", Label("Scheme", "分级方案"), "code"),
        Column("grade", Label("Class", "等级"), "code"),
        Column("customers", Label("Customers", "客户数"), "integer"),
    )
    counted = [(scheme, grade, n) for (scheme, grade), n in sorted(many.items())]
    return Drawing(in_force.picture, columns, counted)


in_force = Report(
    name="core.classes_in_force",
    title=Label("Classes in force", "现行等级"),
    reads=(members, classes),
    columns=(
        ACCOUNT,
        Column("scheme", Label("Scheme", "分级方案"), "code"),
        Column("grade", Label("Class", "等级"), "code"),
        Column("how", Label("Graded, overridden or stated", "评定、调整或登记"), "code"),
        Column("since", Label("Since", "起始"), "date"),
        Column("until", Label("Until", "截止"), "date"),
        Column("level", Label("Importance", "重要级别"), "integer"),
        Column("price_terms", Label("Price terms", "价格条件"), "code"),
        Column("service_terms", Label("Service terms", "服务条件"), "code"),
        Column("payment_terms", Label("Payment terms", "付款条件"), "code"),
        Column("eliminate", Label("May be eliminated", "可淘汰"), "code"),
    ),
    build=_in_force,
    picture=Picture(
        "stacked_bars", "scheme", "grade", Label("Customers by class", "各等级客户数"), "customers"
    ),
    rules=("CORE-53", "CORE-54", "CORE-58"),
)
