"""Campaign evaluation 活动评价: the result of campaigns in stores, and how the filed versions stand (RET-38)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi.relationship.campaigns.read_models import EvaluationRow, campaign_rows, evaluations
from guanxi_retail.reporting import option, rounded
from guanxi_retail.store.campaigns import (
    ITEMS,
    REPORT,
    campaign_costs,
    campaign_plans,
    days_before,
    ended_on,
    sold_between,
)
from guanxi_retail.store.metrics import NOTHING, CampaignResult
from guanxi_retail.store.read_models import store_lines
from guanxi_retail.store.rules import StoreCampaignRules

FILED, TO_FILE, RUNNING = "filed", "to_file", "running"


@attrs.frozen
class CampaignParameters:
    """Which campaign, and where."""

    campaign: str | None = option(None, Label("one campaign; all if not given", "营销活动，默认全部"))
    outlet: str | None = option(None, Label("one store; all if not given", "门店，默认全部"))
    area: str | None = option(None, Label("one floor or department; all if not given", "区域，默认全部"))


def _build(reader: Reader, parameters: CampaignParameters, asked: Asked) -> Content:
    core, filed, costs = dict(reader.rows(campaign_rows)), _filed(reader), _costs(reader)
    rows: list[tuple[Any, ...]] = []
    movements: list[tuple[str, Decimal]] = []
    for stream, plan in sorted(reader.rows(campaign_plans), key=lambda pair: pair[0]):
        if parameters.campaign not in (None, stream) or plan.starts_on is None:
            continue
        over = ended_on(plan, core.get(stream), asked)
        last = over or plan.ends_on
        if last is None:
            continue
        margin = asked.rules_at(StoreCampaignRules, asked.as_of).margin
        where = parameters.outlet, parameters.area
        came_to = CampaignResult(
            sold_between(reader, plan.starts_on, last, *where),
            sold_between(reader, *days_before(plan.starts_on, last), *where),
            margin,
            sum(costs[stream].values(), NOTHING),
        )
        version, standing = _standing(filed.get(stream), came_to, over is not None)
        rows.append(
            (
                stream,
                plan.title,
                plan.starts_on,
                last,
                came_to.sales,
                came_to.baseline,
                margin,
                rounded(came_to.gain),
                *(costs[stream].get(item, NOTHING) for item in ITEMS),
                came_to.cost,
                rounded(came_to.result),
                None if came_to.roi is None else rounded(came_to.roi),
                version,
                standing,
            )
        )
        movements += [("gain", rounded(came_to.gain))]
        movements += [(item, -costs[stream].get(item, NOTHING)) for item in ITEMS]
    return Content(rows, drawing=Drawing(_PICTURE, _MOVEMENTS, _added(movements)))


def _added(movements: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for name, amount in movements:
        sums[name] = sums.get(name, NOTHING) + amount
    return list(sums.items())


def _filed(reader: Reader) -> dict[str, EvaluationRow]:
    found: dict[str, EvaluationRow] = {}
    for stream, row in reader.rows(evaluations):
        if stream not in found or row.version > found[stream].version:
            found[stream] = row
    return found


def _costs(reader: Reader) -> Mapping[str, dict[str, Decimal]]:
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for stream, row in reader.rows(campaign_costs):
        found[stream][row.item] = found[stream].get(row.item, NOTHING) + row.amount
    return found


def _standing(filed: EvaluationRow | None, came_to: CampaignResult, over: bool) -> tuple[int | None, str]:
    """Return the version that was filed last, and whether it still says what the figures say."""
    if filed is None:
        return None, TO_FILE if over else RUNNING
    same = (filed.revenue, filed.margin, filed.cost or NOTHING) == (
        came_to.sales,
        rounded(came_to.gain),
        came_to.cost,
    )
    return filed.version, FILED if same else TO_FILE


def _foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for row in rows:
        gain, costs, cost, result = row[7], row[8:13], row[13], row[14]
        if sum(costs, NOTHING) != cost:
            yield f"{row[0]}: costs come to {sum(costs, NOTHING)}, not {cost}"
        if gain - cost != result:
            yield f"{row[0]}: {gain} less {cost} is not {result}"


_PICTURE = Picture("waterfall", x="part", y="amount", title=Label("From gain to result", "从毛利到结果"))
_MOVEMENTS = (
    Column("part", Label("Part", "项目"), "code"),
    Column("amount", Label("Amount", "金额"), "decimal"),
)

campaign_evaluation = Report(
    name=REPORT,
    title=Label("Campaign evaluation", "活动评价"),
    reads=(store_lines, campaign_plans, campaign_costs, campaign_rows, evaluations),
    columns=(
        Column("campaign", Label("Campaign", "营销活动")),
        Column("title", Label("Title", "名称")),
        Column("first_day", Label("First day", "开始日期"), "date"),
        Column("last_day", Label("Last day", "结束日期"), "date"),
        Column("sales", Label("Sales", "销售额"), "decimal"),
        Column("baseline", Label("Baseline", "基期销售额"), "decimal"),
        Column("margin", Label("Margin", "毛利率"), "percent"),
        Column("gain", Label("Gain", "增量毛利"), "decimal"),
        Column("cost_vouchers", Label("Vouchers", "券费用"), "decimal"),
        Column("cost_gifts", Label("Gifts", "礼品费用"), "decimal"),
        Column("cost_points", Label("Points", "积分费用"), "decimal"),
        Column("cost_media", Label("Media", "媒体费用"), "decimal"),
        Column("cost_other", Label("Other", "其他费用"), "decimal"),
        Column("cost", Label("Cost", "费用合计"), "decimal"),
        Column("result", Label("Result", "结果"), "decimal"),
        Column("roi", Label("Return by cost", "投入产出比"), "decimal"),
        Column("version", Label("Version filed", "已归档版本"), "integer"),
        Column("standing", Label("Standing", "状态"), "code"),
    ),
    build=_build,
    parameters=CampaignParameters,
    foots=_foots,
    rules=("RET-38",),
)
