"""Stories of service: complaints, feedback, needs, requests, surveys, return visits, promises and trials."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from guanxi.kernel.values import Money
from guanxi.relationship.service.commands import (
    AnswerFeedback,
    AnswerNeed,
    AnswerSurvey,
    ClassifyNeed,
    CloseComplaint,
    CloseService,
    CompleteService,
    DoReturnVisit,
    GiveImpression,
    GrantCompensation,
    InviteToTrial,
    KeepPromise,
    MakePromise,
    NotifyComplainant,
    ReceiveComplaint,
    ReceiveFeedback,
    RecordNeed,
    ReleasePromise,
    ReopenComplaint,
    RequestService,
    SendSurvey,
    TakeComplaintStep,
    TakeServiceStep,
    TakeTrial,
)
from guanxi.relationship.service.events import FeedbackKind
from guanxi.testing.population.telling import Step, Teller

KINDS: tuple[FeedbackKind, ...] = ("opinion", "suggestion", "praise", "inquiry")
WORDS = ("维修", "咨询", "安装", "培训")
"""Words by which needs are classified; 培训 is not among them."""


def complaint(t: Teller) -> Iterator[Step]:
    """He complains, is called, gets amends, and is asked later; now and then the same comes up again."""
    number = t.code("CM")
    received = ReceiveComplaint(
        complaint=number,
        category=t.draw.choice(("quality", "delivery", "attitude")),
        content="合成投诉",
        claimed=Money(200, "CNY"),
        handler=t.customer.staff("service"),
    )
    yield t.say(0, 10, received, "desk")
    yield t.say(1, 10, TakeComplaintStep(complaint=number, step="合成调查"), "service")
    yield t.say(2, 10, NotifyComplainant(complaint=number, answer="合成答复"), "service")
    amends = GrantCompensation(complaint=number, amount=Money(100, "CNY"), reviewer=t.customer.staff("head"))
    yield t.say(3, 10, amends, "service")
    closed = CloseComplaint(complaint=number, result="合成结果", root_cause="process", improvement="合成改进")
    yield t.say(5, 10, closed, "service")
    visit = DoReturnVisit(
        return_visit=f"after_complaint/{number}/{t.day(5):%Y-%m-%d}",
        product_effect="合成好",
        after_sales="合成好",
        to_improve="无",
        outlet="合成好",
        other_service="合成好",
        dedicated_line="合成好",
    )
    yield t.say(7, 10, visit, "service")
    if t.customer.number % 2:
        yield t.say(12, 10, ReopenComplaint(complaint=number, reason="合成复发"), "desk")
        again = CloseComplaint(
            complaint=number, result="合成结果", root_cause="process", no_improvement="合成"
        )
        yield t.say(15, 10, again, "service")


def feedback(t: Teller) -> Iterator[Step]:
    """He says what he thinks, and is answered."""
    number, kind = t.code("F"), t.draw.choice(KINDS)
    yield t.say(
        0, 10, ReceiveFeedback(feedback=number, kind=kind, category="product", content="合成意见"), "desk"
    )
    yield t.say(2, 10, AnswerFeedback(feedback=number, answer="合成答复"), "service")


def need(t: Teller) -> Iterator[Step]:
    """He needs something, which is classified and answered; a wrong class is put right by a person."""
    number, word = t.code("N"), t.draw.choice(WORDS)
    yield t.say(0, 10, RecordNeed(need=number, wording=f"合成：需要{word}", channel="telephone"), "desk")
    if t.draw.random() < 0.3:
        yield t.say(1, 10, ClassifyNeed(need=number, need_class="consultation"), "service")
    answer = AnswerNeed(need=number, how="合成方案", planned_on=t.day(5), who=t.customer.staff("service"))
    yield t.say(2, 10, answer, "service")


def request(t: Teller) -> Iterator[Step]:
    """A service goes through its steps; a few are called off."""
    number = t.code("SR")
    asked = RequestService(
        request=number, need_class="repair", how="合成报修", product="SYN-PUMP", special=False
    )
    yield t.say(0, 10, asked, "desk")
    if t.draw.random() < 0.1:
        yield t.say(1, 10, CloseService(request=number, state="cancelled", reason="合成取消"), "desk")
        return
    yield t.say(1, 9.5, TakeServiceStep(request=number, step="accept"), "service")
    yield t.say(3, 14, TakeServiceStep(request=number, step="repair", hours=Decimal("1.5")), "engineer")
    yield t.say(4, 10, CompleteService(request=number, result="合成修复"), "engineer")
    yield t.say(6, 10, CloseService(request=number), "desk")


def survey(t: Teller) -> Iterator[Step]:
    """He is asked how content he is, and most answer."""
    wave = f"{t.first:%Y-%m}"
    yield t.say(0, 10, SendSurvey(survey="syn-csat", wave=wave, reached=True), "service")
    if t.draw.random() < 0.8:
        answer = AnswerSurvey(
            survey="syn-csat", wave=wave, scale="csat", score=t.draw.choice((5, 5, 4, 4, 3, 2))
        )
        yield t.say(3, 10, answer, "service")


def promise(t: Teller) -> Iterator[Step]:
    """Something is promised: kept, kept and told late, let go, or broken."""
    number, how = t.code("PR"), t.draw.random()
    made = MakePromise(
        promise=number, content="合成承诺", due=t.day(7), basis="call", promiser=t.customer.staff("seller")
    )
    yield t.say(0, 10, made)
    if how < 0.6:
        yield t.say(5, 10, KeepPromise(promise=number))
    elif how < 0.8:
        yield t.say(6, 10, KeepPromise(promise=number), late=1)
    elif how < 0.9:
        yield t.say(4, 10, ReleasePromise(promise=number, reason="合成免除"))


def trial(t: Teller) -> Iterator[Step]:
    """He tries a new product and says what he thinks of it."""
    number = t.code("TR")
    yield t.say(0, 10, InviteToTrial(trial=number, product="SYN-NEW"))
    yield t.say(5, 10, TakeTrial(trial=number))
    yield t.say(9, 10, GiveImpression(trial=number, content="合成观感"))
