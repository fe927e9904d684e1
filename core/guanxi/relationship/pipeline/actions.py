"""General actions: what was done about a lead, an opportunity, another item or the customer as such (CORE-25)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.pipeline.commands import PlanVisit, RecordAction
from guanxi.relationship.pipeline.events import ActionRecorded, VisitPlanned
from guanxi.relationship.pipeline.leads import Leads, leads
from guanxi.relationship.pipeline.opportunities import Opportunities, opportunities

RULE = "CORE-25"


@attrs.define
class PlannedVisit:
    """A visit that is to be made."""

    on: datetime
    person: str | None = None
    visit: str | None = None


@attrs.define
class Actions:
    """What was done: how often of each kind, the visits by number, and those planned."""

    counts: dict[str, int] = attrs.field(factory=dict)
    last_at: datetime | None = None
    last_two_way_at: datetime | None = None
    visits: dict[str, datetime] = attrs.field(factory=dict)
    planned: dict[str, PlannedVisit] = attrs.field(factory=dict)


actions = Facet(
    "core.actions", Actions, reads=(leads, opportunities), title=Label("General actions", "一般行动")
)


@actions.evolve
def _acted(s: Actions, e: ActionRecorded, at: datetime) -> None:
    s.counts[e.kind] = s.counts.get(e.kind, 0) + 1
    if not e.bulk:
        s.last_at = at
    if e.two_way:
        s.last_two_way_at = at
    if e.visit is not None:
        s.visits[e.visit] = at
    if e.visit_plan is not None and (plan := s.planned.get(e.visit_plan)) is not None:
        plan.visit = e.visit


@actions.evolve
def _planned(s: Actions, e: VisitPlanned, at: datetime) -> None:
    on = datetime.combine(e.on, datetime.min.time(), at.tzinfo)
    s.planned[e.visit_plan] = PlannedVisit(on, e.person)


@actions.decide
def _plan(s: Actions, c: PlanVisit, now: Now) -> Iterator[Fact]:
    if c.visit_plan in s.planned:
        raise Conflict(
            "source_conflict",
            f"planned visit {c.visit_plan} is on record",
            zh=f"拜访计划 {c.visit_plan} 已登记",
            rule="CORE-89",
            accepts="another number, or a correction of the first entry",
        )
    yield VisitPlanned(visit_plan=c.visit_plan, on=c.on, person=c.person or now.actor, purpose=c.purpose)


@actions.decide
def _record(s: Actions, c: RecordAction, now: Now) -> Iterator[Fact]:
    _known_item(c, now)
    visit = _number_of_visit(s, c, now) if c.kind == "visit" else None
    yield ActionRecorded(
        kind=c.kind,
        direction=c.direction,
        two_way=c.two_way,
        item_kind=c.item_kind,
        item=c.item,
        content=c.content,
        no_change=c.no_change,
        bulk=c.bulk,
        person=c.person or now.actor,
        visit=visit,
        visit_plan=None if visit is None else _plan_of(s, c, now),
    )


def _known_item(c: RecordAction, now: Now) -> None:
    if (c.item_kind is None) != (c.item is None):
        raise Incomplete(
            "item_missing",
            "an item is named by its kind and its number",
            zh="须同时给出事项类型与编号",
            rule=RULE,
            accepts='item_kind="lead", item="L-1"; neither for the customer as such',
        )
    known: Collection[str] | None = None
    if c.item_kind == "lead":
        known = now.of(Leads).by_number
    elif c.item_kind == "opportunity":
        known = now.of(Opportunities).by_number
    if known is not None and c.item not in known:
        raise Unknown(
            f"unknown_{c.item_kind}",
            f"there is no {c.item_kind} {c.item}",
            zh=f"没有{'线索' if c.item_kind == 'lead' else '商机'} {c.item}",
            rule=RULE,
            accepts=", ".join(sorted(known)) or f"a {c.item_kind} that is on record",
        )


def _number_of_visit(s: Actions, c: RecordAction, now: Now) -> str:
    if c.visit is not None:
        if c.visit in s.visits:
            raise Conflict(
                "source_conflict",
                f"visit {c.visit} is on record",
                zh=f"拜访 {c.visit} 已登记",
                rule="CORE-83",
                accepts="another number, or a correction of the first entry",
            )
        return c.visit
    stem = f"{now.at:%Y-%m-%dT%H:%M}"
    number, count = stem, 1
    while number in s.visits:
        count += 1
        number = f"{stem}/{count}"
    return number


def _plan_of(s: Actions, c: RecordAction, now: Now) -> str | None:
    """Return the planned visit that a visit was: the one it names, or else the first planned for its very day."""
    if c.visit_plan is not None:
        if c.visit_plan not in s.planned:
            raise Unknown(
                "unknown_visit_plan",
                f"there is no planned visit {c.visit_plan}",
                zh=f"没有拜访计划 {c.visit_plan}",
                rule="CORE-89",
                accepts=", ".join(sorted(s.planned)) or "a visit that was planned",
            )
        return c.visit_plan
    today = [n for n, p in s.planned.items() if p.visit is None and p.on.date() == now.at.date()]
    return min(today, default=None)
