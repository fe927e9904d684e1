"""The figures of campaigns, screening, promotions and the six stages, in the numbers of the rules' own examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi.relationship.campaigns.profile_reports import promotion_report, screening_report, six_stages
from guanxi.relationship.campaigns.read_models import (
    BatchRow,
    CampaignRow,
    FeedbackRow,
    ResponseRow,
    ScreeningRow,
    SourceRow,
    batches,
    campaign_rows,
    feedback,
    responses,
    screening_rows,
    sources,
)
from guanxi.relationship.campaigns.reports import campaign_evaluation
from guanxi.relationship.care.read_models import GradeRow, PersonRow, TouchRow, grades, people, touches
from tests.relationship.campaigns.tables import ON, answer, customers


def touch(
    campaign: str | None = None, promotion: str | None = None, outcome: str | None = None, message: str = "T"
) -> TouchRow:
    return TouchRow(message=message, campaign=campaign, promotion=promotion, sent_at=ON, outcome=outcome)


@pytest.mark.rule("CORE-49a")
@pytest.mark.parametrize(
    ("answered", "of_reached", "of_sent", "meets"),
    [(48, "5.00", "4.80", "yes"), (47, "4.90", "4.70", "no")],
)
def test_a_thousand_sent_forty_undelivered(answered: int, of_reached: str, of_sent: str, meets: str) -> None:
    streams = customers(1000)
    told = [(s, ResponseRow(response="R1", at=ON, campaign="K1")) for s in streams[100 : 100 + answered]]
    told += [(streams[100], ResponseRow(response=r, at=ON, campaign="K1")) for r in ("R2", "R3")]
    rows = {
        campaign_rows: [("K1", CampaignRow(version=1, title="spring"))],
        touches: [(s, touch("K1", outcome="failed" if n < 40 else None)) for n, s in enumerate(streams)],
        responses: told,
    }
    row = answer(campaign_evaluation, rows)[0]
    assert (row["sent"], row["undelivered"], row["reached"], row["responded"]) == (1000, 40, 960, answered)
    assert (f"{row['of_reached']:.2f}", f"{row['of_sent']:.2f}") == (of_reached, of_sent)
    assert (row["meets"], row["responses"]) == (meets, answered + 2)


@pytest.mark.rule("CORE-52a")
def test_of_a_thousand_collected_three_hundred_are_out_and_two_hundred_and_fifty_final() -> None:
    streams = customers(1000)
    outcomes = []
    for n, stream in enumerate(streams):
        outcomes.append((stream, "preliminary", "screened_out" if n < 300 else "passed"))
        if n >= 300:
            outcomes.append((stream, "shortlist", "passed"))
        if n >= 750:
            outcomes.append((stream, "final", "passed"))
    rows = {
        sources: [(s, SourceRow(account=s, source_channel="media")) for s in streams],
        screening_rows: [
            (s, ScreeningRow(outline_version="1", stage=stage, outcome=o, at=ON)) for s, stage, o in outcomes
        ],
    }
    row = answer(screening_report, rows)[0]
    assert (row["collected"], row["out"], row["target"], row["final"], row["unscreened"]) == (
        1000,
        300,
        450,
        250,
        0,
    )


@pytest.mark.rule("CORE-79a")
def test_of_two_hundred_sent_a_hundred_and_two_are_silent() -> None:
    streams = customers(200)
    became = ["failed"] * 20 + ["thrown_away"] * 30 + ["deleted"] * 30 + ["delivered"] * 60 + [None] * 60
    rows = {
        people: [(s, PersonRow(account=s, opened_at=ON)) for s in streams],
        grades: [
            (
                s,
                GradeRow(
                    scheme="four_class", how="graded", source="", at=ON, grade="main", since=date(2025, 6, 1)
                ),
            )
            for s in streams
        ],
        touches: [(s, touch(promotion="gift", outcome=o)) for s, o in zip(streams, became, strict=True)],
        responses: [(s, ResponseRow(response="R", at=ON, touch="T")) for s in streams[100:118]],
    }
    row = answer(promotion_report, rows)[0]
    assert (row["whose"], row["sent"], row["undelivered"], row["discarded"]) == ("main", 200, 20, 60)
    assert (row["responded"], row["silent"]) == (18, 102)
    assert (row["of_reached"], row["of_sent"]) == (Decimal(10), Decimal(9))
    assert f"{row['discarded_rate']:.1f}" == "33.3"


@pytest.mark.rule("CORE-79b")
def test_the_class_prefers_the_kind_that_it_answers_to_most() -> None:
    streams = customers(180)
    rows = {
        touches: [(s, touch(promotion="gift" if n < 80 else "discount")) for n, s in enumerate(streams)],
        responses: [
            (s, ResponseRow(response="R", at=ON, touch="T")) for s in (*streams[:12], *streams[80:86])
        ],
    }
    found = {
        row["promotion"]: (row["of_reached"], row["preferred"]) for row in answer(promotion_report, rows)
    }
    assert found == {"gift": (Decimal(15), "yes"), "discount": (Decimal(6), "no")}


@pytest.mark.rule("CORE-81a")
def test_a_thousand_are_collected_and_forty_five_files_improved() -> None:
    streams = customers(960)
    rows = {
        sources: [(s, SourceRow(account=s, source_channel="media")) for s in streams],
        batches: [("import-b", BatchRow(batch="b-1", closed_at=ON, refused=40))],
        screening_rows: [
            *(
                (s, ScreeningRow(outline_version="1", stage="preliminary", outcome="passed", at=ON))
                for s in streams
            ),
            *(
                (s, ScreeningRow(outline_version="1", stage="shortlist", outcome="passed", at=ON))
                for s in streams[:192]
            ),
        ],
        touches: [(s, touch("K1")) for s in streams[:150]],
        feedback: [(s, FeedbackRow(campaign="K1", filed_at=ON, changed=True)) for s in streams[:45]],
    }
    found = {row["stage"]: row for row in answer(six_stages, rows)}
    assert [found[stage]["count"] for stage in found] == [1000, 960, 960, 192, 150, 45]
    assert found["store"]["lost"] == 40
    assert found["find_ideal"]["of_before"] == Decimal(20)
    assert found["improve"]["of_before"] == Decimal(30)
