"""Spend classes (客户分类): which band a customer's spend of the last complete months reaches (RET-27)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import attrs

from guanxi_retail.analysis.measures.occasions import exact_sum


class SpendBasis(StrEnum):
    """What is compared with the bands."""

    NET_SPEND = "net_spend"
    REVENUE_LESS_COST = "revenue_less_cost"


@attrs.frozen
class SpendBand:
    """A class and the amount from which it is reached, inclusive, in the currency's main unit."""

    code: str
    at_least: Decimal


@attrs.frozen
class SpendClassParameters:
    """Parameters of RET-27.

    Args:
        bands: highest first, lower bounds inclusive, so that the higher band wins at a bound.
        below: class of whoever reaches no band.
        months: complete calendar months whose spend counts.
        basis: net spend, or revenue less cost.

    Raises:
        ValueError: bands are not strictly descending, a code repeats, or months is not positive.
    """

    bands: tuple[SpendBand, ...] = (
        SpendBand("vip", Decimal(20_000)),
        SpendBand("main", Decimal(5_000)),
        SpendBand("ordinary", Decimal(1_000)),
    )
    below: str = "small"
    months: int = attrs.field(default=12, validator=attrs.validators.gt(0))
    basis: SpendBasis = attrs.field(default=SpendBasis.NET_SPEND, converter=SpendBasis)

    def __attrs_post_init__(self) -> None:
        bounds = [band.at_least for band in self.bands]
        if bounds != sorted(set(bounds), reverse=True):
            raise ValueError("spend bands must run from the highest to the lowest without repeats")
        codes = [band.code for band in self.bands] + [self.below]
        if len(set(codes)) != len(codes):
            raise ValueError("each spend class may have one band only")


@attrs.frozen
class SpendClass:
    """The class an amount falls in, with what decided it.

    Args:
        code: the class.
        amount: the amount compared.
        reached: lower bound of the class; None for the class below all bands.
        next_bound: lower bound of the next higher class; None in the highest.
    """

    code: str
    amount: Decimal
    reached: Decimal | None
    next_bound: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        """What is missing to the next higher class; None in the highest."""
        return None if self.next_bound is None else exact_sum((self.next_bound, self.amount.copy_negate()))


def spend_class(amount: Decimal, parameters: SpendClassParameters | None = None) -> SpendClass:
    """Class one customer by an exact amount; bounds are inclusive and the higher band wins.

    Args:
        amount: of the classing period, on the parameters' basis, in the currency's main unit.
        parameters: bands; the defaults of `SpendClassParameters` if left out.

    Returns:
        The class with the bound it reached and the next one.

    Source: RET-27.
    """
    parameters = parameters or SpendClassParameters()
    next_bound: Decimal | None = None
    for band in parameters.bands:
        if amount >= band.at_least:
            return SpendClass(band.code, amount, band.at_least, next_bound)
        next_bound = band.at_least
    return SpendClass(parameters.below, amount, None, next_bound)


def classing_period(as_of: date, parameters: SpendClassParameters | None = None) -> tuple[date, date]:
    """First and last day of the complete months that count on a day; a month is complete on its last day.

    Args:
        as_of: the day of the classing.
        parameters: number of months; the defaults of `SpendClassParameters` if left out.

    Returns:
        Both days included, for example 2012-01-01 and 2012-12-31 as of 2012-12-31.

    Source: RET-27.
    """
    parameters = parameters or SpendClassParameters()
    last = (as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    month_number = last.year * 12 + last.month - parameters.months
    return date(month_number // 12, month_number % 12 + 1, 1), last
