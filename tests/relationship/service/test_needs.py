"""Needs: in the customer's words, classified by an ordered list or by a person, answered with a plan; none is ever dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Conflict, Incomplete, Invalid, Unknown
from guanxi.relationship.service.commands import AnswerNeed, ClassifyNeed, RecordNeed
from guanxi.relationship.service.events import NeedClassified
from guanxi.relationship.service.needs import Needs
from guanxi.relationship.service.rules import NeedMark, NeedRules
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_row, due_state, last_day, publish, rows_of

CADENCE = "core.need_plan"
FIRST = NeedRules(
    marks=(
        NeedMark("word", "deliver", "logistics"),
        NeedMark("product", "boiler", "heating"),
        NeedMark("word", "warm", "comfort"),
    )
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open(on="2025-01-02") as d:
        publish(d, FIRST, "2025-01-03")
        yield d


def record(
    desk: Desk,
    wording: str = "deliver earlier",
    on: str = "2025-06-10",
    number: str = "N-1",
    product: str | None = None,
    need_class: str | None = None,
    channel: str = "call",
) -> None:
    desk.on(on).tell(
        RecordNeed(need=number, wording=wording, channel=channel, product=product, need_class=need_class)
    )


def plan(desk: Desk, on: str, number: str = "N-1") -> None:
    desk.on(on).tell(AnswerNeed(need=number, how="earlier tour", planned_on=date(2025, 6, 20), who="Wang"))


def class_of(desk: Desk, number: str = "N-1") -> str | None:
    found: Needs = desk.ledger.history("C-1").state(Needs)
    return found.needs[number].need_class


def differing(desk: Desk) -> tuple[str, str]:
    """Return the class that stands and the one that would come out today."""
    (would,) = desk.ledger.history("C-1").would_differ()
    stored, derived = would.stored, would.derived
    assert isinstance(stored, NeedClassified)
    assert isinstance(derived, NeedClassified)
    return stored.need_class, derived.need_class


@pytest.mark.rule("CORE-82")
@pytest.mark.parametrize(
    ("wording", "product", "expected"),
    [
        ("please DELIVER it warm", "boiler", "logistics"),
        ("keep it warm", "boiler", "heating"),
        ("keep it warm", "stove", "comfort"),
        ("paint it blue", None, None),
    ],
)
def test_the_first_line_of_the_list_that_fits_gives_the_class(
    desk: Desk, wording: str, product: str | None, expected: str | None
) -> None:
    record(desk, wording, product=product)
    assert class_of(desk) == expected


@pytest.mark.rule("CORE-82")
def test_what_a_person_says_counts_before_the_list(desk: Desk) -> None:
    record(desk)
    desk.tell(ClassifyNeed(need="N-1", need_class="service"))
    assert class_of(desk) == "service"
    record(desk, number="N-2", need_class="sales")
    assert class_of(desk, "N-2") == "sales"
    assert {r["classed_by"] for r in rows_of(desk, "core.need_register")} == {"person"}


@pytest.mark.rule("CORE-82a")
def test_needs_of_a_month_foot_and_are_counted_by_how_they_were_classified(desk: Desk) -> None:
    for n in range(40):
        number, channel = f"N-{n}", "call" if n % 2 else "letter"
        if n < 34:
            record(desk, "deliver earlier", "2025-05-06", number, channel=channel)
        else:
            record(
                desk,
                "paint it",
                "2025-05-06",
                number,
                channel=channel,
                need_class="paint" if n < 38 else None,
            )
        if n < 36:
            plan(desk, "2025-05-07", number)
    desk.on("2025-06-01")
    may = {"since": "2025-05-01", "until": "2025-05-31"}
    (rates,) = rows_of(desk, "core.need_rates", **may)
    assert (rates["automatic_share"], rates["classified_share"], rates["answered_share"]) == (
        Decimal("85.0"),
        Decimal("95.0"),
        Decimal("90.0"),
    )
    groups = {r["group"]: r["recorded"] for r in rows_of(desk, "core.need_statistics", **may)}
    assert groups == {"logistics": 34, "paint": 4, "unclassified": 2}
    by_channel = rows_of(desk, "core.need_statistics", by="channel", **may)
    assert {r["group"]: r["recorded"] for r in by_channel} == {"call": 20, "letter": 20}
    listed = rows_of(desk, "core.need_register", need_class="unclassified", **may)
    assert sorted(r["need"] for r in listed) == ["N-38", "N-39"]
    assert len(rows_of(desk, "core.need_register", word="PAINT", channel="call", **may)) == 3


@pytest.mark.rule("CORE-82b")
@pytest.mark.parametrize(("planned", "expected"), [("2025-06-13", "done"), ("2025-06-16", "late")])
def test_the_plan_is_due_within_five_working_days(desk: Desk, planned: str, expected: str) -> None:
    record(desk, on="2025-06-06")
    assert last_day(due_row(desk, CADENCE, "N-1")) == date(2025, 6, 13)
    plan(desk, planned)
    assert due_state(desk, CADENCE, "N-1", planned) == expected


@pytest.mark.rule("CORE-82")
@pytest.mark.parametrize("lacking", ["how", "planned_on", "who"])
def test_a_plan_says_how_when_and_by_whom(lacking: str) -> None:
    told = {"how": "earlier tour", "planned_on": date(2025, 6, 20), "who": "Wang", lacking: None}
    with pytest.raises(Incomplete, match="reason_missing"):
        AnswerNeed(need="N-1", **told)  # type: ignore[arg-type]


@pytest.mark.rule("CORE-82c")
def test_a_class_stands_though_a_later_list_would_give_another(desk: Desk) -> None:
    record(desk)
    second = NeedRules(marks=(NeedMark("word", "earlier", "service"),))
    version = publish(desk.on("2025-06-15"), second, "2025-06-01", retroactive="new list")
    assert class_of(desk) == "logistics"
    assert differing(desk) == ("logistics", "service")
    record(desk, on="2025-06-16", number="N-2")
    assert class_of(desk, "N-2") == "service"
    rule_sets = [
        line.rule_sets for line in desk.ledger.history("C-1").lines() if line.name == "core.need_classified"
    ]
    assert [sets["core.needs"] for sets in rule_sets if sets] == [version - 1, version]


@pytest.mark.rule("CORE-82")
def test_a_need_told_late_is_classified_all_the_same(desk: Desk) -> None:
    record(desk)
    desk.on("2025-06-20").tell(
        RecordNeed(need="N-2", wording="deliver at night", channel="call"), "2025-06-05", reason="lost note"
    )
    assert class_of(desk, "N-2") == "logistics"


@pytest.mark.rule("CORE-82")
def test_a_class_stands_though_the_words_are_set_right(desk: Desk) -> None:
    entry = (
        desk.on("2025-06-10")
        .tell(RecordNeed(need="N-1", wording="deliver earlier", channel="call"))
        .entries[0]
    )
    desk.on("2025-06-12").ledger.correct(
        entry.id, {"wording": "keep it warm"}, actor="clerk", reason="misheard"
    )
    assert class_of(desk) == "logistics"
    assert differing(desk) == ("logistics", "comfort")


@pytest.mark.rule("CORE-82")
def test_a_need_has_its_own_number_and_a_list_its_words(desk: Desk) -> None:
    record(desk)
    with pytest.raises(Conflict, match="identifier_taken"):
        record(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        plan(desk, "2025-06-11", "N-2")
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(ClassifyNeed(need="N-2", need_class="service"))
    with pytest.raises(Invalid, match="out_of_scale"):
        NeedRules(marks=(NeedMark("word", " ", "logistics"),))
