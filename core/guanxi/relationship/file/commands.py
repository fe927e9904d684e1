"""What may be ordered or told of a customer file and of whom it is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Invalid, Unknown
from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.checks import coded, filled, one_of, or_none
from guanxi.relationship.file.events import (
    ContactType,
    ExitKind,
    LinkType,
    PartyKind,
    Role,
    Side,
)

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

FIELD_FAMILIES = (
    "basics",
    "record_card",
    "market",
    "direction",
    "organisation",
    "key_persons",
    "buying_procedure",
    "demand_plan",
    "finance",
    "dealings",
    "habits",
    "attitude",
    "analysis",
)
"""The field families of a file (CORE-09)."""


_not_blank = or_none(filled("text, or None where it is not known"))


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
        raise Unknown(
            "unknown_code",
            f"{value!r} is no exit reason",
            zh=f"{value!r} 不是退出原因",
            rule="CORE-61",
            accepts=", ".join(EXIT_REASONS),
        )


def _scheme(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise Unknown(
            "unknown_code",
            f"{value!r} cannot be a scheme",
            zh=f"{value!r} 不能作为标识类型",
            accepts="lower-case letters, digits, underscores",
        )


def _families(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    for family in value:
        one_of(*FIELD_FAMILIES)(_, attribute, family)


def _family(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None:
        one_of(*FIELD_FAMILIES)(_, attribute, value)


def _retention(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None:
        one_of(*RETENTION_FAMILIES)(_, attribute, value)


def _percent(_: object, attribute: attrs.Attribute[Any], value: Decimal | None) -> None:
    if value is not None and not 0 <= value <= 100:
        raise Invalid(
            "out_of_scale",
            f"a share of {value} %",
            zh=f"份额 {value}%",
            rule="CORE-14",
            accepts="0 to 100, or None where it is not known",
        )


@attrs.frozen(kw_only=True)
class Contact:
    """A contact point that a file is opened with.

    Args:
        type: such as ``mobile`` or ``email``.
        value: number or address.
        use: what it is for.
    """

    type: ContactType = attrs.field(validator=coded(ContactType))
    value: str = attrs.field(validator=_not_blank)
    use: str | None = None


@attrs.frozen(kw_only=True)
class Identity:
    """An identifier that a file is opened with.

    Args:
        scheme: as for ``RecordIdentifier``.
        value: the id.
        issuer: who issued it.
    """

    scheme: str = attrs.field(validator=_scheme)
    value: str = attrs.field(validator=_not_blank)
    issuer: str | None = None


@command("core.open_file", opens=True)
class OpenFile(Command):
    """Open a customer file; its account number is the subject the command is given to (CORE-08).

    Args:
        party: ``person``, ``organisation``, ``household`` or ``group``; fixed for ever (CORE-11).
        name: the party's name, if known.
        source_channel: how the party came to us.
        opened_by: who opened it, if not the actor.
        contacts: contact points known by then.
        identifiers: external ids known by then.
        profile: what else is known by then, by field, such as ``region``.
    """

    party: PartyKind = field(default="person", validator=coded(PartyKind))
    name: str | None = field(default=None, validator=_not_blank)
    source_channel: str = field(default="unknown", validator=_not_blank)
    opened_by: str | None = field(default=None)
    contacts: tuple[Contact, ...] = field(default=())
    identifiers: tuple[Identity, ...] = field(default=())
    profile: Mapping[str, str] = field(default=attrs.Factory(dict))


@command("core.record_profile_fact")
class RecordProfileFact(Command):
    """Record a fact about the party, such as ``name`` after a change of name.

    Args:
        field_name: what it is about.
        value: what it is now; None where it no longer is.
        unit: unit of a number.
        evidence: what shows it.
        family: its field family, such as ``market`` (CORE-09).
        retention: with what it is kept and erased, such as ``preference``; identity if not given (CORE-96).
    """

    field_name: str = field(validator=_not_blank)
    value: str | None = field(default=None)
    unit: str | None = field(default=None)
    evidence: str | None = field(default=None)
    family: str | None = field(default=None, validator=_family)
    retention: str | None = field(default=None, validator=_retention)


@command("core.verify_profile")
class VerifyProfile(Command):
    """Note that the file was checked and found unchanged (CORE-10).

    Args:
        families: the field families that were checked; none for all.
    """

    families: tuple[str, ...] = field(default=(), validator=_families)


@command("core.close_relationship")
class CloseRelationship(Command):
    """Close the relationship (CORE-61).

    Args:
        reason_code: one of ``EXIT_REASONS``.
        exit_kind: ``voluntary``, ``involuntary`` or ``natural``.
    """

    reason_code: str = field(default="", validator=_known_exit)
    exit_kind: ExitKind = field(default="voluntary", validator=coded(ExitKind))


@command("core.reopen_relationship")
class ReopenRelationship(Command):
    """Reopen a closed relationship in its old file.

    Args:
        reason_code: why, in one word.
    """

    reason_code: str = field(validator=_not_blank)


@command("core.record_identifier")
class RecordIdentifier(Command):
    """Link the file to an external id.

    Args:
        scheme: ``prc_id``, ``credit_code``, ``passport``, ``mobile``, ``email``, or the name of another system.
        value: the id there.
        issuer: who issued it.
        evidence: what shows it.
    """

    scheme: str = field(validator=_scheme)
    value: str
    issuer: str | None = field(default=None)
    evidence: str | None = field(default=None)


@command("core.record_contact_point")
class RecordContactPoint(Command):
    """Record a way to reach the party (CORE-08, CORE-15).

    Args:
        type: such as ``mobile`` or ``email``.
        value: number or address; a number without country code is of the programme's region.
        use: what it is for.
        verified: whether it was tried.
    """

    type: ContactType = field(validator=coded(ContactType))
    value: str = field(validator=_not_blank)
    use: str | None = field(default=None)
    verified: bool = field(default=False)


@command("core.retire_contact_point")
class RetireContactPoint(Command):
    """Note that a contact point no longer leads to the party (CORE-15).

    Args:
        type: its type.
        value: number or address.
        reason: why, in one word.
    """

    type: ContactType = field(validator=coded(ContactType))
    value: str = field(validator=_not_blank)
    reason: str | None = field(default=None)


@command("core.take_role")
class TakeRole(Command):
    """Note that the party is in a role too (CORE-11).

    Args:
        role: such as ``end_customer`` or ``guarantor``.
    """

    role: Role = field(validator=coded(Role))


@command("core.end_role")
class EndRole(Command):
    """Note that the party is no longer in a role (CORE-11).

    Args:
        role: which.
    """

    role: Role = field(validator=coded(Role))


@command("core.link_party", names="other")
class LinkParty(Command):
    """Note that the party belongs to a household or group, or stands in another relation to the other file (CORE-14).

    Args:
        other: account number of the household, the group, or the other party.
        link_type: such as ``household`` or ``group``.
        share: per cent, where it holds a share.
        other_name: by what name this party knows the other; it is erased with the other's own.
    """

    other: str = field(validator=_not_blank)
    link_type: LinkType = field(validator=coded(LinkType))
    share: Decimal | None = field(default=None, validator=_percent)
    other_name: str | None = field(default=None)


@command("core.unlink_party", names="other")
class UnlinkParty(Command):
    """Note that it no longer does (CORE-14).

    Args:
        other: account number of the other file.
        link_type: which relation ends.
    """

    other: str = field(validator=_not_blank)
    link_type: LinkType = field(validator=coded(LinkType))


@command("core.dismiss_duplicate", names="other")
class DismissDuplicate(Command):
    """Rule that two files are of two parties; the pair returns on new evidence only (CORE-12).

    Args:
        other: account number of the other file.
    """

    other: str = field(validator=_not_blank)


@command("core.merge_files", names="absorbed")
class MergeFiles(Command):
    """Show two files of one party as one from here on; the command is given to the survivor (CORE-13).

    Args:
        absorbed: account number of the other file.
        choices: profile fields whose value is the absorbed file's, or the survivor's, by field; the survivor's if not named.
        maintainer: who answers for the merged file; needed where both have somebody.
    """

    absorbed: str = field(validator=_not_blank)
    choices: Mapping[str, Side] = field(default=attrs.Factory(dict))
    maintainer: str | None = field(default=None, validator=_not_blank)


@command("core.undo_merge", names="absorbed")
class UndoMerge(Command):
    """Show two merged files as two again from here on; the command is given to the survivor (CORE-13).

    Args:
        absorbed: account number of the other file.
    """

    absorbed: str = field(validator=_not_blank)


@command("core.be_dismissed", names="other")
class BeDismissed(Command):
    """The other side of a dismissal."""

    other: str
    evidence: tuple[str, ...]


@command("core.be_absorbed", names="survivor")
class BeAbsorbed(Command):
    """The other side of a merge."""

    survivor: str
    party: str
    maintained: bool
    choices: dict[str, Side]
    maintainer: str | None


@command("core.be_released", names="survivor")
class BeReleased(Command):
    """The other side of the undoing of a merge."""

    survivor: str


@command("core.show_along", names="other")
class ShowAlong(Command):
    """Shows or hides, in a survivor, a file that an absorbed one absorbed before."""

    other: str
    by: str
    shown: bool


@command("core.be_shown_along", names="survivor")
class BeShownAlong(Command):
    """The other side of that."""

    survivor: str


ABOUT_THE_FILE = (
    MergeFiles,
    UndoMerge,
    DismissDuplicate,
    BeDismissed,
    BeAbsorbed,
    BeReleased,
    ShowAlong,
    BeShownAlong,
)
"""What may be ordered of a closed file too, since it concerns the file and not the relationship."""
