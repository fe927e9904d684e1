"""What of sold lines comes back, checked alike for a member's receipt and for one of nobody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from guanxi import Incomplete, Invalid, Now, Unknown
from guanxi_retail.purchases.events import ReceiptLine, ReturnedLine


class Returnable(Protocol):
    """What a sold line came to, and what of it came back; amounts in the sale's currency."""

    net: Decimal
    paid: Decimal
    quantity: int
    refunded_net: Decimal
    refunded: Decimal
    returned: int


def take_back(line: Returnable, back: ReturnedLine) -> None:
    """Note what of a line came back."""
    line.refunded_net += back.net
    line.refunded += back.paid
    line.returned += back.quantity


def is_covered(line: Returnable) -> bool:
    """Return whether no more of a line came back than was sold."""
    return line.refunded <= line.paid and line.refunded_net <= line.net and line.returned <= line.quantity


def require_sum(lines: Sequence[ReceiptLine] | Sequence[ReturnedLine], paid: Decimal) -> None:
    """Refuse lines that repeat a number, or whose money is not what was paid.

    Raises:
        Invalid: ``lines_do_not_add_up``.
    """
    numbers, total = [line.number for line in lines], sum((line.paid for line in lines), Decimal(0))
    if lines and (len(set(numbers)) < len(numbers) or total != paid):
        raise Invalid(
            "lines_do_not_add_up",
            f"lines {', '.join(map(str, numbers))} come to {total}, {paid} was paid",
            zh=f"第 {'、'.join(map(str, numbers))} 行合计 {total}，实付 {paid}",
            rule="RET-06",
            accepts="lines with numbers of their own whose money adds up to what was paid",
        )


def require_lines(
    receipt: str, sold: Mapping[int, Returnable], lines: Sequence[ReturnedLine], paid: Decimal
) -> None:
    """Refuse a refund of which it is not plain what came back; none need be named of a receipt with one line.

    Args:
        receipt: its number.
        sold: its lines.
        lines: those that are named.
        paid: the money returned.

    Raises:
        Incomplete: ``line_missing``; the receipt has several lines, and none is named.
        Invalid: ``lines_do_not_add_up``.
        Unknown: ``unknown_line``.
    """
    if not lines and len(sold) > 1:
        raise Incomplete(
            "line_missing",
            f"receipt {receipt} has {len(sold)} lines, and which came back is not said",
            zh=f"小票 {receipt} 有 {len(sold)} 行，未说明退哪一行",
            rule="RET-19",
            accepts="lines=(ReturnedLine(number=..., quantity=..., net=..., paid=...), ...)",
        )
    require_sum(lines, paid)
    for back in lines:
        if back.number not in sold:
            raise Unknown(
                "unknown_line",
                f"receipt {receipt} has no line {back.number}",
                zh=f"小票 {receipt} 没有第 {back.number} 行",
                rule="RET-IN-b",
                accepts="one of " + ", ".join(str(n) for n in sold),
            )


def require_left(line: Returnable, back: ReturnedLine, now: Now) -> None:
    """Refuse to take back more than was sold and has not come back.

    Raises:
        RuleNotMet: ``exceeds_original``, for an order.
    """
    now.require(
        line.refunded + back.paid <= line.paid
        and line.refunded_net + back.net <= line.net
        and line.returned + back.quantity <= line.quantity,
        "exceeds_original",
        "RET-IN-i",
        f"of {line.net}, {line.paid} of it money, and {line.quantity} pieces, "
        f"{line.refunded_net}, {line.refunded} of it money, and {line.returned} came back already",
        zh=f"原消费 {line.net}（其中现金 {line.paid}）、{line.quantity} 件，"
        f"已退 {line.refunded_net}（其中现金 {line.refunded}）、{line.returned} 件",
        accepts=f"at most {line.net - line.refunded_net}, {line.paid - line.refunded} of it money, "
        f"and {line.quantity - line.returned} pieces",
    )
