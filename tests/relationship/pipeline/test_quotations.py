"""Quotations have numbered versions, of which the latest can be accepted to the end of its last day (CORE-26)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Conflict, Invalid, RuleNotMet, Unknown
from guanxi.relationship.pipeline.actions import Actions
from guanxi.relationship.pipeline.commands import AnswerQuotation, IssueQuotation, RecordAction
from guanxi.relationship.pipeline.events import QuotationLine
from guanxi.relationship.pipeline.quotations import Quotations
from tests.relationship.pipeline.sales_desk import SalesDesk, yuan


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-04-01") as d:
        d.open()
        d.tell(offer())
        yield d


def offer(amount: int = 100, until: date = date(2025, 4, 30), **fields: Any) -> IssueQuotation:
    return IssueQuotation(quotation="Q-1", amount=yuan(amount), valid_until=until, **fields)


def answers(desk: SalesDesk) -> dict[int, str | None]:
    return {n: v.answer for n, v in desk.state(Quotations).by_number["Q-1"].items()}


@pytest.mark.rule("CORE-26a")
def test_it_can_be_accepted_to_the_end_of_its_last_day(desk: SalesDesk) -> None:
    desk.do(AnswerQuotation(quotation="Q-1"), "2025-04-30T23:59")
    assert answers(desk) == {1: "accepted"}


@pytest.mark.rule("CORE-26a")
def test_at_midnight_it_has_expired(desk: SalesDesk) -> None:
    with pytest.raises(RuleNotMet, match="quotation_expired"):
        desk.do(AnswerQuotation(quotation="Q-1"), "2025-05-01T00:00")
    assert answers(desk) == {1: None}


@pytest.mark.rule("CORE-26a")
def test_a_superseded_version_is_not_accepted(desk: SalesDesk) -> None:
    desk.do(offer(90), "2025-04-10")
    with pytest.raises(RuleNotMet, match="quotation_superseded"):
        desk.do(AnswerQuotation(quotation="Q-1", version=1), "2025-04-11")
    desk.do(AnswerQuotation(quotation="Q-1"), "2025-04-11")
    assert answers(desk) == {1: None, 2: "accepted"}


@pytest.mark.rule("CORE-26")
@pytest.mark.parametrize("version", [1, 2])
def test_any_version_can_be_declined_at_any_time(desk: SalesDesk, version: int) -> None:
    desk.do(offer(90), "2025-04-10")
    desk.do(AnswerQuotation(quotation="Q-1", version=version, answer="declined"), "2025-06-01")
    assert answers(desk)[version] == "declined"


@pytest.mark.rule("CORE-26")
def test_an_acceptance_that_happened_is_kept_and_flagged(desk: SalesDesk) -> None:
    desk.do(AnswerQuotation(quotation="Q-1"), "2025-05-02", happened=True)
    assert answers(desk) == {1: "accepted"}
    assert desk.flags() == [("2025-05-02", "quotation_expired")]


@pytest.mark.rule("CORE-26")
def test_an_acceptance_is_judged_by_what_was_issued_by_then(desk: SalesDesk) -> None:
    desk.do(offer(90), "2025-04-10")
    desk.late(AnswerQuotation(quotation="Q-1", version=1), "2025-04-09", "2025-04-20")
    assert answers(desk) == {1: "accepted", 2: None}
    assert desk.flags() == []


@pytest.mark.rule("CORE-26")
def test_versions_are_numbered_upwards(desk: SalesDesk) -> None:
    with pytest.raises(Conflict, match="source_conflict"):
        desk.tell(offer(version=1))
    desk.tell(offer(version=4))
    desk.tell(offer())
    assert list(answers(desk)) == [1, 4, 5]
    with pytest.raises(Unknown, match="unknown_quotation"):
        desk.tell(AnswerQuotation(quotation="Q-1", version=3))
    with pytest.raises(Unknown, match="unknown_quotation"):
        desk.tell(AnswerQuotation(quotation="Q-2"))


def test_lines_have_a_quantity() -> None:
    line = QuotationLine(product="pump", quantity=Decimal(0), unit="piece", amount=yuan(1))
    with pytest.raises(Invalid, match="amount_sign"):
        offer(lines=(line,))
    with pytest.raises(Invalid, match="amount_sign"):
        offer(-1)


@pytest.mark.rule("CORE-26")
def test_a_round_of_negotiation_is_an_action(desk: SalesDesk) -> None:
    desk.tell(RecordAction(kind="negotiation", two_way=True, item_kind="quotation", item="Q-1"))
    assert desk.state(Actions).counts == {"negotiation": 1}
