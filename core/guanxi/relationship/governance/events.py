"""What is recorded of privacy and of the house's own duties: requests, restriction, erasure, reviews, issued reports, backups."""

from __future__ import annotations

from typing import Any, Literal

from guanxi.kernel.messages import Act, Fact, event, field, personal
from guanxi.kernel.privacy import Erased

Right = Literal["know", "copy", "correct", "delete", "port", "explain"]
Answer = Literal["granted", "partly", "refused"]


@event("core.rights_request_received")
class RightsRequestReceived(Fact):
    """A data subject asks to know, copy, correct, delete or port what we hold, or for the reasons of a decision (CORE-75)."""

    request: str
    right: Right
    data_subject: str
    families: tuple[str, ...] = field(default=())


@event("core.rights_request_answered")
class RightsRequestAnswered(Act):
    """What the data subject was answered; a refusal says why (CORE-75)."""

    request: str
    answer: Answer
    because: str | Erased | None = personal("service", default=None)


@event("core.processing_restricted")
class ProcessingRestricted(Act):
    """Families of a data subject are kept for a duty only, and not used (CORE-75).

    ``until`` is the last day of the duty; none while its end is not known.
    """

    data_subject: str
    families: tuple[str, ...]
    legal_basis: str
    until: str | None = field(default=None)


@event("core.restriction_lifted")
class RestrictionLifted(Act):
    """Families of a data subject may be used again (CORE-75)."""

    data_subject: str
    families: tuple[str, ...]
    legal_basis: str


@event("core.personal_data_erased")
class PersonalDataErased(Act):
    """Families of a data subject are unreadable from here on, at every cut (CORE-75)."""

    data_subject: str
    families: tuple[str, ...]
    legal_basis: str

    def is_of_the_party(self, family: str) -> bool:
        """Return whether a family of the customer himself was erased, rather than of somebody who appears in his file."""
        return not self.data_subject and family in self.families


@event("core.rule_set_reviewed")
class RuleSetReviewed(Act):
    """A rule set was gone through, changed or not (CORE-73)."""

    rule_set: str
    version: int
    changed: bool = field(default=False)


@event("core.report_issued")
class ReportIssued(Act):
    """A report left the house, with all it takes to make it again (CORE-76)."""

    issue: str
    report: str
    plugin: str
    plugin_version: str
    parameters: dict[str, Any]
    as_of: str
    as_known: str
    position: int
    zone: str
    rows: int
    digest: str


@event("core.backup_taken")
class BackupTaken(Fact):
    """A backup was taken (CORE-99)."""

    place: str
    digest: str
    position: int


EVENTS = (
    RightsRequestReceived,
    RightsRequestAnswered,
    ProcessingRestricted,
    RestrictionLifted,
    PersonalDataErased,
    RuleSetReviewed,
    ReportIssued,
    BackupTaken,
)
