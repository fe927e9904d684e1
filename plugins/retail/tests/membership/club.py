"""A club: a ledger in memory with members, and a clock that stands where the test puts it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import guanxi
import guanxi_retail
from guanxi import Command, Ledger, Money, OpenFile, Outcome, RuleSet, Telling
from guanxi_retail import RecordPurchase, RefundPurchase
from guanxi_retail.membership.cards import CardEntitlement
from guanxi_retail.membership.commands import EnrolMember, RebindMemberCard
from guanxi_retail.membership.membership import Membership
from guanxi_retail.purchases.events import ReceiptLine

ZONE = ZoneInfo("Asia/Shanghai")
N1, N2, N3 = "13800138000", "13900139000", "13700137000"
BEGIN = "2010-01-01"


def local(text: str) -> datetime:
    """A moment in Shanghai; a date alone means ten in the morning."""
    return datetime.fromisoformat(text if len(text) > 10 else text + "T10:00").replace(tzinfo=ZONE)


class Club:
    """Where things are told, each at its moment; what is entered later says so with ``known``."""

    def __init__(self, *rules: RuleSet) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", zone="Asia/Shanghai", plugins=[guanxi_retail.plugin])
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for one in rules:
            self.publish(one, BEGIN)

    def at(self, moment: str) -> Club:
        self.now = max(self.now, local(moment))
        return self

    def publish(self, rules: RuleSet, since: str, *, retroactive: str = "set-up") -> None:
        self.ledger.publish(
            rules,
            effective_from=local(since + "T00:00"),
            by="drafter",
            approved_by="board",
            retroactive=retroactive,
        )

    def open(self, *who: str, on: str = BEGIN, name: str | None = "李明", **more: Any) -> Club:
        for one in who:
            self.tell(on, OpenFile(party="person", name=name, **more), who=one)
        return self

    def tell(
        self, moment: str, command: Command, *, who: str = "A", known: str | None = None, **more: Any
    ) -> Outcome:
        """Tell what happened at a moment; a live order, unless it is entered later."""
        self.at(known or moment)
        given = {"actor": "clerk", "reason": "told", "happened": known is not None, **more}
        return self.ledger.execute(who, command, occurred_at=local(moment), **given)

    def enrol(self, moment: str, who: str = "A", mobile: str | None = N1, **more: Any) -> Outcome:
        fields = {k: more.pop(k) for k in list(more) if k in ("name", "form", "outlet", "source_channel")}
        return self.tell(moment, EnrolMember(mobile=mobile, **fields), who=who, **more)

    def rebind(self, moment: str, mobile: str, who: str = "A", **more: Any) -> Outcome:
        return self.tell(
            moment, RebindMemberCard(mobile=mobile, proof="both telephones shown"), who=who, **more
        )

    def take_in(
        self, moment: str, who: str, command: Command, *, known: str | None = None, batch: str = "list"
    ) -> list[Any]:
        """Take in one line of an import."""
        self.at(known or moment)
        telling = Telling(
            subject=who,
            command=command,
            actor="import",
            occurred_at=local(moment),
            happened=True,
            batch=batch,
            reason="member list",
        )
        return list(self.ledger.take_in([telling]))

    def buy(self, moment: str, receipt: str, *lines: tuple[str | None, str], **more: Any) -> Outcome:
        """Record a receipt whose lines are areas and money paid."""
        amounts = [Money(amount, "CNY").amount for _, amount in lines]
        told = tuple(
            ReceiptLine(number=n, area=area, net=amount, paid=amount)
            for n, ((area, _), amount) in enumerate(zip(lines, amounts, strict=True), 1)
        )
        total = Money(sum(amounts), "CNY")
        return self.tell(moment, RecordPurchase(receipt=receipt, paid=total, lines=told), **more)

    def refund(self, moment: str, receipt: str, amount: str, **more: Any) -> Outcome:
        command = RefundPurchase(
            refund=f"{receipt}-back-{moment}", receipt=receipt, paid=Money(amount, "CNY")
        )
        return self.tell(moment, command, **more)

    def state(
        self, kind: type[Any], who: str = "A", as_of: str | None = None, as_known: str | None = None
    ) -> Any:
        history = self.ledger.history(who)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        return history.state(kind)

    def member(self, who: str = "A", **cut: Any) -> Membership:
        found: Membership = self.state(Membership, who, **cut)
        return found

    def entitled(self, who: str = "A", **cut: Any) -> bool:
        found: CardEntitlement = self.state(CardEntitlement, who, **cut)
        return found.is_entitled

    def flags(self, who: str = "A", as_known: str | None = None) -> list[str]:
        """The codes of the flags that stand in a file."""
        history = self.ledger.history(who)
        if as_known is not None:
            history = history.as_known(as_known)
        names = ("core.breach_flagged", "core.breach_recorded")
        return [
            str((line.fields or {})["code"])
            for line in history.lines()
            if line.name in names and line.status in ("in force", "pending")
        ]
