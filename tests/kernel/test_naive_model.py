"""Whatever is told, in whatever order, at every pair of cuts the ledger answers what a bookkeeper works out from scratch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from guanxi import Ledger
from guanxi_retail import PointsRules
from guanxi_retail.points.points import Points
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel import naive_points
from tests.laws.histories import CUSTOMER, START, Step, Teller, opened, steps

KINDS = ("buy", "buy", "buy", "refund", "redeem", "advance", "correct", "void")
POLICIES = st.sampled_from(["unlimited", "within_balance", "only_pending"])
CUTS = st.lists(st.tuples(st.integers(-250, 500), st.integers(0, 500)), min_size=1, max_size=4)
LOT = ("pending", "active", "expired")


def rows_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the customer's entries as a database shell would."""
    return [e._asdict() for e in ledger.store.entries(ledger.history(CUSTOMER).stream)]


def answered(ledger: Ledger, as_of: datetime, as_known: datetime) -> dict[str, Any]:
    history = ledger.history(CUSTOMER).as_known(as_known).as_of(as_of)
    points, purchases = history.state(Points), history.state(Purchases)
    return {
        "spent": purchases.spent,
        "returned": purchases.returned,
        "debt": points.debt,
        "lots": {lot.key: {name: getattr(lot, name) for name in LOT} for lot in points.lots.values()},
    }


def worked_out(
    rows: list[dict[str, Any]], as_of: datetime, as_known: datetime, now: datetime, policy: str
) -> dict[str, Any]:
    def rules(at: datetime) -> dict[str, Any]:
        if at < START - timedelta(days=30):
            return {"months": 12, "pending_days": 0, "clawback": "unlimited"}
        return {"months": 3, "pending_days": 7, "clawback": policy}

    book = naive_points.work_out(naive_points.known_facts(rows, as_known), min(as_of, as_known, now), rules)
    lots = {key: {name: lot[name] for name in LOT} for key, lot in book["lots"].items()}
    return {"spent": book["spent"], "returned": book["returned"], "debt": book["debt"], "lots": lots}


@given(steps(KINDS), POLICIES, CUTS)
@example(
    [Step("buy", 100, 0, 0, False), Step("buy", 50, 30, 40, True), Step("void", 1, 5, 0, False)],
    "unlimited",
    [(400, 400)],
)
@settings(deadline=None, max_examples=100)
def test_the_ledger_answers_what_is_worked_out_from_scratch(
    history: list[Step], policy: str, cuts: list[tuple[int, int]]
) -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
        for step in history:
            teller.tell(step)
        rows = rows_of(ledger)
        for as_of, as_known in [
            *((START + timedelta(days=a), START + timedelta(days=k)) for a, k in cuts),
            (teller.now, teller.now),
        ]:
            assert answered(ledger, as_of, as_known) == worked_out(rows, as_of, as_known, teller.now, policy)
