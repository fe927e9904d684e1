"""What a plugin hands over, and the one hook through which it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import attrs
import pluggy

from guanxi.kernel.cadences import Cadence
from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Event
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


@attrs.frozen
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
        labels: texts for codes, fields and events, by dotted name.
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
    labels: dict[str, Label] = attrs.field(factory=dict)
    after_opening: Callable[[Any, Sequence[str]], object] | None = None
    api: str = attrs.field(default=">=1,<2", converter=_api_range)

    @property
    def models(self) -> tuple[ReadModel[Any], ...]:
        """Every read model it brings, those of its runs' lines included."""
        return (*self.read_models, *(run.lines for run in self.runs))


class PluginSpec:
    """The hook that a plugin implements; authors subclass nothing and decorate one method with ``hookimpl``."""

    @hookspec
    def guanxi_parts(self) -> Parts:
        """Return the plugin's parts. Called once, at start."""
        raise NotImplementedError


def name_of(part: Any) -> str:
    """Return the stored name of an event, command or rule-set class, or the name of a facet, read model or report."""
    return str(part.stored_name if hasattr(part, "stored_name") else part.name)
