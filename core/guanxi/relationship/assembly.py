"""The core's rooms, whose parts are handed over as if by one plugin."""

from __future__ import annotations

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
