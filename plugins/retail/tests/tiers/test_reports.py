"""The matrix, the register and the whole view on made-up members (RET-24 to RET-28)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from guanxi import CloseRelationship
from guanxi.relationship import MergeFiles
from guanxi_adapters.pages import render_svg
from guanxi_retail.tiers.reports import migration, register
from plugins.retail.tests.till import notes


@pytest.fixture
def town(climb):
    """Five members, who rise, fall, stay, come and leave in 2013."""
    t = climb()
    for member in ("M-2", "M-3", "M-4", "M-5"):
        t.open(member)
    t.buy("2012-04-01", "riser", "1000", member="M-1")
    t.buy("2012-04-01", "faller", "5000", member="M-2")
    t.buy("2012-04-01", "stayer", "10", member="M-3")
    t.buy("2012-04-01", "leaver", "10", member="M-4")
    t.buy("2013-03-01", "newcomer", "1500", member="M-5")
    t.buy("2013-04-01", "riser 2", "5000", member="M-1")
    t.buy("2013-04-01", "faller 2", "1000", member="M-2")
    t.at("2013-06-01")
    t.ledger.execute("M-4", CloseRelationship(reason_code="relocation"), actor="clerk", reason="asked to")
    t.at("2014-01-02").ledger.advance()
    return t


def cells(t, as_of, since, **more):
    result = t.ledger.report(
        "retail.tier_migration", as_of=as_of, since=date.fromisoformat(since), view="long", **more
    )
    return {(a, b): n for a, b, n, _ in result.rows if n}


@pytest.mark.rule("RET-28")
def test_rows_are_the_opening_and_columns_the_closing(town):
    assert cells(town, "2014-01-01", "2012-12-31") == {
        ("Silver", "Gold"): 1,
        ("Gold", "Silver"): 1,
        ("Basic", "Basic"): 1,
        ("Basic", "left"): 1,
        ("not_yet", "Silver"): 1,
    }
    matrix = town.ledger.report("retail.tier_migration", as_of="2014-01-01", since=date(2012, 12, 31))
    rows = {row[0]: row[1:] for row in matrix.rows}
    assert [c.label.en for c in matrix.columns[1:6]] == ["Basic", "Silver", "Gold", "Left", "Total"]
    assert rows["Basic"][:5] == (1, 0, 0, 1, 2)
    assert rows["Basic"][5:] == (Decimal(50), Decimal(0), Decimal(0), Decimal(50))
    assert rows["total"][:5] == (1, 2, 1, 1, 5)
    assert notes(matrix)["members at the opening"] == "2012-12-31: 4"
    assert notes(matrix)["members at the closing"] == "2014-01-01: 4"


@pytest.mark.rule("RET-28")
def test_the_day_before_anybody_came_everybody_is_not_yet_a_member(town):
    assert cells(town, "2012-04-01", "2012-03-31") == {
        ("not_yet", "Basic"): 2,
        ("not_yet", "Silver"): 1,
        ("not_yet", "Gold"): 1,
    }
    assert cells(town, "2012-03-31", "2012-03-30") == {}


@pytest.mark.rule("RET-28")
def test_a_file_that_became_one_with_another_has_left(town):
    town.ledger.execute(
        "M-1", MergeFiles(absorbed="M-2"), actor="clerk", reason="the same person", occurred_at=town.now
    )
    found = cells(town, "2014-01-02", "2014-01-01")
    assert found["Silver", "left"] == 1
    assert sum(n for (_, then), n in found.items() if then != "left") == 3


@pytest.mark.rule("RET-24")
def test_the_register_lists_every_move_with_its_amount_threshold_and_gap(town):
    result = town.ledger.report("retail.tier_register", as_of="2014-01-01", since=date(2012, 12, 31))
    assert [row[1:9] for row in result.rows] == [
        ("M-5", "Basic", "Silver", "upgrade", Decimal("1500.00"), Decimal("1000.00"), Decimal(0), "purchase"),
        ("M-1", "Silver", "Gold", "upgrade", Decimal("5000.00"), Decimal("5000.00"), Decimal(0), "purchase"),
        (
            "M-2",
            "Gold",
            "Silver",
            "downgrade",
            Decimal("1000.00"),
            Decimal("5000.00"),
            Decimal("4000.00"),
            "validity_end",
        ),
    ]
    assert notes(result)["upgraded, kept, downgraded"] == "2, 0, 1"
    only = town.ledger.report(
        "retail.tier_register", as_of="2014-01-01", since=date(2012, 12, 31), move="downgrade"
    )
    assert [row[1] for row in only.rows] == ["M-2"]


@pytest.mark.rule("RET-28")
def test_the_register_is_drawn_as_the_flows_of_the_matrix(town):
    since = date(2012, 12, 31)
    register = town.ledger.report("retail.tier_register", as_of="2014-01-01", since=since).drawn()
    matrix = town.ledger.report(
        "retail.tier_migration", as_of="2014-01-01", since=since, picture="sankey"
    ).drawn()
    assert register.report.picture.kind == matrix.report.picture.kind == "sankey"
    assert register.rows == matrix.rows
    for lang, words in (
        ("en", ("From, 2012-12-31", "not yet member")),
        ("zh", ("期初等级 2012-12-31", "已退出")),
    ):
        svg = render_svg(register, lang)
        assert [word for word in words if word not in svg] == []


@pytest.mark.rule("RET-24")
def test_the_whole_view_says_what_keeps_the_tier_and_what_the_next_one_asks_for(town):
    def seen(member, day):
        return town.ledger.whole_view(member, as_of=day).section("retail.view_tier").rows

    assert seen("M-2", "2013-05-01") == (
        ("Gold", date(2012, 4, 1), date(2013, 12, 31), Decimal("4000.00"), Decimal("1000.00"), None, None),
    )
    assert seen("M-3", "2013-05-01") == (("Basic", None, None, None, Decimal(0), "Silver", Decimal(1_000)),)
    assert seen("M-5", "2013-02-28") == ()


@pytest.mark.rule("RET-25")
def test_in_grace_the_whole_view_counts_the_period_and_the_grace(climb):
    t = climb(grace_days=90)
    t.buy("2012-04-01", "A", "5000")
    t.buy("2013-04-01", "B", "4500")
    t.buy("2014-02-01", "C", "100")
    t.at("2014-02-02")
    (row,) = t.ledger.whole_view("M-1").section("retail.view_tier").rows
    assert row[3] == Decimal("400.00")


@pytest.mark.rule("RET-28")
def test_a_matrix_and_a_register_that_do_not_add_up_say_so(town):
    since = date(2012, 12, 31)
    for parameters, wrong, said in (
        ({"view": "matrix"}, lambda row: (row[0], row[1] + 1, *row[2:]), "total"),
        ({"view": "long"}, lambda row: (*row[:3], Decimal("0.01")), "share"),
    ):
        result = town.ledger.report("retail.tier_migration", as_of="2014-01-01", since=since, **parameters)
        assert list(migration.foots(result.rows)) == []
        assert any(said in text for text in migration.foots((wrong(result.rows[0]), *result.rows[1:])))
    listed = town.ledger.report("retail.tier_register", as_of="2014-01-01", since=since).rows
    assert list(register.foots(listed)) == []
    (first, *_) = listed
    assert list(register.foots([(*first[:7], Decimal(1), *first[8:])])) != []
