"""Screening: preliminary, shortlist and final choice, each under a version of the written outline (CORE-52)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.relationship.campaigns.commands import ScreenCustomer
from guanxi.relationship.campaigns.events import (
    CustomerScreened,
    ScreeningDecided,
    ScreeningOutcome,
    ScreeningStage,
)
from guanxi.relationship.campaigns.rules import ScreeningRules
from guanxi.relationship.campaigns.segments import fits
from guanxi.relationship.file.events import ProfileFactRecorded

STAGES: tuple[ScreeningStage, ...] = ("preliminary", "shortlist", "final")
"""The stages of screening, in their order."""


@attrs.define
class Screenings:
    """What each stage came to, by version of the outline."""

    outcomes: dict[tuple[str, str], str] = attrs.field(factory=dict)
    profile: dict[str, object] = attrs.field(factory=dict)

    def passed(self, stage: str, version: str) -> bool:
        """Return whether the customer came through a stage under a version of the outline."""
        return self.outcomes.get((version, stage)) == "passed"


screenings = Facet("core.screenings", Screenings, title=Label("Screening", "筛选"))


@screenings.evolve
def _profile(s: Screenings, e: ProfileFactRecorded) -> None:
    s.profile[e.field_name] = e.value


@screenings.evolve
def _decided(s: Screenings, e: ScreeningDecided) -> None:
    s.outcomes[e.outline_version, e.stage] = e.outcome


@screenings.decide
def _screen(s: Screenings, c: ScreenCustomer, now: Now) -> Iterator[Fact]:
    place = STAGES.index(c.stage)
    missing = next((stage for stage in STAGES[:place] if not s.passed(stage, c.outline_version)), None)
    now.require(
        missing is None,
        "step_missing",
        "CORE-52",
        f"before {c.stage} the customer comes through {missing}",
        zh=f"{c.stage} 之前须通过 {missing}",
        accepts=f"a customer who came through {missing} under outline {c.outline_version}",
        step=missing,
    )
    if c.judged is None and now.rules(ScreeningRules).criteria(c.stage, c.outline_version) is None:
        raise Unknown(
            "unknown_code",
            f"the outline {c.outline_version} names no criteria of the stage {c.stage}",
            zh=f"筛选提纲 {c.outline_version} 没有 {c.stage} 的标准",
            rule="CORE-52",
            accepts="a version of the written outline, or judged=...",
        )
    yield CustomerScreened(stage=c.stage, outline_version=c.outline_version, judged=c.judged)


@screenings.react("CORE-52")
def _decide(s: Screenings, e: CustomerScreened, now: Now) -> Iterator[Decision]:
    criteria = now.rules(ScreeningRules).criteria(e.stage, e.outline_version)
    outcome: ScreeningOutcome | None = e.judged
    if outcome is None and criteria is not None:
        outcome = "passed" if fits(criteria, s.profile, now.at.date()) else "screened_out"
    if outcome is not None:
        yield ScreeningDecided(
            stage=e.stage, outline_version=e.outline_version, outcome=outcome, criteria=criteria or ""
        )
