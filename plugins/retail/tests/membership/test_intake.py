"""Consumers collected over channels, screened in three stages, consulted on six items, and led on step by step (RET-05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import Invalid, Money, OpenFile, RuleNotMet, Telling
from guanxi.relationship import MergeFiles
from guanxi.relationship.campaigns.commands import ScreenCustomer
from guanxi.relationship.campaigns.screening import STAGES
from guanxi.relationship.file.rules import ProfileRules
from guanxi.relationship.service.commands import DoReturnVisit, DrawReturnVisit
from guanxi_retail import RecordPurchase
from guanxi_retail.membership.consultation import ITEMS, Consultation
from guanxi_retail.membership.rules import IncentiveRules, IntakeRules
from guanxi_retail.purchases.events import ReceiptLine
from plugins.retail.tests.membership.club import Club, local

CHANNELS = ("media", "outdoor", "point_of_sale")
VISIT = "importance/2012-01-02/0"


def screen(stage: str, judged: str = "passed") -> ScreenCustomer:
    return ScreenCustomer(stage=stage, outline_version="1", judged=judged)


def collect(c: Club, *passed: int) -> Club:
    """Collect a consumer for each number, over the channels in turn, who comes through so many stages."""
    c.at("2012-01-02")
    tellings = []

    def told(who: str, day: str, command: object) -> None:
        at = local(day)
        tellings.append(
            Telling(
                subject=who,
                command=command,
                actor="clerk",
                occurred_at=at,
                happened=True,
                batch="b",
                reason="list",
            )
        )

    for n, stages in enumerate(passed):
        who = f"P{n:03}"
        told(who, "2012-01-01", OpenFile(name="李明" if n % 2 else None, source_channel=CHANNELS[n % 3]))
        for day, stage in enumerate(STAGES[: stages + 1], 10):
            told(
                who, f"2012-01-01T{day}:00", screen(stage, "passed" if day - 10 < stages else "screened_out")
            )
    assert {v.status for v in c.ledger.take_in(tellings)} == {"accepted"}
    return c


def funnel(c: Club, **more: str) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in c.ledger.report("retail.intake_funnel", **more).rows}


@pytest.mark.rule("RET-05a")
def test_the_funnel_tells_how_many_come_through_each_stage_and_overall(club):
    c = collect(club(), *([0] * 40 + [1] * 30 + [2] * 18 + [3] * 12))
    total = funnel(c)["Σ"]
    assert total[:7] == (100, 60, Decimal("60.0"), 30, Decimal("50.0"), 12, Decimal("40.0"))
    assert total[7] == Decimal("12.0")
    drawing = c.ledger.report("retail.intake_funnel").drawing
    assert drawing.picture.kind == "funnel"
    assert list(drawing.rows) == [("collected", 100), ("preliminary", 60), ("shortlist", 30), ("final", 12)]


@pytest.mark.rule("RET-05")
def test_each_channel_has_its_line_and_its_completeness_and_other_files_are_none_of_them(club):
    rules = ProfileRules(required={"person": ("name", "contact")})
    c = collect(club(rules), 0, 3, 1, 2).open("other", source_channel="walk_in")
    found = funnel(c)
    assert list(found) == [*CHANNELS, "Σ"]
    assert [found[channel][0] for channel in CHANNELS] == [2, 1, 1]
    assert found["media"][1:8] == (1, Decimal("50.0"), 1, Decimal("100.0"), 0, Decimal("0.0"), Decimal("0.0"))
    assert [found[name][-1] for name in found] == [
        Decimal("25.0"),
        Decimal("50.0"),
        Decimal("0.0"),
        Decimal("25.0"),
    ]


@pytest.mark.rule("RET-05")
def test_nobody_collected_is_no_share(club):
    assert funnel(club())["Σ"] == (0, 0, None, 0, None, 0, None, None, None)


@pytest.mark.rule("RET-05b")
def test_a_stage_needs_the_one_before(club):
    c = club().open("A", source_channel="media")
    c.tell("2012-01-01", screen("preliminary"))
    with pytest.raises(RuleNotMet) as refused:
        c.tell("2012-01-02", screen("final"))
    assert (refused.value.code, refused.value.outcome, refused.value.facts["step"]) == (
        "step_missing",
        "rule not met",
        "shortlist",
    )


@pytest.mark.rule("RET-05b")
def test_a_consultation_stays_open_and_names_the_item_that_nobody_answered(club):
    c = club().open("A")
    c.tell("2012-01-02", DrawReturnVisit(method="importance", drawn_on=date(2012, 1, 2), population=1))
    told = dict.fromkeys(ITEMS[:5], "good")
    c.tell("2012-01-03", DoReturnVisit(return_visit=VISIT, **told))
    assert c.ledger.report("retail.consultation_items").rows == (
        ("A", "consultation_open", 5, "dedicated_line"),
    )
    assert c.state(Consultation).missing == ("dedicated_line",)
    (line,) = c.ledger.whole_view("A").section("retail.view_membership").rows
    assert line[:3] == ("consultation", "dedicated_line", "consultation_open")

    c.tell("2012-02-02", DrawReturnVisit(method="importance", drawn_on=date(2012, 2, 2), population=1))
    c.tell("2012-02-03", DoReturnVisit(return_visit="importance/2012-02-02/0", dedicated_line="yes"))
    assert c.ledger.report("retail.consultation_items").rows == (("A", "consultation_complete", 6, ""),)
    assert c.state(Consultation, as_of="2012-01-31").status == "consultation_open"
    assert Consultation().status == "not_begun"


@pytest.mark.rule("RET-05")
def test_consumers_are_classified_by_spend_length_of_use_and_novelty(club):
    c = club(IntakeRules(spend=(Decimal(100), Decimal(200)), use_months=(3,), new_days=30))
    collect(c, 1, 3, 0, 0)
    c.buy("2012-01-02", "R1", (None, "150"), who="P000")
    c.buy("2012-05-02", "R2", (None, "50"), who="P000")
    c.refund("2012-05-03", "R2", "1", who="P000")
    c.buy("2012-05-20", "R3", (None, "20"), who="P001")
    c.tell("2012-05-21", MergeFiles(absorbed="P003"), who="P002")
    assert c.at("2012-06-01").ledger.report("retail.consumers").rows == (
        ("P000", "media", "preliminary", Decimal("199.00"), 2, 4, 2, "old_consumer"),
        ("P001", "outdoor", "final", Decimal("20.00"), 1, 0, 1, "new_consumer"),
        ("P002", "point_of_sale", "collected", Decimal("0.00"), 1, None, None, "no_purchase"),
    )


@pytest.mark.rule("RET-05")
def test_incentives_go_up_step_by_step_by_product(club):
    steps = {"serum/3": "trial set", "serum/6": "gift box", "cream/1": "sample"}
    c = club(IncentiveRules(steps=steps)).open("A", "B")

    def bought(who: str, receipt: str, product: str, pieces: int) -> None:
        amount = Decimal(10 * pieces)
        line = ReceiptLine(product=product, quantity=pieces, net=amount, paid=amount)
        paid = Money(amount, "CNY")
        c.tell("2012-01-03", RecordPurchase(receipt=receipt, paid=paid, lines=(line,)), who=who)

    bought("A", "R1", "serum", 2)
    bought("A", "R2", "serum", 2)
    bought("A", "R3", "soap", 9)
    bought("B", "R4", "cream", 1)
    assert c.ledger.report("retail.incentive_steps").rows == (
        ("A", "serum", 4, 1, "trial set", 2, "gift box"),
        ("B", "cream", 1, 1, "sample", None, None),
    )


@pytest.mark.rule("RET-05")
@pytest.mark.parametrize("name", ["serum", "serum/0", "/3", "serum/few"])
def test_a_step_names_its_product_and_pieces(name):
    with pytest.raises(Invalid, match="out_of_scale"):
        IncentiveRules(steps={name: "sample"})
