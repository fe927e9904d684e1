"""A plugin that is away: its entries are kept, counted and shown as opaque, life goes on, and on its return all is as if it had stayed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guanxi import CustomerFile, Money, OpenFile, PluginError, RecordProfileFact, Unknown, verify
from guanxi_retail import PointsRules, RecordPurchase, RedeemPoints
from guanxi_retail.points.points import Points
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel.desks import Desk
from tests.laws.test_hindsight import drawn


def before(desk: Desk) -> None:
    """What is told while retail is there: a lot to mature on 11 June and to lapse in July."""
    desk.open("C-1", "C-2", name="李明")
    desk.ledger.publish(
        PointsRules(months=1, pending_days=10), effective_from=desk.now, by="a", approved_by="b"
    )
    desk.buy("A")
    desk.buy("B", 40, "2025-05-30", who="C-2")
    desk.ledger.reporting.project()


def meanwhile(desk: Desk) -> None:
    """What is told while retail is away."""
    desk.on("2025-06-05").tell(RecordProfileFact(field_name="name", value="李明明"))
    desk.on("2025-06-20").open("C-3", on="2025-06-20", name="新客")
    desk.tell(RecordProfileFact(field_name="colour", value="red"))


def afterwards(desk: Desk) -> None:
    desk.on("2025-06-25").tell(RedeemPoints(redemption="X", points=30))


@pytest.fixture
def urls(tmp_path: Path) -> tuple[str, str]:
    """The URLs of two databases that were told the same before: byte for byte."""
    for name in ("left", "stayed"):
        (tmp_path / name).mkdir()
    url = f"sqlite:///{tmp_path / 'left' / 'ledger.db'}"
    with Desk(url) as desk:
        before(desk)
    for file in (tmp_path / "left").iterdir():
        shutil.copy(file, tmp_path / "stayed")
    return url, f"sqlite:///{tmp_path / 'stayed' / 'ledger.db'}"


@pytest.fixture
def without(urls: tuple[str, str]) -> Iterator[Desk]:
    with Desk(urls[0], plugins=[]) as desk:
        yield desk


def test_a_ledger_opens_without_the_plugin_and_shows_its_entries_as_opaque(without: Desk) -> None:
    lines = without.ledger.history("C-1").lines()
    opaque = [line for line in lines if line.status == "opaque"]
    assert [line.name for line in opaque] == ["retail.purchase_recorded", "retail.points_earned"]
    assert all(line.fields is None and line.event is None and line.entry is not None for line in opaque)
    assert [(line.name, line.status) for line in lines if line.name.startswith("core.")] == [
        ("core.file_opened", "in force"),
        ("core.lifecycle_stage_changed", "in force"),
        ("core.trust_stage_changed", "in force"),
    ]
    assert without.ledger.history("C-1").state(CustomerFile).name == "李明"


def test_its_entries_are_counted_and_verified_all_the_same(without: Desk) -> None:
    found = verify(without.ledger.store)
    assert (found.clean, found.entries) == (True, without.count())
    assert sum(e.name.startswith("retail.") for e in without.ledger.store.page(0, 100)) == 5


def test_its_facets_commands_and_reports_are_unknown_meanwhile(without: Desk) -> None:
    for asking in (
        lambda: without.ledger.history("C-1").state(Points),
        lambda: without.buy("Z"),
        lambda: without.ledger.report("retail.customers"),
    ):
        with pytest.raises(Unknown):
            asking()


def test_what_it_recorded_cannot_be_corrected_without_it(without: Desk) -> None:
    before_ = without.count()
    bought = next(e for e in without.ledger.history("C-1").entries() if e.name == "retail.purchase_recorded")
    with pytest.raises(PluginError, match="plugin_absent"):
        without.ledger.correct(bought.id, {"quantity": 2}, actor="clerk", reason="two")
    assert without.count() == before_


def test_life_goes_on_without_it(without: Desk) -> None:
    meanwhile(without)
    assert without.ledger.history("C-1").state(CustomerFile).name == "李明明"
    assert [row[0] for row in without.ledger.report("core.files").rows] == ["C-1", "C-2", "C-3"]
    assert without.ledger.advance() == 0
    assert verify(without.ledger.store).clean


def returned(urls: tuple[str, str]) -> tuple[Desk, Desk]:
    """Return a ledger that retail came back to, and one that it never left, told the same."""
    with Desk(urls[0], plugins=[]) as desk:
        meanwhile(desk)
        desk.ledger.report("core.files")
    left, stayed = Desk(urls[0], now="2025-06-25"), Desk(urls[1])
    meanwhile(stayed)
    stayed.on("2025-06-25")
    return left, stayed


@pytest.fixture
def pair(urls: tuple[str, str]) -> Iterator[tuple[Desk, Desk]]:
    left, stayed = returned(urls)
    with left, stayed:
        yield left, stayed


def in_force(desk: Desk, who: str) -> list[str]:
    stream = desk.stream(who)
    return drawn(desk.ledger.judge().timelines.build(stream, desk.ledger.store.fold_rows(stream)))


def rows(desk: Desk) -> dict[str, list[Any]]:
    desk.ledger.reporting.project()
    reader = desk.ledger.reporting.projector.reader()
    return {m.name: [row for _, row in reader.rows(m)] for m in desk.ledger.reporting.models}


def test_what_fell_due_meanwhile_is_decided_on_its_return(pair: tuple[Desk, Desk]) -> None:
    left, stayed = pair
    assert left.ledger.advance() > 0
    stayed.ledger.advance()
    for who in ("C-1", "C-2", "C-3"):
        assert in_force(left, who) == in_force(stayed, who)
        assert left.ledger.history(who).values() == stayed.ledger.history(who).values()
    activated = next(
        line for line in left.ledger.history("C-1").lines() if line.name == "retail.points_activated"
    )
    assert activated.recorded_at == left.now
    assert activated.effective_from.date() == left.now.date() - timedelta(days=14)
    assert left.ledger.advance() == 0


def test_after_its_return_all_goes_on_as_if_it_had_stayed(pair: tuple[Desk, Desk]) -> None:
    for desk in pair:
        afterwards(desk)
        desk.on("2025-07-20").ledger.advance()
    left, stayed = pair
    assert left.ledger.history("C-1").state(Points) == stayed.ledger.history("C-1").state(Points)
    assert left.ledger.history("C-1").state(Points).expired == 70
    assert [in_force(left, who) for who in ("C-1", "C-2")] == [
        in_force(stayed, who) for who in ("C-1", "C-2")
    ]
    assert verify(left.ledger.store).clean


def test_its_read_models_come_level_with_the_same_rows_as_a_rebuild_and_as_if_it_had_stayed(
    pair: tuple[Desk, Desk],
) -> None:
    left, stayed = pair
    for desk in pair:
        desk.ledger.advance()
    level = rows(left)
    assert level == rows(stayed)
    left.ledger.reporting.rebuild()
    assert rows(left) == level
    assert {s.position for s in left.ledger.reporting.status()} == {left.ledger.store.last_position()}


def test_a_report_of_now_waits_for_nobody_to_advance(pair: tuple[Desk, Desk]) -> None:
    answers = [desk.ledger.report("retail.points_movement").rows for desk in pair]
    assert answers[0] == answers[1]


def test_a_history_of_now_waits_for_nobody_to_advance(pair: tuple[Desk, Desk]) -> None:
    left, stayed = pair
    assert left.ledger.history("C-1").values() == stayed.ledger.history("C-1").values()


def test_a_fact_told_to_the_returned_plugin_first_decides_what_fell_due(pair: tuple[Desk, Desk]) -> None:
    answers = []
    for desk in pair:
        desk.ledger.execute("C-1", RecordPurchase(receipt="N", paid=Money(5, "CNY")), actor="clerk")
        answers.append(
            (
                desk.ledger.history("C-1").state(Points),
                desk.ledger.history("C-1").state(Purchases),
                in_force(desk, "C-1"),
            )
        )
    assert answers[0] == answers[1]


def test_nothing_is_lost_by_coming_and_going_again(urls: tuple[str, str]) -> None:
    tell: list[Callable[[Desk], object]] = [
        lambda d: d.on("2025-06-05").tell(RecordProfileFact(field_name="a", value="1")),
        lambda d: d.on("2025-06-12").buy("N"),
        lambda d: d.on("2025-06-15").tell(RecordProfileFact(field_name="b", value="2")),
        lambda d: d.on("2025-06-22").tell(RedeemPoints(redemption="X", points=30)),
        lambda d: d.on("2025-07-30").tell(OpenFile(), who="C-4"),
    ]
    for n, step in enumerate(tell):
        with Desk(urls[0], plugins=[] if n % 2 == 0 else None) as desk:
            step(desk)
    with Desk(urls[1]) as stayed, Desk(urls[0], now="2025-07-31") as left:
        for step in tell:
            step(stayed)
        stayed.on("2025-07-31")
        for desk in (left, stayed):
            desk.ledger.advance()
        assert left.ledger.history("C-1").values() == stayed.ledger.history("C-1").values()
        assert in_force(left, "C-1") == in_force(stayed, "C-1")
        assert rows(left) == rows(stayed)
        assert verify(left.ledger.store).clean
