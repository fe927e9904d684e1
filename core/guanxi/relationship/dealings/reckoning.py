"""From rows to books: what reports and cadences reckon at a cut, by the same rules as the customer's own state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import attrs
import msgspec

from guanxi.kernel.read_models import Reader
from guanxi.relationship.dealings.book import Book, Invoice
from guanxi.relationship.dealings.exposure import group_of
from guanxi.relationship.dealings.read_models import (
    CollectorRow,
    CustomerRow,
    MoveRow,
    OrderLineRow,
    collectors,
    customers,
    moves,
    order_lines,
)
from guanxi.relationship.dealings.values import NOTHING, in_units, worth


def moves_of(reader: Reader) -> dict[str, list[MoveRow]]:
    """Return every customer's movements, in the order in which they count."""
    out: defaultdict[str, list[MoveRow]] = defaultdict(list)
    for stream, row in reader.rows(moves):
        if row.seq:
            out[stream].append(row)
    return {stream: sorted(rows, key=lambda r: r.seq) for stream, rows in out.items()}


def enter_row(book: Book, row: MoveRow) -> None:
    """Enter a movement into a book."""
    amount = row.amount if row.move == "reverse" else in_units(row.amount, row.currency)
    match row.move:
        case "plan" if row.due_on is not None:
            book.plan(row.number, row.due_on, amount, row.currency, row.contract, row.order)
        case "bill" if row.due_on is not None:
            lines = tuple((str(n), Decimal(part)) for n, part in msgspec.json.decode(row.lines))
            invoice = Invoice(
                row.number,
                row.other or row.number,
                row.contract,
                row.order,
                amount,
                row.currency,
                lines,
            )
            book.bill(invoice, row.due_on)
        case "receive":
            book.receive(row.number, amount, row.currency, row.other)
        case "allocate":
            book.allocate(row.number, row.other or "", amount)
        case "reverse":
            book.reverse(row.number)
        case "give_back":
            book.give_back(amount, row.currency, row.other)
        case "write_off":
            book.write_off(row.number, amount)


def book_of(rows: Iterable[MoveRow], before: datetime | None = None) -> Book:
    """Return the book that movements make, of all of them or of those before a moment."""
    book = Book()
    for row in rows:
        if before is None or (row.at is not None and row.at < before):
            enter_row(book, row)
    return book


def books(reader: Reader) -> dict[str, Book]:
    """Return every customer's book, by stream."""
    return {stream: book_of(rows) for stream, rows in moves_of(reader).items()}


def lines_of(reader: Reader) -> dict[str, list[OrderLineRow]]:
    """Return every customer's order lines, by stream; what was delivered without an order is none."""
    out: defaultdict[str, list[OrderLineRow]] = defaultdict(list)
    for stream, row in reader.rows(order_lines):
        if row.placed_at is not None:
            out[stream].append(row)
    return dict(out)


def accounts(reader: Reader) -> dict[str, CustomerRow]:
    """Return whose dealings a stream has."""
    return dict(reader.rows(customers))


def account_of(known: dict[str, CustomerRow], stream: str) -> str:
    """Return the account number of a stream, or the stream's own id where its file is not in view."""
    row = known.get(stream)
    return stream if row is None or not row.account else row.account


def collectors_of(reader: Reader) -> dict[str, dict[str, CollectorRow]]:
    """Return who is named to collect what, by stream and receivable; the blank one is for all."""
    out: defaultdict[str, dict[str, CollectorRow]] = defaultdict(dict)
    for stream, row in reader.rows(collectors):
        out[stream][row.receivable] = row
    return dict(out)


# ---------------------------------------------------------------- order lines


@attrs.frozen
class LineMoney:
    """What of an order line was invoiced and received."""

    invoiced: Decimal = NOTHING
    received: Decimal = NOTHING


def value(line: OrderLineRow, quantity: Decimal) -> Decimal:
    """Return what a quantity of a line is worth."""
    return worth(line.amount, line.ordered, quantity, line.currency)


def delivered(line: OrderLineRow) -> Decimal:
    """Return what was delivered of a line and not returned, in money."""
    return value(line, line.shipped - line.returned)


def money_of(lines: list[OrderLineRow], book: Book) -> dict[tuple[str, str], LineMoney]:
    """Return what was invoiced and received of each line, by (order, line).

    Where an invoice names lines, what it bills and what came in on it is theirs, in its order; else it fills the lines of its
    order, or of its contract's orders, one after the other up to what each comes to. What came in on instalments that no
    invoice bills fills the lines of the contract alike.
    """
    by_order: defaultdict[str, list[OrderLineRow]] = defaultdict(list)
    by_contract: defaultdict[str, list[OrderLineRow]] = defaultdict(list)
    for line in sorted(lines, key=_in_order):
        by_order[line.order].append(line)
        if line.contract:
            by_contract[line.contract].append(line)
    limits = {(r.order, r.line): value(r, r.ordered - r.cancelled) for r in lines}
    invoiced, received = dict.fromkeys(limits, NOTHING), dict.fromkeys(limits, NOTHING)
    came = {i.number: i.allocated for i in book.receivables.values()}
    for bill in book.invoices.values():
        wanted = [(bill.order or "", n, amount) for n, amount in bill.lines]
        if not wanted:
            targets = by_order[bill.order] if bill.order else by_contract[bill.contract or ""]
            wanted = [(r.order, r.line, limits[r.order, r.line] - invoiced[r.order, r.line]) for r in targets]
        shares = _filled(wanted, bill.amount)
        for key, part in shares:
            if key in invoiced:
                invoiced[key] += part
        paid = min(came.get(bill.receivable, NOTHING), bill.amount)
        came[bill.receivable] = came.get(bill.receivable, NOTHING) - paid
        for key, part in _filled([(*key, part) for key, part in shares], paid):
            if key in received:
                received[key] += part
    for item in book.receivables.values():
        rest = came.get(item.number, NOTHING)
        if rest > 0 and item.contract:
            targets = by_contract[item.contract]
            open_ = [(r.order, r.line, limits[r.order, r.line] - received[r.order, r.line]) for r in targets]
            for key, part in _filled(open_, rest):
                received[key] += part
    return {key: LineMoney(invoiced[key], received[key]) for key in limits}


def _in_order(line: OrderLineRow) -> tuple[str, str, str]:
    return (line.placed_at.isoformat() if line.placed_at else "", line.order, line.line)


def _filled(
    wanted: Iterable[tuple[str, str, Decimal]], amount: Decimal
) -> list[tuple[tuple[str, str], Decimal]]:
    """Return an amount spread over places, one after the other up to what each takes."""
    out = []
    for order, line, room in wanted:
        part = min(amount, max(NOTHING, room))
        if part > 0:
            out.append(((order, line), part))
            amount -= part
    return out


def progress(line: OrderLineRow, money: LineMoney) -> str:
    """Return how far a line has come: the last step up to which all steps are done (CORE-78)."""
    wanted = line.ordered - line.cancelled
    if line.cancelled >= line.ordered > 0:
        return "cancelled"
    if line.shipped < wanted or not line.shipped:
        return "partly_shipped" if line.shipped else "placed"
    if line.installs and line.installed < wanted:
        return "shipped"
    worth_ = value(line, wanted)
    if money.invoiced < worth_:
        return "installed" if line.installs else "shipped"
    return "paid" if money.received >= worth_ else "invoiced"


@attrs.frozen
class ThreeLines:
    """Delivered, invoiced and received of a contract, or of an order without one (CORE-31)."""

    group: str
    currency: str
    delivered: Decimal
    invoiced: Decimal
    received: Decimal


def three_lines(lines: list[OrderLineRow], book: Book) -> list[ThreeLines]:
    """Return the three lines of each contract, or order without one; what came in for none of them is a group of its own.

    Received is what covers the group's receivables, and what is earmarked for it and not used yet.
    """
    contract_of = {r.order: r.contract for r in lines if r.contract}
    out: dict[tuple[str, str], list[Decimal]] = {}

    def add(contract: str | None, order: str | None, currency: str, place: int, amount: Decimal) -> None:
        named = contract or contract_of.get(order or "") or order
        group = group_of(contract or contract_of.get(order or ""), order) if named else ""
        out.setdefault((group, currency), [NOTHING, NOTHING, NOTHING])[place] += amount

    for line in lines:
        add(line.contract, line.order, line.currency, 0, delivered(line))
    for bill in book.invoices.values():
        add(bill.contract, bill.order, bill.currency, 1, bill.amount)
    for item in book.receivables.values():
        add(item.contract, item.order, item.currency, 2, item.allocated + item.recovered)
    contracts = {i.contract for i in book.receivables.values()} | set(contract_of.values())
    for paid in book.receipts.values():
        if paid.advance:
            mark = book.receivables.get(paid.earmark or "")
            contract = mark.contract if mark else paid.earmark if paid.earmark in contracts else None
            order = mark.order if mark else None if contract else paid.earmark
            add(contract, order, paid.currency, 2, paid.advance)
    return [ThreeLines(g, c, a[0], a[1], a[2]) for (g, c), a in sorted(out.items())]
