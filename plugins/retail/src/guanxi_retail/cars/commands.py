"""What may be told about vehicles, or ordered."""

from __future__ import annotations

from datetime import date
from typing import get_args

from guanxi import Command, Money, command, field, personal
from guanxi.relationship.checks import coded
from guanxi_retail.cars.events import Formality, PaymentKind, Role
from guanxi_retail.checks import money, named


@command("retail.introduce_vehicle")
class IntroduceVehicle(Command):
    """Record that a model was explained to the customer.

    Args:
        model: which.
        consultant: who did; the actor if not given.
    """

    model: str = field(validator=named)
    consultant: str | None = field(default=None)


@command("retail.take_test_drive")
class TakeTestDrive(Command):
    """Let the customer drive a model, or ride along.

    Args:
        model: which.
        role: ``driver`` or ``passenger``.
        licence_no: number of the driving licence; a driver's is needed.
        licence_valid_to: its last day; none for one without end.
        consultant: who comes along; the actor if not given.
    """

    model: str = field(validator=named)
    role: Role = field(validator=coded(Role, "RET-49"))
    licence_no: str | None = personal("identity", default=None)
    licence_valid_to: date | None = personal("identity", default=None)
    consultant: str | None = field(default=None)


@command("retail.draft_vehicle_contract")
class DraftVehicleContract(Command):
    """Draw up a contract for a vehicle, at the national price of its day.

    Args:
        contract: its number.
        model: which vehicle.
        price: the national retail price.
        payment_kind: ``deposit``, ``one_off`` or ``loan``.
        deposit: what is paid first, where it is paid with a deposit.
        consultant: who draws it up; the actor if not given.
    """

    contract: str = field(validator=named)
    model: str = field(validator=named)
    price: Money = field(validator=money)
    payment_kind: PaymentKind = field(validator=coded(PaymentKind, "RET-50"))
    deposit: Money | None = field(default=None)
    consultant: str | None = field(default=None)


@command("retail.consent_to_contract")
class ConsentToContract(Command):
    """Record that the customer agrees to the draft.

    Args:
        contract: its number.
    """

    contract: str = field(validator=named)


@command("retail.approve_vehicle_loan")
class ApproveVehicleLoan(Command):
    """Record that a bank approved the loan for a vehicle.

    Args:
        contract: its number.
        bank: which.
        amount: how much it pays.
    """

    contract: str = field(validator=named)
    bank: str = personal("credit", validator=named)
    amount: Money = field(validator=money)


@command("retail.do_vehicle_formality")
class DoVehicleFormality(Command):
    """Do one of the formalities, once all documents are in.

    Args:
        contract: its number.
        kind: ``inspection``, ``plates``, ``sealing`` or ``loan``.
    """

    contract: str = field(validator=named)
    kind: Formality = field(validator=coded(Formality, "RET-50"))


@command("retail.hand_over_vehicle")
class HandOverVehicle(Command):
    """Hand the vehicle over to the customer.

    Args:
        contract: its number.
        briefing_done: whether upkeep and after-sales service were explained with it.
    """

    contract: str = field(validator=named)
    briefing_done: bool = field(default=True)


@command("retail.give_vehicle_briefing")
class GiveVehicleBriefing(Command):
    """Explain upkeep and after-sales service after the pick-up.

    Args:
        contract: its number.
    """

    contract: str = field(validator=named)


FORMALITIES: tuple[str, ...] = get_args(Formality)

COMMANDS = (
    IntroduceVehicle,
    TakeTestDrive,
    DraftVehicleContract,
    ConsentToContract,
    ApproveVehicleLoan,
    DoVehicleFormality,
    HandOverVehicle,
    GiveVehicleBriefing,
)
