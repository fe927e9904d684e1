"""Birthdays, festivals, days that mean something, the yearly conference and the weekly message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Money
from guanxi.kernel.cadences import Cadence
from guanxi.relationship.care.cadences import birthday, conference, festival, significant_day, weekly_message
from guanxi.relationship.care.commands import (
    AttendGathering,
    GiveGift,
    HoldGathering,
    SetContactPreference,
    WithdrawConsent,
)
from guanxi.relationship.care.days import in_year
from guanxi.relationship.care.gifts import Favours
from guanxi.relationship.care.rules import GreetingRules
from guanxi.relationship.dealings.events import GoodsDelivered, LineQuantity, OrderLine, OrderPlaced
from guanxi.relationship.due_items.events import DueItemAssigned, DueItemWaived
from guanxi.relationship.file.events import ProfileFactRecorded, RelationshipClosed
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.ownership.events import MaintainerAssigned
from tests.kernel.desks import moment
from tests.relationship.care.care_desk import CareDesk


@pytest.fixture
def desk() -> Iterator[CareDesk]:
    with CareDesk(now="2025-01-03") as d:
        yield d


def born(desk: CareDesk, day: str, who: str = "C-1", on: str = "2025-01-02") -> None:
    desk.open(who, on="2025-01-01")
    desk.fact(on, ProfileFactRecorded(field_name="birth_date", value=day), who=who)
    desk.agree(on, who=who)


def listed(desk: CareDesk, on: str) -> dict[str, str | None]:
    """Return who is listed on a day, with the reason why he is left out."""
    desk.until(f"{on}T23:00")
    rows = desk.ledger.report("core.birthdays", as_of=on, as_known=on).rows
    return {row[1]: row[5] for row in rows}


# Birthdays


@pytest.mark.rule("CORE-41a")
@pytest.mark.parametrize(
    ("day", "there"),
    [("1980-12-27", False), ("1980-12-28", True), ("1980-01-04", True), ("1980-01-05", False)],
)
def test_birthdays_of_today_and_seven_days_are_listed(desk: CareDesk, day: str, there: bool) -> None:
    born(desk, day)
    assert ("C-1" in listed(desk, "2025-12-28")) is there


@pytest.mark.rule("CORE-41b")
@pytest.mark.parametrize(("year", "falls"), [(2025, date(2025, 2, 28)), (2028, date(2028, 2, 29))])
def test_the_29_february_is_the_28_in_other_years(desk: CareDesk, year: int, falls: date) -> None:
    assert in_year(date(2000, 2, 29), year) == falls
    born(desk, "2000-02-29")
    desk.until(f"{year}-02-28T23:59")
    rows = desk.ledger.report("core.birthdays", as_of=f"{year}-02-25").rows
    assert [row[0] for row in rows] == [falls]
    item = desk.due(birthday, f"{year}-03-01")["C-1", f"birthday/{year}"]
    assert item.since.date() == falls


@pytest.mark.rule("CORE-41c")
def test_a_corrected_birth_date_moves_the_birthday(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    entry = desk.fact("2025-01-02", ProfileFactRecorded(field_name="birth_date", value="1980-06-20")).entries[
        0
    ]
    desk.agree("2025-01-02")
    desk.until("2025-06-05")
    desk.ledger.correct(entry.id, {"value": "1980-06-10"}, actor="clerk", reason="identity card seen")
    assert listed(desk, "2025-06-04") == {}
    assert listed(desk, "2025-06-05") == {"C-1": None}


@pytest.mark.rule("CORE-41")
def test_who_is_left_out_is_listed_with_the_reason_and_not_due(desk: CareDesk) -> None:
    for who in ("C-1", "C-2", "C-3", "C-4"):
        born(desk, "1980-06-10", who)
    desk.until("2025-03-01")
    desk.tell(SetContactPreference(do_not_contact=True), who="C-2")
    desk.tell(WithdrawConsent(), who="C-3")
    desk.fact(
        "2025-03-01", RelationshipClosed(reason_code="death_or_dissolution", exit_kind="natural"), who="C-4"
    )
    assert listed(desk, "2025-06-08") == {
        "C-1": None,
        "C-2": "do_not_contact",
        "C-3": "no_consent",
        "C-4": "deceased",
    }
    assert set(desk.due(birthday, "2025-06-10")) == {("C-1", "birthday/2025")}


@pytest.mark.rule("CORE-41")
@pytest.mark.parametrize(
    ("sent_on", "as_of", "state"),
    [
        (None, "2025-06-10", "open"),
        (None, "2025-06-11", "overdue"),
        ("2025-06-09", "2025-06-11", "overdue"),
        ("2025-06-10", "2025-06-11", "done"),
        ("2025-06-12", "2025-06-12", "late"),
    ],
)
def test_one_greeting_a_year_is_due_on_the_day_itself(
    desk: CareDesk, sent_on: str | None, as_of: str, state: str
) -> None:
    born(desk, "1980-06-10")
    if sent_on is not None:
        desk.send(sent_on, kind="greeting", care_item="birthday/2025")
    assert desk.state(birthday, "birthday/2025", as_of) == state


@pytest.mark.rule("CORE-41")
def test_an_erased_birth_date_is_no_birthday_and_the_list_says_so(desk: CareDesk) -> None:
    born(desk, "1980-06-10")
    desk.ledger.backend.keyring.destroy(desk.stream(), "identity")
    desk.until("2025-06-09")
    report = desk.ledger.report("core.birthdays", as_of="2025-06-09")
    assert report.rows == ()
    assert [(label.en, text) for label, text in report.notes if "erased" in label.en] == [
        ("not derivable: erased", "1")
    ]


# Festivals


def greeted(desk: CareDesk, *days: str, before: int = 0, after: int = 0) -> None:
    desk.open("C-1", on="2019-01-01")
    desk.under(GreetingRules(holiday_scope=("all",), greeting_days_before=before, greeting_days_after=after))
    for day in days:
        desk.send(day, kind="greeting", care_item=f"festival/{day}", happened=True)


@pytest.mark.rule("CORE-42a")
@pytest.mark.parametrize(
    ("before", "after", "day", "state"),
    [
        (0, 0, "2025-01-28", "overdue"),
        (0, 0, "2025-01-29", "done"),
        (0, 0, "2025-01-30", "late"),
        (1, 6, "2025-01-28", "done"),
        (1, 6, "2025-02-04", "done"),
        (1, 6, "2025-02-05", "late"),
    ],
)
def test_a_festival_greeting_counts_within_its_window(
    desk: CareDesk, before: int, after: int, day: str, state: str
) -> None:
    greeted(desk, day, before=before, after=after)
    assert desk.state(festival, "festival/spring_festival/2025", "2025-02-06") == state


@pytest.mark.rule("CORE-42b")
@pytest.mark.parametrize(
    ("before", "after", "card", "year", "national", "mid_autumn"),
    [
        (0, 0, "2020-10-01", 2020, "done", "done"),
        (0, 0, "2025-10-01", 2025, "done", "overdue"),
        (1, 5, "2025-10-05", 2025, "done", "done"),
    ],
)
def test_one_card_inside_two_windows_fulfils_both(
    before: int, after: int, card: str, year: int, national: str, mid_autumn: str
) -> None:
    with CareDesk(now="2020-01-02") as desk:
        greeted(desk, card, before=before, after=after)
        as_of = f"{year}-10-20"
        assert desk.state(festival, f"festival/national/{year}", as_of) == national
        assert desk.state(festival, f"festival/mid_autumn/{year}", as_of) == mid_autumn


@pytest.mark.rule("CORE-42")
def test_a_gift_counts_as_a_greeting_and_an_excluded_festival_is_not_due(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.under(GreetingRules(holiday_scope=("all",), holiday_exclude=("qingming",)))
    desk.until("2025-05-01")
    desk.tell(GiveGift(gift="G-1", care_item="festival/labour/2025"))
    items = desk.due(festival, "2025-05-02")
    assert ("C-1", "festival/qingming/2025") not in items
    assert desk.state(festival, "festival/labour/2025", "2025-05-02") == "done"


@pytest.mark.rule("CORE-42")
def test_festivals_are_for_customers_of_the_stages_in_scope(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    assert desk.due(festival, "2025-05-02") == {}


@pytest.mark.rule("CORE-42")
def test_a_customer_whose_first_order_is_fulfilled_is_greeted_from_then_on(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    line = OrderLine(line="1", product="P", quantity=Decimal(1), unit="pc", amount=Money(100, "CNY"))
    desk.fact("2025-04-10", OrderPlaced(order="O-1", lines=(line,)))
    desk.fact("2025-04-12", GoodsDelivered(order="O-1", lines=(LineQuantity(line="1", quantity=Decimal(1)),)))
    assert {key for _, key in desk.due(festival, "2025-05-02")} == {"festival/labour/2025"}


@pytest.mark.rule("CORE-42")
def test_a_day_that_means_something_to_the_customer_is_due(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.fact("2025-01-02", ProfileFactRecorded(field_name="wedding_day", value="2010-05-20"))
    assert desk.state(significant_day, "day/wedding_day/2025", "2025-05-21") == "overdue"
    desk.send("2025-05-22", kind="greeting", care_item="day/wedding_day/2025")
    assert desk.state(significant_day, "day/wedding_day/2025", "2025-05-22") == "late"


@pytest.mark.rule("CORE-42c")
def test_one_conference_is_held_in_each_calendar_year(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    for gathering, day in (("conf-25", "2025-03-20"), ("conf-26", "2026-01-15")):
        desk.until(day)
        desk.tell(HoldGathering(kind="customer_conference"), who=gathering)
        desk.tell(AttendGathering(gathering=gathering, kind="customer_conference"))
    items = desk.due(conference, "2026-02-01")
    at = moment("2026-02-01")
    assert {key: item.state(at) for (_, key), item in items.items()} == {
        "conference/2025": "done",
        "conference/2026": "done",
    }
    assert desk.ledger.history("C-1").state(Favours).gatherings == ["conf-25", "conf-26"]


@pytest.mark.rule("CORE-42")
def test_a_year_without_a_conference_is_not_done(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    items = desk.due(conference, "2026-02-01")
    states = {key: item.state(moment("2026-02-01")) for (_, key), item in items.items()}
    assert states == {"conference/2025": "not_done", "conference/2026": "open"}


# The weekly message


def vip(desk: CareDesk, who: str, on: str = "2025-06-01", maintainer: str | None = "li") -> None:
    desk.open(who, on="2025-01-01")
    since = date.fromisoformat(on[:10])
    desk.fact(on, ClassStated(plugin="host", scheme="host.ladder", grade="vip", since=since), who=who)
    if maintainer is not None:
        desk.fact(on, MaintainerAssigned(person=maintainer), who=who)


@pytest.mark.rule("CORE-43a")
def test_every_vip_is_due_a_message_on_friday_by_his_maintainer(desk: CareDesk) -> None:
    for n in range(120):
        vip(desk, f"C-{n:03}", maintainer="li" if n < 117 else None)
    desk.send("2025-06-14", who="C-000", kind="greeting", care_item="weekly/2025-06-13", sender="li")
    desk.until("2025-06-14T23:59")
    rows = desk.ledger.report("core.care_calendar", as_of="2025-06-14", since="2025-06-13", days=0).rows
    weekly = [row for row in rows if row[1] == "core.weekly_message"]
    assert len(weekly) == 120
    assert sum(row[5] == "li" for row in weekly) == 117
    assert sum(row[5] is None for row in weekly) == 3
    assert [row[3] for row in weekly if row[6] == "late"] == ["C-000"]
    assert {row[6] for row in weekly if row[3] != "C-000"} == {"overdue"}


@pytest.mark.rule("CORE-43b")
def test_who_becomes_a_vip_during_friday_is_due_from_the_next_week(desk: CareDesk) -> None:
    vip(desk, "C-1", on="2025-06-13T10:00")
    assert set(desk.due(weekly_message, "2025-06-20")) == {("C-1", "weekly/2025-06-20")}


@pytest.mark.rule("CORE-43b")
def test_a_friday_that_is_a_holiday_is_due_too(desk: CareDesk) -> None:
    vip(desk, "C-1", on="2025-09-30")
    assert desk.state(weekly_message, "weekly/2025-10-03", "2025-10-03") == "open"


@pytest.mark.rule("CORE-43b")
def test_a_task_of_care_belongs_to_a_person_and_not_to_a_department(desk: CareDesk) -> None:
    from guanxi import Incomplete
    from guanxi.relationship.due_items.commands import AssignDueItem

    with pytest.raises(Incomplete, match="named_person_missing"):
        AssignDueItem(cadence="core.weekly_message", number="weekly/2025-06-13", department="sales dept")


@pytest.mark.rule("CORE-99a")
@pytest.mark.parametrize(
    ("sent_on", "as_of", "state"),
    [
        (None, "2025-06-13", "open"),
        (None, "2025-06-14", "overdue"),
        ("2025-06-14", "2025-06-14", "late"),
        (None, "2025-06-20", "not_done"),
    ],
)
def test_the_weekly_message_is_open_overdue_late_or_not_done(
    desk: CareDesk, sent_on: str | None, as_of: str, state: str
) -> None:
    vip(desk, "C-1")
    if sent_on is not None:
        desk.send(sent_on, kind="greeting", care_item="weekly/2025-06-13", sender="li")
    assert desk.state(weekly_message, "weekly/2025-06-13", as_of) == state


@pytest.mark.rule("CORE-43")
def test_the_weekly_message_comes_in_addition_to_festivals(desk: CareDesk) -> None:
    vip(desk, "C-1", on="2025-09-30")
    desk.under(GreetingRules(holiday_scope=("all",)))
    desk.send("2025-10-03", kind="greeting", care_item="festival/national/2025", sender="li")
    assert desk.state(weekly_message, "weekly/2025-10-03", "2025-10-03") == "open"
    assert desk.state(festival, "festival/national/2025", "2025-10-03") == "late"


# The calendar, and what became of care


@pytest.mark.rule("CORE-99")
def test_the_calendar_shows_person_state_and_what_was_withheld(desk: CareDesk) -> None:
    vip(desk, "C-1")
    vip(desk, "C-2")
    vip(desk, "C-3")
    desk.fact(
        "2025-06-12",
        DueItemAssigned(cadence="core.weekly_message", number="weekly/2025-06-13", person="wang"),
    )
    waiver = DueItemWaived(cadence="core.weekly_message", number="weekly/2025-06-13", approver="head")
    desk.fact("2025-06-12", waiver, who="C-2")
    desk.tell(SetContactPreference(channels=("email",)), "2025-06-12", reason="told", who="C-3")
    desk.send("2025-06-13", who="C-3", kind="greeting", care_item="weekly/2025-06-13", sender="li")
    desk.until("2025-06-13T23:00")
    rows = desk.ledger.report("core.care_calendar", days=0).rows
    shown = {row[3]: (row[5], row[6], row[8]) for row in rows if row[1] == "core.weekly_message"}
    assert shown == {
        "C-1": ("wang", "open", None),
        "C-2": ("li", "waived", None),
        "C-3": ("li", "open", "channel_not_wanted"),
    }


@pytest.mark.rule("CORE-99")
def test_the_calendar_looks_some_days_ahead(desk: CareDesk) -> None:
    vip(desk, "C-1")
    desk.fact("2025-06-02", ProfileFactRecorded(field_name="birth_date", value="1980-06-16"))
    desk.agree("2025-06-02")
    desk.until("2025-06-12")
    rows = desk.ledger.report("core.care_calendar").rows
    assert [(row[0], row[1], row[6]) for row in rows] == [
        (date(2025, 6, 13), "core.weekly_message", "open"),
        (date(2025, 6, 16), "core.birthday", "open"),
    ]


@pytest.mark.rule("CORE-43")
def test_the_class_of_each_friday_counts(desk: CareDesk) -> None:
    vip(desk, "C-1", on="2025-06-01")
    for on, grade in (("2025-06-18", "main"), ("2025-07-02", "vip")):
        stated = ClassStated(plugin="host", scheme="host.ladder", grade=grade, since=date.fromisoformat(on))
        desk.fact(on, stated)
    weeks = sorted(key for _, key in desk.due(weekly_message, "2025-07-11"))
    assert weeks == ["weekly/2025-06-06", "weekly/2025-06-13", "weekly/2025-07-04", "weekly/2025-07-11"]


@pytest.mark.rule("CORE-99")
def test_care_is_counted_by_state_and_foots(desk: CareDesk) -> None:
    for n, sent_on in enumerate(("2025-06-13", "2025-06-14", None)):
        vip(desk, f"C-{n}")
        if sent_on is not None:
            desk.send(sent_on, who=f"C-{n}", kind="greeting", care_item="weekly/2025-06-13", sender="li")
    desk.until("2025-06-20T12:00")
    report = desk.ledger.report("core.care", since="2025-06-13")
    weekly = next(row for row in report.rows if row[0] == "core.weekly_message")
    assert weekly[1:8] == (6, 1, 1, 0, 1, 0, 3)
    assert report.drawn().rows


@pytest.mark.parametrize("cadence", [birthday, festival, significant_day, weekly_message, conference])
def test_nothing_is_due_where_there_is_nobody(desk: CareDesk, cadence: Cadence) -> None:
    assert desk.due(cadence, "2025-06-01") == {}
