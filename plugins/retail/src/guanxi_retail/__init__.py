"""Retail: purchases, points, and what they say about customers. A plugin of guanxi."""

from __future__ import annotations

from guanxi import Label, Parts, hookimpl
from guanxi_retail.events import (
    AdjustPoints,
    PointsActivated,
    PointsAdjusted,
    PointsClawedBack,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRestored,
    PurchaseRecorded,
    PurchaseRefunded,
    RecordPurchase,
    RedeemPoints,
    RedemptionUndone,
    RefundPurchase,
    UndoRedemption,
)
from guanxi_retail.labels import LABELS
from guanxi_retail.points import points
from guanxi_retail.purchases import purchases
from guanxi_retail.read_models import customers, points_month, receipts
from guanxi_retail.reports import REPORTS
from guanxi_retail.rules import ClvRules, LapseRules, PointsRules, RfmRules, SpendClassRules
from guanxi_retail.runs import RUNS

__version__ = "0.1.0"


_PARTS = Parts(
    name="retail",
    version=__version__,
    title=Label("Retail", "零售"),
    events=(
        PurchaseRecorded,
        PurchaseRefunded,
        PointsRedeemed,
        PointsAdjusted,
        RedemptionUndone,
        PointsEarned,
        PointsActivated,
        PointsExpired,
        PointsClawedBack,
        PointsRestored,
    ),
    commands=(RecordPurchase, RefundPurchase, RedeemPoints, UndoRedemption, AdjustPoints),
    facets=(purchases, points),
    rule_sets=(PointsRules, SpendClassRules, RfmRules, LapseRules, ClvRules),
    read_models=(customers, receipts, points_month),
    reports=REPORTS,
    runs=RUNS,
    labels=LABELS,
)


class _Plugin:
    """The object the entry point names."""

    @hookimpl
    def guanxi_parts(self) -> Parts:
        """Return retail's parts."""
        return _PARTS


plugin = _Plugin()

__all__ = [
    "AdjustPoints",
    "ClvRules",
    "LapseRules",
    "PointsRules",
    "RecordPurchase",
    "RedeemPoints",
    "RefundPurchase",
    "RfmRules",
    "SpendClassRules",
    "UndoRedemption",
    "plugin",
]
