"""Reports: queries over read models at a cut, with typed parameters, bilingual columns, a digest, and a picture as data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs
import msgspec

from guanxi.kernel.entries import ToldLate
from guanxi.kernel.errors import Invalid, PluginError, Unknown
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import fields_of
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.rules import RuleSet

R = TypeVar("R", bound=RuleSet)
PictureKind = Literal[
    "bars",
    "stacked_bars",
    "histogram",
    "pareto",
    "lines",
    "stacked_area",
    "scatter",
    "heatmap",
    "waterfall",
    "funnel",
    "radar",
    "sankey",
    "timeline",
    "tree",
]
"""Kinds of picture; see ``Picture``."""
CellType = Literal["text", "code", "integer", "decimal", "percent", "date", "instant"]
"""What a report's cells are."""


CODES = re.compile(r"[^\s,]+")
"""The codes in a cell that may hold several, and what they are about."""


@attrs.frozen
class Column:
    """One column of a report.

    Args:
        name: stable code, snake_case.
        label: heading in both languages.
        type: what its cells are; ``percent`` cells are ``Decimal`` or ``None``, 15.88 meaning 15.88 %. A ``code`` cell is a code
            or several with commas between, each with what it is about after a blank; people read codes by their labels.
        places: decimals shown for ``decimal`` and ``percent``.
    """

    name: str
    label: Label
    type: CellType = "text"
    places: int = 2


@attrs.frozen
class Picture:
    """What to draw of a report's rows; renderers turn it into an image.

    ``bars``, ``lines``, ``stacked_bars`` and ``stacked_area`` have a height ``y`` along ``x``, or, with ``value`` as the
    height, one series for each word of ``y``; so has ``radar``, whose axes ``x`` names. ``histogram``, ``pareto`` and
    ``funnel`` have a height ``y`` for each ``x``. ``scatter`` has two numbers and may colour by ``value``; ``heatmap`` colours
    cells by it. ``waterfall`` has movements. ``sankey`` flows ``value`` from ``x`` to ``y``; ``tree`` puts ``x`` beside its stem
    ``y``; ``timeline`` puts moments ``x`` into lanes ``y``.

    Args:
        kind: what sort of picture.
        x: column on the horizontal axis, or what names the parts.
        y: column on the vertical axis (for a heatmap, the row of the grid).
        value: column that gives the height or the colour.
        title: text above it.
    """

    kind: PictureKind
    x: str
    y: str
    title: Label
    value: str | None = None


@attrs.frozen
class Drawing:
    """A picture with rows of its own, where those of the table do not suit it.

    Args:
        picture: what to draw; None for nothing.
        columns: columns of its rows.
        rows: its rows.
    """

    picture: Picture | None = None
    columns: Sequence[Column] = ()
    rows: Sequence[tuple[Any, ...]] = ()


@attrs.frozen
class Content:
    """What a report's function returns.

    Args:
        rows: in the report's total order.
        notes: what to say below, such as a model's fit.
        columns: in place of the report's own, where they depend on the parameters or the data.
        drawing: in place of the report's own picture of these rows.
        trouble: what does not add up, where it takes more than the rows to see it.
    """

    rows: Sequence[tuple[Any, ...]]
    notes: Sequence[tuple[Label, str]] = ()
    columns: Sequence[Column] | None = None
    drawing: Drawing | None = None
    trouble: Sequence[str] = ()


def _no_rules(rule_set: type[Any], at: datetime | None = None) -> Any:
    return rule_set()


def _told_in_time(stream: str, name: str, at: datetime, imported: bool) -> datetime:
    return at


class Knowledge(Protocol):
    """What was known when: for what has to be told apart by when it was heard of."""

    def told_late(self, streams: Sequence[str]) -> Mapping[str, Sequence[ToldLate]]:
        """Return when streams were told of what had counted before, in order of recording; a stream without is absent."""
        ...

    def at(
        self, models: Sequence[ReadModel[Any]], stream: str, recorded: str, *, before: bool
    ) -> tuple[Reader, Asked]:
        """Return one stream's tables, and the cut: a moment of recording, as known by then or just before."""
        ...


@attrs.frozen
class Asked:
    """What a report's function may know besides its parameters: the cut, the programme's zone, and its rules at the cut."""

    as_of: datetime
    as_known: datetime
    zone: str
    find: Callable[[type[Any], datetime | None], Any] = attrs.field(default=_no_rules, eq=False, repr=False)
    installed: frozenset[str] = attrs.field(default=frozenset(), eq=False, repr=False)
    """Names of the plugins that are there now: what another one stated stays, and can be marked as of an absent source."""
    heard: Callable[[str, str, datetime, bool], datetime] = attrs.field(
        default=_told_in_time, eq=False, repr=False
    )
    knowledge: Knowledge | None = attrs.field(default=None, eq=False, repr=False)
    """By which history that an import told of is told apart; nothing is without."""

    @property
    def day(self) -> date:
        """The as-of day in the programme's zone."""
        return self.as_of.date()

    def local(self, at: datetime) -> datetime:
        """Return a row's moment in the programme's zone, where days begin and end."""
        return at.astimezone(self.as_of.tzinfo)

    def day_of(self, at: datetime) -> date:
        """Return the day of a row's moment in the programme's zone."""
        return self.local(at).date()

    def rules(self, rule_set: type[R]) -> R:
        """Return the rule set in force at the cut; the report names its version."""
        return cast(R, self.find(rule_set, None))

    def rules_at(self, rule_set: type[R], at: datetime) -> R:
        """Return the rule set in force at another moment, as known at the cut, such as when a complaint came in.

        Args:
            rule_set: its class.
            at: the moment; one after the cut counts as the cut, since nothing that lies ahead has been in force yet.
        """
        return cast(R, self.find(rule_set, min(at, self.as_of)))

    def known_from(self, stream: str, name: str, at: datetime, *, imported: bool = False) -> datetime:
        """Return when it was first recorded that an event counts from a moment; the moment itself where it was told in time.

        Nothing is to be sent, or done, for a day that an import told of only after it (CORE-98).

        Args:
            stream: whose event.
            name: the event's stored name.
            at: the moment it counts from, as a row keeps it.
            imported: whether only what an import batch told counts as told later.
        """
        return self.heard(stream, name, at, imported)


@attrs.frozen
class Report:
    """A query over read models.

    Args:
        name: stable name with the plugin's prefix.
        title: in both languages.
        reads: the read models it needs; all stand at one position when it runs.
        parameters: frozen attrs class of its parameters, each with a default and metadata ``help`` (a Label).
        columns: its columns.
        build: ``build(reader, parameters, asked)`` returns the content.
        foots: returns texts that say what does not add up; empty when all does.
        picture: what to draw.
        rules: ids of the rules it answers to.
        over: in place of ``build``, where tables cannot tell it: ``over(ledger, parameters, asked, cut)`` returns the content.
    """

    name: str
    title: Label
    reads: tuple[ReadModel[Any], ...]
    columns: tuple[Column, ...]
    build: Callable[[Reader, Any, Asked], Content]
    parameters: type[Any] | None = None
    foots: Callable[[Sequence[tuple[Any, ...]]], Iterable[str]] | None = None
    picture: Picture | None = None
    rules: tuple[str, ...] = ()
    over: Callable[[Any, Any, Asked, Any], Content] | None = None


@attrs.frozen
class Manifest:
    """What a report was made from: enough to make it again and to prove that it is the same (CORE-76)."""

    report: str
    plugin: str
    plugin_version: str
    parameters: Mapping[str, Any]
    as_of: str
    as_known: str
    position: int
    zone: str
    rows: int
    digest: str


@attrs.frozen
class Hypothetical(Manifest):
    """What a report was made from that answers under rule sets which are supposed only: it proves nothing that happened."""

    hypothetical: bool = True


@attrs.frozen
class ReportResult:
    """A report's answer at a cut, ready to be shown."""

    report: Report
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[tuple[Label, str], ...]
    manifest: Manifest
    drawing: Drawing | None = None
    labels: Mapping[str, Label] = attrs.field(factory=dict, eq=False, repr=False)
    """What the codes in it are called, by code."""

    def drawn(self) -> ReportResult:
        """Return what the picture is to be drawn from: this result, or its drawing as one."""
        if self.drawing is None:
            return self
        report = attrs.evolve(self.report, picture=self.drawing.picture)
        return attrs.evolve(
            self,
            report=report,
            columns=tuple(self.drawing.columns),
            rows=tuple(self.drawing.rows),
            drawing=None,
        )

    def as_table(self, lang: str = "en", width: int | None = None) -> str:
        """Return the report as text in columns that fit ``width`` characters (the terminal's, or 100)."""
        from guanxi.kernel.rendering import table

        return table(self, lang, width)

    def as_csv(self, lang: str = "en") -> str:
        """Return the report as CSV with a heading line in the given language."""
        from guanxi.kernel.rendering import csv_text

        return csv_text(self, lang)

    def as_json(self) -> str:
        """Return the report as JSON: manifest, columns and rows; decimals as text."""
        from guanxi.kernel.rendering import json_text

        return json_text(self)

    def as_html(self, lang: str = "en") -> str:
        """Return the report as one standalone HTML page with its picture, needing no network.

        Raises:
            PluginError: ``picture_column_unknown`` for a picture of columns that are not there;
                ``renderer_missing`` when the extra that draws pictures is not installed.
        """
        from guanxi.kernel.rendering import html_page

        check_picture(self)
        return html_page(self, lang)


def check_picture(result: ReportResult) -> None:
    """Refuse a picture of columns that its rows do not have.

    Raises:
        PluginError: ``picture_column_unknown``, naming report, axis and column.
    """
    drawn = result.drawn()
    picture, columns = drawn.report.picture, [c.name for c in drawn.columns]
    if picture is None:
        return
    for axis, name in (("x", picture.x), ("y", picture.y), ("value", picture.value)):
        if name is not None and name not in columns:
            raise PluginError(
                "picture_column_unknown",
                f"the picture of the report {result.report.name} takes {axis} from the column {name!r}, which is not there",
                zh=f"报表 {result.report.name} 的图以不存在的列 {name!r} 为 {axis}",
                accepts=", ".join(columns),
            )


def codes_in(columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]) -> set[str]:
    """Return the codes that stand in the cells of rows."""
    places = [n for n, column in enumerate(columns) if column.type == "code"]
    cells = (row[n] for row in rows for n in places) if places else ()
    return {code for cell in cells if isinstance(cell, str) for code in CODES.findall(cell)}


def canonical(value: Any) -> Any:
    """Return a cell as it stands in the canonical table: decimals as text, dates in ISO 8601."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def digest_of(report: str, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], zone: str) -> str:
    """Return the digest of the canonical table (CORE-76): typed cells, codes rather than labels, rows in the report's total order."""
    # That a text is a code is for those who read it: the table stays what it was.
    types = [[c.name, "text" if c.type == "code" else c.type] for c in columns]
    body = [report, zone, types, [[canonical(v) for v in row] for row in rows]]
    return hashlib.sha256(msgspec.json.encode(body)).hexdigest()


@cache
def _choices(cls: type[Any]) -> dict[str, tuple[Any, ...]]:
    """Return the codes that each parameter may be which is one of several."""
    hints = get_type_hints(cls)
    return {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}


def parameters_from(name: str, cls: type[Any] | None, given: Mapping[str, Any]) -> Any:
    """Return the parameters of a report or run from what was given; None for one that takes none.

    Args:
        name: whose.
        cls: their class.
        given: values by name, typed or as text.

    Raises:
        Invalid: ``unknown_field`` or ``out_of_scale``.
        Unknown: ``unknown_code``; a choice that there is not.
    """
    if cls is None:
        if given:
            raise Invalid(
                "unknown_field", f"{name} takes no parameters", zh=f"{name} 没有参数", accepts="none"
            )
        return None
    names = [a.name for a in fields_of(cls)]
    if extra := sorted(set(given) - set(names)):
        raise Invalid(
            "unknown_field",
            f"{name} has no parameter {', '.join(extra)}",
            zh=f"{name} 没有参数 {', '.join(extra)}",
            accepts=", ".join(names),
        )
    plain = {k: canonical(v) for k, v in given.items()}
    kind: Any = cls
    for field, choices in _choices(kind).items():
        if isinstance(value := plain.get(field), str) and value not in choices:
            raise Unknown(
                "unknown_code",
                f"{name}: {field} is {value!r}",
                zh=f"{name}：{field} 不能为 {value!r}",
                accepts=", ".join(map(str, choices)),
            )
    try:
        return msgspec.convert(plain, cls, strict=False)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise Invalid("out_of_scale", f"{name}: {error}", zh=f"{name}：{error}") from error
