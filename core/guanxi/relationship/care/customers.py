"""How every customer stood at any moment up to a cut: who he is, his stage, his class, his wishes. Read once, asked often."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

import attrs

from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.care.events import ANY_CHANNEL
from guanxi.relationship.care.read_models import (
    CONSENT,
    FILE,
    NO_CONTACT,
    OPEN,
    PROFILE,
    STAGE,
    YES,
    GradeRow,
    PersonRow,
    StandingRow,
    grades,
    people,
    standings,
)
from guanxi.relationship.grading.importance import ClassRow, classes_in_force, level_of
from guanxi.relationship.grading.rules import ImportanceRules

CARED_FOR = (people, standings, grades)
"""The read models that this needs."""

Value = str | Erased | None
_DAY = timedelta(days=1)


@attrs.define
class Customer:
    """A customer and how he stood over time."""

    stream: str
    zone: tzinfo | None
    row: PersonRow
    history: dict[tuple[str, str], list[tuple[datetime, Value]]] = attrs.field(factory=dict)
    classes: list[GradeRow] = attrs.field(factory=list)

    def at(self, what: str, moment: datetime, about: str = "") -> Value:
        """Return what held at a moment, or None."""
        told = self.history.get((what, about), [])
        place = bisect_right(told, moment, key=lambda pair: pair[0])
        return told[place - 1][1] if place else None

    def changes(self, what: str, about: str = "") -> list[tuple[datetime, Value]]:
        """Return all that was told, in order of time."""
        return self.history.get((what, about), [])

    def profile(self, field_name: str, moment: datetime) -> Value:
        """Return the value of a profile field at a moment."""
        return self.at(PROFILE, moment, field_name)

    def is_open(self, moment: datetime) -> bool:
        """Return whether the file was open at a moment."""
        return self.at(FILE, moment) == OPEN

    def opened(self) -> datetime | None:
        """Return when the file was first opened, in the programme's zone."""
        told = self.history.get((FILE, ""))
        return told[0][0] if told else None

    def stage(self, moment: datetime) -> Value:
        """Return the stage of the relationship at a moment."""
        return self.at(STAGE, moment)

    def wants_no_contact(self, moment: datetime) -> bool:
        """Return whether he asked not to be contacted."""
        return self.at(NO_CONTACT, moment) == YES

    def agrees(self, purpose: str, moment: datetime) -> bool:
        """Return whether he agreed to a purpose at a moment, on any channel at all."""
        kind = f"{CONSENT}/{purpose}"
        words = [(about, told) for (what, about), told in self.history.items() if what == kind]
        said: dict[str, bool] = {}
        for at, channel, agreed in sorted(
            (at, channel, code == YES) for channel, told in words for at, code in told
        ):
            if at > moment:
                break
            if channel == ANY_CHANNEL:
                said.clear()
            said[channel] = agreed
        return any(said.values())

    def turning_days(self) -> list[date]:
        """Return the days from whose beginning on his classes may be others, in order."""
        days: set[date] = set()
        for row in self.classes:
            given = row.at.astimezone(self.zone).date()
            days |= {given, given + _DAY, row.since}
            if row.until is not None:
                days.add(row.until + _DAY)
        return sorted(days)

    def classes_at(self, moment: datetime, day: date) -> dict[str, ClassRow]:
        """Return the classes that count in each scheme on a day, by scheme.

        Args:
            moment: classes given later do not count.
            day: the day on which they are to hold.
        """
        return classes_in_force(self._given(moment), day)

    def level(self, moment: datetime, day: date, rules: ImportanceRules) -> int:
        """Return how important he was on a day, by the classes given up to a moment.

        Args:
            moment: classes given later do not count.
            day: the day on which they are to hold.
            rules: which class gives which level.
        """
        return level_of(self._given(moment), day, rules)

    def _given(self, moment: datetime) -> list[ClassRow]:
        latest: dict[tuple[str, str, str], ClassRow] = {}
        for row in self.classes:
            if row.at <= moment:
                latest[row.scheme, row.how, row.source] = ClassRow(
                    scheme=row.scheme,
                    how=row.how,
                    source=row.source,
                    grade=row.grade,
                    since=row.since,
                    until=row.until,
                )
        return list(latest.values())


def customers(reader: Reader, asked: Asked) -> list[Customer]:
    """Return every customer, in order of stream; what asks declares ``CARED_FOR`` among what it reads.

    Args:
        reader: at the cut.
        asked: the cut.
    """
    zone = asked.as_of.tzinfo
    found = {stream: Customer(stream, zone, row) for stream, row in reader.rows(people)}
    for stream, row in reader.rows(standings):
        if stream in found:
            told = found[stream].history.setdefault((row.what, row.about), [])
            told.append((row.at.astimezone(zone), _said(row)))
    for stream, grade in reader.rows(grades):
        if stream in found:
            found[stream].classes.append(grade)
    for one in found.values():
        for told in one.history.values():
            told.sort(key=lambda pair: pair[0])
        one.classes.sort(key=lambda row: row.at)
    return [found[stream] for stream in sorted(found)]


def _said(row: StandingRow) -> Value:
    return row.value if row.what == PROFILE else row.code


def by_stream(pairs: Iterable[tuple[str, datetime]], zone: tzinfo | None) -> dict[str, list[datetime]]:
    """Return moments in order of time, in a zone, by stream."""
    found: dict[str, list[datetime]] = {}
    for stream, at in pairs:
        found.setdefault(stream, []).append(at.astimezone(zone))
    for moments in found.values():
        moments.sort()
    return found
