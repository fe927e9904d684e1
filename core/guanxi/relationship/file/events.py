"""What is recorded of a customer file and of whom it is of."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

from guanxi.kernel.messages import FROM_NOW, MERGED, Act, Decision, Fact, event, field, given, key, personal
from guanxi.kernel.privacy import Erased

PartyKind = Literal["person", "organisation", "household", "group"]
ExitKind = Literal["voluntary", "involuntary", "natural"]
ContactType = Literal["mobile", "phone", "email", "address", "fax", "wechat", "qq", "web"]
Role = Literal[
    "end_customer", "distributor", "partner", "supplier", "guarantor", "referrer", "public_stakeholder"
]
LinkType = Literal["household", "group", "guarantor", "referrer", "family", "owner"]
Level = Literal["certain", "probable"]
Side = Literal["survivor", "absorbed"]


@event("core.file_opened", carried=False)
class FileOpened(Fact):
    """First knowledge of the party (CORE-08)."""

    account: str
    party: PartyKind
    name: str | Erased | None = personal("identity", default=None)
    source_channel: str = field(default="unknown")
    opened_by: str | None = field(default=None)


@event("core.profile_fact_recorded", standing=True, carried=MERGED)
class ProfileFactRecorded(Fact):
    """A fact about the party, or a change of one: a further entry, never a replacement (CORE-01, CORE-09)."""

    field_name: str = key()
    value: str | Erased | None = personal("identity", family_from="retention", default=None)
    unit: str | None = field(default=None)
    evidence: str | Erased | None = personal("identity", family_from="retention", default=None)
    family: str | None = field(default=None)
    retention: str | None = field(default=None)
    nature: Literal["initial", "change"] | None = field(default=None)


@event("core.profile_verified", carried=False)
class ProfileVerified(Fact):
    """Somebody checked the file and found it unchanged (CORE-10)."""

    families: tuple[str, ...] = field(default=())


@event("core.change_submitted")
class ChangeSubmitted(Fact):
    """Staff or the customer hands in a change that the designated post has yet to enter (CORE-68, CORE-88)."""

    submission: str
    field_name: str
    value: str | Erased | None = personal("identity", default=None)
    submitter: str | None = field(default=None)
    reason: str | Erased | None = personal("identity", default=None)


@event("core.change_submission_rejected")
class ChangeSubmissionRejected(Act):
    """A change that was handed in is not entered (CORE-68)."""

    submission: str
    reason: str | Erased | None = personal("identity", default=None)


@event("core.relationship_closed", carried=False)
class RelationshipClosed(Act):
    """The relationship ended, and why (CORE-61)."""

    reason_code: str
    exit_kind: ExitKind


@event("core.relationship_reopened", carried=False)
class RelationshipReopened(Act):
    """A closed relationship lives again, in its old file (CORE-95)."""

    reason_code: str


@event("core.identifier_recorded")
class IdentifierRecorded(Fact):
    """An id by which others know this customer (CORE-11)."""

    scheme: str
    value: str | Erased = personal("identity")
    issuer: str | Erased | None = personal("identity", default=None)
    evidence: str | Erased | None = personal("identity", default=None)


@event("core.contact_point_recorded")
class ContactPointRecorded(Fact):
    """A way to reach the party; telephone numbers in E.164 (CORE-08, CORE-15)."""

    point: str
    type: ContactType
    value: str | Erased = personal("contact")
    use: str | None = field(default=None)
    verified: bool = field(default=False)


@event("core.contact_point_retired")
class ContactPointRetired(Fact):
    """A way to reach the party that no longer leads to it (CORE-15)."""

    point: str
    type: ContactType
    value: str | Erased = personal("contact")
    reason: str | Erased | None = personal("contact", default=None)


@event("core.role_taken")
class RoleTaken(Fact):
    """From here on the party is in this role too (CORE-11)."""

    role: Role


@event("core.role_ended")
class RoleEnded(Fact):
    """From here on it no longer is (CORE-11)."""

    role: Role


@event("core.party_linked", carried=MERGED)
class PartyLinked(Fact):
    """From here on the party belongs to a household or group, or stands in another relation to the other file (CORE-14)."""

    other: str
    link_type: LinkType
    share: Decimal | None = field(default=None)
    other_name: str | Erased | None = personal("identity", subject="other", default=None)


@event("core.party_unlinked", carried=MERGED)
class PartyUnlinked(Fact):
    """From here on it no longer does (CORE-14)."""

    other: str
    link_type: LinkType


@event("core.duplicate_suspected", carried=False)
class DuplicateSuspected(Decision, late=FROM_NOW, retroactive=FROM_NOW):
    """Another file seems to be of the same party (CORE-12)."""

    other: str = key()
    level: Level = key()
    evidence: tuple[str, ...] = given()


@event("core.duplicate_dismissed", carried=False)
class DuplicateDismissed(Act):
    """Somebody looked, and they are two parties (CORE-12)."""

    other: str
    evidence: tuple[str, ...] = field(default=())


@event("core.files_merged", carried=False)
class FilesMerged(Act):
    """Two files are of one party and are shown as one from here on; written in both (CORE-13)."""

    survivor: str
    absorbed: str
    choices: dict[str, Side] = field(default=attrs.Factory(dict))
    maintainer: str | None = field(default=None)
    here: Side = field(default="survivor")


@event("core.merge_undone", carried=False)
class MergeUndone(Act):
    """They are two parties after all, from here on; written in both (CORE-13)."""

    survivor: str
    absorbed: str
    here: Side = field(default="survivor")
