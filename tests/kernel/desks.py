"""A ledger whose clock stands where a test puts it, with the few things that tests tell it again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import guanxi
from guanxi import Ledger, Money, OpenFile, Outcome, Parts
from guanxi_retail import RecordPurchase

ZONE = ZoneInfo("Asia/Shanghai")
CUSTOMER = "C-1"


def moment(text: str) -> datetime:
    """Return a moment in Shanghai; a bare date means ten o'clock."""
    at = datetime.fromisoformat(text)
    return (at + timedelta(hours=10) if len(text) == 10 else at).replace(tzinfo=ZONE)


class Desk:
    """A ledger and its clock."""

    def __init__(
        self, url: str = "sqlite://", *, plugins: Sequence[Parts] | None = None, now: str = "2025-06-01"
    ) -> None:
        self.url = url
        self.ledger: Ledger = guanxi.open(url, plugins=plugins)
        self.now = moment(now)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def on(self, day: str) -> Desk:
        """Let the clock stand at a day."""
        self.now = moment(day)
        return self

    def open(self, *names: str, on: str = "2020-01-01", **fields: Any) -> Desk:
        """Open customer files."""
        for name in names or (CUSTOMER,):
            self.tell(OpenFile(**fields), on, who=name, reason="set-up")
        return self

    def tell(
        self, command: guanxi.Command, on: str | None = None, *, who: str = CUSTOMER, **keywords: Any
    ) -> Outcome:
        """Execute a command, as of now or of a day."""
        at = {} if on is None else {"occurred_at": moment(on)}
        return self.ledger.execute(who, command, **{"actor": "clerk", **at, **keywords})

    def buy(
        self, receipt: str, paid: str | int | Decimal = "100", on: str | None = None, **keywords: Any
    ) -> Outcome:
        """Record a purchase."""
        return self.tell(RecordPurchase(receipt=receipt, paid=Money(paid, "CNY")), on, **keywords)

    def count(self) -> int:
        """Return how many entries the log holds."""
        return self.ledger.store.count()

    def stream(self, who: str = CUSTOMER) -> str:
        """Return a customer's stream."""
        found = self.ledger.find(who)
        assert found is not None
        return found


def path_of(url: str) -> Path:
    """Return the file behind an SQLite URL."""
    name = sa.make_url(url).database
    assert name is not None
    return Path(name)
