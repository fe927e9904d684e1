"""Figures of service as pure functions: shares, CSAT, NPS, response, kept promises, word of mouth; nothing is read here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from guanxi.kernel.times import add_months
from guanxi.relationship import ratios
from guanxi.relationship.service.rules import SatisfactionRules, WordOfMouthRules

_TENTH = Decimal("0.1")
_HUNDRED = 100


def percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return a share in per cent, one decimal, half up; None where there is nothing to share, never 0 (CORE-37)."""
    return ratios.percent(part, whole, 1)


def median(values: Iterable[Decimal]) -> Decimal | None:
    """Return the middle value, the mean of the two middle ones where their number is even; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def csat(scores: Sequence[int], rules: SatisfactionRules) -> Decimal | None:
    """Return the share of satisfied answers, or None of none (CORE-37)."""
    return percent(sum(s >= rules.csat_satisfied_from for s in scores), len(scores))


@attrs.frozen
class NetPromoter:
    """How answers split by the question whether one would recommend us.

    Args:
        promoters: answers of the highest scores.
        passives: answers between.
        detractors: answers of the lowest scores.
    """

    promoters: int
    passives: int
    detractors: int

    @property
    def answers(self) -> int:
        """All answers; passives stand in the denominator."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> Decimal | None:
        """Share of promoters less share of detractors, or None without answers."""
        return percent(self.promoters - self.detractors, self.answers)


def net_promoter(scores: Iterable[int], rules: SatisfactionRules) -> NetPromoter:
    """Return how scores split into promoters, passives and detractors (CORE-37)."""
    promoters = passives = detractors = 0
    for score in scores:
        if score >= rules.nps_promoter_from:
            promoters += 1
        elif score <= rules.nps_detractor_to:
            detractors += 1
        else:
            passives += 1
    return NetPromoter(promoters, passives, detractors)


@attrs.frozen
class Response:
    """How many were asked, reached and answered.

    Args:
        sent: customers asked.
        reached: those of them who were reached; who answered was reached.
        answered: those who answered.
    """

    sent: int
    reached: int
    answered: int

    @property
    def of_sent(self) -> Decimal | None:
        """Answered of sent, in per cent."""
        return percent(self.answered, self.sent)

    @property
    def of_reached(self) -> Decimal | None:
        """Answered of reached, in per cent."""
        return percent(self.answered, self.reached)


def window(as_of: date, months: int) -> tuple[date, date]:
    """Return the first and the last day of the full calendar months before the as-of month (CORE-37)."""
    this_month = as_of.replace(day=1)
    return add_months(this_month, -months), date.fromordinal(this_month.toordinal() - 1)


PromiseState = Literal["kept", "late", "broken", "released", "open"]


def promise_state(due: date, kept_on: date | None, released_on: date | None, day: date) -> PromiseState:
    """Return how a promise stands at the end of a day: what is not stated by then is not done (CORE-39).

    Args:
        due: its last day.
        kept_on: when it was kept, if it was.
        released_on: when the customer released us, if he did.
        day: the day.
    """
    if kept_on is not None and kept_on <= due:
        return "kept"
    if released_on is not None and released_on <= due:
        return "released"
    if kept_on is not None:
        return "late"
    return "broken" if day > due else "open"


def count_promises(states: Iterable[PromiseState]) -> PromiseCount:
    """Return how many promises stand how; those kept late count as broken (CORE-39)."""
    count = Counter(states)
    return PromiseCount(
        kept=count["kept"],
        late=count["late"],
        broken=count["broken"] + count["late"],
        released=count["released"],
        open=count["open"],
    )


@attrs.frozen
class PromiseCount:
    """How the promises due in a period stand; kept late counts as broken (CORE-39).

    Args:
        kept: kept on or before the due date.
        late: kept after it; broken all the same.
        broken: broken, those kept late included.
        released: the customer released us.
        open: the due date is not over.
    """

    kept: int = 0
    late: int = 0
    broken: int = 0
    released: int = 0
    open: int = 0

    @property
    def due(self) -> int:
        """All of them."""
        return self.kept + self.broken + self.released + self.open

    @property
    def kept_rate(self) -> Decimal | None:
        """Kept of kept and broken, in per cent; None where none was to be kept."""
        return percent(self.kept, self.kept + self.broken)


@attrs.frozen
class WordOfMouth:
    """What word of mouth is planned with: figures of an essay, not measurements (CORE-40).

    Args:
        told_well: people whom satisfied customers tell.
        told_badly: people whom dissatisfied customers tell.
        buy_again: complainers expected to buy again since their complaint was solved quickly.
    """

    told_well: int
    told_badly: int
    buy_again: Decimal


def word_of_mouth(
    satisfied: int, dissatisfied: int, solved_quickly: int, rules: WordOfMouthRules
) -> WordOfMouth:
    """Return how many people are told, and how many complainers are expected to buy again (CORE-40).

    Args:
        satisfied: satisfied customers.
        dissatisfied: dissatisfied customers.
        solved_quickly: complainers whose complaint was solved quickly.
        rules: the planning figures.
    """
    return WordOfMouth(
        satisfied * rules.told_by_satisfied,
        dissatisfied * rules.told_by_dissatisfied,
        solved_quickly * rules.buy_again / _HUNDRED,
    )
