"""Surveys, return visits and promises as rows."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.service.events import (
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
    ReturnVisitDone,
    ReturnVisitSelected,
    SurveyAnswered,
    SurveySent,
)


@attrs.define
class SurveyRow:
    """A survey that the customer was sent in a wave; who answered was reached."""

    survey: str = column(key=True)
    wave: str = column(key=True)
    sent_at: datetime | None = None
    reached: bool = False
    answered_at: datetime | None = None


survey_rows = ReadModel("core.surveys", SurveyRow, title=Label("Surveys sent", "已发调查"))


@survey_rows.on
def _sent(rows: Rows[SurveyRow], e: SurveySent, at: datetime) -> None:
    row = rows[e.survey, e.wave]
    if row.sent_at is None:
        row.sent_at = at
    row.reached = row.reached or e.reached


@survey_rows.on
def _responded(rows: Rows[SurveyRow], e: SurveyAnswered, at: datetime) -> None:
    row = rows[e.survey, e.wave]
    row.reached = True
    if row.answered_at is None:
        row.answered_at = at


@attrs.define
class AnswerRow:
    """The customer's latest answer to a question of a survey's wave."""

    survey: str = column(key=True)
    wave: str = column(key=True)
    question: str = column(key=True)
    scale: str = ""
    score: int = 0
    answered_on: date | None = None
    product: str | None = None
    department: str | None = None


answer_rows = ReadModel("core.survey_answers", AnswerRow, title=Label("Survey answers", "调查答复"))


@answer_rows.on
def _answered(rows: Rows[AnswerRow], e: SurveyAnswered, at: datetime) -> None:
    row = rows[e.survey, e.wave, e.question]
    row.scale, row.score, row.answered_on = e.scale, e.score, at.date()
    row.product, row.department = e.product, e.department


@attrs.define
class VisitRow:
    """A return visit that is to be made."""

    visit: str = column(key=True)
    method: str = ""
    selected_at: datetime | None = None
    due: date | None = None
    done_at: datetime | None = None
    answered: int = 0


visit_rows = ReadModel("core.return_visits", VisitRow, title=Label("Return visits", "回访"))


@visit_rows.on
def _selected(rows: Rows[VisitRow], e: ReturnVisitSelected, at: datetime) -> None:
    row = rows[e.return_visit]
    row.method, row.selected_at, row.due = e.method, at, e.due


@visit_rows.on
def _visited(rows: Rows[VisitRow], e: ReturnVisitDone, at: datetime) -> None:
    row = rows[e.return_visit]
    if e.reached and row.done_at is None:
        row.done_at, row.answered = at, len(e.answered)


@attrs.define
class AttemptRow:
    """The first attempt at a return visit on a day that did not reach the customer."""

    visit: str = column(key=True)
    day: str = column(key=True)
    at: datetime | None = None


visit_attempts = ReadModel("core.return_visit_attempts", AttemptRow, title=Label("Attempts", "回访尝试"))


@visit_attempts.on
def _tried(rows: Rows[AttemptRow], e: ReturnVisitDone, at: datetime) -> None:
    if e.reached:
        return
    row = rows[e.return_visit, at.date().isoformat()]
    if row.at is None:
        row.at = at


@attrs.define
class PromiseRow:
    """A promise, and what became of it."""

    promise: str = column(key=True)
    content: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field, not a default
    promiser: str = ""
    basis: str | Erased | None = personal("service", default=None)  # noqa: RUF009 - an attrs field, not a default
    made_at: datetime | None = None
    due: date | None = None
    kept_at: datetime | None = None
    released_at: datetime | None = None
    broken_at: datetime | None = None


promise_rows = ReadModel("core.promises", PromiseRow, title=Label("Promises", "承诺"))


@promise_rows.on
def _made(rows: Rows[PromiseRow], e: PromiseMade, at: datetime) -> None:
    row = rows[e.promise]
    row.content, row.promiser, row.basis, row.made_at, row.due = e.content, e.promiser, e.basis, at, e.due


@promise_rows.on
def _promise(rows: Rows[PromiseRow], e: PromiseKept | PromiseReleased | PromiseBroken, at: datetime) -> None:
    row = rows[e.promise]
    match e:
        case PromiseKept() if row.kept_at is None:
            row.kept_at = at
        case PromiseReleased() if row.released_at is None:
            row.released_at = at
        case PromiseBroken():
            row.broken_at = at
