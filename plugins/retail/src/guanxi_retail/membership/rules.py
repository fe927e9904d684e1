"""Rule sets of membership: the form, the card by one purchase, consumer intake, incentives step by step."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Invalid, Label, RuleSet, parameter, rule_set
from guanxi_retail.parameters import DAYS, MONEY, MONTHS, TIMES, ours

CardScope = Literal["receipt", "day"]


def _country_codes() -> dict[str, str]:
    return {"CN": "+86"}


def _mobile_patterns() -> dict[str, str]:
    return {"CN": "1[3-9][0-9]{9}"}


@rule_set("retail.enrolment", Label("Enrolment", "入会规则"))
class EnrolmentRules(RuleSet):
    """What a form must hold, and how a mobile number is read (RET-01).

    The region of numbers without a country code is the programme's (the core's ``core.telephone``). Numbers of a region that
    has no pattern here are read as the core reads telephone numbers.
    """

    mandatory: tuple[str, ...] = ours(("name", "mobile"), "fields that a form must hold", "表单必填项")
    country_codes: Mapping[str, str] = parameter(
        factory=_country_codes, label=Label("country code by region", "各地区国家代码")
    )
    mobile_patterns: Mapping[str, str] = parameter(
        factory=_mobile_patterns, label=Label("form of a mobile number by region", "各地区手机号格式")
    )


@rule_set("retail.card", Label("Card by purchase", "购物办卡规则"))
class CardRules(RuleSet):
    """What a purchase has to reach so that it entitles to a card (RET-04)."""

    areas: tuple[str, ...] = parameter(
        ("cosmetics",),
        label=Label("areas whose lines count", "计入的区域"),
    )
    threshold: Decimal = parameter(
        Decimal("500.00"),
        label=Label("money paid that entitles to a card", "办卡金额"),
        unit=MONEY,
        above=Decimal(0),
    )
    scope: CardScope = parameter("receipt", label=Label("what is added up", "累计范围"))


def _withheld() -> tuple[str, ...]:
    return ("anonymous", "private", "withheld", "restricted", "unavailable")


@rule_set("retail.caller", Label("Caller card", "来电弹屏规则"))
class CallerRules(RuleSet):
    """What a call shows, and which words of the exchange say that the number is withheld (RET-03)."""

    recent_purchases: int = ours(5, "recent purchases shown", "显示最近消费笔数", TIMES, minimum=0)
    withheld: tuple[str, ...] = ours(
        _withheld(), "what the exchange says of a withheld number", "隐藏号码的标志"
    )


def _steps(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    for name in value:
        product, _slash, pieces = name.rpartition("/")
        if not product or not pieces.isdecimal() or int(pieces) < 1:
            raise Invalid(
                "out_of_scale",
                f"{attribute.name} has a step {name!r}",
                zh=f"{attribute.name} 含有 {name!r}",
                rule="RET-05",
                accepts="a product and the pieces that reach the step, such as serum/3",
            )


@rule_set("retail.intake", Label("Consumer intake", "消费者收集规则"))
class IntakeRules(RuleSet):
    """Where consumers are collected, and by what they are classified (RET-05).

    The criteria of the three screenings are the written outline of the core's ``core.screening``.
    """

    channels: tuple[str, ...] = parameter(
        ("media", "outdoor", "point_of_sale"), label=Label("source channels", "收集渠道")
    )
    new_days: int = ours(
        90, "a consumer is new until so many days after his first purchase", "新客户天数", DAYS, minimum=0
    )
    use_months: tuple[int, ...] = ours(
        (12, 36), "bounds of the length of use", "使用时长分界", MONTHS, minimum=1
    )
    spend: tuple[Decimal, ...] = ours(
        (Decimal(1000), Decimal(5000)), "bounds of the spend", "消费额分界", MONEY, minimum=Decimal(0)
    )


@rule_set("retail.incentives", Label("Incentives step by step", "逐级激励"))
class IncentiveRules(RuleSet):
    """What a consumer is given when he has bought so many pieces of a product (RET-05).

    A step is named by its product and, behind a slash, the pieces that reach it: ``serum/3``; it says what is given.
    """

    steps: Mapping[str, str] = parameter(
        factory=dict, label=Label("incentive by product and pieces", "各产品各级激励"), validator=_steps
    )

    @property
    def products(self) -> Mapping[str, list[tuple[int, str]]]:
        """The steps of each product, the lowest first."""
        found: dict[str, list[tuple[int, str]]] = {}
        for name, incentive in self.steps.items():
            product, _, pieces = name.rpartition("/")
            found.setdefault(product, []).append((int(pieces), incentive))
        return {product: sorted(steps) for product, steps in found.items()}


RULE_SETS = (EnrolmentRules, CardRules, CallerRules, IntakeRules, IncentiveRules)
