"""The database and its connections: engines, pragmas, timeouts, transactions, forks. The only module that opens one."""

from __future__ import annotations

import os
import select
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
import sqlalchemy.event
import sqlalchemy.exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection, QueuePool, StaticPool

from guanxi.kernel.errors import GuanxiError, Invalid, Unavailable
from guanxi_adapters.sql import prepared
from guanxi_adapters.sql.errors import code_of, failure, translated
from guanxi_adapters.sql.session import bind

OLDEST_SQLITE = (3, 38, 0)
OLDEST_POSTGRES = 13
PAGE_BYTES = 4096
CACHE_KIB = 16_000
CHECKPOINT_PAGES = 4_000
"""Pages in SQLite's write-ahead log before they are moved into the database: 16 MB."""

_SQLITE_POOL_OVERFLOW = 60
_POSTGRES_POOL_OVERFLOW = 10
_KEPT_OPEN = 5
"""Connections to an SQLite file that wait outside SQLAlchemy's pool, which takes longer than most statements do."""

_KEEPALIVE_SECONDS = 30
"""Seconds of silence after which a server is asked whether it is still there."""

_FORK_PATIENCE = 10.0
"""Seconds for which a fork waits for a writer's transaction to end."""

_PREPARED_FROM = 2
"""How often PostgreSQL is given a statement's text before it keeps the statement prepared."""

_DRIVER_ERRORS = (sqlalchemy.exc.SQLAlchemyError, UnicodeEncodeError, OverflowError)
"""What is raised besides the driver's own errors for what a database refuses."""

T = TypeVar("T")

_databases: weakref.WeakSet[Database] = weakref.WeakSet()
_writers: weakref.WeakValueDictionary[str, _Turn] = weakref.WeakValueDictionary()
_writers_guard = threading.Lock()
_inherited: list[
    object
] = []  # pools of a parent process: never collected, so that no socket of it is closed here


class _Turn:
    """A lock that one writer of a process holds at a time; weakly referenced, which a bare lock cannot be."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class Statement:
    """A statement compiled once into the driver's own text, with the order of its parameters.

    Hot paths hand text and tuples straight to the driver's cursor; building them is left to SQLAlchemy all the same.
    """

    __slots__ = ("_fixed", "names", "sql")

    def __init__(self, statement: sa.sql.ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def __call__(self, **values: Any) -> tuple[Any, ...]:
        """Return the values in the order in which the text asks for them."""
        if self._fixed:
            values = self._fixed | values
        return tuple([values[name] for name in self.names])


def parse_url(url: str) -> sa.URL:
    """Return the URL with its driver settled: the built-in one for SQLite, psycopg 3 for PostgreSQL.

    Raises:
        Invalid: ``unknown_database`` for any other kind of database.
    """
    try:
        parsed = sa.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise _unknown_database(url) from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise _unknown_database(parsed.render_as_string())


def _unknown_database(url: str) -> Invalid:
    return Invalid(
        "unknown_database",
        f"{url!r} names no database that this adapter knows",
        zh=f"{url!r} 不是本适配器支持的数据库",
        accepts="sqlite:///customers.db, sqlite:// (memory) or postgresql+psycopg://user:password@host/database",
    )


_COMPILED: dict[tuple[Any, ...], Any] = {}


def compiled(statements: Callable[..., T], database: Database, *given: Hashable) -> T:
    """Return a group of statements, compiled once in a process for each kind of database: nothing else decides their text.

    Args:
        statements: compiles them for a database.
        database: where they are to be carried out.
        given: what else they are compiled from.
    """
    key = (statements, database.dialect.name, *given)
    if key not in _COMPILED:
        _COMPILED[key] = statements(database, *given)
    found: T = _COMPILED[key]
    return found


class Database:
    """One database, its pool of connections and its transactions, for any number of threads.

    Args:
        url: see ``parse_url``.
        create: whether an SQLite file that is missing may be made.
        read_only: refuse every write, also in the database itself.
        timeout: seconds that a statement waits for another writer.
        statement_timeout: seconds that one statement may take on PostgreSQL.
        pool_size: connections kept open on PostgreSQL; ten more are opened while they are needed.
        secure_delete: whether SQLite overwrites what it deletes with zeros.
        private: whether an SQLite file made here is readable by this user alone.
        session: settings that every connection to PostgreSQL takes on, by name.
    """

    def __init__(
        self,
        url: str,
        *,
        create: bool = True,
        read_only: bool = False,
        timeout: float = 10.0,
        statement_timeout: float = 120.0,
        pool_size: int = 5,
        secure_delete: bool = False,
        private: bool = False,
        session: Mapping[str, str] | None = None,
    ) -> None:
        self.parsed = parse_url(url)
        self.url = self.parsed.render_as_string(hide_password=True)
        self.is_sqlite = self.parsed.get_backend_name() == "sqlite"
        self.path = _sqlite_path(self.parsed) if self.is_sqlite else None
        self.is_memory = self.is_sqlite and self.path is None
        self.read_only, self.timeout, self.statement_timeout = read_only, timeout, statement_timeout
        self._secure_delete, self._session = secure_delete, dict(session or {})
        self._pid, self._pool_size = os.getpid(), pool_size
        self._memory_lock = threading.RLock()
        if self.path is not None:
            _check_file(self.path, create=create and not read_only, private=private)
        self.engine = self._sqlite_engine() if self.is_sqlite else self._postgres_engine(pool_size)
        self.dialect = _positional_dialect(self.engine)
        self._turn = _turn_for(str(self.path) if self.path else f"{id(self)}")
        self._idle: deque[PoolProxiedConnection] = deque()
        self._closings = 0
        self._places = self._free_places()
        _databases.add(self)

    # Engines

    def _sqlite_engine(self) -> sa.Engine:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise Unavailable(
                "sqlite_too_old",
                f"SQLite {sqlite3.sqlite_version} lacks what the log needs",
                zh=f"SQLite {sqlite3.sqlite_version} 版本过低",
                accepts="SQLite " + ".".join(map(str, OLDEST_SQLITE)) + " or later",
            )
        mode = "?mode=ro" if self.read_only else ""
        target = ":memory:" if self.path is None else f"{self.path.as_uri()}{mode}"

        def connect() -> sqlite3.Connection:
            # isolation_level None: the driver's own transaction control commits behind one's back.
            return sqlite3.connect(
                target,
                timeout=self.timeout,
                isolation_level=None,
                check_same_thread=False,
                uri=self.path is not None,
            )

        pool: dict[str, Any] = (
            {"poolclass": StaticPool}
            if self.path is None
            else {
                "poolclass": QueuePool,
                "pool_size": 5,
                "max_overflow": _SQLITE_POOL_OVERFLOW,
                "pool_timeout": self.timeout,
            }
        )
        engine = sa.create_engine(self.parsed, creator=connect, **pool)
        sqlalchemy.event.listen(engine, "connect", self._prepare_sqlite)
        sqlalchemy.event.listen(engine, "begin", _begin)
        return engine

    def _prepare_sqlite(self, connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        if not self.read_only and self.path is not None:
            self._enter_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if self._secure_delete:
            cursor.execute("PRAGMA secure_delete = ON")
        if self.read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def _enter_wal(self, cursor: Any) -> None:
        """Switch a new file to its write-ahead log; SQLite doesn't wait here when another process does the same."""
        cursor.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                if code_of(error) != "database_locked" or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    def _postgres_engine(self, pool_size: int) -> sa.Engine:
        try:
            engine = sa.create_engine(
                self.parsed,
                pool_size=pool_size,
                max_overflow=_POSTGRES_POOL_OVERFLOW,
                pool_timeout=self.timeout,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": max(2, round(self.timeout)),
                    "keepalives_idle": _KEEPALIVE_SECONDS,
                    "tcp_user_timeout": round((self.statement_timeout + self.timeout) * 1000),
                },
            )
        except ModuleNotFoundError as error:
            raise Unavailable(
                "driver_missing",
                "PostgreSQL needs the psycopg package, which is not installed",
                zh="使用 PostgreSQL 需要安装 psycopg",
                accepts="pip install 'guanxi[postgres]'",
            ) from error
        sqlalchemy.event.listen(engine, "connect", self._prepare_postgres)
        return engine

    def _prepare_postgres(self, connection: DBAPIConnection, _record: object) -> None:
        raw: Any = connection
        if raw.info.server_version < OLDEST_POSTGRES * 10_000:
            raise Unavailable(
                "server_too_old",
                f"PostgreSQL {raw.info.server_version // 10_000} lacks what the log needs",
                zh=f"PostgreSQL {raw.info.server_version // 10_000} 版本过低",
                accepts=f"PostgreSQL {OLDEST_POSTGRES} or later",
            )
        settings = {
            "lock_timeout": f"{round(self.timeout * 1000)}ms",
            "statement_timeout": f"{round(self.statement_timeout * 1000)}ms",
            "client_encoding": "UTF8",
            "default_transaction_read_only": "on" if self.read_only else "off",
            **self._session,
        }
        with raw.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        raw.commit()
        raw.prepare_threshold = _PREPARED_FROM

    # Statements and transactions

    def compile(self, statement: sa.sql.ClauseElement) -> Statement:
        """Return the statement as the driver's text."""
        return Statement(statement, self.dialect)

    @property
    def driver(self) -> Any:
        """The driver's module, for its exception classes."""
        return self.engine.dialect.loaded_dbapi

    def insert(self, table: sa.Table) -> Any:
        """Return an insert that can say what to do on conflict."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def among(self, column: sa.ColumnElement[Any], parameter: str = "names") -> sa.ColumnElement[bool]:
        """Return the condition that a column is among a parameter, whose value ``list_of`` makes.

        One text for lists of any length: no limit on the number of parameters, nothing compiled twice.
        """
        if self.is_sqlite:
            listed = sa.func.json_each(sa.bindparam(parameter)).table_valued("value")
            return column.in_(sa.select(listed.c.value))
        return column == sa.any_(sa.bindparam(parameter, type_=postgresql.ARRAY(sa.Text())))

    def list_of(self, names: Sequence[str]) -> Any:
        """Return names as the parameter of ``among``."""
        return msgspec.json.encode(names).decode() if self.is_sqlite else list(names)

    @contextmanager
    def reading(self, connection: sa.Connection | None = None) -> Generator[Any]:
        """Give a driver's cursor to read with: on the host's connection if given, else on one of our own."""
        if connection is not None:
            with self.translating():
                self._bind(connection)
                yield connection.connection.cursor()
            return
        with self._own() as raw:
            yield raw.cursor()

    @contextmanager
    def writing(self, connection: sa.Connection | None = None) -> Generator[Any]:
        """Give a driver's cursor inside a transaction that is committed at the end, or rolled back by any exception.

        On the host's connection it is a savepoint of the host's transaction, and nothing is committed.

        Raises:
            Unavailable: ``database_locked``, ``disk_full`` and so on. Nothing was written.
        """
        if connection is not None:
            with self.translating():
                self._open_host_transaction(connection)
                self._bind(connection)
                with connection.begin_nested():
                    yield connection.connection.cursor()
            return
        self._refuse_if_read_only()
        with self._in_turn(), self._own() as raw:
            cursor: Any = raw.cursor()
            cursor.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                yield cursor
            except BaseException:
                _roll_back(raw)
                raise
            self._commit(raw)

    def transact(self, work: Callable[[Any], T]) -> T:
        """Carry out work with a driver's cursor in a transaction of its own, as ``writing`` does, and return its result."""
        if self.path is None or self.read_only:
            with self.writing() as cursor:
                return work(cursor)

        def transaction(raw: PoolProxiedConnection) -> T:
            driver: Any = raw.dbapi_connection
            try:
                cursor = driver.cursor()
                cursor.execute("BEGIN IMMEDIATE")
                result = work(cursor)
                driver.commit()
            except BaseException:
                _roll_back(raw)
                raise
            return result

        self._check_process()
        lock = self._turn.lock
        if not lock.acquire(timeout=self.timeout):
            raise failure("database_locked", database=self.url)
        try:
            return self._with_connection(transaction)
        finally:
            lock.release()

    def call(self, sql: str, parameters: Sequence[str]) -> list[int]:
        """Carry out one statement on a PostgreSQL server that writes, and is a transaction of its own.

        Args:
            sql: the statement, its parameters written ``$1`` and so on; kept prepared.
            parameters: their values, as the server's own texts.

        Returns:
            The whole numbers of its one row.
        """
        self._refuse_if_read_only()
        self._check_process()
        try:
            with self._placed():
                return self._with_connection(lambda raw: prepared.call(raw, sql, parameters))
        except prepared.Lost as error:
            raise failure("connection_lost", database=self.url, said=str(error)) from error

    def _with_connection(self, work: Callable[[PoolProxiedConnection], T]) -> T:
        """Do work on a connection that nobody else uses, as ``_own`` gives one.

        Layers of context managers take a tenth of the time of a small transaction, so here there is none.
        """
        closings = self._closings
        raw: PoolProxiedConnection | None = None
        try:
            raw = self._taken()
            result = work(raw)
        except BaseException as error:
            refused = isinstance(error, self.driver.Error)
            if raw is not None:
                if refused:
                    _discard(raw)
                else:
                    self._put_back(raw, closings)
            if refused or isinstance(error, _DRIVER_ERRORS):
                raise translated(error, self.url) from error
            raise
        self._put_back(raw, closings)
        return result

    @contextmanager
    def connected(self, *, snapshot: bool = False) -> Generator[sa.Connection]:
        """Give an SQLAlchemy connection of our own; on a snapshot, every statement sees one state of the database."""
        connection = self.open_connection(snapshot=snapshot)
        with self.translating():
            try:
                yield connection
            finally:
                connection.close()

    def open_connection(self, *, snapshot: bool = False) -> sa.Connection:
        """Return an SQLAlchemy connection of our own, which the caller closes."""
        self._check_process()
        with self.translating():
            connection = self.engine.connect()
            if snapshot and not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            return connection

    @contextmanager
    def shared_memory(self) -> Generator[None]:
        """Hold the one connection of an in-memory database; does nothing for any other."""
        if not self.is_memory:
            yield
            return
        with self._memory_lock:
            yield

    def close(self) -> None:
        """Close every idle connection; those in use close when they are returned."""
        self._check_process()
        self._close_idle()
        with (
            self.shared_memory()
        ):  # the driver crashes where a connection is closed under another thread's statement
            self.engine.dispose()

    @contextmanager
    def alone(self) -> Generator[Any]:
        """Give a driver's cursor for one statement that writes and is a transaction of its own."""
        self._refuse_if_read_only()
        with self._in_turn(), self._own() as raw:
            yield raw.cursor()

    @contextmanager
    def _own(self) -> Generator[PoolProxiedConnection]:
        self._check_process()
        if not self.is_memory:
            with self.translating(), self._placed():
                raw, closings = self._taken(), self._closings
                try:
                    yield raw
                except BaseException as error:
                    if isinstance(error, self.driver.Error):
                        _discard(raw)
                    else:
                        self._put_back(raw, closings)
                    raise
                self._put_back(raw, closings)
            return
        with self.shared_memory(), self.translating():
            raw = self.engine.raw_connection()
            try:
                yield raw
            except BaseException as error:
                if self._is_broken(error, raw):
                    raw.invalidate()
                raise
            finally:
                raw.close()

    def _free_places(self) -> threading.BoundedSemaphore | None:
        """Return what bounds the connections to a server; an SQLite file bounds itself."""
        return (
            None if self.is_sqlite else threading.BoundedSemaphore(self._pool_size + _POSTGRES_POOL_OVERFLOW)
        )

    @contextmanager
    def _placed(self) -> Generator[None]:
        places = self._places
        if places is None:
            yield
            return
        if not places.acquire(timeout=self.timeout):
            raise failure("pool_exhausted", database=self.url)
        try:
            yield
        finally:
            places.release()

    def _taken(self) -> PoolProxiedConnection:
        """Return a connection that nobody else uses, SQLAlchemy's pool keeping no account of it."""
        while True:
            try:
                raw = self._idle.pop()
            except IndexError:
                raw = self.engine.raw_connection()
                raw.detach()
                if not self.is_sqlite:
                    driver: Any = raw.dbapi_connection
                    driver.autocommit = True  # a read is one round trip instead of three
                return raw
            if self.is_sqlite or not _left(raw):
                return raw
            _discard(raw)

    def _put_back(self, raw: PoolProxiedConnection, closings: int) -> None:
        """Keep a connection for the next one, unless there are enough, or it has to go."""
        driver: Any = raw.dbapi_connection
        if os.getpid() != self._pid:
            _inherited.append(raw)
        elif (
            closings != self._closings
            or len(self._idle) >= max(_KEPT_OPEN, 0 if self.is_sqlite else self._pool_size)
            or driver is None
            or (driver.in_transaction if self.is_sqlite else not _is_idle(driver))
        ):
            _discard(raw)
        else:
            self._idle.append(raw)

    def _close_idle(self) -> None:
        self._closings += 1
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()

    def _is_broken(self, error: Any, raw: PoolProxiedConnection) -> bool:
        if not isinstance(error, self.driver.Error) or raw.dbapi_connection is None:
            return False
        return self.engine.dialect.is_disconnect(error, raw.dbapi_connection, None)

    @contextmanager
    def translating(self) -> Generator[None]:
        """Turn what the driver raises into the library's errors."""
        try:
            yield
        except GuanxiError:
            raise
        except (self.driver.Error, *_DRIVER_ERRORS) as error:
            raise translated(error, self.url) from error

    @contextmanager
    def _in_turn(self) -> Generator[None]:
        """Let this process's writers take turns: SQLite's own waiting is a poll that can starve one of them."""
        if not self.is_sqlite or self.is_memory:
            yield
            return
        lock = self._turn.lock
        if not lock.acquire(timeout=self.timeout):
            raise failure("database_locked", database=self.url)
        try:
            yield
        finally:
            lock.release()

    def _commit(self, raw: PoolProxiedConnection) -> None:
        try:
            raw.commit()
        except BaseException as error:
            if not self.is_sqlite and self._is_broken(error, raw):
                _discard(raw)
                raise failure("commit_unknown", database=self.url) from error
            _roll_back(raw)
            raise

    def _open_host_transaction(self, connection: sa.Connection) -> None:
        """Make sure that a savepoint has a transaction around it: SQLite would commit with the outermost savepoint."""
        if not connection.in_transaction():
            connection.begin()
        raw: Any = connection.connection.dbapi_connection
        if self.is_sqlite and not raw.in_transaction:
            raw.cursor().execute("BEGIN IMMEDIATE")

    def _bind(self, connection: sa.Connection) -> None:
        if not self.is_sqlite:
            bind(connection, self._session)

    def _refuse_if_read_only(self) -> None:
        if self.read_only:
            raise failure("database_read_only", database=self.url)

    # Forks

    def _check_process(self) -> None:
        """Leave a parent process's connections alone: the child opens its own."""
        pid = os.getpid()
        if pid == self._pid:
            return
        self._pid = pid
        self._memory_lock = threading.RLock()
        self._turn = _Turn()
        self._places = self._free_places()
        if not self.is_memory:  # a forked copy of a database in memory is the child's own
            _inherited.append(self.engine.pool)
            _inherited.extend(self._idle)
            self._idle = deque()
            self.engine.dispose(close=False)

    def close_idle_before_fork(self) -> None:
        """Close SQLite's idle connections before a fork.

        Locks belong to a process, but SQLite keeps its account of them in memory: a child would inherit the account
        without the locks.
        """
        if self.path is not None and os.getpid() == self._pid:
            self._close_idle()
            self.engine.dispose()


_stopped: list[_Turn] = []


def _stop_before_fork() -> None:
    """Let every writer of this process come to the end of its transaction, then close what lies idle.

    In the child, a transaction that another thread was in would stay open for ever by SQLite's account.
    """
    for _, turn in sorted(_writers.items()):
        if turn.lock.acquire(timeout=_FORK_PATIENCE):
            _stopped.append(turn)
    for database in list(_databases):
        database.close_idle_before_fork()


def _go_on_after_fork() -> None:
    while _stopped:
        _stopped.pop().lock.release()


def _begin_anew_in_child() -> None:
    _go_on_after_fork()
    _writers.clear()  # a turn that a thread of the parent had would never end here


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_stop_before_fork,
        after_in_parent=_go_on_after_fork,
        after_in_child=_begin_anew_in_child,
    )


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _roll_back(raw: PoolProxiedConnection) -> None:
    # A rollback that fails has nothing to add to the error that led to it; the pool discards the connection.
    try:
        raw.rollback()
    except Exception:  # noqa: BLE001
        raw.invalidate()


def _discard(raw: PoolProxiedConnection) -> None:
    """Close a connection without a last word to a server that may be gone, and without a word to the log about that."""
    driver: Any = raw.dbapi_connection
    with suppress(Exception):  # a connection that fails to close is gone all the same
        if raw.is_valid:
            raw.invalidate()
    with suppress(Exception):
        if driver is not None:
            driver.close()


def _is_idle(driver: Any) -> bool:
    return not driver.closed and driver.info.transaction_status == 0


def _left(raw: PoolProxiedConnection) -> bool:
    """Return whether a server has left a connection that lay idle: it has something to read, if only that it ended.

    The system answers that without a round trip.
    """
    driver: Any = raw.dbapi_connection
    if driver is None or driver.closed:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([driver.pgconn.socket], [], [], 0)[0])
    poll = select.poll()
    poll.register(driver.pgconn.socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _positional_dialect(engine: sa.Engine) -> Dialect:
    """Return a dialect that writes positional parameters, as the driver's cursor takes tuples fastest."""
    style = "qmark" if engine.dialect.name == "sqlite" else "format"
    factory: Any = type(engine.dialect)
    dialect: Dialect = factory(paramstyle=style)
    return dialect


def _turn_for(key: str) -> _Turn:
    with _writers_guard:
        turn = _writers.get(key)
        if turn is None:
            turn = _writers[key] = _Turn()
        return turn


def _sqlite_path(url: sa.URL) -> Path | None:
    name = url.database
    if not name or name == ":memory:":
        return None
    return Path(name).absolute()


def _check_file(path: Path, *, create: bool, private: bool) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise failure("cannot_open", database=str(path))
    if path.exists():
        return
    if not create:
        raise Unavailable(
            "no_such_file",
            f"there is no file {path}",
            zh=f"文件 {path} 不存在",
            accepts="the path of an existing database, or create=True",
        )
    if private:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
