"""Examining a plugin: one set of histories, told once, on which every property is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from guanxi.kernel.errors import GuanxiError, PluginError, Unknown
from guanxi.kernel.plugins import Parts
from guanxi.testing.findings import PROPERTIES, Finding, found
from guanxi.testing.golden import Golden
from guanxi.testing.histories import Story, draw, histories, shrunk
from guanxi.testing.telling import ACTOR, Told, telling, told_whole
from guanxi.testing.watching import Watch, watched, watching

TRIES = 40
"""How many other stories are told to find the least that fails."""


class NotApplicable(Exception):
    """A plugin has nothing that a property could be asked of."""


@attrs.frozen
class Broken:
    """How a told story broke a property.

    Args:
        text: what is wrong.
        entry: the entry that did it, as ``Told.entry`` says it.
    """

    text: str
    entry: str | None = None


Check = Callable[[Told], Broken | None]


class Examination:
    """A plugin under examination; what is found about each property is found once.

    Args:
        plugin: its parts, or the plugin object that hands them over.
        manifest: its manifest, the path of one, or None for the one in its package, if any.
        golden: stored histories.
        facts: Hypothesis strategies of facts by event class.
        commands: Hypothesis strategies of commands by command class.
        rules: Hypothesis strategies of rule sets by class.
        exempt: properties that are not asked for, with the reason.
        examples: how many histories are made up.
        fresh: whether further interpreters are started, where a property is about them.
        actor: who tells the histories, and asks for reports; where the plugin decides who may, somebody who may.

    Raises:
        Unknown: ``unknown_property`` for an exemption from none.
    """

    def __init__(
        self,
        plugin: Any,
        *,
        manifest: Any = None,
        golden: Iterable[Golden] = (),
        facts: Mapping[type[Any], Any] | None = None,
        commands: Mapping[type[Any], Any] | None = None,
        rules: Mapping[type[Any], Any] | None = None,
        exempt: Mapping[str, str] | None = None,
        examples: int = 25,
        fresh: bool = True,
        actor: str = ACTOR,
    ) -> None:
        self.plugin, self.fresh, self.actor = plugin, fresh, actor
        self.parts: Parts = plugin if isinstance(plugin, Parts) else plugin.guanxi_parts()
        self.manifest, self.golden, self.examples = manifest, tuple(golden), examples
        self.exempt = dict(exempt or {})
        self._strategies: dict[str, Any] = {"facts": facts, "commands": commands, "rules": rules}
        self._stories: list[Story] | None = None
        self._told: list[Told] | None = None
        self._watches: list[tuple[Told, Watch]] | None = None
        self._findings: dict[str, Finding] = {}
        if strange := sorted(set(self.exempt) - set(PROPERTIES)):
            raise Unknown(
                "unknown_property",
                f"there is no property {', '.join(strange)}",
                zh=f"没有属性 {', '.join(strange)}",
                accepts=", ".join(PROPERTIES),
            )

    def find(self, name: str) -> Finding:
        """Return what is found about a property."""
        if name not in self._findings:
            self._findings[name] = self._find(name)
        return self._findings[name]

    def findings(self) -> list[Finding]:
        """Return what is found about every property, in their order."""
        return [self.find(name) for name in PROPERTIES]

    def close(self) -> None:
        """Close the ledgers."""
        for told in [*(self._told or ()), *(t for t, _ in self._watches or ())]:
            told.close()
        self._told = self._watches = None

    def _find(self, name: str) -> Finding:
        from guanxi.testing.conformance import CHECKS

        if name in self.exempt:
            return found(name, "exempt", self.exempt[name])
        try:
            return CHECKS[name](self)
        except NotApplicable as reason:
            return found(name, "not_applicable", str(reason))
        except PluginError as error:
            return _refused(name, error)
        except GuanxiError as error:
            return found(name, "failed", error.describe())

    # ------------------------------------------------------------ what checks work on

    @property
    def stories(self) -> list[Story]:
        """The made-up histories."""
        if self._stories is None:
            self._stories = draw(histories(self.parts, **self._strategies), self.examples)
        return self._stories

    def some(self, share: int = 3) -> list[Story]:
        """Return a part of the histories, the longest: for checks that tell them once more.

        Args:
            share: one of how many.
        """
        ranked = sorted(self.stories, key=lambda s: -len(s.steps))
        return ranked[: max(2, len(ranked) // share)]

    def told(self) -> list[Told]:
        """Return the histories told, each to a ledger of its own. Checks only ask them."""
        if self._told is None:
            self._told = [told_whole(self.parts, story, actor=self.actor) for story in self.stories]
        return self._told

    def cover(self, more: int = 10) -> set[str]:
        """Add histories in which events come up that the others and the golden ones lack, and return what came up in none.

        Args:
            more: how many times as many histories are made up to find them.
        """
        told, stories = self.told(), self.stories
        lacking = {e.stored_name for e in self.parts.events} - self.recorded()
        for each in told:
            lacking -= each.names()
        if lacking:
            for story in draw(histories(self.parts, **self._strategies), self.examples * more):
                further = told_whole(self.parts, story, actor=self.actor)
                if lacking & further.names():
                    lacking -= further.names()
                    stories.append(story)
                    told.append(further)
                else:
                    further.close()
                if not lacking:
                    break
        return lacking

    def recorded(self) -> set[str]:
        """Return the names of the events that stand in golden histories."""
        return {entry.name for golden in self.golden for entry in golden.entries}

    def watches(self) -> list[tuple[Told, Watch]]:
        """Return some of the histories told to watched handlers, with what was seen."""
        if self._watches is None:
            self._watches = [self.watch(story) for story in self.some(2)]
        return self._watches

    def watch(self, story: Story) -> tuple[Told, Watch]:
        """Return a story told to watched handlers, with what was seen."""
        watch = Watch()
        with watching(watch):
            told = told_whole(self.parts, story, examined=watched(self.parts, watch), actor=self.actor)
        watch.look_back()
        return told, watch

    def require_streams(self) -> None:
        """Go on only where something can be told to the plugin.

        Raises:
            NotApplicable: nothing can.
        """
        if not (self.parts.facets or self.parts.read_models or self.parts.reports):
            raise NotApplicable("it has neither facets, read models nor reports")

    def each(self, name: str, check: Check) -> Finding:
        """Return the finding of a check that is asked of every told history; of the first that fails, the least that does."""
        self.require_streams()
        for told in self.told():
            if (broken := check(told)) is not None:
                return self.least(name, told.story, broken, check)
        return found(name, "met", self.extent())

    def afresh(self, name: str, stories: Iterable[Story], check: Check, **options: Any) -> Finding:
        """Return the finding of a check that changes what it is asked of: each history is told to a further ledger."""
        self.require_streams()
        count = 0
        for story in stories:
            count += 1
            with telling(self.parts, story, actor=self.actor, **options) as told:
                broken = check(told)
            if broken is not None:
                return self.least(name, story, broken, check)
        return found(name, "met", f"{count} histories")

    def least(self, name: str, story: Story, broken: Broken, check: Check) -> Finding:
        """Return a failure with the least history that still shows it."""
        last: list[tuple[Story, Broken]] = [(story, broken)]

        def fails(candidate: Story) -> bool:
            with telling(self.parts, candidate, actor=self.actor) as told:
                again = check(told)
            if again is not None:
                last[0] = (candidate, again)
            return again is not None

        shrunk(story, fails, TRIES)
        least, how = last[0]
        return failed(name, how, least)

    def extent(self) -> str:
        """Return how much was examined."""
        entries = sum(t.ledger.store.count() for t in self.told())
        return f"{len(self.told())} histories, {entries} entries"


_SPEAKS_FOR = {
    "inexact_field": "serialisable",
    "late_effect_missing": "hindsight",
    "ending_missing": "hindsight",
    "upcaster_missing": "upcast_complete",
    "upcaster_unknown": "upcast_complete",
    "upcaster_twice": "upcast_complete",
}
"""Which property a refusal of the parts is about; where it is one, the others are not examined."""


def _refused(name: str, error: PluginError) -> Finding:
    if error.code == "handler_failed":
        return found(name, "failed", error.describe())
    if _SPEAKS_FOR.get(error.code, name) != name:
        return found(name, "not_applicable", f"not examined: the parts are refused for {error.code}")
    return found(name, "failed", f"the parts are refused: {error.describe()}")


def failed(name: str, broken: Broken, story: Story | None = None) -> Finding:
    """Return a failure, with the history that shows it."""
    detail = broken.text
    if story is not None:
        detail += "\n  the least history that shows it:" + "".join(f"\n    {line}" for line in story.lines())
    return found(name, "failed", detail, broken.entry)


def examine(
    parts: Any,
    *,
    manifest: Any = None,
    golden: Iterable[Golden] = (),
    facts: Mapping[type[Any], Any] | None = None,
    commands: Mapping[type[Any], Any] | None = None,
    rules: Mapping[type[Any], Any] | None = None,
    exempt: Mapping[str, str] | None = None,
    examples: int = 25,
    fresh: bool = True,
    actor: str = ACTOR,
) -> list[Finding]:
    """Examine a plugin: return what is found about every property, in the order of ``PROPERTIES``.

    Args:
        parts: the plugin's parts, or the plugin object that hands them over.
        manifest: its manifest, the path of one, or None for the ``plugin.toml`` in its package, if any.
        golden: stored histories, to be read with today's code.
        facts: Hypothesis strategies by event class, for facts to be told as they are.
        commands: Hypothesis strategies by command class, in place of values made up by type.
        rules: Hypothesis strategies by rule-set class, in place of values within declared bounds.
        exempt: properties that are not asked for, with the reason.
        examples: how many histories are made up; the same ones in each run.
        fresh: whether further interpreters are started, where a property is about them.
        actor: who tells the histories, and asks for reports; where the plugin decides who may, somebody who may.
    """
    examination = Examination(
        parts,
        manifest=manifest,
        golden=golden,
        facts=facts,
        commands=commands,
        rules=rules,
        exempt=exempt,
        examples=examples,
        fresh=fresh,
        actor=actor,
    )
    try:
        return examination.findings()
    finally:
        examination.close()


def first_difference(left: Sequence[Any], right: Sequence[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Yield the first place at which two lists differ, with what stands there in each."""
    for n in range(max(len(left), len(right))):
        a = left[n] if n < len(left) else None
        b = right[n] if n < len(right) else None
        if a != b:
            yield n, a, b
            return
