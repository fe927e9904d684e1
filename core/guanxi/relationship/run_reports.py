"""The register of runs over the population."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Report
from guanxi.kernel.runs.record import RunRow, run_register


def _runs(reader: Reader, parameters: None, asked: Asked) -> Content:
    found = sorted(reader.rows(run_register), key=lambda pair: (pair[1].run, pair[1].as_known, pair[0]))
    after = {row.supersedes: stream for stream, row in found if row.status == "closed"}
    rows = [(stream, *_run(row), after.get(stream)) for stream, row in found]
    return Content(rows, trouble=[t for stream, row in found for t in _unbalanced(stream, row)])


def _run(row: RunRow) -> tuple[Any, ...]:
    return (
        row.status,
        _told(row.parameters),
        datetime.fromisoformat(row.as_of),
        datetime.fromisoformat(row.as_known),
        row.position,
        _told(row.rule_sets),
        row.population,
        _told(row.controls),
        _told(row.counts),
        row.lines,
        row.digest,
        row.supersedes,
        None if row.in_force_from is None else datetime.fromisoformat(row.in_force_from),
    )


def _told(text: str) -> str:
    return ", ".join(f"{k} {v}" for k, v in msgspec.json.decode(text).items() if v is not None)


def _unbalanced(stream: str, row: RunRow) -> Iterator[str]:
    counts: dict[str, int] = msgspec.json.decode(row.counts)
    if row.status == "closed" and counts and sum(counts.values()) != row.population:
        yield f"Σ classes of {stream} is not its population"
    if row.status == "closed" and row.lines != row.population:
        yield f"{stream} has {row.lines} lines for {row.population} members"


runs = Report(
    name="core.runs",
    title=Label("Run register", "总体判定登记"),
    reads=(run_register,),
    columns=(
        Column("run", Label("Run", "判定")),
        Column("status", Label("Status", "状态"), "code"),
        Column("parameters", Label("Variant", "口径"), "code"),
        Column("as_of", Label("As of", "截止时点"), "instant"),
        Column("as_known", Label("As known", "已知时点"), "instant"),
        Column("position", Label("Position", "位置"), "integer"),
        Column("rule_sets", Label("Rule sets", "规则集"), "code"),
        Column("population", Label("Members", "成员数"), "integer"),
        Column("controls", Label("Control sums", "控制总数"), "code"),
        Column("counts", Label("By class", "各类人数"), "code"),
        Column("lines", Label("Lines", "明细数"), "integer"),
        Column("digest", Label("Digest of the members", "成员摘要")),
        Column("supersedes", Label("Supersedes", "取代")),
        Column("in_force_from", Label("In force from", "生效时点"), "instant"),
        Column("superseded_by", Label("Superseded by", "取代者")),
    ),
    build=_runs,
    rules=("CORE-94",),
)
