"""Payment, documents and formalities, pick-up (RET-50)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import Incomplete, Invalid, Money, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import RecordReceipt, ReverseReceipt
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi_retail.cars.commands import (
    ApproveVehicleLoan,
    ConsentToContract,
    DoVehicleFormality,
    DraftVehicleContract,
    GiveVehicleBriefing,
    HandOverVehicle,
)
from guanxi_retail.cars.orders import VehicleOrders
from guanxi_retail.cars.rules import VehicleOrderRules
from plugins.retail.tests.cars.conftest import PAPERS
from plugins.retail.tests.cars.desk import Desk, local

PRICE = Money("120000", "CNY")
PICK_UP = HandOverVehicle(contract="K-1")
PLATES = DoVehicleFormality(contract="K-1", kind="plates")


def ordered(d: Desk, kind: str = "one_off", **more: object) -> Desk:
    """A contract of 1 June, consented and confirmed."""
    drafted = DraftVehicleContract(contract="K-1", model="Breeze", price=PRICE, payment_kind=kind, **more)
    d.tell("2012-06-01", drafted, ConsentToContract(contract="K-1"), actor="consultant")
    d.tell("2012-06-01T11:00", ConfirmContract(contract="K-1"), actor="manager")
    return d


def paid(amount: str, receipt: str = "B-1") -> RecordReceipt:
    return RecordReceipt(receipt=receipt, amount=Money(amount, "CNY"), earmarked_for="K-1")


def paper(kind: str) -> HandInDocument:
    return HandInDocument(
        document=f"D-{kind}", document_type=kind, formed_on=local("2012-06-01").date(), pages=1
    )


def order(d: Desk, **cut: str):
    history = d.ledger.history("C-1")
    for name, moment in cut.items():
        history = getattr(history, name)(moment)
    return history.state(VehicleOrders)


@pytest.mark.rule("RET-50a")
def test_plates_wait_for_the_fifth_document_which_is_named(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", *[paper(kind) for kind in PAPERS[:4]])
    with pytest.raises(Incomplete) as refused:
        d.tell("2012-06-02", PLATES)
    assert (refused.value.code, refused.value.facts["missing"]) == ("document_missing", "tax")
    d.tell("2012-06-03", paper("tax"), PLATES)
    assert order(d).orders["K-1"].formalities == ["plates"]


@pytest.mark.rule("RET-50a")
def test_a_fourth_kind_of_payment_is_unknown(dealer):
    with pytest.raises(Unknown) as refused:
        ordered(dealer(), "lease")
    assert (refused.value.code, refused.value.rule) == ("unknown_code", "RET-50")


@pytest.mark.rule("RET-50")
def test_a_fifth_kind_of_formality_is_unknown(dealer):
    with pytest.raises(Unknown) as refused:
        DoVehicleFormality(contract="K-1", kind="painting")
    assert refused.value.code == "unknown_code"


@pytest.mark.rule("RET-50")
@pytest.mark.parametrize("deposit", [None, "0", "120000"])
def test_a_deposit_is_more_than_nothing_and_less_than_the_price(dealer, deposit):
    d = dealer()
    with pytest.raises(Invalid) as refused:
        ordered(d, "deposit", deposit=None if deposit is None else Money(deposit, "CNY"))
    assert refused.value.code == "out_of_scale"
    ordered(d, "deposit", deposit=Money("0.01", "CNY"))
    assert list(order(d).orders) == ["K-1"]


@pytest.mark.rule("RET-50b")
def test_one_fen_open_keeps_the_vehicle_and_its_payment_just_before_lets_it_go(dealer):
    d = ordered(dealer(), "deposit", deposit=Money("5000", "CNY"))
    d.tell("2012-06-02", paid("5000"), paid("114999.99", "B-2"))
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-09T10:00", PICK_UP)
    assert (refused.value.code, refused.value.facts["open"]) == ("balance_open", "0.01")
    d.tell("2012-06-09T10:01", paid("0.01", "B-3"))
    d.tell("2012-06-09T10:02", PICK_UP)
    assert order(d).orders["K-1"].handed_over


@pytest.mark.rule("RET-50c")
def test_a_loan_approved_and_the_own_part_paid_let_the_vehicle_go(dealer):
    d = ordered(dealer(), "loan")
    d.tell("2012-06-02", paid("40000"))
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-05", PICK_UP)
    assert refused.value.code == "loan_pending"
    d.tell("2012-06-06", ApproveVehicleLoan(contract="K-1", bank="ICBC", amount=Money("70000", "CNY")))
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-06T11:00", PICK_UP)
    assert (refused.value.code, refused.value.facts["open"]) == ("balance_open", "10000.00")
    d.tell("2012-06-07", paid("10000", "B-2"), PICK_UP)
    assert order(d).orders["K-1"].handed_over


@pytest.mark.rule("RET-50c")
def test_a_pick_up_without_briefing_is_allowed_and_the_briefing_stays_due(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", paid("120000"), HandOverVehicle(contract="K-1", briefing_done=False))
    assert d.states("retail.pick_up_briefing") == {"K-1": "open"}
    assert d.states("retail.pick_up_briefing", as_of="2012-06-03") == {"K-1": "overdue"}
    d.tell("2012-06-04", GiveVehicleBriefing(contract="K-1"))
    assert d.states("retail.pick_up_briefing") == {"K-1": "late"}
    assert d.due("retail.pick_up_briefing")[0].person == "consultant"


@pytest.mark.rule("RET-50")
def test_a_briefing_at_the_pick_up_is_done(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", paid("120000"), PICK_UP)
    assert d.states("retail.pick_up_briefing") == {"K-1": "done"}


@pytest.mark.rule("RET-50")
def test_a_receipt_that_is_reversed_after_the_pick_up_is_open_again_in_the_report(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", paid("120000"), PICK_UP)
    d.tell("2012-06-03", ReverseReceipt(receipt="B-1", reason="bounced"))
    (row,) = d.rows("retail.vehicle_orders")
    assert (row["paid"], row["open"]) == (Decimal(0), Decimal(120_000))


@pytest.mark.rule("RET-50")
def test_a_pick_up_with_a_balance_that_happened_is_kept_flagged_and_forgiven_by_a_late_receipt(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", PICK_UP, known="2012-06-03")
    assert d.flags() == ["balance_open"]
    d.tell("2012-06-01T15:00", paid("120000"), known="2012-06-04")
    assert d.flags() == []


@pytest.mark.rule("RET-50")
def test_the_documents_are_complete_from_the_day_of_a_document_that_was_entered_late(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", *[paper(kind) for kind in PAPERS[:4]])
    d.tell("2012-06-03", paper("tax"), known="2012-06-10")
    assert order(d, as_of="2012-06-03").completed == ["K-1"]
    assert order(d, as_known="2012-06-09").completed == []


@pytest.mark.rule("RET-57")
def test_a_document_asked_for_in_retrospect_is_missing_from_when_that_was_published(dealer):
    d = ordered(dealer())
    d.tell("2012-06-02", *[paper(kind) for kind in PAPERS])
    assert order(d).completed == ["K-1"]
    d.at("2012-06-20")
    d.publish(
        VehicleOrderRules(required_documents=(*PAPERS, "photo"), sales_managers=("manager",)),
        "2012-06-01",
        retroactive="the office asks for a photo",
    )
    assert (order(d, as_of="2012-06-19").completed, order(d).completed) == (["K-1"], [])
    with pytest.raises(Incomplete) as refused:
        d.tell("2012-06-21", PLATES)
    assert refused.value.facts["missing"] == "photo"


@pytest.mark.rule("RET-50")
def test_formalities_that_a_host_asks_for_come_before_the_pick_up(dealer):
    d = ordered(dealer(VehicleOrderRules(formalities_before_pick_up=("inspection", "plates"))))
    d.tell("2012-06-02", paid("120000"), DoVehicleFormality(contract="K-1", kind="inspection"))
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-03", PICK_UP)
    assert refused.value.code == "step_missing"
    d.tell("2012-06-03", PLATES, PICK_UP)
    assert order(d).orders["K-1"].handed_over


@pytest.mark.rule("RET-49")
@pytest.mark.rule("RET-50")
def test_the_report_shows_step_open_guard_and_missing_documents_and_the_price_is_paid_and_open(dealer):
    d = ordered(dealer(), "loan")
    d.tell("2012-06-02", paid("40000"), paper("tax"), paper("invoice"))
    d.tell("2012-06-03", ApproveVehicleLoan(contract="K-1", bank="ICBC", amount=Money("70000", "CNY")))
    (row,) = d.rows("retail.vehicle_orders")
    assert (row["account"], row["contract"], row["step"], row["guard"]) == (
        "C-1",
        "K-1",
        "confirmed",
        "paid_up",
    )
    assert row["missing"] == "id_card, certificate, insurance"
    assert [row[name] for name in ("price", "paid", "open", "loan")] == [120_000, 40_000, 80_000, 70_000]
    drawn = d.ledger.report("retail.vehicle_orders").drawing
    assert drawn is not None
    assert dict(drawn.rows)["confirmed"] == 1
    assert dict(drawn.rows)["paid_up"] == 0
