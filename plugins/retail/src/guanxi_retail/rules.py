"""What a host may set: rule sets with their defaults, bounds and labels."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any, Literal

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

POINTS, TIMES, MONEY = Label("points", "积分"), Label("times", "倍"), Label("money", "金额")
DAYS, WEEKS, MONTHS = Label("days", "天"), Label("weeks", "周"), Label("months", "个月")

Bound = int | Decimal | None


def _ours(
    default: Any,
    en: str,
    zh: str,
    unit: str | Label = "",
    *,
    minimum: Bound = None,
    maximum: Bound = None,
    above: Bound = None,
) -> Any:
    """Declare a parameter whose default no source gives."""
    label = Label(en, zh)
    return parameter(
        default, label=label, unit=unit, minimum=minimum, maximum=maximum, above=above, ours=True
    )


def _published_multipliers() -> dict[str, Decimal]:
    return {"cosmetics+vip+demonstration": Decimal(6), "clothing+vip": Decimal("3.8")}


@rule_set("retail.points", Label("Points", "积分规则"))
class PointsRules(RuleSet):
    """Earning, maturity, expiry and claw-back of points (RET-15 to RET-20).

    A multiplier is named by its area and, behind plus signs, by all conditions that must hold at the till:
    ``cosmetics+vip+demonstration``.
    """

    rate: Decimal = _ours(Decimal(1), "points per unit of money", "每元积分", POINTS, minimum=Decimal(0))
    multipliers: dict[str, Decimal] = parameter(
        factory=_published_multipliers,
        label=Label("multiplier by area and conditions", "区域及条件倍数"),
        unit=TIMES,
        minimum=Decimal(0),
    )
    several_multipliers: MultiplierChoice = _ours(
        "highest", "where several multipliers fit", "多个倍数同时适用时"
    )
    pending_days: int = _ours(0, "days until usable", "待生效天数", DAYS, minimum=0)
    months: int | None = _ours(12, "months until expiry", "有效月数", MONTHS, minimum=1)
    clawback: ClawbackPolicy = _ours("unlimited", "claw-back policy", "扣回方式")
    restored_grace_days: int = _ours(0, "grace for restored points", "返还宽限天数", DAYS, minimum=0)

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

    vip: Decimal = _ours(Decimal(20_000), "VIP from", "重要客户起点", MONEY, minimum=0)
    main: Decimal = _ours(Decimal(5_000), "main from", "主要客户起点", MONEY, minimum=0)
    ordinary: Decimal = _ours(Decimal(1_000), "ordinary from", "普通客户起点", MONEY, minimum=0)
    months: int = _ours(12, "complete months", "完整月数", MONTHS, minimum=1)

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

    groups: int = parameter(5, label=Label("scores", "档数"), minimum=2, maximum=9)
    recency_at_most: tuple[int, ...] = _ours(
        (30, 90, 180, 365), "days since the last purchase, at most", "最近消费天数上限", DAYS
    )
    frequency_at_least: tuple[int, ...] = _ours(
        (10, 5, 3, 2), "purchase days, at least", "购买日数下限", DAYS
    )
    monetary_at_least: tuple[Decimal, ...] = _ours(
        (Decimal(500), Decimal(200), Decimal(100), Decimal(50)), "net value, at least", "净消费额下限", MONEY
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

    min_occasions: int = _ours(
        3,
        "purchase days from which the own interval decides",
        "按自身间隔判定的最少购买日数",
        DAYS,
        minimum=2,
    )
    interval_multiple: Decimal = _ours(
        Decimal(2), "own median intervals", "自身间隔中位数倍数", TIMES, above=Decimal(0)
    )
    floor_days: int = _ours(30, "never fewer days than", "最低天数", DAYS, minimum=0)
    default_days: int = _ours(180, "days otherwise", "其他情况天数", DAYS, minimum=0)
    alive_below: Decimal = _ours(
        Decimal("0.5"), "P(alive) below", "活跃概率低于", minimum=Decimal(0), maximum=Decimal(1)
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

    months: int = _ours(12, "months looked ahead", "预测月数", MONTHS, minimum=1)
    weeks_per_year: int = _ours(52, "weeks in a year", "每年周数", WEEKS, minimum=1)
    discount: Decimal = _ours(Decimal("0.01"), "discount per month", "月贴现率", minimum=Decimal(0))
    margin: Decimal = _ours(Decimal(1), "margin", "毛利率", minimum=0)
    horizon_weeks: int = _ours(52, "weeks of the purchase forecast", "购买预测周数", WEEKS, minimum=1)

    @property
    def weeks_per_month(self) -> Fraction:
        """Length of one discounting period in weeks."""
        return Fraction(self.weeks_per_year, MONTHS_PER_YEAR)
