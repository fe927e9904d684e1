"""What customers rub against, counted month by month: complaints, disputes, returns and opt-outs beside orders and losses."""

from __future__ import annotations

from datetime import datetime

import attrs

from guanxi.kernel.labels import Label
from guanxi.kernel.read_models import ReadModel, Rows, column
from guanxi.relationship.care.events import ConsentWithdrawn, ContactPreferenceSet
from guanxi.relationship.dealings.events import GoodsReturned, OrderPlaced
from guanxi.relationship.file.events import FileOpened, RelationshipClosed, RelationshipReopened
from guanxi.relationship.service.events import ComplaintReceived

COMPLAINT, DISPUTE, RETURN, OPT_OUT, ORDER = "complaint", "dispute", "return", "opt_out", "order"
JOINED, LEFT = "joined", "left"


@attrs.define
class FrictionRow:
    """How often something happened in a month."""

    month: str = column(key=True)
    kind: str = column(key=True)
    number: int = 0


friction_rows = ReadModel("core.friction", FrictionRow, title=Label("Friction", "客户摩擦"))

Counted = (
    ComplaintReceived
    | GoodsReturned
    | ConsentWithdrawn
    | ContactPreferenceSet
    | OrderPlaced
    | FileOpened
    | RelationshipReopened
    | RelationshipClosed
)


def _kind(e: Counted) -> str | None:
    match e:
        case ComplaintReceived():
            return COMPLAINT if e.claimed is None else DISPUTE
        case GoodsReturned():
            return RETURN
        case ContactPreferenceSet():
            return OPT_OUT if e.do_not_contact else None
        case ConsentWithdrawn():
            return OPT_OUT
        case OrderPlaced():
            return ORDER
        case RelationshipClosed():
            return LEFT
        case _:
            return JOINED


@friction_rows.on
def _count(rows: Rows[FrictionRow], e: Counted, at: datetime) -> None:
    kind = _kind(e)
    if kind is not None:
        rows[f"{at:%Y-%m}", kind].number += 1
