"""``guanxi explain``: why a value is what it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]
FLAT = str.split


def test_a_value_comes_with_every_entry_that_changed_it(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.balance", "--as-of", "2012-07-10").out
    assert "Points · balance: 1,000  retail.points.balance" in text
    assert [
        s
        for s in ("0 → 120", "120 → 1,400", "1,400 → 1,120", "1,120 → 1,080", "1,080 → 1,000")
        if s not in text
    ] == []


def test_a_step_names_rule_version_inputs_actor_and_reason(shop: Shop) -> None:
    text = " ".join(shop("explain", "C-1", "retail.points.balance").out.split())
    assert "drawn from due 280" in text
    assert "RET-19 · Points v1 · from #14" in text
    assert "zhou: till was offline" in text


def test_what_was_replaced_comes_with_what_made_it_so(shop: Shop) -> None:
    gone = " ".join(
        shop("explain", "C-1", "retail.points.expired").out.partition("What no longer counts")[2].split()
    )
    assert "#16 2012-07-01 00:00 points expired — replaced by #18" in gone
    assert "because of #17 points redeemed · recorded 2012-07-02 10:00 · zhou: till was offline" in gone
    assert "now #22:" in gone


def test_a_facet_is_explained_whole_with_its_parts_in_words(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points", "--as-of", "2012-07-10").out
    lot = next(line for line in text.splitlines() if line.strip().startswith("lots B"))
    assert "1,000 usable" in lot
    assert "Decimal" not in text
    assert "Lot(" not in text


def test_one_lot_can_be_asked_for_by_further_dots(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.lots.A", "--as-of", "2012-07-10").out
    assert "pending 120 → 0 · usable 0 → 120" in text
    assert "lot B" not in text


@pytest.mark.parametrize("given", ["retail.points.balance", "points.balance", "balance"])
def test_the_plugin_s_name_may_be_left_out(shop: Shop, given: str) -> None:
    assert shop("explain", "C-1", given, "--json").json()["field"] == "retail.points.balance"


def test_a_wrong_field_lists_what_there_is(shop: Shop) -> None:
    ran = shop("explain", "C-1", "blance")
    assert ran.code == 1
    assert "retail.points: lots, redemptions" in ran.err
    assert ran.err.count("\n") == 1


def test_a_value_that_nothing_changed_says_so(shop: Shop) -> None:
    assert "No entry changed it" in shop("explain", "C-1", "retail.points.debt").out


def test_knowledge_is_cut_as_asked(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.expired", "--as-known", "2012-07-01").out
    assert "Points · expired: 100" in text
    assert "What no longer counts" not in text or "#16" not in text.partition("What no longer counts")[2]


def test_json_holds_steps_inputs_and_what_was_superseded(shop: Shop) -> None:
    body = shop("explain", "C-1", "retail.points.balance", "--as-of", "2012-07-10", "--json").json()
    assert body["value"] == 1000
    claw = next(s for s in body["steps"] if s["entry"]["rule"] == "RET-19")
    assert claw["inputs"]["due"] == 280
    assert (claw["before"], claw["after"]) == (1400, 1120)
    assert any(e["status"] == "replaced" for e in body["superseded"])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for field in ("retail.points", "retail.points.balance", "core.file"):
        text = shop("explain", "C-1", field, "--lang", language).out
        assert max(cell_len(line) for line in text.splitlines()) <= columns


def test_chinese_is_spoken_throughout(shop: Shop) -> None:
    text = shop("explain", "C-1", "retail.points.balance", "--lang", "zh").out
    assert "积分 · 余额：0" in text
    assert "由来" in text
    assert "积分中不再计入的记录" in text
    assert "依据：应扣 280" in text
