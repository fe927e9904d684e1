"""The Friday message: one greeting a week to each VIP, by a named person (RET-31)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from guanxi import Asked, DueItem, Reader, ReadModel, midnight
from guanxi.relationship.care.read_models import gifts, touches
from guanxi.relationship.due_items.notes import CoreDueNotes
from guanxi.relationship.file.read_models import contact_points
from guanxi_retail.care.people import PEOPLE, Ground, Person
from guanxi_retail.care.planned import (
    BEFORE_IMPORT,
    MESSAGE,
    ONE_DAY,
    ONE_WEEK,
    SUPPRESSED,
    WEEKLY,
    Care,
    Deed,
    Planned,
    care_at,
)
from guanxi_retail.care.rules import CareRules
from guanxi_retail.group_purchase.read_models import vip_stays

CADENCE = "retail.friday_message"
NOTES = CoreDueNotes()

FRIDAY: tuple[ReadModel[Any], ...] = (*PEOPLE, touches, gifts, vip_stays, contact_points, *NOTES.reads)
"""The read models that the Friday message is computed from."""

UNASSIGNED, NO_PHONE = "unassigned", "no_phone"


@attrs.frozen
class Stay:
    """A time on the VIP list."""

    since: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Return whether it holds at a moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


@attrs.frozen
class Task:
    """The message to one VIP on one Friday.

    Args:
        planned: what is planned.
        person: who is to send it.
        phone: whether there is a number to send it to.
    """

    planned: Planned
    person: str | None
    phone: bool

    @property
    def exception(self) -> str | None:
        """Why nobody can send it, or None."""
        if self.person is None:
            return UNASSIGNED
        return None if self.phone else NO_PHONE


def friday_tasks(reader: Reader, asked: Asked) -> Iterator[Task]:
    """Yield the message to each VIP of a Friday's beginning, Friday by Friday, also where none goes out.

    Args:
        reader: at the cut, over ``FRIDAY``.
        asked: the cut.
    """
    stays: defaultdict[str, list[Stay]] = defaultdict(list)
    for stream, row in reader.rows(vip_stays):
        if row.since is not None:
            until = None if row.until is None else asked.local(row.until)
            stays[stream].append(Stay(asked.local(row.since), until))
    if not stays:
        return
    care, phones = care_at(reader, asked), _phones(reader, asked)
    marks = NOTES.marks(reader)
    for one in care.people:
        if one.stream not in stays:
            continue
        whose = NOTES.whose(reader, one.stream)
        for day, stay in _fridays(care, stays[one.stream]):
            key, moment = f"{WEEKLY}/{day.isoformat()}", care.told_by(day)
            if not one.is_open(moment):
                continue
            mark = marks.get((one.stream, CADENCE, key))
            end = min(midnight(day + ONE_DAY, asked.as_of.tzinfo), asked.as_of)
            person = (None if mark is None else mark.person) or whose.answerable(end)
            numbers = phones.get(one.stream, ())
            phone = any(since < end and (until is None or until > moment) for since, until in numbers)
            yield Task(_planned(care, one, key, day, stay, person), person, phone)


def _fridays(care: Care, stays: list[Stay]) -> Iterator[tuple[date, Stay]]:
    """Yield the weekdays of the message on which somebody is on the list from the day's beginning."""
    weekday = care.greetings(care.asked.day).weekly_weekday
    first = min(stay.since for stay in stays).date()
    day = first + timedelta(days=(weekday - first.isoweekday()) % ONE_WEEK.days)
    while day <= care.asked.day:
        begins = midnight(day, care.asked.as_of.tzinfo)
        stay = next((stay for stay in stays if stay.holds(begins)), None)
        if stay is not None:
            yield day, stay
        day += ONE_WEEK


def _planned(care: Care, one: Person, key: str, day: date, stay: Stay, person: str | None) -> Planned:
    zone, moment = care.asked.as_of.tzinfo, care.told_by(day)
    item = DueItem(
        key=key,
        since=midnight(day, zone),
        until=midnight(day + ONE_DAY, zone),
        ends=midnight(day + ONE_WEEK, zone),
    )
    silent = one.silence(moment)
    grounds: list[Ground] = [("retail.vip_admitted", stay.since)]
    if silent is None:
        grounds += one.consent(moment)
    deed = _sent(care, one, item, person)
    why = SUPPRESSED if silent is not None else None
    if item.until is not None and item.until <= care.asked.as_of and care.known(one, grounds) >= item.until:
        why = BEFORE_IMPORT
    done_at = None if deed is None else deed.at
    return Planned(one, attrs.evolve(item, done_at=done_at), WEEKLY, MESSAGE, why, silent, deed)


def _sent(care: Care, one: Person, item: DueItem, person: str | None) -> Deed | None:
    """Return the first message that names the week's and was sent by whoever was to send it."""
    for deed in care.deeds.get(one.stream, ()):
        within = deed.at >= item.since and (item.ends is None or deed.at < item.ends)
        by_person = deed.sender is not None and person in (None, deed.sender)
        if within and by_person and deed.names_item(item.key):
            return deed
    return None


Span = tuple[datetime, datetime | None]


def _phones(reader: Reader, asked: Asked) -> dict[str, list[Span]]:
    """Return from when until when numbers led to people, by stream."""
    types = asked.rules(CareRules).phone_types
    found: dict[str, list[Span]] = {}
    for stream, row in reader.rows(contact_points):
        if row.type in types and row.since is not None:
            until = None if row.until is None else asked.local(row.until)
            found.setdefault(stream, []).append((asked.local(row.since), until))
    return found
