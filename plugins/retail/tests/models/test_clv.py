from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from guanxi_retail.analysis.measures import lapsed_by_estimate
from guanxi_retail.analysis.models import ClvParameters, GammaGamma, forecast_purchases, lifetime_values

ACTUAL_HOLD_OUT = 1_882


def only(values):
    (row,) = values.rows
    return row


@pytest.mark.rule("RET-46g")
def test_both_models_forecast_the_hold_out_as_published(summaries, bg_fit, pareto_fit):
    for fit, expected in ((bg_fit, 1_653.4), (pareto_fit, 1_665.5)):
        forecast = forecast_purchases(fit, summaries, 39)
        total = sum(row.purchases for row in forecast.rows)
        assert total == pytest.approx(expected, abs=1)
        assert total < ACTUAL_HOLD_OUT
        assert (forecast.fit, forecast.horizon) == (fit, 39)


@pytest.mark.rule("RET-46h")
def test_the_models_disagree_on_who_is_probably_gone(by_customer, bg_fit, pareto_fit):
    gone = {}
    for name, fit in (("bg", bg_fit), ("pareto", pareto_fit)):
        rows = forecast_purchases(fit, by_customer.values(), 39).rows
        gone[name] = [row.customer for row in rows if lapsed_by_estimate(row.p_alive)]
    assert len(gone["bg"]) == pytest.approx(393, abs=2)
    assert all(by_customer[who].x > 0 for who in gone["bg"])
    assert len(gone["pareto"]) == pytest.approx(1_783, abs=2)


@pytest.mark.rule("RET-47c")
def test_the_first_customer_is_worth_what_was_published(by_customer, bg_fit, value_fit):
    one = [by_customer["0001"]]
    row = only(lifetime_values(bg_fit, value_fit, one))
    assert row.summary.zbar == (Fraction("29.73") + Fraction("14.96")) / 2
    assert row.value == pytest.approx(24.65, abs=0.01)
    assert row.purchases == pytest.approx(1.5587, abs=1e-4)
    assert row.clv == pytest.approx(36.19, abs=0.01)
    undiscounted = only(lifetime_values(bg_fit, value_fit, one, ClvParameters(discount=Decimal(0))))
    assert undiscounted.clv == pytest.approx(38.43, abs=0.01)
    assert undiscounted.clv == pytest.approx(row.purchases * row.value)


@pytest.mark.rule("RET-47d")
def test_the_best_customer_is_worth_what_was_published(by_customer, bg_fit, value_fit):
    row = only(lifetime_values(bg_fit, value_fit, [by_customer["1516"]]))
    assert f"{float(row.summary.zbar):.2f}" == "39.97"
    assert row.value == pytest.approx(39.89, abs=0.01)
    assert row.clv == pytest.approx(970.12, abs=0.05)


def test_values_carry_the_fits_and_parameters_they_came_from(summaries, pareto_fit, value_fit):
    parameters = ClvParameters(months=6)
    values = lifetime_values(pareto_fit, value_fit, summaries, parameters)
    assert (values.purchase_fit.model, values.value_fit.model) == ("Pareto/NBD", "Gamma-Gamma")
    assert values.parameters == parameters
    assert [row.summary for row in values.rows] == list(summaries)
    assert {type(row.p_alive) for row in values.rows} == {float}


def test_the_margin_scales_the_value(by_customer, bg_fit, value_fit):
    one = [by_customer["0001"]]
    whole = only(lifetime_values(bg_fit, value_fit, one))
    half = only(lifetime_values(bg_fit, value_fit, one, ClvParameters(margin=Decimal("0.5"))))
    assert half.clv == pytest.approx(whole.clv / 2)


def test_two_half_periods_make_one_whole_without_discount(by_customer, bg_fit, value_fit):
    one = [by_customer["0001"]]
    months = ClvParameters(discount=Decimal(0))
    halves = ClvParameters(weeks_per_month=Fraction(52, 24), months=24, discount=Decimal(0))
    assert only(lifetime_values(bg_fit, value_fit, one, halves)).clv == pytest.approx(
        only(lifetime_values(bg_fit, value_fit, one, months)).clv
    )


def test_a_value_that_does_not_exist_is_none(summaries, bg_fit, value_fit):
    single = next(one for one in summaries if one.x == 0)
    no_mean = attrs.evolve(value_fit, parameters=GammaGamma(p=6, q=0.9, gamma=15))
    row = only(lifetime_values(bg_fit, no_mean, [single]))
    assert (row.value, row.clv) == (None, None)
    assert row.purchases > 0


@pytest.mark.parametrize("wrong", [{"months": 0}, {"weeks_per_month": 0}, {"discount": Decimal(-1)}])
def test_parameters_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError):
        ClvParameters(**wrong)


def test_nobody_has_no_forecast(bg_fit, value_fit):
    assert forecast_purchases(bg_fit, [], 39).rows == ()
    assert lifetime_values(bg_fit, value_fit, []).rows == ()
