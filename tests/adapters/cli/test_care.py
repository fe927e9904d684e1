"""``guanxi backup``, ``restore``, ``copy`` and ``upgrade``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.cli.conftest import Ran
from tests.adapters.cli.test_keeping import change
from tests.adapters.sql.forms.load import load_sqlite

Shop = Callable[..., Ran]


def verified(run: Shop, url: str) -> bool:
    return run("verify", "--db", url).code == 0


def test_a_backup_is_made_verified_and_restored(shop: Shop, run: Shop, db: str) -> None:
    made = shop("backup", "kept.db")
    assert made.code == 0
    assert "Backed up." in made.out
    assert "kept.keys.db" in made.out
    assert verified(run, "sqlite:///kept.db")
    back = run("restore", "kept.db", "--into", "sqlite:///again.db")
    assert back.code == 0
    assert "Restored." in back.out
    assert "Every hash was checked" in back.out
    assert run("history", "C-1", "--db", "sqlite:///again.db").out == shop("history", "C-1").out
    assert "level" in run("project", "status", "--db", "sqlite:///again.db").out


def test_a_backup_overwrites_nothing(shop: Shop) -> None:
    shop("backup", "kept.db")
    ran = shop("backup", "kept.db")
    assert ran.code == 1
    assert "file_exists" in ran.err
    assert ran.err.count("\n") == 1


def test_keys_are_left_out_on_request(shop: Shop, run: Shop, tmp_path: Path) -> None:
    assert "left out" in shop("backup", "kept.db", "--without-keys").out
    assert not (tmp_path / "kept.keys.db").exists()
    keys = f"sqlite:///{tmp_path / 'shop.keys.db'}"
    assert run("verify", "--db", "sqlite:///kept.db", "--keys", keys).code == 0


def test_what_was_done_is_told_in_json(shop: Shop, run: Shop) -> None:
    made = shop("backup", "kept.db", "--json").json()
    assert made["tenants"] == ["main"]
    assert made["path"].endswith("kept.db")
    back = run("restore", "kept.db", "--into", "sqlite:///again.db", "--json").json()
    assert back["entries"] == made["entries"]
    assert back["keys"] > 0


def test_a_changed_backup_is_not_restored(shop: Shop, run: Shop, tmp_path: Path) -> None:
    shop("backup", "kept.db")
    change(
        f"sqlite:///{tmp_path / 'kept.db'}", "UPDATE guanxi_entries SET actor = 'mallory' WHERE version = 2"
    )
    ran = run("restore", "kept.db", "--into", "sqlite:///again.db")
    assert ran.code == 1
    assert "backup_altered" in ran.err
    assert not (tmp_path / "again.db").exists()


def test_a_place_that_is_taken_is_named(shop: Shop, run: Shop, db: str) -> None:
    shop("backup", "kept.db")
    ran = run("restore", "kept.db", "--into", db)
    assert ran.code == 1
    assert "place_taken" in ran.err
    assert "guanxi_entries" in ran.err


@pytest.mark.postgres
def test_a_ledger_is_copied_to_a_server_and_back(shop: Shop, run: Shop, db: str, postgres_url: str) -> None:
    there = run("copy", db, postgres_url)
    assert there.code == 0
    assert "Copied." in there.out
    back = run("copy", postgres_url, "sqlite:///back.db")
    assert back.code == 0
    report = ("report", "core.files", "--as-of", "2012-07-31", "--as-known", "2012-07-31", "--json")
    digests = {
        run(*report, "--db", url).json()["manifest"]["digest"]
        for url in (db, postgres_url, "sqlite:///back.db")
    }
    assert len(digests) == 1


def test_one_tenant_is_copied_by_name(run: Shop, db: str) -> None:
    ran = run("copy", db, "sqlite:///one.db", "--tenant", "nobody")
    assert ran.code == 1
    assert "unknown_tenant" in ran.err
    assert run("copy", db, "sqlite:///one.db", "--tenant", "main").code == 0


@pytest.mark.parametrize("command", [("backup", "kept.db"), ("upgrade",)])
def test_what_is_about_a_whole_database_takes_no_tenant(shop: Shop, command: tuple[str, ...]) -> None:
    ran = shop(*command, "--tenant", "main")
    assert ran.code == 1
    assert "whole_database" in ran.err
    assert "guanxi copy" in ran.err


def test_an_older_form_is_told_planned_and_upgraded(run: Shop, tmp_path: Path) -> None:
    url = load_sqlite("v1-sqlite", tmp_path / "old.db")
    refused = run("history", "C-1", "--db", url)
    assert refused.code == 1
    assert "schema_too_old" in refused.err
    assert "guanxi upgrade" in refused.err
    planned = run("upgrade", "--plan", "--db", url)
    assert planned.code == 0
    assert planned.out.startswith("to version 2")
    assert run("history", "C-1", "--db", url).code == 1
    done = run("upgrade", "--db", url)
    assert done.code == 0
    assert "Every hash is as it was written." in done.out
    assert run("history", "C-1", "--db", url).code == 0
    assert "nothing to do" in run("upgrade", "--db", url).out


def test_an_upgrade_that_finds_faults_says_so_and_ends_with_code_4(run: Shop, tmp_path: Path) -> None:
    url = load_sqlite("v1-sqlite", tmp_path / "old.db")
    change(url, "UPDATE guanxi_entries SET actor = 'mallory' WHERE position = 9")
    ran = run("upgrade", "--db", url)
    assert ran.code == 4
    assert "1 fault found." in ran.out
    assert "it was so before" in ran.out


def test_care_speaks_chinese(shop: Shop, run: Shop, tmp_path: Path) -> None:
    assert "已备份" in shop("backup", "kept.db", "--lang", "zh").out
    assert "已恢复" in run("restore", "kept.db", "--into", "sqlite:///again.db", "--lang", "zh").out
    assert "已复制" in run("copy", "sqlite:///again.db", "sqlite:///other.db", "--lang", "zh").out
    url = load_sqlite("v1-sqlite", tmp_path / "old.db")
    assert "升至版本 2" in run("upgrade", "--plan", "--db", url, "--lang", "zh").out
    assert "已升级" in run("upgrade", "--db", url, "--lang", "zh").out
    assert "已存在" in shop("backup", "kept.db", "--lang", "zh").err
