"""Puts the parts of the rooms together; their order is that in which simultaneous things happen (RET-58)."""

from __future__ import annotations

from guanxi import Label, Parts, joined
from guanxi_retail.across.parts import parts as across
from guanxi_retail.analysis.parts import parts as analysis
from guanxi_retail.care.parts import parts as care
from guanxi_retail.cars.parts import parts as cars
from guanxi_retail.group_purchase.parts import parts as group_purchase
from guanxi_retail.membership.parts import parts as membership
from guanxi_retail.points.parts import parts as points
from guanxi_retail.promotions.parts import parts as promotions
from guanxi_retail.purchases.parts import parts as purchases
from guanxi_retail.reading.parts import parts as reading
from guanxi_retail.store.parts import parts as store
from guanxi_retail.tiers.parts import parts as tiers
from guanxi_retail.tiers.parts import warnings as tier_warnings
from guanxi_retail.version import VERSION

ROOMS: tuple[Parts, ...] = (
    purchases,
    membership,
    tiers,
    points,
    promotions,
    group_purchase,
    tier_warnings,
    cars,
    reading,
    care,
    store,
    analysis,
    across,
)

PARTS = joined(Parts(name="retail", version=VERSION, title=Label("Retail", "零售")), *ROOMS)
