"""What falls due in care: greetings, the weekly message, contact by importance, deliveries, collections, the conference."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guanxi.kernel.before_import import known_since
from guanxi.kernel.cadences import Cadence, DueItem
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked
from guanxi.relationship.care.density import DENSITY, next_contacts
from guanxi.relationship.care.occasions import (
    OCCASIONS,
    Occasions,
    birthdays,
    care_at,
    conferences,
    festivals,
    significant_days,
    weekly_messages,
)
from guanxi.relationship.care.read_models import gathering_rows, people
from guanxi.relationship.care.replenishment import SUPPLY, collections, deliveries

GREETED = ("core.message_sent", "core.gift_given")


def _occasion(items: Occasions) -> Callable[[Reader, Asked], Iterator[tuple[str, DueItem]]]:
    def at(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
        return items(care_at(reader, asked))

    return at


def _conferences(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    opened = {stream: row.opened_at for stream, row in reader.rows(people) if row.opened_at is not None}
    known = known_since(opened, asked)  # of years before anybody was known, nobody owes a conference
    first = asked.day_of(min(known.values())) if known else None
    return conferences(reader, asked, first)


def _contacts(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    return next_contacts(reader, asked)


birthday = Cadence(
    name="core.birthday",
    title=Label("Birthday greeting", "生日问候"),
    rule="CORE-41",
    reads=OCCASIONS,
    items=_occasion(birthdays),
    fulfilled_by=GREETED,
)
festival = Cadence(
    name="core.festival",
    title=Label("Festival greeting", "节日问候"),
    rule="CORE-42",
    reads=OCCASIONS,
    items=_occasion(festivals),
    fulfilled_by=GREETED,
)
significant_day = Cadence(
    name="core.significant_day",
    title=Label("Day that means something", "纪念日"),
    rule="CORE-42",
    reads=OCCASIONS,
    items=_occasion(significant_days),
    fulfilled_by=GREETED,
)
weekly_message = Cadence(
    name="core.weekly_message",
    title=Label("Weekly message to a VIP", "重要客户每周问候"),
    rule="CORE-43",
    reads=OCCASIONS,
    items=_occasion(weekly_messages),
    fulfilled_by=("core.message_sent",),
)
conference = Cadence(
    name="core.customer_conference",
    title=Label("Yearly customer conference", "年度客户服务会议"),
    rule="CORE-42",
    reads=(people, gathering_rows),
    items=_conferences,
    fulfilled_by=("core.gathering_held",),
)
density = Cadence(
    name="core.contact_density",
    title=Label("Contact by importance", "联络密度"),
    rule="CORE-44",
    reads=DENSITY,
    items=_contacts,
    fulfilled_by=("core.action_recorded", "core.message_sent"),
)
delivery = Cadence(
    name="core.replenishment",
    title=Label("Delivery before run-out", "补货送货"),
    rule="CORE-47",
    reads=SUPPLY,
    items=deliveries,
    fulfilled_by=("core.goods_delivered",),
)
collection = Cadence(
    name="core.pay_day_collection",
    title=Label("Collection on pay day", "发薪日收款"),
    rule="CORE-47",
    reads=SUPPLY,
    items=collections,
    fulfilled_by=("core.receipt_recorded",),
)

CADENCES = (
    birthday,
    festival,
    significant_day,
    weekly_message,
    conference,
    density,
    delivery,
    collection,
)
