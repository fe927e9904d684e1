"""A plugin's sale moves the core's life cycle and trust, and a plugin's rule may say who lapsed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

import guanxi
from guanxi import (
    REVISE,
    Command,
    Decision,
    Due,
    Facet,
    Fact,
    Label,
    LapseFound,
    Ledger,
    Now,
    OpenFile,
    Parts,
    SaleAtOnce,
    command,
    due,
    event,
    key,
)  # fmt: skip
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.people.rules import LifecycleRules
from guanxi.relationship.people.trust import Trust

ZONE = ZoneInfo("Asia/Shanghai")


@event("kiosk.sold")
class Sold(SaleAtOnce):
    """Something was sold over the counter."""

    number: str

    @property
    def deal(self) -> str | None:
        """Its number; none for what is handed out in place of something."""
        return None if self.number == "instead" else self.number


@event("kiosk.missed")
class Missed(LapseFound, late=REVISE, retroactive=REVISE):
    """Nobody came for ten days."""

    since: date = key()


@command("kiosk.sell")
class Sell(Command):
    """Sell something."""

    number: str


@due("kiosk.ten_days")
class TenDays(Due):
    """Ten days are over."""

    since: date


@attrs.define
class Counter:
    """When something was sold last."""

    last: date | None = None


counter = Facet("kiosk.counter", Counter, title=Label("Counter", "柜台"))


@counter.evolve
def _sold(s: Counter, e: Sold, at: datetime) -> None:
    s.last = at.date()


@counter.decide
def _sell(s: Counter, c: Sell, now: Now) -> Iterator[Fact]:
    yield Sold(number=c.number)


@counter.due
def _wait(s: Counter, e: Sold, now: Now) -> Iterator[tuple[datetime, Due]]:
    yield now.at + timedelta(days=10), TenDays(since=now.at.date())


@counter.react("KIOSK-1")
def _missed(s: Counter, d: TenDays, now: Now) -> Iterator[Decision]:
    if s.last == d.since:
        yield Missed(since=d.since)


PARTS = Parts(
    name="kiosk",
    version="1",
    title=Label("Kiosk", "小卖部"),
    events=(Sold, Missed),
    commands=(Sell,),
    facets=(counter,),
)


class Kiosk:
    """A ledger with the kiosk, whose clock stands where the test puts it."""

    def __init__(self) -> None:
        self.ledger: Ledger = guanxi.open("sqlite://", plugins=[PARTS])
        self.now = self.at("2025-01-01")
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]

    @staticmethod
    def at(day: str) -> datetime:
        return datetime.fromisoformat(day + "T10:00").replace(tzinfo=ZONE)

    def sell(self, day: str, number: str) -> None:
        self.now = self.at(day)
        self.ledger.execute("C", Sell(number=number), actor="clerk")

    def stage(self, day: str) -> str:
        self.now = max(self.now, self.at(day))
        return str(self.ledger.history("C").as_of(day).state(Lifecycle).stage)


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    made = Kiosk()
    made.ledger.execute("C", OpenFile(), actor="clerk")
    yield made
    made.ledger.close()


def follow_the_plugin(kiosk: Kiosk) -> None:
    kiosk.ledger.publish(
        LifecycleRules(lapse_rule="kiosk"), effective_from=kiosk.now, by="a", approved_by="b", reason="ours"
    )


@pytest.mark.rule("CORE-16")
def test_a_sale_of_a_plugin_makes_a_prospect_a_customer(kiosk: Kiosk) -> None:
    assert kiosk.stage("2025-01-02") == "prospect"
    kiosk.sell("2025-01-03", "1")
    assert kiosk.stage("2025-01-03") == "maintenance"
    assert kiosk.ledger.history("C").state(Trust).stage == "retain"


@pytest.mark.rule("CORE-16")
def test_silence_since_the_last_sale_lapses_by_the_core_s_own_term(kiosk: Kiosk) -> None:
    kiosk.sell("2025-01-03", "1")
    assert kiosk.stage("2026-01-02") == "maintenance"
    assert kiosk.stage("2026-01-03") == "lapsed"


@pytest.mark.rule("CORE-16")
def test_the_plugin_s_rule_lapses_and_its_next_sale_wins_back_where_it_was_chosen(kiosk: Kiosk) -> None:
    follow_the_plugin(kiosk)
    kiosk.sell("2025-01-03", "1")
    assert kiosk.stage("2025-01-12") == "maintenance"
    assert kiosk.stage("2025-01-14") == "lapsed"
    kiosk.sell("2025-02-01", "2")
    assert kiosk.stage("2025-02-01") == "won_back"


@pytest.mark.rule("CORE-16", "CORE-17")
def test_what_names_no_deal_is_no_sale(kiosk: Kiosk) -> None:
    follow_the_plugin(kiosk)
    kiosk.sell("2025-01-02", "instead")
    assert kiosk.stage("2025-01-02") == "prospect"
    assert kiosk.ledger.history("C").state(Trust).stage == "attract"
    kiosk.sell("2025-01-03", "1")
    assert kiosk.stage("2025-01-14") == "lapsed"
    kiosk.sell("2025-02-01", "instead")
    assert kiosk.stage("2025-02-01") == "lapsed"


def test_decisions_from_a_plugin_s_sale_stand_while_it_is_away(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'kiosk.db'}"
    moment = Kiosk.at("2025-01-03")
    with guanxi.open(url, plugins=[PARTS]) as ledger:
        ledger.clock = lambda: moment
        ledger.execute("C", OpenFile(), actor="clerk")
        ledger.execute("C", Sell(number="1"), actor="clerk")
    with guanxi.open(url, plugins=[]) as ledger:
        ledger.clock = lambda: moment
        statuses = {line.name: line.status for line in ledger.history("C").lines()}
        assert statuses["core.lifecycle_stage_changed"] == "in force"
        assert statuses["core.trust_stage_changed"] == "in force"
        assert ledger.history("C").state(Lifecycle).stage == "maintenance"
