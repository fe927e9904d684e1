"""Random histories of any plugin: what is told, late or in time, corrected, voided, ruled anew, and when time passes.

Needs Hypothesis when a strategy is made; stories themselves are plain data.
"""

from __future__ import annotations

import time
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from guanxi.kernel.errors import Refusal
from guanxi.kernel.messages import Command, Decision, Deed, Event, Fact, fields_of
from guanxi.kernel.plugins import Parts
from guanxi.kernel.privacy import Erased
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.standard import MECHANISM
from guanxi.kernel.values import Money
from guanxi.relationship import RecordProfileFact
from guanxi.relationship import parts as core_parts
from guanxi.testing.telling_facts import CORE

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

START = datetime(2021, 1, 1, 2, tzinfo=UTC)
"""When a story begins."""

CUSTOMERS = ("C-1", "C-2")
WORDS = ("A", "B", "C", "D")
GAPS = (0, 0, 1, 3, 17, 40, 70)
LAGS = (0, 0, 0, 0, 1, 5, 40, 200)

Strategies = Mapping[type[Any], Any]


# ---------------------------------------------------------------- stories


@attrs.frozen
class Enter:
    """A command or facts come in."""

    what: Command | tuple[Event, ...]


@attrs.frozen
class Pause:
    """Time passes, and what fell due is written down."""


@attrs.frozen
class Correct:
    """A fact is set right: one of its fields, or its moment where ``patches`` has none for its class."""

    nth: int
    patches: tuple[tuple[str, str, Any], ...]


@attrs.frozen
class Void:
    """A fact is voided."""

    nth: int


@attrs.frozen
class Publish:
    """A rule set is published."""

    rules: RuleSet


@attrs.frozen
class Step:
    """One thing that comes in.

    Args:
        what: what comes in.
        who: to which of the customers.
        days: how many days after the step before.
        lag: how many days late.
        noon: whether it happened at noon, as other things of that day.
        happened: whether it is told as already happened.
    """

    what: Enter | Pause | Correct | Void | Publish
    who: int = 0
    days: int = 0
    lag: int = 0
    noon: bool = False
    happened: bool = False


@attrs.frozen
class Story:
    """A history of two customers, step by step."""

    steps: tuple[Step, ...]

    def moments(self) -> list[tuple[datetime, datetime]]:
        """Return for each step when it is learned and when it happened."""
        now, found = START, []
        for step in self.steps:
            now += timedelta(days=step.days, seconds=1)
            at = now - timedelta(days=step.lag)
            noon = at.replace(hour=4, minute=0, second=0)
            found.append((now, noon if step.noon and noon <= now else at))
        return found

    def lines(self, only: Iterable[int] | None = None) -> list[str]:
        """Return the story as text, a line for each step."""
        kept = None if only is None else set(only)
        out = []
        for n, (step, (known, at)) in enumerate(zip(self.steps, self.moments(), strict=True)):
            if kept is not None and n not in kept:
                continue
            late = f"  (entered {known:%Y-%m-%d})" if step.lag else ""
            out.append(f"{at:%Y-%m-%d %H:%M} {CUSTOMERS[step.who]}  {_shown(step)}{late}")
        return out


def _shown(step: Step) -> str:
    what = step.what
    if isinstance(what, Enter):
        told = what.what
        text = ", ".join(map(repr, told)) if isinstance(told, tuple) else repr(told)
        return text + (" as already happened" if step.happened else "")
    if isinstance(what, Publish):
        return f"publish {what.rules!r}"
    if isinstance(what, Correct):
        return f"correct fact {what.nth}"
    return f"void fact {what.nth}" if isinstance(what, Void) else "time passes"


# ---------------------------------------------------------------- what a plugin can be told


def own_commands(parts: Parts) -> list[type[Command]]:
    """Return the commands that a plugin's own facets decide."""
    return list(dict.fromkeys(c for f in parts.facets for c in f.deciders))


def own_facts(parts: Parts) -> list[type[Event]]:
    """Return the facts and acts that a plugin owns."""
    return [e for e in parts.events if issubclass(e, Fact) and not issubclass(e, Deed) and e not in MECHANISM]


def subject_of(parts: Parts, kind: type[Any]) -> str:
    """Return the kind of stream in which a plugin's facets decide a command or fold a fact."""
    for facet in parts.facets:
        if kind in facet.deciders or kind in facet.evolvers:
            return facet.subject
    return "customer"


def folds_core(parts: Parts) -> bool:
    """Return whether a plugin folds the core's events."""
    kinds = {k for f in parts.facets for table in (f.evolvers, f.reactions) for k in table}
    kinds |= {k for m in parts.read_models for k in m.handlers}
    return any(getattr(k, "stored_name", "").startswith(CORE + ".") for k in kinds)


# ---------------------------------------------------------------- values by type


def values(hint: Any) -> SearchStrategy[Any]:
    """Return a Hypothesis strategy for a declared type; texts come from a few letters, so that they refer to each other.

    Args:
        hint: a type as a message, a rule set or a row declares it.

    Raises:
        TypeError: nobody can say what such a value looks like.
    """
    from hypothesis import strategies as st

    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or isinstance(hint, types.UnionType):
        kinds = [t for t in inner if t is not Erased]
        return st.one_of([st.none() if t is type(None) else values(t) for t in kinds])
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin in (list, frozenset, set):
        made = st.lists(values(inner[0]), max_size=3)
        return made.map(origin) if origin is not list else made
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return st.lists(values(inner[0]), max_size=3).map(tuple)
        return st.tuples(*map(values, inner))
    if origin in (dict, Mapping):
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
    return _plain_values(hint)


def _plain_values(hint: Any) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    days = st.integers(0, 500).map(lambda n: START.date() + timedelta(days=n))
    known: dict[Any, Callable[[], SearchStrategy[Any]]] = {
        str: lambda: st.sampled_from(WORDS),
        bool: st.booleans,
        int: lambda: st.one_of(st.integers(0, 6), st.integers(0, 900)),
        Decimal: lambda: st.integers(0, 90_000).map(lambda n: Decimal(n) / 100),
        Money: lambda: st.integers(0, 90_000).map(lambda n: Money(Decimal(n) / 100, "CNY")),
        date: lambda: days,
        datetime: lambda: days.map(lambda d: datetime(d.year, d.month, d.day, 2, tzinfo=UTC)),
        Any: lambda: st.sampled_from(WORDS),
        type(None): st.none,
    }
    if hint in known:
        return known[hint]()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and attrs.has(hint):
        return messages(hint).filter(lambda made: made is not None)
    raise TypeError(f"no value of {hint!r} can be made up")


def messages(cls: type[Any], bounds: Mapping[str, Any] | None = None) -> SearchStrategy[Any]:
    """Return a strategy for instances of a message or rule-set class; None where its validators refuse the values.

    Args:
        cls: the class.
        bounds: strategies for some of its fields.
    """
    from hypothesis import strategies as st

    hints = typing.get_type_hints(cls)
    needed: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for a in fields_of(cls):
        try:
            strategy = bounds[a.name] if bounds and a.name in bounds else values(hints[a.name])
        except TypeError:
            if a.default is attrs.NOTHING:
                raise
            continue
        (needed if a.default is attrs.NOTHING else optional)[a.name.lstrip("_")] = strategy

    def make(fields: dict[str, Any]) -> Any:
        try:
            return cls(**fields)
        except Refusal:
            return None

    return st.fixed_dictionaries(needed, optional=optional).map(make)


def rule_values(cls: type[RuleSet]) -> SearchStrategy[Any]:
    """Return a strategy for a rule set's values within its declared bounds; None where they do not fit together."""
    from hypothesis import strategies as st

    hints = typing.get_type_hints(cls)
    bounds: dict[str, Any] = {}
    for a in fields_of(cls):
        low, high = _bounds(a.validator)
        if hints[a.name] in (int, Decimal) and (low is not None or high is not None):
            first = int(low or 0)
            last = first + 60 if high is None else int(high)
            bounds[a.name] = st.integers(first, max(first, last)).map(hints[a.name])
        elif hints[a.name] is int:
            bounds[a.name] = st.integers(0, 400)
    return messages(cls, bounds)


def _bounds(validator: Any) -> tuple[Any, Any]:
    low: Any = None
    high: Any = None
    for one in _validators(validator):
        bound: Any = getattr(one, "bound", None)
        how = getattr(one, "compare_op", "")
        if how in (">=", ">"):
            low = bound + 1 if how == ">" else bound
        elif how in ("<=", "<"):
            high = bound
    return low, high


def _validators(validator: Any) -> Iterable[Any]:
    for name in ("_validators", "validator"):
        inner = getattr(validator, name, None)
        if inner is not None:
            for one in inner if isinstance(inner, list | tuple) else (inner,):
                yield from _validators(one)
            return
    yield validator


# ---------------------------------------------------------------- histories


def histories(
    parts: Parts | Any,
    *,
    facts: Strategies | None = None,
    commands: Strategies | None = None,
    rules: Strategies | None = None,
    max_size: int = 14,
) -> SearchStrategy[Story]:
    """Return a Hypothesis strategy of whole histories of a plugin.

    Commands are made up for every command that the plugin's facets decide, by the types of their fields; a command that is
    refused leaves nothing. Where it decides none, its facts are made up and told as they are.

    Args:
        parts: the plugin's parts, or its plugin object.
        facts: strategies by event class, for facts to be told as they are.
        commands: strategies by command class, in place of made-up ones.
        rules: strategies by rule-set class, in place of made-up ones.
        max_size: how many steps at most.
    """
    from hypothesis import strategies as st

    if not isinstance(parts, Parts):
        parts = parts.guanxi_parts()
    entering = [
        commands[c] if commands and c in commands else messages(c)
        for c in own_commands(parts)
        if c in (commands or {}) or _can_be_made(c)
    ]
    telling = list((facts or {}).values())
    if not entering and not telling:
        telling = [messages(f) for f in own_facts(parts) if _can_be_made(f)]
    entering += [t.map(lambda fact: None if fact is None else (fact,)) for t in telling]
    if parts.name != CORE and folds_core(parts):
        entering.append(messages(RecordProfileFact, {"field_name": st.sampled_from(("name", "city"))}))
    kinds: list[Any] = [st.builds(Pause)]
    if entering:
        enter = st.one_of(entering).filter(lambda told: told is not None).map(Enter)
        nth = st.integers(0, 11)
        kinds = [enter] * 6 + [
            st.builds(Pause),
            st.builds(Correct, nth, _patches(parts)),
            st.builds(Void, nth),
        ]
    published = [
        rules[r] if rules and r in rules else rule_values(r) for r in parts.rule_sets if _can_be_made(r)
    ]
    if published:
        kinds.append(st.one_of(published).filter(lambda rules: rules is not None).map(Publish))
    step = st.builds(
        Step,
        what=st.sampled_from(range(len(kinds))).flatmap(lambda n: kinds[n]),
        who=st.sampled_from((0, 0, 0, 1)),
        days=st.sampled_from(GAPS),
        lag=st.sampled_from(LAGS),
        noon=st.booleans(),
        happened=st.booleans(),
    )
    return st.lists(step, min_size=min(6, max_size), max_size=max_size).map(lambda steps: Story(tuple(steps)))


def _can_be_made(cls: type[Any]) -> bool:
    try:
        messages(cls)
    except (TypeError, NameError):
        return False
    return True


def _patches(parts: Parts) -> Any:
    """Return a strategy of corrections: a field and a value for some of the plugin's facts, by name."""
    from hypothesis import strategies as st

    options: list[Any] = []
    for cls in own_facts(parts):
        hints = typing.get_type_hints(cls)
        for a in fields_of(cls):
            try:
                made = values(hints[a.name])
            except TypeError:
                continue
            options.append(st.tuples(st.just(cls.stored_name), st.just(a.name), made))
    if not options:
        return st.just(())
    return st.lists(st.one_of(options), max_size=4).map(tuple)


def draw(strategy: SearchStrategy[Story], examples: int) -> list[Story]:
    """Return examples of a strategy: the same ones in each run."""
    from hypothesis import HealthCheck, Phase, given, settings

    found: list[Story] = []
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=unhurried,
    )
    @given(strategy)
    def collect(story: Story) -> None:
        if len(found) < examples:
            found.append(story)

    collect()
    return found


def without(story: Story, n: int) -> Story:
    """Return a story without one of its steps, the others at the moments they had."""
    steps = list(story.steps)
    gone = steps.pop(n)
    if n < len(steps):
        steps[n] = attrs.evolve(steps[n], days=steps[n].days + gone.days)
    return Story(tuple(steps))


def shrunk(story: Story, fails: Callable[[Story], bool], tries: int = 60, seconds: float = 10.0) -> Story:
    """Return the story without the steps that its failure does not need, as plain as it fails.

    Args:
        story: one that fails.
        fails: whether another one does.
        tries: how many others are asked at most.
        seconds: how long it is looked for.
    """
    left, end = tries, time.monotonic() + seconds
    changed = True
    while changed:
        changed = False
        for candidate in _simpler(story):
            if left <= 0 or time.monotonic() > end:
                return story
            left -= 1
            if fails(candidate):
                story, changed = candidate, True
                break
    return story


def _simpler(story: Story) -> Iterable[Story]:
    size = len(story.steps)
    if size > 3:
        yield Story(story.steps[: size // 2])
        yield Story(story.steps[size // 2 :])
    for n in reversed(range(size)):
        yield without(story, n)
    for n, step in enumerate(story.steps):
        for plainer in (
            attrs.evolve(step, lag=0),
            attrs.evolve(step, noon=False),
            attrs.evolve(step, happened=False),
            attrs.evolve(step, days=min(step.days, 1)),
        ):
            if plainer != step:
                yield Story((*story.steps[:n], plainer, *story.steps[n + 1 :]))


def decisions_of(parts: Sequence[Parts]) -> list[type[Decision]]:
    """Return all decision types of some parts."""
    return [e for p in parts for e in p.events if issubclass(e, Decision)]


__all__ = ["START", "Story", "core_parts", "histories", "messages", "values"]
