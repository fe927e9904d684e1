"""The routing table: whom it names for a customer who has nobody (CORE-21)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision
from guanxi.relationship.file.events import FileOpened, ProfileFactRecorded
from guanxi.relationship.ownership.events import MaintainerDrawn
from guanxi.relationship.ownership.maintainers import Ownership, maintainers
from guanxi.relationship.ownership.rules import OwnershipRules


@attrs.define
class Routing:
    """What is known of a customer, by the fields that a routing table may ask for."""

    known: dict[str, str] = attrs.field(factory=dict)

    def proposed(self, rules: OwnershipRules) -> str | None:
        """Return whom the routing table names; None where no row fits."""
        found = rules.route(self.known)
        return None if found is None else found[1]


routing = Facet("core.routing", Routing, reads=(maintainers,), title=Label("Routing", "客户分派"))


@routing.evolve
def _opened(s: Routing, e: FileOpened) -> None:
    s.known["party"], s.known["source_channel"] = e.party, e.source_channel


@routing.evolve
def _fact(s: Routing, e: ProfileFactRecorded) -> None:
    if isinstance(e.value, str):
        s.known[e.field_name] = e.value
    else:
        s.known.pop(e.field_name, None)


@routing.react("CORE-21")
def _assigns_itself(s: Routing, e: FileOpened | ProfileFactRecorded, now: Now) -> Iterator[Decision]:
    rules = now.rules(OwnershipRules)
    if not rules.auto_route or now.of(Ownership).maintainer is not None:
        return
    if (found := rules.route(s.known)) is not None:
        row, person = found
        yield MaintainerDrawn(basis=f"route:{row}", person=person)
