"""The section that a relationship is in, and how it goes over to another (CORE-22)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict, NotPermitted, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.ownership.commands import AssignSection, RequestCrossSection
from guanxi.relationship.ownership.events import CrossSectionRequested, SectionAssigned


@attrs.define
class Section:
    """Where the relationship is.

    Args:
        section: the business unit; None before it was assigned to one.
        requests: what was asked for and not answered yet, by number.
    """

    section: str | None = None
    requests: dict[str, CrossSectionRequested] = attrs.field(factory=dict)


sections = Facet("core.section", Section, title=Label("Section", "版块"))


@sections.evolve
def _asked(s: Section, e: CrossSectionRequested) -> None:
    s.requests[e.request] = e


@sections.evolve
def _assigned(s: Section, e: SectionAssigned) -> None:
    s.section = e.section
    if e.request is not None:
        s.requests.pop(e.request, None)


@sections.decide
def _ask(s: Section, c: RequestCrossSection, now: Now) -> Iterator[Fact]:
    if c.request in s.requests:
        raise Conflict(
            "identifier_taken",
            f"there is a request {c.request} already",
            zh=f"申请编号 {c.request} 已被使用",
            rule="CORE-95",
            accepts="another number",
        )
    yield CrossSectionRequested(request=c.request, section=c.section, item=c.item, requested_by=now.actor)


@sections.decide
def _assign(s: Section, c: AssignSection, now: Now) -> Iterator[Fact]:
    if c.request is not None:
        request = s.requests.get(c.request)
        if request is None or request.section != c.section:
            raise Unknown(
                "unknown_request",
                f"nobody asked under {c.request} for section {c.section}",
                zh=f"没有以编号 {c.request} 申请转入版块 {c.section}",
                rule="CORE-22",
                accepts=", ".join(f"{n} for {r.section}" for n, r in s.requests.items()) or "no request",
            )
        if request.requested_by == now.actor:
            now.forbid(
                NotPermitted(
                    "approver_conflict",
                    f"{now.actor} asked for it himself",
                    zh=f"{now.actor} 为申请人，不能自行批准",
                    rule="CORE-07",
                    accepts="approval by somebody else of group marketing",
                ),
            )
    yield SectionAssigned(section=c.section, request=c.request)
