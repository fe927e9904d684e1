"""Exposure: what the customer owes or will owe on credit (CORE-29)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from guanxi.relationship.dealings.book import Book
from guanxi.relationship.dealings.orders import Orders
from guanxi.relationship.dealings.values import NOTHING


def exposure(orders: Orders, book: Book, currency: str, *, released: Collection[str] = ()) -> Decimal:
    """Return open receivables less advances, and what of orders is delivered or on credit and not billed.

    What is billed ahead of delivery, by an invoice or an instalment plan, counts once: orders are compared with what is billed
    of the same contract, or of the order itself where it has none.

    Args:
        orders: the customer's orders.
        book: his receivables and receipts.
        currency: in which currency.
        released: numbers of held orders that are reckoned as if nothing held them.
    """
    committed: dict[str, Decimal] = {}
    for order in orders.orders.values():
        if order.currency == currency:
            group = group_of(order.contract, order.number)
            there = order.committed(held=order.number not in released and bool(orders.held(order)))
            committed[group] = committed.get(group, NOTHING) + there
    for item in book.receivables.values():
        group = group_of(item.contract, item.order)
        if item.currency == currency and group in committed:
            committed[group] -= item.planned
    unbilled = sum((max(NOTHING, amount) for amount in committed.values()), NOTHING)
    return book.owed(currency) - book.advance(currency) + unbilled


def group_of(contract: str | None, order: str | None) -> str:
    """Return what deliveries and bills are compared by: the contract, or the order that has none."""
    return f"contract {contract}" if contract else f"order {order}"
