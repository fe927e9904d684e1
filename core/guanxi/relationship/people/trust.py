"""Trust: attract, retain, enhance, by kept promises; and what the customer fears (CORE-17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Due, Fact, due
from guanxi.kernel.privacy import Erased
from guanxi.kernel.times import add_months, midnight, midnight_after
from guanxi.relationship.counting_as import SaleAtOnce
from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    InstallationAccepted,
    OrderCancelled,
    WarningCleared,
    WarningRaised,
)
from guanxi.relationship.people.commands import AnswerConcern, RecordConcern
from guanxi.relationship.people.events import ConcernRecorded, RiskCode, TrustStage, TrustStageChanged
from guanxi.relationship.people.lifecycle import Lifecycle, lifecycle
from guanxi.relationship.people.rules import TrustRules
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintReceived,
    ComplaintReopened,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
)

OVER_PROMISING = "over_promising"
"""Kind of the warning that something was promised to a customer to be won without saying on what ground."""


@attrs.define
class Promised:
    """A promise, as far as trust rests on it.

    Args:
        due: its last day.
        kept_on: when it was said to be kept.
    """

    due: date
    kept_on: date | None = None

    def was_kept(self) -> bool:
        """Return whether it was kept on or before its last day."""
        return self.kept_on is not None and self.kept_on <= self.due

    def fell_due(self, day: date) -> bool:
        """Return whether a day's end shows whether it was kept."""
        return self.due < day or (self.due == day and self.was_kept())


@attrs.define
class Concern:
    """Something that the customer fears.

    Args:
        risk: code of the perceived risk.
        content: what he said.
        answer: what we answered.
    """

    risk: RiskCode
    content: str | Erased | None
    answer: str | Erased | None


@attrs.define
class Trust:
    """How far the customer trusts us.

    Args:
        stage: attract, retain or enhance.
        promises: promises that were not released, by number.
        open_complaints: open complaints.
        concerns: what he fears, by number.
        warned: promises without a stated basis of which there is a warning.
    """

    stage: TrustStage = "attract"
    promises: dict[str, Promised] = attrs.field(factory=dict)
    open_complaints: set[str] = attrs.field(factory=set)
    concerns: dict[str, Concern] = attrs.field(factory=dict)
    warned: set[str] = attrs.field(factory=set)

    @property
    def dimension(self) -> str:
        """What leads in this stage: reliability first, honesty once trust is enhanced."""
        return "honesty" if self.stage == "enhance" else "reliability"

    @property
    def open_concerns(self) -> list[str]:
        """Numbers of the concerns that nobody answered."""
        return [number for number, concern in self.concerns.items() if concern.answer is None]


@due("core.trust_weighed")
class TrustWeighed(Due):
    """A promise fell due, or the relationship has lasted long enough."""


trust = Facet("core.trust", Trust, reads=(lifecycle,), title=Label("Trust", "信任"))


# What changes it


@trust.evolve
def _changed(s: Trust, e: TrustStageChanged) -> None:
    s.stage = e.after


@trust.evolve
def _promised(s: Trust, e: PromiseMade) -> None:
    s.promises[e.promise] = Promised(e.due)


@trust.evolve
def _kept(s: Trust, e: PromiseKept, at: datetime) -> None:
    if (promise := s.promises.get(e.promise)) is not None and promise.kept_on is None:
        promise.kept_on = at.date()


@trust.evolve
def _released(s: Trust, e: PromiseReleased) -> None:
    s.promises.pop(e.promise, None)


@trust.evolve
def _complained(s: Trust, e: ComplaintReceived | ComplaintReopened) -> None:
    s.open_complaints.add(e.complaint)


@trust.evolve
def _satisfied(s: Trust, e: ComplaintClosed) -> None:
    s.open_complaints.discard(e.complaint)


@trust.evolve
def _feared(s: Trust, e: ConcernRecorded) -> None:
    s.concerns[e.concern] = Concern(e.risk, e.content, e.answer)


@trust.evolve
def _warned(s: Trust, e: WarningRaised | WarningCleared) -> None:
    if e.kind == OVER_PROMISING:
        (s.warned.add if isinstance(e, WarningRaised) else s.warned.discard)(e.cause)


# What time brings


@trust.due
def _falls_due(s: Trust, e: PromiseMade, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield midnight_after(e.due, now.at.tzinfo), TrustWeighed()


@trust.due
def _lasts(s: Trust, e: TrustStageChanged, now: Now) -> Iterator[tuple[datetime, Due]]:
    first_sale = now.of(Lifecycle).first_sale
    if e.before == "attract" and first_sale is not None:
        yield _long_enough(first_sale, now), TrustWeighed()


def _long_enough(first_sale: date, now: Now) -> datetime:
    months = now.rules(TrustRules).enhance_months
    return midnight(add_months(first_sale, months), now.at.tzinfo)


# What follows


@trust.react("CORE-17")
def _weigh(
    s: Trust,
    e: GoodsDelivered
    | InstallationAccepted
    | OrderCancelled
    | SaleAtOnce
    | PromiseKept
    | PromiseReleased
    | ComplaintReceived
    | ComplaintReopened
    | ComplaintClosed
    | TrustWeighed
    | TrustStageChanged,
    now: Now,
) -> Iterator[Decision]:
    first_sale = now.of(Lifecycle).first_sale
    rules = now.rules(TrustRules)
    today = now.at.date()
    fallen = [promise for promise in s.promises.values() if promise.fell_due(today)]
    kept = sum(promise.was_kept() for promise in fallen)
    enhanced = (
        first_sale is not None
        and now.at >= _long_enough(first_sale, now)
        and len(fallen) >= rules.enhance_promises
        and kept * 100 >= len(fallen) * rules.enhance_kept_percent
        and not s.open_complaints
    )
    after: TrustStage = "attract" if first_sale is None else "enhance" if enhanced else "retain"
    if after == "enhance" and s.stage == "attract":
        after = "retain"  # one stage after the other; the next one follows at once
    if after != s.stage:
        yield TrustStageChanged(
            changed_on=today,
            before=s.stage,
            after=after,
            cause=e.stored_name,
            first_sale=first_sale,
            promises_due=len(fallen),
            promises_kept=kept,
            complaints_open=len(s.open_complaints),
            months=rules.enhance_months,
            promises_needed=rules.enhance_promises,
        )


@trust.react("CORE-17")
def _over_promised(s: Trust, e: PromiseMade, now: Now) -> Iterator[Decision]:
    unfounded = e.basis is None or (isinstance(e.basis, str) and not e.basis.strip())
    if s.stage == "attract" and unfounded:
        yield WarningRaised(kind=OVER_PROMISING, cause=e.promise)


@trust.react("CORE-17")
def _settled(s: Trust, e: PromiseKept | PromiseReleased, now: Now) -> Iterator[Decision]:
    if e.promise in s.warned:
        yield WarningCleared(kind=OVER_PROMISING, cause=e.promise)


# What may be told


@trust.decide
def _record(s: Trust, c: RecordConcern, now: Now) -> Iterator[Fact]:
    yield ConcernRecorded(concern=c.concern, risk=c.risk, content=c.content, answer=c.answer)


@trust.decide
def _answer(s: Trust, c: AnswerConcern, now: Now) -> Iterator[Fact]:
    concern = s.concerns.get(c.concern)
    if concern is None:
        raise Unknown(
            "unknown_concern",
            f"there is no concern {c.concern}",
            zh=f"没有顾虑 {c.concern}",
            rule="CORE-17",
            accepts=", ".join(s.open_concerns) or "a recorded concern",
        )
    yield ConcernRecorded(concern=c.concern, risk=concern.risk, content=concern.content, answer=c.answer)
