"""What a host may set about credit, arrears, collection, warnings, installed products and groups of buyers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set
from guanxi.relationship.campaigns.segments import read_criteria

DAYS, MONTHS, MONEY, PERCENT = (
    Label("days", "天"),
    Label("months", "个月"),
    Label("money", "金额"),
    Label("%", "%"),
)


@rule_set("core.arrears", Label("Old arrears", "老欠款"))
class ArrearsRules(RuleSet):
    """When an overdue receivable holds a new order or contract (CORE-30)."""

    arrears_min: Decimal = parameter(
        default=Decimal("0.01"),
        label=Label("arrears from", "欠款起点"),
        unit=MONEY,
        above=Decimal(0),
        ours=True,
    )
    arrears_grace_days: int = parameter(
        default=0, label=Label("days of grace", "宽限天数"), unit=DAYS, minimum=0, ours=True
    )


@rule_set("core.collection", Label("Collection", "回款"))
class CollectionRules(RuleSet):
    """How overdue receivables are sorted by age (CORE-32)."""

    bucket_days: tuple[int, ...] = parameter(
        default=(30, 60, 90, 180),
        label=Label("last overdue day of each bucket", "各账龄段末日"),
        unit=DAYS,
        minimum=1,
        ours=True,
    )

    def bucket(self, days: int) -> str:
        """Return the name of the bucket of a receivable that many days overdue, such as ``31-60``."""
        if days <= 0:
            return "not_due"
        first = 1
        for last in self.bucket_days:
            if days <= last:
                return f"{first}-{last}"
            first = last + 1
        return f">{first - 1}"

    def buckets(self) -> tuple[str, ...]:
        """Return the names of all buckets, in order of age."""
        edges = (0, *self.bucket_days, self.bucket_days[-1] + 1 if self.bucket_days else 1)
        return tuple(self.bucket(edge) for edge in edges)


@rule_set("core.warnings", Label("Early warning", "预警"))
class WarningRules(RuleSet):
    """From when a receivable, the exposure or a contract's end is warned of (CORE-33).

    A line by risk mark takes the place of the general one where the customer bears that mark.
    """

    due_soon_days: int = parameter(
        default=7, label=Label("due within", "到期前"), unit=DAYS, minimum=0, ours=True
    )
    overdue_days: int = parameter(
        default=1, label=Label("overdue from day", "逾期起算日"), unit=DAYS, minimum=1, ours=True
    )
    exposure_percent: Decimal = parameter(
        default=Decimal(90),
        label=Label("exposure of the limit", "占用额度比例"),
        unit=PERCENT,
        above=Decimal(0),
        ours=True,
    )
    contract_end_days: int = parameter(
        default=30, label=Label("contract ends within", "合同到期前"), unit=DAYS, minimum=0, ours=True
    )
    mark_scheme: str = parameter(
        default="risk_mark", label=Label("scheme of the risk marks", "市场记号方案"), ours=True
    )
    due_soon_days_by_mark: Mapping[str, int] = parameter(
        factory=dict, label=Label("due within, by risk mark", "到期前（按市场记号）"), unit=DAYS, minimum=0
    )
    exposure_percent_by_mark: Mapping[str, Decimal] = parameter(
        factory=dict,
        label=Label("exposure of the limit, by risk mark", "占用额度比例（按市场记号）"),
        unit=PERCENT,
        above=Decimal(0),
    )

    def soon(self, mark: str) -> int:
        """Return how many days ahead a due day is warned of for a customer with that risk mark."""
        return self.due_soon_days_by_mark.get(mark, self.due_soon_days)

    def exposure_line(self, limit: Decimal, mark: str) -> Decimal:
        """Return the exposure from which a limit is warned of for a customer with that risk mark."""
        return limit * self.exposure_percent_by_mark.get(mark, self.exposure_percent) / 100


@rule_set("core.installed_products", Label("Installed products", "装机档案"))
class InstalledRules(RuleSet):
    """How long installed products are under warranty (CORE-87)."""

    warranty_months: Mapping[str, int] = parameter(
        factory=dict, label=Label("warranty by product", "各产品保修期"), unit=MONTHS, minimum=0
    )
    warranty_months_otherwise: int | None = parameter(
        default=None, label=Label("warranty of other products", "其他产品保修期"), unit=MONTHS, minimum=0
    )

    def months(self, product: str) -> int | None:
        """Return the months of a product's warranty, or None where none is set."""
        return self.warranty_months.get(product, self.warranty_months_otherwise)


UNGROUPED = "ungrouped"
"""The group of customers whom no other takes."""


def _ladder(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    names = [_group(text)[0] for text in value]
    for text in value:
        read_criteria(_group(text)[1])
    if "" in names or UNGROUPED in names or len(set(names)) < len(names):
        raise Invalid(
            "out_of_scale",
            f"{attribute.name}: {', '.join(names)}",
            zh=f"{attribute.name}：{', '.join(names)}",
            rule="CORE-48",
            accepts="each group with a name of its own before the colon, such as regular: orders >= 4",
        )


def _group(text: str) -> tuple[str, str]:
    name, _, criteria = text.partition(":")
    return name.strip(), criteria.strip()


@rule_set("core.purchase_groups", Label("Behaviour and purchase groups", "行为与购买分组"))
class PurchaseGroupRules(RuleSet):
    """Into which group customers fall by how they buy; the first one that fits takes a customer (CORE-48).

    A group is a name, a colon, and conditions divided by semicolons, such as ``regular: orders >= 4; days_since <= 90``.
    Conditions ask for ``orders``, ``amount``, ``average`` ticket, ``products``, ``families``, ``days_since`` the last order,
    all within the days looked at, ``months`` of relationship, the main ``channel``, or any field of the profile.
    """

    groups: tuple[str, ...] = parameter(
        default=(
            "new: months < 6; orders >= 1",
            "frequent: orders >= 6",
            "regular: orders >= 2",
            "occasional: orders = 1",
            "not_buying: orders = 0",
        ),
        label=Label("groups, in order", "分组（依次判定）"),
        validator=_ladder,
        ours=True,
    )

    def ladder(self) -> tuple[tuple[str, str], ...]:
        """Return the groups' names with their criteria, in order."""
        return tuple(map(_group, self.groups))


RULE_SETS = (ArrearsRules, CollectionRules, WarningRules, InstalledRules, PurchaseGroupRules)
