"""``guanxi project``: a model that fails is retried, rows are compared with the log, what is left over is cleaned."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import guanxi
from guanxi import OpenFile
from guanxi_adapters.sql.standings import suffix_of
from tests.adapters.cli.conftest import Ran
from tests.adapters.sql.tiny import FAILS, install

Shop = Callable[..., Ran]


def change(db: str, statement: str) -> None:
    with sqlite3.connect(db.removeprefix("sqlite:///")) as connection:
        connection.execute(statement)
    connection.close()


def rows_of(db: str, model: str) -> str:
    """Return the table that holds a read model's rows, of whatever version it is now."""
    with sqlite3.connect(db.removeprefix("sqlite:///")) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
    connection.close()
    (table,) = (n for n in names if re.fullmatch(rf"{model.replace('.', '_')}(__v\d+)?", n))
    return table


@pytest.fixture
def installed(tmp_path: Path, plain: None) -> Callable[..., Ran]:
    """Run the command as its own process, with a tiny plugin installed whose read model fails when told to."""
    folder = install(tmp_path / "plugins")
    url = f"sqlite:///{tmp_path / 'tiny.db'}"

    def go(*arguments: str, fails: str = "") -> Ran:
        environment = {**os.environ, "PYTHONPATH": str(folder), FAILS: fails, "GUANXI_DB": url}
        command = [sys.executable, "-m", "guanxi_adapters.cli", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    return go


def test_a_plugin_whose_read_model_failed_is_mended_and_goes_on(installed: Callable[..., Ran]) -> None:
    assert installed("init").code == 0
    assert installed("execute", "T-1", "core.open_file").code == 0
    for word in ("one", "two", "three"):
        assert installed("execute", "T-1", "tiny.note", f"text={word}").code == 0
    stopped = installed("project", "rebuild", fails="two")
    assert stopped.code == 1
    assert "cannot fold two" in stopped.out
    again = installed("project", "retry", fails="three")
    assert again.code == 1
    assert "cannot fold three" in again.out
    mended = installed("project", "retry", "tiny.notes")
    assert mended.code == 0
    assert "tiny.notes" in mended.out
    assert "level" in mended.out
    checked = installed("project", "check", "--workers", "2", "--json")
    assert checked.code == 0
    assert {c["model"]: c["equal"] for c in checked.json()}[
        "tiny.notes"
    ] == 2  # words of three and of five letters
    assert installed("project", "retry").out == "No read model is parked.\n"


def test_a_row_that_was_changed_behind_the_log_is_found_and_named(shop: Shop, db: str) -> None:
    shop("project", "rebuild")
    assert shop("project", "check").code == 0
    change(db, f"UPDATE {rows_of(db, 'retail.customers')} SET purchases = purchases + 7")
    found = shop("project", "check")
    assert found.code == 4
    line = next(
        x for x in found.out.splitlines() if x.lstrip().startswith("purchases ") or ": purchases " in x
    )
    assert ", not " in line
    assert shop("project", "check", "core.files").code == 0
    left = shop("project", "rebuild", "retail.customers", "--compare")
    assert left.code == 4
    assert "0 read models rebuilt" in left.out
    told = " ".join(left.out.split())
    assert "Left as they are, since the new rows differ: retail.customers." in told
    assert "'guanxi project rebuild retail.customers' then puts" in told
    assert shop("project", "rebuild", "retail.customers", "--compare", "--swap").code == 4
    assert shop("project", "check").code == 0


def test_checksums_are_shown_when_asked_for(shop: Shop, db: str) -> None:
    shop("project", "rebuild")
    plain = shop("project", "status", "--json").json()["models"]
    assert all(s["checksum"] is None and s["rebuilt_checksum"] for s in plain)
    summed = shop("project", "status", "--checksum", "--json").json()["models"]
    assert [s["checksum"] for s in summed] == [s["rebuilt_checksum"] for s in plain]
    change(db, f"DELETE FROM {rows_of(db, 'retail.receipts')}")
    now = {s["name"]: s for s in shop("project", "status", "--checksum", "--json").json()["models"]}
    assert now["retail.receipts"]["checksum"] != now["retail.receipts"]["rebuilt_checksum"]
    ran = shop("project", "status", "--checksum")
    assert now["core.files"]["checksum"][:16] in ran.out
    assert ran.code == 4
    told = " ".join(ran.out.split())
    assert "retail.receipts: its rows were changed since they were swapped in" in told
    assert "core.files: its rows" not in told
    assert shop("project", "status").code == 0


def test_a_build_that_was_broken_off_says_since_when_and_can_be_removed(shop: Shop, db: str) -> None:
    shop("project", "rebuild")
    ledger = guanxi.open(db)

    def stop(_position: int, _last: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.reporting.rebuild("core.files", stop)
    (begun,) = [s.building.since for s in ledger.reporting.status() if s.building is not None]
    ledger.close()
    assert begun is not None
    assert "since 20" in " ".join(shop("project", "status").out.split())
    kept = " ".join(shop("project", "clean").out.split())
    assert "There is nothing to clean. core.files is being built since 20" in kept
    assert "--broken-off removes it" in kept
    assert "abandoned" in shop("project", "clean", "--broken-off").out
    assert "being built" not in shop("project", "clean").out
    assert "building" not in shop("project", "status").out


def test_rows_of_an_absent_plugin_are_listed_and_removed_when_asked(shop: Shop, db: str) -> None:
    shop("project", "rebuild")
    change(db, "UPDATE guanxi_read_models SET name = 'gone.rows' WHERE name = 'retail.receipts'")
    change(db, f"ALTER TABLE {rows_of(db, 'retail.receipts')} RENAME TO gone_rows")
    shown = shop("project", "status")
    assert "plugin absent" in " ".join(shown.out.split())
    assert shop("project", "clean").out == "There is nothing to clean.\n"
    assert "gone_rows" in shop("project", "clean", "--absent").out
    assert shop("project", "clean", "--absent", "--json").json() == []
    assert "gone.rows" not in shop("project", "status").out


def test_a_table_left_behind_is_cleaned(shop: Shop, db: str) -> None:
    change(db, f"CREATE TABLE retail_customers{suffix_of('apart', 'main')} (x INTEGER)")
    assert "abandoned" in shop("project", "clean").out


def test_status_fits_eighty_columns_in_both_languages(shop: Shop) -> None:
    shop("project", "rebuild")
    for language in ("en", "zh"):
        out = shop("project", "status", "--checksum", "--lang", language).out
        assert "retail.points_month" in out
        assert max(sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in out.splitlines()) <= 80


def test_one_process_says_why_it_folded_alone(shop: Shop, db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    ran = shop("project", "rebuild", "--workers", "2")
    assert ran.code == 0
    assert "One process folded alone" in ran.out
    assert "does not say where its Python is" in " ".join(ran.out.split())


def test_the_library_says_what_the_command_says(db: str) -> None:
    ledger = guanxi.open(db)
    ledger.execute("N-1", OpenFile(), actor="x")
    assert ledger.reporting.rebuild(["core.files"]).swapped == ("core.files",)
    assert ledger.reporting.check(["core.files"])[0].same
    ledger.close()
