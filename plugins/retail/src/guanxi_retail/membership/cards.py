"""Who may have a card by what he bought: entitled by the rules, handed over by a person (RET-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi import Conflict, Decision, Facet, Fact, Label, Now
from guanxi_retail.membership.commands import IssueMemberCard
from guanxi_retail.membership.events import (
    CardEligibilityReached,
    CardEligibilityWithdrawn,
    MemberCardIssued,
)
from guanxi_retail.membership.membership import Membership, membership, require_member
from guanxi_retail.membership.rules import CardRules
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded

Ground = tuple[str | None, date | None]
"""A receipt, or a customer's day."""


@attrs.define
class Counted:
    """A receipt as far as it counts: money paid less money returned, by line, with the line's area."""

    at: datetime
    lines: dict[int, tuple[str | None, Decimal]]

    def amount(self, rules: CardRules) -> Decimal:
        """Return the money paid of the lines in the areas that count."""
        return sum((paid for area, paid in self.lines.values() if area in rules.areas), Decimal(0))


@attrs.define
class CardEntitlement:
    """Whether a card may be handed over on a purchase.

    Args:
        receipts: what was bought, by receipt number.
        standing: the ground on which a card may be handed over.
        reached_at: since when.
        on_ground: whether the card that was handed over had such a ground.
    """

    receipts: dict[str, Counted] = attrs.field(factory=dict)
    standing: Ground | None = None
    reached_at: datetime | None = None
    on_ground: bool = False

    @property
    def is_entitled(self) -> bool:
        """Whether a card is to be handed over on a purchase."""
        return self.standing is not None

    def amount(self, ground: Ground, rules: CardRules) -> Decimal:
        """Return what a receipt, or all receipts of a day, came to."""
        receipt, day = ground
        if receipt is not None:
            return self.receipts[receipt].amount(rules) if receipt in self.receipts else Decimal(0)
        of_the_day = (one for one in self.receipts.values() if one.at.date() == day)
        return sum((one.amount(rules) for one in of_the_day), Decimal(0))


card_entitlement = Facet(
    "retail.card_entitlement",
    CardEntitlement,
    reads=(membership,),
    title=Label("Card by purchase", "购物办卡"),
)


@card_entitlement.evolve
def _bought(s: CardEntitlement, e: PurchaseRecorded, at: datetime) -> None:
    s.receipts[e.receipt] = Counted(at, {line.number: (line.area, line.paid) for line in e.each_line})


@card_entitlement.evolve
def _returned(s: CardEntitlement, e: PurchaseRefunded) -> None:
    if (sale := s.receipts.get(e.receipt)) is not None:
        for back in e.each_line:
            if back.number in sale.lines:
                area, paid = sale.lines[back.number]
                sale.lines[back.number] = area, paid - back.paid


@card_entitlement.evolve
def _reached(s: CardEntitlement, e: CardEligibilityReached, at: datetime) -> None:
    s.standing, s.reached_at = (e.receipt, e.day), at


@card_entitlement.evolve
def _withdrawn(s: CardEntitlement, e: CardEligibilityWithdrawn) -> None:
    s.standing = s.reached_at = None


@card_entitlement.evolve
def _issued(s: CardEntitlement, e: MemberCardIssued) -> None:
    s.on_ground = s.is_entitled
    s.standing = s.reached_at = None


@card_entitlement.decide
def _issue(s: CardEntitlement, c: IssueMemberCard, now: Now) -> Iterator[Fact]:
    member = now.of(Membership)
    require_member(member, now)
    if member.holds_card:
        now.forbid(
            Conflict(
                "card_issued",
                f"{now.subject} has a card",
                zh=f"{now.subject} 已有会员卡",
                rule="RET-04",
                accepts="a member who was given none; one card per person",
            )
        )
    if not now.happened:
        now.require(
            c.ground != "purchase" or s.is_entitled,
            "not_entitled",
            "RET-04",
            "no purchase entitles to a card then",
            zh="此时没有可办卡的消费",
            accepts="a purchase that reaches the amount in an area that counts, or another ground",
        )
    if member.card is not None:
        yield MemberCardIssued(
            card=member.card, ground=c.ground, card_class=c.card_class, receipt=c.receipt or _receipt(s, c)
        )


def _receipt(s: CardEntitlement, c: IssueMemberCard) -> str | None:
    return s.standing[0] if c.ground == "purchase" and s.standing is not None else None


@card_entitlement.holds("RET-57", "without_ground")
def _has_its_ground(s: CardEntitlement, e: MemberCardIssued) -> bool:
    return e.ground != "purchase" or s.on_ground


@card_entitlement.react("RET-04")
def _purchase_entitles(s: CardEntitlement, e: PurchaseRecorded, now: Now) -> Iterator[Decision]:
    if s.standing is None and not now.of(Membership).holds_card:
        rules = now.rules(CardRules)
        yield from _if_reached(s, _ground(e.receipt, now.at.date(), rules), rules)


@card_entitlement.react("RET-04")
def _refund_withdraws(s: CardEntitlement, e: PurchaseRefunded, now: Now) -> Iterator[Decision]:
    if s.standing is None or (sale := s.receipts.get(e.receipt)) is None:
        return
    receipt, day = s.standing
    if e.receipt != receipt and sale.at.date() != day:
        return
    rules = now.rules_at(CardRules, sale.at)
    amount = s.amount(s.standing, rules)
    if amount >= rules.threshold:
        return
    yield CardEligibilityWithdrawn(
        receipt=receipt, day=day, refund=e.refund, amount=amount, threshold=rules.threshold
    )
    for number, other in sorted(s.receipts.items(), key=lambda item: item[1].at):
        theirs = now.rules_at(CardRules, other.at)
        found = list(_if_reached(s, _ground(number, other.at.date(), theirs), theirs))
        if found:
            yield from found
            return


def _ground(receipt: str, day: date, rules: CardRules) -> Ground:
    return (receipt, None) if rules.scope == "receipt" else (None, day)


def _if_reached(s: CardEntitlement, ground: Ground, rules: CardRules) -> Iterator[Decision]:
    amount = s.amount(ground, rules)
    if amount >= rules.threshold:
        yield CardEligibilityReached(
            receipt=ground[0], day=ground[1], amount=amount, threshold=rules.threshold
        )
