"""Everything that is known of a customer at two cuts, and what differs between them (report 43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import attrs

from guanxi.kernel.labels import Label, label_of
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.overview import Section, WholeView
from guanxi.kernel.reports import (
    Asked,
    Column,
    Content,
    Drawing,
    Picture,
    Report,
    ReportResult,
    canonical,
)
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import midnight
from guanxi.relationship.reports_across.over_ledger import answered, learned_by, not_from_tables

ADDED, CHANGED, UNCHANGED, GONE = "added", "changed", "unchanged", "gone"
CHANGES = (ADDED, CHANGED, UNCHANGED, GONE)
Row = tuple[Any, ...]


@attrs.frozen
class TimelineParameters:
    """Whose view is compared, and between which cuts; the second is the cut of the report itself."""

    account: str = attrs.field(default="", metadata={"help": Label("account number", "户号")})
    first_as_of: str | None = attrs.field(
        default=None, metadata={"help": Label("the first cut: as of", "第一截点：截至")}
    )
    first_as_known: str | None = attrs.field(
        default=None, metadata={"help": Label("the first cut: as known", "第一截点：知悉至")}
    )
    only_differences: bool = attrs.field(
        default=False, metadata={"help": Label("leave out what is unchanged", "不列未变项")}
    )


def customer_timeline(
    ledger: Ledger,
    account: str,
    *,
    as_of: datetime | str | None = None,
    as_known: datetime | str | int | None = None,
    first_as_of: str | None = None,
    first_as_known: str | int | None = None,
    only_differences: bool = False,
) -> ReportResult:
    """Return a customer's whole view at a cut beside that at a first one, row by row (report 43; CORE-77).

    A row of a section is the same at both cuts if it begins alike; it is changed where another of its cells differs. Every row
    of the view at the cut is added, changed or unchanged; what only the first cut shows is gone.

    Args:
        ledger: where the customer's history is kept.
        account: account number.
        as_of: the cut: leave out what counts from later; a bare date means that day's end.
        as_known: the cut: leave out what was learned later: a moment, or a position of the log.
        first_as_of: the same of the first cut; that of the second if not given.
        first_as_known: the same of the first cut; that of the second if not given.
        only_differences: whether to leave out what is unchanged.

    Returns:
        The answer, as ``Ledger.report`` gives one; what the reader may not see is counted in a note, not shown.

    Raises:
        Unknown: there is no such customer file.
        Invalid: a cut does not fit, or ``does_not_foot``.
        NotPermitted: who asks may not see the file.
    """
    given = {
        "account": account,
        "first_as_of": first_as_of,
        "first_as_known": None if first_as_known is None else str(first_as_known),
        "only_differences": only_differences,
    }
    return answered(ledger, REPORT, over_ledger, as_of=as_of, as_known=as_known, given=given)


def over_ledger(ledger: Ledger, parameters: TimelineParameters, asked: Asked, at: Cut) -> Content:
    """Return what the report says at a cut; nothing where it names no customer.

    Args:
        ledger: which.
        parameters: whose view, and the first cut.
        asked: the second cut.
        at: the same.
    """
    if not parameters.account:
        return Content([], drawing=Drawing(), trouble=[])
    # Asked in the name of whoever asks: what he may not see of a view is counted, not compared.
    known, before = learned_by(at), parameters.first_as_known
    second = ledger.whole_view(parameters.account, as_of=at.as_of, as_known=known)
    first = ledger.whole_view(
        parameters.account,
        as_of=parameters.first_as_of or at.as_of,
        as_known=known if before is None else int(before) if before.isdecimal() else before,
    )
    return _content(ledger, first, second, parameters, asked)


@attrs.frozen
class _Pair:
    """A row of a section at either cut; None where it is not there."""

    before: Row | None
    after: Row | None

    @property
    def change(self) -> str:
        if self.before is None:
            return ADDED
        if self.after is None:
            return GONE
        return UNCHANGED if self.before == self.after else CHANGED


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> list[_Pair]:
    """Return the rows of a section side by side, those of the second cut in its order, then what is gone."""
    left: dict[tuple[Any, int], Row] = _numbered(before)
    found = [_Pair(left.pop(key, None), row) for key, row in _numbered(after).items()]
    return found + [_Pair(row, None) for row in left.values()]


def _numbered(rows: Sequence[Row]) -> dict[tuple[Any, int], Row]:
    """Return rows by their first cell, and by which of those that begin alike they are."""
    seen: Counter[str] = Counter()
    found: dict[tuple[Any, int], Row] = {}
    for row in rows:
        begins = str(canonical(row[0])) if row else ""
        found[begins, seen[begins]] = row
        seen[begins] += 1
    return found


def _content(
    ledger: Ledger, first: WholeView, second: WholeView, parameters: TimelineParameters, asked: Asked
) -> Content:
    before = {s.name: s for s in first.sections}
    rows: list[Row] = []
    drawn: list[Row] = []
    many: Counter[str] = Counter()
    hidden = 0
    for section in second.sections:
        hidden += section.hidden
        old = before.get(section.name)
        for pair in _pairs(() if old is None else old.rows, section.rows):
            many[pair.change] += 1
            shown = pair.after or pair.before or ()
            at = _moment(section, shown, asked)
            if at is not None:
                drawn.append((at, section.name, pair.change))
            if pair.change != UNCHANGED or not parameters.only_differences:
                rows.append(
                    (
                        section.name,
                        None if not shown else _told(shown[0]),
                        pair.change,
                        at,
                        *_cells(section, pair),
                    )
                )
    trouble = []
    everything = sum(len(s.rows) for s in second.sections)
    if many[ADDED] + many[CHANGED] + many[UNCHANGED] != everything:
        trouble.append("added, changed and unchanged are not all that the view shows")
    was = sum(len(s.rows) for s in first.sections if s.name in {o.name for o in second.sections})
    if many[CHANGED] + many[UNCHANGED] + many[GONE] != was:
        trouble.append("changed, unchanged and gone are not all that the first view shows")
    called = {change: label_of(ledger.labels, change, REPORT.name) for change in CHANGES}
    notes = [(called[change] or Label(change, change), str(many[change])) for change in CHANGES]
    notes.append((Label("all at the cut", "截点全部"), str(everything)))
    if hidden:
        notes.append((Label("not shown", "未显示"), str(hidden)))
    drawing = Drawing(
        Picture("timeline", "at", "section", Label("Customer timeline", "客户全景"), "change"),
        (COLUMNS[3], COLUMNS[0], COLUMNS[2]),
        sorted(drawn, key=lambda r: (r[0], r[1], r[2])),
    )
    return Content(rows, notes, drawing=drawing, trouble=trouble)


def _cells(section: Section, pair: _Pair) -> tuple[str | None, str | None, str | None]:
    """Return which columns differ, and what stands in them at either cut; of a row at one cut only, all that it holds."""
    names = [c.name for c in section.columns]
    if pair.before is not None and pair.after is not None:
        places = [n for n, (a, b) in enumerate(zip(pair.before, pair.after, strict=True)) if a != b]
    else:
        row = pair.before or pair.after or ()
        places = [n for n, cell in enumerate(row) if n and cell is not None]
    what = ", ".join(names[n] for n in places) or None
    return what, _joined(pair.before, places), _joined(pair.after, places)


def _joined(row: Row | None, places: Sequence[int]) -> str | None:
    if row is None or not places:
        return None
    return ", ".join(_told(row[n]) or "–" for n in places)


def _told(cell: Any) -> str | None:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return None if cell is None else str(canonical(cell))


def _moment(section: Section, row: Row, asked: Asked) -> datetime | None:
    """Return the first moment that a row tells, where it tells one."""
    for column, cell in zip(section.columns, row, strict=True):
        if column.type in ("date", "instant") and isinstance(cell, datetime | date):
            return asked.local(cell) if isinstance(cell, datetime) else midnight(cell, asked.as_of.tzinfo)
    return None


COLUMNS = (
    Column("section", Label("Section", "栏目"), "code"),
    Column("item", Label("Item", "条目"), "code"),
    Column("change", Label("Change", "变化"), "code"),
    Column("at", Label("Since", "时间"), "instant"),
    Column("what", Label("What", "内容"), "code"),
    Column("before", Label("At the first cut", "第一截点"), "code"),
    Column("after", Label("At the cut", "本截点"), "code"),
)

REPORT = Report(
    name="core.customer_timeline",
    title=Label("Customer timeline", "客户全景"),
    reads=(),
    columns=COLUMNS,
    build=not_from_tables,
    parameters=TimelineParameters,
    rules=("CORE-77",),
)
"""What the answer is called, and what stands in it."""
