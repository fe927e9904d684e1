"""Rule sets of car retail: the national price list, what a vehicle order needs, and the three days for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import CalendarRules, Label, RuleSet, Term, Unknown, parameter, rule_set
from guanxi_retail.cars.commands import FORMALITIES
from guanxi_retail.parameters import DAYS, MONEY, ours

Unit = Literal["calendar_days", "working_days"]


@rule_set("retail.national_prices", Label("National retail prices", "全国统一零售价"))
class NationalPriceRules(RuleSet):
    """The one price of each model, in force from a day on (RET-49)."""

    prices: Mapping[str, Decimal] = parameter(
        factory=dict, label=Label("price by model", "车型价格"), unit=MONEY, above=Decimal(0)
    )
    currency: str = ours("CNY", "currency", "币种")


def _known_formalities(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    if wrong := [kind for kind in value if kind not in FORMALITIES]:
        raise Unknown(
            "unknown_code",
            f"{wrong[0]!r} is no formality of a vehicle",
            zh=f"车辆手续中没有 {wrong[0]!r}",
            rule="RET-50",
            accepts=", ".join(FORMALITIES),
        )


@rule_set("retail.vehicle_orders", Label("Vehicle orders", "购车规则"))
class VehicleOrderRules(RuleSet):
    """What formalities and pick-up need, and who confirms a contract (RET-49, RET-50)."""

    required_documents: tuple[str, ...] = parameter(
        default=(), label=Label("documents needed for the formalities", "办理手续所需资料")
    )
    formalities_before_pick_up: tuple[str, ...] = parameter(
        default=(),
        label=Label("formalities needed before the pick-up", "提车前须办妥的手续"),
        validator=_known_formalities,
        ours=True,
    )
    sales_managers: tuple[str, ...] = ours(
        (),
        "who may confirm a contract; anybody but its consultant where nobody is named",
        "可确认合同的销售经理；未指定时为起草顾问以外的人员",
    )

    def may_confirm(self, person: str, consultant: str) -> bool:
        """Return whether a person may confirm a contract.

        Args:
            person: who.
            consultant: who drew it up.
        """
        return person in self.sales_managers if self.sales_managers else person != consultant


@rule_set("retail.vehicle_feedback", Label("Feedback to dealer and maker", "经销商及厂商反馈"))
class VehicleFeedbackRules(RuleSet):
    """Within which time feedback is followed by a call and a truthful answer (RET-51)."""

    days: int = parameter(
        default=3,
        label=Label("days for the call and for the answer", "通知及答复期限"),
        unit=DAYS,
        minimum=1,
        maximum=366,
    )
    unit: Unit = parameter(default="calendar_days", label=Label("which days are counted", "期限按何种日计算"))
    received_by: tuple[str, ...] = parameter(
        default=("dealer", "head_office"),
        label=Label("complaints received by", "受理投诉方"),
    )
    feedback_categories: tuple[str, ...] = ours(
        ("dealer", "maker"), "categories of other feedback it holds for", "适用的其他反馈类别"
    )

    def term(self, calendar: CalendarRules, received: Any) -> Term:
        """Return the term of call and answer, the day of receipt not counted.

        Args:
            calendar: the calendar in force.
            received: the day of receipt.
        """
        count = calendar.working_days if self.unit == "working_days" else calendar.days
        return count(received, self.days)


RULE_SETS = (NationalPriceRules, VehicleOrderRules, VehicleFeedbackRules)
