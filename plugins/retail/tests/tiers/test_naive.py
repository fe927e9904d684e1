"""Random purchases and refunds, entered in any order: the tier of every day against a model that walks day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi_retail import TierRules
from guanxi_retail.tiers.state import Tiers
from plugins.retail.tests.tiers.ladder import LADDER
from plugins.retail.tests.till import MEMBER, Till

DAY = timedelta(days=1)
FIRST, LAST = date(2012, 1, 1), date(2013, 12, 31)
NAMES = tuple(LADDER)
MONTHS = {"half_year": 6, "quarter": 3, "month": 1}


@attrs.define
class Bought:
    day: date
    paid: int
    back: dict[date, int] = attrs.field(factory=dict)


@attrs.define
class Naive:
    """Tiers of a member, found by looking at every purchase on every day."""

    rules: TierRules
    bought: list[Bought]
    tier: int = 0
    until: date | None = None
    rests_on: tuple[date, date] | None = None

    def period(self, day):
        length = MONTHS[self.rules.period]
        month = (day.month - 1) // length * length + 1
        end = month + length - 1
        return date(day.year, month, 1), date(day.year, end, monthrange(day.year, end)[1])

    def amount(self, first, last, today):
        return sum(
            b.paid - sum(n for day, n in b.back.items() if day <= today)
            for b in self.bought
            if first <= b.day <= min(last, today)
        )

    def level(self, amount):
        return max(n for n, name in enumerate(NAMES) if LADDER[name] <= amount)

    def hold(self, tier, until, rests_on):
        self.tier = tier
        self.until = until if tier else None
        self.rests_on = rests_on if tier else None

    def carried(self, period, tier, today):
        return period if self.amount(*period, today) >= LADDER[NAMES[tier]] else None

    def morning(self, today):
        """What is due when a day begins."""
        yesterday = today - DAY
        ended = self.period(yesterday)
        grace = timedelta(days=self.rules.grace_days)
        if self.until is not None and yesterday == self.until:
            if self.level(self.amount(*ended, yesterday)) >= self.tier or not self.rules.grace_days:
                self.follow(ended, yesterday)
        elif self.until is not None and self.rules.grace_days and yesterday == self.until + grace:
            self.follow((self.period(self.until)[0], yesterday), yesterday)
        lasts = self.until is None or self.until > yesterday
        if self.rules.refund == "at_period_end" and yesterday == ended[1] and lasts:
            self.drop(ended, yesterday)

    def follow(self, counted, yesterday):
        level = max(
            self.level(self.amount(*counted, yesterday)),
            self.level(self.amount(*self.period(yesterday), yesterday)),
        )
        if level < self.tier and self.rules.downgrade == "one_down":
            level = max(level, self.tier - 1)
        elif level < self.tier and self.rules.downgrade == "none":
            level = self.tier
        until = self.period(self.until + DAY)[1]
        while until < yesterday + DAY:
            until = self.period(until + DAY)[1]
        self.hold(level, until, self.carried(counted, level, yesterday))

    def drop(self, other, today):
        """Lose what the amount behind the tier carries no longer."""
        if self.rests_on is None or self.carried(self.rests_on, self.tier, today):
            return
        level = max(self.level(self.amount(*self.rests_on, today)), self.level(self.amount(*other, today)))
        if level >= self.tier:
            self.rests_on = other
        else:
            self.hold(level, self.until, self.carried(self.rests_on, level, today))

    def noon(self, today):
        """What the day's purchases and refunds do."""
        running = self.period(today)
        if any(b.day == today for b in self.bought):
            level = self.level(self.amount(*running, today))
            grace = timedelta(days=self.rules.grace_days)
            if level > self.tier:
                self.hold(level, self.period(running[1] + DAY)[1], running)
            elif self.until is not None and self.until < today <= self.until + grace:
                counted = self.period(self.until)[0], self.until + grace
                if self.level(self.amount(*counted, today)) >= self.tier:
                    until = self.period(self.until + DAY)[1]
                    while until < today:
                        until = self.period(until + DAY)[1]
                    self.hold(self.tier, until, counted)
        if self.rules.refund == "at_once" and any(today in b.back for b in self.bought):
            self.drop(running, today)

    def walk(self):
        day = FIRST
        while day <= LAST:
            self.morning(day)
            self.noon(day)
            yield day, NAMES[self.tier]
            day += DAY


@attrs.frozen
class Story:
    rules: TierRules
    bought: tuple[Bought, ...]
    order: tuple[float, ...]


@st.composite
def stories(draw):
    rules = TierRules(
        tiers=LADDER,
        period=draw(st.sampled_from(tuple(MONTHS))),
        downgrade=draw(st.sampled_from(("automatic", "one_down", "none"))),
        grace_days=draw(st.sampled_from((0, 0, 10, 40))),
        refund=draw(st.sampled_from(("at_once", "at_period_end", "never"))),
    )
    days = draw(st.lists(st.integers(0, 600), min_size=1, max_size=14, unique=True))
    bought: list[Bought] = []
    for n in sorted(days):
        day = FIRST + n * DAY
        if bought and draw(st.integers(0, 3)) == 0:
            one = draw(st.sampled_from(bought))
            left = one.paid - sum(one.back.values())
            if left:
                one.back[day] = draw(st.integers(1, left))
                continue
        bought.append(
            Bought(day, draw(st.sampled_from((10, 400, 600, 999, 1_000, 2_500, 4_999, 5_000, 6_000))))
        )
    return Story(rules, tuple(bought), tuple(draw(st.lists(st.floats(0, 1), min_size=20, max_size=20))))


def told(story, t, late):
    """Tell a story in the order of its days, or in an order of its own when all of it has happened."""
    facts = []
    for n, one in enumerate(story.bought):
        facts.append((one.day, "buy", f"R{n}", one.paid))
        facts += [(day, "refund", f"R{n}", n_back) for day, n_back in one.back.items()]
    facts.sort()
    if late:
        buys = [f for f in facts if f[1] == "buy"]
        weight = dict(zip((f[2] for f in buys), story.order, strict=False))
        facts = sorted(buys, key=lambda f: weight[f[2]]) + [f for f in facts if f[1] == "refund"]
        t.at(str(LAST))
    for day, what, receipt, amount in facts:
        known = {"known": str(LAST)} if late else {}
        (t.buy if what == "buy" else t.refund)(str(day), receipt, str(amount), **known)
    t.at(str(LAST))
    t.ledger.advance()


@pytest.mark.rule("RET-24", "RET-25", "RET-26")
@pytest.mark.parametrize("late", [False, True])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories())
def test_every_day_has_the_tier_that_a_walk_day_by_day_gives(late, story):
    t = Till(story.rules)
    with t.ledger as ledger:
        told(story, t, late)
        history = ledger.history(MEMBER)
        looked = {FIRST + n * DAY for n in range(0, (LAST - FIRST).days, 45)}
        for one in story.bought:
            looked |= {one.day, one.day + DAY, *one.back}
        for day, expected in Naive(story.rules, list(story.bought)).walk():
            if day in looked or day == LAST or (day + DAY).day == 1 or day.day == 1:
                state = history.as_of(str(day)).state(Tiers)
                assert (day, state.tier or NAMES[0]) == (day, expected)
