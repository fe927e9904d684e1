"""Spans of time as one text, for what begins and ends several times: ``from/until;from/``, in stamps."""

from __future__ import annotations

from datetime import datetime

from guanxi.kernel.times import stamp

Span = tuple[datetime, datetime | None]


def begun(text: str, at: datetime) -> str:
    """Return spans with one more that begins, unless the last one lasts."""
    return text if text.endswith("/") else f"{text};{stamp(at)}/".lstrip(";")


def ended(text: str, at: datetime) -> str:
    """Return spans whose last one ends, if it lasts."""
    return text + stamp(at) if text.endswith("/") else text


def spans_in(text: str) -> list[Span]:
    """Return the spans of a text, in order."""
    found: list[Span] = []
    for span in filter(None, text.split(";")):
        begins, _, ends = span.partition("/")
        found.append((datetime.fromisoformat(begins), datetime.fromisoformat(ends) if ends else None))
    return found


def within(text: str, moment: datetime) -> bool:
    """Return whether a moment lies within one of the spans; their ends do not."""
    return any(begins <= moment and (ends is None or moment < ends) for begins, ends in spans_in(text))
