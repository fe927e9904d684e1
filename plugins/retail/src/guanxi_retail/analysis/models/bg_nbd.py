"""The BG/NBD model of repeat purchases: gamma-distributed rates, beta-distributed dropout after a purchase (RET-46).

Source: Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
import numpy.typing as npt

from guanxi_retail.analysis.measures.occasions import PurchaseSummary
from guanxi_retail.analysis.models._scipy import FloatArray, digamma, hypergeometric, log_gamma, logistic
from guanxi_retail.analysis.models.fitting import (
    Fit,
    collapse,
    columns,
    floats,
    maximise,
    positive,
    window_of,
)

NAME = "BG/NBD"

# The expected purchases have a removable pole at a = 1; so close to it they are interpolated across.
_POLE = 1e-4


@attrs.frozen
class BgNbd:
    """BG/NBD with given parameters; all methods take one value per customer and work on whole columns.

    Args:
        r: shape of the purchase rate.
        alpha: scale of the purchase rate, in weeks.
        a: first shape of the dropout probability.
        b: second shape of the dropout probability.

    Raises:
        ValueError: a parameter is not a positive number.
    """

    r: float = attrs.field(converter=float, validator=positive)
    alpha: float = attrs.field(converter=float, validator=positive)
    a: float = attrs.field(converter=float, validator=positive)
    b: float = attrs.field(converter=float, validator=positive)

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, t_cut: npt.ArrayLike) -> FloatArray:
        """Log-likelihood of each customer.

        Args:
            x: repeat occasions.
            t_x: weeks from first to last occasion.
            t_cut: weeks from first occasion to the cut.

        Returns:
            One value per customer (RET-46).
        """
        return _likelihood(np.array(attrs.astuple(self)), *floats(x, t_x, t_cut))[0]

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, t_cut: npt.ArrayLike) -> FloatArray:
        """Probability that each customer is still active at the cut; 1 for x = 0, as the model has it.

        Args:
            x: repeat occasions.
            t_x: weeks from first to last occasion.
            t_cut: weeks from first occasion to the cut.

        Returns:
            Between 0 and 1, one value per customer (RET-46).
        """
        x, t_x, t_cut = floats(x, t_x, t_cut)
        repeats = np.where(x > 0, x, 1.0)
        log_odds_gone = (
            np.log(self.a)
            - np.log(self.b + repeats - 1)
            + (self.r + repeats) * (np.log(self.alpha + t_cut) - np.log(self.alpha + t_x))
        )
        return np.where(x > 0, logistic(-log_odds_gone), 1.0)

    def expected_purchases(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, t_cut: npt.ArrayLike, horizon: npt.ArrayLike
    ) -> FloatArray:
        """Expected occasions of each customer within a horizon after the cut.

        Args:
            x: repeat occasions.
            t_x: weeks from first to last occasion.
            t_cut: weeks from first occasion to the cut.
            horizon: weeks after the cut; a column of its own or one value for all.

        Returns:
            One value per customer, and per horizon where shapes broadcast (RET-46).
        """
        x, t_x, t_cut, horizon = (np.asarray(v, dtype=np.float64) for v in (x, t_x, t_cut, horizon))
        if abs(self.a - 1) >= _POLE:
            while_alive = self._purchases_if_alive(self.a, x, t_cut, horizon)
        else:
            low, high = 1 - _POLE, 1 + _POLE
            share = (self.a - low) / (high - low)
            while_alive = (1 - share) * self._purchases_if_alive(
                low, x, t_cut, horizon
            ) + share * self._purchases_if_alive(high, x, t_cut, horizon)
        return while_alive * self.p_alive(x, t_x, t_cut)

    def _purchases_if_alive(
        self, a: float, x: FloatArray, t_cut: FloatArray, horizon: FloatArray
    ) -> FloatArray:
        # Euler's transformation of the textbook form: the large first arguments r+x, b+x cancel against the
        # power in front, and what is left converges up to z = 1 and does not overflow for frequent buyers.
        z = horizon / (self.alpha + t_cut + horizon)
        c = a + self.b + x - 1
        c = np.where(np.abs(c) < 1e-9, 1e-9, c)
        series = hypergeometric(a + self.b - 1 - self.r, a - 1, c, z)
        return np.asarray(c / (a - 1) * (1 - np.exp((a - 1) * np.log1p(-z)) * series), dtype=np.float64)


def fit(summaries: Iterable[PurchaseSummary], start: BgNbd | None = None) -> Fit[BgNbd]:
    """Fit BG/NBD by maximum likelihood.

    Args:
        summaries: one per customer, all with the same cut.
        start: starting point; all parameters 1 if left out.

    Returns:
        The converged fit.

    Raises:
        FitError: no data, different cuts, or no maximum reached.

    Source: RET-46.
    """
    rows = tuple(summaries)
    window = window_of(rows)
    table = columns(rows)
    (x, t_x, t_cut), counts = collapse(table.x, table.t_x, table.t_cut)
    start = start or BgNbd(r=1, alpha=1, a=1, b=1)
    return maximise(NAME, start, _likelihood, (x, t_x, t_cut), counts, window)


def _likelihood(
    point: FloatArray, x: FloatArray, t_x: FloatArray, t_cut: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r, alpha, a, b = point
    again = x > 0
    shape = r + x
    trials = np.where(again, b + x - 1, 1.0)
    active = -shape * np.log(alpha + t_cut)
    dropped = np.where(again, np.log(a) - np.log(trials) - shape * np.log(alpha + t_x), -np.inf)
    either = np.logaddexp(active, dropped)
    gone = np.exp(dropped - either)
    value = (
        log_gamma(shape) - log_gamma(r) + r * np.log(alpha)
        + log_gamma(a + b) + log_gamma(b + x) - log_gamma(b) - log_gamma(a + b + x)
        + either
    )  # fmt: skip
    slope_ab = digamma(a + b) - digamma(a + b + x)
    gradient = np.stack([
        digamma(shape) - digamma(r) + np.log(alpha)
        - (1 - gone) * np.log(alpha + t_cut) - gone * np.log(alpha + t_x),
        r / alpha - shape * ((1 - gone) / (alpha + t_cut) + gone / (alpha + t_x)),
        slope_ab + gone / a,
        slope_ab + digamma(b + x) - digamma(b) - gone / trials,
    ])  # fmt: skip
    return value, gradient
