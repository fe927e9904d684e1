"""Quarterly VIP reviews, each in the record of its gathering (RET-37)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import attrs

from guanxi import Conflict, Facet, Fact, Invalid, Label, Now, midnight
from guanxi.relationship.care.events import GatheringHeld
from guanxi.relationship.care.gatherings import GATHERING, Gathering, gatherings
from guanxi_retail.store.commands import HoldVipReview, ReportOnMeasure
from guanxi_retail.store.events import MeasureReported, VipReviewNoted

_QUARTER = re.compile(r"[12]\d{3}-Q[1-4]")
MONTHS_PER_QUARTER = 3


def quarter_of(day: date) -> str:
    """Return a day's calendar quarter, as ``2012-Q1``."""
    return f"{day.year}-Q{(day.month - 1) // MONTHS_PER_QUARTER + 1}"


def first_day(quarter: str) -> date:
    """Return the first day of a calendar quarter."""
    year, number = quarter.split("-Q")
    return date(int(year), (int(number) - 1) * MONTHS_PER_QUARTER + 1, 1)


def next_quarter(quarter: str) -> str:
    """Return the calendar quarter after one."""
    year, number = quarter.split("-Q")
    return f"{year}-Q{int(number) + 1}" if number != "4" else f"{int(year) + 1}-Q1"


@attrs.define
class VipReview:
    """A review: its quarter and the measures it agreed on, with what became of them."""

    quarter: str = ""
    measures: dict[str, str | None] = attrs.field(factory=dict)


vip_review = Facet(
    "retail.vip_review",
    VipReview,
    subject=GATHERING,
    reads=(gatherings,),
    title=Label("VIP review", "VIP研讨会"),
)


@vip_review.evolve
def _noted(s: VipReview, e: VipReviewNoted) -> None:
    s.quarter = e.quarter
    s.measures = {measure.number: s.measures.get(measure.number) for measure in e.measures}


@vip_review.evolve
def _reported(s: VipReview, e: MeasureReported) -> None:
    s.measures[e.measure] = e.outcome


@vip_review.decide
def _hold(s: VipReview, c: HoldVipReview, now: Now) -> Iterator[Fact]:
    if now.of(Gathering).held_on is not None:
        raise Conflict(
            "source_conflict",
            f"the gathering {now.subject} is on record",
            zh=f"会议 {now.subject} 已登记",
            rule="RET-37",
            accepts="another id, or a correction of the first entry",
        )
    held_on = c.held_on or now.at.date()
    quarter = c.quarter or quarter_of(held_on)
    _check_quarter(quarter, held_on, now)
    numbers = [measure.number for measure in c.measures]
    if len(set(numbers)) < len(numbers):
        raise Conflict(
            "source_conflict",
            "two measures have the same number",
            zh="有两项措施编号相同",
            rule="RET-37",
            accepts="measures with numbers of their own",
        )
    yield GatheringHeld(
        gathering=now.subject,
        kind="review_meeting",
        held_on=held_on,
        minutes=c.minutes,
        measures="; ".join(measure.text for measure in c.measures) or None,
    )
    yield VipReviewNoted(
        outlet=c.outlet, quarter=quarter, chair=c.chair, held_on=held_on, measures=c.measures
    )


def _check_quarter(quarter: str, held_on: date, now: Now) -> None:
    """Refuse what is no quarter, and one that has not begun."""
    if not _QUARTER.fullmatch(quarter) or midnight(first_day(quarter), now.at.tzinfo) > now.at:
        raise Invalid(
            "invalid_date",
            f"{quarter!r} is no quarter that has begun on {held_on}",
            zh=f"{quarter!r} 不是 {held_on} 已开始的季度",
            rule="RET-37",
            accepts="a quarter such as 2012-Q1",
        )


@vip_review.decide
def _report(s: VipReview, c: ReportOnMeasure, now: Now) -> Iterator[Fact]:
    now.need(
        c.measure if c.measure in s.measures else None,
        "unknown_code",
        "RET-37",
        f"the review agreed on no measure {c.measure}",
        zh=f"该次会议没有措施 {c.measure}",
        accepts=", ".join(s.measures) or "a review with measures",
    )
    yield MeasureReported(measure=c.measure, outcome=c.outcome, at_review=c.at_review)
