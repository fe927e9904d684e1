"""How classes are drawn: by rank, by lines, by share; plain functions over figures (CORE-54 to CORE-56, CORE-59)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import TypeVar

import attrs

from guanxi.relationship.grading.rules import (
    WHOLE,
    ConcentrationRules,
    FourClassRules,
    ValuePotentialRules,
)

K = TypeVar("K", bound=Hashable)

METALS = ("platinum", "gold", "iron", "lead")
"""Classes by value and potential, the best first."""
NOT_CLASSIFIED = "not_classified"
LETTERS = ("A", "B", "C")


def places(figures: Mapping[K, Decimal]) -> dict[K, int]:
    """Return everybody's place from the highest figure down, counted from 1; equals share the better one.

    Args:
        figures: by customer.
    """
    ordered = sorted(figures.values(), reverse=True)
    first: dict[Decimal, int] = {}
    for place, figure in enumerate(ordered, 1):
        first.setdefault(figure, place)
    return {one: first[figure] for one, figure in figures.items()}


def top_count(count: int, percent: Decimal) -> int:
    """Return how many customers are so many per cent of them, rounded up."""
    return int((count * percent / WHOLE).to_integral_value(ROUND_CEILING))


def four_classes(contributions: Mapping[K, Decimal], rules: FourClassRules) -> dict[K, int]:
    """Return everybody's place in the ladder of four, 1 for the best (CORE-54).

    Args:
        contributions: revenue less cost, by customer.
        rules: how the classes are cut.
    """
    if rules.method == "lines":
        return {one: _by_lines(figure, rules.lines) for one, figure in contributions.items()}
    cuts = [top_count(len(contributions), share) for share in rules.shares]
    last = len(rules.classes)
    found: dict[K, int] = {}
    for one, place in places(contributions).items():
        rank = next((n for n, cut in enumerate(cuts, 1) if place <= cut), last)
        found[one] = rank if contributions[one] > 0 else last
    return found


def _by_lines(figure: Decimal, lines: Sequence[Decimal]) -> int:
    return next((n for n, line in enumerate(lines, 1) if figure >= line), len(lines) + 1)


def value_potential(value: Decimal, potential: Decimal | None, rules: ValuePotentialRules) -> str:
    """Return the metal of a customer by value and potential; not classified while one or its cut is unknown (CORE-55).

    Args:
        value: his current value.
        potential: his potential, if known.
        rules: the cuts.
    """
    if potential is None or rules.value_cut is None or rules.potential_cut is None:
        return NOT_CLASSIFIED
    if potential >= rules.potential_cut:
        return "platinum" if value >= rules.value_cut else "iron"
    return "gold" if value >= rules.value_cut else "lead"


def abc(amounts: Mapping[K, Decimal], rules: ConcentrationRules) -> dict[K, str]:
    """Return everybody's class by the share of those before him; equals take the higher class (CORE-56).

    Args:
        amounts: by customer.
        rules: the shares.
    """
    total = sum((a for a in amounts.values() if a > 0), Decimal(0))
    before, found_by_amount = Decimal(0), dict[Decimal, str]()
    for amount in sorted((a for a in amounts.values() if a > 0), reverse=True):
        if amount not in found_by_amount:
            found_by_amount[amount] = _letter(before, total, rules)
        before += amount
    return {one: found_by_amount.get(amount, "C") for one, amount in amounts.items()}


def _letter(before: Decimal, total: Decimal, rules: ConcentrationRules) -> str:
    if before * WHOLE < rules.a_below * total:
        return "A"
    return "B" if before * WHOLE < rules.b_below * total else "C"


@attrs.frozen
class Concentration:
    """How much a few customers come to (CORE-56); shares are in per cent, None where the total is not positive.

    Args:
        top: the customers counted as the top.
        top_share: what they come to.
        hhi: Σ share², 1 where one customer is everything.
    """

    top: tuple[str, ...]
    top_share: Decimal | None
    hhi: Decimal | None


def concentration(amounts: Mapping[str, Decimal], rules: ConcentrationRules) -> Concentration:
    """Return how concentrated amounts are; ties of the top go by the customers' own numbers.

    Args:
        amounts: by customer.
        rules: how many are the top.
    """
    ranked = sorted(amounts, key=lambda one: (-amounts[one], one))
    top = tuple(ranked[: top_count(len(ranked), rules.top)])
    total = sum(amounts.values(), Decimal(0))
    if total <= 0:
        return Concentration(top, None, None)
    share = sum((amounts[one] for one in top), Decimal(0)) * WHOLE / total
    hhi = sum((Fraction(a) / Fraction(total)) ** 2 for a in amounts.values())
    return Concentration(top, share, Decimal(hhi.numerator) / Decimal(hhi.denominator))


def share_of(part: Decimal, total: Decimal) -> Decimal | None:
    """Return a part in per cent of a total, None where there is none."""
    return part * WHOLE / total if total > 0 else None


def percentiles(figures: Mapping[K, Decimal]) -> dict[K, Decimal]:
    """Return, for everybody, the share of customers whose figure is at most his, in per cent (CORE-59).

    Args:
        figures: by customer.
    """
    count = len(figures)
    ordered = sorted(figures.values())
    at_most: dict[Decimal, int] = {figure: n for n, figure in enumerate(ordered, 1)}
    return {one: Decimal(at_most[f]) * WHOLE / count for one, f in figures.items()}
