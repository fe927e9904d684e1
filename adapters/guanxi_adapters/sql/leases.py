"""Leases: one process does a piece of work, others stand by and take it over when it dies or leaves.

A lease saves doubled work and guarantees nothing: a process that was held up may go on for a moment after its lease has
run out. That each entry counts once is ensured where rows are written, by the conditional move of their position.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple

import sqlalchemy as sa

from guanxi.kernel.errors import StoreError, Unavailable
from guanxi.kernel.times import stamp
from guanxi_adapters.sql import row_security, schema
from guanxi_adapters.sql.engine import Database
from guanxi_adapters.sql.wakeups import Bell

LASTS = 2.0
"""Seconds that a lease lasts unless it is renewed."""

BEAT = 0.5
"""Seconds between renewals, and between looks of those who stand by."""

_BREATH = 0.05
_FORGOTTEN = 60_000
_STOPPING = 5.0

leases = sa.Table(
    "guanxi_leases",
    sa.MetaData(),
    sa.Column("tenant", schema.text(), primary_key=True),
    sa.Column("name", schema.text(), primary_key=True),
    sa.Column("holder", schema.text(), nullable=False),
    sa.Column("who", schema.text(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("until", sa.BigInteger(), nullable=False),
)
"""Who holds what: milliseconds since 1970, since the database itself reckons with them. Made when it is first needed."""


class Lease(NamedTuple):
    """A lease that is held.

    Args:
        name: of what.
        holder: a random name of the holder.
        who: what people know the holder by.
        since: stamp of when it was taken.
        until: stamp of when it runs out, unless it is renewed.
    """

    name: str
    holder: str
    who: str
    since: str
    until: str


class Leases:
    """The leases of one tenant.

    Time is the server's on PostgreSQL. On SQLite it is this machine's, as the file is; a clock that was put back there
    would let a lease last: one that runs out later than any could is taken to have run out.

    Args:
        database: where.
        tenant: whose.
        lasts: seconds that each lasts.
    """

    def __init__(self, database: Database, tenant: str, *, lasts: float = LASTS) -> None:
        self.lasts, self._database, self._tenant = lasts, database, tenant
        self._made = False
        t, b = leases.c, sa.bindparam
        now = _now(database)
        insert = database.insert(leases).values(
            tenant=b("tenant"),
            name=b("name"),
            holder=b("holder"),
            who=b("who"),
            since=now,
            until=now + b("lasts", type_=sa.BigInteger()),
        )
        new = insert.excluded
        mine = t.holder == new.holder
        over = (t.until <= new.since) | (t.until > new.until + b("lasts", type_=sa.BigInteger()))
        # One statement looks and takes: of several that find a lease run out, one gets it.
        self._take = database.compile(
            insert.on_conflict_do_update(
                index_elements=["tenant", "name"],
                set_={
                    "holder": new.holder,
                    "who": new.who,
                    "since": sa.case((mine, t.since), else_=new.since),
                    "until": new.until,
                },
                where=mine | over,
            ).returning(t.holder)
        )
        own = t.tenant == b("tenant")
        self._give_back = database.compile(
            sa.delete(leases).where(own, t.name == b("name"), t.holder == b("holder"))
        )
        lasting = (t.until > now, t.until <= now + 2 * b("lasts", type_=sa.BigInteger()))
        columns = [t[name] for name in Lease._fields]
        self._held = database.compile(sa.select(*columns).where(own, *lasting).order_by(t.name))
        self._forget = database.compile(sa.delete(leases).where(own, t.until <= now - _FORGOTTEN))

    def take(self, name: str, holder: str, who: str) -> bool:
        """Take or renew a lease; return whether it is the holder's then.

        Args:
            name: of what.
            holder: a random name of the holder.
            who: what people know the holder by.
        """
        self._make()
        values = self._values(name=name, holder=holder, who=who)
        with self._database.alone() as cursor:
            cursor.execute(self._take.sql, self._take(**values))
            return bool(cursor.fetchall())

    def give_back(self, name: str, holder: str) -> None:
        """End a lease before it runs out; nothing happens if it is no longer the holder's."""
        self._make()
        with self._database.alone() as cursor:
            cursor.execute(self._give_back.sql, self._give_back(**self._values(name=name, holder=holder)))

    def held(self) -> list[Lease]:
        """Return the leases that are held now, in order of name."""
        with self._database.reading() as cursor:
            if not self._made and not schema.has_table(self._database, cursor, leases.name):
                return []
            cursor.execute(self._held.sql, self._held(**self._values()))
            return [
                Lease(name, holder, who, _stamp(since), _stamp(until))
                for name, holder, who, since, until in cursor.fetchall()
            ]

    def forget(self) -> None:
        """Remove what is left of those who died long ago."""
        self._make()
        with self._database.alone() as cursor:
            cursor.execute(self._forget.sql, self._forget(**self._values()))

    def _values(self, **values: str) -> dict[str, Any]:
        return {
            "tenant": self._tenant,
            "lasts": round(self.lasts * 1000),
            "now": round(time.time() * 1000),
            **values,
        }

    def _make(self) -> None:
        if self._made:
            return
        with self._database.reading() as cursor:
            self._made = schema.has_table(self._database, cursor, leases.name)
        if self._made:
            return
        try:
            with self._database.writing() as cursor:
                for statement in schema.definition(self._database, leases):
                    cursor.execute(statement)
                row_security.follow(self._database, cursor, leases.name)
        except Unavailable:
            raise
        except StoreError:
            with self._database.reading() as cursor:
                if not schema.has_table(self._database, cursor, leases.name):  # not made by another meanwhile
                    raise
        self._made = True


class Contender:
    """One process's standing for a lease: it holds it and renews it, or stands by until it can take it.

    Used as a context; a thread of its own does the work, so that a long piece of work does not let the lease run out.

    Args:
        held: the leases.
        name: of which.
        bell: rings when the holder leaves.
        on_change: called, in that thread, whenever this process comes to hold the lease, or loses it.

    ``trouble`` is what the database said at the last beat, None if all went well.
    """

    def __init__(self, held: Leases, name: str, bell: Bell, on_change: Callable[[], None]) -> None:
        self.name, self.holder, self.who = name, secrets.token_hex(8), who_this_is()
        self._leases, self._bell, self._on_change = held, bell, on_change
        self._standby = standby_name(name, self.holder)
        self._sure_until = 0.0
        self.trouble: StoreError | None = None
        self._leading = self._listed = False
        self._ear, self._over = bell.ear(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="guanxi-lease", daemon=True)

    @property
    def leads(self) -> bool:
        """Whether this process holds the lease, as far as it can know."""
        return self._leading and time.monotonic() < self._sure_until

    def __enter__(self) -> Contender:
        """Begin to contend."""
        self._contend()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Leave: the next one may take over at once."""
        self._over.set()
        self._ear.close()
        self._thread.join(_STOPPING)

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._wait()
                if not self._over.is_set():
                    self._contend()
        finally:
            self._leave()

    def _contend(self) -> None:
        """Renew what is held, or look whether it can be taken, and say that somebody stands by."""
        begun, led = time.monotonic(), self._leading
        try:
            self._leading = (led or self._is_free()) and self._leases.take(self.name, self.holder, self.who)
            if self._leading:
                self._sure_until = begun + self._leases.lasts
                if self._listed:
                    self._leases.give_back(self._standby, self.holder)
                    self._listed = False
                if not led:
                    self._leases.forget()
            else:
                self._listed = self._leases.take(self._standby, self.holder, self.who)
            self.trouble = None
        except StoreError as error:
            self.trouble = (
                error  # it is tried again at the next beat; a lease that cannot be renewed runs out
            )
        if self._leading != led:
            self._on_change()

    def _is_free(self) -> bool:
        return all(lease.name != self.name or lease.holder == self.holder for lease in self._leases.held())

    def _wait(self) -> None:
        """Wait for the next beat; who stands by also looks whenever something happens, at most every few hundredths of a second."""
        beat = time.monotonic() + BEAT
        while not self._over.is_set() and (left := beat - time.monotonic()) > 0:
            if self._leading:
                self._over.wait(left)
                continue
            self._ear.wait(left)
            self._over.wait(_BREATH)
            try:
                if self._is_free():
                    return
            except StoreError:
                return

    def _leave(self) -> None:
        self._leading = False
        try:
            self._leases.give_back(self.name, self.holder)
            if self._listed:
                self._leases.give_back(self._standby, self.holder)
            self._bell.ring()
        except StoreError:
            pass  # it runs out by itself


def standby_name(name: str, holder: str) -> str:
    """Return the name of the lease by which one who stands by for another is known."""
    return f"{name}/{holder}"


def who_this_is() -> str:
    """Return what people know this process by: user, machine and process id."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""  # a process without a user
    return f"{user}@{socket.gethostname()}/{os.getpid()}"


def _now(database: Database) -> Any:
    """Return what says the present in milliseconds: the server's clock, or a parameter for this machine's."""
    if database.is_sqlite:
        return sa.bindparam("now", type_=sa.BigInteger())
    seconds = sa.extract("epoch", sa.func.clock_timestamp())
    return sa.cast(seconds * 1000, sa.BigInteger())


def _stamp(milliseconds: int) -> str:
    return stamp(datetime.fromtimestamp(milliseconds / 1000, UTC))
