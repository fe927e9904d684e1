"""Random histories of one retail customer, told to a ledger with a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

import guanxi
from guanxi import Ledger, Money, OpenFile, Refusal
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints, RefundPurchase, UndoRedemption
from guanxi_retail.points.points import Points
from guanxi_retail.purchases.purchases import Purchases

START = datetime(2012, 1, 1, 2, tzinfo=UTC)
CUSTOMER = "C-1"

LAGS = (0, 0, 0, 0, 1, 5, 40, 200)
KINDS = ("buy", "buy", "buy", "refund", "redeem", "undo", "advance", "correct", "void")


@attrs.frozen
class Step:
    """Something that comes in: what, how much, how many days after the step before, and how many days late."""

    kind: str
    amount: int
    days: int
    lag: int
    happened: bool


def steps(kinds: tuple[str, ...] = KINDS, max_size: int = 12) -> st.SearchStrategy[list[Step]]:
    """Histories of up to ``max_size`` steps."""
    one = st.builds(
        Step,
        kind=st.sampled_from(kinds),
        amount=st.integers(0, 900),
        days=st.integers(0, 60),
        lag=st.sampled_from(LAGS),
        happened=st.booleans(),
    )
    return st.lists(one, min_size=1, max_size=max_size)


class Teller:
    """Tells steps to a ledger."""

    def __init__(self, ledger: Ledger, *, advancing: bool = True) -> None:
        self.ledger, self.advancing = ledger, advancing
        self.now = START
        ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        self.count = 0

    def begin(self, rules: PointsRules | None = None) -> None:
        if rules is not None:
            self.ledger.publish(
                rules,
                effective_from=START - timedelta(days=30),
                by="drafter",
                approved_by="board",
                retroactive="set-up",
            )
        self.ledger.execute(
            CUSTOMER, OpenFile(), actor="clerk", occurred_at=START - timedelta(days=400), reason="set-up"
        )

    def tell(self, step: Step) -> None:
        self.now += timedelta(days=step.days, seconds=1)
        self.count += 1
        happened_at = self.now - timedelta(days=step.lag)
        with suppress(Refusal):
            self._tell(step, happened_at)

    def _tell(self, step: Step, at: datetime) -> None:
        ledger, n = self.ledger, self.count
        common: dict[str, Any] = {
            "actor": "clerk",
            "occurred_at": at,
            "reason": "late",
            "happened": step.happened,
        }
        if step.kind == "advance":
            if self.advancing:
                ledger.advance()
            return
        history = ledger.history(CUSTOMER).as_of(at)
        if step.kind == "buy":
            ledger.execute(
                CUSTOMER, RecordPurchase(receipt=f"R{n}", paid=Money(step.amount, "CNY")), **common
            )
        elif step.kind == "refund":
            sales = history.state(Purchases).sales
            if sales:
                receipt = sorted(sales)[step.amount % len(sales)]
                paid = min(Decimal(step.amount), sales[receipt].paid)
                ledger.execute(
                    CUSTOMER,
                    RefundPurchase(refund=f"F{n}", receipt=receipt, paid=Money(paid, "CNY")),
                    **common,
                )
        elif step.kind == "redeem":
            active = history.state(Points).active
            ledger.execute(
                CUSTOMER, RedeemPoints(redemption=f"X{n}", points=max(1, min(step.amount, active))), **common
            )
        elif step.kind == "undo":
            redemptions = sorted(history.state(Points).redemptions)
            if redemptions:
                ledger.execute(
                    CUSTOMER, UndoRedemption(redemption=redemptions[step.amount % len(redemptions)]), **common
                )
        elif step.kind == "halve":
            rules = PointsRules(rate=Decimal(step.amount % 3), months=3, pending_days=7)
            ledger.publish(
                rules, effective_from=at, by="drafter", approved_by="board", retroactive="late notice"
            )
        else:
            self._mark(step)

    def _mark(self, step: Step) -> None:
        ledger = self.ledger
        stream = ledger.find(CUSTOMER)
        assert stream is not None
        told = [e for e in ledger.store.entries(stream) if e.name == "retail.purchase_recorded"]
        if not told:
            return
        entry = told[step.amount % len(told)]
        if step.kind == "void":
            ledger.void(entry.id, actor="clerk", reason="never happened")
        elif step.lag >= 40:
            ledger.correct(
                entry.id,
                actor="clerk",
                reason="wrong day",
                effective_from=self.now - timedelta(days=step.lag),
            )
        else:
            ledger.correct(
                entry.id, {"paid": Money(step.amount, "CNY")}, actor="clerk", reason="wrong amount"
            )


@contextmanager
def opened() -> Iterator[Ledger]:
    """Yield a ledger in memory."""
    ledger = guanxi.open("sqlite://")
    try:
        yield ledger
    finally:
        ledger.close()


def transactions(ledger: Ledger, stream: str) -> list[list[Any]]:
    """Return a stream's fold rows, transaction by transaction."""
    entries = ledger.store.entries(stream)
    rows = ledger.store.fold_rows(stream)
    groups: list[list[Any]] = []
    last: Any = object()
    for entry, row in zip(entries, rows, strict=True):
        if entry.correlation != last:
            groups.append([])
            last = entry.correlation
        groups[-1].append(row)
    return groups
