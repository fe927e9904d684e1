"""``guanxi history``: who, what, when, why, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

import guanxi
from guanxi import Money
from guanxi_retail import RecordPurchase
from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def block(text: str, number: int) -> str:
    """Return the lines of one entry."""
    lines = text.splitlines()
    begins = next(i for i, line in enumerate(lines) if line.lstrip().startswith(f"#{number} "))
    ends = next((i for i in range(begins + 1, len(lines)) if not lines[i].startswith("   " * 5)), len(lines))
    return "\n".join(lines[begins:ends])


def test_an_entry_says_when_what_who_and_why(shop: Shop) -> None:
    shown = block(shop("history", "C-1").out, 2)
    assert "2012-01-30 10:00  purchase" in shown
    assert "receipt A · paid 100.00 CNY" in shown
    assert "wang: till 3" in shown


def test_an_entry_made_for_another_names_both(shop: Shop) -> None:
    assert "wang for branch 7" in shop("history", "C-1").out


def test_a_decision_names_its_rule_its_rule_set_and_what_it_was_drawn_from(shop: Shop) -> None:
    shown = block(shop("history", "C-1").out, 5)
    assert "points earned" in shown
    assert "RET-15 · Points v1 · from #2" in shown


def test_what_no_longer_stands_says_what_took_its_place(shop: Shop) -> None:
    text = shop("history", "C-1").out
    assert "corrected by #21" in block(text, 2)
    assert "voided by #13" in block(text, 10)
    assert "withdrawn by #14" in block(text, 11)
    assert "replaced by #20" in block(text, 18)


def test_a_late_entry_stands_at_its_own_day_and_says_when_it_was_recorded(shop: Shop) -> None:
    text = shop("history", "C-1").out
    shown = " ".join(block(text, 19).split())
    assert "2012-06-30 18:00 points redeemed" in shown
    assert "recorded late, 2012-07-02 10:00" in shown
    assert text.index("#19 ") < text.index("#18 ")


def test_a_replacing_decision_names_the_entry_it_came_with(shop: Shop) -> None:
    assert "recorded 2012-07-02 10:00 with #19" in block(shop("history", "C-1").out, 20)


def test_a_correction_shows_the_wrong_value_and_the_right_one(shop: Shop) -> None:
    shown = block(shop("history", "C-1").out, 21)
    assert "#2 purchase · paid 100.00 CNY → 120.00 CNY" in shown
    assert "li: the receipt says 120" in shown


def test_a_withdrawal_names_the_decision_by_number_and_title(shop: Shop) -> None:
    assert "decision #11 points earned" in block(shop("history", "C-1").out, 14)


def test_what_is_due_but_not_written_down_is_shown_as_such(shop: Shop) -> None:
    assert "points expired — due, not written down yet" in shop("history", "C-1").out


def test_no_value_is_shown_as_a_program_writes_it(shop: Shop) -> None:
    text = shop("history", "C-1").out
    for trace in ("Decimal(", "datetime", "Money(", "['", "{'", "None", "[["):
        assert trace not in text


def test_as_of_leaves_out_what_counts_from_later(shop: Shop) -> None:
    text = shop("history", "C-1", "--as-of", "2012-02-14").out
    assert "as of 2012-02-14" in text
    assert "#7 " in text
    assert "refund" not in text


def test_as_known_leaves_out_what_was_learned_later(shop: Shop) -> None:
    text = shop("history", "C-1", "--as-known", "2012-07-01").out
    assert "#19 " not in text
    assert "replaced" not in block(text, 18)


def test_as_known_takes_a_position_of_the_log(shop: Shop) -> None:
    ran = shop("history", "C-1", "--as-known", "2")
    assert "as known at position 2 · Asia/Shanghai" in ran.out
    assert "#1 " in ran.out
    assert "#2 " not in ran.out


def test_a_position_inside_a_transaction_is_taken_back_and_the_heading_says_so(shop: Shop) -> None:
    ran = shop("history", "C-1", "--as-known", "4")
    assert "as known at position 2 · position 4 is inside a transaction" in ran.out
    assert "#2 " not in ran.out
    assert "位置 4 在一笔事务之内" in shop("history", "C-1", "--as-known", "4", "--lang", "zh").out
    cut = shop("history", "C-1", "--as-known", "4", "--json").json()["cut"]
    assert (cut["position"], cut["taken_back_from"]) == (2, 4)


@pytest.mark.parametrize("command", [("history", "C-1"), ("explain", "C-1", "balance")])
def test_a_position_past_the_end_of_the_log_is_refused(shop: Shop, command: tuple[str, ...]) -> None:
    ran = shop(*command, "--as-known", "999")
    assert ran.code == 1
    assert "no_such_position" in ran.err


def test_the_last_entries_are_shown_on_request(shop: Shop) -> None:
    text = shop("history", "C-1", "--limit", "3").out
    assert "24 earlier ones are not shown" in text
    assert text.count("\n#") == 1, "what is not written down yet has no number"
    assert "#1 " not in text


def test_json_holds_every_entry_with_its_envelope(shop: Shop) -> None:
    body = shop("history", "C-1", "--json").json()
    assert body["customer"] == "C-1"
    assert body["zone"] == "Asia/Shanghai"
    late = next(e for e in body["entries"] if e["name"] == "retail.points_redeemed")
    assert late["late"]
    assert late["actor"] == "zhou"
    assert late["fields"]["lots"] == [["A", 40]]
    gone = next(e for e in body["entries"] if e["id"].endswith("/18"))
    assert gone["status"] == "replaced"
    assert gone["replaced_by"].endswith("/20")


def test_json_can_be_narrowed_too(shop: Shop) -> None:
    assert len(shop("history", "C-1", "--json", "--limit", "1").json()["entries"]) == 1


def test_a_difference_lists_values_and_the_entries_between(shop: Shop) -> None:
    text = shop("history", "C-1", "--diff", "2012-06-29", "2012-07-01").out
    assert "as of 2012-06-29" in text
    row = next(line for line in text.splitlines() if line.startswith("Points · lots · A · expired"))
    assert row.split()[-2:] == ["0", "80"]
    assert "Entries between" in text
    assert "#19 " in text.partition("Entries between")[2]


def test_a_difference_under_earlier_knowledge_is_what_was_believed_then(shop: Shop) -> None:
    text = shop("history", "C-1", "--diff", "2012-06-29", "2012-07-01", "--as-known", "2012-07-01").out
    row = next(line for line in text.splitlines() if line.startswith("Points · lots · A · expired"))
    assert row.split()[-2:] == ["0", "100"]


def test_no_difference_says_so(shop: Shop) -> None:
    text = shop("history", "C-2", "--diff", "2013-01-01", "2013-02-01").out
    assert "No value differs" in text
    assert "None." in text


def test_a_difference_in_json_keeps_the_values_apart(shop: Shop) -> None:
    body = shop("history", "C-1", "--diff", "2012-06-29", "2012-07-01", "--json").json()
    balance = next(c for c in body["changes"] if c["field"] == "retail.points.balance")
    assert (balance["before"], balance["after"]) == (1120, 1000)


def test_before_the_first_entry_there_is_nothing_and_it_says_so(shop: Shop) -> None:
    ran = shop("history", "C-1", "--as-of", "2011-01-01")
    assert ran.code == 0
    assert "Nothing is on record at this cut." in ran.out


def test_chinese_is_spoken_throughout(shop: Shop) -> None:
    text = shop("history", "C-1", "--lang", "zh").out
    assert "截至当前" in text
    assert "消费 — 已由 #21 更正" in text
    assert "实付 100.00 CNY → 120.00 CNY" in text
    assert "补录于 2012-07-02 10:00" in text
    assert "积分规则 v1" in text
    for english in ("recorded", "replaced", "purchase", "points"):
        assert english not in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for extra in ([], ["--diff", "2012-01-01", "2012-07-10"]):
        text = shop("history", "C-1", "--lang", language, *extra).out
        assert max(cell_len(line) for line in text.splitlines()) <= columns
        assert not any(line.endswith(" ") for line in text.splitlines())


def test_an_unknown_customer_is_one_line_on_standard_error(shop: Shop) -> None:
    ran = shop("history", "C-9")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: unknown_relationship: there is no customer file C-9")
    assert ran.err.count("\n") == 1


def test_an_impossible_date_is_refused_in_the_reader_s_language(shop: Shop) -> None:
    ran = shop("history", "C-1", "--as-of", "2012-02-30", "--lang", "zh")
    assert ran.code == 1
    assert ran.err.startswith("错误：invalid_date: '2012-02-30' 不是可能的日期")


def test_what_an_absent_plugin_wrote_is_shown_as_unreadable(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.discover", lambda **_: [])
    text = " ".join(shop("history", "C-1").out.split())
    assert "retail.purchase_recorded — unreadable: its plugin is not installed" in text


def test_personal_values_whose_key_is_gone_read_as_erased(shop: Shop, db: str) -> None:
    import guanxi

    ledger = guanxi.open(db)
    ledger.backend.keyring.destroy(ledger.find("C-1") or "", "identity")
    ledger.close()
    ran = shop("history", "C-1")
    assert ran.code == 0
    assert "name (erased)" in ran.out
    assert "李明" not in ran.out
    assert shop("history", "C-1", "--json").json()["entries"][0]["fields"]["name"] == "(erased)"


# Numbers and names


def test_what_is_not_written_down_yet_has_no_number_that_another_entry_has_later(shop: Shop) -> None:
    text = shop("history", "C-1").out
    pending = next(line for line in text.splitlines() if "due, not written down yet" in line)
    assert "#" not in pending


def linked(db: str) -> None:
    ledger = guanxi.open(db)
    clock = [datetime(2012, 7, 6, 2, tzinfo=UTC)]
    ledger.clock = lambda: clock[0]
    bought = ledger.execute("C-2", RecordPurchase(receipt="Z", paid=Money("50", "CNY")), actor="wang")
    ledger.link("C-1", "C-2", mode="whole", link_type="merge", actor="li", reason="the same")
    clock[0] = datetime(2012, 7, 7, 2, tzinfo=UTC)
    ledger.correct(bought.entries[0].id, {"paid": Money("60", "CNY")}, actor="li", reason="misread")
    ledger.close()


def test_entries_of_a_linked_file_are_called_by_its_account_and_their_number(shop: Shop, db: str) -> None:
    linked(db)
    text = shop("history", "C-1").out
    assert "C-2 #2  2012-07-06" in text
    assert "file linked" in text
    assert "other file C-2" in text
    assert "by C-1" in shop("history", "C-2").out
    assert not re.search("[0-9a-f]{32}", text)
    chinese = shop("history", "C-1", "--lang", "zh").out
    assert "档案关联" in chinese
    assert "另一档案 C-2" in chinese


def test_what_no_longer_counts_in_a_linked_file_is_shown_with_what_took_its_place(
    shop: Shop, db: str
) -> None:
    linked(db)
    lines = shop("history", "C-1").out.splitlines()
    (gone,) = [line for line in lines if line.strip().startswith("C-2 #5")]
    assert re.search(r"points earned — replaced by C-2 #\d+", gone)
    assert any("entry corrected" in line and line.strip().startswith("C-2 #") for line in lines)
    explained = shop("explain", "C-1", "retail.points.balance").out.partition("What no longer counts")[2]
    assert "C-2 #5" in explained


def test_a_correction_of_what_was_corrected_shows_what_had_been_put_right(shop: Shop, db: str) -> None:
    ledger = guanxi.open(db)
    ledger.clock = lambda: datetime(2012, 7, 6, 2, tzinfo=UTC)
    told = next(x for x in ledger.history("C-1").lines() if x.name == "retail.purchase_recorded")
    second = ledger.correct(told.id, {"paid": Money("130", "CNY")}, actor="li", reason="130").entries[0].id
    ledger.void(second, actor="li", reason="no")
    ledger.correct(told.id, {"paid": Money("140", "CNY")}, actor="li", reason="140")
    ledger.close()
    text = " ".join(shop("history", "C-1").out.split())
    for change in ("100.00 CNY → 120.00 CNY", "120.00 CNY → 130.00 CNY", "120.00 CNY → 140.00 CNY"):
        assert change in text
