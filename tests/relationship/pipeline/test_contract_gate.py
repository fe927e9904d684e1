"""Nothing is signed before it is investigated, weighed, confirmed and, where it is major, decided together (CORE-27, CORE-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Command, Conflict, Incomplete, Invalid, Money, Refusal, RuleNotMet, Unknown
from guanxi.relationship.pipeline.commands import (
    AmendContract,
    ConfirmContract,
    EndContract,
    FileInvestigation,
    ReviewCustomer,
    SignContract,
    TakeCollectiveDecision,
)
from guanxi.relationship.pipeline.contracts import Contract, Contracts
from guanxi.relationship.pipeline.rules import ContractGateRules
from tests.kernel.desks import moment
from tests.relationship.pipeline.sales_desk import PARTS, SUBJECTS, SalesDesk, yuan

MILLION = ContractGateRules(major_amount=Decimal(1_000_000))


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2024-01-02") as d:
        d.open()
        yield d


@pytest.fixture
def strict(desk: SalesDesk) -> SalesDesk:
    """A desk at which contracts from a million on are major."""
    publish(desk, MILLION)
    return desk


def publish(desk: SalesDesk, rules: ContractGateRules, since: str = "2024-01-03") -> None:
    desk.ledger.publish(rules, effective_from=moment(since + "T00:00"), by="marketing", approved_by="manager")


def sign(amount: str | int = "100000", number: str = "K-1", **fields: Any) -> SignContract:
    return SignContract(contract=number, amount=yuan(amount), **fields)


def decide(*attendees: str, **fields: Any) -> TakeCollectiveDecision:
    return TakeCollectiveDecision(
        contract="K-1", attendees=attendees or ("a", "b", "c"), minutes="M-1", **fields
    )


def unmet(desk: SalesDesk, command: Command, at: str = "2025-04-01") -> str:
    """Return the parts that an order to sign is refused for, and see that nothing of it was kept."""
    desk.on(at)
    before = desk.count()
    with pytest.raises(RuleNotMet, match="gate_unmet") as refused:
        desk.tell(command)
    assert desk.count() == before
    return str(refused.value.facts["unmet"])


def contract(desk: SalesDesk, number: str = "K-1") -> Contract:
    return desk.state(Contracts).by_number[number]


@pytest.mark.rule("CORE-27")
def test_with_nothing_on_record_every_part_is_named(desk: SalesDesk) -> None:
    assert unmet(desk, sign(major=True)) == "investigation, review, confirmation, minutes"


@pytest.mark.rule("CORE-27a")
def test_just_below_the_amount_three_parts_are_enough(strict: SalesDesk) -> None:
    strict.gate().do(sign("999999.99"), "2025-04-01")
    assert contract(strict).amount == yuan("999999.99")
    assert strict.flags() == []


@pytest.mark.rule("CORE-27a")
def test_from_the_amount_on_minutes_are_missing(strict: SalesDesk) -> None:
    strict.gate()
    assert unmet(strict, sign("1000000.00")) == "minutes"
    strict.tell(decide())
    strict.tell(sign("1000000.00"))


@pytest.mark.rule("CORE-27")
@pytest.mark.parametrize(
    ("rules", "amount"),
    [(ContractGateRules(), yuan(5_000_000)), (MILLION, Money(5_000_000, "EUR"))],
    ids=["no amount set", "another currency"],
)
def test_where_no_amount_speaks_the_flag_decides(
    desk: SalesDesk, rules: ContractGateRules, amount: Money
) -> None:
    publish(desk, rules)
    desk.gate()
    assert unmet(desk, SignContract(contract="K-1", amount=amount, major=True)) == "minutes"
    desk.tell(SignContract(contract="K-1", amount=amount))


@pytest.mark.rule("CORE-27b")
def test_minutes_of_the_day_after_do_not_count(strict: SalesDesk) -> None:
    strict.gate().do(decide(minutes_on=date(2025, 4, 2)), "2025-04-01")
    assert unmet(strict, sign(1_000_000)) == "minutes"
    strict.do(sign(1_000_000), "2025-04-02")


@pytest.mark.rule("CORE-27b")
@pytest.mark.parametrize("attendees", [("a", "b"), ("a", "b", "a")], ids=["two", "one of them twice"])
def test_two_are_too_few(strict: SalesDesk, attendees: tuple[str, ...]) -> None:
    strict.gate().do(decide(*attendees), "2025-04-01")
    assert unmet(strict, sign(1_000_000)) == "deciders"


@pytest.mark.rule("CORE-27")
def test_a_decision_against_it_or_for_less_does_not_carry_it(strict: SalesDesk) -> None:
    strict.gate().do(decide(amount=yuan(900_000)), "2025-03-20")
    assert unmet(strict, sign(1_000_000)) == "minutes"
    strict.do(decide(), "2025-04-02")
    strict.do(decide(outcome="rejected"), "2025-04-03")
    assert unmet(strict, sign(1_000_000), "2025-04-04") == "minutes"
    strict.do(decide(outcome="approved"), "2025-04-05")
    strict.do(sign(1_000_000), "2025-04-05T11:00")


@pytest.mark.rule("CORE-27c")
def test_an_investigation_is_good_for_twelve_months(desk: SalesDesk) -> None:
    desk.on("2024-04-01").tell(FileInvestigation(document="I-1", subjects=SUBJECTS))
    desk.on("2025-03-20").tell(ReviewCustomer(results=dict.fromkeys(PARTS, True)))
    for number in ("K-1", "K-2"):
        desk.tell(ConfirmContract(contract=number))
    desk.do(sign(number="K-1"), "2025-04-01")
    assert unmet(desk, sign(number="K-2"), "2025-04-02") == "investigation_expired"


@pytest.mark.rule("CORE-27d")
def test_three_of_four_subjects_are_not_enough(desk: SalesDesk) -> None:
    desk.on("2025-03-01").tell(FileInvestigation(document="I-1", subjects=SUBJECTS[:3]))
    desk.tell(ReviewCustomer(results=dict.fromkeys(PARTS, True)))
    desk.tell(ConfirmContract(contract="K-1"))
    assert unmet(desk, sign()) == "ability"
    desk.tell(FileInvestigation(document="I-2", subjects=("ability",)))
    desk.tell(sign())


@pytest.mark.rule("CORE-27d")
def test_a_failed_review_states_its_reason(desk: SalesDesk) -> None:
    desk.gate()
    failed = dict.fromkeys(PARTS, True) | {"credit": False}
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(ReviewCustomer(results=failed))
    desk.tell(ReviewCustomer(results=failed, reason="late payer"))
    assert unmet(desk, sign()) == "review_credit"


@pytest.mark.rule("CORE-27")
def test_a_review_that_leaves_parts_out_has_not_passed_them(desk: SalesDesk) -> None:
    desk.gate().tell(ReviewCustomer(results={"credit": True, "cost": True}))
    assert unmet(desk, sign()) == "review_product_fit, review_quality_terms, review_volume"


@pytest.mark.rule("CORE-27")
def test_what_is_confirmed_is_this_contract_at_this_amount(desk: SalesDesk) -> None:
    desk.gate("K-2").tell(ConfirmContract(contract="K-1", amount=yuan(99)))
    assert unmet(desk, sign()) == "confirmation"
    desk.tell(ConfirmContract(contract="K-1", consented_on=date(2025, 4, 9)))
    assert unmet(desk, sign()) == "confirmation"
    desk.do(sign(), "2025-04-09")


@pytest.mark.rule("CORE-27e")
def test_an_amendment_that_makes_a_contract_major_needs_minutes(strict: SalesDesk) -> None:
    strict.gate().do(sign(800_000), "2025-03-02")
    amendment = AmendContract(contract="K-1", amendment="A-1", added=yuan(200_000))
    assert unmet(strict, amendment) == "minutes"
    strict.tell(AmendContract(contract="K-1", amendment="A-0", added=yuan(-1)))
    strict.tell(amendment)
    assert contract(strict).amount == yuan(999_999)
    assert unmet(strict, AmendContract(contract="K-1", amendment="A-2", added=yuan(1))) == "minutes"
    strict.tell(decide())
    strict.tell(AmendContract(contract="K-1", amendment="A-2", added=yuan(1)))
    assert strict.flags() == []


@pytest.mark.rule("CORE-27")
def test_an_amendment_that_happened_past_the_gate_is_kept_and_flagged(strict: SalesDesk) -> None:
    strict.gate().do(sign(800_000), "2025-03-02")
    amendment = AmendContract(contract="K-1", amendment="A-1", added=yuan(200_000))
    strict.do(amendment, "2025-04-02", happened=True)
    assert contract(strict).amount == yuan(1_000_000)
    assert strict.flags() == [("2025-04-02", "gate_unmet")]
    strict.late(decide(), "2025-04-01", "2025-04-20")
    assert strict.flags() == []


# ---------------------------------------------------------------- orders and facts


@pytest.mark.rule("CORE-04a")
def test_an_order_to_sign_without_minutes_leaves_nothing(strict: SalesDesk) -> None:
    strict.gate()
    assert unmet(strict, sign(2_000_000)) == "minutes"
    assert strict.state(Contracts).by_number == {}


@pytest.mark.rule("CORE-04b")
def test_a_contract_signed_past_the_gate_is_kept_and_late_minutes_lift_the_breach(
    strict: SalesDesk,
) -> None:
    strict.gate()
    strict.late(sign(2_000_000), "2025-04-02", "2025-04-06", happened=True)
    assert strict.flags() == [("2025-04-02", "gate_unmet")]
    strict.late(decide(), "2025-04-01", "2025-04-20")
    assert contract(strict).amount == yuan(2_000_000)
    assert strict.flags("2025-04-10") == [("2025-04-02", "gate_unmet")]
    assert strict.flags("2025-04-20") == []


@pytest.mark.rule("CORE-04b")
def test_minutes_that_are_dated_too_late_lift_nothing(strict: SalesDesk) -> None:
    strict.gate().do(sign(2_000_000), "2025-04-02", happened=True)
    strict.do(decide(), "2025-04-03")
    assert strict.flags() == [("2025-04-02", "gate_unmet")]


@pytest.mark.rule("CORE-04b")
def test_minutes_that_fall_away_bring_the_breach(strict: SalesDesk) -> None:
    minutes = strict.gate().do(decide(), "2025-04-01").entries[0].id
    strict.do(sign(2_000_000), "2025-04-02", happened=True)
    assert strict.flags() == []
    strict.on("2025-04-05").ledger.void(minutes, actor="clerk", reason="another contract")
    assert strict.flags() == [("2025-04-02", "gate_unmet")]


# ---------------------------------------------------------------- what makes no sense


@pytest.mark.rule("CORE-27")
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (sign(), Conflict, "source_conflict"),
        (AmendContract(contract="K-9", amendment="A", added=yuan(1)), Unknown, "unknown_contract"),
        (AmendContract(contract="K-1", amendment="A", added=Money(1, "EUR")), Invalid, "unit_mismatch"),
        (EndContract(contract="K-1", how="terminated"), Incomplete, "reason_missing"),
        (EndContract(contract="K-9", how="expired"), Unknown, "unknown_contract"),
        (FileInvestigation(document="I-K-1", subjects=SUBJECTS), Conflict, "source_conflict"),
        (FileInvestigation(document="I-2", subjects=("colour",)), Unknown, "unknown_code"),
        (ReviewCustomer(results={"colour": True}), Unknown, "unknown_code"),
        (ReviewCustomer(results={}), Incomplete, "review_missing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: SalesDesk, command: Command, error: type[Refusal], code: str
) -> None:
    desk.gate().tell(sign())
    before = desk.count()
    with pytest.raises(error, match=code):
        desk.tell(command)
    assert desk.count() == before


@pytest.mark.rule("CORE-27")
def test_a_contract_ends_once(desk: SalesDesk) -> None:
    desk.gate().tell(sign(ends_on=date(2025, 12, 31)))
    assert contract(desk).in_force(date(2025, 12, 31))
    assert not contract(desk).in_force(date(2026, 1, 1))
    desk.tell(EndContract(contract="K-1", how="terminated", reason="insolvent"))
    assert not contract(desk).in_force(date(2025, 6, 1))
    with pytest.raises(Conflict, match="source_conflict"):
        desk.tell(EndContract(contract="K-1", how="expired"))


@pytest.mark.rule("CORE-27")
def test_the_refusal_is_said_in_both_languages(strict: SalesDesk) -> None:
    strict.gate()
    with pytest.raises(RuleNotMet) as refused:
        strict.tell(sign(1_000_000))
    assert "minutes of a collective decision" in refused.value.describe()
    assert "集体决策会议纪要" in refused.value.describe("zh")


@pytest.mark.rule("CORE-27")
def test_a_rule_with_effect_in_the_past_flags_what_it_would_have_stopped(desk: SalesDesk) -> None:
    desk.gate().do(sign(2_000_000), "2025-04-01")
    assert desk.flags() == []
    desk.on("2025-05-01").ledger.publish(
        MILLION,
        effective_from=moment("2025-03-01T00:00"),
        by="marketing",
        approved_by="manager",
        retroactive="forgotten",
    )
    assert desk.flags() == [("2025-04-01", "gate_unmet")]
    assert desk.flags("2025-04-30") == []
