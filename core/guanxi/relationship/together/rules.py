"""Figures of working together."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set


@rule_set("core.schedules", Label("Schedules", "日程"))
class ScheduleRules(RuleSet):
    """When people are reminded of appointments (CORE-85)."""

    remind_minutes: int = parameter(
        default=30,
        label=Label("reminder ahead", "提前提醒"),
        unit=Label("minutes", "分钟"),
        minimum=0,
        ours=True,
    )
