"""Accounts that are to be changed, and people who are to log in (CORE-71, CORE-72; report 41)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from guanxi import Conflict, Incomplete, Invalid, NotPermitted, Unknown
from guanxi.kernel.access import let_in
from guanxi.relationship.access.accounts import Accounts
from guanxi.relationship.access.commands import (
    DecideApproval,
    EnrolStaff,
    ExecuteAccountChange,
    FreezeAccount,
    LogIn,
    RecordDeparture,
    RecordDutyTrip,
    RecordLeave,
    RequestAccountChange,
    RequestLookup,
    TakePost,
)
from guanxi.relationship.access.staff import StaffMember
from guanxi.relationship.access.streams import post_stream, staff_stream
from tests.kernel.desks import Desk
from tests.relationship.access.offices import Office

ANN = staff_stream("ann")
LEAVES = RequestAccountChange(change="X-1", reason="leaves", handling="close")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk without access rules, at which ann holds a post since 06-01."""
    with Desk(plugins=[], now="2025-06-01") as desk:
        desk.tell(EnrolStaff(), who=ANN)
        desk.tell(TakePost(post="sales"), who=ANN)
        yield desk


@pytest.fixture
def office() -> Iterator[Office]:
    with Office("2025-06-02") as office:
        yield office


def state_of(desk: Desk, rule: str, key: str, as_of: str) -> str:
    return next(r.state for r in desk.ledger.due_items(rule=rule, as_of=as_of) if r.key == key)


# ------------------------------------------------------------ CORE-71


@pytest.mark.rule("CORE-71a")
@pytest.mark.parametrize(("submitted", "state"), [("2025-06-09", "done"), ("2025-06-10", "late")])
def test_a_leaver_is_submitted_within_one_working_day(desk: Desk, submitted: str, state: str) -> None:
    desk.tell(RecordDeparture(departure="D-1", leaves_on=date(2025, 6, 6)), who=ANN)
    desk.on(submitted).tell(LEAVES, who=ANN)
    assert state_of(desk, "CORE-71", "D-1", submitted) == state


@pytest.mark.rule("CORE-71a")
def test_the_working_day_after_a_long_holiday_is_the_last_one(desk: Desk) -> None:
    desk.on("2025-09-20").tell(RecordDeparture(departure="D-1", leaves_on=date(2025, 9, 30)), who=ANN)
    assert state_of(desk, "CORE-71", "D-1", "2025-10-09") == "open"
    (row,) = desk.on("2025-10-10").ledger.due_items(rule="CORE-71")
    assert (row.until, row.state) == (datetime(2025, 10, 10, tzinfo=desk.now.tzinfo), "overdue")


@pytest.mark.rule("CORE-71")
def test_a_submission_before_the_last_day_is_in_time(desk: Desk) -> None:
    desk.tell(RecordDeparture(departure="D-1", leaves_on=date(2025, 6, 20)), who=ANN)
    desk.on("2025-06-10").tell(LEAVES, who=ANN)
    assert state_of(desk, "CORE-71", "D-1", "2025-06-20") == "done"


@pytest.mark.rule("CORE-71")
def test_each_departure_needs_a_submission_of_its_own(desk: Desk) -> None:
    desk.tell(RecordDeparture(departure="D-1", leaves_on=date(2025, 6, 6), kind="change"), who=ANN)
    desk.tell(RecordDeparture(departure="D-2", leaves_on=date(2025, 6, 20)), who=ANN)
    desk.on("2025-06-06").tell(LEAVES, who=ANN)
    assert [r.state for r in desk.on("2025-06-24").ledger.due_items(rule="CORE-71")] == ["done", "overdue"]


@pytest.mark.rule("CORE-71b")
def test_a_section_head_submits_no_account_change(office: Office) -> None:
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("head").execute(ANN, LEAVES)
    office.as_("clerk1").execute(ANN, LEAVES)


@pytest.mark.rule("CORE-71b")
def test_an_account_change_is_carried_out_after_its_approval(office: Office) -> None:
    office.as_("clerk1").execute(ANN, LEAVES)
    marketing = office.as_("marketing")
    with pytest.raises(Incomplete, match="approval_missing"):
        marketing.execute(ANN, ExecuteAccountChange(change="X-1"))
    office.as_("head").execute(ANN, DecideApproval(approval="X-1", outcome="approved"))
    marketing.execute(ANN, ExecuteAccountChange(change="X-1"))
    with pytest.raises(NotPermitted, match="not_authorised"):
        office.as_("ann").history("C-1")
    with pytest.raises(Conflict, match="already_known"):
        marketing.execute(ANN, ExecuteAccountChange(change="X-1"))


@pytest.mark.rule("CORE-71b")
def test_an_account_is_frozen_earlier_with_a_reason(office: Office) -> None:
    with pytest.raises(Incomplete, match="reason_missing"):
        FreezeAccount()
    office.on("2025-06-05").as_("head").execute(ANN, FreezeAccount(reason="clears his desk"))
    with let_in():
        judged = office.ledger.relationship(ANN)
    assert judged.states[judged.room.states[StaffMember]].account == "frozen"
    assert judged.states[judged.room.states[Accounts]].frozen


@pytest.mark.rule("CORE-71b")
def test_a_freeze_of_05_30_stands_before_the_account_change_of_06_09(desk: Desk) -> None:
    with Desk(plugins=[], now="2025-05-30") as desk:
        desk.tell(EnrolStaff(), who=ANN)
        desk.tell(FreezeAccount(reason="clears his desk"), who=ANN)
        desk.on("2025-06-09").tell(LEAVES, who=ANN)
        judged = desk.ledger.relationship(ANN)
        assert judged.states[judged.room.states[StaffMember]].account == "frozen"


@pytest.mark.rule("CORE-71")
@pytest.mark.parametrize("missing", ["reason", "handling"])
def test_a_submission_names_reason_and_handling(missing: str) -> None:
    given = {"reason": "leaves", "handling": "close", missing: None}
    with pytest.raises(Incomplete, match="reason_missing"):
        RequestAccountChange(change="X-1", **given)


@pytest.mark.rule("CORE-71")
def test_what_was_not_submitted_is_not_carried_out(desk: Desk) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(ExecuteAccountChange(change="X-9"), who=ANN)
    with pytest.raises(Unknown, match="unknown_relationship"):
        desk.tell(LogIn(), who=staff_stream("nobody"))


# ------------------------------------------------------------ CORE-72


def log_in(desk: Desk, *days: int) -> None:
    for day in days:
        desk.on(f"2025-06-{day:02}").tell(LogIn(), who=ANN)


@pytest.mark.rule("CORE-72a")
def test_each_working_day_at_the_post_wants_a_log_in(desk: Desk) -> None:
    log_in(desk, 3, 4, 6)
    rows = desk.on("2025-06-07").ledger.due_items(rule="CORE-72")
    assert [r.key for r in rows] == ["2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06"]
    assert [r.key for r in rows if r.state == "not_done"] == ["2025-06-05"]
    assert {r.person for r in rows} == {"ann"}


@pytest.mark.rule("CORE-72b")
@pytest.mark.parametrize(
    ("logins", "about", "state"),
    [(((9, 8), (9, 17)), "1/2", "not_done"), (((9, 8), (15, 20)), "2/2", "done")],
)
def test_a_week_on_trip_wants_two_days_with_a_log_in(
    desk: Desk, logins: tuple[tuple[int, int], ...], about: str, state: str
) -> None:
    trip = RecordDutyTrip(trip="T-1", first_day=date(2025, 6, 9), last_day=date(2025, 6, 15))
    desk.tell(trip, who=ANN)
    for day, hour in logins:
        desk.now = datetime(2025, 6, day, hour, tzinfo=desk.now.tzinfo)
        desk.tell(LogIn(), who=ANN)
    rows = desk.on("2025-06-16").ledger.due_items(cadence="core.log_in_on_trip")
    assert [(r.key, r.about, r.state) for r in rows] == [("2025-06-09", about, state)]
    daily = desk.ledger.due_items(cadence="core.log_in", since=datetime(2025, 6, 9, tzinfo=desk.now.tzinfo))
    assert [r.key for r in daily] == ["2025-06-16"]


@pytest.mark.rule("CORE-72c")
@pytest.mark.parametrize(
    ("as_of", "listed"), [("2025-06-24T23:00", None), ("2025-06-24", "listed"), ("2025-06-25", "listed")]
)
def test_fourteen_days_running_without_a_log_in_are_listed(
    desk: Desk, as_of: str, listed: str | None
) -> None:
    log_in(desk, 10)
    report = desk.on("2025-06-30").ledger.report("core.access", as_of=as_of)
    (row,) = report.rows
    assert (row[0], row[10], row[12]) == ("ann", date(2025, 6, 10), listed)


@pytest.mark.rule("CORE-72")
def test_leave_and_holidays_want_no_log_in(desk: Desk) -> None:
    desk.tell(RecordLeave(leave="V-1", first_day=date(2025, 6, 3), last_day=date(2025, 6, 20)), who=ANN)
    assert desk.on("2025-06-20").ledger.due_items(rule="CORE-72") == ()
    (row,) = desk.on("2025-06-25").ledger.report("core.access").rows
    assert (row[11], row[12]) == (6, None)


@pytest.mark.rule("CORE-72")
def test_who_has_left_is_expected_no_more(desk: Desk) -> None:
    desk.on("2025-06-04").tell(LEAVES, who=ANN)
    desk.tell(DecideApproval(approval="X-1", outcome="approved"), who=ANN, actor="head")
    desk.tell(ExecuteAccountChange(change="X-1"), who=ANN)
    rows = desk.on("2025-06-30").ledger.due_items(rule="CORE-72")
    assert [r.key for r in rows] == ["2025-06-03"]


@pytest.mark.rule("CORE-72")
def test_a_trip_ends_no_earlier_than_it_begins() -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        RecordDutyTrip(trip="T-1", first_day=date(2025, 6, 9), last_day=date(2025, 6, 8))


@pytest.mark.rule("CORE-72")
def test_a_short_trip_wants_no_more_log_ins_than_it_has_days(desk: Desk) -> None:
    trip = RecordDutyTrip(trip="T-1", first_day=date(2025, 6, 10), last_day=date(2025, 6, 10))
    desk.tell(trip, who=ANN)
    log_in(desk, 10)
    (row,) = desk.on("2025-06-16").ledger.due_items(cadence="core.log_in_on_trip")
    assert (row.about, row.state) == ("1/1", "done")


# ------------------------------------------------------------ the report


@pytest.mark.rule("CORE-69")
def test_the_report_counts_views_refusals_and_requests_of_everybody(office: Office) -> None:
    office.as_("ann").history("C-1")
    office.as_("ann").due_items(customer="C-1")
    for customer in ("C-1", "C-9"):
        with pytest.raises(NotPermitted):
            office.as_("bob").history(customer)
    for number, outcome in (("L-1", "approved"), ("L-2", "refused"), ("L-3", None)):
        request = RequestLookup(lookup=number, customers=("C-1",), purpose="offer")
        office.as_("bob").execute(staff_stream("bob"), request)
        if outcome is not None:
            decide = DecideApproval(approval=number, outcome=outcome, reason="so")  # type: ignore[arg-type]
            office.as_("head").execute(staff_stream("bob"), decide)
    report = office.as_("audit").report("core.access", section="1")
    rows = {row[0]: row for row in report.rows}
    assert rows["ann"][2:4] == (2, 0)
    assert rows["bob"][2:9] == (0, 2, 0, 3, 1, 1, 1)
    assert "eve" not in rows


@pytest.mark.rule("CORE-71")
def test_late_account_changes_are_reported(desk: Desk) -> None:
    desk.tell(RecordDeparture(departure="D-1", leaves_on=date(2025, 6, 6)), who=ANN)
    desk.on("2025-06-10").tell(LEAVES, who=ANN)
    (row,) = desk.ledger.report("core.access").rows
    assert row[13] == 1
    (none,) = desk.ledger.report("core.access", first_day="2025-07-01").rows
    assert none[13] == 0


def test_posts_of_one_name_and_another_lie_in_streams_of_their_own() -> None:
    assert post_stream("a") != staff_stream("a")
