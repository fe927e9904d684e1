"""A liquor cellar with a delivery service: a ledger in memory, whose clock stands where the test puts it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import guanxi
import guanxi_retail
from guanxi import Command, Held, Ledger, Money, OpenFile, Outcome, RecordProfileFact, ReportResult, RuleSet
from guanxi.relationship.dealings.commands import DeliverGoods, PlaceOrder, RecordReceipt
from guanxi.relationship.dealings.events import LineQuantity, OrderLine
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi_retail import ReceiptLine, RecordPurchase, RefundPurchase, ReturnedLine
from guanxi_retail.group_purchase.commands import (
    ApplyForVip,
    CountCustomerStock,
    DecideVipNomination,
    NominateForVip,
)
from guanxi_retail.group_purchase.stock import Stock
from guanxi_retail.group_purchase.vip import Vip

ZONE = ZoneInfo("Asia/Shanghai")
CUSTOMER = "C-1"
BEGIN = "2011-06-01"


def local(text: str) -> datetime:
    """A moment in Shanghai; a date alone means ten in the morning."""
    return datetime.fromisoformat(text if len(text) > 10 else text + "T10:00").replace(tzinfo=ZONE)


def notes(result: ReportResult) -> dict[str, str]:
    """A report's notes by their English heading."""
    return {label.en: text for label, text in result.notes}


class Cellar:
    """Where things are told, each at its moment; what is entered later says so with ``known``."""

    def __init__(
        self, *rules: RuleSet, customers: tuple[str, ...] = (CUSTOMER,), manager: str = "wang"
    ) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[guanxi_retail.plugin])
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for one in rules:
            self.publish(one, BEGIN + "T00:00")
        for customer in customers:
            self.ledger.execute(customer, OpenFile(name=customer), actor="wang")
            if manager:
                self.tell(BEGIN + "T10:30", AssignMaintainer(person=manager), who=customer)

    def at(self, moment: str) -> Cellar:
        self.now = max(self.now, local(moment))
        return self

    def publish(self, rules: RuleSet, since: str, *, retroactive: str = "set-up") -> None:
        self.ledger.publish(
            rules, effective_from=local(since), by="drafter", approved_by="board", retroactive=retroactive
        )

    def tell(
        self,
        moment: str,
        command: Command,
        *,
        known: str | None = None,
        who: str = CUSTOMER,
        actor: str = "wang",
        happened: bool | None = None,
    ) -> Outcome:
        """Tell what happened at a moment; a live order, unless it is entered later."""
        self.at(known or moment)
        return self.ledger.execute(
            who,
            command,
            actor=actor,
            reason="told",
            occurred_at=local(moment),
            happened=known is not None if happened is None else happened,
        )

    def buy(
        self,
        moment: str,
        receipt: str,
        *lines: tuple[str, str] | tuple[str, str, str],
        currency: str = "CNY",
        **more: Any,
    ) -> Outcome:
        """A receipt of lines, each a grade and an amount, and a product if it matters."""
        told = tuple(
            ReceiptLine(
                number=n,
                grade=line[0],
                product=line[2] if len(line) > 2 else None,
                net=Decimal(line[1]),
                paid=Decimal(line[1]),
            )
            for n, line in enumerate(lines, 1)
        )
        paid = Money(sum((line.paid for line in told), Decimal(0)), currency)
        return self.tell(moment, RecordPurchase(receipt=receipt, paid=paid, lines=told), **more)

    def refund(self, moment: str, receipt: str, amount: str, line: int = 1, **more: Any) -> Outcome:
        back = ReturnedLine(number=line, net=Decimal(amount), paid=Decimal(amount))
        command = RefundPurchase(
            refund=f"{receipt}-{moment}", receipt=receipt, paid=Money(amount, "CNY"), lines=(back,)
        )
        return self.tell(moment, command, **more)

    def apply(self, moment: str, application: str = "A-1", **more: Any) -> Outcome:
        return self.tell(moment, ApplyForVip(application=application, route="purchase"), **more)

    def nominate(self, moment: str, nomination: str = "N-1", *, by: str = "wang", **more: Any) -> Held:
        """Nominate, and return what holds the nomination."""
        try:
            self.tell(moment, NominateForVip(nomination=nomination, **more), actor=by)
        except Held as held:
            return held
        raise AssertionError("a nomination waits for its approval")

    def decide(self, moment: str, outcome: str = "approved", *, by: str = "zhao", **more: Any) -> Outcome:
        reason = None if outcome == "approved" else "buys too little"
        command = DecideVipNomination(nomination="N-1", outcome=outcome, reason=reason)  # type: ignore[arg-type]
        return self.tell(moment, command, actor=by, **more)

    def count(self, moment: str, quantity: str, product: str = "rice", **more: Any) -> Outcome:
        return self.tell(moment, CountCustomerStock(product=product, quantity=Decimal(quantity)), **more)

    def use(self, moment: str, monthly: str, product: str = "rice", **more: Any) -> Outcome:
        """State how much is used up in a month."""
        command = RecordProfileFact(field_name=f"monthly_use/{product}", value=monthly)
        return self.tell(moment, command, **more)

    def pay_day(self, moment: str, day: str, **more: Any) -> Outcome:
        return self.tell(moment, RecordProfileFact(field_name="pay_day", value=day), **more)

    def deliver(self, moment: str, quantity: str, product: str = "rice", **more: Any) -> Outcome:
        """Deliver what was ordered at the same moment."""
        order, amount = f"O-{product}-{moment}", Decimal(quantity)
        line = OrderLine(line="1", product=product, unit="kg", quantity=amount, amount=Money("100.00", "CNY"))
        self.tell(moment, PlaceOrder(order=order, lines=(line,)), **more)
        return self.tell(
            moment, DeliverGoods(order=order, lines=(LineQuantity(line="1", quantity=amount),)), **more
        )

    def pay(self, moment: str, receipt: str, amount: str = "100.00", **more: Any) -> Outcome:
        return self.tell(moment, RecordReceipt(receipt=receipt, amount=Money(amount, "CNY")), **more)

    def state(
        self, of: Any, as_of: str | None = None, as_known: str | None = None, who: str = CUSTOMER
    ) -> Any:
        history = self.ledger.history(who)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        return history.state(of)

    def vip(self, as_of: str | None = None, as_known: str | None = None, who: str = CUSTOMER) -> Vip:
        found: Vip = self.state(Vip, as_of, as_known, who)
        return found

    def rice(self, as_of: str | None = None, as_known: str | None = None) -> Any:
        """The stock of rice."""
        found: Stock = self.state(Stock, as_of, as_known)
        return found.of("rice")

    def in_force(self, name: str, as_known: str | None = None, who: str = CUSTOMER) -> list[dict[str, Any]]:
        """The fields of the customer's entries of a name that stand, oldest first."""
        history = self.ledger.history(who)
        if as_known is not None:
            history = history.as_known(as_known)
        lines = [line for line in history.lines() if line.name == name]
        return [dict(line.fields or {}) for line in lines if line.status in ("in force", "pending")]

    def flags(self, who: str = CUSTOMER) -> list[tuple[str, str]]:
        """The name of each entry that is flagged, and the code."""
        names = {line.id: line.name for line in self.ledger.history(who).lines()}
        return [
            (names[flag["entry"]], flag["code"]) for flag in self.in_force("core.breach_flagged", who=who)
        ]

    def due(self, cadence: str, as_of: str | None = None, **more: Any) -> list[Any]:
        """The items of a cadence, by their key."""
        rows = self.ledger.due_items(cadence=cadence, as_of=as_of, **more)
        return sorted(rows, key=lambda row: (row.customer, row.key))
