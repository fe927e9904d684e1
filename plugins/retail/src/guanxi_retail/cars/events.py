"""What happens between reception and pick-up of a vehicle."""

from __future__ import annotations

from datetime import date
from typing import Literal

from guanxi import (
    FROM_NOW,
    REVISE,
    Act,
    Decision,
    Erased,
    Fact,
    Money,
    event,
    field,
    given,
    key,
    limit,
    personal,
)

PaymentKind = Literal["deposit", "one_off", "loan"]
"""How a vehicle is paid: a deposit with the balance at pick-up, at once, or with a loan."""

Role = Literal["driver", "passenger"]
"""Who one is on a test drive."""

Formality = Literal["inspection", "plates", "sealing", "loan"]
"""What is done for a vehicle before it is on the road."""


@event("retail.vehicle_introduced")
class VehicleIntroduced(Fact):
    """A model was explained to the customer (RET-49)."""

    model: str
    consultant: str | None = field(default=None)


@event("retail.test_drive_taken")
class TestDriveTaken(Fact):
    """The customer drove a model, or rode along (RET-49)."""

    model: str
    role: Role
    licence_no: str | Erased | None = personal("identity", default=None)
    licence_valid_to: date | Erased | None = personal("identity", default=None)
    consultant: str | None = field(default=None)


@event("retail.vehicle_contract_drafted", number="contract")
class VehicleContractDrafted(Fact):
    """A contract for a vehicle was drawn up, not binding yet (RET-49)."""

    contract: str
    model: str
    price: Money
    payment_kind: PaymentKind
    consultant: str
    deposit: Money | None = field(default=None)


@event("retail.customer_consented")
class CustomerConsented(Act):
    """The customer agrees to the draft of a contract (RET-49)."""

    contract: str


@event("retail.loan_approved")
class LoanApproved(Fact):
    """A bank approved the loan that pays a part of the price (RET-50)."""

    contract: str
    bank: str | Erased = personal("credit")
    amount: Money


@event("retail.delivery_documents_completed")
class DeliveryDocumentsCompleted(Decision, late=REVISE, retroactive=FROM_NOW):
    """All documents that a vehicle's formalities need are in (RET-50)."""

    contract: str = key()
    required: tuple[str, ...] = limit()
    present: tuple[str, ...] = given()


@event("retail.vehicle_formality_done")
class VehicleFormalityDone(Fact):
    """Inspection, plates, sealing or a loan's formality was done (RET-50)."""

    contract: str
    kind: Formality


@event("retail.vehicle_handed_over")
class VehicleHandedOver(Fact):
    """The customer picked the vehicle up (RET-50).

    ``balance_open`` is what of the price had not come in; ``briefing_done`` says whether upkeep and after-sales service were explained.
    """

    contract: str
    balance_open: Money
    briefing_done: bool


@event("retail.vehicle_briefing_given")
class VehicleBriefingGiven(Fact):
    """Upkeep and after-sales service were explained after the pick-up (RET-50)."""

    contract: str


EVENTS = (
    VehicleIntroduced,
    TestDriveTaken,
    VehicleContractDrafted,
    CustomerConsented,
    LoanApproved,
    DeliveryDocumentsCompleted,
    VehicleFormalityDone,
    VehicleHandedOver,
    VehicleBriefingGiven,
)
