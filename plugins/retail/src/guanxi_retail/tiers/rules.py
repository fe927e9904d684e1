"""Rule set of tiers: the ladder, what counts, over which period, how long a tier is valid, and how it is lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from guanxi import Label, RuleSet, add_months, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONTHS, ours
from guanxi_retail.tiers.events import DowngradeMode
from guanxi_retail.tiers.periods import Period, PeriodKind, ended_by, next_period, period_of

Basis = Literal["spend", "points_earned", "points_since_change", "active_balance"]
Start = Literal["immediate", "next_period"]
Validity = Literal["end_of_next_period", "end_of_period", "months", "balance_drop"]
RefundEffect = Literal["at_once", "at_period_end", "never"]

POINTS_BASES = ("points_earned", "points_since_change")


@rule_set("retail.tiers", Label("Tiers", "会员等级"))
class TierRules(RuleSet):
    """The ladder of tiers, which a host names, and how a tier is reached, kept and lost (RET-24 to RET-26).

    Without a ladder nobody has a tier. A threshold is money for the basis ``spend``, points otherwise.
    """

    tiers: dict[str, Decimal] = parameter(
        factory=dict, label=Label("tiers and their thresholds", "等级及门槛"), minimum=Decimal(0)
    )
    basis: Basis = ours("spend", "what counts", "考核依据")
    period: PeriodKind = ours("year", "qualification period", "考核期")
    period_months: int = ours(12, "months of a rolling period", "滚动考核期月数", MONTHS, minimum=1)
    start: Start = ours("immediate", "when an upgrade acts", "升级生效")
    validity: Validity = ours("end_of_next_period", "how long a tier is valid", "有效期")
    validity_months: int = ours(12, "months of validity", "有效月数", MONTHS, minimum=1)
    downgrade: DowngradeMode = ours("automatic", "what follows when validity ends", "到期降级方式")
    grace_days: int = ours(0, "days of grace", "宽限天数", DAYS, minimum=0)
    notice_days: int = ours(30, "days of notice", "提前预警天数", DAYS, minimum=0)
    refund: RefundEffect = ours("at_period_end", "when a refund lowers a tier", "退货降级时点")

    def __attrs_post_init__(self) -> None:
        if len(set(self.tiers.values())) < len(self.tiers):
            raise ValueError("each tier of the ladder needs a threshold of its own")
        if any(not name.strip() for name in self.tiers):
            raise ValueError("a tier of the ladder has no name")
        if self.validity == "balance_drop" and self.basis != "active_balance":
            raise ValueError("balance_drop is for tiers by active balance")
        if self.period == "rolling" and self.validity == "end_of_period":
            raise ValueError("a rolling period ends every day; end_of_next_period or months say how long")

    # ------------------------------------------------------------ the ladder

    @property
    def ladder(self) -> list[str]:
        """The tiers from the lowest to the highest."""
        return sorted(self.tiers, key=lambda name: self.tiers[name])

    def rank(self, tier: str | None) -> int:
        """Return a tier's place in the ladder, 0 for the lowest, -1 for none."""
        return self.ladder.index(tier) if tier in self.tiers else -1

    def level(self, amount: Decimal) -> str | None:
        """Return the highest tier whose threshold an amount reaches; None below all (RET-24)."""
        reached = [name for name in self.ladder if self.tiers[name] <= max(amount, Decimal(0))]
        return reached[-1] if reached else None

    def higher(self, *tiers: str | None) -> str | None:
        """Return the highest of several."""
        return max(tiers, key=self.rank)

    def below(self, tier: str | None) -> str | None:
        """Return the tier one step lower; the lowest has none below but itself, if it asks for nothing."""
        rank = self.rank(tier)
        return self.ladder[rank - 1] if rank > 0 else self.level(Decimal(0))

    def above(self, tier: str | None) -> str | None:
        """Return the tier one step higher; None above the highest."""
        higher = self.ladder[self.rank(tier) + 1 :]
        return higher[0] if higher else None

    def threshold(self, tier: str | None) -> Decimal:
        """Return what a tier asks for; 0 for none."""
        return self.tiers.get(tier, Decimal(0)) if tier is not None else Decimal(0)

    def may_end(self, tier: str | None) -> bool:
        """Return whether there is anything to lose in a tier."""
        return self.rank(tier) > self.rank(self.level(Decimal(0)))

    # ------------------------------------------------------------ periods and validity

    def period_of(self, day: date, joined: date | None) -> Period:
        """Return the qualification period that a day falls in."""
        return period_of(day, self.period, self.period_months, joined)

    def ended_by(self, day: date, joined: date | None) -> Period:
        """Return the latest period that is over at the end of a day."""
        return ended_by(day, self.period, self.period_months, joined)

    def reached_in(self, period: Period, day: date, joined: date | None) -> date | None:
        """Return the last day of a tier that was reached in a period on a day; None where only a balance ends it."""
        match self.validity:
            case "end_of_next_period":
                return next_period(period, self.period, self.period_months, joined).last
            case "end_of_period":
                return period.last
            case "months":
                return add_months(day, self.validity_months)
            case "balance_drop":
                return None

    def renewed(self, last: date, joined: date | None) -> date | None:
        """Return the last day of the validity that follows one which ended with a day."""
        match self.validity:
            case "end_of_next_period" | "end_of_period":
                ending = Period(last, last)
                return next_period(ending, self.period, self.period_months, joined).last
            case "months":
                return add_months(last, self.validity_months)
            case "balance_drop":
                return None

    def grace_from(self, last: date | None) -> date | None:
        """Return the last day of the grace that follows a validity; None without."""
        return last + timedelta(days=self.grace_days) if last is not None and self.grace_days else None


RULE_SETS = (TierRules,)
