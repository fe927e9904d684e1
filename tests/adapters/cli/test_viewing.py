"""``guanxi view``: everything that is known of a customer, section by section."""

from __future__ import annotations

from collections.abc import Callable

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_a_customer_is_shown_section_by_section(shop: Shop) -> None:
    shown = shop("view", "C-1")
    assert shown.code == 0
    assert "Customer file" in shown.out
    assert "C-1" in shown.out
    assert "客户档案" in shop("--lang", "zh", "view", "C-1").out


def test_json_holds_every_section_and_what_is_due(shop: Shop) -> None:
    plain = shop("view", "C-1", "--json").json()
    assert plain["account"] == "C-1"
    assert {"core.view_file", "core.view_grades"} <= set(plain["sections"])
    assert all(section["hidden"] == 0 for section in plain["sections"].values())
    assert isinstance(plain["due"], list)


def test_a_customer_that_is_not_there_is_refused(shop: Shop) -> None:
    refused = shop("view", "nobody")
    assert refused.code == 1
    assert "unknown_relationship" in refused.err
