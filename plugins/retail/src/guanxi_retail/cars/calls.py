"""The call about feedback that is no complaint (RET-51)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi import Command, Facet, Fact, Label, Now, Unknown, command, field
from guanxi.relationship.service.events import ComplaintNotified, ComplaintReceived, FeedbackReceived
from guanxi_retail.checks import named


@command("retail.call_about_feedback", after_closing=True)
class CallAboutFeedback(Command):
    """Record the call that follows feedback; about a complaint it is the core's own command.

    Args:
        feedback: its number.
        reached: whether somebody answered; an attempt without contact fulfils nothing.
        answered: whether the truthful answer was given with it.
        answer: what was answered.
    """

    feedback: str = field(validator=named)
    reached: bool = field(default=True)
    answered: bool = field(default=False)
    answer: str | None = field(default=None)


@attrs.define
class FeedbackCalls:
    """The feedback that may be called about."""

    feedback: list[str] = attrs.field(factory=list)


feedback_calls = Facet(
    "retail.feedback_calls", FeedbackCalls, title=Label("Calls about feedback", "反馈通知")
)


@feedback_calls.evolve
def _received(s: FeedbackCalls, e: FeedbackReceived | ComplaintReceived) -> None:
    s.feedback.append(e.feedback if isinstance(e, FeedbackReceived) else e.complaint)


@feedback_calls.decide
def _call(s: FeedbackCalls, c: CallAboutFeedback, now: Now) -> Iterator[Fact]:
    if c.feedback not in s.feedback:
        raise Unknown(
            "unknown_code",
            f"there is no feedback {c.feedback}",
            zh=f"没有反馈 {c.feedback}",
            rule="RET-51",
            accepts=", ".join(s.feedback) or "feedback that was received",
        )
    yield ComplaintNotified(
        complaint=c.feedback,
        reached=c.reached,
        answered=c.reached and c.answered,
        answer=c.answer if c.reached else None,
    )
