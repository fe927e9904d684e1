"""The sales forecast also says what customers will run out of, month by month."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi import RecordProfileFact
from tests.kernel.desks import Desk


def stocked(desk: Desk, who: str, stock: str, use: str) -> None:
    for field, value in (("stock_on_hand", stock), ("monthly_use", use)):
        desk.tell(RecordProfileFact(field_name=field, value=value), who=who)


@pytest.mark.rule("CORE-47")
def test_what_runs_out_in_a_month_is_due_to_be_replenished_then() -> None:
    """30 at 30 a month lasts to 1 May, 90 at 45 a month 60 days to 31 May, 15 at 30 a month 15 days to 16 April."""
    with Desk(plugins=[], now="2025-04-01").open("C-1", "C-2", "C-3", "C-4", on="2025-03-31") as desk:
        stocked(desk, "C-1", "30", "30")
        stocked(desk, "C-2", "90", "45")
        stocked(desk, "C-3", "15", "30")
        desk.tell(RecordProfileFact(field_name="stock_on_hand", value="5"), who="C-4")
        desk.on("2025-04-10")
        result = desk.ledger.report("core.replenishment_forecast")
        assert result.rows == (("2025-04", 1, Decimal(30)), ("2025-05", 2, Decimal(75)))
        assert result.report.picture is not None
        assert result.report.picture.kind == "bars"
        desk.on("2025-04-20")
        rows = desk.ledger.report("core.replenishment_forecast").rows
        assert rows[0] == ("overdue", 1, Decimal(30))
        near = desk.ledger.report("core.replenishment_forecast", months=1).rows
        assert [row[0] for row in near] == ["overdue", "later"]
        assert desk.ledger.report("core.replenishment_forecast", as_known="2025-03-31").rows == ()
