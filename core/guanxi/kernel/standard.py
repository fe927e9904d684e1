"""The events of the mechanism itself: corrections, voids, withdrawals, breaches, published rule sets."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from guanxi.kernel.messages import REVISE, Act, Decision, Fact, event, key


@event("core.entry_corrected")
class EntryCorrected(Act):
    """An entry was wrong: these fields replace the target's, at the target's place (CORE-01)."""

    target_name: str
    fields: dict[str, Any]
    effective_from: str | None = None
    days_from: str | None = None
    days_until: str | None = None
    sealed_as: dict[str, tuple[str, str]] = attrs.field(factory=dict)


@event("core.entry_voided")
class EntryVoided(Act):
    """An entry counts as never having happened (CORE-01)."""

    target_name: str
    belongs_to: str | None = None


@event("core.decision_withdrawn")
class DecisionWithdrawn(Decision, late=REVISE, retroactive=REVISE):
    """A decision that lost its ground leaves the fold; what it replaces is in the envelope."""

    decision: str = key()


@event("core.decision_ended")
class DecisionEnded(Decision, late=REVISE, retroactive=REVISE):
    """A decision whose late effect is not *revise* lost its ground: it held until here, and no longer."""

    decision: str = key()


@event("core.breach_flagged")
class BreachFlagged(Decision, late=REVISE, retroactive=REVISE):
    """A kept fact broke a rule (CORE-04)."""

    entry: str = key()
    rule: str = key()
    code: str


CLAIM_DENIED = "claim_denied"
"""Code of the breach of what takes a claim that another holds (CORE-95)."""


@event("core.breach_recorded")
class BreachRecorded(Fact):
    """What had already happened was taken in although an order for it would have been refused (CORE-04).

    It stands behind the fact that it was kept with, which its envelope names as its cause, and falls with it.
    """

    rule: str
    code: str


@event("core.claim_shared", carried=False)
class ClaimShared(Fact):
    """Other files hold an advisory claim too that this file has just taken, as known then (CORE-95)."""

    kind: str
    others: tuple[str, ...]


@event("core.stream_linked", carried=False)
class StreamLinked(Act):
    """From here on this relationship shows another stream's entries too: its whole past, or the linked days.

    ``choices`` names standing values for which the other's earlier ones count in place of this relationship's own; ``via``
    is the stream along with which the other came to be shown.
    """

    other: str
    mode: Literal["whole", "days"]
    link_type: str
    choices: tuple[str, ...] = ()
    via: str | None = None


@event("core.stream_unlinked", carried=False)
class StreamUnlinked(Act):
    """From here on it no longer does."""

    other: str


@event("core.stream_joined", carried=False)
class StreamJoined(Act):
    """The other side of a link, so that what is entered here is judged there too."""

    by: str
    link_type: str


@event("core.rule_set_published")
class RuleSetPublished(Act):
    """A version of a rule set, approved and dated (CORE-73)."""

    rule_set: str
    version: int
    parameters: dict[str, Any]
    approved_by: str
    retroactive: str | None = None


@event("core.rule_set_withdrawn")
class RuleSetWithdrawn(Act):
    """A published version that had not come into force yet never will (CORE-73)."""

    rule_set: str
    version: int
    approved_by: str


MECHANISM = (
    EntryCorrected,
    EntryVoided,
    DecisionWithdrawn,
    DecisionEnded,
    BreachFlagged,
    BreachRecorded,
    ClaimShared,
    StreamLinked,
    StreamUnlinked,
    StreamJoined,
    RuleSetPublished,
    RuleSetWithdrawn,
)
