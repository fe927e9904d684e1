"""Facets: one subject each, with its state and the handlers that evolve, decide, react, act, wait, guard and claim."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar, cast

import attrs

from guanxi.kernel.errors import PluginError, Refusal
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Decision, Due, Event, handled_types, require_arity
from guanxi.kernel.rules import RuleSet

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R", bound=RuleSet)
F = TypeVar("F", bound=Callable[..., Any])
Handler = Callable[..., Any]

FOR_EVER = "for_ever"
"""Policy of a claim: once taken, nobody else ever gets it."""
WHILE_ACTIVE = "while_active"
"""Policy of a claim: nobody else gets it until it is released."""
ADVISORY = "advisory"
"""Policy of a claim: others may take it too; that several do is only told."""


class Now(Protocol):
    """What a handler may know besides its own state."""

    at: datetime
    known: datetime
    actor: str
    happened: bool
    subject: str
    stream: str
    other: str

    def rules(self, rule_set: type[R]) -> R:
        """Return the rule set in force at the judged moment, as known at ``known``; the decision names its version."""
        ...

    def rules_at(self, rule_set: type[R], at: datetime) -> R:
        """Return the rule set in force at another moment, such as the original sale's."""
        ...

    def of(self, state: type[T]) -> T:
        """Return the state of another facet that this one declared to read."""
        ...

    def require(
        self,
        ok: bool,
        code: str,
        rule: str = "",
        message: str = "",
        *,
        zh: str = "",
        accepts: str = "",
        **facts: object,
    ) -> None:
        """Refuse an order that a rule forbids; keep and flag what has already happened."""
        ...

    def forbid(self, refusal: Refusal) -> None:
        """Refuse an order with an outcome of its own; keep and flag what has already happened."""
        ...

    def need(
        self,
        value: T | None,
        code: str,
        rule: str = "",
        message: str = "",
        *,
        zh: str = "",
        accepts: str = "",
        **facts: object,
    ) -> T:
        """Return the value, or refuse as unknown when it is None."""
        ...


@attrs.frozen
class Claim:
    """A unique key an event takes or releases.

    Args:
        kind: what sort of key, such as ``core.account``.
        value: its normalised value; stored only as a keyed token.
        policy: ``FOR_EVER``, ``WHILE_ACTIVE`` or ``ADVISORY`` (CORE-95).
        release: whether the event gives it back.
        code: how an order is refused that asks for what another holds.
        told: whether the file is told, by ``core.claim_shared``, which others hold it too; for advisory ones.
    """

    kind: str
    value: str
    policy: str = WHILE_ACTIVE
    release: bool = False
    code: str = "identifier_taken"
    told: bool = False


@attrs.frozen
class To:
    """Yielded by a decider: a command for another relationship, decided there in the same transaction."""

    subject: str
    command: Command


def _as_shown(example: str) -> Callable[[F], F]:
    """Return what has a registering method refuse other arguments than it takes, showing how it is meant to be used."""

    def wrap(method: F) -> F:
        signature = inspect.signature(method)

        @wraps(method)
        def checked(self: Facet[Any], *given: Any, **more: Any) -> Any:
            try:
                signature.bind(self, *given, **more)
            except TypeError as error:
                raise PluginError(
                    "bad_decorator",
                    f"{self.name}: @{method.__name__}: {error}",
                    zh=f"{self.name}：@{method.__name__} 的用法不对：{error}",
                    accepts=example,
                ) from error
            return method(self, *given, **more)

        return cast(F, checked)

    return wrap


def _handler_of(handlers: Mapping[type[Any], T], kind: type[Any]) -> T | None:
    """Return what is registered for a message's class, or for the nearest class that it is derived from."""
    return next((handlers[base] for base in kind.__mro__ if base in handlers), None)


def takes_now(guard: Handler) -> bool:
    """Return whether a ``holds`` handler asks for the moment besides state and event."""
    return len(inspect.signature(guard).parameters) == 3


def takes_state(claimer: Handler) -> bool:
    """Return whether a ``claim`` handler asks for the state besides the event."""
    return len(inspect.signature(claimer).parameters) == 2


def _readable(name: str, reads: Any) -> tuple[Facet[Any], ...]:
    told = reads if isinstance(reads, Sequence) and not isinstance(reads, str) else (reads,)
    if told is reads and all(isinstance(f, Facet) for f in told):
        return tuple(dict.fromkeys(told))
    raise PluginError(
        "bad_reads",
        f"{name} declares reads={reads!r}",
        zh=f"{name} 声明了 reads={reads!r}",
        accepts="a tuple of facets, such as reads=(purchases,)",
    )


class Facet(Generic[S]):
    """One subject of a relationship.

    Args:
        name: stable name with the plugin's prefix.
        state: makes the empty state: a small mutable attrs class that only ``evolve`` handlers write.
        subject: what kind of stream it belongs to; ``customer`` unless it is a reference stream's.
        reads: facets whose states its handlers ask for by ``now.of``; of its own distribution or the core.
        title: what people call it.
        version: raised when the code of its rules changes, so that stored decisions are judged again, each as its
            declared late effect says, when their stream is next touched or advanced.
    """

    def __init__(
        self,
        name: str,
        state: Callable[[], S],
        *,
        subject: str = "customer",
        reads: Sequence[Facet[Any]] = (),
        title: Label | None = None,
        version: int = 1,
    ) -> None:
        self.name, self.state, self.subject, self.reads = name, state, subject, _readable(name, reads)
        self.title, self.version = title or Label(name, name), version
        self.evolvers: dict[type[Any], tuple[Handler, bool]] = {}
        self.deciders: dict[type[Any], Handler] = {}
        self.reactions: dict[type[Any], list[tuple[str, Handler]]] = {}
        self.effects: dict[type[Any], list[tuple[str, Handler]]] = {}
        self.dues: dict[type[Any], list[Handler]] = {}
        self.guards: dict[type[Any], list[tuple[str, str, Handler]]] = {}
        self.claimers: dict[type[Any], list[Handler]] = {}
        self.endings: dict[type[Any], Handler] = {}
        self.gates: list[Handler] = []

    def __repr__(self) -> str:
        return f"<facet {self.name}>"

    @property
    def extent(self) -> int:
        """How many handlers are registered."""
        one = (self.evolvers, self.deciders, self.endings, self.gates)
        several = (self.reactions, self.effects, self.dues, self.guards, self.claimers)
        return sum(len(fns) for fns in one) + sum(len(fns) for kind in several for fns in kind.values())

    def evolver_of(self, kind: type[Any]) -> tuple[Handler, bool] | None:
        """Return what evolves its state by an event of a class, and whether that takes the moment; None if nothing does."""
        return _handler_of(self.evolvers, kind)

    def reactions_of(self, kind: type[Any]) -> Sequence[tuple[str, Handler]]:
        """Return what draws decisions from a message of a class, each with the rule that it draws by."""
        return _handler_of(self.reactions, kind) or ()

    @_as_shown("@facet.evolve without parentheses")
    def evolve(self, handler: F) -> F:
        """Register ``handler(state, event[, at])``, which changes the state and nothing else."""
        require_arity(handler, "evolve", "state, event", "state, event, at")
        wide = len(inspect.signature(handler).parameters) == 3
        for kind in self._types(handler, Event):
            if kind in self.evolvers:
                raise PluginError(
                    "two_handlers",
                    f"{self.name} evolves {kind.__name__} twice",
                    zh=f"{self.name} 对 {kind.__name__} 有两个 evolve",
                )
            self.evolvers[kind] = (handler, wide)
        return handler

    @_as_shown("@facet.decide without parentheses")
    def decide(self, handler: F) -> F:
        """Register ``handler(state, command, now)``, which yields facts or refuses."""
        require_arity(handler, "decide", "state, command, now")
        for kind in self._types(handler, Command):
            if kind in self.deciders:
                raise PluginError(
                    "two_handlers",
                    f"{self.name} decides {kind.__name__} twice",
                    zh=f"{self.name} 对 {kind.__name__} 有两个 decide",
                )
            self.deciders[kind] = handler
        return handler

    @_as_shown('@facet.react("RULE-1")')
    def react(self, rule: str) -> Callable[[F], F]:
        """Register ``handler(state, event or due, now)``, which yields the decisions that rule draws."""
        self._named(rule, "react")

        def register(handler: F) -> F:
            require_arity(handler, "react", "state, event or due, now")
            for kind in self._types(handler, Event, Due):
                self.reactions.setdefault(kind, []).append((rule, handler))
            return handler

        return register

    @_as_shown('@facet.effect("RULE-1")')
    def effect(self, rule: str) -> Callable[[F], F]:
        """Register ``handler(state, event or due, now)``, which yields deeds: done once, dated when done."""
        self._named(rule, "effect")

        def register(handler: F) -> F:
            require_arity(handler, "effect", "state, event or due, now")
            for kind in self._types(handler, Event, Due):
                self.effects.setdefault(kind, []).append((rule, handler))
            return handler

        return register

    @_as_shown("@facet.due without parentheses")
    def due(self, handler: F) -> F:
        """Register ``handler(state, event, now)``, which yields (moment, Due) pairs that the event sets running.

        A moment that has become moot finds nothing to do when it arrives.
        """
        require_arity(handler, "due", "state, event, now")
        for kind in self._types(handler, Event):
            self.dues.setdefault(kind, []).append(handler)
        return handler

    @_as_shown('@facet.holds("RULE-1", "refusal_code")')
    def holds(self, rule: str, code: str) -> Callable[[F], F]:
        """Register ``handler(state, event[, now])``: whether the rule holds right after the event.

        An order that breaks it is refused with ``code``, a late order that breaks it for a later entry too; what has
        already happened is kept and flagged, until later knowledge lifts the flag.
        """
        self._named(rule, "holds")

        def register(handler: F) -> F:
            require_arity(handler, "holds", "state, event", "state, event, now")
            for kind in self._types(handler, Event):
                self.guards.setdefault(kind, []).append((rule, code, handler))
            return handler

        return register

    @_as_shown("@facet.gate without parentheses")
    def gate(self, handler: F) -> F:
        """Register ``handler(state, command, now)``, asked before any command of this kind of stream is decided.

        It refuses through ``now.require``; its second parameter is annotated ``Command``, or narrower.
        """
        require_arity(handler, "gate", "state, command, now")
        self._types(handler, Command)
        self.gates.append(handler)
        return handler

    @_as_shown("@facet.claim without parentheses")
    def claim(self, handler: F) -> F:
        """Register ``handler(event[, state])``, which yields the claims that an event takes or releases.

        The state is the one that results from what comes in. A correction or void takes and releases anew only what the
        event alone says.
        """
        require_arity(handler, "claim", "event", "event, state")
        for kind in handled_types(handler, 0):
            self.claimers.setdefault(kind, []).append(handler)
        return handler

    @_as_shown("@facet.ended without parentheses")
    def ended(self, handler: F) -> F:
        """Register ``handler(state, decision)`` for a decision type that later knowledge may end from a later day on."""
        require_arity(handler, "ended", "state, decision")
        for kind in self._types(handler, Decision):
            self.endings[kind] = handler
        return handler

    def _named(self, rule: object, decorator: str) -> None:
        """Refuse a decorator that was given no rule id, which would otherwise take the handler for it and register nothing."""
        if not isinstance(rule, str) or not rule:
            what = getattr(rule, "__qualname__", repr(rule))
            raise PluginError(
                "rule_missing",
                f"{self.name}: @{decorator} was given {what} in place of a rule id",
                zh=f"{self.name}：@{decorator} 得到 {what}，而非规则编号",
                accepts=f'@facet.{decorator}("RULE-1"'
                + (', "refusal_code")' if decorator == "holds" else ")"),
            )

    def _types(self, handler: Handler, *bases: type[Any]) -> tuple[type[Any], ...]:
        found = handled_types(handler)
        for kind in found:
            if not issubclass(kind, bases):
                allowed = " or ".join(b.__name__.lower() for b in bases)
                raise PluginError(
                    "bad_signature",
                    f"{self.name}: {handler.__qualname__} takes {kind.__name__}",
                    zh=f"{self.name}：{handler.__qualname__} 的参数类型为 {kind.__name__}",
                    accepts=f"an {allowed} class",
                )
        return found
