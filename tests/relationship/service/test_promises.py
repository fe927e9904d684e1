"""Promises: kept on or before the due date, or broken by the day after; whoever asks is told what was known."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Conflict, Invalid, RuleNotMet, Unknown
from guanxi.relationship.service.commands import KeepPromise, MakePromise, ReleasePromise
from guanxi.relationship.service.promises import Promises
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_state, rows_of

CADENCE = "core.promise"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open(on="2025-01-02") as d:
        yield d


def promise(desk: Desk, number: str = "P-1", due: str = "2025-05-10", on: str = "2025-05-01") -> None:
    desk.on(on).tell(
        MakePromise(
            promise=number,
            content="send the catalogue",
            due=date.fromisoformat(due),
            basis="call",
            promiser="Wang",
        )
    )


def stands(desk: Desk, as_known: str, number: str = "P-1", as_of: str = "2025-05-31") -> str:
    found: Promises = desk.ledger.history("C-1").as_of(as_of).as_known(as_known).state(Promises)
    return found.promises[number].state


def decisions(desk: Desk) -> list[Any]:
    names = ("core.promise_broken", "core.decision_withdrawn")
    return [line for line in desk.ledger.history("C-1").lines() if line.name in names]


@pytest.mark.rule("CORE-39")
@pytest.mark.parametrize(
    ("kept", "expected"),
    [("2025-05-10T23:59", "kept"), ("2025-05-10", "kept"), ("2025-05-11T00:00", "broken"), (None, "broken")],
)
def test_what_is_not_stated_by_the_end_of_the_due_date_is_not_done(
    desk: Desk, kept: str | None, expected: str
) -> None:
    promise(desk)
    if kept:
        desk.on(kept).tell(KeepPromise(promise="P-1"))
    desk.on("2025-05-12")
    assert stands(desk, "2025-05-12") == expected


@pytest.mark.rule("CORE-39b")
@pytest.mark.rule("CORE-97a")
@pytest.mark.parametrize("first_job", [None, "2025-05-11T06:00", "2025-05-31"])
def test_a_promise_kept_but_entered_late_was_broken_for_as_long_as_nobody_knew_better(
    desk: Desk, first_job: str | None
) -> None:
    promise(desk)
    if first_job == "2025-05-11T06:00":
        desk.on(first_job).ledger.advance()
    desk.on("2025-05-20").tell(KeepPromise(promise="P-1"), "2025-05-10T12:00", reason="forgot to tell")
    desk.on("2025-05-31")
    if first_job == "2025-05-31":
        desk.ledger.advance()
    assert (stands(desk, "2025-05-10"), stands(desk, "2025-05-11")) == ("open", "broken")
    assert (stands(desk, "2025-05-19"), stands(desk, "2025-05-20")) == ("broken", "kept")


@pytest.mark.rule("CORE-39b")
def test_the_decision_that_it_was_kept_after_all_names_the_old_one(desk: Desk) -> None:
    promise(desk)
    desk.on("2025-05-11").ledger.advance()
    desk.on("2025-05-20").tell(KeepPromise(promise="P-1"), "2025-05-10T12:00", reason="forgot to tell")
    broken, withdrawn = decisions(desk)
    assert withdrawn.replaces == broken.id


@pytest.mark.rule("CORE-93d")
def test_each_change_of_mind_about_a_promise_is_a_further_decision_naming_the_one_before(
    desk: Desk,
) -> None:
    promise(desk)
    desk.on("2025-05-11").ledger.advance()
    kept = desk.on("2025-05-20").tell(KeepPromise(promise="P-1"), "2025-05-10T12:00", reason="forgot to tell")
    entry = next(e for e in kept.entries if e.name == "core.promise_kept")
    desk.on("2025-05-25").ledger.void(entry.id, actor="clerk", reason="it was another one")
    assert [stands(desk, f"2025-05-{day}") for day in (11, 20, 25)] == ["broken", "kept", "broken"]
    first, second, third = decisions(desk)
    assert (second.replaces, third.replaces) == (first.id, second.id)


def answers(desk: Desk) -> Iterator[object]:
    """Yield what is answered at every pair of cuts."""
    days = [f"2025-{month:02d}-{day:02d}" for month in (5, 6, 7) for day in (1, 11, 21)]
    for as_of, as_known in itertools.product(days, days):
        yield as_of, as_known, desk.ledger.history("C-1").as_of(as_of).as_known(as_known).values()


@pytest.mark.rule("CORE-97b")
def test_promises_are_answered_alike_however_often_jobs_run() -> None:
    told, pending = [], []
    for every in (1, 365, None):
        with Desk(plugins=[], now="2025-04-30").open(on="2025-04-30") as desk:
            begin = desk.now
            for day in range(1, 91):
                desk.now = begin + timedelta(days=day)
                if every and day % every == 0:
                    desk.ledger.advance()
                if day == 2:
                    for number, due in (("a", "2025-05-10"), ("b", "2025-06-05"), ("c", "2025-07-20")):
                        promise(desk, number, due, desk.now.isoformat()[:19])
                if day == 25:
                    desk.tell(KeepPromise(promise="a"), "2025-05-10T09:00", reason="late")
            told.append(list(answers(desk)))
            pending.append(
                [line.name for line in desk.ledger.history("C-1").lines() if line.status == "pending"]
            )
    assert told[0] == told[1] == told[2]
    assert (pending[0], set(pending[2])) == ([], {"core.promise_broken"})


@pytest.mark.rule("CORE-39a")
def test_the_kept_rate_counts_what_was_kept_late_as_broken(desk: Desk) -> None:
    for n in range(10):
        promise(desk, f"P-{n}")
    for n in range(7):
        desk.on("2025-05-08").tell(KeepPromise(promise=f"P-{n}"))
    desk.on("2025-05-09").tell(ReleasePromise(promise="P-9", reason="no longer wanted"))
    desk.on("2025-05-12").tell(KeepPromise(promise="P-7"))
    desk.on("2025-06-15")
    (row,) = rows_of(desk, "core.promise_rate", since="2025-05-01", until="2025-05-31")
    counted = {name: row[name] for name in ("due", "kept", "late", "broken", "released", "open")}
    assert counted == {"due": 10, "kept": 7, "late": 1, "broken": 2, "released": 1, "open": 0}
    assert row["kept_rate"] == Decimal("77.8")
    assert [due_state(desk, CADENCE, f"P-{n}", "2025-05-31") for n in (0, 7, 8)] == [
        "done",
        "late",
        "overdue",
    ]
    assert len(desk.ledger.due_items(cadence=CADENCE)) == 9


@pytest.mark.rule("CORE-39")
def test_the_log_lists_every_promise_with_what_became_of_it(desk: Desk) -> None:
    promise(desk, "P-1")
    promise(desk, "P-2", due="2025-06-30")
    desk.on("2025-05-12")
    rows = {r["promise"]: (r["state"], r["content"]) for r in rows_of(desk, "core.promise_log")}
    assert rows == {"P-1": ("broken", "send the catalogue"), "P-2": ("open", "send the catalogue")}


@pytest.mark.rule("CORE-39")
def test_what_was_broken_cannot_be_released_any_more(desk: Desk) -> None:
    promise(desk)
    desk.on("2025-05-11")
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(ReleasePromise(promise="P-1", reason="let it be"))


@pytest.mark.rule("CORE-39")
def test_a_promise_has_its_own_number_and_is_due_no_earlier_than_made(desk: Desk) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        promise(desk, due="2025-04-30")
    promise(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        promise(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(KeepPromise(promise="P-2"))
