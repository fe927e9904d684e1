"""``import``: a data file, taken in as one moment of knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.language import say, spoken
from guanxi_adapters.cli.opening import REFUSED, open_ledger, who
from guanxi_adapters.cli.options import Actor, AsJson

if TYPE_CHECKING:
    from guanxi_adapters.files import ImportReport


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="The data file.", metavar="FILE", exists=True, dir_okay=False, show_default=False
        ),
    ],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping",
            "-m",
            metavar="TOML",
            help="How its lines become commands.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    actor: Actor = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why it is taken in; kept with the batch.")
    ] = None,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take in nothing at all if one line is refused.")
    ] = False,
    file_number: Annotated[
        str | None,
        typer.Option(
            "--file-number",
            metavar="NO",
            help="The sender's running number, so that a file left out is noticed.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in a data file as one moment of knowledge; lines taken in before are recognised.

    Afterwards the read models are brought level. Ends with exit code 3 when lines were
    refused: the report names each and why.
    """
    from guanxi_adapters.files import import_file, load_mapping

    with open_ledger() as ledger:
        plan = load_mapping(mapping)
        with screen.progress(say("taking in {file}", file=file.name)) as move:
            told = import_file(
                ledger,
                file,
                plan,
                actor=who(actor),
                reason=reason or say("import of {file}", file=file.name),
                progress=move,
                all_or_nothing=all_or_nothing or None,
                file_number=file_number,
            )
        with screen.progress(say("bringing read models level")) as move:
            ledger.reporting.project(move)
    _show_import(told, as_json)
    if not told.ok:
        raise typer.Exit(REFUSED)


def _show_import(told: ImportReport, as_json: bool) -> None:
    if as_json:
        screen.show_json(told.as_json())
    else:
        screen.show(told.as_text(spoken()))
