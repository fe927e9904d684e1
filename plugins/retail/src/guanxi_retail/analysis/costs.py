"""What customers cost in a period, from the core's record of costs, for classes by revenue less cost (RET-27)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from guanxi import Reader
from guanxi.relationship.dealings.read_models import costs
from guanxi_retail.analysis.measures import SpendBasis, SpendClassParameters

_DAY = timedelta(days=1)


def costs_by_stream(
    reader: Reader, rules: SpendClassParameters, currency: str | None, first: date, last: date
) -> dict[str, Decimal]:
    """Return what each customer cost in a period, by stream; nothing where cost does not count.

    A cost of several days belongs to the last of them, as in the core's own grading (CORE-54).

    Args:
        reader: of the core's costs.
        rules: whose basis says whether cost counts.
        currency: costs in others are left out; all are taken if None.
        first: first day.
        last: last day.
    """
    if rules.basis is not SpendBasis.REVENUE_LESS_COST:
        return {}
    found: dict[str, Decimal] = {}
    for stream, row in reader.rows(costs):
        day = row.since if row.until is None else row.until - _DAY
        if day is not None and first <= day <= last and currency in (None, row.currency):
            found[stream] = found.get(stream, Decimal(0)) + row.amount
    return found
