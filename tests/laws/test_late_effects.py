"""What a late entry does to decisions that declare *from now*, *would differ* or a date of their own; deeds; crossing commands; claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guanxi
from guanxi import Conflict, Ledger, OpenFile, Refusal, RuleNotMet, Unknown, verify
from tests.laws import club
from tests.laws.histories import transactions
from tests.laws.test_hindsight import drawn

ZONE = ZoneInfo("Asia/Shanghai")


class Desk:
    """A ledger with the club's facets and a clock that stands where it was put."""

    def __init__(self, *more: guanxi.Parts) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[club.parts, *more])
        self.now = datetime(2025, 1, 1, 9, tzinfo=ZONE)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]
        for name in ("A", "B"):
            self.ledger.execute(
                name,
                OpenFile(),
                actor="clerk",
                occurred_at=datetime(2024, 1, 1, tzinfo=ZONE),
                reason="set-up",
            )

    def on(self, day: str) -> Desk:
        self.now = max(self.now, datetime.fromisoformat(day + "T09:00").replace(tzinfo=ZONE))
        return self

    def tell(
        self, command: guanxi.Command, day: str | None = None, who: str = "A", **keywords: object
    ) -> guanxi.Outcome:
        at = self.now if day is None else datetime.fromisoformat(day + "T08:00").replace(tzinfo=ZONE)
        return self.ledger.execute(who, command, actor="clerk", reason="told", occurred_at=at, **keywords)  # type: ignore[arg-type]

    def account(self, as_of: str | None = None, as_known: str | None = None, who: str = "A") -> club.Account:
        history = self.ledger.history(who)
        if as_of:
            history = history.as_of(as_of)
        if as_known:
            history = history.as_known(as_known)
        state: club.Account = history.state(club.Account)
        return state


@pytest.fixture
def desk() -> Iterator[Desk]:
    d = Desk()
    yield d
    d.ledger.close()


@pytest.mark.rule("CORE-93b")
def test_from_now_a_hold_that_lost_its_ground_ends_when_that_became_known(desk: Desk) -> None:
    desk.on("2025-06-02").tell(club.Owe(order="old", amount=60))
    desk.on("2025-06-05").tell(club.Owe(order="new", amount=60))
    assert desk.account().held == ["new"]
    desk.on("2025-06-20").tell(club.Settle(order="old"), "2025-06-03")
    assert desk.account("2025-06-19").held == ["new"]
    assert desk.account("2025-06-20").held == []
    assert desk.account("2025-06-20", "2025-06-19").held == ["new"]


def test_from_now_a_hold_that_gains_ground_late_begins_when_that_became_known(desk: Desk) -> None:
    desk.on("2025-06-05").tell(club.Owe(order="new", amount=60))
    desk.on("2025-06-20").tell(club.Owe(order="old", amount=60), "2025-06-02")
    assert desk.account("2025-06-10").held == []
    assert desk.account("2025-06-20").held == ["new"]


@pytest.mark.rule("CORE-93b")
def test_from_now_a_rule_published_with_effect_in_the_past_releases_from_its_publication(desk: Desk) -> None:
    desk.on("2025-06-05").tell(club.Owe(order="new", amount=300))
    desk.on("2025-06-20").ledger.publish(
        club.Lines(hold_from=500),
        effective_from=datetime(2025, 6, 1, tzinfo=ZONE),
        by="a",
        approved_by="b",
        retroactive="agreed in May",
    )
    assert desk.account("2025-06-19").held == ["new"]
    assert desk.account("2025-06-20").held == []


@pytest.mark.rule("CORE-93c")
def test_would_differ_a_grade_stands_and_is_listed(desk: Desk) -> None:
    desk.on("2025-05-10").tell(club.Owe(order="a", amount=250))
    desk.on("2025-06-02")
    assert desk.account().grades == {"2025-05": "new"}
    desk.ledger.advance()
    desk.on("2025-06-10").tell(club.Owe(order="b", amount=60), "2025-05-20")
    assert desk.account().grades == {"2025-05": "new"}
    differences = desk.ledger.history("A").would_differ()
    assert [(d.name, d.stored.grade, d.derived.grade) for d in differences if d.stored and d.derived] == [
        ("club.graded", "new", "regular")
    ]  # type: ignore[attr-defined]


def test_dated_the_favourable_acts_at_once_and_the_adverse_from_the_next_month(desk: Desk) -> None:
    desk.on("2025-06-05").tell(club.Owe(order="x", amount=60))
    desk.on("2025-06-10").tell(club.Owe(order="w", amount=100), "2025-06-01")
    assert desk.account("2025-06-05").discounts["x"] == 3
    assert desk.account("2025-06-05", "2025-06-09").discounts["x"] == 1
    desk.on("2025-06-20").tell(club.Settle(order="w"), "2025-06-02")
    assert desk.account("2025-06-20").discounts["x"] == 3
    desk.on("2025-07-02")
    assert desk.account("2025-06-30").discounts["x"] == 3
    assert desk.account("2025-07-01").discounts["x"] == 1


@pytest.mark.rule("CORE-93a")
def test_a_deed_is_done_once_and_stays_when_its_ground_vanished(desk: Desk) -> None:
    desk.on("2025-03-01").tell(club.Owe(order="i", amount=60))
    assert desk.account().letters == ["i"]
    desk.on("2025-03-05")
    entry = next(e for e in desk.ledger.history("A").entries() if e.name == "club.owed")
    desk.ledger.void(entry.id, actor="clerk", reason="not ours")
    assert desk.account().warned == []
    assert desk.account().letters == ["i"]
    assert desk.account(as_known="2025-03-04").warned == ["i"]


@pytest.mark.rule("CORE-93d")
def test_each_change_of_mind_is_a_further_decision_naming_the_one_before(desk: Desk) -> None:
    desk.on("2025-05-11").tell(club.Owe(order="p", amount=60))
    desk.on("2025-05-20")
    owed = next(e for e in desk.ledger.history("A").entries() if e.name == "club.owed")
    desk.ledger.correct(owed.id, {"amount": 10}, actor="clerk", reason="misread")
    correction = next(e for e in desk.ledger.history("A").entries() if e.name == "core.entry_corrected")
    assert desk.account().warned == []
    desk.on("2025-05-25").ledger.void(correction.id, actor="clerk", reason="it was right")
    assert desk.account().warned == ["p"]
    assert desk.account(as_known="2025-05-20").warned == []
    assert desk.account(as_known="2025-05-11").warned == ["p"]
    assert desk.account().letters == ["p"]


def test_what_a_correction_calls_for_is_done_too_and_once(desk: Desk) -> None:
    desk.on("2025-05-11").tell(club.Owe(order="p", amount=10))
    owed = next(e for e in desk.ledger.history("A").entries() if e.name == "club.owed")
    desk.on("2025-05-12").ledger.correct(owed.id, {"amount": 60}, actor="clerk", reason="misread")
    assert desk.account().letters == ["p"]
    assert desk.account("2025-05-11").letters == []
    desk.on("2025-05-13").ledger.correct(owed.id, {"amount": 70}, actor="clerk", reason="misread again")
    assert desk.account().letters == ["p"]


def test_what_crosses_to_another_relationship_is_decided_there_in_the_same_transaction(desk: Desk) -> None:
    outcome = desk.tell(club.BringFriend(friend="B"))
    assert desk.account(who="B").welcomed_by == "A"
    assert len(outcome.elsewhere) == 1
    before = desk.ledger.store.count()
    with pytest.raises(RuleNotMet, match="already_welcomed"):
        desk.tell(club.BringFriend(friend="B"))
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.tell(club.BringFriend(friend="nobody"))
    assert desk.ledger.store.count() == before


@pytest.mark.rule("CORE-95b")
def test_a_card_is_free_again_when_released(desk: Desk) -> None:
    desk.on("2025-04-01").tell(club.TakeCard(card="N"))
    desk.on("2025-04-30")
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(club.TakeCard(card="N"), who="B")
    desk.on("2025-05-01").tell(club.TakeCard(card="N", release=True))
    desk.tell(club.TakeCard(card="N"), who="B")
    assert desk.account(who="B").card == "N"


@pytest.mark.rule("CORE-95d")
def test_a_fact_against_a_held_claim_is_kept_and_flagged_and_the_holder_stays(desk: Desk) -> None:
    desk.on("2025-03-10").tell(club.TakeCard(card="N"))
    outcome = desk.tell(club.TakeCard(card="N"), who="B", happened=True)
    assert [e.stored_name for e in outcome.events] == ["club.card_taken", "core.breach_recorded"]
    with pytest.raises(Conflict):
        desk.on("2025-03-11").tell(club.TakeCard(card="N"), who="B")


STEP = st.tuples(
    st.sampled_from(["owe", "owe", "settle", "void", "correct", "rules", "advance"]),
    st.integers(0, 200),
    st.integers(0, 40),
    st.sampled_from([0, 0, 2, 20, 60]),
)


@given(st.lists(STEP, min_size=1, max_size=10), st.integers(0, 300), st.integers(0, 300))
@settings(deadline=None)
def test_every_late_effect_survives_replay_re_enactment_and_lazy_advancing(
    steps: list[tuple[str, int, int, int]], as_of: int, as_known: int
) -> None:
    answers = []
    for advancing in (True, False):
        desk = Desk()
        try:
            start = desk.now
            for n, (what, amount, days, lag) in enumerate(steps):
                desk.now += timedelta(days=days, seconds=1)
                with suppress(Refusal):
                    _one(desk, what, amount, lag, n, advancing)
                if advancing:
                    desk.ledger.advance()
            ledger = desk.ledger
            past = (
                ledger.history("A")
                .as_known(start + timedelta(days=as_known))
                .as_of(start + timedelta(days=as_of))
            )
            answers.append((past.values(), ledger.history("A").values()))
            ledger.advance()
            stream = ledger.find("A")
            assert stream is not None
            rows, groups = ledger.store.fold_rows(stream), transactions(ledger, stream)
            judge = ledger.judge()
            assert judge.reenact("customer", stream, rows, groups) == []
            stored = judge.timelines.build(stream, rows)
            assert drawn(stored) == drawn(judge.replay("customer", stream, groups, rows[-1].recorded_at))
            assert verify(ledger.store).clean
        finally:
            desk.ledger.close()
    assert answers[0] == answers[1]


def _one(desk: Desk, what: str, amount: int, lag: int, n: int, advancing: bool) -> None:
    at = desk.now - timedelta(days=lag)
    ledger = desk.ledger
    orders = [e for e in ledger.history("A").entries() if e.name == "club.owed"]
    if what == "owe":
        ledger.execute("A", club.Owe(order=f"O{n}", amount=amount), actor="c", reason="r", occurred_at=at)
    elif what == "rules":
        lines = club.Lines(hold_from=amount, warn_from=amount // 2, regular_from=amount * 2)
        ledger.publish(lines, effective_from=at, by="a", approved_by="b", retroactive="late")
    elif orders and what == "settle":
        ledger.execute("A", club.Settle(order=f"O{amount % (n + 1)}"), actor="c", reason="r", occurred_at=at)
    elif orders and what == "void":
        ledger.void(orders[amount % len(orders)].id, actor="c", reason="r")
    elif orders and what == "correct":
        ledger.correct(orders[amount % len(orders)].id, {"amount": amount}, actor="c", reason="r")
    elif what == "advance" and advancing:
        ledger.advance()


def test_as_of_a_moment_nothing_shows_that_begins_or_ends_only_after_it(desk: Desk) -> None:
    """A question is judged again under rules published since; what that would end later on still stands at the cut."""
    desk.on("2025-01-20").tell(club.Owe(order="old", amount=60))
    desk.on("2025-01-25").tell(club.Owe(order="new", amount=60))
    assert desk.account().held == ["new"]
    old = next(x.id for x in desk.ledger.history("A").lines() if x.fields and x.fields.get("order") == "old")
    desk.on("2025-02-05").ledger.void(old, actor="clerk", reason="entered twice")
    assert desk.account().held == []
    start = datetime(2025, 1, 1, tzinfo=ZONE)
    desk.on("2025-02-28").ledger.publish(
        club.Lines(), effective_from=start, by="drafter", approved_by="board", retroactive="set right"
    )
    assert desk.account("2025-01-25").held == ["new"]
    assert desk.account("2025-01-25", "2025-02-28").held == ["new"]
    assert desk.account("2025-02-06").held == []


@pytest.mark.rule("CORE-93b")
def test_what_a_retroactive_rule_began_or_ended_from_now_stands_when_something_else_comes_late(
    desk: Desk,
) -> None:
    """A late fact is judged by the version that the decision was last drawn by, and an ending names its version."""
    start = datetime(2025, 1, 1, tzinfo=ZONE)
    desk.on("2025-01-20").tell(club.Owe(order="x", amount=142))
    desk.on("2025-02-28").ledger.publish(
        club.Lines(hold_from=120),
        effective_from=start,
        by="drafter",
        approved_by="board",
        retroactive="set right",
    )
    desk.on("2025-03-10").tell(club.Owe(order="small", amount=1), "2025-01-05")
    assert [h.line for h in _held(desk)] == [100, 120, 120]
    desk.on("2025-04-01").ledger.publish(
        club.Lines(hold_from=900),
        effective_from=start,
        by="drafter",
        approved_by="board",
        retroactive="set right",
    )
    assert desk.account().held == []
    desk.on("2025-04-10").tell(club.Owe(order="tiny", amount=1), "2025-01-06")
    assert desk.account().held == []
    [ended] = [
        x for x in desk.ledger.history("A").lines() if x.name == "core.decision_ended" and x.rule == "CLUB-2"
    ]
    assert ended.rule_sets == {"club.lines": 2}


def _held(desk: Desk) -> list[club.Held]:
    return [x.event for x in desk.ledger.history("A").lines() if isinstance(x.event, club.Held)]
