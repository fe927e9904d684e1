"""The list of due items: every cadence of every plugin at one cut, with who is to do what, and what was waived (CORE-99)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import attrs

from guanxi.kernel.advancing import Progress
from guanxi.kernel.before_import import still_due
from guanxi.kernel.cadences import Cadence, DueItem, DueMark, DueNotes, DueRow, DueState, Whose, figures
from guanxi.kernel.desk import unknown_customer
from guanxi.kernel.errors import PluginError, Unknown, failures_named, name_of_handler
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked, Column, Content, Drawing, Picture, Report
from guanxi.kernel.telling import Telling
from guanxi.kernel.timeline import Cut
from guanxi.kernel.times import LATEST, stamp

if TYPE_CHECKING:
    from guanxi.kernel.ledger import Ledger

REPORT = "core.due_items"
_UNMARKED = DueMark()


@attrs.frozen
class Narrowed:
    """Which due items are wanted; see ``Ledger.due_items``."""

    stream: str | None = None
    person: str | None = None
    section: str | None = None
    cadence: str | None = None
    rule: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: Collection[str] = ()

    def takes(self, row: DueRow) -> bool:
        """Return whether a row is wanted."""
        return (
            self.stream in (None, row.stream)
            and self.person in (None, row.person)
            and self.section in (None, row.section)
            and (not self.states or row.state in self.states)
            and self._within(row)
        )

    def _within(self, row: DueRow) -> bool:
        if row.until is None:
            return self.until is None or row.since < self.until
        return (self.since is None or row.until > self.since) and (
            self.until is None or row.until <= self.until
        )


class DueList:
    """Computes what is due in one ledger.

    Args:
        ledger: whose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._cadences = tuple(c for p in ledger.parts for c in p.cadences)
        self._notes = next((p.due_notes for p in ledger.parts if p.due_notes is not None), None)

    def rows(
        self, at: Cut, narrowed: Narrowed, customer: str | None, progress: Progress | None
    ) -> tuple[DueRow, ...]:
        """Return the rows at a cut; see ``Ledger.due_items``."""
        chosen = chosen_of(self._cadences, narrowed.cadence, narrowed.rule)
        stream = None if customer is None else self._stream(customer)
        reporting = self._ledger.reporting
        now = stamp(self._ledger.clock())
        at = reporting.possible(at, now)
        known = reporting.known_at(at, now)
        models = models_of(chosen, self._notes)
        reader = self._reader(models, at, known, stream)
        asked, _ = reporting.asked(min(at.as_of or now, LATEST), known, reporting.book(at))
        narrowed = attrs.evolve(narrowed, stream=stream)
        found = due_rows(chosen, self._notes, reader, asked, narrowed, progress)
        if stream is None or self._notes is None:
            return found
        for other in self._notes.shown(reader, stream, asked.as_of):
            theirs = self._reader(models, at, known, other)
            found += due_rows(chosen, self._notes, theirs, asked, attrs.evolve(narrowed, stream=other))
        return tuple(sorted(found, key=_in_order))

    def check(self, telling: Telling, connection: Any) -> None:
        """Refuse a ruling about a kind of item that there is not, or by the person who is to do the item as it stands now.

        An item that has not begun may be ruled on too, so that its key is not looked for; what only the host's own transaction
        holds is not looked into.

        Raises:
            Unknown: ``unknown_code`` for the name of a cadence that is not installed.
            Refusal: whatever the ruling says to the person himself.
        """
        ruling = None if self._notes is None else self._notes.ruling(telling.command)
        if ruling is None or self._notes is None:
            return
        names = sorted(c.name for c in self._cadences)
        if ruling.cadence not in names:
            near = get_close_matches(ruling.cadence, names)
            raise _unknown("kind of due item", "待办类别", ruling.cadence, near or names)
        if ruling.refused_to is None or connection is not None:
            return
        if (stream := self._ledger.find(telling.subject)) is None:
            return  # the ledger itself says that there is no such file
        rows = self.rows(Cut(), Narrowed(cadence=ruling.cadence), stream, None)
        row = next((row for row in rows if row.key == ruling.key), None)
        person = self._answering(stream, self._notes) if row is None else row.person
        if person is not None and person == telling.actor:
            raise ruling.refused_to(person)

    def _answering(self, stream: str, notes: DueNotes) -> str | None:
        """Return who answers for a relationship now, and so for what is to begin."""
        now = self._ledger.clock()
        reader = self._ledger.reporting.of_stream(notes.reads, stream, Cut(), stamp(now))
        return notes.whose(reader, stream, now).answerable(now)

    def _reader(self, models: Sequence[ReadModel[Any]], at: Cut, known: str, stream: str | None) -> Reader:
        reporting = self._ledger.reporting
        if stream is not None:
            return reporting.of_stream(models, stream, at, known)
        if at != Cut():
            return reporting.at(models, at, known)
        self._ledger.advance()
        reporting.project()
        return reporting.projector.reader(models=models)

    def _stream(self, customer: str) -> str:
        found = self._ledger.find(customer)
        if found is None and customer in self._ledger.store.heads([customer]):
            return customer
        if found is None:
            raise unknown_customer(customer)
        return found


def models_of(cadences: Sequence[Cadence], notes: DueNotes | None) -> tuple[ReadModel[Any], ...]:
    """Return the read models that the rows of these cadences are computed from."""
    needed = [c.reads for c in cadences] + ([] if notes is None else [notes.reads])
    return tuple(dict.fromkeys(m for reads in needed for m in reads))


def chosen_of(cadences: Sequence[Cadence], name: str | None, rule: str | None) -> tuple[Cadence, ...]:
    """Return the cadences of a name and a rule.

    Raises:
        Unknown: ``unknown_code`` where there is none of that name, or of that rule.
    """
    names, rules = sorted(c.name for c in cadences), sorted({c.rule for c in cadences})
    if name is not None and name not in names:
        raise _unknown("kind of due item", "待办类别", name, names)
    if rule is not None and rule not in rules:
        raise _unknown("rule with due items", "有待办事项的规则", rule, rules)
    return tuple(c for c in cadences if name in (None, c.name) and rule in (None, c.rule))


def due_rows(
    cadences: Sequence[Cadence],
    notes: DueNotes | None,
    reader: Reader,
    asked: Asked,
    narrowed: Narrowed,
    progress: Progress | None = None,
) -> tuple[DueRow, ...]:
    """Return the wanted rows of some cadences, in order of last day, cadence, stream and key; history of an import is left out.

    Args:
        cadences: which.
        notes: tells whose they are, and what was ruled.
        reader: over the read models of both, at the cut.
        asked: the cut.
        narrowed: which rows are wanted.
        progress: called with (cadences done, cadences in all).
    """
    found: list[tuple[tuple[Cadence, str, DueItem], DueRow]] = []
    marks = {} if notes is None else dict(notes.marks(reader))
    whose: dict[str, Whose] = {}
    for n, cadence in enumerate(cadences):
        if progress is not None:
            progress(n, len(cadences))
        for stream, item in _items(cadence, reader, asked):
            if narrowed.stream in (None, stream):
                if stream not in whose:
                    whose[stream] = Whose() if notes is None else notes.whose(reader, stream, asked.as_of)
                    if notes is not None and (above := whose[stream].shown_in) is not None:
                        marks.update(notes.marks(reader, above))
                places = (stream, whose[stream].shown_in)
                ruled = (
                    marks[s, cadence.name, item.key]
                    for s in places
                    if s and (s, cadence.name, item.key) in marks
                )
                row = _row(cadence, stream, item, whose[stream], next(ruled, _UNMARKED), asked.as_of)
                if narrowed.takes(row):
                    found.append(((cadence, stream, item), row))
    if progress is not None and cadences:
        progress(len(cadences), len(cadences))
    return tuple(sorted(still_due(found, asked), key=_in_order))


def _items(cadence: Cadence, reader: Reader, asked: Asked) -> Iterator[tuple[str, DueItem]]:
    handler = cadence.items
    with failures_named(cadence.name):
        for pair in handler(reader, asked):
            yield _looked_at(cadence, pair)


def _looked_at(cadence: Cadence, pair: Any) -> tuple[str, DueItem]:
    """Return what a cadence yields, if it is a stream and a due item whose moments can be compared.

    Raises:
        PluginError: ``due_item_wrong`` or ``bad_due_moment``, naming the cadence and its function, and no value of the item's.
    """
    if not (isinstance(pair, tuple) and len(pair) == 2):
        raise _no_item(cadence, type(pair).__name__)
    stream, item = pair
    if not (isinstance(stream, str) and isinstance(item, DueItem) and isinstance(item.key, str)):
        key = f" with a key of {type(item.key).__name__}" if isinstance(item, DueItem) else ""
        raise _no_item(cadence, f"({type(stream).__name__}, {type(item).__name__}{key})")
    for field in _MOMENTS:
        moment: object = getattr(item, field)
        if moment is None and field != "since":
            continue
        if not isinstance(moment, datetime) or moment.utcoffset() is None:
            what = "a datetime without a zone" if isinstance(moment, datetime) else type(moment).__name__
            what_zh = "无时区的时间" if isinstance(moment, datetime) else type(moment).__name__
            where, name = name_of_handler(cadence.items), cadence.name
            raise PluginError(
                "bad_due_moment",
                f"{where}: {field} of an item of {name} is {what}",
                zh=f"{where}：{name} 的事项的 {field} 为 {what_zh}",
                rule="CORE-99",
                accepts="a datetime with a zone, such as one of a row's or of asked.local(...)",
            )
    return stream, item


_MOMENTS = ("since", "until", "done_at", "ends")


def _no_item(cadence: Cadence, what: str) -> PluginError:
    where, name = name_of_handler(cadence.items), cadence.name
    return PluginError(
        "due_item_wrong",
        f"{where} yields {what} for {name}",
        zh=f"{where} 为 {name} 产生了 {what}",
        rule="CORE-99",
        accepts="pairs of a stream's id and a DueItem, whose key is text",
    )


def _row(
    cadence: Cadence, stream: str, item: DueItem, whose: Whose, mark: DueMark, moment: datetime
) -> DueRow:
    state = item.state(moment, mark.waived_at)
    settled = [t for t in (item.done_at, mark.waived_at, item.ends) if t is not None and t <= moment]
    return DueRow(
        stream=stream,
        customer=whose.account,
        section=whose.section,
        cadence=cadence.name,
        title=cadence.title,
        rule=cadence.rule,
        key=item.key,
        about=item.about,
        since=item.since,
        until=item.until,
        ends=item.ends,
        person=mark.person or item.person or whose.answerable(min([*settled, moment])),
        state=state,
        done_at=item.done_at if state in ("done", "late") else None,
        waived_by=mark.waived_by if state == "waived" else None,
        provisional=item.provisional,
    )


def _in_order(row: DueRow) -> tuple[str, ...]:
    return (LATEST if row.until is None else stamp(row.until), row.cadence, row.stream, row.key)


def _unknown(what: str, what_zh: str, name: str, there: Sequence[str]) -> Unknown:
    return Unknown(
        "unknown_code",
        f"there is no {what} {name}",
        zh=f"没有{what_zh} {name}",
        accepts=", ".join(there) or "none: no cadence is installed",
    )


# ---------------------------------------------------------------- as a report


@attrs.frozen
class DueParameters:
    """What the report of due items may be narrowed to."""

    person: str | None = attrs.field(default=None, metadata={"help": Label("who is to do it", "责任人")})
    section: str | None = attrs.field(default=None, metadata={"help": Label("business unit", "版块")})
    cadence: str | None = attrs.field(default=None, metadata={"help": Label("kind of due item", "待办类别")})
    rule: str | None = attrs.field(default=None, metadata={"help": Label("id of the rule", "规则编号")})
    state: DueState | None = attrs.field(default=None, metadata={"help": Label("how it stands", "状态")})


_FIGURES = (
    Label("due", "应办"),
    Label("punctual, %", "按期率（%）"),
    Label("fulfilled, %", "完成率（%）"),
)


def due_report(cadences: Sequence[Cadence], notes: DueNotes | None) -> Report:
    """Return the list of due items as a report over all cadences that are installed.

    Args:
        cadences: all of them.
        notes: tells whose they are, and what was ruled.
    """

    def build(reader: Reader, parameters: DueParameters, asked: Asked) -> Content:
        narrowed = Narrowed(
            person=parameters.person,
            section=parameters.section,
            states=() if parameters.state is None else (parameters.state,),
        )
        chosen = chosen_of(cadences, parameters.cadence, parameters.rule)
        rows = due_rows(chosen, notes, reader, asked, narrowed)
        total = figures([r.state for r in rows])
        told = (str(total.due), _shown(total.punctual), _shown(total.fulfilled))
        notes_below = tuple(zip(_FIGURES, told, strict=True))
        return Content([_cells(r) for r in rows], notes_below, drawing=_drawn(rows))

    return Report(
        name=REPORT,
        title=Label("Due items", "待办事项"),
        reads=models_of(cadences, notes),
        columns=(
            Column("customer", Label("Customer", "户号")),
            Column("section", Label("Section", "版块"), "code"),
            Column("cadence", Label("Kind", "类别"), "code"),
            Column("rule", Label("Rule", "规则")),
            Column("key", Label("Item", "事项")),
            Column("about", Label("About", "内容")),
            Column("since", Label("From", "起"), "instant"),
            Column("until", Label("Before", "截止"), "instant"),
            Column("person", Label("Person", "责任人")),
            Column("state", Label("State", "状态"), "code"),
            Column("done_at", Label("Done at", "完成时间"), "instant"),
            Column("waived_by", Label("Waived by", "免除批准人")),
        ),
        build=build,
        parameters=DueParameters,
        rules=("CORE-99",),
    )


def _drawn(rows: Sequence[DueRow]) -> Drawing:
    """Return a picture of how many items of each rule stand how."""
    count = Counter((r.rule, r.state) for r in rows)
    return Drawing(
        Picture("stacked_bars", "rule", "state", Label("Due items by rule", "各规则待办事项"), "items"),
        (
            Column("rule", Label("Rule", "规则")),
            Column("state", Label("State", "状态"), "code"),
            Column("items", Label("Items", "事项数"), "integer"),
        ),
        [(rule, state, n) for (rule, state), n in sorted(count.items())],
    )


def _cells(row: DueRow) -> tuple[Any, ...]:
    return (
        row.customer or row.stream,
        row.section,
        row.cadence,
        row.rule,
        row.key,
        row.about,
        row.since,
        row.until,
        row.person,
        row.state,
        row.done_at,
        row.waived_by,
    )


def _shown(value: Any) -> str:
    return "–" if value is None else f"{value:.1f}"
