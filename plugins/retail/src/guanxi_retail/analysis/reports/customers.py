"""The customer profile: since when, how often and for how much each has bought."""

from __future__ import annotations

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi_retail.purchases import read_models
from guanxi_retail.reporting import (
    ACCOUNT,
    CURRENCY_NOTE,
    CUSTOMERS_NOTE,
    account_of,
    currency_option,
    one_currency,
    top_option,
)


@attrs.frozen
class CustomersParameters:
    """Whom the profile lists."""

    top: int | None = top_option()
    currency: str | None = currency_option()


def _build(reader: Reader, parameters: CustomersParameters, asked: Asked) -> Content:
    account = account_of(reader)
    chosen = [
        (account(stream), row)
        for stream, row in reader.rows(read_models.customers)
        if row.purchases and parameters.currency in (None, row.currency)
    ]
    currency = one_currency({row.currency for _, row in chosen})
    rows = [
        (who, row.first_on, row.last_on, row.purchases, row.quantity, row.spent - row.refunded)
        for who, row in chosen
    ]
    rows.sort(key=lambda row: (-row[-1], row[0]))
    notes = [(CUSTOMERS_NOTE, f"{len(rows):,}"), *([(CURRENCY_NOTE, currency)] if currency else [])]
    return Content(rows[: parameters.top], notes)


customers = Report(
    name="retail.customers",
    title=Label("Customer profile", "客户消费概况"),
    reads=(files, read_models.customers),
    columns=(
        ACCOUNT,
        Column("first_on", Label("First purchase", "首次消费"), "date"),
        Column("last_on", Label("Last purchase", "最近消费"), "date"),
        Column("purchases", Label("Purchases", "消费笔数"), "integer"),
        Column("quantity", Label("Pieces", "件数"), "integer"),
        Column("net", Label("Net amount", "净消费额"), "decimal"),
    ),
    build=_build,
    parameters=CustomersParameters,
    rules=("RET-06",),
)
