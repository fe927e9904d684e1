"""Stories of selling: people, leads, opportunities, visits, plans, quotations, bids and contracts."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi.kernel.values import Money
from guanxi.relationship.dealings.commands import IssueInvoice, PlanInstalment, RecordReceipt
from guanxi.relationship.ownership.commands import (
    AcceptHandover,
    AssignMaintainer,
    AssignOversight,
    AssignSection,
    ProposeHandover,
    ReleaseMaintainer,
    ReleaseOversight,
    RequestCrossSection,
    ResolveCollision,
)
from guanxi.relationship.people.commands import (
    AnswerConcern,
    NameContactPerson,
    RecordConcern,
    RecordContactPersonLeft,
)
from guanxi.relationship.people.events import RiskCode
from guanxi.relationship.pipeline.commands import (
    AmendContract,
    AnswerQuotation,
    AssignLead,
    AssignOpportunity,
    CloseLead,
    CloseOpportunity,
    ConfirmContract,
    DecideBid,
    EndContract,
    FileCustomerPlan,
    FileInvestigation,
    IssueQuotation,
    MoveOpportunity,
    OpenOpportunity,
    PassOnIncoming,
    PlanBid,
    PlanVisit,
    RecordAction,
    RecordLead,
    RegisterIncoming,
    ReopenOpportunity,
    ReportVisit,
    ReviewCustomer,
    ReviewCustomerPlan,
    SignContract,
    SubmitBid,
    TakeCollectiveDecision,
    UpgradeLead,
)
from guanxi.relationship.pipeline.events import Direction
from guanxi.relationship.together.commands import JoinTeam, LeaveTeam
from guanxi.testing.population.people import section_of
from guanxi.testing.population.telling import Step, Teller

WAYS: tuple[Direction, ...] = ("in", "out")
RISKS: tuple[RiskCode, ...] = ("financial", "performance", "time", "social")
FAMILIES = ("pumps", "valves", "tools", "care")
PARTS = ("credit", "product_fit", "quality_terms", "volume", "cost")
SUBJECTS = ("nature", "size", "funds", "ability")


def calls(t: Teller) -> Iterator[Step]:
    """Somebody calls him, or he calls."""
    way = t.draw.choice(WAYS)
    answered = t.draw.random() < 0.7
    call = RecordAction(kind="call", direction=way, two_way=way == "in" or answered, content="合成通话")
    yield t.say(0, 10 + t.draw.random() * 6, call)


def visits(t: Teller) -> Iterator[Step]:
    """A visit is planned, made and reported."""
    plan, visit = t.code("VP"), t.code("V")
    yield t.say(0, 9.5, PlanVisit(visit_plan=plan, on=t.day(4), purpose="合成拜访"))
    yield t.say(4, 15, RecordAction(kind="visit", two_way=True, visit=visit, visit_plan=plan))
    report = ReportVisit(visit=visit, attitude="favourable", remarks="合成记录")
    yield t.say(5, 10, report)


def mail(t: Teller) -> Iterator[Step]:
    """A letter comes in and is passed on."""
    number = t.code("IN")
    yield t.say(0, 11, RegisterIncoming(incoming=number, medium="letter", content="合成来信"), "desk")
    yield t.say(1, 9.5, PassOnIncoming(incoming=number, passed_to=t.customer.staff("seller")), "desk")


def plans(t: Teller) -> Iterator[Step]:
    """A plan for him is filed and reviewed."""
    number = t.code("P")
    plan = FileCustomerPlan(
        plan=number, goal="合成目标", measures=("拜访",), owner=t.customer.staff("seller")
    )
    yield t.say(0, 10, plan)
    yield t.say(6, 10, ReviewCustomerPlan(plan=number, outcome="approved"), "head")


def people(t: Teller) -> Iterator[Step]:
    """Somebody speaks for the firm, and another takes his place."""
    one, two = t.code("CP", 1), t.code("CP", 2)
    named = NameContactPerson(
        person=one, name="合成联系人", post="采购经理", decision_role="decides", key_person=True
    )
    yield t.say(0, 10, named)
    yield t.say(30, 10, NameContactPerson(person=two, name="合成继任", decision_role="buys"))
    yield t.say(31, 10, RecordContactPersonLeft(person=one, cause="moved", successor=two))


def concerns(t: Teller) -> Iterator[Step]:
    """He has a worry, and gets an answer."""
    number = t.code("Q")
    risk = t.draw.choice(RISKS)
    yield t.say(0, 11, RecordConcern(concern=number, risk=risk, content="合成顾虑"))
    yield t.say(3, 11, AnswerConcern(concern=number, answer="合成答复"))


def lead(t: Teller) -> Iterator[Step]:
    """A lead comes to nothing."""
    number = t.code("L")
    seller = t.customer.staff("seller")
    yield t.say(0, 10, RecordLead(lead=number, need="合成需求", source="fair", families=("care",)))
    yield t.say(0, 10.5, AssignLead(lead=number, assignee=seller), "head")
    yield t.say(14, 10, CloseLead(lead=number, reason_code="no_need"))


def opportunity(t: Teller) -> Iterator[Step]:
    """A lead becomes an opportunity with a quotation, and is won or lost; a lost one may come back."""
    number, seller = t.code("O"), t.customer.staff("seller")
    source, quotation = t.code("L"), t.code("QU")
    family, amount = t.draw.choice(FAMILIES), t.money(2_000, 90_000)
    yield t.say(0, 10, RecordLead(lead=source, need="合成需求", urgency="eager", families=(family,)))
    yield t.say(1, 10, AssignLead(lead=source, assignee=seller), "head")
    upgrade = UpgradeLead(lead=source, opportunity=number, families=(family,), amount=amount)
    yield t.say(4, 10, upgrade)
    yield t.say(4, 11, AssignOpportunity(opportunity=number, assignee=seller), "head")
    join = JoinTeam(person=t.customer.staff("engineer"), item_kind="opportunity", item=number, part="方案")
    yield t.say(5, 11, join, "head")
    yield t.say(10, 11, MoveOpportunity(opportunity=number, stage="quotation"))
    offer = IssueQuotation(quotation=quotation, amount=amount, valid_until=t.day(45), opportunity=number)
    yield t.say(10, 14, offer)
    leave = LeaveTeam(person=t.customer.staff("engineer"), item_kind="opportunity", item=number)
    yield t.say(15, 11, leave, "head")
    won = t.draw.random() < 0.6
    yield t.say(20, 11, AnswerQuotation(quotation=quotation, answer="accepted" if won else "declined"))
    if won:
        yield t.say(22, 11, CloseOpportunity(opportunity=number, outcome="won"))
        return
    yield t.say(22, 11, CloseOpportunity(opportunity=number, outcome="lost", reason_code="price"))
    yield t.say(30, 11, ReopenOpportunity(opportunity=number, reason="合成再议"))
    yield t.say(40, 11, CloseOpportunity(opportunity=number, outcome="won"))


def collision(t: Teller) -> Iterator[Step]:
    """Two people work him for the same thing, and their head says who goes on."""
    one, two = t.code("O", 1), t.code("O", 2)
    seller, rival = t.customer.staff("seller"), t.customer.staff("rival")
    yield t.say(0, 10, OpenOpportunity(opportunity=one, families=("tools",), assignee=seller))
    yield t.say(1, 10, OpenOpportunity(opportunity=two, families=("tools",), assignee=rival), "rival")
    ruled = ResolveCollision(first=one, second=two, person=seller, resolution="先到先得")
    yield t.say(3, 10, ruled, "head")
    yield t.say(4, 10, CloseOpportunity(opportunity=two, outcome="lost", reason_code="collision"), "rival")
    yield t.say(12, 10, CloseOpportunity(opportunity=one, outcome="won"))


def tender(t: Teller) -> Iterator[Step]:
    """A tender is answered."""
    number = t.code("B")
    yield t.say(0, 10, PlanBid(bid=number, tender=t.code("T"), due=t.moment(12, 17)))
    yield t.say(9, 16, SubmitBid(bid=number, amount=t.money(20_000, 200_000)))
    won = t.draw.random() < 0.4
    decided = DecideBid(bid=number, outcome="won" if won else "lost", reason_code=None if won else "price")
    yield t.say(25, 11, decided)


def contract(t: Teller) -> Iterator[Step]:
    """A contract goes through the gate, is signed, amended, paid in two parts and ended."""
    number, amount = t.code("C"), t.money(20_000, 80_000)
    head = t.customer.staff("head")
    yield t.say(0, 10, FileInvestigation(document=t.code("INV"), subjects=SUBJECTS))
    yield t.say(1, 10, ReviewCustomer(results=dict.fromkeys(PARTS, True)), "head")
    taken = TakeCollectiveDecision(
        contract=number,
        attendees=(head, t.customer.staff("desk"), t.customer.staff("engineer")),
        minutes=t.code("M"),
    )
    yield t.say(2, 10, taken, "head")
    yield t.say(3, 10, ConfirmContract(contract=number), "head")
    signed = SignContract(
        contract=number,
        amount=amount,
        parties=("合成甲方", "合成乙方"),
        starts_on=t.day(4),
        ends_on=t.day(100),
        deal_type=t.draw.choice(("goods", "installed")),
    )
    yield t.say(4, 10, signed)
    half = Money(amount.amount / 2, "CNY")
    for part, days in ((1, 20), (2, 50)):
        yield t.say(
            5,
            10 + part,
            PlanInstalment(contract=number, instalment=str(part), due_on=t.day(days), amount=half),
        )
    bill = IssueInvoice(invoice=t.code("I"), amount=half, contract=number, instalment="1")
    yield t.say(10, 10, bill, "desk")
    paid = RecordReceipt(receipt=t.code("RC", 1), amount=half, receivable=f"{number}/1")
    yield t.say(18, 10, paid, "desk")
    yield t.say(25, 10, AmendContract(contract=number, amendment=t.code("A"), added=Money(1000, "CNY")))
    paid = RecordReceipt(receipt=t.code("RC", 2), amount=half, receivable=f"{number}/2")
    yield t.say(52, 10, paid, "desk")
    yield t.say(57, 10, EndContract(contract=number, how="fulfilled"), "head")


def handover(t: Teller) -> Iterator[Step]:
    """He goes over to another maintainer, is released, and taken on again."""
    number, rival = t.code("H"), t.customer.staff("rival")
    yield t.say(0, 10, ProposeHandover(handover=number, receiver=rival))
    signed = AcceptHandover(handover=number, giver_signature="合成签字", receiver_signature="合成签字")
    yield t.say(2, 10, signed, "rival")
    yield t.say(20, 10, ReleaseMaintainer(basis="合成调整"), "head")
    yield t.say(21, 10, AssignMaintainer(person=t.customer.staff("seller")), "head")


def second_maintainer(t: Teller) -> Iterator[Step]:
    """Somebody is told to be his maintainer although another one is; it is kept and flagged."""
    yield t.say(0, 10, AssignMaintainer(person=t.customer.staff("rival")), "head", happened=True)


def section(t: Teller) -> Iterator[Step]:
    """Another section asks for him and gets him."""
    number, other = t.code("X"), section_of(t.customer.branch) + "-b"
    yield t.say(0, 10, RequestCrossSection(request=number, section=other))
    yield t.say(3, 10, AssignSection(section=other, request=number), "marketing")


def oversight(t: Teller) -> Iterator[Step]:
    """A leader has an eye on him, and later no more."""
    leader = t.customer.staff("head")
    yield t.say(0, 10, AssignOversight(leader=leader, scheme=None), "marketing")
    yield t.say(25, 10, ReleaseOversight(leader=leader), "marketing")
