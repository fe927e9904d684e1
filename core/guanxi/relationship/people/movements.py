"""Who was a customer when: what the changes of stage say about a moment, and about a period (CORE-61)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

import attrs

from guanxi.kernel.read_models import Reader
from guanxi.relationship.people.lifecycle import ALIVE
from guanxi.relationship.people.read_models import StageRow, stages


@attrs.frozen
class Step:
    """A change of stage.

    Args:
        at: when.
        before: from which stage.
        after: to which.
        cause: why.
        win_back: the attempt that a return is credited to.
    """

    at: datetime
    before: str
    after: str
    cause: str
    win_back: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether somebody became a customer who never was one."""
        return self.after in ALIVE and self.before not in ALIVE and self.after != "won_back"

    @property
    def is_return(self) -> bool:
        """Whether a customer came back; who was given back a return by an undone merge has been one all the time."""
        return self.after == "won_back" and self.before not in ALIVE

    @property
    def is_loss(self) -> bool:
        """Whether a customer was lost."""
        return self.before in ALIVE and self.after not in ALIVE


@attrs.frozen
class Course:
    """All changes of stage of one relationship, in order.

    Args:
        stream: whose.
        steps: the changes.
    """

    stream: str
    steps: tuple[Step, ...]

    def is_customer(self, moment: datetime) -> bool:
        """Return whether he was a customer just before a moment."""
        after = ""
        for step in self.steps:
            if step.at >= moment:
                break
            after = step.after
        return after in ALIVE

    def joined(self) -> datetime | None:
        """Return when he became a customer first."""
        return next((step.at for step in self.steps if step.after in ALIVE), None)

    def within(self, since: datetime, until: datetime) -> Iterator[Step]:
        """Yield the changes from one moment until before another."""
        return (step for step in self.steps if since <= step.at < until)


def courses(reader: Reader) -> Iterator[Course]:
    """Yield the course of every relationship that changed its stage.

    Args:
        reader: at a cut; what reads it declares ``stages``.
    """
    for stream, found in groupby(reader.rows(stages), key=lambda pair: pair[0]):
        yield Course(stream, tuple(_steps(row for _, row in found)))


def _steps(rows: Iterable[StageRow]) -> Iterator[Step]:
    dated = [(row.at, row) for row in rows if row.at is not None]
    for at, row in sorted(dated, key=lambda pair: (pair[0], pair[1].rank)):
        yield Step(at, row.before, row.after, row.cause, row.win_back)
