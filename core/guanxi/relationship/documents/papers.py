"""The papers of a file: what is on the shelf, what is out, what is held, and what each may still meet (CORE-62 to CORE-66)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from guanxi.kernel.errors import RuleNotMet, Unknown
from guanxi.kernel.facets import FOR_EVER, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.relationship.documents.commands import ExpectDocument, HandInDocument
from guanxi.relationship.documents.events import (
    CatalogueIssued,
    DestructionApproved,
    DocumentAccepted,
    DocumentDestroyed,
    DocumentLent,
    DocumentRejected,
    DocumentReturned,
    DocumentShelved,
    LegalHoldLifted,
    LegalHoldPlaced,
)
from guanxi.relationship.file.events import FileOpened, RelationshipClosed, RelationshipReopened

DOCUMENT, CATALOGUE, ORIGINAL = "core.document", "core.catalogue", "core.original_on_loan"


@attrs.define
class Paper:
    """One paper as it stands.

    Args:
        document_type: what sort it is of.
        formed_on: the date it bears.
        pages: how many.
        number: its place in order of entry.
        retention_class: the class it was taken in under, if one was named.
        supersedes: the older version, if it is a newer one.
        destroyed: under which list it was destroyed.
    """

    document_type: str
    formed_on: date
    pages: int
    number: int
    retention_class: str | None = None
    supersedes: str | None = None
    destroyed: str | None = None


@attrs.define
class Loan:
    """A paper that is out."""

    document: str
    borrower: str
    due_on: date
    original: bool


@attrs.define
class Papers:
    """The papers of a file, with open loans, holds in force and lists approved."""

    papers: dict[str, Paper] = attrs.field(factory=dict)
    rejected: int = 0
    loans: dict[str, Loan] = attrs.field(factory=dict)
    holds: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    lists: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    slots: dict[str, str] = attrs.field(factory=dict)
    open: bool = True
    closed_on: date | None = None

    @property
    def all_destroyed(self) -> bool:
        """Whether nothing is left of a closed file that had papers."""
        gone = [paper.destroyed is not None for paper in self.papers.values()]
        return self.closed_on is not None and bool(gone) and all(gone)

    def catalogue(self) -> list[tuple[str, int, int]]:
        """Return the contents list: the papers by formation date, then entry, each with its first and last page."""
        ordered = sorted(self.papers.items(), key=lambda pair: (pair[1].formed_on, pair[1].number))
        found, page = [], 1
        for document, paper in ordered:
            found.append((document, page, page + paper.pages - 1))
            page += paper.pages
        return found

    def holder(self, document: str) -> str | None:
        """Return who has the original of a paper, or None.

        Args:
            document: which.
        """
        return next((n.borrower for n in self.loans.values() if n.document == document and n.original), None)

    def held_by(self, document: str) -> list[str]:
        """Return the holds in force on a paper.

        Args:
            document: which.
        """
        return [hold for hold, named in self.holds.items() if not named or document in named]


papers = Facet("core.papers", Papers, title=Label("Papers", "档案材料"))


@papers.evolve
def _accepted(s: Papers, e: DocumentAccepted) -> None:
    s.papers[e.document] = Paper(
        document_type=e.document_type,
        formed_on=e.formed_on,
        pages=e.pages,
        number=len(s.papers) + 1,
        retention_class=e.retention_class,
        supersedes=e.supersedes,
    )


@papers.evolve
def _rejected(s: Papers, e: DocumentRejected) -> None:
    s.rejected += 1


@papers.evolve
def _lent(s: Papers, e: DocumentLent | DocumentReturned) -> None:
    if isinstance(e, DocumentLent):
        s.loans[e.loan] = Loan(e.document, e.borrower, e.due_on, e.original)
    else:
        s.loans.pop(e.loan, None)


@papers.evolve
def _held(s: Papers, e: LegalHoldPlaced | LegalHoldLifted) -> None:
    if isinstance(e, LegalHoldPlaced):
        s.holds[e.hold] = e.documents
    else:
        s.holds.pop(e.hold, None)


@papers.evolve
def _shelved(s: Papers, e: DocumentShelved) -> None:
    s.slots[e.document or ""] = e.slot


@papers.evolve
def _listed(s: Papers, e: DestructionApproved) -> None:
    s.lists[e.list_no] = e.documents


@papers.evolve
def _destroyed(s: Papers, e: DocumentDestroyed) -> None:
    paper = s.papers.get(e.document)
    if paper is not None:
        paper.destroyed = e.list_no


@papers.evolve
def _file(s: Papers, e: FileOpened | RelationshipClosed | RelationshipReopened, at: datetime) -> None:
    s.open = not isinstance(e, RelationshipClosed)
    s.closed_on = at.date() if isinstance(e, RelationshipClosed) else None


@papers.claim
def _numbered(e: DocumentAccepted) -> Iterator[Claim]:
    yield Claim(DOCUMENT, e.document, FOR_EVER)


@papers.claim
def _issued(e: CatalogueIssued) -> Iterator[Claim]:
    yield Claim(CATALOGUE, e.catalogue, FOR_EVER)


@papers.claim
def _out(e: DocumentLent | DocumentReturned) -> Iterator[Claim]:
    if e.original:
        yield Claim(ORIGINAL, e.document, release=isinstance(e, DocumentReturned))


def paper_of(s: Papers, document: str, rule: str) -> Paper:
    """Return a paper of the file.

    Args:
        s: the papers.
        document: its number.
        rule: id of the rule that asks.

    Raises:
        Unknown: there is no such paper.
    """
    found = s.papers.get(document)
    if found is None:
        raise Unknown(
            "unknown_document",
            f"this file has no paper {document}",
            zh=f"本档案没有材料 {document}",
            rule=rule,
            accepts=", ".join(sorted(s.papers)) or "a paper that was accepted",
        )
    return found


def file_destroyed(now: Now) -> RuleNotMet:
    """Return the refusal of an entry for a file of which every paper was destroyed under an approved list.

    Args:
        now: the moment of the command.
    """
    return RuleNotMet(
        "file_destroyed",
        f"every paper of the file {now.subject} was destroyed, and nothing is added to it",
        zh=f"档案 {now.subject} 的材料已全部销毁，不得再登记",
        rule="CORE-66",
        accepts="a file of its own for a new relationship; an entry dated before the destruction",
    )


@papers.gate
def _nothing_is_added(s: Papers, c: HandInDocument | ExpectDocument, now: Now) -> None:
    if s.all_destroyed:
        raise file_destroyed(now)
