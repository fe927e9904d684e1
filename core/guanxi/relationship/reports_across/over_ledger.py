"""Reports that tables cannot tell: what is asked of the log itself, of two cuts at once, or of a run judged again.

They are functions over a ledger, as issuing is. Their answers are those of any report: they foot, carry a digest, and are shown alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import attrs

from guanxi.kernel.access import ask, let_in
from guanxi.kernel.errors import Invalid
from guanxi.kernel.ledger import Ledger
from guanxi.kernel.read_models import Reader
from guanxi.kernel.reporting import answer_of, plain
from guanxi.kernel.reports import (
    Asked,
    Content,
    Report,
    ReportResult,
    parameters_from,
)
from guanxi.kernel.timeline import Cut, cut

_ANY_REPORT = "core.files"

Over = Callable[[Ledger, Any, Asked, Cut], Content]
"""``over(ledger, parameters, asked, cut)`` returns the content."""


def not_from_tables(reader: Reader, parameters: Any, asked: Asked) -> Content:
    """Refuse: such a report is made over a ledger, not over tables.

    Raises:
        Invalid: ``unknown_report``.
    """
    raise Invalid(
        "unknown_report",
        "this report is made over a ledger",
        zh="该报表须在账本之上生成",
        accepts="its own function",
    )


def learned_by(at: Cut) -> str | int | None:
    """Return what bounds the knowledge of a cut, as ``Ledger.report`` and ``Ledger.whole_view`` are told it."""
    return at.as_known if at.position is None else at.position


def answered(
    ledger: Ledger,
    report: Report,
    over: Over,
    *,
    as_of: datetime | str | None = None,
    as_known: datetime | str | int | None = None,
    given: Mapping[str, Any],
) -> ReportResult:
    """Return what a report over a ledger answers at a cut, with its manifest.

    Args:
        ledger: which.
        report: names it, and says what its columns, parameters and rules are.
        over: makes its content.
        as_of: leave out what counts from later; a bare date means that day's end.
        as_known: leave out what was learned later: a moment, or a position of the log.
        given: the report's own parameters.

    Returns:
        The answer, as ``Ledger.report`` gives one.

    Raises:
        Invalid: ``does_not_foot``, or what a parameter or a cut is refused with.
        NotPermitted: who asks may not have that report.
    """
    parameters = parameters_from(report.name, report.parameters, given)
    ask(ledger, "report", name=report.name, parameters=dict(given))
    asked_for = cut(as_of, as_known, ledger.tz)
    with let_in():
        # Any report tells which moment, knowledge and place in the log its cut came to, and brings what is due down on paper.
        proof = ledger.report(_ANY_REPORT, as_of=as_of, as_known=as_known).manifest
        at = attrs.evolve(
            asked_for,
            as_known=None if asked_for.as_known is None else proof.as_known,
            position=None if asked_for.position is None else proof.position,
        )
        reporting = ledger.reporting
        asked, used = reporting.asked(proof.as_of, proof.as_known, reporting.book(at))
    content = over(ledger, parameters, asked, at)
    manifest = attrs.evolve(proof, report=report.name, parameters=plain(parameters))
    return answer_of(report, over, content, manifest, used, ledger.labels)
