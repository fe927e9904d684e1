"""A writer under fire: commands one by one, in bulk, by threads and in a host's transactions, each noted before and after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

import guanxi
from guanxi import Command, Ledger, OpenFile, Refusal, StoreError
from guanxi.kernel.telling import Telling
from tests.soak.journal import Journal, records_of
from tests.soak.plugin import Note, parts
from tests.soak.settings import Settings

HOST_TABLE = "soak_orders"
JUMPS = (0.0, 0.0, 1.5, -1.5, 40.0, -40.0, 3_600.0, -3_600.0, 5 * 3_600.0)
"""Seconds by which a writer's clock differs from the machine's, each for a while."""

UNCERTAIN = "commit_unknown"
"""The only failure after which a command may be on record."""

EXPECTED = frozenset(
    {
        UNCERTAIN,
        "cannot_open",
        "connection_lost",
        "database_locked",
        "database_unreachable",
        "disk_error",
        "disk_full",
        "file_not_open",
        "identifier_taken",
        "pool_exhausted",
        "read_models_behind",
        "read_models_moving",
        "serialization_failure",
        "statement_timeout",
        "too_many_connections",
        "too_many_writers",
        "unknown_relationship",
    }
)
"""What may be refused in a storm; any other code is a breach."""


class Writer:
    """Writes until told to stop.

    Args:
        settings: of the round.
        name: of this writer; its journal goes on where an earlier life left it.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings, self._name = settings, name
        path = settings.journal(name)
        self._sent = {r["id"]: r for r in records_of(path) if r["what"] == "sent"}
        ended = {i for r in records_of(path) if r["what"] != "sent" for i in r.get("ids", [r.get("id")])}
        self._left_open = [r for i, r in self._sent.items() if i not in ended and r["by"] != "host"]
        self._life = sum(r["what"] == "life" for r in records_of(path)) + 1
        self._chance = settings.chance(name, self._life)
        # The highest, not how many: threads killed between taking numbers and noting them leave gaps.
        self._number = max((r["number"] for r in self._sent.values()), default=0)
        self._accounts = [f"C-{n}" for n in range(settings.accounts)]
        self._offset = 0.0
        self._journal = Journal(path)
        self._journal.note({"what": "life"})
        self._ledger: Ledger = None  # type: ignore[assignment] # connected first thing
        self._hosts: list[sa.Engine] = []

    def run(self) -> None:
        """Write until told to stop."""
        self._connect()
        for record in self._left_open:
            # What an earlier life left open is asked again by the same id, or stays open for ever.
            if self._chance.random() < 0.7:
                self._alone([record], sent=True)
        ways: Sequence[tuple[Callable[[], None], int]] = [
            (self._one, 50),
            (self._opening, 6),
            (self._bulk, 8),
            (self._hosted, 20),
            (self._threads, 6),
            (self._look_back, 3),
            (self._jump, 7),
        ]
        chosen, weights = [way for way, _ in ways], [weight for _, weight in ways]
        while not self._settings.stop.exists():
            with suppress(StoreError):
                self._chance.choices(chosen, weights)[0]()

    def _connect(self) -> None:
        while True:
            try:
                self._ledger = guanxi.open(
                    self._settings.url,
                    plugins=[parts],
                    clock=self._clock,
                    timeout=5.0,
                    **self._settings.options,
                )
                break
            except StoreError as error:
                self._check(error)
                if self._settings.stop.exists():
                    raise SystemExit(0) from None
                time.sleep(0.2)
        plain = (
            {"timeout": 5.0} if self._settings.url.startswith("sqlite") else {"options": "-c lock_timeout=5s"}
        )
        self._hosts = [
            self._ledger.store.engine,  # type: ignore[attr-defined] # SqlStore has one
            sa.create_engine(self._settings.url, connect_args=plain, pool_pre_ping=True),
        ]

    def _clock(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    # What is written

    def next_note(self, by: str) -> dict[str, Any]:
        """Return what is noted of a command before it is sent, under an id never given before."""
        self._number += 1
        text = f"{self._name}-{self._number}-{self._chance.getrandbits(32):08x}"
        return {
            "what": "sent",
            "id": f"{self._name}/{self._number}",
            "by": by,
            "account": self._chance.choice(self._accounts),
            "number": self._number,
            "text": text,
        }

    def _file(self, by: str) -> dict[str, Any]:
        # All writers draw from the same few names, so that they meet.
        account = f"N-{int(time.time()) % 1000}-{self._chance.randrange(3)}"
        return {**self.next_note(by), "account": account, "opens": True}

    def _one(self) -> None:
        self._alone([self.next_note("single")])

    def _opening(self) -> None:
        record = self._file("single")
        self._alone([record])
        self._accounts.append(record["account"])

    def _threads(self) -> None:
        """Several threads at once, as a web server has them."""
        records = [self.next_note("thread") for _ in range(4)]
        threads = [threading.Thread(target=self._alone, args=([record],)) for record in records]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _alone(self, records: list[dict[str, Any]], *, sent: bool = False) -> None:
        """Carry out single commands, each in a transaction of its own."""
        for record in records:
            self._journal.note({"what": "again", "id": record["id"]} if sent else record)
            try:
                outcome = self._ledger.execute(
                    record["account"], _command(record), actor=self._name, command_id=record["id"]
                )
            except (Refusal, StoreError) as error:
                self._journal.note(self._failed([record["id"]], error))
            else:
                self._journal.note({"what": "done", "ids": [record["id"]], "stream": outcome.stream})

    def _bulk(self) -> None:
        records = [self.next_note("bulk") for _ in range(self._chance.randint(3, 60))]
        if self._chance.random() < 0.3:
            records.append(self._file("bulk"))
        self._journal.note(*records)
        now = self._clock()
        tellings = [
            Telling(
                r["account"],
                _command(r),
                self._name,
                occurred_at=now,
                happened=True,
                command_id=r["id"],
                batch=f"{self._name}-{self._number}",
            )
            for r in records
        ]
        try:
            verdicts = self._ledger.take_in(tellings)
        except (Refusal, StoreError) as error:
            self._journal.note(self._failed([r["id"] for r in records], error))
            return
        taken = {True: list[str](), False: list[str]()}
        for r, verdict in zip(records, verdicts, strict=True):
            taken[verdict.status in ("accepted", "known")].append(r["id"])
        self._journal.note({"what": "done", "ids": taken[True]}, {"what": "not", "ids": taken[False]})

    def _hosted(self) -> None:
        """A transaction of the host's: its own row, our commands, then commit or not; sometimes it takes its time."""
        order = f"{self._name}/T{self._number}"
        chance = self._chance
        records = [self.next_note("host") for _ in range(chance.randint(1, 4))]
        undone = [r for r in records if chance.random() < 0.15]
        wanted = [r["id"] for r in records if r not in undone]
        commits, lingers = chance.random() < 0.65, chance.random() < 0.1
        # Savepoints that are rolled back stand apart: their commands are on record in no case.
        self._journal.note(*records, {"what": "order", "order": order, "wanted": wanted})
        committing = False
        try:
            with chance.choice(self._hosts).connect() as connection, connection.begin() as transaction:
                connection.execute(sa.text(f"INSERT INTO {HOST_TABLE} VALUES (:order)"), {"order": order})
                for r in records:
                    if r in undone:
                        savepoint = connection.begin_nested()
                        self._carry_out(r, connection)
                        savepoint.rollback()
                    else:
                        self._carry_out(r, connection)
                if lingers:
                    time.sleep(chance.uniform(0.1, 1.0))
                if commits:
                    self._journal.note({"what": "committing", "order": order})
                    committing = True
                else:
                    transaction.rollback()
        except (Refusal, StoreError, sqlalchemy.exc.SQLAlchemyError) as error:
            if isinstance(error, (Refusal, StoreError)):
                self._check(error)
            self._end_order("order_unknown" if committing else "order_not", order, records, wanted)
            time.sleep(0.02)
            return
        self._end_order("order_done" if commits else "order_not", order, records, wanted)

    def _end_order(self, end: str, order: str, records: list[dict[str, Any]], wanted: list[str]) -> None:
        outcome = {"order_done": "done", "order_not": "not", "order_unknown": "unknown"}[end]
        self._journal.note(
            {"what": end, "order": order},
            {"what": outcome, "ids": wanted},
            {"what": "not", "ids": [r["id"] for r in records if r["id"] not in wanted]},
        )

    def _carry_out(self, record: dict[str, Any], connection: sa.Connection) -> None:
        self._ledger.execute(
            record["account"],
            _command(record),
            actor=self._name,
            command_id=record["id"],
            connection=connection,
        )

    def _look_back(self) -> None:
        with suppress(Refusal):
            self._ledger.history(self._chance.choice(self._accounts)).entries()

    def _jump(self) -> None:
        self._offset = self._chance.choice(JUMPS) * self._chance.uniform(0.5, 1.0)
        self._journal.note({"what": "clock", "offset": self._offset})

    # What went wrong

    def _failed(self, ids: list[str], error: Refusal | StoreError) -> dict[str, Any]:
        self._check(error)
        if isinstance(error, StoreError):
            time.sleep(0.02)  # whatever it is, it does not pass by being asked in a loop
        return {"what": "unknown" if error.code == UNCERTAIN else "not", "ids": ids, "code": error.code}

    def _check(self, error: Refusal | StoreError) -> None:
        if error.code not in EXPECTED:
            self._journal.note({"what": "surprise", "error": error.describe()})


def _command(record: dict[str, Any]) -> Command:
    if record.get("opens"):
        return OpenFile(name=record["text"])
    return Note(number=record["number"], text=record["text"])


def set_up(settings: Settings) -> None:
    """Make the ledger, its first files, and the host's own table."""
    with closing(guanxi.open(settings.url, plugins=[parts], **settings.options)) as ledger:
        for n in range(settings.accounts):
            # Long ago, so that no clock stands before it.
            ledger.execute(
                f"C-{n}",
                OpenFile(),
                actor="set-up",
                command_id=f"set-up/{n}",
                occurred_at=datetime(2020, 1, 1, tzinfo=UTC),
                reason="set-up",
            )
        with ledger.store.engine.begin() as connection:  # type: ignore[attr-defined]
            connection.execute(sa.text(f"CREATE TABLE {HOST_TABLE} (number VARCHAR(80) PRIMARY KEY)"))


def set_up_ids(settings: Settings) -> Iterator[str]:
    """Yield the ids of the commands that made the first files."""
    for n in range(settings.accounts):
        yield f"set-up/{n}"
