"""Screening, answers to promotions, prospects who seem gone, the six stages and one-to-one plans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Command, Money, Outcome, RuleNotMet, Unknown
from guanxi.relationship.campaigns.commands import (
    FileCustomerFeedback,
    ReceiveResponse,
    RecordPlanResult,
    ScreenCustomer,
)
from guanxi.relationship.campaigns.gone import Reach
from guanxi.relationship.campaigns.rules import ScreeningRules
from guanxi.relationship.campaigns.screening import Screenings
from guanxi.relationship.care.commands import ReportDelivery
from guanxi.relationship.file.events import ContactPointRecorded, ProfileFactRecorded
from guanxi.relationship.grading.events import ClassStated
from guanxi.relationship.import_batches import CloseImportBatch, OpenImportBatch
from guanxi.relationship.pipeline.events import ActionRecorded, CustomerPlanFiled
from tests.relationship.care.care_desk import CareDesk


@pytest.fixture
def desk() -> Iterator[CareDesk]:
    with CareDesk(now="2025-01-03") as d:
        yield d


def on(desk: CareDesk, day: str, command: Command, who: str = "C-1", **keywords: Any) -> Outcome:
    desk.until(day)
    return desk.tell(command, day, who=who, reason="told", **keywords)


def screen(
    desk: CareDesk,
    who: str,
    stage: str,
    judged: str | None = "passed",
    version: str = "1",
    day: str = "2025-02-01",
) -> Outcome:
    command = ScreenCustomer(stage=stage, outline_version=version, judged=judged)  # type: ignore[arg-type]
    return on(desk, day, command, who)


# Screening


@pytest.mark.rule("CORE-52")
def test_out_target_and_final_are_all_that_was_collected(desk: CareDesk) -> None:
    for n in range(20):
        who = f"C-{n:02}"
        desk.open(who, on="2025-01-02", source_channel="outlet" if n % 2 else "media")
        if n < 6:
            screen(desk, who, "preliminary", "screened_out")
            continue
        screen(desk, who, "preliminary")
        screen(desk, who, "shortlist")
        if n >= 15:
            screen(desk, who, "final")
    report = desk.ledger.report("core.screening", costs="media=30;outlet=60")
    sums = [sum(row[n] for row in report.rows) for n in range(1, 6)]
    assert sums == [20, 6, 9, 5, 0]
    assert [(row[0], row[8]) for row in report.rows] == [("media", Decimal(15)), ("outlet", Decimal(20))]


@pytest.mark.rule("CORE-52b")
def test_the_final_choice_before_the_shortlist_is_refused(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    screen(desk, "C-1", "preliminary")
    with pytest.raises(RuleNotMet, match="step_missing") as refused:
        screen(desk, "C-1", "final")
    assert refused.value.facts["step"] == "shortlist"


@pytest.mark.rule("CORE-52b")
def test_outcomes_stay_with_the_version_of_the_outline(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.under(ScreeningRules(preliminary={"1": "region = north", "2": "region = north|south"}))
    desk.fact("2025-01-04", ProfileFactRecorded(field_name="region", value="south"))
    first = screen(desk, "C-1", "preliminary", None).events[-1]
    second = screen(desk, "C-1", "preliminary", None, "2", "2025-02-02").events[-1]
    assert (first.outcome, first.criteria, second.outcome) == ("screened_out", "region = north", "passed")
    state: Screenings = desk.ledger.history("C-1").state(Screenings)
    assert state.outcomes == {("1", "preliminary"): "screened_out", ("2", "preliminary"): "passed"}
    for version, out, unscreened in (("1", 1, 0), ("2", 0, 1)):
        row = desk.ledger.report("core.screening", version=version).rows[0]
        assert (row[2], row[5]) == (out, unscreened)


@pytest.mark.rule("CORE-52")
def test_a_screening_stands_though_it_would_come_out_otherwise(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.under(ScreeningRules(preliminary={"1": "region = north"}))
    screen(desk, "C-1", "preliminary", None)
    desk.fact("2025-01-20", ProfileFactRecorded(field_name="region", value="north"), known="2025-02-10")
    history = desk.ledger.history("C-1")
    assert history.state(Screenings).outcomes == {("1", "preliminary"): "screened_out"}
    assert [d.name for d in history.would_differ()] == ["core.screening_decided"]


@pytest.mark.rule("CORE-52")
def test_without_written_criteria_a_person_judges(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    with pytest.raises(Unknown, match="unknown_code"):
        screen(desk, "C-1", "preliminary", None)


# Answers to promotions


@pytest.mark.rule("CORE-79")
def test_what_was_sent_is_undelivered_thrown_away_answered_or_silent(desk: CareDesk) -> None:
    for n in range(20):
        who = f"C-{n:02}"
        desk.open(who, on="2025-01-01")
        stated = ClassStated(plugin="host", scheme="four_class", grade="main", since=date(2025, 1, 2))
        desk.fact("2025-01-03", stated, who=who)
        desk.send("2025-02-01", who=who, message="T", promotion="gift", happened=True)
        if n < 2:
            on(desk, "2025-02-02", ReportDelivery(message="T", outcome="failed"), who)
        elif n < 8:
            on(
                desk,
                "2025-02-02",
                ReportDelivery(message="T", outcome="thrown_away" if n % 2 else "deleted"),
                who,
            )
        elif n < 10:
            on(desk, "2025-02-03", ReceiveResponse(response="R", touch="T"), who)
    row = desk.ledger.report("core.promotion_response").rows[0]
    assert row[:7] == ("main", "gift", 20, 2, 6, 2, 10)


@pytest.mark.rule("CORE-79b")
@pytest.mark.parametrize(("touches", "preferred"), [(2, "no"), (3, "yes")])
def test_a_preference_needs_three_touches_of_a_kind(desk: CareDesk, touches: int, preferred: str) -> None:
    desk.open("C-1", on="2025-01-01")
    for n in range(touches):
        desk.send(f"2025-02-0{n + 1}", message=f"T{n}", promotion="gift", happened=True)
    on(desk, "2025-02-10", ReceiveResponse(response="R", touch="T0"))
    rows = desk.ledger.report("core.promotion_response", by="customer").rows
    assert [(row[0], row[1], row[-1]) for row in rows] == [("C-1", "gift", preferred)]


def failed(desk: CareDesk, day: str, channel: str, message: str, point: str | None = None) -> Outcome:
    desk.send(day, message=message, channel=channel, contact_point=point, happened=True)
    return on(desk, day, ReportDelivery(message=message, outcome="failed"))


def prospect(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    for kind, value in (("mobile", "+8613800138000"), ("address", "1 Long Street")):
        desk.fact("2025-01-03", ContactPointRecorded(point=kind, type=kind, value=value))  # type: ignore[arg-type]


@pytest.mark.rule("CORE-79c")
def test_a_prospect_whom_nothing_reaches_is_proposed_as_gone_until_he_calls(desk: CareDesk) -> None:
    prospect(desk)
    for day, channel in (("2025-06-02", "sms"), ("2025-06-05", "sms"), ("2025-06-09", "letter")):
        failed(desk, day, channel, day)
        assert not desk.ledger.history("C-1").state(Reach).proposed
    decision = failed(desk, "2025-06-16", "letter", "last").events[-1]
    assert (decision.contact_points, decision.failures, decision.fail_count) == ("address+mobile", 4, 2)
    row = desk.ledger.report("core.proposed_gone").rows[0]
    assert row == ("C-1", date(2025, 6, 16), "address, mobile", 4, None)
    desk.fact("2025-06-20", ActionRecorded(kind="call", direction="in", two_way=True))
    assert not desk.ledger.history("C-1").state(Reach).proposed
    assert desk.ledger.history("C-1").as_of("2025-06-19").state(Reach).proposed
    assert desk.ledger.report("core.proposed_gone").rows[0][-1] == date(2025, 6, 20)


@pytest.mark.rule("CORE-79")
def test_two_failures_of_one_day_are_one_and_an_untried_contact_point_keeps_him(desk: CareDesk) -> None:
    prospect(desk)
    desk.fact("2025-01-03", ContactPointRecorded(point="email", type="email", value="a@example.com"))
    for day, channel, message in (
        ("2025-06-02", "sms", "1"),
        ("2025-06-02T12:00", "sms", "2"),
        ("2025-06-09", "letter", "3"),
        ("2025-06-16", "letter", "4"),
    ):
        failed(desk, day, channel, message)
    failed(desk, "2025-06-17", "sms", "5")
    assert not desk.ledger.history("C-1").state(Reach).proposed
    failed(desk, "2025-06-18", "email", "6")
    failed(desk, "2025-06-19", "email", "7")
    assert desk.ledger.history("C-1").state(Reach).proposed
    desk.fact("2025-06-20", ContactPointRecorded(point="phone", type="phone", value="+861012345678"))
    assert not desk.ledger.history("C-1").state(Reach).proposed


@pytest.mark.rule("CORE-79")
def test_a_contact_entered_late_ends_the_proposal_when_it_becomes_known(desk: CareDesk) -> None:
    prospect(desk)
    for day, channel in (
        ("2025-06-02", "sms"),
        ("2025-06-05", "sms"),
        ("2025-06-09", "letter"),
        ("2025-06-16", "letter"),
    ):
        failed(desk, day, channel, day)
    desk.fact("2025-06-10", ActionRecorded(kind="call", two_way=True), known="2025-06-20")
    history = desk.ledger.history("C-1")
    assert history.as_of("2025-06-19").state(Reach).proposed
    assert not history.state(Reach).proposed
    assert desk.ledger.report("core.proposed_gone").rows[0][-1] == date(2025, 6, 20)


# Six stages and one-to-one plans


@pytest.mark.rule("CORE-81")
def test_each_stage_draws_on_the_one_before(desk: CareDesk) -> None:
    stored, ideal, used, improved = 96, 20, 15, 5
    on(desk, "2025-01-02", OpenImportBatch(batch="b-1", source="b", reason="collected"), "import-b")
    for n in range(stored):
        desk.open(f"C-{n:02}", on="2025-01-02")
        screen(desk, f"C-{n:02}", "preliminary")
        if n < ideal:
            screen(desk, f"C-{n:02}", "shortlist")
        if n < used:
            desk.send("2025-03-01", who=f"C-{n:02}", campaign="K1", message="T", happened=True)
        if n < improved:
            on(desk, "2025-04-01", FileCustomerFeedback(campaign="K1", changed=True), f"C-{n:02}")
    on(
        desk,
        "2025-04-02",
        CloseImportBatch(batch="b-1", accepted=stored, known=0, refused=4, waiting=0),
        "import-b",
    )
    rows = desk.ledger.report("core.six_stages").rows
    assert [(row[1], row[2]) for row in rows] == [
        ("collect", 100),
        ("store", 96),
        ("process", 96),
        ("find_ideal", 20),
        ("use", 15),
        ("improve", 5),
    ]
    assert rows[1][3] == 4
    assert f"{rows[3][4]:.1f}" == "20.8"
    assert f"{rows[5][4]:.1f}" == "33.3"


@pytest.mark.rule("CORE-81b")
def test_a_one_to_one_plan_is_judged_by_two_returns(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    for number in ("P-1", "P-2"):
        filed = CustomerPlanFiled(
            plan=number,
            kind="one_to_one",
            version=1,
            goal="a second machine",
            measures=("visit",),
            owner="li",
            author="li",
            budget=Money(2_500, "CNY"),
        )
        desk.fact("2025-01-10", filed)
    on(desk, "2025-02-01", RecordPlanResult(plan="P-1", cost=Money(2_000, "CNY"), margin=Money(2_600, "CNY")))
    on(desk, "2025-02-02", RecordPlanResult(cost=Money(10_000, "CNY"), margin=Money(15_400, "CNY")))
    rows = desk.ledger.report("core.one_to_one_plans").rows
    assert [row[1] for row in rows] == ["P-1", "P-2"]
    assert (rows[0][5], rows[0][6], rows[0][7]) == (2_000, 2_600, Decimal(30))
    assert (rows[0][8], rows[0][9], rows[0][10]) == (12_000, 18_000, Decimal(50))
    assert rows[1][7] is None
