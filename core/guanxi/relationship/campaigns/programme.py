"""Programmes of campaigns, each in a stream of its own, and their yearly review (CORE-50)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from guanxi.kernel.errors import Invalid
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.campaigns.commands import ReviewProgramme
from guanxi.relationship.campaigns.events import ProgrammeReviewed

PROGRAMME = "programme"
"""Kind of the streams of programmes."""


@attrs.define
class Programme:
    """A programme: the outcome of its reviews by year."""

    reviews: dict[int, str] = attrs.field(factory=dict)


programmes = Facet("core.programme", Programme, subject=PROGRAMME, title=Label("Programme", "营销计划"))


@programmes.evolve
def _reviewed(s: Programme, e: ProgrammeReviewed) -> None:
    s.reviews[e.year] = e.outcome


@programmes.decide
def _review(s: Programme, c: ReviewProgramme, now: Now) -> Iterator[Fact]:
    if c.goals_reached > c.goals:
        raise Invalid(
            "out_of_scale",
            f"{c.goals_reached} of {c.goals} goals reached",
            zh=f"{c.goals} 个目标完成 {c.goals_reached} 个",
            rule="CORE-50",
            accepts=f"at most {c.goals}",
        )
    yield ProgrammeReviewed(
        year=c.year,
        goals=c.goals,
        goals_reached=c.goals_reached,
        cost=c.cost,
        benefit=c.benefit,
        outcome=c.outcome,
    )
