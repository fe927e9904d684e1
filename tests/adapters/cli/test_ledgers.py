"""``guanxi init`` and ``guanxi plugins``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guanxi import Installed
from tests.adapters.cli.conftest import Ran

Run = Callable[..., Ran]


def test_init_makes_a_ledger_and_says_where_log_and_keys_are(run: Run, tmp_path: Path) -> None:
    ran = run("init", f"sqlite:///{tmp_path}/new.db", "--zone", "America/New_York")
    assert ran.code == 0
    assert ran.out.startswith("Made a ledger.")
    assert "new.db" in ran.out
    assert "new.keys.db" in ran.out
    assert "America/New_York" in ran.out
    assert (tmp_path / "new.db").exists()
    assert (tmp_path / "new.keys.db").exists()


def test_init_again_says_that_it_is_there(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    run("init", url)
    ran = run("init", url)
    assert ran.code == 0
    assert ran.out.startswith("There is a ledger already; nothing was changed.")


def test_init_refuses_to_change_the_zone_of_a_ledger(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    run("init", url)
    ran = run("init", url, "--zone", "Europe/Paris")
    assert ran.code == 1
    assert "zone_fixed" in ran.err


def test_an_unknown_zone_makes_nothing(run: Run, tmp_path: Path) -> None:
    ran = run("init", f"sqlite:///{tmp_path}/new.db", "--zone", "Atlantis/City")
    assert ran.code == 1
    assert "unknown_zone" in ran.err
    assert not (tmp_path / "new.db").exists()


def test_init_takes_the_ledger_from_db_too(run: Run, tmp_path: Path) -> None:
    assert run("--db", f"sqlite:///{tmp_path}/other.db", "init").code == 0
    assert (tmp_path / "other.db").exists()


def test_init_keeps_keys_where_it_is_told(run: Run, tmp_path: Path) -> None:
    ran = run("init", f"sqlite:///{tmp_path}/a.db", "--keys", f"sqlite:///{tmp_path}/safe.db")
    assert ran.code == 0
    assert (tmp_path / "safe.db").exists()
    assert not (tmp_path / "a.keys.db").exists()


def test_init_speaks_chinese(run: Run, tmp_path: Path) -> None:
    assert run("init", f"sqlite:///{tmp_path}/new.db", "--lang", "zh").out.startswith("已建立账本。")


def test_only_init_makes_a_ledger_and_others_name_it(run: Run, tmp_path: Path) -> None:
    ran = run("history", "C-1", "--db", f"sqlite:///{tmp_path}/none.db")
    assert ran.code == 1
    assert "guanxi init" in ran.err
    assert not (tmp_path / "none.db").exists()


def test_a_folder_that_is_missing_is_said_plainly(run: Run, tmp_path: Path) -> None:
    ran = run("init", f"sqlite:///{tmp_path}/no/such/folder.db")
    assert ran.code == 1
    assert "cannot_open" in ran.err


def test_an_unknown_kind_of_database_is_refused(run: Run) -> None:
    ran = run("history", "C-1", "--db", "oracle://host")
    assert ran.code == 1
    assert "no_adapter" in ran.err


def test_tenants_see_nothing_of_each_other(run: Run, db: str) -> None:
    assert run("history", "C-1", "--db", db).code == 0
    assert run("history", "C-1", "--db", db, "--tenant", "other").code == 1


def test_plugins_lists_distribution_version_and_parts(run: Run) -> None:
    ran = run("plugins")
    assert ran.code == 0
    assert "retail  Retail  guanxi-retail 0.1.0" in ran.out
    assert "retail.record_purchase" in ran.out


def test_plugins_in_json(run: Run) -> None:
    retail = next(p for p in run("plugins", "--json").json() if p["name"] == "retail")
    assert retail["error"] is None
    assert "retail.points" in retail["subjects"]


def test_plugins_speaks_chinese(run: Run) -> None:
    assert "零售" in run("plugins", "--lang", "zh").out


def test_a_broken_plugin_is_named_and_ends_with_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "guanxi.discover", lambda **_: [Installed("bad", "guanxi-bad 1.0", None, "ImportError: no module")]
    )
    ran = run("plugins")
    assert ran.code == 1
    assert "bad  guanxi-bad 1.0" in ran.out
    assert "ImportError: no module" in ran.out


def test_a_broken_plugin_is_mentioned_whenever_a_ledger_is_opened(
    run: Run, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "guanxi.discover", lambda **_: [Installed("bad", "guanxi-bad 1.0", None, "ImportError: no module")]
    )
    ran = run("history", "C-2", "--db", db)
    assert ran.code == 0
    assert "without the plugin bad: ImportError: no module" in ran.err


def test_no_plugin_at_all_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.discover", lambda **_: [])
    assert "No plugin is installed" in run("plugins").out
