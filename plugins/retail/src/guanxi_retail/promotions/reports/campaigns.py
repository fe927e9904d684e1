"""What campaigns gave: vouchers, gifts, draws, and what was given beyond entitlement (RET-10, RET-11, RET-13)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi_retail.promotions.read_models import VoucherRow, draw_rows, voucher_rows

COLUMNS = (
    Column("promotion", Label("Promotion", "促销"), "code"),
    Column("campaign", Label("Campaign", "活动")),
    Column("receipts", Label("Receipts or days", "小票或购买日"), "integer"),
    Column("step", Label("Step", "每级金额"), "decimal"),
    Column("vouchers", Label("Vouchers", "券"), "integer"),
    Column("value", Label("Value", "金额"), "decimal"),
    Column("gifts", Label("Gift sets", "礼品套数"), "integer"),
    Column("over_issued", Label("Gifts over-issued", "多发礼品"), "integer"),
    Column("lost", Label("Vouchers lost", "券损失"), "decimal"),
    Column("draws", Label("Draws", "刮奖"), "integer"),
    Column("prizes", Label("Prizes and extra gifts", "奖品及加赠"), "integer"),
)

PICTURE = Picture("bars", x="promotion", y="vouchers", title=Label("Vouchers by promotion", "各促销发券"))


@attrs.define
class _Given:
    """What one campaign gave."""

    steps: dict[tuple[str, str], int] = attrs.field(factory=dict)
    amount: Decimal | None = None
    vouchers: int = 0
    value: Decimal = Decimal(0)
    gifts: int = 0
    over: int = 0
    lost: Decimal = Decimal(0)

    def add(self, stream: str, row: VoucherRow) -> None:
        """Count a voucher; one that lost its ground counts for what is over only."""
        self.gifts += row.gifts
        self.over += row.gifts_over
        self.lost += row.lost
        self.amount = row.step_amount if self.amount in (None, row.step_amount) else Decimal(0)
        if not row.unfounded:
            self.vouchers += 1
            self.value += row.face
            cause = stream, row.cause
            self.steps[cause] = max(self.steps.get(cause, 0), int(row.step))


def _build(reader: Reader, parameters: None, asked: Asked) -> Content:
    given: defaultdict[tuple[str, str], _Given] = defaultdict(_Given)
    for stream, row in reader.rows(voucher_rows):
        if row.kind in ("e_voucher", "cash_ladder"):
            given[row.kind, row.campaign].add(stream, row)
    rows: list[tuple[Any, ...]] = [
        (kind, campaign, len(g.steps), g.amount or None, g.vouchers, g.value, g.gifts, g.over, g.lost, 0, 0)
        for (kind, campaign), g in sorted(given.items())
    ]
    trouble = [
        f"{kind} {campaign}: vouchers are not the sum of the steps reached"
        for (kind, campaign), g in sorted(given.items())
        if g.vouchers != sum(g.steps.values())
    ]
    drawn = list(reader.rows(draw_rows))
    if drawn:
        prizes = sum(1 + row.extra_gifts for _, row in drawn)
        receipts = len({(stream, row.receipt) for stream, row in drawn})
        rows.append(("scratch_card", "", receipts, None, 0, Decimal(0), 0, 0, Decimal(0), len(drawn), prizes))
    return Content(rows, trouble=trouble)


promotion_redemption = Report(
    name="retail.promotion_redemption",
    title=Label("Promotion redemption", "促销兑付表"),
    reads=(voucher_rows, draw_rows),
    columns=COLUMNS,
    build=_build,
    picture=PICTURE,
    rules=("RET-10", "RET-11", "RET-13"),
)
