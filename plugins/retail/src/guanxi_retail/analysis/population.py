"""The population of the analyses, in one currency."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Reader
from guanxi_retail.analysis.measures import CustomerOccasions
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import CURRENCY_NOTE, CUSTOMERS_NOTE, Note, account_of, one_currency, stored


@attrs.frozen
class Population:
    """Everybody with a purchase until a day, in one currency.

    Args:
        histories: by ascending account number.
        currency: None where nobody has bought yet.
    """

    histories: tuple[CustomerOccasions, ...]
    currency: str | None

    def notes(self) -> list[Note]:
        """Return what every report of a population says of it."""
        notes = [(CUSTOMERS_NOTE, f"{len(self.histories):,}")]
        return notes if self.currency is None else [*notes, (CURRENCY_NOTE, self.currency)]


def population(reader: Reader, asked: Asked, currency: str | None) -> Population:
    """Return the purchase days of every customer until the as-of day; a refund lessens the day of its purchase.

    The database gives one row a customer, with the receipts told in one text: fetching a million rows takes longer than
    taking so many pieces apart.

    Raises:
        Invalid: ``unit_mismatch`` when purchases are in several currencies and none is chosen.
    """

    def wanted(receipts: Any) -> list[sa.ColumnElement[bool]]:
        c = receipts.c
        until = [c.day.is_not(None), c.day <= asked.day.isoformat()]
        return until if currency is None else [*until, c.currency == currency]

    def currencies(receipts: Any) -> sa.Select[Any]:
        return sa.select(receipts.c.currency).where(*wanted(receipts)).distinct()

    def days(receipts: Any) -> sa.Select[Any]:
        c = receipts.c
        told = c.day + " " + sa.cast(c.paid - c.refunded, sa.Text)
        return (
            sa.select(c.stream, sa.func.aggregate_strings(told, ","))
            .where(*wanted(receipts))
            .group_by(c.stream)
        )

    only = one_currency({one for (one,) in reader.select(currencies, receipts)})
    accounts, unit = account_of(reader), stored(receipts, "paid")(1)
    day_of = cache(date.fromisoformat)
    histories: list[CustomerOccasions] = []
    for stream, told in reader.select(days, receipts):
        sums: dict[str, int] = {}
        for receipt in told.split(","):
            day, units = receipt.split(" ")
            sums[day] = sums.get(day, 0) + int(units)
        mine = sorted(sums)
        values = tuple([sums[day] * unit for day in mine])
        histories.append(CustomerOccasions(accounts(stream), tuple(map(day_of, mine)), values))
    histories.sort(key=lambda history: history.customer)
    return Population(tuple(histories), only)
