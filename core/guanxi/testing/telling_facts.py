"""Parts that only tests use: commands that tell facts as they are, and parts made of bare facets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Event, command
from guanxi.kernel.plugins import Parts
from guanxi.kernel.registry import Upcaster
from guanxi.kernel.rules import RuleSet

CORE = "core"
KIT = "kit"


@attrs.define
class _Told:
    """The teller keeps nothing."""


class Teller:
    """A facet that takes facts in as they are, for one kind of stream.

    Args:
        subject: the kind of stream.
    """

    def __init__(self, subject: str) -> None:
        self.facet: Facet[Any] = Facet(f"{KIT}.tells_{subject}", _Told, subject=subject)

        @command(f"{KIT}.tell_{subject}")
        class Tell(Command):
            """Tell facts as they are."""

            facts: tuple[Any, ...]

        def tell(s: Any, c: Command, now: Now) -> Iterator[Any]:
            yield from getattr(c, "facts", ())

        # Not by decorator: the class is local, and annotations are read where a module can see them.
        self.command: Any = Tell
        self.facet.deciders[Tell] = tell

    def tell(self, facts: Sequence[Event]) -> Command:
        """Return the command that tells these facts."""
        made: Command = self.command(facts=tuple(facts))
        return made

    def parts(self) -> Parts:
        """Return the teller as parts."""
        return Parts(
            name=KIT,
            version="1",
            title=Label("Test kit", "测试工具"),
            commands=(self.command,),
            facets=(self.facet,),
        )


def as_parts(given: Iterable[Any]) -> list[Parts]:
    """Return parts from parts, plugin objects, and bare facets; the core's are left out, since every ledger has them.

    Raises:
        Invalid: ``not_parts`` for anything else.
    """
    found: list[Parts] = []
    bare: dict[str, list[Facet[Any]]] = {}
    for one in given:
        if isinstance(one, Parts):
            found.append(one)
        elif isinstance(one, Facet):
            for facet in (*one.reads, one):
                group = bare.setdefault(facet.name.partition(".")[0], [])
                if facet not in group:
                    group.append(facet)
        elif hasattr(one, "guanxi_parts"):
            found.append(one.guanxi_parts())
        else:
            raise Invalid(
                "not_parts",
                f"{one!r} is neither parts nor a facet",
                zh=f"{one!r} 既不是插件部件也不是主题",
                accepts="guanxi.Parts, a plugin object, or guanxi.Facet",
            )
    found += [_wrapped(prefix, facets) for prefix, facets in bare.items()]
    return [p for p in found if p.name != CORE]


def handlers_of(facet: Facet[Any]) -> Iterator[Any]:
    """Yield every handler of a facet."""
    yield from (fn for fn, _ in facet.evolvers.values())
    yield from facet.deciders.values()
    for judges in (*facet.reactions.values(), *facet.effects.values()):
        yield from (fn for _, fn in judges)
    for waiting in facet.dues.values():
        yield from waiting
    for guards in facet.guards.values():
        yield from (fn for _, _, fn in guards)
    for claimers in facet.claimers.values():
        yield from claimers
    yield from facet.endings.values()
    yield from facet.gates


def _wrapped(prefix: str, facets: Sequence[Facet[Any]]) -> Parts:
    """Return bare facets as parts, with what their handlers' modules know of the same prefix."""
    seen: dict[int, Any] = {}
    for facet in facets:
        for table in (facet.evolvers, facet.reactions, facet.dues, facet.guards, facet.effects):
            seen.update({id(kind): kind for kind in table})
        for handler in handlers_of(facet):
            seen.update(
                {id(v): v for v in getattr(handler, "__globals__", {}).values() if isinstance(v, type)}
            )
    named = [k for k in seen.values() if getattr(k, "stored_name", "").startswith(prefix + ".")]
    events = tuple(k for k in named if issubclass(k, Event))
    return Parts(
        name=prefix,
        version="0",
        title=Label(prefix, prefix),
        events=events,
        upcasters=tuple(Upcaster(e.stored_name, v, dict) for e in events for v in range(1, e.schema_version)),
        commands=tuple(dict.fromkeys(c for f in facets for c in f.deciders)),
        facets=tuple(facets),
        rule_sets=tuple(k for k in named if issubclass(k, RuleSet)),
    )
