"""Referrals: who brought whom, the sets sold, and what became of the reward for each (RET-14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.promotions.read_models import friend_sets, referral_rows, voucher_rows
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import account_of

COLUMNS = (
    Column("referrer", Label("Brought by", "推荐人")),
    Column("friend", Label("Friend", "好友")),
    Column("set", Label("Set", "套装")),
    Column("spent", Label("Spent", "消费额"), "decimal"),
    Column("value", Label("Voucher", "券金额"), "decimal"),
    Column("choice", Label("Choice", "选择"), "code"),
    Column("used", Label("Used", "已用"), "decimal"),
    Column("lost", Label("Lost", "损失"), "decimal"),
    Column("status", Label("Status", "状态"), "code"),
)

PICTURE = Picture("tree", x="friend", y="referrer", title=Label("Who brought whom", "老带新"))
SETS = Label("sets rewarded", "奖励套数")
VOUCHERS = Label("vouchers", "礼券")
GIFTS = Label("gifts", "礼品")


def _build(reader: Reader, parameters: None, asked: Asked) -> Content:
    account = account_of(reader)
    vouchers = {(stream, row.voucher): row for stream, row in reader.rows(voucher_rows)}
    bought_before = _bought_before(reader)
    rows: list[tuple[Any, ...]] = []
    chosen = {"voucher": 0, "gift": 0}
    for stream, row in reader.rows(friend_sets):
        if row.day is None:
            continue
        voucher = vouchers.get((stream, row.voucher))
        stands = voucher is not None and not voucher.unfounded
        used = Decimal(0) if voucher is None else voucher.used
        lost = used if row.returned else Decimal(0)
        status = "returned" if row.returned else "would_differ" if row.friend in bought_before else "stands"
        if not row.returned:
            chosen["voucher" if stands else "gift"] += 1
        face = voucher.face if voucher is not None and (stands or used) else Decimal(0)
        rows.append(
            (
                account(stream),
                account(row.friend),
                row.number,
                row.spent,
                face,
                row.choice,
                used,
                lost,
                status,
            )
        )
    sets = sum(row[-1] != "returned" for row in rows)
    trouble = [] if sum(chosen.values()) == sets else ["vouchers and gifts are not the sets rewarded"]
    gifts = sum(row[5] == "gift" and row[-1] != "returned" for row in rows)
    if gifts != chosen["gift"]:
        trouble.append("a set has neither a voucher nor a gift")
    notes = [(SETS, str(sets)), (VOUCHERS, str(chosen["voucher"])), (GIFTS, str(gifts))]
    return Content(sorted(rows), notes, trouble=trouble)


def _bought_before(reader: Reader) -> set[str]:
    """Return the friends who bought before they were brought, as it turned out later."""
    brought: dict[str, date] = {}
    for stream, row in reader.rows(referral_rows):
        if row.day is not None:
            brought[stream] = min(row.day, brought.get(stream, row.day))
    return {
        stream
        for stream, row in reader.rows(receipts)
        if row.day is not None and stream in brought and row.day < brought[stream]
    }


referral = Report(
    name="retail.referral",
    title=Label("Referrals", "老带新表"),
    reads=(files, friend_sets, referral_rows, voucher_rows, receipts),
    columns=COLUMNS,
    build=_build,
    picture=PICTURE,
    rules=("RET-14",),
)
