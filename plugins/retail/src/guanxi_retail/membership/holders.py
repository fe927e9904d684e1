"""Whose a card number was on a day, as known on another; and handing a freed number on (RET-02)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from guanxi import BreachRecorded, Erased, Event, History, Ledger, stamp
from guanxi.relationship import CustomerFile
from guanxi.relationship.file.merges import Merges
from guanxi.relationship.file.rules import TelephoneRules
from guanxi_retail.membership.commands import TakeUpMemberCard
from guanxi_retail.membership.events import MemberCardRebound, MemberCardTakenUp, MemberEnrolled
from guanxi_retail.membership.membership import CARD, CARD_EVER, Membership
from guanxi_retail.membership.numbers import card_number
from guanxi_retail.membership.rules import EnrolmentRules


@attrs.frozen
class Holder:
    """A member that a card number leads to, or led to.

    Args:
        stream: his file's opaque id.
        account: its account number.
        name: his name.
        since: from when the number is or was his.
        until: until when; None while it is his.
        why: why it is his no longer.
    """

    stream: str
    account: str
    name: str | Erased | None
    since: datetime
    until: datetime | None = None
    why: str | None = None


@attrs.frozen
class Whose:
    """What a card number says at a cut.

    Args:
        card: the number, in E.164.
        holder: the one member whose it is; None where it is nobody's.
        former: where it is nobody's, those whose it was, the last one first.
    """

    card: str
    holder: Holder | None
    former: tuple[Holder, ...] = ()


def member_of(
    ledger: Ledger,
    number: str,
    *,
    as_of: datetime | str | None = None,
    as_known: datetime | str | None = None,
) -> Whose:
    """Return whose a card number was at a moment, as known at another (RET-02).

    A number is of one active membership at most. Where what is known at a cut shows two, as after an import, it is of the one
    who was entered first; of two in one batch, of the one to whom it was not denied.

    Args:
        ledger: the ledger.
        number: the mobile number, as it was told.
        as_of: when; now if not given. A bare date means that day's end.
        as_known: as known when; now if not given.

    Returns:
        The holder, or those whose the number was before.

    Raises:
        Incomplete: ``mobile_missing``.
        Invalid: ``invalid_phone``.
    """
    card = read_number(ledger, number)
    found = list(_ever(ledger, card, as_of, as_known))
    holding = [(entered, denied, one) for entered, denied, one in found if one.until is None]
    if holding:
        return Whose(card, min(holding, key=lambda h: (h[0], h[1], h[2].stream))[-1])
    former = sorted((one for *_, one in found), key=lambda one: (str(one.until), one.stream), reverse=True)
    return Whose(card, None, tuple(former))


def hand_on(ledger: Ledger, number: str, *, actor: str, reason: str) -> Holder | None:
    """Give a number that is free now to the member who was imported with it while somebody else held it (RET-02).

    The number is his from the day on that the import told of, and the flag that it was denied to him is lifted as of now. To be
    called whenever a number was given up; a number that nobody was denied stays free.

    Args:
        ledger: the ledger.
        number: the mobile number, as it was told.
        actor: who hands it on.
        reason: why.

    Returns:
        Whose it is now, or None where nobody waits for it or it is held.

    Raises:
        Incomplete: ``mobile_missing``.
        Invalid: ``invalid_phone``.
    """
    card = read_number(ledger, number)
    holder = member_of(ledger, number).holder
    if holder is None or ledger.find_by(CARD, card):
        return None
    ledger.execute(
        holder.account,
        TakeUpMemberCard(mobile=card),
        actor=actor,
        reason=reason,
        occurred_at=holder.since,
        happened=True,
    )
    for denied in _denials(ledger.history(holder.stream), holder.since):
        ledger.void(denied, actor=actor, reason=reason)
    return holder


def _denials(history: History, at: datetime) -> Iterator[str]:
    """Yield the ids of the entries by which a claim was denied at a moment, unless they are voided."""
    for line in history.lines():
        event = line.event
        denied = isinstance(event, BreachRecorded) and event.code == "claim_denied"
        if denied and line.effective_from == at and line.status == "in force":
            yield line.id


def _ever(
    ledger: Ledger, card: str, as_of: datetime | str | None, as_known: datetime | str | None
) -> Iterator[tuple[datetime, bool, Holder]]:
    """Yield the members whose the number is or was at a cut, each with when that was entered, and whether it was denied."""
    seen: set[str] = set()
    for stream in ledger.find_by(CARD_EVER, card):
        history = _standing(ledger, stream, as_of, as_known)
        if history.stream in seen:
            continue
        seen.add(history.stream)
        file: CustomerFile = history.state(CustomerFile)
        member: Membership = history.state(Membership)
        held = [one for one in member.held if one.number == card]
        if held:
            last = held[-1]
            yield (
                _entered(history, card, last.since),
                any(_denials(history, last.since)),
                Holder(history.stream, file.account, file.name, last.since, last.until, last.why),
            )


def _standing(
    ledger: Ledger, stream: str, as_of: datetime | str | None, as_known: datetime | str | None
) -> History:
    """Return the history, at a cut, of the file that stands for a party: after a merge the survivor's."""
    while True:
        history = ledger.history(stream)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        into: str | None = history.state(Merges).into
        if into is None:
            return history
        stream = into


def _entered(history: History, card: str, since: datetime) -> datetime:
    """Return when it was first entered that a number is the member's from a moment on."""
    found = [
        line.recorded_at
        for line in history.lines()
        if line.recorded_at is not None
        and line.effective_from == since
        and line.status == "in force"
        and _taken(line.event) == card
    ]
    return min(found, default=since)


def _taken(event: Event | None) -> object:
    """Return the card number that an event takes."""
    match event:
        case MemberEnrolled() | MemberCardTakenUp():
            return event.card
        case MemberCardRebound():
            return event.new_card
        case _:
            return None


def read_number(ledger: Ledger, told: str) -> str:
    """Return the card number of a mobile number, by the rules in force now.

    Args:
        ledger: the ledger.
        told: as it was told.

    Raises:
        Incomplete: ``mobile_missing``.
        Invalid: ``invalid_phone``.
    """
    telephone, enrolment = number_rules(ledger)
    return card_number(told, telephone, enrolment)


def number_rules(ledger: Ledger) -> tuple[TelephoneRules, EnrolmentRules]:
    """Return the rules by which numbers are read now."""
    book, now = ledger.rule_book(), stamp(ledger.clock())
    return book.find(TelephoneRules, now, now)[0], book.find(EnrolmentRules, now, now)[0]
