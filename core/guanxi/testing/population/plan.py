"""The population: who is in it, what is told of whom in which month, and what is marked."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from random import Random
from zlib import crc32
from zoneinfo import ZoneInfo

import attrs

from guanxi.kernel.telling import Telling
from guanxi.kernel.times import add_months
from guanxi.testing.population import houses
from guanxi.testing.population.marks import Mark
from guanxi.testing.population.people import BRANCH, Customer, customer
from guanxi.testing.population.rates import ENOUGH, FILLER, RATES, Rate
from guanxi.testing.population.stories.files import opening
from guanxi.testing.population.telling import Step, Teller

SYSTEM = "synthetic"
"""The source that every telling names."""
REASON = "合成数据 / synthetic"
MISTAKE = "录入有误 / a slip of the pen"
YEAR = 12
_GOLDEN = 0.6180339887498949


@attrs.frozen
class _Start:
    """A story that begins: which, its number in the customer's year, and its first day."""

    rate: Rate
    number: int
    first: date


@attrs.frozen
class Population:
    """A made-up population; the same seed always tells the same, and a customer's year does not hang on how many there are.

    Args:
        seed: of everything left to chance.
        customers: how many there are.
        start: first day; the first of a month.
        months: how many months are told.
        zone: the ledger's time zone.
    """

    seed: int = 1
    customers: int = BRANCH
    start: date = date(2025, 1, 1)
    months: int = YEAR
    zone: str = "Asia/Shanghai"

    @property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)

    @property
    def branches(self) -> int:
        """How many branches there are; the last may not be full."""
        return -(-self.customers // BRANCH)

    def first_day(self, month: int) -> date:
        """Return the first day of a month, counted from 0."""
        return add_months(self.start, month)

    def begins(self) -> datetime:
        """Return the moment at which everything begins."""
        return datetime.combine(self.start, datetime.min.time(), self.tz)

    def closes(self, month: int) -> datetime:
        """Return the last moment of a month, when it is told."""
        return datetime.combine(self.first_day(month + 1), datetime.min.time(), self.tz) - timedelta(
            minutes=5
        )

    def customer(self, number: int) -> Customer:
        """Return a customer by his number."""
        return customer(self.seed, number)

    # ------------------------------------------------------------ what is told

    def setting_up(self) -> list[Telling]:
        """Return what is told before anybody comes: staff, posts, forms, knowledge, goals and campaigns."""
        return self._told(0, [s for b in range(self.branches) for s in houses.setting_up(b, self)])

    def of_houses(self, month: int) -> list[Telling]:
        """Return what the branches' own streams are told in a month, in order of time."""
        return self._told(month, self._house_steps(month))

    def house_marks(self, month: int) -> list[Mark]:
        """Return what the branches order at the end of a month, in order of time."""
        return self._marked(self._house_steps(month))

    def customer_month(self, number: int, month: int) -> tuple[list[Telling], list[Mark]]:
        """Return what is told of a customer in a month, and what is marked or ordered at its end, in order of time.

        Args:
            number: of the customer.
            month: which, counted from 0.
        """
        steps = self._steps(number, month)
        return self._told(month, steps), self._marked(steps)

    def tellings(self) -> Iterator[Telling]:
        """Yield everything that is told: what sets the house up, then month by month in order of time."""
        yield from self.setting_up()
        for month in range(self.months):
            told = self.of_houses(month)
            for number in range(self.customers):
                told += self.customer_month(number, month)[0]
            yield from sorted(told, key=lambda t: (t.occurred_at or self.begins(), t.subject))

    # ------------------------------------------------------------ how it comes about

    def _house_steps(self, month: int) -> list[Step]:
        return [s for b in range(self.branches) for s in houses.month(b, month, self)]

    def _told(self, month: int, steps: Iterable[Step]) -> list[Telling]:
        told = sorted((s for s in steps if not s.order), key=lambda s: s.at)
        batch = f"syn-{self.seed}-{self.first_day(month):%Y-%m}"
        return [
            Telling(
                subject=step.subject,
                command=step.command,
                actor=step.actor,
                reason=REASON if step.late else None,
                occurred_at=step.at,
                happened=step.happened,
                command_id=self._id(step),
                batch=batch,
                channel=SYSTEM,
            )
            for step in told
        ]

    def _marked(self, steps: Iterable[Step]) -> list[Mark]:
        marked = sorted((s for s in steps if s.order or s.mark), key=lambda s: (s.at, s.subject))
        return [
            Mark(
                kind="order" if s.mark is None else s.mark,
                subject=s.subject,
                at=s.at,
                actor=s.actor,
                reason=REASON,
                command=s.command,
                fields=s.fields,
                telling=self._id(s),
            )
            for s in marked
        ]

    def _id(self, step: Step) -> str:
        return f"syn/{self.seed}/{step.subject}/{step.ref}"

    def _steps(self, number: int, month: int) -> list[Step]:
        """Return what is told of a customer in a month, whenever it happened."""
        who = self.customer(number)
        found: list[Step] = []
        if month == who.opens:
            day = self.first_day(month) + timedelta(days=number % 3)
            teller = Teller(who, "opening", 0, day, self.tz, Random(f"{self.seed}/{number}/opening"))
            found += opening(teller)
        for start in self._starts(who):
            begun = (start.first.year - self.start.year) * YEAR + start.first.month - self.start.month
            if not begun <= month <= begun + start.rate.months:
                continue
            draw = Random(f"{self.seed}/{number}/{start.rate.name}/{begun}/{start.number}")
            teller = Teller(who, start.rate.name, start.number, start.first, self.tz, draw)
            found += [s for s in start.rate.story(teller) if self._told_in(s) == month]
        found.sort(key=lambda s: s.at)
        return found

    def _told_in(self, step: Step) -> int:
        return (step.at.year - self.start.year) * YEAR + step.at.month - self.start.month + step.late

    def _starts(self, who: Customer) -> Sequence[_Start]:
        return _starts_of(self, who.number)

    def draw_starts(self, who: Customer) -> Sequence[_Start]:
        """Return the stories of a customer's year, the same on every call.

        Args:
            who: he.
        """
        draw = Random(f"{self.seed}/{who.number}/starts")
        found: list[_Start] = []
        counted: dict[str, int] = {}
        for rate in RATES:
            if not rate.fits(who):
                continue
            for _ in range(self._times(rate, who.number)):
                number = counted.get(rate.name, 0)
                counted[rate.name] = number + 1
                found.append(_Start(rate, number, self._first(rate, who, draw)))
        told = sum(_length(start.rate) for start in found)
        for number in range(counted.get(FILLER.name, 0), counted.get(FILLER.name, 0) + ENOUGH - told):
            found.append(_Start(FILLER, number, self._first(FILLER, who, draw)))
        return found

    def _times(self, rate: Rate, number: int) -> int:
        """Return how often a story comes: the parts of one are spread evenly over the numbers, so that a few hundred meet all."""
        whole = int(rate.a_year)
        shift = crc32(f"{self.seed}/{rate.name}/{rate.who}".encode()) / 2**32
        part = (number * _GOLDEN + shift) % 1.0
        return whole + (part < rate.a_year - whole)

    def _first(self, rate: Rate, who: Customer, draw: Random) -> date:
        last = max(who.opens, YEAR - 1 - rate.months)
        month = draw.randint(who.opens, last)
        if rate.month is not None:
            month = max(who.opens, rate.month % YEAR)
        first, day = self.first_day(month), draw.randint(4, 24)
        if rate.last_day:
            return first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return first.replace(day=day)


@cache
def _length(rate: Rate) -> int:
    """Return how many tellings a story comes to, at least for a customer like the third."""
    who = customer(1, 2)
    return sum(1 for _ in rate.story(Teller(who, rate.name, 0, date(2025, 1, 4), ZoneInfo("UTC"), Random(1))))


@lru_cache(maxsize=1 << 14)
def _starts_of(population: Population, number: int) -> Sequence[_Start]:
    return population.draw_starts(population.customer(number))
