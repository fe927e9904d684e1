from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi_retail.analysis.measures import SpendBand, SpendClassParameters, classing_period, spend_class

amounts = st.decimals(-1_000, 30_000, places=2)


@pytest.mark.rule("RET-27a")
@pytest.mark.parametrize(
    ("amount", "code"),
    [("20000.00", "vip"), ("19999.99", "main"), ("1000", "ordinary"), ("999.99", "small")],
)
def test_bounds_belong_to_the_higher_class(amount, code):
    assert spend_class(Decimal(amount)).code == code


def test_a_class_says_what_it_reached_and_what_is_missing_to_the_next():
    main = spend_class(Decimal("19999.99"))
    assert (main.reached, main.next_bound, main.gap) == (Decimal(5_000), Decimal(20_000), Decimal("0.01"))
    assert (spend_class(Decimal(20_000)).next_bound, spend_class(Decimal(20_000)).gap) == (None, None)
    assert (spend_class(Decimal(-5)).code, spend_class(Decimal(-5)).reached) == ("small", None)


def test_other_bands_give_other_classes():
    parameters = SpendClassParameters(
        bands=(SpendBand("a", Decimal(10)), SpendBand("b", Decimal(5))), below="c"
    )
    assert [spend_class(Decimal(n), parameters).code for n in (10, 5, 4)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"bands": (SpendBand("a", Decimal(5)), SpendBand("b", Decimal(10)))},
        {"bands": (SpendBand("a", Decimal(5)), SpendBand("b", Decimal(5)))},
        {"bands": (SpendBand("small", Decimal(5)),)},
        {"months": 0},
        {"basis": "turnover"},
    ],
)
def test_bands_that_make_no_order_are_refused(wrong):
    with pytest.raises(ValueError):
        SpendClassParameters(**wrong)


@given(amounts, amounts)
def test_more_spend_never_lowers_the_class(one, other):
    order = ["small", "ordinary", "main", "vip"]
    low, high = sorted((one, other))
    assert order.index(spend_class(low).code) <= order.index(spend_class(high).code)


@pytest.mark.parametrize(
    ("as_of", "period"),
    [
        (date(2012, 12, 31), (date(2012, 1, 1), date(2012, 12, 31))),
        (date(2013, 1, 31), (date(2012, 2, 1), date(2013, 1, 31))),
        (date(2013, 1, 30), (date(2012, 1, 1), date(2012, 12, 31))),
        (date(2013, 1, 1), (date(2012, 1, 1), date(2012, 12, 31))),
        (date(2012, 2, 29), (date(2011, 3, 1), date(2012, 2, 29))),
    ],
)
def test_the_classing_period_is_twelve_complete_months(as_of, period):
    """The periods behind RET-27c."""
    assert classing_period(as_of) == period


def test_fewer_months_shorten_the_classing_period():
    assert classing_period(date(2012, 3, 31), SpendClassParameters(months=1)) == (
        date(2012, 3, 1),
        date(2012, 3, 31),
    )
