"""``due``: what is to be done, by whom and until when, and whether it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from guanxi.kernel.cadences import DueFigures, DueRow
    from guanxi_adapters.cli.wording import Wording

STATES = ("open", "overdue", "done", "late", "waived", "not_done")
UNSETTLED = ("open", "overdue")
_KIND, _ITEM = 2, 3
_SHORT = 18
"""Columns that are no wider than this do not fold before others."""
_WIDE = 100
"""On a narrower screen kind and item share a column where they would else fold into slips."""


def due(
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="CUSTOMER", help="Of this customer alone.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="What this person is to do.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="ID", help="Under this rule, such as CORE-34.")
    ] = None,
    cadence: Annotated[
        str | None,
        typer.Option("--cadence", metavar="NAME", help="Of this cadence, such as core.visit_report."),
    ] = None,
    section: Annotated[
        str | None, typer.Option("--section", metavar="NAME", help="Of this business unit.")
    ] = None,
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help="open, overdue, done, late, waived, not_done or all; may be given again. What is open or overdue if left out.",
        ),
    ] = None,
    as_of: AsOf = None,
    as_known: AsKnown = None,
    as_json: AsJson = False,
) -> None:
    """List what is to be done, by whom and until when.

    Nothing here is stored: each line follows from what is on record at the cut, so a deed that is
    entered later counts on its own day. Lines stand in order of their last day.
    """
    wanted = _states(states)
    from guanxi_adapters.cli.wording import Wording

    with ask_ledger() as ledger:
        with screen.progress(say("looking for due items")) as move:
            found = ledger.due_items(
                as_of=as_of,
                as_known=int(as_known) if as_known is not None and as_known.isdigit() else as_known,
                customer=customer,
                person=person,
                section=section,
                rule=rule,
                cadence=cadence,
                progress=move,
            )
        from guanxi.kernel.cadences import figures

        total = figures([row.state for row in found])
        rows = [row for row in found if row.state in wanted]
        if as_json:
            screen.show_json({"due_items": [_plain(row) for row in rows], "figures": _plain(total)})
        elif not rows:
            screen.show(say("Nothing of that is due."))
        else:
            _show(rows, total, Wording.of(ledger))


def _states(given: list[str] | None) -> tuple[str, ...]:
    if not given:
        return UNSETTLED
    for state in given:
        if state not in (*STATES, "all"):
            raise typer.BadParameter(f"--state {state}: {' | '.join((*STATES, 'all'))}")
    return STATES if "all" in given else tuple(given)


def _show(rows: list[DueRow], total: DueFigures, wording: Wording) -> None:
    screen.show(table_of(rows, wording))
    told = say(
        "{lines}. {due} due in all; punctual {punctual}, fulfilled {fulfilled}.",
        lines=count(len(rows), "1 line", "{count} lines"),
        due=f"{total.due:,}",
        punctual=_percent(total.punctual),
        fulfilled=_percent(total.fulfilled),
    )
    screen.show("", screen.styled((told, screen.QUIET)))


def table_of(rows: Iterable[DueRow], wording: Wording, *, whose: bool = True) -> RenderableType:
    """Return due items as a table.

    Args:
        rows: the items, in the order in which they are to stand.
        wording: says what codes are called.
        whose: whether to say whose each is; not where all are of one customer.
    """
    from rich.cells import cell_len

    headings = [say(h) for h in ("Last day", "State", "Kind", "Item", *(("Whose",) if whose else ()), "Who")]
    lines = [_line(row, wording, whose) for row in rows]
    widths = [max(cell_len(str(cell)) for cell in column) for column in zip(headings, *lines, strict=True)]
    folding = {_KIND, _ITEM}
    if screen.width() < _WIDE and sum(widths) + screen.GAP * (len(widths) - 1) > screen.width():
        for line in (headings, *lines):
            line[_KIND : _ITEM + 1] = [f"{line[_KIND]}{screen.BETWEEN}{line[_ITEM]}"]
        del widths[_ITEM]
        folding = {_KIND}
    # Kinds and items are words and may fold; dates, states and names are read down their columns.
    whole = [n for n, width in enumerate(widths) if width <= _SHORT and n not in folding]
    return screen.columns(headings, lines, whole=whole)


def _line(row: DueRow, wording: Wording, whose: bool) -> list[Any]:
    from guanxi_adapters.cli.wording import clean

    state = _state(row.state)
    return [
        _last_day(row),
        screen.styled((state, screen.BAD)) if row.state in ("overdue", "not_done") else state,
        row.title(spoken()),
        _item(row, wording),
        *((_whose(row),) if whose else ()),
        clean(row.person or "–"),
    ]


def _whose(row: DueRow) -> str:
    """Return the customer whose it is, or the record; nothing where it is the person's own, who is named beside it."""
    from guanxi.relationship.access.streams import staff_stream
    from guanxi_adapters.cli.wording import clean

    if row.person is not None and row.stream == staff_stream(row.person):
        return "–"
    return clean(row.customer or row.stream)


def _item(row: DueRow, wording: Wording) -> str:
    """Return what an item is about in words: codes by their labels, numbers as they are."""
    # Where nobody said what it is about, its name in the log may say first which cadence it is of.
    text = row.about or row.key.removeprefix(f"{row.cadence.rpartition('.')[2]}/")
    spoken_of = wording.owned(row.cadence)
    parts = [(part, spoken_of.codes(part)) for part in text.split("/")]
    coded = any(said != part for part, said in parts)
    return (screen.BETWEEN if coded else "/").join(said for _, said in parts)


def _state(state: str) -> str:
    words = {
        "open": say("to do"),
        "overdue": say("overdue"),
        "done": say("done in time"),
        "late": say("done late"),
        "waived": say("waived"),
        "not_done": say("not done"),
    }
    return words[state]


def _last_day(row: DueRow) -> str:
    """Return the last day on which it is in time; ``?`` marks one that waits for a calendar."""
    if row.until is None:
        return "–"
    last = row.until - timedelta(microseconds=1)
    return f"{last:%Y-%m-%d}{'?' if row.provisional else ''}"


def _percent(value: Any) -> str:
    return "–" if value is None else f"{value:.1f} %"


def _plain(thing: Any) -> dict[str, Any]:
    import attrs

    from guanxi.kernel.reports import canonical

    return {name: canonical(value) for name, value in attrs.asdict(thing).items()}
