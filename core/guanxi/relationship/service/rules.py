"""What a host may set of service: terms, chains of steps, scales, schedules, words and planning figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set
from guanxi.relationship.calendars import CalendarRules, Term
from guanxi.relationship.service.events import VisitMethod

Unit = Literal["calendar_days", "working_days"]

DAYS, WORKING_DAYS = Label("days", "天"), Label("working days", "工作日")
MONTHS, TIMES, PERCENT = Label("months", "个月"), Label("times", "次"), Label("%", "%")
PEOPLE = Label("people", "人")


def term(calendar: CalendarRules, start: date, count: int, unit: Unit) -> Term:
    """Return the term of so many days of a unit, the day of the trigger not counted (CORE-06)."""
    return calendar.working_days(start, count) if unit == "working_days" else calendar.days(start, count)


@rule_set("core.complaints", Label("Complaints", "投诉"))
class ComplaintRules(RuleSet):
    """Terms of complaints (CORE-34, CORE-35)."""

    notify_within: int = parameter(
        default=3, label=Label("days until the informing call", "知情通知期限"), unit=DAYS, minimum=1
    )
    unit: Unit = parameter(default="calendar_days", label=Label("which days are counted", "期限按何种日计算"))
    resolve_within_days: int | None = parameter(
        default=None, label=Label("days until it is solved", "办结期限"), unit=DAYS, minimum=1
    )
    reopen_days: int = parameter(
        default=30,
        label=Label("days in which the same complaint can be reopened", "可恢复原投诉的天数"),
        unit=DAYS,
        minimum=0,
        ours=True,
    )


@rule_set("core.word_of_mouth", Label("Word of mouth", "口碑"))
class WordOfMouthRules(RuleSet):
    """Planning figures of the trust essay, not measurements (CORE-40)."""

    told_by_satisfied: int = parameter(
        default=3,
        label=Label("people told by a satisfied customer", "满意客户告知人数"),
        unit=PEOPLE,
        minimum=0,
    )
    told_by_dissatisfied: int = parameter(
        default=10,
        label=Label("people told by a dissatisfied customer", "不满意客户告知人数"),
        unit=PEOPLE,
        minimum=0,
    )
    buy_again: Decimal = parameter(
        default=Decimal(95),
        label=Label(
            "share of complainers solved quickly who buy again", "投诉得到迅速解决后再次购买的客户比例"
        ),
        unit=PERCENT,
        minimum=0,
        maximum=100,
    )
    quick_days: int = parameter(
        default=3,
        label=Label("days that count as quickly", "视为迅速解决的天数"),
        unit=DAYS,
        minimum=0,
        ours=True,
    )


@attrs.frozen
class ChainStep:
    """One step of a standard chain.

    Args:
        code: its name within the chain.
        post: who is to take it.
        limit: working days from the step before, or from the request.
    """

    code: str
    post: str
    limit: int


Chains = Mapping[str, tuple[ChainStep, ...]]


def _fault_chain() -> dict[str, tuple[ChainStep, ...]]:
    return {
        "fault": (
            ChainStep("accept", "service_desk", 1),
            ChainStep("diagnose", "technician", 2),
            ChainStep("repair", "technician", 5),
        ),
        "repair": (
            ChainStep("accept", "service_desk", 1),
            ChainStep("repair", "technician", 5),
        ),
        "consultation": (ChainStep("answer", "service_desk", 2),),
    }


def _special_chains() -> dict[str, tuple[ChainStep, ...]]:
    return {
        "fault": (
            ChainStep("accept", "account_manager", 1),
            ChainStep("diagnose", "senior_technician", 1),
            ChainStep("repair", "senior_technician", 2),
        ),
        "repair": (
            ChainStep("accept", "account_manager", 1),
            ChainStep("repair", "senior_technician", 2),
        ),
    }


def _chains(_: object, attribute: attrs.Attribute[Any], value: Chains) -> None:
    for name, steps in value.items():
        codes = [s.code for s in steps]
        if not steps or len(set(codes)) < len(codes) or any(s.limit < 1 or not s.code for s in steps):
            raise Invalid(
                "out_of_scale",
                f"the chain {name} of {attribute.name} has no steps, one twice, or a limit below a day",
                zh=f"{attribute.name} 的流程 {name} 无步骤、步骤重复或期限不足一天",
                rule="CORE-36",
                accepts="at least one step, each with its own code and a limit of one working day or more",
            )


@rule_set("core.service_requests", Label("Service requests", "服务请求"))
class ServiceRules(RuleSet):
    """Standard chains by class of need, and those of special customers (CORE-36)."""

    chains: Chains = parameter(
        factory=_fault_chain,
        label=Label("chain of steps by class of need", "各类需求的标准流程"),
        validator=_chains,
        ours=True,
    )
    special_chains: Chains = parameter(
        factory=_special_chains,
        label=Label("chain of steps of special customers", "大客户及专业客户的专门流程"),
        validator=_chains,
        ours=True,
    )
    special_classes: tuple[str, ...] = parameter(
        default=("key_account", "professional"),
        label=Label("classes whose customers are special", "适用专门流程的客户类别"),
        ours=True,
    )

    def chain(self, name: str) -> tuple[ChainStep, ...]:
        """Return the steps of a chain by its name, ``fault`` or ``special/fault``; none where there is no such chain."""
        special, _, need_class = name.rpartition("/")
        return (self.special_chains if special else self.chains).get(need_class, ())

    def chain_for(self, need_class: str, special: bool) -> str | None:
        """Return the name of the chain that a class of need starts, or None; without a special one, the standard one counts."""
        if special and need_class in self.special_chains:
            return f"special/{need_class}"
        return need_class if need_class in self.chains else None


@rule_set("core.satisfaction", Label("Satisfaction", "满意度"))
class SatisfactionRules(RuleSet):
    """Scales of CSAT and NPS, and the window they are shown over (CORE-37)."""

    window_months: int = parameter(
        default=12, label=Label("full months of the window", "统计窗口整月数"), unit=MONTHS, minimum=1
    )
    csat_lowest: int = parameter(default=1, label=Label("lowest CSAT score", "满意度最低分"))
    csat_highest: int = parameter(default=5, label=Label("highest CSAT score", "满意度最高分"))
    csat_satisfied_from: int = parameter(default=4, label=Label("satisfied from", "满意起点"))
    csat_dissatisfied_to: int = parameter(
        default=2, label=Label("dissatisfied up to", "不满意上限"), ours=True
    )
    nps_lowest: int = parameter(default=0, label=Label("lowest NPS score", "净推荐值最低分"))
    nps_highest: int = parameter(default=10, label=Label("highest NPS score", "净推荐值最高分"))
    nps_promoter_from: int = parameter(default=9, label=Label("promoter from", "推荐者起点"))
    nps_detractor_to: int = parameter(default=6, label=Label("detractor up to", "贬损者上限"))

    def bounds(self, scale: str) -> tuple[int, int] | None:
        """Return the lowest and highest score of a scale, or None for one that is not known."""
        return {
            "csat": (self.csat_lowest, self.csat_highest),
            "nps": (self.nps_lowest, self.nps_highest),
        }.get(scale)


def _methods() -> tuple[VisitMethod, ...]:
    return ("after_delivery", "after_complaint", "importance", "silent", "random_sample")


@rule_set("core.return_visits", Label("Return visits", "回访"))
class ReturnVisitRules(RuleSet):
    """Who is called, until when, and how often it is tried (CORE-38)."""

    methods: tuple[VisitMethod, ...] = parameter(
        factory=_methods, label=Label("methods of selection in use", "启用的选取方法"), ours=True
    )
    after_delivery_days: int = parameter(
        default=7, label=Label("days after delivery", "交货后天数"), unit=DAYS, minimum=1, ours=True
    )
    after_complaint_days: int = parameter(
        default=3,
        label=Label("days after a complaint is closed", "投诉办结后天数"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )
    drawn_days: int = parameter(
        default=30,
        label=Label("days after a selection over all customers", "批量选取后天数"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )
    attempts: int = parameter(
        default=3,
        label=Label("attempts on different days until unreachable", "判定无法联系前的不同日次数"),
        unit=TIMES,
        minimum=1,
        ours=True,
    )
    important_classes: tuple[str, ...] = parameter(
        default=("vip", "main", "platinum", "gold", "key_account"),
        label=Label("classes that are visited by importance", "按重要程度回访的类别"),
        ours=True,
    )
    silent_months: int = parameter(
        default=6,
        label=Label("months without a two-way contact until silent", "无双向联系视为沉默的月数"),
        unit=MONTHS,
        minimum=1,
        ours=True,
    )

    def days_after(self, method: str) -> int:
        """Return in how many days a customer selected by a method is to be called."""
        return {
            "after_delivery": self.after_delivery_days,
            "after_complaint": self.after_complaint_days,
        }.get(method, self.drawn_days)


@attrs.frozen
class NeedMark:
    """One line of the ordered list by which needs are classified.

    Args:
        by: whether ``text`` is looked for in the customer's words or is the product.
        text: a word, or a product.
        need_class: the class of what fits.
    """

    by: Literal["word", "product"]
    text: str
    need_class: str


def _marks(_: object, attribute: attrs.Attribute[Any], value: tuple[NeedMark, ...]) -> None:
    if any(not m.text.strip() or not m.need_class.strip() for m in value):
        raise Invalid(
            "out_of_scale",
            "a line of the list has no word or no class",
            zh="分类清单中有空的词或类别",
            rule="CORE-82",
            accepts="lines with a word or product and a class",
        )


@rule_set("core.needs", Label("Customer needs", "客户需求"))
class NeedRules(RuleSet):
    """How needs are classified and until when they are answered (CORE-82)."""

    marks: tuple[NeedMark, ...] = parameter(
        default=(),
        label=Label("ordered words and products with their classes", "有序的词、产品及其类别"),
        validator=_marks,
    )
    need_plan_working_days: int = parameter(
        default=5,
        label=Label("working days until the service plan", "提交服务计划的工作日数"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )

    def fitting(self, wording: str, product: str | None) -> NeedMark | None:
        """Return the first line that fits what the customer said, or None."""
        said = wording.casefold()
        for mark in self.marks:
            fits = mark.text == product if mark.by == "product" else mark.text.casefold() in said
            if fits:
                return mark
        return None


@rule_set("core.trials", Label("New-product trials", "新品试用"))
class TrialRules(RuleSet):
    """Until when the impression of a trial is asked for (CORE-90)."""

    impression_days: int = parameter(
        default=7,
        label=Label("days until the impression", "试用反馈期限"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )


RULE_SETS = (
    ComplaintRules,
    WordOfMouthRules,
    ServiceRules,
    SatisfactionRules,
    ReturnVisitRules,
    NeedRules,
    TrialRules,
)
