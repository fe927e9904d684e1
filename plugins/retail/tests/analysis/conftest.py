"""The CDNOW purchases as exact lines, read from the repository's own copy."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from guanxi_retail.analysis.measures import CustomerOccasions, occasions_until

CDNOW = Path(__file__).resolve().parents[4] / "examples" / "cdnow"
CUT = date(1997, 9, 30)
DATA_END = date(1998, 6, 30)

Line = tuple[str, date, Decimal]


def _lines(path: Path, customer: int, day: int, *, skip: int) -> Iterator[Line]:
    for row in path.read_text(encoding="ascii").splitlines()[skip:]:
        fields = row.split()
        yield fields[customer], date.fromisoformat(fields[day]), Decimal(fields[-1])


@pytest.fixture(scope="session")
def sample_lines() -> list[Line]:
    return list(_lines(CDNOW / "CDNOW_sample.txt", 1, 2, skip=0))


@pytest.fixture(scope="session")
def master_lines() -> list[Line]:
    return list(_lines(CDNOW / "CDNOW_master.txt", 0, 1, skip=1))


@pytest.fixture(scope="session")
def sample(sample_lines: list[Line]) -> dict[str, CustomerOccasions]:
    """Sample customers as of 1997-09-30."""
    return occasions_until(sample_lines, CUT)


@pytest.fixture(scope="session")
def whole_sample(sample_lines: list[Line]) -> dict[str, CustomerOccasions]:
    """Sample customers as of 1998-06-30."""
    return occasions_until(sample_lines, DATA_END)


@pytest.fixture(scope="session")
def shipped_summary() -> dict[str, list[str]]:
    """Printed x, t_x, T and zbar by sample id."""
    rows = (CDNOW / "cdnow_customers_summary_with_transactions.csv").read_text(encoding="ascii").splitlines()
    return {customer.zfill(4): rest for customer, *rest in (row.split(",") for row in rows[1:])}
