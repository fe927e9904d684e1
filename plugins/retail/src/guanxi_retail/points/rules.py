"""Rule sets of points: what is earned, how long it lasts, what a refund takes back, what is owed for it, how it is listed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Literal

from guanxi import Label, RuleSet, add_months, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, POINTS, TIMES, ours

ClawbackPolicy = Literal["only_pending", "within_balance", "unlimited"]
MultiplierChoice = Literal["highest", "product", "sum_of_extras"]
ExpiryMode = Literal["rolling_months", "fixed_day", "tier_reset", "never"]


def _published_multipliers() -> dict[str, Decimal]:
    return {"cosmetics+vip+demonstration": Decimal(6), "clothing+vip": Decimal("3.8")}


@rule_set("retail.points", Label("Points", "积分规则"))
class PointsRules(RuleSet):
    """Earning, maturity, expiry and claw-back of points (RET-15 to RET-20).

    A multiplier is named by its area and, behind plus signs, by all conditions that must hold at the till:
    ``cosmetics+vip+demonstration``.
    """

    rate: Decimal = ours(Decimal(1), "points per unit of money", "每元积分", POINTS, minimum=Decimal(0))
    multipliers: dict[str, Decimal] = parameter(
        factory=_published_multipliers,
        label=Label("multiplier by area and conditions", "区域及条件倍数"),
        unit=TIMES,
        minimum=Decimal(0),
    )
    tier_multipliers: dict[str, Decimal] = parameter(
        factory=dict, label=Label("multiplier by tier", "等级倍数"), unit=TIMES, minimum=Decimal(0)
    )
    several_multipliers: MultiplierChoice = ours(
        "highest", "where several multipliers fit", "多个倍数同时适用时"
    )
    pending_days: int = ours(0, "days until usable", "待生效天数", DAYS, minimum=0)
    expiry: ExpiryMode = ours("rolling_months", "when points expire", "到期方式")
    months: int | None = ours(12, "months until expiry", "有效月数", MONTHS, minimum=1)
    fixed_month: int = ours(12, "month of the fixed day", "固定到期月", minimum=1, maximum=12)
    fixed_day: int = ours(31, "the fixed day, or its month's end", "固定到期日", minimum=1, maximum=31)
    fixed_years: int = ours(0, "further years until the fixed day", "固定日顺延年数", minimum=0)
    clawback: ClawbackPolicy = ours("unlimited", "claw-back policy", "扣回方式")
    claim_days: int = ours(0, "days to claim a receipt without card", "补登小票天数", DAYS, minimum=0)
    restored_grace_days: int = ours(0, "grace for restored points", "返还宽限天数", DAYS, minimum=0)

    def multiplier(self, area: str | None, conditions: Collection[str], tier: str | None = None) -> Decimal:
        """Return what a purchase's points are multiplied by (RET-15).

        Args:
            area: where it was made.
            conditions: what held at the till.
            tier: the tier in force before it.
        """
        fitting = [times for name, times in self.multipliers.items() if _fits(name, area, conditions)]
        if tier is not None and tier in self.tier_multipliers:
            fitting.append(self.tier_multipliers[tier])
        return _COMBINED[self.several_multipliers](fitting) if fitting else Decimal(1)

    def last_day(self, earned: date) -> date | None:
        """Return the last usable day of points earned on a day; None if no day of their own ends them (RET-18).

        Args:
            earned: the day.
        """
        if self.expiry == "rolling_months":
            return None if self.months is None else add_months(earned, self.months)
        if self.expiry != "fixed_day":
            return None
        passed = earned > self._fixed_day_of(earned.year)
        return self._fixed_day_of(earned.year + passed + self.fixed_years)

    def _fixed_day_of(self, year: int) -> date:
        return date(year, self.fixed_month, min(self.fixed_day, monthrange(year, self.fixed_month)[1]))


def _fits(name: str, area: str | None, conditions: Collection[str]) -> bool:
    wanted, *needed = name.split("+")
    return wanted == area and all(one in conditions for one in needed)


_COMBINED: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "highest": max,
    "product": lambda times: reduce(mul, times),
    "sum_of_extras": lambda times: 1 + sum((one - 1 for one in times), Decimal(0)),
}


@rule_set("retail.points_liability", Label("Points liability", "积分负债规则"))
class PointsLiabilityRules(RuleSet):
    """What points are worth, and how many of them will be used; a new estimate is a new version from its day (RET-23)."""

    value_per_point: Decimal = ours(Decimal(1), "value of a point", "每积分价值", MONEY, minimum=Decimal(0))
    expected_share: Decimal = ours(
        Decimal(1), "share expected to be redeemed", "预计兑换比例", minimum=Decimal(0), maximum=Decimal(1)
    )
    rounding: Literal["1", "0.01"] = ours("0.01", "rounded to", "舍入单位", MONEY)

    @property
    def unit(self) -> Decimal:
        """The unit of rounding."""
        return Decimal(self.rounding)


@rule_set("retail.points_reports", Label("Points reports", "积分报表规则"))
class PointsReportRules(RuleSet):
    """How lots are listed (RET-22)."""

    ageing_days: tuple[int, ...] = parameter(
        (30, 60, 90), label=Label("days until expiry, by rows", "到期天数分段"), unit=DAYS, minimum=0
    )


RULE_SETS = (PointsRules, PointsLiabilityRules, PointsReportRules)
