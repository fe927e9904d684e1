"""What happens in group purchase and delivery: the way onto the VIP list and off it, stock seen, what is due next."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from guanxi import (
    FROM_NOW,
    REVISE,
    WOULD_DIFFER,
    Act,
    Decision,
    Erased,
    Fact,
    dated,
    event,
    field,
    given,
    key,
    limit,
    personal,
)

AppliedRoute = Literal["purchase", "rank"]
Route = Literal["purchase", "rank", "nomination"]
Test = Literal["single_purchase", "month_total", "rank", "approval"]
Cause = Literal["ruled", "closed"]
RateSource = Literal["stated", "measured"]

NOMINATION = "vip_nomination"
"""What an approval of a nomination is asked for under."""


def _onto_the_list(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """An approval counts from its own day, a purchase from when it became known; whoever is listed stays (RET-57)."""
    if derived is None:
        return own if stored.route == "nomination" else None
    return own if derived.route == "nomination" else known


def _in_favour_only(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime | None:
    """A rule set that reaches into the past lists people, from now on, and takes nobody off."""
    return known if stored is None else None


@event("retail.vip_applied")
class VipApplied(Fact):
    """A customer asked to be put on the VIP list, by what he buys or by his rank (RET-39)."""

    application: str
    route: AppliedRoute
    rank: str | Erased | None = personal("identity", default=None)
    unit: str | Erased | None = personal("identity", default=None)
    unit_kind: str | Erased | None = personal("identity", default=None)


@event("retail.vip_removal_ruled")
class VipRemovalRuled(Act):
    """Somebody ruled that a customer leaves the VIP list (RET-39)."""

    removal: str
    reason_code: str


@event("retail.vip_admitted")
class VipAdmitted(Decision, late=dated(_onto_the_list), retroactive=dated(_in_favour_only)):
    """A customer came on the VIP list: by which route, and what it was drawn from (RET-39)."""

    application: str = key()
    route: Route = key()
    test: Test = given()
    receipt: str | None = given(default=None)
    month: str | None = given(default=None)
    amount: Decimal | None = given(default=None)
    threshold: Decimal | None = limit(default=None)
    least_rank: str | None = limit(default=None)
    approved_by: str | None = given(default=None)


@event("retail.vip_removed")
class VipRemoved(Decision, late=REVISE, retroactive=WOULD_DIFFER):
    """A customer left the VIP list, because somebody ruled so or the relationship ended (RET-39)."""

    application: str = key()
    route: Route = key()
    cause: Cause
    reason_code: str = given()


@event("retail.customer_stock_counted")
class CustomerStockCounted(Fact):
    """What a customer still had of a product was seen on the spot (RET-42)."""

    product: str
    quantity: Decimal
    unit: str | None = field(default=None)


@event("retail.replenishment_due_set")
class ReplenishmentDueSet(Decision, late=REVISE, retroactive=FROM_NOW):
    """When a customer's stock runs out, and when to deliver, as a delivery, a count or a new use makes it (RET-42).

    ``rate`` (units a day) and ``stock`` are exact fractions as text, such as ``2/3``.
    """

    product: str = key()
    entry: str = key()
    run_out_on: date
    due_on: date
    rate: str = given()
    rate_source: RateSource = given()
    stock: str = given()
    on: date = given()


EVENTS = (
    VipApplied,
    VipRemovalRuled,
    VipAdmitted,
    VipRemoved,
    CustomerStockCounted,
    ReplenishmentDueSet,
)
