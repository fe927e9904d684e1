"""What may be told and asked about promotions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from guanxi import Command, command, field, personal
from guanxi_retail.checks import named, several
from guanxi_retail.promotions.events import ExchangedLine
from guanxi_retail.purchases.commands import lines_sold, tender_amounts
from guanxi_retail.purchases.events import ReceiptLine, Tender


@command("retail.print_voucher")
class PrintVoucher(Command):
    """Tell the number that was printed on a voucher.

    Args:
        voucher: its key, or a number that it had before.
        number: the one that it has now.
    """

    voucher: str = field(validator=named)
    number: str = field(validator=named)


@command("retail.pay_out_voucher")
class PayOutVoucher(Command):
    """Ask for money in a voucher's place. It is never granted: a voucher is not money (RET-12).

    Args:
        voucher: its key or printed number.
    """

    voucher: str = field(validator=named)


@command("retail.note_voucher_use", after_closing=True)
class NoteVoucherUse(Command):
    """Tell a merged file that one of its vouchers paid part of the survivor's receipt, or was given back; the till does.

    Args:
        voucher: its key.
        survivors_receipt: what it paid part of.
        used: what of its value.
        forfeited: the rest.
        issued_at: when it was issued.
        survivors_refund: the refund that gave back what was used, where one did.
    """

    # Not named receipt and refund: those are the survivor's, and a command that names them is entered there.
    voucher: str
    survivors_receipt: str
    used: Decimal
    forfeited: Decimal = field(default=Decimal(0))
    issued_at: datetime | None = field(default=None)
    survivors_refund: str | None = field(default=None)


@command("retail.draw_scratch_card")
class DrawScratchCard(Command):
    """Tell what a scratch card won; nothing here draws lots.

    Args:
        receipt: the receipt that gave the draw.
        serial: the card's number; once per customer.
        prize: what it won.
        extra_gifts: what a VIP member got besides.
    """

    receipt: str = field(validator=named)
    serial: str = field(validator=named)
    prize: str | None = field(default=None)
    extra_gifts: tuple[str, ...] = field(default=(), converter=several(str))


@command("retail.record_referral", names="referrer")
class RecordReferral(Command):
    """Tell that a member brought this customer, before or at the first purchase.

    Args:
        referrer: account number of the member.
        card: the card that was shown.
        occasion: where or how.
    """

    referrer: str = field(validator=named)
    card: str | None = personal("contact", default=None)
    occasion: str | None = personal("marketing", default=None)


@command("retail.choose_referral_reward", names="friend")
class ChooseReferralReward(Command):
    """Tell what a member chose for a set sold to a friend.

    Args:
        friend: account number of the friend.
        number: the set.
        choice: a voucher or a gift; ``cash`` is asked for in vain.
    """

    friend: str = field(validator=named)
    number: str = field(validator=named)
    choice: Literal["voucher", "gift", "cash"]


@command("retail.note_friend")
class NoteFriend(Command):
    """Tell a member's file of a friend they brought; the friend's own file does."""

    friend: str


@attrs.frozen(kw_only=True)
class SoldSet:
    """A set of a receipt, and the money spent on it."""

    number: str
    spent: Decimal


@command("retail.note_friends_sets", after_closing=True)
class NoteFriendsSets(Command):
    """Tell a member's file of the sets that a receipt sold to a friend; the till does."""

    friend: str
    receipt: str
    sets: tuple[SoldSet, ...] = field(converter=tuple)


@command("retail.note_friends_return", after_closing=True)
class NoteFriendsReturn(Command):
    """Tell a member's file of the sets that a friend gave back; the till does."""

    friend: str
    numbers: tuple[str, ...] = field(converter=several(str))
    refund: str


@command("retail.record_exchange")
class RecordExchange(Command):
    """Exchange goods of a receipt for others, in one act (RET-54).

    Goods that came by an exchange for dearer ones stand on two receipts: that of the first goods and that of the difference.

    Args:
        exchange: its number; once per customer.
        refund: number of the return slip.
        receipt: number of the sales slip.
        replaces: the receipt whose goods come back.
        returned: what comes back.
        goods: what goes out, with what each comes to.
        outlet: store; that of the first receipt where not given.
        conditions: what held at the till.
        salesperson: who exchanged it.
        tenders: how a difference was paid; money only.
    """

    exchange: str = field(validator=named)
    refund: str = field(validator=named)
    receipt: str = field(validator=named)
    replaces: str = field(validator=named)
    returned: tuple[ExchangedLine, ...] = field(default=(), converter=several(ExchangedLine))
    goods: tuple[ReceiptLine, ...] = field(default=(), converter=several(ReceiptLine), validator=lines_sold)
    outlet: str | None = field(default=None)
    conditions: tuple[str, ...] = field(default=(), converter=several(str))
    salesperson: str | None = field(default=None)
    tenders: tuple[Tender, ...] = field(default=(), converter=several(Tender), validator=tender_amounts)


COMMANDS = (
    RecordExchange,
    PrintVoucher,
    PayOutVoucher,
    NoteVoucherUse,
    DrawScratchCard,
    RecordReferral,
    ChooseReferralReward,
    NoteFriend,
    NoteFriendsSets,
    NoteFriendsReturn,
)
