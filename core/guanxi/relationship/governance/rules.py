"""Terms of privacy and of the house's own duties."""

from __future__ import annotations

from collections.abc import Mapping

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set


@rule_set("core.privacy", Label("Privacy", "个人信息"))
class PrivacyRules(RuleSet):
    """How long which family is kept after the relationship's end, and how soon a request is answered (CORE-75, CORE-96)."""

    rights_days: int = parameter(
        default=30,
        label=Label("answer to a request", "请求答复期限"),
        unit=Label("days", "天"),
        minimum=1,
        ours=True,
    )
    retention_years: Mapping[str, int] = parameter(
        factory=dict,
        label=Label(
            "statutory duty by family, after the end of the relationship", "各类别法定保管年限（关系结束后）"
        ),
        unit=Label("years", "年"),
        minimum=0,
        ours=True,
    )
    needed_by_duty: tuple[str, ...] = parameter(
        default=("identity",),
        label=Label("families kept as long as any duty runs", "任一保管义务存续期间保留的类别"),
        ours=True,
    )


@rule_set("core.reviews", Label("Reviews of rule sets", "规则集复核"))
class ReviewRules(RuleSet):
    """How often a rule set is gone through (CORE-73)."""

    review_months: int = parameter(
        default=12, label=Label("full review", "全面复核周期"), unit=Label("months", "个月"), minimum=1
    )
