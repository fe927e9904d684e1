"""What may be asked about points."""

from __future__ import annotations

from datetime import date
from typing import Literal

from guanxi import Command, command, field, personal
from guanxi_retail.checks import named, positive, signed
from guanxi_retail.points.events import LotPart, TransferredLot


@command("retail.redeem_points")
class RedeemPoints(Command):
    """Pay with points: all of them or none (RET-17).

    Args:
        redemption: its number; once per customer.
        points: how many.
        purpose: what for, in one word.
    """

    redemption: str = field(validator=named)
    points: int = field(validator=positive)
    purpose: str | None = field(default=None)


@command("retail.undo_redemption")
class UndoRedemption(Command):
    """Take a redemption back.

    Args:
        redemption: its number.
    """

    redemption: str = field(validator=named)


@command("retail.adjust_points")
class AdjustPoints(Command):
    """Set a member's points right by hand; somebody else has to approve it (RET-21).

    Args:
        adjustment: its number; once per customer.
        points: how many more, or fewer where negative.
        reason_code: why, in one word.
        approved_by: who approved it, not the actor; where nobody is named the request is kept, for ``DecideAdjustment``.
        last_day: last usable day of points added; by the rules for a purchase of that day if not given.
    """

    adjustment: str = field(validator=named)
    points: int = field(validator=signed)
    reason_code: str | None = field(default=None)
    approved_by: str | None = field(default=None)
    last_day: date | None = field(default=None)


@command("retail.decide_adjustment")
class DecideAdjustment(Command):
    """Approve or refuse an adjustment that another person asked for (RET-21).

    Args:
        adjustment: its number.
        outcome: ``approved`` or ``refused``.
        reason: why.
    """

    adjustment: str = field(validator=named)
    outcome: Literal["approved", "refused"] = field(default="approved")
    reason: str | None = personal("access", default=None)


@command("retail.return_points", names="absorbed")
class ReturnPoints(Command):
    """Give back, after an unmerge, what is left of the lots that the merge brought (RET-21).

    Args:
        absorbed: account number of the file that was absorbed and stands alone again.
    """

    absorbed: str = field(validator=named)


@command("retail.take_points_back")
class TakePointsBack(Command):
    """Take back what an unmerged survivor returns; the software's own.

    Args:
        giver: the survivor's stream.
        lots: what is left, with its dates.
        used: what was used meanwhile, by lot.
        debt: what is still owed of the debt that went along.
    """

    giver: str
    lots: tuple[TransferredLot, ...] = field(converter=tuple)
    used: tuple[LotPart, ...] = field(converter=tuple)
    debt: int


COMMANDS = (RedeemPoints, UndoRedemption, AdjustPoints, DecideAdjustment, ReturnPoints, TakePointsBack)
