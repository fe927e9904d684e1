from datetime import date
from fractions import Fraction

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from guanxi_retail.analysis.models import FitError, GammaGamma, gamma_gamma

STARTS = [(1, 1, 1), (0.01, 0.01, 0.01), (100, 100, 100), (0.1, 50, 5), (20, 0.2, 0.2)]

models = st.builds(GammaGamma, p=st.floats(0.05, 20), q=st.floats(0.05, 20), gamma=st.floats(0.05, 200))


@pytest.mark.rule("RET-47a")
@pytest.mark.parametrize("start", STARTS)
def test_the_published_estimate_is_reached_from_every_start(summaries, start):
    fit = gamma_gamma.fit(summaries, GammaGamma(*start))
    found = attrs.astuple(fit.parameters)
    assert found == pytest.approx((6.24957, 3.74422, 15.44352), abs=5e-4)
    assert [f"{value:.2f}" for value in found] == ["6.25", "3.74", "15.44"]
    assert fit.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert (fit.converged, fit.start, fit.n, fit.left_out) == (True, GammaGamma(*start), 946, ())


@pytest.mark.rule("RET-47a")
def test_means_rounded_to_cents_lead_elsewhere(summaries):
    rounded = [
        attrs.evolve(one, zbar=Fraction(int(one.zbar * 100 + Fraction(1, 2)), 100))
        for one in summaries
        if one.zbar is not None
    ]
    assert f"{gamma_gamma.fit(rounded).parameters.gamma:.3f}" == "15.448"


@pytest.mark.rule("RET-47d")
def test_a_customer_without_repeats_is_expected_to_spend_the_mean_of_all(value_fit):
    p, q, gamma = attrs.astuple(value_fit.parameters)
    assert value_fit.parameters.expected_value(0, np.nan) == pytest.approx(p * gamma / (q - 1))
    assert value_fit.parameters.expected_value(0, np.nan) == pytest.approx(35.17, abs=0.01)


def test_customers_whose_repeats_were_worth_nothing_are_left_out_and_listed(summaries):
    changed = [attrs.evolve(one, zbar=Fraction(0)) if one.customer == "1516" else one for one in summaries]
    fit = gamma_gamma.fit(changed)
    assert (fit.n, fit.left_out) == (945, ("1516",))


def test_a_mean_that_does_not_exist_is_not_a_number():
    assert np.isnan(GammaGamma(p=6, q=0.9, gamma=15).expected_value(0, np.nan))
    assert GammaGamma(p=6, q=0.9, gamma=15).expected_value(1, 20) > 0


def test_other_money_changes_only_the_scale(summaries, value_fit):
    fen = [attrs.evolve(one, zbar=one.zbar * 10_000) for one in summaries if one.zbar is not None]
    p, q, gamma = attrs.astuple(value_fit.parameters)
    assert attrs.astuple(gamma_gamma.fit(fen).parameters) == pytest.approx((p, q, gamma * 10_000), rel=1e-6)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, st.integers(1, 50), st.floats(0.01, 10_000))
def test_the_log_likelihood_is_that_of_a_scaled_beta_prime(model, x, zbar):
    """A mean of x gamma values with a gamma rate is beta-prime (px, q) with scale γ/x."""
    expected = stats.betaprime.logpdf(zbar, model.p * x, model.q, scale=model.gamma / x)
    assert float(model.log_likelihood(x, zbar)) == pytest.approx(float(expected), rel=1e-8, abs=1e-8)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, st.integers(1, 50), st.floats(0.01, 10_000))
def test_the_gradient_is_the_slope_of_the_log_likelihood(model, x, zbar):
    columns = (np.array([float(x)]), np.array([zbar]))
    point = np.array(attrs.astuple(model))
    _, gradient = gamma_gamma._likelihood(point, *columns)
    for i, value in enumerate(point):
        step = np.zeros(3)
        step[i] = 1e-5 * value
        up, down = (gamma_gamma._likelihood(point + sign * step, *columns)[0] for sign in (1, -1))
        slope = float((up - down)[0]) / (2 * step[i])
        assert float(gradient[i][0]) == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_nobody_with_repeats_is_an_error(summaries):
    with pytest.raises(FitError, match="no customer"):
        gamma_gamma.fit(one for one in summaries if one.x == 0)


def test_nobody_with_repeats_of_value_is_an_error(summaries):
    worthless = [attrs.evolve(one, zbar=Fraction(0)) for one in summaries if one.x > 0]
    with pytest.raises(FitError, match="no customer"):
        gamma_gamma.fit(worthless)


def test_the_window_is_that_of_the_data(value_fit):
    assert (value_fit.window.first, value_fit.window.cut) == (date(1997, 1, 1), date(1997, 9, 30))
