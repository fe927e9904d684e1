"""Contact density: how long a customer has not heard from us, against what his importance asks for (CORE-44)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from guanxi.kernel.cadences import DueItem
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight
from guanxi.relationship.care.customers import CARED_FOR, Customer, by_stream, customers
from guanxi.relationship.care.read_models import contacts
from guanxi.relationship.care.rules import DensityRules
from guanxi.relationship.grading.rules import ImportanceRules

CONTACT = "contact"
DENSITY = (*CARED_FOR, contacts)
"""The read models that density is computed from."""

_DAY = timedelta(days=1)


def level_changes(one: Customer, asked: Asked) -> list[tuple[date, int]]:
    """Return the levels of importance of a customer and the day from which each held, up to the cut.

    Args:
        one: the customer.
        asked: the cut.
    """
    zone, opened = asked.as_of.tzinfo, one.opened()
    if opened is None:
        return []
    days = {opened.date(), *one.turning_days()}
    found: list[tuple[date, int]] = []
    for day in sorted(d for d in days if opened.date() <= d <= asked.day):
        moment = min(midnight(day + _DAY, zone), asked.as_of)
        level = one.level(moment, day, asked.rules_at(ImportanceRules, moment))
        if not found or found[-1][1] != level:
            found.append((day, level))
    return found


def due_day(contact: date, levels: list[tuple[date, int]], day: date, rules: DensityRules) -> date | None:
    """Return the day on which the next contact is due, or None where none is asked for.

    Args:
        contact: day of the last qualifying contact, or of the opening.
        levels: of the customer.
        day: the day at which it is looked.
        rules: the intervals.
    """
    place = bisect_right(levels, day, key=lambda pair: pair[0])
    if not place:
        return None
    changed, level = levels[place - 1]
    interval = rules.interval(level)
    return None if interval is None else max(contact + timedelta(days=interval), changed)


def next_contacts(reader: Reader, asked: Asked, last: date | None = None) -> Iterator[tuple[str, DueItem]]:
    """Yield for each open customer the contacts that came near their due day or passed it, from the reminder on.

    Args:
        reader: at the cut, over ``DENSITY``.
        asked: the cut.
        last: reminders up to this day; that of the cut if not given.
    """
    zone, horizon = asked.as_of.tzinfo, last or asked.day
    met = by_stream(((stream, row.at) for stream, row in reader.rows(contacts)), zone)
    rules = asked.rules(DensityRules)
    for one in customers(reader, asked):
        opened, levels = one.opened(), level_changes(one, asked)
        if opened is None:
            continue
        moments = [opened, *(at for at in met.get(one.stream, []) if at > opened)]
        for n, moment in enumerate(moments):
            done = moments[n + 1] if n + 1 < len(moments) else None
            item = _item(moment, done, levels, asked, horizon, rules)
            if item is not None and (done is not None or _wanted(one, asked.as_of)):
                yield one.stream, item


def _wanted(one: Customer, moment: datetime) -> bool:
    return one.is_open(moment) and not one.wants_no_contact(moment)


def _item(
    moment: datetime,
    done: datetime | None,
    levels: list[tuple[date, int]],
    asked: Asked,
    horizon: date,
    rules: DensityRules,
) -> DueItem | None:
    zone = asked.as_of.tzinfo
    looked = asked.day if done is None else done.date()
    due = due_day(moment.date(), levels, looked, rules)
    if due is None:
        return None
    reminder = due - timedelta(days=rules.reminder_days)
    if reminder > (horizon if done is None else looked):
        return None
    return DueItem(
        key=f"{CONTACT}/{moment.date().isoformat()}",
        since=moment,
        until=midnight(due + _DAY, zone),
        done_at=done,
    )
