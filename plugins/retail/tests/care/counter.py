"""A cosmetics counter: its customers hold cards or not, agree to messages or not, and are on the VIP list or not."""

from __future__ import annotations

from typing import Any

import guanxi_retail
from guanxi import Money, RecordProfileFact, RuleSet, Source, Telling
from guanxi.relationship.care.commands import GiveConsent, GiveGift, SendMessage
from guanxi_retail.group_purchase.commands import ApplyForVip
from guanxi_retail.membership.commands import EnrolMember
from guanxi_retail.purchases.commands import RecordPurchase
from plugins.retail.tests.cars.desk import Desk, local


class Counter(Desk):
    """A desk with members."""

    def __init__(self, *rules: RuleSet) -> None:
        super().__init__(guanxi_retail.plugin, *rules)
        self._numbers = 0

    def customer(self, on: str, who: str = "C-1", *, born: str | None = None, consent: bool = True) -> None:
        """Open a file; the one of C-1 is open from the beginning."""
        self.at(on)
        if who != "C-1":
            self.open(who)
        if born is not None:
            told = RecordProfileFact(field_name="birth_date", value=born)
            self.tell(on, told, customer=who)
        if consent:
            self.tell(on, GiveConsent(wording_version="1"), customer=who)

    def enrol(self, on: str, who: str = "C-1", **more: Any) -> None:
        self._numbers += 1
        mobile = f"1380013{self._numbers:04}"
        self.tell(on, EnrolMember(mobile=mobile, name="李"), customer=who, **more)

    def buy(self, on: str, who: str = "C-1", **more: Any) -> None:
        self._numbers += 1
        paid = RecordPurchase(receipt=f"R-{self._numbers}", paid=Money("100", "CNY"))
        self.tell(on, paid, customer=who, **more)

    def list_as_vip(self, on: str, who: str = "C-1") -> None:
        applied = ApplyForVip(
            application=f"V-{who}",
            route="rank",
            rank="division",
            unit="bureau",
            unit_kind="administrative",
        )
        self.tell(on, applied, customer=who)

    def send(self, on: str, occasion: str | None = None, who: str = "C-1", **more: Any) -> None:
        """Tell of a greeting that went out."""
        self._numbers += 1
        known = more.pop("known", on)
        message = SendMessage(
            message=f"M-{self._numbers}", kind="greeting", care_item=occasion, **{"sender": "mei", **more}
        )
        self.tell(on, message, customer=who, known=known)

    def give(self, on: str, occasion: str | None = None, who: str = "C-1") -> None:
        self._numbers += 1
        self.tell(on, GiveGift(gift=f"G-{self._numbers}", care_item=occasion), customer=who)

    def stands(self, cadence: str, as_of: str, **cut: str) -> dict[str, str]:
        """How the items of a cadence stand at a day's end."""
        return self.states(f"retail.{cadence}", as_of=as_of, **cut)

    def take_in(self, on: str, *lines: tuple[str, str, object]) -> list[str]:
        """Take in lines of a batch: who, when it happened, what."""
        self.at(on)
        tellings = [
            Telling(
                subject=who,
                command=command,
                actor="import",
                reason="history of the shop",
                occurred_at=local(moment),
                happened=True,
                source=Source("old", "list", str(number)),
                batch="B-1",
            )
            for number, (who, moment, command) in enumerate(lines)
        ]
        return [verdict.status for verdict in self.ledger.take_in(tellings)]
