"""Caller cards: what a call of each member would show (RET-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship.file.callers import callers
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi_retail.membership.numbers import shown
from guanxi_retail.membership.read_models import MemberRow, members, reservation_rows
from guanxi_retail.membership.reports.texts import text
from guanxi_retail.membership.roll import READS, roll
from guanxi_retail.membership.rules import CallerRules, EnrolmentRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, option, stored


@attrs.frozen
class CallerParameters:
    """Whose card is shown."""

    account: str | None = option(
        None, Label("one member's account no.; all if not given", "会员户号，默认全部")
    )


def _build(reader: Reader, parameters: CallerParameters, asked: Asked) -> Content:
    into = survivors(reader, asked.as_of)
    cards, who = dict(reader.rows(members)), dict(reader.rows(callers))
    telephone, enrolment = asked.rules(TelephoneRules), asked.rules(EnrolmentRules)
    recent = asked.rules(CallerRules).recent_purchases
    booked: defaultdict[str, list[Any]] = defaultdict(list)
    for stream, row in shown_rows(reader, reservation_rows, into):
        booked[stream].append(row)
    bought = _recent(reader, into, recent)
    rows: list[tuple[Any, ...]] = []
    for top, streams in roll(reader, asked).members.items():
        party = who[top]
        if parameters.account not in (None, party.account):
            continue
        card = cards.get(top if top in streams else min(streams), MemberRow())
        times = sorted(booked[top], key=lambda r: (str(r.for_time), r.reservation), reverse=True)
        rows.append(
            (
                party.account,
                shown(card.card, telephone, enrolment) if isinstance(card.card, str) else text(card.card),
                text(party.name),
                party.member_type or card.card_class or "member",
                ", ".join(_booking(row, asked) for row in times),
                "; ".join(
                    f"{day} {receipt} {paid} {currency}"
                    for day, receipt, paid, currency in bought.get(top, ())
                ),
            )
        )
    return Content(sorted(rows, key=lambda row: row[0]))


def _recent(
    reader: Reader, into: Mapping[str, str], count: int
) -> dict[str, list[tuple[str, str, Decimal, str]]]:
    """Return day, receipt, what was paid in the end and currency of each customer's last purchases, the last first."""

    def last(receipt: Any) -> sa.Select[Any]:
        c = receipt.c
        latest = sa.func.row_number().over(partition_by=c.stream, order_by=(c.day.desc(), c.receipt.desc()))
        own = sa.select(
            c.stream, c.day, c.receipt, (c.paid - c.refunded).label("paid"), c.currency, latest.label("place")
        )
        numbered = own.where(c.day.is_not(None)).subquery()
        return sa.select(numbered).where(numbered.c.place <= count)

    money_of = stored(receipts, "paid")
    found: defaultdict[str, list[tuple[str, str, Decimal, str]]] = defaultdict(list)
    for stream, day, receipt, paid, currency, _ in reader.select(last, receipts):
        found[into.get(stream, stream)].append((day, receipt, money_of(paid), currency))
    for own in found.values():
        own.sort(reverse=True)
        del own[count:]
    return found


def _booking(row: Any, asked: Asked) -> str:
    when = "" if row.for_time is None else f" {asked.local(row.for_time):%Y-%m-%d %H:%M}"
    return f"{row.status} {row.reservation}{when}"


caller_cards = Report(
    name="retail.caller_cards",
    title=Label("Caller cards", "来电资料"),
    reads=(*READS, members, callers, reservation_rows, receipts),
    columns=(
        ACCOUNT,
        Column("phone", Label("Telephone", "电话")),
        Column("name", Label("Name", "姓名")),
        Column("member_type", Label("Type", "类型"), "code"),
        Column("reservations", Label("Reservations", "预约记录"), "code"),
        Column("purchases", Label("Recent purchases", "最近消费")),
    ),
    build=_build,
    parameters=CallerParameters,
    rules=("RET-03",),
)
