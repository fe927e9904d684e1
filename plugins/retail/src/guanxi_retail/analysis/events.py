"""What the rules of silence find, and why customers leave (RET-48)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from guanxi import (
    REVISE,
    WOULD_DIFFER,
    Due,
    Erased,
    Fact,
    LapseFound,
    due,
    event,
    given,
    key,
    limit,
    personal,
)

ExitReason = Literal[
    "product", "price", "competitor", "service", "location", "stock", "need_ended", "unknown"
]


@event("retail.lapse_found")
class SilenceFound(LapseFound, late=REVISE, retroactive=WOULD_DIFFER):
    """A customer has been silent for longer than his own rhythm allows (RET-48)."""

    last_on: date = key()
    occasions: int = given()
    median_days: Decimal | None = given(default=None)
    limit_days: Decimal = limit()
    basis: str = given()


@event("retail.exit_reason_recorded")
class ExitReasonRecorded(Fact):
    """Why a customer bought no longer was learned, his file staying open (RET-48)."""

    reason_code: ExitReason
    detail: str | Erased | None = personal("dealings", default=None)


@due("retail.silence_lasts")
class SilenceLasts(Due):
    """A customer has not bought for as long as his rhythm allows."""

    last_on: date


EVENTS = (SilenceFound, ExitReasonRecorded)
