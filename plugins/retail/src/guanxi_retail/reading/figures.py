"""What a month of paid reading comes to: revenue of fees and chapters, and reading beside it (RET-53)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs

from guanxi_retail.reporting import percent, rounded

_SECONDS_AN_HOUR = 3600


@attrs.define
class ReadingMonth:
    """Figures of a month; amounts in one currency.

    Args:
        members: VIPs at its end.
        fees: membership fees that came in.
        chapters: what chapters were sold for.
        sold: how many chapters were sold.
        clicks: how often chapters were opened by anybody.
        downloads: how often they were downloaded.
        users: users of the site at its end.
        waits: seconds from each fee's initiation to its crediting.
    """

    members: int = 0
    fees: Decimal = Decimal(0)
    chapters: Decimal = Decimal(0)
    sold: int = 0
    clicks: int = 0
    downloads: int = 0
    users: int = 0
    waits: list[int] = attrs.field(factory=list)

    @property
    def revenue(self) -> Decimal:
        """Fees and chapters; what was only clicked is no revenue."""
        return self.fees + self.chapters

    @property
    def conversion(self) -> Decimal | None:
        """Chapters sold as a percentage of clicks; None without any."""
        return percent(Fraction(self.sold, self.clicks)) if self.clicks else None

    @property
    def vip_share(self) -> Decimal | None:
        """VIPs as a percentage of users; None without any."""
        return percent(Fraction(self.members, self.users)) if self.users else None

    @property
    def wait_hours(self) -> Decimal | None:
        """Mean hours that a fee took to come in; None without any."""
        return rounded(Fraction(sum(self.waits), _SECONDS_AN_HOUR * len(self.waits))) if self.waits else None
