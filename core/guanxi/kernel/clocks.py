"""The one rule set of the mechanism itself: what counts as late, and how far clocks may disagree (CORE-02)."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set


@rule_set("core.clocks", Label("Clocks and lateness", "时钟与补录"))
class ClockRules(RuleSet):
    """When an entry is late, and how far ahead of its recording it may have happened."""

    late_after_days: int = parameter(
        default=3,
        label=Label("late after", "超过天数为补录"),
        unit=Label("days", "天"),
        minimum=0,
        ours=True,
    )
    clock_skew_minutes: int = parameter(
        default=5,
        label=Label("clock skew", "时钟误差"),
        unit=Label("minutes", "分钟"),
        minimum=0,
        ours=True,
    )
