"""Incoming calls, letters and formal letters: registered, and passed on to the right person (CORE-89)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.pipeline.commands import PassOnIncoming, RegisterIncoming
from guanxi.relationship.pipeline.events import IncomingRegistered, Medium

RULE = "CORE-89"


@attrs.define
class IncomingItem:
    """One thing that came in."""

    medium: Medium
    registered_at: datetime
    passed_to: str | None = None
    passed_at: datetime | None = None


@attrs.define
class Incoming:
    """What came in from a customer, by number."""

    by_number: dict[str, IncomingItem] = attrs.field(factory=dict)


incoming = Facet("core.incoming", Incoming, title=Label("Incoming mail and calls", "来电来信来函"))


@incoming.evolve
def _registered(s: Incoming, e: IncomingRegistered, at: datetime) -> None:
    item = s.by_number.setdefault(e.incoming, IncomingItem(e.medium, at))
    if e.passed_to is not None:
        item.passed_to = e.passed_to
        item.passed_at = item.passed_at or e.passed_at or at


@incoming.decide
def _register(s: Incoming, c: RegisterIncoming, now: Now) -> Iterator[Fact]:
    if c.incoming in s.by_number:
        raise Conflict(
            "source_conflict",
            f"incoming {c.incoming} is on record",
            zh=f"来件 {c.incoming} 已登记",
            rule=RULE,
            accepts="another number, or a correction of the first entry",
        )
    yield IncomingRegistered(
        incoming=c.incoming,
        medium=c.medium,
        content=c.content,
        passed_to=c.passed_to,
        passed_at=None if c.passed_to is None else now.at,
    )


@incoming.decide
def _pass_on(s: Incoming, c: PassOnIncoming, now: Now) -> Iterator[Fact]:
    item = s.by_number.get(c.incoming)
    if item is None:
        raise Unknown(
            "unknown_incoming",
            f"nothing came in under {c.incoming}",
            zh=f"没有来件 {c.incoming}",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "what was registered",
        )
    yield IncomingRegistered(incoming=c.incoming, medium=item.medium, passed_to=c.passed_to, passed_at=now.at)
