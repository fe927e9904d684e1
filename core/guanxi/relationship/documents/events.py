"""What happens to the papers of a file."""

from __future__ import annotations

from datetime import date

from guanxi.kernel.messages import Act, Fact, event, field, personal
from guanxi.kernel.privacy import Erased


@event("core.document_expected")
class DocumentExpected(Fact):
    """A paper is to be filed, or does not apply, whatever the filing scope says (CORE-64)."""

    document_type: str
    event_on: date
    due_on: date | None = field(default=None)
    applies: bool = field(default=True)


@event("core.document_accepted")
class DocumentAccepted(Fact):
    """A paper passed the intake gate and stands in the catalogue for ever (CORE-62, CORE-63)."""

    document: str
    document_type: str
    formed_on: date
    pages: int
    medium: str = field(default="")
    title: str | Erased | None = personal("document", default=None)
    signatures: tuple[str, ...] = field(default=())
    signed_by: str | Erased | None = personal("document", default=None)
    supersedes: str | None = field(default=None)
    event_on: date | None = field(default=None)
    is_copy: bool = field(default=False)
    verified: bool = field(default=False)
    retention_class: str | None = field(default=None)
    made_later: bool = field(default=False)


@event("core.document_rejected")
class DocumentRejected(Fact):
    """A hand-in did not pass the intake gate; it is kept with its faults (CORE-63)."""

    document: str
    document_type: str
    formed_on: date
    pages: int
    faults: tuple[str, ...]
    medium: str = field(default="")
    title: str | Erased | None = personal("document", default=None)
    signatures: tuple[str, ...] = field(default=())
    is_copy: bool = field(default=False)


@event("core.catalogue_issued")
class CatalogueIssued(Fact):
    """The contents list was issued under a number; it can be issued again unchanged (CORE-62).

    ``entries`` are the papers in order, each with its first and last page.
    """

    catalogue: str
    entries: tuple[tuple[str, int, int], ...]


@event("core.document_lent")
class DocumentLent(Fact):
    """A paper was lent, signed for, to a purpose, until a day (CORE-65)."""

    loan: str
    document: str
    borrower: str
    signature: str | Erased | None = personal("document", default=None)
    purpose: str | Erased | None = personal("document", default=None)
    due_on: date = field()
    original: bool = field(default=True)


@event("core.document_returned")
class DocumentReturned(Fact):
    """A lent paper came back, in a condition (CORE-65)."""

    loan: str
    document: str
    condition: str | Erased = personal("document")
    original: bool = field(default=True)


@event("core.document_shelved")
class DocumentShelved(Fact):
    """A paper, or the whole file, was put into a slot; a closed file is kept apart (CORE-66)."""

    slot: str
    document: str | None = field(default=None)
    apart: bool = field(default=False)


@event("core.destruction_approved")
class DestructionApproved(Act):
    """Somebody approved that the papers of a list may be destroyed (CORE-66)."""

    list_no: str
    documents: tuple[str, ...]
    approver: str
    reason: str | Erased | None = personal("document", default=None)


@event("core.document_destroyed")
class DocumentDestroyed(Fact):
    """A paper was destroyed under an approved list with a supervisor present (CORE-66)."""

    document: str
    list_no: str
    executor: str
    supervisor: str


@event("core.legal_hold_placed")
class LegalHoldPlaced(Act):
    """Nothing of the file, or none of the named papers, may be destroyed until it is lifted (CORE-66)."""

    hold: str
    reason: str | Erased | None = personal("document", default=None)
    documents: tuple[str, ...] = field(default=())


@event("core.legal_hold_lifted")
class LegalHoldLifted(Act):
    """A hold ended (CORE-66)."""

    hold: str
    reason: str | Erased | None = personal("document", default=None)


EVENTS = (
    DocumentExpected,
    DocumentAccepted,
    DocumentRejected,
    CatalogueIssued,
    DocumentLent,
    DocumentReturned,
    DocumentShelved,
    DestructionApproved,
    DocumentDestroyed,
    LegalHoldPlaced,
    LegalHoldLifted,
)
