"""Lots that become usable at the instant at which they are earned, judged again under rules published for the past (RET-16, RET-57)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi_retail import PointsRules
from plugins.retail.tests.test_bad_input_rows import line
from plugins.retail.tests.till import MEMBER, Till

AREAS = ((1, "food"), (2, "toys"), (3, "shoes"))
LESS = {"food": Decimal("0.001"), "toys": Decimal("0.001"), "shoes": Decimal("0.5")}


@pytest.mark.rule("RET-16", "RET-57")
def test_each_lot_stays_usable_and_is_folded_before_it_becomes_so_when_rules_for_the_past_earn_some_nothing() -> (
    None
):
    t = Till(PointsRules(pending_days=0))
    try:
        t.buy("2012-01-05T10:00", "R1", "300", lines=tuple(line(n, "100", area=area) for n, area in AREAS))
        t.at("2012-01-10T10:00")
        t.publish(PointsRules(pending_days=0, multipliers=LESS), "2012-01-02", retroactive="set-up")
        t.buy("2012-01-11T10:00", "R2", "1")
        assert {k: (lot.active, lot.pending) for k, lot in t.points().lots.items()} == {
            "R1/1": (100, 0),
            "R1/2": (100, 0),
            "R1/3": (100, 0),
            "R2": (1, 0),
        }
        stream = t.ledger.find(MEMBER) or ""
        items = t.ledger.judge().timelines.build(stream, t.ledger.store.fold_rows(stream))
        told = [(i.event.stored_name.removeprefix("retail.points_"), i.event) for i in items]
        order = {(name, e.lot): n for n, (name, e) in enumerate(told) if name in ("earned", "activated")}
        assert all(order["earned", lot] < order["activated", lot] for lot in ("R1/1", "R1/2", "R1/3", "R2"))
        assert t.ledger.check_determinism().same
    finally:
        t.ledger.close()
