"""A purchase at a till moves the relationship's stage; lapse by a customer's own rhythm does, where a host chose retail's rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import guanxi
import guanxi_retail
from guanxi import Ledger, Money, OpenFile, Outcome, Parts, RecordProfileFact, Unknown
from guanxi.relationship import MergeFiles, UndoMerge
from guanxi.relationship.people.lifecycle import Lifecycle
from guanxi.relationship.people.rules import LifecycleRules
from guanxi.relationship.people.trust import Trust
from guanxi_retail import (
    ExchangedLine,
    ExchangeRules,
    RecordExchange,
    RecordExitReason,
    RecordPurchase,
    RefundPurchase,
)
from plugins.retail.tests.promotions.counter import line
from plugins.retail.tests.till import local

MEMBER = "M-1"
SETTLED = ("2012-05-12", "2012-05-22", "2012-05-31")
"""Days of purchases after which he may be silent for 30 days, until 2012-06-30."""
GEMS = "coloured_gems"


class Book:
    """A ledger in which retail says who has lapsed, with a clock that stands where the test puts it."""

    def __init__(self, rule: str = "retail") -> None:
        self.now = local("2012-01-01")
        self.open("sqlite://", guanxi_retail.plugin)
        for rules in (LifecycleRules(lapse_rule=rule), ExchangeRules()):
            self.ledger.publish(
                rules,
                effective_from=local("2012-01-01T10:00"),
                by="drafter",
                approved_by="board",
                reason="set-up",
            )
        self.ledger.execute(MEMBER, OpenFile(), actor="clerk")

    def open(self, url: str, *plugins: Parts) -> None:
        self.ledger: Ledger = guanxi.open(url, plugins=plugins)
        self.ledger.clock = lambda: self.now  # type: ignore[method-assign,assignment]

    def at(self, day: str) -> Book:
        self.now = max(self.now, local(day))
        return self

    def buy(
        self, day: str, paid: str = "80", *, known: str | None = None, who: str = MEMBER, **more: Any
    ) -> Outcome:
        self.at(known or day)
        late = {"reason": "till was off line", "happened": True} if known else {}
        purchase = RecordPurchase(receipt=f"{who}/{day}", paid=Money(paid, "CNY"), **more)
        return self.ledger.execute(who, purchase, actor="till", occurred_at=local(day), **late)

    def stage(self, as_of: str, as_known: str | None = None) -> str:
        self.at(as_of)
        history = self.ledger.history(MEMBER).as_of(as_of)
        if as_known is not None:
            history = history.as_known(as_known)
        return history.state(Lifecycle).stage

    def stages(self) -> list[str]:
        """All stages so far, as they stand today."""
        return [one.stage for one in self.ledger.history(MEMBER).state(Lifecycle).stretches]


@pytest.fixture
def book() -> Iterator[Book]:
    made = Book()
    yield made
    made.ledger.close()


def found(book: Book, as_known: str | None = None) -> list[str]:
    """The last purchase days of the lapses that stand."""
    history = book.ledger.history(MEMBER)
    if as_known is not None:
        history = history.as_known(as_known)
    return [
        str((line.fields or {})["last_on"])
        for line in history.lines()
        if line.name == "retail.lapse_found" and line.status in ("in force", "pending")
    ]


@pytest.mark.rule("CORE-16", "CORE-17")
def test_a_purchase_makes_a_prospect_a_customer(book: Book) -> None:
    assert book.stage("2012-01-02") == "prospect"
    book.buy("2012-01-03")
    assert book.stage("2012-01-03") == "maintenance"
    assert book.ledger.history(MEMBER).state(Trust).stage == "retain"


@pytest.mark.rule("RET-48c")
def test_a_purchase_learned_late_overtakes_the_lapse_and_is_no_win_back(book: Book) -> None:
    for day in SETTLED:
        book.buy(day)
    assert book.stage("2012-06-30") == "maintenance"
    assert book.stage("2012-07-01") == "lapsed"
    book.at("2012-07-02").ledger.advance()
    assert found(book) == ["2012-05-31"]
    book.buy("2012-06-20", known="2012-07-03")
    assert found(book) == []
    assert found(book, as_known="2012-07-02") == ["2012-05-31"]
    assert book.stage("2012-07-02", as_known="2012-07-02") == "lapsed"
    assert book.stage("2012-07-03") == "maintenance"
    assert book.stages()[-1] == "maintenance"
    assert "won_back" not in book.stages()


@pytest.mark.rule("RET-48")
def test_the_next_purchase_wins_a_lapsed_customer_back_and_the_one_after_it_settles_him(book: Book) -> None:
    for day in (*SETTLED, "2012-07-05"):
        book.buy(day)
    assert book.stage("2012-07-04") == "lapsed"
    assert book.stage("2012-07-05") == "won_back"
    book.buy("2012-07-09")
    assert book.stage("2012-07-09") == "maintenance"


@pytest.mark.rule("RET-48", "RET-54")
def test_the_difference_of_an_exchange_is_no_purchase_that_wins_back(book: Book) -> None:
    for day in SETTLED:
        book.buy(day, "1200", lines=(line(1, "1200", product=GEMS),))
    assert book.stage("2012-07-02") == "lapsed"
    exchange = RecordExchange(
        exchange="E",
        refund="E-back",
        receipt="E-new",
        replaces=f"{MEMBER}/2012-05-31",
        returned=(ExchangedLine(net=Decimal(1200)),),
        goods=(line(1, "1300", product=GEMS),),
    )
    book.at("2012-07-03").ledger.execute(MEMBER, exchange, actor="clerk")
    assert book.stage("2012-07-03") == "lapsed"
    book.buy("2012-07-05")
    assert book.stage("2012-07-05") == "won_back"


@pytest.mark.rule("RET-48")
def test_a_purchase_that_never_was_moves_nothing_one_whose_goods_came_back_did(book: Book) -> None:
    bought = book.buy("2012-01-03")
    refund = RefundPurchase(refund="B", receipt=f"{MEMBER}/2012-01-03", paid=Money("80", "CNY"), quantity=1)
    back = book.at("2012-01-05").ledger.execute(MEMBER, refund, actor="till")
    assert book.stage("2012-01-05") == "maintenance"
    for told, day in ((back, "2012-01-06"), (bought, "2012-01-07")):
        book.at(day).ledger.void(told.entries[0].id, actor="clerk", reason="training")
    assert book.stage("2012-01-07") == "prospect"
    assert book.stage("2012-01-07", as_known="2012-01-06") == "maintenance"
    assert book.ledger.history(MEMBER).state(Trust).stage == "attract"


@pytest.mark.rule("CORE-13", "CORE-16")
def test_purchases_of_a_file_that_was_merged_in_count_until_the_merge_is_undone(book: Book) -> None:
    book.ledger.execute("M-2", OpenFile(), actor="clerk")
    book.buy("2012-01-03", who="M-2")
    assert book.stage("2012-01-04") == "prospect"
    book.at("2012-01-05").ledger.execute(MEMBER, MergeFiles(absorbed="M-2"), actor="clerk", reason="same")
    assert book.stage("2012-01-06") == "maintenance"
    book.at("2012-01-07").ledger.execute(MEMBER, UndoMerge(absorbed="M-2"), actor="clerk", reason="not he")
    assert book.stage("2012-01-08") == "prospect"


@pytest.mark.rule("CORE-13", "CORE-16")
def test_a_merge_that_is_undone_leaves_a_customer_his_own_purchases(book: Book) -> None:
    book.ledger.execute("M-2", OpenFile(), actor="clerk")
    for day in SETTLED:
        book.buy(day)
    book.buy("2012-07-20", who="M-2")
    book.at("2012-07-21").ledger.execute(MEMBER, MergeFiles(absorbed="M-2"), actor="clerk", reason="same")
    assert book.stage("2012-07-22") == "won_back"
    book.at("2012-07-23").ledger.execute(MEMBER, UndoMerge(absorbed="M-2"), actor="clerk", reason="not he")
    assert book.stage("2012-07-24") == "lapsed"


@pytest.mark.rule("CORE-16")
def test_the_stage_stands_while_retail_is_away_and_after_it_came_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    book = Book("core")
    book.ledger.close()
    book.open(url, guanxi_retail.plugin)
    book.ledger.execute(MEMBER, OpenFile(), actor="clerk")
    book.buy("2012-01-03")
    book.ledger.close()
    book.open(url)
    book.at("2012-02-01").ledger.execute(
        MEMBER, RecordProfileFact(field_name="colour", value="red"), actor="clerk"
    )
    statuses = {line.name: line.status for line in book.ledger.history(MEMBER).lines()}
    assert statuses["retail.purchase_recorded"] == "opaque"
    assert statuses["core.lifecycle_stage_changed"] == statuses["core.trust_stage_changed"] == "in force"
    assert book.stage("2012-12-31") == "maintenance"
    # The core's own term runs from the sale that nobody can read now.
    assert book.stage("2013-01-03") == "lapsed"
    book.ledger.close()
    book.open(url, guanxi_retail.plugin)
    book.buy("2013-02-01")
    assert book.stage("2013-02-01") == "won_back"
    assert book.stages() == ["prospect", "first_contact", "contracting", "maintenance", "lapsed", "won_back"]
    book.ledger.close()


@pytest.mark.rule("CORE-16")
def test_without_that_choice_silence_is_the_core_s_to_judge() -> None:
    book = Book("core")
    for day in SETTLED:
        book.buy(day)
    assert book.stage("2013-05-30") == "maintenance"
    assert book.stage("2013-05-31") == "lapsed"
    assert found(book) == []
    book.ledger.close()


@pytest.mark.rule("RET-48")
def test_exit_reasons_are_counted_and_other_codes_are_refused(book: Book) -> None:
    for code in ("price", "price", "location"):
        book.ledger.execute(MEMBER, RecordExitReason(reason_code=code), actor="clerk")  # type: ignore[arg-type]
    rows = book.ledger.report("retail.exit_reasons").rows
    assert [(code, count, str(share)) for code, count, share in rows] == [
        ("price", 2, "66.67"),
        ("location", 1, "33.33"),
    ]
    with pytest.raises(Unknown) as caught:
        RecordExitReason(reason_code="weather")  # type: ignore[arg-type]
    assert caught.value.code == "unknown_code"
