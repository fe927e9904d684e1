"""The fitted models side by side, to be held against published values (RET-46, RET-47)."""

from __future__ import annotations

from typing import Any

import attrs

from guanxi import Asked, Column, Content, Label, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analysis.measures import summarise_all
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.reports._fits import PLACES, fitted, notes_of
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import currency_option, estimate


@attrs.frozen
class ModelsParameters:
    """Whose purchases the models are fitted to."""

    currency: str | None = currency_option()


MODELS = ("bg_nbd", "pareto_nbd", "gamma_gamma")
PARAMETERS = {
    "r": "r",
    "alpha": "α",
    "a": "a",
    "b": "b",
    "s": "s",
    "beta": "β",
    "p": "p",
    "q": "q",
    "gamma": "γ",
}


def _build(reader: Reader, parameters: ModelsParameters, asked: Asked) -> Content:
    people = population(reader, asked, parameters.currency)
    summaries = summarise_all(people.histories, asked.day)
    fits = [fitted(model, summaries) for model in MODELS]
    return Content([_row(fit) for fit in fits], [*notes_of(*fits), *people.notes()])


def _row(fit: Any) -> tuple[Any, ...]:
    values = fit.parameters_rounded(PLACES)
    return (fit.model, *(values.get(name) for name in PARAMETERS), estimate(fit.log_likelihood, 2))


models = Report(
    name="retail.models",
    title=Label("Fitted models (estimates)", "拟合模型（估计）"),
    reads=(files, receipts),
    columns=(
        Column("model", Label("Model", "模型"), "code"),
        *(Column(name, Label(sign, sign), "decimal", 3) for name, sign in PARAMETERS.items()),
        Column("log_likelihood", Label("LL", "对数似然"), "decimal"),
    ),
    build=_build,
    parameters=ModelsParameters,
    rules=("RET-46", "RET-47"),
)
