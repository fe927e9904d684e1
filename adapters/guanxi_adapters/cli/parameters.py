"""Parameters of rule sets in words: what they are called, what they may be, and their values with units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guanxi import Publication, RuleSet
from guanxi.kernel.rules import Parameter, declared
from guanxi_adapters.cli.language import colon, say, spoken
from guanxi_adapters.cli.screen import BETWEEN
from guanxi_adapters.cli.wording import Wording, clean


def value_words(wording: Wording, value: Any, unit: str = "") -> str:
    """Return a parameter's value with its unit, none being nothing at all."""
    if value is None:
        return say("none")
    if isinstance(value, Mapping | tuple | list) and not value:
        return say("none")
    said = plain_number(value) if isinstance(value, int | Decimal) else wording.value(value)
    return f"{said} {unit}" if unit else said


def plain_number(value: Any) -> str:
    """Return a number as it is typed: exact, without thousands set apart."""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def parameter_words(wording: Wording, cls: type[RuleSet] | None, values: Mapping[str, Any]) -> str:
    """Return values by name in one line: ``months until expiry 5 months · claw-back policy unlimited``."""
    known = {p.name: p for p in declared(cls)} if cls is not None else {}
    return BETWEEN.join(_one(wording, known.get(name), name, value) for name, value in values.items())


def change_words(wording: Wording, cls: type[RuleSet] | None, changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Return what changed in one line: ``months until expiry 5 → 12 months``."""
    known = {p.name: p for p in declared(cls)} if cls is not None else {}
    said = []
    for name, (before, after) in changes.items():
        p = known.get(name)
        label, unit = (p.label(spoken()), p.unit(spoken())) if p else (name, "")
        said.append(f"{label} {value_words(wording, before)} → {value_words(wording, after, unit)}")
    return BETWEEN.join(said)


def _one(wording: Wording, p: Parameter | None, name: str, value: Any) -> str:
    if p is None:
        return f"{name} {value_words(wording, value)}"
    return f"{p.label(spoken())} {value_words(wording, value, p.unit(spoken()))}"


def signed_words(p: Publication) -> str:
    """Return who drafted and approved a version, and why."""
    said = say("drafted by {by}, approved by {approver}", by=clean(p.by), approver=clean(p.approved_by))
    why = [clean(p.reason)] if p.reason else []
    if p.retroactive:
        why.append(say("retroactive: {reason}", reason=clean(p.retroactive)))
    return f"{said}{colon()}{'; '.join(why)}" if why else said
