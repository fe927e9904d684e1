"""Needs by any recorded field, service steps with their waivers, and trials (CORE-82, CORE-36, CORE-90)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.service.figures import median, percent
from guanxi.relationship.service.read_models.customers import service_customers
from guanxi.relationship.service.read_models.requests import (
    NeedRow,
    need_rows,
    request_rows,
    step_rows,
    trial_rows,
)
from guanxi.relationship.service.reports.periods import (
    Days,
    Period,
    counted,
    days_of,
    month_of,
    option,
    ranked,
    share,
)
from guanxi.relationship.service.reports.promises import ACCOUNT, STATE, accounts
from guanxi.relationship.service.rules import ServiceRules

UNCLASSIFIED = "unclassified"
"""Stands for needs that neither a rule nor a person classified."""

NOT_STATED = "-"
"""Stands for what a need does not tell."""

_TENTH = Decimal("0.1")


@attrs.frozen
class NeedParameters(Period):
    """Which days are told of, and by what needs are counted."""

    by: Literal["need_class", "product", "channel", "classed_by", "who", "month"] = option(
        "need_class",
        "counted by class, product, channel, who classified, who meets it, or month",
        "按类别、产品、渠道、归类方式、经办人或月份统计",
    )


def _needs(reader: Reader, days: Days, asked: Asked) -> list[tuple[str, NeedRow]]:
    return [(s, row) for s, row in reader.rows(need_rows) if days.holds(row.recorded_at, asked)]


def _group(row: NeedRow, by: str, asked: Asked) -> str:
    if by == "month":
        return NOT_STATED if row.recorded_at is None else month_of(asked.day_of(row.recorded_at))
    missing = UNCLASSIFIED if by in ("need_class", "classed_by") else NOT_STATED
    return getattr(row, by) or missing


def _days(row: NeedRow) -> Decimal | None:
    if row.answered_at is None or row.recorded_at is None:
        return None
    return Decimal((row.answered_at - row.recorded_at).days)


def _statistics(reader: Reader, parameters: NeedParameters, asked: Asked) -> Content:
    needs = _needs(reader, days_of(parameters.since, parameters.until, asked), asked)
    groups: dict[str, list[NeedRow]] = {}
    for _, row in needs:
        groups.setdefault(_group(row, parameters.by, asked), []).append(row)
    rows = []
    for name, n, of_all, together in ranked(g for g, own in groups.items() for _ in own):
        own = groups[name]
        answered = [d for row in own if (d := _days(row)) is not None]
        middle = median(answered)
        by_rule = sum(row.classed_by == "rule" for row in own)
        rows.append(
            (
                name,
                n,
                of_all,
                together,
                percent(by_rule, n),
                percent(len(answered), n),
                None if middle is None else middle.quantize(_TENTH),
            )
        )
    told = sum(row[1] for row in rows)
    return Content(rows, trouble=[] if told == len(needs) else [f"Σ is {told}, recorded are {len(needs)}"])


need_statistics = Report(
    name="core.need_statistics",
    title=Label("Needs by class, product or channel", "客户需求统计"),
    reads=(need_rows,),
    columns=(
        Column("group", Label("Group", "分组"), "code"),
        counted("recorded", "Recorded", "登记数"),
        share("share", "Share", "占比"),
        share("cumulative", "Cumulative", "累计占比"),
        share("automatic", "Automatic %", "自动归类率"),
        share("answered", "Answered %", "答复率"),
        Column("days", Label("Median days to answer", "答复天数中位数"), "decimal", 1),
    ),
    build=_statistics,
    parameters=NeedParameters,
    picture=Picture("pareto", "group", "recorded", Label("Needs", "客户需求")),
    rules=("CORE-82",),
)


def _rates(reader: Reader, parameters: Period, asked: Asked) -> Content:
    needs = [row for _, row in _needs(reader, days_of(parameters.since, parameters.until, asked), asked)]
    by_rule = sum(row.classed_by == "rule" for row in needs)
    by_person = sum(row.classed_by == "person" for row in needs)
    answered = sum(row.answered_at is not None for row in needs)
    n = len(needs)
    row = (
        n,
        by_rule,
        by_person,
        sum(row.need_class is None for row in needs),
        answered,
        percent(by_rule, n),
        percent(by_rule + by_person, n),
        percent(answered, n),
    )
    return Content([row])


def _rates_foot(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for recorded, by_rule, by_person, unclassified, *_ in rows:
        if by_rule + by_person + unclassified != recorded:
            yield f"{by_rule} + {by_person} + {unclassified} is not {recorded}"


need_rates = Report(
    name="core.need_rates",
    title=Label("Needs classified and answered", "需求归类与答复率"),
    reads=(need_rows,),
    columns=(
        counted("recorded", "Recorded", "登记数"),
        counted("by_rule", "Classified by rule", "规则归类"),
        counted("by_person", "Classified by a person", "人工归类"),
        counted("unclassified", "Unclassified", "未归类"),
        counted("answered", "Answered", "已答复"),
        share("automatic_share", "Automatic %", "自动归类率"),
        share("classified_share", "Classified %", "归类率"),
        share("answered_share", "Answered %", "答复率"),
    ),
    build=_rates,
    parameters=Period,
    foots=_rates_foot,
    rules=("CORE-82",),
)


@attrs.frozen
class NeedQuery(Period):
    """Which needs are listed; every recorded field can be asked for."""

    need_class: str | None = option(
        None, "class; unclassified for those without", "类别，unclassified 为未归类"
    )
    product: str | None = option(None, "product", "产品")
    channel: str | None = option(None, "channel", "渠道")
    classed_by: str | None = option(None, "classified by rule or by person", "归类方式 rule 或 person")
    who: str | None = option(None, "by whom it is met", "经办人")
    word: str | None = option(None, "a word the customer used", "客户原话中的词")


def _wanted(row: NeedRow, query: NeedQuery, asked: Asked) -> bool:
    for name in ("need_class", "product", "channel", "classed_by", "who"):
        wanted = getattr(query, name)
        if wanted is not None and _group(row, name, asked) != wanted:
            return False
    said = row.wording if isinstance(row.wording, str) else ""
    return query.word is None or query.word.casefold() in said.casefold()


def _register(reader: Reader, parameters: NeedQuery, asked: Asked) -> Content:
    account, rows = accounts(reader), []
    for stream, row in _needs(reader, days_of(parameters.since, parameters.until, asked), asked):
        if row.recorded_at is not None and _wanted(row, parameters, asked):
            rows.append(
                (
                    account.get(stream, stream),
                    row.need,
                    asked.day_of(row.recorded_at),
                    None if row.wording is None else str(row.wording),
                    row.channel,
                    row.product,
                    row.need_class or UNCLASSIFIED,
                    row.classed_by,
                    None if row.answered_at is None else asked.day_of(row.answered_at),
                    row.planned_on,
                    row.who,
                )
            )
    return Content(sorted(rows, key=lambda r: (r[2], r[0], r[1])))


need_register = Report(
    name="core.need_register",
    title=Label("Needs recorded", "客户需求登记"),
    reads=(need_rows, service_customers),
    columns=(
        ACCOUNT,
        Column("need", Label("Need", "需求")),
        Column("recorded", Label("Recorded on", "登记日期"), "date"),
        Column("wording", Label("In the customer's words", "客户原话")),
        Column("channel", Label("Channel", "渠道"), "code"),
        Column("product", Label("Product", "产品")),
        Column("need_class", Label("Class", "类别"), "code"),
        Column("classed_by", Label("Classified by", "归类方式"), "code"),
        Column("answered", Label("Answered on", "答复日期"), "date"),
        Column("planned", Label("Planned for", "计划日期"), "date"),
        Column("who", Label("By whom", "经办人")),
    ),
    build=_register,
    parameters=NeedQuery,
    rules=("CORE-82",),
)


def _steps(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    taken = {(stream, row.request, row.step): row for stream, row in reader.rows(step_rows)}
    account, rows = accounts(reader), []
    for stream, row in reader.rows(request_rows):
        if row.requested_at is None or not days.holds(row.requested_at, asked):
            continue
        asked_for = asked.local(row.requested_at)
        for place, step in enumerate(asked.rules_at(ServiceRules, asked_for).chain(row.chain), 1):
            own = taken.get((stream, row.request, step.code))
            at = None if own is None else own.taken_at
            rows.append(
                (
                    account.get(stream, stream),
                    row.request,
                    asked_for.date(),
                    row.chain,
                    row.state,
                    place,
                    step.code,
                    step.post,
                    None if at is None else asked.day_of(at),
                    None if own is None else own.who,
                    "yes" if own is not None and own.waived else "no",
                    None if own is None or own.reason is None else str(own.reason),
                )
            )
    return Content(sorted(rows, key=lambda r: (r[2], r[0], r[1], r[5])))


service_steps = Report(
    name="core.service_steps",
    title=Label("Service requests step by step", "服务请求流程"),
    reads=(request_rows, step_rows, service_customers),
    columns=(
        ACCOUNT,
        Column("request", Label("Service request", "服务请求")),
        Column("requested", Label("Requested on", "请求日期"), "date"),
        Column("chain", Label("Chain", "流程"), "code"),
        STATE,
        counted("place", "No.", "序号"),
        Column("step", Label("Step", "步骤"), "code"),
        Column("post", Label("Post", "岗位"), "code"),
        Column("taken", Label("Taken on", "完成日期"), "date"),
        Column("who", Label("By whom", "经办人")),
        Column("waived", Label("Waived", "已豁免"), "code"),
        Column("reason", Label("Reason", "原因")),
    ),
    build=_steps,
    parameters=Period,
    rules=("CORE-36",),
)


def _trials(reader: Reader, parameters: Period, asked: Asked) -> Content:
    days = days_of(parameters.since, parameters.until, asked)
    count: dict[str, list[int]] = {}
    for _, row in reader.rows(trial_rows):
        if not days.holds(row.invited_at, asked):
            continue
        own = count.setdefault(row.product, [0, 0, 0])
        own[0] += 1
        own[1] += row.taken_at is not None
        own[2] += row.impression_at is not None
    rows = [
        (product, invited, taken, impressions, percent(taken, invited), percent(impressions, taken))
        for product, (invited, taken, impressions) in sorted(count.items())
    ]
    return Content(rows)


trials = Report(
    name="core.trials",
    title=Label("New-product trials", "新品试用"),
    reads=(trial_rows,),
    columns=(
        Column("product", Label("Product", "产品")),
        counted("invited", "Invited", "邀请"),
        counted("taken", "Taken", "试用"),
        counted("impressions", "Impressions", "反馈"),
        share("taken_share", "Taken of invited", "试用率"),
        share("impression_share", "Impressions of taken", "反馈率"),
    ),
    build=_trials,
    parameters=Period,
    picture=Picture("bars", "product", "taken", Label("Trials taken", "试用")),
    rules=("CORE-90",),
)

REPORTS = (need_statistics, need_rates, need_register, service_steps, trials)
