"""The one door to NumPy and SciPy: says which extra is missing, and names the few functions the models use."""

from __future__ import annotations

try:
    import numpy as np
    import numpy.typing as npt
    from scipy import optimize, special
except ModuleNotFoundError as missing:
    raise ImportError(
        "guanxi_retail.analysis.models needs NumPy and SciPy, which are optional: pip install 'guanxi-retail[models]'"
    ) from missing

FloatArray = npt.NDArray[np.float64]

minimize = optimize.minimize


def log_gamma(value: npt.ArrayLike) -> FloatArray:
    """Natural logarithm of the gamma function."""
    return np.asarray(special.gammaln(np.asarray(value, dtype=np.float64)), dtype=np.float64)


def digamma(value: npt.ArrayLike) -> FloatArray:
    """Derivative of `log_gamma`."""
    return np.asarray(special.psi(np.asarray(value, dtype=np.float64)), dtype=np.float64)


def logistic(value: npt.ArrayLike) -> FloatArray:
    """1 / (1 + exp(−value)) without overflow."""
    return np.asarray(special.expit(np.asarray(value, dtype=np.float64)), dtype=np.float64)


def hypergeometric(a: float, b: float, c: npt.ArrayLike, z: npt.ArrayLike) -> FloatArray:
    """Gauss's ₂F₁(a, b; c; z) for real z < 1."""
    c, z = np.asarray(c, dtype=np.float64), np.asarray(z, dtype=np.float64)
    return np.asarray(special.hyp2f1(a, b, c, z), dtype=np.float64)
