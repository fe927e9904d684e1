"""Card-rule follow-up 会员卡制度跟踪: figures before and after new card rules, what members say, measures (RET-55)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report
from guanxi_retail.reporting import option, percent
from guanxi_retail.store.followed import (
    FOLLOWED,
    Days,
    Figures,
    FollowedVersion,
    figures,
    follow_up_rows,
    published_versions,
    shifts,
    told,
)
from guanxi_retail.store.metrics import uplift
from guanxi_retail.store.vips import store_vips, vips_on

COUNTED = ("enrolments", "cards", "active_members", "points_earned", "points_redeemed")
REDEEMED_SHARE, VIPS, FEEDBACK = "redeemed_share", "vips", "feedback"


@attrs.frozen
class FollowUpParameters:
    """Which rules."""

    rule_set: str | None = option(None, Label("one rule set; all if not given", "规则集，默认全部"))
    version: int | None = option(None, Label("one version; all if not given", "版本，默认全部"))


def _build(reader: Reader, parameters: FollowUpParameters, asked: Asked) -> Content:
    done = {(row.rule_set, row.version): row for _, row in reader.rows(follow_up_rows)}
    rows: list[tuple[Any, ...]] = []
    notes: list[tuple[Label, str]] = []
    drawn: list[tuple[Any, ...]] = []
    for one in published_versions(reader, asked):
        if parameters.rule_set not in (None, one.rule_set) or parameters.version not in (None, one.version):
            continue
        name = f"{one.rule_set} {one.version}"
        before, after = figures(reader, one.before), figures(reader, one.after)
        for figure in COUNTED:
            was, now = getattr(before, figure), getattr(after, figure)
            rows.append((*_head(one), figure, Decimal(was), Decimal(now), percent(_change(was, now))))
            drawn += [(figure, f"{name} before", Decimal(was)), (figure, f"{name} after", Decimal(now))]
        rows.append((*_head(one), REDEEMED_SHARE, *_share(before, after)))
        then, now_vips = (vips_on(reader, window[1]) for window in (one.before, one.after))
        vips = len(then), len(now_vips)
        rows.append((*_head(one), VIPS, *map(Decimal, vips), percent(_change(*vips))))
        moved = shifts(reader, now_vips, one.before[1], one.after[1])
        for scheme, (better, worse) in moved.items():
            rows.append((*_head(one), f"vip_{scheme}_up", None, Decimal(better), None))
            rows.append((*_head(one), f"vip_{scheme}_down", None, Decimal(worse), None))
        for kind, (was, now) in sorted(_feedback(reader, one.before, one.after).items()):
            rows.append(
                (*_head(one), f"{FEEDBACK} {kind}", Decimal(was), Decimal(now), percent(_change(was, now)))
            )
        if (review := done.get((one.rule_set, one.version))) is not None:
            notes.append((Label(name, name), review.measure or review.no_measure_because or ""))
            notes.append((Label(f"{name}, VIPs", f"{name}，VIP"), review.vip_traits))
    return Content(rows, notes, drawing=Drawing(_PICTURE, _DRAWN, drawn))


def _head(one: FollowedVersion) -> tuple[Any, ...]:
    return one.rule_set, one.version, *one.before, *one.after, "cut_short" if one.cut_short else None


def _change(was: int, now: int) -> Fraction | None:
    return uplift(Fraction(now), Fraction(was))


def _share(before: Figures, after: Figures) -> tuple[Decimal | None, Decimal | None, None]:
    """Return the shares of points redeemed, in per cent."""
    return percent(before.redeemed_share), percent(after.redeemed_share), None


def _feedback(reader: Reader, before: Days, after: Days) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, row in reader.rows(told):
        for place, window in enumerate((before, after)):
            if row.day is not None and window[0] <= row.day <= window[1]:
                found[row.kind][place] += 1
    return found


_PICTURE = Picture(
    "bars", x="figure", y="window", value="value", title=Label("Before and after", "实施前后对比")
)
_FIGURE = Column("figure", Label("Figure", "指标"), "code")
_DRAWN = (
    _FIGURE,
    Column("window", Label("Window", "时段")),
    Column("value", Label("Value", "数值"), "decimal"),
)

card_follow_up_report = Report(
    name="retail.card_follow_up",
    title=Label("Card-rule follow-up", "会员卡制度跟踪"),
    reads=(*FOLLOWED, store_vips),
    columns=(
        Column("rule_set", Label("Rule set", "规则集"), "code"),
        Column("version", Label("Version", "版本"), "integer"),
        Column("before_from", Label("Before, from", "实施前起"), "date"),
        Column("before_until", Label("Before, until", "实施前止"), "date"),
        Column("after_from", Label("After, from", "实施后起"), "date"),
        Column("after_until", Label("After, until", "实施后止"), "date"),
        Column("cut", Label("Remark", "备注"), "code"),
        _FIGURE,
        Column("before", Label("Before", "实施前"), "decimal"),
        Column("after", Label("After", "实施后"), "decimal"),
        Column("change", Label("Change", "变化"), "percent"),
    ),
    build=_build,
    parameters=FollowUpParameters,
    rules=("RET-55",),
)
