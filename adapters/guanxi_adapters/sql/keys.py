"""The secrets behind sealed fields, in a database apart from the log: made once, destroyed without a trace."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from guanxi.kernel.errors import Invalid, Unavailable
from guanxi.kernel.times import stamp
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database, compiled, parse_url

SECRET_BYTES = 64
POSTGRES_SCHEMA = "guanxi_keys"
_CACHED_AT_MOST = 100_000
_PAIRS_AT_ONCE = 5_000


class SqlKeyring:
    """The keys of one tenant; see ``guanxi.kernel.ports.Keyring``.

    Secrets are kept in memory once read. A key destroyed through this object is forgotten here at once; other
    processes look at the keys' generation at most every ``freshness`` seconds, and forget what they kept when it moved.
    So a destroyed key is out of use everywhere after that time, and unreadable for any process started later at once.

    Args:
        database: where the keys are kept; never the log's own file.
        tenant: whose keys.
        create: whether missing tables may be made.
        freshness: seconds for which another process's destruction may go unnoticed.
    """

    def __init__(
        self, database: Database, tenant: str, *, create: bool = True, freshness: float = 1.0
    ) -> None:
        self.database, self.tenant, self.url = database, tenant, database.url
        self.freshness = freshness
        self._sql = compiled(_Statements, database)
        self._ensure(create)
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._by_subject: dict[tuple[str, str], tuple[str, bytes]] = {}
        self._by_id: dict[str, bytes] = {}
        self._token_key: bytes | None = None
        self._generation = -1
        self._looked_at = float("-inf")

    def __repr__(self) -> str:
        return f"<SqlKeyring {self.url} tenant={self.tenant}>"

    def key_for(self, subject: str, family: str) -> tuple[str, bytes]:
        """Return the id and the secret of the subject's key for a family; a new key is committed before it is returned.

        A subject whose key was destroyed gets another one when it is sealed for again.
        """
        self._refresh()
        found = self._by_subject.get((subject, family))
        if found is None:
            self.keys_for([(subject, family)])
            found = self._by_subject.get((subject, family))
        if found is None:  # destroyed by another thread at this very moment
            return self.key_for(subject, family)
        return found

    def keys_for(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Make and remember the keys of many (subject, family) pairs, in few transactions."""
        self._refresh()
        missing = sorted({pair for pair in pairs if pair not in self._by_subject})
        for start in range(0, len(missing), _PAIRS_AT_ONCE):
            self._learn(missing[start : start + _PAIRS_AT_ONCE])

    def _learn(self, pairs: list[tuple[str, str]]) -> None:
        with self.database.reading() as cursor:
            found = self._select(cursor, pairs)
        lacking = [pair for pair in pairs if pair not in found]
        if lacking:
            insert = self._sql.insert_key
            rows = [
                insert(
                    tenant=self.tenant, subject=s, family=f, key_id=_new_id(), secret=os.urandom(SECRET_BYTES)
                )
                for s, f in lacking
            ]
            with self.database.writing() as cursor:
                cursor.executemany(insert.sql, rows)
                found.update(self._select(cursor, lacking))
        with self._lock:
            if len(self._by_id) + len(found) > _CACHED_AT_MOST:
                self._forget_all()
            self._by_subject.update(found)
            self._by_id.update(found.values())

    def _select(self, cursor: Any, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, bytes]]:
        select, wanted = self._sql.keys_of, set(pairs)
        names = self.database.list_of([subject for subject, _ in pairs])
        cursor.execute(select.sql, select(tenant=self.tenant, names=names))
        return {
            (s, f): (key_id, bytes(secret)) for s, f, key_id, secret in cursor.fetchall() if (s, f) in wanted
        }

    def key(self, key_id: str) -> bytes | None:
        """Return the secret of a key, or None when it was destroyed."""
        self._refresh()
        found = self._by_id.get(key_id)
        if found is not None:
            return found
        select = self._sql.secret
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select(tenant=self.tenant, key_id=key_id))
            row = cursor.fetchone()
        if row is None or row[0] is None:
            return None
        with self._lock:
            if len(self._by_id) >= _CACHED_AT_MOST:
                self._forget_all()
            self._by_id[key_id] = bytes(row[0])
        return bytes(row[0])

    def token_key(self) -> bytes:
        """Return the tenant's secret for claim tokens and content digests, made when first asked for."""
        if self._token_key is None:
            insert, select = self._sql.insert_token_key, self._sql.token_key
            with self.database.reading() as cursor:
                cursor.execute(select.sql, select(tenant=self.tenant))
                row = cursor.fetchone()
            if row is None:
                with self.database.writing() as cursor:
                    cursor.execute(insert.sql, insert(tenant=self.tenant, secret=os.urandom(SECRET_BYTES)))
                    cursor.execute(select.sql, select(tenant=self.tenant))
                    row = cursor.fetchone()
            self._token_key = bytes(row[0])
        return self._token_key

    def destroy(self, subject: str, family: str) -> bool:
        """Destroy a key; return whether there was one.

        The secret is overwritten in the database and its write-ahead log is emptied before this returns.

        Raises:
            Unavailable: ``trace_left`` when a reader kept the write-ahead log from being emptied: the key is destroyed,
                and the next ``destroy`` or ``close`` tries again.
        """
        update, raised = self._sql.destroy, self._sql.raise_generation
        with self.database.writing() as cursor:
            values = {"in_tenant": self.tenant, "of_subject": subject, "of_family": family}
            cursor.execute(update.sql, update(**values, at=stamp(datetime.now(UTC))))
            destroyed = bool(cursor.rowcount)
            if destroyed:
                cursor.execute(raised.sql, raised())
        with self._lock:
            self._forget_all()
        if destroyed and not self._empty_wal():
            raise Unavailable(
                "trace_left",
                "the key is destroyed, but a reader keeps an older page of the key file in its write-ahead log",
                zh="密钥已销毁，但有读取者使旧数据页仍留在预写日志中",
                accepts="destroy or close again once the reader has finished",
                database=self.url,
            )
        return destroyed

    def close(self) -> None:
        """Release every connection and forget every secret."""
        with self._lock:
            self._forget_all()
            self._token_key = None
        if not self.database.read_only:
            self._empty_wal()
        self.database.close()

    def _empty_wal(self) -> bool:
        """Move what the write-ahead log holds into the file, and cut it to nothing."""
        if self.database.path is None or not self.database.path.exists():
            return True
        deadline = time.monotonic() + self.database.timeout
        with self.database.reading() as cursor:
            while True:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if cursor.fetchone()[0] == 0:
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < self.freshness and os.getpid() == self._pid:
            return
        select = self._sql.generation
        with self.database.reading() as cursor:
            cursor.execute(select.sql, select())
            generation = int(cursor.fetchone()[0])
        if os.getpid() != self._pid:
            self._pid, self._lock = os.getpid(), threading.RLock()
        with self._lock:
            if generation != self._generation:
                self._forget_all()
            self._generation, self._looked_at = generation, now

    def _forget_all(self) -> None:
        self._by_subject.clear()
        self._by_id.clear()

    def _ensure(self, create: bool) -> None:
        tables = self._sql.tables
        settings = tables.settings
        with self.database.reading() as cursor:
            found = schema.found_version(self.database, cursor, settings)
        if found is None and (not create or self.database.read_only):
            raise Unavailable(
                "no_keys_here",
                "this database holds no keys",
                zh="该数据库中没有密钥",
                accepts="the key database that was made with the ledger, or create=True",
                database=self.url,
            )
        if found is None:
            found = schema.make_tables(self.database, tables.metadata, settings, {"generation": "0"})
        if found > schema.SCHEMA_VERSION:
            raise schema.too_new(found, self.database)


def keys_url(url: str) -> str:
    """Return where a log's keys are kept when nothing else is said: a file beside the log's, or the same server."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        stem = parsed.database.removesuffix(".db")
        parsed = parsed.set(database=f"{stem}.keys.db")
    return parsed.render_as_string(hide_password=False)


def _new_id() -> str:
    return secrets.token_hex(8)


def refuse_same(url: str, other: str) -> None:
    """Refuse to keep keys beside what they seal.

    Raises:
        Invalid: ``keys_beside_log``.
    """
    log, keys = parse_url(url), parse_url(other)
    if log.get_backend_name() == "sqlite" and log.database not in (None, "", ":memory:") and log == keys:
        raise Invalid(
            "keys_beside_log",
            "the keys would stand in the log's own file, and every copy of the log would carry them",
            zh="密钥将与日志存于同一文件，日志的每个副本都会带上密钥",
            accepts="another file for the keys",
        )


class KeyTables:
    """The tables of the keys in a database.

    Args:
        database: SQLite, or PostgreSQL, where they are in a schema of their own.
    """

    def __init__(self, database: Database) -> None:
        self.metadata = sa.MetaData(schema=None if database.is_sqlite else POSTGRES_SCHEMA)
        text = schema.text
        self.keys = sa.Table(
            "guanxi_keys",
            self.metadata,
            sa.Column("key_id", text(), primary_key=True),
            sa.Column("tenant", text(), nullable=False),
            sa.Column("subject", text(), nullable=False),
            sa.Column("family", text(), nullable=False),
            sa.Column("secret", sa.LargeBinary()),
            sa.Column("destroyed_at", text()),
        )
        alive = self.keys.c.destroyed_at.is_(None)
        sa.Index(
            "guanxi_keys_alive",
            self.keys.c.tenant,
            self.keys.c.subject,
            self.keys.c.family,
            unique=True,
            sqlite_where=alive,
            postgresql_where=alive,
        )
        self.token_keys = sa.Table(
            "guanxi_token_keys",
            self.metadata,
            sa.Column("tenant", text(), primary_key=True),
            sa.Column("secret", sa.LargeBinary(), nullable=False),
        )
        self.settings = sa.Table(
            "guanxi_keys_meta",
            self.metadata,
            sa.Column("tenant", text(), primary_key=True),
            sa.Column("key", text(), primary_key=True),
            sa.Column("value", text(), nullable=False),
        )


class _Statements:
    def __init__(self, database: Database) -> None:
        b, compile_ = sa.bindparam, database.compile
        self.tables = tables = KeyTables(database)
        k, t, m = tables.keys, tables.token_keys, tables.settings
        alive = k.c.destroyed_at.is_(None)
        named: dict[str, Any] = {
            name: b(name) for name in ("tenant", "subject", "family", "key_id", "secret")
        }
        self.insert_key = compile_(database.insert(k).values(named).on_conflict_do_nothing())
        mine = k.c.tenant == b("tenant")
        self.keys_of = compile_(
            sa.select(k.c.subject, k.c.family, k.c.key_id, k.c.secret).where(
                mine, database.among(k.c.subject), alive
            )
        )
        self.secret = compile_(sa.select(k.c.secret).where(mine, k.c.key_id == b("key_id")))
        self.destroy = compile_(
            sa.update(k)
            .values(secret=sa.null(), destroyed_at=b("at"))
            .where(
                k.c.tenant == b("in_tenant"),
                k.c.subject == b("of_subject"),
                k.c.family == b("of_family"),
                alive,
            )
        )
        self.insert_token_key = compile_(
            database.insert(t).values(tenant=b("tenant"), secret=b("secret")).on_conflict_do_nothing()
        )
        self.token_key = compile_(sa.select(t.c.secret).where(t.c.tenant == b("tenant")))
        generation = (m.c.tenant == schema.EVERY_TENANT, m.c.key == "generation")
        self.generation = compile_(sa.select(m.c.value).where(*generation))
        raised = sa.cast(sa.cast(m.c.value, sa.BigInteger()) + 1, sa.Text())
        self.raise_generation = compile_(sa.update(m).values(value=raised).where(*generation))
