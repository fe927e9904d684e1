"""Orders: their lines, deliveries, returns, installation and cancellation, and what holds them (CORE-29 to CORE-31, CORE-78)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import attrs

from guanxi.kernel.errors import Held, Incomplete, Invalid, NotPermitted
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.dealings.commands import (
    AcceptInstallation,
    ApproveFundedGoods,
    CancelOrder,
    DeliverGoods,
    MoveOrderPromise,
    PlaceOrder,
    ReturnGoods,
)
from guanxi.relationship.dealings.events import (
    FundedGoodsApproved,
    GoodsDelivered,
    GoodsReturned,
    InstallationAccepted,
    LineQuantity,
    OrderCancelled,
    OrderHeld,
    OrderPlaced,
    OrderPromiseMoved,
    OrderReleased,
)
from guanxi.relationship.dealings.refusing import demand, taken, unknown
from guanxi.relationship.dealings.values import NOTHING, worth
from guanxi.relationship.pipeline.events import ContractSigned

ORDER = ("order", "订单")
_HELD: dict[str, Label] = {
    "credit_exceeded": Label("it is over the credit limit", "超出赊销额度"),
    "term_exceeded": Label("its term is over the credit term", "超出赊销期限"),
    "arrears_open": Label("there are old arrears", "存在老欠款"),
}


@attrs.define
class Line:
    """An order line and what became of it."""

    product: str
    unit: str
    ordered: Decimal
    amount: Decimal
    family: str | None = None
    promised_on: date | None = None
    shipped: Decimal = NOTHING
    returned: Decimal = NOTHING
    cancelled: Decimal = NOTHING
    installed: Decimal = NOTHING

    @property
    def open(self) -> Decimal:
        """What is still to be shipped (CORE-78)."""
        return self.ordered - self.shipped - self.cancelled


@attrs.define
class Order:
    """An order."""

    number: str
    currency: str = ""
    credit: bool = False
    term_days: int | None = None
    contract: str | None = None
    installs: bool = False
    funded: bool = False
    seller: str | None = None
    lines: dict[str, Line] = attrs.field(factory=dict)
    held: dict[str, None] = attrs.field(factory=dict)
    approved: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """What was ordered and not cancelled, in money."""
        return self._sum((line, line.ordered - line.cancelled) for line in self.lines.values())

    @property
    def delivered(self) -> Decimal:
        """What was delivered and not returned, in money."""
        return self._sum((line, line.shipped - line.returned) for line in self.lines.values())

    def committed(self, *, held: bool) -> Decimal:
        """Return what the customer is or will be owing for it, billed or not: of a held or cash order what was delivered (CORE-29).

        Args:
            held: whether it, or its contract, is held.
        """
        if held or not self.credit:
            return self.delivered
        return self._sum(
            (line, max(line.ordered - line.cancelled, line.shipped) - line.returned)
            for line in self.lines.values()
        )

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be shipped."""
        return any(line.open > 0 for line in self.lines.values())

    def _sum(self, parts: Iterable[tuple[Line, Decimal]]) -> Decimal:
        return sum(
            (worth(line.amount, line.ordered, quantity, self.currency) for line, quantity in parts), NOTHING
        )


@attrs.define
class Orders:
    """A customer's orders, and what of his contracts bears on them."""

    orders: dict[str, Order] = attrs.field(factory=dict)
    held_contracts: dict[str, dict[str, None]] = attrs.field(factory=dict)
    installing: dict[str, bool] = attrs.field(factory=dict)

    def held(self, order: Order) -> list[str]:
        """Return why an order must not be delivered: its own causes, and those of its contract."""
        return list({**order.held, **self.held_contracts.get(order.contract or "", {})})


orders = Facet("core.orders", Orders, title=Label("Orders", "订单"))


@orders.evolve
def _placed(s: Orders, e: OrderPlaced) -> None:
    order = s.orders.get(e.order)
    if order is None:
        order = s.orders[e.order] = Order(e.order)
    order.currency, order.credit, order.term_days = e.currency, e.on_credit, e.term_days
    order.contract, order.installs, order.funded, order.seller = e.contract, e.installs, e.funded, e.seller
    for line in e.lines:
        order.lines[line.line] = Line(
            line.product, line.unit, line.quantity, line.amount.amount, line.family, line.promised_on
        )


@orders.evolve
def _moved(s: Orders, e: GoodsDelivered | GoodsReturned | InstallationAccepted) -> None:
    order = s.orders.get(e.order)
    for part in e.lines if order is not None else ():
        line = order.lines.get(part.line) if order is not None else None
        if line is None:
            continue
        match e:
            case GoodsDelivered():
                line.shipped += part.quantity
            case GoodsReturned():
                line.returned += part.quantity
            case InstallationAccepted():
                line.installed += part.quantity


@orders.evolve
def _promise(s: Orders, e: OrderPromiseMoved) -> None:
    order = s.orders.get(e.order)
    if order is not None and e.line in order.lines:
        order.lines[e.line].promised_on = e.promised_on


@orders.evolve
def _cancelled(s: Orders, e: OrderCancelled) -> None:
    order = s.orders.get(e.order)
    if order is None:
        return
    for number, line in order.lines.items():
        if e.line in (None, number):
            line.cancelled += max(NOTHING, line.open) if e.quantity is None else e.quantity
    if not order.is_open:
        order.held.clear()


@orders.evolve
def _approved(s: Orders, e: FundedGoodsApproved) -> None:
    if (order := s.orders.get(e.order)) is not None:
        order.approved += e.amount.amount


@orders.evolve
def _signed(s: Orders, e: ContractSigned) -> None:
    s.installing[e.contract] = e.deal_type == "installed"


def _holds_of(s: Orders, e: OrderHeld | OrderReleased) -> dict[str, None]:
    if e.kind == "contract":
        return s.held_contracts.setdefault(e.order, {})
    order = s.orders.get(e.order)
    return {} if order is None else order.held


@orders.evolve
def _hold(s: Orders, e: OrderHeld) -> None:
    _holds_of(s, e)[e.cause] = None


@orders.evolve
def _release(s: Orders, e: OrderReleased) -> None:
    _holds_of(s, e).pop(e.cause, None)


@orders.ended
def _hold_over(s: Orders, e: OrderHeld) -> None:
    _holds_of(s, e).pop(e.cause, None)


@orders.ended
def _release_over(s: Orders, e: OrderReleased) -> None:
    _holds_of(s, e)[e.cause] = None


# ---------------------------------------------------------------- what may be ordered


@orders.decide
def _place(s: Orders, c: PlaceOrder, now: Now) -> Iterator[Fact]:
    if c.order in s.orders:
        raise taken(*ORDER, c.order, "CORE-78")
    installs = s.installing.get(c.contract or "", False) if c.installs is None else c.installs
    yield OrderPlaced(
        order=c.order,
        lines=c.lines,
        on_credit=c.on_credit,
        term_days=c.term_days,
        contract=c.contract,
        channel=c.channel,
        installs=installs,
        funded=c.funded,
        seller=c.seller or now.actor,
    )


@orders.decide
def _deliver(s: Orders, c: DeliverGoods, now: Now) -> Iterator[Fact]:
    order = s.orders.get(c.order)
    _document(order, c.order, now)
    if order is not None:
        _known_lines(order, c.lines)
        for cause in s.held(order):
            demand(
                now,
                False,
                Held,
                cause,
                "CORE-30" if cause == "arrears_open" else "CORE-29",
                f"order {c.order} is held: {_HELD[cause].en}",
                zh=f"订单 {c.order} 被扣留：{_HELD[cause].zh}",
                accepts="its release first",
            )
        if order.funded:
            _funds_approved(order, c, now)
    yield GoodsDelivered(order=c.order, lines=c.lines, delivery_note=c.delivery_note)


def _funds_approved(order: Order, c: DeliverGoods, now: Now) -> None:
    coming = sum(
        (
            worth(line.amount, line.ordered, part.quantity, order.currency)
            for part in c.lines
            if (line := order.lines.get(part.line)) is not None
        ),
        NOTHING,
    )
    demand(
        now,
        order.delivered + coming <= order.approved,
        Incomplete,
        "approval_missing",
        "CORE-80",
        f"goods of {order.delivered + coming} ahead of payment, and {order.approved} is approved",
        zh=f"垫资货物 {order.delivered + coming}，已批准 {order.approved}",
        accepts="the approval of the firm-funded goods first",
    )


@orders.decide
def _return(s: Orders, c: ReturnGoods, now: Now) -> Iterator[Fact]:
    _document(order := s.orders.get(c.order), c.order, now)
    if order is not None:
        _known_lines(order, c.lines)
    yield GoodsReturned(order=c.order, lines=c.lines, delivery_note=c.delivery_note, reason=c.reason)


@orders.decide
def _accept(s: Orders, c: AcceptInstallation, now: Now) -> Iterator[Fact]:
    _document(order := s.orders.get(c.order), c.order, now)
    if order is not None:
        _known_lines(order, c.lines)
    yield InstallationAccepted(order=c.order, lines=c.lines, document=c.document)


@orders.decide
def _move(s: Orders, c: MoveOrderPromise, now: Now) -> Iterator[Fact]:
    order = s.orders.get(c.order)
    if order is None:
        raise unknown(*ORDER, c.order, "CORE-78")
    if c.line not in order.lines:
        raise unknown("order line", "订单行", c.line, "CORE-78")
    demand(
        now,
        bool(c.agreed_by and c.agreed_by.strip()),
        Incomplete,
        "date_not_agreed",
        "CORE-78",
        "nobody on the customer's side agreed to the new date",
        zh="新日期未经客户同意",
        accepts="who agreed to it",
    )
    yield OrderPromiseMoved(order=c.order, line=c.line, promised_on=c.promised_on, agreed_by=c.agreed_by)


@orders.decide
def _cancel(s: Orders, c: CancelOrder, now: Now) -> Iterator[Fact]:
    order = s.orders.get(c.order)
    if order is None:
        raise unknown(*ORDER, c.order, "CORE-78")
    if c.line is not None and c.line not in order.lines:
        raise unknown("order line", "订单行", c.line, "CORE-78")
    if c.line is None and c.quantity is not None:
        raise Invalid(
            "out_of_scale",
            "a quantity of no line in particular",
            zh="未指明行号的数量",
            rule="CORE-78",
            accepts="the line that the quantity is of",
        )
    yield OrderCancelled(order=c.order, line=c.line, quantity=c.quantity, reason=c.reason)


@orders.decide
def _approve(s: Orders, c: ApproveFundedGoods, now: Now) -> Iterator[Fact]:
    order = s.orders.get(c.order)
    if order is None:
        raise unknown(*ORDER, c.order, "CORE-80")
    if order.currency != c.amount.currency:
        raise Invalid(
            "unit_mismatch",
            f"the order is in {order.currency}",
            zh=f"订单币种为 {order.currency}",
            rule="CORE-80",
            accepts=f"an amount in {order.currency}",
        )
    demand(
        now,
        order.seller != now.actor,
        NotPermitted,
        "approver_conflict",
        "CORE-80",
        "the seller cannot approve his own firm-funded goods",
        zh="销售人员不能批准自己的垫资",
        accepts="an approver other than the seller",
    )
    yield FundedGoodsApproved(order=c.order, goods=c.goods, amount=c.amount, approver=now.actor)


def _document(order: Order | None, number: str, now: Now) -> None:
    demand(
        now,
        order is not None,
        Incomplete,
        "document_missing",
        "CORE-31",
        f"there is no order {number}: nothing moves without an order document",
        zh=f"没有订单 {number}：无订单不发货",
        accepts="the order first",
    )


def _known_lines(order: Order, lines: Iterable[LineQuantity]) -> None:
    for part in lines:
        if part.line not in order.lines:
            raise unknown("order line", "订单行", part.line, "CORE-78")


def _lines_of(s: Orders, number: str, lines: Iterable[LineQuantity]) -> list[Line]:
    order = s.orders.get(number)
    return [] if order is None else [order.lines[p.line] for p in lines if p.line in order.lines]


@orders.holds("CORE-78", "quantity_exceeded")
def _not_more_than_ordered(s: Orders, e: GoodsDelivered) -> bool:
    return all(line.open >= 0 for line in _lines_of(s, e.order, e.lines))


@orders.holds("CORE-78", "quantity_exceeded")
def _not_more_back_than_shipped(s: Orders, e: GoodsReturned) -> bool:
    return all(line.returned <= line.shipped for line in _lines_of(s, e.order, e.lines))


@orders.holds("CORE-78", "quantity_exceeded")
def _not_more_installed_than_shipped(s: Orders, e: InstallationAccepted) -> bool:
    return all(line.installed <= line.shipped for line in _lines_of(s, e.order, e.lines))


@orders.holds("CORE-78", "quantity_exceeded")
def _not_more_cancelled_than_open(s: Orders, e: OrderCancelled) -> bool:
    order = s.orders.get(e.order)
    return (
        order is None
        or e.quantity is None
        or all(line.open >= 0 for number, line in order.lines.items() if number == e.line)
    )
