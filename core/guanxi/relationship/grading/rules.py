"""What a host may set about classes, value, loyalty and churn warnings."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

PERCENT, DAYS, MONTHS, MONEY = (
    Label("%", "%"),
    Label("days", "天"),
    Label("months", "个月"),
    Label("money", "金额"),
)
TIMES = Label("times", "倍")
WHOLE = Decimal(100)
"""A whole, in per cent."""

HIGHEST, LOWEST = 1, 4
"""The levels of importance: the most important customers, and the rest."""


@rule_set("core.grading", Label("Grading", "客户分级"))
class GradingRules(RuleSet):
    """How often customers are graded, and the firm's own ladders of classes by a score (CORE-53).

    ``lines`` says from which score on a class is given, by ``scheme/class``: ``credit_grade/A`` from 80. The class with the
    highest line that is reached counts; a ladder needs a line that everybody reaches.
    """

    regrade_months: int = parameter(
        12, label=Label("months until the next grading", "重新评级间隔"), unit=MONTHS, minimum=1, ours=True
    )
    lines: Mapping[str, Decimal] = parameter(
        factory=dict, label=Label("score from which a class is given", "各级起始分值"), ours=True
    )
    high_risk: tuple[str, ...] = parameter(
        ("high",), label=Label("risk marks that count as high", "高风险市场记号"), ours=True
    )
    low_risk: tuple[str, ...] = parameter(
        ("low",), label=Label("risk marks that count as low", "低风险市场记号"), ours=True
    )
    good_credit: tuple[str, ...] = parameter(
        ("A",), label=Label("credit grades that count as good", "良好信用等级"), ours=True
    )
    eliminate: tuple[str, ...] = parameter(
        (), label=Label("risk marks whose customers may be eliminated", "可淘汰的市场记号"), ours=True
    )

    def ladder(self, scheme: str) -> list[tuple[str, Decimal]]:
        """Return the classes of a scheme with their lines, the highest first.

        Args:
            scheme: whose.
        """
        found = [
            (name.partition("/")[2], line)
            for name, line in self.lines.items()
            if name.partition("/")[0] == scheme
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def payment_terms(self, risk: str | None, credit: str | None) -> str:
        """Return whether contract and payment terms are ``strict``, ``relaxed`` or ``normal``.

        Args:
            risk: the risk mark in force.
            credit: the credit grade in force.
        """
        if risk in self.high_risk:
            return "strict"
        return "relaxed" if risk in self.low_risk and credit in self.good_credit else "normal"


@rule_set("core.value", Label("Customer value", "客户价值"))
class ValueRules(RuleSet):
    """In which currency and over how many months value is measured (CORE-54, CORE-55, CORE-57)."""

    currency: str = parameter("CNY", label=Label("currency", "币种"), ours=True)
    months: int = parameter(
        12, label=Label("full months measured", "计量完整月数"), unit=MONTHS, minimum=1, ours=True
    )


def _descending(lines: tuple[Decimal, ...], count: int | None) -> None:
    if count is not None and len(lines) != count:
        raise ValueError(f"{len(lines)} lines for {count + 1} classes; {count} are needed")
    if list(lines) != sorted(lines, reverse=True):
        raise ValueError(f"lines {', '.join(map(str, lines))} do not descend")


@rule_set("core.four_classes", Label("Four classes", "四类客户"))
class FourClassRules(RuleSet):
    """How the four classes are cut, by rank or by absolute lines (CORE-54).

    ``classes`` names the ladder, the best first; other ladders, such as strategic, key, general and retail, use the same rule.
    """

    method: Literal["rank", "lines"] = parameter(
        "rank", label=Label("cut by rank or by absolute lines", "按名次或按金额划分"), ours=True
    )
    classes: tuple[str, str, str, str] = parameter(
        ("vip", "main", "ordinary", "small"), label=Label("names of the classes", "各类名称")
    )
    shares: tuple[Decimal, Decimal, Decimal] = parameter(
        (Decimal(5), Decimal(20), Decimal(50)),
        label=Label("share of customers above each cut", "各分界以上的客户比例"),
        unit=PERCENT,
        minimum=Decimal(0),
        maximum=WHOLE,
        ours=True,
    )
    lines: tuple[Decimal, ...] = parameter(
        (), label=Label("contribution from which a class is given", "各类起始贡献额"), unit=MONEY, ours=True
    )
    price_terms: Mapping[str, str] = parameter(
        factory=dict, label=Label("price terms of a class", "各类价格条件"), ours=True
    )
    service_terms: Mapping[str, str] = parameter(
        factory=dict, label=Label("service terms of a class", "各类服务条件"), ours=True
    )

    def __attrs_post_init__(self) -> None:
        _descending(self.lines, len(self.classes) - 1 if self.method == "lines" else None)
        if list(self.shares) != sorted(self.shares):
            raise ValueError(f"shares {', '.join(map(str, self.shares))} do not ascend")


@rule_set("core.value_potential", Label("Value and potential", "价值与潜力"))
class ValuePotentialRules(RuleSet):
    """From where on value and potential are high; the host must set both (CORE-55)."""

    value_cut: Decimal | None = parameter(
        None, label=Label("current value is high from", "当前价值高的起点"), unit=MONEY
    )
    potential_cut: Decimal | None = parameter(
        None, label=Label("potential is high from", "增长潜力高的起点"), minimum=Decimal(0)
    )
    measure: Literal["revenue", "contribution"] = parameter(
        "revenue", label=Label("what current value is", "当前价值口径"), ours=True
    )


@rule_set("core.concentration", Label("ABC and 80/20", "ABC 与 80/20"))
class ConcentrationRules(RuleSet):
    """Where ABC classes are cut, and what concentration is compared with (CORE-56)."""

    a_below: Decimal = parameter(
        Decimal(80), label=Label("A while the share before is below", "A 类：前列占比低于"), unit=PERCENT
    )
    b_below: Decimal = parameter(
        Decimal(95),
        label=Label("B while the share before is below", "B 类：前列占比低于"),
        unit=PERCENT,
        ours=True,
    )
    top: Decimal = parameter(
        Decimal(20), label=Label("the top customers", "前列客户"), unit=PERCENT, above=0, maximum=WHOLE
    )
    top_share: Decimal = parameter(
        Decimal(80), label=Label("share the top is compared with", "前列占比对照值"), unit=PERCENT
    )
    key_share: Decimal = parameter(
        Decimal(50), label=Label("share of volume of key accounts", "重点客户占比对照值"), unit=PERCENT
    )
    resource_share: Decimal = parameter(
        Decimal(80), label=Label("share of resources of the top", "前列资源占比对照值"), unit=PERCENT
    )


def _levels() -> dict[str, int]:
    return {"vip": 1, "platinum": 1, "main": 2, "gold": 2, "ordinary": 3, "iron": 3}


@rule_set("core.importance", Label("Importance", "重要程度"))
class ImportanceRules(RuleSet):
    """Which class makes a customer how important, and when one is a problem (CORE-58).

    ``levels`` names a class alone or with its scheme, ``retail.spend_class/vip``; what it does not name is of the lowest level.
    """

    levels: Mapping[str, int] = parameter(
        factory=_levels,
        label=Label("level by class", "各类对应级别"),
        minimum=HIGHEST,
        maximum=LOWEST,
        ours=True,
    )
    key_level: int = parameter(
        1, label=Label("level of key customers", "重点客户级别"), minimum=HIGHEST, maximum=LOWEST, ours=True
    )
    overdue_days: int = parameter(
        30, label=Label("days overdue, more than", "逾期天数超过"), unit=DAYS, minimum=0, ours=True
    )

    def level(self, scheme: str, grade: str) -> int:
        """Return the level that a class gives.

        Args:
            scheme: of what scheme it is.
            grade: the class.
        """
        return self.levels.get(f"{scheme}/{grade}", self.levels.get(grade, LOWEST))


@rule_set("core.loyalty", Label("Loyalty", "忠诚度"))
class LoyaltyRules(RuleSet):
    """Over how long loyalty is measured; the index is off until all weights are given (CORE-59)."""

    months: int = parameter(
        12,
        label=Label("months of consumption and service", "消费与服务月数"),
        unit=MONTHS,
        minimum=1,
        ours=True,
    )
    duration_weight: Decimal | None = parameter(
        None, label=Label("weight of duration", "关系时长权重"), minimum=Decimal(0)
    )
    quantity_weight: Decimal | None = parameter(
        None, label=Label("weight of quantity", "消费量权重"), minimum=Decimal(0)
    )
    service_weight: Decimal | None = parameter(
        None, label=Label("weight of service time", "服务时长权重"), minimum=Decimal(0)
    )

    @property
    def weights(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """The weights of duration, quantity and service time; None while one is missing."""
        given = (self.duration_weight, self.quantity_weight, self.service_weight)
        if None in given:
            return None
        return tuple(w for w in given if w is not None)  # type: ignore[return-value]


def _ours(
    default: Any, en: str, zh: str, unit: str | Label = "", *, minimum: Any = None, above: Any = None
) -> Any:
    """Declare a parameter whose default no source gives."""
    return parameter(default, label=Label(en, zh), unit=unit, minimum=minimum, above=above, ours=True)


@rule_set("core.churn", Label("Churn warning", "流失预警"))
class ChurnRules(RuleSet):
    """What counts as a sign of leaving, and how many of them make a warning (CORE-60)."""

    silence_times: Decimal = _ours(
        Decimal(2),
        "silent for so many of the own median intervals",
        "沉默达自身间隔中位数的倍数",
        TIMES,
        above=0,
    )
    least_intervals: int = _ours(3, "intervals needed", "所需间隔数", minimum=1)
    spend_months: int = _ours(3, "months of spend compared", "比较消费的月数", MONTHS, minimum=1)
    spend_percent: Decimal = _ours(
        Decimal(50), "spend at or below this share of that before", "消费不高于前期的比例", PERCENT, minimum=0
    )
    contact_times: int = _ours(2, "contact intervals without contact", "未联络的间隔数", TIMES, minimum=1)
    key_person_days: int = _ours(90, "days after a key person left", "关键人物离任后天数", DAYS, minimum=0)
    survey_days: int = _ours(90, "days after a poor answer", "低分答复后天数", DAYS, minimum=0)
    csat_at_most: int = _ours(2, "satisfaction at or below", "满意度不高于", minimum=0)
    nps_at_most: int = _ours(6, "would recommend at or below", "推荐意愿不高于", minimum=0)
    strong_needed: int = _ours(1, "strong signs for a warning", "预警所需强信号数", minimum=1)
    weak_needed: int = _ours(2, "weak signs for a warning", "预警所需弱信号数", minimum=1)


RULE_SETS = (
    GradingRules,
    ValueRules,
    FourClassRules,
    ValuePotentialRules,
    ConcentrationRules,
    ImportanceRules,
    LoyaltyRules,
    ChurnRules,
)
