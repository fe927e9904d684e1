"""Who asks, and what is kept of it: views and refused attempts go into the access log (CORE-86, CORE-88)."""

from __future__ import annotations

from guanxi.kernel.access import let_in
from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.ledger import Ledger
from guanxi.relationship.access.commands import KeepAttempt, KeepView
from guanxi.relationship.access.streams import log_stream

unasked = let_in
"""Within it nothing is asked at the door: these modules judge by their own rules who may see what."""


def keep_view(ledger: Ledger, who: str, stream: str, operation: str) -> None:
    """Keep that somebody looked into a file.

    Args:
        ledger: where the log is.
        who: he.
        stream: the file's.
        operation: by which call.
    """
    _log(ledger, who, KeepView(customer=stream, operation=operation))


def kept(
    refusal: NotPermitted, ledger: Ledger, who: str, operation: str, asked: str, customer: str | None = None
) -> NotPermitted:
    """Return a refusal, having kept the attempt.

    Args:
        refusal: why he may not.
        ledger: where the log is.
        who: he.
        operation: by which call.
        asked: what for.
        customer: about whom.
    """
    attempt = KeepAttempt(
        operation=operation, asked=asked, code=refusal.code, rule=refusal.rule, customer=customer
    )
    _log(ledger, who, attempt)
    return refusal


def _log(ledger: Ledger, who: str, note: KeepView | KeepAttempt) -> None:
    with unasked():
        ledger.execute(log_stream(who, ledger.clock().astimezone(ledger.tz)), note, actor=who)
