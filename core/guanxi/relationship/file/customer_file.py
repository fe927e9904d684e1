"""The customer file: opened once for a party, its profile kept by further entries, checked, closed with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import attrs

from guanxi.kernel.errors import Conflict, Incomplete
from guanxi.kernel.facets import FOR_EVER, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Fact
from guanxi.kernel.privacy import Erased
from guanxi.kernel.telling import ACCOUNT
from guanxi.relationship.documents.papers import Papers, file_destroyed, papers
from guanxi.relationship.file.commands import (
    ABOUT_THE_FILE,
    CloseRelationship,
    Contact,
    OpenFile,
    RecordProfileFact,
    ReopenRelationship,
    VerifyProfile,
)
from guanxi.relationship.file.contacts import normalised, recorded
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    FileOpened,
    IdentifierRecorded,
    ProfileFactRecorded,
    ProfileVerified,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.file.identifiers import normalise
from guanxi.relationship.file.rules import OpeningRules


@attrs.define
class CustomerFile:
    """The file as it stands."""

    account: str = ""
    party: str = ""
    name: str | Erased | None = None
    source_channel: str = ""
    opened_on: datetime | None = None
    closed_on: datetime | None = None
    exit_reason: str | None = None
    profile: dict[str, str | Erased | None] = attrs.field(factory=dict)
    changed_on: datetime | None = None
    verified_on: datetime | None = None

    @property
    def status(self) -> str:
        """``not open``, ``open`` or ``closed``."""
        if self.opened_on is None:
            return "not open"
        return "open" if self.closed_on is None else "closed"


customer_file = Facet("core.file", CustomerFile, reads=(papers,), title=Label("Customer file", "客户档案"))

REACHABLE = ("person", "organisation")
"""The kinds of party that can be reached themselves; a household or group is reached through its members."""


@customer_file.evolve
def _opened(s: CustomerFile, e: FileOpened, at: datetime) -> None:
    s.account, s.party, s.name, s.source_channel, s.opened_on = (
        e.account,
        e.party,
        e.name,
        e.source_channel,
        at,
    )
    s.changed_on = at


@customer_file.evolve
def _fact(s: CustomerFile, e: ProfileFactRecorded, at: datetime) -> None:
    s.profile[e.field_name] = e.value
    s.changed_on = at
    if e.field_name == "name":
        s.name = e.value


@customer_file.evolve
def _changed(s: CustomerFile, e: ContactPointRecorded | IdentifierRecorded, at: datetime) -> None:
    s.changed_on = at


@customer_file.evolve
def _verified(s: CustomerFile, e: ProfileVerified, at: datetime) -> None:
    s.verified_on = at


@customer_file.evolve
def _closed(s: CustomerFile, e: RelationshipClosed, at: datetime) -> None:
    s.closed_on, s.exit_reason = at, e.reason_code


@customer_file.evolve
def _reopened(s: CustomerFile, e: RelationshipReopened) -> None:
    s.closed_on = s.exit_reason = None


@customer_file.claim
def _account(e: FileOpened) -> Iterator[Claim]:
    yield Claim(ACCOUNT, e.account, FOR_EVER)


@customer_file.gate
def _only_an_open_file(s: CustomerFile, c: Command, now: Now) -> None:
    if isinstance(c, OpenFile):
        return
    if now.of(Papers).all_destroyed and not c.after_closing:
        raise file_destroyed(now)
    if isinstance(c, ReopenRelationship):
        return
    if s.opened_on is None:
        now.require(
            False,
            "file_not_open",
            "CORE-08",
            f"on {now.at:%Y-%m-%d} the file {now.subject} was not open yet",
            zh=f"{now.at:%Y-%m-%d} 时档案 {now.subject} 尚未建立",
            accepts="an entry dated when the file is open",
        )
    if s.closed_on is not None and not (c.after_closing or isinstance(c, ABOUT_THE_FILE)):
        now.require(
            False,
            "file_closed",
            "CORE-61",
            f"on {now.at:%Y-%m-%d} the file {now.subject} was closed",
            zh=f"{now.at:%Y-%m-%d} 时档案 {now.subject} 已关闭",
            accepts="an entry dated before its closing, or its reopening first",
        )


@customer_file.decide
def _open(s: CustomerFile, c: OpenFile, now: Now) -> Iterator[Fact]:
    if s.opened_on is not None:
        raise Conflict(
            "identifier_taken",
            f"the account number {now.subject} names a file already",
            zh=f"户号 {now.subject} 已有档案",
            rule="CORE-95",
            accepts="another account number; an account number names one file for ever",
        )
    _reachable(c, now)
    yield FileOpened(
        account=now.subject,
        party=c.party,
        name=c.name,
        source_channel=c.source_channel,
        opened_by=c.opened_by,
    )
    for name, value in sorted(c.profile.items()):
        yield ProfileFactRecorded(field_name=name, value=value, nature="initial")
    seen: set[tuple[str, str]] = set()
    for one in c.identifiers:
        value = normalise(one.scheme, one.value)
        if (one.scheme, value) not in seen:
            seen.add((one.scheme, value))
            yield IdentifierRecorded(scheme=one.scheme, value=value, issuer=one.issuer)
    yield from recorded(_distinct(c.contacts, now), now)


def _distinct(contacts: Sequence[Contact], now: Now) -> list[Contact]:
    found = {
        (c.type, value): attrs.evolve(c, value=value)
        for c in contacts
        if (value := normalised(c.type, c.value, now))
    }
    return list(found.values())


def _reachable(c: OpenFile, now: Now) -> None:
    """Refuse an order to open the file of somebody who cannot be reached; keep and flag what is open elsewhere already."""
    rules = now.rules(OpeningRules)
    if c.party not in REACHABLE:
        return
    kinds = len({one.type for one in c.contacts})
    missing = rules.require_contact and not (c.contacts or c.identifiers)
    few = rules.enforce == "refuse" and kinds < rules.min_contact_kinds
    if not missing and not few:
        return
    now.forbid(
        Incomplete(
            "contact_missing",
            f"{kinds} of {rules.min_contact_kinds} contact methods"
            if few
            else "no contact point and no identifier",
            zh=f"联系方式只有 {kinds} 种，应有 {rules.min_contact_kinds} 种" if few else "缺少联系方式和标识",
            rule="CORE-08",
            accepts="contacts=, such as a mobile number and an e-mail address, or identifiers=",
        )
    )


@customer_file.holds("CORE-11", "opened_twice")
def _opened_once(s: CustomerFile, e: FileOpened) -> bool:
    return s.account == e.account


@customer_file.decide
def _record(s: CustomerFile, c: RecordProfileFact, now: Now) -> Iterator[Fact]:
    yield ProfileFactRecorded(
        field_name=c.field_name,
        value=c.value,
        unit=c.unit,
        evidence=c.evidence,
        family=c.family,
        retention=c.retention,
        nature="change" if c.field_name in s.profile or (c.field_name == "name" and s.name) else "initial",
    )


@customer_file.decide
def _verify(s: CustomerFile, c: VerifyProfile, now: Now) -> Iterator[Fact]:
    yield ProfileVerified(families=c.families)


@customer_file.decide
def _close(s: CustomerFile, c: CloseRelationship, now: Now) -> Iterator[Fact]:
    yield RelationshipClosed(reason_code=c.reason_code, exit_kind=c.exit_kind)


@customer_file.decide
def _reopen(s: CustomerFile, c: ReopenRelationship, now: Now) -> Iterator[Fact]:
    now.require(
        s.closed_on is not None,
        "not_closed",
        "CORE-61",
        "the file is not closed",
        zh="档案未关闭",
        accepts="a closed file",
    )
    yield RelationshipReopened(reason_code=c.reason_code)
