from datetime import date
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np
import pytest

from guanxi_retail.analysis.measures import PurchaseSummary
from guanxi_retail.analysis.models import BgNbd, FitError, bg_nbd, fitting, gamma_gamma, pareto_nbd
from guanxi_retail.analysis.models.fitting import FitWindow, collapse, maximise

MODELS = [bg_nbd, pareto_nbd, gamma_gamma]
PURCHASE_MODELS = [bg_nbd, pareto_nbd]
WINDOW = FitWindow(date(2012, 1, 1), date(2012, 12, 31))


@attrs.frozen
class Bowl:
    u: float
    v: float


def summary(x: int, t_x: int, age: int) -> PurchaseSummary:
    first, cut = date(2012, 1, 1), date(2012, 12, 31)
    return PurchaseSummary("A", first, cut, x, Fraction(t_x), Fraction(age), Fraction(5) if x else None)


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_starts_from_ones_and_says_so(summaries, model):
    fit = model.fit(summaries)
    assert set(attrs.astuple(fit.start)) == {1.0}
    assert fit.window == FitWindow(date(1997, 1, 1), date(1997, 9, 30))
    assert fit.iterations > 0


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_customers_does_not_matter(summaries, model):
    assert model.fit(summaries[::-1]) == model.fit(summaries)


@pytest.mark.parametrize("model", MODELS)
def test_recorded_parameters_do_not_depend_on_the_start(summaries, model):
    here = model.fit(summaries)
    far = type(here.start)(*[30.0] * len(attrs.fields(type(here.start))))
    assert model.fit(summaries, far).parameters_rounded(6) == here.parameters_rounded(6)


def test_recorded_parameters_make_the_model_again(bg_fit):
    recorded = bg_fit.parameters_rounded(4)
    assert recorded == {
        "r": Decimal("0.2426"),
        "alpha": Decimal("4.4136"),
        "a": Decimal("0.7929"),
        "b": Decimal("2.4259"),
    }
    assert BgNbd(**recorded) == BgNbd(0.2426, 4.4136, 0.7929, 2.4259)


@pytest.mark.parametrize("model", MODELS)
def test_some_of_the_customers_lead_to_the_maximum_of_all(summaries, model, monkeypatch):
    whole = model.fit(summaries)
    monkeypatch.setattr(fitting, "_SAMPLE", 150)
    found = model.fit(summaries)
    assert (found.n, found.iterations != whole.iterations) == (whole.n, True)
    assert found.parameters_rounded(6) == whole.parameters_rounded(6)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("model", PURCHASE_MODELS)
def test_another_unit_of_time_changes_only_the_scales(summaries, model):
    days = [attrs.evolve(one, t_x=one.t_x * 7, T=one.T * 7) for one in summaries]
    in_weeks = attrs.asdict(model.fit(summaries).parameters)
    scaled = {name: value * (7 if name in ("alpha", "beta") else 1) for name, value in in_weeks.items()}
    assert attrs.asdict(model.fit(days).parameters) == pytest.approx(scaled, rel=1e-6)


@pytest.mark.parametrize("model", PURCHASE_MODELS)
def test_customers_who_never_came_back_fit_no_model(model):
    with pytest.raises(FitError, match=model.NAME):
        model.fit([summary(0, 0, age) for age in range(1, 40)])


@pytest.mark.parametrize("model", PURCHASE_MODELS)
def test_clockwork_customers_fit_no_model(model):
    with pytest.raises(FitError, match=model.NAME):
        model.fit([summary(30, 30, 30) for _ in range(20)])


@pytest.mark.parametrize("model", MODELS)
def test_no_data_fit_no_model(model):
    with pytest.raises(FitError, match="no customer"):
        model.fit([])


@pytest.mark.parametrize("model", MODELS)
def test_summaries_of_different_cuts_are_refused(summaries, model):
    later = attrs.evolve(summaries[0], cut=date(1998, 6, 30))
    with pytest.raises(FitError, match="1997-09-30 to 1998-06-30"):
        model.fit([*summaries[1:], later])


def test_equal_rows_are_counted_once_with_their_number():
    distinct, counts = collapse(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    assert distinct.tolist() == [[1.0, 2.0], [5.0, 5.0]]
    assert counts.tolist() == [2.0, 1.0]


def bowl(point):
    """A maximum at (2, 50)."""
    aside = np.log(point) - np.log([2.0, 50.0])
    return -(aside[:1] ** 2 + aside[1:] ** 4 + aside[1:] ** 2), (
        -np.array([[2 * aside[0]], [4 * aside[1] ** 3 + 2 * aside[1]]]) / point[:, None]
    )


def test_a_maximum_is_found_to_the_last_digits():
    fit = maximise("bowl", Bowl(1e-3, 1e3), bowl, (), np.array([3.0]), WINDOW)
    assert attrs.astuple(fit.parameters) == pytest.approx((2, 50), rel=1e-9)
    assert (fit.log_likelihood, fit.n) == (pytest.approx(0, abs=1e-12), 3)


def test_where_some_rows_have_no_maximum_all_of_them_may_have_one(monkeypatch):
    """Of every other row alone, v rises for ever."""
    monkeypatch.setattr(fitting, "_SAMPLE", 2)

    def uneven(point, row):
        aside = np.log(point)[:, None] - np.log([[2.0], [50.0]])
        odd, rising = row % 2 == 1, np.zeros_like(row)
        value = np.where(odd, -4 * (aside**2).sum(axis=0), -(aside[0] ** 2) + aside[1])
        slopes = np.where(odd, -8 * aside, np.stack([-2 * aside[0] + rising, 1 + rising]))
        return value, slopes / point[:, None]

    rows = np.arange(4.0)
    fit = maximise("uneven", Bowl(1, 1), uneven, (rows,), np.ones(4), WINDOW)
    assert fit.parameters.u == pytest.approx(2)
    assert np.log(fit.parameters.v / 50) == pytest.approx(1 / 8)


def test_a_level_ridge_is_no_maximum():
    def ridge(point):
        aside = np.log(point[:1])
        return -(aside**2), np.array([-2 * aside / point[:1], [0.0]])

    with pytest.raises(FitError, match="ridge did not converge"):
        maximise("ridge", Bowl(3, 3), ridge, (), np.array([1.0]), WINDOW)


def test_a_saddle_is_no_maximum():
    def saddle(point):
        u, v = np.log(point)
        return np.array([v**2 - u**2]), np.array([[-2 * u], [2 * v]]) / point[:, None]

    with pytest.raises(FitError, match="saddle did not converge"):
        maximise("saddle", Bowl(3, 1), saddle, (), np.array([1.0]), WINDOW)


def test_a_likelihood_that_rises_for_ever_names_the_parameter():
    def slope(point):
        return np.log(point[1:]) - np.log(point[:1]) ** 2, np.array(
            [[-2 * np.log(point[0]) / point[0]], [1 / point[1]]]
        )

    with pytest.raises(FitError, match="v runs towards"):
        maximise("slope", Bowl(1, 1), slope, (), np.array([1.0]), WINDOW)
