"""Rule sets of promotions: discounts, cash-off, vouchers and what earns them, scratch cards, referrals, tenders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Invalid, Label, RuleSet, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONEY, TIMES, ours
from guanxi_retail.purchases.events import ReceiptLine

Repeat = Literal["every_full_step", "once"]
ThresholdBasis = Literal["after_percentages", "net", "money_paid"]
EVoucherScope = Literal["receipt", "customer_day"]
CapScope = Literal["customer_day", "customer_campaign"]
NOBODY: tuple[str, ...] = ()


def _day(en: str, zh: str) -> Any:
    return ours(None, en, zh)


def _runs(first: date | None, last: date | None, day: date) -> bool:
    """Whether a campaign runs on a day; one without days does not run at all."""
    return first is not None and first <= day and (last is None or day <= last)


def steps_of(amount: Decimal, threshold: Decimal, repeat: Repeat) -> int:
    """Return how often an amount reaches a threshold: for every full step, or once at most.

    Args:
        amount: what is tested.
        threshold: one step.
        repeat: whether further steps count.
    """
    full = int(amount // threshold) if amount > 0 else 0
    return full if repeat == "every_full_step" else min(full, 1)


@rule_set("retail.tenders", Label("Tenders", "付款方式规则"))
class TenderRules(RuleSet):
    """Which ways of paying are money, and what a point pays (RET-08)."""

    money_tenders: tuple[str, ...] = parameter(
        ("cash", "card", "mobile"), label=Label("tenders that are money", "现金部分的付款方式")
    )
    other_tenders: tuple[str, ...] = parameter(
        ("gift_card",), label=Label("further tenders that are not money", "其他非现金付款方式")
    )
    point_value: Decimal = ours(
        Decimal(1), "money that one point pays", "一积分抵付金额", MONEY, above=Decimal(0)
    )


@rule_set("retail.stacked_discount", Label("Stacked discount", "折上折"))
class StackedDiscountRules(RuleSet):
    """A campaign's percentages, from its first day to its last (RET-07)."""

    first_day: date | None = _day("first day of the discount", "折扣首日")
    last_day: date | None = _day("last day of the discount", "折扣末日")
    lowest: Decimal = parameter(
        Decimal("0.60"),
        label=Label("lowest factor", "最低折扣"),
        unit=TIMES,
        above=Decimal(0),
        maximum=Decimal(1),
    )
    highest: Decimal = parameter(
        Decimal("0.80"),
        label=Label("highest factor", "最高折扣"),
        unit=TIMES,
        above=Decimal(0),
        maximum=Decimal(1),
    )
    extra: Decimal = parameter(
        Decimal("0.95"),
        label=Label("factor on top of it", "折上折"),
        unit=TIMES,
        above=Decimal(0),
        maximum=Decimal(1),
    )
    stack_on_fixed: bool = ours(False, "stacked on fixed special prices too", "特价商品可再折")
    excluded_counters: tuple[str, ...] = parameter(
        NOBODY, label=Label("counters that do not take part", "特例专柜")
    )

    def runs_on(self, day: date) -> bool:
        """Return whether the campaign runs on a day."""
        return _runs(self.first_day, self.last_day, day)

    def admits(self, factors: Sequence[Decimal]) -> bool:
        """Return whether factors are one in the campaign's range and, behind it, at most the extra one."""
        base, *more = factors or (Decimal(1),)
        within = not factors or self.lowest <= base <= self.highest
        return within and (not more or more == [self.extra])


@rule_set("retail.cash_off", Label("Cash-off", "满减"))
class CashOffRules(RuleSet):
    """A price reduction at a threshold, in one area (RET-09)."""

    first_day: date | None = _day("first day of the cash-off", "满减首日")
    last_day: date | None = _day("last day of the cash-off", "满减末日")
    threshold: Decimal = parameter(
        Decimal(300), label=Label("cash-off threshold", "满减门槛"), unit=MONEY, above=Decimal(0)
    )
    off: Decimal = parameter(
        Decimal(60), label=Label("money off", "减免金额"), unit=MONEY, minimum=Decimal(0)
    )
    area: str | None = parameter("clothing", label=Label("area of the cash-off", "满减区域"))
    repeat: Repeat = ours("every_full_step", "how often the cash-off is granted", "满减次数")

    def runs_on(self, day: date) -> bool:
        """Return whether the campaign runs on a day."""
        return _runs(self.first_day, self.last_day, day)

    def reduction(self, amount: Decimal) -> Decimal:
        """Return what is taken off an amount after percentages.

        Args:
            amount: of the eligible lines together.
        """
        return self.off * steps_of(amount, self.threshold, self.repeat)


@rule_set("retail.vouchers", Label("Vouchers", "券规则"))
class VoucherRules(RuleSet):
    """How long vouchers live (RET-12)."""

    valid_days: int = ours(90, "days a voucher is valid", "券有效天数", DAYS, minimum=1, maximum=36_500)


@rule_set("retail.e_voucher", Label("E-voucher", "电子礼券"))
class EVoucherRules(RuleSet):
    """A campaign in which a receipt earns vouchers (RET-10)."""

    campaign: str = ours("", "name of the campaign", "活动名称")
    first_day: date | None = _day("first day of the e-voucher campaign", "电子礼券首日")
    last_day: date | None = _day("last day of the e-voucher campaign", "电子礼券末日")
    threshold: Decimal = parameter(
        Decimal(300), label=Label("e-voucher threshold", "电子礼券门槛"), unit=MONEY, above=Decimal(0)
    )
    face: Decimal = parameter(
        Decimal(100), label=Label("face of an e-voucher", "电子礼券面额"), unit=MONEY, above=Decimal(0)
    )
    threshold_basis: ThresholdBasis = parameter(
        "after_percentages", label=Label("what the threshold tests", "门槛口径")
    )
    scope: EVoucherScope = ours("receipt", "over what the threshold adds up", "累计范围")
    repeat: Repeat = ours("every_full_step", "how often it is earned", "发放次数")
    excluded_counters: tuple[str, ...] = parameter(
        NOBODY, label=Label("counters that do not take part", "特例专柜")
    )
    named_brands: tuple[str, ...] = parameter(
        ("ONLY", "VERO MODA", "JACK JONES"),
        label=Label("brands that take part despite exclusions", "指定参加品牌"),
    )
    min_spend: Decimal = ours(
        Decimal(0), "least purchase to use it on", "用券最低消费", MONEY, minimum=Decimal(0)
    )
    areas: tuple[str, ...] = ours(NOBODY, "areas to use it in; all where empty", "用券区域")
    brands: tuple[str, ...] = ours(NOBODY, "brands to use it on; all where empty", "用券品牌")

    def runs_on(self, day: date) -> bool:
        """Return whether the campaign runs on a day."""
        return _runs(self.first_day, self.last_day, day)


@rule_set("retail.cash_ladder", Label("Cash ladder", "现金满额送"))
class CashLadderRules(RuleSet):
    """A campaign in which the money paid on a day earns vouchers and gifts for each full step (RET-11)."""

    campaign: str = ours("", "name of the campaign", "活动名称")
    first_day: date | None = _day("first day of the cash ladder", "满额送首日")
    last_day: date | None = _day("last day of the cash ladder", "满额送末日")
    step: Decimal = parameter(
        Decimal(200), label=Label("step of the ladder", "每级金额"), unit=MONEY, above=Decimal(0)
    )
    face: Decimal = parameter(
        Decimal(60), label=Label("face of a voucher", "券面额"), unit=MONEY, above=Decimal(0)
    )
    gift_cap: int = parameter(10, label=Label("most gift sets", "礼品上限"), minimum=0)
    cap_scope: CapScope = ours("customer_day", "over what the cap on gifts counts", "礼品上限口径")
    min_spend: Decimal = ours(
        Decimal(0), "least purchase to use it on", "用券最低消费", MONEY, minimum=Decimal(0)
    )
    areas: tuple[str, ...] = ours(NOBODY, "areas to use it in; all where empty", "用券区域")
    brands: tuple[str, ...] = ours(NOBODY, "brands to use it on; all where empty", "用券品牌")

    def runs_on(self, day: date) -> bool:
        """Return whether the campaign runs on a day."""
        return _runs(self.first_day, self.last_day, day)


@rule_set("retail.scratch_card", Label("Scratch card", "刮刮卡"))
class ScratchCardRules(RuleSet):
    """A campaign in which receipts give draws (RET-13)."""

    campaign: str = ours("", "name of the campaign", "活动名称")
    first_day: date | None = _day("first day of the scratch cards", "刮刮卡首日")
    last_day: date | None = _day("last day of the scratch cards", "刮刮卡末日")
    threshold: Decimal = parameter(
        Decimal(380), label=Label("money paid for a draw", "刮奖门槛"), unit=MONEY, above=Decimal(0)
    )
    draws: int = ours(1, "draws of a receipt", "每单刮奖次数", minimum=0)

    def runs_on(self, day: date) -> bool:
        """Return whether the campaign runs on a day."""
        return _runs(self.first_day, self.last_day, day)

    def draws_of(self, money_paid: Decimal) -> int:
        """Return how many draws a receipt gives.

        Args:
            money_paid: on the receipt.
        """
        return self.draws if money_paid >= self.threshold else 0


LEAST_REWARD, GREATEST_REWARD = Decimal(20), Decimal(50)
"""The range in which the source leaves a reward; a table may not leave it."""


def _within_range(_: object, attribute: attrs.Attribute[Any], value: tuple[Decimal, ...]) -> None:
    for reward in value:
        if not LEAST_REWARD <= reward <= GREATEST_REWARD:
            raise Invalid(
                "reward_out_of_range",
                f"a reward of {reward}",
                zh=f"奖励金额为 {reward}",
                rule="RET-14",
                accepts=f"{LEAST_REWARD} to {GREATEST_REWARD}",
            )


def _one_more(instance: Any, attribute: attrs.Attribute[Any], value: tuple[Decimal, ...]) -> None:
    if len(value) != len(instance.spends) + 1 or list(instance.spends) != sorted(set(instance.spends)):
        raise Invalid(
            "out_of_scale",
            f"{len(instance.spends)} bounds and {len(value)} rewards",
            zh=f"{len(instance.spends)} 个分界，{len(value)} 档奖励",
            rule="RET-14",
            accepts="ascending bounds, and one reward more than there are bounds",
        )


@rule_set("retail.referral", Label("Referral", "老带新"))
class ReferralRules(RuleSet):
    """What a member gets for each set sold to a friend (RET-14)."""

    spends: tuple[Decimal, ...] = ours(
        (Decimal(200), Decimal(500), Decimal(1000)),
        "spend from which the next reward is given",
        "消费分档",
        MONEY,
        above=Decimal(0),
    )
    rewards: tuple[Decimal, ...] = parameter(
        (Decimal(20), Decimal(30), Decimal(40), Decimal(50)),
        label=Label("reward of each band", "各档奖励"),
        unit=MONEY,
        validator=[_within_range, _one_more],
        ours=True,
    )
    sets: tuple[str, ...] = parameter(
        NOBODY, label=Label("products that are sets; every line where empty", "计为一套的商品")
    )
    min_spend: Decimal = ours(
        Decimal(0), "least purchase to use it on", "用券最低消费", MONEY, minimum=Decimal(0)
    )
    areas: tuple[str, ...] = ours(NOBODY, "areas to use it in; all where empty", "用券区域")
    brands: tuple[str, ...] = ours(NOBODY, "brands to use it on; all where empty", "用券品牌")

    def reward(self, spent: Decimal) -> Decimal:
        """Return the reward for what a friend spent on a set.

        Args:
            spent: on the set.
        """
        return self.rewards[sum(bound <= spent for bound in self.spends)]

    def reached(self, spent: Decimal) -> Decimal:
        """Return the bound of the band that a spend lies in; 0 for the lowest.

        Args:
            spent: on the set.
        """
        return max((bound for bound in self.spends if bound <= spent), default=Decimal(0))


@rule_set("retail.exchange", Label("Exchange", "换货规则"))
class ExchangeRules(RuleSet):
    """Which goods may be exchanged, and how long (RET-54)."""

    exchangeable: tuple[str, ...] = parameter(
        ("coloured_gems",), label=Label("exchangeable products or areas", "可换货商品或区域")
    )
    exchange_days: int | None = ours(None, "days after the sale", "可换货天数", DAYS, minimum=0)

    def admits(self, line: ReceiptLine | None) -> bool:
        """Return whether goods of a line may be exchanged, by their product or area.

        Args:
            line: as it was sold; None where its receipt named none.
        """
        return line is not None and (line.product in self.exchangeable or line.area in self.exchangeable)


RULE_SETS = (
    ExchangeRules,
    TenderRules,
    StackedDiscountRules,
    CashOffRules,
    VoucherRules,
    EVoucherRules,
    CashLadderRules,
    ScratchCardRules,
    ReferralRules,
)
