"""What reports share: parameters, account numbers, exact shares and means, repeated headings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from guanxi import Column, Invalid, Label, Reader, ReadModel
from guanxi.relationship import files
from guanxi_retail.checks import spread

Note = tuple[Label, str]
Row = TypeVar("Row")

ACCOUNT = Column("account", Label("Account no.", "户号"))
CUSTOMERS = Column("customers", Label("Customers", "客户数"), "integer")

CUSTOMERS_NOTE = Label("customers", "客户数")
CURRENCY_NOTE = Label("currency", "币种")

CENT = Decimal("0.01")


def option(default: Any, text: Label) -> Any:
    """Declare a parameter of a report."""
    return attrs.field(default=default, metadata={"help": text})


def currency_option() -> Any:
    """Declare the parameter that chooses a currency where there are several."""
    return option(None, Label("currency, where purchases are in several", "币种（存在多种时）"))


def top_option() -> Any:
    """Declare the parameter that limits a list to its first rows."""
    return option(None, Label("how many rows, from the top; all if not given", "仅列前若干行，默认全部"))


def account_of(reader: Reader) -> Callable[[str], str]:
    """Return what tells the account number of a stream; the stream's own id where its file is not in view."""
    accounts = dict[str, str](reader.select(lambda file: sa.select(file.c.stream, file.c.account), files))
    return lambda stream: accounts.get(stream) or stream


def streams_of(reader: Reader, account: str | None) -> list[str] | None:
    """Return the streams that an account number stands for, or an id that no file in view has; None for all."""
    if account is None:
        return None
    own = reader.select(lambda file: sa.select(file.c.stream).where(file.c.account == account), files)
    return [stream for (stream,) in own] or [account]


def rows_where(
    reader: Reader, model: ReadModel[Row], condition: Callable[..., Any], *beside: ReadModel[Any]
) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a read model that the database finds under a condition, in order of stream and key.

    Args:
        reader: over all of them.
        model: whose rows; one without personal cells.
        condition: receives one selectable for each model, and returns what has to hold.
        beside: further models that the condition speaks of.
    """
    names = [cell.name for cell in model.cells]

    def wanted(table: Any, *others: Any) -> sa.Select[Any]:
        order = [table.c[name] for name in ("stream", *model.keys)]
        cells = [table.c[name] for name in names]
        return sa.select(table.c.stream, *cells).where(condition(table, *others)).order_by(*order)

    for stream, *cells in reader.select(wanted, model, *beside):
        yield stream, model.from_db(stream, cells)


def stored(model: ReadModel[Any], name: str) -> Callable[[Any], Any]:
    """Return what turns a stored cell of a read model into its value, for what a query returns."""
    return next(cell.decode for cell in model.cells if cell.name == name)


def one_currency(found: set[str]) -> str | None:
    """Return the only currency of a report, or None where nothing was bought.

    Raises:
        Invalid: ``unit_mismatch``; money of several currencies does not add up.
    """
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise Invalid(
            "unit_mismatch",
            f"purchases are in {names}",
            zh=f"消费涉及多种币种：{names}",
            rule="RET-IN-a",
            accepts="currency=<one of them>",
        )
    return next(iter(found), None)


def percent(part: Fraction | None) -> Decimal | None:
    """Return a share as a percentage to two decimals, half up."""
    return None if part is None else _half_up(part.numerator * 100, part.denominator)


def rounded(value: Fraction) -> Decimal:
    """Return an exact fraction to two decimals, half up."""
    return _half_up(value.numerator, value.denominator)


def _half_up(numerator: int, denominator: int) -> Decimal:
    # In whole numbers: a report rounds a figure of each customer, and a product of fractions looks for common divisors.
    cents = (abs(numerator) * 200 + denominator) // (denominator * 2)
    return Decimal(cents if numerator >= 0 else -cents) * CENT


def shares(amounts: Sequence[Decimal]) -> list[Decimal | None]:
    """Return percentages to two decimals that add up to 100, by largest remainder; None with nothing to share."""
    if sum(amounts, Decimal(0)) <= 0:
        return [None] * len(amounts)
    return [*spread(Decimal(100), amounts)]


def estimate(value: float | None, places: int) -> Decimal | None:
    """Return a model's estimate as a decimal, rounded so that every machine gives the same."""
    return None if value is None else Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
