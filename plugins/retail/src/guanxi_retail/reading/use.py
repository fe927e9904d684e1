"""How much a work was read, as totals without any person (RET-53)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from guanxi import Conflict, Facet, Fact, Label, Now
from guanxi_retail.reading.commands import CountContentUse
from guanxi_retail.reading.events import ContentUseCounted

WORK = "work"
"""Kind of the streams of works."""


@attrs.define
class ContentUse:
    """The months that were counted."""

    months: list[date] = attrs.field(factory=list)


content_use = Facet("retail.content_use", ContentUse, subject=WORK, title=Label("Content use", "内容使用"))


@content_use.evolve
def _counted(s: ContentUse, e: ContentUseCounted) -> None:
    s.months.append(e.month)


@content_use.decide
def _count(s: ContentUse, c: CountContentUse, now: Now) -> Iterator[Fact]:
    month = c.month.replace(day=1)
    if month in s.months:
        raise Conflict(
            "source_conflict",
            f"{month:%Y-%m} is counted already",
            zh=f"{month:%Y-%m} 已统计",
            rule="RET-53",
            accepts="a correction of the first count",
        )
    yield ContentUseCounted(
        work=now.subject, month=month, clicks=c.clicks, downloads=c.downloads, users=c.users
    )
