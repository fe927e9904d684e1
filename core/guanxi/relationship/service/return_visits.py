"""Return visits: who is called after a delivery, after a complaint, or because a selection chose him, and what he said (CORE-38)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.dealings.events import GoodsDelivered
from guanxi.relationship.service.checks import unknown
from guanxi.relationship.service.commands import DoReturnVisit, DrawReturnVisit
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ReturnVisitDone,
    ReturnVisitDrawn,
    ReturnVisitSelected,
    VisitMethod,
)
from guanxi.relationship.service.rules import ReturnVisitRules

RULE, WHAT = "CORE-38", "return visit"


@attrs.define
class ReturnVisits:
    """Whether the customer was reached, by return visit."""

    return_visits: dict[str, bool] = attrs.field(factory=dict)


return_visits = Facet("core.return_visits", ReturnVisits, title=Label("Return visits", "回访"))


@return_visits.evolve
def _changes(s: ReturnVisits, e: ReturnVisitSelected | ReturnVisitDone) -> None:
    reached = isinstance(e, ReturnVisitDone) and e.reached
    s.return_visits[e.return_visit] = s.return_visits.get(e.return_visit, False) or reached


def _due(method: VisitMethod, now: Now) -> date | None:
    """Return until when a customer selected now is to be called; None where the method is not in use."""
    rules = now.rules(ReturnVisitRules)
    if method not in rules.methods:
        return None
    return now.rules(CalendarRules).days(now.at.date(), rules.days_after(method)).last_day


@return_visits.react(RULE)
def _after_delivery(s: ReturnVisits, e: GoodsDelivered, now: Now) -> Iterator[Decision]:
    due = _due("after_delivery", now)
    if due is not None:
        occasion = e.delivery_note or now.at.date().isoformat()
        yield ReturnVisitSelected(
            return_visit=f"after_delivery/{e.order}/{occasion}", method="after_delivery", due=due
        )


@return_visits.react(RULE)
def _after_complaint(s: ReturnVisits, e: ComplaintClosed, now: Now) -> Iterator[Decision]:
    due = _due("after_complaint", now)
    if due is not None:
        yield ReturnVisitSelected(
            return_visit=f"after_complaint/{e.complaint}/{now.at:%Y-%m-%d}", method="after_complaint", due=due
        )


@return_visits.react(RULE)
def _drawn(s: ReturnVisits, e: ReturnVisitDrawn, now: Now) -> Iterator[Decision]:
    due = _due(e.method, now)
    if due is not None:
        yield ReturnVisitSelected(
            return_visit=f"{e.method}/{e.drawn_on}/{e.start}",
            method=e.method,
            due=due,
            population=e.population,
            start=e.start,
        )


@return_visits.decide
def _draw(s: ReturnVisits, c: DrawReturnVisit, now: Now) -> Iterator[Fact]:
    yield ReturnVisitDrawn(method=c.method, drawn_on=c.drawn_on, population=c.population, start=c.start)


@return_visits.decide
def _done(s: ReturnVisits, c: DoReturnVisit, now: Now) -> Iterator[Fact]:
    if c.return_visit not in s.return_visits:
        raise unknown(RULE, WHAT, c.return_visit)
    now.require(
        not s.return_visits[c.return_visit],
        "stage_closed",
        RULE,
        f"the return visit {c.return_visit} is done",
        zh=f"回访 {c.return_visit} 已完成",
        accepts="a return visit that is still to be done",
    )
    yield ReturnVisitDone(
        return_visit=c.return_visit,
        reached=c.reached,
        answered=c.items,
        product_effect=c.product_effect,
        after_sales=c.after_sales,
        to_improve=c.to_improve,
        outlet=c.outlet,
        other_service=c.other_service,
        dedicated_line=c.dedicated_line,
    )
