"""Letters once per campaign period, store events every one to two months, and who they are for (RET-32)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from guanxi import Asked, DueItem, Reader, add_months, midnight, midnight_after
from guanxi.relationship.care.read_models import gathering_rows, touches
from guanxi_retail.care.read_models import campaign_periods, first_purchases
from guanxi_retail.care.rules import CareRules

STORE_EVENT = "store_event"
GATHERINGS = "gatherings"
"""Stands for the shop itself as what store events are due for."""

LETTERS = "letters"

Items = Iterator[tuple[str, DueItem]]


def letter_runs(reader: Reader, asked: Asked) -> Items:
    """Yield the letters of each campaign, due within its days and done with the first one.

    Args:
        reader: at the cut, over campaign periods and messages.
        asked: the cut.
    """
    channel = asked.rules(CareRules).letter_channel
    first: dict[str, list[datetime]] = {}
    for _, row in reader.rows(touches):
        if row.channel == channel and row.campaign is not None and row.sent_at is not None:
            sent = asked.local(row.sent_at)
            first.setdefault(row.campaign, []).append(sent)
    zone = asked.as_of.tzinfo
    for stream, campaign in reader.rows(campaign_periods):
        if campaign.planned_at is None:
            continue
        begins = campaign.starts_on or asked.day_of(campaign.planned_at)
        ends = [campaign.ends_on] if campaign.ends_on is not None else []
        if campaign.ended_at is not None:
            ends.append(asked.day_of(campaign.ended_at))
        since = midnight(begins, zone)
        until = midnight_after(max(min(ends), begins), zone) if ends else None
        planned = asked.known_from(stream, "core.campaign_planned", campaign.planned_at, imported=True)
        if since > asked.as_of or (until is not None and planned >= until):
            continue
        yield (
            stream,
            DueItem(
                key=f"{LETTERS}/{begins.isoformat()}",
                since=since,
                until=until,
                done_at=min((at for at in first.get(stream, ()) if at >= since), default=None),
                about=stream,
            ),
        )


def store_events(reader: Reader, asked: Asked) -> Items:
    """Yield the next face-to-face event after each one, and the first after the first purchase.

    Args:
        reader: at the cut, over gatherings and first purchases.
        asked: the cut.
    """
    bought = sorted((row.at, stream) for stream, row in reader.rows(first_purchases) if row.at is not None)
    held = sorted(
        row.held_on
        for _, row in reader.rows(gathering_rows)
        if row.kind == STORE_EVENT and row.held_on is not None
    )
    if not bought and not held:
        return
    zone = asked.as_of.tzinfo
    starts = held
    if bought:
        # Of a purchase that an import told of nobody knew before.
        at, stream = bought[0]
        first = asked.day_of(asked.known_from(stream, "retail.purchase_recorded", at, imported=True))
        starts = held if held and held[0] <= first else [first, *held]
    for place, day in enumerate(starts):
        rules = asked.rules_at(CareRules, midnight(day, zone))
        opens = add_months(day, rules.event_months_least)
        last = add_months(day, max(rules.event_months_most, rules.event_months_least))
        following = starts[place + 1] if place + 1 < len(starts) else None
        if following is not None and following < opens:
            continue  # the next one was held before this one's time had come, and counts from there
        yield (
            GATHERINGS,
            DueItem(
                key=f"{STORE_EVENT}/{day.isoformat()}",
                since=midnight(opens, zone),
                until=midnight_after(last, zone),
                done_at=None if following is None else midnight(following, zone),
                about=day.isoformat(),
            ),
        )
