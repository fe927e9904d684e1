"""A store's own record: since when it is there, its best employees, its service standard (RET-35, RET-56)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi import Act, Conflict, Facet, Fact, Label, Now, Unknown
from guanxi_retail.store.commands import (
    CheckServiceStandard,
    ChooseBestEmployee,
    OpenStore,
    PublishServiceStandard,
)
from guanxi_retail.store.events import (
    BestEmployeeChosen,
    ClauseResult,
    ServiceStandardChecked,
    ServiceStandardPublished,
    StoreOpened,
)
from guanxi_retail.store.rules import ServiceStandardRules, StoreRules
from guanxi_retail.store.streams import STORE, require_store

_DAYS_PER_WEEK = 7


@attrs.define
class Outlet:
    """A store."""

    opened_on: date | None = None
    best: dict[date, str] = attrs.field(factory=dict)
    standards: dict[int, ServiceStandardPublished] = attrs.field(factory=dict)
    checks: set[str] = attrs.field(factory=set)

    def standard_on(self, day: date) -> ServiceStandardPublished | None:
        """Return the version of the standard in force on a day; the later published one of two of a day.

        Args:
            day: the day.
        """
        there = [one for one in self.standards.values() if one.effective_on <= day]
        return max(there, key=lambda one: (one.effective_on, one.version), default=None)


outlet = Facet("retail.outlet", Outlet, subject=STORE, title=Label("Store", "门店"))


def fortnight_of(day: date, rules: StoreRules) -> date:
    """Return the first day of the period of the choice of the best employee in which a day lies (RET-35).

    Args:
        day: the day.
        rules: how long periods are, and from which day they run.
    """
    length, begin = rules.best_employee_weeks * _DAYS_PER_WEEK, rules.best_employee_from.toordinal()
    first = begin + (day.toordinal() - begin) // length * length
    return date.fromordinal(max(first, date.min.toordinal()))


@outlet.evolve
def _opened(s: Outlet, e: StoreOpened) -> None:
    s.opened_on = e.opened_on


@outlet.evolve
def _chosen(s: Outlet, e: BestEmployeeChosen) -> None:
    s.best[e.fortnight] = e.employee


@outlet.evolve
def _published(s: Outlet, e: ServiceStandardPublished) -> None:
    s.standards[e.version] = e


@outlet.evolve
def _checked(s: Outlet, e: ServiceStandardChecked) -> None:
    s.checks.add(e.check)


@outlet.decide
def _open(s: Outlet, c: OpenStore, now: Now) -> Iterator[Fact]:
    name = require_store(now.subject)
    if s.opened_on is not None:
        raise Conflict(
            "source_conflict",
            f"the store is there since {s.opened_on}",
            zh=f"门店自 {s.opened_on} 起已登记",
            rule="CORE-03",
            accepts="another store, or a correction of the first entry",
        )
    yield StoreOpened(outlet=name, opened_on=c.opened_on or now.at.date(), name=c.name)


@outlet.decide
def _choose(s: Outlet, c: ChooseBestEmployee, now: Now) -> Iterator[Act]:
    require_store(now.subject)
    first = fortnight_of(c.fortnight or now.at.date(), now.rules(StoreRules))
    if first in s.best:
        raise Conflict(
            "source_conflict",
            f"{s.best[first]} was chosen for the period from {first}",
            zh=f"自 {first} 起的一期已评选 {s.best[first]}",
            rule="RET-35",
            accepts="another period, or a correction of the first entry",
        )
    yield BestEmployeeChosen(fortnight=first, employee=c.employee, ground=c.ground)


@outlet.decide
def _publish(s: Outlet, c: PublishServiceStandard, now: Now) -> Iterator[Act]:
    require_store(now.subject)
    rules = now.rules(ServiceStandardRules)
    clauses = [clause for article in c.articles for clause in article.clauses]
    if len(set(clauses)) < len(clauses):
        raise Conflict(
            "source_conflict",
            "two clauses have the same number",
            zh="有两款编号相同",
            rule="RET-56",
            accepts="clauses with numbers of their own",
        )
    now.require(
        len(c.articles) >= rules.articles and len(clauses) >= rules.clauses,
        "standard_below_base",
        "RET-56",
        f"it has {len(c.articles)} articles and {len(clauses)} clauses",
        zh=f"共 {len(c.articles)} 条 {len(clauses)} 款",
        accepts=f"at least {rules.articles} articles and {rules.clauses} clauses",
    )
    yield ServiceStandardPublished(
        version=max(s.standards, default=0) + 1,
        effective_on=c.effective_on or now.at.date(),
        articles=c.articles,
        theme=c.theme,
    )


@outlet.decide
def _check(s: Outlet, c: CheckServiceStandard, now: Now) -> Iterator[Fact]:
    if c.check in s.checks:
        raise Conflict(
            "source_conflict",
            f"check {c.check} is on record",
            zh=f"检查 {c.check} 已登记",
            rule="CORE-03",
            accepts="another number",
        )
    day = now.at.date()
    standard = now.need(
        s.standard_on(day),
        "unknown_code",
        "RET-56",
        f"no service standard is in force on {day}",
        zh=f"{day} 没有生效的服务规范",
        accepts="a check after a standard came into force",
    )
    clauses = [clause for article in standard.articles for clause in article.clauses]
    if unknown := [clause for clause in c.clauses if clause not in set(clauses)]:
        raise Unknown(
            "unknown_code",
            f"version {standard.version} has no clause {', '.join(unknown)}",
            zh=f"第 {standard.version} 版没有第 {'、'.join(unknown)} 款",
            rule="RET-56",
            accepts="clauses of the version in force on the day",
        )
    answers: dict[str, ClauseResult] = {clause: c.clauses.get(clause, "not_met") for clause in clauses}
    yield ServiceStandardChecked(check=c.check, version=standard.version, checked_on=day, clauses=answers)
