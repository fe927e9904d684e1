"""Contracts: signed through the gate, amended, ended (CORE-27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import Conflict, Invalid, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.kernel.values import Money
from guanxi.relationship.pipeline.commands import (
    AmendContract,
    EndContract,
    SignContract,
    reason_missing,
)
from guanxi.relationship.pipeline.contract_gate import (
    ContractGate,
    contract_gate,
    told,
    unmet_before_signing,
    unmet_if_major,
)
from guanxi.relationship.pipeline.events import ContractAmended, ContractEnded, ContractSigned

RULE = "CORE-27"


@attrs.define
class Contract:
    """One contract as it stands; its amount is that with all amendments."""

    amount: Money
    signed_at: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    deal_type: str = "goods"
    major: bool = False
    opportunity: str | None = None
    amendments: list[str] = attrs.field(factory=list)
    ended_at: datetime | None = None
    how: str | None = None

    def in_force(self, day: date) -> bool:
        """Return whether the contract binds on a day.

        Args:
            day: the day.
        """
        begun = self.starts_on is None or self.starts_on <= day
        return begun and self.ended_at is None and (self.ends_on is None or day <= self.ends_on)


@attrs.define
class Contracts:
    """A customer's contracts, by number."""

    by_number: dict[str, Contract] = attrs.field(factory=dict)
    repeated: list[str] = attrs.field(factory=list)


contracts = Facet("core.contracts", Contracts, reads=(contract_gate,), title=Label("Contracts", "合同"))


def _found(s: Contracts, number: str) -> Contract:
    found = s.by_number.get(number)
    if found is None:
        raise Unknown(
            "unknown_contract",
            f"there is no contract {number}",
            zh=f"没有合同 {number}",
            rule=RULE,
            accepts=", ".join(sorted(s.by_number)) or "a contract that was signed",
        )
    return found


@contracts.evolve
def _signed(s: Contracts, e: ContractSigned, at: datetime) -> None:
    if e.contract in s.by_number:
        s.repeated.append(e.contract)
    s.by_number[e.contract] = Contract(
        amount=e.amount,
        signed_at=at,
        starts_on=e.starts_on,
        ends_on=e.ends_on,
        deal_type=e.deal_type,
        major=e.major,
        opportunity=e.opportunity,
    )


@contracts.evolve
def _amended(s: Contracts, e: ContractAmended) -> None:
    if (found := s.by_number.get(e.contract)) is not None:
        if found.amount.currency == e.added.currency:
            found.amount = found.amount + e.added
        found.ends_on = e.ends_on or found.ends_on
        found.major = found.major or e.major
        found.amendments.append(e.amendment)


@contracts.evolve
def _ended(s: Contracts, e: ContractEnded, at: datetime) -> None:
    if (found := s.by_number.get(e.contract)) is not None:
        found.ended_at, found.how = at, e.how


# Through the gate


def _through(unmet: Sequence[str], number: str, now: Now) -> None:
    """Refuse an order that does not pass the gate; a contract that was signed all the same is kept, and its guard flags it."""
    if not now.happened:
        now.require(
            not unmet,
            "gate_unmet",
            RULE,
            f"{number} cannot be signed: {told(unmet)}",
            zh=f"{number} 尚不能签订：{told(unmet, 'zh')}",
            accepts="signing once these parts are met",
            unmet=", ".join(unmet),
        )


@contracts.decide
def _sign(s: Contracts, c: SignContract, now: Now) -> Iterator[Fact]:
    if c.contract in s.by_number:
        raise Conflict(
            "source_conflict",
            f"contract {c.contract} is on record",
            zh=f"合同 {c.contract} 已登记",
            rule=RULE,
            accepts="another number, an amendment, or a correction of the first entry",
        )
    gate = now.of(ContractGate)
    _through(unmet_before_signing(gate, c.contract, c.amount, c.major, now), c.contract, now)
    yield ContractSigned(
        contract=c.contract,
        amount=c.amount,
        parties=c.parties,
        starts_on=c.starts_on,
        ends_on=c.ends_on,
        deal_type=c.deal_type,
        major=c.major,
        opportunity=c.opportunity,
    )


@contracts.decide
def _amend(s: Contracts, c: AmendContract, now: Now) -> Iterator[Fact]:
    found = _found(s, c.contract)
    if c.amendment in found.amendments:
        raise Conflict(
            "source_conflict",
            f"amendment {c.amendment} of {c.contract} is on record",
            zh=f"合同 {c.contract} 的补充协议 {c.amendment} 已登记",
            rule=RULE,
            accepts="another number, or a correction of the first entry",
        )
    if c.added.currency != found.amount.currency:
        raise Invalid(
            "unit_mismatch",
            f"{c.contract} is in {found.amount.currency}, not {c.added.currency}",
            zh=f"合同 {c.contract} 币种为 {found.amount.currency}，不是 {c.added.currency}",
            rule=RULE,
            accepts=f"an amount in {found.amount.currency}",
        )
    whole, major = found.amount + c.added, found.major or c.major
    _through(
        unmet_if_major(now.of(ContractGate), c.contract, whole, major, now),
        f"{c.contract}/{c.amendment}",
        now,
    )
    yield ContractAmended(
        contract=c.contract, amendment=c.amendment, added=c.added, ends_on=c.ends_on, major=c.major
    )


@contracts.decide
def _end(s: Contracts, c: EndContract, now: Now) -> Iterator[Fact]:
    found = _found(s, c.contract)
    if c.how == "terminated" and c.reason is None:
        raise reason_missing("a termination needs a reason", "终止合同须说明原因", RULE)
    if found.ended_at is not None:
        raise Conflict(
            "source_conflict",
            f"contract {c.contract} ended on {found.ended_at:%Y-%m-%d}",
            zh=f"合同 {c.contract} 已于 {found.ended_at:%Y-%m-%d} 终止",
            rule=RULE,
            accepts="a correction of the first entry",
        )
    yield ContractEnded(contract=c.contract, how=c.how, reason=c.reason)


@contracts.holds(RULE, "gate_unmet")
def _gate_was_passed(s: Contracts, e: ContractSigned, now: Now) -> bool:
    return not unmet_before_signing(now.of(ContractGate), e.contract, e.amount, e.major, now)


@contracts.holds(RULE, "gate_unmet")
def _amended_through_the_gate(s: Contracts, e: ContractAmended, now: Now) -> bool:
    found = s.by_number.get(e.contract)
    return found is None or not unmet_if_major(
        now.of(ContractGate), e.contract, found.amount, found.major, now
    )


@contracts.holds(RULE, "source_conflict")
def _signed_once(s: Contracts, e: ContractSigned) -> bool:
    return e.contract not in s.repeated
