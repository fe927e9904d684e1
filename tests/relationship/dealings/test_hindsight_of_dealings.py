"""Holds, releases and warnings come out the same however late things are entered and however often time is let pass."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Refusal, verify
from guanxi.relationship.dealings.commands import CancelOrder, ReleaseOrder, ReverseReceipt
from guanxi.relationship.dealings.rules import ArrearsRules
from tests.kernel.desks import CUSTOMER
from tests.laws.histories import transactions
from tests.laws.test_hindsight import drawn
from tests.relationship.dealings.trading import Trade

STEP = st.tuples(
    st.sampled_from(
        [
            "order",
            "order",
            "plan",
            "invoice",
            "pay",
            "pay",
            "terms",
            "reverse",
            "void",
            "release",
            "cancel",
            "ship",
            "rules",
        ]
    ),
    st.integers(1, 200),
    st.integers(0, 20),
    st.sampled_from([0, 0, 2, 10, 40]),
)
Steps = list[tuple[str, int, int, int]]


def one(trade: Trade, what: str, amount: int, lag: int, n: int) -> None:
    at, day = trade.now - timedelta(days=lag), trade.now.date().isoformat()
    late: dict[str, Any] = {"reason": "told", "happened": bool(lag)}
    then = at.replace(tzinfo=None).isoformat()
    numbers = [
        line.fields["order"]
        for line in trade.ledger.history(CUSTOMER).lines()
        if line.name == "core.order_placed" and line.fields
    ]
    some = numbers[amount % len(numbers)] if numbers else "O"
    match what:
        case "order":
            trade.order(f"O{n}", amount, then, **late)
        case "plan":
            trade.plan((day, amount), contract=f"K{n}", on=None)
        case "invoice":
            trade.invoice(f"I{n}", amount, then, **late)
        case "pay":
            trade.pay(f"R{n}", amount, then, **late)
        case "terms":
            trade.terms(amount * 2, on=then, reason="told")
        case "reverse":
            trade.tell(ReverseReceipt(receipt=f"R{amount % (n + 1)}", reason="cheque"), then, **late)
        case "void":
            entries = [
                e for e in trade.ledger.history(CUSTOMER).entries() if e.name == "core.receipt_recorded"
            ]
            if entries:
                trade.ledger.void(entries[amount % len(entries)].id, actor="clerk", reason="wrong")
        case "release":
            trade.tell(ReleaseOrder(order=some, reason="urgent"), then, actor="head", **late)
        case "cancel":
            trade.tell(CancelOrder(order=some), then, **late)
        case "ship":
            trade.ship(some, 1, then, **late)
        case "rules":
            trade.ledger.publish(
                ArrearsRules(arrears_min=Decimal(amount)),
                effective_from=at,
                by="a",
                approved_by="b",
                retroactive="late",
            )


@pytest.mark.rule("CORE-93")
@given(st.lists(STEP, min_size=3, max_size=12), st.integers(0, 120), st.integers(0, 120))
@settings(deadline=None, max_examples=10)
def test_what_is_drawn_survives_replay_re_enactment_and_lazy_advancing(
    steps: Steps, as_of: int, as_known: int
) -> None:
    answers = []
    for advancing in (True, False):
        with Trade("2025-01-06") as trade:
            start = trade.now
            trade.terms(300)
            for n, (what, amount, days, lag) in enumerate(steps):
                trade.now += timedelta(days=days, seconds=1)
                with suppress(Refusal):
                    one(trade, what, amount, lag, n)
                if advancing:
                    trade.ledger.advance()
            ledger = trade.ledger
            past = (
                ledger.history(CUSTOMER)
                .as_known(start + timedelta(days=as_known))
                .as_of(start + timedelta(days=as_of))
            )
            answers.append((past.values(), ledger.history(CUSTOMER).values()))
            ledger.advance()
            stream = trade.stream()
            rows, groups = ledger.store.fold_rows(stream), transactions(ledger, stream)
            judge = ledger.judge()
            assert judge.reenact("customer", stream, rows, groups) == []
            stored = judge.timelines.build(stream, rows)
            assert drawn(stored) == drawn(judge.replay("customer", stream, groups, rows[-1].recorded_at))
            assert verify(ledger.store).clean
            for report in (
                "core.collection",
                "core.reconciliation",
                "core.three_lines",
                "core.early_warning",
            ):
                ledger.report(report)
    assert answers[0] == answers[1]
