"""``runs``: decisions over the whole population: carried out, listed, shown, broken off, and compared with what is known now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAULTY, open_ledger, who
from guanxi_adapters.cli.options import Actor, AsJson

if TYPE_CHECKING:
    from datetime import datetime

    from guanxi import Ledger, RunStep, RunView

group = typer.Typer(
    no_args_is_help=True,
    help="Classes, ranks and scores drawn over the whole population, each in force with its closing entry.",
)

Record = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The run's own record, as 'guanxi runs list' names it.", show_default=False
    ),
]
_FEW, _CLASSES = 20, 4


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the runs there are to carry out, and those on record."""
    with open_ledger() as ledger:
        views = ledger.runs.views()
        if as_json:
            screen.show_json(
                {
                    "runs": [
                        {
                            "name": r.name,
                            "title": {"en": r.title.en, "zh": r.title.zh},
                            "rules": list(r.rules),
                        }
                        for r in ledger.runs.runs.values()
                    ],
                    "records": [_plain(v) for v in views],
                }
            )
            return
        rows = [
            (name, f"{run.title(spoken())}  {' '.join(run.rules)}")
            for name, run in sorted(ledger.runs.runs.items())
        ]
        screen.show(screen.pairs(rows) if rows else say("No installed plugin brings a run."))
        if views:
            headings = ("Record", "State", "As of", "Members", "In force from", "By class")
            shown = [
                [
                    v.id,
                    _state(v),
                    _moment(v.as_of),
                    f"{v.population:,}",
                    _moment(v.in_force_from),
                    _few_classes(v),
                ]
                for v in views
            ]
            screen.show("", screen.columns(map(say, headings), shown, numbers=(3,)))


@group.command()
def show(
    record: Record,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, metavar="N", help="How many lines to show.")
    ] = _FEW,
    as_json: AsJson = False,
) -> None:
    """Show a run: its cut, its rules, its control sums, and its members' lines."""
    with open_ledger() as ledger:
        view, members = ledger.runs.view(record), ledger.runs.lines(record)
        accounts = _accounts(
            ledger, [m for m, _ in members[:lines]] if not as_json else [m for m, _ in members]
        )
        if as_json:
            told = [{"member": m, "account": accounts.get(m), "line": _line(line)} for m, line in members]
            steps = [_plain(s) for s in ledger.runs.steps(record)]
            screen.show_json({**_plain(view), "steps": steps, "lines": told})
            return
        _show_head(ledger, view)
        _show_steps(ledger, record)
        if not members or not lines:
            return
        first = _line(members[0][1])
        headings = [say("Account no."), *(_named(ledger, view.run, field) for field in first)]
        rows = [[accounts.get(m, m), *_cells(ledger, view.run, line)] for m, line in members[:lines]]
        screen.show("", screen.columns(headings, rows))
        if len(members) > lines:
            screen.show(say("{count} more; --lines shows them.", count=f"{len(members) - lines:,}"))


@group.command()
def start(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The run to carry out.", show_default=False)],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="K=V", help="A parameter of the run; may be given again."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="T", help="Leave out what counts from later; now if left out."),
    ] = None,
    supersedes: Annotated[
        str | None,
        typer.Option(
            "--supersedes", metavar="RUN", help="Take the place of a closed run, from when that one counted."
        ),
    ] = None,
    actor: Actor = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Carry a run out; one that broke off is gone on with, at its own cut."""
    from guanxi.kernel.timeline import cut
    from guanxi.kernel.times import instant
    from guanxi_adapters.cli.given import split, typed

    with open_ledger() as ledger:
        run, values = ledger.runs.find(name), split(parameters or [])
        given = typed(values, run.parameters) if run.parameters is not None else dict(values)
        moment = cut(as_of, None, ledger.tz).as_of
        with screen.progress(say("recording lines")) as move:
            view = ledger.run(
                name,
                actor=who(actor),
                as_of=None if moment is None else instant(moment, ledger.tz),
                reason=reason,
                supersedes=supersedes,
                progress=move,
                **given,
            )
        if as_json:
            screen.show_json(_plain(view))
        else:
            _show_head(ledger, view)


@group.command()
def abandon(
    record: Record,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)],
    actor: Actor = None,
    as_json: AsJson = False,
) -> None:
    """Break an open run off, so that nothing of it ever counts."""
    with open_ledger() as ledger:
        view = ledger.runs.abandon(record, actor=who(actor), reason=reason)
        if as_json:
            screen.show_json(_plain(view))
        else:
            _show_head(ledger, view)


@group.command()
def differ(record: Record, as_json: AsJson = False) -> None:
    """List the members whose lines would come out otherwise with what is known now.

    The run stands; a further run gives the others. Ends with exit code 4 when there are any.
    """
    with open_ledger() as ledger:
        view, found = ledger.runs.view(record), ledger.runs.would_differ(record)
        accounts = _accounts(ledger, [d.member for d in found])
        if as_json:
            screen.show_json(
                [
                    {
                        "member": d.member,
                        "account": accounts.get(d.member),
                        "stored": _line(d.stored),
                        "derived": _line(d.derived),
                    }
                    for d in found
                ]
            )
        elif not found:
            screen.show(screen.styled((say("Nobody's line would come out otherwise."), screen.GOOD)))
        else:
            told = count(
                len(found), "1 line would come out otherwise:", "{count} lines would come out otherwise:"
            )
            rows = [
                [
                    accounts.get(d.member, d.member),
                    _told(ledger, view.run, d.stored),
                    _told(ledger, view.run, d.derived),
                ]
                for d in found
            ]
            headings = (say("Account no."), say("As it stands"), say("As it would be"))
            screen.show(screen.styled((told, screen.NOTICE)), "", screen.columns(headings, rows))
    if found:
        raise typer.Exit(FAULTY)


def _show_head(ledger: Ledger, view: RunView) -> None:
    rows: list[tuple[str, str]] = [
        (say("State"), _state(view)),
        (say("As of"), _moment(view.as_of)),
        (
            say("As known"),
            f"{_moment(view.as_known)}  ({say('position {position}', position=f'{view.position:,}')})",
        ),
        (say("Members"), f"{view.population:,}"),
        (say("Lines"), f"{view.lines:,}"),
        (say("Control sums"), _amounts(ledger, view) or "–"),
        (say("By class"), _by_class(view) or "–"),
        (say("Rule sets"), ", ".join(f"{k} v{v}" for k, v in view.rule_sets.items()) or "–"),
        (say("In force from"), _moment(view.in_force_from)),
    ]
    if view.parameters:
        rows.insert(
            1, (say("Parameters"), ", ".join(f"{k}={v}" for k, v in view.parameters.items() if v is not None))
        )
    if view.supersedes:
        rows.append((say("Supersedes"), view.supersedes))
    screen.show(screen.styled((view.id, screen.HEADING)), screen.pairs(rows, indent=4))


def _show_steps(ledger: Ledger, record: str) -> None:
    """Say who began, closed or abandoned it, when and why."""
    rows: list[tuple[str, str]] = []
    for step in ledger.runs.steps(record):
        label = ledger.labels.get(step.name)
        what = label(spoken()) if label is not None else step.name
        why = f" · {step.reason}" if step.reason else ""
        rows.append((_moment(step.recorded_at), f"{what} · {step.actor}{why}"))
    screen.show("", screen.pairs(rows, indent=4))


def _accounts(ledger: Ledger, members: list[str]) -> dict[str, str]:
    """Return the account numbers of members whose files are in view."""
    from guanxi.relationship import files

    wanted = set(members)
    ledger.reporting.project()
    rows = ledger.reporting.projector.reader().rows(files)
    return {stream: row.account for stream, row in rows if stream in wanted}


def _line(line: Any) -> dict[str, Any]:
    import attrs

    if line is None:
        return {}
    if attrs.has(type(line)):
        return attrs.asdict(line)
    return {str(n): value for n, value in enumerate(line, 1)}


def _told(ledger: Ledger, run: str, line: Any) -> str:
    """Return a line in words."""
    said = zip(_line(line), _cells(ledger, run, line), strict=True)
    return ", ".join(f"{_named(ledger, run, k)} {v}" for k, v in said) or say("no line")


def _cells(ledger: Ledger, run: str, line: Any) -> list[str]:
    """Return the values of a line as text, codes by their labels."""
    from guanxi_adapters.cli.wording import codes_of

    codes = codes_of(type(line))
    return [_named(ledger, run, v) if v in codes.get(k, ()) else str(v) for k, v in _line(line).items()]


def _named(ledger: Ledger, run: str, field: str) -> str:
    """Return what people call a field of a run's lines, or a code in them."""
    from guanxi.kernel.labels import label_of

    label = label_of(ledger.labels, field, run)
    return label(spoken()) if label is not None else field


def _state(view: RunView) -> str:
    if view.superseded_by:
        return say("superseded by {run}", run=view.superseded_by)
    return say({"open": "not finished", "closed": "closed", "abandoned": "abandoned"}[view.status])


def _few_classes(view: RunView) -> str:
    shown = list(view.counts.items())[:_CLASSES]
    told = ", ".join(f"{k} {v:,}" for k, v in shown)
    return f"{told}, …" if len(view.counts) > len(shown) else told


def _amounts(ledger: Ledger, view: RunView) -> str:
    return ", ".join(f"{_named(ledger, view.run, k)} {v:,}" for k, v in view.controls.items())


def _by_class(view: RunView) -> str:
    return ", ".join(f"{k} {v:,}" for k, v in view.counts.items())


def _moment(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _plain(view: RunView | RunStep) -> dict[str, Any]:
    import attrs

    return attrs.asdict(view)
