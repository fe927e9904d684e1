"""Report 29: how concentrated customers are (CORE-56)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.grading.classing import abc, concentration, share_of, top_count
from guanxi.relationship.grading.importance import (
    classes,
    levels_at,
)
from guanxi.relationship.grading.measures import (
    ZERO,
    values,
)
from guanxi.relationship.grading.members import members, members_of
from guanxi.relationship.grading.reports.shared import (
    ACCOUNT,
    NO,
    YES,
    figures_of,
    months_before,
    option,
)
from guanxi.relationship.grading.rules import (
    LOWEST,
    WHOLE,
    ConcentrationRules,
    ImportanceRules,
)

ROUNDING = Decimal("0.000001")
"""What shares may fall short of a whole by, since a third has no end."""


@attrs.frozen
class ConcentrationParameters:
    """What is concentrated, and over how long."""

    measure: Literal["revenue", "contribution", "quantity"] = option(
        "revenue", "measure: revenue, contribution or quantity", "口径：收入、贡献额或数量"
    )
    months: int | None = option(None, "full months; as the rules say if not given", "完整月数；默认按规则")


def _concentration(reader: Reader, parameters: ConcentrationParameters, asked: Asked) -> Content:
    rules = asked.rules(ConcentrationRules)
    figures = figures_of(reader, asked, months_before(asked.day, asked, parameters.months))
    account, levels = members_of(reader), levels_at(reader, asked)
    streams = {account[stream]: stream for stream in figures}
    amounts: dict[str, Decimal] = {account[s]: getattr(v, parameters.measure) for s, v in figures.items()}
    letters, found = abc(amounts, rules), concentration(amounts, rules)
    among_top = frozenset(found.top)
    total = sum(amounts.values(), ZERO)
    rows: list[tuple[Any, ...]] = []
    so_far = ZERO
    for rank, one in enumerate(sorted(amounts, key=lambda a: (-amounts[a], a)), 1):
        so_far += amounts[one]
        rows.append(
            (
                rank,
                one,
                amounts[one],
                share_of(amounts[one], total),
                share_of(so_far, total),
                letters[one],
                YES if one in among_top else NO,
                levels.get(streams[one], LOWEST),
            )
        )
    key_level = asked.rules(ImportanceRules).key_level
    key = sum((a for one, a in amounts.items() if levels.get(streams[one], LOWEST) <= key_level), ZERO)
    costs = {account[s]: v.cost for s, v in figures.items()}
    spent = share_of(sum((costs[one] for one in found.top), ZERO), sum(costs.values(), ZERO))
    count = f"{top_count(len(amounts), rules.top)} / {len(amounts)}"
    top, volume = (
        Label("Share of the top", "前列占比"),
        Label("Key accounts' share of volume", "重点客户占比"),
    )
    resources = Label("The top's share of resources", "前列资源占比")
    notes = [
        (top, f"{count}: {_against(found.top_share, rules.top_share)}"),
        (volume, _against(share_of(key, total), rules.key_share)),
        (resources, _against(spent, rules.resource_share)),
        (Label("HHI", "赫芬达尔指数"), "–" if found.hhi is None else f"{found.hhi:.4f}"),
    ]
    return Content(rows, notes=notes)


def _against(share: Decimal | None, line: Decimal) -> str:
    return "–" if share is None else f"{share:.1f} % {'≥' if share >= line else '<'} {line} %"


def _shares_are_whole(rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
    shares = [row[3] for row in rows if row[3] is not None]
    if shares and abs(sum(shares, ZERO) - WHOLE) > ROUNDING:
        yield f"the shares sum to {sum(shares, ZERO)} %"


concentration_report = Report(
    name="core.concentration",
    title=Label("Concentration", "客户集中度"),
    reads=(members, classes, values),
    parameters=ConcentrationParameters,
    columns=(
        Column("rank", Label("Rank", "名次"), "integer"),
        ACCOUNT,
        Column("amount", Label("Amount", "金额"), "decimal"),
        Column("share", Label("Share", "占比"), "percent"),
        Column("cumulative", Label("Cumulative", "累计占比"), "percent"),
        Column("grade", Label("Class", "类别"), "code"),
        Column("top", Label("Among the top", "前列"), "code"),
        Column("level", Label("Importance", "重要级别"), "integer"),
    ),
    build=_concentration,
    foots=_shares_are_whole,
    picture=Picture("pareto", "account", "amount", Label("Concentration", "客户集中度")),
    rules=("CORE-56",),
)
