"""Leads and opportunities go through typed stages; jumps are listed, steps back and losses need a reason (CORE-24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanxi import Command, Conflict, Incomplete, Invalid, Money, Refusal, RuleNotMet, Unknown
from guanxi.relationship.pipeline.commands import (
    AssignLead,
    AssignOpportunity,
    CloseLead,
    CloseOpportunity,
    MoveOpportunity,
    OpenOpportunity,
    RecordAction,
    RecordLead,
    ReopenOpportunity,
    UpgradeLead,
)
from guanxi.relationship.pipeline.events import OpportunityClosed, OpportunityStageMoved
from guanxi.relationship.pipeline.leads import Leads
from guanxi.relationship.pipeline.opportunities import Opportunities
from guanxi.relationship.pipeline.rules import PipelineRules
from tests.kernel.desks import moment
from tests.relationship.pipeline.sales_desk import SalesDesk, yuan


@pytest.fixture
def desk() -> Iterator[SalesDesk]:
    with SalesDesk(plugins=[], now="2025-03-01") as d:
        d.open()
        yield d


def opened(desk: SalesDesk, number: str = "O-1", **fields: Any) -> None:
    desk.tell(OpenOpportunity(opportunity=number, amount=yuan(100_000), **fields))


def funnel(desk: SalesDesk, **cut: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row for row in desk.ledger.report("core.funnel", **cut).rows}


# ---------------------------------------------------------------- leads


@pytest.mark.rule("CORE-24a")
def test_a_lead_is_upgraded_once(desk: SalesDesk) -> None:
    desk.tell(RecordLead(lead="L-1", families=("pumps",), assignee="Zhang"))
    desk.tell(UpgradeLead(lead="L-1", opportunity="O-1"))
    with pytest.raises(Conflict, match="already_upgraded"):
        desk.tell(UpgradeLead(lead="L-1", opportunity="O-2"))
    lead = desk.state(Leads).by_number["L-1"]
    opportunity = desk.state(Opportunities).by_number["O-1"]
    assert (lead.type, lead.opportunity) == ("upgraded", "O-1")
    assert (opportunity.lead, opportunity.assignee, opportunity.families) == ("L-1", "Zhang", ("pumps",))


@pytest.mark.rule("CORE-24a")
@pytest.mark.parametrize(
    "command",
    [CloseLead, lambda lead: CloseOpportunity(opportunity="O-1", outcome="lost")],
    ids=["lead", "opportunity"],
)
def test_what_is_lost_needs_a_reason(desk: SalesDesk, command: Any) -> None:
    desk.tell(RecordLead(lead="L-1"))
    opened(desk)
    before = desk.count()
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(command(lead="L-1"))
    assert desk.count() == before


@pytest.mark.rule("CORE-24a")
@pytest.mark.parametrize(
    "command",
    [
        MoveOpportunity(opportunity="O-1", stage="negotiation"),
        AssignOpportunity(opportunity="O-1", assignee="Li"),
        CloseOpportunity(opportunity="O-1", outcome="won"),
    ],
    ids=["move", "assign", "close"],
)
def test_a_closed_opportunity_is_reopened_before_it_moves(desk: SalesDesk, command: Command) -> None:
    opened(desk)
    desk.tell(MoveOpportunity(opportunity="O-1", stage="decision_relations"))
    desk.tell(CloseOpportunity(opportunity="O-1", outcome="lost", reason_code="price"))
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(command)
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(ReopenOpportunity(opportunity="O-1"))
    desk.tell(ReopenOpportunity(opportunity="O-1", reason="called again"))
    assert desk.state(Opportunities).by_number["O-1"].stage == "decision_relations"
    desk.tell(command)


@pytest.mark.rule("CORE-24a")
@pytest.mark.parametrize(
    "command",
    [AssignLead(lead="L-1", assignee="Li"), CloseLead(lead="L-1", reason_code="price")],
    ids=["assign", "close"],
)
def test_a_closed_lead_is_not_worked(desk: SalesDesk, command: Command) -> None:
    desk.tell(RecordLead(lead="L-1"))
    desk.tell(CloseLead(lead="L-1", reason_code="no need"))
    with pytest.raises(RuleNotMet, match="stage_closed"):
        desk.tell(command)


@pytest.mark.rule("CORE-24")
def test_a_move_of_a_closed_one_that_happened_is_kept_and_flagged(desk: SalesDesk) -> None:
    opened(desk)
    desk.tell(CloseOpportunity(opportunity="O-1", outcome="lost", reason_code="price"))
    desk.tell(MoveOpportunity(opportunity="O-1", stage="quotation"), happened=True)
    assert desk.state(Opportunities).by_number["O-1"].is_open
    assert "core.breach_recorded" in [line.name for line in desk.ledger.history("C-1").lines()]


@pytest.mark.rule("CORE-24")
def test_a_lead_is_open_then_working_then_closed(desk: SalesDesk) -> None:
    desk.do(RecordLead(lead="L-1"), "2025-03-01")
    desk.do(RecordAction(kind="call", item_kind="lead", item="L-1"), "2025-03-02")
    desk.do(CloseLead(lead="L-1", reason_code="no need"), "2025-03-03")
    types = [
        desk.state(Leads, day).by_number["L-1"].type for day in ("2025-03-01", "2025-03-02", "2025-03-03")
    ]
    assert types == ["open", "working", "closed"]


@pytest.mark.rule("CORE-24")
def test_a_bulk_message_does_not_make_a_lead_worked(desk: SalesDesk) -> None:
    desk.tell(RecordLead(lead="L-1"))
    desk.tell(RecordAction(kind="message", item_kind="lead", item="L-1", bulk=True))
    assert desk.state(Leads).by_number["L-1"].type == "open"


@pytest.mark.rule("CORE-24")
def test_each_has_one_assignee_at_a_time(desk: SalesDesk) -> None:
    desk.do(RecordLead(lead="L-1", assignee="Zhang"), "2025-03-01")
    desk.do(AssignLead(lead="L-1", assignee="Li"), "2025-03-05")
    assert desk.tell(AssignLead(lead="L-1", assignee="Li")).entries == ()
    who = [desk.state(Leads, day).by_number["L-1"].assignee for day in ("2025-03-04", "2025-03-05")]
    assert who == ["Zhang", "Li"]


# ---------------------------------------------------------------- stages


@pytest.mark.rule("CORE-24b")
def test_what_is_in_quotation_is_weighted_by_half_and_a_jump_to_contract_lists_what_it_skips(
    desk: SalesDesk,
) -> None:
    opened(desk, stage="quotation")
    assert funnel(desk)["quotation"][4] == Decimal(50_000)
    outcome = desk.tell(MoveOpportunity(opportunity="O-1", stage="contract"))
    assert outcome.entries[0].name == "core.opportunity_stage_moved"
    assert funnel(desk)["contract"][4] == Decimal(90_000)
    (moved,) = desk.told(OpportunityStageMoved)
    assert moved.skipped == ("negotiation",)


@pytest.mark.rule("CORE-24c")
def test_a_probability_counts_from_its_day(desk: SalesDesk) -> None:
    opened(desk, stage="quotation")
    desk.on("2025-03-20").ledger.publish(
        PipelineRules(probabilities={**PipelineRules().probabilities, "quotation": Decimal(60)}),
        effective_from=moment("2025-04-01T00:00"),
        by="marketing",
        approved_by="manager",
    )
    desk.on("2025-04-10")
    assert funnel(desk, as_of="2025-03-31")["quotation"][4] == Decimal(50_000)
    assert funnel(desk, as_of="2025-04-01")["quotation"][4] == Decimal(60_000)


@pytest.mark.rule("CORE-24")
def test_a_step_back_needs_a_reason(desk: SalesDesk) -> None:
    opened(desk, stage="negotiation")
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(MoveOpportunity(opportunity="O-1", stage="quotation"))
    desk.tell(MoveOpportunity(opportunity="O-1", stage="quotation", reason="new demands"))
    assert desk.state(Opportunities).by_number["O-1"].stage == "quotation"


@pytest.mark.rule("CORE-24")
def test_on_hold_an_opportunity_keeps_its_place(desk: SalesDesk) -> None:
    opened(desk, stage="quotation")
    desk.tell(MoveOpportunity(opportunity="O-1", stage="on_hold"))
    assert funnel(desk)["on_hold"][1:5] == ("on_hold", 1, Decimal(100_000), Decimal(0))
    with pytest.raises(Incomplete, match="reason_missing"):
        desk.tell(MoveOpportunity(opportunity="O-1", stage="confirmed"))
    desk.tell(MoveOpportunity(opportunity="O-1", stage="contract"))
    assert desk.told(OpportunityStageMoved)[-1].skipped == ("negotiation",)


@pytest.mark.rule("CORE-24")
@pytest.mark.parametrize(
    ("outcome", "skipped"), [("won", ("quotation", "negotiation", "contract")), ("lost", ())]
)
def test_what_is_won_early_lists_what_it_skipped(
    desk: SalesDesk, outcome: Any, skipped: tuple[str, ...]
) -> None:
    opened(desk, stage="decision_relations")
    desk.tell(CloseOpportunity(opportunity="O-1", outcome=outcome, reason_code="price"))
    (closed,) = desk.told(OpportunityClosed)
    assert closed.skipped == skipped


@pytest.mark.rule("CORE-24")
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (MoveOpportunity(opportunity="O-1", stage="won"), Unknown, "unknown_code"),
        (MoveOpportunity(opportunity="O-1", stage="elsewhere"), Unknown, "unknown_code"),
        (MoveOpportunity(opportunity="O-9", stage="quotation"), Unknown, "unknown_opportunity"),
        (OpenOpportunity(opportunity="O-1"), Conflict, "source_conflict"),
        (OpenOpportunity(opportunity="O-2", stage="elsewhere"), Unknown, "unknown_code"),
        (ReopenOpportunity(opportunity="O-1", reason="x"), RuleNotMet, "not_closed"),
        (AssignLead(lead="L-9", assignee="Li"), Unknown, "unknown_lead"),
        (UpgradeLead(lead="L-1", opportunity="O-1"), Conflict, "source_conflict"),
        (RecordLead(lead="L-1"), Conflict, "source_conflict"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: SalesDesk, command: Command, error: type[Refusal], code: str
) -> None:
    opened(desk)
    desk.tell(RecordLead(lead="L-1"))
    before = desk.count()
    with pytest.raises(error, match=code):
        desk.tell(command)
    assert desk.count() == before


def test_an_urgency_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(Unknown, match="unknown_code"):
        RecordLead(lead="L-1", urgency="soon")  # type: ignore[arg-type]


# ---------------------------------------------------------------- visits to prospects


@pytest.mark.rule("CORE-24")
@pytest.mark.parametrize(
    ("urgency", "last", "after"),
    [
        ("eager", "2025-03-08", "2025-03-09"),
        ("hopeful", "2025-03-15", "2025-03-16"),
        ("wait_and_see", "2025-03-31", "2025-04-01"),
    ],
)
def test_a_prospect_is_visited_as_its_urgency_says(
    desk: SalesDesk, urgency: Any, last: str, after: str
) -> None:
    desk.do(RecordLead(lead="L-1", urgency=urgency, assignee="Zhang"), "2025-03-01")
    desk.on("2025-05-01")
    assert list(desk.due("core.prospect_visit", last).values()) == ["open"]
    assert list(desk.due("core.prospect_visit", after).values()) == ["overdue"]


@pytest.mark.rule("CORE-24")
def test_a_visit_begins_the_next_term_and_closing_ends_them(desk: SalesDesk) -> None:
    desk.do(RecordLead(lead="L-1", urgency="eager"), "2025-03-01")
    desk.do(RecordAction(kind="visit"), "2025-03-08")
    desk.do(RecordAction(kind="call", item_kind="lead", item="L-1"), "2025-03-09")
    desk.do(RecordAction(kind="visit"), "2025-03-17")
    assert list(desk.due("core.prospect_visit", "2025-03-17").values()) == ["done", "late", "open"]
    desk.do(CloseLead(lead="L-1", reason_code="no need"), "2025-03-20")
    assert list(desk.due("core.prospect_visit", "2025-04-20").values()) == ["done", "late"]


# ---------------------------------------------------------------- reports


@pytest.mark.rule("CORE-24")
def test_the_funnel_foots_over_a_period(desk: SalesDesk) -> None:
    for day, number in (("2025-02-03", "O-1"), ("2025-02-10", "O-2"), ("2025-03-03", "O-3")):
        desk.on(day)
        opened(desk, number)
    desk.do(MoveOpportunity(opportunity="O-1", stage="quotation"), "2025-03-13")
    desk.do(CloseOpportunity(opportunity="O-2", outcome="lost", reason_code="price"), "2025-03-20")
    desk.do(MoveOpportunity(opportunity="O-3", stage="decision_relations"), "2025-03-23")
    desk.do(CloseOpportunity(opportunity="O-1", outcome="won"), "2025-03-25")
    rows = funnel(desk, as_of="2025-03-31")
    assert rows["confirmed"][2:] == (0, 0, 0, 2, 1, 3, 0, Decimal(100), Decimal(38))
    assert rows["quotation"][5:] == (0, 1, 1, 0, Decimal(100), Decimal(12))
    assert rows["decision_relations"][5:9] == (0, 1, 0, 1)
    assert rows["won"][2:9] == (1, Decimal(100_000), Decimal(100_000), 0, 1, 0, 1)
    assert rows["lost"][5:9] == (0, 1, 0, 1)


@pytest.mark.rule("CORE-24")
def test_the_forecast_weighs_what_is_open_by_month(desk: SalesDesk) -> None:
    opened(desk, "O-1", stage="quotation", expected_on=date(2025, 4, 10))
    opened(desk, "O-2", stage="contract", expected_on=date(2025, 4, 20))
    opened(desk, "O-3", expected_on=date(2025, 2, 20))
    opened(desk, "O-4", expected_on=date(2027, 2, 20))
    opened(desk, "O-5")
    opened(desk, "O-6", stage="contract")
    desk.tell(CloseOpportunity(opportunity="O-6", outcome="won"))
    rows = desk.ledger.report("core.sales_forecast").rows
    assert [(r[0], r[1], int(r[4])) for r in rows] == [
        ("overdue", "confirmed", 10_000),
        ("2025-04", "quotation", 50_000),
        ("2025-04", "contract", 90_000),
        ("later", "confirmed", 10_000),
        ("undated", "confirmed", 10_000),
    ]


@pytest.mark.rule("CORE-24")
def test_amounts_in_two_currencies_are_not_added(desk: SalesDesk) -> None:
    opened(desk)
    desk.tell(OpenOpportunity(opportunity="O-2", amount=Money(10, "EUR")))
    for name in ("core.funnel", "core.sales_forecast"):
        with pytest.raises(Invalid, match="unit_mismatch"):
            desk.ledger.report(name)
        assert desk.ledger.report(name, currency="EUR").rows
