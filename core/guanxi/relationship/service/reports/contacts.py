"""Complaints, inquiries, suggestions and opinions by category; grievances by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.service.figures import median, percent
from guanxi.relationship.service.read_models.complaints import complaint_rows, feedback_rows
from guanxi.relationship.service.read_models.requests import request_rows
from guanxi.relationship.service.reports.periods import (
    Period,
    counted,
    days_of,
    month_of,
    option,
    ranked,
    share,
)

NO_PRODUCT = "-"
"""Stands for what is about no product."""

_HOUR = Decimal(3600)
_TENTH = Decimal("0.1")


@attrs.frozen
class _Contact:
    category: str
    product: str
    received: datetime
    answered: datetime | None


@attrs.frozen
class ContactParameters(Period):
    """Which days are told of, and by what they are counted."""

    by: Literal["category", "product", "month"] = option(
        "category", "counted by category, product or month", "按类别、产品或月份统计"
    )


def _complaints(reader: Reader) -> Iterator[_Contact]:
    for _, row in reader.rows(complaint_rows):
        if row.received_at is not None:
            yield _Contact(row.category, row.product or NO_PRODUCT, row.received_at, row.notified_at)


def _feedback(kind: str) -> Callable[[Reader], Iterator[_Contact]]:
    def contacts(reader: Reader) -> Iterator[_Contact]:
        for _, row in reader.rows(feedback_rows):
            if row.kind == kind and row.received_at is not None:
                yield _Contact(row.category, row.product or NO_PRODUCT, row.received_at, row.answered_at)

    return contacts


def _hours(contact: _Contact) -> Decimal | None:
    if contact.answered is None:
        return None
    taken = contact.answered - contact.received
    return Decimal(taken.days * 86_400 + taken.seconds) / _HOUR


def _content(contacts: Callable[[Reader], Iterator[_Contact]]) -> Callable[..., Content]:
    def build(reader: Reader, parameters: ContactParameters, asked: Asked) -> Content:
        days = days_of(parameters.since, parameters.until, asked)
        groups: dict[str, list[_Contact]] = {}
        received = 0
        for contact in contacts(reader):
            if not days.holds(contact.received, asked):
                continue
            received += 1
            group = {
                "category": contact.category,
                "product": contact.product,
                "month": month_of(asked.day_of(contact.received)),
            }[parameters.by]
            groups.setdefault(group, []).append(contact)
        rows = []
        for name, n, of_all, together in ranked(g for g, own in groups.items() for _ in own):
            hours = [h for c in groups[name] if (h := _hours(c)) is not None]
            middle = median(hours)
            rows.append(
                (
                    name,
                    n,
                    of_all,
                    together,
                    len(hours),
                    percent(len(hours), n),
                    None if middle is None else middle.quantize(_TENTH),
                )
            )
        told = sum(row[1] for row in rows)
        trouble = [] if told == received else [f"Σ groups is {told}, received were {received}"]
        return Content(rows, notes=[(Label("received", "受理数"), str(received))], trouble=trouble)

    return build


_COLUMNS = (
    Column("group", Label("Group", "分组"), "code"),
    counted("received", "Received", "受理数"),
    share("share", "Share", "占比"),
    share("cumulative", "Cumulative", "累计占比"),
    counted("answered", "Answered", "已答复"),
    share("answered_share", "Answered %", "答复率"),
    Column("hours", Label("Median hours to answer", "答复用时中位数（小时）"), "decimal", 1),
)


def _analysis(name: str, title: Label, contacts: Any, reads: Any, rule: str) -> Report:
    return Report(
        name=name,
        title=title,
        reads=(reads,),
        columns=_COLUMNS,
        build=_content(contacts),
        parameters=ContactParameters,
        picture=Picture("pareto", "group", "received", title),
        rules=(rule,),
    )


complaint_analysis = _analysis(
    "core.complaint_analysis", Label("Complaints", "抱怨分析"), _complaints, complaint_rows, "CORE-34"
)
inquiry_analysis = _analysis(
    "core.inquiry_analysis", Label("Inquiries", "咨询分析"), _feedback("inquiry"), feedback_rows, "CORE-34"
)
suggestion_analysis = _analysis(
    "core.suggestion_analysis",
    Label("Suggestions", "建议分析"),
    _feedback("suggestion"),
    feedback_rows,
    "CORE-34",
)
opinion_analysis = _analysis(
    "core.opinion_analysis", Label("Opinions", "观点分析"), _feedback("opinion"), feedback_rows, "CORE-34"
)


GRIEVANCES = ("complaint", "praise", "fault_report", "repair")
"""What customer care counts beside its touches."""


def _grievances(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    moments: list[tuple[str, datetime | None]] = [
        ("complaint", row.received_at) for _, row in reader.rows(complaint_rows)
    ]
    moments += [
        (row.kind, row.received_at)
        for _, row in reader.rows(feedback_rows)
        if row.kind in ("praise", "fault_report")
    ]
    moments += [
        ("repair", row.completed_at)
        for _, row in reader.rows(request_rows)
        if row.need_class in ("fault", "repair")
    ]
    rows = [
        (month_of(month.first), kind, sum(k == kind and month.holds(at, asked) for k, at in moments))
        for month in days.months()
        for kind in GRIEVANCES
    ]
    counted_all = sum(days.holds(at, asked) for _, at in moments)
    told = sum(row[2] for row in rows)
    return Content(
        rows, trouble=[] if told == counted_all else [f"Σ months is {told}, there were {counted_all}"]
    )


grievances = Report(
    name="core.grievances",
    title=Label("Grievances, praise, faults and repairs", "抱怨、表扬、故障与维修"),
    reads=(complaint_rows, feedback_rows, request_rows),
    columns=(
        Column("month", Label("Month", "月份")),
        Column("kind", Label("Kind", "类型"), "code"),
        counted("number", "Number", "数量"),
    ),
    build=_grievances,
    parameters=Period,
    picture=Picture("stacked_bars", "month", "kind", Label("Grievances", "抱怨"), value="number"),
    rules=("CORE-34", "CORE-36"),
)

REPORTS = (complaint_analysis, inquiry_analysis, suggestion_analysis, opinion_analysis, grievances)
