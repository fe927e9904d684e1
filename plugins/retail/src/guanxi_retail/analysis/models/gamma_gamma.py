"""The Gamma-Gamma model of what a customer spends per occasion (RET-47).

Source: Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
import numpy.typing as npt

from guanxi_retail.analysis.measures.occasions import PurchaseSummary
from guanxi_retail.analysis.models._scipy import FloatArray, digamma, log_gamma
from guanxi_retail.analysis.models.fitting import (
    Fit,
    collapse,
    columns,
    floats,
    maximise,
    positive,
    window_of,
)

NAME = "Gamma-Gamma"


@attrs.frozen
class GammaGamma:
    """Gamma-Gamma with given parameters; all methods take one value per customer and work on whole columns.

    Args:
        p: shape of the value of one occasion.
        q: shape of its rate between customers.
        gamma: scale of its rate, in the currency's main unit.

    Raises:
        ValueError: a parameter is not a positive number.
    """

    p: float = attrs.field(converter=float, validator=positive)
    q: float = attrs.field(converter=float, validator=positive)
    gamma: float = attrs.field(converter=float, validator=positive)

    def log_likelihood(self, x: npt.ArrayLike, zbar: npt.ArrayLike) -> FloatArray:
        """Log-likelihood of each customer with repeat occasions of some value.

        Args:
            x: repeat occasions, above 0.
            zbar: mean value of the repeat occasions, above 0.

        Returns:
            One value per customer (RET-47).
        """
        return _likelihood(np.array(attrs.astuple(self)), *floats(x, zbar))[0]

    def expected_value(self, x: npt.ArrayLike, zbar: npt.ArrayLike) -> FloatArray:
        """Expected value of one occasion of each customer.

        Args:
            x: repeat occasions.
            zbar: mean value of the repeat occasions; not looked at where x = 0.

        Returns:
            One value per customer in the currency's main unit; NaN where the mean does not exist, that is
            for x = 0 if q ≤ 1 (RET-47).
        """
        x, zbar = floats(x, zbar)
        spent = np.where(x > 0, x * zbar, 0.0)
        weight = self.p * x + self.q - 1
        return np.where(weight > 0, self.p * (self.gamma + spent) / np.where(weight > 0, weight, 1.0), np.nan)


def fit(summaries: Iterable[PurchaseSummary], start: GammaGamma | None = None) -> Fit[GammaGamma]:
    """Fit Gamma-Gamma by maximum likelihood to the customers with repeat occasions.

    Args:
        summaries: one per customer, all with the same cut; those with x = 0 say nothing here.
        start: starting point; all parameters 1 if left out.

    Returns:
        The converged fit; `left_out` lists customers with repeat occasions whose mean value is not above 0.

    Raises:
        FitError: no data, different cuts, or no maximum reached.

    Source: RET-47.
    """
    repeaters = tuple((row, row.zbar > 0) for row in summaries if row.zbar is not None)
    valued = tuple(row for row, has_value in repeaters if has_value)
    left_out = tuple(sorted(row.customer for row, has_value in repeaters if not has_value))
    window = window_of(valued)
    table = columns(valued)
    (x, zbar), counts = collapse(table.x, table.zbar)
    start = start or GammaGamma(p=1, q=1, gamma=1)
    return maximise(NAME, start, _likelihood, (x, zbar), counts, window, left_out)


def _likelihood(point: FloatArray, x: FloatArray, zbar: FloatArray) -> tuple[FloatArray, FloatArray]:
    p, q, gamma = point
    shape, spent = p * x, x * zbar
    log_scale = np.log(gamma + spent)
    value = (
        log_gamma(shape + q) - log_gamma(shape) - log_gamma(q)
        + q * np.log(gamma) + (shape - 1) * np.log(zbar) + shape * np.log(x) - (shape + q) * log_scale
    )  # fmt: skip
    gradient = np.stack([
        x * (digamma(shape + q) - digamma(shape) + np.log(spent) - log_scale),
        digamma(shape + q) - digamma(q) + np.log(gamma) - log_scale,
        q / gamma - (shape + q) / (gamma + spent),
    ])  # fmt: skip
    return value, gradient
