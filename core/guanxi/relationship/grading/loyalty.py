"""What loyalty is measured by: duration of the relationship, quantity consumed, service time, sole use (CORE-59)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.reports import Asked
from guanxi.kernel.times import add_months
from guanxi.relationship.dealings.events import GoodsDelivered
from guanxi.relationship.file.events import ProfileFactRecorded
from guanxi.relationship.grading.measures import ZERO, Span, measured, postings_by_stream
from guanxi.relationship.grading.members import members_of, owners
from guanxi.relationship.grading.rules import LoyaltyRules, ValueRules
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.service.events import ServiceCompleted, ServiceStepTaken

SALE, LAPSE, SERVICE, SOLE_USE = "sale", "lapse", "service", "sole_use"


@attrs.define
class LoyaltyRow:
    """One thing that loyalty is measured by: the first sale, a stretch of silence, a day's hours of service, sole use."""

    what: str = column(key=True)
    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    until: date | None = None
    hours: Decimal = column(scale=6, default=ZERO)  # noqa: RUF009 - an attrs field, not a default
    sole_use: str | Erased | None = personal("identity", default=None)  # noqa: RUF009 - an attrs field, not a default


loyalty = ReadModel("core.loyalty", LoyaltyRow, title=Label("What loyalty is measured by", "忠诚度依据"))


@loyalty.on
def _sold(rows: Rows[LoyaltyRow], e: GoodsDelivered, at: datetime) -> None:
    row = rows[SALE, date.min]
    if row.until is None or at.date() < row.until:
        row.until = at.date()


@loyalty.on
def _stage(rows: Rows[LoyaltyRow], e: LifecycleStageChanged, at: datetime) -> None:
    last = rows[LAPSE, date.min]
    if last.until is not None:
        rows[LAPSE, last.until].until = at.date()
        last.until = None
    if e.after == "lapsed":
        rows[LAPSE, at.date()].until = None
        last.until = at.date()


@loyalty.on
def _served(rows: Rows[LoyaltyRow], e: ServiceCompleted | ServiceStepTaken, at: datetime) -> None:
    if e.hours is not None:
        rows[SERVICE, at.date()].hours += e.hours


@loyalty.on
def _told(rows: Rows[LoyaltyRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == SOLE_USE:
        rows[SOLE_USE, date.min].sole_use = e.value


@attrs.define
class LoyaltyInputs:
    """A customer's inputs at a cut.

    Args:
        months: whole months since the first fulfilled sale, lapsed months taken out; 0 before it.
        quantity: consumed in the months measured, less what came back.
        hours: hours of service rendered in them.
        sole_use: whether he uses our product alone, as stated; None where it is not known.
    """

    months: int = 0
    quantity: Decimal = ZERO
    hours: Decimal = ZERO
    sole_use: str | Erased | None = None


def whole_months(first: date, last: date) -> int:
    """Return how many whole months lie between two days.

    Args:
        first: from when.
        last: until when; a corresponding day completes a month.
    """
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) <= last else months - 1


def duration(first_sale: date | None, lapses: list[tuple[date, date | None]], day: date) -> int:
    """Return the whole months of a relationship, with whole lapsed months taken out.

    Args:
        first_sale: day of the first fulfilled sale, None before there is one.
        lapses: (from, until) pairs; None while it lasts.
        day: the as-of day.
    """
    if first_sale is None or first_sale > day:
        return 0
    months = whole_months(first_sale, day)
    for begins, ends in lapses:
        months -= max(0, whole_months(begins, min(ends or day, day)))
    return max(0, months)


def inputs_by_stream(reader: Reader, asked: Asked) -> dict[str, LoyaltyInputs]:
    """Return every customer's inputs at the cut, by stream.

    Args:
        reader: at a cut; what reads it declares ``members``, ``values`` and ``loyalty``.
        asked: the cut.
    """
    rules, day = asked.rules(LoyaltyRules), asked.day
    window = Span(add_months(day, -rules.months), date.max)
    posted, currency = postings_by_stream(reader, day), asked.rules(ValueRules).currency
    found = {stream: LoyaltyInputs() for stream in members_of(reader)}
    sales: dict[str, date | None] = {}
    lapses: dict[str, list[tuple[date, date | None]]] = {}
    owner = owners(reader)
    for own_stream, row in reader.rows(loyalty):
        stream = owner.get(own_stream, own_stream)
        if stream not in found:
            continue
        if row.what == SALE:
            earlier = sales.get(stream)
            sales[stream] = row.until if earlier is None or row.until is None else min(earlier, row.until)
        elif row.what == LAPSE and row.day != date.min:
            lapses.setdefault(stream, []).append((row.day, row.until))
        elif row.what == SERVICE and row.day in window and row.day <= day:
            found[stream].hours += row.hours
        elif row.what == SOLE_USE:
            found[stream].sole_use = row.sole_use
    for stream, own in found.items():
        own.quantity = measured(posted.get(stream, ()), window, currency).quantity
        own.months = duration(sales.get(stream), lapses.get(stream, []), day)
    return found
