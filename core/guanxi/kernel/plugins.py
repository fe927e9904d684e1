"""Plugins: the one typed hook through which a distribution hands over its parts, and the loader that finds, checks and orders them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from typing import Any

import attrs
import pluggy

from guanxi.kernel.errors import GuanxiError, PluginError
from guanxi.kernel.facets import Facet
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Command, Event
from guanxi.kernel.read_models import ReadModel
from guanxi.kernel.registry import Upcaster
from guanxi.kernel.reports import Report
from guanxi.kernel.rules import RuleSet

PROJECT = "guanxi"
GROUP = "guanxi.plugins"
API = 1

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


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
        labels: texts for codes, fields and events, by dotted name.
        after_opening: called with the ledger and account numbers, after the transaction that opened their files; must stand
            being called again.
        api: the surface version it was written for.
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
    labels: dict[str, Label] = attrs.field(factory=dict)
    after_opening: Callable[[Any, Sequence[str]], object] | None = None
    api: int = API


class PluginSpec:
    """The hook that a plugin implements; authors subclass nothing and decorate one method with ``hookimpl``."""

    @hookspec
    def guanxi_parts(self) -> Parts:
        """Return the plugin's parts. Called once, at start."""
        raise NotImplementedError


@attrs.frozen
class Installed:
    """A plugin as the loader found it.

    Args:
        name: its entry point's name.
        distribution: the distribution that ships it, and its version.
        parts: what it handed over; None when it was refused.
        error: why it was refused.
    """

    name: str
    distribution: str
    parts: Parts | None
    error: str | None = None


def discover(
    *, strict: bool = False, only: Sequence[str] | None = None, block: Iterable[str] = ()
) -> list[Installed]:
    """Find the plugins of this environment, in order of name.

    Args:
        strict: raise the first error instead of reporting it with the plugin.
        only: names to load; all if None.
        block: names never to load.

    Raises:
        PluginError: with ``strict``, what is wrong with a plugin, naming it and its distribution.
    """
    blocked = set(block)
    points = sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.name, p.dist.name if p.dist else ""))
    found: list[Installed] = []
    for point in points:
        if point.name in blocked or (only is not None and point.name not in only):
            continue
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"
        claimants = sorted({p.dist.name for p in points if p.name == point.name and p.dist})
        try:
            if len(claimants) > 1:
                raise PluginError(
                    "plugin_name_taken",
                    f"{point.name} is claimed by {' and '.join(claimants)}; both are refused",
                )
            found.append(Installed(point.name, origin, parts_of(point.load(), point.name)))
        except Exception as error:  # a plugin may fail in any way; the host goes on
            if strict:
                error.add_note(f"while loading the plugin {point.name} of {origin}")
                raise
            text = error.describe() if isinstance(error, GuanxiError) else f"{type(error).__name__}: {error}"
            found.append(Installed(point.name, origin, None, text))
    return found


def parts_of(plugin: object, name: str = "") -> Parts:
    """Return the parts a plugin object hands over through the hook.

    Raises:
        PluginError: ``hook_missing``, ``hook_misspelt``, ``parts_missing`` or ``api_mismatch``.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(PluginSpec)
    try:
        manager.register(plugin, name=name or None)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(
            "hook_misspelt",
            f"{name or plugin!r}: {error}",
            accepts="one method guanxi_parts(self) marked with guanxi.hookimpl",
        ) from error
    if not manager.get_hookcallers(plugin):
        raise PluginError(
            "hook_missing",
            f"{name or plugin!r} implements no hook of guanxi",
            accepts="a method guanxi_parts marked with guanxi.hookimpl",
        )
    results: list[Any] = manager.hook.guanxi_parts()
    if len(results) != 1 or not isinstance(results[0], Parts):
        raise PluginError(
            "parts_missing", f"{name or plugin!r} handed over {results!r}", accepts="guanxi.Parts(...)"
        )
    parts: Parts = results[0]
    check(parts)
    return parts


_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def check(parts: Parts) -> None:
    """Refuse parts whose names lie outside the plugin's own prefix, or that were written for another surface.

    Raises:
        PluginError: ``api_mismatch``, ``bad_name`` or ``foreign_prefix``.
    """
    if parts.api != API:
        raise PluginError(
            "api_mismatch", f"{parts.name} was written for surface {parts.api}", accepts=f"surface {API}"
        )
    if not _NAME.match(parts.name):
        raise PluginError(
            "bad_name",
            f"{parts.name!r} cannot be a prefix",
            accepts="lower-case letters, digits and underscores",
        )
    named = [
        *parts.events,
        *parts.commands,
        *parts.facets,
        *parts.rule_sets,
        *parts.read_models,
        *parts.reports,
    ]
    for thing in named:
        own = _name_of(thing)
        if not own.startswith(parts.name + "."):
            raise PluginError(
                "foreign_prefix",
                f"{parts.name} hands over {own!r}",
                accepts=f"names that begin with {parts.name}.",
            )


def _name_of(thing: Any) -> str:
    return str(thing.stored_name if hasattr(thing, "stored_name") else thing.name)


def check_together(all_parts: Sequence[Parts]) -> None:
    """Refuse plugins that clash with each other.

    Raises:
        PluginError: ``name_clash`` naming both.
    """
    for kind in ("events", "commands", "rule_sets", "read_models", "reports"):
        owners: dict[str, str] = {}
        for parts in all_parts:
            for thing in filter(_name_of, getattr(parts, kind)):
                other = owners.setdefault(_name_of(thing), parts.name)
                if other != parts.name:
                    raise PluginError(
                        "name_clash", f"{_name_of(thing)} is claimed by {other} and {parts.name}"
                    )
