"""The audience of a channel: cardholders for messages and letters, purchasers for events; and who of them is left out (RET-32)."""

from __future__ import annotations

from typing import Literal

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi_retail.care.people import PEOPLE, people_at
from guanxi_retail.reporting import ACCOUNT, account_of, option


@attrs.frozen
class AudienceParameters:
    """For which channel."""

    channel: Literal["message", "letter", "event"] = option(
        "message", Label("message, letter or event", "短信、信函或活动")
    )


def _build(reader: Reader, parameters: AudienceParameters, asked: Asked) -> Content:
    account, now, rows = account_of(reader), asked.as_of, []
    for one in people_at(reader, asked):
        belongs = one.bought_by(now) if parameters.channel == "event" else one.card_since(now)
        if belongs is not None and one.is_open(now):
            rows.append((account(one.stream), asked.day_of(belongs[1]), one.silence(now)))
    rows.sort(key=lambda row: row[0])
    left_out = sum(reason is not None for *_, reason in rows)
    return Content(rows, [(AUDIENCE, str(len(rows))), (LEFT_OUT, str(left_out))])


AUDIENCE, LEFT_OUT = Label("audience", "受众"), Label("of them suppressed", "其中不发送")

audience = Report(
    name="retail.care_audience",
    title=Label("Audience of a channel", "渠道受众"),
    reads=(files, *PEOPLE),
    columns=(
        ACCOUNT,
        Column("since", Label("Since", "起始"), "date"),
        Column("suppressed", Label("Suppressed", "不发送原因"), "code"),
    ),
    build=_build,
    parameters=AudienceParameters,
    rules=("RET-32",),
)
