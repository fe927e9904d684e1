"""What is told and ruled of privacy, and of the house's own duties."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Unknown
from guanxi.kernel.families import RETENTION_FAMILIES
from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.governance.events import Answer, Right


def _families(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    for family in value:
        if family not in RETENTION_FAMILIES:
            raise Unknown(
                "unknown_code",
                f"{family!r} is no retention family",
                zh=f"{family!r} 不是保管类别",
                rule="CORE-96",
                accepts=", ".join(RETENTION_FAMILIES),
            )


def _told(_: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if not value or not value.strip():
        raise Incomplete(
            "reason_missing",
            f"{attribute.name} is missing",
            zh=f"缺少 {attribute.name}",
            rule="CORE-75",
            accepts="why, in words that will be read again",
        )


@command("core.receive_rights_request", after_closing=True)
class ReceiveRightsRequest(Command):
    """Note what a data subject asks for (CORE-75).

    Args:
        request: its number.
        right: ``know``, ``copy``, ``correct``, ``delete``, ``port`` or ``explain``.
        data_subject: whose data; the party's own if empty.
        families: which retention families; all if none are named.
    """

    request: str
    right: Right
    data_subject: str = field(default="")
    families: tuple[str, ...] = field(default=(), validator=_families)


@command("core.answer_rights_request", after_closing=True)
class AnswerRightsRequest(Command):
    """Answer a request; a refusal needs a reason (CORE-75).

    Args:
        request: its number.
        answer: ``granted``, ``partly`` or ``refused``.
        because: why, for a refusal.
    """

    request: str
    answer: Answer
    because: str = field(default="")


@command("core.erase_personal_data", after_closing=True)
class ErasePersonalData(Command):
    """Erase families of a data subject; those under a duty are restricted instead (CORE-75).

    Args:
        legal_basis: why: a request, a withdrawal, the end of the purpose.
        data_subject: whose data; the party's own if empty.
        families: which retention families; all if none are named.
        needed: those of them that another file, in which he appears, has a duty to keep.
    """

    legal_basis: str = field(default="", validator=_told)
    data_subject: str = field(default="")
    families: tuple[str, ...] = field(default=(), validator=_families)
    needed: tuple[str, ...] = field(default=(), validator=_families)


@command("core.restrict_processing", after_closing=True)
class RestrictProcessing(Command):
    """Have families of a data subject kept and not used (CORE-75).

    Args:
        legal_basis: why.
        data_subject: whose data; the party's own if empty.
        families: which retention families; all if none are named.
    """

    legal_basis: str = field(default="", validator=_told)
    data_subject: str = field(default="")
    families: tuple[str, ...] = field(default=(), validator=_families)


@command("core.lift_restriction", after_closing=True)
class LiftRestriction(Command):
    """Have families of a data subject used again (CORE-75).

    Args:
        legal_basis: why.
        data_subject: whose data; the party's own if empty.
        families: which retention families; all that are restricted if none are named.
    """

    legal_basis: str = field(default="", validator=_told)
    data_subject: str = field(default="")
    families: tuple[str, ...] = field(default=(), validator=_families)


@command("core.review_rule_set")
class ReviewRuleSet(Command):
    """Note that a rule set was gone through (CORE-73).

    Args:
        rule_set: its stored name.
        version: the version that was in force.
        changed: whether a further version came of it.
    """

    rule_set: str
    version: int
    changed: bool = field(default=False)


@command("core.note_report_issued")
class NoteReportIssued(Command):
    """Note that a report left the house; ``issue`` does both at once (CORE-76).

    Args:
        issue: its number.
        manifest: what it was made from.
    """

    issue: str
    manifest: dict[str, Any]


@command("core.note_backup")
class NoteBackup(Command):
    """Note that a backup was taken (CORE-99).

    Args:
        place: where it lies, as the house names it.
        digest: digest of what was written.
        position: up to where in the log it reaches.
    """

    place: str
    digest: str
    position: int


COMMANDS = (
    ReceiveRightsRequest,
    AnswerRightsRequest,
    ErasePersonalData,
    RestrictProcessing,
    LiftRestriction,
    ReviewRuleSet,
    NoteReportIssued,
    NoteBackup,
)
