"""Two files that both have something of one number cannot be shown as one: nobody could tell the two things apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import guanxi
from guanxi import Conflict, Ledger, Money, OpenFile, Source
from guanxi.relationship.dealings.commands import IssueInvoice, PlaceOrder
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.file.commands import MergeFiles

BEGINS = datetime(2025, 3, 1, 2, tzinfo=UTC)


class Desk:
    """A ledger whose clock goes on by an hour with everything that is told."""

    def __init__(self) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[])
        self.now = BEGINS
        self.ledger.clock = lambda: self.now

    def tell(self, who: str, command: Any, **more: Any) -> Any:
        self.now += timedelta(hours=1)
        return self.ledger.execute(who, command, actor="wang", **more)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    for who in ("A", "B"):
        desk.tell(who, OpenFile(name=who))
    yield desk
    desk.ledger.close()


def ordered(number: str) -> PlaceOrder:
    line = OrderLine(line="1", product="tea", quantity=Decimal(1), unit="bag", amount=Money(100, "CNY"))
    return PlaceOrder(order=number, lines=(line,))


@pytest.mark.rule("CORE-13")
def test_files_with_orders_of_one_number_are_not_merged_and_nothing_is_written(desk: Desk) -> None:
    for who in ("A", "B"):
        desk.tell(who, ordered("O-1"))
    before = desk.ledger.store.last_position()
    with pytest.raises(Conflict, match=r"numbers_clash: both files have O-1 \(core\.order_placed\)"):
        desk.tell("A", MergeFiles(absorbed="B"))
    assert desk.ledger.store.last_position() == before


@pytest.mark.rule("CORE-13")
def test_once_one_of_them_is_voided_they_are(desk: Desk) -> None:
    desk.tell("A", ordered("O-1"))
    entry = desk.tell("B", ordered("O-1")).entries[0]
    desk.ledger.void(entry.id, actor="wang", reason="the other file has it")
    desk.tell("A", MergeFiles(absorbed="B"))


@pytest.mark.rule("CORE-13")
def test_the_same_number_of_another_kind_of_thing_is_no_clash(desk: Desk) -> None:
    desk.tell("A", ordered("1"))
    desk.tell(
        "B",
        IssueInvoice(invoice="1", amount=Money(10, "CNY"), due_on=datetime(2025, 4, 1, tzinfo=UTC).date()),
    )
    desk.tell("A", MergeFiles(absorbed="B"))


@pytest.mark.rule("CORE-13")
def test_what_both_have_from_one_place_of_one_source_is_one_thing(desk: Desk) -> None:
    for who in ("A", "B"):
        desk.tell(who, ordered("O-1"), source=Source("erp", "O-1", "1"))
    desk.tell("A", MergeFiles(absorbed="B"))
