"""Incentives step by step: which step of a product's table a consumer has reached, and what the next one takes (RET-05)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.standing import survivors
from guanxi_retail.membership.rules import IncentiveRules
from guanxi_retail.purchases.read_models import receipt_lines
from guanxi_retail.reporting import ACCOUNT, account_of


def _build(reader: Reader, parameters: None, asked: Asked) -> Content:
    account, into = account_of(reader), survivors(reader, asked.as_of)
    products = asked.rules(IncentiveRules).products
    pieces: Counter[tuple[str, str]] = Counter()

    def kept(line: Any) -> sa.Select[Any]:
        c = line.c
        key = (c.stream, c.product)
        kept = sa.func.sum(c.quantity - c.returned)
        return sa.select(*key, kept).where(c.product.in_(sorted(products))).group_by(*key)

    for stream, product, bought in reader.select(kept, receipt_lines):
        pieces[into.get(stream, stream), product] += bought
    rows: list[tuple[Any, ...]] = []
    for (stream, product), bought in pieces.items():
        reached = [given for at, given in products[product] if at <= bought]
        ahead = [(at - bought, given) for at, given in products[product] if at > bought]
        rows.append(
            (
                account(stream),
                product,
                bought,
                len(reached),
                reached[-1] if reached else None,
                *(ahead[0] if ahead else (None, None)),
            )
        )
    return Content(sorted(rows, key=lambda row: row[:2]))


incentive_steps = Report(
    name="retail.incentive_steps",
    title=Label("Incentives step by step", "逐级激励表"),
    reads=(files, merged_files, receipt_lines),
    columns=(
        ACCOUNT,
        Column("product", Label("Product", "产品")),
        Column("quantity", Label("Pieces", "件数"), "integer"),
        Column("step", Label("Step", "级次"), "integer"),
        Column("incentive", Label("Incentive", "激励")),
        Column("to_next", Label("Pieces to the next", "距下一级件数"), "integer"),
        Column("next_incentive", Label("Next incentive", "下一级激励")),
    ),
    build=_build,
    rules=("RET-05",),
)
