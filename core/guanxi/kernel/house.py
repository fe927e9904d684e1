"""The house: all installed facets in their one order, indexed once, so that folding and judging look nothing up twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from guanxi.kernel.errors import PluginError
from guanxi.kernel.facets import Facet, Handler, takes_now, takes_state
from guanxi.kernel.messages import REVISE, Command, Decision, Due, Event, handled_types

T = TypeVar("T")

Routes = dict[type[Any], tuple[tuple[int, Handler, bool], ...]]
Judges = dict[type[Any], list[tuple[int, str, Handler]]]


def in_reading_order(facets: Sequence[Facet[Any]]) -> tuple[Facet[Any], ...]:
    """Return facets so that each stands after those it reads; otherwise in the order given.

    Raises:
        PluginError: ``reads_cycle`` naming the facets of a cycle, ``reads_unknown`` for one that is not installed.
    """
    known = set(facets)
    done: dict[Facet[Any], None] = {}
    path: list[Facet[Any]] = []

    def visit(facet: Facet[Any]) -> None:
        if facet in done:
            return
        if facet in path:
            chain = " → ".join(f.name for f in [*path[path.index(facet) :], facet])
            raise PluginError(
                "reads_cycle", f"these facets read each other: {chain}", zh=f"以下主题互相读取：{chain}"
            )
        if facet not in known:
            raise PluginError(
                "reads_unknown",
                f"{path[-1].name} reads {facet.name}, which is not installed",
                zh=f"{path[-1].name} 读取未安装的 {facet.name}",
            )
        path.append(facet)
        for other in facet.reads:
            visit(other)
        path.pop()
        done[facet] = None

    for facet in facets:
        visit(facet)
    return tuple(done)


class States(dict[int, Any]):
    """The states of a room's facets by their places, each made when it is first asked for: most streams move but a few."""

    __slots__ = ("_facets",)

    def __init__(self, facets: tuple[Facet[Any], ...]) -> None:
        super().__init__()
        self._facets = facets

    def __missing__(self, place: int) -> Any:
        state = self[place] = self._facets[place].state()
        return state


class Room:
    """The facets of one kind of stream, indexed by message type."""

    def __init__(
        self, subject: str, facets: tuple[Facet[Any], ...], events: frozenset[type[Event]] | None = None
    ) -> None:
        self.subject, self.facets, self.events = subject, facets, events
        self.index = {f.name: i for i, f in enumerate(facets)}
        self.routes: Routes = {}
        self.reactions: Judges = {}
        self.effects: Judges = {}
        self.dues: dict[type[Any], list[tuple[int, Handler]]] = {}
        self.guards: dict[type[Any], list[tuple[int, str, str, Handler, bool]]] = {}
        self.claimers: dict[type[Any], list[Handler]] = {}
        self.matchers: dict[type[Any], list[tuple[int, Handler]]] = {}
        self.endings: dict[type[Any], list[tuple[int, Handler]]] = {}
        self.deciders: dict[type[Command], tuple[int, Handler]] = {}
        self.gates: list[tuple[int, tuple[type[Any], ...], Handler]] = []
        self.due_rank: dict[str, int] = {}
        self.states: dict[type[Any], int] = {}
        self.readable: list[frozenset[type[Any]]] = []
        for i, facet in enumerate(facets):
            self._add(i, facet)
        self.digest = hashlib.sha256("\n".join(sorted(map(_judging_as, facets))).encode()).hexdigest()[:12]
        """Tells streams that these very facets judged last from those that others, or earlier versions, did."""

    def _meant(self, kind: type[Any]) -> tuple[type[Any], ...]:
        """Return the classes that a handler is for: its own, or the events derived from one that is no event by itself."""
        if kind.stored_name or self.events is None:
            return (kind,)
        return tuple(sorted((e for e in self.events if issubclass(e, kind)), key=lambda e: e.stored_name))

    def _by_kind(self, table: Mapping[type[Any], T]) -> Iterator[tuple[type[Any], T]]:
        for kind, handlers in table.items():
            for meant in self._meant(kind):
                if meant is kind or meant not in table:
                    yield meant, handlers

    def _add(self, i: int, facet: Facet[Any]) -> None:
        state_type = type(facet.state())
        self.states.setdefault(state_type, i)
        self.readable.append(frozenset((state_type, *(type(f.state()) for f in facet.reads))))
        for kind, (fn, wide) in self._by_kind(facet.evolvers):
            self.routes[kind] = (*self.routes.get(kind, ()), (i, fn, wide))
        for source, target in ((facet.reactions, self.reactions), (facet.effects, self.effects)):
            for message, judges in self._by_kind(source):
                target.setdefault(message, []).extend((i, rule, fn) for rule, fn in judges)
                if issubclass(message, Due):
                    self.due_rank.setdefault(message.stored_name, i)
        for kind, fns in self._by_kind(facet.dues):
            self.dues.setdefault(kind, []).extend((i, fn) for fn in fns)
        for kind, guards in self._by_kind(facet.guards):
            self.guards.setdefault(kind, []).extend(
                (i, rule, code, fn, takes_now(fn)) for rule, code, fn in guards
            )
        for kind, fns in self._by_kind(facet.claimers):
            self.claimers.setdefault(kind, []).extend(fn for fn in fns if not takes_state(fn))
            self.matchers.setdefault(kind, []).extend((i, fn) for fn in fns if takes_state(fn))
        for kind, fn in facet.endings.items():
            self.endings.setdefault(kind, []).append((i, fn))
        self.gates.extend((i, handled_types(fn), fn) for fn in facet.gates)
        for kind, fn in facet.deciders.items():
            if kind in self.deciders:
                raise PluginError(
                    "two_deciders",
                    f"{self.facets[self.deciders[kind][0]].name} and {facet.name} both decide {kind.stored_name}",
                    zh=f"{self.facets[self.deciders[kind][0]].name} 与 {facet.name} 都裁决 {kind.stored_name}",
                )
            self.deciders[kind] = (i, fn)

    def unknown(self, event: Any) -> bool:
        """Return whether something is an event that nobody handed over, so that no entry could be read back."""
        return self.events is not None and type(event) not in self.events and isinstance(event, Event)

    def fresh(self) -> States:
        """Return the empty states of all facets, by their places."""
        return States(self.facets)


def _judging_as(facet: Facet[Any]) -> str:
    return facet.name if facet.version == 1 else f"{facet.name} v{facet.version}"


def house_of(facets: Iterable[Facet[Any]], events: Iterable[type[Event]]) -> House:
    """Return the house of these very facets and events: built once, however many ledgers are opened with them.

    Args:
        facets: all of them.
        events: the event classes handed over.
    """
    chosen = tuple(facets)
    return _built(chosen, frozenset(events), sum(f.extent for f in chosen))


class House:
    """Every room, by kind of subject.

    Args:
        facets: all of them.
        events: the event classes handed over; not looked at if None.
    """

    def __init__(self, facets: Iterable[Facet[Any]], events: Iterable[type[Event]] | None = None) -> None:
        known = None if events is None else frozenset(events)
        ordered = in_reading_order(tuple(facets))
        names: dict[str, Facet[Any]] = {}
        for f in ordered:
            if names.setdefault(f.name, f) is not f:
                raise PluginError(
                    "facet_name_taken", f"two facets are named {f.name}", zh=f"两个主题都叫 {f.name}"
                )
        self.facets = ordered
        self.rooms = {
            s: Room(s, tuple(f for f in ordered if f.subject == s), known)
            for s in dict.fromkeys(f.subject for f in ordered)
        }
        self._empty = Room("", ())
        self.deciders: dict[type[Command], str] = {}
        for room in self.rooms.values():
            for kind in room.deciders:
                if kind in self.deciders:
                    raise PluginError(
                        "two_deciders",
                        f"{kind.stored_name} is decided for {self.deciders[kind]} and for {room.subject}",
                        zh=f"{kind.stored_name} 在 {self.deciders[kind]} 与 {room.subject} 两类流中都有裁决",
                    )
                self.deciders[kind] = room.subject

    def room(self, subject: str) -> Room:
        """Return the room of a kind of subject; an empty one where no facet is installed for it."""
        return self.rooms.get(subject, self._empty)


def check_endings(house: House, decisions: Iterable[type[Decision]]) -> None:
    """Refuse decision types that may end from a later day on without a facet that says what ending means.

    Raises:
        PluginError: ``ending_missing``.
    """
    for cls in decisions:
        effects = {cls.late_effect, cls.retroactive_effect} - {REVISE, None}
        may_end = any(e is not None and e.name in ("from_now", "dated") for e in effects)
        if may_end and not any(cls in room.endings for room in house.rooms.values()):
            raise PluginError(
                "ending_missing",
                f"{cls.__qualname__} may end from a later day on, but no facet says what that does to its state",
                zh=f"{cls.__qualname__} 可能自某日起终止，但没有主题说明其状态如何变化",
                rule="CORE-93",
                accepts="a handler registered with @facet.ended",
            )


@lru_cache(maxsize=32)
def _built(facets: tuple[Facet[Any], ...], events: frozenset[type[Event]], _extent: int) -> House:
    return House(facets, events)
