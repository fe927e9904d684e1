"""``guanxi search``: entries of all customers by who, what and when."""

from __future__ import annotations

from collections.abc import Callable

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_entries_are_found_by_who_entered_them_and_when_they_happened(shop: Shop) -> None:
    everything = shop("search", "--limit", "1000", "--json").json()["entries"]
    by_wang = [e for e in everything if e["actor"] == "wang" and e["occurred_at"][:7] == "2012-01"]
    asked = shop("search", "--by", "wang", "--since", "2012-01-02", "--until", "2012-01-31", "--json")
    found = asked.json()["entries"]
    assert found
    assert [e["id"] for e in found] == [e["id"] for e in by_wang if e["occurred_at"] >= "2012-01-02"]


def test_entries_are_found_by_kind_and_named_as_people_name_them(shop: Shop) -> None:
    shown = shop("search", "--event", "retail.purchase_recorded", "--limit", "2").out
    assert "purchase" in shown
    assert "C-1" in shown
    assert "There may be more: --after" in shown
    assert "消费" in shop("--lang", "zh", "search", "--event", "retail.purchase_recorded").out


def test_what_is_not_on_record_is_said(shop: Shop) -> None:
    assert "No such entry is on record." in shop("search", "--by", "nobody").out


def test_a_search_goes_on_behind_a_position(shop: Shop) -> None:
    first = shop("search", "--limit", "3", "--json").json()["entries"]
    rest = shop("search", "--after", str(first[-1]["position"]), "--limit", "1000", "--json").json()[
        "entries"
    ]
    whole = shop("search", "--limit", "1000", "--json").json()["entries"]
    assert first + rest == whole
