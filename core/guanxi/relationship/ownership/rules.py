"""What a host may set about ownership."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

WORKING_DAYS = Label("working days", "个工作日")
CUSTOMERS = Label("customers", "个客户")


def _conditions(text: str) -> dict[str, str]:
    return dict(one.split("=", 1) for one in text.split("&"))


def _readable(_: object, attribute: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    for conditions in value:
        if not all(name and sign for name, sign, _ in (one.partition("=") for one in conditions.split("&"))):
            raise Invalid(
                "out_of_scale",
                f"{conditions!r} is no condition of a routing table",
                zh=f"{conditions!r} 不是分派表条件",
                rule="CORE-21",
                accepts="field=value, several of them joined by &",
            )


@rule_set("core.ownership", Label("Ownership", "客户归属"))
class OwnershipRules(RuleSet):
    """Who may answer for how many customers, and how they go over (CORE-19 to CORE-21)."""

    max_customers: int | None = parameter(
        None,
        label=Label("customers of one maintainer, at most", "每位维护人的客户上限"),
        unit=CUSTOMERS,
        minimum=1,
        ours=True,
    )
    accept_working_days: int = parameter(
        3,
        label=Label("days to accept a hand-over", "交接接收期限"),
        unit=WORKING_DAYS,
        minimum=1,
        ours=True,
    )
    auto_route: bool = parameter(
        default=False,
        label=Label("the routing table assigns by itself", "按分派表自动分派"),
        ours=True,
    )
    routes: Mapping[str, str] = parameter(
        factory=dict,
        label=Label("maintainer by conditions", "分派表"),
        validator=_readable,
    )
    overseen_classes: tuple[str, ...] = parameter(
        (
            "four_class:vip",
            "four_class:main",
            "value_potential:platinum",
            "value_potential:gold",
            "importance:1",
            "importance:2",
        ),
        label=Label("classes that leaders oversee, by scheme", "需领导维护的类别"),
        ours=True,
    )

    def route(self, known: Mapping[str, str]) -> tuple[str, str] | None:
        """Return the row of the routing table that fits a customer and whom it names; None where none fits.

        Of several rows that fit, the one with the most conditions counts, then the first in order of its text.

        Args:
            known: what is known of the customer, by field.
        """
        table = ((row, _conditions(row), person) for row, person in self.routes.items())
        fitting = [
            (-len(conditions), row, person)
            for row, conditions, person in table
            if all(known.get(name) == value for name, value in conditions.items())
        ]
        if not fitting:
            return None
        _, row, person = min(fitting)
        return row, person

    def is_overseen(self, scheme: str, grade: str) -> bool:
        """Return whether leaders oversee customers of a class."""
        return f"{scheme}:{grade}" in self.overseen_classes
