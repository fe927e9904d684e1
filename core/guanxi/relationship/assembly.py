"""Puts the parts of the core's rooms together, as if one plugin handed them over."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from guanxi.kernel.labels import gathered
from guanxi.kernel.plugins import Parts
from guanxi.relationship.access.parts import parts as access
from guanxi.relationship.campaigns.parts import parts as campaigns
from guanxi.relationship.care.parts import parts as care
from guanxi.relationship.dealings.parts import parts as dealings
from guanxi.relationship.documents.parts import parts as documents
from guanxi.relationship.due_items.parts import parts as due_items
from guanxi.relationship.file.parts import parts as file
from guanxi.relationship.governance.parts import parts as governance
from guanxi.relationship.grading.parts import parts as grading
from guanxi.relationship.ownership.parts import parts as ownership
from guanxi.relationship.people.parts import parts as people
from guanxi.relationship.pipeline.parts import parts as pipeline
from guanxi.relationship.reports_across.parts import parts as reports_across
from guanxi.relationship.service.parts import parts as service
from guanxi.relationship.together.parts import parts as together

ROOMS: tuple[Parts, ...] = (
    file,
    people,
    ownership,
    pipeline,
    dealings,
    service,
    care,
    campaigns,
    grading,
    documents,
    access,
    governance,
    together,
    due_items,
    reports_across,
)
"""In the order in which simultaneous things happen (CORE-97)."""


def joined(first: Parts, *others: Parts) -> Parts:
    """Return all parts as those of the first, in the order given.

    Args:
        first: whose name, version and title they bear.
        *others: the rest; a word of theirs that an earlier one uses otherwise keeps its own meaning among its own parts.
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
        labels=gathered((one.labels, one.owners) for one in everything),
    )
