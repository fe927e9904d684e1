"""The VIP list of group purchase: applications, nominations, who came on it and who left (RET-39)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import Conflict, Decision, Facet, Fact, Held, Incomplete, Label, NotPermitted, Now, Unknown
from guanxi.relationship.access.events import ApprovalDecided, ApprovalRequested
from guanxi.relationship.file.events import RelationshipClosed
from guanxi_retail.group_purchase.commands import (
    ApplyForVip,
    DecideVipNomination,
    NominateForVip,
    RemoveFromVipList,
)
from guanxi_retail.group_purchase.events import (
    NOMINATION,
    Cause,
    Route,
    VipAdmitted,
    VipApplied,
    VipRemovalRuled,
    VipRemoved,
)
from guanxi_retail.group_purchase.rules import VipRules
from guanxi_retail.group_purchase.spending import bought_enough
from guanxi_retail.purchases.events import PurchaseRecorded
from guanxi_retail.purchases.purchases import Purchases, purchases

RULE = "RET-39"
_NUMBERED = f"{NOMINATION}/"


def approval_of(nomination: str) -> str:
    """Return under which number a nomination's approval is asked for: other things are approved for a customer too."""
    return _NUMBERED + nomination


def nomination_of(approval: str) -> str:
    """Return which nomination an approval is of."""
    return approval.removeprefix(_NUMBERED)


@attrs.define
class Nomination:
    """Somebody was nominated, and what was decided on it.

    Args:
        proposer: who nominated him.
        leaders: who may decide; anybody else if none is named.
        outcome: ``approved`` or ``refused``; None while it is pending.
        decider: who decided.
    """

    proposer: str
    leaders: tuple[str, ...] = ()
    outcome: str | None = None
    decider: str | None = None

    @property
    def approved(self) -> bool:
        """Whether somebody approved it who may."""
        may = self.decider != self.proposer and (not self.leaders or self.decider in self.leaders)
        return self.outcome == "approved" and may


@attrs.define
class Stay:
    """One time on the list.

    Args:
        since: from when.
        admission: on what he was admitted.
        until: until when; None while he is on it.
    """

    since: datetime
    admission: VipAdmitted
    until: datetime | None = None


@attrs.define
class Vip:
    """Whether a customer is on the VIP list, and what was asked for him.

    Args:
        stays: his times on the list, in order; only the last may go on.
        applications: by number.
        nominations: by number.
        removals: numbers of the rulings that took him off.
    """

    stays: list[Stay] = attrs.field(factory=list)
    applications: dict[str, VipApplied] = attrs.field(factory=dict)
    nominations: dict[str, Nomination] = attrs.field(factory=dict)
    removals: set[str] = attrs.field(factory=set)
    answered: set[str] = attrs.field(factory=set)

    @property
    def stay(self) -> Stay | None:
        """His present time on the list, or None."""
        return self.stays[-1] if self.stays and self.stays[-1].until is None else None

    @property
    def on_list(self) -> bool:
        """Whether he is on the list."""
        return self.stay is not None

    @property
    def since(self) -> datetime | None:
        """Since when he is on the list; None if he is not."""
        return None if self.stay is None else self.stay.since

    def was_listed(self, moment: datetime) -> bool:
        """Return whether he was on the list at a moment, such as Friday 00:00."""
        return any(s.since <= moment and (s.until is None or moment < s.until) for s in self.stays)

    def waiting(self) -> Iterator[VipApplied]:
        """Yield the applications by purchase that are kept, not having been met yet."""
        for number, told in self.applications.items():
            if number not in self.answered and told.route == "purchase":
                yield told


vip = Facet("retail.vip", Vip, reads=(purchases,), title=Label("VIP list", "VIP名单"))


@vip.evolve
def _applied(s: Vip, e: VipApplied) -> None:
    s.applications[e.application] = e


@vip.evolve
def _nominated(s: Vip, e: ApprovalRequested) -> None:
    if e.item == NOMINATION:
        s.nominations[nomination_of(e.approval)] = Nomination(e.applicant, e.deciders)


@vip.evolve
def _decided(s: Vip, e: ApprovalDecided) -> None:
    found = s.nominations.get(nomination_of(e.approval))
    if found is not None and found.outcome is None:
        found.outcome, found.decider = e.outcome, e.decider


@vip.evolve
def _ruled(s: Vip, e: VipRemovalRuled) -> None:
    s.removals.add(e.removal)


@vip.evolve
def _admitted(s: Vip, e: VipAdmitted, at: datetime) -> None:
    s.answered.add(e.application)
    if (stay := s.stay) is None:
        s.stays.append(Stay(at, e))
    elif stay.admission.application == e.application:
        stay.admission = e


@vip.evolve
def _removed(s: Vip, e: VipRemoved, at: datetime) -> None:
    if (stay := s.stay) is not None and stay.admission.application == e.application:
        stay.until = at


@vip.ended
def _no_longer_admitted(s: Vip, e: VipAdmitted) -> None:
    """Nothing ends an admission in hindsight: it stands, and is listed as one that would differ."""


# ---------------------------------------------------------------- who comes on the list


@vip.react(RULE)
def _application(s: Vip, e: VipApplied, now: Now) -> Iterator[Decision]:
    if s.on_list:
        return
    rules = now.rules(VipRules)
    if e.route == "purchase":
        yield from bought_enough(e.application, now.of(Purchases), rules)
    elif rules.admits(e.rank, e.unit_kind):
        yield VipAdmitted(application=e.application, route="rank", test="rank", least_rank=rules.least_rank)


@vip.react(RULE)
def _purchase(s: Vip, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    """Decide again on an application that was not met: the purchase may have reached what is asked."""
    if s.on_list:
        return
    for told in s.waiting():
        found = list(bought_enough(told.application, now.of(Purchases), now.rules(VipRules)))
        if found:
            yield from found
            return


@vip.react(RULE)
def _approval(s: Vip, e: ApprovalDecided, now: Now) -> Iterator[Decision]:
    number = nomination_of(e.approval)
    found = s.nominations.get(number)
    if not s.on_list and found is not None and found.approved:
        yield VipAdmitted(application=number, route="nomination", test="approval", approved_by=found.decider)


# ---------------------------------------------------------------- who leaves it


@vip.react(RULE)
def _taken_off(s: Vip, e: VipRemovalRuled, now: Now) -> Iterator[Decision]:
    yield from _leaves(s, "ruled", e.reason_code)


@vip.react(RULE)
def _gone(s: Vip, e: RelationshipClosed, now: Now) -> Iterator[Decision]:
    yield from _leaves(s, "closed", e.reason_code)


def _leaves(s: Vip, cause: Cause, reason_code: str) -> Iterator[Decision]:
    if (stay := s.stay) is not None:
        route: Route = stay.admission.route
        yield VipRemoved(
            application=stay.admission.application, route=route, cause=cause, reason_code=reason_code
        )


# ---------------------------------------------------------------- what may be ordered


def _fresh(s: Vip, number: str) -> None:
    if number in s.applications or number in s.nominations or number in s.removals:
        raise Conflict(
            "source_conflict",
            f"{number} is on record",
            zh=f"编号 {number} 已登记",
            rule=RULE,
            accepts="another number",
        )


@vip.decide
def _apply(s: Vip, c: ApplyForVip, now: Now) -> Iterator[Fact]:
    _fresh(s, c.application)
    rules = now.rules(VipRules)
    if c.route == "rank":
        if c.rank not in rules.ranks:
            raise Unknown(
                "unknown_code",
                f"rank {c.rank!r} is not on the ladder",
                zh=f"职级 {c.rank!r} 不在序列中",
                rule=RULE,
                accepts=", ".join(rules.ranks),
            )
        now.require(
            rules.rank_route,
            "route_closed",
            RULE,
            "nobody is admitted by rank",
            zh="职级准入已停用",
            accepts="an application by purchase, or a nomination",
        )
    yield VipApplied(
        application=c.application, route=c.route, rank=c.rank, unit=c.unit, unit_kind=c.unit_kind
    )


@vip.decide
def _nominate(s: Vip, c: NominateForVip, now: Now) -> Iterator[Fact]:
    held = Held(
        "approval_pending",
        f"nomination {c.nomination} waits for the leader's approval",
        zh=f"提名 {c.nomination} 待领导批准",
        rule=RULE,
        accepts="its approval by somebody other than the proposer",
    )
    waiting = s.nominations.get(c.nomination)
    # Asked for again by the same person it still waits; nothing is kept twice.
    if waiting is not None and waiting.outcome is None and waiting.proposer == now.actor and not now.happened:
        raise held
    _fresh(s, c.nomination)
    asked = ApprovalRequested(
        approval=approval_of(c.nomination),
        applicant=now.actor,
        item=NOMINATION,
        number=c.nomination,
        customer=now.subject,
        deciders=c.leaders,
        purpose=c.purpose,
    )
    if not now.happened:
        raise held.keeping(asked)
    yield asked


@vip.decide
def _decide(s: Vip, c: DecideVipNomination, now: Now) -> Iterator[Fact]:
    found = now.need(
        s.nominations.get(c.nomination),
        "unknown_code",
        RULE,
        f"there is no nomination {c.nomination}",
        zh=f"没有提名 {c.nomination}",
        accepts=", ".join(s.nominations) or "a nomination first",
    )
    if found.outcome is not None:
        raise Conflict(
            "already_known",
            f"nomination {c.nomination} is {found.outcome}",
            zh=f"提名 {c.nomination} 已决定",
            rule=RULE,
            accepts="a new nomination",
        )
    _may_decide(found, now)
    if c.outcome == "refused" and not (c.reason and c.reason.strip()):
        raise Incomplete(
            "reason_missing", "a refusal needs a reason", zh="拒绝须说明原因", rule=RULE, accepts="reason=..."
        )
    yield ApprovalDecided(
        approval=approval_of(c.nomination), decider=now.actor, outcome=c.outcome, reason=c.reason
    )


def _may_decide(found: Nomination, now: Now) -> None:
    if now.actor == found.proposer:
        now.forbid(
            NotPermitted(
                "approver_conflict",
                f"{now.actor} made the nomination and cannot decide it",
                zh=f"{now.actor} 为提名人，不能审批",
                rule=RULE,
                accepts="the leader's decision",
            )
        )
    elif found.leaders and now.actor not in found.leaders:
        now.forbid(
            NotPermitted(
                "not_authorised",
                f"{now.actor} is not named to decide it",
                zh=f"{now.actor} 不是指定的审批人",
                rule=RULE,
                accepts=", ".join(found.leaders),
            )
        )


@vip.holds(RULE, "approver_conflict")
def _by_somebody_else(s: Vip, e: ApprovalDecided) -> bool:
    found = s.nominations.get(nomination_of(e.approval))
    return found is None or e.decider != found.proposer


@vip.holds(RULE, "not_authorised")
def _by_a_named_leader(s: Vip, e: ApprovalDecided) -> bool:
    found = s.nominations.get(nomination_of(e.approval))
    return found is None or not found.leaders or e.decider in found.leaders


@vip.decide
def _remove(s: Vip, c: RemoveFromVipList, now: Now) -> Iterator[Fact]:
    _fresh(s, c.removal)
    now.require(
        s.on_list,
        "not_on_list",
        RULE,
        "the customer is not on the VIP list",
        zh="该客户不在VIP名单中",
        accepts="a customer who is on it",
    )
    yield VipRemovalRuled(removal=c.removal, reason_code=c.reason_code)
