"""What holds of points in every history: movements and lots foot at every cut, and the way of telling changes no digit (RET-22)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Money, Refusal, Source, Telling
from guanxi_retail import (
    AdjustPoints,
    PointsRules,
    ReceiptLine,
    RecordPurchase,
    RedeemPoints,
    RefundPurchase,
    ReturnedLine,
    UndoRedemption,
)
from guanxi_retail.points.points import Points
from plugins.retail.tests.till import MEMBER, Till, local, notes, table

FIRST = date(2012, 1, 1)


@attrs.frozen
class Told:
    """Something that happened on a day and was entered some days later."""

    kind: str
    day: int
    late: int
    which: int
    amount: int

    @property
    def at(self) -> str:
        return f"{FIRST + timedelta(days=self.day)}T08:00"

    @property
    def known(self) -> str:
        return f"{FIRST + timedelta(days=self.day + self.late)}T20:00"


told = st.builds(
    Told,
    kind=st.sampled_from(("buy", "buy", "buy", "refund", "redeem", "redeem", "undo", "adjust")),
    day=st.integers(0, 60),
    late=st.sampled_from((0, 0, 0, 4, 25)),
    which=st.integers(0, 3),
    amount=st.integers(1, 40),
)
histories = st.lists(told, min_size=1, max_size=9)
rules = st.builds(
    PointsRules,
    clawback=st.sampled_from(("only_pending", "within_balance", "unlimited")),
    pending_days=st.sampled_from((0, 0, 7)),
    months=st.sampled_from((1, 2, None)),
    expiry=st.sampled_from(("rolling_months", "rolling_months", "fixed_day", "never")),
    fixed_month=st.sampled_from((1, 2)),
    restored_grace_days=st.sampled_from((0, 10)),
)
promises = st.dictionaries(st.integers(1, 8), st.integers(1, 4), max_size=2)
"""Before which telling another rate, and a longer life, is published for a day in the past."""


def command(one: Told, number: int) -> object:
    """What is told; receipts have two lines, and refunds give both back in part."""
    half = Decimal(one.amount)
    match one.kind:
        case "buy":
            lines = (
                ReceiptLine(number=1, net=half, paid=half),
                ReceiptLine(number=2, net=2 * half, paid=2 * half),
            )
            return RecordPurchase(receipt=str(one.which), paid=Money(3 * half, "CNY"), lines=lines)
        case "refund":
            back = tuple(ReturnedLine(number=n, net=half, paid=half) for n in (1, 2))
            return RefundPurchase(
                refund=f"F{number}", receipt=str(one.which), paid=Money(2 * half, "CNY"), lines=back
            )
        case "redeem":
            return RedeemPoints(redemption=str(one.which), points=one.amount)
        case "undo":
            return UndoRedemption(redemption=str(one.which))
        case _:
            points = one.amount if one.which % 2 else -one.amount
            return AdjustPoints(
                adjustment=f"P{number}", points=points, reason_code="goodwill", approved_by="head"
            )


def foots(t: Till, **cut: str) -> None:
    """Lots, ledger and months say the same at a cut."""
    found = t.points(**cut)
    lots = found.lots.values()
    assert found.active == sum(lot.active for lot in lots)
    assert found.pending == sum(lot.pending for lot in lots) >= 0
    assert all(lot.active >= 0 and lot.pending >= 0 for lot in lots)
    assert found.debt >= 0
    months = table(t.ledger.report("retail.points_movement", **cut))
    usable = months[-1] if months else {"closing": 0, "debt": 0}
    assert (usable["closing"], usable["debt"]) == (found.balance, found.debt)
    pending = table(t.ledger.report("retail.points_movement", view="pending", **cut))
    assert (pending[-1]["closing"] if pending else 0) == found.pending
    ageing = t.ledger.report("retail.points_ageing", **cut)
    assert sum(row[3] for row in ageing.rows) == found.active
    assert notes(ageing)["balance"] == f"{found.balance:,}"


@pytest.mark.rule("RET-22", "RET-57")
@given(
    chosen=rules,
    promised=promises,
    history=histories,
    cuts=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_lots_ledger_and_months_agree_at_every_day_and_as_known_on_every_day(chosen, promised, history, cuts):
    t = Till(chosen)
    try:
        for number, one in enumerate(sorted(history, key=lambda one: one.known)):
            if number in promised:
                better = attrs.evolve(chosen, rate=Decimal(promised[number]), months=3)
                t.at(one.known).publish(better, str(FIRST + timedelta(days=one.day)), retroactive="promised")
            try:
                t.tell(one.at, command(one, number), known=one.known)
            except Refusal:
                continue
            foots(t)
        t.at("2012-04-10T12:00")
        for as_of, as_known in cuts:
            days = (FIRST + timedelta(days=as_of), FIRST + timedelta(days=as_known))
            foots(t, as_of=str(days[0]), as_known=str(max(days)))
        assert t.ledger.check_determinism().same
    finally:
        t.ledger.close()


@pytest.mark.rule("RET-22", "RET-59")
@given(chosen=rules, history=histories, ends=st.sets(st.integers(1, 8), max_size=3))
@settings(max_examples=25, deadline=None)
def test_one_batch_or_several_in_order_come_to_the_same(chosen, history, ends):
    ordered = sorted(history, key=lambda one: (one.day, one.kind))
    states = [_taken_in(chosen, ordered, bounds) for bounds in (set(), ends, set(range(len(ordered))))]
    for day, state in states[0].items():
        assert state == states[1][day] == states[2][day], day


def _taken_in(chosen: PointsRules, ordered: list[Told], ends: set[int]) -> dict[str, Points]:
    """The member's points on some days, told in batches that end before some of the tellings."""
    t = Till(chosen)
    try:
        tellings = [_telling(one, number) for number, one in enumerate(ordered)]
        edges = [0, *sorted(e for e in ends if 0 < e < len(tellings)), len(tellings)]
        for n, (begin, end) in enumerate(pairwise(edges)):
            t.at(f"2012-04-10T{10 + n}:00")
            t.ledger.take_in(tellings[begin:end])
        t.at("2012-04-11")
        days = ["2012-01-15", "2012-02-01", "2012-02-20", "2012-03-31", "2012-04-11"]
        return {day: t.points(day) for day in days}
    finally:
        t.ledger.close()


def _telling(one: Told, number: int) -> Telling:
    return Telling(
        subject=MEMBER,
        command=command(one, number),
        actor="import",
        occurred_at=local(one.at),
        happened=True,
        batch="b",
        reason="history of the shop",
        source=Source("till", "line", str(number)),
    )
