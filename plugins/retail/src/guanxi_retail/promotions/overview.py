"""What a look at a customer shows of promotions: the vouchers that may still be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from guanxi import Column, Label, Look, Overview
from guanxi_retail.promotions.vouchers import Vouchers, vouchers


def _rows(look: Look) -> Iterator[tuple[str, str, Decimal, date, date]]:
    usable = [v for v in look.of(Vouchers).held.values() if v.value > 0]
    for one in sorted(usable, key=lambda v: (v.last_day, v.key)):
        yield one.number or one.key, one.kind, one.value, one.valid_from, one.last_day


vouchers_held = Overview(
    "retail.view_vouchers",
    Label("Vouchers", "可用礼券"),
    (vouchers,),
    (
        Column("voucher", Label("Voucher", "券")),
        Column("kind", Label("Kind", "券种"), "code"),
        Column("value", Label("Value", "金额"), "decimal"),
        Column("valid_from", Label("From", "起用日"), "date"),
        Column("last_day", Label("Last day", "最后可用日"), "date"),
    ),
    _rows,
)
