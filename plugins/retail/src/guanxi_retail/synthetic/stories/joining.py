"""Stories of membership: the form, the card, changed numbers, files made twice, leaving, reservations."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi import OpenFile, RecordProfileFact
from guanxi.relationship.campaigns.commands import ScreenCustomer
from guanxi.relationship.care.commands import GiveConsent
from guanxi.relationship.file.commands import MergeFiles, UndoMerge
from guanxi.relationship.service.commands import DoReturnVisit, DrawReturnVisit
from guanxi_retail.membership.commands import (
    EnrolMember,
    IssueMemberCard,
    LeaveProgramme,
    RebindMemberCard,
    RecordReservation,
)
from guanxi_retail.points.commands import RedeemPoints, ReturnPoints
from guanxi_retail.promotions.commands import RecordReferral
from guanxi_retail.synthetic.basket import GOODS, line
from guanxi_retail.synthetic.members import SHOP, account, mobile
from guanxi_retail.synthetic.ruling import OUTLINE
from guanxi_retail.synthetic.stories.buying import sold
from guanxi_retail.synthetic.telling import Step, Teller

WITHOUT_CARD, FRIEND, WITHOUT_CONSENT, DENIED = (13, 18), 5, 4, 15


def enrolment(t: Teller) -> Iterator[Step]:
    """The form is filled in at the desk; most get their card with it, and agree to messages."""
    m = t.member
    yield t.order(0, 10, OpenFile(name=m.name, source_channel=m.channel), "desk")
    if m.place == FRIEND:
        referral = RecordReferral(referrer=account(m.neighbour(4)), card=mobile(m.neighbour(4)))
        yield t.order(0, 10.1, referral, "desk")
    form = {} if m.number % 7 == 3 else {"birth_date": m.born.isoformat()}
    number = mobile(m.neighbour(DENIED - 1)) if m.place == DENIED else m.mobile
    told = EnrolMember(mobile=number, form=form, source_channel=m.channel, outlet=m.outlet)
    if m.place == DENIED:
        yield t.say(0, 10.5, told, "desk", happened=True, late=1)
    else:
        yield t.order(0, 10.5, told, "desk")
    if m.place not in (*WITHOUT_CARD, DENIED):
        vip = m.place == 0
        card = IssueMemberCard(ground="vip" if vip else "form", card_class="vip" if vip else "standard")
        yield t.order(0, 10.6, card, "desk")
    if m.place != WITHOUT_CONSENT:
        yield t.order(0, 10.7, GiveConsent(wording_version="syn-1", evidence="合成表单"), "desk")


def screening(t: Teller) -> Iterator[Step]:
    """One is looked at in three stages, and asked the six items."""
    stages = ("preliminary", "shortlist", "final")[: 1 + t.member.number % 3]
    for n, stage in enumerate(stages):
        command = ScreenCustomer(
            stage=stage,  # type: ignore[arg-type]
            outline_version=OUTLINE,
            judged="passed",
        )
        yield t.order(2 * n, 10, command, "marketing")
    day = t.day(7)
    drawn = DrawReturnVisit(method="importance", drawn_on=day, population=SHOP)
    yield t.order(7, 9, drawn, "desk")
    visit = DoReturnVisit(
        return_visit=f"importance/{day.isoformat()}/0", product_effect="合成：好", after_sales="合成：及时"
    )
    yield t.order(9, 15, visit, "desk")


def reservations(t: Teller) -> Iterator[Step]:
    """A consultation is booked, and kept, cancelled or forgotten."""
    for part, status in enumerate(("kept", "cancelled", "no_show")):
        number, day = t.code("B", part + 1), 6 * part
        made = RecordReservation(reservation=number, for_time=t.moment(day + 3, 15), service="合成护理")
        yield t.say(day, 11, made, "desk")
        done = RecordReservation(reservation=number, status=status)  # type: ignore[arg-type]
        yield t.say(day + (1 if status == "cancelled" else 3), 16, done, "desk")


def new_number(t: Teller) -> Iterator[Step]:
    """The mobile number changes, and who was imported with the old one is given it."""
    rebound = RebindMemberCard(mobile=mobile(t.member.number, "138"), proof="合成：两部电话")
    yield t.order(0, 11, rebound, "desk")
    fields = {"number": t.member.mobile}
    yield t.say(2, 11, None, "desk", order=True, deed="hand_on", fields=fields)


def double(t: Teller) -> Iterator[Step]:
    """A second file is found to be the same person's: its points come along, and its number is changed."""
    other, second = f"{t.member.account}-D", mobile(t.member.number, "137")
    yield from _second_file(t, other, second)
    yield t.order(20, 10, MergeFiles(absorbed=other), "desk")
    rebound = RebindMemberCard(mobile=mobile(t.member.number, "136"), proof="合成：两部电话", old=second)
    yield t.order(22, 11, rebound, "desk")


def double_after_all_two(t: Teller) -> Iterator[Step]:
    """Two files are made one and are two people's after all: what is left of the points goes back, and what was earned stays."""
    other, second = f"{t.member.account}-D", mobile(t.member.number, "137")
    yield from _second_file(t, other, second)
    yield t.order(20, 10, MergeFiles(absorbed=other), "desk")
    meanwhile = sold(t, t.code("R", 2), (line(90, GOODS[0]),), card=second)
    yield t.order(22, 15, meanwhile, subject=other)
    yield t.order(24, 12, RedeemPoints(redemption=t.code("X"), points=10, purpose="gift"))
    yield t.order(30, 10, UndoMerge(absorbed=other), "desk")
    yield t.order(31, 10, ReturnPoints(absorbed=other), "desk")


def _second_file(t: Teller, other: str, number: str) -> Iterator[Step]:
    opened = OpenFile(name=t.member.name, source_channel=t.member.channel)
    yield t.order(0, 10, opened, "desk", subject=other)
    told = EnrolMember(mobile=number, source_channel=t.member.channel, outlet=t.member.outlet)
    yield t.order(0, 10.5, told, "desk", subject=other)
    receipt = sold(t, t.code("R"), (line(120, GOODS[0]), line(80, GOODS[6], 2)), card=number)
    yield t.order(1, 15, receipt, subject=other)


def leaving(t: Teller) -> Iterator[Step]:
    """One leaves the programme."""
    yield t.order(0, 17, LeaveProgramme(), "desk")


def household(t: Teller) -> Iterator[Step]:
    """Something further is told of one."""
    yield t.say(0, 15, RecordProfileFact(field_name="household_size", value="3"), "desk", late=1)
