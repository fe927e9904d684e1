"""Retention and supervised destruction: what may go, when, under whose eyes, and what forbids it (CORE-66)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from guanxi.kernel.errors import Conflict, Incomplete, NotPermitted, Refusal, RuleNotMet, Unknown
from guanxi.kernel.facets import Now
from guanxi.kernel.messages import Fact
from guanxi.kernel.times import add_months
from guanxi.relationship.documents.commands import (
    ApproveDestruction,
    DestroyDocument,
    LiftLegalHold,
    PlaceLegalHold,
)
from guanxi.relationship.documents.events import (
    DestructionApproved,
    DocumentDestroyed,
    LegalHoldLifted,
    LegalHoldPlaced,
)
from guanxi.relationship.documents.papers import Paper, Papers, paper_of, papers
from guanxi.relationship.documents.rules import PERMANENT, RetentionRules

RULE = "CORE-66"
MONTHS_A_YEAR = 12


def free_from(closed_on: date, years: int) -> date | None:
    """Return the first day on which a paper may be destroyed: the day after its period has fully run; None if never.

    Args:
        closed_on: the day the relationship ended.
        years: the period, ``PERMANENT`` for ever.
    """
    if years == PERMANENT:
        return None
    return add_months(closed_on, years * MONTHS_A_YEAR) + timedelta(days=1)


def _bars(s: Papers, document: str, paper: Paper, now: Now) -> Refusal | None:
    """Return what forbids that a paper is destroyed, or None."""
    if s.open or s.closed_on is None:
        return RuleNotMet(
            "file_open",
            "the file is open, and nothing of it is destroyed",
            zh="档案未关闭，不得销毁",
            rule=RULE,
            accepts="papers of a closed file whose period has run",
        )
    if held := s.held_by(document):
        return RuleNotMet(
            "legal_hold",
            f"{document} is under legal hold {', '.join(held)}",
            zh=f"{document} 处于法律保全 {'、'.join(held)}",
            rule=RULE,
            accepts="the hold lifted first",
        )
    out = next((loan for loan in s.loans.values() if loan.document == document), None)
    if out is not None:
        return Conflict(
            "on_loan",
            f"{document} is with {out.borrower}",
            zh=f"{document} 在 {out.borrower} 处未还",
            rule=RULE,
            accepts="its return first",
            holder=out.borrower,
        )
    rules = now.rules(RetentionRules)
    years = rules.years(paper.document_type, paper.retention_class)
    if years is None:
        return Incomplete(
            "retention_class_missing",
            f"no retention period is set for {document}, a paper of type {paper.document_type}",
            zh=f"{document}（{paper.document_type}）未设保管期限",
            rule=RULE,
            accepts="a class with a period in the rules core.retention",
        )
    free = free_from(s.closed_on, years)
    if free is None or now.at.date() < free:
        return RuleNotMet(
            "retention_running",
            f"{document} is kept {'for ever' if free is None else f'until {free - timedelta(days=1)}'}",
            zh=f"{document} {'永久保管' if free is None else f'保管至 {free - timedelta(days=1)}'}",
            rule=RULE,
            accepts="never" if free is None else f"from {free} on",
        )
    return None


def _check(s: Papers, document: str, now: Now) -> None:
    paper = paper_of(s, document, RULE)
    if paper.destroyed is not None:
        raise Conflict(
            "destroyed_already",
            f"{document} was destroyed under list {paper.destroyed}",
            zh=f"{document} 已按清单 {paper.destroyed} 销毁",
            rule=RULE,
            accepts="a paper that is still there",
        )
    bar = _bars(s, document, paper, now)
    if bar is not None:
        now.forbid(bar)


@papers.decide
def _approve(s: Papers, c: ApproveDestruction, now: Now) -> Iterator[Fact]:
    if c.approver == now.actor:
        now.forbid(
            NotPermitted(
                "approver_conflict",
                f"{c.approver} asks for the destruction and cannot approve it too",
                zh=f"{c.approver} 提出销毁，不能自行批准",
                rule=RULE,
                accepts="an approver other than who asks",
            ),
        )
    for document in c.documents:
        _check(s, document, now)
    yield DestructionApproved(list_no=c.list_no, documents=c.documents, approver=c.approver, reason=c.reason)


@papers.decide
def _destroy(s: Papers, c: DestroyDocument, now: Now) -> Iterator[Fact]:
    _check(s, c.document, now)
    executor = c.executor or now.actor
    if not (c.supervisor and c.supervisor.strip()):
        now.forbid(
            Incomplete(
                "supervisor_missing",
                f"nobody supervises the destruction of {c.document}",
                zh=f"销毁 {c.document} 须有监销人",
                rule=RULE,
                accepts="supervisor=..., somebody other than the executor",
            ),
        )
    if c.supervisor == executor:
        now.forbid(
            NotPermitted(
                "supervisor_conflict",
                f"{executor} cannot supervise what he destroys himself",
                zh=f"{executor} 不能监督自己销毁",
                rule=RULE,
                accepts="a supervisor other than the executor",
            ),
        )
    if c.document not in s.lists.get(c.list_no, ()):
        now.forbid(
            Incomplete(
                "approval_missing",
                f"{c.document} is on no approved list {c.list_no}".rstrip(),
                zh=f"{c.document} 不在已批准的销毁清单 {c.list_no} 中",
                rule=RULE,
                accepts=", ".join(n for n, named in s.lists.items() if c.document in named)
                or "a list that was approved",
            ),
        )
    yield DocumentDestroyed(
        document=c.document, list_no=c.list_no, executor=executor, supervisor=c.supervisor or ""
    )


@papers.decide
def _hold(s: Papers, c: PlaceLegalHold, now: Now) -> Iterator[Fact]:
    for document in c.documents:
        paper_of(s, document, RULE)
    yield LegalHoldPlaced(hold=c.hold, reason=c.reason, documents=c.documents)


@papers.decide
def _lift(s: Papers, c: LiftLegalHold, now: Now) -> Iterator[Fact]:
    if c.hold not in s.holds:
        raise Unknown(
            "unknown_hold",
            f"this file has no legal hold {c.hold}",
            zh=f"本档案没有法律保全 {c.hold}",
            rule=RULE,
            accepts=", ".join(sorted(s.holds)) or "none is in force",
        )
    yield LegalHoldLifted(hold=c.hold, reason=c.reason)
