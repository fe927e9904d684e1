"""``search``: entries of all customers that somebody made, that an import brought, that are of one kind, or of some days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from guanxi import Ledger
    from guanxi.kernel.recording import Recorded
    from guanxi_adapters.cli.wording import Wording

RECENT = 40


def search(
    event: Annotated[
        str | None,
        typer.Option("--event", metavar="NAME", help="Of this event name, such as core.file_opened."),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Entered by this person.")] = None,
    section: Annotated[
        str | None, typer.Option("--section", metavar="NAME", help="Of this business unit.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", metavar="ID", help="Brought by this import batch.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Happened on this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Happened by this day, or this moment.")
    ] = None,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="N", help="Behind this position of the log.")
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, metavar="N", help="So many entries at most.")
    ] = RECENT,
    as_json: AsJson = False,
) -> None:
    """Find entries of all customers by who, what and when.

    What is asked for together has to hold together. Entries stand in order of the log;
    to see more, ask again with --after and the last position shown.
    """
    from datetime import timedelta

    from guanxi.kernel.times import read_instant

    with ask_ledger() as ledger:
        first = None if since is None else read_instant(since, ledger.tz)[0]
        last = None if until is None else read_instant(until, ledger.tz, end_of_day=True)[0]
        found = ledger.search(
            name=event,
            actor=by,
            section=section,
            batch=batch,
            occurred_from=first,
            occurred_before=None if last is None else last + timedelta(microseconds=1),
            after=after,
            limit=limit,
        )
        if as_json:
            screen.show_json({"entries": [_plain(r) for r in found]})
        elif not found:
            screen.show(say("No such entry is on record."))
        else:
            _show(ledger, found, limit)


def _show(ledger: Ledger, found: list[Recorded], limit: int) -> None:
    from guanxi_adapters.cli.wording import Wording

    wording = Wording.of(ledger)
    headings = [say("position"), say("happened"), say("what"), say("whose"), say("who")]
    screen.show(screen.columns(headings, [_row(wording, r) for r in found], numbers=[0]))
    if len(found) == limit:
        more = say("There may be more: --after {position} goes on.", position=found[-1].entry.position)
        screen.show("", screen.styled((more, screen.QUIET)))
    else:
        screen.show("", screen.styled((count(len(found), "1 entry", "{count} entries"), screen.QUIET)))


def _row(wording: Wording, recorded: Recorded) -> list[str]:
    from guanxi.kernel.times import DAY, instant

    e = recorded.entry
    at = instant(e.occurred_at, wording.tz)
    when = f"{at:%Y-%m-%d}" if e.precision == DAY else wording.moment(at)
    return [f"{e.position:,}", when, wording.label(e.name), wording.account(e.stream) or e.stream, e.actor]


def _plain(recorded: Recorded) -> dict[str, object]:
    e = recorded.entry
    names = ("id", "position", "name", "kind", "occurred_at", "effective_from", "recorded_at")
    more = ("actor", "on_behalf_of", "channel", "section", "batch", "rule")
    return {name: getattr(e, name) for name in (*names, *more)}
