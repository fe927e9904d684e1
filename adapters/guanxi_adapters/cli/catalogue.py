"""``commands``: what can be entered, with the fields of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.ledgers import installed_parts
from guanxi_adapters.cli.opening import installed_plugins
from guanxi_adapters.cli.options import AsJson

if TYPE_CHECKING:
    from guanxi import Command


def commands(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Show this one with all it says about itself.", metavar="[NAME]", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what can be entered with 'guanxi execute', with the fields of each."""
    found = _for_customers()
    if name is not None:
        found = {name: named(found, name)}
    if as_json:
        screen.show_json(
            [{"name": n, "opens_file": c.opens_file, "fields": _fields(c)} for n, c in found.items()]
        )
        return
    for i, (each, cls) in enumerate(found.items()):
        if i:
            screen.show("")
        screen.show(
            screen.styled((each, screen.HEADING)),
            f"  {_plain_words((cls.__doc__ or '').strip().partition(chr(10))[0])}",
        )
        rows = [
            (f["name"] + ("" if f["required"] else f"={f['default']}"), _described(f)) for f in _fields(cls)
        ]
        if rows:
            screen.show(screen.pairs(rows, indent=4))


def named(found: dict[str, type[Command]], name: str) -> type[Command]:
    """Return the command of that name.

    Raises:
        Unknown: ``unknown_command``, naming those there are.
    """
    import guanxi
    from guanxi.kernel.absence import absence
    from guanxi.kernel.near import names_like

    cls = found.get(name)
    if cls is None:
        note = absence(installed_plugins(), name)
        raise guanxi.Unknown(
            "unknown_command",
            f"there is no command {name}{note.en}",
            zh=f"没有命令 {name}{note.zh}",
            accepts=names_like(name, found),
        )
    return cls


def _for_customers() -> dict[str, type[Command]]:
    """Return the commands that a customer can be given; others belong to the machinery's own streams."""
    from guanxi.kernel.ledger import CUSTOMER

    everything = installed_parts()
    decided = {c for parts in everything for f in parts.facets if f.subject == CUSTOMER for c in f.deciders}
    return {c.stored_name: c for parts in everything for c in parts.commands if c in decided}


def _fields(cls: type[Command]) -> list[dict[str, Any]]:
    import typing

    import attrs

    from guanxi_adapters.cli.given import default, kind

    hints, help_ = typing.get_type_hints(cls), _help_of(cls)
    declared: Any = attrs.fields(cls)  # type: ignore[arg-type]
    return [
        {
            "name": a.name,
            "type": kind(hints[a.name]),
            "required": a.default is attrs.NOTHING,
            "default": default(a),
            "help": help_.get(a.name, ""),
        }
        for a in declared
    ]


def _help_of(cls: type[Command]) -> dict[str, str]:
    """Return what a command's docstring says of each field, in Google's style."""
    import inspect
    import re

    _, _, arguments = (inspect.getdoc(cls) or "").partition("Args:\n")
    found: dict[str, str] = {}
    name = ""
    for text in arguments.splitlines():
        if not text.startswith("    "):
            break
        if begins := re.match(r"    (\w+): (.*)", text):
            name, found[name] = begins[1], begins[2]
            name = begins[1]
        elif name:
            found[name] += " " + text.strip()
    return found


def _described(field: dict[str, Any]) -> str:
    return f"{_plain_words(field['help'])}  ({field['type']})".strip()


def _plain_words(docstring: str) -> str:
    return docstring.replace("``", "")
