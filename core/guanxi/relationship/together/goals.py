"""Goals and their cascade: a goal, its departments, their persons; a revised target holds from its date (CORE-91)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import attrs

from guanxi.kernel.errors import Conflict
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Act
from guanxi.relationship.together.commands import ReviseGoal, SetGoal
from guanxi.relationship.together.events import GoalRevised, GoalSet

GOAL = "goal"
_PREFIX = "goal/"


def goal_stream(goal: str) -> str:
    """Return the stream of a goal."""
    return _PREFIX + goal


@attrs.define
class Goal:
    """One goal as it stands."""

    goal: str = ""
    target: Decimal | None = None
    owner: str = ""
    parent: str | None = None
    period_until: date | None = None


goals = Facet("core.goal", Goal, subject=GOAL, title=Label("Goals", "目标"))


@goals.evolve
def _set(s: Goal, e: GoalSet) -> None:
    s.goal, s.target, s.owner, s.parent, s.period_until = e.goal, e.target, e.owner, e.parent, e.period_until


@goals.evolve
def _revised(s: Goal, e: GoalRevised) -> None:
    s.target = e.target


@goals.decide
def _set_goal(s: Goal, c: SetGoal, now: Now) -> Iterator[Act]:
    goal = now.subject.removeprefix(_PREFIX)
    if s.target is not None:
        raise Conflict(
            "identifier_taken",
            f"the goal {goal} is set",
            zh=f"目标 {goal} 已设定",
            rule="CORE-91",
            accepts="a revision of it, or another code",
        )
    yield GoalSet(
        goal=goal,
        measure=c.measure,
        owner=c.owner,
        target=c.target,
        period_from=c.period_from,
        period_until=c.period_until,
        parent=c.parent,
        measures=c.measures,
        perspective=c.perspective,
    )


@goals.decide
def _revise(s: Goal, c: ReviseGoal, now: Now) -> Iterator[Act]:
    now.need(
        s.target,
        "unknown_code",
        "CORE-91",
        f"there is no goal {now.subject.removeprefix(_PREFIX)}",
        zh=f"没有目标 {now.subject.removeprefix(_PREFIX)}",
        accepts="a goal that was set",
    )
    yield GoalRevised(goal=s.goal, target=c.target, because=c.because)
