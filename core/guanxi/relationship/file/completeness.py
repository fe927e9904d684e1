"""How complete a file is: what is filled of what it is to hold (CORE-09)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.privacy import ERASED
from guanxi.kernel.read_models import Reader
from guanxi.relationship.file.read_models import contact_points, elements, profile
from guanxi.relationship.file.standing import shown_points, shown_rows

READS = (profile, contact_points, elements)


@attrs.frozen
class Completeness:
    """What is filled of what is required.

    Args:
        filled: required fields that have a value.
        missing: required fields that have none.
        erased: required fields that were lawfully erased.
    """

    filled: tuple[str, ...]
    missing: tuple[str, ...]
    erased: tuple[str, ...] = ()

    @property
    def required(self) -> int:
        """How many fields count."""
        return len(self.filled) + len(self.missing)

    @property
    def percent(self) -> Decimal | None:
        """Filled ÷ required in percent; None where nothing is required."""
        return Decimal(100 * len(self.filled)) / self.required if self.required else None


def completeness(
    required: Iterable[str], known: Mapping[str, Any], *, erased_leave: bool = True
) -> Completeness:
    """Return how complete a file is.

    Args:
        required: names of the fields it is to hold.
        known: what is on file, by field; ``contact`` and ``identifier`` stand for one of any sort.
        erased_leave: whether what was lawfully erased is no longer required.
    """
    filled: list[str] = []
    missing: list[str] = []
    erased: list[str] = []
    for name in dict.fromkeys(required):
        value = known.get(name)
        if value is ERASED:
            (erased if erased_leave else missing).append(name)
        else:
            (missing if value is None else filled).append(name)
    return Completeness(tuple(filled), tuple(missing), tuple(erased))


def known_fields(reader: Reader, into: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what is on file, by the stream of each file that stands for its party, and by field.

    Args:
        reader: of ``READS``.
        into: as ``survivors`` returns it.
    """
    known: dict[str, dict[str, Any]] = {stream: {} for stream, _ in shown_rows(reader, elements, into)}
    for stream, field in shown_rows(reader, profile, into):
        fields = known.setdefault(stream, {})
        _fill(fields, field.field_name, field.value)
        if field.field_name.startswith("identifier."):
            _fill(fields, "identifier", field.value)
    for stream, point in shown_points(reader, into):
        if point.until is None:
            for name in ("contact", f"contact.{point.type}"):
                _fill(known.setdefault(stream, {}), name, point.value)
    return known


def _fill(fields: dict[str, Any], name: str, value: Any) -> None:
    """Note a value; one that can be read counts before one that was erased."""
    if value is not None and fields.get(name) in (None, ERASED):
        fields[name] = value


def has(known: Mapping[str, Any], name: str) -> bool:
    """Return whether a selection takes a file: what was never stated counts as no there, and only there.

    Args:
        known: what is on file, by field.
        name: which field.
    """
    value = known.get(name)
    return value is not None and value is not ERASED and str(value).casefold() not in NO


NO: Collection[str] = ("no", "false", "0", "否", "无")
"""What states that something is not so."""
