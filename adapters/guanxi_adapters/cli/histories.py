"""``history``: what happened to a customer, who did it, when and why; and what differs between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.asking import (
    at_cut,
    blocks_of,
    cut_words,
    facet_of,
    field_words,
    in_order,
    plain_cut,
    plain_lines,
    show_head,
    whole,
)
from guanxi_adapters.cli.language import count, say
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf, Customer

if TYPE_CHECKING:
    from guanxi import History, Ledger, Line
    from guanxi_adapters.cli.wording import Wording

RECENT = 40
"""How many entries a terminal is shown unless it asks for more."""


def history(
    customer: Customer,
    as_of: AsOf = None,
    as_known: AsKnown = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="T1 T2", help="Compare two moments, and list the entries between."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="Show only the last N entries.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every entry, on a terminal too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show who did what, when and why, and what became of it.

    Entries stand by the moment from which they count; numbers follow the order in which
    they were written down. A terminal is shown the last 40, a pipe all of them.
    """
    with ask_ledger() as ledger:
        asked = at_cut(ledger, customer, as_of, as_known)
        if diff is not None:
            _show_difference(ledger, customer, asked, diff, as_json)
            return
        lines = in_order(asked.lines())
        shown = lines if everything else lines[-(limit or _room(as_json, len(lines))) :]
        if as_json:
            screen.show_json({**plain_cut(ledger, customer, asked), "entries": plain_lines(shown)})
            return
        show_head(ledger, customer, asked, count(len(lines), "1 entry", "{count} entries"))
        if len(shown) < len(lines):
            more = say(
                "{count} earlier ones are not shown; --all shows them.", count=f"{len(lines) - len(shown):,}"
            )
            screen.show(screen.styled((more, screen.QUIET)), "")
        if not lines:
            screen.show(say("Nothing is on record at this cut."))
            return
        screen.show(blocks_of(ledger, asked, whole(ledger, asked).lines()).blocks(shown))


def _room(as_json: bool, count: int) -> int:
    return RECENT if screen.watched() and not as_json else max(count, 1)


def _show_difference(
    ledger: Ledger, customer: str, asked: History, moments: tuple[str, str], as_json: bool
) -> None:
    from guanxi_adapters.cli.wording import portable

    first, second = (asked.as_of(m) for m in moments)
    changes = asked.diff(*moments)
    between = [
        line
        for line in in_order(second.lines())
        if first.cut.as_of is not None and _stamp(line) > first.cut.as_of
    ]
    if as_json:
        told = [{"field": c.field, "before": portable(c.before), "after": portable(c.after)} for c in changes]
        body = {
            "first": first.cut.as_of,
            "second": second.cut.as_of,
            "changes": told,
            "entries": plain_lines(between),
        }
        screen.show_json({**plain_cut(ledger, customer, asked), **body})
        return
    blocks = blocks_of(ledger, asked, asked.lines())
    headings = [cut_words(ledger, h)[0] for h in (first, second)]
    show_head(ledger, customer, asked)
    rows = [row for c in changes for row in _change_rows(ledger, blocks.wording, c)]
    if rows:
        screen.show(screen.columns([say("What differs"), *headings], rows), "")
    else:
        screen.show(say("No value differs between the two moments."), "")
    screen.show(screen.styled((say("Entries between"), screen.HEADING)), "")
    screen.show(blocks.blocks(between) if between else say("None."))


def _change_rows(ledger: Ledger, wording: Wording, change: Any) -> list[list[str]]:
    place = field_words(ledger, wording, change.field)
    wording = wording.owned(facet_of(ledger, change.field))
    return [
        [screen.BETWEEN.join([place, *inner]), old, new]
        for inner, old, new in wording.differences(change.before, change.after)
    ]


def _stamp(line: Line) -> str:
    from guanxi.kernel.times import stamp

    return stamp(line.effective_from)
