"""The rule sets that a population lives under, where the core's own values would leave a rule without work."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from guanxi.kernel.rules import RuleSet
from guanxi.relationship.campaigns.rules import ScreeningRules
from guanxi.relationship.documents.rules import BorrowingRules, RetentionRules
from guanxi.relationship.grading.rules import ConcentrationRules, GradingRules
from guanxi.relationship.ownership.rules import OwnershipRules
from guanxi.relationship.people.rules import LifecycleRules
from guanxi.relationship.service.rules import NeedMark, NeedRules
from guanxi.testing.population.stories.caring import OUTLINE
from guanxi.testing.population.stories.keeping import BORROWER

if TYPE_CHECKING:
    from guanxi.testing.population.plan import Population

R = TypeVar("R", bound=RuleSet)

ROUTED = "syn-router"
"""Whom the routing table names for those who came over the web."""


def _made(rule_set: type[R], **values: Any) -> R:
    return rule_set(**values)


def rule_sets(population: Population) -> Iterator[RuleSet]:
    """Yield the rule sets that are published before anybody comes.

    Args:
        population: who lives under them.
    """
    yield _made(OwnershipRules, auto_route=True, routes={"source_channel=web": ROUTED})
    yield _made(
        NeedRules,
        marks=(
            NeedMark("word", "维修", "repair"),
            NeedMark("word", "安装", "fault"),
            NeedMark("word", "咨询", "consultation"),
        ),
    )
    yield _made(ScreeningRules, preliminary={OUTLINE: "region = north|east|south|west"})
    yield _made(BorrowingRules, borrowers=(BORROWER,))
    yield _made(RetentionRules, classes={"photo": ("short",)}, periods={"short": 1})
    yield _made(
        GradingRules,
        lines={"syn_points/a": Decimal(80), "syn_points/b": Decimal(50), "syn_points/c": Decimal(0)},
    )
    yield _made(LifecycleRules, lapse_after_months=6)


def rules_of_branch(number: int) -> RuleSet:
    """Return what is published at the wish of a branch; what the last one wished for stands.

    Args:
        number: of the branch.
    """
    return _made(ConcentrationRules, key_share=Decimal(50 + number % 5))


def mistaken_rules() -> RuleSet:
    """Return what is published with a slip of the pen, for days to come, and withdrawn before it counts."""
    return _made(ConcentrationRules, key_share=Decimal(5))
