"""What was drawn from something that was erased since is named as not derivable, and is no difference (CORE-96)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from guanxi import OpenFile, RecordProfileFact
from guanxi.kernel.rederiving import Comparison
from guanxi.relationship.governance.erasing import erase
from guanxi.relationship.service.commands import RecordNeed
from guanxi.relationship.service.events import NeedRecorded
from guanxi.relationship.service.rules import NeedMark, NeedRules
from tests.kernel.desks import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Two customers, each with a need whose words say what it is."""
    with Desk(plugins=[], now="2025-01-02") as d:
        rules = NeedRules(marks=(NeedMark("word", "维修", "repair"),))
        d.ledger.publish(rules, effective_from=d.now, by="clerk", approved_by="head")
        for who in ("C-1", "C-2"):
            d.tell(OpenFile(name="李明"), who=who)
            d.tell(RecordNeed(need=f"N-{who}", wording="请来维修", channel="phone"), who=who)
        d.on("2025-03-01")
        yield d


def lost(found: Comparison) -> set[tuple[str | None, str]]:
    return {(c.account, c.name) for c in found.underivable}


@pytest.mark.rule("CORE-96")
def test_a_decision_drawn_from_erased_words_is_not_derivable_and_no_difference(desk: Desk) -> None:
    assert desk.ledger.check_determinism().underivable == ()
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request")
    for found in (desk.ledger.check_determinism(), desk.ledger.rederive()):
        assert found.same
        assert lost(found) == {("C-1", "core.need_classified")}
        (change,) = found.underivable
        assert [c.code for c in change.causes] == ["erased"]


@pytest.mark.rule("CORE-96")
def test_what_is_erased_hides_no_tampering(desk: Desk) -> None:
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request")
    stream = desk.stream("C-1")
    (entry,) = (e for e in desk.ledger.store.entries(stream) if e.name == "core.need_classified")
    payload = json.dumps({**json.loads(entry.payload), "need_class": "fault"})
    store: Any = desk.ledger.store
    with store.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE guanxi_entries SET payload = :p WHERE stream = :s AND version = :v"),
            {"p": payload, "s": stream, "v": entry.version},
        )
    found = desk.ledger.check_determinism()
    assert not found.same
    assert {c.name for c in found.changes} == {"core.need_classified"}
    assert lost(found) == set()


@pytest.mark.rule("CORE-96")
def test_an_erasure_excuses_no_rule_that_looks_at_other_things(desk: Desk) -> None:
    """The hobby of one customer is erased, and needs are not classified any more by changed code."""
    desk.tell(RecordProfileFact(field_name="hobby", value="chess"))
    erase(desk.ledger, "C-1", actor="officer", legal_basis="request", families=("preference",))
    desk.ledger.house.room("customer").reactions[NeedRecorded] = []
    found = desk.ledger.check_determinism()
    assert {(c.account, c.name) for c in found.changes} == {
        ("C-1", "core.need_classified"),
        ("C-2", "core.need_classified"),
    }
    assert lost(found) == set()
