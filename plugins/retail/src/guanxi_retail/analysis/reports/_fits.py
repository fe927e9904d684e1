"""Fitting the statistical models for a report: neutral starts, exact weeks, never printed figures (RET-46, RET-47)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from guanxi import Invalid, Label, PluginError
from guanxi_retail.analysis.measures import PurchaseSummary
from guanxi_retail.reporting import Note

if TYPE_CHECKING:
    from guanxi_retail.analysis.models import Fit

MODEL = Label("estimate by", "估计模型")
WINDOW = Label("fit window", "拟合区间")
LEFT_OUT = Label("left out, mean repeat value not above 0", "剔除（复购均值不大于 0）")
PLACES = 5


def library() -> ModuleType:
    """Return the models.

    Raises:
        PluginError: ``models_missing`` where NumPy and SciPy are not installed.
    """
    try:
        from guanxi_retail.analysis import models
    except ImportError as error:
        raise PluginError(
            "models_missing",
            "estimates need NumPy and SciPy, which are not installed",
            zh="估计模型需要 NumPy 和 SciPy，尚未安装",
            rule="RET-46",
            accepts="pip install 'guanxi-retail[models]'",
        ) from error
    return models


def fitted(model: str, summaries: Iterable[PurchaseSummary]) -> Fit[Any]:
    """Return a model's fit: ``bg_nbd``, ``pareto_nbd`` or ``gamma_gamma``.

    Raises:
        PluginError: ``models_missing``.
        Invalid: ``no_fit`` when these purchases determine no parameters.
    """
    models = library()
    with _as_refusal(models.FitError):
        fit: Callable[[Iterable[PurchaseSummary]], Fit[Any]] = getattr(models, model).fit
        return fit(summaries)


@contextmanager
def _as_refusal(error: type[Exception]) -> Iterator[None]:
    try:
        yield
    except error as why:
        raise Invalid(
            "no_fit",
            str(why),
            zh=f"这些数据无法拟合模型：{why}",
            rule="RET-46",
            accepts="purchases of more customers over a longer time",
        ) from why


def notes_of(*fits: Fit[Any]) -> list[Note]:
    """Return what has to stand beside estimates: model, rounded parameters, log-likelihood, customers, window."""
    notes = [(MODEL, _described(fit)) for fit in fits]
    window = fits[0].window
    notes.append((WINDOW, f"{window.first} – {window.cut}"))
    return notes + [(LEFT_OUT, ", ".join(fit.left_out)) for fit in fits if fit.left_out]


def _described(fit: Fit[Any]) -> str:
    values = ", ".join(f"{name} {value}" for name, value in fit.parameters_rounded(PLACES).items())
    return f"{fit.model}: {values}; LL {fit.log_likelihood:.2f}; n {fit.n:,}"
