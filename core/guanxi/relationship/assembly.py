"""Puts the parts of the core's rooms together, as if one plugin handed them over."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from guanxi.kernel.labels import Label
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
)
"""In the order in which simultaneous things happen (CORE-97)."""


def joined(first: Parts, *others: Parts) -> Parts:
    """Return all parts as those of the first, in the order given; a label that two of them bring is that of the earlier.

    Args:
        first: whose name, version and title they bear.
        *others: the rest.
    """
    everything: Sequence[Parts] = (first, *others)
    labels: dict[str, Label] = {}
    for one in everything:
        for name, label in one.labels.items():
            labels.setdefault(name, label)
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
        labels=labels,
    )
