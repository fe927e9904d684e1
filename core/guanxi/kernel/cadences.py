"""Cadences: what falls due again and again or once, computed from read models at a cut, never stored (CORE-99)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import attrs

from guanxi.kernel.errors import Refusal
from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked

DueState = Literal["open", "done", "overdue", "late", "waived", "not_done"]
"""How a due item stands (CORE-99)."""


@attrs.frozen
class DueItem:
    """One thing that is to be done, and whether it was.

    Args:
        key: names it within its cadence and relationship, for ever: a complaint, or a lead and a month such as ``L-1/2025-04``.
        since: from when a deed fulfils it; earlier ones fulfil nothing.
        until: the first instant that is too late, so 24:00 of the last day; None for a gap that has no term.
        done_at: when it was done; None while it was not.
        ends: when the next item of its series takes its place; what nobody has done by then is not done.
        person: who is to do it, where its own entries name him; the maintainer otherwise.
        about: what it concerns, in the firm's own words or numbers; no personal data.
        provisional: whether its term runs through a year whose holidays are not published.
    """

    key: str
    since: datetime
    until: datetime | None
    done_at: datetime | None = None
    ends: datetime | None = None
    person: str | None = None
    about: str = ""
    provisional: bool = False

    def state(self, at: datetime, waived_at: datetime | None = None) -> DueState:
        """Return how it stands at a moment.

        Args:
            at: the moment; the end of a day includes that day.
            waived_at: when it was waived, if it was.
        """
        if self.done_at is not None and self.done_at <= at:
            return "done" if self.until is None or self.done_at < self.until else "late"
        if waived_at is not None and waived_at <= at:
            return "waived"
        if self.ends is not None and at >= self.ends:
            return "not_done"
        return "overdue" if self.until is not None and at >= self.until else "open"


@attrs.frozen
class Cadence:
    """A rule by which things fall due.

    Args:
        name: stable name with the plugin's prefix, such as ``core.complaint_notice``.
        title: in both languages.
        rule: id of the rule.
        reads: the read models it is computed from.
        items: ``items(reader, asked)`` yields (stream, item) for everything due up to the cut, what is done included; pure.
        fulfilled_by: stored names of the events that fulfil its items.
        warns: whether its items are warnings: without a term, and of the day they were raised on.
    """

    name: str
    title: Label
    rule: str
    reads: tuple[ReadModel[Any], ...]
    items: Callable[[Reader, Asked], Iterator[tuple[str, DueItem]]]
    fulfilled_by: tuple[str, ...] = ()
    warns: bool = False


@attrs.frozen
class DueMark:
    """What somebody ruled about one due item.

    Args:
        person: who was named to do it.
        waived_at: when it was waived.
        waived_by: who approved that.
        reason: why.
    """

    person: str | None = None
    waived_at: datetime | None = None
    waived_by: str | None = None
    reason: Any = None


@attrs.frozen
class Whose:
    """The relationship that a due item belongs to: its account number and section, and who answers for it at a moment."""

    account: str | None = None
    section: str | None = None
    answerable: Callable[[datetime], str | None] = lambda moment: None
    shown_in: str | None = None
    """The stream of the relationship that shows the items of this one, where rulings about them may stand as well."""


@attrs.frozen
class Ruling:
    """What a command rules about one due item.

    Args:
        cadence: the cadence's name.
        key: the item's own.
        refused_to: returns the refusal of whoever is to do the item himself, where he may not rule so; takes his name.
    """

    cadence: str
    key: str
    refused_to: Callable[[str], Refusal] | None = None


class DueNotes(Protocol):
    """What the list of due items has to be told from elsewhere; one of the parts hands it over as ``Parts.due_notes``."""

    reads: tuple[ReadModel[Any], ...]
    """The read models it looks at."""

    def whose(self, reader: Reader, stream: str, moment: datetime | None = None) -> Whose:
        """Return whose items a stream's are, as merges have it at a moment; the stream's own if none is given."""
        ...

    def shown(self, reader: Reader, stream: str, moment: datetime) -> Sequence[str]:
        """Return the other streams whose items a relationship shows at a moment."""
        ...

    def marks(self, reader: Reader, stream: str | None = None) -> Mapping[tuple[str, str, str], DueMark]:
        """Return what was ruled about items, by stream, cadence and key; in one stream, where it is named."""
        ...

    def ruling(self, command: Any) -> Ruling | None:
        """Return what a command rules about a due item; None for all others. Asked before each command is carried out."""
        ...


@attrs.frozen
class DueRow:
    """One due item as the list shows it, at a cut.

    Args:
        stream: the relationship's opaque id, or the id of another subject such as a member of staff.
        customer: its account number; None for a subject that is no customer.
        section: the business unit it is in.
        cadence: the cadence's name.
        title: what people call that.
        rule: id of the rule.
        key: names the item within its cadence and relationship.
        about: what it concerns.
        since: from when a deed fulfils it.
        until: the first instant that is too late; None without a term.
        ends: when the next of its series takes its place.
        person: who is to do it: whom the item names, whom somebody assigned, or who answers for the relationship.
        state: how it stands.
        done_at: when it was done.
        waived_by: who approved that it need not be done.
        provisional: whether its term runs through a year whose holidays are not published.
    """

    stream: str
    customer: str | None
    section: str | None
    cadence: str
    title: Label
    rule: str
    key: str
    about: str
    since: datetime
    until: datetime | None
    ends: datetime | None
    person: str | None
    state: DueState
    done_at: datetime | None
    waived_by: str | None
    provisional: bool


@attrs.frozen
class DueFigures:
    """What a list of due items comes to (CORE-99).

    Args:
        due: how many there are.
        punctual: done ÷ (due − waived − open), in percent; None where that is 0.
        fulfilled: (done + late) ÷ the same.
    """

    due: int
    open: int
    done: int
    overdue: int
    late: int
    waived: int
    not_done: int
    punctual: Decimal | None
    fulfilled: Decimal | None


def figures(states: Collection[DueState]) -> DueFigures:
    """Return what due items come to, from their states."""
    count = dict.fromkeys(("open", "done", "overdue", "late", "waived", "not_done"), 0)
    for state in states:
        count[state] += 1
    settled = len(states) - count["waived"] - count["open"]
    punctual = _percent(count["done"], settled)
    return DueFigures(
        due=len(states),
        **count,
        punctual=punctual,
        fulfilled=_percent(count["done"] + count["late"], settled),
    )


def _percent(part: int, whole: int) -> Decimal | None:
    return None if whole == 0 else Decimal(100 * part) / whole
