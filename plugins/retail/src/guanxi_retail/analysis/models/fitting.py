"""How every model is fitted: maximum likelihood in log-parameters, from a neutral start, polished until level.

A fit that does not end on a proven maximum raises; nothing half-converged leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, Generic, TypeVar

import attrs
import numpy as np
import numpy.typing as npt

from guanxi_retail.analysis.measures.occasions import PurchaseSummary
from guanxi_retail.analysis.models._scipy import FloatArray, minimize

ModelT_co = TypeVar("ModelT_co", bound=attrs.AttrsInstance, covariant=True)
ModelT = TypeVar("ModelT", bound=attrs.AttrsInstance)

Loss = Callable[[FloatArray], tuple[float, FloatArray]]
# Of a point and columns: log-likelihood per row and its gradient by parameter, one line of the gradient per parameter.
Likelihood = Callable[..., tuple[FloatArray, FloatArray]]

_LOG_BOUND = 16.0  # parameters between about 1e-7 and 1e7; an estimate beyond has run away
_MAX_LBFGS = 1000
_MAX_NEWTON = 60
_LEVEL = 1e-7  # longest last Newton step, in log-parameters, that counts as standing still
_DIFFERENCE = 1e-4
_SAMPLE = 4096  # rows that are enough to come near the maximum of any number of them


class FitError(RuntimeError):
    """A model could not be fitted: the message names the model and what was wrong."""


@attrs.frozen
class FitWindow:
    """The days a fit has seen: first purchase of anyone, and the cut, both included."""

    first: date
    cut: date


@attrs.frozen
class Fit(Generic[ModelT_co]):
    """A maximum-likelihood estimate with what it was made from.

    Args:
        model: name of the model.
        parameters: the fitted model; its fields are the parameters.
        log_likelihood: at the estimate, summed over customers.
        n: customers fitted.
        iterations: steps of the optimiser, all stages together.
        converged: True; a fit that did not converge raises instead.
        start: the starting point.
        window: the days the data came from.
        left_out: customers the model cannot take, by ascending id.
    """

    model: str
    parameters: ModelT_co
    log_likelihood: float
    n: int
    iterations: int
    converged: bool
    start: ModelT_co
    window: FitWindow
    left_out: tuple[str, ...] = ()

    def parameters_rounded(self, places: int) -> dict[str, Decimal]:
        """Parameters as decimals, to be recorded; the model's class takes them back by keyword.

        Args:
            places: decimal places.

        Returns:
            Parameter name to value, in the model's order.
        """
        unit = Decimal(1).scaleb(-places)
        values = attrs.asdict(self.parameters)
        return {name: Decimal(value).quantize(unit) for name, value in values.items()}


@attrs.frozen(eq=False)
class Columns:
    """Summaries as float columns, one row per customer; zbar is NaN where there is none."""

    customers: tuple[str, ...]
    x: FloatArray
    t_x: FloatArray
    t_cut: FloatArray
    zbar: FloatArray


def positive(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    """Validate a model parameter: finite and above 0."""
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{type(instance).__name__}.{attribute.name} must be a positive number, got {value}")


def columns(summaries: Iterable[PurchaseSummary]) -> Columns:
    """Turn exact summaries into float columns; the only place where exact numbers become floats.

    Args:
        summaries: one per customer.

    Returns:
        Columns in the same order.
    """
    rows = tuple(summaries)
    return Columns(
        tuple(row.customer for row in rows),
        np.array([float(row.x) for row in rows]),
        np.array([_float(row.t_x) for row in rows]),
        np.array([_float(row.T) for row in rows]),
        np.array([np.nan if row.zbar is None else _float(row.zbar) for row in rows]),
    )


def _float(exact: Fraction) -> float:
    # What float() returns, without the detour over the abstract class of rational numbers.
    return exact.numerator / exact.denominator


def floats(*values: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Arguments as float arrays of one shape."""
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def window_of(summaries: Sequence[PurchaseSummary]) -> FitWindow:
    """The days the summaries cover.

    Raises:
        FitError: there are none, or they were cut on different days.
    """
    if not summaries:
        raise FitError("there is no customer to fit a model to")
    cuts = {row.cut for row in summaries}
    if len(cuts) > 1:
        raise FitError(f"summaries must share one cut, found {min(cuts)} to {max(cuts)}")
    return FitWindow(min(row.first for row in summaries), cuts.pop())


def collapse(*by_customer: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distinct rows and how many customers each stands for.

    Args:
        by_customer: columns of equal length.

    Returns:
        The distinct rows column by column, and the counts.
    """
    distinct, counts = np.unique(np.column_stack(by_customer), axis=0, return_counts=True)
    return distinct.T, counts.astype(np.float64)


def maximise(
    name: str,
    start: ModelT,
    likelihood: Likelihood,
    columns: Sequence[FloatArray],
    counts: FloatArray,
    window: FitWindow,
    left_out: tuple[str, ...] = (),
) -> Fit[ModelT]:
    """Fit a model by maximum likelihood.

    Of many rows, some of them lead near the maximum; the last steps, and the proof that they end on it, are of all.

    Args:
        name: the model's name.
        start: starting point, any positive parameters.
        likelihood: log-likelihood and gradient per distinct row, for parameters in the model's field order and columns.
        columns: the distinct rows, column by column.
        counts: customers per distinct row.
        window: carried into the result.
        left_out: carried into the result.

    Returns:
        The fit, converged.

    Raises:
        FitError: an estimate runs away, or no level maximum is reached.
    """
    total = float(counts.sum())
    loss = _mean_loss(likelihood, columns, counts)
    origin = np.log(np.array(attrs.astuple(start), dtype=np.float64))
    few = slice(None, None, -(-len(counts) // _SAMPLE))
    near, descent = _descend(_mean_loss(likelihood, [c[few] for c in columns], counts[few]), origin)
    if few.step > 1 and not _inside(near).all():
        near, descent = _descend(loss, origin)
    log_point, steps, level = _polish(loss, near)
    _require_inside(name, type(start), log_point)
    if not level:
        raise FitError(f"{name} did not converge from {start}: no level maximum was reached")
    return Fit(
        model=name,
        parameters=type(start)(*np.exp(log_point).tolist()),
        log_likelihood=-loss(log_point)[0] * total,
        n=round(total),
        iterations=descent + steps,
        converged=True,
        start=start,
        window=window,
        left_out=left_out,
    )


def _mean_loss(likelihood: Likelihood, columns: Sequence[FloatArray], counts: FloatArray) -> Loss:
    total = float(counts.sum())

    def loss(log_point: FloatArray) -> tuple[float, FloatArray]:
        point = np.exp(log_point)
        value, gradient = likelihood(point, *columns)
        return -float(counts @ value) / total, -(gradient @ counts) / total * point

    return loss


def _descend(loss: Loss, origin: FloatArray) -> tuple[FloatArray, int]:
    """A rough minimum and the steps it took."""
    rough = minimize(
        loss,
        origin,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_LOG_BOUND, _LOG_BOUND)] * len(origin),
        options={"maxiter": _MAX_LBFGS, "ftol": 1e-14, "gtol": 1e-9},
    )
    return np.asarray(rough.x, dtype=np.float64), int(rough.nit)


def _polish(loss: Loss, point: FloatArray) -> tuple[FloatArray, int, bool]:
    """Newton steps from a rough minimum; level means a vanishing full step where the surface curves upwards."""
    value, gradient = loss(point)
    steps = 0
    while steps < _MAX_NEWTON and np.abs(point).max() < _LOG_BOUND:
        curvature, axes = np.linalg.eigh(_hessian(loss, point, gradient))
        # Where the surface bends the wrong way, |curvature| still walks downhill.
        step = -axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvature), 1e-10))
        length = float(np.abs(step).max())
        if length < _LEVEL:
            return point + step, steps, bool(curvature.min() > 0)
        taken = _walk(loss, point, step * min(1.0, 1.0 / length), value)
        if taken is None:
            break
        point, value, gradient = taken
        steps += 1
    return point, steps, False


def _walk(
    loss: Loss, point: FloatArray, step: FloatArray, value: float
) -> tuple[FloatArray, float, FloatArray] | None:
    """The first of ever shorter steps that does not climb by more than rounding; None if none does."""
    rounding = 1e-14 * max(1.0, abs(value))
    for halvings in range(30):
        there = point + step * 0.5**halvings
        new_value, new_gradient = loss(there)
        if isfinite(new_value) and new_value <= value + rounding:
            return there, new_value, new_gradient
    return None


def _hessian(loss: Loss, point: FloatArray, gradient: FloatArray) -> FloatArray:
    """Differences of the analytic gradient; to one side, which is exact enough for steps and their proof."""
    offsets = np.eye(len(point)) * _DIFFERENCE
    full = np.array([(loss(point + offset)[1] - gradient) / _DIFFERENCE for offset in offsets])
    return np.asarray((full + full.T) / 2, dtype=np.float64)


def _inside(log_point: FloatArray) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(log_point) <= _LOG_BOUND - 0.5)


def _require_inside(name: str, model: type[Any], log_point: FloatArray) -> None:
    outside = [
        field.name
        for field, inside in zip(attrs.fields(model), _inside(log_point), strict=True)
        if not inside
    ]
    if outside:
        raise FitError(
            f"{name} has no inner maximum for these data: {', '.join(outside)} runs towards 0 or infinity"
        )
