"""Satisfaction by month over the window, and its trend by department and product (CORE-37)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.service.figures import NetPromoter, Response, csat, net_promoter, window
from guanxi.relationship.service.read_models.satisfaction import (
    AnswerRow,
    SurveyRow,
    answer_rows,
    survey_rows,
)
from guanxi.relationship.service.reports.periods import Days, counted, month_of, option, share
from guanxi.relationship.service.rules import SatisfactionRules


@attrs.frozen
class SurveyParameters:
    """Which survey is told of."""

    survey: str | None = option(None, "survey; all if not given", "调查，默认全部")


@attrs.frozen
class TrendParameters:
    """Which survey is told of, and of whom."""

    survey: str | None = option(None, "survey; all if not given", "调查，默认全部")
    by: Literal["department", "product"] = option(
        "department", "by department or by product", "按部门或按产品"
    )


def _of(name: str | None, told: str) -> bool:
    return name is None or name == told


def _answers(reader: Reader, survey: str | None) -> list[AnswerRow]:
    return [r for _, r in reader.rows(answer_rows) if r.answered_on is not None and _of(survey, r.survey)]


def _scores(answers: Sequence[AnswerRow], scale: str, days: Days) -> list[int]:
    return [
        r.score
        for r in answers
        if r.scale == scale and r.answered_on is not None and days.first <= r.answered_on <= days.last
    ]


def _split(nps: NetPromoter) -> tuple[Any, ...]:
    return (nps.promoters, nps.passives, nps.detractors, nps.answers, nps.score)


def _months(asked: Asked) -> Days:
    return Days(*window(asked.day, asked.rules(SatisfactionRules).window_months))


def response(sent: Sequence[SurveyRow], is_in: Callable[[SurveyRow], bool]) -> Response:
    """Return how many of the surveys sent reached their customer and were answered."""
    own = [row for row in sent if row.sent_at is not None and is_in(row)]
    return Response(
        len(own), sum(row.reached for row in own), sum(row.answered_at is not None for row in own)
    )


def _satisfaction(reader: Reader, parameters: SurveyParameters, asked: Asked) -> Content:
    rules, days = asked.rules(SatisfactionRules), _months(asked)
    answers = _answers(reader, parameters.survey)
    sent = [row for _, row in reader.rows(survey_rows) if _of(parameters.survey, row.survey)]
    rows = []
    for month in days.months():

        def is_in(row: SurveyRow, month: Days = month) -> bool:
            return month.holds(row.sent_at, asked)

        satisfied = _scores(answers, "csat", month)
        asked_for = response(sent, is_in)
        rows.append(
            (
                month_of(month.first),
                len(satisfied),
                csat(satisfied, rules),
                *_split(net_promoter(_scores(answers, "nps", month), rules)),
                asked_for.sent,
                asked_for.reached,
                asked_for.answered,
                asked_for.of_reached,
                asked_for.of_sent,
            )
        )
    whole = response(sent, lambda row: days.holds(row.sent_at, asked))
    notes = [
        (Label("window", "统计窗口"), f"{days.first} - {days.last}"),
        (Label("CSAT", "满意率"), _shown(csat(_scores(answers, "csat", days), rules))),
        (Label("NPS", "净推荐值"), _shown(net_promoter(_scores(answers, "nps", days), rules).score)),
        (Label("response of reached %", "接触回复率（%）"), _shown(whole.of_reached)),
        (Label("response of sent %", "发出回复率（%）"), _shown(whole.of_sent)),
    ]
    return Content(rows, notes=notes)


def _shown(figure: object) -> str:
    return "not available / 无数据" if figure is None else str(figure)


_SPLIT = (
    counted("promoters", "9-10", "推荐者"),
    counted("passives", "7-8", "中立者"),
    counted("detractors", "0-6", "贬损者"),
    counted("nps_answers", "NPS answers", "净推荐值答复数"),
    Column("nps", Label("NPS", "净推荐值"), "decimal", 1),
)


def _foots(at: int) -> Callable[[Sequence[tuple[Any, ...]]], Iterator[str]]:
    """Return what checks that the three parts, which begin at a column, make up the answers."""

    def foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
        for row in rows:
            promoters, passives, detractors, answers = row[at : at + 4]
            if promoters + passives + detractors != answers:
                yield f"{row[0]}: {promoters} + {passives} + {detractors} is not {answers}"

    return foots


satisfaction = Report(
    name="core.satisfaction",
    title=Label("Satisfaction", "满意度"),
    reads=(answer_rows, survey_rows),
    columns=(
        Column("month", Label("Month", "月份")),
        counted("csat_answers", "CSAT answers", "满意度答复数"),
        share("csat", "CSAT", "满意率"),
        *_SPLIT,
        counted("sent", "Sent", "发出"),
        counted("reached", "Reached", "接触"),
        counted("answered", "Answered", "答复"),
        share("of_reached", "Response of reached", "接触回复率"),
        share("of_sent", "Response of sent", "发出回复率"),
    ),
    build=_satisfaction,
    parameters=SurveyParameters,
    foots=_foots(3),
    picture=Picture("lines", "month", "nps", Label("Net promoter score", "净推荐值")),
    rules=("CORE-37",),
)


def _trend(reader: Reader, parameters: TrendParameters, asked: Asked) -> Content:
    rules, days = asked.rules(SatisfactionRules), _months(asked)
    groups: dict[str, list[AnswerRow]] = {}
    for row in _answers(reader, parameters.survey):
        group = row.department if parameters.by == "department" else row.product
        if group is not None and row.answered_on is not None and days.first <= row.answered_on <= days.last:
            groups.setdefault(group, []).append(row)
    rows = []
    for name, own in sorted(groups.items()):
        for month in days.months():
            satisfied = _scores(own, "csat", month)
            split = net_promoter(_scores(own, "nps", month), rules)
            rows.append((name, month_of(month.first), len(satisfied), csat(satisfied, rules), *_split(split)))
    return Content(rows)


satisfaction_trend = Report(
    name="core.satisfaction_trend",
    title=Label("Satisfaction by department and product", "客户满意度分析"),
    reads=(answer_rows,),
    columns=(
        Column("group", Label("Department or product", "部门或产品"), "code"),
        Column("month", Label("Month", "月份")),
        counted("csat_answers", "CSAT answers", "满意度答复数"),
        share("csat", "CSAT", "满意率"),
        *_SPLIT,
    ),
    build=_trend,
    parameters=TrendParameters,
    foots=_foots(4),
    picture=Picture("lines", "month", "group", Label("CSAT", "满意率"), value="csat"),
    rules=("CORE-37",),
)

REPORTS = (satisfaction, satisfaction_trend)
