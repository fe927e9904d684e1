"""The torture finds what it looks for: each breach, planted into a sound round by hand, is called by its name."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import msgspec
import pytest

from guanxi_adapters.sql import open_store
from tests.soak.checking import check
from tests.soak.journal import Journal, records_of
from tests.soak.settings import Settings
from tests.soak.tail import compare, run_tail
from tests.soak.trouble import Crew
from tests.soak.writing import Writer, set_up

Plant = Callable[[sqlite3.Connection, Path], Any]


@pytest.fixture(scope="module")
def sound() -> Iterator[Settings]:
    """A short round in which one writer was killed."""
    with TemporaryDirectory(prefix="guanxi-soak-") as folder:
        settings = Settings(
            f"sqlite:///{folder}/round.db", folder, "sound", writers=2, readers=1, projectors=1
        )
        set_up(settings)
        crew = Crew(settings)
        try:
            crew.start()
            wait_for(settings, 150)
            crew.kill("writer-0")
            wait_for(settings, 300)
            assert crew.finish() == []
        finally:
            crew.kill_all()
        yield settings


def wait_for(settings: Settings, count: int) -> None:
    """Wait until the log holds so many entries."""
    store = open_store(settings.url, create=False)
    while store.count() < count:
        time.sleep(0.05)
    store.close()


@pytest.mark.slow
def test_a_round_in_which_a_writer_is_killed_has_no_breach(sound: Settings) -> None:
    found = check(sound)
    assert found.breaches == []
    assert found.acknowledged > 100
    assert found.seen == found.entries > 300


def change(sql: str) -> Plant:
    return lambda database, _: database.execute(sql)


def rewrite(name: str, edit: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Plant:
    def plant(_: sqlite3.Connection, folder: Path) -> None:
        path = folder / f"{name}.jsonl"
        edited = edit(list(records_of(path)))
        path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in edited))

    return plant


def miscount(database: sqlite3.Connection, _: Path) -> None:
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'soak_sums%'")
    for (name,) in names.fetchall():
        database.execute(f"UPDATE {name} SET count = count + 1")


def forget_first_sent(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    recorded = next(r["ids"][0] for r in records if r["what"] == "done" and r["ids"])
    for r in records:
        if "ids" in r:
            r["ids"] = [i for i in r["ids"] if i != recorded]
    return [r for r in records if r.get("id") != recorded]


def call_first_done_refused(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = next(r for r in records if r["what"] == "done" and r["ids"])
    done["what"] = "not"
    return records


def claim_one_more(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sent = {"what": "sent", "id": "w/x", "by": "single", "account": "C-1", "number": 1, "text": "t"}
    return [*records, sent, {"what": "done", "ids": ["w/x"]}]


def use_an_id_twice(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*records, next(r for r in records if r["what"] == "sent")]


def swap_first_seen(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    page = next(r["seen"] for r in records if len(r["seen"]) > 1)
    page[0], page[1] = page[1], page[0]
    return records


LAST_NOTE = "(SELECT max(position) FROM guanxi_entries WHERE name = 'soak.noted')"
COPY = """
INSERT INTO guanxi_entries SELECT tenant, stream, version + 1, kind, name, schema_version, occurred_at, precision,
effective_from, recorded_at, actor, on_behalf_of, reason, channel, section, source_system, source_document, source_line,
batch, correlation, causation, command_id, place, late, plugin, plugin_version, rule, rule_sets, target, replaces, succeeds,
data_subject, payload, algorithms, previous_hash, hash, (SELECT max(position) + 1 FROM guanxi_entries)
FROM guanxi_entries AS e WHERE name = 'soak.noted' AND version =
(SELECT max(version) FROM guanxi_entries AS o WHERE o.stream = e.stream) LIMIT 1
"""
PLANTS: dict[str, list[Plant]] = {
    "acknowledged_lost by the log": [change(f"DELETE FROM guanxi_entries WHERE position = {LAST_NOTE}")],
    "acknowledged_lost by the journal": [rewrite("writer-1", claim_one_more)],
    "not_contiguous": [change("UPDATE guanxi_entries SET version = version + 1000 WHERE version = 3")],
    "hash_or_head": [change(f"UPDATE guanxi_entries SET actor = 'x' WHERE position = {LAST_NOTE}")],
    "content_differs": [change("""UPDATE guanxi_entries SET payload = replace(payload, '"number":', '"number":9')""")],
    "time_backwards": [change("UPDATE guanxi_entries SET recorded_at = '2001' WHERE version = 2")],
    "carried_out_twice": [change(COPY)],
    "never_sent": [rewrite("writer-1", forget_first_sent)],
    "refused_but_recorded": [rewrite("writer-1", call_first_done_refused)],
    "command_not_on_record": [change("DELETE FROM guanxi_commands")],
    "content_unreadable": [
        change("UPDATE guanxi_entries SET version = version + 1000 WHERE name = 'soak.noted' AND version > 1")
    ],
    "read_model_differs": [miscount],
    "claim_shared": [
        change("DROP INDEX guanxi_claims_holder"),
        change("INSERT INTO guanxi_claims SELECT tenant, kind, token, 'other', policy FROM guanxi_claims LIMIT 1"),
    ],
    "host_torn": [change("DELETE FROM soak_orders")],
    "reader_missed": [rewrite("reader-0", lambda records: records[1:])],
    "reader_saw_what_is_not": [rewrite("reader-0", lambda records: [*records, {"seen": [[10**9, "x/1", "h"]]}])],
    "reader_out_of_order": [rewrite("reader-0", swap_first_seen)],
    "unexpected_error by an id used twice": [rewrite("writer-1", use_an_id_twice)],
    "unexpected_error": [rewrite("reader-0", lambda records: [*records, {"what": "surprise", "error": "ouch"}])],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_breach_is_called_by_its_name(name: str, sound: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sound.folder, copy)
    database = sqlite3.connect(copy / "round.db")
    for plant in PLANTS[name]:
        plant(database, copy)
    database.commit()
    database.close()
    found = check(attrs.evolve(sound, url=f"sqlite:///{copy}/round.db", folder=str(copy)))
    named = name.partition(" ")[0]
    assert any(breach.startswith(f"{named}: ") for breach in found.breaches), found.breaches


@pytest.mark.slow
def test_a_reader_misses_nothing_while_six_writers_append(shared_url: str, tmp_path: Path) -> None:
    assert not run_tail(shared_url, tmp_path / "tail", 600, "seed", {})
    notes = tmp_path / "tail" / "seen"
    seen = notes.read_bytes()
    notes.write_bytes(seen[8:])
    assert compare(shared_url, notes)[0] == 1
    notes.write_bytes(seen[8:] + seen[:8])
    assert compare(shared_url, notes)[:2] == (0, 1)


def test_a_writer_killed_between_its_threads_notes_gives_no_id_twice(tmp_path: Path) -> None:
    settings = Settings("sqlite:///unused", str(tmp_path), "gap")
    sent = {"what": "sent", "by": "thread", "account": "C-1", "text": "t"}
    Journal(settings.journal("writer-0")).note(
        {**sent, "id": "writer-0/1", "number": 1}, {**sent, "id": "writer-0/4", "number": 4}
    )
    assert Writer(settings, "writer-0").next_note("single")["id"] == "writer-0/5"


def test_a_journal_goes_on_behind_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.note({"n": 1}, {"n": 2})
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"n": 3')
    assert [r["n"] for r in records_of(path)] == [1, 2]
    Journal(path).note({"n": 4})
    assert [r["n"] for r in records_of(path)] == [1, 2, 4]
