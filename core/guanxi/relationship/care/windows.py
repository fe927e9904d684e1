"""Contact windows: the weekdays and hours at which a customer may be reached, half-open, perhaps over midnight (CORE-46)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

import attrs

from guanxi.kernel.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = 8
"""Days in which a weekly window opens again, counted from the day before."""


@attrs.frozen
class Window:
    """Hours on some weekdays; the weekday is that on which they begin.

    Args:
        weekdays: Monday 0.
        opens: first moment.
        closes: the first moment that is too late; on the next day if not after ``opens``.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time

    def on(self, day: date, zone: tzinfo | None) -> tuple[datetime, datetime] | None:
        """Return from when until when it is open from a day on, or None."""
        if day.weekday() not in self.weekdays:
            return None
        ends = day if self.closes > self.opens else day + timedelta(days=1)
        return datetime.combine(day, self.opens, zone), datetime.combine(ends, self.closes, zone)


EVERY_DAY = frozenset(range(len(WEEKDAYS)))


def read_windows(text: str) -> tuple[Window, ...]:
    """Read windows such as ``mon-fri 09:30-12:00; sat,sun 20:00-03:00``; without weekdays they hold every day.

    Args:
        text: windows, divided by semicolons.

    Raises:
        Invalid: ``invalid_date`` for what names no window.
    """
    return tuple(_window(part.split()) for part in text.split(";") if part.strip())


def _window(words: Sequence[str]) -> Window:
    try:
        *days, hours = words
        opens, closes = hours.split("-")
        weekdays = frozenset(n for part in ",".join(days).split(",") if part for n in _days(part))
        return Window(weekdays or EVERY_DAY, time.fromisoformat(opens), time.fromisoformat(closes))
    except ValueError as error:
        raise Invalid(
            "invalid_date",
            f"{' '.join(words)!r} is no contact window",
            zh=f"{' '.join(words)!r} 不是联系时段",
            rule="CORE-46",
            accepts="mon-fri 09:30-18:00; sat,sun 20:00-03:00",
        ) from error


def _days(part: str) -> Iterator[int]:
    first, _, last = part.lower().partition("-")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    day = start
    while True:
        yield day
        if day == end:
            return
        day = (day + 1) % len(WEEKDAYS)


def next_opening(windows: Sequence[Window], at: datetime) -> datetime | None:
    """Return when the customer may be reached: ``at`` itself where a window is open, None where none ever is.

    Args:
        windows: of the customer.
        at: in the customer's zone.
    """
    day = at.date() - timedelta(days=1)
    spans = (w.on(day + timedelta(days=n), at.tzinfo) for n in range(_WEEK + 2) for w in windows)
    found = [span for span in spans if span is not None and span[1] > at]
    return min((max(opens, at) for opens, _ in found), default=None)
