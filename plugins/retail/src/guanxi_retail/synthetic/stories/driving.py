"""Stories of cars: from the showroom to the pick-up, and what is said of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi.relationship.service.commands import AnswerFeedback, ReceiveFeedback
from guanxi_retail.cars.calls import CallAboutFeedback
from guanxi_retail.cars.commands import (
    ApproveVehicleLoan,
    ConsentToContract,
    DoVehicleFormality,
    DraftVehicleContract,
    GiveVehicleBriefing,
    HandOverVehicle,
    IntroduceVehicle,
    TakeTestDrive,
)
from guanxi_retail.synthetic.ruling import PAPERS, VEHICLE, VEHICLE_PRICE
from guanxi_retail.synthetic.telling import Step, Teller, yuan

OWN_PART = 40_000


def car(t: Teller) -> Iterator[Step]:
    """A car is shown, driven, ordered on a loan, paid, prepared, handed over and explained."""
    contract = t.code("K")
    yield t.order(0, 10, IntroduceVehicle(model=VEHICLE), "consultant")
    drive = TakeTestDrive(
        model=VEHICLE, role="driver", licence_no="合成驾照", licence_valid_to=date(2099, 12, 31)
    )
    yield t.order(1, 10, drive, "consultant")
    drafted = DraftVehicleContract(
        contract=contract, model=VEHICLE, price=yuan(VEHICLE_PRICE), payment_kind="loan"
    )
    yield t.order(3, 10, drafted, "consultant")
    yield t.order(3, 11, ConsentToContract(contract=contract), "consultant")
    yield t.order(4, 10, ConfirmContract(contract=contract), "head")
    own = RecordReceipt(receipt=t.code("C"), amount=yuan(OWN_PART), earmarked_for=contract)
    yield t.order(5, 10, own, "desk")
    loan = ApproveVehicleLoan(contract=contract, bank="合成银行", amount=yuan(VEHICLE_PRICE - OWN_PART))
    yield t.order(7, 10, loan, "consultant")
    for n, kind in enumerate(PAPERS):
        paper = HandInDocument(
            document=t.code("D", kind), document_type=kind, formed_on=t.day(8), pages=1, medium="printed"
        )
        yield t.order(8, 10 + n / 4, paper, "consultant")
    yield t.order(9, 10, DoVehicleFormality(contract=contract, kind="inspection"), "consultant")
    yield t.order(9, 11, DoVehicleFormality(contract=contract, kind="plates"), "consultant")
    explained = t.member.number % 2 == 0
    yield t.order(12, 10, HandOverVehicle(contract=contract, briefing_done=explained), "consultant")
    yield t.order(14, 10, GiveVehicleBriefing(contract=contract), "consultant")
    number = t.code("F")
    yield t.order(20, 10, ReceiveFeedback(feedback=number, kind="opinion", category="dealer"), "desk")
    yield t.order(22, 10, CallAboutFeedback(feedback=number), "desk")
    yield t.order(22, 11, AnswerFeedback(feedback=number), "desk")
