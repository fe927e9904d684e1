"""What a host may set: rule sets with their defaults, bounds and labels."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any, Literal

import attrs
from attrs import validators

from guanxi import Label, RuleSet, parameter, rule_set
from guanxi_retail.analytics import (
    LapseParameters,
    RfmParameters,
    SpendBand,
    SpendClassParameters,
)

ClawbackPolicy = Literal["only_pending", "within_balance", "unlimited"]
MultiplierChoice = Literal["highest", "product", "sum_of_extras"]

MONTHS_PER_YEAR = 12


def _published_multipliers() -> dict[str, Decimal]:
    return {"cosmetics+vip+demonstration": Decimal(6), "clothing+vip": Decimal("3.8")}


def _not_negative(_: object, attribute: attrs.Attribute[Any], value: dict[str, Decimal]) -> None:
    if any(times < 0 for times in value.values()):
        raise ValueError(f"{attribute.name} must not be negative")


@rule_set("retail.points", Label("Points", "积分规则"))
class PointsRules(RuleSet):
    """Earning, maturity, expiry and claw-back of points (RET-15 to RET-20).

    A multiplier is named by its area and, behind plus signs, by all conditions that must hold at the till:
    ``cosmetics+vip+demonstration``.
    """

    rate: Decimal = parameter(
        default=Decimal(1),
        label=Label("points per unit of money", "每元积分"),
        unit="points",
        validator=validators.ge(Decimal(0)),
        ours=True,
    )
    multipliers: dict[str, Decimal] = parameter(
        factory=_published_multipliers,
        label=Label("multiplier by area and conditions", "区域及条件倍数"),
        unit="times",
        validator=_not_negative,
    )
    several_multipliers: MultiplierChoice = parameter(
        default="highest", label=Label("where several multipliers fit", "多个倍数同时适用时"), ours=True
    )
    pending_days: int = parameter(
        default=0,
        label=Label("days until usable", "待生效天数"),
        unit="days",
        validator=validators.ge(0),
        ours=True,
    )
    months: int | None = parameter(
        default=12,
        label=Label("months until expiry, none for never", "有效月数，空为永久"),
        unit="months",
        validator=validators.optional(validators.ge(1)),
        ours=True,
    )
    clawback: ClawbackPolicy = parameter(
        default="unlimited", label=Label("claw-back policy", "扣回方式"), ours=True
    )
    restored_grace_days: int = parameter(
        default=0,
        label=Label("grace for restored points", "返还宽限天数"),
        unit="days",
        validator=validators.ge(0),
        ours=True,
    )

    def multiplier(self, area: str | None, conditions: Collection[str]) -> Decimal:
        """Return what a purchase's points are multiplied by (RET-15).

        Args:
            area: where it was made.
            conditions: what held at the till.
        """
        fitting = [times for name, times in self.multipliers.items() if _fits(name, area, conditions)]
        return _COMBINED[self.several_multipliers](fitting) if fitting else Decimal(1)


def _fits(name: str, area: str | None, conditions: Collection[str]) -> bool:
    wanted, *needed = name.split("+")
    return wanted == area and all(one in conditions for one in needed)


_COMBINED: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "highest": max,
    "product": lambda times: reduce(mul, times),
    "sum_of_extras": lambda times: 1 + sum((one - 1 for one in times), Decimal(0)),
}


@rule_set("retail.spend_classes", Label("Spend classes", "客户分类"))
class SpendClassRules(RuleSet):
    """Thresholds of the four classes by net spend (RET-27)."""

    vip: Decimal = parameter(
        default=Decimal(20_000), label=Label("VIP from", "重要客户起点"), unit="money", ours=True
    )
    main: Decimal = parameter(
        default=Decimal(5_000), label=Label("main from", "主要客户起点"), unit="money", ours=True
    )
    ordinary: Decimal = parameter(
        default=Decimal(1_000), label=Label("ordinary from", "普通客户起点"), unit="money", ours=True
    )
    months: int = parameter(
        default=12,
        label=Label("complete months", "完整月数"),
        unit="months",
        validator=validators.ge(1),
        ours=True,
    )

    def __attrs_post_init__(self) -> None:
        self.parameters()

    def parameters(self) -> SpendClassParameters:
        """Return them as the analysis takes them.

        Raises:
            ValueError: the thresholds are not in descending order.
        """
        bands = (("vip", self.vip), ("main", self.main), ("ordinary", self.ordinary))
        return SpendClassParameters(bands=tuple(SpendBand(*band) for band in bands), months=self.months)


@rule_set("retail.rfm", Label("RFM", "RFM 评分"))
class RfmRules(RuleSet):
    """Scores and fixed bands of RFM, best band first (RET-44)."""

    groups: int = parameter(
        default=5, label=Label("scores", "档数"), validator=[validators.ge(2), validators.le(9)]
    )
    recency_at_most: tuple[int, ...] = parameter(
        default=(30, 90, 180, 365),
        label=Label("days since the last purchase, at most", "最近消费天数上限"),
        unit="days",
        ours=True,
    )
    frequency_at_least: tuple[int, ...] = parameter(
        default=(10, 5, 3, 2), label=Label("purchase days, at least", "购买日数下限"), unit="days", ours=True
    )
    monetary_at_least: tuple[Decimal, ...] = parameter(
        default=(Decimal(500), Decimal(200), Decimal(100), Decimal(50)),
        label=Label("net value, at least", "净消费额下限"),
        unit="money",
        ours=True,
    )

    def __attrs_post_init__(self) -> None:
        self.parameters()

    def parameters(self) -> RfmParameters:
        """Return them as the analysis takes them.

        Raises:
            ValueError: the bands are out of order or not one fewer than the scores.
        """
        return RfmParameters(
            groups=self.groups,
            recency_at_most=self.recency_at_most,
            frequency_at_least=self.frequency_at_least,
            monetary_at_least=self.monetary_at_least,
        )


@rule_set("retail.lapse", Label("Lapse", "流失判定"))
class LapseRules(RuleSet):
    """How long a customer may stay silent (RET-48)."""

    min_occasions: int = parameter(
        default=3,
        label=Label("purchase days from which the own interval decides", "按自身间隔判定的最少购买日数"),
        unit="days",
        validator=validators.ge(2),
        ours=True,
    )
    interval_multiple: Decimal = parameter(
        default=Decimal(2),
        label=Label("own median intervals", "自身间隔中位数倍数"),
        unit="times",
        validator=validators.gt(Decimal(0)),
        ours=True,
    )
    floor_days: int = parameter(
        default=30,
        label=Label("never fewer days than", "最低天数"),
        unit="days",
        validator=validators.ge(0),
        ours=True,
    )
    default_days: int = parameter(
        default=180,
        label=Label("days otherwise", "其他情况天数"),
        unit="days",
        validator=validators.ge(0),
        ours=True,
    )
    alive_below: Decimal = parameter(
        default=Decimal("0.5"),
        label=Label("P(alive) below", "活跃概率低于"),
        validator=[validators.ge(Decimal(0)), validators.le(Decimal(1))],
        ours=True,
    )

    def parameters(self) -> LapseParameters:
        """Return them as the analysis takes them."""
        return LapseParameters(
            min_occasions=self.min_occasions,
            interval_multiple=Fraction(self.interval_multiple),
            floor_days=self.floor_days,
            default_days=self.default_days,
            alive_below=self.alive_below,
        )


@rule_set("retail.clv", Label("Lifetime value", "终身价值"))
class ClvRules(RuleSet):
    """How far lifetime value looks ahead, and what later money is worth (RET-47)."""

    months: int = parameter(
        default=12,
        label=Label("months looked ahead", "预测月数"),
        unit="months",
        validator=validators.ge(1),
        ours=True,
    )
    weeks_per_year: int = parameter(
        default=52,
        label=Label("weeks in a year", "每年周数"),
        unit="weeks",
        validator=validators.ge(1),
        ours=True,
    )
    discount: Decimal = parameter(
        default=Decimal("0.01"),
        label=Label("discount per month", "月贴现率"),
        validator=validators.ge(Decimal(0)),
        ours=True,
    )
    margin: Decimal = parameter(default=Decimal(1), label=Label("margin", "毛利率"), ours=True)
    horizon_weeks: int = parameter(
        default=52,
        label=Label("weeks of the purchase forecast", "购买预测周数"),
        unit="weeks",
        validator=validators.ge(1),
        ours=True,
    )

    @property
    def weeks_per_month(self) -> Fraction:
        """Length of one discounting period in weeks."""
        return Fraction(self.weeks_per_year, MONTHS_PER_YEAR)
