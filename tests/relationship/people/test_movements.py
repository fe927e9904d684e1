"""Coming, staying and leaving: the base foots, returns are credited to attempts, causes are counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Event, Incomplete, Invalid, Money, OpenFile, RuleNotMet, Source, Telling
from guanxi.relationship.dealings.events import OrderLine, OrderPlaced
from guanxi.relationship.file.commands import CloseRelationship
from guanxi.relationship.file.events import ProfileFactRecorded, RelationshipClosed
from guanxi.relationship.people.commands import RecordWinBackAttempt
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.people.reports import whole_months
from guanxi.relationship.pipeline.events import ContractSigned
from tests.kernel.desks import moment
from tests.relationship.ownership.telling import FactDesk

YUAN = Money("100", "CNY")
PERIOD = {"since": "2025-01-01", "until": "2025-06-30"}


def contract(ends_on: str | None = None) -> ContractSigned:
    return ContractSigned(
        contract="K", amount=YUAN, ends_on=None if ends_on is None else date.fromisoformat(ends_on)
    )


def order(number: str) -> OrderPlaced:
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pcs", amount=YUAN)
    return OrderPlaced(order=number, lines=(line,))


Life = list[tuple[str, Event]]


def base() -> dict[str, Life]:
    """Return the lives of 216 customers: 200 at the opening, 9 of them lost, 14 new, 2 won back."""
    lives: dict[str, Life] = {f"S-{n}": [("2024-06-01", contract())] for n in range(191)}
    for n in range(7):
        left = RelationshipClosed(reason_code="price", exit_kind="voluntary")
        lives[f"C-{n}"] = [("2024-06-01", contract()), ("2025-03-01", left)]
    for n in range(2):
        lives[f"L-{n}"] = [("2024-01-10", contract("2025-02-28"))]
    for n in range(14):
        cause = "friend" if n < 5 else "advertising" if n < 9 else None
        told = (
            []
            if cause is None
            else [("2025-02-01", ProfileFactRecorded(field_name="joining_cause", value=cause))]
        )
        lives[f"N-{n}"] = [("2025-02-01", contract()), *told]
    for n in range(2):
        lives[f"W-{n}"] = [("2023-01-01", contract("2023-12-31")), ("2025-04-01", order("1"))]
    return lives


def imported(desk: FactDesk, lives: dict[str, Life]) -> None:
    """Take whole lives in, as one batch."""

    def line(who: str, number: int, on: str, command: Any, *, happened: bool = True) -> Telling:
        return Telling(
            subject=who,
            command=command,
            actor="import",
            occurred_at=moment(on),
            source=Source(system="old", document=who, line=str(number)),
            batch="B-1",
            happened=happened,
        )

    tellings = [line(who, 0, "2022-12-31", OpenFile(), happened=False) for who in lives]
    for who, life in lives.items():
        for n, (on, event) in enumerate(life, 1):
            tellings.append(line(who, n, on, desk.teller.tell((event,))))
    verdicts = desk.ledger.take_in(tellings)
    assert {v.status for v in verdicts} == {"accepted"}


@pytest.fixture(scope="module")
def full() -> Iterator[FactDesk]:
    with FactDesk(now="2025-07-01") as d:
        imported(d, base())
        yield d


@pytest.mark.rule("CORE-61a")
def test_the_movement_of_the_base_foots_and_gives_the_churn_rate(full: FactDesk) -> None:
    rows = full.ledger.report("core.base_movement", **PERIOD).rows
    assert [row for row in rows if row[0] == "movement"] == [
        ("movement", "opening", 200, None),
        ("movement", "new_customers", 14, None),
        ("movement", "won_back", 2, None),
        ("movement", "lost_customers", 9, Decimal("4.50")),
        ("movement", "closing", 207, None),
    ]


@pytest.mark.rule("CORE-61a")
def test_the_churn_rate_may_be_of_the_mean_of_opening_and_closing(full: FactDesk) -> None:
    rows = full.ledger.report("core.base_movement", **PERIOD, churn_base="mean").rows
    assert ("movement", "lost_customers", 9, Decimal("4.42")) in rows


@pytest.mark.rule("CORE-61")
def test_causes_of_leaving_and_of_joining_are_counted_apart(full: FactDesk) -> None:
    rows = full.ledger.report("core.base_movement", **PERIOD).rows
    causes = {(part, code): n for part, code, n, _ in rows if part in ("exits", "joined")}
    assert causes == {
        ("exits", "price"): 7,
        ("exits", "silence"): 2,
        ("joined", "friend"): 5,
        ("joined", "advertising"): 4,
        ("joined", "unknown"): 5,
    }


@pytest.mark.rule("CORE-61")
def test_retention_is_counted_by_the_month_of_joining(full: FactDesk) -> None:
    rows = full.ledger.report("core.customer_retention", **PERIOD).rows
    assert rows == (
        ("2024-01", 2, 0, 2, Decimal("0.00")),
        ("2024-06", 198, 191, 7, Decimal("96.46")),
        ("", 200, 191, 9, Decimal("95.50")),
    )


@pytest.mark.rule("CORE-61")
def test_the_grid_shows_each_cohort_month_by_month(full: FactDesk) -> None:
    drawing = full.ledger.report("core.customer_retention", **PERIOD).drawing
    assert drawing is not None
    grid = {(cohort, month): rate for cohort, month, rate in drawing.rows}
    assert [grid["2024-01", m] for m in ("2025-02", "2025-03")] == [Decimal("100.00"), Decimal("0.00")]
    assert ("2025-02", "2025-01") not in grid
    assert grid["2025-02", "2025-02"] == Decimal("100.00")


@pytest.mark.rule("CORE-61")
def test_a_period_that_ends_before_it_begins_is_refused(full: FactDesk) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        full.ledger.report("core.base_movement", since="2025-03-01", until="2025-02-01")


@pytest.mark.rule("CORE-16")
def test_the_duration_of_relationships_is_counted_in_bands(full: FactDesk) -> None:
    rows = full.ledger.report("core.relationship_duration").rows
    assert rows == ((0, "0-5", "2025", 14), (12, "12-23", "2024", 191), (24, "24-35", "2023", 2))
    assert sum(row[3] for row in rows) == 207


@pytest.mark.rule("CORE-16")
@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 6, 1), date(2025, 7, 1), 13),
        (date(2024, 6, 2), date(2025, 7, 1), 12),
    ],
)
def test_only_whole_months_count(first: date, last: date, months: int) -> None:
    assert whole_months(first, last) == months


# Return


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    with FactDesk(now="2025-01-01") as d:
        d.open("C-1", on="2022-12-31")
        d.fact("2024-01-05", contract("2024-12-31"))
        d.on("2025-02-01")
        yield d


def returned(desk: FactDesk) -> list[str | None]:
    """Return the attempts to which returns are credited."""
    events = [line.event for line in desk.ledger.history("C-1").lines()]
    return [e.win_back for e in events if isinstance(e, LifecycleStageChanged) and e.after == "won_back"]


@pytest.mark.rule("CORE-61b")
@pytest.mark.parametrize(("on", "credited"), [("2025-10-10", "A-2"), ("2025-10-11", None)])
def test_a_return_is_credited_to_the_last_attempt_within_six_months(
    desk: FactDesk, on: str, credited: str | None
) -> None:
    desk.on("2025-03-01").tell(RecordWinBackAttempt(attempt="A-1", by="B"))
    desk.on("2025-04-10").tell(RecordWinBackAttempt(attempt="A-2", by="B", offer="10 %"))
    desk.fact(on, order("1"))
    assert desk.state(Lifecycle).stage == "won_back"
    assert returned(desk) == [credited]


@pytest.mark.rule("CORE-61b")
def test_closing_without_a_reason_is_incomplete() -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        CloseRelationship()


@pytest.mark.rule("CORE-61")
def test_credited_and_other_returns_are_counted(desk: FactDesk) -> None:
    desk.tell(RecordWinBackAttempt(attempt="A-1", by="B"))
    desk.fact("2025-04-01", order("1"))
    rows = desk.ledger.report("core.base_movement", **PERIOD).rows
    assert [row for row in rows if row[0] == "won_back"] == [("won_back", "credited", 1, Decimal("100.00"))]


@pytest.mark.rule("CORE-61")
def test_a_closed_customer_may_be_asked_to_come_back_and_a_present_one_may_not(desk: FactDesk) -> None:
    desk.tell(CloseRelationship(reason_code="competitor_price"))
    desk.on("2025-03-01").tell(RecordWinBackAttempt(attempt="A-1", by="B"))
    desk.open("C-2", on="2025-02-01")
    with pytest.raises(RuleNotMet, match="not_lapsed"):
        desk.tell(RecordWinBackAttempt(attempt="A-2", by="B"), who="C-2")


@pytest.mark.rule("CORE-61")
def test_attempts_are_listed_with_the_return_that_is_credited_to_them(desk: FactDesk) -> None:
    desk.tell(RecordWinBackAttempt(attempt="A-1", by="B", channel="call"))
    desk.on("2025-03-01").tell(RecordWinBackAttempt(attempt="A-2", by="C"))
    desk.fact("2025-04-01", order("1"))
    assert desk.ledger.report("core.win_back_attempts", **PERIOD).rows == (
        (date(2025, 2, 1), "C-1", "A-1", "B", "call", None),
        (date(2025, 3, 1), "C-1", "A-2", "C", None, date(2025, 4, 1)),
    )
