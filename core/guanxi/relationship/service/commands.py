"""What people tell about service, or order: checked for its form here, and for its sense by the facets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Incomplete, Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.values import Money
from guanxi.relationship.checks import named, named_or_none, one_of
from guanxi.relationship.service.checks import missing, stated
from guanxi.relationship.service.events import FeedbackKind, VisitMethod

ANSWERED = ("product_effect", "after_sales", "to_improve", "outlet", "other_service", "dedicated_line")
"""The six items of the questionnaire of a return visit (CORE-38)."""

RECEIVERS = ("firm", "dealer", "head_office")
"""To whom customers complain (CORE-34)."""


def _positive(_: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    if value is None or value.amount > 0:
        return
    zero = value.amount == 0
    raise Invalid(
        "amount_zero" if zero else "amount_sign",
        f"{attribute.name} is {value}",
        zh=f"{attribute.name} 为 {value}",
        accepts="an amount above zero",
    )


def _hours(_: object, attribute: attrs.Attribute[Any], value: Decimal | None) -> None:
    if value is not None and value < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value}",
            zh=f"{attribute.name} 为 {value}",
            accepts="hours, at least 0",
        )


def _reasoned(waive: bool, reason: str | None) -> None:
    if waive and reason is None:
        raise missing("CORE-36", "the reason of the waiver is missing", "缺少豁免原因", "reason: text")


@command("core.receive_complaint", after_closing=True)
class ReceiveComplaint(Command):
    """Record a complaint (CORE-34).

    Args:
        complaint: its number.
        category: what sort it is of.
        content: what the customer says.
        product: what it is about.
        complained_of: the person complained of.
        claimed: the amount the customer claims.
        handler: who handles it; never the person complained of.
        received_by: ``firm``, ``dealer`` or ``head_office``.
    """

    complaint: str = field(validator=named)
    category: str = field(validator=named)
    content: str | None = field(default=None)
    product: str | None = field(default=None, validator=named_or_none)
    complained_of: str | None = field(default=None, validator=named_or_none)
    claimed: Money | None = field(default=None, validator=_positive)
    handler: str | None = field(default=None, validator=named_or_none)
    received_by: str = field(default="firm", validator=one_of(*RECEIVERS))


@command("core.take_complaint_step", after_closing=True)
class TakeComplaintStep(Command):
    """Record one step of handling a complaint.

    Args:
        complaint: its number.
        step: what was done.
        handler: who did it; the actor if not given.
        opportunity: the opportunity that the complaint produced.
    """

    complaint: str = field(validator=named)
    step: str = field(validator=named)
    handler: str | None = field(default=None, validator=named_or_none)
    opportunity: str | None = field(default=None, validator=named_or_none)


@command("core.notify_complainant", after_closing=True)
class NotifyComplainant(Command):
    """Record the informing call (CORE-34).

    Args:
        complaint: its number.
        reached: whether somebody answered; an attempt without contact fulfils nothing.
        answered: whether he was given a truthful answer.
        answer: what he was told.
    """

    complaint: str = field(validator=named)
    reached: bool = field(default=True)
    answered: bool = field(default=True)
    answer: str | None = field(default=None)


@command("core.grant_compensation")
class GrantCompensation(Command):
    """Grant amends for a complaint (CORE-35).

    Args:
        complaint: its number.
        amount: how much.
        reviewer: who approved it; neither the actor nor the person complained of.
    """

    complaint: str = field(validator=named)
    amount: Money = field(validator=_positive)
    reviewer: str | None = field(default=None)


@command("core.close_complaint", after_closing=True)
class CloseComplaint(Command):
    """Close a complaint (CORE-35).

    Args:
        complaint: its number.
        result: what came of it.
        root_cause: code of its cause.
        improvement: what is improved.
        no_improvement: why nothing is, where nothing is.
        opportunity: the opportunity that the complaint produced.
    """

    complaint: str = field(validator=named)
    result: str | None = field(default=None, validator=stated("CORE-35", "the result", "处理结果"))
    root_cause: str | None = field(default=None, validator=stated("CORE-35", "the root cause", "根本原因"))
    improvement: str | None = field(default=None, validator=named_or_none)
    no_improvement: str | None = field(default=None, validator=named_or_none)
    opportunity: str | None = field(default=None, validator=named_or_none)

    def __attrs_post_init__(self) -> None:
        if self.improvement is None and self.no_improvement is None:
            raise missing(
                "CORE-35",
                "the improvement, or why there is none, is missing",
                "缺少改进措施或无改进的理由",
                "improvement or no_improvement",
            )


@command("core.reopen_complaint", after_closing=True)
class ReopenComplaint(Command):
    """Reopen a complaint; after ``reopen_days`` it becomes a new one that names it (CORE-35).

    Args:
        complaint: its number.
        reason: why.
        as_complaint: number of the new complaint, should it become one; the old number and ``/2`` if not given.
    """

    complaint: str = field(validator=named)
    reason: str | None = field(default=None, validator=stated("CORE-35", "the reason", "恢复原因"))
    as_complaint: str | None = field(default=None, validator=named_or_none)


@command("core.receive_feedback")
class ReceiveFeedback(Command):
    """Record an opinion, a suggestion, an inquiry, praise or a fault report.

    Args:
        feedback: its number.
        kind: ``opinion``, ``suggestion``, ``inquiry``, ``praise`` or ``fault_report``.
        category: what sort it is of.
        content: what the customer says.
        product: what it is about.
    """

    feedback: str = field(validator=named)
    kind: FeedbackKind = field(validator=one_of("opinion", "suggestion", "inquiry", "praise", "fault_report"))
    category: str = field(validator=named)
    content: str | None = field(default=None)
    product: str | None = field(default=None, validator=named_or_none)


@command("core.answer_feedback")
class AnswerFeedback(Command):
    """Record the answer to feedback.

    Args:
        feedback: its number.
        answer: what was answered.
        article: the article or standard answer that it was taken from.
        article_version: which version of it.
    """

    feedback: str = field(validator=named)
    answer: str | None = field(default=None)
    article: str | None = field(default=None, validator=named_or_none)
    article_version: int | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        if self.article is not None and not self.article_version:
            raise Incomplete(
                "document_missing",
                f"the answer names the article {self.article}, and not its version",
                zh=f"答复引用了知识条目 {self.article}，但未注明版本",
                rule="CORE-92",
                accepts="article_version=...",
            )


@command("core.record_need")
class RecordNeed(Command):
    """Record what the customer asks for, in his words (CORE-82).

    Args:
        need: its number.
        wording: his words.
        channel: how it came.
        product: what it is about.
        need_class: its class, where a person says so; the rule does otherwise.
    """

    need: str = field(validator=named)
    wording: str = field(validator=named)
    channel: str = field(validator=named)
    product: str | None = field(default=None, validator=named_or_none)
    need_class: str | None = field(default=None, validator=named_or_none)


@command("core.classify_need")
class ClassifyNeed(Command):
    """Say which class a need is of.

    Args:
        need: its number.
        need_class: its class.
    """

    need: str = field(validator=named)
    need_class: str = field(validator=named)


@command("core.answer_need")
class AnswerNeed(Command):
    """Answer a need with a service plan (CORE-82).

    Args:
        need: its number.
        how: how it is met.
        planned_on: when.
        who: by whom.
        request: the service request that it started.
    """

    need: str = field(validator=named)
    how: str | None = field(default=None, validator=stated("CORE-82", "how it is met", "如何满足"))
    planned_on: date | None = field(default=None, validator=stated("CORE-82", "when it is met", "何时满足"))
    who: str | None = field(default=None, validator=stated("CORE-82", "by whom it is met", "由何人满足"))
    request: str | None = field(default=None, validator=named_or_none)


@command("core.request_service")
class RequestService(Command):
    """Ask for a service; the class of need starts its chain of steps (CORE-36).

    Args:
        request: its number.
        need_class: class of the need, such as ``fault``.
        how: how it is to be done.
        planned_on: when.
        who: whom to send.
        product: what it is about.
        serial: serial number of the installed product.
        special: whether the customer is a special one; by his stated classes if not given.
    """

    request: str = field(validator=named)
    need_class: str = field(validator=named)
    how: str | None = field(default=None)
    planned_on: date | None = field(default=None)
    who: str | None = field(default=None, validator=named_or_none)
    product: str | None = field(default=None, validator=named_or_none)
    serial: str | None = field(default=None, validator=named_or_none)
    special: bool | None = field(default=None)


@command("core.take_service_step")
class TakeServiceStep(Command):
    """Take the next step of a request's chain, or waive the steps before it (CORE-36).

    Args:
        request: its number.
        step: code of the step.
        who: who took it; the actor if not given.
        waive: whether the steps before it that nobody took are waived.
        reason: why they are.
        hours: hours worked.
        parts_used: parts used.
    """

    request: str = field(validator=named)
    step: str = field(validator=named)
    who: str | None = field(default=None, validator=named_or_none)
    waive: bool = field(default=False)
    reason: str | None = field(default=None, validator=named_or_none)
    hours: Decimal | None = field(default=None, validator=_hours)
    parts_used: tuple[str, ...] = field(default=())

    def __attrs_post_init__(self) -> None:
        _reasoned(self.waive, self.reason)


@command("core.suspend_service")
class SuspendService(Command):
    """Let a request wait for the customer or a part, hold it, or go on with it (CORE-36).

    Args:
        request: its number.
        state: ``pending``, ``held`` or ``in_progress``.
        reason: why.
    """

    request: str = field(validator=named)
    state: Literal["in_progress", "pending", "held"] = field(
        validator=one_of("in_progress", "pending", "held")
    )
    reason: str | None = field(default=None, validator=stated("CORE-36", "the reason", "原因"))


@command("core.complete_service")
class CompleteService(Command):
    """Record that the service was rendered; it is never undone (CORE-36).

    Args:
        request: its number.
        result: what came of it.
        waive: whether steps that nobody took are waived.
        reason: why they are.
        hours: hours worked.
        parts_used: parts used.
    """

    request: str = field(validator=named)
    result: str | None = field(default=None)
    waive: bool = field(default=False)
    reason: str | None = field(default=None, validator=named_or_none)
    hours: Decimal | None = field(default=None, validator=_hours)
    parts_used: tuple[str, ...] = field(default=())

    def __attrs_post_init__(self) -> None:
        _reasoned(self.waive, self.reason)


@command("core.close_service")
class CloseService(Command):
    """Close a request that was rendered, or cancel or reject it (CORE-36).

    Args:
        request: its number.
        state: ``closed``, ``cancelled`` or ``rejected``.
        reason: why it is cancelled or rejected.
    """

    request: str = field(validator=named)
    state: Literal["closed", "cancelled", "rejected"] = field(
        default="closed", validator=one_of("closed", "cancelled", "rejected")
    )
    reason: str | None = field(default=None, validator=named_or_none)

    def __attrs_post_init__(self) -> None:
        if self.state != "closed" and self.reason is None:
            raise missing("CORE-36", f"the reason is missing: {self.state}", "缺少原因", "reason: text")


@command("core.send_survey")
class SendSurvey(Command):
    """Record that the customer was asked; told again for the same wave, that he was reached (CORE-37).

    Args:
        survey: its name.
        wave: which round of it.
        reached: whether it reached him.
    """

    survey: str = field(validator=named)
    wave: str = field(validator=named)
    reached: bool = field(default=False)


@command("core.answer_survey")
class AnswerSurvey(Command):
    """Record the customer's score (CORE-37).

    Args:
        survey: its name.
        wave: which round of it.
        question: which question.
        scale: ``csat`` or ``nps``.
        score: a whole number on that scale.
        product: what it is about.
        department: whose work it is about.
        comment: what else he says.
    """

    survey: str = field(validator=named)
    wave: str = field(validator=named)
    question: str = field(default="overall", validator=named)
    scale: str = field(default="csat", validator=named)
    score: int
    product: str | None = field(default=None, validator=named_or_none)
    department: str | None = field(default=None, validator=named_or_none)
    comment: str | None = field(default=None)


@command("core.draw_return_visit")
class DrawReturnVisit(Command):
    """Note that a selection over all customers chose this one (CORE-38); runs tell it.

    Args:
        method: ``importance``, ``silent`` or ``random_sample``.
        drawn_on: the day of the selection.
        population: how many it was drawn from.
        start: the start value of a random sample.
    """

    method: VisitMethod = field(validator=one_of("importance", "silent", "random_sample"))
    drawn_on: date
    population: int
    start: int = field(default=0)


@command("core.do_return_visit")
class DoReturnVisit(Command):
    """Record a return visit, or an attempt at one (CORE-38).

    Args:
        return_visit: its number.
        reached: whether the customer was reached.
        product_effect: what he says of the product's effect.
        after_sales: of the service after the sale.
        to_improve: where we should improve.
        outlet: of the convenience of the outlet.
        other_service: which other service he wants.
        dedicated_line: whether he wants a dedicated line.
    """

    return_visit: str = field(validator=named)
    reached: bool = field(default=True)
    product_effect: str | None = field(default=None, validator=named_or_none)
    after_sales: str | None = field(default=None, validator=named_or_none)
    to_improve: str | None = field(default=None, validator=named_or_none)
    outlet: str | None = field(default=None, validator=named_or_none)
    other_service: str | None = field(default=None, validator=named_or_none)
    dedicated_line: str | None = field(default=None, validator=named_or_none)

    @property
    def items(self) -> tuple[str, ...]:
        """Codes of the items that were answered."""
        return tuple(name for name in ANSWERED if getattr(self, name) is not None)

    def __attrs_post_init__(self) -> None:
        if not self.reached and self.items:
            raise Invalid(
                "out_of_scale",
                "who was not reached answered nothing",
                zh="未联系上则没有回答",
                rule="CORE-38",
                accepts="answers of a customer who was reached",
            )


@command("core.make_promise")
class MakePromise(Command):
    """Record a promise to the customer (CORE-39).

    Args:
        promise: its number.
        content: what was promised.
        due: the last day on which it is kept.
        basis: on what ground, such as a contract or a call.
        promiser: who promised.
    """

    promise: str = field(validator=named)
    content: str = field(validator=named)
    due: date
    basis: str = field(validator=named)
    promiser: str = field(validator=named)


@command("core.keep_promise", after_closing=True)
class KeepPromise(Command):
    """Record that a promise was kept.

    Args:
        promise: its number.
    """

    promise: str = field(validator=named)


@command("core.release_promise", after_closing=True)
class ReleasePromise(Command):
    """Record that the customer releases us from a promise.

    Args:
        promise: its number.
        reason: why.
    """

    promise: str = field(validator=named)
    reason: str | None = field(default=None, validator=stated("CORE-39", "the reason", "原因"))


@command("core.invite_to_trial")
class InviteToTrial(Command):
    """Invite the customer to try a new product (CORE-90).

    Args:
        trial: its number.
        product: what.
    """

    trial: str = field(validator=named)
    product: str = field(validator=named)


@command("core.take_trial")
class TakeTrial(Command):
    """Record that the customer tried it.

    Args:
        trial: its number.
    """

    trial: str = field(validator=named)


@command("core.give_impression")
class GiveImpression(Command):
    """Record what the customer thinks of it: feedback, never a score (CORE-90).

    Args:
        trial: its number.
        content: what he says.
    """

    trial: str = field(validator=named)
    content: str = field(validator=named)


COMMANDS = (
    ReceiveComplaint,
    TakeComplaintStep,
    NotifyComplainant,
    GrantCompensation,
    CloseComplaint,
    ReopenComplaint,
    ReceiveFeedback,
    AnswerFeedback,
    RecordNeed,
    ClassifyNeed,
    AnswerNeed,
    RequestService,
    TakeServiceStep,
    SuspendService,
    CompleteService,
    CloseService,
    SendSurvey,
    AnswerSurvey,
    DrawReturnVisit,
    DoReturnVisit,
    MakePromise,
    KeepPromise,
    ReleasePromise,
    InviteToTrial,
    TakeTrial,
    GiveImpression,
)
