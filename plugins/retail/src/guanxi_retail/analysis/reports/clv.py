"""Lifetime value: what models expect of each customer; estimates, which decide nothing (RET-46, RET-47)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import attrs
from attrs import validators

from guanxi import Asked, Column, Content, Label, Picture, Reader, Report
from guanxi.relationship import files
from guanxi_retail.analysis.measures import summarise_all
from guanxi_retail.analysis.population import population
from guanxi_retail.analysis.reports._fits import fitted, library, notes_of
from guanxi_retail.analysis.rules import ClvRules
from guanxi_retail.purchases.read_models import receipts
from guanxi_retail.reporting import ACCOUNT, currency_option, estimate, option


@attrs.frozen
class ClvReportParameters:
    """Which model, how far ahead, and how many customers."""

    model: Literal["bg_nbd", "pareto_nbd"] = option(
        "bg_nbd", Label("purchase model: bg_nbd or pareto_nbd", "购买模型")
    )
    top: int | None = option(
        20, Label("how many customers, by value; none for all", "按价值列前若干客户，none 为全部")
    )
    weeks: int | None = attrs.field(
        default=None,
        validator=validators.optional(validators.ge(1)),
        metadata={
            "help": Label(
                "weeks of the purchase forecast; by the rule set if not given", "购买预测周数，默认按规则集"
            )
        },
    )
    currency: str | None = currency_option()


HORIZON = Label("forecast of purchases", "购买预测期")
VALUE = Label("lifetime value", "终身价值口径")


def _build(reader: Reader, parameters: ClvReportParameters, asked: Asked) -> Content:
    models, rules = library(), asked.rules(ClvRules)
    people = population(reader, asked, parameters.currency)
    summaries = summarise_all(people.histories, asked.day)
    purchase, value = fitted(parameters.model, summaries), fitted("gamma_gamma", summaries)
    terms = models.ClvParameters(rules.weeks_per_month, rules.months, rules.discount, rules.margin)
    weeks = parameters.weeks or rules.horizon_weeks
    forecasts = models.forecast_purchases(purchase, summaries, weeks).rows
    values = models.lifetime_values(purchase, value, summaries, terms).rows
    ranked = sorted(
        ((estimate(one.clv, 2), one, forecast) for one, forecast in zip(values, forecasts, strict=True)),
        key=lambda ranked: (ranked[0] is None, -(ranked[0] or Decimal(0)), ranked[1].summary.customer),
    )
    rows = [_row(one, forecast, worth) for worth, one, forecast in ranked[: parameters.top]]
    notes = [
        *notes_of(purchase, value),
        (HORIZON, f"{weeks} weeks"),
        (VALUE, f"{rules.months} months, discount {rules.discount}, margin {rules.margin}"),
        *people.notes(),
    ]
    return Content(rows, notes)


def _row(one: Any, forecast: Any, worth: Decimal | None) -> tuple[Any, ...]:
    known = one.summary
    return (
        known.customer,
        known.x,
        _weeks(known.t_x),
        _weeks(known.T),
        estimate(one.p_alive, 4),
        estimate(forecast.purchases, 4),
        estimate(one.value, 2),
        worth,
    )


def _weeks(exact: Fraction) -> Decimal | None:
    return estimate(float(exact), 4)


clv = Report(
    name="retail.clv",
    title=Label("Customer lifetime value (estimates)", "客户终身价值（估计）"),
    reads=(files, receipts),
    columns=(
        ACCOUNT,
        Column("x", Label("Repeat days x", "复购次数 x"), "integer"),
        Column("t_x", Label("t_x, weeks", "t_x（周）"), "decimal"),
        Column("T", Label("T, weeks", "T（周）"), "decimal"),
        Column("p_alive", Label("P(alive)", "活跃概率"), "decimal", 4),
        Column("expected_purchases", Label("E[Y]", "预期购买 E[Y]"), "decimal"),
        Column("expected_value", Label("E[M]", "预期单次 E[M]"), "decimal"),
        Column("clv", Label("CLV", "终身价值"), "decimal"),
    ),
    build=_build,
    parameters=ClvReportParameters,
    picture=Picture(
        "bars",
        x="account",
        y="clv",
        title=Label("Highest estimated lifetime value", "终身价值最高的客户（估计）"),
    ),
    rules=("RET-46", "RET-47"),
)
