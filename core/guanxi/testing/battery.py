"""The conformance kit as tests: a class to inherit, with one test for each property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from guanxi.testing.examining import Examination
from guanxi.testing.findings import Finding
from guanxi.testing.golden import Golden
from guanxi.testing.telling import ACTOR


class Conformance:
    """Inherit it in a test class and name the plugin; each property is one test.

    ::

        class TestConformance(Conformance):
            plugin = guanxi_repair.plugin

    Attributes:
        plugin: the plugin object, or its ``Parts``.
        manifest: its manifest, a path to it, or None.
        golden: stored histories, or a folder of them.
        facts: Hypothesis strategies of facts by event class, where the plugin's facts cannot be made up by their types.
        commands: Hypothesis strategies of commands by command class, for realistic ones.
        rules: Hypothesis strategies of rule sets by class, for what is published in the histories.
        exempt: properties that are not asked for, with the reason.
        examples: how many histories are made up.
        actor: who tells them, and asks for reports; where the plugin decides who may, somebody who may.
    """

    plugin: ClassVar[Any] = None
    manifest: ClassVar[Any] = None
    golden: ClassVar[Sequence[Golden] | str | Path] = ()
    facts: ClassVar[Mapping[type[Any], Any] | None] = None
    commands: ClassVar[Mapping[type[Any], Any] | None] = None
    rules: ClassVar[Mapping[type[Any], Any] | None] = None
    exempt: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[int] = 25
    actor: ClassVar[str] = ACTOR

    @classmethod
    def finding(cls, name: str) -> Finding:
        """Return what is found about a property."""
        return _examination(cls).find(name)

    def _require(self, name: str) -> None:
        __tracebackhide__ = True
        finding = self.finding(name)
        if finding.status == "failed":
            raise AssertionError(finding.describe())
        if finding.status != "met":
            import pytest

            pytest.skip(f"{finding.status}: {finding.detail}")

    def test_pure(self) -> None:
        """Handlers change nothing but their state, and give the same for the same."""
        __tracebackhide__ = True
        self._require("pure")

    def test_deterministic(self) -> None:
        """Judging twice gives the same, also in another process."""
        __tracebackhide__ = True
        self._require("deterministic")

    def test_hindsight(self) -> None:
        """Decisions in force equal a replay of the moments of knowledge."""
        __tracebackhide__ = True
        self._require("hindsight")

    def test_reenactable(self) -> None:
        """Each transaction, run again with what was known then, yields what is stored."""
        __tracebackhide__ = True
        self._require("reenactable")

    def test_rebuildable(self) -> None:
        """Read models made anew equal those kept entry by entry."""
        __tracebackhide__ = True
        self._require("rebuildable")

    def test_idempotent(self) -> None:
        """Telling the same again adds nothing."""
        __tracebackhide__ = True
        self._require("idempotent")

    def test_batch_insensitive(self) -> None:
        """Rows depend neither on the size of pages nor on how streams interleave."""
        __tracebackhide__ = True
        self._require("batch_insensitive")

    def test_resumable(self) -> None:
        """After a crash the work goes on where it stopped."""
        __tracebackhide__ = True
        self._require("resumable")

    def test_clock_free(self) -> None:
        """No handler reads a clock or draws lots."""
        __tracebackhide__ = True
        self._require("clock_free")

    def test_serialisable(self) -> None:
        """Events, commands and rule sets read back byte for byte."""
        __tracebackhide__ = True
        self._require("serialisable")

    def test_upcast_complete(self) -> None:
        """Every older form leads to the present one."""
        __tracebackhide__ = True
        self._require("upcast_complete")

    def test_erasure_tolerant(self) -> None:
        """Everything works once personal values are erased."""
        __tracebackhide__ = True
        self._require("erasure_tolerant")

    def test_labelled(self) -> None:
        """What people see has words in both languages."""
        __tracebackhide__ = True
        self._require("labelled")

    def test_manifest_true(self) -> None:
        """The manifest says what the code does."""
        __tracebackhide__ = True
        self._require("manifest_true")

    def test_reports_foot(self) -> None:
        """Reports add up at every cut, and can be shown in both languages."""
        __tracebackhide__ = True
        self._require("reports_foot")


_EXAMINATIONS: dict[type[Conformance], Examination] = {}


def _examination(cls: type[Conformance]) -> Examination:
    """Return the examination that a class's tests share."""
    if cls not in _EXAMINATIONS:
        golden = cls.golden
        _EXAMINATIONS[cls] = Examination(
            cls.plugin,
            manifest=cls.manifest,
            golden=Golden.load_all(golden) if isinstance(golden, str | Path) else golden,
            facts=cls.facts,
            commands=cls.commands,
            rules=cls.rules,
            exempt=cls.exempt,
            examples=cls.examples,
            actor=cls.actor,
        )
    return _EXAMINATIONS[cls]
