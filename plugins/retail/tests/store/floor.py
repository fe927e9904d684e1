"""A shop floor: a ledger in memory whose clock stands where the test puts it, with one store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import guanxi
import guanxi_retail
from guanxi import Command, Ledger, Money, OpenFile, Outcome, ReportResult, RuleSet
from guanxi.relationship.together.commands import SetGoal
from guanxi.relationship.together.goals import goal_stream
from guanxi_retail import RecordPurchase, RefundPurchase
from guanxi_retail.store.commands import RecordStoreReceipt, RefundStoreReceipt
from guanxi_retail.store.months import STORE_SALES, last_of
from guanxi_retail.store.streams import day_stream, store_stream
from plugins.retail.tests.till import BEGIN, local

MEMBER, OUTLET = "M-1", "S1"
STORE = store_stream(OUTLET)


def cny(amount: str) -> Money:
    return Money(amount, "CNY")


class Floor:
    """Where things are told of one store, each at its moment; what is entered later says so with ``known``."""

    def __init__(self, *rules: RuleSet) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[guanxi_retail.plugin])
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for one in rules:
            self.publish(one, BEGIN)
        self.open()

    def at(self, moment: str) -> Floor:
        self.now = max(self.now, local(moment))
        return self

    def open(self, *members: str) -> None:
        for member in members or (MEMBER,):
            self.ledger.execute(member, OpenFile(), actor="clerk")

    def publish(self, rules: RuleSet, since: str, *, retroactive: str | None = None) -> int:
        return self.ledger.publish(
            rules,
            effective_from=local(since + "T00:00"),
            by="drafter",
            approved_by="board",
            retroactive=retroactive or "set-up",
        )

    def tell(
        self, moment: str, subject: str, command: Command, *, known: str | None = None, **more: Any
    ) -> Outcome:
        """Tell what happened at a moment; a live order, unless it is entered later."""
        self.at(known or moment)
        told: dict[str, Any] = {"actor": "clerk", "reason": "told", "happened": known is not None, **more}
        return self.ledger.execute(subject, command, occurred_at=local(moment), **told)

    def sell(self, moment: str, receipt: str, paid: str, *, known: str | None = None, **more: Any) -> Outcome:
        """A receipt of somebody without a card."""
        command = RecordStoreReceipt(receipt=receipt, paid=cny(paid), **{"salesperson": "li", **more})
        return self.tell(moment, self.day(moment), command, known=known)

    def take_back(self, moment: str, sold: str, receipt: str, paid: str, **more: Any) -> Outcome:
        """A refund of a receipt of somebody without a card, sold on an earlier day."""
        known = more.pop("known", None)
        command = RefundStoreReceipt(refund=f"{receipt}-back", receipt=receipt, paid=cny(paid), **more)
        return self.tell(moment, self.day(sold), command, known=known)

    def buy(self, moment: str, receipt: str, paid: str, **more: Any) -> Outcome:
        """A receipt of a member."""
        known, member = more.pop("known", None), more.pop("member", MEMBER)
        fields = {"outlet": OUTLET, "salesperson": "li", **more}
        return self.tell(
            moment, member, RecordPurchase(receipt=receipt, paid=cny(paid), **fields), known=known
        )

    def refund(self, moment: str, receipt: str, paid: str, **more: Any) -> Outcome:
        known, member = more.pop("known", None), more.pop("member", MEMBER)
        command = RefundPurchase(refund=f"{receipt}-back", receipt=receipt, paid=cny(paid), **more)
        return self.tell(moment, member, command, known=known)

    def target(self, moment: str, month: str, amount: str, outlet: str = OUTLET) -> Outcome:
        first = date.fromisoformat(f"{month}-01")
        goal = SetGoal(
            measure=STORE_SALES,
            owner=outlet,
            target=Decimal(amount),
            period_from=first,
            period_until=last_of(first),
        )
        return self.tell(moment, goal_stream(f"{outlet}-{month}"), goal)

    @staticmethod
    def day(moment: str) -> str:
        return day_stream(OUTLET, local(moment).date())

    def report(self, name: str, **asked: Any) -> ReportResult:
        return self.ledger.report(name, **asked)

    def rows(self, name: str, *columns: str, **asked: Any) -> list[tuple[Any, ...]]:
        """The rows of a report, of these columns alone."""
        result = self.report(name, **asked)
        places = [[c.name for c in result.columns].index(column) for column in columns]
        return [tuple(row[place] for place in places) for row in result.rows]

    def in_force(self, subject: str, name: str, as_known: str | None = None) -> list[dict[str, Any]]:
        """The fields of a record's entries of a name that stand, oldest first."""
        history = self.ledger.history(subject)
        if as_known is not None:
            history = history.as_known(as_known)
        lines = history.lines()
        return [
            dict(line.fields or {})
            for line in lines
            if line.name == name and line.status in ("in force", "pending")
        ]

    def flags(self, subject: str) -> list[tuple[str, str]]:
        """The name of each of a record's entries that is flagged, and the code."""
        names = {line.id: line.name for line in self.ledger.history(subject).lines()}
        return [(names[f["entry"]], f["code"]) for f in self.in_force(subject, "core.breach_flagged")]
