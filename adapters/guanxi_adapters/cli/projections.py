"""``project``: where the read models stand, and making them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAILED, open_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from rich.text import Text

    from guanxi import Ledger
    from guanxi.kernel.ports import ModelStatus

group = typer.Typer(
    no_args_is_help=True, help="See where the read models stand, or make them anew from the log."
)

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@group.command()
def status(as_json: AsJson = False) -> None:
    """Show where each read model stands: how far behind the log it is, what stopped it.

    A report brings them level itself; one that is parked needs a rebuild once the cause is
    mended. Ends with exit code 1 when one is parked.
    """
    import attrs

    with open_ledger() as ledger:
        found = ledger.reporting.status()
        if as_json:
            screen.show_json([attrs.asdict(s) for s in found])
        else:
            _show(ledger, found)
    if any(s.parked_at is not None for s in found):
        raise typer.Exit(FAILED)


@group.command()
def rebuild(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which read models; all if none is named.", metavar="[NAME]...")
    ] = None,
) -> None:
    """Make read models anew from the log, beside the live ones, and swap them when level."""
    with open_ledger() as ledger:
        with screen.progress(say("rebuilding")) as move:
            position = ledger.reporting.rebuild(names or None, move)
        found = [s for s in ledger.reporting.status() if not names or s.name in names]
        done = sum(s.parked_at is None for s in found)
        told = count(done, "1 read model rebuilt,", "{count} read models rebuilt,")
        screen.show(
            screen.styled(
                (told + say(" level with position {position}.", position=f"{position:,}"), screen.GOOD)
            )
        )
        parked = [s for s in found if s.parked_at is not None]
        if parked:
            _show(ledger, parked)
            raise typer.Exit(FAILED)


def _show(ledger: Ledger, found: list[ModelStatus]) -> None:
    if not found:
        screen.show(say("No installed plugin brings a read model."))
        return
    titles = {m.name: m.title(spoken()) for m in ledger.reporting.models}
    headings = ("Read model", "Position", "Entries behind", "Time behind", "Rebuilt", "State")
    rows = [_row(ledger, s, titles[s.name]) for s in found]
    screen.show(screen.columns(map(say, headings), rows, numbers=(1, 2, 3)))
    for s in found:
        if s.parked_at is not None:
            where = say("{name} is parked at position {position}:", name=s.name, position=f"{s.parked_at:,}")
            screen.show("", screen.styled((where, screen.BAD)), (s.error or "").strip())


def _row(ledger: Ledger, s: ModelStatus, title: str) -> list[str | Text]:
    from guanxi_adapters.cli.wording import NOTHING

    name = screen.styled(s.name, (f"\n{title}", screen.QUIET))
    return [
        name,
        f"{s.position:,}",
        f"{s.lag:,}",
        duration(s.lag_seconds) if s.lag else NOTHING,
        _when(ledger, s.rebuilt_at),
        _state(s),
    ]


def _state(s: ModelStatus) -> Text:
    if s.parked_at is not None:
        return screen.styled((say("parked"), screen.BAD))
    return (
        screen.styled((say("behind"), screen.NOTICE)) if s.lag else screen.styled((say("level"), screen.GOOD))
    )


def _when(ledger: Ledger, stamp: str | None) -> str:
    from guanxi.kernel.times import instant
    from guanxi_adapters.cli.wording import NOTHING

    return NOTHING if stamp is None else f"{instant(stamp, ledger.tz):%Y-%m-%d %H:%M}"


def duration(seconds: float) -> str:
    """Return a length of time in its largest fitting unit."""
    if seconds < _MINUTE:
        return say("{count} s", count=round(seconds))
    if seconds < _HOUR:
        return say("{count} min", count=round(seconds / _MINUTE))
    if seconds < _DAY:
        return say("{count} h", count=round(seconds / _HOUR))
    return say("{count} days", count=f"{round(seconds / _DAY):,}")
