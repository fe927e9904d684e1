"""What each branch does besides its customers: staff and posts, campaigns, gatherings, goals, forms, schedules, its log-ins."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from guanxi.kernel.messages import Command
from guanxi.kernel.values import Money
from guanxi.relationship.access.commands import (
    AbolishPost,
    DecideApproval,
    EnrolStaff,
    EstablishPost,
    ExecuteAccountChange,
    FreezeAccount,
    IssueExtract,
    KeepAttempt,
    KeepView,
    LeavePost,
    LogIn,
    RecordDeparture,
    RecordDutyTrip,
    RecordLeave,
    RequestAccountChange,
    RequestApproval,
    RequestLookup,
    SetLevel,
    TakePost,
)
from guanxi.relationship.access.events import Role
from guanxi.relationship.access.streams import log_stream, post_stream, staff_stream
from guanxi.relationship.campaigns.commands import (
    CountCampaignDay,
    DoCampaignStep,
    EndCampaign,
    EvaluateCampaign,
    FileCampaignFeedback,
    IncurCampaignCost,
    PlanCampaign,
    ResolveHeadConflict,
    ReviewProgramme,
    TargetCustomers,
)
from guanxi.relationship.campaigns.events import CampaignStep
from guanxi.relationship.care.commands import HoldGathering
from guanxi.relationship.governance.commands import NoteBackup, NoteReportIssued, ReviewRuleSet
from guanxi.relationship.governance.house import HOUSE
from guanxi.relationship.together.commands import (
    CancelAppointment,
    DefineForm,
    MakeAppointment,
    MoveAppointment,
    PublishKnowledge,
    ReviseGoal,
    SetGoal,
)
from guanxi.testing.population.people import BRANCH, account, section_of, staff
from guanxi.testing.population.stories.caring import campaign_of, gathering_of
from guanxi.testing.population.stories.keeping import form_of
from guanxi.testing.population.telling import Step

if TYPE_CHECKING:
    from guanxi.testing.population.plan import Population

POSTS: dict[str, Role] = {
    "head": "section_head",
    "leader": "group_management",
    "marketing": "group_marketing",
    "seller": "business",
    "rival": "business",
    "desk": "section_admin",
    "service": "business",
    "engineer": "business",
    "collector": "business",
}
"""The posts of a branch, and the role of each."""
YEAR_END = 11
SECOND_CAMPAIGN, CLASHING = 4, range(2, 7)
"""In which month a second campaign aims at customers of the first, and at which places of the branch."""


class _Branch:
    """Says what one branch tells in one month."""

    def __init__(self, number: int, first: date, population: Population) -> None:
        self.number, self.first, self.population = number, first, population
        self.code = f"{number:04}"

    def say(
        self, day: int, hour: float, subject: str, command: Command, by: str = "head", *, order: bool = False
    ) -> Step:
        """Return a step on a day of the month."""
        at = datetime.combine(self.first, datetime.min.time(), self.population.tz)
        return Step(
            subject=subject,
            command=command,
            at=at + timedelta(days=day - 1, minutes=round(hour * 60)),
            actor=self.who(by),
            order=order,
            ref=f"house/{self.code}/{self.first:%Y-%m}/{day}/{hour}/{type(command).__name__}",
        )

    def who(self, post: str) -> str:
        """Return who holds a post."""
        return staff(self.number, post)

    def goal(self) -> str:
        """Return the stream of its goal."""
        return f"goal/syn-{self.code}"


def setting_up(number: int, population: Population) -> Iterator[Step]:
    """Tell what a branch begins with, on the first day before its doors open.

    Args:
        number: of the branch.
        population: it belongs to.
    """
    b = _Branch(number, population.start, population)
    own = section_of(b.number)
    for place, (post, role) in enumerate(POSTS.items()):
        user, name = b.who(post), f"syn-{b.code}-{post}"
        above = None if post == "leader" else f"syn-{b.code}-leader"
        yield b.say(
            1, 1 + place / 60, post_stream(name), EstablishPost(role=role, section=own, reports_to=above)
        )
        yield b.say(1, 2 + place / 60, staff_stream(user), EnrolStaff(name=f"合成员工{place + 1}"))
        yield b.say(1, 3 + place / 60, staff_stream(user), TakePost(post=name))
        yield b.say(1, 4 + place / 60, staff_stream(user), SetLevel(section=own, level=4))
    form = form_of(number)
    yield b.say(1, 5, f"form/{form.form}", DefineForm(title=form.title, fields=form.fields, flow=form.flow))
    yield b.say(1, 5.5, f"knowledge/syn-{b.code}", PublishKnowledge(title="合成问答", text="合成标准答复"))
    goal = SetGoal(
        measure="receipts",
        owner=b.who("head"),
        target=Decimal(1_000_000),
        period_from=population.start,
        period_until=date(population.start.year, 12, 31),
    )
    yield b.say(1, 6, b.goal(), goal, "leader")
    for which, department in ((1, "marketing"), (2, "service")):
        campaign = campaign_of(number, which)
        plan = PlanCampaign(
            title=f"合成活动{which}",
            department=department,
            segment="合成客群",
            code=f"{campaign}-code",
            programme="syn-programme",
            promotion="gift",
            channels=("sms",),
            budget=Money(5_000, "CNY"),
            starts_on=population.start,
            ends_on=population.start + timedelta(days=300),
            planned_calls=5,
            planned_responses=20,
        )
        yield b.say(1, 6.5, campaign, plan, "marketing")


def month(number: int, place: int, population: Population) -> Iterator[Step]:
    """Tell what a branch does in a month.

    Args:
        number: of the branch.
        place: the month, counted from 0.
        population: it belongs to.
    """
    b = _Branch(number, population.first_day(place), population)
    for post in POSTS:
        for day in (2, 9, 16, 23):
            yield b.say(day, 8.5, staff_stream(b.who(post)), LogIn(), post)
    yield from _looked_at(b)
    yield from _appointments(b)
    gathering = HoldGathering(kind="store_event", minutes="合成纪要", measures="合成措施")
    yield b.say(26, 14, gathering_of(number, b.first.month), gathering, "marketing")
    yield b.say(28, 19, HOUSE, NoteBackup(place=f"syn-{b.code}", digest=f"syn-{b.first:%Y-%m}", position=1))
    yield from _campaigns(b, place)
    if place in (1, 6):
        yield from _absences(b)
    if place == 3:
        yield b.say(5, 10, b.goal(), ReviseGoal(target=Decimal(1_200_000), because="合成调整"), "leader")
        yield b.say(6, 10, f"knowledge/syn-{b.code}", PublishKnowledge(title="合成问答", text="合成新答复"))
    if place == 5:
        yield from _leaver(b)
        yield b.say(7, 10, HOUSE, ReviewRuleSet(rule_set="core.contact", version=0))


def _looked_at(b: _Branch) -> Iterator[Step]:
    one = account(b.number * BRANCH)
    user, stamp = b.who("seller"), f"{b.first:%Y-%m}"
    yield b.say(
        12,
        10,
        log_stream(user, b.first.replace(day=12)),
        KeepView(customer=one, operation="whole_view", on="own"),
        "seller",
    )
    attempt = KeepAttempt(
        operation="whole_view", asked="whole_view", code="not_authorised", rule="CORE-69", customer=one
    )
    yield b.say(13, 10, log_stream(user, b.first.replace(day=13)), attempt, "seller")
    lookup = RequestLookup(lookup=f"syn-LU-{b.code}-{stamp}", customers=(one,), purpose="合成查询")
    yield b.say(14, 10, staff_stream(user), lookup, "seller")
    asked = RequestApproval(
        approval=f"syn-AP-{b.code}-{stamp}", item="extract", customer=one, purpose="合成摘录"
    )
    yield b.say(14, 11, staff_stream(user), asked, "seller")
    yield b.say(
        15, 10, staff_stream(user), DecideApproval(approval=asked.approval, outcome="approved"), "head"
    )
    issued = IssueExtract(
        extract=f"syn-EX-{b.code}-{stamp}", customer=one, approval=asked.approval, receiver="合成收件人"
    )
    yield b.say(16, 10, staff_stream(user), issued, "desk")


def _appointments(b: _Branch) -> Iterator[Step]:
    stream, base = f"schedule/{b.who('seller')}", f"syn-AT-{b.code}-{b.first:%Y-%m}"
    at = datetime.combine(b.first, datetime.min.time(), b.population.tz) + timedelta(days=17, hours=10)
    hour, day = timedelta(hours=1), timedelta(days=1)
    for part in (1, 2):
        made = MakeAppointment(
            appointment=f"{base}-{part}",
            starts=at + part * day,
            ends=at + part * day + hour,
            with_whom="合成客户",
        )
        yield b.say(3, 9 + part, stream, made, "seller")
    moved = MoveAppointment(
        appointment=f"{base}-1", starts=at + 4 * day, ends=at + 4 * day + hour, because="合成改期"
    )
    yield b.say(8, 10, stream, moved, "seller")
    yield b.say(9, 10, stream, CancelAppointment(appointment=f"{base}-2", because="合成取消"), "seller")


def _campaigns(b: _Branch, place: int) -> Iterator[Step]:
    one, two = campaign_of(b.number, 1), campaign_of(b.number, 2)
    steps: tuple[CampaignStep, ...] = ("idea", "analysis", "planning", "test", "execution")
    for n in (1, 2):
        spent = IncurCampaignCost(
            cost=f"syn-CC-{b.code}-{b.first:%m}-{n}", amount=Money(100, "CNY"), item="短信"
        )
        yield b.say(10, 10 + n, one if n == 1 else two, spent, "marketing")
    yield b.say(20, 18, one, CountCampaignDay(answered_calls=4, site_visits=1, responses=2), "marketing")
    if place == 0:
        for n, step in enumerate(steps):
            yield b.say(2, 9 + n / 4, one, DoCampaignStep(step=step), "marketing", order=step == "execution")
    if place == SECOND_CAMPAIGN:
        clash = tuple(
            account(n) for n in (b.number * BRANCH + c for c in CLASHING) if n < b.population.customers
        )
        if clash:
            yield b.say(3, 8, one, TargetCustomers(customers=clash), "marketing", order=True)
            yield b.say(3, 9, two, TargetCustomers(customers=clash), "service", order=True)
        waived = DoCampaignStep(step="execution", waiver_reason="合成试点")
        yield b.say(4, 9, two, waived, "service", order=True)
        if clash:
            yield b.say(
                5, 9, two, ResolveHeadConflict(other_campaign=one, ruling="joint"), "leader", order=True
            )
    if place == YEAR_END - 1:
        for campaign in (one, two):
            yield b.say(26, 17, campaign, EndCampaign(outcome="合成完成"), "marketing", order=True)
            fed = FileCampaignFeedback(changed=False, content="合成归档")
            yield b.say(27, 17, campaign, fed, "marketing", order=True)
    if place == YEAR_END:
        evaluated = EvaluateCampaign(
            report=f"syn-report-{b.code}",
            sent=40,
            reached_customers=38,
            responded=20,
            cost=Money(1_200, "CNY"),
        )
        yield b.say(10, 17, one, evaluated, "marketing")
        review = ReviewProgramme(
            year=b.first.year, goals=4, goals_reached=3, cost=Money(2_400, "CNY"), benefit=Money(9_000, "CNY")
        )
        yield b.say(20, 17, f"syn-programme-{b.code}", review, "leader")
        yield b.say(21, 17, HOUSE, _issued(b), "leader")


def _issued(b: _Branch) -> NoteReportIssued:
    day = f"{b.first:%Y-%m}-21"
    manifest = {
        "report": "core.files",
        "plugin": "core",
        "plugin_version": "1",
        "parameters": {},
        "as_of": day,
        "as_known": day,
        "position": 1,
        "zone": b.population.zone,
        "rows": BRANCH,
        "digest": f"synthetic-{b.code}",
    }
    return NoteReportIssued(issue=f"syn-RI-{b.code}", manifest=manifest)


def _absences(b: _Branch) -> Iterator[Step]:
    stream, stamp = staff_stream(b.who("engineer")), f"{b.code}-{b.first:%m}"
    days = calendar.monthrange(b.first.year, b.first.month)[1]
    away = RecordDutyTrip(
        trip=f"syn-DT-{stamp}", first_day=b.first.replace(day=10), last_day=b.first.replace(day=12)
    )
    yield b.say(9, 10, stream, away)
    leave = RecordLeave(
        leave=f"syn-LV-{stamp}", first_day=b.first.replace(day=24), last_day=b.first.replace(day=days)
    )
    yield b.say(20, 10, stream, leave)


def _leaver(b: _Branch) -> Iterator[Step]:
    user, post = b.who("temp"), f"syn-{b.code}-temp"
    stream, change = staff_stream(user), f"syn-AC-{b.code}"
    established = EstablishPost(role="business", section=section_of(b.number))
    yield b.say(1, 8, post_stream(post), established)
    yield b.say(1, 9, stream, EnrolStaff(name="合成临时工"))
    yield b.say(1, 10, stream, TakePost(post=post))
    departs = RecordDeparture(departure=f"syn-DP-{b.code}", leaves_on=b.first.replace(day=20))
    yield b.say(10, 10, stream, departs)
    yield b.say(11, 9, stream, FreezeAccount(reason="合成离职"))
    asked = RequestAccountChange(
        change=change, kind="leave", reason="合成离职", handling="合成交接", leaves_on=b.first.replace(day=20)
    )
    yield b.say(12, 9, stream, asked, "desk")
    yield b.say(13, 9, stream, DecideApproval(approval=change, outcome="approved"), "leader")
    yield b.say(20, 17, stream, LeavePost(post=post))
    yield b.say(21, 9, stream, ExecuteAccountChange(change=change), "desk")
    yield b.say(22, 9, post_stream(post), AbolishPost())
