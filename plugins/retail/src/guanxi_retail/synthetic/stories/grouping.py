"""Stories of group purchase: who looks after whom, the VIP list, stock, orders and deliveries, the file."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi import RecordProfileFact
from guanxi.relationship.dealings.commands import DeliverGoods, PlaceOrder, RecordReceipt
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi_retail.group_purchase.commands import (
    ApplyForVip,
    CountCustomerStock,
    DecideVipNomination,
    NominateForVip,
    RemoveFromVipList,
)
from guanxi_retail.synthetic.basket import GOODS, Good, line
from guanxi_retail.synthetic.stories.buying import sold
from guanxi_retail.synthetic.telling import Step, Teller, yuan

LIQUOR = Good("syn-liquor", "liquor", "合成酒", 400, 900, "high")
RICE = GOODS[7]


def looked_after(t: Teller) -> Iterator[Step]:
    """An account manager looks after the customer, and keeps a card in the file."""
    yield t.order(0, 9, AssignMaintainer(person=t.member.staff("manager")), "head")
    card = HandInDocument(
        document=t.code("D"), document_type="customer_card", formed_on=t.day(0), pages=1, medium="printed"
    )
    yield t.say(1, 10, card, "manager")


def vip_by_purchase(t: Teller) -> Iterator[Step]:
    """Who bought enough at once comes on the VIP list."""
    yield t.order(0, 14, sold(t, t.code("R"), (line(3_400, LIQUOR),)))
    yield t.order(1, 10, ApplyForVip(application=t.code("A"), route="purchase"), "manager")


def vip_by_rank(t: Teller) -> Iterator[Step]:
    """Who holds a rank comes on the list, and is taken off it again."""
    told = ApplyForVip(
        application=t.code("A"), route="rank", rank="division", unit="合成局", unit_kind="administrative"
    )
    yield t.order(0, 10, told, "manager")
    removed = RemoveFromVipList(removal=t.code("AX"), reason_code="moved_away")
    yield t.order(210, 10, removed, "manager")


def nominated(t: Teller) -> Iterator[Step]:
    """One is nominated for the list, and a leader agrees."""
    number = t.code("N")
    yield t.order(0, 10, NominateForVip(nomination=number, purpose="合成：重点单位"), "manager")
    yield t.order(2, 10, DecideVipNomination(nomination=number, outcome="approved"), "head")


def stock(t: Teller) -> Iterator[Step]:
    """The rice at home is counted, its use told; it is ordered, delivered and paid."""
    use = RecordProfileFact(field_name="monthly_use/rice", value="15")
    yield t.order(0, 10, use, "manager")
    yield t.order(0, 10.2, RecordProfileFact(field_name="pay_day", value="10"), "manager")
    yield t.order(0, 10.5, CountCustomerStock(product="rice", quantity=Decimal(20), unit="kg"), "manager")
    for part, day in enumerate((34, 74), 1):
        count = CountCustomerStock(product="rice", quantity=Decimal(4 + part), unit="kg")
        yield t.order(day, 9, count, "manager")
        number, amount = t.code("O", part), Decimal(20)
        ordered = OrderLine(line="1", product="rice", unit="kg", quantity=amount, amount=yuan(130))
        yield t.order(day, 9.5, PlaceOrder(order=number, lines=(ordered,)), "manager")
        parts = (LineQuantity(line="1", quantity=amount),)
        yield t.order(day + 1, 10, DeliverGoods(order=number, lines=parts), "manager")
        yield t.order(day + 3, 10, RecordReceipt(receipt=t.code("C", part), amount=yuan(130)), "manager")


def standing_order(t: Teller) -> Iterator[Step]:
    """Spirits are bought by the case."""
    yield t.say(0, 14, sold(t, t.code("R"), (line(t.draw.randint(500, 1_200), LIQUOR), line(60, RICE, 2))))
