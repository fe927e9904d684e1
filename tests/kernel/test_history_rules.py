"""The rules of history itself, row by row: append, correct and void; clocks; the same thing twice; decisions; rule sets; time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError

from guanxi import (
    Conflict,
    CustomerFile,
    Incomplete,
    Invalid,
    Ledger,
    Line,
    Money,
    NotPermitted,
    RecordProfileFact,
    RuleNotMet,
    Source,
    Telling,
    verify,
)
from guanxi.kernel.ports import Append, StreamAppend, VersionConflict
from guanxi_retail import PointsRules, RecordPurchase
from guanxi_retail.points.points import Points
from guanxi_retail.purchases.purchases import Purchases
from tests.kernel import shop
from tests.kernel.desks import Desk, moment
from tests.laws import club
from tests.laws.histories import transactions


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A customer of 2020 at the desk of a shop."""
    with Desk(now="2024-01-01", plugins=[shop.parts]).open() as d:
        yield d


@pytest.fixture
def till() -> Iterator[Desk]:
    """A customer of 2020 at a till."""
    with Desk(now="2024-01-01").open() as d:
        yield d


def fact(desk: Desk, field: str, value: str, on: str, effective_from: str | None = None) -> str:
    """Record a profile fact and return its entry's id."""
    later = {} if effective_from is None else {"effective_from": moment(effective_from + "T00:00")}
    outcome = desk.tell(
        RecordProfileFact(field_name=field, value=value), on + "T00:00", reason="told", **later
    )
    return outcome.entries[0].id


def profile(desk: Desk, field: str, as_of: str, as_known: str | None = None) -> object:
    history = desk.ledger.history("C-1").as_of(as_of)
    history = history if as_known is None else history.as_known(as_known)
    return history.state(CustomerFile).profile.get(field)


def spent(desk: Desk, as_of: str, as_known: str | None = None) -> int:
    history = desk.ledger.history("C-1").as_of(as_of)
    history = history if as_known is None else history.as_known(as_known)
    return int(history.state(Purchases).spent)


def lines_of(desk: Desk, name: str) -> list[Line]:
    return [line for line in desk.ledger.history("C-1").lines() if line.name == name]


# CORE-01: append, never replace


@pytest.mark.rule("CORE-01a")
def test_a_change_of_name_is_a_further_entry(desk: Desk) -> None:
    desk.on("2024-01-05")
    fact(desk, "name", "A", "2024-01-05")
    desk.on("2024-03-03")
    fact(desk, "name", "B", "2024-03-01")
    assert profile(desk, "name", "2024-02-28") == "A"
    assert profile(desk, "name", "2024-03-01") == "B"
    assert profile(desk, "name", "2024-03-01", "2024-03-02") == "A"
    assert [line.fields["value"] for line in lines_of(desk, "core.profile_fact_recorded") if line.fields] == [
        "A",
        "B",
    ]


@pytest.mark.rule("CORE-01b")
def test_a_correction_counts_at_its_targets_place_and_from_its_own_recording_is_known(desk: Desk) -> None:
    desk.on("2024-05-01")
    phone = fact(desk, "phone", "X", "2024-05-01")
    desk.on("2024-05-20").ledger.correct(phone, {"value": "Y"}, actor="clerk", reason="misread")
    assert profile(desk, "phone", "2024-05-10", "2024-05-10") == "X"
    assert profile(desk, "phone", "2024-05-10", "2024-05-21") == "Y"


@pytest.mark.rule("CORE-01c")
def test_nothing_is_voided_twice_and_no_void_is_undone(till: Desk) -> None:
    bought = till.buy("A").entries[0].id
    void = till.ledger.void(bought, actor="clerk", reason="never happened").entries[0].id
    before = till.count()
    for entry in (bought, void):
        with pytest.raises(Conflict, match="already_voided"):
            till.ledger.void(entry, actor="clerk", reason="again")
        with pytest.raises(Conflict, match="already_voided"):
            till.ledger.correct(entry, {"quantity": 2}, actor="clerk", reason="again")
    assert till.count() == before


@pytest.mark.rule("CORE-01c")
def test_a_decision_is_neither_corrected_nor_voided(till: Desk) -> None:
    earned = next(e for e in till.buy("A").entries if e.kind == "decision")
    before = till.count()
    with pytest.raises(RuleNotMet, match="decision_not_correctable"):
        till.ledger.correct(earned.id, {"points": 1_000}, actor="clerk", reason="generous")
    with pytest.raises(RuleNotMet, match="decision_not_correctable"):
        till.ledger.void(earned.id, actor="clerk", reason="mean")
    assert till.count() == before


@pytest.mark.rule("CORE-01c")
def test_no_door_leads_to_overwriting_or_deleting_an_entry(till: Desk) -> None:
    till.buy("A")
    store, stream = till.ledger.store, till.stream()
    entries, head = store.entries(stream), store.heads([stream])[stream]
    again = entries[-1]._replace(actor="mallory")
    overwrite = StreamAppend(stream, "customer", again.version - 1, (again,), head)
    with pytest.raises(VersionConflict):
        store.append(Append("main", (overwrite,)))
    recorder = till.ledger.recorder
    with pytest.raises(IntegrityError):
        recorder.insert_events(recorder.select_events(stream)[-1:])
    public = {
        name for thing in (till.ledger, store, recorder) for name in dir(thing) if not name.startswith("_")
    }
    assert not [
        name
        for name in public
        if any(word in name for word in ("delete", "remove", "overwrite", "update", "truncate"))
    ]
    assert store.entries(stream) == entries
    assert verify(store).clean


def test_a_correction_of_what_was_voided_by_way_of_an_earlier_correction_is_refused_too(till: Desk) -> None:
    bought = till.buy("A").entries[0].id
    correction = till.ledger.correct(bought, {"quantity": 2}, actor="clerk", reason="two").entries[0].id
    till.ledger.void(bought, actor="clerk", reason="never happened")
    with pytest.raises(Conflict, match="already_voided"):
        till.ledger.correct(correction, {"quantity": 3}, actor="clerk", reason="three")


@pytest.mark.rule("CORE-01d")
def test_views_go_by_the_day_from_which_an_entry_counts_and_not_by_its_entry(desk: Desk) -> None:
    fact(desk, "name", "A", "2024-01-01")
    desk.on("2024-03-02")
    fact(desk, "name", "C", "2024-03-02")
    desk.on("2024-03-03")
    fact(desk, "name", "B", "2024-03-01")
    assert profile(desk, "name", "2024-03-01") == "B"
    assert profile(desk, "name", "2024-03-02") == profile(desk, "name", "2024-03-03") == "C"
    assert profile(desk, "name", "2024-03-01", "2024-03-02") == "A"


@pytest.mark.rule("CORE-01e")
def test_of_several_corrections_the_last_counts_and_a_voided_one_gives_back_what_stood_before(
    till: Desk,
) -> None:
    bought = till.on("2024-04-01").buy("A", 500, "2024-04-01T00:00").entries[0].id
    till.on("2024-04-05").ledger.correct(bought, {"paid": Money(600, "CNY")}, actor="clerk", reason="misread")
    second = till.on("2024-04-07").ledger.correct(
        bought, {"paid": Money(550, "CNY")}, actor="clerk", reason="misread"
    )
    till.on("2024-04-09").ledger.void(second.entries[0].id, actor="clerk", reason="it was right")
    known = ("2024-04-04", "2024-04-05", "2024-04-07", "2024-04-09")
    assert [spent(till, "2024-04-01", at) for at in known] == [500, 600, 550, 600]
    told = [
        line
        for line in till.ledger.history("C-1").lines()
        if line.kind != "decision" and line.name != "core.file_opened"
    ]
    assert [(line.name, line.status) for line in told] == [
        ("retail.purchase_recorded", "corrected"),
        ("core.entry_corrected", "in force"),
        ("core.entry_corrected", "voided"),
        ("core.entry_voided", "in force"),
    ]


def test_corrections_count_field_by_field_and_one_aimed_at_a_correction_is_aimed_at_its_target(
    till: Desk,
) -> None:
    bought = till.buy("A", 500).entries[0].id
    first = (
        till.ledger.correct(bought, {"paid": Money(600, "CNY")}, actor="clerk", reason="misread")
        .entries[0]
        .id
    )
    till.ledger.correct(first, {"quantity": 3}, actor="clerk", reason="three of them")
    sale = till.ledger.history("C-1").state(Purchases).sales["A"]
    assert (sale.paid, sale.quantity) == (600, 3)


def test_a_correction_may_move_an_entry_to_another_day_and_its_decisions_follow(till: Desk) -> None:
    bought = till.on("2024-04-05").buy("A", 500).entries[0].id
    till.on("2024-04-06").ledger.correct(
        bought, actor="clerk", reason="wrong day", effective_from=moment("2024-03-01")
    )
    assert (spent(till, "2024-02-29"), spent(till, "2024-03-01")) == (0, 500)
    lots = till.ledger.history("C-1").state(Points).lots
    assert lots["A"].last_day == date(2025, 3, 1)


def stock(desk: Desk, as_of: str, goods: str = "oil") -> int | None:
    state: shop.Shop = desk.ledger.history("C-1").as_of(as_of).state(shop.Shop)
    return state.stock.get(goods)


def counted(desk: Desk, pieces: int, on: str, goods: str = "oil") -> str:
    return (
        desk.tell(shop.CountStock(pieces=pieces, goods=goods), on + "T00:00", reason="counted").entries[0].id
    )


@pytest.mark.rule("CORE-01g")
def test_a_standing_value_is_corrected_for_its_own_span_or_from_a_day_to_a_day(desk: Desk) -> None:
    desk.on("2024-04-20")
    first = counted(desk, 40, "2024-03-01")
    counted(desk, 70, "2024-04-01")
    whole = desk.ledger.correct(first, {"pieces": 50}, actor="clerk", reason="miscounted").entries[0].id
    assert [stock(desk, day) for day in ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01")] == [
        None,
        50,
        50,
        70,
    ]
    desk.ledger.void(whole, actor="clerk", reason="only some days")
    desk.ledger.correct(
        first, {"pieces": 50}, actor="clerk", reason="miscounted", days=("2024-03-10", "2024-03-12")
    )
    days = ("03-01", "03-09", "03-10", "03-11", "03-12", "03-13", "03-31", "04-01")
    assert [stock(desk, f"2024-{day}") for day in days] == [40, 40, 50, 50, 50, 40, 40, 70]


def test_after_the_corrected_days_a_value_stands_again_whatever_was_counted_of_other_goods(
    desk: Desk,
) -> None:
    desk.on("2024-04-20")
    first = counted(desk, 40, "2024-03-01")
    counted(desk, 7, "2024-03-11", goods="salt")
    desk.ledger.correct(
        first, {"pieces": 50}, actor="clerk", reason="miscounted", days=("2024-03-10", "2024-03-12")
    )
    assert [stock(desk, f"2024-03-{day}") for day in ("09", "12", "13")] == [40, 50, 40]


def test_after_the_corrected_days_a_value_stands_again_where_the_next_count_was_voided(desk: Desk) -> None:
    desk.on("2024-04-20")
    first = counted(desk, 40, "2024-03-01")
    desk.ledger.void(counted(desk, 70, "2024-03-11"), actor="clerk", reason="never counted")
    desk.ledger.correct(
        first, {"pieces": 50}, actor="clerk", reason="miscounted", days=("2024-03-10", "2024-03-12")
    )
    assert [stock(desk, f"2024-03-{day}") for day in ("09", "12", "13")] == [40, 50, 40]


def test_what_does_not_stand_over_days_cannot_be_corrected_for_some_days(till: Desk) -> None:
    bought = till.on("2024-04-01").buy("A").entries[0].id
    with pytest.raises(Invalid):
        till.ledger.correct(
            bought, {"paid": Money(5, "CNY")}, actor="clerk", reason="r", days=("2024-04-01", "2024-04-02")
        )


def test_days_that_end_before_they_begin_are_refused(desk: Desk) -> None:
    first = counted(desk.on("2024-04-20"), 40, "2024-03-01")
    with pytest.raises(Invalid):
        desk.ledger.correct(
            first, {"pieces": 50}, actor="clerk", reason="r", days=("2024-03-12", "2024-03-10")
        )


# CORE-02: clocks


@pytest.mark.rule("CORE-02a")
def test_a_manual_entry_is_late_after_three_days_and_then_needs_a_reason_and_a_feed_or_a_batch_does_not(
    till: Desk,
) -> None:
    visit = "2024-03-03"
    till.on("2024-03-06").buy("on time", on=visit)
    till.on("2024-03-07")
    with pytest.raises(Incomplete, match="late_entry_needs_reason"):
        till.buy("late", on=visit)
    till.buy("late", on=visit, reason="found in a drawer")
    till.buy("feed", on=visit, source=Source("till", "7"))
    till.on("2024-06-01")
    batch = Telling(
        subject="C-1",
        command=RecordPurchase(receipt="batch", paid=Money(1, "CNY")),
        actor="importer",
        reason="migration",
        occurred_at=moment(visit),
        source=Source("old system", "1"),
        batch="B-1",
    )
    assert [v.status for v in till.ledger.take_in([batch])] == ["accepted"]
    kept = lines_of(till, "retail.purchase_recorded")
    days = [(line.recorded_at.date() - line.effective_from.date()).days for line in kept if line.recorded_at]
    assert days == [3, 4, 4, 90]
    assert [line.reason for line in kept] == [None, "found in a drawer", None, None]
    assert [line.entry.batch for line in kept if line.entry] == [None, None, None, "B-1"]


@pytest.mark.rule("CORE-02b")
def test_a_report_at_the_cut_of_its_day_stays_what_it_was_and_later_shows_what_was_learned(
    till: Desk,
) -> None:
    till.on("2024-02-10").buy("A")
    till.on("2024-03-01")
    issued = till.ledger.report("retail.customers", as_of="2024-02-29", as_known="2024-03-01")
    till.on("2024-03-07").buy("B", on="2024-02-27", reason="found in a drawer")
    again = till.ledger.report("retail.customers", as_of="2024-02-29", as_known="2024-03-01")
    later = till.on("2024-03-08").ledger.report("retail.customers", as_of="2024-02-29", as_known="2024-03-08")
    assert (again.rows, again.manifest.digest) == (issued.rows, issued.manifest.digest)
    column = [c.name for c in issued.columns].index("purchases")
    assert (issued.rows[0][column], later.rows[0][column]) == (1, 2)


@pytest.mark.rule("CORE-02c")
def test_what_lies_more_than_five_minutes_ahead_has_not_happened(till: Desk) -> None:
    before = till.count()
    with pytest.raises(Invalid, match="future_dated"):
        till.ledger.execute(
            "C-1",
            RecordPurchase(receipt="A", paid=Money(1, "CNY")),
            actor="c",
            occurred_at=till.now + timedelta(minutes=10),
        )
    assert till.count() == before
    till.ledger.execute(
        "C-1",
        RecordPurchase(receipt="A", paid=Money(1, "CNY")),
        actor="c",
        occurred_at=till.now + timedelta(minutes=5),
    )


@pytest.mark.rule("CORE-02d")
def test_what_is_decided_today_may_hold_from_a_later_day(desk: Desk) -> None:
    fact(desk, "limit", "500000", "2024-01-01")
    desk.on("2024-05-20")
    fact(desk, "limit", "300000", "2024-05-20", effective_from="2024-06-01")
    assert profile(desk, "limit", "2024-05-31") == "500000"
    assert profile(desk, "limit", "2024-06-01", "2024-05-20") == "300000"
    assert profile(desk, "limit", "2024-06-01", "2024-05-19") == "500000"


@pytest.mark.rule("CORE-02e")
def test_a_fact_known_to_the_day_is_in_time_for_any_limit_of_that_day(desk: Desk) -> None:
    desk.on("2024-05-20").tell(shop.Promise(promise="pay", last_day=date(2024, 5, 31)))
    desk.on("2024-06-02").tell(shop.Keep(promise="pay"), "2024-05-31T00:00", precision="day")
    history = desk.ledger.history("C-1")
    assert history.as_of("2024-05-31T10:00").state(shop.Shop).open == set()
    assert history.state(shop.Shop).broken == []


def test_the_time_of_day_of_a_fact_known_to_the_day_says_nothing(till: Desk) -> None:
    till.on("2024-06-01").buy("A", on="2024-05-31T15:00", precision="day")
    assert spent(till, "2024-05-31T10:00") == 100


def test_knowledge_never_runs_backwards_within_a_file(till: Desk) -> None:
    till.on("2024-05-02").buy("A")
    till.on("2024-05-01").buy("B", on="2024-05-01")
    recorded = [e.recorded_at for e in till.ledger.history("C-1").entries()]
    assert recorded == sorted(recorded)
    assert verify(till.ledger.store).clean


# CORE-03: the same thing twice


@pytest.mark.rule("CORE-03a")
def test_a_source_reference_is_taken_in_once_and_what_has_none_is_always_new(till: Desk) -> None:
    source, day = Source("ERP", "R-77", "1"), "2023-12-31"
    first = till.buy("A", 500, day, source=source)
    second = till.buy("A", 500, day, source=source)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.entries == first.entries
    before = till.count()
    with pytest.raises(Conflict, match="source_conflict") as refusal:
        till.buy("A", 600, day, source=source)
    assert refusal.value.facts["first"] == first.entries[0].id
    assert till.count() == before
    for _ in range(2):
        till.tell(RecordProfileFact(field_name="bought", value="rice"))
    assert len(lines_of(till, "core.profile_fact_recorded")) == 2


@pytest.mark.rule("CORE-03a")
def test_taking_in_the_same_reference_again_is_answered_as_known(till: Desk) -> None:
    telling = Telling(
        subject="C-1",
        command=RecordPurchase(receipt="A", paid=Money(500, "CNY")),
        actor="importer",
        occurred_at=moment("2023-12-31"),
        source=Source("ERP", "R-77", "1"),
        batch="B-1",
    )
    assert [v.status for v in till.ledger.take_in([telling, telling])] == ["accepted", "known"]
    (known,) = till.ledger.take_in([telling])
    assert (known.status, known.entry) == ("known", lines_of(till, "retail.purchase_recorded")[0].id)


def test_a_reference_told_again_a_second_later_is_the_same_where_no_day_was_told(till: Desk) -> None:
    till.buy("A", 500, source=Source("ERP", "R-77", "1"))
    till.now += timedelta(seconds=1)
    assert till.buy("A", 500, source=Source("ERP", "R-77", "1")).duplicate


@pytest.mark.rule("CORE-03c")
def test_a_refusal_is_not_remembered(till: Desk) -> None:
    with pytest.raises(Incomplete, match="late_entry_needs_reason"):
        till.buy("A", on="2023-12-01", command_id="K-1")
    assert not till.buy("A", on="2023-12-01", command_id="K-1", reason="found in a drawer").duplicate
    assert till.buy("A", on="2023-12-01", command_id="K-1", reason="found in a drawer").duplicate


def test_one_reference_in_two_files_is_two_entries(till: Desk) -> None:
    till.open("C-2")
    source = Source("ERP", "R-77", "1")
    assert not till.buy("A", on="2023-12-31", source=source).duplicate
    assert not till.buy("A", on="2023-12-31", source=source, who="C-2").duplicate


# CORE-05: decisions explain themselves


@pytest.mark.rule("CORE-05a")
@pytest.mark.parametrize("entered", ["2024-06-20", "2024-07-05"])
def test_a_fact_is_judged_by_the_version_in_force_when_it_counts(entered: str) -> None:
    with Desk(now="2024-01-02", plugins=[club.parts]).open() as desk:
        desk.ledger.publish(club.Lines(hold_from=10_000), effective_from=desk.now, by="a", approved_by="b")
        desk.on("2024-06-01").ledger.publish(
            club.Lines(hold_from=15_000), effective_from=moment("2024-07-01"), by="a", approved_by="b"
        )
        desk.on(entered).tell(club.Owe(order="x", amount=12_000), "2024-06-20", reason="told")
        (held,) = lines_of(desk, "club.held")
        assert held.fields is not None
        assert (held.fields["line"], held.fields["amount"]) == (10_000, 12_000)
        assert (held.rule, held.rule_sets) == ("CLUB-2", {"club.lines": 1})
        assert held.causation == lines_of(desk, "club.owed")[0].id


@pytest.mark.rule("CORE-05b")
def test_a_decision_replayed_or_derived_anew_comes_out_the_same_under_the_same_key(till: Desk) -> None:
    till.ledger.publish(PointsRules(months=5), effective_from=till.now, by="a", approved_by="b")
    till.on("2024-06-21").buy("A")
    till.on("2024-08-01")
    assert till.ledger.advance() == 0
    stream = till.stream()
    rows, judge = till.ledger.store.fold_rows(stream), till.ledger.judge()
    assert judge.reenact("customer", stream, rows, transactions(till.ledger, stream)) == []
    stored = [i for i in judge.timelines.build(stream, rows) if i.row.kind == "decision"]
    fresh = [
        i
        for i in judge.rederive("customer", stream, rows, rows[-1].recorded_at).items
        if i.row.kind == "decision"
    ]
    assert [(i.event, i.effective, i.row.rule, i.row.rule_sets) for i in fresh] == [
        (i.event, i.effective, i.row.rule, i.row.rule_sets) for i in stored
    ]
    assert {i.row.rule_sets for i in stored if i.row.rule == "RET-15"} == {'{"retail.points":1}'}
    assert not [
        line for line in till.ledger.history("C-1").lines() if line.status in ("replaced", "withdrawn")
    ]


# CORE-73: rule sets


@pytest.mark.rule("CORE-73a")
def test_an_unsigned_version_is_not_in_force(till: Desk) -> None:
    ledger = till.ledger
    for months in (3, 4):
        ledger.publish(PointsRules(months=months), effective_from=till.now, by="a", approved_by="b")
    till.on("2024-06-20")
    before = till.count()
    with pytest.raises(Incomplete, match="signature_missing"):
        ledger.publish(PointsRules(months=5), effective_from=moment("2024-07-01"), by="a", approved_by="")
    with pytest.raises(NotPermitted, match="approver_conflict"):
        ledger.publish(PointsRules(months=5), effective_from=moment("2024-07-01"), by="a", approved_by="a")
    assert till.count() == before
    till.on("2024-07-02").buy("A")
    (earned,) = lines_of(till, "retail.points_earned")
    assert earned.rule_sets == {"retail.points": 2}
    assert till.ledger.history("C-1").state(Points).lots["A"].last_day == date(2024, 11, 2)


@pytest.mark.rule("CORE-73b")
def test_no_version_takes_effect_before_its_publication_unless_it_says_so(till: Desk) -> None:
    till.on("2024-07-10")
    before = till.count()
    with pytest.raises(RuleNotMet, match="retroactive_rule"):
        till.ledger.publish(PointsRules(), effective_from=moment("2024-07-01"), by="a", approved_by="b")
    assert till.count() == before
    till.ledger.publish(
        PointsRules(),
        effective_from=moment("2024-07-01"),
        by="a",
        approved_by="b",
        retroactive="agreed in June",
    )


@pytest.mark.parametrize(
    "parameters",
    [{"several_multipliers": None}, {"rate": 0.1}, {"pending_days": 2.5}],
)
def test_a_version_that_nobody_could_read_back_is_refused_and_leaves_the_ledger_usable(
    till: Desk, parameters: dict[str, Any]
) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        till.ledger.publish(PointsRules(**parameters), effective_from=till.now, by="a", approved_by="b")
    till.buy("A")


def test_a_voided_version_is_not_in_force(till: Desk) -> None:
    till.ledger.publish(PointsRules(months=3), effective_from=till.now, by="a", approved_by="b")
    try:
        till.ledger.void("rules/1", actor="a", reason="never approved")
    except RuleNotMet:
        return
    till.buy("A")
    assert lines_of(till, "retail.points_earned")[0].rule_sets == {"retail.points": 0}


# CORE-97: time brings decisions


def broken(desk: Desk, as_known: str) -> list[str]:
    state: shop.Shop = desk.ledger.history("C-1").as_of("2024-05-31").as_known(as_known).state(shop.Shop)
    return state.broken


@pytest.mark.rule("CORE-97a")
def test_a_promise_kept_but_entered_late_was_broken_for_as_long_as_nobody_knew_better(desk: Desk) -> None:
    desk.on("2024-05-01").tell(shop.Promise(promise="call", last_day=date(2024, 5, 10)))
    desk.on("2024-05-20").tell(shop.Keep(promise="call"), "2024-05-10T12:00", reason="forgot to tell")
    desk.on("2024-05-31").ledger.advance()
    assert (broken(desk, "2024-05-10"), broken(desk, "2024-05-11")) == ([], ["call"])
    assert (broken(desk, "2024-05-19"), broken(desk, "2024-05-20")) == (["call"], [])


def promises(ledger: Ledger) -> Iterator[object]:
    """Yield what is answered at every pair of cuts."""
    days = [f"2024-{month:02d}-{day:02d}" for month in (5, 6, 7) for day in (1, 11, 21)]
    for as_of, as_known in itertools.product(days, days):
        history = ledger.history("C-1").as_of(as_of).as_known(as_known)
        yield as_of, as_known, history.values()


@pytest.mark.rule("CORE-97b")
def test_no_answer_depends_on_how_often_jobs_run() -> None:
    answers = []
    pending = []
    for every in (1, 40, None):
        with Desk(now="2024-04-30", plugins=[shop.parts, club.parts]).open() as desk:
            day, start = 0, desk.now
            told = {
                2: (shop.Promise(promise="a", last_day=date(2024, 5, 10)), 0),
                5: (club.Owe(order="o", amount=120), 0),
                20: (shop.Promise(promise="b", last_day=date(2024, 6, 5)), 0),
                25: (shop.Keep(promise="a"), 15),
                50: (club.Owe(order="p", amount=250), 30),
                60: (shop.Promise(promise="c", last_day=date(2024, 7, 20)), 0),
            }
            while day < 90:
                day += 1
                desk.now = start + timedelta(days=day)
                if every and day % every == 0:
                    desk.ledger.advance()
                if day in told:
                    command, lag = told[day]
                    desk.ledger.execute(
                        "C-1", command, actor="c", reason="r", occurred_at=desk.now - timedelta(days=lag)
                    )
            answers.append(list(promises(desk.ledger)))
            pending.append(
                [line.name for line in desk.ledger.history("C-1").lines() if line.status == "pending"]
            )
    assert answers[0] == answers[1] == answers[2]
    assert pending[0] == []
    assert pending[2]
