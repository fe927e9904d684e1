"""Terms end where the calendar says, a make-up workday counts, and a year without published holidays is provisional, never an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from guanxi import Invalid
from guanxi.relationship.calendars import FESTIVALS, CalendarRules, Term
from tests.kernel.desks import Desk

RULES = CalendarRules()


def day(text: str) -> date:
    return date.fromisoformat(text if len(text) > 5 else f"2025-{text}")


@pytest.mark.rule("CORE-06a")
def test_days_end_at_midnight_and_months_at_the_corresponding_day() -> None:
    at = datetime(2025, 6, 10, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
    term = RULES.days(at.date(), 3)
    assert term == Term(day("06-13"))
    assert term.until(at) == datetime(2025, 6, 14, tzinfo=at.tzinfo)
    starts = ("01-31", "2024-01-31", "03-15")
    assert [RULES.months(day(d), 1).last_day for d in starts] == [
        day("02-28"),
        day("2024-02-29"),
        day("04-15"),
    ]


@pytest.mark.rule("CORE-06b")
def test_working_days_pass_over_holidays_and_count_make_up_workdays() -> None:
    assert RULES.working_days(day("06-06"), 1).last_day == day("06-09")
    assert RULES.working_days(day("09-30"), 1).last_day == day("10-09")
    assert RULES.working_days(day("09-30"), 3).last_day == day("10-11")
    assert RULES.days(day("09-30"), 3).last_day == day("10-03")
    assert attrs.evolve(RULES, roll_over_rest_day=True).days(day("09-30"), 3).last_day == day("10-09")


@pytest.mark.rule("CORE-06c")
def test_a_year_that_is_published_later_settles_what_was_provisional() -> None:
    known = attrs.evolve(RULES, years={y: t for y, t in RULES.years.items() if y <= "2026"})
    eve = day("2026-12-31")
    assert known.working_days(eve, 1) == Term(day("2027-01-01"), provisional=True)
    published = attrs.evolve(known, years={**known.years, "2027": "off 01-01..01-03"})
    assert published.working_days(eve, 1) == Term(day("2027-01-04"))


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(now="2026-06-01", plugins=[]) as d:
        yield d


def test_a_host_publishes_a_calendar_of_its_own_and_the_old_one_stays_readable(desk: Desk) -> None:
    desk.ledger.publish(
        CalendarRules(years={"2026": "off 06-02; work 06-06"}),
        effective_from=desk.now,
        by="clerk",
        approved_by="head",
    )
    book = desk.ledger.rule_book()
    later = (desk.now + timedelta(days=1)).isoformat()
    own, version = book.find(CalendarRules, later, later)
    assert (own.working_days(day("2026-06-01"), 1).last_day, version) == (day("2026-06-03"), 1)
    assert own.working_days(day("2026-06-05"), 1).last_day == day("2026-06-06")
    assert book.find(CalendarRules, "2026-01-01", later)[0] == RULES


@pytest.mark.parametrize("text", ["off 13-01", "holidays 01-01", "off 01-01..", "festivals new_year"])
def test_a_calendar_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        CalendarRules(years={"2026": text})


def test_every_published_year_names_every_festival_on_a_day_off() -> None:
    for year in RULES.years:
        published = RULES.year(int(year))
        assert published is not None
        assert set(published.festivals) == set(FESTIVALS)
        if int(year) >= 2008:  # when Qingming, Dragon Boat and Mid-Autumn became days off
            assert all(not RULES.is_working_day(d) for d in published.festivals.values()), year
    assert RULES.festival("spring_festival", 2025) == day("01-29")
    assert RULES.festival("spring_festival", 2099) is None
