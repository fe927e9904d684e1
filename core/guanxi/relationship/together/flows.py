"""How far a form's flow has come, told from its steps and who took them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from guanxi.relationship.together.events import FlowStep


def missing(step: FlowStep, taken: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return who has yet to take a step; one of those named is enough to sign, approve or archive."""
    done = taken.get(step.name, {})
    if step.kind in ("co_sign", "circulate"):
        return tuple(p for p in step.people if p not in done)
    return () if done else step.people or ("",)


def waiting_step(flow: Sequence[FlowStep], taken: Mapping[str, Mapping[str, str]]) -> FlowStep | None:
    """Return the step that a flow waits for, None where it is through; nothing waits for a circulation."""
    return next((s for s in flow if s.kind != "circulate" and missing(s, taken)), None)
