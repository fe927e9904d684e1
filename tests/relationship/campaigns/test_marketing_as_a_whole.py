"""Care and campaigns together: every report answers, erased customers included, and nothing comes out otherwise when derived again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guanxi import OpenFile, Report
from guanxi.kernel.reports import check_picture
from guanxi.relationship.campaigns.cadences import CADENCES as CAMPAIGN_CADENCES
from guanxi.relationship.campaigns.commands import (
    DoCampaignStep,
    EndCampaign,
    EvaluateCampaign,
    PlanCampaign,
    ReceiveResponse,
    RecordPlanResult,
    ResolveHeadConflict,
    ScreenCustomer,
    TargetCustomers,
)
from guanxi.relationship.campaigns.parts import parts as campaigns
from guanxi.relationship.care.cadences import CADENCES as CARE_CADENCES
from guanxi.relationship.care.commands import GiveConsent, GiveGift, ReportDelivery, SetContactPreference
from guanxi.relationship.care.parts import parts as care
from guanxi.relationship.file.events import ContactPointRecorded, ProfileFactRecorded
from tests.relationship.care.care_desk import CareDesk

REPORTS = (*care.reports, *campaigns.reports)
CUSTOMERS = ("C-1", "C-2", "C-3")


@pytest.fixture(scope="module")
def desk() -> Iterator[CareDesk]:
    """A year with two departments' campaigns, told in order and late."""
    with CareDesk(now="2025-01-03") as d:
        for who in CUSTOMERS:
            d.tell(OpenFile(name=f"name of {who}"), "2025-01-01", who=who, reason="set-up")
            d.fact("2025-01-03", ProfileFactRecorded(field_name="birth_date", value="1990-06-10"), who=who)
            d.fact(
                "2025-01-03", ContactPointRecorded(point="p", type="mobile", value="+8613800138000"), who=who
            )
            d.tell(GiveConsent(wording_version="1", evidence="paper"), "2025-01-03", who=who, reason="told")
            d.tell(SetContactPreference(windows="08:00-22:00"), "2025-01-03", who=who, reason="told")
        for name, department in (("A", "sales"), ("B", "service")):
            d.tell(
                PlanCampaign(title=name, department=department, segment="under 40", criteria="age < 40"),
                who=name,
            )
            d.tell(TargetCustomers(customers=CUSTOMERS), who=name)
            d.until("2025-01-10")
            d.tell(DoCampaignStep(step="execution", waiver_reason="small"), who=name)
        d.tell(ResolveHeadConflict(other_campaign="A", ruling="priority", preferred="A"), who="B")
        for n, who in enumerate(CUSTOMERS):
            d.send(
                f"2025-02-0{n + 1}T07:00",
                who=who,
                campaign="A",
                message="M",
                promotion="gift",
                content="hello",
            )
            d.send(
                f"2025-02-0{n + 1}T08:00",
                who=who,
                campaign="A",
                message="M",
                promotion="gift",
                content="hello",
            )
            d.tell(ScreenCustomer(stage="preliminary", outline_version="1", judged="passed"), who=who)
            d.tell(GiveGift(gift="G", content="a cup"), who=who)
            d.tell(RecordPlanResult(plan="P"), who=who)
        d.until("2025-02-10")
        d.tell(ReceiveResponse(response="R", content="yes"), who="C-1")
        d.tell(ReportDelivery(message="M", outcome="failed"), who="C-2")
        d.tell(EndCampaign(), who="A")
        d.tell(EvaluateCampaign(report="REP-1"), who="A")
        d.send("2025-02-05", known="2025-02-20", who="C-1", campaign="B", message="late", happened=True)
        yield d


@pytest.mark.rule("CORE-05b")
def test_nothing_comes_out_otherwise_when_it_is_derived_again(desk: CareDesk) -> None:
    found = desk.ledger.rederive()
    assert found.changes == ()
    assert found.unreadable == ()


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
def test_a_report_answers_in_both_languages_and_its_picture_fits(desk: CareDesk, report: Report) -> None:
    result = desk.ledger.report(report.name)
    check_picture(result)
    for lang in ("en", "zh"):
        assert result.as_csv(lang)
    before = desk.ledger.report(report.name, as_of="2024-12-31")
    check_picture(before)


@pytest.mark.rule("CORE-96")
def test_reports_and_due_items_live_with_erased_customers(desk: CareDesk) -> None:
    keyring = desk.ledger.backend.keyring
    for family in ("identity", "contact", "preference", "marketing", "service", "dealings"):
        keyring.destroy(desk.stream("C-2"), family)
    desk.until("2025-06-09")
    for report in REPORTS:
        text = desk.ledger.report(report.name, as_of="2025-06-09").as_csv()
        assert "name of C-2" not in text
    for cadence in (*CARE_CADENCES, *CAMPAIGN_CADENCES):
        desk.due(cadence, "2025-06-09")
    row = next(r for r in desk.ledger.report("core.campaign_evaluation").rows if r[0] == "A")
    assert (row[4], row[5]) == (3, 1)
