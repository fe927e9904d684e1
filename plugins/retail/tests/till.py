"""A till and a shop: ledgers in memory, with a clock that stands where the test puts it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import guanxi
import guanxi_retail
from guanxi import Command, Ledger, Money, OpenFile, Outcome, ReportResult, RuleSet, Source, Telling
from guanxi_retail import (
    AdjustPoints,
    RecordPurchase,
    RedeemPoints,
    RefundPurchase,
    UndoRedemption,
)
from guanxi_retail.points.points import Points

ZONE = ZoneInfo("Asia/Shanghai")
CDNOW = Path(__file__).resolve().parents[3] / "examples" / "cdnow"
MEMBER = "M-1"
BEGIN = "2000-01-01"


def local(text: str) -> datetime:
    """A moment in Shanghai; a date alone means ten in the morning."""
    return datetime.fromisoformat(text if len(text) > 10 else text + "T10:00").replace(tzinfo=ZONE)


def notes(result: ReportResult) -> dict[str, str]:
    """A report's notes by their English heading."""
    return {label.en: text for label, text in result.notes}


def table(result: ReportResult) -> list[dict[str, Any]]:
    """A report's rows by the names of their columns."""
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]


class Till:
    """Where things are told, each at its moment; what is entered later says so with ``known``."""

    def __init__(self, *rules: RuleSet) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[guanxi_retail.plugin])
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for one in rules:
            self.publish(one, BEGIN)
        self.open()

    def at(self, moment: str) -> Till:
        self.now = max(self.now, local(moment))
        return self

    def open(self, member: str = MEMBER) -> None:
        self.ledger.execute(member, OpenFile(), actor="clerk")

    def publish(self, rules: RuleSet, since: str, *, retroactive: str | None = None) -> int:
        since = since if len(since) > 10 else since + "T00:00"
        return self.ledger.publish(
            rules,
            effective_from=local(since),
            by="drafter",
            approved_by="board",
            retroactive=retroactive or "set-up",
        )

    def tell(
        self,
        moment: str,
        command: Command,
        *,
        known: str | None = None,
        member: str = MEMBER,
        happened: bool | None = None,
    ) -> Outcome:
        """Tell what happened at a moment; a live order, unless it is entered later."""
        self.at(known or moment)
        return self.ledger.execute(
            member,
            command,
            actor="clerk",
            reason="told",
            occurred_at=local(moment),
            happened=known is not None if happened is None else happened,
        )

    def buy(self, moment: str, receipt: str, paid: str, **more: Any) -> Outcome:
        known, member = more.pop("known", None), more.pop("member", MEMBER)
        return self.tell(
            moment,
            RecordPurchase(receipt=receipt, paid=Money(paid, "CNY"), **more),
            known=known,
            member=member,
        )

    def refund(self, moment: str, receipt: str, paid: str, **more: Any) -> Outcome:
        number = more.pop("refund", f"{receipt}-back-{moment}")
        return self.tell(
            moment, RefundPurchase(refund=number, receipt=receipt, paid=Money(paid, "CNY")), **more
        )

    def redeem(self, moment: str, redemption: str, points: int, **more: Any) -> Outcome:
        return self.tell(moment, RedeemPoints(redemption=redemption, points=points), **more)

    def undo(self, moment: str, redemption: str, **more: Any) -> Outcome:
        return self.tell(moment, UndoRedemption(redemption=redemption), **more)

    def adjust(self, moment: str, adjustment: str, points: int, **more: Any) -> Outcome:
        fields = {"reason_code": "goodwill", "approved_by": "head", **more}
        return self.tell(moment, AdjustPoints(adjustment=adjustment, points=points, **fields))

    def points(self, as_of: str | None = None, as_known: str | None = None, member: str = MEMBER) -> Points:
        history = self.ledger.history(member)
        if as_of is not None:
            history = history.as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        state: Points = history.state(Points)
        return state

    def in_force(self, name: str, as_known: str | None = None) -> list[dict[str, Any]]:
        """The fields of the member's entries of a name that stand, oldest first."""
        history = self.ledger.history(MEMBER)
        if as_known is not None:
            history = history.as_known(as_known)
        lines = [
            line for line in history.lines() if line.name == name and line.status in ("in force", "pending")
        ]
        return [dict(line.fields or {}) for line in lines]

    def flags(self) -> list[tuple[str, str]]:
        """The name of each entry that is flagged, and the code."""
        names = {line.id: line.name for line in self.ledger.history(MEMBER).lines()}
        return [(names[flag["entry"]], flag["code"]) for flag in self.in_force("core.breach_flagged")]


class Shop:
    """A ledger that has taken in purchases of the CDNOW sample, batch by batch."""

    def __init__(self, *batches: tuple[str, list[Telling]]) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[guanxi_retail.plugin])
        self.now = local(BEGIN)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        self.verdicts = []
        for moment, batch in batches:
            self.now = local(moment)
            self.verdicts.append(self.ledger.take_in(batch))

    def points_total(self, **cut: str) -> tuple[int, int]:
        """Σ expired and closing balance of the programme."""
        found = table(self.ledger.report("retail.points_movement", **cut))
        return sum(row["expired"] for row in found), found[-1]["closing"] if found else 0


def sample_tellings(batch: str, years: tuple[str, ...] = ("1997", "1998")) -> list[Telling]:
    """The sample's purchases of some years, each customer's file opened with the first."""
    out: list[Telling] = []
    opened: set[str] = set()
    for number, line in enumerate((CDNOW / "CDNOW_sample.txt").read_text("ascii").splitlines(), 1):
        _, who, day, pieces, dollars = line.split()
        at = local(f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00")
        common: dict[str, Any] = {
            "subject": who,
            "actor": "import",
            "occurred_at": at,
            "precision": "day",
            "happened": True,
            "batch": batch,
            "reason": "history of the shop",
        }
        if who not in opened:
            opened.add(who)
            out.append(Telling(command=OpenFile(), source=Source("cdnow", "customer", who), **common))
        if day[:4] in years:
            purchase = RecordPurchase(receipt=f"L{number}", paid=Money(dollars, "USD"), quantity=int(pieces))
            out.append(Telling(command=purchase, source=Source("cdnow", "line", str(number)), **common))
    return out
