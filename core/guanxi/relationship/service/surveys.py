"""Surveys: sent in waves, answered on a scale; the customer's latest answer counts (CORE-37)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Invalid, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.service.commands import AnswerSurvey, SendSurvey
from guanxi.relationship.service.events import SurveyAnswered, SurveySent
from guanxi.relationship.service.rules import SatisfactionRules

RULE = "CORE-37"

Question = tuple[str, str, str]
"""Survey, wave and question."""


@attrs.define
class Surveys:
    """The customer's latest score by survey, wave and question, and what he was sent."""

    scores: dict[Question, int] = attrs.field(factory=dict)
    sent: list[tuple[str, str]] = attrs.field(factory=list)


surveys = Facet("core.surveys", Surveys, title=Label("Satisfaction surveys", "满意度调查"))


@surveys.evolve
def _changes(s: Surveys, e: SurveySent | SurveyAnswered) -> None:
    if isinstance(e, SurveyAnswered):
        s.scores[e.survey, e.wave, e.question] = e.score
    elif (e.survey, e.wave) not in s.sent:
        s.sent.append((e.survey, e.wave))


@surveys.decide
def _send(s: Surveys, c: SendSurvey, now: Now) -> Iterator[Fact]:
    yield SurveySent(survey=c.survey, wave=c.wave, reached=c.reached)


@surveys.decide
def _answer(s: Surveys, c: AnswerSurvey, now: Now) -> Iterator[Fact]:
    bounds = now.rules(SatisfactionRules).bounds(c.scale)
    if bounds is None:
        raise Unknown(
            "unknown_code",
            f"there is no scale {c.scale}",
            zh=f"没有量表 {c.scale}",
            rule=RULE,
            accepts="csat, nps",
        )
    lowest, highest = bounds
    if not lowest <= c.score <= highest:
        raise Invalid(
            "out_of_scale",
            f"{c.score} is not on the scale {c.scale}",
            zh=f"{c.score} 不在量表 {c.scale} 的范围内",
            rule=RULE,
            accepts=f"{lowest} to {highest}",
        )
    yield SurveyAnswered(
        survey=c.survey,
        wave=c.wave,
        question=c.question,
        scale=c.scale,
        score=c.score,
        product=c.product,
        department=c.department,
        comment=c.comment,
    )
