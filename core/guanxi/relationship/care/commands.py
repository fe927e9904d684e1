"""What people tell about contact and care, or order: checked for its form here, and for its sense by the facets."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import attrs

from guanxi.kernel.messages import Command, command, field
from guanxi.kernel.times import zone
from guanxi.kernel.values import Money
from guanxi.relationship.care.checks import not_negative
from guanxi.relationship.care.events import (
    ConsentPurpose,
    DeliveryOutcome,
    GatheringKind,
    MessageKind,
)
from guanxi.relationship.care.windows import read_windows
from guanxi.relationship.checks import named, named_or_none, one_of

_PURPOSES, _KINDS = get_args(ConsentPurpose), get_args(MessageKind)


def _readable_windows(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None:
        read_windows(value)


def _known_zone(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None:
        zone(value)


@command("core.set_contact_preference")
class SetContactPreference(Command):
    """Record when and how the customer may be reached; it takes the place of what was set before (CORE-46).

    Args:
        windows: such as ``mon-fri 09:30-18:00; sat,sun 20:00-03:00``; None for no window of his own.
        time_zone: the customer's IANA zone, if not the programme's.
        channels: the only channels he wants; empty for all.
        do_not_contact: whether he is not to be contacted on our own account at all.
    """

    windows: str | None = field(default=None, validator=_readable_windows)
    time_zone: str | None = field(default=None, validator=_known_zone)
    channels: tuple[str, ...] = field(default=())
    do_not_contact: bool = field(default=False)


@command("core.send_message")
class SendMessage(Command):
    """Send a message, or tell of one that was sent; one that may not go out now is kept and withheld (CORE-45, 46, 74).

    Args:
        message: its number; that of a withheld one to try it again.
        kind: ``marketing``, ``greeting``, ``service``, ``reply``, ``complaint_notice``, ``order_notice`` or ``legal_notice``.
        channel: how it goes out, such as ``sms``.
        template: which wording.
        campaign: the campaign it belongs to.
        campaign_version: version of the campaign's plan; that under which the customer was targeted if not given.
        care_item: what it fulfils, such as ``birthday/2025``, ``festival/2025-10-01`` or ``weekly/2025-06-13``.
        promotion: kind of promotion, such as ``gift``.
        sender: the person who sends it.
        bulk: whether it goes to many in the same words.
        contact_point: number or address it goes to.
        content: its text.
    """

    message: str = field(validator=named)
    kind: MessageKind = field(default="marketing", validator=one_of(*_KINDS))
    channel: str = field(default="sms", validator=named)
    template: str | None = field(default=None, validator=named_or_none)
    campaign: str | None = field(default=None, validator=named_or_none)
    campaign_version: int | None = field(default=None)
    care_item: str | None = field(default=None, validator=named_or_none)
    promotion: str | None = field(default=None, validator=named_or_none)
    sender: str | None = field(default=None, validator=named_or_none)
    bulk: bool = field(default=False)
    contact_point: str | None = field(default=None, validator=named_or_none)
    content: str | None = field(default=None)


@command("core.report_delivery")
class ReportDelivery(Command):
    """Tell what became of a message (CORE-79).

    Args:
        message: its number.
        outcome: ``delivered``, ``failed``, ``thrown_away`` or ``deleted``.
    """

    message: str = field(validator=named)
    outcome: DeliveryOutcome = field(validator=one_of(*get_args(DeliveryOutcome)))


@command("core.give_gift")
class GiveGift(Command):
    """Give the customer a gift (CORE-42).

    Args:
        gift: its number.
        care_item: what it is given for, such as ``festival/2025-10-01``.
        campaign: the campaign it belongs to.
        value: what it is worth.
        given_by: who gives it.
        content: what it is.
    """

    gift: str = field(validator=named)
    care_item: str | None = field(default=None, validator=named_or_none)
    campaign: str | None = field(default=None, validator=named_or_none)
    value: Money | None = field(default=None, validator=not_negative)
    given_by: str | None = field(default=None, validator=named_or_none)
    content: str | None = field(default=None)


@command("core.hold_gathering")
class HoldGathering(Command):
    """Record a gathering in a stream of its own, whose id is the command's subject (CORE-42).

    Args:
        kind: ``customer_conference``, ``summit``, ``mutual_visit``, ``review_meeting`` or ``store_event``.
        held_on: the day; that of the entry if not given.
        minutes: number of the minutes.
        measures: what was agreed on.
    """

    kind: GatheringKind = field(validator=one_of(*get_args(GatheringKind)))
    held_on: date | None = field(default=None)
    minutes: str | None = field(default=None)
    measures: str | None = field(default=None)


@command("core.attend_gathering")
class AttendGathering(Command):
    """Record that the customer took part in a gathering (CORE-42, CORE-18).

    Args:
        gathering: its id.
        kind: as in ``HoldGathering``.
        held_on: the day; that of the entry if not given.
        person: who came, if not the customer.
    """

    gathering: str = field(validator=named)
    kind: GatheringKind = field(validator=one_of(*get_args(GatheringKind)))
    held_on: date | None = field(default=None)
    person: str | None = field(default=None, validator=named_or_none)


@command("core.give_consent")
class GiveConsent(Command):
    """Record that the customer agrees to a purpose on a channel (CORE-74).

    Args:
        wording_version: version of the wording he agreed to.
        purpose: ``marketing``, ``profiling``, ``passing_on`` or ``sensitive``.
        channel: such as ``sms``; ``any`` for every channel.
        evidence: what shows it.
        guardian: who consents for a child.
    """

    wording_version: str = field(validator=named)
    purpose: ConsentPurpose = field(default="marketing", validator=one_of(*_PURPOSES))
    channel: str = field(default="any", validator=named)
    evidence: str | None = field(default=None)
    guardian: str | None = field(default=None, validator=named_or_none)


@command("core.withdraw_consent", after_closing=True)
class WithdrawConsent(Command):
    """Record that the customer no longer agrees (CORE-74).

    One entered after messages of the meantime is told as already happened, so that these are flagged and nothing is refused.

    Args:
        purpose: as in ``GiveConsent``.
        channel: such as ``sms``; ``any`` for every channel.
        evidence: what shows it.
    """

    purpose: ConsentPurpose = field(default="marketing", validator=one_of(*_PURPOSES))
    channel: str = field(default="any", validator=named)
    evidence: str | None = field(default=None)


@command("core.note_age_band", after_closing=True)
class NoteAgeBand(Command):
    """Note into which age band the customer falls this year (CORE-96)."""


COMMANDS = (
    NoteAgeBand,
    SetContactPreference,
    SendMessage,
    ReportDelivery,
    GiveGift,
    HoldGathering,
    AttendGathering,
    GiveConsent,
    WithdrawConsent,
)
