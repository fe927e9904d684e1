"""Retail: purchases, points, and what they say about customers. A plugin of guanxi."""

from __future__ import annotations

from guanxi import Label, Parts, hookimpl
from guanxi_retail.events import (
    PointsActivated,
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
from guanxi_retail.rules import PointsRules, SpendClassRules

__version__ = "0.1.0"


class _Plugin:
    """The object the entry point names."""

    @hookimpl
    def guanxi_parts(self) -> Parts:
        """Return retail's parts."""
        return Parts(
            name="retail",
            version=__version__,
            title=Label("Retail", "零售"),
            events=(
                PurchaseRecorded,
                PurchaseRefunded,
                PointsRedeemed,
                RedemptionUndone,
                PointsEarned,
                PointsActivated,
                PointsExpired,
                PointsClawedBack,
                PointsRestored,
            ),
            commands=(RecordPurchase, RefundPurchase, RedeemPoints, UndoRedemption),
            facets=(purchases, points),
            rule_sets=(PointsRules, SpendClassRules),
            read_models=(customers, receipts, points_month),
            reports=REPORTS,
            labels=LABELS,
        )


plugin = _Plugin()

__all__ = ["PointsRules", "RecordPurchase", "RedeemPoints", "RefundPurchase", "SpendClassRules", "UndoRedemption", "plugin"]
