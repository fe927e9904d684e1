"""What may be asked about tiers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from guanxi import Command, command, field, personal
from guanxi_retail.checks import named


@command("retail.set_tier")
class SetTier(Command):
    """Set a tier by hand: a floor until its date, which automation may raise and not lower (RET-26).

    Args:
        setting: its number; once per customer.
        tier: one of the ladder.
        until: its last day.
        reason_code: why.
        approved_by: the second person; where nobody is named the request is kept, for ``DecideTier``.
    """

    setting: str = field(validator=named)
    tier: str = field(validator=named)
    until: date
    reason_code: str | None = field(default=None)
    approved_by: str | None = field(default=None)


@command("retail.decide_tier")
class DecideTier(Command):
    """Approve or refuse a tier by hand that another person asked for (RET-26).

    Args:
        setting: its number.
        outcome: ``approved`` or ``refused``.
        reason: why; needed where it is refused.
    """

    setting: str = field(validator=named)
    outcome: Literal["approved", "refused"] = field(default="approved")
    reason: str | None = personal("access", default=None)


COMMANDS = (SetTier, DecideTier)
