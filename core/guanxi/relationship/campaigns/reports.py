"""Reports of campaigns: what they came to day by day and in the end, their evaluations, conflicts and yearly reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.campaigns.figures import (
    COUNTED,
    Figures,
    campaigns_in_order,
    counted,
    gain,
    percent,
)
from guanxi.relationship.campaigns.read_models import (
    EvaluationRow,
    campaign_days,
    campaign_rows,
    evaluations,
    heads,
    other_heads,
    responses,
    reviews,
)
from guanxi.relationship.campaigns.rules import AttributionRules

NO_CAMPAIGN = "-"
"""Stands for what belongs to no campaign."""
_FUNNEL = ("targeted", "sent", "reached", "responded", "orders")


@attrs.frozen
class CampaignParameters:
    """Which campaign is looked at."""

    campaign: str | None = attrs.field(
        default=None, metadata={"help": Label("id of one campaign; all if not given", "营销活动编号")}
    )


# ---------------------------------------------------------------- what campaigns came to


def _evaluation(reader: Reader, parameters: CampaignParameters, asked: Asked) -> Content:
    found = counted(reader)
    rules, versions = asked.rules(AttributionRules), _versions(reader)
    days = _day_sums(reader)
    plans = dict(reader.rows(campaign_rows))
    rows, funnel = [], dict.fromkeys(_FUNNEL, 0)
    for name, f in campaigns_in_order(found):
        if parameters.campaign not in (None, name):
            continue
        for stage, n in zip(
            _FUNNEL, (f.targeted - f.left_out, f.sent, f.reached, f.responded, f.orders), strict=True
        ):
            funnel[stage] += n
        filed, plan = versions.get(name, []), plans.get(name)
        version, standing = _standing(filed, f)
        calls, visits = days.get(name, (0, 0))
        rows.append(
            (
                name,
                "" if plan is None else plan.title,
                *_cells(f, rules),
                calls,
                visits,
                f.cost,
                f.roi,
                None if plan is None else plan.planned_responses,
                filed[-1].failure_cause if filed else None,
                "" if plan is None else plan.waived,
                None if plan is None else plan.waiver_reason,
                version,
                standing,
            )
        )
    if parameters.campaign is None:
        rows.append(
            (NO_CAMPAIGN, "", *_cells(found[None], rules), 0, 0, None, None, None, None, "", None, None, "")
        )
    drawing = Drawing(
        Picture("funnel", "stage", "customers", Label("From target to order", "营销漏斗")),
        (
            Column("stage", Label("Stage", "阶段"), "code"),
            Column("customers", Label("Number", "数量"), "integer"),
        ),
        list(funnel.items()),
    )
    return Content(rows, drawing=drawing, trouble=list(_unassigned(reader, rows, parameters)))


def _cells(f: Figures, rules: AttributionRules) -> tuple[Any, ...]:
    part, whole = f.responded, f.reached if rules.feedback_variant == "of_reached" else f.sent
    meets = None if not whole else ("yes" if 100 * part >= rules.feedback_target * whole else "no")
    return (
        f.targeted,
        f.left_out,
        f.sent,
        f.undelivered,
        f.reached,
        f.responded,
        f.of_reached,
        f.of_sent,
        meets,
        f.responses,
        f.opt_outs,
        f.orders,
        f.revenue,
        f.margin,
    )


def _unassigned(
    reader: Reader, rows: Sequence[tuple[Any, ...]], parameters: CampaignParameters
) -> Iterator[str]:
    """Yield what is wrong where attributed and unattributed responses are not all of them."""
    told = sum(not row.opt_out for _, row in reader.rows(responses))
    shown = sum(row[11] for row in rows)
    if parameters.campaign is None and shown != told:
        yield f"{shown} responses are attributed or not, and {told} were received"


def _versions(reader: Reader) -> dict[str, list[EvaluationRow]]:
    found: dict[str, list[EvaluationRow]] = {}
    for stream, row in reader.rows(evaluations):
        found.setdefault(stream, []).append(row)
    for filed in found.values():
        filed.sort(key=lambda row: row.version)
    return found


def _standing(filed: Sequence[EvaluationRow], f: Figures) -> tuple[int | None, str]:
    """Return the version that holds of an evaluation, and whether it is filed or, since the figures moved on, to be filed."""
    if not filed:
        return None, ""
    last = filed[-1]
    return (last.version + 1, "to_file") if f.differs(last) else (last.version, "filed")


def _day_sums(reader: Reader) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for stream, row in reader.rows(campaign_days):
        calls, visits = found.get(stream, (0, 0))
        found[stream] = (calls + row.answered_calls, visits + row.site_visits)
    return found


campaign_evaluation = Report(
    name="core.campaign_evaluation",
    title=Label("Campaign evaluation", "营销活动评估"),
    reads=(*COUNTED, campaign_days, evaluations),
    parameters=CampaignParameters,
    columns=(
        Column("campaign", Label("Campaign", "营销活动")),
        Column("title", Label("Title", "名称")),
        Column("targeted", Label("Targeted", "目标客户"), "integer"),
        Column("left_out", Label("Left out", "剔除"), "integer"),
        Column("sent", Label("Sent to", "已发送"), "integer"),
        Column("undelivered", Label("Not reached", "未送达"), "integer"),
        Column("reached", Label("Reached", "送达"), "integer"),
        Column("responded", Label("Responded", "反馈客户"), "integer"),
        Column("of_reached", Label("Of reached", "占送达"), "percent"),
        Column("of_sent", Label("Of sent", "占发送"), "percent"),
        Column("meets", Label("Meets target", "达标"), "code"),
        Column("responses", Label("Responses", "反馈数"), "integer"),
        Column("opt_outs", Label("Opt-outs", "退订"), "integer"),
        Column("orders", Label("Orders", "订单"), "integer"),
        Column("revenue", Label("Revenue", "收入"), "decimal"),
        Column("margin", Label("Margin", "毛利"), "decimal"),
        Column("answered_calls", Label("Calls answered", "接听电话"), "integer"),
        Column("site_visits", Label("Site visits", "现场到访"), "integer"),
        Column("cost", Label("Cost", "费用"), "decimal"),
        Column("roi", Label("Return", "投资回报率"), "percent", 1),
        Column("planned_responses", Label("Responses planned", "计划反馈数"), "integer"),
        Column("failure_cause", Label("Failure cause", "失败原因"), "code"),
        Column("waived", Label("Steps waived", "免除步骤")),
        Column("waiver_reason", Label("Because", "免除原因")),
        Column("version", Label("Evaluation version", "评估版本"), "integer"),
        Column("standing", Label("Evaluation", "评估状态"), "code"),
    ),
    build=_evaluation,
    rules=("CORE-49", "CORE-50"),
)


# ---------------------------------------------------------------- versions of the evaluation


def _filed(reader: Reader, parameters: CampaignParameters, asked: Asked) -> Content:
    found = counted(reader)
    rows: list[tuple[Any, ...]] = []
    zone = asked.as_of.tzinfo
    for name, filed in sorted(_versions(reader).items()):
        if parameters.campaign not in (None, name):
            continue
        for row in filed:
            filed_at = None if row.at is None else row.at.astimezone(zone)
            counts = (row.sent, row.reached, row.responded, row.orders)
            amounts = (row.revenue, row.margin, row.cost, gain(row.margin, row.cost))
            rows.append(
                (name, row.version, "filed", filed_at, *counts, *amounts, row.result, row.failure_cause)
            )
        f = found.get(name, Figures())
        if f.differs(filed[-1]):
            counts = (f.sent, f.reached, f.responded, f.orders)
            rows.append(
                (
                    name,
                    filed[-1].version + 1,
                    "to_file",
                    None,
                    *counts,
                    f.revenue,
                    f.margin,
                    f.cost,
                    f.roi,
                    None,
                    None,
                )
            )
    return Content(rows)


campaign_versions = Report(
    name="core.campaign_evaluations",
    title=Label("Versions of campaign evaluations", "营销活动评估版本"),
    reads=(*COUNTED, evaluations),
    parameters=CampaignParameters,
    columns=(
        Column("campaign", Label("Campaign", "营销活动")),
        Column("version", Label("Version", "版本"), "integer"),
        Column("standing", Label("State", "状态"), "code"),
        Column("filed_at", Label("Filed at", "归档时间"), "instant"),
        Column("sent", Label("Sent to", "已发送"), "integer"),
        Column("reached", Label("Reached", "送达"), "integer"),
        Column("responded", Label("Responded", "反馈客户"), "integer"),
        Column("orders", Label("Orders", "订单"), "integer"),
        Column("revenue", Label("Revenue", "收入"), "decimal"),
        Column("margin", Label("Margin", "毛利"), "decimal"),
        Column("cost", Label("Cost", "费用"), "decimal"),
        Column("roi", Label("Return", "投资回报率"), "percent", 1),
        Column("result", Label("Plan against result", "计划与结果"), "code"),
        Column("failure_cause", Label("Failure cause", "失败原因"), "code"),
    ),
    build=_filed,
    rules=("CORE-50",),
)


# ---------------------------------------------------------------- day by day


def _days(reader: Reader, parameters: CampaignParameters, asked: Asked) -> Content:
    plans = dict(reader.rows(campaign_rows))
    rows: list[tuple[Any, ...]] = []
    for stream, row in reader.rows(campaign_days):
        if parameters.campaign not in (None, stream):
            continue
        plan = plans.get(stream)
        calls, visits = (None, None) if plan is None else (plan.planned_calls, plan.planned_visits)
        rows.append(
            (
                stream,
                row.day,
                row.answered_calls,
                calls,
                percent(row.answered_calls, calls or 0),
                row.site_visits,
                visits,
                percent(row.site_visits, visits or 0),
                row.responses,
            )
        )
    return Content(sorted(rows, key=lambda row: row[:2]))


campaign_day_report = Report(
    name="core.campaign_days",
    title=Label("Campaigns day by day", "营销活动逐日统计"),
    reads=(campaign_rows, campaign_days),
    parameters=CampaignParameters,
    columns=(
        Column("campaign", Label("Campaign", "营销活动")),
        Column("day", Label("Day", "日期"), "date"),
        Column("answered_calls", Label("Calls answered", "接听电话"), "integer"),
        Column("planned_calls", Label("Planned", "计划"), "integer"),
        Column("calls_rate", Label("Calls against plan", "接听完成率"), "percent", 1),
        Column("site_visits", Label("Site visits", "现场到访"), "integer"),
        Column("planned_visits", Label("Planned", "计划"), "integer"),
        Column("visits_rate", Label("Visits against plan", "到访完成率"), "percent", 1),
        Column("responses", Label("Responses", "反馈数"), "integer"),
    ),
    build=_days,
    picture=Picture("lines", "day", "campaign", Label("Calls answered", "接听电话"), "answered_calls"),
    rules=("CORE-50",),
)


# ---------------------------------------------------------------- conflicts and reviews


def _conflicts(reader: Reader, parameters: CampaignParameters, asked: Asked) -> Content:
    running = {(stream, row.other): row.running for stream, row in reader.rows(other_heads)}
    rows = [
        (
            stream,
            row.other,
            row.department,
            row.customer,
            "yes" if running.get((stream, row.other), False) else "no",
            row.ruling,
            row.preferred,
        )
        for stream, row in reader.rows(heads)
        if parameters.campaign in (None, stream)
    ]
    return Content(sorted(rows, key=lambda row: row[:4]))


head_conflicts = Report(
    name="core.head_conflicts",
    title=Label("Multi-head conflicts", "多头营销冲突"),
    reads=(heads, other_heads),
    parameters=CampaignParameters,
    columns=(
        Column("campaign", Label("Campaign", "营销活动")),
        Column("other", Label("Other campaign", "另一活动")),
        Column("department", Label("Its department", "另一部门")),
        Column("customer", Label("Customer", "客户")),
        Column("running", Label("The other runs", "另一活动进行中"), "code"),
        Column("ruling", Label("Ruling", "处置"), "code"),
        Column("preferred", Label("Priority", "优先活动")),
    ),
    build=_conflicts,
    rules=("CORE-51",),
)


def _reviews(reader: Reader, parameters: None, asked: Asked) -> Content:
    rows = [
        (
            stream,
            str(row.year),
            row.goals,
            row.goals_reached,
            percent(row.goals_reached, row.goals),
            row.cost,
            row.benefit,
            gain(row.benefit, row.cost),
            row.outcome,
        )
        for stream, row in reader.rows(reviews)
    ]
    return Content(sorted(rows, key=lambda row: row[:2]))


programme_reviews = Report(
    name="core.programme_reviews",
    title=Label("Reviews of the programme", "营销计划年度评审"),
    reads=(reviews,),
    columns=(
        Column("programme", Label("Programme", "营销计划")),
        Column("year", Label("Year", "年度")),
        Column("goals", Label("Goals", "目标数"), "integer"),
        Column("goals_reached", Label("Reached", "完成数"), "integer"),
        Column("reached_rate", Label("Reached", "完成率"), "percent", 1),
        Column("cost", Label("Cost", "费用"), "decimal"),
        Column("benefit", Label("Benefit", "收益"), "decimal"),
        Column("return_rate", Label("Return", "回报率"), "percent", 1),
        Column("outcome", Label("Outcome", "结论"), "code"),
    ),
    build=_reviews,
    rules=("CORE-50",),
)

CAMPAIGN_REPORTS = (
    campaign_evaluation,
    campaign_versions,
    campaign_day_report,
    head_conflicts,
    programme_reviews,
)
