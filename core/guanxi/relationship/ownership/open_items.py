"""What is open in a relationship: one list for the hand-over and for whoever looks at the whole customer (CORE-20, CORE-77)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from guanxi.kernel.facets import Facet
from guanxi.relationship.dealings.receivables import Receivables, receivables
from guanxi.relationship.documents.papers import Papers, papers
from guanxi.relationship.ownership.events import OpenItem
from guanxi.relationship.pipeline.leads import Leads, leads
from guanxi.relationship.pipeline.opportunities import Opportunities, opportunities
from guanxi.relationship.service.complaints import Complaints, complaints
from guanxi.relationship.service.promises import Promises, promises
from guanxi.relationship.service.service_requests import ServiceRequests, service_requests


@attrs.frozen
class Source:
    """Where open items of one kind come from.

    Args:
        facet: the facet that knows of them.
        items: ``items(state)`` yields what is open, in order of number; pure.
    """

    facet: Facet[Any]
    items: Callable[[Any], Iterator[OpenItem]]


def _leads(s: Leads) -> Iterator[OpenItem]:
    for number, lead in sorted(s.by_number.items()):
        if lead.type in ("open", "working"):
            yield OpenItem(kind="lead", number=number)


def _opportunities(s: Opportunities) -> Iterator[OpenItem]:
    for number, opportunity in sorted(s.by_number.items()):
        if opportunity.is_open:
            yield OpenItem(kind="opportunity", number=number, due_on=opportunity.expected_on)


def _receivables(s: Receivables) -> Iterator[OpenItem]:
    for number, receivable in sorted(s.receivables.items()):
        if receivable.open > 0:
            yield OpenItem(kind="receivable", number=number, due_on=receivable.due_on)


def _complaints(s: Complaints) -> Iterator[OpenItem]:
    for number in sorted(s.open):
        yield OpenItem(kind="complaint", number=number)


def _service_requests(s: ServiceRequests) -> Iterator[OpenItem]:
    for number, request in sorted(s.requests.items()):
        if not request.over:
            yield OpenItem(kind="service_request", number=number)


def _promises(s: Promises) -> Iterator[OpenItem]:
    for number, promise in sorted(s.promises.items()):
        if promise.state == "open":
            yield OpenItem(kind="promise", number=number, due_on=promise.due)


def _loans(s: Papers) -> Iterator[OpenItem]:
    for number, loan in sorted(s.loans.items()):
        yield OpenItem(kind="document_loan", number=number, due_on=loan.due_on)


SOURCES: tuple[Source, ...] = (
    Source(leads, _leads),
    Source(opportunities, _opportunities),
    Source(receivables, _receivables),
    Source(complaints, _complaints),
    Source(service_requests, _service_requests),
    Source(promises, _promises),
    Source(papers, _loans),
)
"""Every kind of open item, in the order of the list."""


def open_in(state_of: Callable[[type[Any]], Any]) -> Iterator[OpenItem]:
    """Yield what is open, kind by kind; what falls due by itself stands in the list of due items.

    Args:
        state_of: returns a facet's state by its class: a handler's ``now.of``, or a history's ``state``.
    """
    for source in SOURCES:
        yield from source.items(state_of(type(source.facet.state())))
