"""Lapse by a customer's own rhythm, as a decision that the core's life cycle follows where a host chose this rule (RET-48)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from guanxi import Decision, Due, Facet, Fact, Label, Now, midnight
from guanxi.relationship.people.rules import LifecycleRules
from guanxi_retail.analysis.commands import RecordExitReason
from guanxi_retail.analysis.events import ExitReasonRecorded, SilenceFound, SilenceLasts
from guanxi_retail.analysis.measures.churn import LapseVerdict, judge_rhythm
from guanxi_retail.analysis.rules import LapseRules
from guanxi_retail.purchases.events import PurchaseRecorded

RETAIL = "retail"


@attrs.define
class Rhythm:
    """How often a customer buys.

    Args:
        last_on: his last purchase day.
        occasions: how many purchase days he has had.
        intervals: days between neighbouring ones, the shortest first.
        exit_reasons: why he bought no longer, as far as that was learned.
    """

    last_on: date | None = None
    occasions: int = 0
    intervals: list[int] = attrs.field(factory=list)
    exit_reasons: list[str] = attrs.field(factory=list)

    def judged(self, as_of: date, rules: LapseRules) -> LapseVerdict | None:
        """Return whether he has lapsed on a day; None before his first purchase."""
        if self.last_on is None:
            return None
        return judge_rhythm("", self.last_on, self.intervals, as_of, rules.parameters())


rhythm = Facet("retail.rhythm", Rhythm, title=Label("Rhythm", "消费节奏"))


@rhythm.evolve
def _bought(s: Rhythm, e: PurchaseRecorded, at: datetime) -> None:
    day = at.date()
    if not e.is_occasion or day == s.last_on:
        return
    if s.last_on is not None:
        insort(s.intervals, (day - s.last_on).days)
    s.last_on = day
    s.occasions += 1


@rhythm.evolve
def _left(s: Rhythm, e: ExitReasonRecorded) -> None:
    s.exit_reasons.append(e.reason_code)


@rhythm.decide
def _learn(s: Rhythm, c: RecordExitReason, now: Now) -> Iterator[Fact]:
    yield ExitReasonRecorded(reason_code=c.reason_code, detail=c.detail)


@rhythm.due
def _silent(s: Rhythm, e: PurchaseRecorded, now: Now) -> Iterator[tuple[datetime, Due]]:
    # Whoever leaves silence to the core's rule, or to no rule, needs no moment for each purchase.
    if now.rules(LifecycleRules).lapse_rule != RETAIL:
        return
    verdict = s.judged(now.at.date(), now.rules(LapseRules))
    if verdict is not None:
        yield midnight(verdict.lapses_on, now.at.tzinfo), SilenceLasts(last_on=verdict.last)


@rhythm.react("RET-48")
def _lapses(s: Rhythm, d: SilenceLasts, now: Now) -> Iterator[Decision]:
    verdict = s.judged(now.at.date(), now.rules(LapseRules))
    if verdict is None or verdict.last != d.last_on or not verdict.lapsed:
        return
    yield SilenceFound(
        last_on=verdict.last,
        occasions=s.occasions,
        median_days=None if verdict.own_median is None else _days(verdict.own_median),
        limit_days=_days(verdict.limit),
        basis=verdict.basis.value,
    )


def _days(exact: Fraction) -> Decimal:
    """Return days and half days as they are, anything finer to the hundredth."""
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"))
