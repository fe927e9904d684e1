"""Reports over customers' files: screening by source, answers to promotions, prospects who seem gone, the six stages, one-to-one plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.relationship.campaigns.figures import FAILED, gain, percent
from guanxi.relationship.campaigns.read_models import (
    batches,
    feedback,
    gone_rows,
    one_to_one,
    responses,
    screening_rows,
    sources,
)
from guanxi.relationship.campaigns.rules import PromotionRules
from guanxi.relationship.care.customers import CARED_FOR, customers
from guanxi.relationship.care.read_models import touches
from guanxi.relationship.grading.events import FOUR_CLASS

NONE = "-"
PASSED, OUT = "passed", "screened_out"
_DISCARDED = ("thrown_away", "deleted")


# ---------------------------------------------------------------- screening by source


@attrs.frozen
class ScreeningParameters:
    """Which version of the outline is looked at."""

    version: str | None = attrs.field(
        default=None,
        metadata={
            "help": Label("version of the outline; the last that was used if not given", "筛选提纲版本")
        },
    )
    costs: str = attrs.field(
        default="",
        metadata={"help": Label("cost by source channel, such as outlet=1200;media=900", "各渠道费用")},
    )


def _stage_of(outcomes: dict[str, str]) -> str:
    """Return where a customer stands under a version: out, target, final, or not screened to an end."""
    if OUT in (outcomes.get("preliminary"), outcomes.get("shortlist")):
        return "out"
    if outcomes.get("final") == PASSED:
        return "final"
    return "target" if outcomes.get("shortlist") == PASSED else "unscreened"


def _outcomes(reader: Reader, version: str | None) -> tuple[str | None, dict[str, dict[str, str]]]:
    rows = list(reader.rows(screening_rows))
    if version is None and rows:
        version = max(rows, key=lambda pair: (pair[1].at is not None, pair[1].at, pair[1].outline_version))[
            1
        ].outline_version
    found: dict[str, dict[str, str]] = {}
    for stream, row in rows:
        if row.outline_version == version:
            found.setdefault(stream, {})[row.stage] = row.outcome
    return version, found


def _costs(text: str) -> dict[str, Decimal]:
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): Decimal(amount.strip()) for name, _, amount in pairs}


def _screening(reader: Reader, parameters: ScreeningParameters, asked: Asked) -> Content:
    version, outcomes = _outcomes(reader, parameters.version)
    costs = _costs(parameters.costs)
    counts: dict[str, dict[str, int]] = {}
    for stream, row in reader.rows(sources):
        count = counts.setdefault(
            row.source_channel,
            dict.fromkeys(("collected", "out", "target", "final", "unscreened", "buyers"), 0),
        )
        count["collected"] += 1
        count[_stage_of(outcomes.get(stream, {}))] += 1
        count["buyers"] += row.first_order_at is not None
    rows = []
    for channel in sorted(counts):
        count = counts[channel]
        cost = costs.get(channel)
        per_final = None if cost is None or not count["final"] else cost / count["final"]
        rows.append((channel, *count.values(), cost, per_final))
    total = {k: sum(c[k] for c in counts.values()) for k in ("collected", "target", "final")}
    passed = total["target"] + total["final"]
    drawing = Drawing(
        Picture("funnel", "stage", "customers", Label("Screening", "筛选漏斗")),
        (
            Column("stage", Label("Stage", "阶段"), "code"),
            Column("customers", Label("Customers", "客户数"), "integer"),
        ),
        [("collected", total["collected"]), ("target", passed), ("final", total["final"])],
    )
    notes = [] if version is None else [(Label("version of the outline", "筛选提纲版本"), version)]
    return Content(rows, notes=notes, drawing=drawing)


def _screened(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[1] != sum(row[2:6]):
            yield f"{row[0]}: {row[1]} collected, and {sum(row[2:6])} out, target, final or unscreened"


screening_report = Report(
    name="core.screening",
    title=Label("Screening and source", "消费者筛选"),
    reads=(sources, screening_rows),
    parameters=ScreeningParameters,
    columns=(
        Column("source_channel", Label("Source channel", "来源渠道"), "code"),
        Column("collected", Label("Collected", "采集"), "integer"),
        Column("out", Label("Out", "淘汰"), "integer"),
        Column("target", Label("Target", "目标"), "integer"),
        Column("final", Label("Final", "精选"), "integer"),
        Column("unscreened", Label("Unscreened", "未筛选"), "integer"),
        Column("buyers", Label("Later buyers", "后续购买"), "integer"),
        Column("cost", Label("Cost", "费用"), "decimal"),
        Column("cost_per_final", Label("Cost per final", "单位精选费用"), "decimal"),
    ),
    build=_screening,
    foots=_screened,
    rules=("CORE-52",),
)


# ---------------------------------------------------------------- answers to promotions


@attrs.frozen
class PromotionParameters:
    """Whose answers are counted, and over which days."""

    by: Literal["class", "customer"] = attrs.field(
        default="class", metadata={"help": Label("by class or by customer", "按类别或按客户")}
    )
    scheme: str = attrs.field(
        default=FOUR_CLASS, metadata={"help": Label("scheme of the classes", "分类方案")}
    )
    since: date | None = attrs.field(
        default=None, metadata={"help": Label("first day of sending; the beginning if not given", "起始日期")}
    )
    until: date | None = attrs.field(
        default=None,
        metadata={"help": Label("last day of sending; that of the cut if not given", "截止日期")},
    )


@attrs.define
class _Answers:
    """What became of the touches of one kind."""

    sent: int = 0
    undelivered: int = 0
    discarded: int = 0
    responded: int = 0
    silent: int = 0

    @property
    def reached(self) -> int:
        return self.sent - self.undelivered

    @property
    def rate(self) -> Decimal | None:
        return percent(self.responded, self.reached)


def _promotions(reader: Reader, parameters: PromotionParameters, asked: Asked) -> Content:
    zone, day = asked.as_of.tzinfo, asked.day
    least = asked.rules(PromotionRules).min_touches
    accounts = {stream: row.account for stream, row in reader.rows(sources)}
    answered = {
        (stream, row.touch)
        for stream, row in reader.rows(responses)
        if row.touch is not None and not row.opt_out
    }
    classed = {
        one.stream: one.classes_at(asked.as_of, day).get(parameters.scheme)
        for one in customers(reader, asked)
    }
    counts: dict[tuple[str, str], _Answers] = {}
    for stream, touch in reader.rows(touches):
        if touch.promotion is None or touch.sent_at is None:
            continue
        on = touch.sent_at.astimezone(zone).date()
        if (parameters.since is not None and on < parameters.since) or on > (parameters.until or day):
            continue
        if parameters.by == "customer":
            whose = accounts.get(stream, stream)
        else:
            found = classed.get(stream)
            whose = NONE if found is None else found.grade
        count = counts.setdefault((whose, touch.promotion), _Answers())
        count.sent += 1
        if touch.outcome == FAILED:
            count.undelivered += 1
        elif (stream, touch.message) in answered:
            count.responded += 1
        elif touch.outcome in _DISCARDED:
            count.discarded += 1
        else:
            count.silent += 1
    preferred = _preferred(counts, least)
    rows = [
        (
            whose,
            kind,
            a.sent,
            a.undelivered,
            a.discarded,
            a.responded,
            a.silent,
            a.rate,
            percent(a.responded, a.sent),
            percent(a.discarded, a.reached),
            "yes" if preferred.get(whose) == kind else "no",
        )
        for (whose, kind), a in sorted(counts.items())
    ]
    return Content(rows)


def _preferred(counts: dict[tuple[str, str], _Answers], least: int) -> dict[str, str]:
    """Return the kind that each answers to most, of those reached and from a least number of touches on."""
    best: dict[str, tuple[Decimal, str]] = {}
    for (whose, kind), a in sorted(counts.items()):
        rate = a.rate
        if rate is None or a.reached < least or not a.responded:
            continue
        if whose not in best or rate > best[whose][0]:
            best[whose] = (rate, kind)
    return {whose: kind for whose, (_, kind) in best.items()}


def _four_parts(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        if row[2] != sum(row[3:7]):
            yield f"{row[0]}, {row[1]}: {row[2]} sent, and {sum(row[3:7])} in the four parts"


promotion_report = Report(
    name="core.promotion_response",
    title=Label("Promotion response", "促销反应"),
    reads=(sources, responses, touches, *CARED_FOR),
    parameters=PromotionParameters,
    columns=(
        Column("whose", Label("Class or customer", "类别或客户"), "code"),
        Column("promotion", Label("Kind of promotion", "促销方式"), "code"),
        Column("sent", Label("Sent", "发送"), "integer"),
        Column("undelivered", Label("Undelivered", "未送达"), "integer"),
        Column("discarded", Label("Thrown away or deleted", "丢弃或删除"), "integer"),
        Column("responded", Label("Responded", "反馈"), "integer"),
        Column("silent", Label("Silent", "无反应"), "integer"),
        Column("of_reached", Label("Of reached", "占送达"), "percent", 1),
        Column("of_sent", Label("Of sent", "占发送"), "percent", 1),
        Column("discarded_rate", Label("Thrown away of reached", "丢弃率"), "percent", 1),
        Column("preferred", Label("Preferred", "偏好"), "code"),
    ),
    build=_promotions,
    foots=_four_parts,
    picture=Picture("heatmap", "promotion", "whose", Label("Response of reached", "反馈率"), "of_reached"),
    rules=("CORE-79",),
)


def _gone(reader: Reader, parameters: None, asked: Asked) -> Content:
    zone = asked.as_of.tzinfo
    accounts = {stream: row.account for stream, row in reader.rows(sources)}
    rows = [
        (
            accounts.get(stream, stream),
            row.proposed_at.astimezone(zone).date(),
            row.contact_points.replace("+", ", "),
            row.failures,
            None if row.withdrawn_at is None else row.withdrawn_at.astimezone(zone).date(),
        )
        for stream, row in reader.rows(gone_rows)
        if row.proposed_at is not None
    ]
    return Content(sorted(rows, key=lambda row: (row[1], row[0])))


gone_report = Report(
    name="core.proposed_gone",
    title=Label("Prospects proposed as gone", "拟认定已不存在的客户"),
    reads=(sources, gone_rows),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("proposed_on", Label("Proposed on", "提出日期"), "date"),
        Column("contact_points", Label("Contact points tried", "已试联系方式"), "code"),
        Column("failures", Label("Failures", "失败次数"), "integer"),
        Column("withdrawn_on", Label("Withdrawn on", "撤回日期"), "date"),
    ),
    build=_gone,
    rules=("CORE-79",),
)


# ---------------------------------------------------------------- six stages


@attrs.frozen
class StageParameters:
    """Which data are followed through the stages."""

    programme: str | None = attrs.field(
        default=None, metadata={"help": Label("one source channel; all if not given", "来源渠道")}
    )


def _stages(reader: Reader, parameters: StageParameters, asked: Asked) -> Content:
    one = parameters.programme
    stored = {s for s, row in reader.rows(sources) if one in (None, row.source_channel)}
    rejected = sum(row.refused for _, row in reader.rows(batches)) if one is None else 0
    outcomes: dict[str, set[tuple[str, str]]] = {}
    for stream, row in reader.rows(screening_rows):
        outcomes.setdefault(stream, set()).add((row.stage, row.outcome))
    processed = {s for s in stored if any(stage == "preliminary" for stage, _ in outcomes.get(s, ()))}
    ideal = {s for s in processed if ("shortlist", PASSED) in outcomes[s]}
    touched = {s for s, row in reader.rows(touches) if row.campaign is not None and row.sent_at is not None}
    used = ideal & touched
    changed = {s for s, row in reader.rows(feedback) if row.changed}
    improved = used & changed
    counts = (
        ("collect", len(stored) + rejected),
        ("store", len(stored)),
        ("process", len(processed)),
        ("find_ideal", len(ideal)),
        ("use", len(used)),
        ("improve", len(improved)),
    )
    rows, before = [], 0
    for n, (stage, count) in enumerate(counts):
        lost = before - count if n else 0
        rows.append((n + 1, stage, count, lost, percent(count, before) if n else None))
        before = count
    trouble = [] if len(stored) + rows[1][3] == rows[0][2] else ["stored and rejected are not all collected"]
    return Content(rows, trouble=trouble)


six_stages = Report(
    name="core.six_stages",
    title=Label("Six stages of database marketing", "数据库营销六过程"),
    reads=(sources, screening_rows, touches, feedback, batches),
    parameters=StageParameters,
    columns=(
        Column("number", Label("No.", "序号"), "integer"),
        Column("stage", Label("Stage", "阶段"), "code"),
        Column("count", Label("Count", "数量"), "integer"),
        Column("lost", Label("Not taken on", "未进入"), "integer"),
        Column("of_before", Label("Of the stage before", "占上一阶段"), "percent", 1),
    ),
    build=_stages,
    picture=Picture("funnel", "stage", "count", Label("Six stages", "六过程")),
    rules=("CORE-81",),
)


# ---------------------------------------------------------------- one-to-one plans


def _one_to_one(reader: Reader, parameters: None, asked: Asked) -> Content:
    accounts = {stream: row.account for stream, row in reader.rows(sources)}
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    plans = list(reader.rows(one_to_one))
    for stream, row in plans:
        margin, cost = sums.get(stream, (Decimal(0), Decimal(0)))
        sums[stream] = (margin + row.margin, cost + row.cost)
    rows = [
        (
            accounts.get(stream, stream),
            row.plan,
            row.owner,
            str(row.goal),
            row.budget,
            row.cost,
            row.margin,
            gain(row.margin, row.cost),
            sums[stream][1],
            sums[stream][0],
            gain(*sums[stream]),
        )
        for stream, row in plans
        if row.plan
    ]
    return Content(sorted(rows, key=lambda row: row[:2]))


one_to_one_report = Report(
    name="core.one_to_one_plans",
    title=Label("One-to-one plans", "一对一营销"),
    reads=(sources, one_to_one),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("plan", Label("Plan", "计划")),
        Column("owner", Label("Owner", "责任人")),
        Column("goal", Label("Goal", "目标")),
        Column("budget", Label("Budget", "预算"), "decimal"),
        Column("cost", Label("Cost", "费用"), "decimal"),
        Column("margin", Label("Margin", "毛利"), "decimal"),
        Column("plan_return", Label("Return of the plan", "计划回报率"), "percent", 1),
        Column("cost_to_date", Label("Cost to date", "累计费用"), "decimal"),
        Column("margin_to_date", Label("Margin to date", "累计毛利"), "decimal"),
        Column("relationship_return", Label("Return of the relationship", "关系回报率"), "percent", 1),
    ),
    build=_one_to_one,
    rules=("CORE-81",),
)

PROFILE_REPORTS = (screening_report, promotion_report, gone_report, six_stages, one_to_one_report)
