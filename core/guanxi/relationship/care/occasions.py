"""Birthdays, festivals, days that mean something, and the weekly message, as due items up to a day (CORE-41 to CORE-43)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs

from guanxi.kernel.cadences import DueItem
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.care.customers import CARED_FOR, Customer, customers
from guanxi.relationship.care.days import coming, day_of
from guanxi.relationship.care.read_models import OPEN, gathering_rows, gifts, touches
from guanxi.relationship.care.rules import GreetingRules
from guanxi.relationship.grading.rules import ImportanceRules

BIRTHDAY, FESTIVAL, SIGNIFICANT, WEEKLY, CONFERENCE = (
    "birthday",
    "festival",
    "day",
    "weekly",
    "conference",
)
BIRTH_DATE, GREETING = "birth_date", "greeting"
EVERYBODY = "all"
"""In place of stages: customers of every stage."""
GATHERINGS = "gatherings"
"""Stands for the firm itself as what the yearly conference is due for."""

OCCASIONS = (*CARED_FOR, touches, gifts)
"""The read models that occasions are computed from."""

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@attrs.define
class Greetings:
    """When a customer was greeted or given something, and for what: the first part of the item named, empty if none was."""

    told: list[tuple[datetime, str, str | None]] = attrs.field(factory=list)

    def first(self, item: DueItem, *, by_person: bool = False) -> datetime | None:
        """Return when an item was first fulfilled.

        What names its occasion counts until the next of its series; what names none counts within the item's own days.

        Args:
            item: its key begins with its occasion.
            by_person: whether a named person must have sent it.
        """
        occasion = item.key.partition("/")[0]
        for at, told, sender in self.told:
            if at < item.since or (item.ends is not None and at >= item.ends):
                continue
            if by_person and sender is None:
                continue
            if told == occasion or (not told and item.until is not None and at < item.until):
                return at
        return None


def greetings(reader: Reader, asked: Asked) -> dict[str, Greetings]:
    """Return greetings and gifts by stream, in order of time."""
    zone = asked.as_of.tzinfo
    found: dict[str, Greetings] = {}
    for stream, row in reader.rows(touches):
        if row.sent_at is not None and (row.care_item is not None or row.kind == GREETING):
            occasion = (row.care_item or "").partition("/")[0]
            found.setdefault(stream, Greetings()).told.append(
                (row.sent_at.astimezone(zone), occasion, row.sender)
            )
    for stream, gift in reader.rows(gifts):
        if gift.given_at is not None:
            occasion = (gift.care_item or "").partition("/")[0]
            found.setdefault(stream, Greetings()).told.append(
                (gift.given_at.astimezone(zone), occasion, gift.given_by)
            )
    for one in found.values():
        one.told.sort(key=lambda told: told[0])
    return found


@attrs.define
class Care:
    """What occasions are computed from, read once.

    Args:
        asked: the cut.
        last: the last day for which occasions are wanted; may lie ahead of the cut.
        everybody: all customers.
        greeted: what they got.
    """

    asked: Asked
    last: date
    everybody: list[Customer]
    greeted: dict[str, Greetings]

    def told_by(self, day: date) -> datetime:
        """Return the beginning of a day; the cut where that lies ahead of it."""
        return min(midnight(day, self.asked.as_of.tzinfo), self.asked.as_of)

    def rules(self, day: date) -> GreetingRules:
        """Return the rules in force on a day."""
        return self.asked.rules_at(GreetingRules, self.told_by(day))

    def item(
        self,
        one: Customer,
        key: str,
        first: date,
        last: date,
        ends: date | None,
        about: str = "",
        by_person: bool = False,
    ) -> tuple[str, DueItem]:
        """Return an item of a customer, done if he was greeted.

        Args:
            one: the customer.
            key: of the item; its first part names the occasion.
            first: first day on which it may be done.
            last: last day on which it is in time.
            ends: day on which the next takes its place.
            about: what it concerns.
            by_person: whether a named person must have done it.
        """
        zone = self.asked.as_of.tzinfo
        item = DueItem(
            key=key,
            since=midnight(first, zone),
            until=midnight(last + _DAY, zone),
            ends=None if ends is None else midnight(ends, zone),
            about=about,
        )
        done = self.greeted.get(one.stream, Greetings()).first(item, by_person=by_person)
        return one.stream, attrs.evolve(item, done_at=done)


def care_at(reader: Reader, asked: Asked, last: date | None = None) -> Care:
    """Return what occasions are computed from.

    Args:
        reader: at the cut, over ``OCCASIONS``.
        asked: the cut.
        last: the last day wanted; that of the cut if not given.
    """
    return Care(asked, last or asked.day, customers(reader, asked), greetings(reader, asked))


# Birthdays and other days of the customer's own


def excluded(one: Customer, moment: datetime) -> str | None:
    """Return why a customer is not greeted on his birthday, or None (CORE-41).

    Args:
        one: the customer.
        moment: when it is judged.
    """
    told = one.changes("file")
    state = one.at("file", moment) if told else None
    if state != OPEN:
        return "deceased" if state == "death_or_dissolution" else "closed"
    if one.wants_no_contact(moment):
        return "do_not_contact"
    return None if one.agrees("marketing", moment) else "no_consent"


def birthday(one: Customer, moment: datetime) -> date | Erased | None:
    """Return the birth date as told up to a moment; ``ERASED`` where it was erased."""
    told = one.profile(BIRTH_DATE, moment)
    return told if isinstance(told, Erased) else day_of(told)


def birthdays(care: Care) -> Iterator[tuple[str, DueItem]]:
    """Yield one greeting a year for each customer whose birth date is known and who may be greeted (CORE-41)."""
    for one in care.everybody:
        born, opened = birthday(one, care.asked.as_of), one.opened()
        if isinstance(born, date) and opened is not None:
            for day in coming(born, opened.date(), care.last):
                if excluded(one, care.told_by(day)) is None:
                    yield care.item(one, f"{BIRTHDAY}/{day.year}", day, day, _again(born, day))


def significant_days(care: Care) -> Iterator[tuple[str, DueItem]]:
    """Yield a gift or greeting for each day that means something to a customer (CORE-42)."""
    fields = care.rules(care.last).significant_fields
    for one in care.everybody:
        opened = one.opened()
        for name in fields:
            day = day_of(one.profile(name, care.asked.as_of))
            if day is None or opened is None:
                continue
            for on in coming(day, opened.date(), care.last):
                moment = care.told_by(on)
                if one.is_open(moment) and not one.wants_no_contact(moment):
                    key = f"{SIGNIFICANT}/{name}/{on.year}"
                    yield care.item(one, key, on, on, _again(day, on), about=name)


def _again(day: date, last: date) -> date:
    return next(coming(day, last + _DAY, date(last.year + 1, 12, 31)))


# Festivals


def festival_days(care: Care, first: date, last: date) -> list[tuple[date, str]]:
    """Return the festivals of some days that are greeted, in order; years without a published calendar have none.

    Args:
        care: with the cut.
        first: first day.
        last: last day.
    """
    calendar, rules = care.asked.rules(CalendarRules), care.rules(care.last)
    found = [
        (day, code)
        for year in range(first.year, last.year + 1)
        for code in rules.holidays
        if code not in rules.holiday_exclude and (day := calendar.festival(code, year)) is not None
    ]
    return sorted(pair for pair in found if first <= pair[0] <= last)


def festivals(care: Care) -> Iterator[tuple[str, DueItem]]:
    """Yield the greeting of each festival to customers in scope, in its window (CORE-42)."""
    opened = [at for one in care.everybody if (at := one.opened()) is not None]
    if not opened:
        return
    ahead = date(care.last.year + 1, 12, 31)
    days = festival_days(care, min(opened).date(), ahead)
    for day, code in days:
        rules = care.rules(day)
        first = day - timedelta(days=rules.greeting_days_before)
        last = day + timedelta(days=rules.greeting_days_after)
        if first > care.last:
            return
        ends = _next_window(care, days, day, last)
        for one in care.everybody:
            if _in_scope(one, rules.holiday_scope, care.told_by(day)):
                yield care.item(one, f"{FESTIVAL}/{code}/{day.year}", first, last, ends, about=code)


def _next_window(care: Care, days: Sequence[tuple[date, str]], day: date, last: date) -> date | None:
    later = next((other for other, _ in days if other > day), None)
    if later is None:
        return None
    return max(later - timedelta(days=care.rules(later).greeting_days_before), last + _DAY)


def _in_scope(one: Customer, scope: Sequence[str], moment: datetime) -> bool:
    if not one.is_open(moment) or one.wants_no_contact(moment):
        return False
    return EVERYBODY in scope or one.stage(moment) in scope


# The weekly message


def weekly_messages(care: Care) -> Iterator[tuple[str, DueItem]]:
    """Yield the weekly greeting to each VIP of the day's beginning (CORE-43)."""
    graded = [one for one in care.everybody if one.classes]
    if not graded:
        return
    weekday = care.rules(care.last).weekly_weekday
    first = min(one.classes[0].at for one in graded).astimezone(care.asked.as_of.tzinfo).date()
    first += timedelta(days=(weekday - first.isoweekday()) % _WEEK.days)
    weeks = [first + n * _WEEK for n in range((care.last - first).days // _WEEK.days + 1)]
    moments = [care.told_by(day) for day in weeks]
    rules = [care.asked.rules_at(ImportanceRules, moment) for moment in moments]
    for one in graded:
        for day, moment, level, now in zip(
            weeks, moments, _levels(one, weeks, moments, rules), rules, strict=True
        ):
            if level <= now.key_level and one.is_open(moment):
                yield care.item(one, f"{WEEKLY}/{day.isoformat()}", day, day, day + _WEEK, by_person=True)


def _levels(
    one: Customer, days: Sequence[date], moments: Sequence[datetime], rules: Sequence[ImportanceRules]
) -> Iterator[int]:
    """Yield the importance of a customer on each of some days; looked at anew only where it may have changed."""
    marks, place, level = one.turning_days(), 0, 0
    for n, (day, moment) in enumerate(zip(days, moments, strict=True)):
        before = place
        while place < len(marks) and marks[place] <= day:
            place += 1
        if n == 0 or place > before or rules[n] != rules[n - 1]:
            level = one.level(moment, day, rules[n])
        yield level


# The yearly conference


def conferences(reader: Reader, asked: Asked, first: date | None) -> Iterator[tuple[str, DueItem]]:
    """Yield one customer conference for each calendar year (CORE-42).

    Args:
        reader: at the cut, over the gatherings.
        asked: the cut.
        first: day of the first year; None where there is no customer yet.
    """
    if first is None:
        return
    zone = asked.as_of.tzinfo
    held = sorted(
        row.held_on
        for _, row in reader.rows(gathering_rows)
        if row.kind == "customer_conference" and row.held_on is not None
    )
    for year in range(first.year, asked.day.year + 1):
        begins, ends = date(year, 1, 1), date(year + 1, 1, 1)
        done = next((day for day in held if begins <= day < ends), None)
        yield (
            GATHERINGS,
            DueItem(
                key=f"{CONFERENCE}/{year}",
                since=midnight(begins, zone),
                until=midnight(ends, zone),
                ends=midnight(ends, zone),
                done_at=None if done is None else midnight(done, zone),
                about=str(year),
            ),
        )


Occasions = Callable[[Care], Iterator[tuple[str, DueItem]]]
