"""What a published run keeps: classes by money, numbers that outlast a member's name, and nothing of a mere question."""

from __future__ import annotations

from datetime import datetime

import pytest

from guanxi import Ledger
from guanxi.relationship.governance.commands import ErasePersonalData
from guanxi.relationship.grading.classing import concentration
from guanxi.relationship.grading.rules import ConcentrationRules
from plugins.retail.tests.till import ZONE


def end_of(day: str) -> datetime:
    return datetime.fromisoformat(day + "T23:59:59.999999").replace(tzinfo=ZONE)


@pytest.mark.slow
@pytest.mark.rule("RET-60c")
def test_abc_classes_of_the_sample_and_the_share_of_its_top(shop):
    ledger: Ledger = shop.ledger
    for day, classes, share in (
        ("1997-09-30", {"A": 900, "B": 800, "C": 657}, "63.35"),
        ("1998-06-30", {"A": 777, "B": 804, "C": 776}, "67.46"),
    ):
        done = ledger.run("retail.abc", actor="analyst", as_of=end_of(day), reason="quarter")
        assert done.counts == classes
        lines = {member: line.spend for member, line in ledger.runs.lines(done.id)}
        assert sum(lines.values()) == done.controls["spend"]
        accounts = {row[0]: row for row in ledger.report("core.files").rows}
        named = {stream: a for a, stream in ledger.find_all(list(accounts)).items()}
        top = concentration({named[m]: spend for m, spend in lines.items()}, ConcentrationRules())
        assert (len(top.top), str(round(top.top_share, 2))) == (472, share)


@pytest.mark.rule("RET-60d")
def test_a_run_stands_as_it_was_when_a_member_is_erased(till):
    one = till()
    one.buy("2012-06-15", "A", "100")
    one.open("M-2")
    one.buy("2012-06-16", "B", "900", member="M-2")
    one.at("2012-07-01")
    run = one.ledger.run("retail.rfm", actor="analyst", as_of=end_of("2012-06-30"))
    before = one.ledger.runs.lines(run.id)
    one.ledger.execute("M-2", ErasePersonalData(legal_basis="request"), actor="officer", reason="asked")
    [after] = [view for view in one.ledger.runs.views() if view.id == run.id]
    assert (after.population, after.controls, after.digest) == (run.population, run.controls, run.digest)
    assert one.ledger.runs.lines(run.id) == before
    assert one.ledger.find("M-2") in dict(before)


@pytest.mark.rule("RET-60d")
def test_a_run_starts_when_every_member_has_caught_up(till):
    one = till()
    one.buy("2012-06-15", "A", "100", area="books")
    one.at("2013-07-01")  # the lot's last day is long over, and no job has run since
    run = one.ledger.run("retail.rfm", actor="analyst", as_of=end_of("2013-06-30"))
    names = [(e.name, e.position) for e in one.ledger.store.page(0, 1000)]
    expired = next(place for name, place in names if name == "retail.points_expired")
    started = next(place for name, place in names if name == "core.run_started")
    assert expired < started
    assert run.population == 1


@pytest.mark.rule("RET-60d")
def test_a_question_with_another_variant_leaves_no_run(till):
    one = till()
    one.buy("2012-06-15", "A", "100")
    one.at("2012-07-01")
    entries = one.ledger.store.count()
    nested = one.ledger.report("retail.rfm", variant="nested", view="customers")
    assert len(nested.rows) == 1
    assert (one.ledger.runs.views(), one.ledger.store.count()) == ([], entries)
