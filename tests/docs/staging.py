"""What a page takes for granted before its first block, where it does not say so itself: a demo that was run, a file that is there."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

import guanxi
from guanxi import Money
from guanxi_adapters.files import import_file, load_mapping
from guanxi_retail import RecordPurchase
from tests.docs.pages import ROOT, read


@attrs.frozen
class Stage:
    """How a page's folder is set up.

    Args:
        build: puts into the folder what the page takes for granted.
        moving: patterns of what differs each time, such as the moment of recording.
    """

    build: Callable[[Path], None]
    moving: tuple[str, ...] = ()


def _demo(folder: Path) -> None:
    """Leave what ``make demo`` leaves, for the one customer that the page shows."""
    shop = ROOT / "examples" / "cdnow"
    lines = [
        x for x in (shop / "CDNOW_sample.txt").read_text("ascii").splitlines() if x.split()[0] == "00004"
    ]
    (folder / "purchases.txt").write_text("\n".join(lines) + "\n", "ascii")
    ledger = guanxi.open(f"sqlite:///{folder / 'guanxi.db'}", zone="America/New_York")
    try:
        import_file(
            ledger, folder / "purchases.txt", load_mapping(shop / "sample.toml"), actor="demo", reason="demo"
        )
        ledger.execute(
            "00004",
            RecordPurchase(receipt="found-1", paid=Money("40.00", "USD")),
            actor="demo",
            reason="slip found behind the till",
            occurred_at=datetime(1997, 12, 31, 5, tzinfo=UTC),
            happened=True,
        )
    finally:
        ledger.close()


def _tour(folder: Path) -> None:
    """Leave the customer of the tour for hosts as he stands before the tour's first command."""
    told: dict[str, Any] = {}
    page = read(ROOT / "docs" / "hosts" / "relationship.md")
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        for block in itertools.takewhile(lambda b: b.language != "console", page.blocks):
            if block.language == "python":
                exec(block.text, told)
        told["ledger"].close()
        for kind in ("", ".keys"):
            (folder / f"customers{kind}.db").rename(folder / f"tour{kind}.db")


def _demo_and_tour(folder: Path) -> None:
    _demo(folder)
    _tour(folder)


STAGES = {
    "README.zh.md": Stage(_tour),
    "README.md": Stage(
        _demo_and_tour,
        (r"recorded \d{4}-\d\d-\d\d \d\d:\d\d(?: with #\d+)?", r"\b[0-9a-f]{16}\b"),
    ),
}
"""By page."""
