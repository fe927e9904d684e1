"""Caller cards: what a call of each member would show (RET-03)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import attrs

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
from guanxi_retail.reporting import ACCOUNT, option


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
    bought: defaultdict[str, list[Any]] = defaultdict(list)
    for stream, receipt in shown_rows(reader, receipts, into):
        if receipt.day is not None:
            bought[stream].append(receipt)
    rows: list[tuple[Any, ...]] = []
    for top, streams in roll(reader, asked).members.items():
        party = who[top]
        if parameters.account not in (None, party.account):
            continue
        card = cards.get(top if top in streams else min(streams), MemberRow())
        times = sorted(booked[top], key=lambda r: (str(r.for_time), r.reservation), reverse=True)
        sales = sorted(bought[top], key=lambda r: (r.day, r.receipt), reverse=True)[:recent]
        rows.append(
            (
                party.account,
                shown(card.card, telephone, enrolment) if isinstance(card.card, str) else text(card.card),
                text(party.name),
                party.member_type or card.card_class or "member",
                ", ".join(_booking(row, asked) for row in times),
                "; ".join(
                    f"{row.day} {row.receipt} {row.paid - row.refunded} {row.currency}" for row in sales
                ),
            )
        )
    return Content(sorted(rows, key=lambda row: row[0]))


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
