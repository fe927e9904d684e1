"""Return visits: a method says who is called, a schedule until when; a sample is the same for ever by its start value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Event, Invalid, RuleNotMet, Unknown
from guanxi.relationship.dealings.events import GoodsDelivered
from guanxi.relationship.file.commands import CloseRelationship
from guanxi.relationship.grading.events import ClassStated, GradeOverridden
from guanxi.relationship.ownership.commands import AssignSection
from guanxi.relationship.pipeline.events import ActionRecorded
from guanxi.relationship.service.commands import (
    CloseComplaint,
    DoReturnVisit,
    NotifyComplainant,
    ReceiveComplaint,
)
from guanxi.relationship.service.rules import ReturnVisitRules
from guanxi.relationship.service.runs import sample
from guanxi.testing.telling_facts import Teller
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import due_row, last_day, publish, rows_of

CADENCE, RUN = "core.return_visit", "core.return_visit_selection"
DELIVERY = "after_delivery/O-1/N-1"
ANSWERS: dict[str, Any] = {
    "product_effect": "good",
    "after_sales": "quick",
    "to_improve": "parking",
    "outlet": "near",
    "other_service": "no",
}


class FactDesk(Desk):
    """A desk at which facts of other subjects can be told as they are."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.teller = Teller("customer")
        super().__init__(url, plugins=[self.teller.parts()], now="2025-01-02")

    def fact(self, on: str, event: Event, who: str = "C-1") -> None:
        """Tell what happened on a day."""
        self.tell(self.teller.tell([event]), on, who=who, reason="told", happened=True)


@pytest.fixture
def desk() -> Iterator[FactDesk]:
    d = FactDesk()
    with d.open(on="2025-01-02"):
        yield d


def deliver(desk: FactDesk) -> None:
    desk.on("2025-03-03").fact("2025-03-03", GoodsDelivered(order="O-1", lines=(), delivery_note="N-1"))


def visits(desk: Desk) -> dict[str, tuple[Any, ...]]:
    rows = rows_of(desk, "core.return_visit_list")
    return {r["visit"]: (r["due"], r["state"], r["answered"]) for r in rows}


@pytest.mark.rule("CORE-38b")
def test_after_a_delivery_the_customer_is_called_within_seven_days(desk: FactDesk) -> None:
    deliver(desk)
    assert visits(desk) == {DELIVERY: (date(2025, 3, 10), "open", None)}
    assert last_day(due_row(desk, CADENCE, DELIVERY)) == date(2025, 3, 10)
    desk.on("2025-03-10").tell(DoReturnVisit(return_visit=DELIVERY, **ANSWERS))
    assert visits(desk) == {DELIVERY: (date(2025, 3, 10), "done", "5 of 6")}
    assert due_row(desk, CADENCE, DELIVERY).state == "done"


@pytest.mark.rule("CORE-38")
def test_a_delivery_told_late_selects_him_as_one_told_in_time_and_a_voided_one_leaves_it_standing(
    desk: FactDesk,
) -> None:
    desk.on("2025-03-05").fact("2025-03-05", ActionRecorded(kind="call"))
    desk.on("2025-03-06").fact("2025-03-03", GoodsDelivered(order="O-1", lines=(), delivery_note="N-1"))
    assert visits(desk)[DELIVERY][0] == date(2025, 3, 10)
    entry = next(e for e in desk.ledger.history("C-1").entries() if e.name == "core.goods_delivered")
    desk.on("2025-03-07").ledger.void(entry.id, actor="clerk", reason="another customer's")
    assert DELIVERY in visits(desk)
    assert [d.derived for d in desk.ledger.history("C-1").would_differ()] == [None]


@pytest.mark.rule("CORE-38")
def test_nobody_called_in_time_is_overdue(desk: FactDesk) -> None:
    deliver(desk)
    desk.on("2025-03-11")
    assert visits(desk)[DELIVERY][1] == "overdue"
    assert due_row(desk, CADENCE, DELIVERY).state == "overdue"


@pytest.mark.rule("CORE-38")
def test_after_a_complaint_is_closed_he_is_called_within_three_days(desk: FactDesk) -> None:
    desk.on("2025-03-03").tell(ReceiveComplaint(complaint="K-1", category="delivery"))
    desk.tell(NotifyComplainant(complaint="K-1"))
    desk.tell(CloseComplaint(complaint="K-1", result="sent", root_cause="transport", improvement="carrier"))
    assert visits(desk) == {"after_complaint/K-1/2025-03-03": (date(2025, 3, 6), "open", None)}


@pytest.mark.rule("CORE-38")
def test_a_method_that_is_not_in_use_selects_nobody(desk: FactDesk) -> None:
    publish(desk, ReturnVisitRules(methods=("random_sample",)), "2025-02-01")
    deliver(desk)
    assert visits(desk) == {}


@pytest.mark.rule("CORE-38")
@pytest.mark.parametrize(
    ("days", "state"),
    [
        (("2025-03-04", "2025-03-05", "2025-03-06"), "unreachable"),
        (("2025-03-04", "2025-03-04T12:00", "2025-03-04T18:00"), "open"),
        (("2025-03-04", "2025-03-05"), "open"),
    ],
)
def test_three_attempts_in_vain_on_different_days_close_it_as_unreachable(
    desk: FactDesk, days: tuple[str, ...], state: str
) -> None:
    deliver(desk)
    for day in days:
        desk.on(day).tell(DoReturnVisit(return_visit=DELIVERY, reached=False))
    assert visits(desk)[DELIVERY][1] == state
    assert due_row(desk, CADENCE, DELIVERY).state == ("done" if state == "unreachable" else "open")


@pytest.mark.rule("CORE-38")
def test_a_visit_is_made_once_and_only_where_one_was_called_for(desk: FactDesk) -> None:
    deliver(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(DoReturnVisit(return_visit="after_delivery/O-2/N-2"))
    desk.tell(DoReturnVisit(return_visit=DELIVERY))
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(DoReturnVisit(return_visit=DELIVERY))
    with pytest.raises(Invalid, match="out_of_scale"):
        DoReturnVisit(return_visit=DELIVERY, reached=False, to_improve="everything")


@pytest.mark.rule("CORE-38a")
def test_ten_per_cent_of_205_with_one_start_value_are_the_same_21_customers() -> None:
    accounts = [f"C-{n:03d}" for n in range(205)]
    first = sample(accounts, Decimal(10), 7)
    assert len(first) == len(set(first)) == 21
    assert sample(accounts[::-1], Decimal(10), 7) == first
    assert sample(accounts, Decimal(10), 8) != first


@pytest.mark.rule("CORE-38a")
def test_the_run_that_draws_a_sample_tells_those_whom_it_chose() -> None:
    drawn = []
    for _ in range(2):
        with FactDesk() as desk:
            desk.open(*[f"C-{n:03d}" for n in range(205)], on="2025-01-02")
            desk.on("2025-03-03").ledger.run(RUN, actor="chief", percent="10", start=7)
            view = desk.ledger.runs.views(RUN)[-1]
            assert (view.population, view.counts) == (205, {"selected": 21, "passed_over": 184})
            rows = rows_of(desk, "core.return_visit_list")
            assert {r["due"] for r in rows} == {date(2025, 4, 2)}
            assert {r["visit"] for r in rows} == {"random_sample/2025-03-03/7"}
            drawn.append(sorted(r["account"] for r in rows))
    assert len(drawn[0]) == 21
    assert drawn[0] == drawn[1]


@pytest.mark.rule("CORE-38")
def test_each_section_draws_from_its_own_customers_as_if_it_were_alone(shared_url: str) -> None:
    accounts = [f"C-{n:03d}" for n in range(60)]
    with FactDesk(shared_url) as desk:
        desk.open(*accounts, on="2025-01-02")
        for n, account in enumerate(accounts[:50]):
            desk.tell(AssignSection(section="south" if n % 5 else "north"), who=account)
        desk.on("2025-02-01").tell(AssignSection(section="north"), who="C-001")
        desk.tell(CloseRelationship(reason_code="relocation"), who="C-005")
        each = [{"percent": "50", "start": 7, "section": s} for s in ("north", "south", "west", "")]
        north, south, west, everybody = desk.on("2025-03-03").ledger.run_each(RUN, each, actor="chief")
        assert [v.population for v in (north, south, west, everybody)] == [10, 39, 0, 59]
        of_north = {a for n, a in enumerate(accounts[:50]) if n % 5 == 0} - {"C-005"} | {"C-001"}
        streams = desk.ledger.find_all(accounts)
        chosen = {m for m, line in desk.ledger.runs.lines(north.id) if line.outcome == "selected"}
        assert chosen == {streams[a] for a in sample(sorted(of_north), Decimal(50), 7)}
        assert [desk.ledger.runs.check(v.id) for v in (north, south, west, everybody)] == [[], [], [], []]


@pytest.mark.rule("CORE-38")
def test_important_customers_are_selected_by_their_classes(desk: FactDesk) -> None:
    desk.open("C-2", "C-3", on="2025-01-02")
    for who, grade, until in (("C-1", "vip", None), ("C-2", "vip", date(2025, 2, 1)), ("C-3", "small", None)):
        stated = ClassStated(
            plugin="crm", scheme="crm.size", grade=grade, since=date(2025, 1, 2), until=until
        )
        desk.fact("2025-01-02", stated, who)
    desk.on("2025-03-03").ledger.run(RUN, actor="chief", method="importance")
    assert [r["account"] for r in rows_of(desk, "core.return_visit_list")] == ["C-1"]


@pytest.mark.rule("CORE-38")
@pytest.mark.parametrize(("until", "chosen"), [(date(2025, 3, 3), []), (date(2025, 3, 2), ["C-1"])])
def test_an_override_counts_in_place_of_the_class_while_it_holds(
    desk: FactDesk, until: date, chosen: list[str]
) -> None:
    stated = ClassStated(plugin="crm", scheme="crm.size", grade="vip", since=date(2025, 1, 2))
    desk.fact("2025-01-02", stated)
    override = GradeOverridden(
        scheme="crm.size", grade="small", reason="fraud", approver="chief", until=until
    )
    desk.fact("2025-01-02", override)
    desk.on("2025-03-03").ledger.run(RUN, actor="chief", method="importance")
    assert [r["account"] for r in rows_of(desk, "core.return_visit_list")] == chosen


@pytest.mark.rule("CORE-38")
def test_silent_customers_are_those_without_a_contact_both_ways(desk: FactDesk) -> None:
    desk.open("C-2", "C-3", on="2025-01-02")
    desk.on("2025-06-01").fact("2025-06-01", ActionRecorded(kind="call", two_way=True), "C-2")
    desk.fact("2025-06-01", ActionRecorded(kind="message"), "C-3")
    desk.on("2025-08-03").ledger.run(RUN, actor="chief", method="silent")
    assert [r["account"] for r in rows_of(desk, "core.return_visit_list")] == ["C-1", "C-3"]


@pytest.mark.rule("CORE-38")
def test_a_sample_is_a_share_above_nothing(desk: FactDesk) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        desk.ledger.run(RUN, actor="chief", percent="0")
