"""Random histories told in order: the facet against a model that keeps one record per point (RET-15 to RET-22)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi import Money, RuleNotMet
from guanxi_retail import PointsRules, ReceiptLine, RecordPurchase, RefundPurchase, ReturnedLine
from plugins.retail.tests.naive import Naive
from plugins.retail.tests.till import Till, table


@attrs.frozen
class Step:
    kind: str
    days: int
    which: int
    cents: int
    happened: bool
    lines: int


steps = st.builds(
    Step,
    kind=st.sampled_from(("buy", "buy", "buy", "refund", "refund", "redeem", "redeem", "undo", "adjust")),
    days=st.sampled_from((0, 0, 1, 3, 9, 20, 35)),
    which=st.integers(0, 5),
    cents=st.integers(0, 4_000),
    happened=st.booleans(),
    lines=st.integers(0, 3),
)
rules = st.builds(
    PointsRules,
    clawback=st.sampled_from(("only_pending", "within_balance", "unlimited")),
    pending_days=st.sampled_from((0, 0, 7, 40)),
    months=st.sampled_from((1, 2, None)),
)


def yuan(cents):
    return Decimal(cents).scaleb(-2)


class Player:
    """Tells each step to a till and to the naive model, and compares them."""

    def __init__(self, chosen):
        self.t = Till(chosen)
        self.n = Naive(chosen.clawback, chosen.pending_days, chosen.months)
        self.day, self.minute = date(2012, 1, 1), 0
        self.receipts: list[dict[str, int]] = []
        self.redemptions: list[str] = []

    def play(self, step):
        self.day += timedelta(days=step.days)
        self.minute = self.minute + 1 if step.days == 0 else 0
        self.n.pass_to(self.day)
        at = f"{self.day}T08:{self.minute:02}"
        self.t.at(at)
        getattr(self, step.kind)(step, at)
        self.compare()

    def buy(self, step, at):
        receipt = str(len(self.receipts))
        if step.lines == 0:
            lines = {receipt: step.cents}
            self.t.buy(at, receipt, str(yuan(step.cents)))
        else:
            lines = {f"{receipt}/{n}": step.cents // n for n in range(1, step.lines + 1)}
            told = tuple(
                ReceiptLine(number=n, net=yuan(cents), paid=yuan(cents))
                for n, cents in enumerate(lines.values(), 1)
            )
            paid = Money(yuan(sum(lines.values())), "CNY")
            self.t.tell(at, RecordPurchase(receipt=receipt, paid=paid, lines=told))
        self.receipts.append(lines)
        self.n.buy(lines)

    def refund(self, step, at):
        if step.which >= len(self.receipts):
            return
        left = {
            name: int((self.n.paid[lot] - self.n.back[lot]) * 100)
            for name in self.receipts[step.which]
            for lot in (self.n.lots[name],)
        }
        parts = {name: min(step.cents, cents) for name, cents in left.items()}
        if step.happened and len(parts) > 1:
            parts.popitem()
        self.n.refund(parts)
        lines = tuple(
            ReturnedLine(number=int(name.partition("/")[2] or 1), net=yuan(cents), paid=yuan(cents))
            for name, cents in parts.items()
        )
        paid = Money(yuan(sum(parts.values())), "CNY")
        self.t.tell(at, RefundPurchase(refund=at, receipt=str(step.which), paid=paid, lines=lines))

    def redeem(self, step, at):
        points = step.cents // 100 + 1
        if not step.happened and not self.n.can_redeem(points):
            with pytest.raises(RuleNotMet):
                self.t.redeem(at, at, points)
            return
        self.n.redeem(at, points)
        self.redemptions.append(at)
        self.t.redeem(at, at, points, happened=step.happened)

    def undo(self, step, at):
        if step.which >= len(self.redemptions) or self.redemptions[step.which] in self.n.undone:
            return
        self.n.undo(self.redemptions[step.which])
        self.t.undo(at, self.redemptions[step.which])

    def adjust(self, step, at):
        points = (step.cents // 100 + 1) * (1 if step.happened else -1)
        if points < 0 and not self.n.can_redeem(-points):
            with pytest.raises(RuleNotMet):
                self.t.adjust(at, at, points)
            return
        self.n.adjust(f"adjustment {at}", points)
        self.t.adjust(at, at, points)

    def compare(self):
        found = self.t.points()
        assert (found.active, found.pending, found.debt) == (
            self.n.count("active"),
            self.n.count("pending"),
            self.n.debt,
        )
        assert found.expired == self.n.count("expired")
        lots = {key: lot.active for key, lot in found.lots.items() if lot.active}
        assert lots == {
            name: k
            for name, n in self.n.lots.items()
            if (k := sum(p.lot == n and p.state == "active" for p in self.n.points))
        }


@pytest.mark.rule("RET-15", "RET-17", "RET-18", "RET-19", "RET-20", "RET-21")
@given(chosen=rules, history=st.lists(steps, min_size=1, max_size=14))
@settings(max_examples=120, deadline=None)
def test_the_facet_agrees_with_a_model_that_counts_every_point(chosen, history):
    player = Player(chosen)
    try:
        for step in history:
            player.play(step)
        months = table(player.t.ledger.report("retail.points_movement"))
        assert not months or months[-1]["closing"] == player.t.points().balance
        unrecovered = sum(line["unrecovered"] for line in player.t.in_force("retail.points_clawed_back"))
        assert unrecovered == player.n.unrecovered
    finally:
        player.t.ledger.close()
