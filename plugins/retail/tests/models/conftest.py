"""Exact summaries of the CDNOW sample as of 1997-09-30, and the three models fitted to them once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from guanxi_retail.analysis.measures import PurchaseSummary, occasions_until, summarise_all
from guanxi_retail.analysis.models import BgNbd, Fit, GammaGamma, ParetoNbd, bg_nbd, gamma_gamma, pareto_nbd

SAMPLE = Path(__file__).resolve().parents[4] / "examples" / "cdnow" / "CDNOW_sample.txt"
CUT = date(1997, 9, 30)


@pytest.fixture(scope="session")
def summaries() -> tuple[PurchaseSummary, ...]:
    rows = (line.split() for line in SAMPLE.read_text(encoding="ascii").splitlines())
    lines = ((who, date.fromisoformat(day), Decimal(dollars)) for _, who, day, _, dollars in rows)
    return summarise_all(occasions_until(lines, CUT).values(), CUT)


@pytest.fixture(scope="session")
def by_customer(summaries) -> dict[str, PurchaseSummary]:
    return {one.customer: one for one in summaries}


@pytest.fixture(scope="session")
def bg_fit(summaries) -> Fit[BgNbd]:
    return bg_nbd.fit(summaries)


@pytest.fixture(scope="session")
def pareto_fit(summaries) -> Fit[ParetoNbd]:
    return pareto_nbd.fit(summaries)


@pytest.fixture(scope="session")
def value_fit(summaries) -> Fit[GammaGamma]:
    return gamma_gamma.fit(summaries)
