"""What may be done with a vehicle order, and in which order: its hard guards (RET-49, RET-50)."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi import (
    Conflict,
    Decision,
    Fact,
    Incomplete,
    Invalid,
    Money,
    NotPermitted,
    Now,
    Unknown,
)
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.dealings.events import ReceiptRecorded
from guanxi.relationship.documents.events import DocumentAccepted
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi.relationship.pipeline.events import ContractConfirmed
from guanxi_retail.cars.commands import (
    ApproveVehicleLoan,
    ConsentToContract,
    DoVehicleFormality,
    DraftVehicleContract,
    GiveVehicleBriefing,
    HandOverVehicle,
)
from guanxi_retail.cars.events import (
    CustomerConsented,
    DeliveryDocumentsCompleted,
    LoanApproved,
    VehicleBriefingGiven,
    VehicleContractDrafted,
    VehicleFormalityDone,
    VehicleHandedOver,
)
from guanxi_retail.cars.orders import NOTHING, VehicleOrder, VehicleOrders, vehicle_orders
from guanxi_retail.cars.rules import NationalPriceRules, VehicleOrderRules

STEPS, PAYMENT = "RET-49", "RET-50"


# Step 5: the contract


@vehicle_orders.decide
def _draft(s: VehicleOrders, c: DraftVehicleContract, now: Now) -> Iterator[Fact]:
    if c.contract in s.orders:
        raise Conflict(
            "source_conflict",
            f"contract {c.contract} is on record",
            zh=f"合同 {c.contract} 已登记",
            rule=STEPS,
            accepts="another number, or a correction of the first entry",
        )
    prices = now.rules(NationalPriceRules)
    price = prices.prices.get(c.model)
    if price is None:
        raise Unknown(
            "unknown_code",
            f"{c.model} is not on the national price list",
            zh=f"全国统一价格表中没有 {c.model}",
            rule=STEPS,
            accepts=", ".join(sorted(prices.prices)) or "a model on the price list that is to be published",
        )
    if not now.happened:
        now.require(
            c.price == Money(price, prices.currency),
            "price_deviation",
            STEPS,
            f"{c.price}; the national price of {c.model} is {price} {prices.currency}",
            zh=f"价格为 {c.price}，{c.model} 全国统一价为 {price} {prices.currency}",
            accepts=f"{price} {prices.currency}",
        )
    yield VehicleContractDrafted(
        contract=c.contract,
        model=c.model,
        price=c.price,
        payment_kind=c.payment_kind,
        consultant=c.consultant or now.actor,
        deposit=_deposit(c),
    )


def _deposit(c: DraftVehicleContract) -> Money | None:
    if c.payment_kind != "deposit":
        if c.deposit is not None:
            raise Invalid(
                "out_of_scale",
                f"a deposit, and the vehicle is paid by {c.payment_kind}",
                zh=f"付款方式为 {c.payment_kind}，不应有定金",
                rule=PAYMENT,
                accepts="payment_kind='deposit', or no deposit",
            )
        return None
    if (
        c.deposit is None
        or c.deposit.currency != c.price.currency
        or not 0 < c.deposit.amount < c.price.amount
    ):
        raise Invalid(
            "out_of_scale",
            f"the deposit is {c.deposit}, the price {c.price}",
            zh=f"定金为 {c.deposit}，价格为 {c.price}",
            rule=PAYMENT,
            accepts=f"more than 0 and less than {c.price}",
        )
    return c.deposit


@vehicle_orders.decide
def _consent(s: VehicleOrders, c: ConsentToContract, now: Now) -> Iterator[Fact]:
    _found(s, c.contract)
    yield CustomerConsented(contract=c.contract)


@vehicle_orders.gate
def _confirm(s: VehicleOrders, c: ConfirmContract, now: Now) -> None:
    order = s.orders.get(c.contract)
    if order is None:
        return
    if not now.rules(VehicleOrderRules).may_confirm(now.actor, order.consultant):
        now.forbid(
            NotPermitted(
                "not_authorised",
                f"{now.actor} is not the sales manager who may confirm {c.contract}",
                zh=f"{now.actor} 不是可确认合同 {c.contract} 的销售经理",
                rule=STEPS,
                accepts="a sales manager, never the consultant who drew it up",
            )
        )
    if not now.happened:
        _step(order.consented, now, "the customer has not consented yet", "客户尚未同意", "his consent first")


@vehicle_orders.holds(STEPS, "price_deviation")
def _at_the_national_price(s: VehicleOrders, e: VehicleContractDrafted, now: Now) -> bool:
    prices = now.rules(NationalPriceRules)
    price = prices.prices.get(e.model)
    return price is not None and e.price == Money(price, prices.currency)


@vehicle_orders.holds(STEPS, "source_conflict")
def _one_contract_a_number(s: VehicleOrders, e: VehicleContractDrafted) -> bool:
    return e.contract not in s.repeated


@vehicle_orders.holds(STEPS, "step_missing")
def _consented_before(s: VehicleOrders, e: ContractConfirmed) -> bool:
    order = s.orders.get(e.contract)
    return order is None or order.consented


# Step 6: the payment


@vehicle_orders.gate
def _receive(s: VehicleOrders, c: RecordReceipt, now: Now) -> None:
    if (order := s.orders.get(c.earmarked_for or "")) is not None and not now.happened:
        _confirmed(order, now)


@vehicle_orders.decide
def _approve(s: VehicleOrders, c: ApproveVehicleLoan, now: Now) -> Iterator[Fact]:
    order = _found(s, c.contract)
    if (
        order.payment_kind != "loan"
        or c.amount.currency != order.currency
        or not 0 < c.amount.amount <= order.price
    ):
        raise Invalid(
            "out_of_scale",
            f"a loan of {c.amount} for {c.contract}, paid by {order.payment_kind}, price {order.price} {order.currency}",
            zh=f"合同 {c.contract} 付款方式为 {order.payment_kind}，价格 {order.price} {order.currency}，贷款 {c.amount}",
            rule=PAYMENT,
            accepts="a contract that is paid with a loan, and more than 0 up to its price",
        )
    if not now.happened:
        _confirmed(order, now)
    yield LoanApproved(contract=c.contract, bank=c.bank, amount=c.amount)


@vehicle_orders.holds(STEPS, "step_missing")
def _confirmed_before(s: VehicleOrders, e: ReceiptRecorded | LoanApproved) -> bool:
    number = e.contract if isinstance(e, LoanApproved) else e.earmarked_for or ""
    order = s.orders.get(number)
    return order is None or order.confirmed


# Step 7: documents and formalities


@vehicle_orders.react(PAYMENT)
def _complete(s: VehicleOrders, e: DocumentAccepted | ContractConfirmed, now: Now) -> Iterator[Decision]:
    required = now.rules(VehicleOrderRules).required_documents
    if s.missing(required):
        return
    for number, order in s.orders.items():
        if order.confirmed and number not in s.completed:
            yield DeliveryDocumentsCompleted(contract=number, required=required, present=tuple(s.documents))


@vehicle_orders.decide
def _formality(s: VehicleOrders, c: DoVehicleFormality, now: Now) -> Iterator[Fact]:
    order = _found(s, c.contract)
    if not now.happened:
        _confirmed(order, now)
    if not _documents_in(s, c.contract, now):
        missing = s.missing(now.rules(VehicleOrderRules).required_documents)
        now.forbid(
            Incomplete(
                "document_missing",
                f"{c.contract} lacks {', '.join(missing)}",
                zh=f"合同 {c.contract} 缺少 {'、'.join(missing)}",
                rule=PAYMENT,
                accepts="the formality once all documents are in",
                missing=", ".join(missing),
            )
        )
    yield VehicleFormalityDone(contract=c.contract, kind=c.kind)


def _documents_in(s: VehicleOrders, contract: str, now: Now) -> bool:
    """Whether the documents are complete: by the decision that they are, or by rules that have come to ask for less."""
    return contract in s.completed or not s.missing(now.rules(VehicleOrderRules).required_documents)


# Step 8: the pick-up


@vehicle_orders.decide
def _hand_over(s: VehicleOrders, c: HandOverVehicle, now: Now) -> Iterator[Fact]:
    order = _found(s, c.contract)
    if order.handed_over:
        raise Conflict(
            "source_conflict",
            f"the vehicle of {c.contract} was picked up already",
            zh=f"合同 {c.contract} 的车辆已提走",
            rule=PAYMENT,
            accepts="a correction of the first entry",
        )
    if not now.happened:
        _confirmed(order, now)
        _paid_for(s, c.contract, now)
        undone = _undone(order, now)
        _step(
            not undone,
            now,
            f"not done yet: {', '.join(undone)}",
            f"尚未办妥：{'、'.join(undone)}",
            "these formalities first",
        )
    yield VehicleHandedOver(
        contract=c.contract,
        balance_open=Money(max(order.price - s.paid(c.contract), NOTHING), order.currency),
        briefing_done=c.briefing_done,
    )


def _paid_for(s: VehicleOrders, contract: str, now: Now) -> None:
    order, to_pay = s.orders[contract], s.to_pay(contract)
    now.require(
        not _loan_pending(order),
        "loan_pending",
        PAYMENT,
        "the loan is not approved yet",
        zh="贷款尚未批准",
        accepts="the bank's approval first",
    )
    now.require(
        not to_pay,
        "balance_open",
        PAYMENT,
        f"{to_pay:.2f} {order.currency} of {order.price:.2f} has not come in",
        zh=f"价款 {order.price:.2f} 中尚有 {to_pay:.2f} {order.currency} 未付",
        accepts="the payment of the rest first",
        open=f"{to_pay:.2f}",
    )


def _loan_pending(order: VehicleOrder) -> bool:
    return order.payment_kind == "loan" and order.loan is None


def _undone(order: VehicleOrder, now: Now) -> list[str]:
    asked = now.rules(VehicleOrderRules).formalities_before_pick_up
    return [kind for kind in asked if kind not in order.formalities]


@vehicle_orders.decide
def _brief(s: VehicleOrders, c: GiveVehicleBriefing, now: Now) -> Iterator[Fact]:
    order = _found(s, c.contract)
    _step(
        order.handed_over, now, "the vehicle has not been picked up yet", "车辆尚未提走", "the pick-up first"
    )
    yield VehicleBriefingGiven(contract=c.contract)


@vehicle_orders.holds(STEPS, "step_missing")
def _in_order(s: VehicleOrders, e: VehicleFormalityDone | VehicleHandedOver, now: Now) -> bool:
    order = s.orders.get(e.contract)
    if order is None or not order.confirmed:
        return False
    return isinstance(e, VehicleFormalityDone) or not _undone(order, now)


@vehicle_orders.holds(PAYMENT, "balance_open")
def _nothing_open(s: VehicleOrders, e: VehicleHandedOver) -> bool:
    order = s.orders.get(e.contract)
    return order is None or _loan_pending(order) or not s.to_pay(e.contract)


@vehicle_orders.holds(PAYMENT, "loan_pending")
def _loan_there(s: VehicleOrders, e: VehicleHandedOver) -> bool:
    order = s.orders.get(e.contract)
    return order is None or not _loan_pending(order)


# What several of them ask


def _found(s: VehicleOrders, number: str) -> VehicleOrder:
    order = s.orders.get(number)
    if order is None:
        raise Unknown(
            "unknown_contract",
            f"there is no vehicle contract {number}",
            zh=f"没有购车合同 {number}",
            rule=STEPS,
            accepts=", ".join(sorted(s.orders)) or "a contract that was drawn up",
        )
    return order


def _confirmed(order: VehicleOrder, now: Now) -> None:
    _step(
        order.confirmed,
        now,
        "the sales manager has not confirmed the contract yet",
        "销售经理尚未确认合同",
        "his confirmation first",
    )


def _step(done: bool, now: Now, en: str, zh: str, accepts: str) -> None:
    now.require(done, "step_missing", STEPS, en, zh=zh, accepts=accepts)
