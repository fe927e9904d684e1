"""Stock and consumption speed of customers, with the next delivery and collection (RET-42, RET-43)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi.relationship.care.read_models import standings
from guanxi_retail.group_purchase.collection import due_days
from guanxi_retail.group_purchase.spans import STOCKS, holdings
from guanxi_retail.reporting import ACCOUNT, account_of, rounded

MISSING = "rate_missing"


def _stocks(reader: Reader, parameters: None, asked: Asked) -> Content:
    known, collect = account_of(reader), due_days(reader, asked)
    rows: list[tuple[Any, ...]] = []
    trouble = []
    for (stream, product), one in holdings(reader, asked).items():
        if not one.is_followed:
            continue
        due, left = one.due, one.on(asked.day)
        if left != one.reckoned(asked.day):
            trouble.append(f"{known(stream)} {product}: stock is not last count + delivered - rate × days")
        rows.append(
            (
                known(stream),
                product,
                rounded(left),
                None if one.rate is None else rounded(one.rate * 1000) / Decimal(1000),
                MISSING if due is None else due.rate_source,
                None if due is None else due.run_out_on,
                None if due is None else due.due_on,
                collect.get(stream),
            )
        )
    notes = [(Label("rate missing", "缺少消费速度"), str(sum(row[4] == MISSING for row in rows)))]
    return Content(sorted(rows, key=lambda r: (r[0], r[1])), notes, trouble=trouble)


stock_report = Report(
    name="retail.stock_and_consumption",
    title=Label("Stock and consumption", "库存与消费速度表"),
    reads=(*STOCKS, standings, files),
    columns=(
        ACCOUNT,
        Column("product", Label("Product", "产品")),
        Column("stock", Label("Stock", "库存"), "decimal", 2),
        Column("rate", Label("Rate a day", "日消费量"), "decimal", 5),
        Column("rate_source", Label("Source of the rate", "消费速度来源"), "code"),
        Column("run_out_on", Label("Runs out", "用完日"), "date"),
        Column("due_on", Label("Delivery due", "送货日"), "date"),
        Column("collection_due", Label("Collection due", "收款日"), "date"),
    ),
    build=_stocks,
    picture=Picture("timeline", "run_out_on", "account", Label("Run-out by customer", "客户用完日")),
    rules=("RET-42", "RET-43"),
)
