"""The reports on real purchases, taken in through the ledger and asked at cuts, against published figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from plugins.retail.tests.till import notes

pytestmark = pytest.mark.slow

CUT = "1997-09-30"
DATA_END = "1998-06-30"
FIRST, BEST = "0001", "1516"


def by_first(result):
    return {row[0]: row[1:] for row in result.rows}


@pytest.mark.rule("RET-59h")
def test_the_profile_shows_since_when_how_often_and_for_how_much(shop):
    result = shop.ledger.report("retail.customers")
    assert len(result.rows) == 2_357
    assert sum(row[5] for row in result.rows) == Decimal("244091.94")
    assert (sum(row[3] for row in result.rows), sum(row[4] for row in result.rows)) == (6_919, 16_479)
    assert by_first(result)[FIRST] == (date(1997, 1, 1), date(1997, 12, 12), 4, 7, Decimal("100.50"))
    assert shop.ledger.report("retail.customers", top=3).rows == result.rows[:3]
    assert [row[5] for row in result.rows] == sorted((row[5] for row in result.rows), reverse=True)


def scores(shop, variant, as_of=CUT):
    result = shop.ledger.report("retail.rfm", as_of=as_of, variant=variant, view="customers")
    return result, by_first(result)


@pytest.mark.rule("RET-44a", "RET-44b", "RET-44d")
@pytest.mark.parametrize(
    ("variant", "recency", "frequency", "cells"),
    [
        ("independent", [480, 478, 459, 475, 465], [1_411, 0, 439, 214, 293], "64"),
        ("fixed", [0, 1_636, 310, 236, 175], [1_411, 439, 314, 159, 34], None),
    ],
)
def test_the_grid_counts_everybody_once(shop, variant, recency, frequency, cells):
    result = shop.ledger.report("retail.rfm", as_of=CUT, variant=variant)
    assert [sum(n for r, _, n, _ in result.rows if r == score) for score in range(1, 6)] == recency
    assert [sum(n for _, f, n, _ in result.rows if f == score) for score in range(1, 6)] == frequency
    assert notes(result)["control sums N, ΣF, ΣM"] == "2,357; 4,814; 173,115.55"
    assert cells in (None, notes(result)["cells in use"])
    assert result.drawn().report.picture.kind == "heatmap"
    assert all((mean is None) == (n == 0) for _, _, n, mean in result.rows)


@pytest.mark.rule("RET-44c", "RET-44e", "RET-44f")
def test_scores_of_single_customers_in_the_three_variants(shop):
    expected = {"independent": ("544", "444"), "nested": ("523", "443"), "fixed": ("432", "233")}
    for variant, (at_cut, at_end) in expected.items():
        result, found = scores(shop, variant)
        assert found[FIRST][:3] == (59, 3, Decimal("74.02"))
        assert found[BEST][:3] == (1, 27, Decimal("1050.99"))
        assert (found[FIRST][-1], found[BEST][-1]) == (at_cut, "555")
        assert result.drawn().report.picture is None
        assert scores(shop, variant, DATA_END)[1][FIRST][-1] == at_end
        if variant == "nested":
            assert notes(result)["cells in use"] == "125"


@pytest.mark.rule("RET-45a", "RET-45b", "RET-45c")
def test_cohorts_as_a_triangle_and_long(shop):
    long = shop.ledger.report("retail.cohorts", as_of=DATA_END, view="long", months=None)
    found = {(cohort, k): (n, p) for cohort, k, n, p in long.rows}
    for cohort, size, k, n, share in (
        ("1997-01", 781, 1, 124, "15.88"),
        ("1997-01", 781, 17, 33, "4.23"),
        ("1997-02", 857, 2, 110, "12.84"),
        ("1997-02", 857, 16, 60, "7.00"),
        ("1997-03", 719, 1, 87, "12.10"),
        ("1997-03", 719, 15, 45, "6.26"),
    ):
        assert (found[cohort, 0], found[cohort, k]) == ((size, 100), (n, Decimal(share)))
    assert found["1997-03", 16] == (None, None)
    triangle = shop.ledger.report("retail.cohorts", as_of=DATA_END, months=None)
    assert [c.name for c in triangle.columns] == ["cohort", "size", *(f"k{k}" for k in range(1, 18))]
    assert by_first(triangle)["1997-01"][:4] == (781, Decimal("15.88"), Decimal("12.16"), Decimal("8.96"))
    counts = shop.ledger.report("retail.cohorts", as_of=DATA_END, show="count", months=3)
    assert by_first(counts)["1997-02"] == (857, 134, 110, 75)


def test_the_triangle_is_drawn_from_its_long_form(shop):
    result = shop.ledger.report("retail.cohorts", as_of=DATA_END, months=3)
    assert result.report.picture is None
    drawn = result.drawn()
    assert (drawn.report.picture.kind, len(drawn.rows)) == ("heatmap", 9)
    assert {c.name for c in drawn.columns} >= {drawn.report.picture.x, drawn.report.picture.y}


@pytest.mark.rule("RET-27")
def test_shares_add_up_to_a_hundred(shop):
    result = shop.ledger.report("retail.spend_classes", as_of=CUT)
    assert sum(row[4] for row in result.rows) == 100
    assert sum(row[2] for row in result.rows) == 2_357
    assert sum(row[3] for row in result.rows) == Decimal("173115.55")


@pytest.mark.rule("RET-48b")
def test_who_has_been_silent_for_too_long(shop):
    result = shop.ledger.report("retail.lapse", as_of=CUT)
    assert (notes(result)["lapsed"], notes(result)["active"]) == ("1,806", "551")
    statuses = [row[1] for row in result.rows]
    assert (statuses.count("lapsed"), len(statuses)) == (1_806, 2_357)
    lapsed = shop.ledger.report("retail.lapse", as_of=CUT, status="lapsed", top=5)
    assert [row[1] for row in lapsed.rows] == ["lapsed"] * 5
    later = by_first(shop.ledger.report("retail.lapse", as_of=DATA_END))
    assert sum(row[1] == "lapsed" and later[row[0]][1] > date(1997, 9, 30) for row in result.rows) == 350


@pytest.mark.rule("RET-46a", "RET-46b", "RET-47a")
def test_the_models_fit_what_was_published(shop):
    result = shop.ledger.report("retail.models", as_of=CUT)
    names = [c.name for c in result.columns]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in result.rows}

    def published(model, **values):
        return {name: rows[model][name] for name in values} == {n: Decimal(v) for n, v in values.items()}

    assert published(
        "BG/NBD", r="0.24259", alpha="4.41360", a="0.79292", b="2.42591", log_likelihood="-9582.43"
    )
    assert published("Pareto/NBD", r="0.55328", s="0.60624", log_likelihood="-9594.98")
    assert published("Gamma-Gamma", p="6.24957", q="3.74422", gamma="15.44352", log_likelihood="-4055.92")


@pytest.mark.rule("RET-46d", "RET-47c", "RET-47d")
def test_lifetime_values_of_single_customers(shop):
    result = shop.ledger.report("retail.clv", as_of=CUT, weeks=39, top=None)
    found = by_first(result)
    x, t_x, until, alive, purchases, value, clv = found[FIRST]
    assert (x, t_x, until) == (2, Decimal("30.4286"), Decimal("38.8571"))
    assert (alive, value, clv) == (Decimal("0.7266"), Decimal("24.65"), Decimal("36.19"))
    assert purchases == pytest.approx(Decimal("1.226"), abs=Decimal("0.001"))
    assert found[BEST][-2:] == (Decimal("39.89"), Decimal("970.12"))
    assert len(found) == 2_357
    assert sum(row[0] for row in found.values()) + 2_357 == 4_814
    assert "BG/NBD: r 0.24259" in result.as_table()
    assert "fit window: 1997-01-01 – 1997-09-30" in result.as_table()


def test_the_other_purchase_model_ranks_by_its_own_value(shop):
    result = shop.ledger.report("retail.clv", as_of=CUT, model="pareto_nbd", top=10)
    values = [row[-1] for row in result.rows]
    assert len(values) == 10
    assert values == sorted(values, reverse=True)
    assert "Pareto/NBD" in notes(result)["estimate by"] or "Pareto/NBD" in result.as_table()


def test_an_answer_proves_itself_by_its_digest(shop):
    one, other = (shop.ledger.report("retail.clv", as_of=CUT) for _ in range(2))
    assert one.manifest.digest == other.manifest.digest
    assert one.manifest.parameters == {"model": "bg_nbd", "top": 20, "weeks": None, "currency": None}
