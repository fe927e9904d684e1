"""A decision that was withdrawn and is drawn again names the withdrawal that it takes back."""

from __future__ import annotations

from datetime import date

import pytest

from tests.kernel import shop
from tests.kernel.desks import Desk


@pytest.mark.rule("CORE-93d")
@pytest.mark.parametrize("jobs", [True, False])
def test_each_change_of_mind_names_the_one_before(jobs: bool) -> None:
    with Desk(plugins=[shop.parts], now="2024-05-01").open(on="2024-05-01") as desk:
        for number in ("call", "visit"):
            desk.tell(shop.Promise(promise=number, last_day=date(2024, 5, 10)))
        if jobs:
            desk.on("2024-05-11").ledger.advance()
        told = desk.on("2024-05-20").tell(shop.Keep(promise="call"), "2024-05-10T12:00", reason="forgot")
        kept = next(e for e in told.entries if e.name == "shop.kept")
        desk.on("2024-05-25").ledger.void(kept.id, actor="clerk", reason="another one")
        lines = [
            line
            for line in desk.ledger.history("C-1").lines()
            if line.name in ("shop.broken", "core.decision_withdrawn")
        ]
        first = next(line for line in lines if line.fields.get("promise") == "call")  # type: ignore[union-attr]
        withdrawn = next(line for line in lines if line.name == "core.decision_withdrawn")
        last = lines[-1]
        assert [first.replaces, withdrawn.replaces, last.replaces] == [None, first.id, withdrawn.id]
        assert [line.replaces for line in lines if line not in (first, withdrawn, last)] == [None]
