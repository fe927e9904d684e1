"""``init`` and ``plugins``: the ledger itself, and what this installation brings to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.opening import FAILED, plain_url, settings
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from guanxi import Installed, Ledger, Parts


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
        ledger = guanxi.open(target, create=False, **settings.options())
    except guanxi.Unavailable as error:
        if error.code not in ("no_ledger_here", "no_such_file"):
            raise
        _make(target, zone)
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


def _make(url: str, zone: str | None) -> None:
    import guanxi
    from guanxi.kernel.times import DEFAULT_ZONE

    ledger = guanxi.open(url, zone=zone or DEFAULT_ZONE, **settings.options())
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


def plugins(as_json: AsJson = False) -> None:
    """List the industry plugins found here: what they bring, and what is wrong with them.

    Ends with exit code 1 when one of them cannot be used.
    """
    from guanxi import discover

    found = discover()
    if as_json:
        screen.show_json([_plain(p) for p in found])
    elif not found:
        screen.show(say("No plugin is installed; the customer relationship itself needs none."))
    else:
        for i, plugin in enumerate(found):
            if i:
                screen.show("")
            _show_plugin(plugin)
    if any(p.error for p in found):
        raise typer.Exit(FAILED)


def installed_parts() -> list[Parts]:
    """Return the parts of the core and of every plugin that could be loaded, without opening a ledger."""
    from guanxi import discover
    from guanxi.relationship import parts as core

    return [core, *(p.parts for p in discover() if p.parts is not None)]


def _show_plugin(plugin: Installed) -> None:
    if plugin.parts is None:
        screen.show(screen.styled((plugin.name, screen.HEADING), f"  {plugin.distribution}"))
        screen.show(screen.pairs([(say("error"), screen.styled((plugin.error or "", screen.BAD)))], indent=2))
        return
    parts = plugin.parts
    screen.show(
        screen.styled(
            (f"{plugin.name}  {parts.title(spoken())}", screen.HEADING),
            (f"  {plugin.distribution}", screen.QUIET),
        )
    )
    screen.show(
        screen.pairs([(heading, ", ".join(names)) for heading, names in _brought(parts) if names], indent=2)
    )


def _brought(parts: Parts) -> list[tuple[str, list[str]]]:
    return [
        (say("subjects"), [f.name for f in parts.facets]),
        (say("commands"), [c.stored_name for c in parts.commands]),
        (say("rule sets"), [r.stored_name for r in parts.rule_sets]),
        (say("read models"), [m.name for m in parts.read_models]),
        (say("reports"), [r.name for r in parts.reports]),
        (say("events"), [e.stored_name for e in parts.events]),
    ]


def _plain(plugin: Installed) -> dict[str, Any]:
    import attrs

    parts = plugin.parts
    body: dict[str, Any] = {"name": plugin.name, "distribution": plugin.distribution, "error": plugin.error}
    if parts is None:
        return body
    return {
        **body,
        "version": parts.version,
        "title": attrs.asdict(parts.title),
        "subjects": [f.name for f in parts.facets],
        "commands": [c.stored_name for c in parts.commands],
        "rule_sets": [r.stored_name for r in parts.rule_sets],
        "read_models": [m.name for m in parts.read_models],
        "reports": [r.name for r in parts.reports],
        "events": [e.stored_name for e in parts.events],
    }
