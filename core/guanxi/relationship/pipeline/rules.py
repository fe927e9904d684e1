"""Rule sets of the way from lead to contract, and of visits, plans, mail."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

DAYS, MONTHS, PERCENT = Label("days", "天"), Label("months", "个月"), Label("%", "%")
WORKING_DAYS, PERSONS = Label("working days", "个工作日"), Label("persons", "人")

WON, LOST = "won", "lost"
"""The two closing stages; their probabilities are certain."""

StageType = Literal["open", "on_hold", "won", "lost"]


def _probabilities() -> dict[str, Decimal]:
    return {
        "confirmed": Decimal(10),
        "decision_relations": Decimal(25),
        "quotation": Decimal(50),
        "negotiation": Decimal(70),
        "contract": Decimal(90),
    }


@rule_set("core.pipeline", Label("Pipeline", "销售过程"))
class PipelineRules(RuleSet):
    """Stages of opportunities with their probabilities, and how often prospects are visited (CORE-24)."""

    stages: tuple[str, ...] = parameter(
        default=("confirmed", "decision_relations", "quotation", "negotiation", "contract"),
        label=Label("open stages, in their order", "进行中阶段（按先后）"),
        ours=True,
    )
    stages_on_hold: tuple[str, ...] = parameter(
        default=("on_hold",), label=Label("stages in which nothing goes on", "搁置阶段"), ours=True
    )
    probabilities: Mapping[str, Decimal] = parameter(
        factory=_probabilities,
        label=Label("probability of being won, by stage", "各阶段成交概率"),
        unit=PERCENT,
        minimum=Decimal(0),
        maximum=Decimal(100),
        ours=True,
    )
    visit_days: Mapping[str, int] = parameter(
        factory=lambda: {"eager": 7, "hopeful": 14, "wait_and_see": 30},
        label=Label("a visit at least every so many days, by urgency", "拜访间隔（按紧迫程度）"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )

    def type_of(self, stage: str) -> StageType:
        """Return what sort of stage that is; one that is no longer listed counts as open."""
        if stage == WON:
            return "won"
        if stage == LOST:
            return "lost"
        return "on_hold" if stage in self.stages_on_hold else "open"

    def probability(self, stage: str) -> Decimal:
        """Return how likely a deal is in a stage, in per cent; nothing is expected of what is on hold."""
        if stage == WON:
            return Decimal(100)
        return Decimal(0) if stage == LOST else self.probabilities.get(stage, Decimal(0))

    def place(self, stage: str) -> int:
        """Return how far along an open stage is; -1 for any other."""
        return self.stages.index(stage) if stage in self.stages else -1

    def between(self, stage: str, other: str) -> tuple[str, ...]:
        """Return the open stages that lie between two, and are jumped over from one to the other.

        Args:
            stage: from where.
            other: to where; ``won`` lies behind them all.
        """
        start, end = self.place(stage), len(self.stages) if other == WON else self.place(other)
        return () if end < 0 else self.stages[start + 1 : end]


@rule_set("core.contract_gate", Label("Contract gate", "签约把关"))
class ContractGateRules(RuleSet):
    """What has to be there before a contract is signed (CORE-27)."""

    investigation_subjects: tuple[str, ...] = parameter(
        default=("nature", "size", "funds", "ability"),
        label=Label("what a written investigation covers", "书面调查内容"),
    )
    investigation_valid_months: int = parameter(
        default=12,
        label=Label("an investigation is good for", "调查有效期"),
        unit=MONTHS,
        minimum=1,
        ours=True,
    )
    review_parts: tuple[str, ...] = parameter(
        default=("credit", "product_fit", "quality_terms", "volume", "cost"),
        label=Label("parts of the customer review", "客户考量项目"),
    )
    major_amount: Decimal | None = parameter(
        default=None,
        label=Label("a contract is major from this amount on; the flag decides if none", "重大合同金额起点"),
        minimum=Decimal(0),
    )
    major_currency: str = parameter(
        default="CNY", label=Label("currency of that amount", "该金额币种"), ours=True
    )
    min_deciders: int = parameter(
        default=3,
        label=Label("a collective decision is taken by at least", "集体决策最少人数"),
        unit=PERSONS,
        minimum=1,
        ours=True,
    )


@rule_set("core.visits", Label("Visits", "拜访"))
class VisitRules(RuleSet):
    """When a visit is to be reported (CORE-83)."""

    visit_report_days: int = parameter(
        default=3,
        label=Label("days for the report of a visit", "拜访报告期限"),
        unit=DAYS,
        minimum=0,
        ours=True,
    )


@rule_set("core.plans_and_mail", Label("Plans and incoming mail", "计划与来函"))
class PlanRules(RuleSet):
    """When a customer plan is to be reviewed, and what came in passed on (CORE-89)."""

    plan_review_working_days: int = parameter(
        default=10,
        label=Label("working days for the review of a plan", "计划审阅期限"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )
    pass_on_working_days: int = parameter(
        default=1,
        label=Label("working days for passing on what came in", "来件转交期限"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )


RULE_SETS = (PipelineRules, ContractGateRules, VisitRules, PlanRules)
