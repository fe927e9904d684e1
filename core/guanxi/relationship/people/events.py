"""What is recorded about people, the life cycle, trust and return (CORE-16 to CORE-18, CORE-61)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from guanxi.kernel.messages import REVISE, Decision, Fact, event, field, given, key, limit, personal
from guanxi.kernel.privacy import Erased

DecisionRole = Literal[
    "decides", "influences", "uses", "buys", "government", "shareholder", "other_stakeholder"
]
LifecycleStage = Literal[
    "prospect", "first_contact", "contracting", "maintenance", "lapsed", "won_back", "closed"
]
TrustStage = Literal["attract", "retain", "enhance"]
RiskCode = Literal["financial", "performance", "material", "time", "social", "psychological"]


@event("core.contact_person_named", standing=True)
class ContactPersonNamed(Fact):
    """Somebody acts for the organisation, in this post and role, from this day on (CORE-18)."""

    person: str = key()
    name: str | Erased | None = personal("identity", subject="person", default=None)
    post: str | None = field(default=None)
    decision_role: DecisionRole | None = field(default=None)
    key_person: bool = field(default=False)
    preferences: str | Erased | None = personal("preference", subject="person", default=None)
    worries: str | Erased | None = personal("preference", subject="person", default=None)
    phone: str | Erased | None = personal("contact", subject="person", default=None)


@event("core.contact_person_left")
class ContactPersonLeft(Fact):
    """Somebody no longer acts for the organisation (CORE-18)."""

    person: str
    cause: str = field(default="unknown")
    successor: str | None = field(default=None)


@event("core.lifecycle_stage_changed", carried=False)
class LifecycleStageChanged(Decision, late=REVISE, retroactive=REVISE):
    """The relationship went over into another stage (CORE-16).

    ``win_back`` is the attempt to which a return is credited (CORE-61). Where an undone merge gives a file its own stage
    back, ``stood_since`` is since when it would have stood there, and ``won_by`` the deal that had won the customer back.
    """

    changed_on: date = key()
    before: LifecycleStage
    after: LifecycleStage
    cause: str = given()
    silent_since: date | None = given(default=None)
    win_back: str | None = given(default=None)
    stood_since: datetime | None = given(default=None)
    won_by: str | None = given(default=None)
    months: int | None = limit(default=None)


@event("core.trust_stage_changed", carried=False)
class TrustStageChanged(Decision, late=REVISE, retroactive=REVISE):
    """The customer's trust reached another stage, or fell back (CORE-17)."""

    changed_on: date = key()
    before: TrustStage
    after: TrustStage
    cause: str = given()
    first_sale: date | None = given(default=None)
    promises_due: int = given(default=0)
    promises_kept: int = given(default=0)
    complaints_open: int = given(default=0)
    months: int = limit(default=0)
    promises_needed: int = limit(default=0)


@event("core.concern_recorded", standing=True)
class ConcernRecorded(Fact):
    """What the customer fears, by its code, and our answer once there is one (CORE-17)."""

    concern: str = key()
    risk: RiskCode
    content: str | Erased | None = personal("service", default=None)
    answer: str | Erased | None = personal("service", default=None)


@event("core.win_back_attempted")
class WinBackAttempted(Fact):
    """We asked a lapsed or closed customer to come back (CORE-61)."""

    attempt: str
    by: str
    offer: str | Erased | None = personal("marketing", default=None)
    channel: str | None = field(default=None)


EVENTS = (
    ContactPersonNamed,
    ContactPersonLeft,
    LifecycleStageChanged,
    TrustStageChanged,
    ConcernRecorded,
    WinBackAttempted,
)
