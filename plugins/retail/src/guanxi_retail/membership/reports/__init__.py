"""Reports of membership."""

from __future__ import annotations

from guanxi import Report
from guanxi_retail.membership.reports.callers import caller_cards
from guanxi_retail.membership.reports.incentives import incentive_steps
from guanxi_retail.membership.reports.intake import consultation_report, consumers, intake_funnel
from guanxi_retail.membership.reports.register import member_movement, member_register

REPORTS: tuple[Report, ...] = (
    member_register,
    member_movement,
    caller_cards,
    intake_funnel,
    consumers,
    consultation_report,
    incentive_steps,
)
