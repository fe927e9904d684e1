"""The customers' file: what it holds at which stage, who may enter and look, what it is used for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest

from guanxi import Held, Invalid, Money, NotPermitted
from guanxi.relationship.access.commands import (
    DecideApproval,
    EnrolStaff,
    EstablishPost,
    RequestLookup,
    SetLevel,
    TakePost,
)
from guanxi.relationship.access.rules import AccessRules
from guanxi.relationship.access.streams import post_stream, staff_stream
from guanxi.relationship.documents.commands import HandInDocument
from guanxi.relationship.governance.commands import NoteBackup
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.ownership.commands import AssignMaintainer, AssignSection
from guanxi.relationship.pipeline.commands import IssueQuotation, RecordAction
from guanxi.relationship.together.commands import SetGoal
from guanxi.relationship.together.goals import goal_stream
from guanxi_retail import ExchangedLine, ReceiptLine, RecordExchange, RecordPurchase
from guanxi_retail.group_purchase.commands import CountCustomerStock, DecideVipNomination, NominateForVip
from guanxi_retail.group_purchase.rules import GroupFileRules
from plugins.retail.tests.group_purchase.cellar import notes

COMPONENTS = ("customer_card", "consumption_evaluation", "sales_statistics")


def file_in(c, moment, *kinds):
    for n, kind in enumerate(kinds):
        paper = HandInDocument(
            document=f"{kind}-{n}", document_type=kind, formed_on=date.fromisoformat(moment), pages=1
        )
        c.tell(moment, paper)


@pytest.mark.rule("RET-40a")
def test_the_contract_is_missing_from_the_third_stage_on(cellar):
    c = cellar()
    file_in(c, "2012-01-05", *COMPONENTS)
    c.tell("2012-01-10", RecordAction(kind="call", two_way=True))
    c.tell(
        "2012-01-20",
        IssueQuotation(quotation="Q-1", amount=Money("900", "CNY"), valid_until=date(2012, 3, 1)),
    )
    second = c.ledger.report("retail.file_completeness", as_of="2012-01-19")
    third = c.ledger.report("retail.file_completeness", as_of="2012-01-20")
    assert [row[1:] for row in second.rows] == [("first_contact", 3, 3, Decimal("100.00"), None)]
    assert [row[1:] for row in third.rows] == [
        ("contracting", 3, 4, Decimal("75.00"), "hospitality_supply_contract")
    ]


@pytest.mark.rule("RET-40")
def test_which_components_a_file_has_from_which_stage_is_the_hosts(cellar):
    c = cellar(GroupFileRules(components={"customer_card": 1, "tasting_sheet": 2}))
    file_in(c, "2012-01-05", "customer_card")
    assert [row[2:] for row in c.ledger.report("retail.file_completeness").rows] == [
        (1, 1, Decimal("100.00"), None)
    ]
    c.tell("2012-01-10", RecordAction(kind="call", two_way=True))
    result = c.ledger.report("retail.file_completeness")
    assert [row[2:] for row in result.rows] == [(1, 2, Decimal("50.00"), "tasting_sheet")]
    assert notes(result)["all files"] == "50.00 %"


@pytest.mark.rule("RET-40")
def test_a_file_has_four_stages(cellar):
    with pytest.raises(Invalid):
        GroupFileRules(components={"customer_card": 5})


@pytest.fixture
def guarded(cellar):
    """A department of which access is asked: wang answers for C-1, li for C-2, zhao manages both."""
    c = cellar(customers=("C-1", "C-2"), manager="")
    people = {"zhao": ("section_head", 6), "wang": ("business", 3), "li": ("business", 3)}
    for user, (role, level) in people.items():
        above = None if role == "section_head" else "post-zhao"
        for stream, command in (
            (post_stream(f"post-{user}"), EstablishPost(role=role, section="1", reports_to=above)),
            (staff_stream(user), EnrolStaff()),
            (staff_stream(user), TakePost(post=f"post-{user}")),
            (staff_stream(user), SetLevel(section="1", level=level)),
        ):
            c.tell("2012-01-02", command, who=stream)
    for who, person in (("C-1", "wang"), ("C-2", "li")):
        c.tell("2012-01-02T11:00", AssignSection(section="1"), who=who)
        c.tell("2012-01-02T11:00", AssignMaintainer(person=person), who=who)
    c.at("2012-01-03").publish(
        AccessRules(enforced=True, deeds={"retail.decide_vip_nomination": "approve"}), "2012-01-03"
    )
    c.at("2012-01-05")
    return c


COUNTED = CountCustomerStock(product="rice", quantity=Decimal(5))


@pytest.mark.rule("RET-40b")
def test_only_the_maintainer_enters(guarded):
    with pytest.raises(NotPermitted) as refusal:
        guarded.ledger.as_actor("li").execute("C-1", COUNTED)
    assert refusal.value.code == "not_authorised"
    outcome = guarded.ledger.as_actor("wang").execute("C-1", COUNTED)
    assert outcome.events[0].quantity == 5


@pytest.mark.rule("RET-40b")
def test_a_look_at_anothers_customer_needs_the_department_managers_approval(guarded):
    li = guarded.ledger.as_actor("li")
    with pytest.raises(NotPermitted) as refusal:
        li.whole_view("C-1")
    assert refusal.value.code == "lookup_not_approved"
    li.execute(staff_stream("li"), RequestLookup(lookup="L-1", customers=("C-1",), purpose="wang is ill"))
    zhao = guarded.ledger.as_actor("zhao")
    zhao.execute(staff_stream("li"), DecideApproval(approval="L-1", outcome="approved"))
    assert li.whole_view("C-1").section("retail.view_vip").rows == ()


@pytest.mark.rule("RET-40")
def test_the_department_manager_approves_what_the_maintainer_nominates_and_nobody_else(guarded):
    with pytest.raises(Held) as held:
        guarded.ledger.as_actor("wang").execute("C-1", NominateForVip(nomination="N-1"))
    assert held.value.code == "approval_pending"
    approve = DecideVipNomination(nomination="N-1", outcome="approved")
    with pytest.raises(NotPermitted) as refusal:
        guarded.ledger.as_actor("li").execute("C-1", approve)
    assert refusal.value.code == "not_authorised"
    guarded.ledger.as_actor("zhao").execute("C-1", approve)
    ((route, *_),) = guarded.ledger.as_actor("wang").whole_view("C-1").section("retail.view_vip").rows
    assert route == "nomination"


@pytest.mark.rule("RET-40c")
def test_next_months_forecast_is_what_will_be_used_beyond_the_stock(cellar):
    c = cellar(customers=("C-1", "C-2"))
    c.use("2012-03-01", "30")
    c.use("2012-03-01", "15", who="C-2")
    c.count("2012-03-31", "12")
    c.count("2012-03-31", "20", who="C-2")
    result = c.ledger.report("retail.manager_forecast", as_of="2012-03-31")
    assert [(row[0], row[1], row[5]) for row in result.rows] == [("wang", 2, Decimal("18.00"))]
    assert notes(result)["forecast for"] == "2012-04"


@pytest.mark.rule("RET-40")
def test_managers_are_appraised_against_their_targets_and_add_up_to_the_department(cellar):
    c = cellar(customers=("C-1", "C-2", "C-3"))
    c.tell("2012-02-20", SetGoal(
        measure="receipts", owner="wang", target=Decimal(2_000),
        period_from=date(2012, 3, 1), period_until=date(2012, 3, 31),
    ), who=goal_stream("G-1"))  # fmt: skip
    c.buy("2012-03-05", "R-1", ("high", "1200"))
    c.refund("2012-03-06", "R-1", "200")
    c.buy("2012-02-28", "R-2", ("high", "999"), who="C-2")
    result = c.ledger.report("retail.manager_forecast", as_of="2012-03-31")
    assert [row[:5] for row in result.rows] == [
        ("wang", 3, Decimal("2000.00"), Decimal("1000.00"), Decimal("50.00"))
    ]
    assert notes(result)["department"] == "1000.00 CNY"


@pytest.mark.rule("RET-40")
def test_what_a_customer_consumes_is_evaluated_over_a_year(cellar):
    c = cellar()
    c.buy("2011-06-15", "R-0", ("high", "777"))
    c.buy("2012-01-05", "R-1", ("high", "1500"), ("low", "500"))
    c.buy("2012-06-10", "R-2", ("low", "1000"))
    c.use("2012-06-10", "30")
    c.count("2012-06-10", "10")
    (row,) = c.ledger.report("retail.consumption_evaluation", as_of="2012-06-20").rows
    assert row == (
        "C-1",
        Decimal("3000.00"),
        2,
        Decimal("1500.00"),
        Decimal("50.00"),
        "rice: 1.00",
        Decimal("19000.00"),
    )


@pytest.mark.rule("RET-40")
def test_who_is_on_the_list_has_no_gap_to_it(cellar):
    c = cellar()
    c.buy("2012-06-10", "R-1", ("high", "10000"))
    c.apply("2012-06-11")
    assert c.ledger.report("retail.consumption_evaluation", as_of="2012-06-20").rows[0][6] == 0


@pytest.mark.rule("RET-40")
def test_the_file_is_backed_up_every_week(cellar):
    c = cellar()
    for moment in ("2012-01-04", "2012-01-17"):
        c.tell(moment, NoteBackup(place="safe", digest="0" * 64, position=1), who=HOUSE)
    states = {row.key: row.state for row in c.due("core.backup", "2012-01-24")}
    assert states == {"2012-W01": "done", "2012-W02": "not_done", "2012-W03": "done", "2012-W04": "open"}


@pytest.mark.rule("RET-54")
def test_goods_that_are_exchanged_for_dearer_ones_are_no_further_occasion(cellar):
    c = cellar()
    sold = ReceiptLine(net="500", paid="500", grade="mid", area="coloured_gems")
    c.tell("2012-05-10", RecordPurchase(receipt="A", paid=Money("500", "CNY"), lines=sold))
    exchange = RecordExchange(
        exchange="E",
        refund="F",
        receipt="G",
        replaces="A",
        returned=ExchangedLine(net="500", quantity=1),
        goods=attrs.evolve(sold, net="560", paid="560"),
    )
    c.tell("2012-05-12", exchange)
    (row,) = c.ledger.report("retail.consumption_evaluation", as_of="2012-06-20").rows
    assert row[1:4] == (560, 1, 560)
