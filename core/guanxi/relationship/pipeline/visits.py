"""Visit records: attitude, problems, the plan to mend them and its result (CORE-83)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.pipeline.actions import Actions, actions
from guanxi.relationship.pipeline.commands import ReportVisit
from guanxi.relationship.pipeline.events import VisitReported

RULE = "CORE-83"


@attrs.define
class VisitRecord:
    """What is on record of one visit."""

    reported_at: datetime
    attitude: str | Erased | None = None
    problems: str | Erased | None = None
    plan: str | Erased | None = None
    plan_owner: str | None = None
    plan_due: date | None = None
    result: str | Erased | None = None


@attrs.define
class Visits:
    """A customer's visit records, by number of the visit."""

    by_number: dict[str, VisitRecord] = attrs.field(factory=dict)


visits = Facet("core.visits", Visits, reads=(actions,), title=Label("Visit records", "客户访问记录"))


@visits.evolve
def _reported(s: Visits, e: VisitReported, at: datetime) -> None:
    record = s.by_number.setdefault(e.visit, VisitRecord(at))
    for name in ("attitude", "problems", "plan", "plan_owner", "plan_due", "result"):
        if (value := getattr(e, name)) is not None:
            setattr(record, name, value)


@visits.decide
def _report(s: Visits, c: ReportVisit, now: Now) -> Iterator[Fact]:
    made = now.of(Actions).visits
    if c.visit not in made:
        raise Unknown(
            "unknown_visit",
            f"there is no visit {c.visit}",
            zh=f"没有拜访 {c.visit}",
            rule=RULE,
            accepts=", ".join(sorted(made)) or "a visit that was recorded",
        )
    before = s.by_number.get(c.visit)
    if c.plan is not None:
        _complete(c, before)
    if c.result is not None and c.plan is None and (before is None or before.plan is None):
        raise Incomplete(
            "plan_missing",
            f"visit {c.visit} has no plan that could have a result",
            zh=f"拜访 {c.visit} 没有可填结果的改进计划",
            rule=RULE,
            accepts="the plan first",
        )
    yield VisitReported(
        visit=c.visit,
        attitude=c.attitude,
        remarks=c.remarks,
        problems=c.problems,
        plan=c.plan,
        plan_owner=c.plan_owner,
        plan_due=c.plan_due,
        result=c.result,
    )


def _complete(c: ReportVisit, before: VisitRecord | None) -> None:
    """Refuse a plan that nobody is to carry out, or that has no day."""
    if c.plan_owner is None and (before is None or before.plan_owner is None):
        raise Incomplete(
            "named_person_missing",
            "the plan names nobody who is to carry it out",
            zh="改进计划未指定责任人",
            rule=RULE,
            accepts="plan_owner=<a person>",
        )
    if c.plan_due is None and (before is None or before.plan_due is None):
        raise Incomplete(
            "date_not_agreed",
            "the plan names no day by which it is carried out",
            zh="改进计划未注明完成日期",
            rule=RULE,
            accepts="plan_due=<a day>",
        )
