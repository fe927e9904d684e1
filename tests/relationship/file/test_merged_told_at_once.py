"""What a batch tells of both files of a merge is one moment of knowledge, when it is derived again as when it came (CORE-13, CORE-98)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money, OpenFile, Source, Telling
from guanxi.kernel.messages import Command
from guanxi.relationship.dealings.commands import PlaceOrder, PlanInstalment, RecordReceipt
from guanxi.relationship.dealings.events import OrderLine
from guanxi.relationship.file.commands import MergeFiles
from tests.kernel.desks import Desk, moment


def line(who: str, command: Command, on: str) -> Telling:
    return Telling(
        subject=who,
        command=command,
        actor="import",
        reason="history",
        occurred_at=moment(on),
        happened=True,
        source=Source("old", "book", f"{who}/{on}"),
        batch="B-1",
    )


@pytest.mark.rule("CORE-13", "CORE-98")
@pytest.mark.parametrize("absorbed_first", [True, False], ids=["absorbed first", "survivor first"])
def test_a_payment_and_an_order_of_one_batch_come_out_again_whichever_file_stands_first(
    absorbed_first: bool,
) -> None:
    """The survivor's receipt clears what would have held the absorbed file's order, had it been known alone."""
    with Desk(plugins=[], now="2025-01-02") as desk:
        desk.tell(OpenFile(name="李明"), who="C-1")
        desk.tell(OpenFile(name="李明"), who="C-2")
        one, two = sorted(("C-1", "C-2"), key=desk.stream)
        absorbed, survivor = (one, two) if absorbed_first else (two, one)
        owed = PlanInstalment(contract="K", instalment="1", due_on=date(2025, 3, 3), amount=Money(100, "CNY"))
        desk.tell(owed, who=survivor)
        desk.on("2025-02-01").tell(MergeFiles(absorbed=absorbed), who=survivor, reason="one person")
        desk.on("2025-03-31")
        lines = (OrderLine(line="1", product="P", quantity=Decimal(1), unit="t", amount=Money(10, "CNY")),)
        told = [
            line(survivor, RecordReceipt(receipt="R-1", amount=Money(100, "CNY")), "2025-03-02"),
            line(absorbed, PlaceOrder(order="O-1", lines=lines), "2025-03-05"),
        ]
        assert [v.status for v in desk.ledger.take_in(told)] == ["accepted"] * 2
        found = desk.ledger.check_determinism()
        assert found.same, [(c.name, c.status) for c in found.changes]
