"""What care plans for a customer: an item of the list, or why there is none; and what he was sent or given for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import attrs

from guanxi import Asked, DueItem, Reader, midnight
from guanxi.relationship.care.read_models import gifts, touches
from guanxi.relationship.care.rules import GreetingRules
from guanxi_retail.care.people import Ground, Person, people_at
from guanxi_retail.care.rules import CareRules

BIRTHDAY, FESTIVAL, ANNIVERSARY, DAY, WEEKLY = "birthday", "festival", "anniversary", "day", "weekly"
OCCASIONS = (BIRTHDAY, FESTIVAL, ANNIVERSARY, DAY)
"""Occasions of a day: one message on it fulfils them all."""

MESSAGE, GIFT = "care_message", "care_gift"
SUPPRESSED, BEFORE_IMPORT = "suppressed", "before_import"
GREETING = "greeting"

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)


@attrs.frozen
class Deed:
    """A message that was sent, or a gift that was given.

    Args:
        at: when.
        names: the occasions it names.
        sender: who did it.
        channel: how it went out; ``gift`` for a gift.
        outcome: what became of it.
    """

    at: datetime
    names: tuple[str, ...]
    sender: str | None
    channel: str
    outcome: str | None = None

    def names_item(self, key: str) -> bool:
        """Return whether it names an item, or the item's occasion."""
        return any(name in (key, key.partition("/")[0]) for name in self.names)

    @property
    def is_greeting(self) -> bool:
        """Whether it greets on an occasion of its day: it names one, or nothing at all."""
        return not self.names or any(name.partition("/")[0] in OCCASIONS for name in self.names)


@attrs.frozen
class Planned:
    """One thing that care plans for a customer.

    Args:
        one: for whom.
        item: what is to be done, and whether it was.
        occasion: what for.
        channel: a message or a gift.
        why: ``suppressed`` or ``before_import`` where nothing is due.
        reason: why it is suppressed.
        deed: what fulfilled it.
    """

    one: Person
    item: DueItem
    occasion: str
    channel: str
    why: str | None = None
    reason: str | None = None
    deed: Deed | None = None


@attrs.define
class Care:
    """What care is planned from, read once.

    Args:
        asked: the cut.
        people: everybody.
        deeds: what they were sent and given, by stream, in order of time.
    """

    asked: Asked
    people: list[Person]
    deeds: dict[str, list[Deed]]

    def told_by(self, day: date) -> datetime:
        """Return the beginning of a day; the cut where that lies ahead of it."""
        return min(midnight(day, self.asked.as_of.tzinfo), self.asked.as_of)

    def rules(self, day: date) -> CareRules:
        """Return the rules in force on a day."""
        return self.asked.rules_at(CareRules, self.told_by(day))

    def greetings(self, day: date) -> GreetingRules:
        """Return the core's rules of greetings in force on a day."""
        return self.asked.rules_at(GreetingRules, self.told_by(day))

    def known(self, one: Person, grounds: Iterable[Ground]) -> datetime:
        """Return from when it was known that something is due to somebody, his file included."""
        opened = one.customer.opened()
        told = [("core.file_opened", opened)] if opened is not None else []
        return max(self.asked.known_from(one.stream, *ground) for ground in (*told, *grounds))

    def plan(
        self,
        one: Person,
        key: str,
        days: tuple[date, date],
        ends: date | None,
        *,
        channel: str,
        grounds: Sequence[Ground],
        about: str = "",
        provisional: bool = False,
    ) -> Planned:
        """Return what is planned for an occasion.

        Args:
            one: for whom.
            key: of the item; its first part names the occasion.
            days: first and last day on which it is done in time.
            ends: when the next of its series takes its place.
            channel: a message or a gift.
            grounds: what it is due for.
            about: what it concerns.
            provisional: whether its day may still move.
        """
        zone = self.asked.as_of.tzinfo
        item = DueItem(
            key=key,
            since=midnight(days[0], zone),
            until=midnight(days[1] + ONE_DAY, zone),
            ends=None if ends is None else midnight(ends, zone),
            about=about,
            provisional=provisional,
        )
        moment = self.told_by(days[0])
        silent = one.silence(moment) if channel == MESSAGE else None
        if silent is None and channel == MESSAGE:
            grounds = (*grounds, *one.consent(moment))
        deed = self._fulfils(one, item, channel)
        why = SUPPRESSED if silent is not None else None
        if (
            item.until is not None
            and item.until <= self.asked.as_of
            and self.known(one, grounds) >= item.until
        ):
            why = BEFORE_IMPORT
        return Planned(
            one,
            attrs.evolve(item, done_at=None if deed is None else deed.at),
            key.partition("/")[0],
            channel,
            why,
            silent,
            deed,
        )

    def _fulfils(self, one: Person, item: DueItem, channel: str) -> Deed | None:
        """Return what fulfilled an item first: on its own days any greeting, later what names it."""
        medium = GIFT if channel == GIFT else self.rules(item.since.date()).message_channel
        for deed in self.deeds.get(one.stream, ()):
            if deed.channel != medium or deed.at < item.since or (item.ends and deed.at >= item.ends):
                continue
            in_time = item.until is None or deed.at < item.until
            if deed.names_item(item.key) or (in_time and deed.is_greeting):
                return deed
        return None


def care_at(reader: Reader, asked: Asked) -> Care:
    """Return what care is planned from.

    Args:
        reader: at the cut, over ``PEOPLE``, messages and gifts.
        asked: the cut.
    """
    return Care(asked, people_at(reader, asked), deeds_at(reader, asked))


def deeds_at(reader: Reader, asked: Asked) -> dict[str, list[Deed]]:
    """Return greetings, gifts and what names an occasion, by stream and in order of time."""
    found: dict[str, list[Deed]] = {}
    for stream, row in reader.rows(touches):
        if row.sent_at is not None and (row.care_item is not None or row.kind == GREETING):
            told = Deed(asked.local(row.sent_at), _named(row.care_item), row.sender, row.channel, row.outcome)
            found.setdefault(stream, []).append(told)
    for stream, gift in reader.rows(gifts):
        if gift.given_at is not None:
            told = Deed(asked.local(gift.given_at), _named(gift.care_item), gift.given_by, GIFT)
            found.setdefault(stream, []).append(told)
    for deeds in found.values():
        deeds.sort(key=lambda deed: deed.at)
    return found


def _named(care_item: str | None) -> tuple[str, ...]:
    """Return the occasions that a message names; two may be, with a comma between."""
    return tuple(name.strip() for name in (care_item or "").split(",") if name.strip())
