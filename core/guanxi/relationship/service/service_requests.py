"""Service requests: each class of need runs through its chain of steps; what was rendered is never undone (CORE-36)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.grading.events import ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.service.checks import taken, unknown
from guanxi.relationship.service.commands import (
    CloseService,
    CompleteService,
    RequestService,
    SuspendService,
    TakeServiceStep,
)
from guanxi.relationship.service.events import (
    ServiceClosed,
    ServiceCompleted,
    ServiceRequested,
    ServiceState,
    ServiceStepTaken,
)
from guanxi.relationship.service.rules import ChainStep, ServiceRules

RULE, WHAT = "CORE-36", "service request"


OVERRIDE = "override "
"""Begins the name of a scheme whose class somebody set in place of the computed one."""


def classes_on(classes: Mapping[str, tuple[str, date | None]], day: date) -> set[str]:
    """Return the classes in force on a day: an override counts in place of its scheme's own.

    Args:
        classes: class and last day by scheme.
        day: the day.
    """
    held = {scheme: grade for scheme, (grade, until) in classes.items() if until is None or day <= until}
    return {grade for scheme, grade in held.items() if OVERRIDE + scheme not in held}


@attrs.define
class ServiceRequest:
    """One request as it stands.

    Args:
        chain: name of the chain it runs through.
        requested_at: when it was asked for; the chain is that of then.
        state: one of the states of a service request.
        steps: steps that were taken or waived.
    """

    chain: str
    requested_at: datetime
    state: ServiceState = "acknowledged"
    steps: list[str] = attrs.field(factory=list)

    @property
    def rendered(self) -> bool:
        """Whether the service was rendered."""
        return self.state in ("resolved", "closed")

    @property
    def over(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in ("resolved", "closed", "cancelled", "rejected")


@attrs.define
class ServiceRequests:
    """The customer's requests by number, and the classes that say whether he is a special one."""

    requests: dict[str, ServiceRequest] = attrs.field(factory=dict)
    classes: dict[str, tuple[str, date | None]] = attrs.field(factory=dict)

    def classes_on(self, day: date) -> set[str]:
        """Return the classes that the customer is in on a day."""
        return classes_on(self.classes, day)


service_requests = Facet(
    "core.service_requests", ServiceRequests, title=Label("Service requests", "服务请求")
)


@service_requests.evolve
def _class(s: ServiceRequests, e: ClassStated | GradeSet | GradeOverridden) -> None:
    match e:
        case ClassStated():
            s.classes[e.scheme] = (e.grade, e.until)
        case GradeSet():
            s.classes[e.scheme] = (e.grade, None)
        case GradeOverridden():
            s.classes[OVERRIDE + e.scheme] = (e.grade, e.until)


@service_requests.evolve
def _requested(s: ServiceRequests, e: ServiceRequested, at: datetime) -> None:
    s.requests[e.request] = ServiceRequest(chain=e.chain, requested_at=at)


@service_requests.evolve
def _handled(s: ServiceRequests, e: ServiceStepTaken | ServiceCompleted | ServiceClosed) -> None:
    own = s.requests.get(e.request)
    if own is None:
        return
    match e:
        case ServiceStepTaken():
            if e.step is not None:
                own.steps.append(e.step)
            if not own.over:
                own.state = e.state
        case ServiceCompleted():
            own.state = "resolved"
        case ServiceClosed():
            own.state = e.state


def _own(s: ServiceRequests, number: str) -> ServiceRequest:
    own = s.requests.get(number)
    if own is None:
        raise unknown(RULE, WHAT, number)
    return own


def _under_way(own: ServiceRequest, number: str, now: Now) -> None:
    now.require(
        not own.over,
        "stage_closed",
        RULE,
        f"the request {number} is {own.state}",
        zh=f"服务请求 {number} 已结束",
        accepts="a request under way; a mistaken entry is voided",
    )


def _skipped(
    own: ServiceRequest, before: tuple[ChainStep, ...], waive: bool, number: str, now: Now
) -> list[ChainStep]:
    """Return the steps that nobody took; refuse to pass them over unless they are waived."""
    skipped = [step for step in before if step.code not in own.steps]
    names = ", ".join(step.code for step in skipped)
    now.require(
        waive or not skipped,
        "step_missing",
        RULE,
        f"the request {number} lacks {names}",
        zh=f"服务请求 {number} 缺少步骤 {names}",
        accepts=f"{names} first, or a waiver with its reason",
    )
    return skipped if waive else []


@service_requests.decide
def _request(s: ServiceRequests, c: RequestService, now: Now) -> Iterator[Fact]:
    if c.request in s.requests:
        raise taken(RULE, WHAT, c.request)
    rules = now.rules(ServiceRules)
    special = c.special
    if special is None:
        special = not s.classes_on(now.at.date()).isdisjoint(rules.special_classes)
    chain = rules.chain_for(c.need_class, special)
    if chain is None:
        raise Unknown(
            "unknown_code",
            f"no chain of steps belongs to the class {c.need_class}",
            zh=f"需求类别 {c.need_class} 没有标准流程",
            rule=RULE,
            accepts=", ".join(rules.chains),
        )
    yield ServiceRequested(
        request=c.request,
        need_class=c.need_class,
        chain=chain,
        how=c.how,
        planned_on=c.planned_on,
        who=c.who,
        product=c.product,
        serial=c.serial,
    )


@service_requests.decide
def _step(s: ServiceRequests, c: TakeServiceStep, now: Now) -> Iterator[Fact]:
    own = _own(s, c.request)
    _under_way(own, c.request, now)
    chain = now.rules_at(ServiceRules, own.requested_at).chain(own.chain)
    codes = [step.code for step in chain]
    if c.step not in codes:
        raise Unknown(
            "unknown_code",
            f"the chain {own.chain} has no step {c.step}",
            zh=f"流程 {own.chain} 没有步骤 {c.step}",
            rule=RULE,
            accepts=", ".join(codes),
        )
    place = codes.index(c.step)
    for skipped in _skipped(own, chain[:place], c.waive, c.request, now):
        yield ServiceStepTaken(
            request=c.request, step=skipped.code, post=skipped.post, waived=True, reason=c.reason
        )
    yield ServiceStepTaken(
        request=c.request,
        step=c.step,
        post=chain[place].post,
        who=c.who or now.actor,
        hours=c.hours,
        parts_used=c.parts_used,
    )


@service_requests.decide
def _suspend(s: ServiceRequests, c: SuspendService, now: Now) -> Iterator[Fact]:
    _under_way(_own(s, c.request), c.request, now)
    yield ServiceStepTaken(request=c.request, state=c.state, reason=c.reason)


@service_requests.decide
def _complete(s: ServiceRequests, c: CompleteService, now: Now) -> Iterator[Fact]:
    own = _own(s, c.request)
    _under_way(own, c.request, now)
    chain = now.rules_at(ServiceRules, own.requested_at).chain(own.chain)
    for skipped in _skipped(own, chain, c.waive, c.request, now):
        yield ServiceStepTaken(
            request=c.request, step=skipped.code, post=skipped.post, waived=True, reason=c.reason
        )
    yield ServiceCompleted(request=c.request, result=c.result, hours=c.hours, parts_used=c.parts_used)


@service_requests.decide
def _close(s: ServiceRequests, c: CloseService, now: Now) -> Iterator[Fact]:
    own = _own(s, c.request)
    if c.state == "closed":
        now.require(
            own.state == "resolved",
            "step_missing",
            RULE,
            f"the request {c.request} is {own.state}",
            zh=f"服务请求 {c.request} 尚未完成或已结束",
            accepts="a request whose service was rendered",
        )
    else:
        _under_way(own, c.request, now)
    yield ServiceClosed(request=c.request, state=c.state, reason=c.reason)
