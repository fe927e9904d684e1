import decimal
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi_retail.analysis.measures import (
    CustomerOccasions,
    Occasion,
    occasions_until,
    summarise,
    summarise_all,
)

CUT = date(1997, 9, 30)
DATA_END = date(1998, 6, 30)

lines = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.dates(date(2012, 1, 1), date(2012, 2, 10)),
        st.decimals(0, 10_000, places=2),
    ),
    max_size=40,
)


def printed(value: Fraction, rounding: str = ROUND_HALF_UP) -> Decimal:
    """A fraction at two decimals; 40 digits in between decide every tie of sevenths and means of cents."""
    with decimal.localcontext(prec=40):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=rounding)


def test_lines_of_one_day_are_one_occasion_with_the_summed_value():
    found = occasions_until(
        [("A", date(2012, 1, 6), Decimal("10.10")), ("A", date(2012, 1, 6), Decimal("0.20"))]
    )
    assert found["A"].occasions == (Occasion(date(2012, 1, 6), Decimal("10.30")),)


def test_a_purchase_of_zero_value_is_an_occasion():
    assert occasions_until([("A", date(2012, 1, 6), Decimal("0.00"))])["A"].count == 1


def test_a_refund_reduces_the_occasion_of_its_purchase():
    day = date(2012, 1, 6)
    assert occasions_until([("A", day, Decimal(100)), ("A", day, Decimal(-30))])["A"].value == Decimal(70)


def test_a_day_with_nothing_but_refunds_is_refused():
    with pytest.raises(ValueError, match="purchase's day"):
        occasions_until([("A", date(2012, 1, 6), Decimal(-30))])


def test_the_cut_is_included_and_what_lies_after_it_is_not():
    rows = [("A", date(2012, 1, 6), Decimal(1)), ("A", date(2012, 1, 7), Decimal(2))]
    assert occasions_until(rows, date(2012, 1, 6))["A"].value == Decimal(1)
    assert occasions_until(rows, date(2012, 1, 5)) == {}


def test_sums_are_exact_whatever_decimal_context_the_caller_has_set():
    rows = [("A", date(2012, 1, 6), Decimal("12345678901.01"))] * 3
    with decimal.localcontext(prec=4):
        assert occasions_until(rows)["A"].value == Decimal("37037036703.03")


def test_a_sum_that_cannot_be_exact_is_refused():
    rows = [("A", date(2012, 1, 6), Decimal("1E+70")), ("A", date(2012, 1, 6), Decimal("0.01"))]
    with pytest.raises(decimal.Inexact):
        occasions_until(rows)


@pytest.mark.parametrize("days", [(), (7, 6), (6, 6)])
def test_occasions_must_be_distinct_days_oldest_first(days):
    with pytest.raises(ValueError, match="customer 'A'"):
        CustomerOccasions("A", tuple(date(2012, 1, day) for day in days), (Decimal(1),) * len(days))


def test_every_occasion_has_a_value():
    with pytest.raises(ValueError, match="1 occasions and 0 values"):
        CustomerOccasions("A", (date(2012, 1, 6),), ())


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert occasions_until(shuffled) == occasions_until(rows)


@given(lines)
def test_occasions_keep_every_cent(rows):
    found = occasions_until(rows)
    assert sum(history.value for history in found.values()) == sum(amount for *_, amount in rows)


@given(lines, st.dates(date(2012, 1, 1), date(2012, 2, 10)))
def test_cutting_lines_first_gives_the_same_as_cutting_while_gathering(rows, cut):
    assert occasions_until(rows, cut) == occasions_until(row for row in rows if row[1] <= cut)


def test_the_next_occasion_after_a_day_is_found_or_there_is_none():
    history = occasions_until([("A", date(2012, 1, day), Decimal(1)) for day in (6, 9)])["A"]
    assert history.next_after(date(2012, 1, 6)) == Occasion(date(2012, 1, 9), Decimal(1))
    assert history.next_after(date(2012, 1, 9)) is None


def test_value_between_two_days_includes_both():
    history = occasions_until([("A", date(2012, 1, day), Decimal(day)) for day in (6, 9, 12)])["A"]
    assert history.value_between(date(2012, 1, 6), date(2012, 1, 9)) == Decimal(15)


def test_weeks_and_means_in_a_summary_are_exact_fractions(sample):
    one = summarise(sample["0001"], CUT)
    assert (one.x, one.t_x, one.T) == (2, Fraction(213, 7), Fraction(272, 7))
    assert one.zbar == Fraction("22.345")
    assert (one.first, one.cut) == (date(1997, 1, 1), CUT)


def test_a_single_occasion_has_no_mean_of_repeats(sample):
    single = next(history for history in sample.values() if history.count == 1)
    assert (summarise(single, CUT).x, summarise(single, CUT).zbar) == (0, None)


def test_a_summary_before_the_last_occasion_is_refused(sample):
    with pytest.raises(ValueError, match="after the cut"):
        summarise(sample["0001"], date(1997, 2, 1))


@pytest.mark.parametrize("change", [{"x": 0}, {"zbar": None}, {"x": -1}])
def test_a_summary_that_contradicts_itself_is_refused(sample, change):
    with pytest.raises(ValueError):
        attrs.evolve(summarise(sample["0001"], CUT), **change)


@pytest.mark.rule("RET-59k")
def test_cdnow_has_as_many_customer_days_as_published(master_lines, sample_lines):
    for rows, occasions, extra in ((master_lines, 67_591, 2_068), (sample_lines, 6_696, 223)):
        found = sum(history.count for history in occasions_until(rows).values())
        assert (found, len(rows) - found) == (occasions, extra)


@pytest.mark.rule("RET-59o")
def test_half_of_cdnow_bought_on_one_day_only(master_lines, sample_lines):
    for rows, singles in ((master_lines, 12_054), (sample_lines, 1_218)):
        assert sum(history.count == 1 for history in occasions_until(rows).values()) == singles


@pytest.mark.rule("RET-59r")
def test_the_sample_at_the_cut_has_the_published_counts(sample_lines, sample):
    until_cut = [amount for _, day, amount in sample_lines if day <= CUT]
    repeats = [one.x for one in summarise_all(sample.values(), CUT)]
    assert (len(until_cut), sum(until_cut)) == (4_960, Decimal("173115.55"))
    assert (sum(repeats), [repeats.count(x) for x in (0, 1, 2)]) == (2_457, [1_411, 439, 214])
    assert sum(x >= 1 for x in repeats) == 946


@pytest.mark.rule("RET-59r")
def test_the_hold_out_has_the_published_counts(sample, whole_sample):
    bought = [whole_sample[customer].count - sample[customer].count for customer in whole_sample]
    assert (DATA_END - CUT).days == 39 * 7
    assert (sum(bought), bought.count(0)) == (1_882, 1_673)


@pytest.mark.rule("RET-59r", "RET-47b")
def test_raw_lines_replayed_give_the_shipped_summaries_after_half_up_rounding(sample, shipped_summary):
    """RET-59r, RET-47b: all of 2,357."""
    replayed = {
        one.customer: [
            Decimal(one.x),
            *(printed(value) for value in (one.t_x, one.T, one.zbar or Fraction(0))),
        ]
        for one in summarise_all(sample.values(), CUT)
    }
    assert len(replayed) == 2_357
    assert replayed == {who: [Decimal(text) for text in row] for who, row in shipped_summary.items()}


@pytest.mark.rule("RET-47b")
def test_half_even_rounding_would_miss_68_shipped_means(sample, shipped_summary):
    differing = [
        one.customer
        for one in summarise_all(sample.values(), CUT)
        if printed(one.zbar or Fraction(0), ROUND_HALF_EVEN) != Decimal(shipped_summary[one.customer][3])
    ]
    assert len(differing) == 68
