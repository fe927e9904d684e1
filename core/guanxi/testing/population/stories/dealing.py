"""Stories of dealing: orders, holds, receivables, expenses, warnings, material and installed products."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi.kernel.values import Money
from guanxi.relationship.dealings.commands import (
    AcceptInstallation,
    AllocateReceipt,
    ApproveFundedGoods,
    CancelOrder,
    ClaimExpense,
    ConfirmBalance,
    DeliverGoods,
    InstallProduct,
    IssueInvoice,
    MoveOrderPromise,
    MoveTollMaterial,
    NameCollector,
    PayExpense,
    PlaceOrder,
    RecordCost,
    RecordReceipt,
    ReleaseOrder,
    RemoveProduct,
    ReplacePart,
    ReturnAdvance,
    ReturnGoods,
    ReverseReceipt,
    ReviewExpense,
    SetCreditTerms,
    WriteOffReceivable,
)
from guanxi.relationship.dealings.events import LineAmount, LineQuantity, MaterialMovement, OrderLine
from guanxi.testing.population.telling import Step, Teller

PRODUCTS = (("SYN-PUMP", "pumps"), ("SYN-VALVE", "valves"), ("SYN-DRILL", "tools"), ("SYN-OIL", "care"))
MOVEMENTS: tuple[tuple[int, MaterialMovement, int], ...] = (
    (3, "received", 10),
    (8, "used", 6),
    (12, "returned", 4),
)
ONE = Decimal(1)


def _line(t: Teller, amount: Money, quantity: Decimal = ONE) -> OrderLine:
    product, family = t.draw.choice(PRODUCTS)
    return OrderLine(
        line="1",
        product=product,
        quantity=quantity,
        unit="pieces",
        amount=amount,
        family=family,
        promised_on=t.day(5),
    )


def sale(t: Teller) -> Iterator[Step]:
    """An order is delivered, billed and paid, mostly in time."""
    order, invoice, amount = t.code("SO"), t.code("I"), t.money(100, 9_000)
    one = (LineQuantity(line="1", quantity=ONE),)
    late = 1 if t.draw.random() < 0.06 else 0
    slip = t.draw.random() < 0.03
    yield t.say(0, 10, PlaceOrder(order=order, lines=(_line(t, amount),), channel="shop"))
    yield t.say(
        3, 14, DeliverGoods(order=order, lines=one, delivery_note=t.code("DN")), "desk", happened=True
    )
    billed = IssueInvoice(
        invoice=invoice,
        amount=amount,
        due_on=t.day(20),
        order=order,
        lines=(LineAmount(line="1", amount=amount),),
    )
    yield t.say(4, 10, billed, "desk")
    paid = t.draw.randint(6, 24)
    receipt = RecordReceipt(receipt=t.code("RC"), amount=amount, payer="合成付款人", receivable=invoice)
    yield t.say(
        paid,
        11,
        receipt,
        "desk",
        late=late,
        mark="correct" if slip else None,
        fields={"purpose": "合成更正"} if slip else None,
    )


def changed(t: Teller) -> Iterator[Step]:
    """An order's day is moved, part of it cancelled, part of it comes back."""
    order, amount = t.code("SO"), t.money(900, 3_000)
    yield t.say(0, 10, PlaceOrder(order=order, lines=(_line(t, amount, Decimal(3)),)))
    yield t.say(2, 10, MoveOrderPromise(order=order, line="1", promised_on=t.day(9), agreed_by="合成"))
    yield t.say(3, 10, CancelOrder(order=order, line="1", quantity=ONE, reason="合成减量"))
    yield t.say(
        8,
        10,
        DeliverGoods(order=order, lines=(LineQuantity(line="1", quantity=Decimal(2)),)),
        "desk",
        happened=True,
    )
    yield t.say(
        12, 10, ReturnGoods(order=order, lines=(LineQuantity(line="1", quantity=ONE),), reason="合成退货")
    )


def credit(t: Teller) -> Iterator[Step]:
    """He may owe; one order goes over that and is let go, another waits until he paid."""
    limit = Money(10_000, "CNY")
    yield t.say(0, 9, SetCreditTerms(limit=limit, term_days=30, approver=t.customer.staff("head")), "desk")
    small, large, invoice = t.code("SO", 1), t.code("SO", 2), t.code("I")
    first = PlaceOrder(order=small, lines=(_line(t, Money(9_500, "CNY")),), on_credit=True)
    yield t.say(1, 10, first)
    yield t.say(
        2, 10, DeliverGoods(order=small, lines=(LineQuantity(line="1", quantity=ONE),)), "desk", happened=True
    )
    yield t.say(
        2, 11, IssueInvoice(invoice=invoice, amount=Money(9_500, "CNY"), due_on=t.day(9), order=small), "desk"
    )
    second = PlaceOrder(order=large, lines=(_line(t, Money(8_000, "CNY")),), on_credit=True, term_days=60)
    yield t.say(3, 10, second)
    if t.customer.number % 2:
        yield t.say(4, 10, ReleaseOrder(order=large, reason="合成放行"), "head")
    third = PlaceOrder(order=t.code("SO", 3), lines=(_line(t, Money(500, "CNY")),))
    yield t.say(14, 10, third)
    late = int(t.customer.number % 4 == 0)
    paid = RecordReceipt(receipt=t.code("RC"), amount=Money(9_500, "CNY"), receivable=invoice)
    yield t.say(12 if late else 18, 10, paid, "desk", late=late)
    yield t.say(25, 10, CancelOrder(order=large, reason="合成取消"))


def collecting(t: Teller) -> Iterator[Step]:
    """A bill is not paid: somebody collects, a cheque comes back, and what is left is given up."""
    invoice, head = t.code("I"), "head"
    yield t.say(0, 10, IssueInvoice(invoice=invoice, amount=Money(800, "CNY"), due_on=t.day(5)), "desk")
    yield t.say(8, 10, NameCollector(person=t.customer.staff("collector"), receivable=invoice), head)
    receipt = t.code("RC", 1)
    yield t.say(12, 10, RecordReceipt(receipt=receipt, amount=Money(500, "CNY"), receivable=invoice), "desk")
    yield t.say(15, 10, ReverseReceipt(receipt=receipt, reason="合成退票"), "desk")
    yield t.say(20, 10, WriteOffReceivable(receivable=invoice, reason="合成核销"), head)


def advance(t: Teller) -> Iterator[Step]:
    """He pays ahead, uses a part, gets the rest back, and confirms the balance."""
    receipt, invoice = t.code("RC"), t.code("I")
    yield t.say(0, 10, RecordReceipt(receipt=receipt, amount=Money(1_000, "CNY"), purpose="合成预付"), "desk")
    yield t.say(5, 10, IssueInvoice(invoice=invoice, amount=Money(600, "CNY"), due_on=t.day(25)), "desk")
    used = AllocateReceipt(receipt=receipt, receivable=invoice, amount=Money(600, "CNY"))
    yield t.say(6, 10, used, "desk")
    kept = RecordReceipt(receipt=t.code("RC", 2), amount=Money(400, "CNY"), earmarked_for=t.code("SO"))
    yield t.say(7, 10, kept, "desk")
    yield t.say(9, 10, ReturnAdvance(amount=Money(400, "CNY"), receipt=t.code("RC", 2)), "desk")
    nothing = Money(0, "CNY")
    yield t.say(20, 10, ConfirmBalance(as_of=t.day(19), advances=nothing, receivables=nothing), "desk")


def funded(t: Teller) -> Iterator[Step]:
    """Goods go out ahead of payment, and his own material is worked."""
    order = t.code("SO")
    yield t.say(0, 10, PlaceOrder(order=order, lines=(_line(t, Money(700, "CNY")),), funded=True))
    approved = ApproveFundedGoods(order=order, goods="合成铺货", amount=Money(700, "CNY"))
    yield t.say(1, 10, approved, "head")
    yield t.say(
        2, 10, DeliverGoods(order=order, lines=(LineQuantity(line="1", quantity=ONE),)), "desk", happened=True
    )
    for days, movement, much in MOVEMENTS:
        yield t.say(
            days,
            11,
            MoveTollMaterial(toll_material="合成料", movement=movement, quantity=Decimal(much), unit="kg"),
            "desk",
        )
    bill = IssueInvoice(invoice=t.code("I"), amount=Money(700, "CNY"), due_on=t.day(30), order=order)
    yield t.say(15, 10, bill, "desk")
    yield t.say(
        22, 10, RecordReceipt(receipt=t.code("RC"), amount=Money(700, "CNY"), receivable=t.code("I")), "desk"
    )


def expense(t: Teller) -> Iterator[Step]:
    """Something is spent on him, reviewed and paid; he costs us something too."""
    number = t.code("E")
    yield t.say(0, 10, ClaimExpense(expense=number, amount=t.money(50, 800), purpose="合成招待"))
    yield t.say(3, 10, ReviewExpense(expense=number), "head")
    yield t.say(6, 10, PayExpense(expense=number), "desk")
    yield t.say(8, 10, RecordCost(cost="direct", amount=t.money(10, 300), what="合成成本"), "desk")


def installing(t: Teller) -> Iterator[Step]:
    """A product is installed and accepted, gets a new part, and is taken away."""
    order, serial = t.code("SO"), t.code("SN")
    yield t.say(0, 10, PlaceOrder(order=order, lines=(_line(t, Money(5_000, "CNY")),), installs=True))
    one = (LineQuantity(line="1", quantity=ONE),)
    yield t.say(3, 10, DeliverGoods(order=order, lines=one), "desk", happened=True)
    yield t.say(
        5, 10, InstallProduct(serial=serial, product="SYN-PUMP", site="合成厂房", parts=("P1",)), "engineer"
    )
    yield t.say(6, 10, AcceptInstallation(order=order, lines=one, document=t.code("AC")), "engineer")
    bill = IssueInvoice(invoice=t.code("I"), amount=Money(5_000, "CNY"), due_on=t.day(30), order=order)
    yield t.say(7, 10, bill, "desk")
    yield t.say(
        20,
        10,
        RecordReceipt(receipt=t.code("RC"), amount=Money(5_000, "CNY"), receivable=t.code("I")),
        "desk",
    )
    yield t.say(30, 10, ReplacePart(serial=serial, old_part="P1", new_part="P2"), "engineer")
    yield t.say(50, 10, RemoveProduct(serial=serial, reason="合成更换"), "engineer")
