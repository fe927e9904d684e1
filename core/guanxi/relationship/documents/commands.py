"""What may be ordered or told of papers."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Invalid
from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.checks import filled, or_none

_text = filled("a number or a code")
_text_or_none = or_none(_text)


def _reason(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "reason_missing", "a reason is missing", zh="缺少原因", rule="CORE-66", accepts="reason=..."
        )


def _some(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    if not value:
        raise Incomplete(
            "document_missing",
            "the list names no papers",
            zh="清单未列档案",
            rule="CORE-66",
            accepts="the numbers of papers in this file",
        )


def _pages(_: object, attribute: attrs.Attribute[Any], value: int) -> None:
    if value < 1:
        raise Invalid(
            "out_of_scale",
            f"{value!r} pages",
            zh=f"页数 {value!r} 无效",
            rule="CORE-62",
            accepts="a whole number from 1 on",
        )


@command("core.expect_document", after_closing=True)
class ExpectDocument(Command):
    """Say that a paper is to be filed, or that it does not apply (CORE-64).

    Args:
        document_type: its type.
        event_on: the day of what it is about.
        due_on: its last day, where it is not the usual one.
        applies: False where the filing scope asks for it and it does not apply.
    """

    document_type: str = field(validator=_text)
    event_on: date
    due_on: date | None = field(default=None)
    applies: bool = field(default=True)


@command("core.hand_in_document", after_closing=True)
class HandInDocument(Command):
    """Hand a paper in; it is accepted, or rejected and kept with its faults (CORE-62, CORE-63).

    Args:
        document: its number, for ever its own.
        document_type: what sort it is of.
        formed_on: the date it bears.
        pages: how many.
        medium: paper or ink, such as ``thermal_paper`` or ``printed``.
        title: what it is called.
        signatures: who signed, by part: ``customer``, ``firm``.
        signed_by: the people's names.
        filled: form fields that are filled in.
        enclosed: types of papers that come with it.
        supersedes: number of the older paper that this one is a new version of.
        event_on: the day of what it is about.
        is_copy: whether it is a copy.
        verified: whether somebody compared the copy with the original.
        retention_class: under which it is kept, where it is not that of its type.
    """

    document: str = field(validator=_text)
    document_type: str = field(validator=_text)
    formed_on: date
    pages: int = field(validator=_pages)
    medium: str = field(default="")
    title: str | None = field(default=None)
    signatures: tuple[str, ...] = field(default=())
    signed_by: str | None = field(default=None)
    filled: tuple[str, ...] = field(default=())
    enclosed: tuple[str, ...] = field(default=())
    supersedes: str | None = field(default=None, validator=_text_or_none)
    event_on: date | None = field(default=None)
    is_copy: bool = field(default=False)
    verified: bool = field(default=False)
    retention_class: str | None = field(default=None, validator=_text_or_none)


@command("core.issue_catalogue", after_closing=True)
class IssueCatalogue(Command):
    """Issue the contents list as it is now, under a number (CORE-62).

    Args:
        catalogue: its number.
    """

    catalogue: str = field(validator=_text)


@command("core.lend_document", after_closing=True)
class LendDocument(Command):
    """Lend a paper (CORE-65).

    Args:
        loan: number of the loan.
        document: which paper.
        borrower: to whom.
        signature: his signature.
        purpose: what for.
        due_on: the last day; after the usual number of days if None.
        original: False for a copy, of which many may be out.
    """

    loan: str = field(validator=_text)
    document: str = field(validator=_text)
    borrower: str = field(validator=_text)
    purpose: str = field(validator=_text)
    signature: str | None = field(default=None)
    due_on: date | None = field(default=None)
    original: bool = field(default=True)


@command("core.return_document", after_closing=True)
class ReturnDocument(Command):
    """Take a lent paper back (CORE-65).

    Args:
        loan: number of the loan.
        condition: the state it is in.
    """

    loan: str = field(validator=_text)
    condition: str = field(validator=_text)


@command("core.shelve_document", after_closing=True)
class ShelveDocument(Command):
    """Put a paper, or the whole file, into a slot (CORE-66).

    Args:
        slot: where.
        document: which paper; the whole file if None.
        apart: whether the slot is among those of closed files.
    """

    slot: str = field(validator=_text)
    document: str | None = field(default=None, validator=_text_or_none)
    apart: bool = field(default=False)


@command("core.place_legal_hold", after_closing=True)
class PlaceLegalHold(Command):
    """Forbid destruction until the hold is lifted (CORE-66).

    Args:
        hold: its number.
        reason: why.
        documents: which papers; the whole file if none is named.
    """

    hold: str = field(validator=_text)
    reason: str = field(default="", validator=_reason)
    documents: tuple[str, ...] = field(default=())


@command("core.lift_legal_hold", after_closing=True)
class LiftLegalHold(Command):
    """End a hold (CORE-66).

    Args:
        hold: its number.
        reason: why.
    """

    hold: str = field(validator=_text)
    reason: str = field(default="", validator=_reason)


@command("core.approve_destruction", after_closing=True)
class ApproveDestruction(Command):
    """Approve that the papers of a list may be destroyed (CORE-66).

    Args:
        list_no: the list's number.
        documents: the papers on it.
        approver: who approves, not who asks.
        reason: why.
    """

    list_no: str = field(validator=_text)
    approver: str = field(validator=_text)
    documents: tuple[str, ...] = field(default=(), validator=_some)
    reason: str = field(default="", validator=_reason)


@command("core.destroy_document", after_closing=True)
class DestroyDocument(Command):
    """Destroy a paper under an approved list (CORE-66).

    Args:
        document: which paper.
        list_no: the approved list.
        executor: who destroys it; the actor if None.
        supervisor: who is present and is not the executor.
    """

    document: str = field(validator=_text)
    list_no: str = field(default="")
    executor: str | None = field(default=None)
    supervisor: str | None = field(default=None)


COMMANDS = (
    ExpectDocument,
    HandInDocument,
    IssueCatalogue,
    LendDocument,
    ReturnDocument,
    ShelveDocument,
    PlaceLegalHold,
    LiftLegalHold,
    ApproveDestruction,
    DestroyDocument,
)
