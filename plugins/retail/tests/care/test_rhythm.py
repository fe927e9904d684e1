"""Letters and store events (RET-32)."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi.relationship.campaigns.commands import EndCampaign, PlanCampaign
from guanxi.relationship.care.commands import HoldGathering

PLAN = PlanCampaign(
    title="Spring", department="counter", segment="all", starts_on=date(2012, 3, 1), ends_on=date(2012, 3, 31)
)


def hold(c, day):
    c.tell(day, HoldGathering(kind="store_event"), customer=f"event-{day}")


@pytest.mark.rule("RET-32a")
def test_the_next_event_opens_one_month_after_the_last_and_is_due_two_months_after_it(counter):
    c = counter()
    hold(c, "2012-01-31")
    (row,) = c.due("retail.store_event")
    assert (row.since.date(), row.until.date()) == (date(2012, 2, 29), date(2012, 4, 1))
    c.at("2012-04-01")
    assert c.stands("store_event", "2012-03-31") == {"store_event/2012-01-31": "open"}
    assert c.stands("store_event", "2012-04-01") == {"store_event/2012-01-31": "overdue"}


@pytest.mark.rule("RET-32")
@pytest.mark.parametrize(
    ("day", "state"), [("2012-02-29", "done"), ("2012-03-31", "done"), ("2012-04-01", "late")]
)
def test_an_event_within_one_to_two_months_is_in_time(counter, day, state):
    c = counter()
    hold(c, "2012-01-31")
    hold(c, day)
    assert c.states("retail.store_event")["store_event/2012-01-31"] == state


@pytest.mark.rule("RET-32")
def test_an_event_held_early_is_where_the_next_one_counts_from(counter):
    c = counter()
    hold(c, "2012-01-31")
    hold(c, "2012-02-10")
    assert list(c.states("retail.store_event")) == ["store_event/2012-02-10"]


@pytest.mark.rule("RET-32")
def test_the_first_event_is_due_within_two_months_of_the_first_purchase(counter):
    c = counter()
    c.customer("2012-01-02")
    assert c.states("retail.store_event") == {}
    c.buy("2012-01-10")
    (row,) = c.due("retail.store_event")
    assert row.until.date() == date(2012, 3, 11)


@pytest.mark.rule("RET-32a")
def test_a_campaign_that_ended_without_letters_is_overdue(counter):
    c = counter()
    c.tell("2012-02-20", PLAN, customer="spring")
    assert c.states("retail.letter_run") == {}
    c.at("2012-04-01")
    assert c.stands("letter_run", "2012-03-31") == {"letters/2012-03-01": "open"}
    assert c.stands("letter_run", "2012-04-01") == {"letters/2012-03-01": "overdue"}


@pytest.mark.rule("RET-32")
def test_a_campaign_that_ends_early_is_overdue_from_then(counter):
    c = counter()
    c.tell("2012-02-20", PLAN, customer="spring")
    c.tell("2012-03-10", EndCampaign(), customer="spring")
    c.at("2012-03-12")
    assert c.stands("letter_run", "2012-03-11") == {"letters/2012-03-01": "overdue"}


@pytest.mark.rule("RET-32")
def test_the_first_letter_of_the_period_fulfils_the_campaigns_letters(counter):
    c = counter()
    c.customer("2012-01-02")
    c.tell("2012-02-20", PLAN, customer="spring")
    c.send("2012-02-25", channel="letter", campaign="spring")
    c.at("2012-03-05")
    assert c.stands("letter_run", "2012-03-05") == {"letters/2012-03-01": "open"}
    c.send("2012-03-05T12:00", channel="letter", campaign="spring")
    assert c.stands("letter_run", "2012-03-05") == {"letters/2012-03-01": "done"}
