"""Two tenants in one database, alike in every name that people or programs give, and told apart by what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from eventsourcing.domain import EventSourcingError

import guanxi
from guanxi import GuanxiError, Ledger, Money, OpenFile, RecordIdentifier, RecordProfileFact, Source, Telling
from guanxi.kernel.ports import Append
from guanxi.relationship import close_batch, keep_waiting, open_batch
from guanxi_retail import LapseRules, PointsRules, RecordPurchase

OURS, THEIRS = "south", "north"
RUN = "retail.spend_class"
NOW = datetime(2025, 6, 1, 2, tzinfo=UTC)
NOWHERE = f"{'0' * 31}7"
"""An opaque id that nobody ever had."""

_SAID = {
    OURS: {"word": "Nanfang", "paid": "100.10", "months": 5, "actor": "Nanfang-clerk"},
    THEIRS: {"word": "Beifang", "paid": "7319.37", "months": 7, "actor": "Beifang-clerk"},
}
_DEPTH = 12


def fill(ledger: Ledger) -> None:
    """Give a tenant everything that there can be of it; all names are the same for every tenant."""
    said: Mapping[str, Any] = _SAID[ledger.store.tenant]
    word, actor, clock = said["word"], said["actor"], [NOW - timedelta(days=400)]
    ledger.clock = lambda: clock[0]  # type: ignore[method-assign,assignment]

    def buy(receipt: str) -> RecordPurchase:
        return RecordPurchase(receipt=receipt, paid=Money(said["paid"], "CNY"))

    rules = PointsRules(months=said["months"])
    ledger.publish(
        rules, effective_from=clock[0], by=actor, approved_by=f"{word}-boss", reason=f"{word} rules"
    )
    for number in (1, 2, 3):
        opening = OpenFile(name=f"{word} Li {number}", source_channel=word)
        ledger.execute(f"C-{number}", opening, actor=actor, reason=f"{word} opens")
    ledger.execute("C-1", RecordIdentifier(scheme="till", value="CARD1"), actor=actor)
    clock[0] += timedelta(days=10)
    ledger.execute("C-1", buy("A-1"), actor=actor, command_id="order-1", source=Source("till", "A-1", "1"))
    wrong = ledger.execute("C-1", buy("A-2"), actor=actor, command_id="order-2").entries[0].id
    ledger.execute("C-2", buy("A-1"), actor=actor, section=word)
    ledger.correct(
        wrong, {"paid": Money(said["paid"], "CNY"), "quantity": 2}, actor=actor, reason=f"{word} erred"
    )
    ledger.void(wrong, actor=actor, reason=f"{word} erred again")
    batch = open_batch(ledger, "till", reason=f"{word} file", actor=actor)
    lines = [
        Telling(
            f"C-{n}",
            buy(f"B-{n}"),
            actor,
            occurred_at=clock[0],
            source=Source("till", f"B-{n}", "1"),
            batch=batch.id,
        )
        for n in (1, 2, 9)
    ]
    ledger.take_in(lines[:2], recorded_at=batch.recorded_at)
    keep_waiting(ledger, lines[2:], recorded_at=batch.recorded_at)
    close_batch(ledger, "till", batch.id, actor=actor, accepted=2, known=0, refused=0, waiting=1)
    ledger.link("C-1", "C-2", mode="whole", link_type="merge", actor=actor, reason=f"{word} merges")
    clock[0] = NOW
    ledger.run(RUN, actor=actor, reason=f"{word} classes")
    later = attrs.evolve(rules, months=said["months"] * 2)
    ledger.publish(
        later,
        effective_from=NOW + timedelta(days=90),
        by=actor,
        approved_by=f"{word}-boss",
        reason=f"{word} later",
    )
    ledger.advance()
    ledger.reporting.project()
    ledger.report("retail.customers")


@attrs.define
class World:
    """A database of two tenants, seen by one of them.

    Args:
        url: where.
        ledger: ours.
        foreign: theirs; to be asked for what we must not learn, never to be written through.
    """

    url: str
    ledger: Ledger
    foreign: Ledger
    marks: frozenset[str] = frozenset()
    given: list[str] = attrs.field(factory=list)
    before: dict[str, list[tuple[Any, ...]]] = attrs.field(factory=dict)

    # What is theirs

    @property
    def stream(self) -> str:
        """A stream of theirs."""
        return self._foreign_id(self.foreign.find("C-1") or "")

    @property
    def entry(self) -> str:
        """An entry of theirs, a purchase."""
        return self._foreign_id(self._entry_named("retail.purchase_recorded").id)

    @property
    def position(self) -> int:
        """A position that belongs to them, with entries of ours before and behind it."""
        own = [e.position for e in self.ledger.store.page(0, 10_000)]
        return next(
            e.position for e in reversed(self.foreign.store.page(0, 10_000)) if own[0] < e.position < own[-1]
        )

    @property
    def ahead(self) -> int:
        """A position of theirs that the log has given since our last entry."""
        if self.foreign.store.last_position() < self.ledger.store.last_position():
            hobby = RecordProfileFact(field_name="hobby", value="Beifang chess")
            self.foreign.execute("C-N", hobby, actor="Beifang-clerk")
            self.before = self.theirs()
        return self.foreign.store.last_position()

    @property
    def key(self) -> str:
        """The id of a key of theirs."""
        return self._foreign_id(self.foreign.backend.keyring.key_for(self.stream, "identity")[0])

    @property
    def token(self) -> str:
        """What their claim on the card number reads."""
        return self._foreign_id(self.foreign.sealing.token("core.identifier.till", "CARD1"))

    @property
    def sealed(self) -> str:
        """A sealed text of theirs."""
        payload = self._entry_named("core.file_opened").payload
        found = re.search(r"~s1\.[^\"]+", payload)
        assert found is not None
        return found[0]

    def _entry_named(self, name: str) -> Any:
        return next(e for e in self.foreign.store.page(0, 10_000) if e.name == name)

    def _foreign_id(self, text: str) -> str:
        self.given.append(text)
        return text

    def hand_over(self, *texts: object) -> None:
        """Note what a case itself hands to a call: to see that again is no leak."""
        self.given += [str(text) for text in texts]

    # Asking

    def outcome(self, call: Callable[..., Any], *arguments: Any) -> str:
        """Return what a call says, a refusal in both languages too, and hold that nothing of theirs is in it."""
        try:
            said = "\n".join(texts(call(*arguments)))
        except GuanxiError as error:
            said = "\n".join([error.code, error.describe("en"), error.describe("zh")])
        except (LookupError, ValueError, EventSourcingError) as error:
            said = f"{type(error).__name__} {error}"
        bare = said
        for each in sorted({g for g in self.given if len(g) > 3}, key=len, reverse=True):
            bare = bare.replace(each, "…")
        leaked = sorted(mark for mark in self.marks if mark in bare)
        assert not leaked, f"{leaked[:3]} of {THEIRS} shows in: {bare[:2000]}"
        return said

    def alike(self, call: Callable[[Any], Any], theirs: Any, nowhere: Any = NOWHERE) -> str:
        """Hold that a call answers for an id of theirs as it does for one that nobody has; return the answer."""
        self.hand_over(theirs)
        asked = self.outcome(call, theirs).replace(str(theirs), "…")
        control = self.outcome(call, nowhere).replace(str(nowhere), "…")
        assert asked == control, (
            f"of an id of {THEIRS}: {asked[:500]}\nof one that nobody has: {control[:500]}"
        )
        return asked

    def refused(self, code: str, call: Callable[[Any], Any], theirs: Any, nowhere: Any = NOWHERE) -> None:
        """Hold that an id of theirs is refused with a code, as one that nobody has is."""
        assert self.alike(call, theirs, nowhere).startswith(code)

    # What there is

    def own(self, what: str = "entries") -> int:
        """Return how many of our own rows a table of the log holds, counted without the library's help."""
        with self.ledger.store.database.connected() as connection:
            query = sa.text(f"SELECT count(*) FROM guanxi_{what} WHERE tenant = :t")
            return int(connection.execute(query, {"t": OURS}).scalar_one())

    def theirs(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of theirs in the log, the read models and the keyring."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for database in (self.foreign.store.database, self.foreign.backend.keyring.database):  # type: ignore[attr-defined]
            with database.connected() as connection:
                for space, name in tables_of(connection):
                    table = f'"{space}"."{name}"' if space else f'"{name}"'
                    query = sa.text(f"SELECT * FROM {table} WHERE tenant = :t")
                    rows = [tuple(map(repr, row)) for row in connection.execute(query, {"t": THEIRS})]
                    found[f"{space or ''}.{name}"] = sorted(rows)
        return {name: rows for name, rows in found.items() if rows}

    def batch(self, **changes: Any) -> Append:
        """Return an empty batch of ours, or one that is not."""
        return attrs.evolve(Append(OURS, ()), **changes)


def tables_of(connection: sa.Connection) -> list[tuple[str | None, str]]:
    """Return every table of a database that has a column for the tenant."""
    if connection.dialect.name == "sqlite":
        query = (
            "SELECT NULL, t.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND c.name = 'tenant' ORDER BY t.name"
        )
    else:
        query = (
            "SELECT NULLIF(table_schema, current_schema()), table_name FROM information_schema.columns"
            " WHERE column_name = 'tenant' AND table_schema IN (current_schema(), 'guanxi_keys') ORDER BY 1, 2"
        )
    return [(space, name) for space, name in connection.exec_driver_sql(query)]


def make(url: str) -> World:
    """Make the database: each tenant's entries lie between the other's."""
    foreign, ours = guanxi.open(url, tenant=THEIRS), guanxi.open(url, tenant=OURS)
    ours.clock = lambda: NOW - timedelta(days=401)  # type: ignore[method-assign,assignment]
    ours.execute("C-0", OpenFile(name="Nanfang Li 0"), actor="Nanfang-clerk")
    fill(foreign)
    fill(ours)
    _go_further(foreign)
    world = World(url, ours, foreign)
    world.marks = frozenset(_marks(foreign))
    return world


def _go_further(foreign: Ledger) -> None:
    """Give them what we don't have: names that are free with us, and a later hour."""
    later, actor = NOW + timedelta(days=5), "Beifang-clerk"
    foreign.store.put_meta({"note": "Beifang"})
    foreign.clock = lambda: later  # type: ignore[method-assign,assignment]
    foreign.execute("C-N", OpenFile(name="Beifang Li N"), actor=actor)
    bought = RecordPurchase(receipt="N-1", paid=Money("7319.37", "CNY"))
    foreign.execute("C-N", bought, actor=actor, command_id="order-n", source=Source("till", "N-1", "1"))
    foreign.execute("C-N", RecordIdentifier(scheme="till", value="CARDN"), actor=actor)
    third = PointsRules(months=9)
    foreign.publish(third, effective_from=later + timedelta(days=90), by=actor, approved_by="Beifang-boss")
    foreign.publish(
        LapseRules(), effective_from=later + timedelta(days=90), by=actor, approved_by="Beifang-boss"
    )
    foreign.run(RUN, actor=actor, reason="Beifang classes again", supersedes=f"{RUN}-1")
    foreign.reporting.project()


def close(world: World) -> None:
    """Close both ledgers."""
    world.ledger.close()
    world.foreign.close()


def _marks(foreign: Ledger) -> Iterator[str]:
    """Yield texts that can come from them alone."""
    yield from ("Beifang", "7319.37", "731937", f"{RUN}-2")
    entries = foreign.store.page(0, 10_000)
    yield from (e.hash for e in entries)
    for head in foreign.store.streams(None):
        if re.fullmatch(r"[0-9a-f]{32}", head.stream):
            yield head.stream
            yield foreign.backend.keyring.key_for(head.stream, "identity")[0]
    yield foreign.backend.keyring.token_key().hex()
    yield foreign.sealing.token("core.identifier.till", "CARD1")
    yield from (foreign.sealing.token("core.account", f"C-{n}") for n in range(1, 10))


def texts(value: Any, depth: int = 0, seen: set[int] | None = None) -> Iterable[str]:
    """Yield every text in a value, however deep."""
    seen = set() if seen is None else seen
    if isinstance(value, str | int | float | complex | type(None)) or depth > _DEPTH:
        yield str(value)
        return
    if isinstance(value, bytes):
        yield value.hex()
        return
    if id(value) in seen or isinstance(value, type | Ledger) or callable(value):
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        parts: Iterable[Any] = [part for pair in value.items() for part in pair]
    elif isinstance(value, list | tuple | set | frozenset | Iterator):
        parts = list(value)
    elif attrs.has(type(value)):
        parts = [getattr(value, a.name) for a in attrs.fields(type(value))]
    else:
        yield str(value)
        parts = (
            list(getattr(value, "__dict__", {}).values())
            if type(value).__module__.startswith("guanxi")
            else []
        )
    for part in parts:
        yield from texts(part, depth + 1, seen)


def copied(url: str, folder: Path) -> str:
    """Return the URL of a copy of an SQLite ledger, its keys beside it."""
    from tests.kernel.desks import path_of

    source = path_of(url)
    for file in source.parent.glob(f"{source.stem}*"):
        (folder / file.name).write_bytes(file.read_bytes())
    return f"sqlite:///{folder / source.name}"
