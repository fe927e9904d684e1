"""The book of a customer's receivables and receipts: who paid what, exactly and for any order of entries (CORE-32, CORE-80).

Of every receivable, planned = allocated + open + written off. Of every receipt, received = allocated + recovered + returned
+ advance. Both hold after each step by construction, since money only ever moves from one of these places to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import attrs

NOTHING = Decimal(0)


@attrs.define
class Receivable:
    """An instalment, or an invoice that bills none.

    Args:
        number: the invoice's number, or ``contract/instalment``.
        due_on: last day for payment.
        currency: of all its amounts.
        contract: the contract it belongs to.
        order: the order it belongs to.
        planned: what was planned or invoiced.
        allocated: what receipts cover.
        written_off: what was given up.
        recovered: what came in on what had been given up.
    """

    number: str
    due_on: date
    currency: str
    contract: str | None = None
    order: str | None = None
    planned: Decimal = NOTHING
    allocated: Decimal = NOTHING
    written_off: Decimal = NOTHING
    recovered: Decimal = NOTHING

    @property
    def open(self) -> Decimal:
        """What is still to come in."""
        return self.planned - self.allocated - self.written_off

    @property
    def lost(self) -> Decimal:
        """What was given up and has not been recovered."""
        return self.written_off - self.recovered

    def serves(self, purpose: str | None) -> bool:
        """Return whether a receipt with that earmark may be used for it (CORE-31)."""
        return purpose is None or purpose in (self.number, self.contract, self.order)

    def overdue_days(self, day: date) -> int:
        """Return by how many days it is overdue; none on the due day itself."""
        return max(0, (day - self.due_on).days) if self.open > 0 else 0


@attrs.define
class Receipt:
    """Money that came in, and where it went.

    Args:
        number: of its document.
        currency: of all its amounts.
        earmark: the order, contract or receivable that it may be used for.
        amount: what came in and has not been reversed.
        returned: what was given back.
        stated: by receivable, what was said to be for it.
        drawn: by receivable, what was put to it as the oldest due.
        recovered: by receivable, what came in on what had been written off.
    """

    number: str
    currency: str
    earmark: str | None = None
    amount: Decimal = NOTHING
    returned: Decimal = NOTHING
    stated: dict[str, Decimal] = attrs.field(factory=dict)
    drawn: dict[str, Decimal] = attrs.field(factory=dict)
    recovered: dict[str, Decimal] = attrs.field(factory=dict)

    @property
    def allocated(self) -> Decimal:
        """What covers receivables."""
        return _sum(self.stated.values()) + _sum(self.drawn.values())

    @property
    def advance(self) -> Decimal:
        """What is left: paid before it is owed."""
        return self.amount - self.allocated - _sum(self.recovered.values()) - self.returned

    def for_(self, receivable: str) -> Decimal:
        """Return what of it covers a receivable."""
        return self.stated.get(receivable, NOTHING) + self.drawn.get(receivable, NOTHING)


@attrs.frozen
class Invoice:
    """An invoice as it was issued.

    Args:
        number: its number.
        receivable: what is owed on it: itself, or the instalment that it bills.
        contract: the contract that it bills.
        order: the order that it bills.
        amount: what it comes to.
        currency: in which currency.
        lines: how much of it is for which line of the order.
    """

    number: str
    receivable: str
    contract: str | None
    order: str | None
    amount: Decimal
    currency: str
    lines: tuple[tuple[str, Decimal], ...] = ()


@attrs.frozen
class Totals:
    """The book of one currency in figures."""

    planned: Decimal
    allocated: Decimal
    open: Decimal
    written_off: Decimal
    recovered: Decimal
    received: Decimal
    advance: Decimal
    returned: Decimal


@attrs.define
class Book:
    """Receivables, receipts and invoices of one customer; all changes go through its methods, which are total."""

    receivables: dict[str, Receivable] = attrs.field(factory=dict)
    receipts: dict[str, Receipt] = attrs.field(factory=dict)
    invoices: dict[str, Invoice] = attrs.field(factory=dict)
    unpaid: dict[str, None] = attrs.field(factory=dict)
    given_up: dict[str, None] = attrs.field(factory=dict)
    loose: dict[str, None] = attrs.field(factory=dict)
    overdrawn: dict[str, Decimal] = attrs.field(factory=dict)

    # ------------------------------------------------------------ what happens

    def plan(
        self,
        number: str,
        due_on: date,
        amount: Decimal,
        currency: str,
        contract: str | None = None,
        order: str | None = None,
    ) -> None:
        """Put a receivable on record, and cover it from advances; one of a number that is taken adds to that."""
        item = self.receivables.get(number)
        if item is None:
            item = self.receivables[number] = Receivable(number, due_on, currency, contract, order)
        elif item.currency != currency:
            return self.plan(f"{number} {currency}", due_on, amount, currency, contract, order)
        item.planned += amount
        self._note(item)
        self._settle()
        return None

    def bill(self, invoice: Invoice, due_on: date) -> None:
        """Put an invoice on record, with the receivable that it is where it bills none."""
        self.invoices.setdefault(invoice.number, invoice)
        if invoice.receivable == invoice.number:
            self.plan(
                invoice.number, due_on, invoice.amount, invoice.currency, invoice.contract, invoice.order
            )

    def receive(self, number: str, amount: Decimal, currency: str, earmark: str | None = None) -> None:
        """Put a receipt on record, and let it cover the oldest due first, then what was written off."""
        paid = self.receipts.get(number)
        if paid is None:
            paid = self.receipts[number] = Receipt(number, currency, earmark)
        elif paid.currency != currency:
            return self.receive(f"{number} {currency}", amount, currency, earmark)
        paid.amount += amount
        self._note_loose(paid)
        self._settle()
        self._recover(paid)
        return None

    def allocate(self, receipt: str, receivable: str, amount: Decimal) -> None:
        """Let a receipt cover what it was stated to be for, as far as both go; what is displaced covers the oldest due."""
        paid, item = self.receipts.get(receipt), self.receivables.get(receivable)
        if paid is None or item is None or paid.currency != item.currency:
            return
        self._take_back(paid, amount - max(NOTHING, paid.advance))
        part = min(amount, max(NOTHING, paid.advance))
        self._make_room(item, part)
        covered = min(part, max(NOTHING, item.open))
        if covered > 0:
            item.allocated += covered
            paid.stated[receivable] = paid.stated.get(receivable, NOTHING) + covered
        if (rest := min(part - covered, max(NOTHING, item.lost))) > 0:
            item.recovered += rest
            paid.recovered[receivable] = paid.recovered.get(receivable, NOTHING) + rest
        self._note(item)
        self._note_loose(paid)
        self._settle()

    def reverse(self, receipt: str) -> None:
        """Let a receipt fall away whole; what it covered is open again, or covered by other money that lies loose."""
        paid = self.receipts.get(receipt)
        if paid is None:
            return
        for number, part in (*paid.stated.items(), *paid.drawn.items()):
            self.receivables[number].allocated -= part
            self._note(self.receivables[number])
        for number, part in paid.recovered.items():
            self.receivables[number].recovered -= part
            self._note(self.receivables[number])
        paid.stated, paid.drawn, paid.recovered, paid.amount = {}, {}, {}, NOTHING
        self._note_loose(paid)
        self._settle()

    def give_back(self, amount: Decimal, currency: str, receipt: str | None = None) -> None:
        """Give back money that was paid ahead: of one receipt, or of the oldest; what is beyond that is owed to us."""
        named = [receipt] if receipt in self.receipts else [n for n in self.receipts if n in self.loose]
        for number in named:
            paid = self.receipts[number]
            part = min(amount, max(NOTHING, paid.advance)) if paid.currency == currency else NOTHING
            paid.returned += part
            amount -= part
            self._note_loose(paid)
        if amount > 0:
            self.overdrawn[currency] = self.overdrawn.get(currency, NOTHING) + amount

    def write_off(self, receivable: str, amount: Decimal) -> None:
        """Give up what is open of a receivable, as far as it is open."""
        item = self.receivables.get(receivable)
        if item is not None:
            item.written_off += min(amount, max(NOTHING, item.open))
            self._note(item)

    # ------------------------------------------------------------ what is asked

    def open_items(self) -> list[Receivable]:
        """Return what is still to come in, oldest due first."""
        return sorted((self.receivables[n] for n in self.unpaid), key=_by_age)

    def overdue(self, day: date, grace_days: int = 0) -> dict[str, Decimal]:
        """Return by currency what is overdue by more days than the grace."""
        out: dict[str, Decimal] = {}
        for number in self.unpaid:
            item = self.receivables[number]
            if item.overdue_days(day) > grace_days:
                out[item.currency] = out.get(item.currency, NOTHING) + item.open
        return out

    def advance(self, currency: str) -> Decimal:
        """Return what was paid ahead and is not used."""
        there = _sum(p.advance for n in self.loose if (p := self.receipts[n]).currency == currency)
        return there - self.overdrawn.get(currency, NOTHING)

    def owed(self, currency: str) -> Decimal:
        """Return what is open of all receivables."""
        return _sum(i.open for n in self.unpaid if (i := self.receivables[n]).currency == currency)

    def currencies(self) -> list[str]:
        """Return the currencies that anything is in."""
        everything: Iterable[Receivable | Receipt] = (*self.receivables.values(), *self.receipts.values())
        return sorted({one.currency for one in everything} | set(self.overdrawn))

    def totals(self, currency: str) -> Totals:
        """Return the figures of a currency."""
        items = [i for i in self.receivables.values() if i.currency == currency]
        paid = [p for p in self.receipts.values() if p.currency == currency]
        over = self.overdrawn.get(currency, NOTHING)
        return Totals(
            planned=_sum(i.planned for i in items),
            allocated=_sum(i.allocated for i in items),
            open=_sum(i.open for i in items),
            written_off=_sum(i.written_off for i in items),
            recovered=_sum(i.recovered for i in items),
            received=_sum(p.amount for p in paid),
            advance=_sum(p.advance for p in paid) - over,
            returned=_sum(p.returned for p in paid) + over,
        )

    # ------------------------------------------------------------ moving money

    def _note(self, item: Receivable) -> None:
        _keep(self.unpaid, item.number, item.open > 0)
        _keep(self.given_up, item.number, item.lost > 0)

    def _note_loose(self, paid: Receipt) -> None:
        _keep(self.loose, paid.number, paid.advance != 0)

    def _settle(self) -> None:
        """Let loose money cover what is open, the oldest receipt and the oldest due first."""
        if not self.loose or not self.unpaid:
            return
        items = self.open_items()
        for number in (
            [n for n in self.receipts if n in self.loose] if len(self.loose) > 1 else list(self.loose)
        ):
            self._cover(self.receipts[number], items)

    def _cover(self, paid: Receipt, items: list[Receivable]) -> None:
        left = paid.advance
        for item in items:
            if left <= 0:
                break
            if item.currency != paid.currency or not item.serves(paid.earmark):
                continue
            part = min(left, item.open)
            if part > 0:
                paid.drawn[item.number] = paid.drawn.get(item.number, NOTHING) + part
                item.allocated += part
                left -= part
                self._note(item)
        self._note_loose(paid)

    def _recover(self, paid: Receipt) -> None:
        """Let what is left of a new receipt make good what was written off before it (CORE-80)."""
        for number in list(self.given_up):
            item = self.receivables[number]
            part = min(paid.advance, item.lost)
            if part > 0 and item.currency == paid.currency and item.serves(paid.earmark):
                paid.recovered[number] = paid.recovered.get(number, NOTHING) + part
                item.recovered += part
                self._note(item)
        self._note_loose(paid)

    def _take_back(self, paid: Receipt, wanted: Decimal) -> None:
        """Free money of a receipt that nobody said what it was for: the latest due first."""
        for number in sorted(paid.drawn, key=lambda n: _by_age(self.receivables[n]), reverse=True):
            if wanted <= 0:
                return
            wanted -= self._undraw(paid, number, wanted)
        for number in list(paid.recovered):
            if wanted <= 0:
                return
            part = min(wanted, paid.recovered[number])
            paid.recovered[number] -= part
            self.receivables[number].recovered -= part
            self._note(self.receivables[number])
            wanted -= part

    def _make_room(self, item: Receivable, wanted: Decimal) -> None:
        """Take from a receivable what other receipts cover of it only as the oldest due, the latest of them first."""
        for number in reversed(self.receipts):
            if item.open >= wanted:
                return
            paid = self.receipts[number]
            if item.number in paid.drawn:
                self._undraw(paid, item.number, wanted - item.open)

    def _undraw(self, paid: Receipt, number: str, wanted: Decimal) -> Decimal:
        part = min(wanted, paid.drawn[number])
        paid.drawn[number] -= part
        if not paid.drawn[number]:
            del paid.drawn[number]
        item = self.receivables[number]
        item.allocated -= part
        self._note(item)
        self._note_loose(paid)
        return part


def _sum(amounts: Iterable[Decimal] | Iterator[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def _keep(marks: dict[str, None], number: str, kept: bool) -> None:
    if kept:
        marks[number] = None
    else:
        marks.pop(number, None)


def _by_age(item: Receivable) -> tuple[date, str]:
    return item.due_on, item.number
