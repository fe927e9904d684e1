"""``verify``: walks every hash of the log and says what is wrong and where, and how far that goes as a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAULTY, open_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from rich.text import Text

    from guanxi import Fault, Verification

SHOWN = 200
"""How many faults are listed; a log that was swapped whole has one for every entry."""


def verify(as_json: AsJson = False) -> None:
    """Check every entry's hash and every chain, and say what is wrong and where.

    Ends with exit code 4 when something is wrong.
    """
    import attrs

    from guanxi import verify as walk

    with open_ledger() as ledger, screen.progress(say("verifying")) as move:
        found = walk(ledger.store, progress=move)
    if as_json:
        screen.show_json({**attrs.asdict(found), "clean": found.clean})
    elif found.clean:
        _show_clean(found)
    else:
        _show_faults(found)
    if not found.clean:
        raise typer.Exit(FAULTY)


def _show_clean(found: Verification) -> None:
    if not found.entries:
        screen.show(say("The log is empty; there is nothing to verify."))
        return
    screen.show(screen.styled((_counted(found) + say(" Nothing is wrong."), screen.GOOD)), "")
    screen.show(
        say(
            "This proves that no entry was altered, moved, inserted or taken out of its chain "
            "by anyone who did not also write every later hash anew."
        )
    )
    screen.show(
        say(
            "It does not prove it against somebody who can rewrite whole tables, nor that nothing "
            "was cut off at the end: for that, compare with a head that was exported and is kept "
            "elsewhere. What was written after the last such head is not yet protected."
        )
    )


def _show_faults(found: Verification) -> None:
    told = count(len(found.faults), "1 fault found.", "{count} faults found.")
    screen.show(screen.styled((told, screen.BAD)), "")
    for fault in found.faults[:SHOWN]:
        screen.show(*_block(fault), "")
    if (more := len(found.faults) - SHOWN) > 0:
        screen.show(say("{count} more; --json lists all.", count=f"{more:,}"), "")
    screen.show(_counted(found))


def _block(fault: Fault) -> list[Text]:
    at = screen.BETWEEN + say("position {position}", position=f"{fault.position:,}") if fault.position else ""
    what = fault.zh if spoken() == "zh" else fault.message
    return [screen.styled((fault.code, screen.NOTICE), f"  {fault.entry}{at}"), screen.styled(f"  {what}")]


def _counted(found: Verification) -> str:
    return say(
        "{entries} entries in {streams} streams checked, up to position {position}.",
        entries=f"{found.entries:,}",
        streams=f"{found.streams:,}",
        position=f"{found.position:,}",
    )
