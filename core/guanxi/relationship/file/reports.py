"""Reports of customer files: the register, what they are made up of, how good they are, and which seem to be double."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.privacy import ERASED
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column, Content, Picture, Report
from guanxi.relationship.file.cadences import stale_file
from guanxi.relationship.file.completeness import completeness, known_fields
from guanxi.relationship.file.names import folded
from guanxi.relationship.file.read_models import (
    DISMISSED,
    changes,
    contact_points,
    elements,
    files,
    merged_files,
    profile,
    suspicions,
)
from guanxi.relationship.file.rules import ProfileRules
from guanxi.relationship.file.spans import spans_in
from guanxi.relationship.file.standing import survivors

GroupBy = Literal["party", "industry", "region", "source_channel", "stage", "grade"]


def _register(reader: Reader, parameters: None, asked: Asked) -> Content:
    rows = [
        (
            r.account,
            r.party,
            None if r.name is None else str(r.name),
            r.source_channel,
            r.opened_on,
            r.closed_on,
            r.exit_reason,
        )
        for _, r in reader.rows(files)
    ]
    return Content(sorted(rows, key=lambda r: r[0]))


register = Report(
    name="core.files",
    title=Label("Customer files", "客户档案登记"),
    reads=(files,),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("party", Label("Kind", "类型"), "code"),
        Column("name", Label("Name", "名称")),
        Column("source_channel", Label("Source channel", "来源渠道"), "code"),
        Column("opened_on", Label("Opened on", "建档日期"), "date"),
        Column("closed_on", Label("Closed on", "关闭日期"), "date"),
        Column("exit_reason", Label("Exit reason", "退出原因"), "code"),
    ),
    build=_register,
    rules=("CORE-08", "CORE-61"),
)


@attrs.frozen
class ElementParameters:
    """What customers are grouped by."""

    group_by: GroupBy = attrs.field(
        default="party",
        metadata={
            "help": Label(
                "party, industry, region, source_channel, stage or grade",
                "party、industry、region、source_channel、stage 或 grade",
            )
        },
    )


def _elements(reader: Reader, parameters: ElementParameters, asked: Asked) -> Content:
    into = survivors(reader, asked.as_of)
    groups: Counter[str] = Counter()
    for stream, row in reader.rows(elements):
        if row.party and stream not in into:
            groups[_group(getattr(row, parameters.group_by))] += 1
    total = sum(groups.values())
    rows = [(name, count, total) for name, count in groups.items()]
    return Content(sorted(rows, key=lambda r: (-r[1], r[0])))


def _group(value: Any) -> str:
    return "not stated" if value is None or value == "" else "erased" if value is ERASED else str(value)


def _groups_foot(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    if rows and sum(r[1] for r in rows) != rows[0][2]:
        yield "Σ groups is not the number of customers"


basic_elements = Report(
    name="core.basic_elements",
    title=Label("Basic elements", "客户基本元素分析"),
    reads=(elements, merged_files),
    columns=(
        Column("group", Label("Group", "组别"), "code"),
        Column("customers", Label("Customers", "客户数"), "integer"),
        Column("total", Label("Of", "总数"), "integer"),
    ),
    build=_elements,
    parameters=ElementParameters,
    foots=_groups_foot,
    picture=Picture("bars", "group", "customers", Label("Customers by group", "各组客户数")),
    rules=("CORE-09", "CORE-11"),
)


@attrs.frozen
class CareParameters:
    """Which files are listed."""

    all_files: bool = attrs.field(
        default=False,
        metadata={"help": Label("list complete and fresh files too", "同时列出完整且新鲜的档案")},
    )


def _care(reader: Reader, parameters: CareParameters, asked: Asked) -> Content:
    into, rules = survivors(reader, asked.as_of), asked.rules(ProfileRules)
    known = known_fields(reader, into)
    stale = {
        stream: item.about
        for stream, item in stale_file.items(reader, asked)
        if item.state(asked.as_of) == "open"
    }
    absorbed = Counter(into.values())
    kinds = dict(reader.rows(elements))
    rows: list[tuple[Any, ...]] = []
    for stream, file in reader.rows(files):
        if stream in into or file.opened_on is None or file.closed_on is not None:
            continue
        kind = kinds.get(stream)
        required = rules.fields_of(file.party, None if kind is None else kind.importance)
        found = completeness(required, known.get(stream, {}), erased_leave=rules.erased_leave)
        if parameters.all_files or found.missing or stream in stale:
            rows.append(
                (
                    file.account,
                    file.party,
                    found.required,
                    len(found.filled),
                    found.percent,
                    ", ".join(found.missing),
                    stale.get(stream),
                    absorbed.get(stream, 0),
                )
            )
    return Content(sorted(rows, key=lambda r: r[0]))


def _care_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for account, _, required, filled, _, missing, *_ in rows:
        if filled + len([m for m in missing.split(", ") if m]) != required:
            yield f"filled and missing of {account} are not what is required"


file_care = Report(
    name="core.file_care",
    title=Label("Incomplete and stale files", "不完整与陈旧档案"),
    reads=(files, profile, contact_points, elements, changes, merged_files),
    columns=(
        Column("account", Label("Account no.", "户号")),
        Column("party", Label("Kind", "类型"), "code"),
        Column("required", Label("Required", "应填"), "integer"),
        Column("filled", Label("Filled", "已填"), "integer"),
        Column("completeness", Label("Complete", "完整率"), "percent"),
        Column("missing", Label("Missing", "缺项"), "code"),
        Column("stale_since_change", Label("Stale: last change", "陈旧：最近变动"), "code"),
        Column("absorbed", Label("Files merged into it", "并入档案数"), "integer"),
    ),
    build=_care,
    parameters=CareParameters,
    foots=_care_foots,
    picture=Picture("bars", "account", "completeness", Label("Completeness", "完整率")),
    rules=("CORE-09", "CORE-10"),
)


def _merges(reader: Reader, parameters: None, asked: Asked) -> Content:
    accounts = {stream: row.account for stream, row in reader.rows(files)}
    rows = [
        (
            asked.local(begins),
            accounts.get(stream, stream),
            accounts.get(row.absorbed, row.absorbed),
            None if ends is None else asked.local(ends),
            row.maintainer,
        )
        for stream, row in reader.rows(merged_files)
        for begins, ends in spans_in(row.spans)
    ]
    return Content(sorted(rows, key=lambda r: (r[0], r[1], r[2])))


merges_report = Report(
    name="core.merges",
    title=Label("Merged files", "合并档案登记"),
    reads=(files, merged_files),
    columns=(
        Column("merged_at", Label("Merged", "合并时间"), "instant"),
        Column("survivor", Label("Survivor", "保留档案")),
        Column("absorbed", Label("Absorbed", "被并档案")),
        Column("undone_at", Label("Undone", "撤销时间"), "instant"),
        Column("maintainer", Label("Maintainer named", "指定责任人")),
    ),
    build=_merges,
    rules=("CORE-13",),
)


@attrs.frozen
class DuplicateParameters:
    """How pairs are listed."""

    most: int = attrs.field(
        default=20,
        validator=attrs.validators.ge(2),
        metadata={
            "help": Label(
                "files alike up to which every pair is listed; of more, each against the first",
                "逐对列出的最大档案数，超过时各与首份对照",
            )
        },
    )


def _duplicates(reader: Reader, parameters: DuplicateParameters, asked: Asked) -> Content:
    accounts = {stream: row.account for stream, row in reader.rows(files)}
    into = survivors(reader, asked.as_of)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    dismissed: set[tuple[str, str]] = set()
    for stream, row in reader.rows(suspicions):
        pair = _pair(stream, row.other)
        if row.level == DISMISSED:
            dismissed.add(pair)
    for pair, evidence in _possible(reader, parameters.most):
        if pair not in dismissed:
            found[pair] = ("possible", evidence)
    for level in ("probable", "certain"):
        for stream, row in reader.rows(suspicions):
            if row.level == level and row.suspected:
                found[_pair(stream, row.other)] = (level, row.evidence)
    rows = [
        (level, *sorted((accounts.get(a, a), accounts.get(b, b))), evidence)
        for (a, b), (level, evidence) in found.items()
        if into.get(a, a) != into.get(b, b)
    ]
    order = ("certain", "probable", "possible")
    return Content(sorted(rows, key=lambda r: (order.index(r[0]), r[1], r[2])))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _possible(reader: Reader, most: int) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield pairs of files that share a mobile number, or name and birth date."""
    mobiles: dict[str, set[str]] = {}
    for stream, point in reader.rows(contact_points):
        if point.type == "mobile" and point.until is None and isinstance(point.value, str):
            mobiles.setdefault(point.value, set()).add(stream)
    named: dict[str, dict[str, str]] = {}
    for stream, field in reader.rows(profile):
        if field.field_name in ("name", "birth_date") and isinstance(field.value, str):
            named.setdefault(stream, {})[field.field_name] = folded(field.value)
    born: dict[tuple[str, str], set[str]] = {}
    for stream, known in named.items():
        if len(known) == 2:
            born.setdefault((known["name"], known["birth_date"]), set()).add(stream)
    yield from _pairs(born.values(), "name_and_birth_date", most)
    yield from _pairs(mobiles.values(), "mobile", most)


def _pairs(alike: Iterable[set[str]], evidence: str, most: int) -> Iterator[tuple[tuple[str, str], str]]:
    for streams in alike:
        ordered = sorted(streams)
        firsts = ordered if len(ordered) <= most else ordered[:1]
        for n, one in enumerate(firsts):
            for other in ordered[n + 1 :]:
                yield (one, other), evidence


duplicates_report = Report(
    name="core.duplicates",
    title=Label("Files that seem to be double", "疑似重复档案"),
    reads=(files, profile, contact_points, suspicions, merged_files),
    columns=(
        Column("level", Label("Level", "程度"), "code"),
        Column("first", Label("One file", "档案甲")),
        Column("second", Label("Other file", "档案乙")),
        Column("evidence", Label("Evidence", "依据"), "code"),
    ),
    build=_duplicates,
    parameters=DuplicateParameters,
    rules=("CORE-12",),
)

REPORTS = (register, basic_elements, file_care, merges_report, duplicates_report)
