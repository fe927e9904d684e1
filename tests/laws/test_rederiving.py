"""Laws of deriving again: what a ledger wrote comes out of it again, whatever came late, was linked, unlinked or ruled anew."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from guanxi import OpenFile, Refusal
from guanxi_retail import PointsRules
from tests.laws import club
from tests.laws.histories import KINDS, Step, Teller, opened, steps
from tests.laws.test_late_effects import Desk

LAGS = st.sampled_from([0, 0, 2, 20, 60])
STEP = st.tuples(
    st.sampled_from(["owe", "owe", "owe", "settle", "void", "correct", "link", "days", "unlink", "advance"]),
    st.sampled_from(["A", "B", "C"]),
    st.integers(0, 200),
    st.integers(0, 40),
    LAGS,
)


def tell(desk: Desk, n: int, what: str, who: str, amount: int, lag: int) -> None:
    """Tell one step; what is linked are B and C, to A."""
    at, ledger = desk.now - timedelta(days=lag), desk.ledger
    common: dict[str, Any] = {"actor": "c", "reason": "r"}
    owed = [e for e in ledger.store.entries(ledger.find(who) or "") if e.name == "club.owed"]
    if what == "owe":
        ledger.execute(who, club.Owe(order=f"O{n}", amount=amount), occurred_at=at, **common)
    elif what == "settle":
        ledger.execute(who, club.Settle(order=f"O{amount % (n + 1)}"), occurred_at=at, **common)
    elif what == "rules":
        lines = club.Lines(hold_from=amount, warn_from=amount // 2, regular_from=amount * 2)
        ledger.publish(lines, effective_from=at, by="a", approved_by="b", retroactive="late")
    elif what in ("link", "days") and who != "A":
        mode: Any = "whole" if what == "link" else "days"
        ledger.link("A", who, mode=mode, link_type="merge", effective_from=at, **common)
    elif what == "unlink" and who != "A":
        ledger.unlink("A", who, effective_from=at, **common)
    elif what == "void" and owed:
        ledger.void(owed[amount % len(owed)].id, **common)
    elif what == "correct" and owed:
        ledger.correct(owed[amount % len(owed)].id, {"amount": amount}, **common)
    elif what == "advance":
        ledger.advance()


ENDED_BEFORE_ITS_DAYS: list[tuple[str, str, int, int, int]] = [
    ("owe", "B", 142, 0, 0),
    ("days", "B", 0, 0, 0),
    ("void", "B", 0, 0, 0),
]
REPLACED_HERE_THEN_ENDED_THERE: list[tuple[str, str, int, int, int]] = [
    ("owe", "C", 145, 0, 0),
    ("owe", "A", 0, 20, 0),
    ("link", "C", 0, 0, 0),
    ("owe", "C", 0, 0, 2),
    ("rules", "A", 0, 0, 2),
]
DUE_IN_BOTH_WHEN_PARTED: list[tuple[str, str, int, int, int]] = [
    *[("owe", "A", 0, 0, 0)] * 4,
    ("owe", "B", 0, 21, 0),
    ("link", "B", 0, 0, 0),
    ("unlink", "B", 0, 10, 0),
]
DUE_IN_BOTH_WHEN_JOINED: list[tuple[str, str, int, int, int]] = [
    *[("owe", "A", 0, days, 0) for days in (10, 11, 35)],
    ("owe", "B", 0, 19, 0),
    ("link", "B", 0, 15, 2),
]


@given(st.lists(STEP, min_size=1, max_size=14))
@example(DUE_IN_BOTH_WHEN_PARTED)
@example(DUE_IN_BOTH_WHEN_JOINED)
@example(ENDED_BEFORE_ITS_DAYS)
@example(REPLACED_HERE_THEN_ENDED_THERE)
@settings(deadline=None, max_examples=40, derandomize=True)  # see "Known limits" in docs/maintainers/index.md
def test_a_ledger_of_merged_and_parted_relationships_comes_out_again_as_it_is_stored(
    history: list[tuple[str, str, int, int, int]],
) -> None:
    desk = Desk()
    try:
        desk.ledger.execute("C", OpenFile(), actor="clerk", occurred_at=desk.now, reason="set-up")
        for n, (what, who, amount, days, lag) in enumerate(history):
            desk.now += timedelta(days=days, seconds=1)
            with suppress(Refusal):
                tell(desk, n, what, who, amount, lag)
        found = desk.ledger.check_determinism()
        assert found.changes == ()
        assert found.same
    finally:
        desk.ledger.close()


@given(steps((*KINDS, "halve")), st.sampled_from(["unlimited", "within_balance", "only_pending"]))
@settings(deadline=None, max_examples=20)
def test_a_retail_ledger_comes_out_again_as_it_is_stored(history: list[Step], policy: str) -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin(PointsRules(pending_days=7, clawback=policy, months=3))  # type: ignore[arg-type]
        for step in history:
            teller.tell(step)
        before = list(ledger.store.page(0, 10_000))
        found = ledger.check_determinism()
        assert found.changes == ()
        assert found.same
        assert list(ledger.store.page(0, 10_000)) == before


@given(steps((*KINDS, "halve"), max_size=8))
@settings(deadline=None, max_examples=15)
def test_the_rules_in_force_supposed_change_nothing(history: list[Step]) -> None:
    with opened() as ledger:
        teller = Teller(ledger)
        teller.begin()
        for step in history:
            if step.kind != "halve":
                teller.tell(step)
        found = ledger.what_if(PointsRules(), report="retail.spend_classes")
        assert found.same
