"""The battery: one check for each property, by name, in the order in which they are examined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guanxi.testing.conformance.erasure import erasure_tolerant
from guanxi.testing.conformance.forms import serialisable, upcast_complete
from guanxi.testing.conformance.intake import idempotent
from guanxi.testing.conformance.judgement import deterministic, hindsight, reenactable
from guanxi.testing.conformance.purity import clock_free, pure
from guanxi.testing.conformance.reporting import reports_foot
from guanxi.testing.conformance.tables import batch_insensitive, rebuildable, resumable
from guanxi.testing.conformance.texts import labelled, manifest_true
from guanxi.testing.findings import Finding

CHECKS: dict[str, Callable[[Any], Finding]] = {
    check.__name__: check
    for check in (
        pure,
        deterministic,
        hindsight,
        reenactable,
        rebuildable,
        idempotent,
        batch_insensitive,
        resumable,
        clock_free,
        serialisable,
        upcast_complete,
        erasure_tolerant,
        labelled,
        manifest_true,
        reports_foot,
    )
}
"""Takes an ``Examination`` and returns what it finds."""
