"""``guanxi project``, ``guanxi verify`` and ``guanxi advance``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.cli.conftest import Ran

Shop = Callable[..., Ran]


def change(db: str, statement: str) -> None:
    """Write behind the ledger's back."""
    connection = sqlite3.connect(db.removeprefix("sqlite:///"))
    triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    for name in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_status_shows_how_far_behind_the_read_models_are(shop: Shop) -> None:
    ran = shop("project", "status")
    assert ran.code == 0
    row = next(line for line in ran.out.splitlines() if line.startswith("core.files"))
    assert row.split()[1] == "0"
    assert row.endswith("behind")


def test_rebuild_brings_them_level(shop: Shop) -> None:
    ran = shop("project", "rebuild")
    assert ran.code == 0
    assert "read models rebuilt, level with position" in ran.out
    assert all(s["lag"] == 0 for s in shop("project", "status", "--json").json()["models"])
    assert "level" in shop("project", "status").out


def test_one_read_model_can_be_rebuilt(shop: Shop) -> None:
    shop("project", "rebuild")
    ran = shop("project", "rebuild", "core.files")
    assert ran.out.startswith("1 read model rebuilt,")


def test_an_unknown_read_model_is_refused(shop: Shop) -> None:
    ran = shop("project", "rebuild", "core.nothing")
    assert ran.code == 1
    assert "unknown_read_model" in ran.err


def test_a_parked_read_model_is_shown_with_its_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.relationship import files

    def fail(*_: object) -> None:
        raise RuntimeError("no good")

    kind = next(iter(files.handlers))
    monkeypatch.setitem(files.handlers, kind, fail)
    assert shop("project", "rebuild").code == 1
    ran = shop("project", "status")
    assert ran.code == 1
    assert "parked" in ran.out
    assert "no good" in ran.out


def test_status_speaks_chinese(shop: Shop) -> None:
    text = shop("project", "status", "--lang", "zh").out
    assert "读模型" in text
    assert "落后" in text


def test_verify_says_what_it_checked_and_what_that_proves(shop: Shop) -> None:
    ran = shop("verify")
    assert ran.code == 0
    assert "entries in 3 streams checked" in ran.out
    assert "Nothing is wrong." in ran.out
    assert "not yet protected" in " ".join(ran.out.split())


def test_verify_names_an_altered_entry_and_ends_with_code_4(shop: Shop, db: str) -> None:
    change(
        db,
        "UPDATE guanxi_entries SET actor = 'mallory' WHERE version = 2 AND name = 'retail.purchase_recorded'",
    )
    ran = shop("verify")
    assert ran.code == 4
    first, second = ran.out.split("\n")[2:4]
    assert first.startswith("altered  ")
    assert first.endswith("/2 · position 3")
    assert second == "  its stored columns do not give its hash"


def test_verify_reports_a_deleted_entry_in_json(shop: Shop, db: str) -> None:
    change(db, "DELETE FROM guanxi_entries WHERE version = 6 AND name = 'retail.points_activated'")
    ran = shop("verify", "--json")
    assert ran.code == 4
    body = ran.json()
    assert not body["clean"]
    assert any(f["code"] == "version_missing" for f in body["faults"])


def test_verify_speaks_chinese(shop: Shop, db: str) -> None:
    assert "未发现问题" in shop("verify", "--lang", "zh").out
    change(
        db,
        "UPDATE guanxi_entries SET actor = 'mallory' WHERE version = 2 AND name = 'retail.purchase_recorded'",
    )
    assert "存储内容与其哈希不符" in shop("verify", "--lang", "zh").out


def test_an_empty_log_has_nothing_to_verify(run: Shop, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    run("init", url)
    ran = run("verify", "--db", url)
    assert ran.code == 0
    assert "nothing to verify" in ran.out


def test_advance_writes_down_what_fell_due_and_then_nothing(shop: Shop) -> None:
    assert shop("advance").out == "2 entries were written down.\n"
    assert shop("advance").out == "Nothing was due.\n"
    assert "not written down yet" not in shop("history", "C-1").out


def test_advance_goes_no_further_than_asked(shop: Shop) -> None:
    assert shop("advance", "--until", "2012-07-10").out == "Nothing was due.\n"
