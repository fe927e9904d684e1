"""What arrives before its customer file waits under its own reference, and is taken in once, with its own day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import guanxi
from guanxi import Ledger, Money, OpenFile, Source, StoreError, Telling, verify
from guanxi.relationship import keep_waiting, release_all_waiting, release_waiting
from guanxi.relationship.waiting import waiting_stream
from guanxi_retail import RecordPurchase
from guanxi_retail.purchases.purchases import Purchases

DAY = datetime(2012, 1, 5, tzinfo=UTC)


@pytest.fixture
def ledger(memory_url: str) -> Iterator[Ledger]:
    made = guanxi.open(memory_url)
    made.clock = lambda: datetime(2012, 3, 1, tzinfo=UTC)  # type: ignore[method-assign,assignment]
    yield made
    made.close()


def told(
    receipt: str = "A", account: str = "C-1", paid: str = "12.50", currency: str = "CNY", **changes: Any
) -> Telling:
    given: dict[str, Any] = {
        "subject": account,
        "command": RecordPurchase(receipt=receipt, paid=Money(paid, currency)),
        "actor": "clerk",
        "occurred_at": DAY,
        "precision": "day",
        "happened": True,
        "source": Source("till", receipt, "1"),
        "batch": "till-1",
    }
    return Telling(**{**given, **changes})


def open_file(ledger: Ledger, account: str = "C-1") -> None:
    ledger.execute(
        account, OpenFile(), actor="clerk", occurred_at=datetime(2012, 1, 1, tzinfo=UTC), reason="found"
    )


@pytest.mark.rule("CORE-98c")
def test_what_waits_is_taken_in_with_its_own_day_when_the_file_is_opened(ledger: Ledger) -> None:
    (verdict,) = ledger.take_in([told()])
    assert (verdict.status, verdict.refusal.code if verdict.refusal else "") == (
        "waiting",
        "unknown_relationship",
    )
    assert [v.status for v in keep_waiting(ledger, [told()])] == ["waiting"]
    open_file(ledger)
    stream = ledger.find("C-1")
    assert stream is not None
    purchase = ledger.store.entries(stream)[1]
    assert (purchase.name, purchase.occurred_at, purchase.precision) == (
        "retail.purchase_recorded",
        "2012-01-05T00:00:00.000000Z",
        "day",
    )
    assert (purchase.actor, purchase.source_system, purchase.source_document, purchase.batch) == (
        "clerk",
        "till",
        "A",
        "till-1",
    )
    assert ledger.take_in([told()])[0].status == "known"
    assert verify(ledger.store).faults == ()


@pytest.mark.rule("CORE-03")
def test_what_waits_keeps_its_reference(ledger: Ledger) -> None:
    keep_waiting(ledger, [told()])
    assert [v.status for v in keep_waiting(ledger, [told(), told("B")])] == ["known", "waiting"]
    (other,) = keep_waiting(ledger, [told(paid="13.50")])
    assert (other.status, other.refusal.code if other.refusal else "") == ("refused", "source_conflict")


def test_release_interrupted_before_it_was_noted_takes_nothing_in_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_waiting(ledger, [told(), told("B")])
    execute = ledger.execute

    def broken(*args: Any, **keywords: Any) -> Any:
        raise StoreError("disk_full")

    opening = OpenFile()
    monkeypatch.setattr(ledger, "execute", broken)
    tell = Telling(subject="C-1", command=opening, actor="clerk", occurred_at=DAY, happened=True, batch="b")
    assert ledger.take_in([tell])[0].status == "accepted"
    monkeypatch.setattr(ledger, "execute", execute)
    assert ledger.history("C-1").state(Purchases).count == 2
    assert release_all_waiting(ledger) == 2
    assert release_all_waiting(ledger) == 0
    assert ledger.history("C-1").state(Purchases).count == 2


def test_releasing_what_has_no_file_yet_does_nothing(ledger: Ledger) -> None:
    keep_waiting(ledger, [told()])
    assert release_waiting(ledger, ["C-1", "C-2"]) == release_all_waiting(ledger) == 0
    open_file(ledger)
    assert release_all_waiting(ledger) == 0


def test_what_the_file_refuses_is_noted_with_its_code_and_may_be_brought_again(ledger: Ledger) -> None:
    keep_waiting(ledger, [told(), told("B", currency="USD", occurred_at=datetime(2012, 1, 6, tzinfo=UTC))])
    open_file(ledger)
    released = ledger.store.entries(waiting_stream(ledger, "C-1"))[2:]
    assert ['"unit_mismatch"' in e.payload for e in released] == [False, True]
    assert release_all_waiting(ledger) == 0
    assert ledger.take_in([told("B", currency="CNY")])[0].status == "accepted"


def test_account_number_and_content_are_sealed_and_wait_no_longer_once_their_key_is_gone(
    ledger: Ledger,
) -> None:
    keep_waiting(ledger, [told(account="13800138000")])
    stream = waiting_stream(ledger, "13800138000")
    (entry,) = ledger.store.entries(stream)
    assert "13800138000" not in stream + entry.payload
    assert "12.50" not in entry.payload
    assert entry.data_subject == stream
    ledger.backend.keyring.destroy(stream, "dealings")
    ledger.execute("13800138000", OpenFile(), actor="clerk", occurred_at=DAY, reason="found")
    assert release_all_waiting(ledger) == 0
    assert ledger.history("13800138000").state(Purchases).count == 0
