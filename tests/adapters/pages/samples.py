"""Answers of reports made by hand, one for each kind of picture."""

from __future__ import annotations

from collections.abc import Sequence
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


EVERY = (rfm_grid, retention, reasons, movement, store_months)
