"""Stories of care: birthdays, Friday messages, letters, store events, visits of key customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from guanxi.relationship.care.commands import AttendGathering, GiveGift, SendMessage
from guanxi.relationship.due_items.commands import AssignDueItem
from guanxi.relationship.service.commands import ReceiveFeedback
from guanxi_retail.store.commands import DesignateKeyCustomer, RecordStoreVisit
from guanxi_retail.synthetic.ruling import spring
from guanxi_retail.synthetic.stores import event_of
from guanxi_retail.synthetic.telling import Step, Teller

FRIDAY = 4


def birthday(t: Teller) -> Iterator[Step]:
    """On the birthday a wish goes out, and most who bought get the newest sample."""
    days = (t.first.replace(day=t.member.born.day) - t.first).days
    item = f"birthday/{t.first.year}"
    wish = SendMessage(
        message=t.code("M"),
        kind="greeting",
        care_item=item,
        sender=t.member.staff("desk"),
        content="合成生日快乐",
    )
    yield t.order(days, 10, wish, "desk")
    if t.member.number % 3:
        gift = GiveGift(gift=t.code("G"), care_item=item, content="合成小样")
        yield t.order(days, 15, gift, "desk")


def fridays(t: Teller) -> Iterator[Step]:
    """The Friday message of a VIP is given to somebody, who sends it most weeks."""
    friday = t.first + timedelta(days=(FRIDAY - t.first.weekday()) % 7)
    days, key = (friday - t.first).days, f"weekly/{friday.isoformat()}"
    sender = t.member.staff("seller")
    assigned = AssignDueItem(cadence="retail.friday_message", number=key, person=sender)
    yield t.order(days, 8.5, assigned, "head")
    message = SendMessage(
        message=t.code("M"), kind="greeting", care_item=key, sender=sender, content="合成周末问候"
    )
    if t.draw.random() < 0.8:
        yield t.order(days, 11 + t.draw.randint(0, 5), message, "seller")


def letter(t: Teller) -> Iterator[Step]:
    """A letter tells of the campaign."""
    sent = SendMessage(
        message=t.code("L"),
        kind="marketing",
        channel="letter",
        campaign=spring(t.first.replace(day=1)).campaign,
        content="合成信函",
    )
    yield t.order(16 - t.first.day, 10, sent, "marketing")


def event(t: Teller) -> Iterator[Step]:
    """The member comes to the shop's event."""
    days = 15 - t.first.day
    command = AttendGathering(gathering=event_of(t.member.shop, t.day(days)), kind="store_event")
    yield t.order(days, 16, command, "desk")


def key_customer(t: Teller) -> Iterator[Step]:
    """A key customer is entered in the book, and received by the manager; once by a salesperson."""
    yield t.order(0, 9.5, DesignateKeyCustomer(), "head")


def visits(t: Teller) -> Iterator[Step]:
    """Somebody comes to the shop and is received."""
    by_head = t.member.place == 0 and t.number % 3 != 2
    bought = t.draw.random() < 0.5
    visit = RecordStoreVisit(
        visit=t.code("VI"),
        outlet=t.member.outlet,
        received_by=t.member.staff("head" if by_head else "seller"),
        role="store_manager" if by_head else "salesperson",
        outcome="bought" if bought else "not_bought",
        lost_reason=None if bought else t.draw.choice(("size_out_of_stock", "price", "only_looking")),
        matter="合成：看新款",
    )
    yield t.say(t.draw.randint(0, 15), 15, visit, "head")


def opinion(t: Teller) -> Iterator[Step]:
    """The member says something of the card rules."""
    yield t.say(0, 15, ReceiveFeedback(feedback=t.code("F"), kind="opinion", category="card_rules"), "desk")
