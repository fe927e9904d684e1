"""A desk: a ledger in memory whose clock stands where the test puts it, told things by whoever the test names."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import guanxi
from guanxi import Command, DueRow, Ledger, OpenFile, Outcome, RuleSet

ZONE = ZoneInfo("Asia/Shanghai")
CUSTOMER = "C-1"
BEGIN = "2000-01-01"


def local(text: str) -> datetime:
    """A moment in Shanghai; a date alone means ten in the morning."""
    return datetime.fromisoformat(text if len(text) > 10 else text + "T10:00").replace(tzinfo=ZONE)


class Desk:
    """Where things are told, each at its moment; what is entered later says so with ``known``."""

    def __init__(self, parts: object, *rules: RuleSet, opened: str = BEGIN) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[parts], zone="Asia/Shanghai")
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for one in rules:
            self.publish(one, BEGIN)
        self.at(opened).open()

    def at(self, moment: str) -> Desk:
        self.now = max(self.now, local(moment))
        return self

    def open(self, customer: str = CUSTOMER, **more: Any) -> None:
        self.ledger.execute(customer, OpenFile(**more), actor="clerk")

    def publish(self, rules: RuleSet, since: str, *, retroactive: str | None = None) -> int:
        return self.ledger.publish(
            rules,
            effective_from=local(since if len(since) > 10 else since + "T00:00"),
            by="drafter",
            approved_by="board",
            retroactive=retroactive or "set-up",
        )

    def tell(
        self,
        moment: str,
        *commands: Command,
        actor: str = "clerk",
        known: str | None = None,
        customer: str = CUSTOMER,
    ) -> Outcome:
        """Order something, or tell what already happened where it is entered later; returns the last outcome."""
        self.at(known or moment)
        for command in commands:
            done = self.ledger.execute(
                customer,
                command,
                actor=actor,
                reason="told",
                occurred_at=local(moment),
                happened=known is not None,
            )
        return done

    def due(self, cadence: str, **cut: Any) -> list[DueRow]:
        return list(self.ledger.due_items(cadence=cadence, **cut))

    def states(self, cadence: str, **cut: Any) -> dict[str, str]:
        """How each item of a cadence stands, by its key."""
        return {row.key: row.state for row in self.due(cadence, **cut)}

    def flags(self, customer: str = CUSTOMER) -> list[str]:
        """The codes of the flags that stand, oldest first."""
        return [
            str(dict(line.fields or {})["code"])
            for line in self.ledger.history(customer).lines()
            if line.name == "core.breach_flagged" and line.status in ("in force", "pending")
        ]

    def rows(self, report: str, **asked: Any) -> list[dict[str, Any]]:
        """A report's rows by column; it adds up, or asking for it fails."""
        result = self.ledger.report(report, **asked)
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]

    def notes(self, report: str, **asked: Any) -> dict[str, str]:
        """A report's notes by their English heading."""
        return {label.en: text for label, text in self.ledger.report(report, **asked).notes}
