"""Lending papers: to whom, signed for, until when, and back in which condition (CORE-65)."""

from __future__ import annotations

from collections.abc import Iterator

from guanxi.kernel.errors import Conflict, Incomplete, NotPermitted, Unknown
from guanxi.kernel.facets import Now
from guanxi.kernel.messages import Fact
from guanxi.relationship.calendars import CalendarRules
from guanxi.relationship.documents.commands import LendDocument, ReturnDocument
from guanxi.relationship.documents.events import DocumentLent, DocumentReturned
from guanxi.relationship.documents.papers import Papers, paper_of, papers
from guanxi.relationship.documents.rules import BorrowingRules

RULE = "CORE-65"


@papers.decide
def _lend(s: Papers, c: LendDocument, now: Now) -> Iterator[Fact]:
    paper = paper_of(s, c.document, RULE)
    rules = now.rules(BorrowingRules)
    if c.loan in s.loans:
        raise Conflict(
            "identifier_taken",
            f"the loan {c.loan} is open already",
            zh=f"借阅编号 {c.loan} 已被使用",
            rule=RULE,
            accepts="a number of its own",
        )
    now.require(
        paper.destroyed is None,
        "document_destroyed",
        RULE,
        f"{c.document} was destroyed under list {paper.destroyed}",
        zh=f"{c.document} 已按清单 {paper.destroyed} 销毁",
        accepts="a paper that is still there",
    )
    if not (c.signature and c.signature.strip()):
        now.forbid(
            Incomplete(
                "signature_missing",
                f"{c.borrower} has not signed for {c.document}",
                zh=f"{c.borrower} 未签字借阅 {c.document}",
                rule=RULE,
                accepts="signature=...",
            ),
        )
    if c.borrower not in rules.borrowers:
        now.forbid(
            NotPermitted(
                "not_authorised",
                f"{c.borrower} may not borrow papers",
                zh=f"{c.borrower} 无权借阅",
                rule=RULE,
                accepts=", ".join(rules.borrowers) or "a borrower named in the rules core.borrowing",
            ),
        )
    holder = s.holder(c.document)
    if c.original and holder is not None:
        now.forbid(
            Conflict(
                "on_loan",
                f"the original of {c.document} is with {holder}",
                zh=f"{c.document} 原件在 {holder} 处",
                rule=RULE,
                accepts="its return first, or a copy",
                holder=holder,
            ),
        )
    usual = now.rules(CalendarRules).days(now.at.date(), rules.loan_days).last_day
    yield DocumentLent(
        loan=c.loan,
        document=c.document,
        borrower=c.borrower,
        signature=c.signature,
        purpose=c.purpose,
        due_on=c.due_on or usual,
        original=c.original,
    )


@papers.decide
def _return(s: Papers, c: ReturnDocument, now: Now) -> Iterator[Fact]:
    loan = s.loans.get(c.loan)
    if loan is None:
        raise Unknown(
            "unknown_loan",
            f"this file has no open loan {c.loan}",
            zh=f"本档案没有未还的借阅 {c.loan}",
            rule=RULE,
            accepts=", ".join(sorted(s.loans)) or "none is open",
        )
    yield DocumentReturned(loan=c.loan, document=loan.document, condition=c.condition, original=loan.original)
