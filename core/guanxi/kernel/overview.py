"""The whole view of one relationship: sections that every subject contributes, made from one fold at a cut (CORE-77)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from guanxi.kernel.access import Door, let_in
from guanxi.kernel.cadences import DueRow
from guanxi.kernel.cells import taken
from guanxi.kernel.errors import PluginError, Unknown, failures_named, name_of_handler
from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.kernel.reports import Column
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.times import instant, stamp

if TYPE_CHECKING:
    from guanxi.kernel.history import History
    from guanxi.kernel.ledger import Ledger

S = TypeVar("S")
R = TypeVar("R", bound=RuleSet)


class Code(str):
    """A cell that is a code, in a column of which not all are; people read it by its label, as they read a column of codes."""

    __slots__ = ()


class Look:
    """What a section is made from: the relationship's states and rules at a cut.

    Args:
        history: at the cut.
        at: the moment, in the ledger's zone.
        known: stamp of the knowledge.
    """

    def __init__(self, history: History, at: datetime, known: str) -> None:
        self._history, self.at, self._known = history, at, known

    def of(self, state: type[S]) -> S:
        """Return a facet's state by its class."""
        found: S = self._history.state(state)
        return found

    def rules(self, rule_set: type[R]) -> R:
        """Return the rule set in force at the cut."""
        found, _ = self._history.book().find(rule_set, stamp(self.at), self._known)
        return found


@attrs.frozen
class Overview:
    """What one subject has to show of a relationship.

    Args:
        name: stable name with the plugin's prefix, such as ``core.view_orders``.
        title: in both languages.
        facets: whose states it reads, all of one subject; it is a section of the views of that subject's streams alone.
        columns: columns of its rows.
        rows: ``rows(look)`` yields them, in the order in which they are to be read: tuples of a cell for each column.
    """

    name: str
    title: Label
    facets: tuple[Facet[Any], ...]
    columns: tuple[Column, ...]
    rows: Callable[[Look], Iterable[tuple[Any, ...]]]


@attrs.frozen
class Section:
    """One section of a whole view.

    Args:
        name: of its overview.
        title: in both languages.
        columns: columns of its rows.
        rows: what is shown.
        hidden: how many rows the reader may not see; they are counted, not shown.
    """

    name: str
    title: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    hidden: int = 0


@attrs.frozen
class WholeView:
    """Everything that is known of one relationship at a cut.

    Args:
        account: what it was asked by.
        stream: its opaque id.
        as_of: the moment.
        sections: in the order of subjects.
        due: what is to be done in it, or should have been.
    """

    account: str
    stream: str
    as_of: datetime
    sections: tuple[Section, ...]
    due: tuple[DueRow, ...]

    def section(self, name: str) -> Section:
        """Return a section by its name.

        Raises:
            KeyError: there is none of that name.
        """
        for one in self.sections:
            if one.name == name:
                return one
        raise KeyError(name)


def view_of(
    ledger: Ledger,
    account: str,
    history: History,
    as_of: datetime | str | None,
    as_known: datetime | str | int | None,
    door: Door,
) -> WholeView:
    """Return the whole view of a relationship; see ``Ledger.whole_view``."""
    now = stamp(ledger.clock())
    at = min(history.cut.as_of or now, now) if as_of is None else history.cut.as_of or now
    known = history.cut.as_known or now
    look = Look(history, instant(at, ledger.tz), known)
    sections = tuple(_sections(ledger, account, history.judged().room.subject, look, door))
    with let_in():
        due = ledger.due_items(as_of=as_of, as_known=as_known, customer=account, states=("open", "overdue"))
    return WholeView(account, history.stream, look.at, sections, due)


def _sections(ledger: Ledger, account: str, subject: str, look: Look, door: Door) -> Iterator[Section]:
    for parts in ledger.parts:
        for one in parts.overviews:
            if any(facet.subject != subject for facet in one.facets):
                continue  # such a stream has no states of theirs
            rows = _rows(one, look)
            if rows and not door.allows(ledger, "whole_view", subject=account, name=one.name):
                yield Section(one.name, one.title, one.columns, (), len(rows))
            else:
                yield Section(one.name, one.title, one.columns, rows)


def _rows(overview: Overview, look: Look) -> tuple[tuple[Any, ...], ...]:
    handler, name = overview.rows, overview.name
    with failures_named(name):
        try:
            return taken(handler, handler(look), overview.columns, name)
        except Unknown as error:
            if error.code != "unknown_facet":
                raise
            # To a host it would look as if the customer it asked for were unknown.
            where = name_of_handler(handler)
            raise PluginError(
                "reads_undeclared",
                f"{where}: the overview {name} reads a state that none of its subject's facets has: {error.message}",
                zh=f"{where}：客户全貌栏目 {name} 读取了其主体没有的状态：{error.zh}",
                accepts="states of the facets that it declares: "
                + (", ".join(f.name for f in overview.facets) or "none"),
            ) from error
