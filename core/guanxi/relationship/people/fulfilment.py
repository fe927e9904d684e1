"""Whether orders are fulfilled: all that was ordered and not cancelled was delivered, or its installation accepted."""

from __future__ import annotations

from decimal import Decimal

import attrs

from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    InstallationAccepted,
    OrderCancelled,
    OrderPlaced,
)


@attrs.define
class OpenOrder:
    """What is still owed of one order.

    Args:
        installs: whether it is fulfilled by acceptance of the installation, rather than by delivery.
        owed: quantity still owed, by line.
        begun: whether anything of it was fulfilled.
    """

    installs: bool
    owed: dict[str, Decimal]
    begun: bool = False

    @property
    def is_fulfilled(self) -> bool:
        """Whether something of it was fulfilled and nothing is owed any more."""
        return self.begun and all(quantity <= 0 for quantity in self.owed.values())

    def take(self, line: str, quantity: Decimal) -> None:
        """Let a line owe so much less."""
        self.owed[line] = self.owed.get(line, Decimal(0)) - quantity


def follow(
    orders: dict[str, OpenOrder], e: OrderPlaced | GoodsDelivered | InstallationAccepted | OrderCancelled
) -> bool:
    """Take an event of an order in, and return whether that order is fulfilled now.

    Args:
        orders: what is owed, by order; changed.
        e: what happened.
    """
    if isinstance(e, OrderPlaced):
        orders[e.order] = OpenOrder(e.installs, {line.line: line.quantity for line in e.lines})
        return False
    order = orders.get(e.order)
    if order is None:
        return False
    if isinstance(e, OrderCancelled):
        _cancel(order, e)
    elif order.installs is isinstance(e, InstallationAccepted):
        order.begun = True
        for part in e.lines:
            order.take(part.line, part.quantity)
    return order.is_fulfilled


def _cancel(order: OpenOrder, e: OrderCancelled) -> None:
    for line, owed in list(order.owed.items()):
        if e.line in (None, line):
            order.take(line, owed if e.line is None or e.quantity is None else e.quantity)
