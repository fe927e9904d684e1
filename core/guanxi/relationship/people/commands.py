"""What may be ordered or told about people, concerns and return (CORE-17, CORE-18, CORE-61)."""

from __future__ import annotations

from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.checks import coded, filled, or_none
from guanxi.relationship.people.events import DecisionRole, RiskCode

_said = filled("text that says something")
_said_or_none = or_none(_said)


@command("core.name_contact_person")
class NameContactPerson(Command):
    """Name somebody who acts for the organisation, or say anew what is known of him (CORE-18).

    Args:
        person: his own id, the same in every file in which he appears.
        name: his name.
        post: his post.
        decision_role: what he does in their decisions; None as long as nobody said.
        key_person: whether he decides or sways them.
        preferences: what he likes.
        worries: what he fears.
        phone: his telephone number.
    """

    person: str = field(validator=_said)
    name: str | None = field(default=None, validator=_said_or_none)
    post: str | None = field(default=None, validator=_said_or_none)
    decision_role: DecisionRole | None = field(
        default=None, validator=or_none(coded(DecisionRole, "CORE-18"))
    )
    key_person: bool = field(default=False)
    preferences: str | None = field(default=None, validator=_said_or_none)
    worries: str | None = field(default=None, validator=_said_or_none)
    phone: str | None = field(default=None, validator=_said_or_none)


@command("core.record_contact_person_left")
class RecordContactPersonLeft(Command):
    """Record that somebody no longer acts for the organisation (CORE-18).

    Args:
        person: his id.
        cause: why, in one word.
        successor: id of who came in his place.
    """

    person: str = field(validator=_said)
    cause: str = field(default="unknown", validator=_said)
    successor: str | None = field(default=None, validator=_said_or_none)


@command("core.record_concern")
class RecordConcern(Command):
    """Record what the customer fears, with our answer if there is one yet (CORE-17).

    Args:
        concern: its number.
        risk: the code of the perceived risk.
        content: what he said.
        answer: what we answered.
    """

    concern: str = field(validator=_said)
    risk: RiskCode = field(validator=coded(RiskCode, "CORE-17"))
    content: str | None = field(default=None, validator=_said_or_none)
    answer: str | None = field(default=None, validator=_said_or_none)


@command("core.answer_concern")
class AnswerConcern(Command):
    """Record our answer to what the customer fears (CORE-17).

    Args:
        concern: its number.
        answer: what we answered.
    """

    concern: str = field(validator=_said)
    answer: str = field(validator=_said)


@command("core.record_win_back_attempt", after_closing=True)
class RecordWinBackAttempt(Command):
    """Record that we asked a lapsed customer to come back (CORE-61).

    Args:
        attempt: its number.
        by: who asked.
        offer: what was offered.
        channel: how he was asked.
    """

    attempt: str = field(validator=_said)
    by: str = field(validator=_said)
    offer: str | None = field(default=None, validator=_said_or_none)
    channel: str | None = field(default=None, validator=_said_or_none)
