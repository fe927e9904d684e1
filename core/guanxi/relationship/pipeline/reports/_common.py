"""What the reports of this room share: parameters, account numbers, one currency, exact shares and medians."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked, Column
from guanxi.kernel.times import midnight
from guanxi.relationship.pipeline.read_models import customer_rows

Row = TypeVar("Row")

ACCOUNT = Column("account", Label("Account no.", "户号"))
CURRENCY = Label("currency", "币种")
CENT = Decimal("0.01")


def option(default: Any, en: str, zh: str) -> Any:
    """Declare a parameter of a report.

    Args:
        default: its value if not given.
        en: what it is.
        zh: the same in Chinese.
    """
    return attrs.field(default=default, metadata={"help": Label(en, zh)})


def since_option() -> Any:
    """Declare the parameter that says where a period begins."""
    return option(
        None, "first day of the period; the first of the cut's month if not given", "期间首日，默认截止月首日"
    )


def currency_option() -> Any:
    """Declare the parameter that chooses a currency where there are several."""
    return option(None, "currency, where amounts are in several", "币种（存在多种时）")


def section_option() -> Any:
    """Declare the parameter that narrows a report to the customers of one section."""
    return option(None, "only customers of one section; all if not given", "仅限某版块客户，默认全部")


def begins(since: date | None, asked: Asked) -> datetime:
    """Return the first instant of a period.

    Args:
        since: its first day, if one was given.
        asked: the cut, with which it ends.

    Raises:
        Invalid: ``invalid_date`` for one that begins after the cut.
    """
    first = asked.day.replace(day=1) if since is None else since
    if first > asked.day:
        raise Invalid(
            "invalid_date",
            f"the period begins on {first}, after the cut",
            zh=f"期间首日 {first} 晚于截止日",
            accepts=f"a day up to {asked.day}",
        )
    return midnight(first, asked.as_of.tzinfo)


@attrs.frozen
class Customers:
    """Account numbers and sections by stream, and whose streams a report is about."""

    accounts: Mapping[str, str]
    sections: Mapping[str, str]
    left_out: frozenset[str]

    def account(self, stream: str) -> str:
        """Return a customer's account number; the stream's own id where none is known.

        Args:
            stream: the customer's.
        """
        return self.accounts.get(stream) or stream

    def rows(self, reader: Reader, model: ReadModel[Row]) -> Iterator[tuple[str, Row]]:
        """Yield the rows of the customers that the report is about.

        Args:
            reader: reads the tables.
            model: which.
        """
        return ((stream, row) for stream, row in reader.rows(model) if stream not in self.left_out)


def customers_of(reader: Reader, section: str | None) -> Customers:
    """Return the customers that a report is about.

    Args:
        reader: reads the tables.
        section: the one section asked for; all if None.
    """
    found = dict(reader.rows(customer_rows))
    return Customers(
        {stream: row.account for stream, row in found.items()},
        {stream: row.section for stream, row in found.items() if row.section is not None},
        frozenset(stream for stream, row in found.items() if section not in (None, row.section)),
    )


def one_currency(found: Collection[str], asked_for: str | None) -> str | None:
    """Return the one currency of a report, or None where there is no amount.

    Args:
        found: the currencies of its amounts.
        asked_for: the one that was chosen.

    Raises:
        Invalid: ``unit_mismatch`` where there are several and none was chosen.
    """
    if asked_for is not None:
        return asked_for
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise Invalid(
            "unit_mismatch",
            f"amounts are in {names}",
            zh=f"金额涉及多种币种：{names}",
            accepts="currency=<one of them>",
        )
    return next(iter(found), None)


def rounded(value: Fraction | Decimal) -> Decimal:
    """Return an exact number to two decimals, half up."""
    cents = Fraction(value) * 100
    whole = (abs(cents) * 2 + 1) // 2
    return Decimal(int(whole if cents >= 0 else -whole)) * CENT


def median(values: Sequence[int]) -> Decimal | None:
    """Return the median of whole numbers to one decimal; None where there are none."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    if len(values) % 2:
        return Decimal(ordered[half])
    return Decimal(ordered[half - 1] + ordered[half]) / 2
