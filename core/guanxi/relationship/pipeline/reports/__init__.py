"""Reports of the way from lead to contract, and of visits and bids."""

from guanxi.relationship.pipeline.reports.bids import bids
from guanxi.relationship.pipeline.reports.follow_up import follow_up
from guanxi.relationship.pipeline.reports.forecast import forecast, replenishment_forecast
from guanxi.relationship.pipeline.reports.funnel import funnel
from guanxi.relationship.pipeline.reports.performance import performance
from guanxi.relationship.pipeline.reports.visits import visits

REPORTS = (performance, forecast, replenishment_forecast, funnel, follow_up, visits, bids)

__all__ = [
    "REPORTS",
    "bids",
    "follow_up",
    "forecast",
    "funnel",
    "performance",
    "replenishment_forecast",
    "visits",
]
