"""What holds of points in every history of two files that are merged and parted again: nothing arises, nothing is lost (RET-21, RET-22)."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Refusal
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi_retail import AdjustPoints, PointsRules, RedeemPoints, ReturnPoints
from plugins.retail.tests.till import Till, notes, table

SURVIVOR, ABSORBED = "M-1", "M-2"
FIRST = date(2012, 1, 1)
KINDS = ("buy", "buy", "redeem", "redeem", "adjust", "undo", "refund", "merge", "merge", "unmerge", "return")


@attrs.frozen
class Step:
    """Something told under one of two numbers, some days after the step before; it had happened already, or not."""

    kind: str
    member: str
    days: int
    late: int
    which: int
    amount: int


steps = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    member=st.sampled_from((SURVIVOR, ABSORBED)),
    days=st.sampled_from((1, 1, 3, 20)),
    late=st.sampled_from((0, 0, 0, 1)),
    which=st.integers(0, 2),
    amount=st.integers(1, 40),
)


def tell(t: Till, one: Step, number: int, day: int) -> None:
    at = f"{FIRST + timedelta(days=day)}T08:{number:02}"
    known = f"{FIRST + timedelta(days=day)}T20:{number:02}" if one.late else None
    of = {"member": one.member, "known": known}
    match one.kind:
        case "buy":
            t.buy(at, f"{one.member} {one.which}", str(one.amount), **of)
        case "refund":
            t.refund(at, f"{one.member} {one.which}", str(one.amount), **of)
        case "redeem":
            t.tell(at, RedeemPoints(redemption=f"{one.member} {one.which}", points=one.amount), **of)
        case "undo":
            t.undo(at, f"{one.member} {one.which}", **of)
        case "adjust":
            n = one.amount if one.which else -one.amount
            t.tell(
                at,
                AdjustPoints(adjustment=f"P{number}", points=n, reason_code="goodwill", approved_by="head"),
                **of,
            )
        case "merge":
            t.tell(at, MergeFiles(absorbed=ABSORBED))
        case "unmerge":
            t.tell(at, UndoMerge(absorbed=ABSORBED))
        case _:
            t.tell(at, ReturnPoints(absorbed=ABSORBED))


def foots(t: Till, **cut: str) -> None:
    """States, movement and ageing say the same of both files and of the programme."""
    found = {one: t.points(member=one, **cut) for one in (SURVIVOR, ABSORBED)}
    for one, state in found.items():
        assert state.active == sum(lot.active for lot in state.lots.values())
        months = table(t.ledger.report("retail.points_movement", account=one, **cut))
        last = months[-1] if months else {"closing": 0, "debt": 0}
        assert (last["closing"], last["debt"]) == (state.balance, state.debt), one
        pending = table(t.ledger.report("retail.points_movement", account=one, view="pending", **cut))
        assert (pending[-1]["closing"] if pending else 0) == state.pending, one
    months = table(t.ledger.report("retail.points_movement", **cut))
    total = sum(state.balance for state in found.values())
    assert (months[-1]["closing"] if months else 0) == total
    ageing = t.ledger.report("retail.points_ageing", **cut)
    assert sum(row[3] for row in ageing.rows) == sum(state.active for state in found.values())
    assert notes(ageing)["balance"] == f"{total:,}"


@pytest.mark.rule("RET-21", "RET-22")
@given(
    pending_days=st.sampled_from((0, 0, 7)),
    months=st.sampled_from((1, 6)),
    history=st.lists(steps, min_size=3, max_size=12),
    cuts=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=3),
)
@settings(max_examples=12, deadline=None)
def test_states_movement_and_ageing_agree_through_merges_and_undoings(pending_days, months, history, cuts):
    t = Till(PointsRules(pending_days=pending_days, months=months))
    try:
        t.open(ABSORBED)
        day = 0
        for number, one in enumerate(history):
            day += one.days
            try:
                tell(t, one, number, day)
            except Refusal:
                continue
            t.now += timedelta(minutes=1)
            foots(t)
        t.at(f"{FIRST + timedelta(days=day + 40)}T12:00")
        foots(t)
        for as_of, as_known in cuts:
            days = (FIRST + timedelta(days=as_of), FIRST + timedelta(days=as_known))
            foots(t, as_of=str(days[0]), as_known=str(max(days)))
        assert t.ledger.check_determinism().same
    finally:
        t.ledger.close()
