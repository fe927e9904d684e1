"""Reports on coming, staying and leaving (reports 7, 10, and the movement of report 33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.times import TICK, add_months, midnight, midnight_after
from guanxi.relationship.people.movements import Course, courses
from guanxi.relationship.people.read_models import relations, stages, win_backs
from guanxi.relationship.ratios import percent

UNKNOWN = "unknown"
_CENT = Decimal("0.01")


@attrs.frozen
class Period:
    """A period of days, both included; the twelve months up to the cut if it is not given."""

    since: date | None = attrs.field(default=None, metadata={"help": Label("first day", "起始日")})
    until: date | None = attrs.field(default=None, metadata={"help": Label("last day", "截止日")})

    def bounds(self, asked: Asked) -> tuple[datetime, datetime]:
        """Return its first instant and the first one after it.

        Args:
            asked: the cut.

        Raises:
            Invalid: ``invalid_date`` for a first day after the last.
        """
        last = min(self.until or asked.day, asked.day)
        first = self.since or add_months(last, -12)
        if first > last:
            raise Invalid(
                "invalid_date",
                f"the period from {first} to {last} ends before it begins",
                zh=f"期间 {first} 至 {last} 的起止颠倒",
                accepts="a first day before the last, not after the cut",
            )
        return midnight(first, asked.as_of.tzinfo), midnight_after(last, asked.as_of.tzinfo)


# Report 33: the movement of the base


@attrs.frozen
class MovementParameters(Period):
    """Parameters of the movement of the customer base."""

    churn_base: Literal["opening", "mean"] = attrs.field(
        default="opening",
        metadata={
            "help": Label("churn of opening customers, or of the mean of opening and closing", "流失率口径")
        },
    )


def _movement(reader: Reader, parameters: MovementParameters, asked: Asked) -> Content:
    since, until = parameters.bounds(asked)
    all_courses = list(courses(reader))
    opening = sum(c.is_customer(since) for c in all_courses)
    closing = sum(c.is_customer(until) for c in all_courses)
    steps = [(c.stream, step) for c in all_courses for step in c.within(since, until)]
    new = [stream for stream, step in steps if step.is_new]
    returns = [step for _, step in steps if step.is_return]
    lost = [step for _, step in steps if step.is_loss]
    base = opening if parameters.churn_base == "opening" else (Decimal(opening) + closing) / 2
    causes = {stream: row.joining_cause for stream, row in reader.rows(relations)}
    rows: list[tuple[Any, ...]] = [
        ("movement", "opening", opening, None),
        ("movement", "new_customers", len(new), None),
        ("movement", "won_back", len(returns), None),
        ("movement", "lost_customers", len(lost), percent(len(lost), base)),
        ("movement", "closing", closing, None),
        *_shares("joined", Counter(str(causes.get(stream) or UNKNOWN) for stream in new)),
        *_shares("exits", Counter(step.cause for step in lost)),
        *_shares("won_back", Counter("credited" if s.win_back else "not_credited" for s in returns)),
    ]
    drawn = [(code, -n if code == "lost_customers" else n) for part, code, n, _ in rows if part == "movement"]
    return Content(rows, drawing=Drawing(_WATERFALL, (_MOVEMENT[1], _MOVEMENT[2]), drawn))


def _shares(part: str, counted: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    whole = sum(counted.values())
    for code, n in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
        yield part, code, n, percent(n, whole)


def _movement_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    found = {code: n for part, code, n, _ in rows if part == "movement"}
    if (
        found["opening"] + found["new_customers"] + found["won_back"] - found["lost_customers"]
        != found["closing"]
    ):
        yield "opening + new + won back − lost is not closing"
    for part, code in (("joined", "new_customers"), ("exits", "lost_customers"), ("won_back", "won_back")):
        if sum(n for p, _, n, _ in rows if p == part) != found[code]:
            yield f"Σ {part} is not {code}"


_MOVEMENT = (
    Column("part", Label("Part", "项目"), "code"),
    Column("code", Label("What", "内容"), "code"),
    Column("customers", Label("Customers", "客户数"), "integer"),
    Column("rate", Label("Share; churn rate of those lost", "占比；流失率"), "percent"),
)
_WATERFALL = Picture("waterfall", "code", "customers", Label("Customer base", "客户增减"))

base_movement = Report(
    name="core.base_movement",
    title=Label("Movement of the customer base", "客户增减"),
    reads=(stages, relations),
    columns=_MOVEMENT,
    build=_movement,
    parameters=MovementParameters,
    foots=_movement_foots,
    picture=_WATERFALL,
    rules=("CORE-61",),
)


# Report 10: retention


def _retention(reader: Reader, parameters: Period, asked: Asked) -> Content:
    since, until = parameters.bounds(asked)
    opening: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    all_courses = list(courses(reader))
    for course in all_courses:
        if course.is_customer(since):
            opening[_cohort(course, asked)] += 1
            kept[_cohort(course, asked)] += course.is_customer(until)
    rows = [_kept(cohort, opening[cohort], kept[cohort]) for cohort in sorted(opening)]
    rows.append(_kept("", sum(opening.values()), sum(kept.values())))
    grid = _grid(all_courses, since, until, asked)
    return Content(rows, drawing=Drawing(_GRID, _GRID_COLUMNS, grid))


def _kept(cohort: str, opening: int, kept: int) -> tuple[Any, ...]:
    return cohort, opening, kept, opening - kept, percent(kept, opening)


def _cohort(course: Course, asked: Asked) -> str:
    joined = course.joined()
    return "" if joined is None else f"{asked.local(joined):%Y-%m}"


def _grid(
    all_courses: Sequence[Course], since: datetime, until: datetime, asked: Asked
) -> list[tuple[str, str, Decimal | None]]:
    """Return, for each month in which customers joined, how many of them were customers at the end of each month of the period."""
    by_cohort: dict[str, list[Course]] = {}
    for course in all_courses:
        joined = course.joined()
        if joined is not None and joined < until:
            by_cohort.setdefault(_cohort(course, asked), []).append(course)
    ends: list[datetime] = []
    end = add_months(since.date().replace(day=1), 1)
    while midnight(end, since.tzinfo) <= until:
        ends.append(midnight(end, since.tzinfo))
        end = add_months(end, 1)
    return [
        (
            cohort,
            f"{add_months(end.date(), -1):%Y-%m}",
            percent(sum(c.is_customer(end) for c in members), len(members)),
        )
        for cohort, members in sorted(by_cohort.items())
        for end in ends
        if cohort < f"{end.date():%Y-%m}"
    ]


def _retention_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for cohort, opening, kept, lost, _ in rows:
        if kept + lost != opening:
            yield f"kept + lost is not opening in {cohort or 'all'}"
    *cohorts, total = rows
    if sum(row[1] for row in cohorts) != total[1]:
        yield "Σ cohorts is not opening"


_COHORT = Column("cohort", Label("Joined in; empty for all", "加入月份；空为合计"))
_GRID_COLUMNS = (
    _COHORT,
    Column("month", Label("Month", "月份")),
    Column("rate", Label("Customers still", "保持率"), "percent"),
)
_GRID = Picture(
    "heatmap", "month", "cohort", Label("Customers still, by month of joining", "各月加入客户保持率"), "rate"
)

retention = Report(
    name="core.customer_retention",
    title=Label("Retention", "客户保持率"),
    reads=(stages,),
    columns=(
        _COHORT,
        Column("opening", Label("At the opening", "期初"), "integer"),
        Column("kept", Label("Kept", "保持"), "integer"),
        Column("lost", Label("Lost", "流失"), "integer"),
        Column("rate", Label("Retention", "保持率"), "percent"),
    ),
    build=_retention,
    parameters=Period,
    foots=_retention_foots,
    rules=("CORE-61",),
)


# Report 7: duration


def _rising(_: object, attribute: attrs.Attribute[Any], value: Sequence[int]) -> None:
    if list(value) != sorted(set(value)) or not all(n > 0 for n in value):
        raise ValueError("bands begin at rising numbers of months")


@attrs.frozen
class DurationParameters:
    """Parameters of the duration of relationships."""

    bands: tuple[int, ...] = attrs.field(
        default=(6, 12, 24, 36, 60),
        validator=_rising,
        metadata={"help": Label("months at which a band begins", "分段起点（月）")},
    )


def whole_months(first: date, last: date) -> int:
    """Return how many whole months lie between two days."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - (add_months(first, months) > last)


def _duration(reader: Reader, parameters: DurationParameters, asked: Asked) -> Content:
    counted: Counter[tuple[int, str]] = Counter()
    customers = 0
    starts = (0, *parameters.bands)
    for course in courses(reader):
        joined = course.joined()
        if joined is None or not course.is_customer(asked.as_of + TICK):
            continue
        customers += 1
        day = asked.day_of(joined)
        start = max(n for n in starts if n <= whole_months(day, asked.day))
        counted[start, f"{day:%Y}"] += 1
    rows = [(start, _band(start, starts), cohort, n) for (start, cohort), n in sorted(counted.items())]
    bars = [(_band(start, starts), sum(n for s, _, _, n in rows if s == start)) for start in starts]
    trouble = [] if sum(n for *_, n in rows) == customers else ["Σ bands is not the customers"]
    return Content(rows, drawing=Drawing(_DURATIONS, (_BAND, _CUSTOMERS), bars), trouble=trouble)


def _band(start: int, starts: Sequence[int]) -> str:
    following = next((n for n in starts if n > start), None)
    return f"{start}+" if following is None else f"{start}-{following - 1}"


_BAND = Column("band", Label("Whole months", "整月数"))
_CUSTOMERS = Column("customers", Label("Customers", "客户数"), "integer")
_DURATIONS = Picture("histogram", "band", "customers", Label("Duration of relationships", "关系持续时间"))

duration = Report(
    name="core.relationship_duration",
    title=Label("Relationship duration", "关系持续时间"),
    reads=(stages,),
    columns=(
        Column("months", Label("From months", "起始月数"), "integer"),
        _BAND,
        Column("cohort", Label("Joined in", "加入年份")),
        _CUSTOMERS,
    ),
    build=_duration,
    parameters=DurationParameters,
    rules=("CORE-16",),
)

# Attempts to win back


def _attempts(reader: Reader, parameters: Period, asked: Asked) -> Content:
    since, until = parameters.bounds(asked)
    account = {stream: row.account for stream, row in reader.rows(relations)}
    returned = {(c.stream, s.win_back): s.at for c in courses(reader) for s in c.steps if s.win_back}
    rows = []
    for stream, row in reader.rows(win_backs):
        if row.at is not None and since <= row.at < until:
            back = returned.get((stream, row.attempt))
            days = (row.at, back)
            on = [None if at is None else asked.day_of(at) for at in days]
            rows.append((on[0], account.get(stream, ""), row.attempt, row.by, row.channel, on[1]))
    return Content(sorted(rows, key=lambda row: row[:3]))


attempts = Report(
    name="core.win_back_attempts",
    title=Label("Attempts to win back", "挽回尝试"),
    reads=(win_backs, stages, relations),
    columns=(
        Column("attempted_on", Label("On", "日期"), "date"),
        Column("account", Label("Account no.", "户号")),
        Column("attempt", Label("Attempt", "挽回尝试")),
        Column("by", Label("By", "由"), "code"),
        Column("channel", Label("Channel", "渠道"), "code"),
        Column("returned_on", Label("Return credited to it", "归功挽回日期"), "date"),
    ),
    build=_attempts,
    parameters=Period,
    rules=("CORE-61",),
)

REPORTS = (duration, retention, base_movement, attempts)
