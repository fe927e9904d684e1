"""Two writers open one file at the same moment: one file comes of it, however each of them tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi import Conflict, Ledger, OpenFile, Telling

NOON = datetime(2025, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def ledgers(tmp_path: Path) -> Iterator[tuple[Ledger, Ledger]]:
    url = f"sqlite:///{tmp_path / 'customers.db'}"
    ours, theirs = guanxi.open(url, plugins=[]), guanxi.open(url, plugins=[])
    yield ours, theirs
    ours.close()
    theirs.close()


def after_looking_for_the_file(ledger: Ledger, then: Callable[[], object]) -> None:
    """Have something happen once, right after the ledger has looked whether the file is there."""
    look = ledger.store.holders
    left = [then]

    def looked(keys: Sequence[tuple[str, str]], connection: Any = None) -> Mapping[tuple[str, str], str]:
        found = look(keys, connection)
        if left:
            left.pop()()
        return found

    ledger.store.holders = looked  # type: ignore[method-assign]


@pytest.mark.rule("CORE-95a")
def test_a_batch_that_meets_an_opening_refuses_its_own(ledgers: tuple[Ledger, Ledger]) -> None:
    ours, theirs = ledgers
    after_looking_for_the_file(ours, lambda: theirs.execute("C-1", OpenFile(name="first"), actor="clerk"))
    telling = Telling("C-1", OpenFile(name="second"), "clerk", occurred_at=NOON, happened=True, batch="b-1")
    (verdict,) = ours.take_in([telling])
    assert verdict.refusal is not None
    assert verdict.refusal.code == "identifier_taken"
    assert [h.stream for h in theirs.store.streams("customer", "", 9)] == [theirs.find("C-1")]


@pytest.mark.rule("CORE-95a")
def test_a_report_of_an_opening_that_meets_another_is_refused(ledgers: tuple[Ledger, Ledger]) -> None:
    ours, theirs = ledgers
    after_looking_for_the_file(ours, lambda: theirs.execute("C-1", OpenFile(name="first"), actor="clerk"))
    with pytest.raises(Conflict, match="identifier_taken"):
        ours.execute("C-1", OpenFile(name="second"), actor="clerk", happened=True)
    assert [h.stream for h in theirs.store.streams("customer", "", 9)] == [theirs.find("C-1")]
