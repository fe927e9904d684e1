"""What may be ordered or told in group purchase and delivery."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import attrs

from guanxi import Command, Incomplete, Invalid, Unknown, command, field, personal
from guanxi_retail.checks import named, several
from guanxi_retail.group_purchase.events import AppliedRoute


def _one_of(*codes: str) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if value not in codes:
            raise Unknown(
                "unknown_code",
                f"{attribute.name} is {value!r}",
                zh=f"{attribute.name} 为 {value!r}，不是已知代码",
                rule="RET-IN-b",
                accepts=", ".join(codes),
            )

    return check


def _reason(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise Incomplete(
            "reason_missing",
            f"{attribute.name} is missing",
            zh=f"缺少原因（{attribute.name}）",
            rule="RET-39",
            accepts=f"{attribute.name}=...",
        )


def _stock(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
        raise Invalid(
            "amount_sign",
            f"{attribute.name} is {value!r}",
            zh=f"{attribute.name} 为 {value!r}",
            rule="RET-42",
            accepts='a decimal, 0 or more, such as Decimal("2.5")',
        )


@command("retail.apply_for_vip")
class ApplyForVip(Command):
    """Take a customer's application for the VIP list (RET-39).

    Args:
        application: its number; once per customer.
        route: ``purchase`` by what he bought, ``rank`` by his rank.
        rank: his rank, for the route by rank.
        unit: where he holds it.
        unit_kind: what kind of unit that is, such as ``administrative`` or ``company``.
    """

    application: str = field(validator=named)
    route: AppliedRoute = field(validator=_one_of("purchase", "rank"))
    rank: str | None = personal("identity", default=None)
    unit: str | None = personal("identity", default=None)
    unit_kind: str | None = personal("identity", default=None)


@command("retail.nominate_for_vip")
class NominateForVip(Command):
    """Nominate a customer for the VIP list; the nomination is kept, and held until a leader has approved it (RET-39).

    Args:
        nomination: its number; once per customer.
        leaders: who may decide it; anybody but the proposer if none is named.
        purpose: why he is nominated.
    """

    nomination: str = field(validator=named)
    leaders: tuple[str, ...] = field(default=(), converter=several(str))
    purpose: str | None = personal("access", default=None)


@command("retail.decide_vip_nomination")
class DecideVipNomination(Command):
    """Approve or refuse a nomination; nobody decides on his own (RET-39).

    Args:
        nomination: its number.
        outcome: ``approved`` or ``refused``.
        reason: why; needed for a refusal.
    """

    nomination: str = field(validator=named)
    outcome: Literal["approved", "refused"] = field(validator=_one_of("approved", "refused"))
    reason: str | None = personal("access", default=None)


@command("retail.remove_from_vip_list", after_closing=True)
class RemoveFromVipList(Command):
    """Rule that a customer leaves the VIP list (RET-39).

    Args:
        removal: number of the ruling; once per customer.
        reason_code: why.
    """

    removal: str = field(validator=named)
    reason_code: str = field(validator=_reason)


@command("retail.count_customer_stock")
class CountCustomerStock(Command):
    """Record what a customer still has of a product, as seen on the spot (RET-42).

    Args:
        product: which.
        quantity: how much.
        unit: in which unit.
    """

    product: str = field(validator=named)
    quantity: Decimal = field(validator=_stock)
    unit: str | None = field(default=None)


COMMANDS = (ApplyForVip, NominateForVip, DecideVipNomination, RemoveFromVipList, CountCustomerStock)
