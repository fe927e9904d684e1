"""What reaches the screen or the pipe: tables that fit, JSON, progress bars; colours and bars only on a terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PIPED_WIDTH = 100
GAP = 2

BETWEEN = " · "
"""Stands between the parts of a line."""

BOUND = "\ue000"
"""Stands for a blank at which no line breaks, until the text is written."""

_BOUND_AT_MOST = 40

Progress = Callable[[int, int], None]

HEADING, QUIET, GOOD, BAD, NOTICE = "bold", "dim", "green", "bold red", "yellow"


def width() -> int:
    """Return how many columns there are: the terminal's, those of ``COLUMNS``, or 100 in a pipe."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if watched() else _columns()


def watched() -> bool:
    """Return whether standard output is a terminal."""
    return _terminal(sys.stdout)


def show(*parts: RenderableType) -> None:
    """Write parts to standard output, one below the other, without trailing blanks."""
    sys.stdout.write(_rendered(parts, sys.stdout))


def complain(text: Text) -> None:
    """Write one line to standard error, however long it is."""
    sys.stdout.flush()
    sys.stderr.write(_rendered([text], sys.stderr, fold=False))
    sys.stderr.flush()


def show_json(value: Any) -> None:
    """Write a value as indented JSON: decimals as text, instants and dates in ISO 8601."""
    import msgspec

    encoded = msgspec.json.encode(value, enc_hook=str)
    sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def show_json_line(value: Any) -> None:
    """Write a value as JSON on a line of its own, and let whoever reads along have it."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    sys.stdout.flush()


def styled(*pieces: str | tuple[str, str]) -> Text:
    """Return one text of plain and (text, style) pieces."""
    from rich.text import Text

    return Text.assemble(*pieces)


def unbroken(text: str) -> str:
    """Return a text whose lines break between its short parts, not inside them."""
    parts = text.split(BETWEEN)
    return BETWEEN.join(p.replace(" ", BOUND) if len(p) <= _BOUND_AT_MOST else p for p in parts)


def columns(
    headings: Iterable[str],
    rows: Iterable[Iterable[str | Text]],
    *,
    numbers: Iterable[int] = (),
    whole: Iterable[int] = (),
) -> Table:
    """Return a table with headings; columns counted in ``numbers`` stand to the right and never fold, those in ``whole`` fold last."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    right, unfolded = set(numbers), {*numbers, *whole}
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for i, heading in enumerate(headings):
        table.add_column(
            Text(heading), justify="right" if i in right else "left", no_wrap=i in unfolded, overflow="fold"
        )
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return table


def pairs(rows: Iterable[tuple[str, str | Text | RenderableType]], *, indent: int = 0) -> Table:
    """Return names and what belongs to them, side by side."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, GAP, 0, 0))
    if indent:
        table.add_column(width=indent - GAP)
    table.add_column(style=QUIET, no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for name, value in rows:
        lead = ("",) if indent else ()
        table.add_row(*lead, Text(name), Text(value) if isinstance(value, str) else value)
    return table


@contextmanager
def progress(what: str) -> Generator[Progress | None]:
    """Give a function that moves a bar on standard error; None where nobody watches."""
    if not _terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(file=sys.stderr, highlight=False)
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*shown, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield move


@contextmanager
def one_line() -> Generator[Callable[[Text], None]]:
    """Give a function that writes one line on the terminal, each time in the place of the last one."""
    from rich.live import Live
    from rich.text import Text

    with Live(console=_console(sys.stdout, styled=True), auto_refresh=False) as live:

        def write(text: Text) -> None:
            text.no_wrap, text.overflow = True, "ellipsis"
            live.update(text, refresh=True)

        write(Text())
        yield write


def _rendered(parts: Iterable[RenderableType], stream: TextIO, *, fold: bool = True) -> str:
    out = io.StringIO()
    console = _console(out, styled=_terminal(stream))
    for part in parts:
        console.print(part, soft_wrap=not fold)
    text = out.getvalue().replace(BOUND, " ")
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def _console(out: TextIO, *, styled: bool) -> Console:
    from rich.console import Console

    return Console(
        file=out,
        width=width(),
        force_terminal=styled,
        color_system="standard" if styled else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdigit() and int(given) > 0 else PIPED_WIDTH
