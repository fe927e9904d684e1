"""Read models of privacy and of the house's own duties."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.governance.events import (
    BackupTaken,
    PersonalDataErased,
    ProcessingRestricted,
    ReportIssued,
    RestrictionLifted,
    RightsRequestAnswered,
    RightsRequestReceived,
    RuleSetReviewed,
)


@attrs.define
class RequestRow:
    """One request of a data subject."""

    request: str = column(key=True)
    right: str = ""
    received_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None


requests = ReadModel("core.rights_requests", RequestRow, title=Label("Rights requests", "权利请求"))


@requests.on
def _received(rows: Rows[RequestRow], e: RightsRequestReceived, at: datetime) -> None:
    row = rows[e.request]
    row.right, row.received_at = e.right, at


@requests.on
def _answered(rows: Rows[RequestRow], e: RightsRequestAnswered, at: datetime) -> None:
    row = rows[e.request]
    row.answered_at, row.answer = at, e.answer


@attrs.define
class FamilyRow:
    """How one family of one data subject may be used."""

    data_subject: str = column(key=True)
    family: str = column(key=True)
    status: str = "free"
    since: datetime | None = None
    until: str | None = None
    legal_basis: str = ""
    restricted_at: datetime | None = None
    erased_at: datetime | None = None


families = ReadModel("core.data_families", FamilyRow, title=Label("Data families", "信息类别状态"))


@families.on
def _restricted(rows: Rows[FamilyRow], e: ProcessingRestricted, at: datetime) -> None:
    for family in e.families:
        row = rows[e.data_subject, family]
        row.status, row.since, row.until, row.legal_basis = "restricted", at, e.until, e.legal_basis
        row.restricted_at = at


@families.on
def _erased(rows: Rows[FamilyRow], e: PersonalDataErased, at: datetime) -> None:
    for family in e.families:
        row = rows[e.data_subject, family]
        row.status, row.since, row.legal_basis, row.erased_at = "erased", at, e.legal_basis, at


@families.on
def _lifted(rows: Rows[FamilyRow], e: RestrictionLifted, at: datetime) -> None:
    for family in e.families:
        row = rows[e.data_subject, family]
        row.status, row.since, row.until, row.legal_basis = "free", at, None, e.legal_basis
        row.restricted_at = row.erased_at = None


@attrs.define
class ReviewRow:
    """One review of a rule set."""

    rule_set: str = column(key=True)
    reviewed_at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    version: int = 0
    changed: bool = False


reviews = ReadModel("core.rule_reviews", ReviewRow, title=Label("Reviews of rule sets", "规则集复核"))


@reviews.on
def _reviewed(rows: Rows[ReviewRow], e: RuleSetReviewed, at: datetime) -> None:
    row = rows[e.rule_set, at]
    row.version, row.changed = e.version, e.changed


@attrs.define
class IssueRow:
    """One report that left the house, or one backup."""

    number: str = column(key=True)
    kind: str = ""
    name: str = ""
    at: datetime | None = None
    position: int = 0
    digest: str = ""


issues = ReadModel("core.issues", IssueRow, title=Label("Issued reports and backups", "签发报表与备份"))


@issues.on
def _issued(rows: Rows[IssueRow], e: ReportIssued, at: datetime) -> None:
    row = rows[e.issue]
    row.kind, row.name, row.at, row.position, row.digest = "report", e.report, at, e.position, e.digest


@issues.on
def _backed_up(rows: Rows[IssueRow], e: BackupTaken, at: datetime) -> None:
    row = rows[f"backup {at.isoformat()}"]
    row.kind, row.name, row.at, row.position, row.digest = "backup", e.place, at, e.position, e.digest
