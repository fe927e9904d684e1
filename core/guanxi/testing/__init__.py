"""What plugin authors import in tests: scenarios, golden histories, random histories, and the conformance kit.

``Scenario`` and ``Golden`` need nothing beyond guanxi itself; ``Conformance``, ``examine`` and ``histories`` need the
extra ``guanxi[testing]`` (hypothesis and pytest) when they run.
"""

from __future__ import annotations

from guanxi.testing.battery import Conformance
from guanxi.testing.examining import examine
from guanxi.testing.findings import PROPERTIES, Finding
from guanxi.testing.golden import Golden, GoldenEntry
from guanxi.testing.histories import Story, histories
from guanxi.testing.scenario import Breached, Ended, Scenario, Withdrawn

__all__ = [
    "PROPERTIES",
    "Breached",
    "Conformance",
    "Ended",
    "Finding",
    "Golden",
    "GoldenEntry",
    "Scenario",
    "Story",
    "Withdrawn",
    "examine",
    "histories",
]
