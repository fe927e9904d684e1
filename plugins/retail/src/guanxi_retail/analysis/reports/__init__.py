"""Reports of retail: unpublished queries, which rank and estimate but decide nothing."""

from __future__ import annotations

from guanxi import Report
from guanxi_retail.analysis.reports.clv import clv
from guanxi_retail.analysis.reports.cohorts import cohorts
from guanxi_retail.analysis.reports.customers import customers
from guanxi_retail.analysis.reports.exit_reasons import exit_reasons
from guanxi_retail.analysis.reports.lapse import lapse
from guanxi_retail.analysis.reports.models import models
from guanxi_retail.analysis.reports.rfm import rfm
from guanxi_retail.analysis.reports.spend_classes import spend_classes

REPORTS: tuple[Report, ...] = (customers, rfm, cohorts, spend_classes, lapse, exit_reasons, clv, models)

__all__ = [
    "REPORTS",
    "clv",
    "cohorts",
    "customers",
    "exit_reasons",
    "lapse",
    "models",
    "rfm",
    "spend_classes",
]
