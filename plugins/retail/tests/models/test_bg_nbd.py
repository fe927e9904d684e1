from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import exp, lgamma, log

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from guanxi_retail.analysis.models import BgNbd, bg_nbd, pareto_nbd

STARTS = [(1, 1, 1, 1), (0.01, 0.01, 0.01, 0.01), (100, 100, 100, 100), (0.1, 50, 5, 0.5), (20, 0.2, 0.2, 20)]

scales = st.floats(0.05, 20)
models = st.builds(BgNbd, r=scales, alpha=scales, a=scales, b=scales)


@st.composite
def customers(draw):
    """x, t_x and T that may stand together."""
    x = draw(st.integers(0, 60))
    t_cut = draw(st.floats(0.5, 150))
    return x, t_cut * draw(st.floats(0.01, 1)) if x else 0.0, t_cut


@pytest.mark.rule("RET-46a")
@pytest.mark.parametrize("start", STARTS)
def test_the_published_estimate_is_reached_from_every_start(summaries, start):
    fit = bg_nbd.fit(summaries, BgNbd(*start))
    found = attrs.astuple(fit.parameters)
    assert found == pytest.approx((0.24259, 4.41360, 0.79292, 2.42591), abs=1e-4)
    assert [f"{value:.3f}" for value in found] == ["0.243", "4.414", "0.793", "2.426"]
    assert fit.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert f"{fit.log_likelihood:.1f}" == "-9582.4"
    assert (fit.converged, fit.start, fit.n, fit.model) == (True, BgNbd(*start), 2_357, "BG/NBD")


@pytest.mark.rule("RET-46c")
def test_weeks_rounded_to_two_decimals_lead_elsewhere(summaries):
    """RET-46c, both models."""
    rounded = [attrs.evolve(one, t_x=two_decimals(one.t_x), T=two_decimals(one.T)) for one in summaries]
    bg, pareto = bg_nbd.fit(rounded).parameters, pareto_nbd.fit(rounded).parameters
    assert (bg.alpha, bg.b) == pytest.approx((4.41353, 2.42575), abs=1e-5)
    assert pareto.beta == pytest.approx(11.66791, abs=1e-5)
    assert f"{pareto.beta:.3f}" != "11.669"


def two_decimals(weeks: Fraction) -> Fraction:
    exact = Decimal(weeks.numerator) / Decimal(weeks.denominator)
    return Fraction(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


@pytest.mark.rule("RET-46d")
def test_the_first_customer_is_probably_active(bg_fit):
    model = bg_fit.parameters
    assert model.p_alive(2, 213 / 7, 272 / 7) == pytest.approx(0.7266, abs=1e-3)
    assert model.expected_purchases(2, 213 / 7, 272 / 7, 39) == pytest.approx(1.226, abs=1e-3)


@pytest.mark.rule("RET-46e")
def test_the_best_customer_is_almost_certainly_active(bg_fit):
    model = bg_fit.parameters
    assert model.p_alive(26, 216 / 7, 217 / 7) == pytest.approx(0.9689, abs=0.01)
    assert model.expected_purchases(26, 216 / 7, 217 / 7, 52) == pytest.approx(25.76, abs=0.01)


@pytest.mark.rule("RET-46f")
def test_a_one_time_buyer_counts_as_active(bg_fit):
    model = bg_fit.parameters
    assert model.p_alive(0, 0, 272 / 7) == 1
    assert model.expected_purchases(0, 0, 272 / 7, 39) == pytest.approx(0.1948, abs=1e-3)


def textbook_log_likelihood(m: BgNbd, x: int, t: float, t_cut: float) -> float:
    dropped = m.a / (m.b + x - 1) * (m.alpha + t) ** -(m.r + x) if x else 0.0
    return (
        lgamma(m.r + x) - lgamma(m.r) + m.r * log(m.alpha)
        + lgamma(m.a + m.b) + lgamma(m.b + x) - lgamma(m.b) - lgamma(m.a + m.b + x)
        + log((m.alpha + t_cut) ** -(m.r + x) + dropped)
    )  # fmt: skip


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers())
def test_the_log_likelihood_is_the_textbook_formula(model, customer):
    expected = textbook_log_likelihood(model, *customer)
    assert float(model.log_likelihood(*customer)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers())
def test_the_gradient_is_the_slope_of_the_log_likelihood(model, customer):
    columns = [np.array([value], dtype=float) for value in customer]
    point = np.array(attrs.astuple(model))
    _, gradient = bg_nbd._likelihood(point, *columns)
    for i, value in enumerate(point):
        step = np.zeros(4)
        step[i] = 1e-5 * value
        up, down = (bg_nbd._likelihood(point + sign * step, *columns)[0] for sign in (1, -1))
        slope = float((up - down)[0]) / (2 * step[i])
        assert float(gradient[i][0]) == pytest.approx(slope, rel=1e-4, abs=1e-4)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers(), st.floats(0.5, 200))
def test_expected_purchases_are_the_mean_over_rates_and_dropout(model, customer, horizon):
    """Against E[(1 − e^(−λph))/p] integrated over p; nothing hypergeometric in it."""
    x, _, t_cut = customer
    a, b = model.a, model.b + x

    def inner(p: float, side: str) -> float:
        # Weights p^(a−1) or (1−p)^(b−1) belong to the quadrature rule, split in the middle.
        rest = (1 - p) ** (b - 1) if side == "low" else p ** (a - 1)
        grown = -np.expm1(-(model.r + x) * np.log1p(p * horizon / (model.alpha + t_cut)))
        return rest * (grown / p if p else (model.r + x) * horizon / (model.alpha + t_cut))

    options = {"limit": 200, "epsabs": 0, "epsrel": 1e-9}
    low = integrate.quad(inner, 0, 0.5, args=("low",), weight="alg", wvar=(a - 1, 0), **options)[0]
    high = integrate.quad(inner, 0.5, 1, args=("high",), weight="alg", wvar=(0, b - 1), **options)[0]
    expected = (low + high) * exp(-special.betaln(a, b)) * float(model.p_alive(*customer))
    assert float(model.expected_purchases(*customer, horizon)) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers(), st.floats(0.1, 100), st.floats(0.1, 100))
def test_more_time_never_brings_fewer_purchases_and_probabilities_are_probabilities(
    model, customer, horizon, longer
):
    assert 0 <= float(model.p_alive(*customer)) <= 1
    near, far = model.expected_purchases(*customer, [horizon, horizon + longer])
    assert 0 <= near <= far


@pytest.mark.parametrize("a", [1.0, 1 + 1e-5, 1 - 9.9e-5])
def test_a_dropout_shape_of_one_is_no_exception(a):
    at, aside = (BgNbd(r=0.3, alpha=5, a=value, b=2.5) for value in (a, a + 1e-3))
    got, nearby = (float(model.expected_purchases(3, 20, 30, 52)) for model in (at, aside))
    assert got == pytest.approx(nearby, rel=1e-3)


def test_a_pole_of_the_textbook_formula_at_a_plus_b_of_one_is_no_exception():
    at, aside = (BgNbd(r=0.3, alpha=5, a=0.4, b=value) for value in (0.6, 0.6001))
    got, nearby = (float(model.expected_purchases(0, 0, 30, 52)) for model in (at, aside))
    assert got == pytest.approx(nearby, rel=1e-3)


def test_a_customer_with_thousands_of_purchases_does_not_overflow():
    model = BgNbd(r=0.24, alpha=4.4, a=0.8, b=2.4)
    assert float(model.p_alive(5_000, 500, 500.1)) == pytest.approx(0.99987, abs=1e-3)
    assert 0 < float(model.expected_purchases(5_000, 500, 500.1, 52)) < 600
    assert float(model.p_alive(5_000, 1, 500)) == 0


def test_expected_purchases_agree_with_mpmath():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        for r, alpha, a, b, x, t_cut, h in [
            (0.24, 4.4, 0.79, 2.43, 0, 38.9, 39),
            (0.24, 4.4, 0.79, 2.43, 300, 38.9, 520),
            (8.0, 0.05, 0.06, 30.0, 25, 90.0, 400),
            (0.02, 60.0, 40.0, 0.1, 2, 5.0, 4),
        ]:
            c, z = mpmath.mpf(a) + b + x - 1, mpmath.mpf(h) / (mpmath.mpf(alpha) + t_cut + h)
            series = mpmath.hyp2f1(mpmath.mpf(r) + x, mpmath.mpf(b) + x, c, z)
            expected = float(c / (mpmath.mpf(a) - 1) * (1 - (1 - z) ** (mpmath.mpf(r) + x) * series))
            model = BgNbd(r, alpha, a, b)
            got = float(model.expected_purchases(x, t_cut, t_cut, h) / model.p_alive(x, t_cut, t_cut))
            assert got == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf")])
def test_a_parameter_that_is_not_a_positive_number_is_refused(wrong):
    with pytest.raises(ValueError, match=r"BgNbd\.alpha"):
        BgNbd(r=1, alpha=wrong, a=1, b=1)
