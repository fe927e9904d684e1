"""Vehicle orders: contract, payment, documents and formalities, pick-up; one contract is one order (RET-49, RET-50)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import attrs

from guanxi import Facet, Label
from guanxi.relationship.dealings.events import AdvanceReturned, ReceiptRecorded, ReceiptReversed
from guanxi.relationship.documents.events import DocumentAccepted
from guanxi.relationship.pipeline.events import ContractConfirmed
from guanxi_retail.cars.events import (
    CustomerConsented,
    DeliveryDocumentsCompleted,
    LoanApproved,
    PaymentKind,
    VehicleBriefingGiven,
    VehicleContractDrafted,
    VehicleFormalityDone,
    VehicleHandedOver,
)

NOTHING = Decimal(0)


@attrs.define
class VehicleOrder:
    """One vehicle order as it stands; amounts in its price's currency.

    Args:
        model: which vehicle.
        price: what it costs.
        currency: of the price.
        payment_kind: how it is paid.
        consultant: who drew the contract up.
        consented: whether the customer agreed to it.
        confirmed: whether the sales manager confirmed it.
        loan: what the bank pays; None while no loan is approved.
        formalities: which were done.
        handed_over: whether it was picked up.
        briefed: whether upkeep and after-sales service were explained.
    """

    model: str
    price: Decimal
    currency: str
    payment_kind: PaymentKind
    consultant: str
    consented: bool = False
    confirmed: bool = False
    loan: Decimal | None = None
    formalities: list[str] = attrs.field(factory=list)
    handed_over: bool = False
    briefed: bool = False


@attrs.frozen
class Earmarked:
    """Money that came in for one contract only."""

    contract: str
    amount: Decimal
    currency: str


@attrs.define
class VehicleOrders:
    """A customer's vehicle orders by number of the contract, and the types of papers that are in."""

    orders: dict[str, VehicleOrder] = attrs.field(factory=dict)
    documents: list[str] = attrs.field(factory=list)
    completed: list[str] = attrs.field(factory=list)
    repeated: list[str] = attrs.field(factory=list)
    receipts: dict[str, Earmarked] = attrs.field(factory=dict)

    def paid(self, contract: str) -> Decimal:
        """Return what came in for an order, in its currency.

        Args:
            contract: its number.
        """
        currency = self.orders[contract].currency
        own = (r for r in self.receipts.values() if (r.contract, r.currency) == (contract, currency))
        return sum((r.amount for r in own), NOTHING)

    def to_pay(self, contract: str) -> Decimal:
        """Return what has to come in before the pick-up: the price, or the own part of it where a loan is approved.

        Args:
            contract: the order's number.
        """
        order = self.orders[contract]
        loan = order.loan if order.payment_kind == "loan" and order.loan is not None else NOTHING
        return max(order.price - loan - self.paid(contract), NOTHING)

    def missing(self, required: Sequence[str]) -> list[str]:
        """Return which types of papers are not in.

        Args:
            required: the types that are needed.
        """
        return [kind for kind in required if kind not in self.documents]


vehicle_orders = Facet("retail.vehicle_orders", VehicleOrders, title=Label("Vehicle orders", "购车订单"))


@vehicle_orders.evolve
def _drafted(s: VehicleOrders, e: VehicleContractDrafted) -> None:
    if e.contract in s.orders:
        s.repeated.append(e.contract)
    s.orders[e.contract] = VehicleOrder(
        e.model, e.price.amount, e.price.currency, e.payment_kind, e.consultant
    )


@vehicle_orders.evolve
def _moved(
    s: VehicleOrders,
    e: CustomerConsented
    | ContractConfirmed
    | LoanApproved
    | VehicleFormalityDone
    | VehicleHandedOver
    | VehicleBriefingGiven,
) -> None:
    if (order := s.orders.get(e.contract)) is None:
        return
    match e:
        case CustomerConsented():
            order.consented = True
        case ContractConfirmed():
            order.confirmed = True
        case LoanApproved():
            order.loan = e.amount.amount
        case VehicleFormalityDone():
            order.formalities.append(e.kind)
        case VehicleHandedOver():
            order.handed_over, order.briefed = True, order.briefed or e.briefing_done
        case VehicleBriefingGiven():
            order.briefed = True


@vehicle_orders.evolve
def _received(s: VehicleOrders, e: ReceiptRecorded) -> None:
    if e.earmarked_for is not None:
        s.receipts[e.receipt] = Earmarked(e.earmarked_for, e.amount.amount, e.amount.currency)


@vehicle_orders.evolve
def _returned(s: VehicleOrders, e: ReceiptReversed | AdvanceReturned) -> None:
    if (receipt := s.receipts.get(e.receipt or "")) is not None:
        left = receipt.amount - e.amount.amount if isinstance(e, AdvanceReturned) else NOTHING
        s.receipts[e.receipt or ""] = attrs.evolve(receipt, amount=left)


@vehicle_orders.evolve
def _filed(s: VehicleOrders, e: DocumentAccepted) -> None:
    if e.document_type not in s.documents:
        s.documents.append(e.document_type)


@vehicle_orders.evolve
def _completed(s: VehicleOrders, e: DeliveryDocumentsCompleted) -> None:
    if e.contract not in s.completed:
        s.completed.append(e.contract)


@vehicle_orders.ended
def _incomplete(s: VehicleOrders, e: DeliveryDocumentsCompleted) -> None:
    s.completed.remove(e.contract)
