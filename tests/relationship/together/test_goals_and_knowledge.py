"""Goals cascade with their gaps shown, actuals come from what happened, and articles keep their versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Conflict, Invalid, Money, Unknown
from guanxi.relationship.dealings.commands import RecordReceipt, ReverseReceipt
from guanxi.relationship.ownership.commands import AssignMaintainer
from guanxi.relationship.together.commands import PostDiscussion, PublishKnowledge, ReviseGoal, SetGoal
from guanxi.relationship.together.goals import goal_stream
from guanxi.relationship.together.knowledge import Article, Discussion, article_stream
from tests.kernel.desks import Desk, moment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open(on="2024-12-01") as d:
        yield d


def goal(desk: Desk, code: str, owner: str, target: int, parent: str | None = None, **period: Any) -> None:
    told = SetGoal(
        measure="receipts",
        owner=owner,
        target=Decimal(target),
        parent=parent,
        **{"period_from": date(2025, 1, 1), "period_until": date(2025, 12, 31), **period},
    )
    desk.tell(told, who=goal_stream(code))


def row(desk: Desk, code: str, as_of: str) -> tuple[Any, ...]:
    return next(r for r in desk.ledger.report("core.goals", as_of=moment(as_of)).rows if r[0] == code)


def receive(desk: Desk, number: str, amount: int) -> None:
    desk.tell(RecordReceipt(receipt=number, amount=Money(amount, "CNY")))


@pytest.mark.rule("CORE-91a")
def test_children_that_do_not_sum_to_their_goal_show_a_gap_from_the_day_of_the_revision(desk: Desk) -> None:
    goal(desk, "all", "company", 1_000_000)
    goal(desk, "A", "A", 600_000, "all")
    goal(desk, "B", "B", 400_000, "all")
    for n, (who, target) in enumerate((("wang", 350_000), ("li", 250_000))):
        goal(desk, f"A{n}", who, target, "A")
    desk.tell(AssignMaintainer(person="wang"))
    receive(desk, "R-1", 540_000)
    desk.on("2025-07-01").tell(ReviseGoal(target=Decimal(350_000)), who=goal_stream("B"))
    assert row(desk, "all", "2025-06-30")[7:9] == (Decimal(1_000_000), Decimal(0))
    assert row(desk, "all", "2025-07-01")[7:9] == (Decimal(950_000), Decimal(50_000))
    assert row(desk, "A", "2025-07-01")[8:11] == (Decimal(0), Decimal(540_000), Decimal("90.00"))


@pytest.mark.rule("CORE-91b")
def test_a_finished_period_keeps_the_target_it_ran_under(desk: Desk) -> None:
    goal(desk, "Q2", "wang", 100_000, period_from=date(2025, 4, 1), period_until=date(2025, 6, 30))
    desk.tell(AssignMaintainer(person="wang"))
    desk.on("2025-05-05")
    receive(desk, "R-1", 95_000)
    receive(desk, "R-2", 5_000)
    desk.on("2025-05-09").tell(ReverseReceipt(receipt="R-2", reason="cheque returned"))
    desk.on("2025-05-10").tell(ReverseReceipt(receipt="R-1", reason="typed wrong"))
    receive(desk, "R-4", 90_000)
    desk.on("2025-07-05").tell(ReviseGoal(target=Decimal(80_000)), who=goal_stream("Q2"))
    assert (row(desk, "Q2", "2025-07-06")[6], row(desk, "Q2", "2025-07-06")[10]) == (
        Decimal(100_000),
        Decimal("90.00"),
    )


def test_a_goal_is_set_once_and_only_a_set_one_is_revised(desk: Desk) -> None:
    goal(desk, "all", "company", 1)
    with pytest.raises(Conflict, match="identifier_taken"):
        goal(desk, "all", "company", 2)
    with pytest.raises(Unknown, match="unknown_code"):
        desk.tell(ReviseGoal(target=Decimal(1)), who=goal_stream("none"))
    with pytest.raises(Invalid, match="invalid_date"):
        goal(desk, "back", "company", 1, period_until=date(2024, 1, 1))


@pytest.mark.rule("CORE-92b")
def test_an_article_keeps_every_version(desk: Desk) -> None:
    for text in ("first", "second"):
        desk.tell(PublishKnowledge(title="Delivery", text=text), who=article_stream("delivery"))
    article: Article = desk.ledger.history(article_stream("delivery")).state(Article)
    assert (article.version, article.versions) == (2, {1: "first", 2: "second"})


@pytest.mark.rule("CORE-92")
def test_the_maintainer_of_the_day_is_told_of_receipts_and_reversals(desk: Desk) -> None:
    desk.tell(AssignMaintainer(person="wang"))
    receive(desk, "R-1", 100)
    desk.on("2025-01-05").tell(ReverseReceipt(receipt="R-1", reason="cheque returned"))
    told = desk.ledger.report("core.notices", person="wang").rows
    assert [(r[1], r[2], r[4]) for r in told] == [
        ("receipt", "R-1", "100 CNY"),
        ("reversal", "R-1", "100 CNY"),
    ]
    assert desk.ledger.report("core.notices", person="li").rows == ()


@pytest.mark.rule("CORE-92")
def test_a_discussion_stands_beside_the_customer_and_a_post_once(desk: Desk) -> None:
    desk.tell(PostDiscussion(post="P-1", text="ask for terms", item="X"))
    state: Discussion = desk.ledger.history("C-1").state(Discussion)
    assert state.posts == {"P-1": ("X", "ask for terms")}
    with pytest.raises(Conflict, match="identifier_taken"):
        desk.tell(PostDiscussion(post="P-1", text="again"))
