"""Hands in the sales statistics of a week; what was handed in can be printed again as it was (RET-41)."""

from __future__ import annotations

from datetime import date

from guanxi import Ledger, ReportResult
from guanxi.relationship.governance.issuing import issue
from guanxi_retail.group_purchase.read_models import WEEKLY_SALES, monday_of


def issue_of(manager: str, week: date, version: int = 1) -> str:
    """Return the number under which a week's statistics are handed in.

    Args:
        manager: whose customers they are of.
        week: any day of the week.
        version: 1, and one more for each correction.
    """
    return f"{manager}/{monday_of(week):%G-W%V}/{version}"


def hand_in(
    ledger: Ledger, *, manager: str, week: date, superior: str | None = None, version: int = 1
) -> ReportResult:
    """Make the sales statistics of a week and hand them in; a correction is a further version, and both stay (RET-41).

    Args:
        ledger: where they are made.
        manager: whose customers they are of; he hands them in.
        week: any day of the week.
        superior: to whom.
        version: 1, and one more for each correction.

    Raises:
        RuleNotMet: ``identifier_taken`` for a version that was handed in.
    """
    return issue(
        ledger,
        issue_of(manager, week, version),
        WEEKLY_SALES,
        actor=manager,
        week=monday_of(week),
        manager=manager,
        superior=superior,
    )
