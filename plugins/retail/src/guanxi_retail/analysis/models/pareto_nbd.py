"""The Pareto/NBD model of repeat purchases: gamma-distributed rates of buying and of dropping out (RET-46).

Source: Schmittlein, Morrison and Colombo 1987; Fader, Hardie and Lee 2005.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
import numpy.typing as npt

from guanxi_retail.analysis.measures.occasions import PurchaseSummary
from guanxi_retail.analysis.models._scipy import FloatArray, digamma, log_gamma, logistic
from guanxi_retail.analysis.models.fitting import (
    Fit,
    collapse,
    columns,
    floats,
    maximise,
    positive,
    window_of,
)

NAME = "Pareto/NBD"

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
_LOG_WEIGHTS = np.log(_WEIGHTS)
_NEGLIGIBLE = 40.0  # beyond a fall by e^-40 the rest of the integral is below rounding
_STEPS = 1 + _NODES
_ROWS_AT_ONCE = 256  # what a pass makes of so many rows stays in the processor's cache


@attrs.frozen
class ParetoNbd:
    """Pareto/NBD with given parameters; all methods take one value per customer and work on whole columns.

    Args:
        r: shape of the purchase rate.
        alpha: scale of the purchase rate, in weeks.
        s: shape of the dropout rate.
        beta: scale of the dropout rate, in weeks.

    Raises:
        ValueError: a parameter is not a positive number.
    """

    r: float = attrs.field(converter=float, validator=positive)
    alpha: float = attrs.field(converter=float, validator=positive)
    s: float = attrs.field(converter=float, validator=positive)
    beta: float = attrs.field(converter=float, validator=positive)

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
        """Probability that each customer is still active at the cut.

        Args:
            x: repeat occasions.
            t_x: weeks from first to last occasion.
            t_cut: weeks from first occasion to the cut.

        Returns:
            Between 0 and 1, one value per customer (RET-46).
        """
        x, t_x, t_cut = floats(x, t_x, t_cut)
        log_integral, _ = _dropout_integral(np.array(attrs.astuple(self)), x, t_x, t_cut)
        log_odds_gone = (
            np.log(self.s)
            + log_integral
            + (self.r + x) * np.log(self.alpha + t_cut)
            + self.s * np.log(self.beta + t_cut)
        )
        return logistic(-log_odds_gone)

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
        # [1 − q^(s−1)]/(s−1) with q = (β+T)/(β+T+h), written so that s = 1 is no exception.
        log_ratio = np.log1p(horizon / (self.beta + t_cut))
        power = self.s - 1
        weeks_alive = log_ratio if power == 0 else -np.expm1(-power * log_ratio) / power
        rate = (self.r + x) * (self.beta + t_cut) / (self.alpha + t_cut)
        return np.asarray(rate * weeks_alive * self.p_alive(x, t_x, t_cut), dtype=np.float64)


def fit(summaries: Iterable[PurchaseSummary], start: ParetoNbd | None = None) -> Fit[ParetoNbd]:
    """Fit Pareto/NBD by maximum likelihood.

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
    start = start or ParetoNbd(r=1, alpha=1, s=1, beta=1)
    return maximise(NAME, start, _likelihood, (x, t_x, t_cut), counts, window)


def _likelihood(
    point: FloatArray, x: FloatArray, t_x: FloatArray, t_cut: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r, alpha, s, beta = point
    shape = r + x
    active = -shape * np.log(alpha + t_cut) - s * np.log(beta + t_cut)
    log_integral, slopes = _dropout_integral(point, x, t_x, t_cut)
    dropped = np.log(s) + log_integral
    either = np.logaddexp(active, dropped)
    gone = np.exp(dropped - either)
    value = log_gamma(shape) - log_gamma(r) + r * np.log(alpha) + s * np.log(beta) + either
    gradient = np.stack([
        digamma(shape) - digamma(r) + np.log(alpha) - (1 - gone) * np.log(alpha + t_cut) + gone * slopes[0],
        r / alpha - (1 - gone) * shape / (alpha + t_cut) + gone * slopes[1],
        np.log(beta) - (1 - gone) * np.log(beta + t_cut) + gone * (slopes[2] + 1 / s),
        s / beta - (1 - gone) * s / (beta + t_cut) + gone * slopes[3],
    ])  # fmt: skip
    return value, gradient


def _dropout_integral(
    point: FloatArray, x: FloatArray, t_x: FloatArray, t_cut: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Logarithm of ∫ (α+u)^−(r+x) (β+u)^−(s+1) du from t_x to T, and its gradient by r, α, s, β.

    This is A/n of RET-46. As the difference of two ₂F₁ it cancels badly where t_x is near T; here every term
    is positive. The variable is ln(min(α, β)+u), in which the integrand is smooth however small α and β are,
    and the range ends where frequent buyers have left nothing worth adding.
    """
    flat = [column.ravel() for column in (x, t_x, t_cut)]
    log_integral, slopes = np.empty(x.size), np.empty((len(point), x.size))
    for first in range(0, x.size, _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        log_integral[part], slopes[:, part] = _integrated(point, *(column[part] for column in flat))
    return log_integral.reshape(x.shape), slopes.reshape(len(point), *x.shape)


def _integrated(
    point: FloatArray, x: FloatArray, t_x: FloatArray, t_cut: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r, alpha, s, beta = point
    shape, tail = r + x, np.full_like(x, s + 1)
    near, far = min(alpha, beta), max(alpha, beta)
    steep, flat = (shape, tail) if alpha <= beta else (tail, shape)
    reach = np.minimum(
        (near + t_x) * np.expm1(np.minimum(_NEGLIGIBLE / steep, 600.0)),
        (far + t_x) * np.expm1(np.minimum(_NEGLIGIBLE / (shape + tail), 600.0)),
    )
    half = np.log1p(np.minimum(reach, t_cut - t_x) / (near + t_x)) / 2
    log_near = np.log(near + t_x)
    log_near_u = log_near[:, None] + half[:, None] * _STEPS
    near_u = np.exp(log_near_u)
    far_u = near_u + (far - near)
    log_far_u = np.log(far_u)
    terms = _LOG_WEIGHTS + (1 - steep)[:, None] * log_near_u - flat[:, None] * log_far_u
    top = terms.max(axis=-1)
    shares = np.exp(terms - top[:, None])
    mass = shares.sum(axis=-1)
    with np.errstate(divide="ignore"):  # T = t_x: nothing to integrate, −inf
        log_integral = top + np.log(mass) + np.log(half)
    by_near = -(log_near + half * (shares @ _STEPS) / mass), -steep * (shares / near_u).sum(axis=-1) / mass
    by_far = -np.einsum("ij,ij->i", shares, log_far_u) / mass, -flat * (shares / far_u).sum(axis=-1) / mass
    by_alpha, by_beta = (by_near, by_far) if alpha <= beta else (by_far, by_near)
    return log_integral, np.stack([*by_alpha, *by_beta])
