from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi_retail.analysis.measures import (
    RfmMeasures,
    RfmParameters,
    RfmVariant,
    measure,
    measure_all,
    occasions_until,
    score,
)

CUT = date(1997, 9, 30)
DATA_END = date(1998, 6, 30)

populations = st.lists(
    st.builds(
        RfmMeasures,
        customer=st.text("abc", min_size=1, max_size=4),
        recency=st.integers(0, 400),
        frequency=st.integers(1, 12),
        monetary=st.decimals(-10, 600, places=2),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda one: one.customer,
)
variants = st.sampled_from(RfmVariant)


def scored(histories, variant, as_of=CUT):
    return score(measure_all(histories.values(), as_of), variant, as_of)


@pytest.mark.rule("RET-44a")
def test_independent_scores_spread_as_published(sample):
    result = scored(sample, RfmVariant.INDEPENDENT)
    assert result.distribution("r") == (480, 478, 459, 475, 465)
    assert result.distribution("f") == (1_411, 0, 439, 214, 293)
    assert result.distribution("m") == (480, 464, 471, 471, 471)


@pytest.mark.rule("RET-44b")
def test_independent_scores_use_64_cells(sample):
    cells = scored(sample, RfmVariant.INDEPENDENT).cells()
    assert (len(cells), cells["555"], cells["111"]) == (64, 191, 151)


@pytest.mark.rule("RET-44c")
def test_nested_scores_fill_all_125_cells_evenly(sample):
    result = scored(sample, RfmVariant.NESTED)
    assert Counter(result.cells().values()) == {19: 107, 18: 18}
    assert result.distribution("r") == (472, 471, 472, 471, 471)


@pytest.mark.rule("RET-44d")
def test_fixed_bands_spread_as_published(sample):
    result = scored(sample, RfmVariant.FIXED)
    assert result.distribution("r") == (0, 1_636, 310, 236, 175)
    assert result.distribution("f") == (1_411, 439, 314, 159, 34)
    assert result.distribution("m") == (1_468, 449, 277, 131, 32)


@pytest.mark.rule("RET-44e")
def test_two_customers_have_the_published_cells_in_each_variant(sample):
    assert measure(sample["0001"], CUT) == RfmMeasures("0001", 59, 3, Decimal("74.02"))
    assert measure(sample["1516"], CUT) == RfmMeasures("1516", 1, 27, Decimal("1050.99"))
    for variant, first in (("independent", "544"), ("nested", "523"), ("fixed", "432")):
        found = scored(sample, RfmVariant(variant)).by_customer()
        assert (found["0001"].cell, found["1516"].cell) == (first, "555")


@pytest.mark.rule("RET-44f")
def test_nine_months_later_the_first_customer_has_the_published_cells(whole_sample):
    assert measure(whole_sample["0001"], DATA_END) == RfmMeasures("0001", 200, 4, Decimal("100.50"))
    for variant, cell in (("independent", "444"), ("nested", "443"), ("fixed", "233")):
        found = scored(whole_sample, RfmVariant(variant), DATA_END).by_customer()
        assert found["0001"].cell == cell


def test_control_sums_are_those_a_run_records(sample):
    """The sums of RET-60a; the run itself is recorded elsewhere."""
    assert scored(sample, RfmVariant.INDEPENDENT).control_sums() == (2_357, 4_814, Decimal("173115.55"))


def test_one_late_purchase_moves_two_customers_of_the_whole_population(sample, sample_lines):
    """The scores behind RET-60b."""
    before = scored(sample, RfmVariant.INDEPENDENT).by_customer()
    late = [*sample_lines, ("0001", date(1997, 9, 29), Decimal("20.00"))]
    after = scored(occasions_until(late, CUT), RfmVariant.INDEPENDENT).by_customer()
    moved = {who: (before[who].cell, after[who].cell) for who in before if before[who] != after[who]}
    assert moved == {"0001": ("544", "555"), "0893": ("535", "534")}


@pytest.mark.parametrize(
    ("recency", "frequency", "monetary", "cell"),
    [
        (30, 10, "500", "555"),
        (31, 9, "499.99", "444"),
        (90, 5, "200", "444"),
        (91, 4, "199.99", "333"),
        (180, 3, "100", "333"),
        (181, 2, "99.99", "222"),
        (365, 2, "50", "222"),
        (366, 1, "49.99", "111"),
        (366, 1, "-0.01", "111"),
    ],
)
def test_fixed_bands_include_their_bounds(recency, frequency, monetary, cell):
    one = RfmMeasures("A", recency, frequency, Decimal(monetary))
    assert score([one], RfmVariant.FIXED, CUT).scores[0].cell == cell


def test_nested_ties_are_broken_by_ascending_customer_id():
    equals = [RfmMeasures(customer, 10, 1, Decimal(5)) for customer in "edcba"]
    assert [one.r for one in score(equals, RfmVariant.NESTED, CUT).scores] == [1, 2, 3, 4, 5]


def test_other_bands_may_be_given():
    parameters = RfmParameters(3, (7, 30), (4, 2), (Decimal(100), Decimal(10)))
    one = RfmMeasures("A", 7, 3, Decimal(9))
    result = score([one], RfmVariant.FIXED, CUT, parameters)
    assert (result.scores[0].cell, result.parameters) == ("321", parameters)


@pytest.mark.parametrize(
    "bands",
    [
        {"recency_at_most": (30, 90, 180)},
        {"recency_at_most": (90, 30, 180, 365)},
        {"frequency_at_least": (10, 5, 5, 2)},
        {"monetary_at_least": (Decimal(50), Decimal(100), Decimal(200), Decimal(500))},
        {"groups": 1},
        {"groups": 10},
    ],
)
def test_bands_out_of_order_or_number_are_refused(bands):
    with pytest.raises(ValueError):
        RfmParameters(**bands)


def test_a_customer_given_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        score([RfmMeasures("A", 1, 1, Decimal(1))] * 2, RfmVariant.FIXED, CUT)


def test_a_measure_before_the_last_occasion_is_refused(sample):
    with pytest.raises(ValueError, match="after 1997-01-01"):
        measure(sample["0001"], date(1997, 1, 1))


def test_an_empty_population_has_no_scores():
    assert all(score([], variant, CUT).scores == () for variant in RfmVariant)


@given(populations, variants, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order_of_customers(population, variant, random):
    shuffled = list(population)
    random.shuffle(shuffled)
    assert score(shuffled, variant, CUT) == score(population, variant, CUT)


@given(populations, variants)
def test_every_customer_is_scored_from_1_to_5_and_the_grid_foots(population, variant):
    result = score(population, variant, CUT)
    assert sum(result.cells().values()) == len(population)
    for dimension in ("r", "f", "m"):
        assert sum(result.distribution(dimension)) == len(population)


@given(populations)
def test_independent_scores_give_equals_to_equals_and_never_less_to_the_better(population):
    found = score(population, RfmVariant.INDEPENDENT, CUT)
    pairs = list(zip(found.measures, found.scores, strict=True))
    for one, mine in pairs:
        for other, theirs in pairs:
            assert mine.m <= theirs.m or one.monetary > other.monetary
            assert mine.r <= theirs.r or one.recency < other.recency


@given(populations)
def test_nested_groups_differ_by_one_customer_at_most(population):
    sizes = score(population, RfmVariant.NESTED, CUT).distribution("r")
    assert max(sizes) - min(sizes) <= 1
