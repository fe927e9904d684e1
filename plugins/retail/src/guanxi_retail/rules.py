"""What a host may set: rule sets with their defaults, bounds and labels."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from attrs import validators

from guanxi import Label, RuleSet, parameter, rule_set

ClawbackPolicy = Literal["only_pending", "within_balance", "unlimited"]


@rule_set("retail.points", Label("Points", "积分规则"))
class PointsRules(RuleSet):
    """Earning, maturity, expiry and claw-back of points (RET-15 to RET-20)."""

    rate: Decimal = parameter(Decimal(1), label=Label("points per unit of money", "每元积分"), unit="points", validator=validators.ge(Decimal(0)), ours=True)
    multipliers: dict[str, Decimal] = parameter(factory=dict, label=Label("multiplier by area", "区域倍数"), unit="times")
    pending_days: int = parameter(0, label=Label("days until usable", "待生效天数"), unit="days", validator=validators.ge(0), ours=True)
    months: int | None = parameter(
        12, label=Label("months until expiry", "有效月数"), unit="months", validator=validators.optional(validators.ge(1)), ours=True
    )
    clawback: ClawbackPolicy = parameter("unlimited", label=Label("claw-back policy", "扣回方式"), ours=True)
    restored_grace_days: int = parameter(0, label=Label("grace for restored points", "返还宽限天数"), unit="days", validator=validators.ge(0), ours=True)


@rule_set("retail.spend_classes", Label("Spend classes", "客户分类"))
class SpendClassRules(RuleSet):
    """Thresholds of the four classes by net spend (RET-27)."""

    vip: Decimal = parameter(Decimal(20000), label=Label("VIP from", "重要客户起点"), unit="money", ours=True)
    main: Decimal = parameter(Decimal(5000), label=Label("main from", "主要客户起点"), unit="money", ours=True)
    ordinary: Decimal = parameter(Decimal(1000), label=Label("ordinary from", "普通客户起点"), unit="money", ours=True)
    months: int = parameter(12, label=Label("complete months", "完整月数"), unit="months", validator=validators.ge(1), ours=True)
