"""What campaigns came to, counted from customers' files: whom they reached, who answered, and what that brought (CORE-49, CORE-50)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs

from guanxi.kernel.read_models import Reader
from guanxi.relationship.campaigns.read_models import (
    EvaluationRow,
    campaign_rows,
    responses,
    target_rows,
)
from guanxi.relationship.care.read_models import touches

COUNTED = (campaign_rows, target_rows, responses, touches)
"""The read models that this needs."""

FAILED = "failed"
WHOLE = 100


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return a share in per cent; None where there is no whole to share."""
    return None if not whole else Decimal(WHOLE * part) / Decimal(whole)


def gain(benefit: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """Return (benefit − cost) ÷ cost in per cent; not available without cost (CORE-50)."""
    if benefit is None or not cost:
        return None
    return percent(benefit - cost, cost)


@attrs.define
class Figures:
    """What a campaign came to.

    Args:
        targeted: customers it aims at.
        left_out: customers that are left out of it.
        sent: customers it was sent to.
        undelivered: of these, not reached.
        responded: customers who answered.
        responses: answers, opt-outs left aside.
        opt_outs: answers that ask to hear no more.
        orders: orders that answers brought.
        revenue: revenue of these; None where none was told.
        margin: margin of these; None where none was told.
        cost: what it cost; None where none was told.
        currency: of the amounts.
    """

    targeted: int = 0
    left_out: int = 0
    sent: int = 0
    undelivered: int = 0
    responded: int = 0
    responses: int = 0
    opt_outs: int = 0
    orders: int = 0
    revenue: Decimal | None = None
    margin: Decimal | None = None
    cost: Decimal | None = None
    currency: str = ""

    @property
    def reached(self) -> int:
        """Customers it was sent to and who got it."""
        return self.sent - self.undelivered

    @property
    def of_reached(self) -> Decimal | None:
        """Feedback rate of those reached."""
        return percent(self.responded, self.reached)

    @property
    def of_sent(self) -> Decimal | None:
        """Feedback rate of those it was sent to."""
        return percent(self.responded, self.sent)

    @property
    def roi(self) -> Decimal | None:
        """Return on what it cost."""
        return gain(self.margin or (Decimal(0) if self.cost else None), self.cost)

    def differs(self, version: EvaluationRow) -> bool:
        """Return whether a version of the evaluation says something else."""
        own = (self.sent, self.reached, self.responded, self.orders, self.revenue, self.margin, self.cost)
        return own != (
            version.sent,
            version.reached,
            version.responded,
            version.orders,
            version.revenue,
            version.margin,
            version.cost,
        )

    def _take(self, revenue: Decimal | None, margin: Decimal | None, currency: str) -> None:
        if revenue is not None:
            self.revenue = (self.revenue or Decimal(0)) + revenue
        if margin is not None:
            self.margin = (self.margin or Decimal(0)) + margin
        self.currency = currency or self.currency


def counted(reader: Reader) -> dict[str | None, Figures]:
    """Return what each campaign came to, and under None the answers that belong to none.

    Args:
        reader: at a cut, over ``COUNTED``.
    """
    found: dict[str | None, Figures] = {None: Figures()}
    for stream, campaign in reader.rows(campaign_rows):
        found[stream] = Figures(cost=campaign.cost, currency=campaign.currency)
    for _, target in reader.rows(target_rows):
        figures = found.setdefault(target.campaign, Figures())
        figures.targeted += 1
        figures.left_out += target.left_out
    for campaign_id, failed in _reached(reader).values():
        figures = found.setdefault(campaign_id, Figures())
        figures.sent += 1
        figures.undelivered += failed
    answered: set[tuple[str, str | None]] = set()
    for stream, response in reader.rows(responses):
        figures = found.setdefault(response.campaign, Figures())
        if response.opt_out:
            figures.opt_outs += 1
            continue
        figures.responses += 1
        if (stream, response.campaign) not in answered:
            answered.add((stream, response.campaign))
            figures.responded += 1
        figures.orders += response.order is not None
        figures._take(response.revenue, response.margin, response.currency)
    return found


def _reached(reader: Reader) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return by customer and campaign whether all of its messages to him failed."""
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for stream, touch in reader.rows(touches):
        if touch.campaign is None or touch.sent_at is None:
            continue
        key = (stream, touch.campaign)
        failed = touch.outcome == FAILED
        found[key] = (touch.campaign, failed and found.get(key, ("", True))[1])
    return found


def campaigns_in_order(found: dict[str | None, Figures]) -> Iterator[tuple[str, Figures]]:
    """Yield campaigns and what they came to, in order of their ids."""
    for name in sorted(n for n in found if n is not None):
        yield name, found[name]
