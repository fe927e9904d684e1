"""What may be ordered about due items."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete
from guanxi.kernel.messages import Command, command, field
from guanxi.relationship.checks import filled

_named = filled("the item as the list names it")


def _person(command: AssignDueItem, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, str) and value.strip() and command.department is None:
        return
    raise Incomplete(
        "named_person_missing",
        "a due item belongs to a named person, never to a department",
        zh="待办事项须指定到人，不能指定到部门",
        rule="CORE-43",
        accepts="person=...",
    )


def _reason(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "reason_missing",
            "a waiver needs a reason",
            zh="免除待办须说明原因",
            rule="CORE-99",
            accepts="reason=...",
        )


@command("core.assign_due_item")
class AssignDueItem(Command):
    """Name the person who is to do a due item (CORE-99).

    Args:
        cadence: the cadence's name, as the list shows it.
        number: the item's key within it.
        person: who.
        department: only told to be refused: an item belongs to a person.
    """

    cadence: str = field(validator=_named)
    number: str = field(validator=_named)
    department: str | None = field(default=None)
    person: str | None = field(default=None, validator=_person)


@command("core.waive_due_item")
class WaiveDueItem(Command):
    """Rule that a due item need not be done; by somebody other than the person who is to do it (CORE-99).

    Args:
        cadence: the cadence's name, as the list shows it.
        number: the item's key within it.
        reason: why.
        person: who was to do it, where its own entries name him, as the list shows it.
    """

    cadence: str = field(validator=_named)
    number: str = field(validator=_named)
    reason: str | None = field(default=None, validator=_reason)
    person: str | None = field(default=None)
