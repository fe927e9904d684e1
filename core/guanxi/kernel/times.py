"""Instants, days and months: how time is written in entries and counted in the programme's zone. No clock is read."""

from __future__ import annotations

import calendar as _calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guanxi.kernel.errors import Invalid

DEFAULT_ZONE = "Asia/Shanghai"
INSTANT = "instant"
"""Precision of a time: to the instant."""
DAY = "day"
"""Precision of a time: only its day is known."""
TICK = timedelta(microseconds=1)
"""The shortest time between two moments."""
EARLIEST = "0001-01-01T00:00:00.000000Z"
LATEST = "9999-12-31T23:59:59.999999Z"


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name.

    Raises:
        Invalid: ``unknown_zone`` when the name is not in the zone database.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            "unknown_zone",
            f"there is no time zone {name!r}",
            zh=f"没有名为 {name!r} 的时区",
            accepts="an IANA name such as Asia/Shanghai",
        ) from error


def stamp(at: datetime) -> str:
    """Write an aware datetime as stored: UTC, microseconds, fixed width, so that text order is time order.

    Raises:
        Invalid: ``naive_datetime`` when it has no time zone.
    """
    if not isinstance(at, datetime):
        raise Invalid(
            "invalid_date",
            f"{at!r} is not a moment",
            zh=f"{at!r} 不是时刻",
            accepts="an aware datetime",
        )
    if at.tzinfo is None:
        raise Invalid(
            "naive_datetime",
            f"{at.isoformat()} has no time zone",
            zh=f"{at.isoformat()} 没有时区",
            accepts="a datetime with tzinfo, or text with an offset",
        )
    try:
        return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    except OverflowError as error:
        raise _no_date(at.isoformat()) from error


@lru_cache(maxsize=16_384)
def after_tick(text: str) -> str:
    """Return the stamp one microsecond after another; the earliest one after the empty text."""
    return stamp(datetime.fromisoformat(text) + TICK) if text else EARLIEST


def instant(text: str, tz: tzinfo | None) -> datetime:
    """Read a stored stamp back, in the given zone."""
    return datetime.fromisoformat(text).astimezone(tz)


def read_instant(text: str, tz: ZoneInfo, *, end_of_day: bool = False) -> tuple[datetime, str]:
    """Read what a person typed: a date, or a date and time with or without an offset.

    Args:
        text: ISO 8601 text. Without an offset it is taken in ``tz``.
        tz: the declared zone.
        end_of_day: what a bare date means: its last instant (a cut), or else its first.

    Returns:
        The instant and its precision, ``"day"`` or ``"instant"``.

    Raises:
        Invalid: ``invalid_date`` for text that names no possible moment.
    """
    if not isinstance(text, str):
        raise Invalid(
            "invalid_date", f"{text!r} is not a date", zh=f"{text!r} 不是日期", accepts="2012-02-29"
        )
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return (end_of(day, tz) if end_of_day else midnight(day, tz)), DAY
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_date(text) from error
    return (at if at.tzinfo else at.replace(tzinfo=tz)), INSTANT


def _no_date(text: str) -> Invalid:
    return Invalid(
        "invalid_date",
        f"{text!r} is not a possible date",
        zh=f"{text!r} 不是可能的日期",
        accepts="2012-02-29 or 2012-02-29T10:00+08:00",
    )


def midnight(day: date, tz: tzinfo | None) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time.min, tz)


def midnight_after(day: date, tz: tzinfo | None) -> datetime:
    """Return the instant at which an inclusive last day is over: 24:00 of it."""
    return midnight(day + timedelta(days=1), tz)


def end_of(day: date, tz: tzinfo | None) -> datetime:
    """Return the last instant of a day, which is what a date without a time means in a cut."""
    return datetime.combine(day, time.max, tz)


def add_months(day: date, months: int) -> date:
    """Return the corresponding date some months on, clamped to the month's end (CORE-06)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, _calendar.monthrange(year, month)[1]))
