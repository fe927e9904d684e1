"""Going through a file's own facts again, as if it had never shown another's: what an undone merge gives back (CORE-13)."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.messages import Decision, Due, Event
from guanxi.kernel.rules import RuleSet

S = TypeVar("S")
R = TypeVar("R", bound=RuleSet)


@attrs.frozen
class _Then:
    """What a handler may know of another moment, under the rules known now."""

    now: Now
    at: datetime
    states: dict[type[Any], Any]

    def rules(self, rule_set: type[R]) -> R:
        """Return the rule set in force then."""
        return self.now.rules_at(rule_set, self.at)

    def rules_at(self, rule_set: type[R], at: datetime) -> R:
        """Return the rule set in force at another moment."""
        return self.now.rules_at(rule_set, at)

    def of(self, state: type[S]) -> S:
        """Return the state of another facet that is gone through along with the judged one."""
        return cast(S, self.states[state])


class Retracing:
    """States made anew from facts that are handed over in order, with the decisions that one facet draws from them.

    What time brings is for who uses it to hand over, by ``draw``.

    Args:
        now: of the handler that asks; its rules as known now are those that count.
        judged: the facet whose reactions draw.
        read: the facets whose states those ask for.
    """

    def __init__(self, now: Now, judged: Facet[Any], *read: Facet[Any]) -> None:
        self._now, self._judged, self._facets = now, judged, (*read, judged)
        self._states: dict[Facet[Any], Any] = {facet: facet.state() for facet in self._facets}
        self._by_type = {type(state): state for state in self._states.values()}
        self.drawn: list[Decision] = []

    def of(self, state: type[S]) -> S:
        """Return a facet's state so far, by its class."""
        return cast(S, self._by_type[state])

    def take(self, fact: Event, at: datetime) -> None:
        """Apply a fact, and draw what follows from it."""
        self._evolve(fact, at)
        self.draw(fact, at)

    def draw(self, message: Event | Due, at: datetime) -> bool:
        """Draw what follows from a fact that was applied or from a moment that has come, and return whether anything does."""
        then = cast(Now, _Then(self._now, at, self._by_type))
        before, queue = len(self.drawn), deque(self._answers(message, then))
        while queue:
            decision = queue.popleft()
            self._evolve(decision, at)
            self.drawn.append(decision)
            queue.extend(self._answers(decision, then))
        return len(self.drawn) > before

    def _answers(self, message: Event | Due, then: Now) -> list[Decision]:
        state = self._states[self._judged]
        reactions = self._judged.reactions_of(type(message))
        return [d for _, react in reactions for d in react(state, message, then)]

    def _evolve(self, event: Event, at: datetime) -> None:
        for facet in self._facets:
            if (found := facet.evolver_of(type(event))) is not None:
                evolver, wide = found
                state = self._states[facet]
                evolver(state, event, at) if wide else evolver(state, event)
