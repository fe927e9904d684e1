"""Bids: handed in by an instant, won or lost (CORE-89)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.values import Money
from guanxi.relationship.pipeline.commands import DecideBid, PlanBid, SubmitBid, reason_missing
from guanxi.relationship.pipeline.events import BidDecided, BidPlanned, BidSubmitted

RULE = "CORE-89"


@attrs.define
class Bid:
    """One bid as it stands."""

    tender: str
    due: datetime
    opportunity: str | None = None
    person: str | None = None
    amount: Money | None = None
    submitted_at: datetime | None = None
    outcome: str | None = None
    reason_code: str | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was handed in by its due instant, which is included."""
        return self.submitted_at is not None and self.submitted_at <= self.due


@attrs.define
class Bids:
    """Bids for this customer's tenders, by number."""

    by_number: dict[str, Bid] = attrs.field(factory=dict)


bids = Facet("core.bids", Bids, title=Label("Bids", "投标"))


@bids.evolve
def _planned(s: Bids, e: BidPlanned) -> None:
    s.by_number[e.bid] = Bid(e.tender, e.due, e.opportunity, e.person)


@bids.evolve
def _submitted(s: Bids, e: BidSubmitted, at: datetime) -> None:
    bid = s.by_number.setdefault(e.bid, Bid(e.tender, e.due, e.opportunity))
    bid.tender, bid.due, bid.opportunity = e.tender, e.due, e.opportunity
    bid.amount, bid.submitted_at = e.amount, at


@bids.evolve
def _decided(s: Bids, e: BidDecided) -> None:
    if (bid := s.by_number.get(e.bid)) is not None:
        bid.outcome, bid.reason_code = e.outcome, e.reason_code


@bids.decide
def _plan(s: Bids, c: PlanBid, now: Now) -> Iterator[Fact]:
    if c.bid in s.by_number:
        raise _on_record(c.bid)
    yield BidPlanned(
        bid=c.bid, tender=c.tender, due=c.due, person=c.person or now.actor, opportunity=c.opportunity
    )


def _on_record(bid: str) -> Conflict:
    return Conflict(
        "source_conflict",
        f"bid {bid} is on record",
        zh=f"投标 {bid} 已登记",
        rule=RULE,
        accepts="another number, or a correction of the first entry",
    )


@bids.decide
def _submit(s: Bids, c: SubmitBid, now: Now) -> Iterator[Fact]:
    bid = s.by_number.get(c.bid)
    if bid is not None and bid.submitted_at is not None:
        raise _on_record(c.bid)
    tender, due = c.tender or (bid and bid.tender), c.due or (bid and bid.due)
    if not tender or not due:
        raise Incomplete(
            "tender_missing",
            f"bid {c.bid} names no tender or no instant by which it was due",
            zh=f"投标 {c.bid} 未注明招标编号或截止时刻",
            rule=RULE,
            accepts="tender=..., due=..., unless it was planned",
        )
    yield BidSubmitted(
        bid=c.bid,
        tender=tender,
        due=due,
        amount=c.amount,
        opportunity=c.opportunity or (bid.opportunity if bid is not None else None),
    )


@bids.decide
def _decide(s: Bids, c: DecideBid, now: Now) -> Iterator[Fact]:
    bid = s.by_number.get(c.bid)
    if bid is None or bid.submitted_at is None:
        raise Unknown(
            "unknown_bid",
            f"no bid {c.bid} was handed in",
            zh=f"没有递交过投标 {c.bid}",
            rule=RULE,
            accepts=", ".join(sorted(n for n, b in s.by_number.items() if b.submitted_at))
            or "a bid that was handed in",
        )
    if bid.outcome is not None:
        raise Conflict(
            "source_conflict",
            f"bid {c.bid} was {bid.outcome}",
            zh=f"投标 {c.bid} 已有结果",
            rule=RULE,
            accepts="a correction of the first entry",
        )
    if c.outcome == "lost" and not (c.reason_code or "").strip():
        raise reason_missing("a lost bid needs a reason", "落标须说明原因", RULE)
    yield BidDecided(bid=c.bid, outcome=c.outcome, reason_code=c.reason_code)
