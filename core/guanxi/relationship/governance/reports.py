"""Reports of privacy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.relationship.file.read_models import files
from guanxi.relationship.governance.read_models import families, requests
from guanxi.relationship.governance.rules import PrivacyRules


def _register(reader: Reader, parameters: None, asked: Asked) -> Content:
    rows: list[tuple[Any, ...]] = []
    accounts = {stream: row.account for stream, row in reader.rows(files) if row.account}
    for stream, row in reader.rows(requests):
        if row.received_at is None:
            continue
        received = asked.local(row.received_at)
        ended = row.answered_at or asked.as_of
        days = (asked.day_of(ended) - received.date()).days
        limit = asked.rules_at(PrivacyRules, received).rights_days
        rows.append(
            (
                "request",
                accounts.get(stream, stream),
                row.request,
                row.right,
                received,
                row.answered_at,
                days,
                row.answer,
                days > limit,
            )
        )
    for stream, family in reader.rows(families):
        if family.status != "free" and family.since is not None:
            until = None if family.until is None else datetime.fromisoformat(family.until)
            rows.append(
                (
                    family.status,
                    accounts.get(stream, stream),
                    family.data_subject,
                    family.family,
                    family.since,
                    until,
                    None,
                    None,
                    False,
                )
            )
    shown = [(*r[:8], "late" if r[8] else "in_time" if r[0] == "request" else None) for r in rows]
    return Content(sorted(shown, key=lambda r: (r[0], r[1], r[2], r[3])))


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    asked = [r for r in rows if r[0] == "request"]
    answered = sum(r[7] is not None for r in asked)
    if answered + sum(r[5] is None for r in asked) != len(asked):
        yield "requests received are not those answered and those open"


privacy_register = Report(
    name="core.privacy_register",
    title=Label("Privacy register", "个人信息台帐"),
    reads=(requests, families, files),
    columns=(
        Column("kind", Label("Kind", "种类"), "code"),
        Column("customer", Label("Account no.", "户号")),
        Column("item", Label("Request or data subject", "请求或信息主体")),
        Column("about", Label("Right or family", "权利或类别"), "code"),
        Column("since", Label("Since", "起始"), "instant"),
        Column("until", Label("Answered, or duty until", "答复时间或义务届满"), "instant"),
        Column("days", Label("Days", "天数"), "integer"),
        Column("answer", Label("Answer", "答复"), "code"),
        Column("punctual", Label("In time", "是否按时"), "code"),
    ),
    build=_register,
    foots=_foots,
    rules=("CORE-75",),
)
