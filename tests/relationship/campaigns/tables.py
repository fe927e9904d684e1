"""Tables filled by hand, so that a report can be asked about a thousand customers at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from guanxi import Asked, Content, ReadModel, Report

ZONE = ZoneInfo("Asia/Shanghai")
CUT = datetime(2025, 12, 31, 23, 59, tzinfo=ZONE)
ON = datetime(2025, 6, 1, 10, tzinfo=ZONE)
ASKED = Asked(CUT, CUT, "Asia/Shanghai")


class Tables:
    """Reads rows that a test made.

    Args:
        rows: (stream, row) pairs by read model; the others are empty.
    """

    position = 0

    def __init__(self, rows: Mapping[ReadModel[Any], Sequence[tuple[str, Any]]]) -> None:
        self._rows = dict(rows)

    def rows(self, model: ReadModel[Any]) -> Iterator[tuple[str, Any]]:
        """Yield a model's rows."""
        yield from self._rows.get(model, ())

    def row(self, model: ReadModel[Any], stream: str, key: Any = ()) -> Any:
        """Return one row, or None."""
        found = (r for s, r in self.rows(model) if s == stream and model.key_of(r) == key)
        return next(found, None)

    def select(self, build: Any, *models: ReadModel[Any]) -> list[tuple[Any, ...]]:
        """Refuse, since there is no database."""
        raise NotImplementedError


def answer(
    report: Report, rows: Mapping[ReadModel[Any], Sequence[tuple[str, Any]]], **given: Any
) -> list[dict[str, Any]]:
    """Return a report's rows by column, once they foot."""
    parameters = None if report.parameters is None else report.parameters(**given)
    content: Content = report.build(Tables(rows), parameters, ASKED)
    assert [*content.trouble, *(report.foots(content.rows) if report.foots else ())] == []
    names = [c.name for c in report.columns]
    return [dict(zip(names, row, strict=True)) for row in content.rows]


def customers(count: int) -> list[str]:
    """Return the streams of so many customers."""
    return [f"s-{n:05}" for n in range(count)]
