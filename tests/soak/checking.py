"""Holds what is stored against what everybody noted, reading the tables themselves; each breach has a name."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

import guanxi
from guanxi import GuanxiError, Ledger, verify
from guanxi.kernel.entries import COLUMNS, Entry
from tests.soak.journal import records_of
from tests.soak.plugin import Noted, parts
from tests.soak.settings import Settings
from tests.soak.writing import HOST_TABLE, set_up_ids

TOLD = ("core.file_opened", Noted.stored_name)
"""What commands bring; a breach that is noted beside it bears the command's id, too."""

SHOWN = 20
"""Breaches that are told of one round."""


@attrs.define
class Sent:
    """What became of one command, by its sender's notes."""

    record: Mapping[str, Any]
    outcomes: list[str] = attrs.field(factory=list)
    again: bool = False

    @property
    def must_be(self) -> bool:
        """Whether somebody was told that it is on record."""
        return "done" in self.outcomes

    @property
    def must_not_be(self) -> bool:
        """Whether somebody was told that it is not, and nobody tried again."""
        return self.outcomes == ["not"] and not self.again


@attrs.define
class Findings:
    """What a check counted, and what it found wrong."""

    entries: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    seen: int = 0
    breaches: list[str] = attrs.field(factory=list)

    def expect(self, holds: bool, name: str, about: object) -> None:
        """Note a breach where something does not hold."""
        if not holds:
            self.breaches.append(f"{name}: {about}")


@attrs.define
class Notes:
    """What all journals of a round say."""

    sent: dict[str, Sent]
    orders: dict[str, tuple[list[str], str]]
    """By order: ids of the commands wanted in it, and how it ended: done, not, unknown."""
    seen: dict[str, list[tuple[int, str, str]]]
    surprises: list[str]


def read_notes(folder: Path) -> Notes:
    """Read all journals of a round."""
    notes = Notes({}, {}, {}, [])
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem.startswith("reader"):
            notes.seen.setdefault(path.stem, [])
        for r in records_of(path):
            if "seen" in r:
                notes.seen[path.stem] += [(p, entry, digest) for p, entry, digest in r["seen"]]
                continue
            match r["what"]:
                case "sent":
                    if r["id"] in notes.sent:
                        # Nothing can be said of a command whose sender gave its id away twice.
                        notes.surprises.append(f"{path.stem}: two commands under {r['id']}")
                    notes.sent[r["id"]] = Sent(r)
                case "again":
                    notes.sent[r["id"]].again = True
                case "done" | "not" | "unknown" as outcome:
                    for i in r["ids"]:
                        notes.sent[i].outcomes.append(outcome)
                case "order":
                    notes.orders[r["order"]] = (r["wanted"], "not")
                case "committing":
                    notes.orders[r["order"]] = (notes.orders[r["order"]][0], "unknown")
                case "order_done" | "order_not" | "order_unknown" as end:
                    notes.orders[r["order"]] = (notes.orders[r["order"]][0], end.removeprefix("order_"))
                case "surprise":
                    notes.surprises.append(f"{path.stem}: {r['error']}")
    return notes


def check(settings: Settings) -> Findings:
    """Check everything that holds once writers, readers and projectors are gone."""
    found, notes = Findings(), read_notes(Path(settings.folder))
    for surprise in notes.surprises:
        found.expect(False, "unexpected_error", surprise)
    with closing(_Tables(settings.url)) as tables:
        log = list(tables.log())
        found.entries = len(log)
        _check_streams(found, log)
        _check_commands(found, settings, notes, log)
        _check_orders(found, notes, log, set(tables.column(f"SELECT number FROM {HOST_TABLE}")))
        _check_claims(found, tables)
    _check_readers(found, notes, log)
    with closing(guanxi.open(settings.url, plugins=[parts])) as ledger:
        _check_through_the_ledger(found, notes, ledger, log)
    return found


def _check_streams(found: Findings, log: list[Entry]) -> None:
    versions, recorded = defaultdict[str, int](int), defaultdict[str, str](str)
    position = 0
    for e in log:
        found.expect(e.position > position, "position_twice", f"{e.id} at {e.position}")
        found.expect(e.version == versions[e.stream] + 1, "not_contiguous", e.id)
        found.expect(e.recorded_at >= recorded[e.stream], "time_backwards", e.id)
        position, versions[e.stream], recorded[e.stream] = e.position, e.version, e.recorded_at


def _check_commands(found: Findings, settings: Settings, notes: Notes, log: list[Entry]) -> None:
    by_command = defaultdict[str, list[Entry]](list)
    for e in log:
        if e.command_id is not None and e.name in TOLD:
            by_command[e.command_id].append(e)
    set_up = set(set_up_ids(settings))
    for i in set_up:
        found.expect(len(by_command[i]) == 1, "acknowledged_lost", i)
    for i, entries in by_command.items():
        found.expect(i in notes.sent or i in set_up, "never_sent", i)
        found.expect(len(entries) == 1, "carried_out_twice", f"{i}: {[e.id for e in entries]}")
    for i, sent in notes.sent.items():
        there = bool(by_command.get(i))
        found.acknowledged += sent.must_be
        found.refused += sent.must_not_be
        found.unknown += not (sent.must_be or sent.must_not_be)
        found.expect(there or not sent.must_be, "acknowledged_lost", sent.record)
        found.expect(not there or not sent.must_not_be, "refused_but_recorded", sent.record)


def _check_orders(found: Findings, notes: Notes, log: list[Entry], rows: set[str]) -> None:
    there = {e.command_id for e in log}
    for order, (wanted, end) in notes.orders.items():
        recorded = [i in there for i in wanted]
        found.expect(
            len({*recorded, order in rows}) == 1, "host_torn", f"{order}: {recorded}, {order in rows}"
        )
        found.expect(end == "unknown" or (order in rows) == (end == "done"), "host_order_wrong", (order, end))
    found.expect(rows <= set(notes.orders), "host_order_unknown", rows - set(notes.orders))


def _check_claims(found: Findings, tables: _Tables) -> None:
    twice = tables.rows(
        "SELECT tenant, kind, token FROM guanxi_claims WHERE policy <> 'advisory'"
        " GROUP BY tenant, kind, token HAVING count(DISTINCT stream) > 1"
    )
    for row in twice:
        found.expect(False, "claim_shared", row)


def _check_readers(found: Findings, notes: Notes, log: list[Entry]) -> None:
    whole = [(e.position, e.id, e.hash) for e in log]
    for name, seen in notes.seen.items():
        found.seen += len(seen)
        if seen == whole:
            continue
        missed, others = sorted(set(whole) - set(seen)), sorted(set(seen) - set(whole))
        found.expect(not missed, "reader_missed", f"{name}: {len(missed)}, first {missed[:1]}")
        found.expect(not others, "reader_saw_what_is_not", f"{name}: {len(others)}, first {others[:1]}")
        if not missed and not others:
            found.expect(False, "reader_out_of_order", name)


def _check_through_the_ledger(found: Findings, notes: Notes, ledger: Ledger, log: list[Entry]) -> None:
    for fault in verify(ledger.store).faults:
        found.expect(False, "hash_or_head", f"{fault.code} {fault.entry}: {fault.message}")
    paged, after = list[Entry](), 0
    while page := ledger.store.page(after, 997):
        paged += page
        after = page[-1].position
    found.expect(paged == log, "pages_differ_from_table", f"{len(paged)} and {len(log)}")
    records = ledger.store.commands(f"c:{i}" for i in notes.sent)
    opened = defaultdict[str, set[str]](set)
    for e in log:
        sent = notes.sent.get(e.command_id or "")
        if sent is None or e.name not in TOLD:
            continue
        r, record = sent.record, records.get(f"c:{e.command_id}")
        found.expect(
            record is not None and (record.stream, record.first_version) == (e.stream, e.version),
            "command_not_on_record",
            e.command_id,
        )
        try:
            event = ledger.codec.decode(e.name, e.schema_version, e.payload, e.stream, e.version)
        except GuanxiError as error:
            found.expect(False, "content_unreadable", error)
            continue
        if r.get("opens"):
            opened[r["account"]].add(e.stream)
        elif isinstance(event, Noted):
            told = (event.number, event.text, event.secret)
            found.expect(told == (r["number"], r["text"], r["text"]), "content_differs", e.id)
        else:
            found.expect(False, "content_differs", e.id)
    streams = ledger.find_all(sorted(opened))
    for account, made in opened.items():
        found.expect(made == {streams.get(account)}, "file_opened_twice", f"{account}: {made}")
    _check_read_models(found, ledger)


def _check_read_models(found: Findings, ledger: Ledger) -> None:
    try:
        ledger.reporting.project()
        for status in ledger.reporting.status():
            found.expect(status.parked_at is None, "read_model_parked", status)
        for c in ledger.reporting.projector.rebuild(compare=True, swap=False, workers=1).comparisons:
            found.expect(c.same, "read_model_differs", f"{c.model}: {c.examples[:1]} {c.why_not}")
    except GuanxiError as error:
        found.expect(False, "read_models_uncheckable", error)


class _Tables:
    """The tables as the database's own driver reads them, without anything of the library in between."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._connection: Any = sqlite3.connect(parsed.database or "", timeout=30)
        else:
            import psycopg

            plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(plain)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.rows(sql)]

    def log(self) -> Iterator[Entry]:
        """Yield all entries in order of position, or of stream and version where two share one."""
        order = "ORDER BY position, stream, version"
        for row in self.rows(f"SELECT {', '.join(COLUMNS)} FROM guanxi_entries {order}"):
            yield Entry._make(row)

    def close(self) -> None:
        self._connection.close()
