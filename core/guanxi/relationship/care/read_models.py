"""Read models of contact and care: dates and amounts, never what passing time makes of them."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.care.events import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactPreferenceSet,
    DeliveryReported,
    GatheringHeld,
    GiftGiven,
    MessageQueued,
    MessageSent,
    MessageWithheld,
)
from guanxi.relationship.dealings.events import GoodsDelivered, ReceiptRecorded
from guanxi.relationship.file.events import (
    FileOpened,
    ProfileFactRecorded,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.grading.events import ClassStated, GradeOverridden, GradeSet
from guanxi.relationship.grading.importance import GRADED, OVERRIDDEN, STATED
from guanxi.relationship.people.events import LifecycleStageChanged
from guanxi.relationship.pipeline.events import ActionRecorded

FILE, STAGE, NO_CONTACT, CONSENT, PROFILE = (
    "file",
    "stage",
    "do_not_contact",
    "consent",
    "profile",
)
OPEN, YES, NO = "open", "yes", "no"


# Who is who


@attrs.define
class PersonRow:
    """What care has to know of a customer by name."""

    account: str = ""
    party: str = ""
    opened_at: datetime | None = None
    name: str | Erased | None = personal("identity", default=None)  # noqa: RUF009 - an attrs field, not a default


people = ReadModel("core.care_people", PersonRow, title=Label("Customers cared for", "关怀对象"))


@people.on
def _opened(rows: Rows[PersonRow], e: FileOpened, at: datetime) -> None:
    row = rows[()]
    row.account, row.party, row.opened_at, row.name = e.account, e.party, at, e.name


@people.on
def _renamed(rows: Rows[PersonRow], e: ProfileFactRecorded, at: datetime) -> None:
    if e.field_name == "name":
        rows[()].name = e.value


# How a customer stood, and from when on


@attrs.define
class StandingRow:
    """Something that held of a customer from a moment on: a code of ours, or a value of his profile."""

    what: str = column(key=True)
    about: str = column(key=True)
    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    code: str | None = None
    value: str | Erased | None = personal("preference", default=None)  # noqa: RUF009 - an attrs field, not a default


standings = ReadModel(
    "core.care_standings", StandingRow, title=Label("Standing of customers", "客户状况沿革")
)


@standings.on
def _file_opened(rows: Rows[StandingRow], e: FileOpened, at: datetime) -> None:
    rows[FILE, "", at].code = OPEN


@standings.on
def _file_closed(rows: Rows[StandingRow], e: RelationshipClosed, at: datetime) -> None:
    rows[FILE, "", at].code = e.reason_code


@standings.on
def _file_reopened(rows: Rows[StandingRow], e: RelationshipReopened, at: datetime) -> None:
    rows[FILE, "", at].code = OPEN


@standings.on
def _stage(rows: Rows[StandingRow], e: LifecycleStageChanged, at: datetime) -> None:
    rows[STAGE, "", at].code = e.after


@standings.on
def _preferred(rows: Rows[StandingRow], e: ContactPreferenceSet, at: datetime) -> None:
    rows[NO_CONTACT, "", at].code = YES if e.do_not_contact else NO


@standings.on
def _agreed(rows: Rows[StandingRow], e: ConsentGiven, at: datetime) -> None:
    rows[f"{CONSENT}/{e.purpose}", e.channel, at].code = YES


@standings.on
def _withdrew(rows: Rows[StandingRow], e: ConsentWithdrawn, at: datetime) -> None:
    rows[f"{CONSENT}/{e.purpose}", e.channel, at].code = NO


@standings.on
def _stated(rows: Rows[StandingRow], e: ProfileFactRecorded, at: datetime) -> None:
    rows[PROFILE, e.field_name, at].value = e.value


@attrs.define
class GradeRow:
    """A class that was given, set or stated at a moment."""

    scheme: str = column(key=True)
    how: str = column(key=True)
    source: str = column(key=True)
    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    grade: str = ""
    since: date = date.min
    until: date | None = None


grades = ReadModel("core.care_grades", GradeRow, title=Label("Classes over time", "客户类别沿革"))


@grades.on
def _graded(rows: Rows[GradeRow], e: GradeSet, at: datetime) -> None:
    row = rows[e.scheme, GRADED, "", at]
    row.grade, row.since = e.grade, at.date()


@grades.on
def _overridden(rows: Rows[GradeRow], e: GradeOverridden, at: datetime) -> None:
    row = rows[e.scheme, OVERRIDDEN, "", at]
    row.grade, row.since, row.until = e.grade, at.date(), e.until


@grades.on
def _classed(rows: Rows[GradeRow], e: ClassStated, at: datetime) -> None:
    row = rows[e.scheme, STATED, e.plugin, at]
    row.grade, row.since, row.until = e.grade, e.since, e.until


# What reached him


@attrs.define
class TouchRow:
    """A message, sent or waiting."""

    message: str = column(key=True)
    kind: str = ""
    channel: str = ""
    template: str | None = None
    campaign: str | None = None
    campaign_version: int | None = None
    care_item: str | None = None
    promotion: str | None = None
    sender: str | None = None
    bulk: bool = False
    queued_at: datetime | None = None
    sent_at: datetime | None = None
    withheld: str | None = None
    combinable: bool = False
    deferred_until: datetime | None = None
    outcome: str | None = None
    outcome_at: datetime | None = None


touches = ReadModel("core.touches", TouchRow, title=Label("Messages to customers", "客户消息"))


@touches.on
def _message(rows: Rows[TouchRow], e: MessageSent | MessageQueued, at: datetime) -> None:
    row = rows[e.message]
    row.kind, row.channel, row.template, row.campaign = e.kind, e.channel, e.template, e.campaign
    row.campaign_version, row.care_item, row.promotion = e.campaign_version, e.care_item, e.promotion
    row.sender, row.bulk = e.sender, e.bulk
    if isinstance(e, MessageQueued):
        row.queued_at = row.queued_at or at
    else:
        row.sent_at = at


@touches.on
def _not_sent(rows: Rows[TouchRow], e: MessageWithheld, at: datetime) -> None:
    row = rows[e.message]
    row.withheld, row.combinable, row.deferred_until = e.reason, e.combinable, e.deferred_until


@touches.on
def _reported(rows: Rows[TouchRow], e: DeliveryReported, at: datetime) -> None:
    row = rows[e.message]
    row.outcome, row.outcome_at = e.outcome, at


@attrs.define
class GiftRow:
    """A gift."""

    gift: str = column(key=True)
    given_at: datetime | None = None
    care_item: str | None = None
    campaign: str | None = None
    value: str | None = None
    given_by: str | None = None


gifts = ReadModel("core.gifts", GiftRow, title=Label("Gifts", "礼品"))


@gifts.on
def _gift(rows: Rows[GiftRow], e: GiftGiven, at: datetime) -> None:
    row = rows[e.gift]
    row.given_at, row.care_item, row.campaign, row.given_by = at, e.care_item, e.campaign, e.given_by
    row.value = None if e.value is None else str(e.value)


@attrs.define
class ContactRow:
    """A contact that counts for the density of contact (CORE-44)."""

    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default
    kind: str = ""


contacts = ReadModel("core.care_contacts", ContactRow, title=Label("Qualifying contacts", "有效联络"))

_VISIT = "visit"
_PERSONAL = ("marketing", "greeting", "service", "reply")


@contacts.on
def _acted(rows: Rows[ContactRow], e: ActionRecorded, at: datetime) -> None:
    if (e.two_way or e.kind == _VISIT) and not e.bulk:
        rows[at].kind = e.kind


@contacts.on
def _wrote(rows: Rows[ContactRow], e: MessageSent, at: datetime) -> None:
    if not e.bulk and e.kind in _PERSONAL:
        rows[at].kind = e.kind


DELIVERY, RECEIPT = "delivery", "receipt"


@attrs.define
class SupplyRow:
    """A delivery to the customer, or a receipt from him."""

    what: str = column(key=True)
    at: datetime = column(key=True)  # noqa: RUF009 - an attrs field, not a default


supplies = ReadModel("core.care_supplies", SupplyRow, title=Label("Deliveries and receipts", "送货与收款"))


@supplies.on
def _supplied(rows: Rows[SupplyRow], e: GoodsDelivered, at: datetime) -> None:
    rows[DELIVERY, at].at = at


@supplies.on
def _received(rows: Rows[SupplyRow], e: ReceiptRecorded, at: datetime) -> None:
    rows[RECEIPT, at].at = at


# Gatherings


@attrs.define
class GatheringRow:
    """A gathering."""

    gathering: str = ""
    kind: str = ""
    held_on: date | None = None
    minutes: str | None = None
    measures: str | None = None


gathering_rows = ReadModel("core.gatherings", GatheringRow, title=Label("Gatherings", "会议"))


@gathering_rows.on
def _held(rows: Rows[GatheringRow], e: GatheringHeld, at: datetime) -> None:
    row = rows[()]
    row.gathering, row.kind, row.held_on = e.gathering, e.kind, e.held_on
    row.minutes, row.measures = e.minutes, e.measures


READ_MODELS = (people, standings, grades, touches, gifts, contacts, supplies, gathering_rows)
