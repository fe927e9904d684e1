"""Satisfaction: one answer per customer, survey and wave counts, the latest; nothing answered is not available, never 0."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Unknown
from guanxi.relationship.service.commands import AnswerSurvey, SendSurvey
from guanxi.relationship.service.figures import Response, csat, net_promoter, window, word_of_mouth
from guanxi.relationship.service.rules import SatisfactionRules, WordOfMouthRules
from guanxi.relationship.service.surveys import Surveys
from tests.kernel.desks import Desk
from tests.relationship.service.service_desks import rows_of

RULES = SatisfactionRules()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(plugins=[], now="2025-01-02").open(on="2025-01-02") as d:
        yield d


def answer(
    desk: Desk,
    score: int,
    on: str,
    scale: str = "nps",
    who: str = "C-1",
    department: str | None = None,
) -> None:
    desk.on(on).tell(
        AnswerSurvey(
            survey="spring", wave="1", scale=scale, score=score, department=department, question=scale
        ),
        who=who,
    )


@pytest.mark.rule("CORE-37a")
@pytest.mark.parametrize(
    ("scores", "expected"),
    [([10] * 10 + [8] * 5 + [3] * 5, "25.0"), ([9, 0], "0.0"), ([10, 9, 8], "66.7")],
)
def test_the_net_promoter_score_has_passives_in_its_denominator(scores: list[int], expected: str) -> None:
    assert net_promoter(scores, RULES).score == Decimal(expected)


@pytest.mark.rule("CORE-37b")
def test_csat_is_the_share_of_the_two_highest_scores() -> None:
    assert csat([5, 5, 4, 3, 2], RULES) == Decimal("60.0")


@pytest.mark.rule("CORE-37b")
def test_the_response_rate_names_what_it_is_of() -> None:
    response = Response(sent=250, reached=200, answered=50)
    assert (response.of_reached, response.of_sent) == (Decimal("25.0"), Decimal("20.0"))


@pytest.mark.rule("CORE-37b")
def test_what_nobody_answered_is_not_available() -> None:
    assert csat([], RULES) is None
    assert net_promoter([], RULES).score is None
    assert Response(0, 0, 0).of_sent is None
    assert Response(10, 0, 0).of_reached is None


@pytest.mark.rule("CORE-37c")
def test_of_several_answers_in_a_wave_the_latest_counts(desk: Desk) -> None:
    answer(desk, 6, "2025-05-02")
    answer(desk, 9, "2025-05-09")
    history = desk.ledger.history("C-1")
    told = [history.as_of(day).state(Surveys).scores for day in ("2025-05-05", "2025-05-09")]
    assert told == [{("spring", "1", "nps"): 6}, {("spring", "1", "nps"): 9}]
    desk.on("2025-06-15")
    (may,) = [r for r in rows_of(desk, "core.satisfaction") if r["month"] == "2025-05"]
    assert (may["promoters"], may["detractors"], may["nps_answers"]) == (1, 0, 1)


@pytest.mark.rule("CORE-37c")
@pytest.mark.parametrize(("scale", "score"), [("nps", 11), ("nps", -1), ("csat", 0), ("csat", 6)])
def test_a_score_off_its_scale_is_refused(desk: Desk, scale: str, score: int) -> None:
    with pytest.raises(Invalid, match="out_of_scale"):
        answer(desk, score, "2025-05-02", scale)
    with pytest.raises(Unknown, match="unknown_code"):
        answer(desk, 3, "2025-05-02", "smiles")


@pytest.mark.rule("CORE-37c")
def test_the_window_is_the_twelve_full_months_before_the_month_asked_in(desk: Desk) -> None:
    assert window(date(2025, 6, 15), RULES.window_months) == (date(2024, 6, 1), date(2025, 5, 31))
    desk.on("2025-06-15")
    months = [r["month"] for r in rows_of(desk, "core.satisfaction")]
    assert (months[0], months[-1], len(months)) == ("2024-06", "2025-05", 12)


@pytest.mark.rule("CORE-37")
def test_the_report_tells_what_was_sent_reached_and_answered(desk: Desk) -> None:
    desk.open("C-2", "C-3", "C-4", on="2025-01-02")
    for who in ("C-1", "C-2", "C-3", "C-4"):
        desk.on("2025-05-01").tell(SendSurvey(survey="spring", wave="1"), who=who)
    desk.on("2025-05-02").tell(SendSurvey(survey="spring", wave="1", reached=True), who="C-2")
    answer(desk, 5, "2025-05-03", "csat")
    answer(desk, 2, "2025-05-03", "csat", who="C-3")
    desk.on("2025-06-15")
    *_, may = rows_of(desk, "core.satisfaction", survey="spring")
    assert (may["sent"], may["reached"], may["answered"]) == (4, 3, 2)
    assert (may["of_reached"], may["of_sent"], may["csat"]) == (
        Decimal("66.7"),
        Decimal("50.0"),
        Decimal("50.0"),
    )
    assert rows_of(desk, "core.satisfaction", survey="autumn")[-1]["csat"] is None
    notes = {label.en: text for label, text in desk.ledger.report("core.satisfaction").notes}
    assert notes["NPS"] == "not available / 无数据"
    assert notes["CSAT"] == "50.0"


@pytest.mark.rule("CORE-37")
def test_the_trend_tells_the_same_for_each_department(desk: Desk) -> None:
    answer(desk, 5, "2025-04-03", "csat", department="workshop")
    answer(desk, 9, "2025-05-03", "nps", department="sales")
    desk.on("2025-06-15")
    rows = rows_of(desk, "core.satisfaction_trend")
    assert len(rows) == 24
    told = {(r["group"], r["month"]): (r["csat"], r["nps"]) for r in rows if r["csat"] or r["nps"]}
    assert told == {
        ("workshop", "2025-04"): (Decimal("100.0"), None),
        ("sales", "2025-05"): (None, Decimal("100.0")),
    }
    assert rows_of(desk, "core.satisfaction_trend", by="product") == []


@pytest.mark.rule("CORE-40a")
def test_word_of_mouth_is_planned_with_exact_figures() -> None:
    told = word_of_mouth(40, 7, 20, WordOfMouthRules())
    assert (told.told_well, told.told_badly, told.buy_again) == (120, 70, Decimal("19.0"))
