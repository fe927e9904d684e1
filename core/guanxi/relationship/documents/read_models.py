"""Tables of papers: what was taken in and sent back, what is expected, what is out, held, listed, issued."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.kernel.times import stamp
from guanxi.relationship.documents.events import (
    CatalogueIssued,
    DestructionApproved,
    DocumentAccepted,
    DocumentDestroyed,
    DocumentExpected,
    DocumentLent,
    DocumentRejected,
    DocumentReturned,
    DocumentShelved,
    LegalHoldLifted,
    LegalHoldPlaced,
)
from guanxi.relationship.documents.rules import (
    CONTRACT_AMENDED,
    CONTRACT_SIGNED,
    DECISION_TAKEN,
    FILE_OPENED,
    ROLE_TAKEN,
)
from guanxi.relationship.file.events import FileOpened, RoleTaken
from guanxi.relationship.pipeline.events import CollectiveDecisionTaken, ContractAmended, ContractSigned

WHOLE_FILE = ""
"""In place of a paper's number: the file itself, or the count of its papers."""


@attrs.define
class DocumentRow:
    """A paper in the catalogue; the row without a number counts them."""

    document: str = column(key=True)
    document_type: str = ""
    title: str | Erased | None = personal("document", default=None)  # noqa: RUF009 - an attrs field, not a default
    formed_on: date = date.min
    pages: int = 0
    number: int = 0
    medium: str = ""
    supersedes: str | None = None
    event_on: date | None = None
    accepted_at: datetime | None = None
    made_later: bool = False
    retention_class: str | None = None
    slot: str | None = None
    apart: bool = False
    destroyed_on: date | None = None
    executor: str | None = None
    supervisor: str | None = None
    list_no: str | None = None


documents = ReadModel("core.documents", DocumentRow, title=Label("Papers", "档案材料"))


@documents.on
def _accepted(rows: Rows[DocumentRow], e: DocumentAccepted, at: datetime) -> None:
    count = rows[WHOLE_FILE]
    count.number += 1
    row = rows[e.document]
    row.document_type, row.title, row.formed_on, row.pages = e.document_type, e.title, e.formed_on, e.pages
    row.number, row.medium, row.supersedes, row.event_on = count.number, e.medium, e.supersedes, e.event_on
    row.accepted_at, row.made_later, row.retention_class = at, e.made_later, e.retention_class


@documents.on
def _shelved(rows: Rows[DocumentRow], e: DocumentShelved, at: datetime) -> None:
    row = rows[e.document or WHOLE_FILE]
    row.slot, row.apart = e.slot, e.apart


@documents.on
def _destroyed(rows: Rows[DocumentRow], e: DocumentDestroyed, at: datetime) -> None:
    row = rows[e.document]
    row.destroyed_on, row.list_no = at.date(), e.list_no
    row.executor, row.supervisor = e.executor, e.supervisor


@attrs.define
class RejectionRow:
    """A hand-in that was sent back."""

    document: str = column(key=True)
    rejected_at: str = column(key=True)
    document_type: str = ""
    faults: str = ""


rejections = ReadModel(
    "core.rejected_documents", RejectionRow, title=Label("Rejected hand-ins", "不合格移交")
)


@rejections.on
def _rejected(rows: Rows[RejectionRow], e: DocumentRejected, at: datetime) -> None:
    row = rows[e.document, stamp(at)]
    row.document_type, row.faults = e.document_type, "; ".join(e.faults)


@attrs.define
class ExpectationRow:
    """Something that calls for papers: an event of the filing scope, or a paper that was said to be due or not to apply."""

    trigger: str = column(key=True)
    what: str = column(key=True)
    event_on: date = date.min
    due_on: date | None = None
    applies: bool = True


expectations = ReadModel(
    "core.expected_documents", ExpectationRow, title=Label("Papers expected", "应归档材料")
)
EXPECTED = "expected"
"""In place of an event: somebody said so."""


@expectations.on
def _opened(rows: Rows[ExpectationRow], e: FileOpened, at: datetime) -> None:
    rows[FILE_OPENED, WHOLE_FILE].event_on = at.date()


@expectations.on
def _role(rows: Rows[ExpectationRow], e: RoleTaken, at: datetime) -> None:
    rows[f"{ROLE_TAKEN}/{e.role}", WHOLE_FILE].event_on = at.date()


@expectations.on
def _signed(rows: Rows[ExpectationRow], e: ContractSigned, at: datetime) -> None:
    rows[CONTRACT_SIGNED, e.contract].event_on = at.date()


@expectations.on
def _amended(rows: Rows[ExpectationRow], e: ContractAmended, at: datetime) -> None:
    rows[CONTRACT_AMENDED, f"{e.contract}/{e.amendment}"].event_on = at.date()


@expectations.on
def _decided(rows: Rows[ExpectationRow], e: CollectiveDecisionTaken, at: datetime) -> None:
    rows[DECISION_TAKEN, e.minutes].event_on = at.date()


@expectations.on
def _expected(rows: Rows[ExpectationRow], e: DocumentExpected, at: datetime) -> None:
    row = rows[EXPECTED, f"{e.document_type}/{e.event_on}"]
    row.event_on, row.due_on, row.applies = e.event_on, e.due_on, e.applies


@attrs.define
class LoanRow:
    """A paper that was lent, and perhaps came back."""

    loan: str = column(key=True)
    document: str = ""
    borrower: str = ""
    purpose: str | Erased | None = personal("document", default=None)  # noqa: RUF009 - an attrs field, not a default
    original: bool = True
    lent_at: datetime | None = None
    due_on: date = date.min
    returned_at: datetime | None = None
    condition: str | Erased | None = personal("document", default=None)  # noqa: RUF009 - an attrs field, not a default


loans = ReadModel("core.document_loans", LoanRow, title=Label("Loans", "借阅"))


@loans.on
def _lent(rows: Rows[LoanRow], e: DocumentLent, at: datetime) -> None:
    row = rows[e.loan]
    row.document, row.borrower, row.purpose, row.original = e.document, e.borrower, e.purpose, e.original
    row.lent_at, row.due_on, row.returned_at, row.condition = at, e.due_on, None, None


@loans.on
def _returned(rows: Rows[LoanRow], e: DocumentReturned, at: datetime) -> None:
    row = rows[e.loan]
    row.returned_at, row.condition = at, e.condition


@attrs.define
class BarRow:
    """What bears on destruction: a legal hold or an approved list, for one paper or the whole file.

    The row of a hold without a paper's number keeps which papers the hold names, one a line; it has no beginning where it names some.
    """

    kind: str = column(key=True)
    number: str = column(key=True)
    document: str = column(key=True)
    named: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    approver: str | None = None


bars = ReadModel("core.destruction_bars", BarRow, title=Label("Holds and lists", "保全与销毁清单"))
HOLD, LIST = "hold", "list"


@bars.on
def _held(rows: Rows[BarRow], e: LegalHoldPlaced, at: datetime) -> None:
    rows[HOLD, e.hold, WHOLE_FILE].named = "\n".join(e.documents)
    for document in e.documents or (WHOLE_FILE,):
        row = rows[HOLD, e.hold, document]
        row.begins, row.ends = at, None


@bars.on
def _lifted(rows: Rows[BarRow], e: LegalHoldLifted, at: datetime) -> None:
    for document in rows[HOLD, e.hold, WHOLE_FILE].named.split("\n"):
        rows[HOLD, e.hold, document].ends = at


@bars.on
def _listed(rows: Rows[BarRow], e: DestructionApproved, at: datetime) -> None:
    for document in e.documents:
        row = rows[LIST, e.list_no, document]
        row.begins, row.approver = at, e.approver


@attrs.define
class IssuedRow:
    """One line of a contents list as it was issued."""

    catalogue: str = column(key=True)
    document: str = column(key=True)
    first_page: int = 0
    last_page: int = 0
    issued_on: date | None = None


issued = ReadModel(
    "core.issued_catalogues", IssuedRow, title=Label("Issued contents lists", "已签发卷内目录")
)


@issued.on
def _issued(rows: Rows[IssuedRow], e: CatalogueIssued, at: datetime) -> None:
    for document, first, last in e.entries:
        row = rows[e.catalogue, document]
        row.first_page, row.last_page, row.issued_on = first, last, at.date()


READ_MODELS = (documents, rejections, expectations, loans, bars, issued)
