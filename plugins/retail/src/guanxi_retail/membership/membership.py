"""Who is a member, since when, and under which card number; who holds a card that was handed over (RET-01, RET-02, RET-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs

from guanxi import (
    ADVISORY,
    WHILE_ACTIVE,
    Claim,
    Conflict,
    Decision,
    Erased,
    Facet,
    Fact,
    Incomplete,
    Label,
    Now,
    To,
    Unknown,
)
from guanxi.relationship import CustomerFile, RelationshipClosed, customer_file
from guanxi.relationship.file.contacts import ContactPoints, contacts, point_number
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    ContactPointRetired,
    FilesMerged,
    MergeUndone,
    ProfileFactRecorded,
)
from guanxi.relationship.file.merges import Merges, merges
from guanxi.relationship.file.rules import TelephoneRules
from guanxi.relationship.governance.events import PersonalDataErased
from guanxi_retail.membership.commands import (
    BIRTH_DATE,
    BIRTHDAY,
    EnrolMember,
    LeaveProgramme,
    RebindMemberCard,
    ReleaseMemberCard,
    TakeUpMemberCard,
)
from guanxi_retail.membership.events import (
    EndReason,
    MemberCardIssued,
    MemberCardRebound,
    MemberCardReleased,
    MemberCardTakenUp,
    MemberEnrolled,
    MembershipEnded,
    MembershipLeft,
)
from guanxi_retail.membership.numbers import card_number
from guanxi_retail.membership.rules import EnrolmentRules

CARD = "retail.card"
"""The claim on a card number while it is a member's."""

CARD_EVER = "retail.card_ever"
"""The note that a card number was a member's at some time, by which former holders are found."""

MOBILE: Final = "mobile"


@attrs.define
class Held:
    """A card number that is or was the member's.

    Args:
        number: in E.164.
        since: from when.
        until: until when; None while it is his.
        why: why it is his no longer: ``rebound``, or why the membership ended.
    """

    number: str | Erased
    since: datetime
    until: datetime | None = None
    why: str | None = None


@attrs.define
class Card:
    """A card that was handed over."""

    at: datetime
    ground: str
    card_class: str | None
    receipt: str | None


@attrs.define
class Membership:
    """A membership: its numbers, from when it runs, and the card that was handed over."""

    held: list[Held] = attrs.field(factory=list)
    programme: str | None = None
    since: datetime | None = None
    source_channel: str | None = None
    outlet: str | None = None
    issued: Card | None = None
    ended: EndReason | None = None
    absorbed: bool = False

    @property
    def active(self) -> list[Held]:
        """The numbers that are the member's now; several where files were merged."""
        return [one for one in self.held if one.until is None]

    @property
    def is_member(self) -> bool:
        """Whether the membership runs."""
        return any(one.until is None for one in self.held)

    @property
    def card(self) -> str | Erased | None:
        """The card number, the first one where a merged file has several; None for who is no member."""
        return next((one.number for one in self.held if one.until is None), None)

    @property
    def holds_card(self) -> bool:
        """Whether a card was handed over and stands."""
        return self.issued is not None and self.is_member

    def find(self, number: str | Erased | None, since: datetime | None = None) -> Held | None:
        """Return what is held now under a number; under one that was erased, what is held since a moment.

        Args:
            number: in E.164; any if None.
            since: from when it was held, where that is known.
        """
        if isinstance(number, str):
            return next((one for one in self.active if one.number == number), None)
        active = self.active
        return next((one for one in active if one.since == since), active[0] if active else None)


membership = Facet(
    "retail.membership",
    Membership,
    reads=(customer_file, contacts, merges),
    title=Label("Membership", "会员"),
)


# What changes it


@membership.evolve
def _enrolled(s: Membership, e: MemberEnrolled, at: datetime) -> None:
    if not s.is_member:
        s.since, s.programme, s.issued, s.ended = at, e.programme, None, None
        s.source_channel, s.outlet = e.source_channel, e.outlet
    s.held.append(Held(e.card, at))


@membership.evolve
def _rebound(s: Membership, e: MemberCardRebound, at: datetime) -> None:
    if (old := s.find(e.old_card, e.held_since)) is not None:
        old.until, old.why = at, "rebound"
        s.held.insert(s.held.index(old) + 1, Held(e.new_card, at))


@membership.evolve
def _issued(s: Membership, e: MemberCardIssued, at: datetime) -> None:
    s.issued = Card(at, e.ground, e.card_class, e.receipt)


@membership.evolve
def _ended(s: Membership, e: MembershipEnded, at: datetime) -> None:
    if e.reason == "merged" and not s.absorbed:
        return  # the absorbed file's membership is this one's now
    for one in s.active:
        if one.since == e.since:
            one.until, one.why = at, e.reason
    if not s.is_member:
        s.ended = e.reason
        if e.reason != "merged":
            s.issued = None


@membership.evolve
def _merged(s: Membership, e: FilesMerged) -> None:
    s.absorbed = s.absorbed or e.here == "absorbed"


@membership.evolve
def _set_apart(s: Membership, e: MergeUndone) -> None:
    if e.here == "absorbed":
        s.absorbed, s.ended = False, None
        for one in s.held:
            if one.why == "merged":
                one.until = one.why = None


# What is held by nobody else


@membership.claim
def _takes(e: MemberEnrolled | MemberCardTakenUp) -> Iterator[Claim]:
    if isinstance(e.card, str):
        yield Claim(CARD, e.card, WHILE_ACTIVE)
        yield Claim(CARD_EVER, e.card, ADVISORY)


@membership.claim
def _moves(e: MemberCardRebound) -> Iterator[Claim]:
    if isinstance(e.old_card, str):
        yield Claim(CARD, e.old_card, WHILE_ACTIVE, release=True)
    if isinstance(e.new_card, str):
        yield Claim(CARD, e.new_card, WHILE_ACTIVE)
        yield Claim(CARD_EVER, e.new_card, ADVISORY)


@membership.claim
def _gives_back(e: MembershipEnded) -> Iterator[Claim]:
    # After a merge the number is the survivor's, who is one with this file.
    if isinstance(e.card, str) and e.reason != "merged":
        yield Claim(CARD, e.card, WHILE_ACTIVE, release=True)


@membership.claim
def _gives_up(e: MemberCardReleased) -> Iterator[Claim]:
    if isinstance(e.card, str):
        yield Claim(CARD, e.card, WHILE_ACTIVE, release=True)


@membership.claim
def _is_forgotten(e: PersonalDataErased, s: Membership) -> Iterator[Claim]:
    """Nobody is found any more by a number that was erased, and others may bear it."""
    if e.is_of_the_party("contact"):
        for one in s.held:
            if isinstance(one.number, str):
                yield Claim(CARD, one.number, WHILE_ACTIVE, release=True)
                yield Claim(CARD_EVER, one.number, ADVISORY, release=True)


# What may be told


@membership.decide
def _enrol(s: Membership, c: EnrolMember, now: Now) -> Iterator[Fact]:
    card = _number(c.mobile, now)
    _complete(c, now)
    if s.is_member:
        now.forbid(
            Conflict(
                "already_member",
                f"{now.subject} is a member",
                zh=f"{now.subject} 已是会员",
                rule="RET-02",
                accepts="a change of the mobile number, or somebody who is no member",
            )
        )
    told = {**({"name": c.name.strip()} if c.name and c.name.strip() else {}), **c.form}
    yield MemberEnrolled(
        card=card,
        programme=c.programme,
        form_fields=tuple(sorted({*told, MOBILE})),
        source_channel=c.source_channel,
        outlet=c.outlet,
    )
    file = now.of(CustomerFile)
    for name, value in told.items():
        known = file.name if name == "name" else file.profile.get(name)
        if known != value:
            yield ProfileFactRecorded(
                field_name=name, value=value, nature="initial" if known is None else "change"
            )
    yield from _reached_by(card, now)


def _complete(c: EnrolMember, now: Now) -> None:
    """Refuse a form that lacks what the programme asks for."""
    known = {MOBILE: c.mobile, "name": c.name or now.of(CustomerFile).name, **c.form}
    known.setdefault(BIRTHDAY, known.get(BIRTH_DATE))
    missing = [name for name in now.rules(EnrolmentRules).mandatory if not known.get(name)]
    if missing:
        now.forbid(
            Incomplete(
                "form_incomplete",
                f"the form lacks {', '.join(missing)}",
                zh=f"表单缺少 {'、'.join(missing)}",
                rule="RET-01",
                accepts="every mandatory field",
            )
        )


def _number(told: str | None, now: Now) -> str:
    return card_number(told, now.rules(TelephoneRules), now.rules(EnrolmentRules))


def _reached_by(card: str, now: Now) -> Iterator[Fact]:
    """Yield the core's contact point of a card number, unless it is on file: by it the core recognises who calls."""
    points = now.of(ContactPoints)
    if points.find(MOBILE, card) is None:
        number = point_number(now, points.last_number + 1)
        yield ContactPointRecorded(point=number, type=MOBILE, value=card, use="card")


@membership.decide
def _rebind(s: Membership, c: RebindMemberCard, now: Now) -> Iterator[Fact | To]:
    require_member(s, now)
    new = _number(c.mobile, now)
    old = s.find(None if c.old is None else _number(c.old, now))
    if old is None or not isinstance(old.number, str) or s.find(new) is not None:
        raise Conflict(
            "identifier_taken",
            "the new number is this member's already, or the old one is not",
            zh="新号码已是该会员的卡号，或旧号码不是",
            rule="RET-02",
            accepts="a number that is another than the present one",
        )
    yield MemberCardRebound(old_card=old.number, new_card=new, proof=c.proof, held_since=old.since)
    yield from _reached_by(new, now)
    if (point := now.of(ContactPoints).find(MOBILE, old.number)) is not None:
        yield ContactPointRetired(point=point, type=MOBILE, value=old.number)
    yield from _given_up(old.number, now)


@membership.decide
def _take_up(s: Membership, c: TakeUpMemberCard, now: Now) -> Iterator[Fact]:
    require_member(s, now)
    card = _number(c.mobile, now)
    if s.find(card) is None:
        raise Unknown(
            "card_not_his",
            "the member was never told to hold that number then",
            zh="该会员此时并未登记该卡号",
            rule="RET-02",
            accepts="a number under which the member was enrolled",
        )
    yield MemberCardTakenUp(card=card)


@membership.decide
def _leave(s: Membership, c: LeaveProgramme, now: Now) -> Iterator[Fact | To]:
    require_member(s, now)
    for one in s.active:
        yield MembershipLeft(card=one.number, held_since=one.since)
        yield from _given_up(one.number, now)


def require_member(s: Membership, now: Now) -> None:
    """Refuse what is told of the membership of who is no member then."""
    if not s.is_member:
        raise Unknown(
            "not_a_member",
            f"{now.subject} is no member on {now.at:%Y-%m-%d}",
            zh=f"{now.at:%Y-%m-%d} 时 {now.subject} 不是会员",
            rule="RET-02",
            accepts="a member, enrolled before",
        )


def _given_up(card: str | Erased, now: Now) -> Iterator[To]:
    """Yield what frees a number that a file brought along which is merged into this one."""
    for stream in sorted(now.of(Merges).shown):
        if isinstance(card, str):
            yield To(stream, ReleaseMemberCard(card=card))


@membership.decide
def _release(s: Membership, c: ReleaseMemberCard, now: Now) -> Iterator[Fact]:
    if s.find(c.card) is None and any(one.number == c.card for one in s.held):
        yield MemberCardReleased(card=c.card)


# What follows


@membership.react("RET-02")
def _left(s: Membership, e: MembershipLeft, now: Now) -> Iterator[Decision]:
    if (one := s.find(e.card, e.held_since)) is not None:
        yield MembershipEnded(reason="left", since=one.since, card=one.number)


@membership.react("RET-02")
def _file_closed(s: Membership, e: RelationshipClosed, now: Now) -> Iterator[Decision]:
    yield from _all_ended(s, "closed")


@membership.react("RET-02")
def _file_absorbed(s: Membership, e: FilesMerged, now: Now) -> Iterator[Decision]:
    if e.here == "absorbed":
        yield from _all_ended(s, "merged")


@membership.react("RET-02")
def _number_erased(s: Membership, e: PersonalDataErased, now: Now) -> Iterator[Decision]:
    if e.is_of_the_party("contact"):
        yield from _all_ended(s, "erased")


def _all_ended(s: Membership, reason: EndReason) -> Iterator[Decision]:
    for one in s.active:
        yield MembershipEnded(reason=reason, since=one.since, card=one.number)
