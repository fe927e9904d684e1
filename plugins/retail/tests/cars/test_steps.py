"""Reception to contract: test drives, the national price, consent before confirmation (RET-49)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Money, NotPermitted, RuleNotMet, Unknown
from guanxi.relationship.dealings.commands import RecordReceipt
from guanxi.relationship.pipeline.commands import ConfirmContract
from guanxi_retail.cars.commands import (
    ApproveVehicleLoan,
    ConsentToContract,
    DraftVehicleContract,
    IntroduceVehicle,
    TakeTestDrive,
)
from guanxi_retail.cars.orders import VehicleOrders
from guanxi_retail.cars.rules import NationalPriceRules, VehicleOrderRules
from guanxi_retail.cars.showroom import Showroom

PRICE = Money("120000", "CNY")


def draft(price: Money = PRICE, **more: object) -> DraftVehicleContract:
    return DraftVehicleContract(
        **{"contract": "K-1", "model": "Breeze", "price": price, "payment_kind": "one_off", **more}
    )


def drive(
    licence: str | None = "L-1", until: str | None = "2012-06-30", role: str = "driver"
) -> TakeTestDrive:
    last = None if until is None else date.fromisoformat(until)
    return TakeTestDrive(model="Breeze", role=role, licence_no=licence, licence_valid_to=last)


@pytest.mark.rule("RET-49a")
def test_a_licence_is_good_for_driving_on_its_last_day_and_not_on_the_next(dealer):
    d = dealer()
    d.tell("2012-06-30T17:00", drive())
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-07-01", drive())
    assert (refused.value.code, refused.value.rule) == ("licence_expired", "RET-49")
    assert d.ledger.history("C-1").state(Showroom).drives == 1


@pytest.mark.rule("RET-49a")
def test_without_a_licence_one_rides_along_and_does_not_drive(dealer):
    d = dealer()
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-30", drive(None, None))
    assert refused.value.code == "licence_missing"
    d.tell("2012-06-30", drive(None, None, "passenger"))
    assert d.ledger.history("C-1").state(Showroom).drives == 1


@pytest.mark.rule("RET-49")
def test_a_drive_without_licence_that_happened_is_kept_and_flagged(dealer):
    d = dealer()
    d.tell("2012-06-30", drive(None, None), known="2012-07-02")
    d.tell("2012-07-01", drive(), known="2012-07-02")
    assert d.flags() == ["licence_missing", "licence_expired"]


@pytest.mark.rule("RET-49")
def test_the_first_steps_may_be_skipped_or_repeated(dealer):
    d = dealer()
    d.tell("2012-06-01", draft(), IntroduceVehicle(model="Breeze"))
    d.tell("2012-06-02", IntroduceVehicle(model="Breeze"), drive(), drive())
    state = d.ledger.history("C-1").state(Showroom)
    assert (state.introduced, state.drives) == ({"Breeze": date(2012, 6, 1)}, 2)


@pytest.mark.rule("RET-49b")
def test_nobody_confirms_before_the_customer_consents(dealer):
    d = dealer()
    d.tell("2012-06-01", draft(), actor="consultant")
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-01", ConfirmContract(contract="K-1"), actor="manager")
    assert (refused.value.code, refused.value.rule) == ("step_missing", "RET-49")
    d.tell("2012-06-01T11:00", ConsentToContract(contract="K-1"))
    d.tell("2012-06-01T12:00", ConfirmContract(contract="K-1"), actor="manager")
    assert d.ledger.history("C-1").state(VehicleOrders).orders["K-1"].confirmed


@pytest.mark.rule("RET-49b")
def test_the_consultant_does_not_confirm(dealer):
    d = dealer()
    d.tell("2012-06-01", draft(), ConsentToContract(contract="K-1"), actor="consultant")
    with pytest.raises(NotPermitted) as refused:
        d.tell("2012-06-01", ConfirmContract(contract="K-1"), actor="consultant")
    assert (refused.value.code, refused.value.rule) == ("not_authorised", "RET-49")
    assert not d.ledger.history("C-1").state(VehicleOrders).orders["K-1"].confirmed


@pytest.mark.rule("RET-49")
def test_where_no_manager_is_named_anybody_but_the_consultant_confirms(dealer):
    d = dealer(VehicleOrderRules())
    d.tell("2012-06-01", draft(), ConsentToContract(contract="K-1"), actor="consultant")
    with pytest.raises(NotPermitted):
        d.tell("2012-06-01", ConfirmContract(contract="K-1"), actor="consultant")
    d.tell("2012-06-01", ConfirmContract(contract="K-1"), actor="somebody")
    assert d.ledger.history("C-1").state(VehicleOrders).orders["K-1"].confirmed


@pytest.mark.rule("RET-49b")
@pytest.mark.parametrize("price", ["119999.99", "120000.01"])
def test_a_price_other_than_the_national_one_is_refused(dealer, price):
    d = dealer()
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-01", draft(Money(price, "CNY")))
    assert (refused.value.code, refused.value.rule) == ("price_deviation", "RET-49")


@pytest.mark.rule("RET-49c")
def test_a_contract_entered_late_is_judged_by_the_price_of_its_own_day(dealer):
    d = dealer()
    d.publish(NationalPriceRules(prices={"Breeze": Decimal(125_000)}), "2012-03-01")
    d.tell("2012-02-28", draft(), known="2012-03-02")
    d.tell("2012-03-01", draft(contract="K-2"), known="2012-03-02")
    assert d.flags() == ["price_deviation"]
    assert list(d.ledger.history("C-1").state(VehicleOrders).orders) == ["K-1", "K-2"]
    with pytest.raises(RuleNotMet):
        d.tell("2012-03-02", draft(contract="K-3"))
    d.tell("2012-03-02", draft(Money("125000", "CNY"), contract="K-3"))


@pytest.mark.rule("RET-49")
def test_a_correction_of_the_price_lifts_the_flag(dealer):
    d = dealer()
    told = d.tell("2012-02-28", draft(Money("12000", "CNY")), known="2012-03-02")
    assert d.flags() == ["price_deviation"]
    d.ledger.correct(
        told.entries[0].id,
        {"price": {"amount": "120000", "currency": "CNY"}},
        actor="clerk",
        reason="misread",
    )
    assert d.flags() == []


@pytest.mark.rule("RET-49")
def test_a_consent_entered_late_lifts_the_flag_of_the_confirmation(dealer):
    d = dealer()
    d.tell("2012-06-01", draft(), actor="consultant")
    d.tell("2012-06-02", ConfirmContract(contract="K-1"), actor="manager", known="2012-06-04")
    assert d.flags() == ["step_missing"]
    d.tell("2012-06-01T12:00", ConsentToContract(contract="K-1"), known="2012-06-05")
    assert d.flags() == []


@pytest.mark.rule("RET-49")
def test_a_vehicle_off_the_price_list_and_a_number_used_twice_are_refused(dealer):
    d = dealer()
    with pytest.raises(Unknown) as unknown:
        d.tell("2012-06-01", draft(model="Gale"))
    d.tell("2012-06-01", draft())
    with pytest.raises(Conflict) as conflict:
        d.tell("2012-06-01", draft())
    with pytest.raises(Unknown) as missing:
        d.tell("2012-06-01", ConsentToContract(contract="K-9"))
    codes = [one.value.code for one in (unknown, conflict, missing)]
    assert codes == ["unknown_code", "source_conflict", "unknown_contract"]


@pytest.mark.rule("RET-49")
@pytest.mark.parametrize(
    "payment",
    [
        RecordReceipt(receipt="B-1", amount=Money("1000", "CNY"), earmarked_for="K-1"),
        ApproveVehicleLoan(contract="K-1", bank="ICBC", amount=Money("1000", "CNY")),
    ],
)
def test_no_payment_goes_before_the_confirmed_contract(dealer, payment):
    d = dealer()
    d.tell("2012-06-01", draft(payment_kind="loan"), ConsentToContract(contract="K-1"), actor="consultant")
    with pytest.raises(RuleNotMet) as refused:
        d.tell("2012-06-01", payment)
    assert refused.value.code == "step_missing"
    d.tell("2012-06-01T12:00", payment, known="2012-06-02")
    assert d.flags() == ["step_missing"]


@pytest.mark.rule("RET-50")
def test_money_that_came_in_before_its_contract_was_drawn_up_counts_for_it(dealer):
    d = dealer()
    d.tell("2012-05-30", RecordReceipt(receipt="B-1", amount=Money("5000", "CNY"), earmarked_for="K-1"))
    d.tell("2012-06-01", draft())
    assert d.ledger.history("C-1").state(VehicleOrders).to_pay("K-1") == 115_000


@pytest.mark.rule("RET-49")
def test_contracts_and_money_of_other_business_are_left_alone(dealer):
    d = dealer()
    d.tell("2012-06-01", ConfirmContract(contract="X-1"), actor="anybody")
    d.tell("2012-06-01", RecordReceipt(receipt="B-1", amount=PRICE, earmarked_for="X-1"))
    assert d.flags() == []
