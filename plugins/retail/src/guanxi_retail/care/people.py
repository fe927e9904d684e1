"""Who is cared for: cardholders and purchasers at any moment, their consent, and from when on all of that was known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import attrs

from guanxi import Asked, Reader, ReadModel
from guanxi.relationship.care.customers import CARED_FOR, Customer, customers
from guanxi.relationship.care.days import day_of
from guanxi.relationship.care.read_models import CONSENT, FILE, OPEN, PROFILE
from guanxi_retail.care.read_models import card_spans, first_purchases

PEOPLE: tuple[ReadModel[Any], ...] = (*CARED_FOR, card_spans, first_purchases)
"""The read models that this needs."""

MARKETING, YES = "marketing", "yes"
PUBLIC_OFFICIAL = "public_official"

Ground = tuple[str, datetime]
"""What something is due for: the stored name of an event, and the moment it counts from."""


@attrs.define
class Person:
    """A customer as care sees him.

    Args:
        customer: his file over time.
        cards: when he came to hold a card or ceased to, in order, and the event that says so.
        bought_at: when he bought first.
    """

    customer: Customer
    cards: list[tuple[datetime, bool, str]] = attrs.field(factory=list)
    bought_at: datetime | None = None

    @property
    def stream(self) -> str:
        """The id of his file's stream."""
        return self.customer.stream

    def card_since(self, moment: datetime) -> Ground | None:
        """Return from when he has held a card without a break at a moment, or None."""
        since: Ground | None = None
        for at, holds, event in self.cards:
            if at > moment:
                break
            since = (since or (event, at)) if holds else None
        return since

    def bought_by(self, moment: datetime) -> Ground | None:
        """Return his first purchase, if it was made by a moment."""
        if self.bought_at is None or self.bought_at > moment:
            return None
        return "retail.purchase_recorded", self.bought_at

    def is_open(self, moment: datetime) -> bool:
        """Return whether the file was open at a moment; who has died or is closed is not greeted."""
        return self.customer.at(FILE, moment) == OPEN

    def silence(self, moment: datetime) -> str | None:
        """Return why no message may go out to him at a moment, or None."""
        if self.customer.wants_no_contact(moment):
            return "do_not_contact"
        return None if self.customer.agrees(MARKETING, moment) else "no_consent"

    def consent(self, moment: datetime) -> Iterator[Ground]:
        """Yield what his consent at a moment rests on."""
        kind = f"{CONSENT}/{MARKETING}"
        for (what, _), told in self.customer.history.items():
            if what == kind:
                yield from (
                    ("core.consent_given", at) for at, code in told[-1:] if code == YES and at <= moment
                )

    def is_official(self, moment: datetime) -> bool:
        """Return whether he is a public official at a moment, who gets no gifts."""
        return self.customer.profile(PUBLIC_OFFICIAL, moment) == YES

    def day(self, field_name: str, moment: datetime) -> tuple[date, Ground] | None:
        """Return a day that his profile tells at a moment, and since when it has told that one."""
        found: tuple[date, Ground] | None = None
        for at, value in self.customer.changes(PROFILE, field_name):
            if at > moment:
                break
            told = day_of(value)
            if told is None:
                found = None
            elif found is None or found[0] != told:
                found = told, ("core.profile_fact_recorded", at)
        return found


def people_at(reader: Reader, asked: Asked) -> list[Person]:
    """Return all customers in order of stream; what asks declares ``PEOPLE`` among what it reads.

    Args:
        reader: at the cut.
        asked: the cut.
    """
    found = {one.stream: Person(one) for one in customers(reader, asked)}
    for stream, row in reader.rows(card_spans):
        if stream in found:
            found[stream].cards.append((asked.local(row.at), row.holds, row.event))
    for stream, purchase in reader.rows(first_purchases):
        if stream in found and purchase.at is not None:
            found[stream].bought_at = asked.local(purchase.at)
    for one in found.values():
        one.cards.sort()
    return list(found.values())
