"""The migration matrix and the tier register, on the real sample by half-years and on made-up members (RET-28)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi_adapters.pages import render_svg
from guanxi_retail import TierRules
from guanxi_retail.tiers.what_if import tier_what_if
from plugins.retail.tests.tiers.ladder import SAMPLE


def counts(shop, as_of, **parameters):
    """Members by tier at a cut: the columns of the matrix."""
    result = shop.ledger.report("retail.tier_migration", as_of=as_of, **parameters)
    (total,) = [row for row in result.rows if row[0] == "total"]
    return total[1:4]


def matrix(shop, since, as_of):
    """Counts by tier at the opening."""
    result = shop.ledger.report("retail.tier_migration", as_of=as_of, since=date.fromisoformat(since))
    return {row[0]: row[1:4] for row in result.rows if row[0] in ("Basic", "Silver", "Gold")}


@pytest.mark.slow
@pytest.mark.rule("RET-24e", "RET-25f")
def test_the_sample_by_half_years_comes_to_the_published_figures(sample):
    shop = sample()
    assert counts(shop, "1997-06-30") == (2_018, 322, 17)
    assert counts(shop, "1997-12-31") == (1_950, 384, 23)
    assert counts(shop, "1998-01-01") == (2_188, 161, 8)
    assert counts(shop, "1998-06-30") == (2_133, 213, 11)


@pytest.mark.slow
@pytest.mark.rule("RET-28a", "RET-28b")
def test_the_matrix_of_the_sample_comes_to_the_published_figures(sample):
    assert matrix(sample(), "1997-12-31", "1998-06-30") == {
        "Basic": (1_912, 38, 0),
        "Silver": (215, 166, 3),
        "Gold": (6, 9, 8),
    }
    assert matrix(sample(), "1997-12-31", "1998-01-01") == {
        "Basic": (1_950, 0, 0),
        "Silver": (230, 154, 0),
        "Gold": (8, 7, 8),
    }
    assert matrix(sample("one_down"), "1997-12-31", "1998-01-01") == {
        "Basic": (1_950, 0, 0),
        "Silver": (230, 154, 0),
        "Gold": (0, 15, 8),
    }


@pytest.mark.slow
@pytest.mark.rule("RET-28")
def test_a_threshold_moved_on_the_true_history_shows_who_would_stand_elsewhere(sample):
    shop = sample()
    moved = TierRules(tiers={**SAMPLE, "Gold": Decimal(400)}, period="half_year")
    found = tier_what_if(shop.ledger, moved, since=date(1997, 12, 31), as_of="1998-06-30")
    compared = {row[:2]: row[2:] for row in found.compared().rows}
    assert compared["Silver", "Gold"] == (3, 6, 3)
    assert compared["Gold", "Gold"] == (8, 17, 9)
    assert compared["Basic", "Basic"] == (1_912, 1_912, 0)
    assert sum(row[2] for row in compared.values()) == 0
    assert found.members == 44
    for side, title in ((found.before, "Migration between tiers"), (found.after, "under the supposed rules")):
        svg = render_svg(side)
        assert title in svg
        assert "From, 1997-12-31" in svg
    assert counts(shop, "1998-06-30") == (2_133, 213, 11)
