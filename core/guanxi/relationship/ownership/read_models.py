"""Tables of who answers for whom, for questions about many customers."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.messages import personal
from guanxi.kernel.privacy import Erased
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.access.events import AccountChangeExecuted, StaffEnrolled
from guanxi.relationship.dealings.events import ReceiptRecorded, ReceiptReversed
from guanxi.relationship.file.events import (
    FileOpened,
    FilesMerged,
    MergeUndone,
    ProfileFactRecorded,
    RelationshipClosed,
    RelationshipReopened,
)
from guanxi.relationship.ownership.events import (
    CollisionDetected,
    CollisionResolved,
    HandoverAccepted,
    HandoverProposed,
    MaintainerAssigned,
    MaintainerDrawn,
    MaintainerReleased,
    OversightAssigned,
    OversightEnded,
    OversightReleased,
    takes_over,
)


@attrs.define
class OwnershipRow:
    """Who answers for a customer."""

    account: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    maintainer: str | None = None
    since: datetime | None = None
    basis: str = ""
    drawn: bool = False
    absorbed_by: str | None = None
    before_merge: str | None = None
    before_since: datetime | None = None
    before_basis: str = ""


ownership = ReadModel("core.ownership", OwnershipRow, title=Label("Ownership", "客户归属"))


@ownership.on
def _opened(rows: Rows[OwnershipRow], e: FileOpened, at: datetime) -> None:
    rows[()].account, rows[()].opened_on = e.account, at.date()


@ownership.on
def _closed(rows: Rows[OwnershipRow], e: RelationshipClosed, at: datetime) -> None:
    rows[()].closed_on = at.date()


@ownership.on
def _reopened(rows: Rows[OwnershipRow], e: RelationshipReopened, at: datetime) -> None:
    rows[()].closed_on = None


def _take(row: OwnershipRow, person: str | None, at: datetime | None, basis: str, *, drawn: bool) -> None:
    row.maintainer, row.since, row.basis, row.drawn = person, at, basis, drawn


@ownership.on
def _assigned(rows: Rows[OwnershipRow], e: MaintainerAssigned, at: datetime) -> None:
    row = rows[()]
    if takes_over(e, row.maintainer, drawn=row.drawn):
        _take(row, e.person, at, e.basis, drawn=False)


@ownership.on
def _drawn(rows: Rows[OwnershipRow], e: MaintainerDrawn, at: datetime) -> None:
    if takes_over(e, rows[()].maintainer, drawn=rows[()].drawn):
        _take(rows[()], e.person, at, e.basis, drawn=True)


@ownership.on
def _released(rows: Rows[OwnershipRow], e: MaintainerReleased, at: datetime) -> None:
    if takes_over(e, rows[()].maintainer, drawn=rows[()].drawn):
        _take(rows[()], None, None, "", drawn=False)


@ownership.on
def _handed_over(rows: Rows[OwnershipRow], e: HandoverAccepted, at: datetime) -> None:
    row = rows[()]
    if takes_over(e, row.maintainer, drawn=row.drawn):
        _take(row, e.receiver, at, f"handover:{e.handover}", drawn=False)


@ownership.on
def _merged(rows: Rows[OwnershipRow], e: FilesMerged, at: datetime) -> None:
    row = rows[()]
    if e.here == "absorbed":
        row.absorbed_by = e.survivor
    elif e.maintainer is not None and e.maintainer != row.maintainer:
        row.before_merge, row.before_since, row.before_basis = row.maintainer, row.since, row.basis
        _take(row, e.maintainer, at, f"merge:{e.absorbed}", drawn=False)


@ownership.on
def _unmerged(rows: Rows[OwnershipRow], e: MergeUndone, at: datetime) -> None:
    row = rows[()]
    if e.here == "absorbed":
        row.absorbed_by = None
    elif row.basis == f"merge:{e.absorbed}":
        _take(row, row.before_merge, row.before_since, row.before_basis, drawn=False)


@attrs.define
class OverseerRow:
    """A leader who has an eye on a customer, or had."""

    leader: str = column(key=True)
    level: str = ""
    since: datetime | None = None
    until: datetime | None = None


overseers = ReadModel("core.overseers", OverseerRow, title=Label("Overseers", "领导维护"))


@overseers.on
def _oversees(rows: Rows[OverseerRow], e: OversightAssigned, at: datetime) -> None:
    row = rows[e.leader]
    row.level, row.since, row.until = e.level, at, None


@overseers.on
def _oversees_no_more(rows: Rows[OverseerRow], e: OversightEnded | OversightReleased, at: datetime) -> None:
    rows[e.leader].until = at


@attrs.define
class HandoverRow:
    """A hand-over."""

    handover: str = column(key=True)
    giver: str = ""
    receiver: str = ""
    proposed: datetime | None = None
    accepted: datetime | None = None
    open_items: int = 0


handovers = ReadModel("core.handovers", HandoverRow, title=Label("Hand-overs", "交接"))


@handovers.on
def _proposed(rows: Rows[HandoverRow], e: HandoverProposed, at: datetime) -> None:
    row = rows[e.handover]
    row.giver, row.receiver, row.proposed, row.open_items = e.giver, e.receiver, at, len(e.items)


@handovers.on
def _accepted(rows: Rows[HandoverRow], e: HandoverAccepted, at: datetime) -> None:
    row = rows[e.handover]
    row.giver, row.receiver, row.accepted, row.open_items = e.giver, e.receiver, at, len(e.items)


@attrs.define
class KnownRow:
    """Something known of a customer that a routing table may ask for."""

    field_name: str = column(key=True)
    value: str | Erased | None = personal("identity", default=None)  # noqa: RUF009 - an attrs field


routing_facts = ReadModel("core.routing_facts", KnownRow, title=Label("Known for routing", "分派依据"))


@routing_facts.on
def _begun(rows: Rows[KnownRow], e: FileOpened, at: datetime) -> None:
    rows["party"].value, rows["source_channel"].value = e.party, e.source_channel


@routing_facts.on
def _fact(rows: Rows[KnownRow], e: ProfileFactRecorded, at: datetime) -> None:
    rows[e.field_name].value = e.value


@attrs.define
class PaidRow:
    """A receipt, for the amount that a maintainer's customers have paid."""

    receipt: str = column(key=True)
    amount: str = "0"
    currency: str = ""
    reversed: bool = False


paid = ReadModel("core.owned_receipts", PaidRow, title=Label("Paid by customers", "客户付款"))


@paid.on
def _received(rows: Rows[PaidRow], e: ReceiptRecorded, at: datetime) -> None:
    row = rows[e.receipt]
    row.amount, row.currency = format(e.amount.amount, "f"), e.amount.currency


@paid.on
def _taken_back(rows: Rows[PaidRow], e: ReceiptReversed, at: datetime) -> None:
    rows[e.receipt].reversed = True


@attrs.define
class AccountRow:
    """Whether somebody of the firm still has an account, by the stream of his own."""

    user: str = ""
    closed_at: datetime | None = None


accounts = ReadModel(
    "core.maintainer_accounts", AccountRow, title=Label("Accounts of maintainers", "维护责任人账号")
)


@accounts.on
def _enrolled(rows: Rows[AccountRow], e: StaffEnrolled, at: datetime) -> None:
    rows[()].user = e.user


@accounts.on
def _changed(rows: Rows[AccountRow], e: AccountChangeExecuted, at: datetime) -> None:
    rows[()].closed_at = at if e.kind == "leave" else None


@attrs.define
class CollisionRow:
    """A deal collision."""

    first: str = column(key=True)
    second: str = column(key=True)
    detected_at: datetime | None = None
    suggested: str = ""
    rival: str = ""
    product_family: str | None = None
    resolved_at: datetime | None = None
    person: str | None = None


collisions = ReadModel("core.collisions", CollisionRow, title=Label("Deal collisions", "撞单"))


@collisions.on
def _collided(rows: Rows[CollisionRow], e: CollisionDetected, at: datetime) -> None:
    row = rows[e.first, e.second]
    row.detected_at, row.suggested, row.rival, row.product_family = at, e.suggested, e.rival, e.product_family


@collisions.on
def _ruled(rows: Rows[CollisionRow], e: CollisionResolved, at: datetime) -> None:
    row = rows[e.first, e.second]
    row.resolved_at, row.person = at, e.person


READ_MODELS = (ownership, overseers, handovers, routing_facts, paid, accounts, collisions)
