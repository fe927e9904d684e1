"""Pure analytics over purchase occasions: RFM, cohorts, spend classes, lapse (RET-27, RET-44, RET-45, RET-48).

Exact arithmetic only, no I/O, no NumPy; the statistical models live in `guanxi_retail.analysis.models`.
"""

from guanxi_retail.analysis.measures.churn import (
    LapseParameters,
    LapseVerdict,
    judge_lapse,
    judge_rhythm,
    lapsed_by_estimate,
)
from guanxi_retail.analysis.measures.classes import (
    SpendBand,
    SpendBasis,
    SpendClass,
    SpendClassParameters,
    classing_period,
    spend_class,
)
from guanxi_retail.analysis.measures.cohorts import Cohort, CohortTable, cohort_retention
from guanxi_retail.analysis.measures.occasions import (
    CustomerOccasions,
    Occasion,
    PurchaseSummary,
    occasions_until,
    summarise,
    summarise_all,
)
from guanxi_retail.analysis.measures.rfm import (
    RfmMeasures,
    RfmParameters,
    RfmResult,
    RfmScore,
    RfmVariant,
    measure,
    measure_all,
    score,
)

__all__ = [
    "Cohort",
    "CohortTable",
    "CustomerOccasions",
    "LapseParameters",
    "LapseVerdict",
    "Occasion",
    "PurchaseSummary",
    "RfmMeasures",
    "RfmParameters",
    "RfmResult",
    "RfmScore",
    "RfmVariant",
    "SpendBand",
    "SpendBasis",
    "SpendClass",
    "SpendClassParameters",
    "classing_period",
    "cohort_retention",
    "judge_lapse",
    "judge_rhythm",
    "lapsed_by_estimate",
    "measure",
    "measure_all",
    "occasions_until",
    "score",
    "spend_class",
    "summarise",
    "summarise_all",
]
