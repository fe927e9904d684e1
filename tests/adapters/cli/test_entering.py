"""``guanxi execute``, ``correct``, ``void`` and ``commands``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def test_any_command_can_be_given_by_its_name(shop: Shop) -> None:
    ran = shop("execute", "C-3", "core.open_file", "name=王芳", "--actor", "wang")
    assert ran.code == 0
    assert ran.out.startswith("1 entry recorded.")
    assert "王芳" in shop("history", "C-3").out


def test_a_late_purchase_shows_what_followed_and_what_it_replaced(shop: Shop) -> None:
    ran = shop(
        "execute",
        "C-1",
        "retail.redeem_points",
        "redemption=Y",
        "points=10",
        "--at",
        "2012-06-30T19:00",
        "--reason",
        "found a slip",
    )
    assert ran.code == 0
    assert "tester: found a slip" in " ".join(ran.out.split())
    assert "No longer in force" in ran.out
    assert "replaced by" in ran.out


def test_a_day_is_kept_as_a_day(shop: Shop) -> None:
    ran = shop(
        "execute",
        "C-1",
        "retail.record_purchase",
        "receipt=Z",
        "paid=1,099.00 CNY",
        "--at",
        "2012-03-03",
        "--reason",
        "slip",
        "--json",
    )
    first = next(e for e in ran.json()["entries"] if e["name"] == "retail.purchase_recorded")
    assert first["precision"] == "day"
    assert first["effective_from"] == "2012-03-03T00:00:00+08:00"
    assert first["fields"]["paid"] == {"amount": "1099.00", "currency": "CNY"}


def test_a_late_entry_needs_a_reason_and_says_which_option(shop: Shop) -> None:
    ran = shop("execute", "C-1", "retail.record_purchase", "receipt=Z", "paid=99CNY", "--at", "2012-03-03")
    assert ran.code == 1
    assert "late_entry_needs_reason" in ran.err
    assert "--reason" in ran.err


def test_what_already_happened_is_kept_and_flagged(shop: Shop) -> None:
    order = [
        "execute",
        "C-1",
        "retail.redeem_points",
        "redemption=Y",
        "points=5000",
        "--at",
        "2012-06-30",
        "--reason",
        "slip",
    ]
    assert "insufficient_points" in shop(*order).err
    ran = shop(*order, "--happened")
    assert ran.code == 0
    assert "breach flagged" in ran.out


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (["receipt=Z"], "field_missing"),
        (["receipt=Z", "paid=99"], "out_of_scale"),
        (["receipt=Z", "paid=99CNY", "colour=red"], "unknown_field"),
        (["receipt=Z", "paid=99CNY", "quantity=two"], "out_of_scale"),
        (["receipt=Z", "paid=-99CNY"], "amount_sign"),
        (["receipt=Z", "paid=99.001CNY"], "inexact_amount"),
        (["receipt", "paid=99CNY"], "not_a_pair"),
    ],
)
def test_wrong_fields_are_refused_with_what_is_taken(shop: Shop, fields: list[str], code: str) -> None:
    ran = shop("execute", "C-1", "retail.record_purchase", *fields)
    assert ran.code == 1
    assert ran.err.startswith(f"error: {code}")
    assert ran.err.count("\n") == 1


def test_an_unknown_command_names_those_there_are(shop: Shop) -> None:
    ran = shop("execute", "C-1", "retail.record_purchases")
    assert ran.code == 1
    assert "retail.record_purchase" in ran.err


def test_a_correction_names_the_entry_by_customer_and_number(shop: Shop) -> None:
    ran = shop("correct", "C-1/7", "paid=1,200.50CNY", "--reason", "typo", "--actor", "li")
    assert ran.code == 0
    assert "paid 1,280.50 CNY → 1,200.50 CNY" in ran.out
    assert "corrected by" in ran.out


def test_a_correction_needs_a_reason(shop: Shop) -> None:
    assert shop("correct", "C-1/7", "paid=1CNY").code == 2
    assert shop("correct", "C-1/7", "paid=1CNY", "--reason", "").code == 1


def test_a_correction_of_what_the_rules_drew_is_refused(shop: Shop) -> None:
    ran = shop("correct", "C-1/8", "points=1", "--reason", "typo")
    assert ran.code == 1
    assert "decision_not_correctable" in ran.err


def test_the_moment_can_be_set_right(shop: Shop) -> None:
    ran = shop("correct", "C-1/7", "--at", "2012-02-13T09:00+08:00", "--reason", "wrong day")
    assert ran.code == 0
    assert "counts from 2012-02-13 09:00" in ran.out


def test_a_void_shows_what_is_gone(shop: Shop) -> None:
    ran = shop("void", "C-1/19", "--reason", "not his")
    assert ran.code == 0
    assert "voided by" in ran.out
    again = shop("void", "C-1/19", "--reason", "not his")
    assert again.code == 1
    assert "already_voided" in again.err


def test_voiding_a_correction_gives_back_what_it_corrected(shop: Shop) -> None:
    assert shop("void", "C-1/21", "--reason", "it was 100 after all").code == 0
    entries = {e["id"].rpartition("/")[2]: e for e in shop("history", "C-1", "--json").json()["entries"]}
    assert entries["21"]["status"] == "voided"
    assert entries["2"]["status"] == "in force"


def test_an_unknown_entry_is_refused(shop: Shop) -> None:
    for entry in ("C-1/999", "C-9/1", "nonsense"):
        assert "unknown_entry" in shop("void", entry, "--reason", "x").err


def test_commands_lists_fields_with_their_kinds(run: Shop) -> None:
    text = run("commands").out
    assert "retail.record_purchase" in text
    assert "money, such as 128.00CNY" in text
    assert "core.open_import_batch" not in text


def test_one_command_can_be_looked_up(run: Shop) -> None:
    body = run("commands", "retail.redeem_points", "--json").json()
    assert [f["name"] for f in body[0]["fields"]] == ["redemption", "points", "purpose"]
    assert run("commands", "nothing").code == 1


def test_outcomes_are_told_in_chinese(shop: Shop) -> None:
    ran = shop("execute", "C-1", "retail.record_purchase", "receipt=Z", "paid=99CNY", "--lang", "zh")
    assert "已记录" in ran.out
    assert "消费" in ran.out
