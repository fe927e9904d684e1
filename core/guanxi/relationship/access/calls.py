"""An incoming call: who it is, at once, and on record that the agent saw it (CORE-15, CORE-69)."""

from __future__ import annotations

from collections.abc import Collection

from guanxi.kernel.access import guarded
from guanxi.kernel.ledger import Ledger
from guanxi.relationship.access.commands import KeepView
from guanxi.relationship.access.streams import log_stream
from guanxi.relationship.file.recognition import Recognition, recognise

CALL = "call"


def answer_call(
    ledger: Ledger, number: str, *, agent: str, sections: Collection[str] | None = None
) -> Recognition:
    """Return who calls, having put on record whose files the agent was shown (CORE-15, CORE-69).

    A call pop-up needs no approved look-up; it is kept like every other view, also where no access rules are in force. Where
    they are, the agent is asked about before anything is read: he needs a post that sees customers, and sees his own section.

    Args:
        ledger: the ledger, or the agent's view of it.
        number: as the exchange gives it.
        agent: who takes the call.
        sections: business units that the agent may read; all that the door lets him if None.

    Returns:
        Who it is, or may be, and what is open with him.

    Raises:
        NotPermitted: ``not_authorised`` for an agent without the right, or another one than the view's; the attempt is kept.
        Invalid: ``invalid_phone``.
    """
    view = ledger.as_actor(agent, channel=CALL)
    kept_at_the_door = guarded(view)
    found = recognise(view, number, sections=sections)
    if not kept_at_the_door:
        log = log_stream(agent, ledger.clock().astimezone(ledger.tz))
        for match in (*found.matches, *found.former):
            if match.readable:
                ledger.execute(log, KeepView(customer=match.stream, operation=CALL, on=CALL), actor=agent)
    return found
