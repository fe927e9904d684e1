"""Reports of working together: goals, forms under way, notices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.file.read_models import files
from guanxi.relationship.ratios import percent
from guanxi.relationship.together.flows import missing, waiting_step
from guanxi.relationship.together.read_models import (
    AttainmentRow,
    GoalRow,
    attainments,
    flow_of,
    form_rows,
    goal_targets,
    notices,
    taken_of,
)


def _goals_in_force(reader: Reader, asked: Asked) -> dict[str, GoalRow]:
    """Return each goal with the target that holds; a finished period keeps the one it ran under."""
    versions: dict[str, list[GoalRow]] = defaultdict(list)
    for _, row in reader.rows(goal_targets):
        versions[row.goal].append(row)
    found: dict[str, GoalRow] = {}
    for goal, rows in versions.items():
        rows.sort(key=lambda r: r.holds_from)
        first = rows[0]
        if first.period_from is None or first.period_until is None:
            continue
        held = [
            r
            for r in rows
            if r.holds_from <= asked.as_of
            and (r is first or asked.day_of(r.holds_from) <= first.period_until)
        ]
        if held:
            found[goal] = attrs.evolve(first, target=held[-1].target)
    return found


def _goals(reader: Reader, parameters: None, asked: Asked) -> Content:
    goals = _goals_in_force(reader, asked)
    children: dict[str, list[str]] = defaultdict(list)
    for goal, row in sorted(goals.items()):
        if row.parent is not None:
            children[row.parent].append(goal)
    brought: dict[tuple[str, str], list[AttainmentRow]] = defaultdict(list)
    for _, r in reader.rows(attainments):
        if r.measure:
            brought[r.measure, r.person].append(r)

    def actual(goal: str, seen: frozenset[str] = frozenset()) -> Decimal:
        row = goals[goal]
        if goal in seen:
            return Decimal(0)
        if children[goal]:
            return sum((actual(c, seen | {goal}) for c in children[goal]), Decimal(0))
        first, last = str(row.period_from), str(row.period_until)
        mine = brought.get((row.measure, row.owner), ())
        return sum((r.amount for r in mine if first <= r.day <= last), Decimal(0))

    rows = []
    for goal, row in sorted(goals.items()):
        below = sum((goals[c].target for c in children[goal]), Decimal(0))
        reached = actual(goal)
        rows.append(
            (
                goal,
                row.parent,
                row.owner,
                row.measure,
                row.period_from,
                row.period_until,
                row.target,
                below if children[goal] else None,
                row.target - below if children[goal] else None,
                reached,
                percent(reached, row.target),
                row.measures,
            )
        )
    return Content(rows)


def _cascade(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    for goal, *_, target, below, gap, _actual, _rate, _measures in rows:
        if below is not None and below + gap != target:
            yield f"the parts of {goal} and their gap are not its target"


goal_report = Report(
    name="core.goals",
    title=Label("Goals", "目标分解"),
    reads=(goal_targets, attainments),
    columns=(
        Column("goal", Label("Goal", "目标")),
        Column("parent", Label("Part of", "上级目标")),
        Column("owner", Label("Owner", "责任人")),
        Column("measure", Label("Measure", "指标"), "code"),
        Column("period_from", Label("From", "起"), "date"),
        Column("period_until", Label("Until", "止"), "date"),
        Column("target", Label("Target", "目标值"), "decimal"),
        Column("parts", Label("Parts", "分解合计"), "decimal"),
        Column("gap", Label("Gap", "缺口"), "decimal"),
        Column("actual", Label("Actual", "实际"), "decimal"),
        Column("rate", Label("Rate", "完成率"), "percent"),
        Column("measures", Label("Measures", "措施")),
    ),
    build=_goals,
    foots=_cascade,
    picture=Picture("tree", "goal", "parent", Label("Targets and their parts", "目标及其分解"), "target"),
    rules=("CORE-91",),
)


def _accounts(reader: Reader) -> dict[str, str]:
    return {stream: row.account for stream, row in reader.rows(files) if row.account}


def _forms(reader: Reader, parameters: None, asked: Asked) -> Content:
    rows, accounts = [], _accounts(reader)
    for stream, row in reader.rows(form_rows):
        step = waiting_step(flow_of(row), taken_of(row))
        under_way = row.end is None
        people = missing(step, taken_of(row)) if step is not None and under_way and not row.returned else ()
        if under_way and row.returned:
            people = (row.initiator,)
        began = row.submitted_at or asked.as_of
        ended = row.ended_at or asked.as_of
        rows.append(
            (
                row.submission,
                accounts.get(stream, stream),
                row.form,
                row.version,
                row.revision,
                row.initiator,
                row.end or ("returned" if row.returned else "under_way"),
                step.name if step is not None and under_way else None,
                ", ".join(filter(None, people)) or None,
                (asked.day_of(ended) - asked.day_of(began)).days,
            )
        )
    return Content(sorted(rows, key=lambda r: (r[0], r[1])))


def _all_somewhere(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    known = ("under_way", "returned", "archived", "in_force", "refused", "withdrawn")
    if sum(sum(r[6] == status for r in rows) for status in known) != len(rows):
        yield "forms handed in are not those under way, archived, refused and withdrawn"


form_report = Report(
    name="core.forms_under_way",
    title=Label("Forms under way", "表单流转"),
    reads=(form_rows, files),
    columns=(
        Column("submission", Label("No.", "编号")),
        Column("customer", Label("Account no.", "户号")),
        Column("form", Label("Form", "表单"), "code"),
        Column("version", Label("Version", "版本"), "integer"),
        Column("revision", Label("Revision", "第几稿"), "integer"),
        Column("initiator", Label("Initiator", "发起人")),
        Column("status", Label("Status", "状态"), "code"),
        Column("step", Label("Step", "步骤")),
        Column("waiting_for", Label("Waiting for", "待办人")),
        Column("days", Label("Days", "天数"), "integer"),
    ),
    build=_forms,
    foots=_all_somewhere,
    rules=("CORE-84",),
)


@attrs.frozen
class NoticeParameters:
    """Whose notices are shown."""

    person: str | None = attrs.field(
        default=None, metadata={"help": Label("maintainer; all if not given", "维护人；不填则全部")}
    )


def _notices(reader: Reader, parameters: NoticeParameters, asked: Asked) -> Content:
    accounts = _accounts(reader)
    rows = [
        (row.at, row.kind, row.number, accounts.get(stream, stream), row.amount, row.maintainer or None)
        for stream, row in reader.rows(notices)
        if row.kind and row.at is not None and parameters.person in (None, row.maintainer)
    ]
    return Content(sorted(rows, key=lambda r: (r[0], r[1], r[2], r[3])))


notice_report = Report(
    name="core.notices",
    title=Label("Notices to maintainers", "货款通知"),
    reads=(notices, files),
    parameters=NoticeParameters,
    columns=(
        Column("at", Label("When", "时间"), "instant"),
        Column("kind", Label("What", "事项"), "code"),
        Column("number", Label("No.", "编号")),
        Column("customer", Label("Account no.", "户号")),
        Column("amount", Label("Amount or days", "金额或天数")),
        Column("maintainer", Label("Maintainer", "维护人")),
    ),
    build=_notices,
    rules=("CORE-92",),
)
