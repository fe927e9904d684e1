"""Rule sets of the shop floor."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from guanxi import Label, RuleSet, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, WEEKS, ours

PERCENT = Label("per cent", "%")


def _published_lost_reasons() -> tuple[str, ...]:
    return ("size_out_of_stock", "style_out_of_stock")


@rule_set("retail.sales_credit", Label("Sales credit", "业绩认定规则"))
class SalesCreditRules(RuleSet):
    """When a sale counts as its salesperson's own (RET-33).

    Args:
        managers: who approves completed sales, by store; anybody but those concerned where a store is not named.
    """

    card_amount: Decimal = ours(
        Decimal(500), "amount from which a card is to be issued", "应办会员卡金额", MONEY, minimum=Decimal(0)
    )
    managers: dict[str, str] = parameter(
        factory=dict, label=Label("store manager by store", "各门店店长"), ours=True
    )


@rule_set("retail.store", Label("Store", "门店规则"))
class StoreRules(RuleSet):
    """Targets and rhythms of a store (RET-34 to RET-38)."""

    uplift_from: Decimal = parameter(
        Decimal(10),
        label=Label("target rise of the average ticket, from", "客单价提升目标下限"),
        unit=PERCENT,
        minimum=Decimal(0),
    )
    uplift_to: Decimal = parameter(
        Decimal(15),
        label=Label("target rise of the average ticket, to", "客单价提升目标上限"),
        unit=PERCENT,
        minimum=Decimal(0),
    )
    lost_reasons: tuple[str, ...] = ours(
        (*_published_lost_reasons(), "price", "only_looking", "other"),
        "why a visit ends without a purchase",
        "未成交原因",
    )
    best_employee_weeks: int = parameter(
        2,
        label=Label("weeks between choices of the best employee", "最佳员工评选周期"),
        unit=WEEKS,
        minimum=1,
    )
    best_employee_from: date = ours(
        date(2012, 1, 2), "first day of a period of the choice", "最佳员工评选起算日"
    )
    key_customer_roles: tuple[str, ...] = parameter(
        ("store_manager", "shift_leader"),
        label=Label("who receives key customers", "接待重点顾客的岗位"),
    )


@rule_set("retail.store_campaigns", Label("Campaign evaluation", "活动评价规则"))
class StoreCampaignRules(RuleSet):
    """How a campaign's result is reckoned, and by when (RET-38); the baseline is the preceding period of equal length."""

    margin: Decimal = ours(
        Decimal(30), "margin of sales", "毛利率", PERCENT, minimum=Decimal(0), maximum=Decimal(100)
    )
    evaluation_days: int = ours(14, "days until the evaluation is due", "活动评价期限", DAYS, minimum=1)


@rule_set("retail.card_follow_up", Label("Follow-up of card rules", "会员卡制度跟踪规则"))
class CardFollowUpRules(RuleSet):
    """How new versions of card and points rules are followed up (RET-55)."""

    rule_sets: tuple[str, ...] = ours(
        ("retail.card", "retail.points"), "rule sets that are followed up", "跟踪的规则集"
    )
    window_months: int = ours(3, "months looked at before and after", "观察期月数", MONTHS, minimum=1)
    due_months: int = ours(1, "months until it is due", "跟踪期限月数", MONTHS, minimum=1)


@rule_set("retail.service_standard", Label("Service standard", "服务规范规则"))
class ServiceStandardRules(RuleSet):
    """What every service standard has at least, and how often it is checked (RET-56)."""

    articles: int = parameter(10, label=Label("articles at least", "最少条数"), minimum=1)
    clauses: int = parameter(100, label=Label("clauses at least", "最少款数"), minimum=1)
    check_months: int = ours(1, "months between checks", "检查周期", MONTHS, minimum=1)


RULE_SETS = (SalesCreditRules, StoreRules, StoreCampaignRules, CardFollowUpRules, ServiceStandardRules)
