"""What is recorded of contact and care: preferences, consents, messages, gifts and gatherings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from guanxi.kernel.messages import WOULD_DIFFER, Decision, Fact, event, field, given, key, limit, personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.values import Money

MessageKind = Literal[
    "marketing", "greeting", "service", "reply", "complaint_notice", "order_notice", "legal_notice"
]
DeliveryOutcome = Literal["delivered", "failed", "thrown_away", "deleted"]
GatheringKind = Literal["customer_conference", "summit", "mutual_visit", "review_meeting", "store_event"]
ConsentPurpose = Literal["marketing", "profiling", "passing_on", "sensitive"]
WithheldReason = Literal[
    "do_not_contact",
    "channel_not_wanted",
    "consent_missing",
    "over_contact_month",
    "over_contact_day",
    "outside_window",
]

ANY_CHANNEL = "any"
"""Channel of a consent, or of its withdrawal, that stands for every channel."""


@event("core.contact_preference_set", standing=True)
class ContactPreferenceSet(Fact):
    """When and how the customer may be reached (CORE-46)."""

    windows: str | Erased | None = personal("contact", default=None)
    time_zone: str | Erased | None = personal("contact", default=None)
    channels: tuple[str, ...] = field(default=())
    do_not_contact: bool = field(default=False)


@event("core.message_sent")
class MessageSent(Fact):
    """A message went out to the customer (CORE-43, CORE-45)."""

    message: str
    kind: MessageKind
    channel: str
    template: str | None = field(default=None)
    campaign: str | None = field(default=None)
    campaign_version: int | None = field(default=None)
    care_item: str | None = field(default=None)
    promotion: str | None = field(default=None)
    sender: str | None = field(default=None)
    bulk: bool = field(default=False)
    contact_point: str | Erased | None = personal("contact", default=None)
    content: str | Erased | None = personal("marketing", default=None)
    notice: str | Erased | None = personal("service", default=None)


@event("core.message_queued")
class MessageQueued(Fact):
    """A message was ordered that may not go out now; why not is decided at once (CORE-45, CORE-46, CORE-74)."""

    message: str
    kind: MessageKind
    channel: str
    template: str | None = field(default=None)
    campaign: str | None = field(default=None)
    campaign_version: int | None = field(default=None)
    care_item: str | None = field(default=None)
    promotion: str | None = field(default=None)
    sender: str | None = field(default=None)
    bulk: bool = field(default=False)
    contact_point: str | Erased | None = personal("contact", default=None)
    content: str | Erased | None = personal("marketing", default=None)
    notice: str | Erased | None = personal("service", default=None)


@event("core.message_withheld")
class MessageWithheld(Decision, late=WOULD_DIFFER, retroactive=WOULD_DIFFER):
    """A message did not go out, and why (CORE-45, CORE-46, CORE-74)."""

    message: str = key()
    reason: WithheldReason
    combinable: bool = field(default=False)
    deferred_until: datetime | None = field(default=None)
    touches: int | None = given(default=None)
    allowed: int | None = limit(default=None)


@event("core.delivery_reported")
class DeliveryReported(Fact):
    """What became of a message (CORE-79)."""

    message: str
    outcome: DeliveryOutcome


@event("core.gift_given")
class GiftGiven(Fact):
    """A gift went to the customer (CORE-42)."""

    gift: str
    care_item: str | None = field(default=None)
    campaign: str | None = field(default=None)
    value: Money | None = field(default=None)
    given_by: str | None = field(default=None)
    content: str | Erased | None = personal("preference", default=None)


@event("core.gathering_held")
class GatheringHeld(Fact):
    """A conference, summit or review meeting was held (CORE-42, CORE-18)."""

    gathering: str
    kind: GatheringKind
    held_on: date
    minutes: str | None = field(default=None)
    measures: str | None = field(default=None)


@event("core.gathering_attended")
class GatheringAttended(Fact):
    """The customer took part in a gathering (CORE-42, CORE-18)."""

    gathering: str
    kind: GatheringKind
    held_on: date
    person: str | Erased | None = personal("preference", default=None)


@event("core.consent_given")
class ConsentGiven(Fact):
    """The customer agreed to a purpose on a channel, under a wording (CORE-74)."""

    purpose: ConsentPurpose
    channel: str
    wording_version: str
    evidence: str | Erased | None = personal("dealings", default=None)
    guardian: str | Erased | None = personal("dealings", default=None)


@event("core.consent_withdrawn")
class ConsentWithdrawn(Fact):
    """The customer no longer agrees (CORE-74)."""

    purpose: ConsentPurpose
    channel: str
    evidence: str | Erased | None = personal("dealings", default=None)


@event("core.age_band_noted")
class AgeBandNoted(Fact):
    """Into which age band the customer fell in a year, noted when it was first used (CORE-96)."""

    year: int
    band: str


EVENTS = (
    AgeBandNoted,
    ContactPreferenceSet,
    MessageSent,
    MessageQueued,
    MessageWithheld,
    DeliveryReported,
    GiftGiven,
    GatheringHeld,
    GatheringAttended,
    ConsentGiven,
    ConsentWithdrawn,
)
