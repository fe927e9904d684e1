"""What happens to a customer's classes, and what is told that classes and warnings are drawn from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import WOULD_DIFFER, Act, Decision, Fact, event, field, given, key, personal
from guanxi.kernel.privacy import Erased

Weight = Literal["strong", "weak"]

FOUR_CLASS, VALUE_POTENTIAL, ABC, LOYALTY = "four_class", "value_potential", "abc", "loyalty"
CREDIT_GRADE, RISK_MARK, IMPORTANCE = "credit_grade", "risk_mark", "importance"

SCHEMES: dict[str, Label] = {
    FOUR_CLASS: Label("four classes by spend, revenue and cost", "四类客户"),
    VALUE_POTENTIAL: Label("value and potential", "价值与潜力"),
    ABC: Label("ABC", "ABC 分类"),
    LOYALTY: Label("loyalty", "忠诚度"),
    CREDIT_GRADE: Label("credit grade", "信用等级"),
    RISK_MARK: Label("risk mark", "市场记号"),
    IMPORTANCE: Label("importance", "重要程度"),
}
"""The core's schemes; a plugin's bear its prefix."""


@event("core.grading_ordered")
class GradingOrdered(Fact):
    """A grading by the firm's own standard was ordered for a day, with the score that only people can give (CORE-53)."""

    scheme: str
    graded_on: date
    score: Decimal | None = field(default=None)


@event("core.class_told")
class ClassTold(Fact):
    """A run told a customer's own file its class (CORE-94)."""

    scheme: str
    graded_on: date
    grade: str
    rank: int
    inputs: tuple[tuple[str, str], ...] = field(default=())


@event("core.grade_set")
class GradeSet(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    """A class was drawn by a scheme's rules, and stands until the next grading (CORE-53).

    ``rank`` is its place in the scheme's ladder, 1 for the best: of two files that became one the better class counts.
    """

    scheme: str = key()
    graded_on: date = key()
    grade: str
    rank: int
    inputs: tuple[tuple[str, str], ...] = given(default=())
    by_run: bool = given(default=False)


@event("core.grade_overridden")
class GradeOverridden(Act):
    """Somebody set a class, or the importance, in place of the computed one, up to and including a day (CORE-53, CORE-58)."""

    scheme: str
    grade: str
    reason: str | Erased | None = personal("credit", default=None)
    approver: str
    until: date


@event("core.signal_stated")
class SignalStated(Fact):
    """A plugin, or a person, states a sign that the customer may leave (CORE-60); both days included."""

    plugin: str
    signal: str
    weight: Weight
    since: date
    until: date | None = field(default=None)


@event("core.class_stated")
class ClassStated(Fact):
    """A plugin states the class that its own rules gave the customer (CORE-58); both days included."""

    plugin: str
    scheme: str
    grade: str
    since: date
    until: date | None = field(default=None)


@event("core.delivered_value_stated")
class DeliveredValueStated(Fact):
    """What the customer gets and gives up, part by part, in one unit (CORE-57); None where it was not stated."""

    unit: str
    product: Decimal | None = field(default=None)
    service: Decimal | None = field(default=None)
    personnel: Decimal | None = field(default=None)
    image: Decimal | None = field(default=None)
    money: Decimal | None = field(default=None)
    time: Decimal | None = field(default=None)
    energy: Decimal | None = field(default=None)
    mental: Decimal | None = field(default=None)


EVENTS = (
    GradingOrdered,
    ClassTold,
    GradeSet,
    GradeOverridden,
    SignalStated,
    ClassStated,
    DeliveredValueStated,
)
