"""``init``: the ledger itself; and what this installation brings to every ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say
from guanxi_adapters.cli.opening import installed_plugins, opened, plain_url, settings

if TYPE_CHECKING:
    from guanxi import Ledger, Parts


def init(
    url: Annotated[
        str | None,
        typer.Argument(
            help="sqlite:///customers.db or postgresql+psycopg://user@host/name; --db if left out.",
            metavar="[URL]",
            show_default=False,
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone",
            metavar="IANA",
            help="Time zone in which days begin and end; fixed for ever. [Asia/Shanghai]",
        ),
    ] = None,
    partitions: Annotated[
        int,
        typer.Option(
            "--partitions",
            min=1,
            metavar="N",
            help="On PostgreSQL: divide the log into N parts, by customer.",
        ),
    ] = 1,
    portable: Annotated[
        bool,
        typer.Option(
            "--portable",
            help="On PostgreSQL: keep to plain SQL, for servers that only speak like one; writers take turns.",
        ),
    ] = False,
) -> None:
    """Make a ledger: the tables of the log, and the keys of personal data apart from it.

    A ledger that is there already is left as it is.
    """
    import guanxi
    from guanxi.kernel.times import zone as find_zone

    target = url or settings.url
    if zone is not None:
        find_zone(zone)
    try:
        ledger = opened(target, create=False)
    except guanxi.Unavailable as error:
        if error.code not in ("no_ledger_here", "no_such_file"):
            raise
        _make(target, zone, partitions=partitions, portable=portable)
        return
    with_zone, there = ledger.zone_name, say("There is a ledger already; nothing was changed.")
    try:
        if zone is not None and zone != with_zone:
            raise guanxi.Conflict(
                "zone_fixed",
                f"this ledger's days follow {with_zone}, and entries were dated by it",
                zh=f"此账本的日期按 {with_zone} 计算，已有记录以此为准",
                accepts=f"--zone {with_zone}, or another database",
            )
        _show_made(target, ledger, there)
    finally:
        ledger.close()


def _make(url: str, zone: str | None, **how: Any) -> None:
    from guanxi.kernel.times import DEFAULT_ZONE

    ledger = opened(url, zone=zone or DEFAULT_ZONE, **how)
    try:
        _show_made(url, ledger, say("Made a ledger."))
    finally:
        ledger.close()


def _show_made(url: str, ledger: Ledger, headline: str) -> None:
    keys = getattr(ledger.backend.keyring, "url", "")
    rows = [
        (say("log"), plain_url(url)),
        (say("keys"), plain_url(keys)),
        (say("zone"), ledger.zone_name),
        (say("tenant"), ledger.store.tenant),
        (say("entries"), f"{ledger.store.count():,}"),
        (say("plugins"), ", ".join(p.name for p in ledger.installed if p.parts) or say("none installed")),
    ]
    screen.show(screen.styled((headline, screen.GOOD)), screen.pairs(rows, indent=2))
    screen.show(
        "",
        say(
            "Back up log and keys apart: both together show everything, and without its keys a log is unreadable."
        ),
    )


def installed_parts() -> list[Parts]:
    """Return the parts of the core and of every plugin that could be loaded, without opening a ledger."""
    from guanxi.relationship import parts as core

    return [core, *(p.parts for p in installed_plugins() if p.parts is not None)]
