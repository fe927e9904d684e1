"""``project``: where the read models stand; making them anew, comparing, retrying and cleaning them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.following import follow, show_followers, show_waits
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAILED, FAULTY, open_ledger
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from guanxi import Ledger
    from guanxi.kernel.rebuilding import Comparison, ModelStatus, Rebuilt, RowDifference

group = typer.Typer(
    no_args_is_help=True, help="See where the read models stand, or make them anew from the log."
)

Names = Annotated[
    list[str] | None, typer.Argument(help="Which read models; all if none is named.", metavar="[NAME]...")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        help="How many processes fold; if left out, up to 4 for more than 200,000 entries, else 1.",
    ),
]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CHECKSUM_SHOWN = 16


@group.command()
def status(
    checksum: Annotated[
        bool, typer.Option("--checksum", help="Add up the rows now; this reads all of them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show where each read model stands: how far behind the log it is, what stopped it, who keeps it level.

    A report brings them level itself; one that is parked goes on with 'project retry' once the
    cause is mended. Ends with exit code 1 when one is parked, and with 4 when rows no longer
    sum to what they did when they were swapped in, at the same position.
    """
    with open_ledger() as ledger:
        found = ledger.reporting.status(checksum=checksum)
        followers, waits = ledger.reporting.followers(), ledger.store.in_flight()
        if as_json:
            screen.show_json(
                {"models": _plain(found), "followers": _plain(followers), "in_flight": _plain(waits)}
            )
        else:
            _show(ledger, found)
            if checksum:
                _show_checksums(found)
            show_followers(ledger, followers)
            show_waits(ledger, waits)
    if any(s.parked_at is not None and not s.absent for s in found):
        raise typer.Exit(FAILED)
    if any(map(_altered, found)):
        raise typer.Exit(FAULTY)


group.command()(follow)


@group.command()
def rebuild(
    names: Names = None,
    workers: Workers = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Compare first, and leave the live rows where the new ones differ."),
    ] = False,
    swap: Annotated[
        bool, typer.Option("--swap", help="With --compare: put the new rows in place all the same.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make read models anew from the log, beside the live ones, and swap them when level.

    Ends with exit code 1 when one is parked, and with 4 when a comparison found differences.
    """
    with open_ledger() as ledger:
        with screen.progress(say("rebuilding")) as move:
            done = ledger.reporting.rebuild(
                names or None, move, workers=workers, compare=compare, swap=True if swap else None
            )
        found = [s for s in ledger.reporting.status() if not s.absent and (not names or s.name in names)]
        parked = [s for s in found if s.parked_at is not None]
        if as_json:
            screen.show_json(_plain(done))
        else:
            _tell(done)
            _show_comparisons(done.comparisons)
            _show_kept(done)
            if parked:
                _show(ledger, parked)
    if parked:
        raise typer.Exit(FAILED)
    if any(c.faulty for c in done.comparisons):
        raise typer.Exit(FAULTY)


@group.command()
def check(names: Names = None, workers: Workers = None, as_json: AsJson = False) -> None:
    """Fold read models anew beside the live ones and compare them; nothing is swapped.

    Rows that were changed by other means than the log are found here; 'verify' looks at the log alone.
    Ends with exit code 4 when rows differ, and with 1 when some could not be compared.
    """
    with open_ledger() as ledger:
        with screen.progress(say("folding anew")) as move:
            found = ledger.reporting.check(names or None, move, workers=workers)
        if as_json:
            screen.show_json(_plain(found))
        else:
            _show_comparisons(found)
    if any(c.faulty for c in found):
        raise typer.Exit(FAULTY)
    if any(c.why_not is not None for c in found):
        raise typer.Exit(FAILED)


@group.command()
def retry(names: Names = None, as_json: AsJson = False) -> None:
    """Take up parked read models at the entry they stopped at, once the cause is mended.

    What they folded before stays. Where a handler folded wrongly instead of failing, the plugin has
    to raise the read model's version. Ends with exit code 1 when one is parked again.
    """
    with open_ledger() as ledger:
        with screen.progress(say("bringing read models level")) as move:
            found = ledger.reporting.retry(names or None, move)
        if as_json:
            screen.show_json(_plain(found))
        elif found:
            _show(ledger, found)
        else:
            screen.show(say("No read model is parked."))
    if any(s.parked_at is not None for s in found):
        raise typer.Exit(FAILED)


@group.command()
def clean(
    absent: Annotated[
        bool,
        typer.Option(
            "--absent", help="Remove the rows of read models whose plugin is not installed, as well."
        ),
    ] = False,
    broken_off: Annotated[
        bool,
        typer.Option(
            "--broken-off", help="Remove builds that were broken off, as well, instead of carrying them on."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove tables of read models that nothing reads any more: superseded or abandoned ones.

    A rebuild in several processes that is still going on is broken off by this; with
    --broken-off, any rebuild.
    """
    with open_ledger() as ledger:
        gone = ledger.reporting.clean(absent=absent, broken_off=broken_off)
        if as_json:
            screen.show_json(_plain(gone))
            return
        left = [s for s in ledger.reporting.status() if s.building is not None]
        if not gone:
            screen.show(say("There is nothing to clean."))
        for s in left:
            told = say(
                "{name} is being built since {moment}, or that was broken off: the next report carries it on; --broken-off removes it.",
                name=s.name,
                moment=_when(ledger, s.building.since if s.building is not None else None),
            )
            screen.show(screen.styled((told, screen.NOTICE)))
        if not gone:
            return
        why = {
            "superseded": say("superseded"),
            "abandoned": say("abandoned"),
            "absent": say("plugin absent"),
        }
        rows = [[c.model, c.table, why[c.why]] for c in gone]
        screen.show(screen.columns(map(say, ("Read model", "Table removed", "Why")), rows))


def _plain(value: Any) -> Any:
    import attrs

    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return attrs.asdict(value)


def _tell(done: Rebuilt) -> None:
    if done.alone is not None:
        because = done.alone(spoken())
        screen.show(
            screen.styled((say("One process folded alone: {reason}.", reason=because), screen.NOTICE))
        )
    told = count(len(done.swapped), "1 read model rebuilt,", "{count} read models rebuilt,")
    where = say(" level with position {position}.", position=f"{done.position:,}")
    screen.show(screen.styled((told + where, screen.GOOD)))


def _show_comparisons(found: Sequence[Comparison]) -> None:
    if not found:
        return
    headings = ("Read model", "Equal", "Only live", "Only new", "Differing")
    numbers = [(c.equal, c.only_live, c.only_new, c.different) for c in found]
    rows = [[c.model, *(f"{n:,}" for n in each)] for c, each in zip(found, numbers, strict=True)]
    screen.show(screen.columns(map(say, headings), rows, numbers=(1, 2, 3, 4)))
    for c in found:
        if c.why_not is not None:
            told = say("{name} was not compared: {reason}.", name=c.model, reason=c.why_not(spoken()))
            screen.show("", screen.styled((told, screen.NOTICE)))
        if c.examples:
            screen.show("", screen.styled((c.model, screen.BAD)))
            screen.show(*map(_difference, c.examples))


def _difference(found: RowDifference) -> str:
    where = " ".join([found.stream, *map(str, found.key)])
    if found.found == "only_live":
        return "  " + say("{where}: only among the live rows", where=where)
    if found.found == "only_new":
        return "  " + say("{where}: only among the new rows", where=where)
    cells = [
        say("{name} is personal", name=c.name)
        if c.personal
        else say("{name} {live}, not {new}", name=c.name, live=c.live, new=c.new)
        for c in found.cells
    ]
    return f"  {where}: " + "; ".join(cells)


def _show_kept(done: Rebuilt) -> None:
    """Say which read models keep their live rows, and what can be done about it."""
    if not done.kept:
        return
    names = ", ".join(done.kept)
    told = say("Left as they are, since the new rows differ: {names}.", names=names)
    hint = say(
        "Find out who changed them; 'guanxi project rebuild {names}' then puts rows made from the log in their place.",
        names=" ".join(done.kept),
    )
    screen.show("", screen.styled((told, screen.BAD)), hint)


def _altered(s: ModelStatus) -> bool:
    """Return whether rows sum to something else than when they were swapped in, though no entry was folded since."""
    known = s.checksum is not None and s.rebuilt_checksum is not None
    return known and s.position == s.rebuilt_position and s.checksum != s.rebuilt_checksum


def _show_checksums(found: Sequence[ModelStatus]) -> None:
    from guanxi_adapters.cli.wording import NOTHING

    rows = [
        [
            s.name,
            s.checksum[:_CHECKSUM_SHOWN] if s.checksum else NOTHING,
            s.rebuilt_checksum[:_CHECKSUM_SHOWN] if s.rebuilt_checksum else NOTHING,
            NOTHING if s.rebuilt_position is None else f"{s.rebuilt_position:,}",
        ]
        for s in found
    ]
    headings = ("Read model", "Checksum now", "When swapped", "Position")
    screen.show("", screen.columns(map(say, headings), rows, numbers=(3,)))
    for s in filter(_altered, found):
        told = say(
            "{name}: its rows were changed since they were swapped in; 'guanxi project check {name}' shows which.",
            name=s.name,
        )
        screen.show("", screen.styled((told, screen.BAD)))


def _show(ledger: Ledger, found: Sequence[ModelStatus]) -> None:
    if not found:
        screen.show(say("No installed plugin brings a read model."))
        return
    titles = {m.name: m.title(spoken()) for m in ledger.reporting.models}
    headings = ("Read model", "Position", "Behind", "Time behind", "Rebuilt", "State")
    rows = [_row(ledger, s, titles.get(s.name)) for s in found]
    screen.show(screen.columns(map(say, headings), rows, numbers=(1, 2, 3)))
    for s in found:
        if s.parked_at is not None:
            where = say("{name} is parked at position {position}:", name=s.name, position=f"{s.parked_at:,}")
            screen.show("", screen.styled((where, screen.BAD)), (s.error or "").strip())


def _row(ledger: Ledger, s: ModelStatus, title: str | None) -> list[str | Text]:
    from guanxi_adapters.cli.wording import NOTHING

    name = screen.styled(s.name, (f"\n{title}" if title else "", screen.QUIET))
    return [
        name,
        f"{s.position:,}",
        f"{s.lag:,}",
        duration(s.lag_seconds) if s.lag else NOTHING,
        _when(ledger, s.rebuilt_at),
        _state(ledger, s),
    ]


def _state(ledger: Ledger, s: ModelStatus) -> Text:
    if s.absent:
        return screen.styled((say("not kept level: plugin absent"), screen.NOTICE))
    if s.parked_at is not None:
        return screen.styled((say("parked"), screen.BAD))
    if s.live_version is not None and s.live_version > s.version:
        return screen.styled((say("already version {number}", number=s.live_version), screen.NOTICE))
    if s.building is not None:
        told = say(
            "building v{number} since {moment}: {position}",
            number=s.building.version,
            moment=_when(ledger, s.building.since),
            position=f"{s.building.position:,}",
        )
        return screen.styled((told, screen.NOTICE))
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
