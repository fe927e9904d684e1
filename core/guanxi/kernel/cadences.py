"""Cadences: what falls due again and again or once, computed from read models at a cut, never stored (CORE-99)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader, ReadModel
from guanxi.kernel.reports import Asked

DueState = Literal["open", "done", "overdue", "late", "waived", "not_done"]


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
    """

    name: str
    title: Label
    rule: str
    reads: tuple[ReadModel[Any], ...]
    items: Callable[[Reader, Asked], Iterator[tuple[str, DueItem]]]
    fulfilled_by: tuple[str, ...] = ()
