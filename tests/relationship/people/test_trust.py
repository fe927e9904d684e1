"""Trust: attract until the first sale, enhance by kept promises over years; fears are recorded with their answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money, Unknown
from guanxi.relationship.dealings.events import (
    GoodsDelivered,
    LineQuantity,
    OrderLine,
    OrderPlaced,
    WarningCleared,
    WarningRaised,
)
from guanxi.relationship.people.commands import AnswerConcern, RecordConcern
from guanxi.relationship.people.events import RiskCode, TrustStageChanged
from guanxi.relationship.people.trust import Trust
from guanxi.relationship.service.events import (
    ComplaintClosed,
    ComplaintReceived,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
)
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2023-01-01") as d:
        yield d.open("C-1", on="2022-12-31")


def sell(desk: FactDesk, on: str) -> None:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pcs", amount=Money("100", "CNY"))
    parts = (LineQuantity(line="1", quantity=Decimal(1)),)
    desk.fact(on, OrderPlaced(order="O-1", lines=(line,)), GoodsDelivered(order="O-1", lines=parts))


def promise(
    desk: FactDesk, number: int, *, kept: bool, on: str = "2024-03-01", due: str = "2024-03-10"
) -> None:
    name = f"P-{number}"
    made = PromiseMade(promise=name, due=date.fromisoformat(due), basis="stock", promiser="A")
    desk.fact(on, made)
    if kept:
        desk.fact(due, PromiseKept(promise=name))


def trust(desk: FactDesk, as_of: str, known: str | None = None) -> Trust:
    desk.now = max(desk.now, moment(f"{known or as_of}T23:59:59"))
    found: Trust = desk.state(Trust, as_of, known)
    return found


def told(desk: FactDesk, kept: int, of: int = 10) -> None:
    sell(desk, "2023-06-01")
    for n in range(of):
        promise(desk, n, kept=n < kept)


@pytest.mark.rule("CORE-17a")
@pytest.mark.parametrize(("as_of", "stage"), [("2025-05-31", "retain"), ("2025-06-01", "enhance")])
def test_two_years_of_kept_promises_enhance_trust(desk: FactDesk, as_of: str, stage: str) -> None:
    told(desk, kept=9)
    assert trust(desk, as_of).stage == stage


@pytest.mark.rule("CORE-17a")
def test_too_many_broken_promises_do_not(desk: FactDesk) -> None:
    told(desk, kept=8)
    assert trust(desk, "2025-06-01").stage == "retain"


@pytest.mark.rule("CORE-17a")
def test_an_open_complaint_keeps_trust_from_being_enhanced_and_its_end_lets_it(desk: FactDesk) -> None:
    told(desk, kept=9)
    desk.fact("2025-05-01", ComplaintReceived(complaint="K-1", category="delivery"))
    assert trust(desk, "2025-06-01").stage == "retain"
    desk.fact("2025-06-10", ComplaintClosed(complaint="K-1", root_cause="carrier"))
    assert trust(desk, "2025-06-10").stage == "enhance"
    desk.fact("2025-06-20", ComplaintReceived(complaint="K-2", category="delivery"))
    assert trust(desk, "2025-06-20").stage == "retain"


@pytest.mark.rule("CORE-17")
def test_four_promises_are_too_few(desk: FactDesk) -> None:
    told(desk, kept=4, of=4)
    assert trust(desk, "2025-06-01").stage == "retain"


@pytest.mark.rule("CORE-17")
def test_a_broken_promise_makes_trust_fall_back_the_day_after_it_was_due(desk: FactDesk) -> None:
    told(desk, kept=9)
    promise(desk, 11, kept=False, on="2025-07-01", due="2025-07-10")
    assert trust(desk, "2025-07-10").stage == "enhance"
    assert trust(desk, "2025-07-11").stage == "retain"
    lines = desk.ledger.history("C-1").lines()
    last = [x.event for x in lines if isinstance(x.event, TrustStageChanged)][-1]
    assert (last.promises_due, last.promises_kept, last.months, last.promises_needed) == (11, 9, 24, 5)


@pytest.mark.rule("CORE-93")
def test_a_promise_kept_but_entered_late_restores_trust_from_its_own_day(desk: FactDesk) -> None:
    told(desk, kept=9)
    promise(desk, 11, kept=False, on="2025-07-01", due="2025-07-10")
    desk.on("2025-07-15").ledger.advance()
    desk.fact("2025-07-10", PromiseKept(promise="P-11"), known="2025-07-20")
    assert trust(desk, "2025-07-12", "2025-07-15").stage == "retain"
    assert trust(desk, "2025-07-12", "2025-07-20").stage == "enhance"


@pytest.mark.rule("CORE-17")
def test_reliability_leads_until_trust_is_enhanced_then_honesty(desk: FactDesk) -> None:
    told(desk, kept=10)
    shown = {
        trust(desk, d).stage: trust(desk, d).dimension for d in ("2023-05-31", "2023-06-01", "2025-06-01")
    }
    assert shown == {"attract": "reliability", "retain": "reliability", "enhance": "honesty"}


@pytest.mark.rule("CORE-17b")
def test_a_fear_is_open_until_it_is_answered(desk: FactDesk) -> None:
    desk.tell(RecordConcern(concern="F-1", risk="time", content="delivery too slow"))
    assert desk.state(Trust).open_concerns == ["F-1"]
    desk.tell(AnswerConcern(concern="F-1", answer="from stock within two days"))
    found = desk.state(Trust)
    assert (found.open_concerns, found.concerns["F-1"].content) == ([], "delivery too slow")


@pytest.mark.rule("CORE-17b")
def test_a_fear_of_an_unknown_kind_is_refused() -> None:
    unknown: RiskCode = "weather"  # type: ignore[assignment]
    with pytest.raises(Unknown, match="unknown_code"):
        RecordConcern(concern="F-1", risk=unknown, content="rain")


@pytest.mark.rule("CORE-17b")
def test_a_promise_without_a_basis_to_somebody_not_won_yet_is_kept_and_warned_of(desk: FactDesk) -> None:
    made = PromiseMade(promise="P-1", due=date(2023, 2, 1), basis="", promiser="A")
    desk.fact("2023-01-02", made)
    assert desk.state(Trust).warned == {"P-1"}
    events = [x.event for x in desk.ledger.history("C-1").lines()]
    assert made in events
    assert WarningRaised(kind="over_promising", cause="P-1") in events
    desk.fact("2023-01-20", PromiseKept(promise="P-1"))
    assert desk.state(Trust).warned == set()
    events = [x.event for x in desk.ledger.history("C-1").lines()]
    assert WarningCleared(kind="over_promising", cause="P-1") in events


@pytest.mark.rule("CORE-17")
@pytest.mark.parametrize(("basis", "won"), [("stock", False), ("", True)])
def test_there_is_no_warning_with_a_basis_or_once_he_was_won(desk: FactDesk, basis: str, won: bool) -> None:
    if won:
        sell(desk, "2023-01-01T11:00")
    desk.fact("2023-01-02", PromiseMade(promise="P-1", due=date(2023, 2, 1), basis=basis, promiser="A"))
    assert desk.state(Trust).warned == set()


@pytest.mark.rule("CORE-17")
def test_a_released_promise_counts_neither_way(desk: FactDesk) -> None:
    told(desk, kept=9)
    made = PromiseMade(promise="P-11", due=date(2025, 7, 10), basis="stock", promiser="A")
    desk.fact("2025-07-01", made, PromiseReleased(promise="P-11"))
    assert trust(desk, "2025-07-11").stage == "enhance"


@pytest.mark.rule("CORE-17")
def test_an_answer_to_nothing_is_refused(desk: FactDesk) -> None:
    with pytest.raises(Unknown, match="unknown_concern"):
        desk.tell(AnswerConcern(concern="F-9", answer="yes"))
