"""Target segments and screening criteria: conditions on a customer's profile, written as text and read once (CORE-48, CORE-52)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.relationship.care.days import day_of, years_between

AGE, BIRTH_DATE = "age", "birth_date"
_CONDITION = re.compile(r"\s*([\w.]+)\s*(<=|>=|!=|=|<|>)\s*(.+?)\s*\Z")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@attrs.frozen
class Condition:
    """One condition: a profile field, how it is compared, and with what; ``a|b`` names alternatives."""

    field: str
    sign: str
    value: str

    def holds(self, told: object) -> bool:
        """Return whether what is told of the field fits; what is not stated never does (CORE-09)."""
        if told is None or not isinstance(told, str | int):
            return False
        if self.sign == "=":
            return str(told) in self.value.split("|")
        if self.sign == "!=":
            return str(told) not in self.value.split("|")
        number = _number(told)
        return number is not None and _COMPARED[self.sign](number, Decimal(self.value))


def read_criteria(text: str) -> tuple[Condition, ...]:
    """Read criteria such as ``age < 30; region = north|south``; empty text asks for nothing.

    Args:
        text: conditions, divided by semicolons.

    Raises:
        Invalid: ``unknown_code`` for what is no condition.
    """
    return tuple(_condition(part) for part in text.split(";") if part.strip())


def _condition(part: str) -> Condition:
    found = _CONDITION.match(part)
    if found is None or (found[2] in _COMPARED and _number(found[3]) is None):
        raise Unknown(
            "unknown_code",
            f"{part.strip()!r} is no condition",
            zh=f"{part.strip()!r} 不是条件",
            rule="CORE-48",
            accepts="age < 30; region = north|south",
        )
    return Condition(found[1], found[2], found[3])


def fits(criteria: str, profile: Mapping[str, object], day: date) -> bool:
    """Return whether a customer fits criteria on a day.

    Args:
        criteria: as ``read_criteria`` reads them.
        profile: his profile by field; ``age`` is reckoned from ``birth_date``.
        day: the day.
    """
    return all(c.holds(_told(c.field, profile, day)) for c in read_criteria(criteria))


def first_fitting(ladder: Sequence[tuple[str, str]], profile: Mapping[str, object], day: date) -> str | None:
    """Return the name of the first group whose criteria a customer fits, or None where he fits none.

    Args:
        ladder: names of groups with their criteria, in the order in which they are asked.
        profile: what is told of the customer, by field.
        day: the day.
    """
    return next((name for name, criteria in ladder if fits(criteria, profile, day)), None)


def _told(field: str, profile: Mapping[str, object], day: date) -> object:
    if field != AGE:
        return profile.get(field)
    born = day_of(profile.get(BIRTH_DATE))
    return None if born is None else years_between(born, day)


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
