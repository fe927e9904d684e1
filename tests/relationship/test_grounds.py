"""What was done on a decision stays when the decision falls away, and says so; nothing is asked back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from guanxi import Money, Unknown
from guanxi.kernel.history import History
from guanxi.relationship.care.commands import GiveGift
from guanxi.relationship.dealings.commands import PlaceOrder
from guanxi.relationship.dealings.events import OrderLine
from tests.kernel.desks import Desk


def line() -> OrderLine:
    return OrderLine(line="1", product="rice", quantity=Decimal(1), unit="bag", amount=Money(100, "CNY"))


def order(desk: Desk, number: str, day: str, **told: str) -> None:
    desk.tell(PlaceOrder(order=number, lines=(line(),)), day, **told)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Four orders thirty days apart, then silence until a churn warning comes."""
    with Desk(plugins=[], now="2024-12-01").open(on="2024-12-01") as d:
        for number, day in enumerate(("2024-12-13", "2025-01-12", "2025-02-11", "2025-03-13")):
            d.on(day)
            order(d, f"O-{number}", day)
        d.on("2025-05-12").ledger.advance()
        yield d


def warning(desk: Desk) -> str:
    found = [x.id for x in desk.ledger.history("C-1").lines() if x.name == "core.warning_raised"]
    assert len(found) == 1
    return found[0]


def gift(history: History) -> bool:
    (found,) = [x.without_ground for x in history.lines() if x.name == "core.gift_given"]
    return found


@pytest.mark.rule("CORE-05c")
def test_a_gift_given_on_a_warning_stays_when_the_warning_falls_away(desk: Desk) -> None:
    desk.tell(GiveGift(gift="G-1", value=Money(50, "CNY"), given_by="wang"), ground=warning(desk))
    assert not gift(desk.ledger.history("C-1"))
    desk.on("2025-05-20")
    order(desk, "O-9", "2025-05-10", reason="found in a drawer")
    history = desk.ledger.history("C-1")
    assert gift(history)
    assert not gift(history.as_known("2025-05-19"))
    desk.ledger.void(
        next(x.id for x in history.lines() if x.name == "core.order_placed" and "O-9" in str(x.fields)),
        actor="clerk",
        reason="another customer's",
    )
    assert not gift(desk.ledger.history("C-1"))


@pytest.mark.rule("CORE-05")
def test_a_ground_is_a_decision_that_is_on_record(desk: Desk) -> None:
    before = desk.count()
    for ground in (f"{desk.stream()}/1", f"{desk.stream()}/999", "nonsense"):
        with pytest.raises(Unknown, match="unknown_entry"):
            desk.tell(GiveGift(gift="G-1", given_by="wang"), ground=ground)
    assert desk.count() == before
