"""A small plugin for tests, with a decision of every late effect, deeds, claims, and commands that cross relationships."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from guanxi import (
    FROM_NOW,
    REVISE,
    WHILE_ACTIVE,
    WOULD_DIFFER,
    Claim,
    Command,
    Decision,
    Deed,
    Due,
    Facet,
    Fact,
    Label,
    Now,
    Parts,
    RuleSet,
    To,
    command,
    dated,
    due,
    event,
    field,
    given,
    key,
    limit,
    midnight,
    parameter,
    rule_set,
)


@rule_set("club.lines")
class Lines(RuleSet):
    hold_from: int = parameter(default=100)
    warn_from: int = parameter(default=50)
    regular_from: int = parameter(default=300)


@event("club.owed")
class Owed(Fact):
    order: str
    amount: int


@event("club.settled")
class Settled(Fact):
    order: str


@event("club.card_taken")
class CardTaken(Fact):
    card: str
    released: bool = field(default=False)


@event("club.friend_brought")
class FriendBrought(Fact):
    friend: str


@event("club.welcomed")
class Welcomed(Fact):
    by: str


@event("club.held")
class Held(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    order: str = key()
    amount: int = given()
    line: int = limit()


@event("club.warned")
class Warned(Decision, late=REVISE, retroactive=REVISE):
    order: str = key()
    amount: int = given()


@event("club.graded")
class Graded(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    month: str = key()
    grade: str
    total: int = given()


def _adverse_from_next_month(stored: Any, derived: Any, own: datetime, known: datetime) -> datetime:
    """Favourable at once from its own day, adverse from the first of the next month."""
    before = 0 if stored is None else stored.percent
    after = 0 if derived is None else derived.percent
    if after >= before:
        return own
    first = known.date().replace(day=1)
    return midnight((first + timedelta(days=32)).replace(day=1), known.tzinfo)


@event("club.discounted")
class Discounted(Decision, late=dated(_adverse_from_next_month), retroactive=dated(_adverse_from_next_month)):
    order: str = key()
    percent: int


@event("club.letter_sent")
class LetterSent(Deed):
    about: str = key()


@command("club.owe")
class Owe(Command):
    order: str
    amount: int


@command("club.settle")
class Settle(Command):
    order: str


@command("club.take_card")
class TakeCard(Command):
    card: str
    release: bool = field(default=False)


@command("club.bring_friend")
class BringFriend(Command):
    friend: str


@command("club.welcome")
class Welcome(Command):
    by: str


@due("club.month_ends")
class MonthEnds(Due):
    month: str


@attrs.define
class Account:
    owed: dict[str, int] = attrs.field(factory=dict)
    total: int = 0
    held: list[str] = attrs.field(factory=list)
    warned: list[str] = attrs.field(factory=list)
    grades: dict[str, str] = attrs.field(factory=dict)
    discounts: dict[str, int] = attrs.field(factory=dict)
    letters: list[str] = attrs.field(factory=list)
    card: str = ""
    friends: list[str] = attrs.field(factory=list)
    welcomed_by: str = ""


account = Facet("club.account", Account)


@account.evolve
def _facts(s: Account, e: Owed | Settled | CardTaken | FriendBrought | Welcomed) -> None:
    match e:
        case Owed():
            s.owed[e.order] = e.amount
            s.total += e.amount
        case Settled():
            s.owed.pop(e.order, None)
        case CardTaken():
            s.card = "" if e.released else e.card
        case FriendBrought():
            s.friends.append(e.friend)
        case Welcomed():
            s.welcomed_by = e.by


@account.evolve
def _decisions(s: Account, e: Held | Warned | Graded | Discounted | LetterSent) -> None:
    match e:
        case Held():
            if e.order not in s.held:
                s.held.append(e.order)
        case Warned():
            s.warned.append(e.order)
        case Graded():
            s.grades[e.month] = e.grade
        case Discounted():
            s.discounts[e.order] = e.percent
        case LetterSent():
            s.letters.append(e.about)


@account.ended
def _released(s: Account, e: Held) -> None:
    if e.order in s.held:  # what another file brought may have gone with its link
        s.held.remove(e.order)


@account.ended
def _discount_over(s: Account, e: Discounted) -> None:
    s.discounts.pop(e.order, None)


@account.decide
def _owe(s: Account, c: Owe, now: Now) -> Iterator[Fact]:
    yield Owed(order=c.order, amount=c.amount)


@account.decide
def _settle(s: Account, c: Settle, now: Now) -> Iterator[Fact]:
    yield Settled(order=c.order)


@account.decide
def _take(s: Account, c: TakeCard, now: Now) -> Iterator[Fact]:
    yield CardTaken(card=c.card, released=c.release)


@account.decide
def _bring(s: Account, c: BringFriend, now: Now) -> Iterator[Any]:
    yield FriendBrought(friend=c.friend)
    yield To(c.friend, Welcome(by=now.subject))


@account.decide
def _welcome(s: Account, c: Welcome, now: Now) -> Iterator[Fact]:
    now.require(not s.welcomed_by, "already_welcomed", "CLUB-1")
    yield Welcomed(by=c.by)


@account.claim
def _card(e: CardTaken) -> Iterator[Claim]:
    yield Claim("club.card", e.card, WHILE_ACTIVE, release=e.released)


@account.react("CLUB-2")
def _judge(s: Account, e: Owed | Settled, now: Now) -> Iterator[Decision]:
    lines = now.rules(Lines)
    if isinstance(e, Settled):
        return
    open_amount = sum(s.owed.values())
    if open_amount >= lines.hold_from:
        yield Held(order=e.order, amount=open_amount, line=lines.hold_from)
    if open_amount >= lines.warn_from:
        yield Warned(order=e.order, amount=open_amount)
    yield Discounted(order=e.order, percent=min(open_amount // 50, 9))


@account.effect("CLUB-3")
def _write(s: Account, e: Warned, now: Now) -> Iterator[Deed]:
    yield LetterSent(about=e.order)


@account.due
def _month(s: Account, e: Owed, now: Now) -> Iterator[tuple[datetime, Due]]:
    first = now.at.date().replace(day=1)
    yield (
        midnight((first + timedelta(days=32)).replace(day=1), now.at.tzinfo),
        MonthEnds(month=f"{first:%Y-%m}"),
    )


@account.react("CLUB-4")
def _grade(s: Account, d: MonthEnds, now: Now) -> Iterator[Decision]:
    if d.month not in s.grades:
        lines = now.rules(Lines)
        yield Graded(
            month=d.month, grade="regular" if s.total >= lines.regular_from else "new", total=s.total
        )


parts = Parts(
    name="club",
    version="1",
    title=Label("Club", "俱乐部"),
    events=(Owed, Settled, CardTaken, FriendBrought, Welcomed, Held, Warned, Graded, Discounted, LetterSent),
    commands=(Owe, Settle, TakeCard, BringFriend, Welcome),
    facets=(account,),
    rule_sets=(Lines,),
)
