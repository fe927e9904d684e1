from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest

from guanxi_retail.analysis.measures import CohortTable, cohort_retention, occasions_until

DATA_END = date(1998, 6, 30)


@pytest.fixture(scope="module")
def cdnow(whole_sample) -> CohortTable:
    return cohort_retention(whole_sample.values(), DATA_END)


def percent(share: Fraction) -> str:
    exact = Decimal(share.numerator * 100) / share.denominator
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("month", "size", "counts"),
    [
        pytest.param(
            1,
            781,
            {1: (124, "15.88"), 2: (95, "12.16"), 3: (70, "8.96"), 9: (45, "5.76"), 17: (33, "4.23")},
            marks=pytest.mark.rule("RET-45a"),
            id="RET-45a",
        ),
        pytest.param(
            2,
            857,
            {1: (134, "15.64"), 2: (110, "12.84"), 3: (75, "8.75"), 9: (70, "8.17"), 16: (60, "7.00")},
            marks=pytest.mark.rule("RET-45b"),
            id="RET-45b",
        ),
        pytest.param(
            3,
            719,
            {1: (87, "12.10"), 2: (84, "11.68"), 3: (78, "10.85"), 9: (65, "9.04"), 15: (45, "6.26")},
            marks=pytest.mark.rule("RET-45c"),
            id="RET-45c",
        ),
    ],
)
def test_cdnow_cohorts_come_back_as_published(cdnow, month, size, counts):
    cohort = cdnow.cohort(date(1997, month, 15))
    assert cohort.size == size
    assert {k: (cohort.active[k], percent(cohort.retention(k))) for k in counts} == counts


@pytest.mark.rule("RET-45c")
def test_a_month_after_the_data_end_is_empty_and_not_zero(cdnow):
    march = cdnow.cohort(date(1997, 3, 1))
    assert (march.active[15], march.active[16]) == (45, None)
    assert (march.retention(16), march.retention(99)) == (None, None)


def test_the_first_month_is_the_whole_cohort(cdnow):
    assert [cohort.active[0] for cohort in cdnow.cohorts] == [cohort.size for cohort in cdnow.cohorts]
    assert sum(cohort.size for cohort in cdnow.cohorts) == 2_357


def test_all_rows_have_one_column_per_month_of_data(cdnow):
    assert {len(cohort.active) for cohort in cdnow.cohorts} == {18}


def test_a_month_without_anybody_coming_back_is_zero_and_not_empty():
    histories = occasions_until(
        [("A", date(2011, 12, 31), Decimal(1)), ("A", date(2012, 2, 1), Decimal(1))]
    ).values()
    (cohort,) = cohort_retention(histories, date(2012, 3, 5)).cohorts
    assert (cohort.month, cohort.active) == (date(2011, 12, 1), (1, 0, 1, 0))


def test_two_occasions_in_one_month_count_the_customer_once():
    rows = [("A", date(2012, 1, 1), Decimal(1)), ("A", date(2012, 1, 31), Decimal(1))]
    assert cohort_retention(occasions_until(rows).values(), date(2012, 1, 31)).cohorts[0].active == (1,)


def test_occasions_after_the_data_end_are_not_counted():
    rows = [("A", date(2012, 1, 1), Decimal(1)), ("A", date(2012, 3, 1), Decimal(1))]
    rows.append(("B", date(2012, 3, 1), Decimal(1)))
    table = cohort_retention(occasions_until(rows).values(), date(2012, 2, 29))
    assert [(cohort.size, cohort.active) for cohort in table.cohorts] == [(1, (1, 0))]


def test_nobody_makes_no_cohort_and_asking_for_one_is_an_error():
    table = cohort_retention([], date(2012, 1, 1))
    assert table.cohorts == ()
    with pytest.raises(KeyError):
        table.cohort(date(2012, 1, 1))


def test_months_are_not_counted_backwards(cdnow):
    with pytest.raises(ValueError, match="forward"):
        cdnow.cohorts[0].retention(-1)
