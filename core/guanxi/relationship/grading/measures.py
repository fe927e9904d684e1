"""What a customer brought and cost, day by day: the figures that classes, value and loyalty are measured by.

Revenue is what was invoiced; of a customer to whom nothing was ever invoiced it is the value of what was delivered, less what
came back. A cost of several days belongs to the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel, Rows, column
from guanxi.kernel.times import add_months
from guanxi.relationship.dealings.events import (
    CostRecorded,
    GoodsDelivered,
    GoodsReturned,
    InvoiceIssued,
    OrderPlaced,
)
from guanxi.relationship.grading.members import owners

INVOICED, DELIVERED, DIRECT, INDIRECT = "invoiced", "delivered", "direct", "indirect"
LINE = "line"
ZERO = Decimal(0)
QUANTITY_PLACES = 6

Told = OrderPlaced | GoodsDelivered | GoodsReturned | InvoiceIssued | CostRecorded


def plain(amount: Decimal) -> str:
    """Return an amount as text without the zeros that only its column adds."""
    return format(amount.normalize() + ZERO, "f")


class Line(Protocol):
    """An order line while its deliveries are counted."""

    currency_of: str
    amount: Decimal
    quantity: Decimal
    moved: Decimal
    moved_value: Decimal


@attrs.frozen
class Posting:
    """So much of one measure on a day."""

    what: str
    day: date
    currency: str
    amount: Decimal
    quantity: Decimal = ZERO


@attrs.define
class ValueRow:
    """What a customer brought or cost on a day; or an order line, by which the value of deliveries is reckoned."""

    what: str = column(key=True)
    number: str = column(key=True)
    day: date = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    currency: str = column(key=True)
    currency_of: str = ""
    amount: Decimal = column(scale=4, default=ZERO)  # noqa: RUF009 - an attrs field, not a default
    quantity: Decimal = column(scale=QUANTITY_PLACES, default=ZERO)  # noqa: RUF009 - an attrs field, not a default
    moved: Decimal = column(scale=QUANTITY_PLACES, default=ZERO)  # noqa: RUF009 - an attrs field, not a default
    moved_value: Decimal = column(scale=4, default=ZERO)  # noqa: RUF009 - an attrs field, not a default


def posted(e: Told, day: date, line: Callable[[str, str], Line]) -> Iterator[Posting]:
    """Yield what an event adds to the measures of its day.

    Args:
        e: the event.
        day: when it counts.
        line: returns an order's line, which it is asked to keep in mind.
    """
    match e:
        case OrderPlaced():
            for one in e.lines:
                kept = line(e.order, one.line)
                kept.currency_of = one.amount.currency
                kept.amount, kept.quantity = one.amount.amount, one.quantity
        case GoodsDelivered() | GoodsReturned():
            sign = 1 if isinstance(e, GoodsDelivered) else -1
            for part in e.lines:
                yield _moved(line(e.order, part.line), day, sign * part.quantity)
        case InvoiceIssued():
            yield Posting(INVOICED, day, e.amount.currency, e.amount.amount)
        case CostRecorded():
            last = e.until - timedelta(days=1) if e.until is not None else e.since or day
            yield Posting(e.cost, last, e.amount.currency, e.amount.amount)


def _moved(line: Line, day: date, quantity: Decimal) -> Posting:
    """Return what a delivery is worth; the values of a line's deliveries sum to the line's amount to the cent."""
    line.moved += quantity
    whole = line.amount * line.moved / line.quantity if line.quantity else line.amount
    value = whole.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    gain, line.moved_value = value - line.moved_value, value
    return Posting(DELIVERED, day, line.currency_of, gain, quantity)


values = ReadModel("core.values", ValueRow, title=Label("Revenue and cost by day", "按日收入与成本"))


@values.on
def _posted(rows: Rows[ValueRow], e: Told, at: datetime) -> None:
    def line(order: str, number: str) -> Line:
        return rows[LINE, f"{order}/{number}", date.min, ""]

    for p in posted(e, at.date(), line):
        row = rows[p.what, "", p.day, p.currency]
        row.amount += p.amount
        row.quantity += p.quantity


@attrs.frozen
class Span:
    """Days from ``first`` until before ``end``."""

    first: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day < self.end


def full_months(day: date, months: int) -> Span:
    """Return the full calendar months before the month of a day.

    Args:
        day: the day.
        months: how many.
    """
    end = day.replace(day=1)
    return Span(add_months(end, -months), end)


@attrs.define
class Value:
    """A customer's figures of a period.

    Args:
        revenue: invoiced, or delivered where nothing was ever invoiced.
        direct: his own cost.
        indirect: his share of cost allocated to him.
        quantity: what he was delivered, less what came back.
    """

    revenue: Decimal = ZERO
    direct: Decimal = ZERO
    indirect: Decimal = ZERO
    quantity: Decimal = ZERO

    @property
    def before_indirect(self) -> Decimal:
        """Relationship value before allocated indirect cost (CORE-57)."""
        return self.revenue - self.direct

    @property
    def cost(self) -> Decimal:
        """Direct and indirect cost."""
        return self.direct + self.indirect

    @property
    def contribution(self) -> Decimal:
        """Revenue less all cost (CORE-54, CORE-57)."""
        return self.revenue - self.cost


def measured(postings: Iterable[Posting], span: Span, currency: str) -> Value:
    """Return a customer's figures of a period.

    Args:
        postings: everything posted to him up to the cut.
        span: the days.
        currency: in which; amounts in others are left out.
    """
    value, delivered, by_invoice = Value(), ZERO, False
    for p in postings:
        by_invoice = by_invoice or p.what == INVOICED
        if p.day not in span:
            continue
        if p.what == DELIVERED:
            value.quantity += p.quantity
        if p.currency != currency:
            continue
        match p.what:
            case "invoiced":
                value.revenue += p.amount
            case "delivered":
                delivered += p.amount
            case "direct":
                value.direct += p.amount
            case "indirect":
                value.indirect += p.amount
    if not by_invoice:
        value.revenue = delivered
    return value


def postings_by_stream(reader: Reader, until: date) -> dict[str, list[Posting]]:
    """Return everything posted up to a day, by the stream of the file that shows it.

    Args:
        reader: at a cut; what reads it declares ``members`` and ``values``.
        until: the last day.
    """
    owner = owners(reader)
    found: dict[str, list[Posting]] = {}
    for stream, row in reader.rows(values):
        if row.what != LINE and row.day <= until:
            posting = Posting(row.what, row.day, row.currency, row.amount, row.quantity)
            found.setdefault(owner.get(stream, stream), []).append(posting)
    return found
