"""The key customer book, and who receives key customers (RET-36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi import Act, Conflict, Decision, Facet, Fact, Label, Now
from guanxi_retail.store.commands import DesignateKeyCustomer, RecordStoreVisit
from guanxi_retail.store.events import KeyCustomerDesignated, ReceivedByOther, StoreVisitRecorded
from guanxi_retail.store.rules import StoreRules
from guanxi_retail.store.walk_ins import check_lost_reason


@attrs.define
class KeyCustomer:
    """Since when the customer is in the book, and his visits."""

    since: date | None = None
    until: date | None = None
    visits: set[str] = attrs.field(factory=set)

    def on(self, day: date) -> bool:
        """Return whether the customer is in the book on a day.

        Args:
            day: the day.
        """
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


key_customer = Facet("retail.key_customer", KeyCustomer, title=Label("Key customer", "重点顾客"))


@key_customer.evolve
def _designated(s: KeyCustomer, e: KeyCustomerDesignated) -> None:
    s.since, s.until = e.since, e.until


@key_customer.evolve
def _visited(s: KeyCustomer, e: StoreVisitRecorded) -> None:
    s.visits.add(e.visit)


@key_customer.decide
def _designate(s: KeyCustomer, c: DesignateKeyCustomer, now: Now) -> Iterator[Act]:
    yield KeyCustomerDesignated(since=c.since or now.at.date(), until=c.until)


@key_customer.decide
def _visit(s: KeyCustomer, c: RecordStoreVisit, now: Now) -> Iterator[Fact]:
    if c.visit in s.visits:
        raise Conflict(
            "source_conflict",
            f"visit {c.visit} is on record",
            zh=f"接待 {c.visit} 已登记",
            rule="CORE-03",
            accepts="another number",
        )
    check_lost_reason(c.lost_reason, now)
    yield StoreVisitRecorded(
        visit=c.visit,
        outlet=c.outlet,
        received_by=c.received_by,
        role=c.role,
        outcome=c.outcome,
        lost_reason=c.lost_reason,
        contact_given=c.contact is not None,
        contact=c.contact,
        matter=c.matter,
    )


@key_customer.react("RET-36")
def _received_by_other(s: KeyCustomer, e: StoreVisitRecorded, now: Now) -> Iterator[Decision]:
    if s.on(now.at.date()) and e.role not in now.rules(StoreRules).key_customer_roles:
        yield ReceivedByOther(visit=e.visit, role=e.role)
