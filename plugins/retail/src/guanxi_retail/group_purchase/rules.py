"""Rule sets of group purchase and delivery: the VIP list, the file, the weekly report, stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Invalid, Label, RuleSet, parameter, rule_set
from guanxi.relationship.service.rules import ChainStep
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, ours

MonthGrades = Literal["all", "mid_high"]
RateChoice = Literal["measured", "stated"]

RANKS = (
    "section_member",
    "deputy_section",
    "section",
    "deputy_division",
    "division",
    "deputy_bureau",
    "bureau",
    "deputy_ministry",
    "ministry",
)
"""科员 < 副科 < 正科 < 副处 < 正处 < 副厅 < 正厅 < 副部 < 正部."""

CARD, EVALUATION, CONTRACT, STATISTICS = (
    "customer_card",
    "consumption_evaluation",
    "hospitality_supply_contract",
    "sales_statistics",
)
"""Components of the file, as types of papers."""

STAGE = Label("stage", "阶段")
EARLIEST, LATEST = 1, 4
"""Stages of the life cycle by number: 潜在分析, 初期接触, 签订合同, 日常维护."""


def _on_the_ladder(self: Any, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in self.ranks:
        raise Invalid(
            "unknown_code",
            f"{value!r} is not on the ladder",
            zh=f"{value!r} 不在职级序列中",
            rule="RET-39",
            accepts=", ".join(self.ranks),
        )


def _components() -> dict[str, int]:
    return {CARD: EARLIEST, EVALUATION: EARLIEST, STATISTICS: EARLIEST, CONTRACT: 3}


JAR_STEPS = ("check_jar", "pour_out_old", "clean_jar", "fill_in_new", "old_on_top")
"""What is done at the jar with every delivery, in order (RET-42)."""


def jar_chain(post: str, limit: int = 1) -> tuple[ChainStep, ...]:
    """Return the steps at the jar as a chain of core's service (``ServiceRules.chains``).

    Args:
        post: who takes them.
        limit: working days for each.
    """
    return tuple(ChainStep(step, post, limit) for step in JAR_STEPS)


@rule_set("retail.vip_admission", Label("VIP admission", "VIP准入"))
class VipRules(RuleSet):
    """By which routes a customer comes on the VIP list (RET-39). There are no benefits, no expiry and no downgrade."""

    single_purchase: Decimal = parameter(
        Decimal(10_000),
        label=Label("one purchase of mid or high grade from", "单次购买中高档产品满"),
        unit=MONEY,
        above=Decimal(0),
    )
    month_total: Decimal = parameter(
        Decimal(20_000), label=Label("a month's total from", "当月累计满"), unit=MONEY, above=Decimal(0)
    )
    grades: tuple[str, ...] = parameter(
        ("mid", "high"), label=Label("grades that count as mid or high", "中高档产品档次")
    )
    month_grades: MonthGrades = parameter(
        "all", label=Label("grades that count in a month's total", "当月累计计入档次")
    )
    rank_route: bool = parameter(True, label=Label("route by rank is open", "启用职级准入"))
    ranks: tuple[str, ...] = parameter(RANKS, label=Label("ranks, from the lowest", "职级序列（由低到高）"))
    least_rank: str = parameter(
        "deputy_division",
        label=Label("rank from which one is admitted", "准入最低职级"),
        validator=_on_the_ladder,
    )
    rank_units: tuple[str, ...] = parameter(
        ("administrative",), label=Label("kinds of units whose ranks count", "职级适用单位类别")
    )

    def counts(self, grade: str | None) -> bool:
        """Return whether a grade is mid or high.

        Args:
            grade: of a line; None where it was not told.
        """
        return grade in self.grades

    def counts_in_month(self, grade: str | None) -> bool:
        """Return whether a grade counts in a month's total.

        Args:
            grade: of a line; None where it was not told.
        """
        return self.month_grades == "all" or self.counts(grade)

    def admits(self, rank: object, unit_kind: object) -> bool:
        """Return whether a rank in a unit of a kind is admitted without a spend test.

        Args:
            rank: on the ladder; what was erased is not.
            unit_kind: of the unit in which it is held.
        """
        return (
            self.rank_route
            and unit_kind in self.rank_units
            and rank in self.ranks
            and self.ranks.index(str(rank)) >= self.ranks.index(self.least_rank)
        )


@rule_set("retail.group_file", Label("File of group purchase", "团购客户档案"))
class GroupFileRules(RuleSet):
    """What a file holds, by the stage from which it is required (RET-40)."""

    components: Mapping[str, int] = parameter(
        factory=_components,
        label=Label(
            "components of the file, and the stage from which each is required", "档案组成及起始阶段"
        ),
        unit=STAGE,
        minimum=EARLIEST,
        maximum=LATEST,
        ours=True,
    )
    evaluation_months: int = ours(
        12, "months that an evaluation of consumption looks back", "消费评估回溯月数", MONTHS, minimum=1
    )
    target_measure: str = ours(
        "receipts", "measure of the goals that are account managers' targets", "客户经理目标所用指标"
    )


@rule_set("retail.weekly_report", Label("Weekly sales report", "周销售报表"))
class WeeklyReportRules(RuleSet):
    """When the account managers' report of a week is to be handed in (RET-41)."""

    due_days: int = ours(1, "days after the week until it is due", "周结束后提交天数", DAYS, minimum=1)


@rule_set("retail.replenishment", Label("Stock and consumption", "库存与消费速度"))
class StockRules(RuleSet):
    """How a customer's consumption is told, and how early he is delivered to (RET-42).

    How many days a month's use lasts, and under which profile field the pay day stands, is core's (``ReplenishmentRules``).
    """

    lead_days: int = parameter(
        0, label=Label("delivered so long before the stock runs out", "提前送货天数"), unit=DAYS, minimum=0
    )
    rate_source: RateChoice = ours(
        "measured", "consumption: measured once it was, or as stated", "消费速度来源（实测或申报）"
    )


RULE_SETS = (VipRules, GroupFileRules, WeeklyReportRules, StockRules)
