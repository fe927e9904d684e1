"""Who calls: the member's card on the screen at once, without further proof, and on record that it was looked at (RET-03)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

import attrs

from guanxi import Erased, History, Ledger, Money, stamp
from guanxi.relationship import CustomerFile, Recognition
from guanxi.relationship.access.calls import CALL, answer_call
from guanxi_retail.membership.events import ReservationStatus
from guanxi_retail.membership.holders import number_rules
from guanxi_retail.membership.membership import Membership
from guanxi_retail.membership.numbers import shown
from guanxi_retail.membership.reservations import Reservations
from guanxi_retail.membership.rules import CallerRules
from guanxi_retail.points.points import Points
from guanxi_retail.purchases.purchases import Purchases
from guanxi_retail.tiers.rules import TierRules
from guanxi_retail.tiers.state import Tiers, tier_in_force

Answer = Literal["member", "not_a_member", "known_elsewhere", "no_look_up"]


@attrs.frozen
class Booking:
    """A reservation as the agent sees it."""

    number: str
    status: ReservationStatus
    for_time: datetime | None
    service: str | Erased | None


@attrs.frozen
class Bought:
    """A purchase as the agent sees it."""

    day: date
    receipt: str
    paid: Money
    refunded: Money


@attrs.frozen
class Profile:
    """What the agent sees of the member who calls.

    Args:
        account: the account number of the file.
        phone: the number, as people of the programme's region read it.
        name: whose.
        member_type: the class in force, the kind of card otherwise, else ``member``.
        since: from when he is a member.
        reservations: what he booked and what became of it, the latest first.
        purchases: what he bought last, the latest first.
        tier: his tier; None where the house has no ladder.
        balance: usable points, less what is owed.
    """

    account: str
    phone: str
    name: str | Erased | None
    member_type: str
    since: datetime | None
    reservations: tuple[Booking, ...]
    purchases: tuple[Bought, ...]
    tier: str | None
    balance: int


@attrs.frozen
class CallerCard:
    """What a call shows.

    Args:
        answer: ``member``; ``not_a_member``; ``known_elsewhere`` where only a file that the agent may not read has the number;
            ``no_look_up`` for a number that was withheld.
        member: the member's profile.
        recognition: what the core says of the number: who else it may be, what is open with him, and the script; None where
            nothing was looked up.
    """

    answer: Answer
    member: Profile | None = None
    recognition: Recognition | None = None


NO_LOOK_UP = CallerCard("no_look_up")


def caller_card(
    ledger: Ledger, number: str | None, *, agent: str, sections: Collection[str] | None = None
) -> CallerCard:
    """Return what an incoming call shows at once; whose file was shown is put on record (RET-03, CORE-69).

    Nothing more has to be proved to be recognised. A withheld number is looked up nowhere, and leaves no entry.

    Args:
        ledger: the ledger, or the agent's view of it.
        number: as the exchange gives it; None or one of the words for it where it is withheld.
        agent: who takes the call.
        sections: business units that the agent may read; all that the door lets him if None.

    Returns:
        The member's profile, or that the caller is no member.

    Raises:
        NotPermitted: ``not_authorised`` for an agent without the right; the attempt is kept.
        Invalid: ``invalid_phone``.
    """
    now = stamp(ledger.clock())
    rules, _ = ledger.rule_book().find(CallerRules, now, now)
    if number is None or number.strip().casefold() in ("", *rules.withheld):
        return NO_LOOK_UP
    found = answer_call(ledger, number, agent=agent, sections=sections)
    view = ledger.as_actor(agent, channel=CALL)
    for match in found.matches:
        if match.readable:
            history = view.history(match.stream)
            member: Membership = history.state(Membership)
            if member.find(found.telephone) is not None:
                kind = None if found.pop_up is None else found.pop_up.member_type
                phone = shown(found.telephone, *number_rules(ledger))
                tier_rules, _ = ledger.rule_book().find(TierRules, now, now)
                tier = tier_in_force(history.state(Tiers), tier_rules) if tier_rules.tiers else None
                profile = _profile(history, phone, kind, rules.recent_purchases, tier)
                return CallerCard("member", profile, found)
    closed = bool(found.matches) and not any(match.readable for match in found.matches)
    return CallerCard("known_elsewhere" if closed else "not_a_member", None, found)


def _profile(history: History, phone: str, kind: str | None, recent: int, tier: str | None) -> Profile:
    file: CustomerFile = history.state(CustomerFile)
    member: Membership = history.state(Membership)
    booked: Reservations = history.state(Reservations)
    bought: Purchases = history.state(Purchases)
    sales = sorted(bought.sales.items(), key=lambda item: (item[1].at, item[0]), reverse=True)
    card_class = None if member.issued is None else member.issued.card_class
    return Profile(
        file.account,
        phone,
        file.name,
        kind or card_class or "member",
        member.since,
        tuple(Booking(n, r.status, r.for_time, r.service) for n, r in booked.latest_first),
        tuple(
            Bought(
                sale.at.date(), receipt, Money(sale.paid, sale.currency), Money(sale.refunded, sale.currency)
            )
            for receipt, sale in sales[:recent]
        ),
        tier,
        history.state(Points).balance,
    )
