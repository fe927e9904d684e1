"""The rule sets that a chain lives under, where the plugin's own values would leave a rule without work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from guanxi import RuleSet
from guanxi.relationship.campaigns.rules import ScreeningRules
from guanxi.relationship.people.rules import LifecycleRules
from guanxi_retail.cars.rules import NationalPriceRules, VehicleOrderRules
from guanxi_retail.group_purchase.rules import VipRules
from guanxi_retail.membership.rules import IncentiveRules
from guanxi_retail.points.rules import PointsRules
from guanxi_retail.promotions.rules import (
    CashLadderRules,
    CashOffRules,
    EVoucherRules,
    ScratchCardRules,
    StackedDiscountRules,
    VoucherRules,
)
from guanxi_retail.reading.rules import ChapterPriceRules
from guanxi_retail.store.rules import SalesCreditRules
from guanxi_retail.tiers.rules import TierRules

R = TypeVar("R", bound=RuleSet)

OUTLINE = "syn-outline"
CAMPAIGN = "SYN-SPRING"
VEHICLE, VEHICLE_PRICE = "syn-breeze", Decimal(120_000)
PAPERS = ("id_card", "invoice", "certificate", "insurance", "tax")
WORK = "SYN-WORK"
FIRST_DAY, LAST_DAY, E_DAYS = 18, 27, 2
"""Days of the month on which the spring campaign begins and ends, and how many of the last give e-vouchers."""


def made(rule_set: type[R], **values: Any) -> R:
    """Return a rule set with some values, its own for all others.

    Args:
        rule_set: which.
        **values: those that are not its own.
    """
    return rule_set(**values)


@attrs.frozen
class Spring:
    """The spring campaign of one year.

    Args:
        first: its first day.
        last: its last one.
    """

    first: date
    last: date

    def runs_on(self, day: date) -> bool:
        """Return whether it runs on a day."""
        return self.first <= day <= self.last

    @property
    def campaign(self) -> str:
        """Its id."""
        return f"{CAMPAIGN}-{self.first.year}"

    @property
    def discount(self) -> StackedDiscountRules:
        """Its percentages."""
        return made(StackedDiscountRules, first_day=self.first, last_day=self.last)

    @property
    def cash_off(self) -> CashOffRules:
        """What it takes off."""
        return made(CashOffRules, first_day=self.first, last_day=self.last)

    def rules(self) -> Iterator[RuleSet]:
        """Yield the rule sets of the campaign."""
        named = {"campaign": self.campaign, "last_day": self.last}
        yield self.discount
        yield self.cash_off
        yield made(CashLadderRules, first_day=self.first, **named)
        yield made(ScratchCardRules, first_day=self.first, **named)
        yield made(EVoucherRules, first_day=self.last - timedelta(days=E_DAYS - 1), **named)


def spring(first_of_month: date) -> Spring:
    """Return the campaign of a month.

    Args:
        first_of_month: its first day.
    """
    return Spring(first_of_month.replace(day=FIRST_DAY), first_of_month.replace(day=LAST_DAY))


def rule_sets() -> Iterator[RuleSet]:
    """Yield the rule sets that are published before anybody comes."""
    yield made(
        PointsRules, months=6, pending_days=3, claim_days=10, tier_multipliers={"Gold": Decimal("1.5")}
    )
    yield made(LifecycleRules, lapse_rule="retail")
    yield made(VoucherRules, valid_days=60)
    tiers = {"Basic": Decimal(0), "Silver": Decimal(1_000), "Gold": Decimal(3_000)}
    yield made(TierRules, tiers=tiers, period="quarter")
    yield made(IncentiveRules, steps={"syn-serum/2": "合成小样", "syn-serum/4": "合成礼盒"})
    yield made(VipRules, single_purchase=Decimal(3_000), month_total=Decimal(6_000))
    yield made(NationalPriceRules, prices={VEHICLE: VEHICLE_PRICE})
    yield made(VehicleOrderRules, required_documents=PAPERS)
    yield made(ChapterPriceRules, prices={WORK: Decimal("0.30")}, free_chapters={WORK: 2})
    yield made(ScreeningRules, preliminary={OUTLINE: "source_channel = media|outdoor|point_of_sale"})


def next_points_rules() -> PointsRules:
    """Return the further version of the points rules that is followed up in the year."""
    return made(PointsRules, months=6, pending_days=2, claim_days=10, tier_multipliers={"Gold": Decimal(2)})


def late_credit_rules() -> SalesCreditRules:
    """Return the rules of sales credit that are published for a month that is over."""
    return made(SalesCreditRules, card_amount=Decimal(300))
