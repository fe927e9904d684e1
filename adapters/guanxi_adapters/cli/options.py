"""Arguments and options that several commands take alike."""

from __future__ import annotations

from typing import Annotated

import typer

Customer = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="The customer's account number.", show_default=False)
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="T", help="Leave out what counts from later. A date means its end."),
]
AsKnown = Annotated[
    str | None,
    typer.Option(
        "--as-known",
        metavar="T",
        help="Leave out what was learned later: a date, a moment, or a position of the log.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Actor = Annotated[
    str | None,
    typer.Option(
        "--actor", metavar="NAME", help="Who enters it; GUANXI_ACTOR or your login name if left out."
    ),
]
