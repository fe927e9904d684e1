"""``guanxi due``: what is to be done, in both languages, narrowed, at any cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_what_is_due_is_listed_with_its_last_day_and_whose_it_is(shop: Shop) -> None:
    shown = shop("due", "--state", "all", "--as-of", "2013-06-30").out
    assert "C-1" in shown
    assert "Last day" in shown
    assert "punctual" in shown
    assert "最后期限" in shop("--lang", "zh", "due", "--state", "all", "--as-of", "2013-06-30").out


def test_the_list_is_had_as_json_with_its_figures(shop: Shop) -> None:
    told = shop("due", "--state", "all", "--as-of", "2013-06-30", "--json").json()
    assert told["figures"]["due"] == len(told["due_items"]) > 0
    row = told["due_items"][0]
    assert {"customer", "cadence", "rule", "key", "since", "until", "person", "state"} <= set(row)


def test_only_what_is_open_or_overdue_is_listed_unless_more_is_asked_for(shop: Shop) -> None:
    few = shop("due", "--as-of", "2013-06-30", "--json").json()["due_items"]
    assert {row["state"] for row in few} <= {"open", "overdue"}
    every = shop("due", "--as-of", "2013-06-30", "--state", "all", "--json").json()["due_items"]
    some = shop("due", "--as-of", "2013-06-30", "--state", "not_done", "--state", "late", "--json").json()
    assert some["due_items"] == [row for row in every if row["state"] in ("not_done", "late")]


def test_the_list_of_one_customer_and_one_rule_is_part_of_the_whole(shop: Shop) -> None:
    every = shop("due", "--as-of", "2013-06-30", "--state", "all", "--json").json()["due_items"]
    rule = next(row["rule"] for row in every if row["customer"] == "C-1")
    mine = shop(
        "due", "--as-of", "2013-06-30", "--state", "all", "--json", "--customer", "C-1", "--rule", rule
    ).json()["due_items"]
    assert mine == [row for row in every if row["customer"] == "C-1" and row["rule"] == rule]


def test_nothing_due_is_said(shop: Shop) -> None:
    assert "Nothing of that is due." in shop("due", "--person", "nobody").out


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_the_table_fits_the_terminal(shop: Shop, width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    shown = shop("due", "--state", "all", "--as-of", "2013-06-30").out
    assert max(map(len, shown.splitlines())) <= int(width)


def test_a_state_or_a_rule_that_there_is_not_is_refused(shop: Shop) -> None:
    assert shop("due", "--state", "soon").code == 2
    refused = shop("due", "--rule", "NONE-1")
    assert refused.code == 1
    assert "unknown_code" in refused.err
