"""Collection on pay day: due on the first pay day on or after a delivery (RET-43)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from guanxi import Asked, Reader
from guanxi.relationship.care.read_models import PROFILE, standings
from guanxi.relationship.care.replenishment import first_pay_day, number_of
from guanxi.relationship.care.rules import ReplenishmentRules
from guanxi.relationship.file.standing import shown_rows, survivors
from guanxi_retail.group_purchase.read_models import DELIVERY
from guanxi_retail.group_purchase.spans import holdings

_LONGEST = 31


def pay_days(reader: Reader, asked: Asked) -> dict[str, list[tuple[datetime, int | None]]]:
    """Return which pay day each customer told from when on; None for what is no day of a month."""
    field_name, into = asked.rules(ReplenishmentRules).pay_day_field, survivors(reader, asked.as_of)
    found: dict[str, list[tuple[datetime, int | None]]] = {}
    for stream, row in shown_rows(reader, standings, into):
        if (row.what, row.about) == (PROFILE, field_name):
            number = number_of(row.value)
            fits = number is not None and number.denominator == 1 and 1 <= number <= _LONGEST
            found.setdefault(stream, []).append((row.at, int(number) if fits and number else None))
    for told in found.values():
        told.sort(key=lambda pair: pair[0])
    return found


def pay_day_at(told: list[tuple[datetime, int | None]], moment: datetime) -> int | None:
    """Return the pay day that was known at a moment, or None."""
    return next((day for at, day in reversed(told) if at <= moment), None)


def collections(reader: Reader, asked: Asked) -> Iterator[tuple[str, datetime, date, bool]]:
    """Yield each delivery of followed products, one a day, with the day on which to collect and whether the pay day is known.

    Without a pay day it is collected at the delivery.
    """
    delivered: dict[tuple[str, date], datetime] = {}
    for (stream, _), one in holdings(reader, asked).items():
        for move in one.moved(DELIVERY) if one.is_followed else ():
            if move.at is not None:
                day = move.at.date()
                delivered[stream, day] = min(move.at, delivered.get((stream, day), move.at))
    told = pay_days(reader, asked)
    for (stream, day), at in sorted(delivered.items()):
        pay_day = pay_day_at(told.get(stream, []), at)
        yield stream, at, day if pay_day is None else first_pay_day(pay_day, day), pay_day is not None


def due_days(reader: Reader, asked: Asked) -> dict[str, date]:
    """Return for each customer the day on which the last delivery is to be collected."""
    return {stream: due for stream, _, due, _ in collections(reader, asked)}
