"""Who looked at what, who was refused, who does not log in, whose account was seen to late (report 41)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import attrs

from guanxi.kernel.before_import import still_due
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.relationship.access.cadences import account_change, log_in
from guanxi.relationship.access.discipline import READS, Attendance, attendances
from guanxi.relationship.access.read_models import (
    READ_MODELS,
    approval_rows,
    attempts,
    extract_rows,
    file_views,
    held_posts,
    post_rows,
)
from guanxi.relationship.access.rules import AccountRules
from guanxi.relationship.access.streams import logged_of, post_stream, staff_stream, user_of


@attrs.frozen
class Period:
    """Which days, and whose."""

    first_day: date | None = attrs.field(
        default=None,
        metadata={"help": Label("first day; from the beginning if left out", "起始日；省略则从头起")},
    )
    last_day: date | None = attrs.field(
        default=None,
        metadata={"help": Label("last day; up to the cut if left out", "截止日；省略则至截止时点")},
    )
    section: str | None = attrs.field(default=None, metadata={"help": Label("business unit", "版块")})

    def holds(self, day: date) -> bool:
        """Return whether a day is in the period."""
        return (self.first_day is None or day >= self.first_day) and (
            self.last_day is None or day <= self.last_day
        )


def _discipline(reader: Reader, period: Period, asked: Asked) -> Content:
    days = {one.stream: one for one in attendances(reader, asked)}
    views = _counted(reader.rows(file_views), period)
    refused = _counted(reader.rows(attempts), period)
    extracts = Counter(
        stream
        for stream, row in reader.rows(extract_rows)
        if row.issued_at and period.holds(asked.day_of(row.issued_at))
    )
    asked_for = _requests(reader, period, asked)
    missing = Counter(
        stream
        for stream, item in _due(log_in, reader, asked)
        if item.state(asked.as_of) == "not_done" and period.holds(item.since.date())
    )
    late = Counter(
        stream
        for stream, item in _due(account_change, reader, asked)
        if item.state(asked.as_of) in ("late", "overdue")
        and item.until
        and period.holds(asked.day_of(item.since))
    )
    sections = _sections(reader)
    users = {user_of(s) for s in (*days, *extracts, *asked_for)} | set(views) | set(refused)
    rows = [
        (
            user,
            sections.get(staff_stream(user)),
            views[user],
            refused[user],
            extracts[staff_stream(user)],
            *asked_for.get(staff_stream(user), (0, 0, 0, 0)),
            missing[staff_stream(user)],
            *_silence(days.get(staff_stream(user)), asked),
            late[staff_stream(user)],
        )
        for user in sorted(users)
        if period.section in (None, sections.get(staff_stream(user)))
    ]
    return Content(rows)


def _due(cadence: Cadence, reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    """Yield the items of a cadence that are no history of an import (CORE-98)."""
    found = cadence.items(reader, asked)
    return still_due([((cadence, stream, item), (stream, item)) for stream, item in found], asked)


def _counted(rows: Iterator[tuple[str, Any]], period: Period) -> Counter[str]:
    found: Counter[str] = Counter()
    for stream, row in rows:
        if period.holds(row.day):
            found[logged_of(stream)] += row.count
    return found


def _requests(reader: Reader, period: Period, asked: Asked) -> dict[str, tuple[int, int, int, int]]:
    """Return requests, and which of them were approved, refused, and are pending, by account."""
    outcomes: dict[str, Counter[str]] = {}
    for stream, row in reader.rows(approval_rows):
        if row.requested_at is not None and period.holds(asked.day_of(row.requested_at)):
            outcomes.setdefault(stream, Counter())[row.outcome or "pending"] += 1
    return {stream: (n.total(), n["approved"], n["refused"], n["pending"]) for stream, n in outcomes.items()}


def _sections(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    for stream, held in reader.rows(held_posts):
        post = reader.row(post_rows, post_stream(held.post))
        if held.until is None and post is not None and post.section is not None:
            found.setdefault(stream, post.section)
    return found


def _silence(one: Attendance | None, asked: Asked) -> tuple[date | None, int | None, str | None]:
    """Return somebody's last log-in, the whole days since, and whether he is listed for it."""
    if one is None or not one.posts or one.row.closed_at is not None or one.row.frozen_at is not None:
        return None if one is None else one.last_login, None, None
    days = one.silent_days(asked)
    listed = days >= asked.rules(AccountRules).silent_days
    return one.last_login, days, "listed" if listed else None


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    for row in rows:
        if row[5] != row[6] + row[7] + row[8]:
            yield f"requests of {row[0]} are not approved + refused + pending"


discipline = Report(
    name="core.access",
    title=Label("Access and discipline", "查阅及登录台帐"),
    reads=tuple(dict.fromkeys((*READ_MODELS, *READS))),
    columns=(
        Column("user", Label("User", "用户")),
        Column("section", Label("Section", "版块"), "code"),
        Column("views", Label("Files viewed", "查阅次数"), "integer"),
        Column("refusals", Label("Refused", "被拒次数"), "integer"),
        Column("extracts", Label("Extracts", "纸质资料"), "integer"),
        Column("requests", Label("Requests", "申请"), "integer"),
        Column("approved", Label("Approved", "已批准"), "integer"),
        Column("refused_requests", Label("Refused requests", "未批准"), "integer"),
        Column("pending", Label("Pending", "待批"), "integer"),
        Column("missing", Label("Days without log-in", "缺登录天数"), "integer"),
        Column("last_login", Label("Last log-in", "最后登录"), "date"),
        Column("silent_days", Label("Days since", "未登录天数"), "integer"),
        Column("listed", Label("Listed", "列入通报"), "code"),
        Column("late_changes", Label("Account changes late", "账号变更逾期"), "integer"),
    ),
    build=_discipline,
    parameters=Period,
    foots=_foots,
    rules=("CORE-07", "CORE-69", "CORE-70", "CORE-71", "CORE-72"),
)
