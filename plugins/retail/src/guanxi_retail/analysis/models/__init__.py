"""Statistical purchase and value models with their fits (RET-46, RET-47); needs the extra `guanxi-retail[models]`.

What comes out are estimates: they carry model, parameters and fit window, and never change money, points or tiers.
"""

# First, so that a missing extra is named before anything else fails.
from guanxi_retail.analysis.models._scipy import FloatArray  # isort: split

from guanxi_retail.analysis.models import bg_nbd, gamma_gamma, pareto_nbd
from guanxi_retail.analysis.models.bg_nbd import BgNbd
from guanxi_retail.analysis.models.clv import (
    ClvParameters,
    CustomerValue,
    CustomerValues,
    Forecast,
    PurchaseForecast,
    PurchaseModel,
    forecast_purchases,
    lifetime_values,
)
from guanxi_retail.analysis.models.fitting import Fit, FitError, FitWindow
from guanxi_retail.analysis.models.gamma_gamma import GammaGamma
from guanxi_retail.analysis.models.pareto_nbd import ParetoNbd

__all__ = [
    "BgNbd",
    "ClvParameters",
    "CustomerValue",
    "CustomerValues",
    "Fit",
    "FitError",
    "FitWindow",
    "FloatArray",
    "Forecast",
    "GammaGamma",
    "ParetoNbd",
    "PurchaseForecast",
    "PurchaseModel",
    "bg_nbd",
    "forecast_purchases",
    "gamma_gamma",
    "lifetime_values",
    "pareto_nbd",
]
