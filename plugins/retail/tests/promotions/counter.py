"""What tests of promotions say of a till: campaigns, lines, tenders, and the vouchers that a customer holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from guanxi import Money, Outcome
from guanxi_retail import (
    CashLadderRules,
    EVoucherRules,
    ReceiptLine,
    RefundPurchase,
    ReturnedLine,
    Tender,
)
from guanxi_retail.promotions.vouchers import Voucher, Vouchers
from plugins.retail.tests.till import MEMBER, Till

FIRST, LAST = date(2012, 1, 21), date(2012, 1, 29)


def ladder(**more: Any) -> CashLadderRules:
    """A cash ladder that runs from 21 to 29 January 2012."""
    return CashLadderRules(**{"first_day": FIRST, "last_day": LAST, "campaign": "festival", **more})


def e_voucher(**more: Any) -> EVoucherRules:
    """An e-voucher campaign over the weekend of 21 and 22 January 2012."""
    return EVoucherRules(**{"first_day": FIRST, "last_day": date(2012, 1, 22), "campaign": "weekend", **more})


def line(number: int, net: str, paid: str | None = None, **more: Any) -> ReceiptLine:
    """A line of a receipt; all of it paid in money where nothing else is said."""
    return ReceiptLine(number=number, net=Decimal(net), paid=Decimal(net if paid is None else paid), **more)


def back(number: int, net: str, paid: str | None = None, quantity: int = 1) -> ReturnedLine:
    """What of a line came back."""
    money = Decimal(net if paid is None else paid)
    return ReturnedLine(number=number, quantity=quantity, net=Decimal(net), paid=money)


def tender(kind: str, amount: str, number: str | None = None) -> Tender:
    """A way of paying."""
    return Tender(kind=kind, amount=Decimal(amount), number=number)


def cash(amount: str) -> Tender:
    return tender("cash", amount)


def voucher(amount: str, number: str) -> Tender:
    return tender("voucher", amount, number)


def points(amount: str, number: str | None = None) -> Tender:
    return tender("points", amount, number)


def held(t: Till, as_of: str | None = None, as_known: str | None = None, member: str = MEMBER) -> Vouchers:
    """The customer's vouchers."""
    history = t.ledger.history(member)
    if as_of is not None:
        history = history.as_of(as_of)
    if as_known is not None:
        history = history.as_known(as_known)
    state: Vouchers = history.state(Vouchers)
    return state


def one(t: Till, key: str) -> Voucher:
    """A voucher of the customer by its key."""
    return held(t).held[key]


def worth(t: Till, **cut: Any) -> Decimal:
    """What the customer's vouchers may still pay."""
    return held(t, **cut).value


def gifts(t: Till, **cut: Any) -> int:
    """How many gift sets the customer is entitled to."""
    return sum(v.issued.gifts for v in held(t, **cut).held.values() if v.unfounded is None)


def give_voucher(t: Till, moment: str = "2012-01-21", *, receipt: str = "earning") -> str:
    """Let the customer earn one voucher of 60 on the ladder; return its key."""
    t.buy(moment, receipt, "200.00")
    return f"RET-11/{moment[:10]}/1"


def give_back(t: Till, moment: str, receipt: str, paid: str, *lines: ReturnedLine, **more: Any) -> Outcome:
    """Refund lines of a receipt."""
    fields = {name: more.pop(name) for name in ("tenders",) if name in more}
    number = more.pop("refund", f"{receipt}-back-{moment}")
    return t.tell(
        moment,
        RefundPurchase(refund=number, receipt=receipt, paid=Money(paid, "CNY"), lines=lines, **fields),
        **more,
    )
