"""How long a customer may go without contact, and when he has run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from guanxi import Money
from guanxi.relationship.care.cadences import collection, delivery, density
from guanxi.relationship.care.replenishment import first_pay_day
from guanxi.relationship.dealings.events import GoodsDelivered, ReceiptRecorded
from guanxi.relationship.file.events import ProfileFactRecorded
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.pipeline.events import ActionRecorded
from tests.kernel.desks import moment
from tests.relationship.care.care_desk import CareDesk


@pytest.fixture
def desk() -> Iterator[CareDesk]:
    with CareDesk(now="2025-01-03").open(on="2025-01-01") as d:
        yield d


def classed(desk: CareDesk, on: str, grade: str) -> None:
    stated = ClassStated(plugin="host", scheme="host.ladder", grade=grade, since=date.fromisoformat(on))
    desk.fact(on, stated)


def called(desk: CareDesk, on: str, known: str | None = None, kind: str = "call") -> None:
    desk.fact(on, ActionRecorded(kind=kind, two_way=kind == "call"), known=known)  # type: ignore[arg-type]


def due_on(desk: CareDesk, as_of: str, known: str | None = None) -> tuple[date, str] | None:
    """Return the last day of the contact that waits, and how it stands."""
    end = moment(f"{as_of}T23:59:59")
    waits = [i for i in desk.due(density, as_of, known).values() if i.done_at is None]
    if not waits:
        return None
    assert waits[0].until is not None
    return date.fromordinal(waits[0].until.date().toordinal() - 1), waits[0].state(end)


@pytest.mark.rule("CORE-44a")
@pytest.mark.parametrize(
    ("as_of", "state"),
    [("2025-06-27", None), ("2025-06-28", "open"), ("2025-07-01", "open"), ("2025-07-02", "overdue")],
)
def test_a_contact_is_reminded_due_and_overdue(desk: CareDesk, as_of: str, state: str | None) -> None:
    classed(desk, "2025-01-05", "main")
    called(desk, "2025-06-01")
    found = due_on(desk, as_of)
    assert found == (None if state is None else (date(2025, 7, 1), state))


@pytest.mark.rule("CORE-44b")
@pytest.mark.parametrize(("as_of", "state"), [("2025-06-20", "open"), ("2025-06-21", "overdue")])
def test_a_higher_level_is_due_at_the_earliest_on_the_day_it_began(
    desk: CareDesk, as_of: str, state: str
) -> None:
    classed(desk, "2025-01-05", "main")
    called(desk, "2025-06-01")
    classed(desk, "2025-06-20", "vip")
    assert due_on(desk, as_of) == (date(2025, 6, 20), state)


@pytest.mark.rule("CORE-44c")
def test_a_visit_entered_late_counts_from_its_own_day(desk: CareDesk) -> None:
    classed(desk, "2025-01-05", "main")
    called(desk, "2025-06-01")
    called(desk, "2025-06-28", known="2025-07-03", kind="visit")
    desk.until("2025-07-26")
    assert due_on(desk, "2025-07-02", "2025-07-02") == (date(2025, 7, 1), "overdue")
    assert due_on(desk, "2025-07-26", "2025-07-03") == (date(2025, 7, 28), "open")


@pytest.mark.rule("CORE-44c")
def test_what_goes_to_many_is_no_contact_and_a_personal_message_is(desk: CareDesk) -> None:
    classed(desk, "2025-01-05", "main")
    called(desk, "2025-06-01")
    desk.send("2025-06-15", kind="service", bulk=True)
    assert due_on(desk, "2025-07-02") == (date(2025, 7, 1), "overdue")
    desk.send("2025-07-02T15:00", kind="service")
    assert due_on(desk, "2025-07-02") is None


@pytest.mark.rule("CORE-44")
@pytest.mark.parametrize(
    ("grade", "due"),
    [
        ("vip", date(2025, 1, 12)),
        ("main", date(2025, 2, 4)),
        ("ordinary", date(2025, 4, 5)),
        ("small", date(2025, 7, 4)),
    ],
)
def test_the_interval_goes_by_importance(desk: CareDesk, grade: str, due: date) -> None:
    classed(desk, "2025-01-05", grade)
    called(desk, "2025-01-05T12:00")
    assert due_on(desk, due.isoformat()) == (due, "open")


@pytest.mark.rule("CORE-44")
def test_without_any_contact_it_runs_from_the_opening(desk: CareDesk) -> None:
    assert due_on(desk, "2025-06-30") == (date(2025, 6, 30), "open")


# Replenishment and pay-day


def told(desk: CareDesk, on: str, field: str, value: str, known: str | None = None) -> None:
    desk.fact(on, ProfileFactRecorded(field_name=field, value=value), known=known)


def delivered(desk: CareDesk, on: str) -> None:
    desk.fact(on, GoodsDelivered(order="O-1", lines=()))


def last_days(
    desk: CareDesk, cadence: object, as_of: str, known: str | None = None
) -> dict[str, date | None]:
    found = {}
    for (_, key), item in desk.due(cadence, as_of, known).items():  # type: ignore[arg-type]
        last = None if item.until is None else date.fromordinal(item.until.date().toordinal() - 1)
        found[key] = last
    return found


@pytest.mark.rule("CORE-47a")
def test_the_stock_runs_out_after_whole_days(desk: CareDesk) -> None:
    told(desk, "2025-03-05", "monthly_use", "24")
    told(desk, "2025-03-05", "stock_on_hand", "30")
    assert last_days(desk, delivery, "2025-03-06") == {"delivery/2025-03-05": date(2025, 4, 11)}


@pytest.mark.rule("CORE-47b")
def test_a_change_of_use_reckons_from_its_own_date(desk: CareDesk) -> None:
    told(desk, "2025-03-05", "monthly_use", "24")
    told(desk, "2025-03-05", "stock_on_hand", "30")
    told(desk, "2025-03-20", "monthly_use", "30")
    assert last_days(desk, delivery, "2025-03-25", "2025-03-19") == {"delivery/2025-03-05": date(2025, 4, 11)}
    assert last_days(desk, delivery, "2025-03-25", "2025-03-20") == {"delivery/2025-03-05": date(2025, 4, 7)}


@pytest.mark.rule("CORE-47c")
@pytest.mark.parametrize(
    ("pay_day", "on", "due"),
    [
        ("15", "2025-04-11", date(2025, 4, 15)),
        ("31", "2025-04-11", date(2025, 4, 30)),
        ("15", "2025-04-15", date(2025, 4, 15)),
    ],
)
def test_collection_is_due_on_the_first_pay_day_on_or_after_the_delivery(
    desk: CareDesk, pay_day: str, on: str, due: date
) -> None:
    assert first_pay_day(int(pay_day), date.fromisoformat(on)) == due
    told(desk, "2025-03-05", "stock_on_hand", "30")
    told(desk, "2025-03-05", "pay_day", pay_day)
    delivered(desk, on)
    assert last_days(desk, collection, on) == {f"collection/{on}": due}


@pytest.mark.rule("CORE-47")
def test_a_delivery_and_a_receipt_fulfil_what_was_due(desk: CareDesk) -> None:
    told(desk, "2025-03-05", "monthly_use", "24")
    told(desk, "2025-03-05", "stock_on_hand", "30")
    told(desk, "2025-03-05", "pay_day", "15")
    delivered(desk, "2025-04-11")
    told(desk, "2025-04-11T11:00", "stock_on_hand", "24")
    desk.fact("2025-04-16", ReceiptRecorded(receipt="R-1", amount=Money(100, "CNY")))
    assert desk.state(delivery, "delivery/2025-03-05", "2025-04-20") == "done"
    assert desk.state(delivery, "delivery/2025-04-11", "2025-05-12") == "overdue"
    assert desk.state(collection, "collection/2025-04-11", "2025-04-20") == "late"


@pytest.mark.rule("CORE-47")
def test_what_is_not_stated_has_no_due_date_and_is_a_gap(desk: CareDesk) -> None:
    told(desk, "2025-03-05", "stock_on_hand", "30")
    assert last_days(desk, delivery, "2025-03-06") == {"gap/monthly_use": None}
    told(desk, "2025-03-07", "monthly_use", "24")
    delivered(desk, "2025-03-10")
    assert last_days(desk, delivery, "2025-03-11") == {
        "delivery/2025-03-05": date(2025, 4, 11),
        "gap/stock_on_hand/2025-03-10": None,
    }
    assert last_days(desk, collection, "2025-03-11") == {"gap/pay_day/2025-03-10": None}
