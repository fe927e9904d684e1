"""Reports of retail: unpublished queries, which rank and estimate but decide nothing."""

from __future__ import annotations

from guanxi import Report
from guanxi_retail.reports.clv import clv
from guanxi_retail.reports.cohorts import cohorts
from guanxi_retail.reports.customers import customers
from guanxi_retail.reports.lapse import lapse
from guanxi_retail.reports.models import models
from guanxi_retail.reports.points_movement import points_movement
from guanxi_retail.reports.rfm import rfm
from guanxi_retail.reports.spend_classes import spend_classes

REPORTS: tuple[Report, ...] = (customers, rfm, cohorts, spend_classes, points_movement, lapse, clv, models)

__all__ = [
    "REPORTS",
    "clv",
    "cohorts",
    "customers",
    "lapse",
    "models",
    "points_movement",
    "rfm",
    "spend_classes",
]
