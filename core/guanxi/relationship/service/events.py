"""What happens in service: complaints, feedback, needs, service requests, surveys, return visits, promises and trials."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from guanxi.kernel.messages import (
    REVISE,
    WOULD_DIFFER,
    Act,
    Decision,
    Fact,
    event,
    field,
    given,
    key,
    personal,
    revise_when,
)
from guanxi.kernel.privacy import Erased
from guanxi.kernel.values import Money

FeedbackKind = Literal["opinion", "suggestion", "inquiry", "praise", "fault_report"]
ServiceState = Literal[
    "acknowledged", "in_progress", "pending", "held", "resolved", "closed", "cancelled", "rejected"
]
VisitMethod = Literal["after_delivery", "after_complaint", "importance", "silent", "random_sample"]

ONCE_DRAWN_STANDS = revise_when(lambda stored, derived: stored is None)
"""Late effect: what is told late is judged as if it had been told in time; a decision that was drawn before stands, and is listed."""


@event("core.complaint_received", number="complaint")
class ComplaintReceived(Fact):
    """The customer complains, to us, to a dealer or to head office (CORE-34)."""

    complaint: str
    category: str
    content: str | Erased | None = personal("service", default=None)
    product: str | None = field(default=None)
    complained_of: str | None = field(default=None)
    claimed: Money | None = field(default=None)
    handler: str | None = field(default=None)
    received_by: str = field(default="firm")
    follows: str | None = field(default=None)


@event("core.complaint_step_taken")
class ComplaintStepTaken(Fact):
    """One step of handling a complaint (CORE-34)."""

    complaint: str
    handler: str
    step: str | Erased | None = personal("service", default=None)
    opportunity: str | None = field(default=None)


@event("core.complaint_notified")
class ComplaintNotified(Fact):
    """The customer was called about his complaint, or it was tried (CORE-34)."""

    complaint: str
    reached: bool = field(default=True)
    answered: bool = field(default=True)
    answer: str | Erased | None = personal("service", default=None)


@event("core.compensation_granted")
class CompensationGranted(Act):
    """Amends were granted, approved by a reviewer (CORE-35)."""

    complaint: str
    amount: Money
    reviewer: str


@event("core.complaint_closed")
class ComplaintClosed(Act):
    """The complaint is solved: with its result, its root cause and what is improved (CORE-35)."""

    complaint: str
    root_cause: str
    result: str | Erased | None = personal("service", default=None)
    improvement: str | Erased | None = personal("service", default=None)
    no_improvement: str | Erased | None = personal("service", default=None)
    opportunity: str | None = field(default=None)


@event("core.complaint_reopened")
class ComplaintReopened(Act):
    """The same complaint goes on, and its clock with it (CORE-35)."""

    complaint: str
    reason: str | Erased | None = personal("service", default=None)


@event("core.feedback_received", number="feedback")
class FeedbackReceived(Fact):
    """An opinion, a suggestion, an inquiry, praise or a fault report."""

    feedback: str
    kind: FeedbackKind
    category: str
    content: str | Erased | None = personal("service", default=None)
    product: str | None = field(default=None)


@event("core.feedback_answered")
class FeedbackAnswered(Fact):
    """Feedback was answered; an answer from an article names its version (CORE-92)."""

    feedback: str
    answer: str | Erased | None = personal("service", default=None)
    article: str | None = field(default=None)
    article_version: int | None = field(default=None)


@event("core.need_recorded", number="need")
class NeedRecorded(Fact):
    """What the customer asks for, in his own words (CORE-82)."""

    need: str
    wording: str | Erased | None = personal("service", default=None)
    channel: str
    product: str | None = field(default=None)


@event("core.need_class_named")
class NeedClassNamed(Act):
    """A person says which class a need is of; it counts before any rule's (CORE-82)."""

    need: str
    need_class: str


@event("core.need_classified")
class NeedClassified(Decision, late=ONCE_DRAWN_STANDS, retroactive=WOULD_DIFFER):
    """The class of a need by the first of the ordered words and products that fits (CORE-82)."""

    need: str = key()
    need_class: str
    matched: str = given()


@event("core.need_answered")
class NeedAnswered(Fact):
    """The back office answers a need with a service plan: how, when and by whom (CORE-82)."""

    need: str
    how: str | Erased | None = personal("service", default=None)
    planned_on: date
    who: str
    request: str | None = field(default=None)


@event("core.service_requested", number="request")
class ServiceRequested(Fact):
    """A service is asked for; its class says which chain of steps it runs through (CORE-36)."""

    request: str
    need_class: str
    chain: str
    how: str | Erased | None = personal("service", default=None)
    planned_on: date | None = field(default=None)
    who: str | None = field(default=None)
    product: str | None = field(default=None)
    serial: str | None = field(default=None)


@event("core.service_step_taken")
class ServiceStepTaken(Fact):
    """A step of the chain was taken or waived, or the work rests or goes on (CORE-36)."""

    request: str
    step: str | None = field(default=None)
    state: Literal["in_progress", "pending", "held"] = field(default="in_progress")
    post: str | None = field(default=None)
    who: str | None = field(default=None)
    waived: bool = field(default=False)
    reason: str | Erased | None = personal("service", default=None)
    hours: Decimal | None = field(default=None)
    parts_used: tuple[str, ...] = field(default=())


@event("core.service_completed")
class ServiceCompleted(Fact):
    """The service was rendered (CORE-36)."""

    request: str
    result: str | Erased | None = personal("service", default=None)
    hours: Decimal | None = field(default=None)
    parts_used: tuple[str, ...] = field(default=())


@event("core.service_closed")
class ServiceClosed(Act):
    """The request is closed, cancelled or rejected (CORE-36)."""

    request: str
    state: Literal["closed", "cancelled", "rejected"]
    reason: str | Erased | None = personal("service", default=None)


@event("core.survey_sent")
class SurveySent(Fact):
    """A survey was sent to the customer; told again for the same wave it says whether he was reached (CORE-37)."""

    survey: str
    wave: str
    reached: bool = field(default=False)


@event("core.survey_answered")
class SurveyAnswered(Fact):
    """The customer's score for one question; his latest counts (CORE-37)."""

    survey: str
    wave: str
    question: str
    scale: str
    score: int
    product: str | None = field(default=None)
    department: str | None = field(default=None)
    comment: str | Erased | None = personal("service", default=None)


@event("core.return_visit_drawn")
class ReturnVisitDrawn(Fact):
    """A selection over all customers chose this one for a return visit (CORE-38)."""

    method: VisitMethod
    drawn_on: date
    population: int
    start: int


@event("core.return_visit_selected", number="return_visit")
class ReturnVisitSelected(Decision, late=ONCE_DRAWN_STANDS, retroactive=WOULD_DIFFER):
    """The customer is to be called, by which method, and until when (CORE-38)."""

    return_visit: str = key()
    method: VisitMethod
    due: date
    population: int | None = given(default=None)
    start: int | None = given(default=None)


@event("core.return_visit_done")
class ReturnVisitDone(Fact):
    """A return visit, or an attempt at one (CORE-38)."""

    return_visit: str
    reached: bool = field(default=True)
    answered: tuple[str, ...] = field(default=())
    product_effect: str | Erased | None = personal("service", default=None)
    after_sales: str | Erased | None = personal("service", default=None)
    to_improve: str | Erased | None = personal("service", default=None)
    outlet: str | Erased | None = personal("service", default=None)
    other_service: str | Erased | None = personal("service", default=None)
    dedicated_line: str | Erased | None = personal("service", default=None)


@event("core.promise_made", number="promise")
class PromiseMade(Fact):
    """Something was promised to the customer (CORE-39)."""

    promise: str
    content: str | Erased | None = personal("service", default=None)
    due: date
    basis: str | Erased | None = personal("service", default=None)
    promiser: str


@event("core.promise_kept")
class PromiseKept(Fact):
    """What was promised was done (CORE-39)."""

    promise: str


@event("core.promise_released")
class PromiseReleased(Act):
    """The customer releases us from a promise (CORE-39)."""

    promise: str
    reason: str | Erased | None = personal("service", default=None)


@event("core.promise_broken")
class PromiseBroken(Decision, late=REVISE, retroactive=REVISE):
    """The due date went by and nobody said that the promise was kept (CORE-39)."""

    promise: str = key()
    due: date = given()


@event("core.trial_invited")
class TrialInvited(Fact):
    """The customer was invited to try a new product (CORE-90)."""

    trial: str
    product: str


@event("core.trial_taken")
class TrialTaken(Fact):
    """The customer tried it (CORE-90)."""

    trial: str


@event("core.impression_given")
class ImpressionGiven(Fact):
    """What he thinks of it: feedback, never a satisfaction score (CORE-90)."""

    trial: str
    content: str | Erased | None = personal("service", default=None)


EVENTS = (
    ComplaintReceived,
    ComplaintStepTaken,
    ComplaintNotified,
    CompensationGranted,
    ComplaintClosed,
    ComplaintReopened,
    FeedbackReceived,
    FeedbackAnswered,
    NeedRecorded,
    NeedClassNamed,
    NeedClassified,
    NeedAnswered,
    ServiceRequested,
    ServiceStepTaken,
    ServiceCompleted,
    ServiceClosed,
    SurveySent,
    SurveyAnswered,
    ReturnVisitDrawn,
    ReturnVisitSelected,
    ReturnVisitDone,
    PromiseMade,
    PromiseKept,
    PromiseReleased,
    PromiseBroken,
    TrialInvited,
    TrialTaken,
    ImpressionGiven,
)
