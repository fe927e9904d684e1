"""Trials of new products: invited, taken, and what the customer thinks of it (CORE-90)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Fact
from guanxi.relationship.service.checks import taken, unknown
from guanxi.relationship.service.commands import GiveImpression, InviteToTrial, TakeTrial
from guanxi.relationship.service.events import ImpressionGiven, TrialInvited, TrialTaken

RULE, WHAT = "CORE-90", "trial"


@attrs.define
class Trials:
    """How far each trial went, by number."""

    trials: dict[str, Literal["invited", "taken", "impression"]] = attrs.field(factory=dict)


trials = Facet("core.trials", Trials, title=Label("New-product trials", "新品试用"))


@trials.evolve
def _changes(s: Trials, e: TrialInvited | TrialTaken | ImpressionGiven) -> None:
    match e:
        case TrialInvited():
            s.trials[e.trial] = "invited"
        case TrialTaken():
            s.trials[e.trial] = "taken"
        case ImpressionGiven():
            s.trials[e.trial] = "impression"


@trials.decide
def _invite(s: Trials, c: InviteToTrial, now: Now) -> Iterator[Fact]:
    if c.trial in s.trials:
        raise taken(RULE, WHAT, c.trial)
    yield TrialInvited(trial=c.trial, product=c.product)


@trials.decide
def _take(s: Trials, c: TakeTrial, now: Now) -> Iterator[Fact]:
    if c.trial not in s.trials:
        raise unknown(RULE, WHAT, c.trial)
    now.require(
        s.trials[c.trial] == "invited",
        "stage_closed",
        RULE,
        f"the trial {c.trial} was taken",
        zh=f"试用 {c.trial} 已进行",
        accepts="a trial that was not taken yet",
    )
    yield TrialTaken(trial=c.trial)


@trials.decide
def _impression(s: Trials, c: GiveImpression, now: Now) -> Iterator[Fact]:
    if c.trial not in s.trials:
        raise unknown(RULE, WHAT, c.trial)
    now.require(
        s.trials[c.trial] != "invited",
        "step_missing",
        RULE,
        f"the trial {c.trial} was not taken yet",
        zh=f"试用 {c.trial} 尚未进行",
        accepts="an impression after the trial",
    )
    yield ImpressionGiven(trial=c.trial, content=c.content)
