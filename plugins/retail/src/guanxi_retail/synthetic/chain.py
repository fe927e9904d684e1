"""The chain: who is in it, and what is told of whom in which month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

import attrs

from guanxi import Source, Telling, add_months
from guanxi_retail.promotions.rules import StackedDiscountRules
from guanxi_retail.synthetic.basket import (
    HOURS,
    SEASON,
    drawn,
    given_back,
    receipt,
    shopping_day,
)
from guanxi_retail.synthetic.members import SHOP, Member, member
from guanxi_retail.synthetic.plans import PLANS, Plan
from guanxi_retail.synthetic.ruling import Spring, made, spring
from guanxi_retail.synthetic.stores import Floor
from guanxi_retail.synthetic.stories.caring import birthday
from guanxi_retail.synthetic.stories.joining import FRIEND, enrolment
from guanxi_retail.synthetic.telling import Step, Teller

SYSTEM = "synthetic"
"""The channel that every telling names."""
REASON = "合成数据 / synthetic"
YEAR = 12
QUIET, SILENT_FROM, SILENT_UNTIL = 7, 2, 10
A_MONTH = 1.8
"""Receipts of a member in an ordinary month, besides those of the stories."""


@attrs.frozen
class ShopChain:
    """A made-up chain of shops; the same seed always tells the same, and nobody's year hangs on how many there are.

    Args:
        seed: of everything left to chance.
        members: how many there are.
        start: first day; the first of a month.
        months: how many months are told.
        zone: the ledger's time zone.
    """

    seed: int = 1
    members: int = SHOP
    start: date = date(2025, 1, 1)
    months: int = YEAR
    zone: str = "Asia/Shanghai"

    @property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

    @property
    def shops(self) -> int:
        """How many shops there are; the last may not have all its members."""
        return -(-self.members // SHOP)

    def first_day(self, month: int) -> date:
        """Return the first day of a month, counted from 0."""
        return add_months(self.start, month)

    def begins(self) -> datetime:
        """Return the moment at which everything begins."""
        return datetime.combine(self.start, datetime.min.time(), self.tz)

    def closes(self, month: int) -> datetime:
        """Return the last moment of a month."""
        return datetime.combine(self.first_day(month + 1), datetime.min.time(), self.tz) - timedelta(
            minutes=5
        )

    def spring(self, month: int) -> Spring | None:
        """Return the campaign that runs in a month, or None."""
        return spring(self.first_day(month)) if month % YEAR == 0 else None

    def member(self, number: int) -> Member:
        """Return a member by number."""
        return member(self.seed, number)

    # ------------------------------------------------------------ what is told

    def month(self, month: int) -> list[Step]:
        """Return everything that is told or done in a month, in order of time.

        Args:
            month: which, counted from 0.
        """
        steps = [s for shop in range(self.shops) for s in self.shop_month(shop, month)]
        steps += [s for number in range(self.members) for s in self.member_month(number, month)]
        return sorted(steps, key=lambda s: (s.at, s.subject, s.ref))

    def shop_month(self, shop: int, month: int) -> list[Step]:
        """Return what a shop tells in a month.

        Args:
            shop: its number.
            month: which, counted from 0.
        """
        draw = Random(f"{self.seed}/shop/{shop}/{month}")
        return list(Floor(shop, self.first_day(month), month, self.tz, draw, self.spring(month)).steps())

    def member_month(self, number: int, month: int) -> list[Step]:
        """Return what is told of a member in a month, whenever it happened.

        Args:
            number: of the member.
            month: which, counted from 0.
        """
        year = month // YEAR
        found = [s for y in (year - 1, year) if y >= 0 for s in _stories(self._alone(), number, y)]
        found += [s for m in (month - 1, month) if m >= 0 for s in _shopping(self._alone(), number, m)]
        return sorted((s for s in found if self._told_in(s) == month), key=lambda s: (s.at, s.subject, s.ref))

    def tellings(self) -> Iterator[Telling]:
        """Yield everything that is told and ordered, month by month in order of time."""
        for month in range(self.months):
            yield from (self.telling(step) for step in self.month(month) if step.command is not None)

    def telling(self, step: Step, batch: str | None = None, source: Source | None = None) -> Telling:
        """Return a step as a telling.

        Args:
            step: it has a command.
            batch: the import batch that it comes with.
            source: the paper that it comes from.
        """
        assert step.command is not None
        return Telling(
            subject=step.subject,
            command=step.command,
            actor=step.actor,
            occurred_at=step.at,
            happened=step.happened,
            command_id=self.name_of(step),
            batch=batch,
            source=source,
            channel=SYSTEM,
        )

    def name_of(self, step: Step) -> str:
        """Return what a step is called, the same whenever it is told."""
        return f"syn/{self.seed}/{step.subject}/{step.at:%Y-%m-%d}/{step.ref}"

    # ------------------------------------------------------------ how it comes about

    def _alone(self) -> ShopChain:
        """Return the chain without what its members' lives do not hang on."""
        return attrs.evolve(self, members=0, months=0)

    def _told_in(self, step: Step) -> int:
        return (step.at.year - self.start.year) * YEAR + step.at.month - self.start.month + step.late

    def draw_stories(self, number: int, year: int) -> Iterator[Step]:
        """Yield what the stories of a member tell in one year.

        Args:
            number: of the member.
            year: which, counted from 0.
        """
        who = self.member(number)
        if year == 0:
            first = self.first_day(who.joins) + timedelta(days=1 + number % 5)
            yield from enrolment(self._teller(who, "enrolment", 0, first))
        if who.number % 7 != 3:  # whose form names no birthday
            born = (who.born.month - self.start.month) % YEAR
            if born > who.joins or year:
                first = self.first_day(year * YEAR + born)
                yield from birthday(self._teller(who, "birthday", year, first))
        counted: dict[str, int] = {}
        for plan in PLANS:
            if who.place in plan.places and (plan.yearly or year == 0):
                for month in plan.months:
                    n = counted.get(plan.name, 0)
                    counted[plan.name] = n + 1
                    yield from plan.story(self._told_by(plan, who, year * YEAR + month, year * YEAR + n))

    def _told_by(self, plan: Plan, who: Member, month: int, number: int) -> Teller:
        draw = Random(f"{self.seed}/{who.number}/{plan.name}/{month}")
        first = self.first_day(month).replace(day=plan.day + draw.randint(0, 3))
        return Teller(who, plan.name, number, first, self.tz, draw)

    def _teller(self, who: Member, name: str, number: int, first: date) -> Teller:
        draw = Random(f"{self.seed}/{who.number}/{name}/{number}")
        return Teller(who, name, number, first, self.tz, draw)

    def draw_shopping(self, number: int, month: int) -> Iterator[Step]:
        """Yield what a member buys in a month besides the stories, and what of it comes back.

        Args:
            number: of the member.
            month: which, counted from 0.
        """
        who = self.member(number)
        silent = who.place == QUIET and SILENT_FROM <= month < SILENT_UNTIL
        if silent or not who.joins + (who.place == FRIEND) <= month < who.joins + who.stays:
            return
        first, campaign = self.first_day(month), self.spring(month)
        t = self._teller(who, "shopping", month, first)
        length = (add_months(first, 1) - first).days
        days = [first + timedelta(days=n) for n in range(0 if month > who.joins else 7, length)]
        wanted = A_MONTH * SEASON[first.month - 1] * who.pace * (0.5 + t.draw.random())
        times = int(wanted) + (t.draw.random() < wanted % 1)
        for n in range(times):
            day = shopping_day(t.draw, first, days)
            runs = campaign is not None and campaign.runs_on(day)
            discount = campaign.discount if campaign is not None else made(StackedDiscountRules)
            sold = receipt(
                t.draw,
                t.code("R", n),
                drawn(t.draw, discount, day),
                discount=discount,
                cash_off=campaign.cash_off if campaign is not None and runs else None,
                outlet=who.outlet,
                salesperson=who.staff("seller"),
                card=who.mobile if t.draw.random() < 0.9 else None,
                conditions=("vip",) if who.place == 0 else (),
            )
            after, hour = (day - first).days, t.draw.choice(HOURS) + n / 10
            # Whoever brought a friend is told of each set at once.
            yield t.say(after, hour, sold, order=runs or who.place == FRIEND)
            if t.draw.random() < 0.08:
                lines = sold.lines if t.draw.random() < 0.5 else sold.lines[:1]
                back = given_back(t.code("Q", n), sold, lines, "合成：退货")
                yield t.order(after + t.draw.randint(3, 20), 17 + n / 10, back)


@lru_cache(maxsize=1 << 12)
def _stories(chain: ShopChain, number: int, year: int) -> Sequence[Step]:
    return tuple(chain.draw_stories(number, year))


@lru_cache(maxsize=1 << 12)
def _shopping(chain: ShopChain, number: int, month: int) -> Sequence[Step]:
    return tuple(chain.draw_shopping(number, month))
