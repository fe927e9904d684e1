"""What a host may set about the life cycle, trust, contact persons and return."""

from __future__ import annotations

from decimal import Decimal

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

MONTHS = Label("months", "个月")
PROMISES = Label("promises", "个承诺")
WORKING_DAYS = Label("working days", "个工作日")
PER_CENT = "%"
CORE = "core"


@rule_set("core.lifecycle", Label("Life cycle", "生命周期"))
class LifecycleRules(RuleSet):
    """When a relationship lapses, and how long a return stays one (CORE-16, CORE-61)."""

    lapse_after_months: int = parameter(
        12, label=Label("silent until lapsed", "休眠前静默期"), unit=MONTHS, minimum=1, ours=True
    )
    won_back_months: int = parameter(
        3, label=Label("a return counts as one for", "挽回观察期"), unit=MONTHS, minimum=1, ours=True
    )
    winback_months: int = parameter(
        6,
        label=Label("an attempt is credited with a return within", "挽回归功期限"),
        unit=MONTHS,
        minimum=1,
        ours=True,
    )
    lapse_rule: str = parameter(
        CORE,
        label=Label("whose rule says that a relationship lapsed: core, or a plugin's name", "休眠判定方"),
        ours=True,
    )


@rule_set("core.trust", Label("Trust", "信任"))
class TrustRules(RuleSet):
    """What it takes for trust to be enhanced (CORE-17)."""

    enhance_months: int = parameter(
        24, label=Label("after the first sale", "距首次成交"), unit=MONTHS, minimum=0, ours=True
    )
    enhance_promises: int = parameter(
        5,
        label=Label("promises that fell due, at least", "到期承诺下限"),
        unit=PROMISES,
        minimum=0,
        ours=True,
    )
    enhance_kept_percent: Decimal = parameter(
        Decimal(90),
        label=Label("of them kept, at least", "履约率下限"),
        unit=PER_CENT,
        minimum=Decimal(0),
        maximum=Decimal(100),
        ours=True,
    )


@rule_set("core.contact_persons", Label("Contact persons", "联系人"))
class ContactPersonRules(RuleSet):
    """What follows from who the key persons are (CORE-18)."""

    key_person_review_working_days: int = parameter(
        10,
        label=Label("days to review after a change of key person", "关键人物变动复核期限"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )
    key_person_importance: tuple[int, ...] = parameter(
        (1, 2), label=Label("importance that takes a key person", "须有关键人物的重要程度")
    )
