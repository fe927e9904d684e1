"""Messages: what went out to the customer, and what was withheld because of his consent, his wishes, or how often he hears from us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from guanxi.kernel.errors import Conflict, Incomplete, Unknown
from guanxi.kernel.facets import Facet, Now
from guanxi.kernel.labels import Label
from guanxi.kernel.messages import Decision, Fact
from guanxi.kernel.times import zone
from guanxi.relationship.campaigns.events import CampaignTargeted
from guanxi.relationship.care.commands import ReportDelivery, SendMessage, SetContactPreference
from guanxi.relationship.care.consent import MARKETING, Consents, consents
from guanxi.relationship.care.events import (
    ContactPreferenceSet,
    DeliveryReported,
    MessageQueued,
    MessageSent,
    MessageWithheld,
    WithheldReason,
)
from guanxi.relationship.care.rules import ContactRules, hour_of
from guanxi.relationship.care.windows import EVERY_DAY, Window, next_opening, read_windows

OURS = ("marketing", "greeting", "service")
"""Kinds of messages that we start on our own account; the others are never limited (CORE-45)."""

WEEKLY = "weekly"
_ADVERTISING = (MARKETING, "greeting")


@attrs.frozen
class Touch:
    """A message that went out."""

    at: datetime
    kind: str
    channel: str


@attrs.define
class Messages:
    """What went out, what waits, and how the customer wants to be reached."""

    sent: dict[str, Touch] = attrs.field(factory=dict)
    queued: dict[str, datetime] = attrs.field(factory=dict)
    withheld: dict[str, str] = attrs.field(factory=dict)
    delivery: dict[str, str] = attrs.field(factory=dict)
    versions: dict[str, int] = attrs.field(factory=dict)
    windows: tuple[Window, ...] = ()
    time_zone: str | None = None
    channels: tuple[str, ...] = ()
    do_not_contact: bool = False

    def touches(self, kinds: tuple[str, ...], at: datetime, days: int) -> int:
        """Return how many messages of some kinds went out on a moment's day and the days before it.

        Args:
            kinds: which count.
            at: the moment.
            days: how many days, its own included.
        """
        last = at.date()
        first = last - timedelta(days=days - 1)
        return sum(
            first <= t.at.astimezone(at.tzinfo).date() <= last for t in self.sent.values() if t.kind in kinds
        )

    def opening(self, at: datetime, rules: ContactRules) -> datetime | None:
        """Return when he may be reached from a moment on; the moment itself where he may be now (CORE-46).

        Args:
            at: the moment.
            rules: with the quiet hours of those who named no window.
        """
        own = at if self.time_zone is None else at.astimezone(zone(self.time_zone))
        windows = self.windows or (Window(EVERY_DAY, hour_of(rules.quiet_until), hour_of(rules.quiet_from)),)
        found = next_opening(windows, own)
        return None if found is None else found.astimezone(at.tzinfo)


messages = Facet("core.messages", Messages, reads=(consents,), title=Label("Messages", "消息"))


@messages.evolve
def _preferred(s: Messages, e: ContactPreferenceSet) -> None:
    s.windows = read_windows(e.windows) if isinstance(e.windows, str) else ()
    s.time_zone = e.time_zone if isinstance(e.time_zone, str) else None
    s.channels, s.do_not_contact = e.channels, e.do_not_contact


@messages.evolve
def _targeted(s: Messages, e: CampaignTargeted) -> None:
    s.versions[e.campaign] = e.version


@messages.evolve
def _sent(s: Messages, e: MessageSent, at: datetime) -> None:
    s.sent[e.message] = Touch(at, e.kind, e.channel)
    s.queued.pop(e.message, None)
    s.withheld.pop(e.message, None)


@messages.evolve
def _queued(s: Messages, e: MessageQueued, at: datetime) -> None:
    s.queued[e.message] = at


@messages.evolve
def _withheld(s: Messages, e: MessageWithheld) -> None:
    s.withheld[e.message] = e.reason


@messages.evolve
def _delivered(s: Messages, e: DeliveryReported) -> None:
    s.delivery[e.message] = e.outcome


@messages.decide
def _prefer(s: Messages, c: SetContactPreference, now: Now) -> Iterator[Fact]:
    yield ContactPreferenceSet(
        windows=c.windows, time_zone=c.time_zone, channels=c.channels, do_not_contact=c.do_not_contact
    )


@messages.decide
def _send(s: Messages, c: SendMessage, now: Now) -> Iterator[Fact]:
    if c.message in s.sent:
        raise Conflict(
            "source_conflict",
            f"the message {c.message} went out already",
            zh=f"消息 {c.message} 已发送",
            rule="CORE-45",
            accepts="another number",
        )
    if c.care_item is not None and c.care_item.partition("/")[0] == WEEKLY:
        _sent_by_a_person(c, now)
    version = c.campaign_version
    if version is None and c.campaign is not None:
        version = s.versions.get(c.campaign)
    about = c.kind in _ADVERTISING
    told: dict[str, Any] = {
        "message": c.message,
        "kind": c.kind,
        "channel": c.channel,
        "template": c.template,
        "campaign": c.campaign,
        "campaign_version": version,
        "care_item": c.care_item,
        "promotion": c.promotion,
        "sender": c.sender,
        "bulk": c.bulk,
        "contact_point": c.contact_point,
        "content": c.content if about else None,
        "notice": None if about else c.content,
    }
    if now.happened or obstacle(s, c.message, c.kind, c.channel, now) is None:
        yield MessageSent(**told)
    else:
        yield MessageQueued(**told)


@messages.decide
def _report(s: Messages, c: ReportDelivery, now: Now) -> Iterator[Fact]:
    if c.message not in s.sent:
        raise Unknown(
            "unknown_code",
            f"no message {c.message} went out to this customer",
            zh=f"未向该客户发送过消息 {c.message}",
            rule="CORE-79",
            accepts="the number of a message that went out",
        )
    yield DeliveryReported(message=c.message, outcome=c.outcome)


@messages.react("CORE-45")
def _withhold(s: Messages, e: MessageQueued, now: Now) -> Iterator[Decision]:
    found = obstacle(s, e.message, e.kind, e.channel, now)
    if found is not None:
        yield found


def obstacle(s: Messages, message: str, kind: str, channel: str, now: Now) -> MessageWithheld | None:
    """Return why a message may not go out at a moment, or None.

    Args:
        s: what was sent, and how he wants to be reached.
        message: its number.
        kind: of which kind it is.
        channel: by which it is to go.
        now: of the handler that asks.
    """
    if kind not in OURS:
        return None
    if s.do_not_contact:
        return _because(message, "do_not_contact")
    if s.channels and channel not in s.channels:
        return _because(message, "channel_not_wanted")
    if kind == MARKETING and not now.of(Consents).allows(MARKETING, channel):
        return _because(message, "consent_missing")
    rules = now.rules(ContactRules)
    today = s.touches(OURS, now.at, 1)
    if today >= rules.touches_a_day:
        return _too_many(message, "over_contact_day", today, rules.touches_a_day)
    marketed = s.touches((MARKETING,), now.at, rules.marketing_days)
    if kind == MARKETING and marketed >= rules.marketing_touches:
        return _too_many(message, "over_contact_month", marketed, rules.marketing_touches)
    opens = s.opening(now.at, rules)
    if opens != now.at:
        return MessageWithheld(message=message, reason="outside_window", deferred_until=opens)
    return None


def _because(message: str, reason: WithheldReason) -> MessageWithheld:
    return MessageWithheld(message=message, reason=reason)


def _too_many(message: str, reason: WithheldReason, touches: int, allowed: int) -> MessageWithheld:
    return MessageWithheld(message=message, reason=reason, combinable=True, touches=touches, allowed=allowed)


def _sent_by_a_person(c: SendMessage, now: Now) -> None:
    if c.sender is None:
        now.forbid(
            Incomplete(
                "named_person_missing",
                "the weekly message is sent by a named person",
                zh="每周问候须由具体人员发出",
                rule="CORE-43",
                accepts="sender=...",
            ),
        )
