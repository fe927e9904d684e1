"""Read models of the customer relationship."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows
from guanxi.relationship.customer_file import (
    FileOpened,
    ProfileFactRecorded,
    RelationshipClosed,
    RelationshipReopened,
)


@attrs.define
class FileRow:
    """One customer file in the register."""

    account: str = ""
    party: str = ""
    name: str | Erased | None = personal("identity", default=None)  # noqa: RUF009 - an attrs field, not a default
    source_channel: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    exit_reason: str | None = None


files = ReadModel("core.files", FileRow, title=Label("Customer files", "客户档案"))


@files.on
def _opened(rows: Rows[FileRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.party, row.name, row.source_channel, row.opened_on = (
        e.account,
        e.party,
        e.name,
        e.source_channel,
        at.date(),
    )


@files.on
def _fact(rows: Rows[FileRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == "name":
        rows[()].name = e.value


@files.on
def _closed(rows: Rows[FileRow], e: RelationshipClosed, at: datetime) -> None:
    row = rows[()]
    row.closed_on, row.exit_reason = at.date(), e.reason_code


@files.on
def _reopened(rows: Rows[FileRow], e: RelationshipReopened, at: datetime) -> None:
    row = rows[()]
    row.closed_on = row.exit_reason = None
