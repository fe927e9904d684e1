"""A batch is opened with a reason, continued after a crash at its own moment, and closed with its counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import guanxi
from guanxi import Conflict, Incomplete, Ledger, Unknown, verify
from guanxi.relationship import CloseImportBatch, OpenImportBatch, close_batch, open_batch


@pytest.fixture
def ledger(memory_url: str) -> Iterator[Ledger]:
    made = guanxi.open(memory_url)
    made.clock = lambda: datetime(2012, 3, 1, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    yield made
    made.close()


def close(ledger: Ledger, batch: str) -> None:
    close_batch(ledger, "till", batch, actor="clerk", accepted=3, known=2, refused=1, waiting=0)


@pytest.mark.rule("CORE-98")
def test_a_batch_left_open_is_continued_with_its_reason_and_moment(ledger: Ledger) -> None:
    first = open_batch(ledger, "till", reason="history", actor="clerk")
    assert (first.id, first.continued, first.recorded_at) == ("till-1", False, "2012-03-01T00:00:00.000000Z")
    ledger.clock = lambda: datetime(2012, 3, 2, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    again = open_batch(ledger, "till", reason="history, second try", actor="clerk")
    assert (again.id, again.continued, again.recorded_at, again.reason) == (
        "till-1",
        True,
        first.recorded_at,
        "history",
    )
    close(ledger, "till-1")
    second = open_batch(ledger, "till", reason="March", actor="clerk")
    assert (second.id, second.recorded_at) == ("till-2", "2012-03-02T00:00:00.000000Z")
    assert verify(ledger.store).faults == ()


def test_the_batches_of_a_source_are_told_apart_from_another_s(ledger: Ledger) -> None:
    assert open_batch(ledger, "till", reason="r", actor="clerk").id == "till-1"
    assert open_batch(ledger, "收银", reason="r", actor="clerk").id == "收银-1"


@pytest.mark.rule("RET-59e")
@pytest.mark.parametrize("reason", ["", "   "])
def test_a_batch_without_a_reason_is_incomplete(ledger: Ledger, reason: str) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        open_batch(ledger, "till", reason=reason, actor="clerk")
    with pytest.raises(Incomplete, match="reason_missing"):
        OpenImportBatch(batch="till-1", source="till", reason=reason)
    assert ledger.store.count() == 0


def test_the_log_says_what_became_of_a_batch(ledger: Ledger) -> None:
    open_batch(ledger, "till", reason="history", actor="clerk")
    close(ledger, "till-1")
    opened, closed = ledger.store.entries("import-till")
    assert (opened.name, opened.actor, opened.reason) == ("core.import_batch_opened", "clerk", "history")
    assert json.loads(closed.payload) == {
        "batch": "till-1",
        "accepted": 3,
        "known": 2,
        "refused": 1,
        "waiting": 0,
    }


def test_a_batch_is_open_once_and_closed_once(ledger: Ledger) -> None:
    open_batch(ledger, "till", reason="history", actor="clerk")
    with pytest.raises(Conflict, match="batch_open"):
        ledger.execute("import-till", OpenImportBatch(batch="x", source="till", reason="r"), actor="clerk")
    close(ledger, "till-1")
    close(ledger, "till-1")
    with pytest.raises(Unknown, match="batch_not_open"):
        ledger.execute(
            "import-till",
            CloseImportBatch(batch="till-1", accepted=0, known=0, refused=0, waiting=0),
            actor="clerk",
        )
    assert len(ledger.store.entries("import-till")) == 2
