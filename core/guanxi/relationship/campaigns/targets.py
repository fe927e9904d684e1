"""The campaigns that aim at a customer, and what he answered to them (CORE-48, CORE-49, CORE-51)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now, To
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.kernel.standard import BreachRecorded
from guanxi.relationship.campaigns.commands import (
    FileCustomerFeedback,
    LeaveOutCustomer,
    NoteHeadConflict,
    ReceiveResponse,
    RecordPlanResult,
    TargetCustomer,
)
from guanxi.relationship.campaigns.events import (
    AttributedBy,
    CampaignFeedbackFiled,
    CampaignTargeted,
    PlanResultRecorded,
    ResponseAttributed,
    ResponseReceived,
)
from guanxi.relationship.campaigns.rules import AttributionRules
from guanxi.relationship.campaigns.segments import fits
from guanxi.relationship.care.events import DeliveryReported, GiftGiven, MessageSent
from guanxi.relationship.file.events import ProfileFactRecorded

OUTSIDE = "outside_segment"
FAILED = "failed"


@attrs.frozen
class Touched:
    """A touch of a campaign."""

    at: datetime
    touch: str
    campaign: str


@attrs.define
class Targets:
    """Campaigns, touches and responses of a customer, and what of his profile segments ask for."""

    campaigns: dict[str, CampaignTargeted] = attrs.field(factory=dict)
    codes: dict[str, str] = attrs.field(factory=dict)
    touched: list[Touched] = attrs.field(factory=list)
    undelivered: list[str] = attrs.field(factory=list)
    responses: dict[str, str | None] = attrs.field(factory=dict)
    profile: dict[str, object] = attrs.field(factory=dict)

    def last_touch(self, at: datetime, days: int) -> Touched | None:
        """Return the last touch that arrived within some days before a moment, or None."""
        found = [
            t
            for t in self.touched
            if t.at <= at
            and (at.date() - t.at.astimezone(at.tzinfo).date()).days <= days
            and t.touch not in self.undelivered
        ]
        return max(found, key=lambda t: t.at, default=None)


targets = Facet("core.targets", Targets, title=Label("Campaigns and responses", "营销活动与反馈"))


@targets.evolve
def _profile(s: Targets, e: ProfileFactRecorded) -> None:
    s.profile[e.field_name] = e.value


@targets.evolve
def _targeted(s: Targets, e: CampaignTargeted) -> None:
    s.campaigns[e.campaign] = e
    if e.code is not None:
        s.codes[e.code] = e.campaign


@targets.evolve
def _sent(s: Targets, e: MessageSent, at: datetime) -> None:
    if e.campaign is not None:
        s.touched.append(Touched(at, e.message, e.campaign))


@targets.evolve
def _given(s: Targets, e: GiftGiven, at: datetime) -> None:
    if e.campaign is not None:
        s.touched.append(Touched(at, e.gift, e.campaign))


@targets.evolve
def _reported(s: Targets, e: DeliveryReported) -> None:
    if e.outcome == FAILED:
        s.undelivered.append(e.message)


@targets.evolve
def _received(s: Targets, e: ResponseReceived) -> None:
    s.responses[e.response] = None


@targets.evolve
def _attributed(s: Targets, e: ResponseAttributed) -> None:
    s.responses[e.response] = e.campaign


# ---------------------------------------------------------------- targeting


@targets.decide
def _target(s: Targets, c: TargetCustomer, now: Now) -> Iterator[Fact | To]:
    inside = fits(c.criteria, s.profile, now.at.date())
    left_out = not inside and c.override_reason is None
    yield CampaignTargeted(
        campaign=c.campaign,
        version=c.version,
        department=c.department,
        segment=c.segment,
        code=c.code,
        promotion=c.promotion,
        left_out=left_out,
        cause=None if inside else OUTSIDE,
        override_reason=None if inside else c.override_reason,
    )
    if not inside:
        yield BreachRecorded(rule="CORE-48", code=OUTSIDE)
    if left_out:
        return
    for other in s.campaigns.values():
        if other.campaign != c.campaign and not other.left_out and other.department != c.department:
            yield To(c.campaign, _conflict(other.campaign, now.subject, other.department))
            yield To(other.campaign, _conflict(c.campaign, now.subject, c.department))


def _conflict(other: str, customer: str, department: str) -> NoteHeadConflict:
    return NoteHeadConflict(other_campaign=other, customer=customer, department=department)


@targets.decide
def _leave_out(s: Targets, c: LeaveOutCustomer, now: Now) -> Iterator[Fact]:
    target = s.campaigns.get(c.campaign)
    if target is not None and not target.left_out:
        yield CampaignTargeted(
            campaign=target.campaign,
            version=target.version,
            department=target.department,
            segment=target.segment,
            code=target.code,
            promotion=target.promotion,
            left_out=True,
            cause=c.cause,
        )


# ---------------------------------------------------------------- responses


@targets.decide
def _receive(s: Targets, c: ReceiveResponse, now: Now) -> Iterator[Fact]:
    if c.response in s.responses:
        raise Conflict(
            "source_conflict",
            f"the response {c.response} is on record",
            zh=f"反馈 {c.response} 已登记",
            rule="CORE-49",
            accepts="another number",
        )
    yield ResponseReceived(
        response=c.response,
        channel=c.channel,
        code=c.code,
        touch=c.touch,
        order=c.order,
        revenue=c.revenue,
        margin=c.margin,
        opt_out=c.opt_out,
        content=c.content,
    )


@targets.react("CORE-49")
def _attribute(s: Targets, e: ResponseReceived, now: Now) -> Iterator[Decision]:
    days = now.rules(AttributionRules).attribution_days
    campaign, by, touch = _belongs(s, e, now.at, days)
    yield ResponseAttributed(
        response=e.response, campaign=campaign, attributed_by=by, touch=touch, attribution_days=days
    )


def _belongs(
    s: Targets, e: ResponseReceived, at: datetime, days: int
) -> tuple[str | None, AttributedBy, str | None]:
    """Return the campaign of a response, how that was found, and the touch it answers where there is one."""
    answered = next((t for t in s.touched if t.touch == e.touch), None)
    if e.code is not None:
        return s.codes.get(e.code, e.code), "code", None if answered is None else answered.touch
    if answered is not None:
        return answered.campaign, "touch", answered.touch
    last = s.last_touch(at, days)
    return (None, "none", None) if last is None else (last.campaign, "last_touch", last.touch)


# ---------------------------------------------------------------- what comes back


@targets.decide
def _feed_back(s: Targets, c: FileCustomerFeedback, now: Now) -> Iterator[Fact]:
    yield CampaignFeedbackFiled(campaign=c.campaign, changed=c.changed, content=c.content)


@targets.decide
def _result(s: Targets, c: RecordPlanResult, now: Now) -> Iterator[Fact]:
    yield PlanResultRecorded(plan=c.plan, cost=c.cost, margin=c.margin)
