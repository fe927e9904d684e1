"""``view``: everything that is known of one customer, section by section, with what is due."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.due import table_of
from guanxi_adapters.cli.language import colon, count, say, spoken
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf, Customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from guanxi.kernel.overview import Section, WholeView
    from guanxi.kernel.reports import Column
    from guanxi_adapters.cli.wording import Wording


_AMOUNT = re.compile(r"(-?\d+)((?:\.\d+)? [A-Z]{3})")


def view(customer: Customer, as_of: AsOf = None, as_known: AsKnown = None, as_json: AsJson = False) -> None:
    """Show everything that is known of a customer.

    One section for each subject that has something to show, and what is due. What you may not see is
    counted; subjects of which nothing is on file are named at the end.
    """
    from guanxi_adapters.cli.wording import Wording

    with ask_ledger() as ledger:
        known = int(as_known) if as_known is not None and as_known.isdigit() else as_known
        found = ledger.whole_view(customer, as_of=as_of, as_known=known)
        if as_json:
            screen.show_json(_plain(found))
            return
        wording = Wording.of(ledger)
        shown = [s for s in found.sections if s.rows or s.hidden]
        for number, section in enumerate(shown):
            screen.show(*([""] if number else []), *_section(section, wording))
        empty = [s.title(spoken()) for s in found.sections if not s.rows and not s.hidden]
        _show_due(found, wording)
        if empty:
            told = say(
                "Nothing on file: {sections}.", sections=("、" if spoken() == "zh" else ", ").join(empty)
            )
            screen.show("", screen.styled((told, screen.QUIET)))


def _section(section: Section, wording: Wording) -> list[RenderableType]:
    from guanxi.kernel.rendering import NUMBERS

    lang = spoken()
    heading = screen.styled((section.title(lang), screen.HEADING))
    if section.hidden:
        hidden = count(section.hidden, "1 not shown", "{count} not shown")
        return [screen.styled((f"{section.title(lang)}{colon()}{hidden}", screen.QUIET))]
    wording = wording.owned(section.name)
    rows = [
        [_cell(value, column, wording) for value, column in zip(row, section.columns, strict=True)]
        for row in section.rows
    ]
    numbers = [
        n
        for n, column in enumerate(section.columns)
        if column.type in NUMBERS or _are_amounts(row[n] for row in section.rows)
    ]
    return [heading, screen.columns([c.label(lang) for c in section.columns], rows, numbers=numbers)]


def _cell(value: Any, column: Column, wording: Wording) -> str:
    """Return a cell as people read it: codes by their labels, amounts with thousands apart, moments to the minute."""
    from guanxi.kernel.overview import Code
    from guanxi.kernel.rendering import cell_text

    if isinstance(value, Code) or (column.type == "code" and isinstance(value, str)):
        return wording.codes(value)
    if column.type == "instant" and isinstance(value, datetime):
        return wording.moment(value)
    if isinstance(value, str) and (amount := _AMOUNT.fullmatch(value)) is not None:
        return f"{int(amount[1]):,}{amount[2]}"
    text = cell_text(value, column, spoken(), wording.tz)
    return wording.text(text) if isinstance(value, str) else text


def _are_amounts(cells: Iterable[Any]) -> bool:
    stated = [cell for cell in cells if cell is not None]
    return bool(stated) and all(isinstance(cell, str) and _AMOUNT.fullmatch(cell) for cell in stated)


def _show_due(found: WholeView, wording: Wording) -> None:
    if not found.due:
        return
    screen.show(
        "", screen.styled((say("Due items"), screen.HEADING)), table_of(found.due, wording, whose=False)
    )


def _plain(found: WholeView) -> dict[str, object]:
    from guanxi.kernel.privacy import Erased

    return {
        "account": found.account,
        "stream": found.stream,
        "as_of": found.as_of,
        "sections": {
            s.name: {
                "rows": [
                    {
                        c.name: None if isinstance(v, Erased) else v
                        for c, v in zip(s.columns, row, strict=True)
                    }
                    for row in s.rows
                ],
                "hidden": s.hidden,
            }
            for s in found.sections
        },
        "due": [
            {
                "cadence": r.cadence,
                "rule": r.rule,
                "key": r.key,
                "until": r.until,
                "state": r.state,
                "person": r.person,
            }
            for r in found.due
        ],
    }
