"""Birthdays, holidays, anniversaries: what is planned up to a cut (RET-29, RET-30)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from guanxi import CalendarRules
from guanxi.relationship.care.days import coming, in_year
from guanxi_retail.care.people import Ground, Person
from guanxi_retail.care.planned import (
    ANNIVERSARY,
    BIRTHDAY,
    DAY,
    FESTIVAL,
    GIFT,
    MESSAGE,
    ONE_DAY,
    Care,
    Planned,
)

Plan = Callable[[Care], Iterator[Planned]]


def birthday_wishes(care: Care) -> Iterator[Planned]:
    """Yield the wish to each cardholder on his birthday, from some days ahead on (RET-29)."""
    for one, day, again, grounds in _birthdays(care):
        card = one.card_since(care.told_by(day))
        if card is not None:
            key = f"{BIRTHDAY}/{day.year}"
            yield care.plan(one, key, (day, day), again, channel=MESSAGE, grounds=(*grounds, card))


def birthday_gifts(care: Care) -> Iterator[Planned]:
    """Yield the newest sample for each purchaser on his birthday, from some days ahead on (RET-29)."""
    for one, day, again, grounds in _birthdays(care):
        bought = one.bought_by(care.told_by(day))
        if bought is not None and not one.is_official(care.told_by(day)):
            key = f"{BIRTHDAY}/{day.year}"
            yield care.plan(one, key, (day, day), again, channel=GIFT, grounds=(*grounds, bought))


def _birthdays(care: Care) -> Iterator[tuple[Person, date, date | None, tuple[Ground, ...]]]:
    """Yield people with their birthdays, when the next one comes, and what tells them."""
    now = care.asked.as_of
    rules = care.rules(care.asked.day)
    last = care.asked.day + timedelta(days=rules.look_ahead_days)
    for one in care.people:
        opened = one.customer.opened()
        if opened is None:
            continue
        if rules.birthday_calendar == "lunar":
            days = _converted(one, rules.birth_field, opened.date(), last, care)
        elif (told := one.day(rules.birth_field, now)) is not None:
            born, ground = told
            days = _solar(born, opened.date(), last, ground, care)
        else:
            continue
        for day, again, ground in days:
            if one.is_open(care.told_by(day)):
                yield one, day, again, (ground,)


def _solar(
    born: date, first: date, last: date, ground: Ground, care: Care
) -> Iterator[tuple[date, date | None, Ground]]:
    """Yield birthdays of some days, each with the next one; 29 February as the rules have it."""
    rules = care.rules(care.asked.day)
    for year in range(max(first.year, born.year), last.year + 1):
        if first <= (day := rules.birthday(born, year)) <= last:
            yield day, rules.birthday(born, year + 1), ground


def _converted(
    one: Person, field_name: str, first: date, last: date, care: Care
) -> Iterator[tuple[date, date | None, Ground]]:
    """Yield lunar birthdays as the host converts them, year by year: ``birth_date/2012`` tells the one of 2012."""
    for year in range(first.year, last.year + 1):
        told = one.day(f"{field_name}/{year}", care.asked.as_of)
        if told is not None and first <= told[0] <= last:
            following = one.day(f"{field_name}/{year + 1}", care.asked.as_of)
            yield told[0], None if following is None else following[0], told[1]


def _next(day: date, last: date) -> date:
    return in_year(day, last.year + 1)


def holidays(care: Care) -> Iterator[Planned]:
    """Yield the message to each cardholder on each holiday, in its window (RET-30)."""
    opened = [at.date() for one in care.people if (at := one.customer.opened()) is not None]
    if not opened:
        return
    days = _holiday_days(care, min(opened), date(care.asked.day.year + 1, 12, 31))
    for place, (day, code, provisional) in enumerate(days):
        window = care.greetings(day)
        first = day - timedelta(days=window.greeting_days_before)
        last = day + timedelta(days=window.greeting_days_after)
        if first > care.asked.day:
            return
        later = next((other for other, *_ in days[place + 1 :] if other > day), None)
        ends = None if later is None else max(later, last + ONE_DAY)
        for one in care.people:
            card = one.card_since(care.told_by(first))
            if card is not None and one.is_open(care.told_by(first)):
                yield care.plan(
                    one,
                    f"{FESTIVAL}/{code}/{day.year}",
                    (first, last),
                    ends,
                    channel=MESSAGE,
                    grounds=(card,),
                    about=code,
                    provisional=provisional,
                )


def _holiday_days(care: Care, first: date, last: date) -> list[tuple[date, str, bool]]:
    """Return the holidays of some days, in order; in a year that is not published those of a fixed day, provisionally."""
    calendar, greetings, rules = (
        care.asked.rules(CalendarRules),
        care.greetings(care.asked.day),
        care.rules(care.asked.day),
    )
    found: list[tuple[date, str, bool]] = []
    for year in range(first.year, last.year + 1):
        published = calendar.year(year) is not None
        for code in greetings.holidays:
            day = calendar.festival(code, year) if published else rules.fixed_day(code, year)
            if day is not None and code not in greetings.holiday_exclude and first <= day <= last:
                found.append((day, code, not published))
    return sorted(found)


def anniversaries(care: Care) -> Iterator[Planned]:
    """Yield the message to each cardholder on the days that come round: membership, first purchase, days he named (RET-30)."""
    fields = care.greetings(care.asked.day).significant_fields
    for one in care.people:
        opened = one.customer.opened()
        if opened is None or not one.cards:
            continue
        for name, day, ground in _own_days(one, fields, care):
            occasion = f"{DAY}/{name}" if name in fields else f"{ANNIVERSARY}/{name}"
            for on in coming(day, max(opened.date(), day + ONE_DAY), care.asked.day):
                moment = care.told_by(on)
                card = one.card_since(moment)
                if card is not None and one.is_open(moment):
                    yield care.plan(
                        one,
                        f"{occasion}/{on.year}",
                        (on, on),
                        _next(day, on),
                        channel=MESSAGE,
                        grounds=(ground, card),
                        about=name,
                    )


MEMBERSHIP, FIRST_PURCHASE = "membership", "first_purchase"


def _own_days(one: Person, fields: tuple[str, ...], care: Care) -> Iterator[tuple[str, date, Ground]]:
    now = care.asked.as_of
    if (card := one.card_since(now)) is not None:
        yield MEMBERSHIP, card[1].date(), card
    if (bought := one.bought_by(now)) is not None:
        yield FIRST_PURCHASE, bought[1].date(), bought
    for name in fields:
        if (told := one.day(name, now)) is not None:
            yield name, *told


PLANS: tuple[Plan, ...] = (birthday_wishes, birthday_gifts, holidays, anniversaries)
