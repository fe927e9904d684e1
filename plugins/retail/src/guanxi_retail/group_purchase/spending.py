"""Whether what a customer bought reaches what the VIP list asks for (RET-39)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi_retail.group_purchase.events import VipAdmitted
from guanxi_retail.group_purchase.rules import VipRules
from guanxi_retail.purchases.purchases import Purchases, SoldLine


def left_of(line: SoldLine) -> Decimal:
    """Return what of a line was not returned."""
    return line.net - line.refunded_net


def grade_of(line: SoldLine) -> str | None:
    """Return a line's grade, or None where it was not told."""
    return None if line.what is None else line.what.grade


def single_total(state: Purchases, receipt: str, rules: VipRules) -> Decimal:
    """Return what of one purchase was of mid or high grade and was not returned (RET-39)."""
    sale = state.sales.get(receipt)
    lines = [] if sale is None else sale.lines.values()
    return sum((left_of(line) for line in lines if rules.counts(grade_of(line))), Decimal(0))


def month_totals(state: Purchases, rules: VipRules) -> dict[str, Decimal]:
    """Return what was bought and not returned in each calendar month, as far as its grade counts (RET-39)."""
    totals: dict[str, Decimal] = {}
    for sale in state.sales.values():
        month = f"{sale.at:%Y-%m}"
        for line in sale.lines.values():
            if rules.counts_in_month(grade_of(line)):
                totals[month] = totals.get(month, Decimal(0)) + left_of(line)
    return totals


def bought_enough(application: str, state: Purchases, rules: VipRules) -> Iterator[VipAdmitted]:
    """Yield the admission that a customer's purchases give ground for, the first of them that does, or nothing (RET-39).

    Args:
        application: on which he is admitted.
        state: his purchases.
        rules: what is asked.
    """
    for receipt in state.sales:
        amount = single_total(state, receipt, rules)
        if amount >= rules.single_purchase:
            yield VipAdmitted(
                application=application,
                route="purchase",
                test="single_purchase",
                receipt=receipt,
                amount=amount,
                threshold=rules.single_purchase,
            )
            return
    for month, amount in sorted(month_totals(state, rules).items()):
        if amount >= rules.month_total:
            yield VipAdmitted(
                application=application,
                route="purchase",
                test="month_total",
                month=month,
                amount=amount,
                threshold=rules.month_total,
            )
            return
