"""Read models of customer files: who is on file, what is known of each, how each is reached, what belongs together."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.file.events import (
    ContactPointRecorded,
    ContactPointRetired,
    DuplicateDismissed,
    DuplicateSuspected,
    FileOpened,
    FilesMerged,
    IdentifierRecorded,
    MergeUndone,
    PartyLinked,
    PartyUnlinked,
    ProfileFactRecorded,
    ProfileVerified,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.file.spans import begun, ended
from guanxi.relationship.grading.events import IMPORTANCE, ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.people.events import LifecycleStageChanged


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


@attrs.define
class ProfileRow:
    """A field of a file as it stands: a profile fact, ``name``, or ``identifier.`` and its scheme (CORE-09)."""

    field_name: str = column(key=True)
    value: str | Erased | None = personal("identity", default=None)  # noqa: RUF009
    unit: str | None = None
    stated_at: datetime | None = None


profile = ReadModel("core.profile", ProfileRow, title=Label("Profile", "客户资料"))


@profile.on
def _named(rows: Rows[ProfileRow], e: FileOpened, at: datetime) -> None:
    if e.name is not None:
        row = rows["name"]
        row.value, row.stated_at = e.name, at


@profile.on
def _stated(rows: Rows[ProfileRow], e: ProfileFactRecorded, at: datetime) -> None:
    row = rows[e.field_name]
    row.value, row.unit, row.stated_at = e.value, e.unit, at


@profile.on
def _identified(rows: Rows[ProfileRow], e: IdentifierRecorded, at: datetime) -> None:
    row = rows[f"identifier.{e.scheme}"]
    row.value, row.stated_at = e.value, at


@attrs.define
class ContactRow:
    """A contact point, and from when until when it led to the party (CORE-15).

    A survivor that retires an absorbed file's point has a row that only says until when.
    """

    point: str = column(key=True)
    type: str = ""
    value: str | Erased | None = personal("contact", default=None)  # noqa: RUF009
    since: datetime | None = None
    until: datetime | None = None


contact_points = ReadModel("core.contact_points", ContactRow, title=Label("Contact points", "联系方式"))


@contact_points.on
def _reached(rows: Rows[ContactRow], e: ContactPointRecorded, at: datetime) -> None:
    row = rows[e.point]
    if row.since is None or row.until is not None:
        row.since, row.until = at, None
    row.type, row.value = e.type, e.value


@contact_points.on
def _lost(rows: Rows[ContactRow], e: ContactPointRetired, at: datetime) -> None:
    row = rows[e.point]
    row.type, row.value, row.until = e.type, e.value, at


@attrs.define
class ElementRow:
    """What a file is grouped by (report 1)."""

    party: str = ""
    source_channel: str = ""
    industry: str | Erased | None = personal("identity", default=None)  # noqa: RUF009
    region: str | Erased | None = personal("identity", default=None)  # noqa: RUF009
    stage: str = "new"
    grade: str | None = None
    importance: str | None = None


elements = ReadModel("core.elements", ElementRow, title=Label("Basic elements", "客户基本元素"))


@elements.on
def _begun(rows: Rows[ElementRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.party, row.source_channel = e.party, e.source_channel


@elements.on
def _element(rows: Rows[ElementRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == "industry":
        rows[()].industry = e.value
    elif e.field_name == "region":
        rows[()].region = e.value


@elements.on
def _staged(rows: Rows[ElementRow], e: LifecycleStageChanged, at: datetime) -> None:
    rows[()].stage = e.after


@elements.on
def _graded(rows: Rows[ElementRow], e: GradeSet | GradeOverridden | ClassStated, at: datetime) -> None:
    row = rows[()]
    row.grade = e.grade
    if e.scheme == IMPORTANCE:
        row.importance = e.grade


@attrs.define
class ChangeRow:
    """A day on which a file was changed or verified (CORE-10)."""

    on: str = column(key=True)
    at: datetime | None = None
    verified: bool = False


changes = ReadModel("core.file_changes", ChangeRow, title=Label("Changes of files", "档案变动"))


@changes.on
def _changed(
    rows: Rows[ChangeRow],
    e: FileOpened | ProfileFactRecorded | ContactPointRecorded | ContactPointRetired | IdentifierRecorded,
    at: datetime,
) -> None:
    row = rows[at.date().isoformat()]
    row.at, row.verified = at, False


@changes.on
def _verified(rows: Rows[ChangeRow], e: ProfileVerified, at: datetime) -> None:
    row = rows[at.date().isoformat()]
    if row.at is None:
        row.verified = True
    row.at = at


@attrs.define
class MergeRow:
    """A pair of files that was merged, in the survivor's stream, with the spans in which it was (CORE-13)."""

    absorbed: str = column(key=True)
    spans: str = ""
    maintainer: str | None = None


merged_files = ReadModel("core.merged_files", MergeRow, title=Label("Merged files", "合并档案"))


@merged_files.on
def _merged(rows: Rows[MergeRow], e: FilesMerged, at: datetime) -> None:
    if e.here == "survivor":
        row = rows[e.absorbed]
        row.spans, row.maintainer = begun(row.spans, at), e.maintainer


@merged_files.on
def _undone(rows: Rows[MergeRow], e: MergeUndone, at: datetime) -> None:
    if e.here == "survivor":
        row = rows[e.absorbed]
        row.spans = ended(row.spans, at)


@attrs.define
class AbsorbedRow:
    """A file into which this one was merged, with the spans in which it was, in the absorbed file's stream (CORE-13)."""

    survivor: str = column(key=True)
    spans: str = ""


absorbed_files = ReadModel("core.absorbed_files", AbsorbedRow, title=Label("Absorbed files", "被并档案"))


@absorbed_files.on
def _absorbed(rows: Rows[AbsorbedRow], e: FilesMerged, at: datetime) -> None:
    if e.here == "absorbed":
        row = rows[e.survivor]
        row.spans = begun(row.spans, at)


@absorbed_files.on
def _released(rows: Rows[AbsorbedRow], e: MergeUndone, at: datetime) -> None:
    if e.here == "absorbed":
        row = rows[e.survivor]
        row.spans = ended(row.spans, at)


@attrs.define
class SuspicionRow:
    """Another file of which this one is suspected, or dismissed, to be a duplicate (CORE-12)."""

    other: str = column(key=True)
    level: str = column(key=True)
    evidence: str = ""
    since: datetime | None = None
    suspected: bool = True


DISMISSED = "dismissed"
LEVELS = ("certain", "probable")

suspicions = ReadModel("core.suspicions", SuspicionRow, title=Label("Suspected duplicates", "疑似重复"))


@suspicions.on
def _suspected(rows: Rows[SuspicionRow], e: DuplicateSuspected, at: datetime) -> None:
    row = rows[e.other, e.level]
    row.evidence, row.since, row.suspected = ", ".join(e.evidence), at, True


@suspicions.on
def _dismissed(rows: Rows[SuspicionRow], e: DuplicateDismissed, at: datetime) -> None:
    row = rows[e.other, DISMISSED]
    row.evidence, row.since, row.suspected = ", ".join(e.evidence), at, False
    for level in LEVELS:
        rows[e.other, level].suspected = False


@attrs.define
class TieRow:
    """A relation to another file, in the member's stream, with the spans in which it was in force (CORE-14)."""

    link_type: str = column(key=True)
    other: str = column(key=True)
    spans: str = ""
    share: Decimal | None = column(default=None, scale=6)  # noqa: RUF009


ties = ReadModel("core.ties", TieRow, title=Label("Relations between parties", "主体关系"))


@ties.on
def _linked(rows: Rows[TieRow], e: PartyLinked, at: datetime) -> None:
    row = rows[e.link_type, e.other]
    row.spans, row.share = begun(row.spans, at), e.share


@ties.on
def _unlinked(rows: Rows[TieRow], e: PartyUnlinked, at: datetime) -> None:
    row = rows[e.link_type, e.other]
    row.spans = ended(row.spans, at)
