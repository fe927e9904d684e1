"""What a host may set about credit, arrears, collection, warnings and installed products."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from guanxi.kernel.labels import Label
from guanxi.kernel.rules import RuleSet, parameter, rule_set

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


RULE_SETS = (ArrearsRules, CollectionRules, WarningRules, InstalledRules)
