"""What a look at a customer shows of group purchase: VIP since and by which route, stocks and when they run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from guanxi import Code, Column, Label, Look, Overview
from guanxi_retail.group_purchase.stock import Stock, stock
from guanxi_retail.group_purchase.vip import Vip, vip


def _vip(look: Look) -> Iterator[tuple[Code, Code, datetime, datetime | None, str | None]]:
    for stay in look.of(Vip).stays:
        told = stay.admission
        yield Code(told.route), Code(told.test), stay.since, stay.until, told.approved_by


def _stock(look: Look) -> Iterator[tuple[str, date | None, date | None, Code | None]]:
    for product, one in sorted(look.of(Stock).products.items()):
        if one.is_followed:
            yield product, one.run_out_on, one.due_on, None if one.due_on else Code("rate_missing")


OVERVIEWS = (
    Overview(
        "retail.view_vip",
        Label("VIP list", "VIP名单"),
        (vip,),
        (
            Column("route", Label("Route", "准入途径"), "code"),
            Column("test", Label("Test", "准入条件"), "code"),
            Column("since", Label("Since", "准入时间"), "instant"),
            Column("until", Label("Until", "移出时间"), "instant"),
            Column("approved_by", Label("Approved by", "批准人")),
        ),
        _vip,
    ),
    Overview(
        "retail.view_stock",
        Label("Stock and consumption", "库存与消费速度"),
        (stock,),
        (
            Column("product", Label("Product", "产品")),
            Column("run_out_on", Label("Runs out", "用完日"), "date"),
            Column("due_on", Label("Delivery due", "送货日"), "date"),
            Column("remark", Label("Remark", "备注"), "code"),
        ),
        _stock,
    ),
)
