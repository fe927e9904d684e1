"""Campaigns: steps, segments, responses, evaluation, and customers whom two departments target."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Command, Conflict, Invalid, Money, Outcome, RuleNotMet, Unknown
from guanxi.relationship.campaigns.cadences import campaign_evaluation, campaign_feedback, programme_review
from guanxi.relationship.campaigns.campaign import Campaign
from guanxi.relationship.campaigns.commands import (
    CountCampaignDay,
    DoCampaignStep,
    EndCampaign,
    EvaluateCampaign,
    FileCampaignFeedback,
    IncurCampaignCost,
    PlanCampaign,
    ReceiveResponse,
    ResolveHeadConflict,
    ReviewProgramme,
    TargetCustomers,
)
from guanxi.relationship.campaigns.evaluating import file_evaluation
from guanxi.relationship.campaigns.events import CampaignEvaluated, CampaignHeld, CampaignTargeted
from guanxi.relationship.campaigns.execution import Execution
from guanxi.relationship.campaigns.figures import gain
from guanxi.relationship.campaigns.segments import fits, read_criteria
from guanxi.relationship.campaigns.targets import Targets
from guanxi.relationship.care.commands import ReportDelivery
from guanxi.relationship.file.events import ProfileFactRecorded
from tests.relationship.care.care_desk import CareDesk


@pytest.fixture
def desk() -> Iterator[CareDesk]:
    with CareDesk(now="2025-01-03") as d:
        yield d


def on(desk: CareDesk, day: str, command: Command, who: str = "K1", **keywords: Any) -> Outcome:
    """Tell something of a campaign on a day."""
    desk.until(day)
    return desk.tell(command, day, who=who, reason="told", **keywords)


def plan(desk: CareDesk, who: str = "K1", day: str = "2025-01-10", **fields: Any) -> Outcome:
    given = {"title": who, "department": "sales", "segment": "everybody", **fields}
    return on(desk, day, PlanCampaign(**given), who)


def step(desk: CareDesk, name: str, who: str = "K1", day: str = "2025-02-01", **fields: Any) -> Outcome:
    return on(desk, day, DoCampaignStep(step=name, **fields), who)  # type: ignore[arg-type]


def target(
    desk: CareDesk, *customers: str, who: str = "K1", day: str = "2025-01-20", **fields: Any
) -> Outcome:
    return on(desk, day, TargetCustomers(customers=customers, **fields), who)


def execution(desk: CareDesk, who: str) -> Execution:
    state: Execution = desk.ledger.history(who).state(Execution)
    return state


# The six steps


@pytest.mark.rule("CORE-48a")
def test_execution_before_the_test_needs_a_waiver(desk: CareDesk) -> None:
    plan(desk)
    for name in ("idea", "analysis", "planning"):
        step(desk, name)
    with pytest.raises(RuleNotMet, match="step_missing") as refused:
        step(desk, "execution")
    assert refused.value.facts["step"] == "test"
    done = step(desk, "execution", waiver_reason="tested last year").events[0]
    assert (done.waived, done.waiver_reason) == (("test",), "tested last year")
    assert execution(desk, "K1").waived == ["test"]
    report = desk.ledger.report("core.campaign_evaluation", campaign="K1")
    row = dict(zip([c.name for c in report.columns], report.rows[0], strict=True))
    assert (row["waived"], row["waiver_reason"]) == ("test", "tested last year")


@pytest.mark.rule("CORE-48a")
def test_a_customer_outside_the_segment_is_flagged_and_left_out(desk: CareDesk) -> None:
    plan(desk, criteria="age < 30", segment="under 30")
    for who, born in (("C-1", "1980-01-15"), ("C-2", "2000-01-15"), ("C-3", "1980-01-15"), ("C-4", None)):
        desk.open(who, on="2025-01-01")
        if born is not None:
            desk.fact("2025-01-02", ProfileFactRecorded(field_name="birth_date", value=born), who=who)
    outcome = target(desk, "C-1", "C-2", "C-4")
    target(desk, "C-3", override_reason="asked for it")
    states = {w: desk.ledger.history(w).state(Targets).campaigns["K1"] for w in ("C-1", "C-2", "C-3", "C-4")}
    assert {w: (t.left_out, t.cause) for w, t in states.items()} == {
        "C-1": (True, "outside_segment"),
        "C-2": (False, None),
        "C-3": (False, "outside_segment"),
        "C-4": (True, "outside_segment"),
    }
    assert "core.breach_recorded" in [e.name for e in outcome.elsewhere]


@pytest.mark.rule("CORE-48b")
def test_a_touch_keeps_the_version_it_was_sent_under(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    plan(desk)
    target(desk, "C-1")
    first = desk.send("2025-05-09", campaign="K1").events[0]
    plan(desk, day="2025-05-10")
    target(desk, "C-1", day="2025-05-10T11:00")
    second = desk.send("2025-05-10T12:00", campaign="K1").events[0]
    assert (first.campaign_version, second.campaign_version) == (1, 2)
    assert sorted(desk.ledger.history("K1").state(Campaign).plans) == [1, 2]
    rows = desk.ledger.reporting.projector.reader().rows
    from guanxi.relationship.care.read_models import touches

    desk.ledger.reporting.project()
    assert [r.campaign_version for _, r in rows(touches)] == [1, 2]


@pytest.mark.parametrize(
    ("criteria", "there"),
    [
        ("", True),
        ("region = north|south", True),
        ("region != north", False),
        ("age >= 45; age <= 45", True),
        ("age > 45", False),
        ("wage > 10", False),
        ("wage != 10", False),
    ],
)
def test_criteria_are_conditions_on_what_is_stated(criteria: str, there: bool) -> None:
    profile = {"region": "north", "birth_date": "1980-01-15"}
    assert fits(criteria, profile, date(2025, 1, 20)) is there


@pytest.mark.parametrize("text", ["age", "age < young", "< 30", "age ~ 30"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        read_criteria(text)


def test_nothing_is_told_of_a_campaign_that_was_never_planned(desk: CareDesk) -> None:
    for command in (EndCampaign(), DoCampaignStep(step="idea"), TargetCustomers(customers=())):
        with pytest.raises(Unknown, match="unknown_code"):
            on(desk, "2025-02-01", command)


# Responses


def sent_to(desk: CareDesk, count: int, undelivered: int) -> None:
    plan(desk)
    for n in range(count):
        who = f"C-{n:03}"
        desk.open(who, on="2025-01-01")
        desk.send("2025-02-01", who=who, campaign="K1", message="T", happened=True)
        if n < undelivered:
            on(desk, "2025-02-02", ReportDelivery(message="T", outcome="failed"), who)


def respond(desk: CareDesk, who: str, number: str = "R", day: str = "2025-02-10", **fields: Any) -> Outcome:
    return on(desk, day, ReceiveResponse(response=number, **fields), who)


@pytest.mark.rule("CORE-49a")
def test_who_answers_three_times_is_counted_once_and_opt_outs_apart(desk: CareDesk) -> None:
    sent_to(desk, 25, 1)
    for number in ("R1", "R2", "R3"):
        respond(desk, "C-005", number)
    respond(desk, "C-006", opt_out=True)
    respond(desk, "C-007", code="none such")
    row = dict(
        zip(
            [c.name for c in desk.ledger.report("core.campaign_evaluation").columns],
            desk.ledger.report("core.campaign_evaluation", campaign="K1").rows[0],
            strict=True,
        )
    )
    assert (row["sent"], row["undelivered"], row["reached"], row["responded"]) == (25, 1, 24, 1)
    assert (row["responses"], row["opt_outs"], row["meets"]) == (3, 1, "no")
    assert desk.ledger.report("core.campaign_evaluation").rows[-1][0] == "-"


@pytest.mark.rule("CORE-49b")
@pytest.mark.parametrize(
    ("day", "code", "campaign", "by"),
    [
        ("2025-05-31", None, "C1", "last_touch"),
        ("2025-06-01", None, None, "none"),
        ("2025-05-31", "C2", "C2", "code"),
    ],
)
def test_a_response_belongs_to_the_code_the_touch_or_the_last_touch(
    desk: CareDesk, day: str, code: str | None, campaign: str | None, by: str
) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    plan(desk, "C1")
    desk.send("2025-05-01", campaign="C1")
    decision = respond(desk, "C-1", day=day, code=code, order="O-1").events[-1]
    assert (decision.campaign, decision.attributed_by, decision.attribution_days) == (campaign, by, 30)


@pytest.mark.rule("CORE-49")
def test_the_touch_answered_comes_before_the_last_and_a_late_touch_revises(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    desk.send("2025-05-01", campaign="C1", message="T1")
    desk.send("2025-05-10", campaign="C2", message="T2")
    respond(desk, "C-1", "R1", day="2025-05-20", touch="T1")
    respond(desk, "C-1", "R2", day="2025-05-20")
    state = desk.ledger.history("C-1").state(Targets)
    assert state.responses == {"R1": "C1", "R2": "C2"}
    desk.send("2025-05-15", known="2025-05-25", campaign="C3", message="T3", happened=True)
    history = desk.ledger.history("C-1")
    assert history.state(Targets).responses == {"R1": "C1", "R2": "C3"}
    assert history.as_known("2025-05-24").state(Targets).responses["R2"] == "C2"
    with pytest.raises(Conflict, match="source_conflict"):
        respond(desk, "C-1", "R1", day="2025-05-26")


# Feedback and evaluation


@pytest.mark.rule("CORE-50a")
@pytest.mark.parametrize(("ended", "due"), [("2025-01-31", "2025-02-28"), ("2025-03-15", "2025-04-15")])
def test_results_are_fed_back_within_a_month(desk: CareDesk, ended: str, due: str) -> None:
    plan(desk)
    on(desk, ended, EndCampaign())
    assert desk.state(campaign_feedback, "feedback", due, who="K1") == "open"
    item = desk.due(campaign_feedback, due)["K1", "feedback"]
    assert item.until is not None
    assert item.until.date() == date.fromordinal(date.fromisoformat(due).toordinal() + 1)
    if ended == "2025-01-31":
        desk.open("C-1", on="2025-01-01")
        on(desk, "2025-03-01", FileCampaignFeedback(customers=("C-1",), changed=True))
        assert desk.state(campaign_feedback, "feedback", "2025-03-01", who="K1") == "late"


@pytest.mark.rule("CORE-50")
def test_an_evaluation_is_due_thirty_days_after_the_end(desk: CareDesk) -> None:
    plan(desk)
    on(desk, "2025-03-15", EndCampaign())
    assert desk.state(campaign_evaluation, "evaluation", "2025-04-14", who="K1") == "open"
    assert desk.state(campaign_evaluation, "evaluation", "2025-04-15", who="K1") == "overdue"
    on(desk, "2025-04-16", EvaluateCampaign(report="REP-1"))
    assert desk.state(campaign_evaluation, "evaluation", "2025-04-16", who="K1") == "late"
    with pytest.raises(Conflict, match="source_conflict"):
        on(desk, "2025-04-16", EndCampaign())


@pytest.mark.rule("CORE-50b")
@pytest.mark.parametrize(("cost", "roi"), [(20_000, Decimal(30)), (0, None)])
def test_the_return_is_margin_less_cost_by_cost(desk: CareDesk, cost: int, roi: Decimal | None) -> None:
    assert gain(Decimal(26_000), Decimal(cost)) == roi
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    plan(desk)
    on(desk, "2025-01-20", IncurCampaignCost(cost="F-1", amount=Money(cost, "CNY")))
    desk.send("2025-02-01", campaign="K1")
    respond(desk, "C-1", revenue=Money(80_000, "CNY"), margin=Money(26_000, "CNY"))
    report = desk.ledger.report("core.campaign_evaluation", campaign="K1")
    row = dict(zip([c.name for c in report.columns], report.rows[0], strict=True))
    assert (row["margin"], row["cost"], row["roi"]) == (26_000, cost, roi)
    with pytest.raises(Conflict, match="source_conflict"):
        on(desk, "2025-02-12", IncurCampaignCost(cost="F-1", amount=Money(1, "CNY")))
    with pytest.raises(Invalid, match="amount_sign"):
        IncurCampaignCost(cost="F-2", amount=Money(-1, "CNY"))


@pytest.mark.rule("CORE-50c")
def test_a_response_entered_late_gives_the_evaluation_a_new_version(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    plan(desk)
    desk.send("2025-05-01", campaign="K1")
    on(desk, "2025-06-01", EndCampaign())
    on(desk, "2025-06-10", EvaluateCampaign(report="REP-1", sent=1, reached_customers=1, responded=0))
    versions = desk.ledger.report("core.campaign_evaluations").rows
    assert [row[1:3] for row in versions] == [(1, "filed")]
    desk.until("2025-06-20")
    desk.tell(ReceiveResponse(response="R"), "2025-05-20", who="C-1", reason="slip found", happened=True)
    versions = desk.ledger.report("core.campaign_evaluations").rows
    assert [(row[1], row[2], row[6]) for row in versions] == [(1, "filed", 0), (2, "to_file", 1)]
    report = desk.ledger.report("core.campaign_evaluation", campaign="K1")
    assert report.rows[0][-2:] == (2, "to_file")
    filed = on(
        desk, "2025-06-21", EvaluateCampaign(report="REP-2", sent=1, reached_customers=1, responded=1)
    ).events[0]
    assert isinstance(filed, CampaignEvaluated)
    assert filed.version == 2
    versions = desk.ledger.report("core.campaign_evaluations").rows
    assert [(row[1], row[2], row[6]) for row in versions] == [(1, "filed", 0), (2, "filed", 1)]
    before = desk.ledger.report("core.campaign_evaluations", as_known="2025-06-15").rows
    assert [row[1:3] for row in before] == [(1, "filed")]


@pytest.mark.rule("CORE-50")
def test_an_evaluation_is_filed_with_the_figures_of_its_report(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    desk.agree("2025-01-03")
    plan(desk)
    on(desk, "2025-01-20", IncurCampaignCost(cost="F-1", amount=Money(20_000, "CNY")))
    desk.send("2025-02-01", campaign="K1")
    respond(desk, "C-1", order="O-1", margin=Money(26_000, "CNY"))
    filed = file_evaluation(desk.ledger, "K1", actor="clerk", failure_cause="none").events[0]
    assert isinstance(filed, CampaignEvaluated)
    assert (filed.version, filed.sent, filed.responded, filed.order_count) == (1, 1, 1, 1)
    assert (filed.margin, filed.cost) == (Money(26_000, "CNY"), Money(20_000, "CNY"))
    assert desk.ledger.report("core.campaign_evaluation", campaign="K1").rows[0][-2:] == (1, "filed")
    with pytest.raises(Unknown, match="unknown_code"):
        file_evaluation(desk.ledger, "K9", actor="clerk")


@pytest.mark.rule("CORE-48")
def test_a_campaign_does_not_end_before_it_starts() -> None:
    with pytest.raises(Invalid, match="invalid_date"):
        PlanCampaign(
            title="K1",
            department="sales",
            segment="all",
            starts_on=date(2025, 2, 1),
            ends_on=date(2025, 1, 31),
        )


@pytest.mark.rule("CORE-50d")
def test_days_are_counted_against_the_plan_the_same_day(desk: CareDesk) -> None:
    plan(desk, planned_calls=100, planned_visits=20)
    on(desk, "2025-02-02T18:00", CountCampaignDay(answered_calls=120, responses=3))
    row = desk.ledger.report("core.campaign_days", as_of="2025-02-02").rows[0]
    assert row == ("K1", date(2025, 2, 2), 120, 100, Decimal(120), 0, 20, Decimal(0), 3)


@pytest.mark.rule("CORE-50d")
def test_the_programme_is_reviewed_each_year(desk: CareDesk) -> None:
    plan(desk, programme="spring")
    assert desk.state(programme_review, "review/2025", "2025-12-31", who="spring") == "open"
    review = ReviewProgramme(
        year=2025,
        goals=4,
        goals_reached=3,
        cost=Money(40_000, "CNY"),
        benefit=Money(50_000, "CNY"),
        outcome="change",
    )
    on(desk, "2025-12-31", review, "spring")
    assert desk.state(programme_review, "review/2025", "2025-12-31", who="spring") == "done"
    assert desk.state(programme_review, "review/2026", "2026-01-01", who="spring") == "open"
    row = desk.ledger.report("core.programme_reviews").rows[0]
    assert (row[4], row[7], row[8]) == (Decimal(75), Decimal(25), "change")
    with pytest.raises(Invalid, match="out_of_scale"):
        on(
            desk,
            "2026-01-02",
            ReviewProgramme(
                year=2025, goals=1, goals_reached=2, cost=Money(0, "CNY"), benefit=Money(0, "CNY")
            ),
            "spring",
        )


# Two departments


def two_heads(desk: CareDesk) -> tuple[str, ...]:
    """Let A of sales run, and B of service aim at the same thirty customers."""
    customers = tuple(f"C-{n:02}" for n in range(30))
    desk.open(*customers, on="2025-01-01")
    plan(desk, "A")
    plan(desk, "B", department="service")
    target(desk, *customers, who="A")
    step(desk, "execution", "A", waiver_reason="small")
    target(desk, *customers, who="B", day="2025-02-02")
    return customers


@pytest.mark.rule("CORE-51a")
def test_a_start_with_conflicts_waits_until_they_are_decided(desk: CareDesk) -> None:
    customers = two_heads(desk)
    held = step(desk, "execution", "B", "2025-02-03", waiver_reason="small").events
    assert [type(e) for e in held] == [CampaignHeld]
    assert (held[0].code, held[0].conflicts) == ("multi_head", 30)
    rows = desk.ledger.report("core.head_conflicts", campaign="B").rows
    assert len(rows) == 30
    assert {(r[1], r[4], r[5]) for r in rows} == {("A", "yes", None)}
    assert not execution(desk, "B").executing
    on(desk, "2025-02-04", ResolveHeadConflict(other_campaign="A", ruling="priority", preferred="A"), "B")
    assert execution(desk, "B").executing
    assert execution(desk, "B").held is None
    left_out = [desk.ledger.history(c).state(Targets).campaigns for c in customers]
    assert all(t["B"].left_out and not t["A"].left_out for t in left_out)
    row = desk.ledger.report("core.campaign_evaluation", campaign="B").rows[0]
    assert row[2:4] == (30, 30)


@pytest.mark.rule("CORE-51")
@pytest.mark.parametrize(
    ("ruling", "preferred", "leaves"),
    [("joint", None, None), ("leave_out", None, "B"), ("priority", "B", "A")],
)
def test_a_conflict_is_settled_by_priority_jointly_or_by_leaving_out(
    desk: CareDesk, ruling: str, preferred: str | None, leaves: str | None
) -> None:
    customers = two_heads(desk)
    command = ResolveHeadConflict(other_campaign="A", ruling=ruling, preferred=preferred)  # type: ignore[arg-type]
    on(desk, "2025-02-04", command, "B")
    campaigns = desk.ledger.history(customers[0]).state(Targets).campaigns
    assert [name for name, t in sorted(campaigns.items()) if t.left_out] == ([leaves] if leaves else [])
    assert step(desk, "execution", "B", "2025-02-05", waiver_reason="small").entries
    assert execution(desk, "B").executing


@pytest.mark.rule("CORE-51")
def test_a_campaign_that_does_not_run_or_is_of_the_same_department_is_no_conflict(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    plan(desk, "A")
    plan(desk, "B", department="service")
    plan(desk, "D")
    for who in ("A", "B", "D"):
        target(desk, "C-1", who=who)
    assert execution(desk, "D").conflicts == {"B": ["C-1"]}
    step(desk, "execution", "B", waiver_reason="small")
    assert execution(desk, "B").executing
    step(desk, "execution", "D", "2025-02-02", waiver_reason="small")
    assert execution(desk, "D").held is not None
    on(desk, "2025-02-10", EndCampaign(), "B")
    assert execution(desk, "D").executing


@pytest.mark.rule("CORE-51")
def test_only_open_conflicts_of_the_two_campaigns_can_be_settled(desk: CareDesk) -> None:
    two_heads(desk)
    with pytest.raises(Unknown, match="unknown_code"):
        on(desk, "2025-02-04", ResolveHeadConflict(other_campaign="Z", ruling="joint"), "B")
    with pytest.raises(Unknown, match="unknown_code"):
        on(desk, "2025-02-04", ResolveHeadConflict(other_campaign="A", ruling="priority", preferred="Z"), "B")


@pytest.mark.rule("CORE-51")
def test_a_start_that_happened_all_the_same_is_kept_and_flagged(desk: CareDesk) -> None:
    two_heads(desk)
    outcome = on(
        desk, "2025-02-03", DoCampaignStep(step="execution", waiver_reason="small"), "B", happened=True
    )
    assert "core.breach_recorded" in [e.name for e in outcome.entries]
    assert execution(desk, "B").executing


def test_a_target_is_shown_once_however_often_it_is_told(desk: CareDesk) -> None:
    desk.open("C-1", on="2025-01-01")
    plan(desk)
    target(desk, "C-1")
    target(desk, "C-1", day="2025-01-21")
    events = [e for e in desk.ledger.history("C-1").judged().items if isinstance(e.event, CampaignTargeted)]
    assert len(events) == 2
    assert desk.ledger.report("core.campaign_evaluation", campaign="K1").rows[0][2] == 1
