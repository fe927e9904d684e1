from math import lgamma, log

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from guanxi_retail.analysis.models import ParetoNbd, pareto_nbd

STARTS = [(1, 1, 1, 1), (0.01, 0.01, 0.01, 0.01), (100, 100, 100, 100), (0.1, 50, 5, 0.5), (20, 0.2, 0.2, 20)]

scales = st.floats(0.05, 20)
models = st.builds(ParetoNbd, r=scales, alpha=scales, s=scales, beta=scales)


@st.composite
def customers(draw, most=60):
    """x, t_x and T that may stand together."""
    x = draw(st.integers(0, most))
    t_cut = draw(st.floats(0.5, 150))
    return x, t_cut * draw(st.floats(0.01, 1)) if x else 0.0, t_cut


@pytest.mark.rule("RET-46b")
@pytest.mark.parametrize("start", STARTS)
def test_the_published_estimate_is_reached_from_every_start(summaries, start):
    fit = pareto_nbd.fit(summaries, ParetoNbd(*start))
    found = attrs.astuple(fit.parameters)
    assert found == pytest.approx((0.55328, 10.57768, 0.60624, 11.66874), abs=1e-4)
    assert [f"{value:.3f}" for value in found] == ["0.553", "10.578", "0.606", "11.669"]
    assert fit.log_likelihood == pytest.approx(-9594.98, abs=0.01)
    assert f"{fit.log_likelihood:.1f}" == "-9595.0"
    assert (fit.converged, fit.start, fit.n, fit.model) == (True, ParetoNbd(*start), 2_357, "Pareto/NBD")


@pytest.mark.rule("RET-46d")
def test_the_first_customer_is_probably_active(pareto_fit):
    model = pareto_fit.parameters
    assert model.p_alive(2, 213 / 7, 272 / 7) == pytest.approx(0.8691, abs=1e-3)
    assert model.expected_purchases(2, 213 / 7, 272 / 7, 39) == pytest.approx(1.455, abs=1e-3)


@pytest.mark.rule("RET-46e")
def test_the_best_customer_is_almost_certainly_active(pareto_fit):
    model = pareto_fit.parameters
    assert model.p_alive(26, 216 / 7, 217 / 7) == pytest.approx(0.9979, abs=0.01)
    assert model.expected_purchases(26, 216 / 7, 217 / 7, 52) == pytest.approx(25.46, abs=0.01)


def hypergeometric_integral(point, customer, hyp2f1):
    """A/n as RET-46 writes it, by two ₂F₁."""
    (r, alpha, s, beta), (x, t, t_cut) = point, customer
    n, c, far = r + s + x, s + 1 if alpha >= beta else r + x, max(alpha, beta)

    def upper_tail(u):
        return hyp2f1(n, c, n + 1, abs(alpha - beta) / (far + u)) / (far + u) ** n

    return (upper_tail(t) - upper_tail(t_cut)) / n


def textbook_log_likelihood(m: ParetoNbd, x: int, t: float, t_cut: float) -> float:
    active = (m.alpha + t_cut) ** -(m.r + x) * (m.beta + t_cut) ** -m.s
    dropped = m.s * hypergeometric_integral(attrs.astuple(m), (x, t, t_cut), special.hyp2f1)
    return lgamma(m.r + x) - lgamma(m.r) + m.r * log(m.alpha) + m.s * log(m.beta) + log(active + dropped)


@pytest.mark.parametrize("model", [ParetoNbd(0.55, 10.6, 0.61, 11.7), ParetoNbd(0.8, 9.0, 0.4, 3.5)])
@pytest.mark.parametrize("customer", [(0, 0, 38.86), (2, 30.43, 38.86), (11, 5.0, 30.0)])
def test_the_log_likelihood_is_the_textbook_formula(model, customer):
    assert float(model.log_likelihood(*customer)) == pytest.approx(textbook_log_likelihood(model, *customer))


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers(most=15))
def test_the_dropout_integral_agrees_with_adaptive_quadrature(model, customer):
    x, t, t_cut = customer

    def density(u: float) -> float:
        # Divided by its value at t, so that nothing underflows.
        fall = (model.r + x) * np.log((model.alpha + u) / (model.alpha + t))
        return float(np.exp(-fall - (model.s + 1) * np.log((model.beta + u) / (model.beta + t))))

    expected = integrate.quad(density, t, t_cut, limit=500, epsabs=0, epsrel=1e-10)[0]
    columns = (np.array(float(value)) for value in customer)
    log_integral, _ = pareto_nbd._dropout_integral(np.array(attrs.astuple(model)), *columns)
    at_t = (model.r + x) * log(model.alpha + t) + (model.s + 1) * log(model.beta + t)
    assert float(np.exp(log_integral + at_t)) == pytest.approx(expected, rel=1e-8, abs=1e-300)


def test_the_dropout_integral_agrees_with_mpmath_where_the_textbook_formula_cancels():
    mpmath = pytest.importorskip("mpmath")
    for point, customer in [
        ((0.55, 10.6, 0.61, 11.7), (400, 140.0, 140 + 1 / 7)),
        ((20.0, 0.1, 0.9, 11.5), (400, 132.0, 143.0)),
        ((0.01, 0.001, 0.02, 800.0), (1, 0.01, 150.0)),
        ((0.01, 800.0, 5.0, 0.001), (0, 0.0, 150.0)),
    ]:
        with mpmath.workdps(100):
            exactly = ([mpmath.mpf(number) for number in numbers] for numbers in (point, customer))
            expected = float(mpmath.log(hypergeometric_integral(*exactly, mpmath.hyp2f1)))
        columns = (np.array(float(value)) for value in customer)
        found, _ = pareto_nbd._dropout_integral(np.array(point), *columns)
        assert float(found) == pytest.approx(expected, abs=1e-10)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers())
def test_the_gradient_is_the_slope_of_the_log_likelihood(model, customer):
    columns = [np.array([value], dtype=float) for value in customer]
    point = np.array(attrs.astuple(model))
    _, gradient = pareto_nbd._likelihood(point, *columns)
    for i, value in enumerate(point):
        step = np.zeros(4)
        step[i] = 1e-5 * value
        up, down = (pareto_nbd._likelihood(point + sign * step, *columns)[0] for sign in (1, -1))
        slope = float((up - down)[0]) / (2 * step[i])
        assert float(gradient[i][0]) == pytest.approx(slope, rel=1e-4, abs=1e-4)


@settings(deadline=None)  # the first call loads SciPy's parts
@given(models, customers(), st.floats(0.1, 100), st.floats(0.1, 100))
def test_more_time_never_brings_fewer_purchases_and_probabilities_are_probabilities(
    model, customer, horizon, longer
):
    assert 0 <= float(model.p_alive(*customer)) <= 1
    near, far = model.expected_purchases(*customer, [horizon, horizon + longer])
    assert 0 <= near <= far


def test_who_bought_on_the_day_of_the_cut_is_active():
    assert float(ParetoNbd(0.5, 10, 0.6, 12).p_alive(3, 30, 30)) == 1


def test_a_customer_with_thousands_of_purchases_does_not_overflow():
    model = ParetoNbd(0.55, 10.6, 0.61, 11.7)
    assert float(model.p_alive(5_000, 500, 500.1)) > 0.999
    assert float(model.p_alive(5_000, 1, 500)) == 0
    assert np.isfinite(model.log_likelihood(5_000, 1, 500))


@pytest.mark.parametrize("s", [1.0, 1 + 1e-9])
def test_a_dropout_shape_of_one_is_no_exception(s):
    at, aside = (ParetoNbd(0.5, 10, value, 12) for value in (s, 1.0001))
    got, nearby = (float(model.expected_purchases(3, 20, 30, 52)) for model in (at, aside))
    assert got == pytest.approx(nearby, rel=1e-3)


def test_columns_longer_than_one_piece_give_what_single_customers_give(pareto_fit):
    model = pareto_fit.parameters
    repeated = np.tile(model.p_alive([0, 2, 26], [0, 30.4, 30.9], [38.9, 38.9, 31.0]), 4_000)
    columns = (np.tile(column, 4_000) for column in ([0, 2, 26], [0, 30.4, 30.9], [38.9, 38.9, 31.0]))
    assert np.array_equal(model.p_alive(*columns), repeated)
