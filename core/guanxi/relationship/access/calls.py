"""An incoming call: who it is, at once, and on record that the agent saw it (CORE-15, CORE-69)."""

from __future__ import annotations

from collections.abc import Collection

from guanxi.kernel.access import let_in
from guanxi.kernel.ledger import Ledger
from guanxi.relationship.access.commands import KeepView
from guanxi.relationship.access.streams import log_stream
from guanxi.relationship.file.recognition import Recognition, recognise

CALL = "call"


def answer_call(
    ledger: Ledger, number: str, *, agent: str, sections: Collection[str] | None = None
) -> Recognition:
    """Return who calls, having put on record whose files the agent was shown.

    A call pop-up needs no approved look-up; it is kept like every other view.

    Args:
        ledger: the ledger.
        number: as the exchange gives it.
        agent: who takes the call.
        sections: business units that the agent may read; all if None.

    Raises:
        Invalid: ``invalid_phone``.
    """
    with let_in():
        found = recognise(ledger, number, sections=sections)
        log = log_stream(agent, ledger.clock().astimezone(ledger.tz))
        for match in found.matches:
            if match.readable:
                ledger.execute(log, KeepView(customer=match.stream, operation=CALL, on=CALL), actor=agent)
    return found
