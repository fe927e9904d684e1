"""The population of the analyses, in one currency."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import attrs
import sqlalchemy as sa

from guanxi import Asked, Reader
from guanxi_retail.analysis.measures import CustomerOccasions, Occasion
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

    The database adds up each customer's days, so that a report over a million receipts reads days, not receipts.

    Raises:
        Invalid: ``unit_mismatch`` when purchases are in several currencies and none is chosen.
    """

    def by_day(receipts: Any) -> sa.Select[Any]:
        c = receipts.c
        wanted = [c.day.is_not(None), c.day <= asked.day.isoformat()]
        if currency is not None:
            wanted.append(c.currency == currency)
        key = (c.stream, c.day, c.currency)
        return sa.select(*key, sa.func.sum(c.paid - c.refunded)).where(*wanted).group_by(*key).order_by(*key)

    accounts, unit = account_of(reader), stored(receipts, "paid")(1)
    day_of = cache(date.fromisoformat)
    rows = reader.select(by_day, receipts)
    only = one_currency({one for _, _, one, _ in rows})
    histories = [
        CustomerOccasions(
            accounts(stream), tuple([Occasion(day_of(day), units * unit) for _, day, _, units in days])
        )
        for stream, days in groupby(rows, key=itemgetter(0))
    ]
    histories.sort(key=lambda history: history.customer)
    return Population(tuple(histories), only)
