"""A ledger, the CDNOW files, and small data files with their mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi import Ledger
from guanxi_adapters.files import Mapping, load_mapping, mapping_from

CDNOW = Path(__file__).resolve().parents[3] / "examples" / "cdnow"
NOW = datetime(2012, 3, 1, 10, tzinfo=UTC)


def opened(url: str, now: datetime = NOW, zone: str = "America/New_York") -> Ledger:
    """A ledger whose clock stands still."""
    ledger = guanxi.open(url, zone=zone)
    ledger.clock = lambda: now  # type: ignore[method-assign,assignment]
    return ledger


@pytest.fixture
def ledger(memory_url: str) -> Iterator[Ledger]:
    """An empty ledger in memory, on 1 March 2012."""
    made = opened(memory_url)
    yield made
    made.close()


@pytest.fixture
def sample() -> Mapping:
    """The mapping of the CDNOW sample."""
    return load_mapping(CDNOW / "sample.toml")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a data file of these lines."""

    def make(*lines: str, name: str = "data.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("".join(line + "\n" for line in lines).encode(encoding))
        return path

    return make


def table(kind: str = "unnumbered", **changes: Any) -> dict[str, Any]:
    """The values of a small mapping file: customer, day, amount; ``source_…`` and ``files_…`` change those tables."""
    source: dict[str, Any] = {
        "name": "till",
        "kind": kind,
        "format": "csv",
        "header": 1,
        "zone": "Asia/Shanghai",
        "precision": "day",
    }
    line: dict[str, Any] = {
        "command": "retail.record_purchase",
        "customer": "customer",
        "occurred_at": "day",
        "fields": {"receipt": {"generated": True}, "paid": {"column": "paid", "currency": "CNY"}},
    }
    if kind == "numbered":
        line |= {"document": "receipt", "number": "line"}
        line["fields"]["receipt"] = {"columns": ["receipt", "line"]}
    files: dict[str, Any] = {"opens": True}
    for name, value in changes.items():
        part, _, key = name.partition("_")
        {"source": source, "line": line, "files": files, "field": line["fields"]}[part][key] = value
    return {"source": source, "line": [line], "files": files}


def mapped(kind: str = "unnumbered", **changes: Any) -> Mapping:
    """A small mapping; see ``table``."""
    return mapping_from(table(kind, **changes))


def facts(ledger: Ledger, name: str = "retail.purchase_recorded") -> list[Any]:
    """The entries of a name, in order of the log."""
    found, after = [], 0
    while page := ledger.store.page(after, 10_000):
        found += [e for e in page if e.name == name]
        after = page[-1].position
    return found


def events(ledger: Ledger, name: str = "retail.purchase_recorded") -> list[Any]:
    """The events of a name, in order of the log."""
    return [
        ledger.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
        for e in facts(ledger, name)
    ]


def spent(ledger: Ledger) -> Decimal:
    """Money of all purchases."""
    return sum((e.paid.amount for e in events(ledger)), Decimal(0))


def points(ledger: Ledger, until: str) -> tuple[int, int]:
    """Points expired and still active, of all customers together, by what counts up to a stamp."""
    total = {"retail.points_activated": 0, "retail.points_expired": 0}
    for name in total:
        for entry, event in zip(facts(ledger, name), events(ledger, name), strict=True):
            if entry.effective_from <= until:
                total[name] += event.points
    return total["retail.points_expired"], total["retail.points_activated"] - total["retail.points_expired"]
