"""The six items of a consultation, answered one after the other in return visits (RET-05)."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi import Facet, Label
from guanxi.relationship.service.commands import ANSWERED
from guanxi.relationship.service.events import ReturnVisitDone

ITEMS = ANSWERED
"""Product effect, service after the sale, what to improve, convenience of the outlet, other services, dedicated line."""


@attrs.define
class Consultation:
    """What of the six items was answered, and when first."""

    answered: dict[str, datetime] = attrs.field(factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The items that nobody has answered yet, in their order."""
        return tuple(item for item in ITEMS if item not in self.answered)

    @property
    def status(self) -> str:
        """``not_begun``, ``consultation_open`` or ``consultation_complete``."""
        if not self.answered:
            return "not_begun"
        return "consultation_open" if self.missing else "consultation_complete"


consultation = Facet("retail.consultation", Consultation, title=Label("Consultation", "咨询"))


@consultation.evolve
def _visited(s: Consultation, e: ReturnVisitDone, at: datetime) -> None:
    for item in e.answered:
        s.answered.setdefault(item, at)
