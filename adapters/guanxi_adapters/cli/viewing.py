"""``view``: everything that is known of one customer, section by section, with what is due."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from guanxi_adapters.cli import screen
from guanxi_adapters.cli.due import table_of
from guanxi_adapters.cli.language import count, say, spoken
from guanxi_adapters.cli.opening import ask_ledger
from guanxi_adapters.cli.options import AsJson, AsKnown, AsOf, Customer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from guanxi.kernel.overview import Section, WholeView
    from guanxi_adapters.cli.wording import Wording


_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def view(customer: Customer, as_of: AsOf = None, as_known: AsKnown = None, as_json: AsJson = False) -> None:
    """Show everything that is known of a customer.

    One section for each subject that has something to show, and what is due. What you may not see is counted.
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
        _show_due(found)


def _words(value: str, wording: Wording) -> str:
    return wording.label(value) if _CODE.fullmatch(value) else wording.text(value)


def _section(section: Section, wording: Wording) -> list[RenderableType]:
    from guanxi.kernel.rendering import NUMBERS, cell_text

    lang = spoken()
    heading = screen.styled((section.title(lang), screen.HEADING))
    if section.hidden:
        hidden = count(section.hidden, "1 not shown", "{count} not shown")
        return [screen.styled((f"{section.title(lang)}: {hidden}", screen.QUIET))]
    numbers = [n for n, c in enumerate(section.columns) if c.type in NUMBERS]
    rows = [
        [
            _words(value, wording) if isinstance(value, str) else cell_text(value, column, lang, wording.tz)
            for value, column in zip(row, section.columns, strict=True)
        ]
        for row in section.rows
    ]
    return [heading, screen.columns([c.label(lang) for c in section.columns], rows, numbers=numbers)]


def _show_due(found: WholeView) -> None:
    if not found.due:
        return
    screen.show("", screen.styled((say("Due items"), screen.HEADING)), table_of(found.due, whose=False))


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
