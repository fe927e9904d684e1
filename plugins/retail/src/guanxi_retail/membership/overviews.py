"""What the whole view of a customer shows of the membership (RET-01 to RET-05)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guanxi import Code, Column, Erased, Label, Look, Overview
from guanxi.relationship.file.rules import TelephoneRules
from guanxi_retail.membership.cards import CardEntitlement, card_entitlement
from guanxi_retail.membership.consultation import Consultation, consultation
from guanxi_retail.membership.membership import Membership, membership
from guanxi_retail.membership.numbers import shown
from guanxi_retail.membership.reservations import Reservations, reservations
from guanxi_retail.membership.rules import EnrolmentRules

SINCE = Column("since", Label("Since", "起"), "date")
STATE = Column("state", Label("State", "状态"), "code")


def _membership(look: Look) -> Iterator[tuple[Any, ...]]:
    member = look.of(Membership)
    telephone, enrolment = look.rules(TelephoneRules), look.rules(EnrolmentRules)

    def number(told: str | Erased) -> str | Erased:
        return shown(told, telephone, enrolment) if isinstance(told, str) else told

    for held in member.held:
        state = "member" if held.until is None else held.why
        until = None if held.until is None else held.until.date()
        yield Code("card_number"), number(held.number), state, held.since.date(), until
    if member.issued is not None:
        card = member.issued
        yield Code("card_handed_over"), card.card_class, card.ground, card.at.date(), None
    entitled = look.of(CardEntitlement)
    if entitled.standing is not None and entitled.reached_at is not None:
        receipt, day = entitled.standing
        yield Code("card_due"), receipt or str(day), "purchase", entitled.reached_at.date(), None
    asked = look.of(Consultation)
    if asked.answered:
        begun = min(asked.answered.values()).date()
        yield Code("consultation"), ", ".join(asked.missing) or None, asked.status, begun, None


membership_view = Overview(
    "retail.view_membership",
    Label("Membership", "会员"),
    (membership, card_entitlement, consultation),
    (
        Column("what", Label("What", "事项")),
        Column("about", Label("About", "内容")),
        STATE,
        SINCE,
        Column("until", Label("Until", "止"), "date"),
    ),
    _membership,
)


def _reservations(look: Look) -> Iterator[tuple[Any, ...]]:
    for number, booked in look.of(Reservations).latest_first:
        yield number, booked.status, booked.for_time, booked.service


reservations_view = Overview(
    "retail.view_reservations",
    Label("Reservations", "预约"),
    (reservations,),
    (
        Column("number", Label("Number", "编号")),
        STATE,
        Column("for_time", Label("For", "预约时间"), "instant"),
        Column("service", Label("Service", "服务")),
    ),
    _reservations,
)

OVERVIEWS = (membership_view, reservations_view)
