"""What a host may set about campaigns, responses and screening."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set
from guanxi.relationship.campaigns.segments import read_criteria

DAYS, MONTHS, PERCENT, TIMES = (
    Label("days", "天"),
    Label("months", "个月"),
    Label("%", "%"),
    Label("times", "次"),
)


def _readable(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    for text in value.values():
        read_criteria(text)


@rule_set("core.attribution", Label("Response attribution", "反馈归属"))
class AttributionRules(RuleSet):
    """To which campaign a response belongs, and what a good feedback rate is (CORE-49)."""

    attribution_days: int = parameter(
        30, label=Label("days after the last touch", "末次接触后天数"), unit=DAYS, minimum=0
    )
    feedback_target: Decimal = parameter(
        Decimal(5), label=Label("feedback rate aimed at", "目标反馈率"), unit=PERCENT, minimum=Decimal(0)
    )
    feedback_variant: Literal["of_reached", "of_sent"] = parameter(
        "of_reached", label=Label("feedback rate of reached or of sent", "反馈率口径"), ours=True
    )


@rule_set("core.campaigns", Label("Campaigns", "营销活动"))
class CampaignRules(RuleSet):
    """What is due after a campaign (CORE-50)."""

    feedback_months: int = parameter(
        1, label=Label("months until results are fed back", "反馈归档期限"), unit=MONTHS, minimum=1
    )
    evaluation_days: int = parameter(
        30, label=Label("days until the evaluation", "评估期限"), unit=DAYS, minimum=1, ours=True
    )


@rule_set("core.screening", Label("Screening outline", "筛选提纲"))
class ScreeningRules(RuleSet):
    """The written outline: the criteria of each stage by version of the outline (CORE-52).

    Criteria are conditions divided by semicolons, such as ``age < 30; region = north``.
    """

    preliminary: Mapping[str, str] = parameter(
        factory=dict,
        label=Label("criteria of the preliminary screening", "初步筛选标准"),
        validator=_readable,
    )
    shortlist: Mapping[str, str] = parameter(
        factory=dict, label=Label("criteria of the shortlist", "入围筛选标准"), validator=_readable
    )
    final: Mapping[str, str] = parameter(
        factory=dict, label=Label("criteria of the final choice", "精选标准"), validator=_readable
    )

    def criteria(self, stage: str, version: str) -> str | None:
        """Return the criteria of a stage under a version of the outline, or None.

        Args:
            stage: ``preliminary``, ``shortlist`` or ``final``.
            version: of the outline.
        """
        written: Mapping[str, str] = getattr(self, stage)
        return written.get(version)


def _points() -> dict[str, str]:
    return {
        "sms": "mobile",
        "phone": "mobile",
        "email": "email",
        "letter": "address",
        "fax": "fax",
        "wechat": "wechat",
    }


@rule_set("core.promotion_response", Label("Promotion response", "促销反应"))
class PromotionRules(RuleSet):
    """From how many touches on a preference is drawn, and when a prospect is taken to be gone (CORE-79)."""

    min_touches: int = parameter(
        3, label=Label("touches of a kind needed", "每种方式最少接触次数"), unit=TIMES, minimum=1, ours=True
    )
    fail_count: int = parameter(
        2,
        label=Label("days on which a contact point failed", "联系方式失败天数"),
        unit=TIMES,
        minimum=1,
        ours=True,
    )
    contact_points: Mapping[str, str] = parameter(
        factory=_points, label=Label("contact point that a channel uses", "渠道对应的联系方式"), ours=True
    )


RULE_SETS = (AttributionRules, CampaignRules, ScreeningRules, PromotionRules)
