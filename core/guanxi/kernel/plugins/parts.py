"""What a plugin hands over, and the one hook through which it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import attrs
import pluggy

from guanxi.kernel.access import Access
from guanxi.kernel.cadences import Cadence, DueNotes
from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label, gathered
from guanxi.kernel.messages import Command, Event
from guanxi.kernel.overview import Overview
from guanxi.kernel.plugins.deprecations import deprecated
from guanxi.kernel.read_models import ReadModel
from guanxi.kernel.registry import Upcaster
from guanxi.kernel.reports import Report
from guanxi.kernel.rules import RuleSet
from guanxi.kernel.runs.definition import Run

PROJECT = "guanxi"
HOOK = "guanxi_parts"
CORE = "core"
"""The prefix of the core's own parts."""

API = "1.0"
"""The version of the surface: its minor part is raised for what is added, its major part for what is taken away."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks the method ``guanxi_parts`` by which a plugin hands over its parts."""

_NUMBERED_API = deprecated(
    "Parts(api=...) as a whole number",
    since=date(2026, 11, 22),
    removal=date(2027, 11, 22),
    instead='a range of versions, such as api=">=1,<2"',
)


def _api_range(value: str | int) -> str:
    if isinstance(value, int):
        _NUMBERED_API.warn()
        return f">={value},<{value + 1}"
    return value


@attrs.frozen(eq=False)
class Parts:
    """What a plugin consists of.

    Args:
        name: its prefix: every stored name it owns begins with it and a dot.
        version: its own version.
        title: what people call it.
        events: event classes it owns.
        upcasters: how older forms of them are read.
        commands: command classes, so that mapping files and tools can name them.
        facets: subjects, in the order in which simultaneous things happen.
        rule_sets: rule-set classes.
        read_models: read models.
        reports: reports.
        runs: decisions over a whole population.
        cadences: what falls due, for the list of due items.
        overviews: sections of the whole view of a relationship.
        due_notes: tells the list of due items whose they are, and what was ruled about them; the core's.
        access: decides who may do what, where access rules are published; all that are handed over have to agree.
        labels: texts for codes, fields and events, by stored name; a word that means something else to another plugin keeps its
            own meaning among the parts of each, and ``<stored name>.<word>`` is what it means to one of them alone.
        after_opening: called with the ledger and account numbers, after the transaction that opened their files; must stand
            being called again.
        api: the surface versions it works with, as a PEP 440 range.
    """

    name: str
    version: str
    title: Label
    events: tuple[type[Event], ...] = ()
    upcasters: tuple[Upcaster, ...] = ()
    commands: tuple[type[Command], ...] = ()
    facets: tuple[Facet[Any], ...] = ()
    rule_sets: tuple[type[RuleSet], ...] = ()
    read_models: tuple[ReadModel[Any], ...] = ()
    reports: tuple[Report, ...] = ()
    runs: tuple[Run[Any], ...] = ()
    cadences: tuple[Cadence, ...] = ()
    overviews: tuple[Overview, ...] = ()
    due_notes: DueNotes | None = None
    access: Access | None = None
    labels: dict[str, Label] = attrs.field(factory=dict)
    after_opening: Callable[[Any, Sequence[str]], object] | None = None
    api: str = attrs.field(default=">=1,<2", converter=_api_range)

    @property
    def extent(self) -> int:
        """How many handlers are registered with its facets and read models; more may be, after it was handed over."""
        return sum(f.extent for f in self.facets) + sum(len(m.handlers) for m in self.read_models)

    @property
    def models(self) -> tuple[ReadModel[Any], ...]:
        """Every read model it brings, those of its runs' lines included."""
        return (*self.read_models, *(run.lines for run in self.runs))

    @cached_property
    def texts(self) -> dict[str, Label]:
        """What its words and its titled parts are called: its labels, and titles by stored name."""
        titled: tuple[Any, ...] = (
            *self.cadences,
            *self.facets,
            *self.models,
            *self.reports,
            *self.runs,
            *self.overviews,
        )
        rule_sets = {r.stored_name: r.title for r in self.rule_sets}
        return {**{part.name: part.title for part in reversed(titled)}, **rule_sets, **self.labels}

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """The stored names of all that may use its words: where another one means something else by them, these are asked first."""
        owning = (
            *self.events,
            *self.commands,
            *self.facets,
            *self.rule_sets,
            *self.models,
            *self.reports,
            *self.runs,
            *self.cadences,
            *self.overviews,
        )
        return tuple(name_of(part) for part in owning)


class PluginSpec:
    """The hook that a plugin implements; authors subclass nothing and decorate one method with ``hookimpl``."""

    @hookspec
    def guanxi_parts(self) -> Parts:
        """Return the plugin's parts. Called once, at start."""
        raise NotImplementedError


def name_of(part: Any) -> str:
    """Return the stored name of an event, command or rule-set class, or the name of a facet, read model or report."""
    return str(part.stored_name if hasattr(part, "stored_name") else part.name)


def joined(first: Parts, *others: Parts) -> Parts:
    """Return all parts as those of the first, in the order given, so that a large plugin may keep a room for each subject.

    Args:
        first: whose name, version and title they bear.
        *others: the rest; a word of theirs that an earlier one uses otherwise keeps its own meaning among its own parts. What a
            plugin can have one of only is taken from the first that has it.
    """
    everything: Sequence[Parts] = (first, *others)
    return attrs.evolve(
        first,
        events=tuple(e for one in everything for e in one.events),
        upcasters=tuple(u for one in everything for u in one.upcasters),
        commands=tuple(c for one in everything for c in one.commands),
        facets=tuple(f for one in everything for f in one.facets),
        rule_sets=tuple(r for one in everything for r in one.rule_sets),
        read_models=tuple(m for one in everything for m in one.read_models),
        reports=tuple(r for one in everything for r in one.reports),
        runs=tuple(r for one in everything for r in one.runs),
        cadences=tuple(c for one in everything for c in one.cadences),
        overviews=tuple(o for one in everything for o in one.overviews),
        due_notes=next((one.due_notes for one in everything if one.due_notes is not None), None),
        access=next((one.access for one in everything if one.access is not None), None),
        after_opening=next((one.after_opening for one in everything if one.after_opening is not None), None),
        labels=gathered((one.labels, one.owners) for one in everything),
    )


@lru_cache(maxsize=32)
def texts_of(parts: tuple[Parts, ...]) -> Mapping[str, Label]:
    """Return the texts of all that plugins handed over, what a word means to some of them alone included; not to be changed."""
    return gathered((one.texts, one.owners) for one in parts)
