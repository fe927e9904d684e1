"""Facts of other subjects told as they are, past every decider, so that these tests need nothing but what they are about."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi import Event, Outcome
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.timeline import cut
from guanxi.kernel.times import stamp
from guanxi.testing.telling_facts import Teller
from tests.kernel.desks import CUSTOMER, Desk, moment


class FactDesk(Desk):
    """A desk of the core alone, at which facts can be told as they are."""

    def __init__(self, *, now: str = "2025-01-01") -> None:
        self.teller, self.staff = Teller("customer"), Teller("staff")
        one, other = self.teller.parts(), self.staff.parts()
        both = attrs.evolve(one, commands=one.commands + other.commands, facets=one.facets + other.facets)
        super().__init__(plugins=[both], now=now)

    def fact(self, on: str, *events: Event, known: str | None = None, who: str = CUSTOMER) -> Outcome:
        """Tell facts of one moment; known then, or on a later day."""
        self.now = max(self.now, moment(known or on))
        return self.tell(self.teller.tell(events), on, who=who, reason="told", happened=True)

    def state(
        self, facet: type[Any], as_of: str | None = None, known: str | None = None, who: str = CUSTOMER
    ) -> Any:
        """Return a facet's state at a cut."""
        history = self.ledger.history(who)
        if as_of is not None:
            history = history.as_of(as_of)
        if known is not None:
            history = history.as_known(known)
        return history.state(facet)

    def due(self, cadence: Cadence, as_of: str, known: str | None = None) -> dict[str, DueItem]:
        """Return a cadence's items at a cut, by key; the clock stands at the cut or later."""
        self.now = max(self.now, moment(f"{known or as_of}T23:59"))
        reporting = self.ledger.reporting
        at = cut(as_of, known, self.ledger.tz)
        as_known = reporting.known_at(at, stamp(self.now))
        reader = reporting.at(cadence.reads, at, as_known)
        asked, _ = reporting.asked(at.as_of or as_known, as_known, reporting.book(at))
        return {item.key: item for _, item in cadence.items(reader, asked)}
