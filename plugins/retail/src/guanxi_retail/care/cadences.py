"""What falls due in care: wishes and gifts, holidays and anniversaries, the Friday message, letters, store events."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guanxi import Asked, Cadence, DueItem, Label, Reader
from guanxi.relationship.care.read_models import gathering_rows, gifts, touches
from guanxi_retail.care.friday import CADENCE, FRIDAY, friday_tasks
from guanxi_retail.care.occasions import Plan, anniversaries, birthday_gifts, birthday_wishes, holidays
from guanxi_retail.care.people import PEOPLE
from guanxi_retail.care.planned import care_at
from guanxi_retail.care.read_models import campaign_periods, first_purchases
from guanxi_retail.care.rhythm import letter_runs, store_events

Items = Callable[[Reader, Asked], Iterator[tuple[str, DueItem]]]

OCCASIONS = (*PEOPLE, touches, gifts)
"""The read models that occasions are planned from."""


def _of(plan: Plan) -> Items:
    """Return what yields the items of a plan that are due; what is suppressed or lies before the import is not."""

    def items(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
        for planned in plan(care_at(reader, asked)):
            if planned.why is None:
                yield planned.one.stream, planned.item

    return items


def _fridays(reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    for task in friday_tasks(reader, asked):
        if task.planned.why is None:
            yield task.planned.one.stream, task.planned.item


birthday_wish = Cadence(
    name="retail.birthday_wish",
    title=Label("Birthday wish to a cardholder", "持卡人生日短信"),
    rule="RET-29",
    reads=OCCASIONS,
    items=_of(birthday_wishes),
    fulfilled_by=("core.message_sent",),
)
birthday_gift = Cadence(
    name="retail.birthday_gift",
    title=Label("Birthday gift to a purchaser", "顾客生日礼品"),
    rule="RET-29",
    reads=OCCASIONS,
    items=_of(birthday_gifts),
    fulfilled_by=("core.gift_given",),
)
holiday_message = Cadence(
    name="retail.holiday_message",
    title=Label("Holiday message", "节日短信"),
    rule="RET-30",
    reads=OCCASIONS,
    items=_of(holidays),
    fulfilled_by=("core.message_sent",),
)
anniversary_message = Cadence(
    name="retail.anniversary_message",
    title=Label("Anniversary message", "纪念日短信"),
    rule="RET-30",
    reads=OCCASIONS,
    items=_of(anniversaries),
    fulfilled_by=("core.message_sent",),
)
friday_message = Cadence(
    name=CADENCE,
    title=Label("Friday message to a VIP", "VIP周五短信"),
    rule="RET-31",
    reads=FRIDAY,
    items=_fridays,
    fulfilled_by=("core.message_sent",),
)
letter_run = Cadence(
    name="retail.letter_run",
    title=Label("Letters of a campaign", "活动信函"),
    rule="RET-32",
    reads=(campaign_periods, touches),
    items=letter_runs,
    fulfilled_by=("core.message_sent",),
)
store_event = Cadence(
    name="retail.store_event",
    title=Label("Face-to-face event", "面对面门店活动"),
    rule="RET-32",
    reads=(gathering_rows, first_purchases),
    items=store_events,
    fulfilled_by=("core.gathering_held",),
)

CADENCES = (
    birthday_wish,
    birthday_gift,
    holiday_message,
    anniversary_message,
    friday_message,
    letter_run,
    store_event,
)
