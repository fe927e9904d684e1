"""Gifts to the customer, and the gatherings he came to (CORE-42)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.care.commands import AttendGathering, GiveGift
from guanxi.relationship.care.events import GatheringAttended, GiftGiven
from guanxi.relationship.file.events import ProfileFactRecorded

PUBLIC_OFFICIAL, YES = "public_official", "yes"


@attrs.define
class Favours:
    """What the customer was given, and where he was a guest."""

    gifts: list[str] = attrs.field(factory=list)
    gatherings: list[str] = attrs.field(factory=list)
    public_official: bool = False


favours = Facet("core.favours", Favours, title=Label("Gifts and gatherings", "礼品与会议"))


@favours.evolve
def _flagged(s: Favours, e: ProfileFactRecorded) -> None:
    if e.field_name == PUBLIC_OFFICIAL:
        s.public_official = e.value == YES


@favours.evolve
def _given(s: Favours, e: GiftGiven) -> None:
    s.gifts.append(e.gift)


@favours.evolve
def _came(s: Favours, e: GatheringAttended) -> None:
    s.gatherings.append(e.gathering)


@favours.decide
def _give(s: Favours, c: GiveGift, now: Now) -> Iterator[Fact]:
    if c.gift in s.gifts:
        raise Conflict(
            "source_conflict",
            f"the gift {c.gift} is on record",
            zh=f"礼品 {c.gift} 已登记",
            rule="CORE-42",
            accepts="another number",
        )
    now.require(
        not s.public_official,
        "gate_unmet",
        "CORE-42",
        "the customer is a public official and gets no gifts",
        zh="客户为公职人员，不得赠送礼品",
        accepts="a greeting without a gift",
    )
    yield GiftGiven(
        gift=c.gift,
        care_item=c.care_item,
        campaign=c.campaign,
        value=c.value,
        given_by=c.given_by,
        content=c.content,
    )


@favours.decide
def _attend(s: Favours, c: AttendGathering, now: Now) -> Iterator[Fact]:
    yield GatheringAttended(
        gathering=c.gathering,
        kind=c.kind,
        held_on=c.held_on or now.at.date(),
        person=c.person,
    )
