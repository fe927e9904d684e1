"""What a collaborator reads: his item until the day on which his work on it ends, and his own entries for good (CORE-86)."""

from __future__ import annotations

import attrs

from guanxi.kernel.errors import NotPermitted
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.lines import Line
from guanxi.relationship.together.teams import Item, Teams
from guanxi.relationship.together.watching import keep_view, kept, unasked

RULE = "CORE-86"


def read_item(ledger: Ledger, account: str, item: Item, reader: str) -> list[Line]:
    """Return the entries about an item, for somebody who works on it; the view is kept.

    Args:
        ledger: where the customer's file is.
        account: the customer.
        item: its kind and number; of the kind ``customer`` for the whole file.
        reader: who reads.

    Raises:
        Unknown: ``unknown_relationship``.
        NotPermitted: ``not_authorised``; the attempt is kept.
    """
    with unasked():
        history = ledger.history(account)
    teams: Teams = history.state(Teams)
    if not teams.reads(reader, item, ledger.clock().astimezone(ledger.tz)):
        refusal = NotPermitted(
            "not_authorised",
            f"{reader} does not work on {item[0]} {item[1]}",
            zh=f"{reader} 未参与 {item[1]}",
            rule=RULE,
            accepts="to be named to it; own entries by own_entries",
        )
        raise kept(refusal, ledger, reader, "read_item", "/".join(item), history.stream)
    keep_view(ledger, reader, history.stream, "read_item")
    return [line for line in history.lines() if _about(line, item)]


def own_entries(ledger: Ledger, account: str, item: Item, reader: str) -> list[Line]:
    """Return what somebody entered himself about an item; it stays readable to him when his work on it has ended.

    Args:
        ledger: where the customer's file is.
        account: the customer.
        item: its kind and number.
        reader: who reads.

    Raises:
        Unknown: ``unknown_relationship``.
    """
    with unasked():
        history = ledger.history(account)
    keep_view(ledger, reader, history.stream, "own_entries")
    return [line for line in history.lines() if _by(line) == reader and _about(line, item)]


def _by(line: Line) -> str | None:
    return None if line.entry is None else line.entry.actor


def _about(line: Line, item: Item) -> bool:
    kind, number = item
    if kind == "customer":
        return True
    if line.event is None or not attrs.has(type(line.event)):
        return False
    told = getattr(line.event, kind, None), getattr(line.event, "item", None)
    named = getattr(line.event, "item_kind", kind)
    return told[0] == number or (told[1] == number and named == kind)
