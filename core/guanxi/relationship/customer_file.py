"""The customer file: opened once for a person or an organisation, its profile kept by further entries, closed with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Invalid
from guanxi.kernel.facets import FOR_EVER, Claim, Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act, Command, Fact, command, event, field, key, personal
from guanxi.kernel.privacy import ERASED, Erased
from guanxi.kernel.telling import ACCOUNT

PartyKind = Literal["person", "organisation"]
ExitKind = Literal["voluntary", "involuntary", "natural"]

EXIT_REASONS = (
    "product_quality",
    "competitor_price",
    "competitor_channel",
    "competitor_technology",
    "over_stocking",
    "short_of_funds",
    "replaced_by_us",
    "service",
    "complaint",
    "price",
    "need_gone",
    "key_person",
    "relocation",
    "credit",
    "death_or_dissolution",
    "unknown",
)
"""Why customers leave (CORE-61)."""

PROFILE_FAMILIES = ("identity", "contact", "preference", "dealings", "service", "credit")


@event("core.file_opened", carried=False)
class FileOpened(Fact):
    """First knowledge of the party (CORE-08)."""

    account: str
    party: PartyKind
    name: str | Erased | None = personal("identity", default=None)
    source_channel: str = field(default="unknown")
    opened_by: str | None = field(default=None)


@event("core.profile_fact_recorded", standing=True, carried=False)
class ProfileFactRecorded(Fact):
    """A fact about the party, or a change of one: a further entry, never a replacement (CORE-01, CORE-09)."""

    field_name: str = key()
    value: str | Erased | None = personal("identity", default=None)
    unit: str | None = field(default=None)
    evidence: str | None = field(default=None)


@event("core.relationship_closed", carried=False)
class RelationshipClosed(Act):
    """The relationship ended, and why (CORE-61)."""

    reason_code: str
    exit_kind: ExitKind


@event("core.relationship_reopened", carried=False)
class RelationshipReopened(Act):
    """A closed relationship lives again, in its old file (CORE-95)."""

    reason_code: str


def _known_exit(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not value:
        raise Incomplete(
            "reason_missing",
            "closing needs a reason",
            zh="关闭关系须说明原因",
            rule="CORE-61",
            accepts=", ".join(EXIT_REASONS),
        )
    if value not in EXIT_REASONS:
        raise Invalid(
            "unknown_code",
            f"{value!r} is no exit reason",
            zh=f"{value!r} 不是退出原因",
            rule="CORE-61",
            accepts=", ".join(EXIT_REASONS),
        )


def _not_blank(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise Invalid(
            "blank",
            f"{attribute.name} is blank",
            zh=f"{attribute.name} 为空",
            accepts="text, or None where it is not known",
        )


def _one_of(*options: str) -> Any:
    def check(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
        if value not in options:
            raise Invalid(
                "unknown_code",
                f"{value!r} is no {attribute.name}",
                zh=f"{attribute.name} 不能为 {value!r}",
                accepts=", ".join(options),
            )

    return check


@command("core.open_file", opens=True)
class OpenFile(Command):
    """Open a customer file; its account number is the subject the command is given to.

    Args:
        party: ``person`` or ``organisation``; fixed for ever (CORE-11).
        name: the party's name, if known.
        source_channel: how the party came to us.
        opened_by: who opened it, if not the actor.
    """

    party: PartyKind = field(default="person", validator=_one_of("person", "organisation"))
    name: str | None = field(default=None, validator=_not_blank)
    source_channel: str = field(default="unknown", validator=_not_blank)
    opened_by: str | None = field(default=None)


@command("core.record_profile_fact")
class RecordProfileFact(Command):
    """Record a fact about the party, such as ``name`` after a change of name.

    Args:
        field_name: what it is about.
        value: what it is now; None where it no longer is.
        unit: unit of a number.
        evidence: what shows it.
    """

    field_name: str = field(validator=_not_blank)
    value: str | None = field(default=None)
    unit: str | None = field(default=None)
    evidence: str | None = field(default=None)


@command("core.close_relationship")
class CloseRelationship(Command):
    """Close the relationship (CORE-61).

    Args:
        reason_code: one of ``EXIT_REASONS``.
        exit_kind: ``voluntary``, ``involuntary`` or ``natural``.
    """

    reason_code: str = field(default="", validator=_known_exit)
    exit_kind: ExitKind = field(default="voluntary", validator=_one_of("voluntary", "involuntary", "natural"))


@command("core.reopen_relationship")
class ReopenRelationship(Command):
    """Reopen a closed relationship in its old file.

    Args:
        reason_code: why, in one word.
    """

    reason_code: str = field(validator=_not_blank)


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

    @property
    def status(self) -> str:
        """``not open``, ``open`` or ``closed``."""
        if self.opened_on is None:
            return "not open"
        return "open" if self.closed_on is None else "closed"


customer_file = Facet("core.file", CustomerFile, title=Label("Customer file", "客户档案"))


@customer_file.evolve
def _opened(s: CustomerFile, e: FileOpened, at: datetime) -> None:
    s.account, s.party, s.name, s.source_channel, s.opened_on = (
        e.account,
        e.party,
        e.name,
        e.source_channel,
        at,
    )


@customer_file.evolve
def _fact(s: CustomerFile, e: ProfileFactRecorded) -> None:
    s.profile[e.field_name] = e.value
    if e.field_name == "name":
        s.name = e.value


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
    if isinstance(c, OpenFile | ReopenRelationship):
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
    if s.closed_on is not None:
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
    yield FileOpened(
        account=now.subject,
        party=c.party,
        name=c.name,
        source_channel=c.source_channel,
        opened_by=c.opened_by,
    )


@customer_file.holds("CORE-11", "opened_twice")
def _opened_once(s: CustomerFile, e: FileOpened) -> bool:
    return s.account == e.account


@customer_file.decide
def _record(s: CustomerFile, c: RecordProfileFact, now: Now) -> Iterator[Fact]:
    yield ProfileFactRecorded(field_name=c.field_name, value=c.value, unit=c.unit, evidence=c.evidence)


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


__all__ = [
    "ERASED",
    "CloseRelationship",
    "CustomerFile",
    "FileOpened",
    "OpenFile",
    "ProfileFactRecorded",
    "RecordProfileFact",
    "customer_file",
]
