"""``backup``, ``restore``, ``copy``, ``upgrade``: a whole database's ledger, put away, brought back, moved, brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import FAULTY, plain_url, settings
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from guanxi_adapters.care import Arrived, BackedUp, Upgraded

WithoutKeys = Annotated[bool, typer.Option("--without-keys", help="Leave the keys of personal data out.")]
Portable = Annotated[
    bool, typer.Option("--portable", help="On PostgreSQL: make tables that plain SQL alone can serve.")
]
Partitions = Annotated[
    int,
    typer.Option(
        "--partitions", metavar="N", min=1, help="On PostgreSQL: into how many parts to divide the entries."
    ),
]


def backup(
    dest: Annotated[
        Path,
        typer.Argument(metavar="DEST", help="The file to make; none is overwritten.", show_default=False),
    ],
    without_keys: WithoutKeys = False,
    as_json: AsJson = False,
) -> None:
    """Write the database's log into a new file, and its keys into another.

    Writers go on meanwhile. The file is a ledger of its own: 'guanxi --db
    sqlite:///DEST verify' checks it. All tenants are in it. Keys go to
    NAME.keys.db beside it, readable by you alone. Who erases a person destroys
    keys: a backup of keys brings them back, so let such backups end in time, or
    leave the keys out and copy them elsewhere.
    """
    from guanxi_adapters import care

    _refuse_tenant()
    with _watched() as told:
        done = care.backup(
            settings.url, dest, keys=settings.options().get("keys"), with_keys=not without_keys, progress=told
        )
    if as_json:
        screen.show_json(_plain(done))
    else:
        _show_backup(done)


def restore(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="BACKUP",
            help="The backup's log; its keys are taken from beside it.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    into: Annotated[
        str,
        typer.Option(
            "--into", metavar="URL", help="The database to put it in, without a ledger.", show_default=False
        ),
    ],
    without_keys: WithoutKeys = False,
    portable: Portable = False,
    partitions: Partitions = 1,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty place, on SQLite or PostgreSQL.

    Every hash is checked before and after; all of it arrives, or nothing. Read
    models are made anew. Whoever was erased after the backup was made is there
    again: erase them once more.
    """
    from guanxi_adapters import care

    _refuse_tenant()
    with _watched() as told:
        done = care.restore(
            source,
            into,
            keys=settings.options().get("keys"),
            with_keys=not without_keys,
            portable=portable,
            partitions=partitions,
            progress=told,
        )
    _tell_arrived(done, say("Restored."), as_json=as_json)


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The ledger's URL.", show_default=False)],
    into: Annotated[
        str,
        typer.Argument(metavar="TO", help="The URL of a database without a ledger.", show_default=False),
    ],
    to_keys: Annotated[
        str | None,
        typer.Option("--to-keys", metavar="URL", help="Where its keys are to be; beside it if left out."),
    ] = None,
    without_keys: WithoutKeys = False,
    portable: Portable = False,
    partitions: Partitions = 1,
    as_json: AsJson = False,
) -> None:
    """Copy a ledger to another database: same positions, hashes and reports.

    Writers go on meanwhile: what is copied is one state of it, what is written
    later is not in the copy. All tenants are copied, or the one that --tenant
    names. All of it arrives, every hash checked, or nothing. --keys says where
    the keys of FROM are.
    """
    from guanxi_adapters import care

    with _watched() as told:
        done = care.copy(
            source,
            into,
            tenant=settings.tenant,
            keys=settings.options().get("keys"),
            into_keys=to_keys,
            with_keys=not without_keys,
            portable=portable,
            partitions=partitions,
            progress=told,
        )
    _tell_arrived(done, say("Copied."), as_json=as_json)


def upgrade(
    plan: Annotated[bool, typer.Option("--plan", help="Show what it would do, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring tables that an older program made to this program's form.

    Make a backup and stop older programs first. No entry is changed; each step
    is done as a whole or not at all. Ends with exit code 4 when verification
    finds faults.
    """
    from guanxi_adapters import care

    _refuse_tenant()
    if plan:
        steps = care.planned(settings.url)
        if as_json:
            screen.show_json([_plain(step) for step in steps])
        else:
            _show_steps(steps)
        return
    with _watched() as told:
        done = care.upgrade(settings.url, progress=told)
    if as_json:
        screen.show_json(_plain(done))
    else:
        _show_upgrade(done)
    if done.faults:
        raise typer.Exit(FAULTY)


def _refuse_tenant() -> None:
    """Say that a whole database is meant, before somebody believes that one tenant was."""
    if settings.tenant is None:
        return
    import guanxi

    raise guanxi.Invalid(
        "whole_database",
        "this is about a whole database, with all of its tenants",
        zh="此操作针对整个数据库及其全部租户",
        accepts="no --tenant; or guanxi copy FROM TO --tenant NAME for one of them",
    )


@contextmanager
def _watched() -> Generator[Callable[[str, int, int], None]]:
    """Give what shows a bar for each thing that is done, one after another."""
    texts = {
        "copying": say("copying"),
        "keys": say("copying keys"),
        "verifying": say("verifying"),
        "read models": say("making read models"),
    }
    with ExitStack() as bars:
        shown, move = "", None

        def told(what: str, done: int, total: int) -> None:
            nonlocal shown, move
            if what != shown:
                bars.close()
                shown, move = what, bars.enter_context(screen.progress(texts.get(what, what)))
            if move is not None:
                move(done, total)

        yield told


def _show_backup(done: BackedUp) -> None:
    rows = [
        (say("log"), str(done.path)),
        (say("keys"), str(done.keys) if done.keys else say("left out")),
        (say("tenants"), ", ".join(done.tenants)),
        (say("entries"), f"{done.entries:,}"),
        (say("position"), f"{done.position:,}"),
    ]
    screen.show(screen.styled((say("Backed up."), screen.GOOD)), screen.pairs(rows, indent=2))
    if done.keys:
        screen.show("", say("Keep log and keys apart: both together show everything."))


def _tell_arrived(done: Arrived, headline: str, *, as_json: bool) -> None:
    if as_json:
        screen.show_json(_plain(done))
        return
    keys = say("left out") if done.keys is None else f"{done.keys:,}"
    rows = [
        (say("log"), plain_url(done.url)),
        (say("keys"), keys),
        (say("tenants"), ", ".join(done.tenants)),
        (say("entries"), f"{done.entries:,}"),
        (say("position"), f"{done.position:,}"),
    ]
    screen.show(screen.styled((headline, screen.GOOD)), screen.pairs(rows, indent=2))
    screen.show("", say("Every hash was checked where it arrived."))


def _show_steps(steps: Any) -> None:
    if not steps:
        screen.show(say("The tables are of this program's form; there is nothing to do."))
        return
    for step in steps:
        what = step.zh if spoken() == "zh" else step.en
        screen.show(
            screen.styled((say("to version {version}", version=step.version), screen.HEADING), f"  {what}")
        )


def _show_upgrade(done: Upgraded) -> None:
    _show_steps(done.steps)
    if not done.steps:
        return
    if done.faults:
        told = count(len(done.faults), "1 fault found.", "{count} faults found.")
        screen.show("", screen.styled((told, screen.BAD)))
        screen.show(say("An upgrade changes no entry: it was so before. 'guanxi verify' says more."))
    else:
        screen.show("", screen.styled((say("Upgraded. Every hash is as it was written."), screen.GOOD)))


def _plain(done: Any) -> dict[str, Any]:
    import attrs

    def named(attribute: Any, _value: Any) -> bool:
        return bool(attribute.name != "change")

    return attrs.asdict(done, filter=named)
