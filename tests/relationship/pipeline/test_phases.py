"""Signing ends the pre-sale phase; full delivery and full payment end the in-sale phase (CORE-28)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from guanxi.relationship.dealings.commands import (
    AcceptInstallation,
    CancelOrder,
    DeliverGoods,
    PlaceOrder,
    RecordReceipt,
    ReverseReceipt,
)
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.pipeline.commands import (
    AmendContract,
    EndContract,
    OpenOpportunity,
    RecordLead,
    SignContract,
)
from guanxi.relationship.pipeline.phases import Phases
from guanxi.relationship.service.commands import RequestService
from tests.relationship.pipeline.sales_desk import SalesDesk, yuan

TEN = Decimal(10)


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-03-01") as d:
        d.open(party="organisation")
        yield d


@pytest.fixture
def signed(desk: SalesDesk) -> SalesDesk:
    desk.gate()
    desk.tell(OpenOpportunity(opportunity="O-1"))
    desk.do(SignContract(contract="K-1", amount=yuan(1000), deal_type="installed"), "2025-03-10T10:00")
    return desk


def order(number: str = "A-1", amount: int = 1000, contract: str | None = "K-1", **fields: Any) -> PlaceOrder:
    line = OrderLine(line="1", product="pump", quantity=TEN, unit="piece", amount=yuan(amount))
    return PlaceOrder(order=number, lines=(line,), contract=contract, **fields)


def all_of(number: str = "A-1", quantity: Decimal = TEN) -> dict[str, Any]:
    return {"order": number, "lines": (LineQuantity(line="1", quantity=quantity),)}


def money(number: str, amount: int) -> RecordReceipt:
    return RecordReceipt(receipt=number, amount=yuan(amount))


def phase(desk: SalesDesk, as_of: str | None = None, as_known: str | None = None) -> str:
    return desk.state(Phases, as_of, as_known).phase


@pytest.mark.rule("CORE-28a")
def test_signing_ends_the_pre_sale_phase_at_its_very_moment(signed: SalesDesk) -> None:
    phases = [phase(signed, f"2025-03-10T{at}") for at in ("09:59", "10:00")]
    assert phases == ["pre_sale", "in_sale"]


@pytest.mark.rule("CORE-28b")
def test_full_delivery_and_payment_end_the_in_sale_phase_and_a_reversal_brings_it_back(
    signed: SalesDesk,
) -> None:
    signed.do(order(), "2025-03-12")
    signed.do(DeliverGoods(**all_of()), "2025-03-20")
    signed.do(AcceptInstallation(**all_of()), "2025-03-25")
    signed.do(money("R-1", 900), "2025-04-01")
    assert phase(signed) == "in_sale"
    signed.do(money("R-2", 100), "2025-04-10")
    assert phase(signed) == "after_sale"
    signed.do(ReverseReceipt(receipt="R-2", reason="cheque returned"), "2025-04-20")
    phases = [phase(signed, f"2025-04-{day:02}") for day in (9, 10, 19, 20)]
    assert phases == ["in_sale", "after_sale", "after_sale", "in_sale"]


@pytest.mark.rule("CORE-28b")
def test_what_is_to_be_installed_is_not_done_when_it_is_delivered(signed: SalesDesk) -> None:
    signed.do(order(), "2025-03-12")
    signed.do(money("R-1", 1000), "2025-03-13")
    signed.do(DeliverGoods(**all_of()), "2025-03-20")
    assert phase(signed) == "in_sale"
    signed.do(AcceptInstallation(**all_of()), "2025-03-25")
    assert phase(signed) == "after_sale"


@pytest.mark.rule("CORE-28c")
def test_paid_ahead_but_not_shipped_is_in_sale_whatever_service_is_asked_for(signed: SalesDesk) -> None:
    signed.do(order(), "2025-03-12")
    signed.do(money("R-1", 1000), "2025-03-13")
    assert phase(signed) == "in_sale"
    signed.do(RequestService(request="S-1", need_class="fault"), "2025-03-14")
    assert phase(signed) == "in_sale"


@pytest.mark.rule("CORE-28")
def test_before_anything_is_confirmed_it_is_marketing(desk: SalesDesk) -> None:
    desk.tell(RecordLead(lead="L-1"))
    assert phase(desk) == "marketing"
    desk.tell(OpenOpportunity(opportunity="O-1"))
    assert phase(desk) == "pre_sale"


@pytest.mark.rule("CORE-28")
def test_without_a_contract_the_first_order_begins_the_in_sale_phase(desk: SalesDesk) -> None:
    desk.do(order(contract=None), "2025-03-12")
    assert phase(desk) == "in_sale"
    desk.do(DeliverGoods(**all_of()), "2025-03-13")
    desk.do(money("R-1", 1000), "2025-03-14")
    assert [phase(desk, day) for day in ("2025-03-11", "2025-03-13", "2025-03-14")] == [
        "marketing",
        "in_sale",
        "after_sale",
    ]


@pytest.mark.rule("CORE-28")
def test_what_was_cancelled_is_neither_delivered_nor_paid(desk: SalesDesk) -> None:
    desk.do(order(contract=None), "2025-03-12")
    desk.do(CancelOrder(order="A-1", line="1", quantity=Decimal(4), reason="too many"), "2025-03-13")
    desk.do(DeliverGoods(**all_of(quantity=Decimal(6))), "2025-03-14")
    desk.do(money("R-1", 600), "2025-03-15")
    assert phase(desk) == "after_sale"


@pytest.mark.rule("CORE-28")
def test_an_order_that_is_cancelled_whole_was_never_a_sale(desk: SalesDesk) -> None:
    desk.tell(OpenOpportunity(opportunity="O-1"))
    desk.do(order(contract=None), "2025-03-12")
    desk.do(CancelOrder(order="A-1", reason="a mistake"), "2025-03-13")
    assert phase(desk) == "pre_sale"


@pytest.mark.rule("CORE-28")
def test_the_amount_is_that_with_amendments(signed: SalesDesk) -> None:
    signed.do(order(), "2025-03-12")
    for command in (DeliverGoods, AcceptInstallation):
        signed.do(command(**all_of()), "2025-03-20")
    signed.do(AmendContract(contract="K-1", amendment="A", added=yuan(50)), "2025-03-21")
    signed.do(money("R-1", 1000), "2025-03-22")
    assert phase(signed) == "in_sale"
    signed.do(money("R-2", 50), "2025-03-23")
    assert phase(signed) == "after_sale"


@pytest.mark.rule("CORE-28")
def test_a_terminated_contract_is_over(signed: SalesDesk) -> None:
    signed.do(EndContract(contract="K-1", how="terminated", reason="insolvent"), "2025-03-20")
    assert phase(signed) == "after_sale"


@pytest.mark.rule("CORE-28")
def test_money_goes_to_the_oldest_deal_unless_it_is_meant_for_another(desk: SalesDesk) -> None:
    desk.do(order("A-1", contract=None), "2025-03-12")
    desk.do(order("A-2", contract=None), "2025-03-13")
    for number in ("A-1", "A-2"):
        desk.do(DeliverGoods(**all_of(number)), "2025-03-14")
    desk.do(money("R-1", 1000), "2025-03-15")
    states = desk.state(Phases)
    assert [states.of(f"order/{n}") for n in ("A-1", "A-2")] == ["after_sale", "in_sale"]
    assert phase(desk) == "in_sale"


@pytest.mark.rule("CORE-28")
def test_a_receipt_entered_late_ends_the_phase_on_its_own_day(desk: SalesDesk) -> None:
    desk.do(order(contract=None), "2025-03-12")
    desk.do(DeliverGoods(**all_of()), "2025-03-13")
    desk.late(money("R-1", 1000), "2025-03-20", "2025-04-02")
    assert phase(desk, "2025-03-20", "2025-03-25") == "in_sale"
    assert phase(desk, "2025-03-20", "2025-04-02") == "after_sale"
