"""``report`` and ``reports``: answers of the installed reports at any cut, as table, CSV, JSON or page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.ledgers import installed_parts
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf

if TYPE_CHECKING:
    from guanxi import Report, ReportResult


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


_SUFFIXES = {".csv": Format.csv, ".json": Format.json, ".html": Format.html, ".htm": Format.html}


def report(
    name: Annotated[
        str,
        typer.Argument(
            help="The report's name, as 'guanxi reports' lists it.", metavar="NAME", show_default=False
        ),
    ],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="K=V", help="A parameter of the report; may be given again."),
    ] = None,
    as_of: AsOf = None,
    as_known: AsKnown = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="How to write it; told by the ending of --out if left out.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write to a file instead.", dir_okay=False),
    ] = None,
) -> None:
    """Show a report as of now, or as it was, or as it was known at an earlier moment.

    The last line names the cut, the position of the log and the digest by which the answer can be proven later.
    """
    chosen = (
        Format.json
        if as_json
        else format or (_SUFFIXES.get(out.suffix.lower()) if out else None) or Format.table
    )
    with ask_ledger() as ledger:
        given = _given(ledger.reporting.find(name), parameters or [])
        known = int(as_known) if as_known is not None and as_known.isdigit() else as_known
        result = ledger.report(name, as_of=as_of, as_known=known, **given)
        text = _written(result, chosen, plain=out is not None)
    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    out.write_text(text, encoding="utf-8", newline="")
    told = say("{name}: {count} rows written to {file}", name=name, count=f"{len(result.rows):,}", file=out)
    screen.complain(screen.styled(told))


def reports(as_json: AsJson = False) -> None:
    """List the reports there are, each with its title and its parameters."""
    found = sorted((r for parts in installed_parts() for r in parts.reports), key=lambda r: r.name)
    if as_json:
        screen.show_json([_plain(r) for r in found])
        return
    if not found:
        screen.show(say("No installed plugin brings a report."))
    for i, each in enumerate(found):
        if i:
            screen.show("")
        _show(each)


def _given(asked: Report, pairs: list[str]) -> dict[str, Any]:
    from guanxi_adapters.cli.given import split, typed

    values = split(pairs)
    # A report without parameters says so itself.
    return typed(values, asked.parameters) if asked.parameters is not None else dict(values)


def _written(result: ReportResult, chosen: Format, *, plain: bool) -> str:
    if chosen is Format.csv:
        return result.as_csv(spoken())
    if chosen is Format.json:
        return result.as_json()
    if chosen is Format.html:
        return result.as_html(spoken())
    table = result.as_table(spoken(), screen.width())
    if not plain:
        return table
    from rich.text import Text

    return Text.from_ansi(table).plain + "\n"


def _show(each: Report) -> None:
    screen.show(screen.styled((each.name, screen.HEADING), f"  {each.title(spoken())}"))
    rows = [
        (f"{p['name']}={p['default']}", f"{p['help'][spoken()]}  ({p['type']})".strip())
        for p in _parameters(each)
    ]
    if rows:
        screen.show(screen.pairs(rows, indent=4))


def _plain(each: Report) -> dict[str, Any]:
    import attrs

    return {
        "name": each.name,
        "title": attrs.asdict(each.title),
        "parameters": _parameters(each),
        "columns": [{"name": c.name, "type": c.type, "label": attrs.asdict(c.label)} for c in each.columns],
        "rules": list(each.rules),
    }


def _parameters(each: Report) -> list[dict[str, Any]]:
    import typing

    import attrs

    from guanxi_adapters.cli.given import default, kind

    if each.parameters is None:
        return []
    hints, declared = typing.get_type_hints(each.parameters), attrs.fields(each.parameters)
    return [
        {"name": a.name, "type": kind(hints[a.name]), "default": default(a), "help": _help(a)}
        for a in declared
    ]


def _help(attribute: Any) -> dict[str, str]:
    label = attribute.metadata.get("help")
    return {"en": label.en, "zh": label.zh} if label is not None else {"en": "", "zh": ""}
