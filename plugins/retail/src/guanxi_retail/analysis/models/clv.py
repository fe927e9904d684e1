"""What fitted models say about single customers: purchases to come, and customer lifetime value (终身价值, RET-47)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import Protocol

import attrs
import numpy as np
import numpy.typing as npt

from guanxi_retail.analysis.measures.occasions import PurchaseSummary
from guanxi_retail.analysis.models._scipy import FloatArray
from guanxi_retail.analysis.models.fitting import Fit, columns
from guanxi_retail.analysis.models.gamma_gamma import GammaGamma


class PurchaseModel(attrs.AttrsInstance, Protocol):
    """What BG/NBD and Pareto/NBD have in common; see there for arguments and units."""

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, t_cut: npt.ArrayLike) -> FloatArray:
        """Probability of being active at the cut."""
        ...

    def expected_purchases(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, t_cut: npt.ArrayLike, horizon: npt.ArrayLike
    ) -> FloatArray:
        """Expected occasions within a horizon after the cut."""
        ...


@attrs.frozen
class ClvParameters:
    """Parameters of RET-47.

    Args:
        weeks_per_month: length of one discounting period in weeks.
        months: number of periods looked ahead.
        discount: rate per period; 0 for none.
        margin: share of the value that is earned.
    """

    weeks_per_month: Fraction = attrs.field(
        default=Fraction(52, 12), converter=Fraction, validator=attrs.validators.gt(Fraction(0))
    )
    months: int = attrs.field(default=12, validator=attrs.validators.gt(0))
    discount: Decimal = attrs.field(default=Decimal("0.01"), validator=attrs.validators.ge(Decimal(0)))
    margin: Decimal = Decimal(1)


@attrs.frozen
class PurchaseForecast:
    """Estimates for one customer: P(alive) at the cut and expected occasions within the horizon."""

    customer: str
    p_alive: float
    purchases: float


@attrs.frozen
class Forecast:
    """Estimates for a population with the fit they came from.

    Args:
        fit: model, parameters and window.
        horizon: weeks after the cut.
        rows: in the order of the summaries.
    """

    fit: Fit[PurchaseModel]
    horizon: Fraction
    rows: tuple[PurchaseForecast, ...]


@attrs.frozen
class CustomerValue:
    """Estimates for one customer.

    Args:
        summary: x, t_x, T and zbar, exact.
        p_alive: probability of being active at the cut.
        purchases: expected occasions within all months looked ahead, undiscounted.
        value: expected value of one occasion, in the currency's main unit; None where the
            mean does not exist (x = 0 and q ≤ 1).
        clv: discounted value of all months looked ahead, in the currency's main unit; None likewise.
    """

    summary: PurchaseSummary
    p_alive: float
    purchases: float
    value: float | None
    clv: float | None


@attrs.frozen
class CustomerValues:
    """Lifetime values of a population with the fits and parameters they came from; rows as summarised."""

    purchase_fit: Fit[PurchaseModel]
    value_fit: Fit[GammaGamma]
    parameters: ClvParameters
    rows: tuple[CustomerValue, ...]


def forecast_purchases(
    fit: Fit[PurchaseModel], summaries: Iterable[PurchaseSummary], horizon: Fraction | int
) -> Forecast:
    """Estimate P(alive) and the occasions to come for each customer.

    Args:
        fit: a purchase model.
        summaries: one per customer.
        horizon: weeks after the cut.

    Returns:
        One row per summary.

    Source: RET-46.
    """
    table = columns(summaries)
    alive = fit.parameters.p_alive(table.x, table.t_x, table.t_cut)
    purchases = fit.parameters.expected_purchases(table.x, table.t_x, table.t_cut, float(horizon))
    rows = zip(table.customers, alive.tolist(), purchases.tolist(), strict=True)
    return Forecast(fit, Fraction(horizon), tuple(PurchaseForecast(*row) for row in rows))


def lifetime_values(
    purchase_fit: Fit[PurchaseModel],
    value_fit: Fit[GammaGamma],
    summaries: Iterable[PurchaseSummary],
    parameters: ClvParameters | None = None,
) -> CustomerValues:
    """Estimate the lifetime value of each customer.

    Args:
        purchase_fit: a purchase model.
        value_fit: the value model.
        summaries: one per customer.
        parameters: months, discount and margin; the defaults of `ClvParameters` if left out.

    Returns:
        One row per summary, labelled with the fits.

    Source: RET-47.
    """
    parameters = parameters or ClvParameters()
    customers = tuple(summaries)
    table = columns(customers)
    months = np.arange(1, parameters.months + 1)
    up_to = purchase_fit.parameters.expected_purchases(
        table.x[:, None], table.t_x[:, None], table.t_cut[:, None], float(parameters.weeks_per_month) * months
    )
    worth = float(parameters.margin) / (1 + float(parameters.discount)) ** months
    value = value_fit.parameters.expected_value(table.x, table.zbar)
    clv = np.diff(up_to, prepend=0.0) @ worth * value
    alive = purchase_fit.parameters.p_alive(table.x, table.t_x, table.t_cut)
    rows = zip(customers, alive, up_to[:, -1], value, clv, strict=True)
    return CustomerValues(
        purchase_fit,
        value_fit,
        parameters,
        tuple(CustomerValue(one, float(p), float(n), _known(v), _known(c)) for one, p, n, v, c in rows),
    )


def _known(estimate: float) -> float | None:
    return None if isnan(estimate) else float(estimate)
