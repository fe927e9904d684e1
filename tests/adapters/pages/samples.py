"""Answers of reports made by hand, one for each kind of picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.reports import Column, Manifest, Picture, Report, ReportResult, digest_of

POINTS_BY_SHOP = Label("Points by shop", "各店积分")


def answer(
    columns: Sequence[Column],
    rows: Sequence[tuple[Any, ...]],
    *,
    title: Label = POINTS_BY_SHOP,
    picture: Picture | None = None,
    notes: Sequence[tuple[Label, str]] = (),
    name: str = "retail.sample",
    **manifest: Any,
) -> ReportResult:
    """Return a report's answer with these columns and rows."""
    zone = manifest.pop("zone", "Asia/Shanghai")
    columns = tuple(columns)
    report = Report(name, title, (), columns, _not_built, picture=picture, rules=("RET-26",))
    made_from = Manifest(
        report=name,
        plugin="guanxi-retail",
        plugin_version="0.1.0",
        parameters={"variant": "nested"},
        as_of="1998-06-30T15:59:59.999999Z",
        as_known="2026-03-31T01:30:00.000000Z",
        position=69_659,
        zone=zone,
        rows=len(rows),
        digest=digest_of(name, columns, rows, zone),
    )
    return ReportResult(report, columns, tuple(rows), tuple(notes), attrs.evolve(made_from, **manifest))


def _not_built(*_: Any) -> Any:
    raise AssertionError("these answers are made by hand")


def rfm_grid() -> ReportResult:
    """Return a five by five grid of members by recency and frequency."""
    counts = (
        (1204, 310, 96, 22, 4),
        (988, 402, 188, 71, 19),
        (640, 455, 260, 154, 66),
        (312, 398, 391, 288, 171),
        (88, 201, 340, 455, 612),
    )
    rows = [
        (str(r), f, counts[r - 1][f - 1], Decimal(r * 1300 + f * f * 2717) / 100)
        for r in range(1, 6)
        for f in range(1, 6)
    ]
    return answer(
        (
            Column("recency", Label("Recency score", "最近消费得分")),
            Column("frequency", Label("Frequency score", "消费频次得分"), "integer"),
            Column("members", Label("Members", "会员数"), "integer"),
            Column("money", Label("Mean money (CNY)", "平均消费金额（元）"), "decimal"),
        ),
        rows,
        title=Label("RFM grid", "RFM 矩阵"),
        picture=Picture(
            "heatmap",
            "frequency",
            "recency",
            Label("Members by recency and frequency", "按最近消费与频次分布的会员数"),
            "members",
        ),
        notes=((Label("Members in all", "会员合计"), "8,145"),),
        name="retail.rfm",
    )


RETENTION = (
    "100 15.88 12.67 11.60 8.90 6.44 7.52 6.15 5.97 6.21 5.21 5.98 5.42 4.85 5.11 4.61 3.82 3.94",
    "100 13.04 10.63 7.59 7.13 5.91 5.55 5.12 5.78 4.58 4.50 4.79 4.11 4.36 3.87 3.50 3.39",
    "100 14.15 8.99 6.66 6.61 5.97 4.83 6.27 4.57 4.33 4.52 3.99 4.28 3.61 3.76 3.30",
)


def retention() -> ReportResult:
    """Return a retention triangle: three cohorts by months since the first purchase, later cells empty."""
    rows: list[tuple[Any, ...]] = []
    for month, (size, line) in enumerate(zip((7846, 8476, 7248), RETENTION, strict=True), start=1):
        shares = [Decimal(text) for text in line.split()]
        for k in range(18):
            share = shares[k] if k < len(shares) else None
            rows.append((f"1997-0{month}", k, None if share is None else int(size * share / 100), share))
    return answer(
        (
            Column("cohort", Label("Cohort", "首购月份")),
            Column("k", Label("Months since first purchase", "距首购月数"), "integer"),
            Column("active", Label("Active", "活跃人数"), "integer"),
            Column("share", Label("Retention", "留存率"), "percent"),
        ),
        rows,
        title=Label("Cohort retention", "同期群留存"),
        picture=Picture(
            "heatmap",
            "k",
            "cohort",
            Label("Share of each cohort that came back", "各同期群回购比例"),
            "share",
        ),
        name="retail.cohorts",
    )


def reasons() -> ReportResult:
    """Return counts by reason, with long names."""
    rows = [
        ("搬离本市", 412, Decimal("34.3333")),
        ("对积分规则不满意", 305, Decimal("25.4167")),
        ("价格", 221, Decimal("18.4167")),
        ("商品缺货", 140, Decimal("11.6667")),
        ("服务态度", 96, Decimal("8")),
        ("未说明", 26, Decimal("2.1667")),
    ]
    return answer(
        (
            Column("reason", Label("Reason", "原因")),
            Column("members", Label("Members", "会员数"), "integer"),
            Column("share", Label("Share", "占比"), "percent"),
        ),
        rows,
        title=Label("Exit reasons", "会员流失原因"),
        picture=Picture(
            "bars", "reason", "members", Label("Members who left, by reason", "按原因统计的流失会员")
        ),
        name="retail.exit_reasons",
    )


def movement() -> ReportResult:
    """Return a points movement that foots: the last row is the sum of the others."""
    rows = [
        ("Opening", Decimal("128400")),
        ("Activated", Decimal("46250")),
        ("Restored", Decimal("1200")),
        ("Redeemed", Decimal("-38900")),
        ("Expired", Decimal("-12480")),
        ("Clawed back", Decimal("-2150.5")),
        ("Closing", Decimal("122319.5")),
    ]
    return answer(
        (
            Column("line", Label("Line", "项目")),
            Column("points", Label("Points", "积分"), "decimal", places=1),
        ),
        rows,
        title=Label("Points movement, June 1998", "1998年6月积分变动表"),
        picture=Picture("waterfall", "line", "points", Label("From opening to closing", "从期初到期末")),
        name="retail.points_movement",
    )


def store_months() -> ReportResult:
    """Return two shops' sales by month, one month unknown."""
    north = (310, 298, 355, 402, 388, None, 455, 470, 431, 502, 540, 611)
    south = (210, 244, 238, 260, 291, 301, 296, 333, 360, 342, 377, 402)
    rows = [
        (f"1997-{m:02d}", shop, None if v is None else Decimal(v * 1000) + Decimal("0.5"))
        for shop, values in (("南京路店", south), ("中山北路店", north))
        for m, v in enumerate(values, start=1)
    ]
    return answer(
        (
            Column("month", Label("Month", "月份")),
            Column("shop", Label("Shop", "门店")),
            Column("sales", Label("Sales (CNY)", "销售额（元）"), "decimal"),
        ),
        rows,
        title=Label("Store month", "门店月报"),
        picture=Picture("lines", "month", "shop", Label("Sales by month and shop", "各店月销售额"), "sales"),
        name="retail.store_month",
    )


STAGE = Column("stage", Label("Stage", "阶段"))
KIND = Column("kind", Label("Kind", "类别"))
MONTH = Column("month", Label("Month", "月份"))
COUNT = Column("count", Label("Count", "数量"), "integer")
DAY = Column("day", Label("Day", "日期"), "date")


def _small(kind: Any, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], *axes: str) -> ReportResult:
    title = Label("From lead to collection", "从线索到回款")
    return answer(
        columns, rows, picture=Picture(kind, axes[0], axes[1], title, *axes[2:]), name="core.sample"
    )


def care_by_state() -> ReportResult:
    """Return counts by month and state, for bars in parts."""
    counts = {"按时": (118, 104, 131), "逾期后完成": (12, 9, 4), "未完成": (7, 15, 3)}
    rows = [(f"2025-0{m}", kind, n[m - 1]) for kind, n in counts.items() for m in (1, 2, 3)]
    return _small("stacked_bars", (MONTH, KIND, COUNT), rows, "month", "kind", "count")


def intervals() -> ReportResult:
    """Return customers by the length of their purchase intervals, for a histogram."""
    bands = ("0–29 天", "30–59 天", "60–89 天", "90–179 天", "180 天以上")
    rows = list(zip(bands, (41, 187, 96, 55, 12), strict=True))
    return _small("histogram", (KIND, COUNT), rows, "kind", "count")


def causes() -> ReportResult:
    """Return complaints by cause, not in order of number, for a Pareto picture."""
    rows = [("安装", 18), ("质量", 96), ("送货", 52), ("态度", 9), ("价格", 31)]
    return _small("pareto", (KIND, COUNT), rows, "kind", "count")


def pipeline_by_month() -> ReportResult:
    """Return weighted amounts by month and stage, for layers."""
    amounts = {"商机确认": (20, 34, 41, 28), "产品报价": (55, 48, 60, 71), "商务洽谈": (80, 66, 90, 120)}
    rows = [(f"2025-0{m}", stage, n[m - 1] * 1000) for stage, n in amounts.items() for m in (1, 2, 3, 4)]
    return _small("stacked_area", (MONTH, STAGE, COUNT), rows, "month", "stage", "count")


def loyalty() -> ReportResult:
    """Return duration against consumption by class, for points."""
    columns = (Column("months", Label("Months", "月数"), "integer"), COUNT, KIND)
    rows = [(m, m * 7 % 90 + m, ("重要", "主要", "普通")[m % 3]) for m in range(3, 60, 2)]
    return _small("scatter", columns, rows, "months", "count", "kind")


def funnel_of_stages() -> ReportResult:
    """Return how many reach each stage."""
    stages = ("商机确认", "决策关系分析", "产品报价", "商务洽谈", "合同签署")
    return _small(
        "funnel", (STAGE, COUNT), list(zip(stages, (240, 171, 118, 66, 41), strict=True)), "stage", "count"
    )


def appraisal() -> ReportResult:
    """Return two persons along five measures."""
    measures = ("满意度", "客户数", "新增客户", "产品增长", "风险控制")
    numbers = {"王芳": (92, 120, 14, 18, 80), "李明": (85, 160, 6, 25, 95)}
    rows = [(m, who, n) for who, values in numbers.items() for m, n in zip(measures, values, strict=True)]
    return _small("radar", (KIND, STAGE, COUNT), rows, "kind", "stage", "count")


def migration() -> ReportResult:
    """Return how many moved from class to class."""
    rows = [
        ("重要", "重要", 41),
        ("重要", "主要", 9),
        ("主要", "重要", 12),
        ("主要", "主要", 88),
        ("主要", "小客户", 20),
    ]
    return _small("sankey", (KIND, STAGE, COUNT), rows, "kind", "stage", "count")


def whole_view() -> ReportResult:
    """Return what happened in one relationship, day by day."""
    days = (
        (3, "订单", "O-1"),
        (9, "收款", "40,000"),
        (14, "投诉", "C-7"),
        (17, "投诉", "已答复"),
        (27, "订单", "O-2"),
    )
    rows = [(date(2025, 3, d), kind, text) for d, kind, text in days]
    return _small("timeline", (DAY, KIND, STAGE), rows, "day", "kind", "stage")


def goals() -> ReportResult:
    """Return a goal, its departments and their persons."""
    rows = [
        ("公司", None, 1_000_000),
        ("一部", "公司", 600_000),
        ("二部", "公司", 400_000),
        ("王芳", "一部", 350_000),
    ]
    rows += [("李明", "一部", 250_000), ("赵强", "二部", 400_000)]
    return _small("tree", (KIND, STAGE, COUNT), rows, "kind", "stage", "count")


EVERY = (
    rfm_grid,
    retention,
    reasons,
    movement,
    store_months,
    care_by_state,
    intervals,
    causes,
    pipeline_by_month,
    loyalty,
    funnel_of_stages,
    appraisal,
    migration,
    whole_view,
    goals,
)
