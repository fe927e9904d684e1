"""``check determinism`` and ``whatif``: what comes out otherwise is said customer by customer, and nothing is written."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.adapters.cli.conftest import Ran


def rules_file(folder: Path, text: str) -> str:
    file = folder / "new.toml"
    file.write_text(text, "utf-8")
    return str(file)


def test_a_ledger_that_comes_out_again_is_said_to_and_ends_with_nothing_wrong(
    shop: Callable[..., Ran],
) -> None:
    ran = shop("check", "determinism")
    assert ran.code == 0
    assert "Every decision comes out as it is stored." in ran.out
    told = shop("check", "determinism", "--json").json()
    assert (told["same"], told["changes"], told["unreadable"]) == (True, [], [])
    assert told["decisions"] > 0


def test_what_other_rules_would_decide_is_told_with_cause_and_entries_and_leaves_the_file_alone(
    shop: Callable[..., Ran], db: str, tmp_path: Path
) -> None:
    file = Path(db.removeprefix("sqlite:///"))
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    asked = rules_file(tmp_path, '["retail.points"]\nrate = 2.5\n')
    told = shop("whatif", "--rules", asked, "--json")
    assert told.code == 0
    plain = told.json()
    earned = next(c for c in plain["changes"] if c["name"] == "retail.points_earned")
    assert earned["account"] == "C-1"
    assert earned["causes"][0]["parameters"] == {"rate": ["1", "2.5"]}
    assert earned["entries"]
    assert plain["rules"][0]["parameters"] == {"rate": {"instead_of": ["1"], "supposed": "2.5"}}
    assert plain["publishing"]["changed"] + plain["publishing"]["kept"] == len(plain["changes"])
    ran = shop("whatif", "--rules", asked)
    assert "retail.points  rate 1 → 2.5" in ran.out
    assert "retail.points: rate 1 → 2.5" in ran.out
    assert "entries  C-1 #" in ran.out
    assert "This is what would have come out had these rules been in force then." in ran.out
    assert "Published now with effect in the past" in " ".join(ran.out.split())
    assert max(map(len, ran.out.splitlines())) <= 80
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_report_is_compared_row_by_row_with_before_after_and_change(
    shop: Callable[..., Ran], tmp_path: Path
) -> None:
    asked = rules_file(tmp_path, '["retail.spend_classes"]\nordinary = 700\n')
    options = ("--report", "retail.spend_classes", "--as-of", "2012-07-06")
    ran = shop("whatif", "--rules", asked, *options)
    assert ran.code == 0
    assert "Before" in ran.out
    assert "-300" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    told = shop("whatif", "--rules", asked, *options, "--json").json()
    assert told["reports"][0]["key"]
    assert told["reports"][0]["manifests"][1]["hypothetical"] is True
    assert "hypothetical" not in told["reports"][0]["manifests"][0]


def test_it_says_so_in_chinese(shop: Callable[..., Ran], tmp_path: Path) -> None:
    asked = rules_file(tmp_path, '["retail.points"]\nrate = 2\n')
    ran = shop("whatif", "--rules", asked, "--lang", "zh")
    assert "假设始终有效" in ran.out
    assert "涉及 1 位客户" in ran.out
    assert "假如这些规则当时已生效" in ran.out
    assert "若现在发布并追溯生效" in ran.out
    assert "所有判定均与所存一致" in shop("check", "determinism", "--lang", "zh").out


def test_rules_or_reports_or_customers_that_are_not_there_are_refused(
    shop: Callable[..., Ran], tmp_path: Path
) -> None:
    asked = rules_file(tmp_path, '["retail.points"]\nrate = 2\n')
    ran = shop("whatif", "--rules", rules_file(tmp_path, '["retail.pints"]\nrate = 2\n'))
    assert (ran.code, "retail.points" in ran.err) == (1, True)
    asked = rules_file(tmp_path, '["retail.points"]\nrate = 2\n')
    assert shop("whatif", "--rules", asked, "--report", "retail.none").code == 1
    assert shop("check", "determinism", "--subject", "nobody").code == 1


def _altered(db: str, statement: str) -> None:
    with sqlite3.connect(db.removeprefix("sqlite:///")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount == 1
    database.close()


def test_an_altered_entry_is_named_before_anything_is_blamed_on_a_rule(
    shop: Callable[..., Ran], db: str
) -> None:
    _altered(
        db,
        "UPDATE guanxi_entries SET payload = replace(payload, '\"points\":', '\"points\":9') WHERE position = "
        "(SELECT min(position) FROM guanxi_entries WHERE name = 'retail.points_earned')",
    )
    ran = shop("check", "determinism")
    assert ran.code == 4
    assert "altered  C-1 #" in ran.out
    assert "see guanxi verify" in ran.out
    assert "a handler depends on something else" not in ran.out
    told = shop("check", "determinism", "--json").json()
    assert [f["code"] for f in told["faults"]][:1] == ["altered"]
    assert {c["causes"][0]["code"] for c in told["changes"]} == {"altered"}
    assert "被改动" in shop("check", "determinism", "--lang", "zh").out


def test_a_missing_entry_is_reported(shop: Callable[..., Ran], db: str) -> None:
    _altered(
        db,
        "DELETE FROM guanxi_entries WHERE position = "
        "(SELECT min(position) FROM guanxi_entries WHERE name = 'retail.purchase_recorded')",
    )
    ran = shop("check", "determinism")
    assert ran.code == 4, ran.err
    assert "it is gone" in ran.out
    told = shop("check", "determinism", "--json").json()
    assert told["unreadable"][0]["why"] == "it is missing; see guanxi verify"
