"""Consumer intake: how many came through the three screenings, who they are, and what the consultation found (RET-05)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs

from guanxi import Asked, Column, Content, Drawing, Label, Picture, Reader, Report, add_months
from guanxi.relationship import files
from guanxi.relationship.campaigns.read_models import screening_rows, sources
from guanxi.relationship.campaigns.screening import STAGES
from guanxi.relationship.file.completeness import READS as FIELDS
from guanxi.relationship.file.completeness import completeness, known_fields
from guanxi.relationship.file.read_models import merged_files
from guanxi.relationship.file.rules import ProfileRules
from guanxi.relationship.file.standing import survivors
from guanxi_retail.membership.consultation import ITEMS
from guanxi_retail.membership.read_models import consultations
from guanxi_retail.membership.rules import IntakeRules
from guanxi_retail.purchases.read_models import customers
from guanxi_retail.reporting import ACCOUNT, account_of, option

TOTAL = "Σ"
_TENTH = Decimal("0.1")


@attrs.frozen
class IntakeParameters:
    """Which version of the written outline is looked at."""

    version: str | None = option(
        None, Label("version of the outline; the last that was used if not given", "筛选提纲版本")
    )


def _passed(reader: Reader, version: str | None) -> tuple[str | None, dict[str, int]]:
    """Return the version of the outline, and how many stages each file came through under it."""
    rows = list(reader.rows(screening_rows))
    if version is None and rows:
        version = max(rows, key=lambda pair: (str(pair[1].at), pair[1].outline_version))[1].outline_version
    through: dict[str, set[str]] = defaultdict(set)
    for stream, row in rows:
        if row.outline_version == version and row.outcome == "passed":
            through[stream].add(row.stage)
    return version, {stream: _in_order(stages) for stream, stages in through.items()}


def _in_order(stages: set[str]) -> int:
    """Return how many stages were passed one after the other; a later one alone counts for nothing."""
    return next((n for n, stage in enumerate(STAGES) if stage not in stages), len(STAGES))


def _collected(reader: Reader, asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield the files that were collected over one of the channels, with the channel."""
    channels, into = asked.rules(IntakeRules).channels, survivors(reader, asked.as_of)
    for stream, row in reader.rows(sources):
        if row.source_channel in channels and stream not in into:
            yield stream, row.source_channel


def _share(part: int, whole: int) -> Decimal | None:
    """Return a share as a percentage to one decimal, half up; None of nothing."""
    return Decimal((2000 * part + whole) // (2 * whole)) * _TENTH if whole else None


def _funnel(reader: Reader, parameters: IntakeParameters, asked: Asked) -> Content:
    version, through = _passed(reader, parameters.version)
    fields = _completeness(reader, asked)
    counts: dict[str, list[int]] = {
        channel: [0] * (len(STAGES) + 1) for channel in asked.rules(IntakeRules).channels
    }
    filled: Counter[str] = Counter()
    required: Counter[str] = Counter()
    for stream, channel in _collected(reader, asked):
        for stage in range(through.get(stream, 0) + 1):
            counts[channel][stage] += 1
        have, want = fields.get(stream, (0, 0))
        filled[channel] += have
        required[channel] += want
    total = [sum(column) for column in zip(*counts.values(), strict=True)] or [0] * (len(STAGES) + 1)
    rows = [
        _funnel_row(channel, count, filled[channel], required[channel]) for channel, count in counts.items()
    ]
    rows.append(_funnel_row(TOTAL, total, filled.total(), required.total()))
    drawing = Drawing(_FUNNEL, _PARTS, list(zip(("collected", *STAGES), total, strict=True)))
    notes = [] if version is None else [(Label("version of the outline", "筛选提纲版本"), version)]
    return Content(rows, notes, drawing=drawing)


def _funnel_row(channel: str, count: Sequence[int], filled: int, required: int) -> tuple[Any, ...]:
    stages: list[Any] = []
    for before, after in pairwise(count):
        stages += [after, _share(after, before)]
    return (channel, count[0], *stages, _share(count[-1], count[0]), _share(filled, required))


def _completeness(reader: Reader, asked: Asked) -> Mapping[str, tuple[int, int]]:
    """Return how many of the fields that a file is to hold are filled, and how many there are, by stream."""
    into, rules = survivors(reader, asked.as_of), asked.rules(ProfileRules)
    known = known_fields(reader, into)
    found: dict[str, tuple[int, int]] = {}
    for stream, file in reader.rows(files):
        required = rules.fields_of(file.party)
        one = completeness(required, known.get(stream, {}), erased_leave=rules.erased_leave)
        found[stream] = len(one.filled), one.required
    return found


def _funnel_foots(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    counts = [(row[0], row[1], row[2], row[4], row[6]) for row in rows]
    for channel, *stages in counts:
        if stages != sorted(stages, reverse=True):
            yield f"{channel}: more came through a stage than through the one before"
    *channels, total = counts or [(TOTAL, 0, 0, 0, 0)]
    if [sum(column) for column in zip(*(c[1:] for c in channels), strict=True)] != list(
        total[1:]
    ) and channels:
        yield "the channels do not add up to the total"


_STAGE = Column("stage", Label("Stage", "阶段"), "code")
_PARTS = (_STAGE, Column("consumers", Label("Consumers", "消费者数"), "integer"))
_FUNNEL = Picture("funnel", x="stage", y="consumers", title=Label("Collected and screened", "收集筛选漏斗"))

_CHANNEL = Column("source_channel", Label("Channel", "渠道"), "code")

intake_funnel = Report(
    name="retail.intake_funnel",
    title=Label("Intake funnel", "收集筛选漏斗"),
    reads=(sources, screening_rows, files, merged_files, *FIELDS),
    columns=(
        _CHANNEL,
        Column("collected", Label("Collected", "收集"), "integer"),
        Column("preliminary", Label("Preliminary", "初步筛选"), "integer"),
        Column("preliminary_share", Label("of collected", "占收集"), "percent", 1),
        Column("shortlist", Label("Target consumers", "目标消费者"), "integer"),
        Column("shortlist_share", Label("of preliminary", "占初筛"), "percent", 1),
        Column("final", Label("Service objects", "服务对象"), "integer"),
        Column("final_share", Label("of targets", "占目标"), "percent", 1),
        Column("overall", Label("Overall", "总通过率"), "percent", 1),
        Column("completeness", Label("File complete", "档案完整率"), "percent", 1),
    ),
    build=_funnel,
    parameters=IntakeParameters,
    foots=_funnel_foots,
    picture=_FUNNEL,
    rules=("RET-05",),
)


def _consumers(reader: Reader, parameters: IntakeParameters, asked: Asked) -> Content:
    rules, account = asked.rules(IntakeRules), account_of(reader)
    _, through = _passed(reader, parameters.version)
    into = survivors(reader, asked.as_of)
    spent: defaultdict[str, Decimal] = defaultdict(Decimal)
    first: dict[str, date] = {}
    for stream, row in reader.rows(customers):
        top = into.get(stream, stream)
        spent[top] += row.spent - row.refunded
        if row.first_on is not None:
            first[top] = min(row.first_on, first.get(top, row.first_on))
    rows = []
    for stream, channel in _collected(reader, asked):
        begun = first.get(stream)
        months = None if begun is None else _months(begun, asked.day)
        rows.append(
            (
                account(stream),
                channel,
                ("collected", *STAGES)[through.get(stream, 0)],
                spent[stream],
                _band(spent[stream], rules.spend),
                months,
                None if months is None else _band(months, rules.use_months),
                _novelty(begun, asked.day, rules.new_days),
            )
        )
    return Content(sorted(rows))


def _months(since: date, until: date) -> int:
    """Return the whole months between two days."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - 1 if add_months(since, months) > until else months


def _band(value: Decimal | int, bounds: Sequence[Decimal | int]) -> int:
    """Return the number of the band that a value is in: 1 below the first bound, and so on."""
    return 1 + sum(value >= bound for bound in sorted(bounds))


def _novelty(first: date | None, day: date, new_days: int) -> str:
    if first is None:
        return "no_purchase"
    return "new_consumer" if day < first + timedelta(days=new_days) else "old_consumer"


consumers = Report(
    name="retail.consumers",
    title=Label("Consumers by spend, use and novelty", "消费者分类"),
    reads=(sources, screening_rows, files, merged_files, customers),
    columns=(
        ACCOUNT,
        _CHANNEL,
        _STAGE,
        Column("spent", Label("Spent", "消费额"), "decimal"),
        Column("spend_band", Label("Spend band", "消费档"), "integer"),
        Column("months", Label("Months of use", "使用月数"), "integer"),
        Column("use_band", Label("Use band", "使用档"), "integer"),
        Column("novelty", Label("New or old", "新老"), "code"),
    ),
    build=_consumers,
    parameters=IntakeParameters,
    rules=("RET-05",),
)


def _consultations(reader: Reader, parameters: None, asked: Asked) -> Content:
    account, into = account_of(reader), survivors(reader, asked.as_of)
    answered: defaultdict[str, set[str]] = defaultdict(set)
    for stream, row in reader.rows(consultations):
        answered[into.get(stream, stream)].add(row.item)
    rows = []
    for stream, items in answered.items():
        missing = [item for item in ITEMS if item not in items]
        status = "consultation_open" if missing else "consultation_complete"
        rows.append((account(stream), status, len(items), ", ".join(missing)))
    return Content(sorted(rows))


def _consulted(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    for account, _, answered, missing in rows:
        if answered + len(list(filter(None, missing.split(", ")))) != len(ITEMS):
            yield f"{account}: answered and open items are not all there are"


consultation_report = Report(
    name="retail.consultation_items",
    title=Label("Consultations", "咨询登记"),
    reads=(files, merged_files, consultations),
    columns=(
        ACCOUNT,
        Column("status", Label("Status", "状态"), "code"),
        Column("answered", Label("Answered", "已答"), "integer"),
        Column("open_items", Label("Open items", "未答项"), "code"),
    ),
    build=_consultations,
    foots=_consulted,
    rules=("RET-05",),
)
