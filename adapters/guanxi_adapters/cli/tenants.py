"""``tenants``: which tenants a database holds, and row-level security between them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import count, say
from guanxi_adapters.cli.opening import hinted, settings
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from guanxi_adapters.sql import SqlStore
    from guanxi_adapters.sql.engine import Database
    from guanxi_adapters.sql.row_security import Tenants

group = typer.Typer(
    invoke_without_command=True,
    help="See which tenants share a database, and let PostgreSQL itself keep them apart.\n\n"
    "Without a command, this lists them.",
)


@group.callback()
def _bare(context: typer.Context, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is None:
        list_(as_json)


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the tenants of a database, with their entries and the last one's time.

    Where row-level security is on, all of them are shown to the owner of the tables and to
    superusers; anybody else sees the tenant that is named, and is told so.
    """
    import attrs

    from guanxi_adapters.sql import row_security

    with _store() as store:
        found = row_security.tenants(store.database)
    if as_json:
        screen.show_json(attrs.asdict(found))
    else:
        _show(found)


@group.command()
def secure(
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            metavar="NAME",
            help="A role of PostgreSQL for programs: it gets the rights that a ledger needs and cannot change entries.",
        ),
    ] = None,
    off: Annotated[
        bool, typer.Option("--off", help="Switch it off again; what a role was given stays.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Switch PostgreSQL's row-level security on: a connection sees and writes its own tenant's rows alone.

    This holds even for a statement that forgets to name the tenant, and for tables that are
    made later. It takes the owner of the tables, who is bound as well; superusers never are.
    """
    from guanxi_adapters.sql import row_security

    done: list[str] = []
    with _databases() as databases:
        for database in databases:
            done += row_security.release(database) if off else row_security.secure(database, role=role)
    if as_json:
        screen.show_json({"secured": not off, "tables": done})
        return
    if off:
        told = say("Row-level security is off for {count} tables.", count=len(done))
    else:
        told = say("Row-level security is on for {count} tables.", count=len(done))
    screen.show(screen.styled((told, screen.GOOD)))
    if not off:
        screen.show(
            say("Superusers and roles with BYPASSRLS see everything all the same; let no program run as one.")
        )


def _show(found: Tenants) -> None:
    headings = ("Tenant", "Streams", "Entries", "Last entry")
    rows = [[t.name, f"{t.streams:,}", f"{t.entries:,}", _moment(t.last_recorded)] for t in found.lines]
    if rows:
        screen.show(screen.columns(map(say, headings), rows, numbers=(1, 2)), "")
    else:
        screen.show(say("There is none."), "")
    if not found.whole:
        screen.show(
            screen.styled(
                (
                    say(
                        "Row-level security shows this role the tenant that was named alone; "
                        "the owner of the tables sees all of them."
                    ),
                    screen.NOTICE,
                )
            )
        )
    elif found.secured:
        screen.show(say("Row-level security is on."))
    else:
        screen.show(
            count(
                len(rows),
                "1 tenant; row-level security is off.",
                "{count} tenants; row-level security is off.",
            )
        )


def _moment(stamp: str | None) -> str:
    return "–" if stamp is None else f"{stamp[:19].replace('T', ' ')} UTC"


@contextmanager
def _store() -> Generator[SqlStore]:
    """Open the log alone, without asking for anybody's keys."""
    from guanxi_adapters.sql import open_store

    with hinted():
        store = open_store(settings.url, tenant=settings.options()["tenant"], create=False)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _databases() -> Generator[list[Database]]:
    """Open the log's database, and that of the keys where it is another one of PostgreSQL's."""
    from guanxi_adapters.sql import open_keyring

    with ExitStack() as stack:
        log = stack.enter_context(_store())
        found = [log.database]
        keys = settings.options().get("keys")
        if keys is not None:
            ring = open_keyring(settings.url, tenant=settings.options()["tenant"], keys=keys, create=False)
            stack.callback(ring.close)
            if not ring.database.is_sqlite and ring.database.url != log.database.url:
                found.append(ring.database)
        yield found
