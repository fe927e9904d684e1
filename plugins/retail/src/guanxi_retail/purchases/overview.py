"""Purchases in the whole view of a customer: the last one, how many, and what the last twelve months came to (RET-06)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from guanxi import Column, Label, Look, Overview, add_months
from guanxi_retail.purchases.purchases import Purchases, purchases

_YEAR = 12


def _rows(look: Look) -> Iterator[tuple[Any, ...]]:
    state = look.of(Purchases)
    if not state.sales:
        return
    since = add_months(look.at.date(), -_YEAR)
    year = [sale for sale in state.sales.values() if sale.at.date() > since]
    net = sum((sale.paid - sale.refunded for sale in year), Decimal(0))
    yield state.last_on, state.count, net, state.net, ", ".join(state.currencies)


purchases_view = Overview(
    "retail.view_purchases",
    Label("Purchases", "消费"),
    (purchases,),
    (
        Column("last_on", Label("Last purchase", "最近消费"), "date"),
        Column("count", Label("Purchases", "消费次数"), "integer"),
        Column(
            "net_of_year", Label("Of twelve months, less what came back of it", "近12个月净消费"), "decimal"
        ),
        Column("net", Label("In all, less what came back", "累计净消费"), "decimal"),
        Column("currency", Label("Currency", "币种")),
    ),
    _rows,
)
