"""Grading: what a class is drawn from, how it is set, and how somebody sets another until a day (CORE-53 to CORE-55)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import attrs

from guanxi.kernel.errors import Incomplete, Invalid, NotPermitted, RuleNotMet, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.kernel.privacy import Erased
from guanxi.relationship.file.events import ProfileFactRecorded
from guanxi.relationship.grading.classing import (
    LETTERS,
    METALS,
    NOT_CLASSIFIED,
    four_classes,
    value_potential,
)
from guanxi.relationship.grading.commands import (
    GradeCustomer,
    OverrideGrade,
    StateClass,
    StateDeliveredValue,
    TellClass,
)
from guanxi.relationship.grading.events import (
    ABC,
    FOUR_CLASS,
    IMPORTANCE,
    LOYALTY,
    VALUE_POTENTIAL,
    ClassStated,
    ClassTold,
    DeliveredValueStated,
    GradeOverridden,
    GradeSet,
    GradingOrdered,
)
from guanxi.relationship.grading.measures import (
    LINE,
    ZERO,
    Line,
    Posting,
    Told,
    Value,
    ValueRow,
    full_months,
    measured,
    plain,
    posted,
)
from guanxi.relationship.grading.rules import (
    HIGHEST,
    LOWEST,
    FourClassRules,
    GradingRules,
    ValuePotentialRules,
    ValueRules,
)

POTENTIAL = "potential"
"""The profile fact that holds a customer's growth potential."""
RANKED = (ABC, LOYALTY)
"""Schemes that compare customers with each other and so are drawn by runs alone."""
_CLASSES: dict[str, tuple[str, ...]] = {
    VALUE_POTENTIAL: METALS,
    ABC: LETTERS,
    IMPORTANCE: tuple(str(n) for n in range(HIGHEST, LOWEST + 1)),
}


@attrs.define
class Grades:
    """What a customer brought and cost, and what is known of his potential."""

    lines: dict[str, ValueRow] = attrs.field(factory=dict)
    postings: dict[tuple[str, date, str], Posting] = attrs.field(factory=dict)
    potential: Decimal | None = None

    def value(self, day: date, rules: ValueRules) -> Value:
        """Return his figures over the full months before a day.

        Args:
            day: the day.
            rules: how many months, and in which currency.
        """
        return measured(self.postings.values(), full_months(day, rules.months), rules.currency)

    def line(self, order: str, number: str) -> Line:
        """Return an order's line, to be kept in mind."""
        key = f"{order}/{number}"
        return self.lines.setdefault(key, ValueRow(what=LINE, number=key, day=date.min, currency=""))


grades = Facet("core.grades", Grades, title=Label("Grading", "客户分级"))


@grades.evolve
def _posted(s: Grades, e: Told, at: datetime) -> None:
    for p in posted(e, at.date(), s.line):
        key = (p.what, p.day, p.currency)
        before = s.postings.get(key)
        if before is not None:
            p = attrs.evolve(p, amount=before.amount + p.amount, quantity=before.quantity + p.quantity)
        s.postings[key] = p


@grades.evolve
def _stated(s: Grades, e: ProfileFactRecorded) -> None:
    if e.field_name == POTENTIAL:
        s.potential = _number(e.value)


def _number(value: str | Erased | None) -> Decimal | None:
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


# ---------------------------------------------------------------- drawing classes


@grades.decide
def _grade(s: Grades, c: GradeCustomer, now: Now) -> Iterator[Fact]:
    rules = now.rules(GradingRules)
    if c.scheme in RANKED or (c.scheme == FOUR_CLASS and now.rules(FourClassRules).method == "rank"):
        raise RuleNotMet(
            "ranked_by_run",
            f"{c.scheme} compares customers with each other",
            zh=f"{c.scheme} 须对全体客户比较得出",
            rule="CORE-94",
            accepts="a run over all customers",
        )
    if c.scheme == VALUE_POTENTIAL:
        cuts = now.rules(ValuePotentialRules)
        if cuts.value_cut is None or cuts.potential_cut is None:
            raise Incomplete(
                "cut_missing",
                "the cuts of value and potential are not set",
                zh="尚未设定价值与潜力的分界",
                rule="CORE-55",
                accepts="a published version of core.value_potential with value_cut and potential_cut",
            )
    elif c.scheme != FOUR_CLASS:
        _scored(c, rules)
    graded_on = c.graded_on or now.at.date()
    if graded_on > now.at.date():
        raise Invalid(
            "future_dated",
            f"the grading date {graded_on} lies ahead",
            zh=f"评级日期 {graded_on} 尚未到来",
            rule="CORE-53",
            accepts=f"a day up to {now.at:%Y-%m-%d}",
        )
    yield GradingOrdered(scheme=c.scheme, graded_on=graded_on, score=c.score)


def _scored(c: GradeCustomer, rules: GradingRules) -> None:
    ladder = rules.ladder(c.scheme)
    if not ladder:
        raise Unknown(
            "unknown_code",
            f"{c.scheme!r} is no scheme by which customers are graded",
            zh=f"没有评级方案 {c.scheme!r}",
            rule="CORE-53",
            accepts=", ".join(sorted({FOUR_CLASS, VALUE_POTENTIAL, *_schemes(rules)})),
        )
    if c.score is None or c.score < ladder[-1][1]:
        raise Invalid(
            "out_of_scale",
            f"the score {c.score} of {c.scheme} reaches no class",
            zh=f"{c.scheme} 的分值 {c.score} 不属于任何等级",
            rule="CORE-53",
            accepts=f"a score from {ladder[-1][1]} on",
        )


def _schemes(rules: GradingRules) -> set[str]:
    return {name.partition("/")[0] for name in rules.lines}


@grades.react("CORE-53")
def _drawn(s: Grades, e: GradingOrdered, now: Now) -> Iterator[Decision]:
    grade, rank, inputs = _class_of(s, e, now)
    yield GradeSet(scheme=e.scheme, graded_on=e.graded_on, grade=grade, rank=rank, inputs=inputs)


def _class_of(s: Grades, e: GradingOrdered, now: Now) -> tuple[str, int, tuple[tuple[str, str], ...]]:
    value = s.value(e.graded_on, now.rules(ValueRules))
    if e.scheme == VALUE_POTENTIAL:
        cuts = now.rules(ValuePotentialRules)
        amount = value.revenue if cuts.measure == "revenue" else value.contribution
        metal = value_potential(amount, s.potential, cuts)
        rank = METALS.index(metal) + 1 if metal != NOT_CLASSIFIED else len(METALS) + 1
        return (
            metal,
            rank,
            (("value", plain(amount)), ("potential", "" if s.potential is None else plain(s.potential))),
        )
    if e.scheme == FOUR_CLASS:
        four = now.rules(FourClassRules)
        rank = four_classes({"": value.contribution}, four)[""]
        return four.classes[rank - 1], rank, (("contribution", plain(value.contribution)),)
    ladder = now.rules(GradingRules).ladder(e.scheme)
    score = e.score if e.score is not None else ZERO
    for rank, (grade, line) in enumerate(ladder, 1):
        if score >= line:
            return grade, rank, (("score", str(score)),)
    return NOT_CLASSIFIED, len(ladder) + 1, (("score", str(score)),)


@grades.decide
def _tell(s: Grades, c: TellClass, now: Now) -> Iterator[Fact]:
    yield ClassTold(scheme=c.scheme, graded_on=c.graded_on, grade=c.grade, rank=c.rank, inputs=c.inputs)


@grades.react("CORE-94")
def _set(s: Grades, e: ClassTold, now: Now) -> Iterator[Decision]:
    yield GradeSet(
        scheme=e.scheme, graded_on=e.graded_on, grade=e.grade, rank=e.rank, inputs=e.inputs, by_run=True
    )


# ---------------------------------------------------------------- what people and plugins state


@grades.decide
def _override(s: Grades, c: OverrideGrade, now: Now) -> Iterator[Fact]:
    if c.approver == now.actor:
        raise NotPermitted(
            "approver_conflict",
            f"{c.approver} orders the override and cannot approve it too",
            zh=f"{c.approver} 提出调整，不能自行批准",
            rule="CORE-53",
            accepts="an approver other than who orders it",
        )
    known = _known_classes(c.scheme, now)
    if known is not None and c.grade not in known:
        raise Unknown(
            "unknown_code",
            f"{c.grade!r} is no class of {c.scheme}",
            zh=f"{c.grade!r} 不是 {c.scheme} 的等级",
            rule="CORE-58" if c.scheme == IMPORTANCE else "CORE-53",
            accepts=", ".join(known) or "a scheme by which customers are graded",
        )
    if c.until < now.at.date():
        raise Invalid(
            "invalid_date",
            f"the override would end on {c.until}, before it begins",
            zh=f"调整截止日 {c.until} 早于生效日",
            rule="CORE-53",
            accepts=f"a day from {now.at:%Y-%m-%d} on",
        )
    yield GradeOverridden(scheme=c.scheme, grade=c.grade, reason=c.reason, approver=c.approver, until=c.until)


def _known_classes(scheme: str, now: Now) -> tuple[str, ...] | None:
    """Return the classes of a scheme; None where a plugin's rules, not the core's, know them."""
    if "." in scheme:
        return None
    if scheme == FOUR_CLASS:
        return now.rules(FourClassRules).classes
    ladder = tuple(name for name, _ in now.rules(GradingRules).ladder(scheme))
    return ladder or _CLASSES.get(scheme, ())


@grades.decide
def _state_class(s: Grades, c: StateClass, now: Now) -> Iterator[Fact]:
    yield ClassStated(plugin=c.plugin, scheme=c.scheme, grade=c.grade, since=c.since, until=c.until)


@grades.decide
def _state_value(s: Grades, c: StateDeliveredValue, now: Now) -> Iterator[Fact]:
    parts = c.parts()
    unit = next(part.unit for part in parts.values())
    yield DeliveredValueStated(unit=unit, **{name: part.amount for name, part in parts.items()})
