"""A desk at which care is told: facts of other subjects past every decider, and due items and reports at a cut."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guanxi import Event, Outcome, RuleSet
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.timeline import cut
from guanxi.kernel.times import stamp
from guanxi.relationship.care.commands import GiveConsent, SendMessage
from guanxi.testing.telling_facts import Teller
from tests.kernel.desks import CUSTOMER, Desk, moment


class CareDesk(Desk):
    """A desk of the core alone; a bare date means ten o'clock."""

    def __init__(self, *, now: str = "2025-01-01") -> None:
        self.teller, self.number = Teller("customer"), 0
        super().__init__(plugins=[self.teller.parts()], now=now)

    def until(self, day: str) -> datetime:
        """Let the clock go on to a moment, never back."""
        self.now = max(self.now, moment(day))
        return self.now

    def fact(self, on: str, *events: Event, known: str | None = None, who: str = CUSTOMER) -> Outcome:
        """Tell facts of one moment; known then, or later."""
        self.until(known or on)
        return self.tell(self.teller.tell(events), on, who=who, reason="told", happened=True)

    def agree(self, on: str, channel: str = "any", who: str = CUSTOMER) -> Outcome:
        """Give consent to marketing."""
        self.until(on)
        return self.tell(GiveConsent(wording_version="1", channel=channel), on, who=who, reason="told")

    def send(
        self,
        on: str,
        *,
        who: str = CUSTOMER,
        known: str | None = None,
        happened: bool = False,
        message: str | None = None,
        **fields: Any,
    ) -> Outcome:
        """Order a message, or tell of one; numbered by itself."""
        self.number += 1
        self.until(known or on)
        command = SendMessage(message=message or f"M-{self.number}", **fields)
        return self.tell(command, on, who=who, reason="told", happened=happened)

    def under(self, rules: RuleSet) -> CareDesk:
        """Publish rules in force from long ago."""
        self.ledger.publish(
            rules,
            effective_from=moment("2000-01-01"),
            by="drafter",
            approved_by="meeting",
            retroactive="set-up",
        )
        return self

    def due(
        self, cadence: Cadence, as_of: str | None = None, known: str | None = None
    ) -> dict[tuple[str, str], DueItem]:
        """Return a cadence's items at a cut, by account and key."""
        end = f"{known or as_of}T23:59:59" if known or as_of else None
        if end is not None:
            self.until(end)
        reporting = self.ledger.reporting
        at = cut(as_of, known, self.ledger.tz)
        as_known = reporting.known_at(at, stamp(self.now))
        reader = reporting.at(cadence.reads, at, as_known)
        asked, _ = reporting.asked(at.as_of or as_known, as_known, reporting.book(at))
        names: dict[str, str] = {}
        found = {}
        for stream, item in cadence.items(reader, asked):
            found[names.setdefault(stream, self.account(stream)), item.key] = item
        return found

    def state(
        self, cadence: Cadence, key: str, as_of: str, known: str | None = None, who: str = CUSTOMER
    ) -> str | None:
        """Return how an item stands at the end of a day, or None where there is none."""
        item = self.due(cadence, as_of, known).get((who, key))
        return None if item is None else item.state(moment(f"{as_of}T23:59:59"))

    def account(self, stream: str) -> str:
        """Return the account number of a stream, or what it is called itself."""
        from guanxi import CustomerFile

        head = self.ledger.store.heads([stream]).get(stream)
        if head is None or head.subject != "customer":
            return stream
        state: CustomerFile = self.ledger.history(stream).state(CustomerFile)
        return state.account


def day_after(day: str, days: int) -> str:
    """Return the day some days on."""
    return (moment(day).date() + timedelta(days=days)).isoformat()
