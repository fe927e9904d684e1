"""Tables of stages, key persons and returns, for questions about many customers."""

from __future__ import annotations

from datetime import date, datetime
from typing import get_args

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.kernel.times import stamp
from guanxi.relationship.care.events import GatheringAttended
from guanxi.relationship.file.events import (
    FileOpened,
    ProfileFactRecorded,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.people.events import (
    ContactPersonLeft,
    ContactPersonNamed,
    LifecycleStage,
    LifecycleStageChanged,
    WinBackAttempted,
)
from guanxi.relationship.pipeline.events import ActionRecorded

ORDER = get_args(LifecycleStage)
"""The stages in the order in which they come where two changes are of one moment."""
JOINING_CAUSE = "joining_cause"
"""The profile field under which it is recorded why a customer came to us (CORE-61)."""


@attrs.define
class StageRow:
    """A change of stage."""

    changed_on: str = column(key=True)
    after: str = column(key=True)
    at: datetime | None = None
    before: str = ""
    cause: str = ""
    win_back: str | None = None
    rank: int = 0


stages = ReadModel("core.stages", StageRow, title=Label("Changes of stage", "阶段变更"))


@stages.on
def _changed(rows: Rows[StageRow], e: LifecycleStageChanged, at: datetime) -> None:
    row = rows[e.changed_on.isoformat(), e.after]
    row.at, row.before, row.cause, row.win_back = at, e.before, e.cause, e.win_back
    row.rank = ORDER.index(e.after)


@attrs.define
class RelationRow:
    """How a relationship began and ended."""

    account: str = ""
    party: str = ""
    opened_on: date | None = None
    source_channel: str = ""
    joining_cause: str | Erased | None = personal("preference", default=None)  # noqa: RUF009 - an attrs field
    exit_reason: str | None = None
    exit_kind: str | None = None


relations = ReadModel("core.relations", RelationRow, title=Label("Beginnings and ends", "加入与退出"))


@relations.on
def _opened(rows: Rows[RelationRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.party, row.opened_on, row.source_channel = (
        e.account,
        e.party,
        at.date(),
        e.source_channel,
    )


@relations.on
def _came(rows: Rows[RelationRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == JOINING_CAUSE:
        rows[()].joining_cause = e.value


@relations.on
def _closed(rows: Rows[RelationRow], e: RelationshipClosed, at: datetime) -> None:
    row = rows[()]
    row.exit_reason, row.exit_kind = e.reason_code, e.exit_kind


@relations.on
def _reopened(rows: Rows[RelationRow], e: RelationshipReopened, at: datetime) -> None:
    row = rows[()]
    row.exit_reason = row.exit_kind = None


@attrs.define
class WinBackRow:
    """An attempt to win a customer back."""

    attempt: str = column(key=True)
    at: datetime | None = None
    by: str = ""
    channel: str | None = None


win_backs = ReadModel("core.win_backs", WinBackRow, title=Label("Attempts to win back", "挽回尝试"))


@win_backs.on
def _attempted(rows: Rows[WinBackRow], e: WinBackAttempted, at: datetime) -> None:
    row = rows[e.attempt]
    row.at, row.by, row.channel = at, e.by, e.channel


@attrs.define
class ContactPersonRow:
    """What was said of a contact person at a moment: that he is one, a key person or not, or that he left."""

    person: str = column(key=True)
    moment: str = column(key=True)
    at: datetime | None = None
    key_person: bool = False
    gone: bool = False


contact_people = ReadModel("core.contact_people", ContactPersonRow, title=Label("Contact persons", "联系人"))


@contact_people.on
def _named(rows: Rows[ContactPersonRow], e: ContactPersonNamed, at: datetime) -> None:
    row = rows[e.person, stamp(at)]
    row.at, row.key_person, row.gone = at, e.key_person, False


@contact_people.on
def _left(rows: Rows[ContactPersonRow], e: ContactPersonLeft, at: datetime) -> None:
    row = rows[e.person, stamp(at)]
    row.at, row.key_person, row.gone = at, False, True


@attrs.define
class ActionDayRow:
    """The first and last action of a day that was about this customer alone."""

    day: str = column(key=True)
    first: datetime | None = None
    last: datetime | None = None


action_days = ReadModel("core.action_days", ActionDayRow, title=Label("Days of actions", "行动日期"))


@action_days.on
def _acted(rows: Rows[ActionDayRow], e: ActionRecorded, at: datetime) -> None:
    if not e.bulk:
        row = rows[at.date().isoformat()]
        row.first, row.last = row.first or at, at


@attrs.define
class MeetingRow:
    """A day on which people of the customer took part in a summit or a mutual visit."""

    kind: str = column(key=True)
    held_on: str = column(key=True)


meetings = ReadModel(
    "core.key_meetings", MeetingRow, title=Label("Summits and mutual visits", "高层会晤与互访")
)


@meetings.on
def _met(rows: Rows[MeetingRow], e: GatheringAttended, at: datetime) -> None:
    if e.kind in ("summit", "mutual_visit"):
        rows[e.kind, e.held_on.isoformat()]


READ_MODELS = (stages, relations, win_backs, contact_people, action_days, meetings)
