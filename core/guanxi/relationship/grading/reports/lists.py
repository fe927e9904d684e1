"""Report 32: key and problem customers with their plans (CORE-58)."""

from __future__ import annotations

from typing import Any

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.relationship.grading.importance import (
    classes,
)
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
    NO,
    YES,
)
from guanxi.relationship.grading.watching import KEY, PROBLEM, watched, watched_at


def _listed(reader: Reader, parameters: None, asked: Asked) -> Content:
    account = members_of(reader)
    rows: list[tuple[Any, ...]] = []
    for one in watched_at(reader, asked):
        lists = [name for name in (KEY, PROBLEM) if one.since(name) is not None]
        rows.append(
            (
                account[one.stream],
                one.level,
                ", ".join(lists),
                " ; ".join(f"{r.code} {r.about}".strip() for r in one.reasons),
                min(r.since for r in one.reasons).date(),
                None if one.plan is None else one.plan.number,
                None if one.plan is None else one.plan.owner,
                None if one.plan is None else str(one.plan.measures),
                None if one.plan is None else one.plan.due_on,
                YES if one.plan is None else NO,
            )
        )
    return Content(sorted(rows, key=lambda r: r[0]))


key_and_problem = Report(
    name="core.key_and_problem",
    title=Label("Key and problem customers", "重点/问题客户"),
    reads=(members, classes, watched),
    columns=(
        ACCOUNT,
        Column("level", Label("Importance", "重要级别"), "integer"),
        Column("lists", Label("Lists", "名单"), "code"),
        Column("reasons", Label("Reasons", "原因"), "code"),
        Column("since", Label("Since", "起始"), "date"),
        Column("plan", Label("Plan", "对策编号")),
        Column("owner", Label("Owner", "责任人")),
        Column("measures", Label("Measures", "措施")),
        Column("due_on", Label("Until", "期限"), "date"),
        Column("gap", Label("Gap", "缺对策"), "code"),
    ),
    build=_listed,
    rules=("CORE-58",),
)
