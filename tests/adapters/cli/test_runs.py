"""``guanxi runs``: carried out, listed, shown, broken off, compared with what is known now."""

from __future__ import annotations

from collections.abc import Callable

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def carried_out(shop: Shop) -> Ran:
    return shop(
        "runs",
        "start",
        "retail.rfm",
        "--as-of",
        "2012-12-31",
        "--param",
        "variant=fixed",
        "--reason",
        "yearly",
    )


def test_a_run_is_carried_out_and_says_what_it_found(shop: Shop) -> None:
    ran = carried_out(shop)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "retail.rfm-1"
    assert "closed" in ran.out
    assert "variant=fixed" in ran.out
    assert "purchase days 2, net value 1,120.00" in ran.out


def test_runs_are_listed_and_shown_in_both_languages(shop: Shop) -> None:
    carried_out(shop)
    assert "retail.rfm-1" in shop("runs", "list").out
    shown = shop("runs", "show", "retail.rfm-1").out
    assert "Account no." in shown
    assert "C-1" in shown
    chinese = shop("--lang", "zh", "runs", "show", "retail.rfm-1").out
    assert "控制总数" in chinese
    told = shop("runs", "show", "retail.rfm-1", "--json").json()
    assert (told["status"], told["population"], told["lines"][0]["account"]) == ("closed", 1, "C-1")
    names = {r["name"] for r in shop("runs", "list", "--json").json()["runs"]}
    assert {"retail.rfm", "retail.spend_class"} <= names


def test_what_would_come_out_otherwise_is_listed_with_its_own_exit_code(shop: Shop) -> None:
    carried_out(shop)
    same = shop("runs", "differ", "retail.rfm-1")
    assert (same.code, "Nobody's line" in same.out) == (0, True)
    late = ("--at", "2012-12-30 10:00", "--reason", "found later")
    assert shop("execute", "C-1", "retail.record_purchase", "receipt=Z", "paid=50CNY", *late).code == 0
    changed = shop("runs", "differ", "retail.rfm-1")
    assert changed.code == 4
    assert "1 line would come out otherwise" in changed.out
    assert shop("runs", "differ", "retail.rfm-1", "--json").json()[0]["derived"]["frequency"] == 3


def test_a_closed_run_is_not_broken_off(shop: Shop) -> None:
    carried_out(shop)
    refused = shop("runs", "abandon", "retail.rfm-1", "--reason", "no")
    assert refused.code == 1
    assert "run_not_open" in refused.err
    assert shop("runs", "show", "retail.rfm-9").code == 1
