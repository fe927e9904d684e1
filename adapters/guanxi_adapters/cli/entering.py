"""``execute``, ``correct``, ``void`` and ``advance``: what a person enters, and what time brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.asking import in_order
from guanxi_adapters.cli.catalogue import named
from guanxi_adapters.cli.language import count, say
from guanxi_adapters.cli.opening import open_ledger, who
from guanxi_adapters.cli.options import Actor, AsJson, Customer

if TYPE_CHECKING:
    from guanxi import Command, Ledger, Line, Outcome

Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; needed for what is entered late.")
]
Why = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help="Why; a correction needs a reason.", show_default=False),
]
Entry = Annotated[
    str,
    typer.Argument(
        help="Customer and number as history shows them, such as C-1001/7; or a full id.",
        metavar="ENTRY",
        show_default=False,
    ),
]
Pairs = Annotated[
    list[str] | None,
    typer.Argument(
        help="Fields, such as receipt=A-17 paid=128.00CNY.", metavar="[K=V]...", show_default=False
    ),
]


def execute(
    customer: Customer,
    command: Annotated[
        str,
        typer.Argument(
            help="A command's name, as 'guanxi commands' lists it.", metavar="COMMAND", show_default=False
        ),
    ],
    fields: Pairs = None,
    actor: Actor = None,
    reason: Reason = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="T", help="When it happened: a date or a moment; now if left out."),
    ] = None,
    happened: Annotated[
        bool,
        typer.Option(
            "--happened", help="It happened already: what breaks a rule is kept and flagged, not refused."
        ),
    ] = False,
    on_behalf_of: Annotated[
        str | None, typer.Option("--for", metavar="NAME", help="On whose behalf the actor enters it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Enter a purchase, a redemption, a new file or anything else an installed plugin knows.

    Shows what was recorded, what the rules drew from it, and which earlier decisions that replaced.
    """
    from guanxi.kernel.times import DAY, INSTANT, read_instant

    with open_ledger() as ledger:
        order = _command(ledger, command, fields or [])
        moment, precision = read_instant(at, ledger.tz) if at is not None else (None, INSTANT)
        outcome = ledger.execute(
            customer,
            order,
            actor=who(actor),
            reason=reason,
            occurred_at=moment,
            precision=DAY if precision == DAY else INSTANT,
            happened=happened,
            on_behalf_of=on_behalf_of,
        )
        _show(ledger, outcome, as_json)


def correct(
    entry: Entry,
    reason: Why,
    fields: Pairs = None,
    actor: Actor = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="The right moment, if that was wrong.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set a wrong entry right; it stays readable, and what followed from it is judged again."""
    from guanxi.kernel.times import read_instant

    with open_ledger() as ledger:
        entry_id = _entry_id(ledger, entry)
        moment = read_instant(at, ledger.tz)[0] if at is not None else None
        right = _right_values(ledger, entry_id, fields or [])
        _show(
            ledger,
            ledger.correct(entry_id, right, actor=who(actor), reason=reason, effective_from=moment),
            as_json,
        )


def void(entry: Entry, reason: Why, actor: Actor = None, as_json: AsJson = False) -> None:
    """Declare that an entry counts as never having happened; it stays readable."""
    with open_ledger() as ledger:
        _show(ledger, ledger.void(_entry_id(ledger, entry), actor=who(actor), reason=reason), as_json)


def advance(
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Up to which moment; never beyond now.")
    ] = None,
) -> None:
    """Write down what fell due, such as points that lapsed.

    Only catching up: every answer reckons with it already, and shows it as due.
    """
    from guanxi.kernel.times import read_instant

    with open_ledger() as ledger:
        moment = read_instant(until, ledger.tz, end_of_day=True)[0] if until is not None else None
        with screen.progress(say("advancing")) as move:
            written = ledger.advance(moment, progress=move)
        screen.show(
            count(written, "1 entry was written down.", "{count} entries were written down.")
            if written
            else say("Nothing was due.")
        )


# What was typed


def _command(ledger: Ledger, name: str, fields: list[str]) -> Command:
    """Return a command made of what was typed."""
    import attrs

    import guanxi
    from guanxi_adapters.cli.given import split, typed

    cls = named(ledger.commands, name)
    values = typed(split(fields), cls)
    missing = [a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING and a.name not in values]  # type: ignore[arg-type]
    if missing:
        lacking = ", ".join(missing)
        raise guanxi.Incomplete(
            "field_missing", f"{name} needs {lacking}", zh=f"{name} 缺少 {lacking}", accepts=f"{missing[0]}=…"
        )
    return cls(**values)


def _right_values(ledger: Ledger, entry_id: str, fields: list[str]) -> dict[str, Any]:
    """Return the right values of an entry's fields, of the kinds that its event declares."""
    from guanxi_adapters.cli.given import split, typed

    values = split(fields)
    event = _corrected_event(ledger, entry_id)
    return typed(values, event) if event is not None else dict(values)


def _corrected_event(ledger: Ledger, entry_id: str) -> type[Any] | None:
    """Return the class of the entry that is corrected, also where an earlier correction of it is named."""
    entries = {e.id: e for e in ledger.store.entries(entry_id.rpartition("/")[0])}
    entry = entries.get(entry_id)
    while entry is not None and entry.target is not None:
        entry = entries.get(entry.target)
    return None if entry is None else ledger.registry.find(entry.name)


def _entry_id(ledger: Ledger, given: str) -> str:
    """Return an entry's full id; people write the customer and the number."""
    from guanxi.kernel.access import let_in

    customer, mark, number = given.replace("#", "/").rpartition("/")
    with let_in():  # the correction itself asks
        stream = ledger.find(customer) if mark else None
    return f"{stream}/{number}" if stream is not None else given


# What was recorded


def _show(ledger: Ledger, outcome: Outcome, as_json: bool) -> None:
    """Show what was recorded. Who may enter it sees what he entered, whatever else of the file he may see."""
    from guanxi.kernel.access import let_in

    with let_in():
        _show_recorded(ledger, outcome, as_json)


def _show_recorded(ledger: Ledger, outcome: Outcome, as_json: bool) -> None:
    from guanxi_adapters.cli.entries import EntryBlocks, plain_line
    from guanxi_adapters.cli.wording import Wording

    lines = ledger.history(outcome.stream).lines()
    mine = {e.id for e in outcome.entries}
    new = [line for line in lines if line.id in mine]
    if as_json:
        body = {
            "stream": outcome.stream,
            "duplicate": outcome.duplicate,
            "elsewhere": [e.id for e in outcome.elsewhere],
        }
        screen.show_json({**body, "entries": [plain_line(line) for line in new]})
        return
    blocks = EntryBlocks(ledger, Wording.of(ledger, outcome.stream, lines), lines)
    screen.show(screen.styled((_headline(outcome, new), screen.GOOD)), "")
    if new:
        screen.show(blocks.blocks(in_order(new)))
    gone = [line for line in lines if line.replaced_by in mine]
    if gone and not outcome.duplicate:
        screen.show(
            "", screen.styled((say("No longer in force"), screen.HEADING)), "", blocks.blocks(in_order(gone))
        )


def _headline(outcome: Outcome, new: list[Line]) -> str:
    if outcome.duplicate:
        return say("This was on record already; nothing was added.")
    if not new:
        return say("Accepted; there was nothing to record.")
    told = count(len(new), "1 entry recorded.", "{count} entries recorded.")
    return told + (
        say(" {count} more in other files.", count=len(outcome.elsewhere)) if outcome.elsewhere else ""
    )
