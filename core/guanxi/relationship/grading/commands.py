"""What may be ordered or told of classes, signs of leaving and delivered value."""

from __future__ import annotations

import typing
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from guanxi.kernel.errors import Incomplete, Invalid, Unknown
from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.values import exact
from guanxi.relationship.checks import filled
from guanxi.relationship.grading.events import Weight

GETS = ("product", "service", "personnel", "image")
"""What the customer gets."""
GIVES = ("money", "time", "energy", "mental")
"""What he gives up for it."""

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]


_text = filled("a code or number")


def _reason(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "reason_missing",
            "an override needs a reason",
            zh="调整等级须说明原因",
            rule="CORE-53",
            accepts="reason=...",
        )


def _approver(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        raise Incomplete(
            "approval_missing",
            "an override needs an approver",
            zh="调整等级须经批准",
            rule="CORE-53",
            accepts="approver=..., somebody other than who orders it",
        )


def _exact(value: object) -> Decimal | None:
    return None if value is None else exact(value)


def _weight(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in typing.get_args(Weight):
        raise Unknown(
            "unknown_code",
            f"{value!r} is no weight of a sign",
            zh=f"{value!r} 不是信号强度",
            rule="CORE-60",
            accepts=", ".join(typing.get_args(Weight)),
        )


def _not_before(instance: Any, attribute: attrs.Attribute[Any], value: date | None) -> None:
    if value is not None and value < instance.since:
        raise Invalid(
            "invalid_date",
            f"{attribute.name} {value} lies before {instance.since}",
            zh=f"{attribute.name} {value} 早于 {instance.since}",
            accepts="a day on or after the first",
        )


@command("core.grade_customer")
class GradeCustomer(Command):
    """Grade a customer by the firm's own standard (CORE-53, CORE-55).

    Args:
        scheme: ``value_potential``, ``four_class`` where it is cut by lines, or a scheme with lines of its own.
        score: the points that people give, for a scheme that has lines of its own.
        graded_on: the grading date; the day of the order if None.
    """

    scheme: str = field(validator=_text)
    score: Decimal | None = field(default=None, converter=_exact)
    graded_on: date | None = field(default=None)


@command("core.tell_class")
class TellClass(Command):
    """Tell a customer's own file what a run found (CORE-94).

    Args:
        scheme: the run's scheme.
        graded_on: its as-of day.
        grade: the class.
        rank: the class's place in the ladder.
        inputs: the figures that it was drawn from, by name.
    """

    scheme: str = field(validator=_text)
    graded_on: date
    grade: str = field(validator=_text)
    rank: int = field(default=0)
    inputs: tuple[tuple[str, str], ...] = field(default=())


@command("core.override_grade")
class OverrideGrade(Command):
    """Set a class, or the importance, in place of the computed one (CORE-53, CORE-58).

    Args:
        scheme: which, such as ``four_class`` or ``importance``.
        grade: the class, or the level from 1 to 4.
        reason: why.
        approver: who approved it, not who orders it.
        until: its last day.
    """

    scheme: str = field(validator=_text)
    grade: str = field(validator=_text)
    until: date
    reason: str = field(default="", validator=_reason)
    approver: str = field(default="", validator=_approver)


@command("core.state_signal")
class StateSignal(Command):
    """State a sign that the customer may leave (CORE-60).

    Args:
        plugin: who states it.
        signal: its code, with the plugin's prefix.
        weight: ``strong`` or ``weak``.
        since: its first day.
        until: its last day; None while it is open.
    """

    plugin: str = field(validator=_text)
    signal: str = field(validator=_text)
    weight: Weight = field(validator=_weight)
    since: date
    until: date | None = field(default=None, validator=_not_before)


@command("core.state_class")
class StateClass(Command):
    """State the class that a plugin's own rules gave (CORE-58).

    Args:
        plugin: whose rules.
        scheme: its scheme, with its prefix.
        grade: the class.
        since: its first day.
        until: its last day; None while it is open.
    """

    plugin: str = field(validator=_text)
    scheme: str = field(validator=_text)
    grade: str = field(validator=_text)
    since: date
    until: date | None = field(default=None, validator=_not_before)


@attrs.frozen
class Part:
    """One part of delivered value.

    Args:
        amount: how much.
        unit: of what: a currency, or points.
    """

    amount: Decimal = attrs.field(converter=exact)
    unit: str


@command("core.state_delivered_value")
class StateDeliveredValue(Command):
    """State what the customer gets and gives up (CORE-57). A part that is not stated leaves the result not available.

    Args:
        product: value of the product.
        service: value of the service.
        personnel: value of the people.
        image: value of the image.
        money: what he pays.
        time: what it costs him in time.
        energy: what it costs him in effort.
        mental: what it costs him in worry.
    """

    product: Part | None = field(default=None)
    service: Part | None = field(default=None)
    personnel: Part | None = field(default=None)
    image: Part | None = field(default=None)
    money: Part | None = field(default=None)
    time: Part | None = field(default=None)
    energy: Part | None = field(default=None)
    mental: Part | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        units = sorted({part.unit for part in self.parts().values()})
        if not units or "" in units:
            raise Invalid(
                "unit_missing",
                "delivered value needs parts with their unit",
                zh="让渡价值的各部分须注明单位",
                rule="CORE-57",
                accepts='money=Part("90", "CNY"), ...',
            )
        if len(units) > 1:
            raise Invalid(
                "unit_mismatch",
                f"the parts of delivered value are in {', '.join(units)}",
                zh=f"让渡价值各部分单位不一致：{'、'.join(units)}",
                rule="CORE-57",
                accepts="all parts in one unit",
            )

    def parts(self) -> dict[str, Part]:
        """Return the parts that were stated, by name."""
        stated = ((name, getattr(self, name)) for name in (*GETS, *GIVES))
        return {name: part for name, part in stated if part is not None}


COMMANDS = (
    GradeCustomer,
    TellClass,
    OverrideGrade,
    StateSignal,
    StateClass,
    StateDeliveredValue,
)
