"""What the reports on classes and value share."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reports import Asked, Column
from guanxi.relationship.grading.measures import (
    Span,
    Value,
    full_months,
    measured,
    postings_by_stream,
)
from guanxi.relationship.grading.members import members_of
from guanxi.relationship.grading.rules import (
    ValueRules,
)

ACCOUNT = Column("account", Label("Account no.", "户号"))
TOTAL = "Σ"
YES, NO = "yes", "no"


def option(default: Any, en: str, zh: str) -> Any:
    """Declare a parameter of a report.

    Args:
        default: its default.
        en: what it is, in English.
        zh: in Chinese.
    """
    return attrs.field(default=default, metadata={"help": Label(en, zh)})


def months_before(day: date, asked: Asked, months: int | None) -> Span:
    """Return the full months before a day, as many as asked for or as the rules say.

    Args:
        day: the day.
        asked: the cut.
        months: how many; the rules' number if None.
    """
    return full_months(day, months or asked.rules(ValueRules).months)


def figures_of(reader: Reader, asked: Asked, span: Span, *, closed: bool = False) -> dict[str, Value]:
    """Return every customer's figures of a period, by stream.

    Args:
        reader: at a cut; what reads it declares ``members`` and ``values``.
        asked: the cut.
        span: the days.
        closed: whether closed files count too.
    """
    posted, currency = postings_by_stream(reader, asked.day), asked.rules(ValueRules).currency
    return {s: measured(posted.get(s, ()), span, currency) for s in members_of(reader, closed=closed)}
