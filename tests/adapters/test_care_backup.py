"""A backup is one state of a ledger, whole or not there, and takes nothing from who writes meanwhile."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import guanxi
from guanxi import OpenFile
from guanxi_adapters.care import backup, backups, moving
from tests.adapters.care_helpers import TENANTS, DyingAt, faults, forked, rows, settings, writing
from tests.adapters.sql.forms.load import load_postgres, load_sqlite
from tests.adapters.sql.forms.make import answers, tell

FORMS = [
    pytest.param("v1-sqlite", id="sqlite"),
    pytest.param("v1-postgres", id="postgres", marks=pytest.mark.postgres),
]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small ledger take many steps."""
    monkeypatch.setattr(backups, "_PAGES_AT_ONCE", 2)
    monkeypatch.setattr(moving, "AT_ONCE", 10)


@pytest.fixture
def ledger(shared_url: str) -> Iterator[guanxi.Ledger]:
    """A ledger with a few files, of each kind in turn."""
    opened = guanxi.open(shared_url)
    for number in range(40):
        opened.execute(f"C-{number}", OpenFile(name=f"客户 {number}"), actor="wang")
    yield opened
    opened.close()


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def names(path: Path) -> dict[str, str | None]:
    """The name of every customer, as a backup tells it."""
    opened = guanxi.open(url_of(path), create=False)
    try:
        return {
            str(row.account): row.name
            for head in opened.store.streams("customer")
            if (row := opened.history(head.stream).state("core.file")) is not None
        }
    finally:
        opened.close()


def left(folder: Path, *but: str) -> list[str]:
    """The files of a folder that no ledger in use explains."""
    return sorted(f.name for f in folder.iterdir() if not f.name.startswith(but))


def test_a_backup_opens_as_a_ledger_with_the_same_rows_and_answers(shared_url: str, tmp_path: Path) -> None:
    tell(shared_url)
    done = backup(shared_url, tmp_path / "kept.db")
    copied = url_of(tmp_path / "kept.db")
    assert (done.entries, done.position, done.tenants) == (147, 147, tuple(sorted(TENANTS)))
    assert rows(copied) == rows(shared_url)
    assert [answers(copied, t) for t in TENANTS] == [answers(shared_url, t) for t in TENANTS]
    assert [faults(copied, t) for t in TENANTS] == [(), ()]


def test_a_backup_is_a_database_of_its_own_that_names_where_it_came_from(
    ledger: guanxi.Ledger, shared_url: str, tmp_path: Path
) -> None:
    done = backup(ledger, tmp_path / "kept.db")
    original, copied = settings(shared_url), settings(url_of(done.path))
    assert copied["database_id"] != original["database_id"]
    told = json.loads(copied["copied_from"])
    assert (told["database_id"], told["position"]) == (original["database_id"], 40)


def test_every_backup_taken_while_others_write_is_whole_and_has_all_that_was_acknowledged_before(
    ledger: guanxi.Ledger, shared_url: str, tmp_path: Path, small_pages: None
) -> None:
    with writing(shared_url) as writers:
        for number in range(3):
            writers.wait_for(5)
            known = set(writers.acknowledged)
            done = backup(shared_url, tmp_path / f"kept-{number}.db")
            found = names(done.path)
            assert known <= set(found)
            assert {found[command] for command in known} == {f"of {command}" for command in known}
            assert faults(url_of(done.path)) == ()


def test_a_backup_comes_to_an_end_although_something_is_written_at_its_every_step(
    ledger: guanxi.Ledger, tmp_path: Path, small_pages: None
) -> None:
    steps = 0

    def write(what: str, _done: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if steps < 400:
            ledger.execute(f"N-{steps}", OpenFile(name=f"neu {steps}"), actor="wang")
            head = ledger.store.streams("customer")[steps % 40]
            ledger.execute(
                head.stream, guanxi.RecordProfileFact(field_name="city", value="上海"), actor="wang"
            )

    done = backup(ledger, tmp_path / "kept.db", progress=write)
    assert 3 < steps < 400
    assert done.entries == 40
    assert faults(url_of(done.path)) == ()
    assert ledger.store.count() == 40 + 2 * steps


def test_every_sealed_text_of_a_backup_has_its_key_whatever_was_written_meanwhile(
    ledger: guanxi.Ledger, tmp_path: Path, small_pages: None
) -> None:
    steps = 0

    def write(what: str, _done: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        ledger.execute(f"N-{steps}", OpenFile(name=f"neu {steps}"), actor="wang")

    done = backup(ledger, tmp_path / "kept.db", progress=write)
    assert all(isinstance(name, str) and "erased" not in name for name in names(done.path).values())


def test_keys_are_kept_apart_and_for_this_user_alone(ledger: guanxi.Ledger, tmp_path: Path) -> None:
    done = backup(ledger, tmp_path / "kept.db")
    assert done.keys == tmp_path / "kept.keys.db"
    assert stat.S_IMODE(done.keys.stat().st_mode) == 0o600
    assert b"guanxi_keys" not in done.path.read_bytes()


def test_without_its_keys_a_backup_is_read_with_those_of_the_ledger(
    ledger: guanxi.Ledger, tmp_path: Path
) -> None:
    done = backup(ledger, tmp_path / "kept.db", with_keys=False)
    assert done.keys is None
    assert not (tmp_path / "kept.keys.db").exists()
    with pytest.raises(guanxi.Unavailable) as refused:
        guanxi.open(url_of(done.path), create=False)
    assert refused.value.code == "keys_missing"
    theirs = ledger.backend.keyring.database.parsed.render_as_string(hide_password=False)
    opened = guanxi.open(url_of(done.path), create=False, keys=theirs)
    assert opened.history("C-7").state("core.file").name == "客户 7"
    opened.close()


def test_what_was_erased_is_erased_in_later_backups(ledger: guanxi.Ledger, tmp_path: Path) -> None:
    stream = ledger.find("C-7")
    assert stream is not None
    assert any(
        ledger.backend.keyring.destroy(stream, family) for family in ("profile", "identity", "contact")
    )
    done = backup(ledger, tmp_path / "kept.db")
    found = names(done.path)
    assert found["C-8"] == "客户 8"
    assert found["C-7"] != "客户 7"


@pytest.mark.parametrize("name", ["kept.db", "kept.keys.db"])
def test_nothing_is_overwritten(ledger: guanxi.Ledger, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(guanxi.Conflict) as refused:
        backup(ledger, tmp_path / "kept.db")
    assert refused.value.code == "file_exists"
    assert name in refused.value.message
    assert (tmp_path / name).read_text() == "mine"
    assert left(tmp_path, "ledger") == [name]


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(
    ledger: guanxi.Ledger, tmp_path: Path
) -> None:
    with pytest.raises(guanxi.Conflict):
        backup(ledger, tmp_path / "kept.db", progress=lambda *_: (tmp_path / "kept.db").write_text("mine"))
    assert (tmp_path / "kept.db").read_text() == "mine"
    assert left(tmp_path, "ledger") == ["kept.db"]


def test_a_backup_that_fails_leaves_no_file(ledger: guanxi.Ledger, tmp_path: Path, small_pages: None) -> None:
    calls, wanted = 0, 0

    def fail(*_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == wanted:
            raise RuntimeError("no good")

    for call in (1, 2, 3):
        calls, wanted = 0, call
        with pytest.raises(RuntimeError, match="no good"):
            backup(ledger, tmp_path / "kept.db", progress=fail)
        assert left(tmp_path, "ledger") == []


def test_a_backup_killed_at_any_step_leaves_nothing_under_its_name(
    ledger: guanxi.Ledger, shared_url: str, tmp_path: Path, small_pages: None
) -> None:
    call, ended = 0, signal.SIGKILL
    while ended == signal.SIGKILL:
        assert not (tmp_path / "kept.db").exists()
        assert not (tmp_path / "kept.keys.db").exists()
        call += 3
        ended = forked(lambda n=call: backup(shared_url, tmp_path / "kept.db", progress=DyingAt(n)))
    assert ended == 0
    assert call > 3
    assert len(names(tmp_path / "kept.db")) == 40


def test_a_backup_is_one_file_that_can_be_read_where_nothing_may_be_written(
    ledger: guanxi.Ledger, tmp_path: Path
) -> None:
    done = backup(ledger, tmp_path / "kept.db")
    assert left(tmp_path, "ledger") == ["kept.db", "kept.keys.db"]
    assert done.path.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log beside it


def test_a_ledger_in_memory_is_kept_by_its_backup(memory_url: str, tmp_path: Path) -> None:
    ledger = guanxi.open(memory_url)
    ledger.execute("C-1", OpenFile(name="李明"), actor="wang")
    done = backup(ledger, tmp_path / "kept.db")
    ledger.close()
    assert names(done.path) == {"C-1": "李明"}
    assert faults(url_of(done.path)) == ()


def test_keys_that_are_not_there_are_asked_for(
    ledger: guanxi.Ledger, shared_url: str, tmp_path: Path
) -> None:
    with pytest.raises(guanxi.Unavailable) as refused:
        backup(shared_url, tmp_path / "kept.db", keys=url_of(tmp_path / "nowhere.keys.db"))
    assert refused.value.code == "keys_missing"
    assert left(tmp_path, "ledger") == []


def test_a_folder_that_is_not_there_is_named(ledger: guanxi.Ledger, tmp_path: Path) -> None:
    with pytest.raises(guanxi.Unavailable) as refused:
        backup(ledger, tmp_path / "nowhere" / "kept.db")
    assert refused.value.code == "cannot_open"
    assert "nowhere" in str(refused.value)


def test_there_is_nothing_to_back_up_where_there_is_no_ledger(shared_url: str, tmp_path: Path) -> None:
    with pytest.raises(guanxi.Unavailable) as refused:
        backup(shared_url, tmp_path / "kept.db")
    assert refused.value.code in ("no_ledger_here", "no_such_file")
    assert left(tmp_path, "ledger") == []


@pytest.mark.parametrize("form", FORMS)
def test_a_ledger_of_an_older_form_can_be_backed_up_before_it_is_upgraded(
    form: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if form.endswith("sqlite"):
        url = load_sqlite(form, tmp_path / "old.db")
    else:
        url = load_postgres(form, request.getfixturevalue("postgres_url"))
    done = backup(url, tmp_path / "kept.db")
    guanxi.open(url_of(done.path), create=False, upgrade=True).close()
    assert [faults(url_of(done.path), t) for t in TENANTS] == [(), ()]
    assert done.entries == 125


@pytest.mark.postgres
def test_what_is_in_flight_delays_no_backup_and_leaves_out_nothing_acknowledged(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from guanxi_adapters.care import places

    monkeypatch.setattr(places, "_FOR_A_QUIET_MOMENT", 0.1)
    ledger = guanxi.open(postgres_url)
    ledger.execute("C-1", OpenFile(name="first"), actor="wang")
    with ledger.store.engine.connect() as connection, connection.begin():
        ledger.execute("C-2", OpenFile(name="provisional"), actor="wang", connection=connection)
        ledger.execute("C-3", OpenFile(name="acknowledged"), actor="wang")
        done = backup(ledger, tmp_path / "kept.db")
    assert names(done.path) == {"C-1": "first", "C-3": "acknowledged"}
    assert faults(url_of(done.path)) == ()
    copied = guanxi.open(url_of(done.path), create=False)
    assert copied.execute("C-4", OpenFile(), actor="wang").position > done.position
    copied.close()
    assert set(names(done.path)) == {"C-1", "C-3", "C-4"}
    ledger.close()
