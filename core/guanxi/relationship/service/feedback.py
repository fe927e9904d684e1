"""Feedback: opinions, suggestions, inquiries, praise and fault reports, and their answers."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.service.checks import taken, unknown
from guanxi.relationship.service.commands import AnswerFeedback, ReceiveFeedback
from guanxi.relationship.service.events import FeedbackAnswered, FeedbackReceived

RULE, WHAT = "CORE-34", "piece of feedback"


@attrs.define
class Feedback:
    """Whether each piece of feedback is answered, by number."""

    feedback: dict[str, bool] = attrs.field(factory=dict)


feedback = Facet("core.feedback", Feedback, title=Label("Feedback", "客户反馈"))


@feedback.evolve
def _changes(s: Feedback, e: FeedbackReceived | FeedbackAnswered) -> None:
    s.feedback[e.feedback] = isinstance(e, FeedbackAnswered)


@feedback.decide
def _receive(s: Feedback, c: ReceiveFeedback, now: Now) -> Iterator[Fact]:
    if c.feedback in s.feedback:
        raise taken(RULE, WHAT, c.feedback)
    yield FeedbackReceived(
        feedback=c.feedback, kind=c.kind, category=c.category, content=c.content, product=c.product
    )


@feedback.decide
def _answer(s: Feedback, c: AnswerFeedback, now: Now) -> Iterator[Fact]:
    if c.feedback not in s.feedback:
        raise unknown(RULE, WHAT, c.feedback)
    yield FeedbackAnswered(
        feedback=c.feedback, answer=c.answer, article=c.article, article_version=c.article_version
    )
