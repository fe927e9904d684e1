"""What falls due about people (CORE-99)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby

import attrs

from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import midnight
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.care.events import GatheringAttended
from guanxi.relationship.due_items.terms import due_within
from guanxi.relationship.grading.importance import ClassRow, classes, classes_by_stream, level_of
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.rules import ImportanceRules
from guanxi.relationship.people.events import ContactPersonNamed
from guanxi.relationship.people.read_models import (
    ActionDayRow,
    ContactPersonRow,
    action_days,
    contact_people,
    meetings,
    relations,
)
from guanxi.relationship.people.rules import ContactPersonRules
from guanxi.relationship.pipeline.events import ActionRecorded

ORGANISATION = "organisation"


@attrs.frozen
class Tenure:
    """Who the key persons were from a moment on.

    Args:
        since: from when.
        persons: their ids; none where there was nobody.
    """

    since: datetime
    persons: frozenset[str]


def tenures(rows: Sequence[ContactPersonRow], tz: tzinfo | None) -> list[Tenure]:
    """Return who the key persons were, day by day on which that changed, the first ones included.

    Args:
        rows: what was said of an organisation's contact persons.
        tz: the programme's zone.
    """
    told = sorted(((row.at, row) for row in rows if row.at is not None), key=lambda pair: pair[0])
    found: list[Tenure] = []
    now: frozenset[str] = frozenset()
    for _, group in groupby(told, key=lambda pair: pair[0].astimezone(tz).date()):
        day = list(group)
        then = set(now)
        for _, row in day:
            (then.add if row.key_person else then.discard)(row.person)
        if then != now:
            now = frozenset(then)
            found.append(Tenure(day[0][0].astimezone(tz), now))
    return found


def _tenures(reader: Reader, asked: Asked) -> Iterator[tuple[str, list[Tenure]]]:
    for stream, found in groupby(reader.rows(contact_people), key=lambda pair: pair[0]):
        yield stream, tenures([row for _, row in found], asked.as_of.tzinfo)


# Review after a change


def _reviews(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    days: dict[str, list[ActionDayRow]] = {}
    for stream, row in reader.rows(action_days):
        days.setdefault(stream, []).append(row)
    for stream, found in _tenures(reader, asked):
        for tenure in found[1:]:  # the first key person is no change
            yield stream, _review(tenure.since, days.get(stream, ()), asked)


def _review(moment: datetime, days: Sequence[ActionDayRow], asked: Asked) -> DueItem:
    count = asked.rules_at(ContactPersonRules, moment).key_person_review_working_days
    term = asked.rules(CalendarRules).working_days(moment.date(), count)
    done = (at for row in days for at in (row.first, row.last) if at is not None and at >= moment)
    return due_within(
        term,
        key=moment.date().isoformat(),
        since=moment,
        done_at=min(done, default=None),
    )


key_person_review = Cadence(
    name="core.key_person_review",
    title=Label("Review after a change of key person", "关键人物变动复核"),
    rule="CORE-18",
    reads=(contact_people, action_days),
    items=_reviews,
    fulfilled_by=(ActionRecorded.stored_name,),
)


# A key person for every important organisation


def _missing(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    found = dict(_tenures(reader, asked))
    known = classes_by_stream(reader)
    open_files = members_of(reader)
    for stream, row in reader.rows(relations):
        if row.party == ORGANISATION and row.opened_on is not None and stream in open_files:
            important = _important_since(known.get(stream, ()), asked)
            if important is not None:
                opened = midnight(max(row.opened_on, important), asked.as_of.tzinfo)
                for item in _gaps(found.get(stream, []), opened):
                    yield stream, item


def _important_since(rows: Sequence[ClassRow], asked: Asked) -> date | None:
    """Return since when a customer has been so important that he needs a key person; None if he is not."""
    wanted = asked.rules(ContactPersonRules).key_person_importance
    rules = asked.rules(ImportanceRules)
    if level_of(rows, asked.day, rules) not in wanted:
        return None
    days = sorted(row.since for row in rows if row.since <= asked.day)
    return next((day for day in days if level_of(rows, day, rules) in wanted), asked.day)


def _gaps(found: Sequence[Tenure], since: datetime) -> Iterator[DueItem]:
    spells = [Tenure(since, frozenset()), *found]
    for n, spell in enumerate(spells):
        begins = max(spell.since, since)
        filled = next((t.since for t in spells[n + 1 :] if t.persons), None)
        if spell.persons or (filled is not None and filled <= begins):
            continue
        if n == 0 and found and found[0].since <= since:
            continue  # what came before he was important says how he stood then
        yield DueItem(key=begins.date().isoformat(), since=begins, until=None, done_at=filled)


key_person_missing = Cadence(
    name="core.key_person_missing",
    title=Label("Key person of an important organisation", "重要单位缺关键人物"),
    rule="CORE-18",
    reads=(contact_people, relations, classes, members),
    items=_missing,
    fulfilled_by=(ContactPersonNamed.stored_name,),
)


# Summit and mutual visits


def _meetings(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    held: dict[str, list[tuple[str, date]]] = {}
    for stream, row in reader.rows(meetings):
        held.setdefault(stream, []).append((row.kind, date.fromisoformat(row.held_on)))
    open_files = members_of(reader)
    for stream, found in _tenures(reader, asked):
        if stream in open_files:
            for item in _yearly(found, held.get(stream, ()), asked):
                yield stream, item


def _yearly(found: Sequence[Tenure], held: Sequence[tuple[str, date]], asked: Asked) -> Iterator[DueItem]:
    tz = asked.as_of.tzinfo
    for year in range(found[0].since.year if found else asked.day.year + 1, asked.day.year + 1):
        begins, ends = date(year, 1, 1), date(year + 1, 1, 1)
        if not _had_one(found, midnight(begins, tz), midnight(ends, tz)):
            continue
        for kind in ("summit", "mutual_visit"):
            done = min((day for what, day in held if what == kind and begins <= day < ends), default=None)
            yield DueItem(
                key=f"{kind}/{year}",
                since=midnight(begins, tz),
                until=midnight(ends, tz),
                done_at=None if done is None else midnight(done, tz),
                ends=midnight(ends, tz),
                about=f"{kind} {year}",
            )


def _had_one(found: Sequence[Tenure], begins: datetime, ends: datetime) -> bool:
    """Return whether there was a key person at some time of a stretch."""
    later: Mapping[int, datetime] = {n: t.since for n, t in enumerate(found[1:])}
    return any(
        t.persons and t.since < ends and (n not in later or later[n] > begins) for n, t in enumerate(found)
    )


key_person_meeting = Cadence(
    name="core.key_person_meeting",
    title=Label("Summit and mutual visit with key persons", "与关键人物的高层会晤与互访"),
    rule="CORE-18",
    reads=(contact_people, meetings, members),
    items=_meetings,
    fulfilled_by=(GatheringAttended.stored_name,),
)

CADENCES = (key_person_review, key_person_missing, key_person_meeting)
