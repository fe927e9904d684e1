"""Rule sets of the analyses: spend classes, RFM, lapse, lifetime value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from guanxi import Label, RuleSet, parameter, rule_set
from guanxi_retail.analysis.measures import (
    LapseParameters,
    RfmParameters,
    SpendBand,
    SpendBasis,
    SpendClassParameters,
)
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, TIMES, WEEKS, ours

MONTHS_PER_YEAR = 12
SpendClassBasis = Literal["net_spend", "revenue_less_cost"]


@rule_set("retail.spend_classes", Label("Spend classes", "客户分类"))
class SpendClassRules(RuleSet):
    """Thresholds of the four classes, by net spend or by what it leaves after cost; what each class is given (RET-27)."""

    vip: Decimal = ours(Decimal(20_000), "VIP from", "重要客户起点", MONEY, minimum=0)
    main: Decimal = ours(Decimal(5_000), "main from", "主要客户起点", MONEY, minimum=0)
    ordinary: Decimal = ours(Decimal(1_000), "ordinary from", "普通客户起点", MONEY, minimum=0)
    months: int = ours(12, "complete months", "完整月数", MONTHS, minimum=1)
    basis: SpendClassBasis = ours("net_spend", "what is compared", "分类依据")
    discounts: dict[str, Decimal] = parameter(
        factory=dict,
        label=Label("factor on the price by class", "各类折扣系数"),
        unit=TIMES,
        above=Decimal(0),
        maximum=Decimal(1),
    )
    services: dict[str, str] = parameter(factory=dict, label=Label("services by class", "各类服务"))

    def __attrs_post_init__(self) -> None:
        bands = self.parameters()
        if wrong := sorted(
            {*self.discounts, *self.services} - {band.code for band in bands.bands} - {bands.below}
        ):
            raise ValueError(f"there is no class {', '.join(wrong)}")

    def parameters(self) -> SpendClassParameters:
        """Return them as the analysis takes them.

        Raises:
            ValueError: the thresholds are not in descending order.
        """
        bands = (("vip", self.vip), ("main", self.main), ("ordinary", self.ordinary))
        return SpendClassParameters(
            bands=tuple(SpendBand(*band) for band in bands), months=self.months, basis=SpendBasis(self.basis)
        )


@rule_set("retail.rfm", Label("RFM", "RFM 评分"))
class RfmRules(RuleSet):
    """Scores and fixed bands of RFM, best band first (RET-44)."""

    groups: int = parameter(5, label=Label("scores", "档数"), minimum=2, maximum=9)
    recency_at_most: tuple[int, ...] = ours(
        (30, 90, 180, 365), "days since the last purchase, at most", "最近消费天数上限", DAYS
    )
    frequency_at_least: tuple[int, ...] = ours((10, 5, 3, 2), "purchase days, at least", "购买日数下限", DAYS)
    monetary_at_least: tuple[Decimal, ...] = ours(
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

    min_occasions: int = ours(
        3,
        "purchase days from which the own interval decides",
        "按自身间隔判定的最少购买日数",
        DAYS,
        minimum=2,
    )
    interval_multiple: Decimal = ours(
        Decimal(2), "own median intervals", "自身间隔中位数倍数", TIMES, above=Decimal(0)
    )
    floor_days: int = ours(30, "never fewer days than", "最低天数", DAYS, minimum=0)
    default_days: int = ours(180, "days otherwise", "其他情况天数", DAYS, minimum=0)
    alive_below: Decimal = ours(
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

    months: int = ours(12, "months looked ahead", "预测月数", MONTHS, minimum=1)
    weeks_per_year: int = ours(52, "weeks in a year", "每年周数", WEEKS, minimum=1)
    discount: Decimal = ours(Decimal("0.01"), "discount per month", "月贴现率", minimum=Decimal(0))
    margin: Decimal = ours(Decimal(1), "margin", "毛利率", minimum=0)
    horizon_weeks: int = ours(52, "weeks of the purchase forecast", "购买预测周数", WEEKS, minimum=1)

    @property
    def weeks_per_month(self) -> Fraction:
        """Length of one discounting period in weeks."""
        return Fraction(self.weeks_per_year, MONTHS_PER_YEAR)


RULE_SETS = (SpendClassRules, RfmRules, LapseRules, ClvRules)
