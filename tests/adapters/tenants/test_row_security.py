"""Row-level security on PostgreSQL, with roles that it binds: what a statement forgets to say, the database says."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

import guanxi
from guanxi import Invalid, Ledger, Money, OpenFile, Telling, Unavailable, verify
from guanxi_adapters.cli import main
from guanxi_adapters.files import import_file
from guanxi_adapters.sql import open_store, row_security
from guanxi_adapters.sql.engine import Database
from guanxi_retail import RecordPurchase
from tests.adapters.files.conftest import mapped
from tests.adapters.sql.samples import batch, growth
from tests.adapters.tenants import world as worlds
from tests.adapters.tenants.world import NOW, OURS, THEIRS

pytestmark = pytest.mark.postgres
PASSWORD = "p"


@attrs.frozen
class Server:
    """A database with an owner of its tables and a role of the application; neither is a superuser."""

    admin: str
    owner: str
    app: str

    def role(self, url: str) -> str:
        return sa.make_url(url).username or ""

    def run(self, url: str, *statements: str, tenant: str | None = None) -> Any:
        """Run statements on a plain connection, and return the rows of the last one."""
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection, connection.begin():
            if tenant is not None:
                connection.execute(sa.text("SELECT set_config('guanxi.tenant', :t, true)"), {"t": tenant})
            for statement in statements:
                done = connection.exec_driver_sql(statement)
            return done.fetchall() if done.returns_rows else done.rowcount

    def secure(self, **options: Any) -> list[str]:
        return self._as_owner(lambda database: row_security.secure(database, **options))

    def release(self) -> list[str]:
        return self._as_owner(row_security.release)

    def _as_owner(self, do: Callable[[Database], list[str]]) -> list[str]:
        database = Database(self.owner)
        try:
            return do(database)
        finally:
            database.close()


@pytest.fixture
def server(postgres_url: str) -> Iterator[Server]:
    admin = sa.make_url(postgres_url)
    names = [f"guanxi_{kind}_{uuid.uuid4().hex[:8]}" for kind in ("owner", "app")]
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        for name in names:
            connection.exec_driver_sql(
                f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS"
            )
        connection.exec_driver_sql(f"GRANT {names[1]} TO {names[0]}")
        connection.exec_driver_sql(f"GRANT CREATE ON DATABASE {admin.database} TO {names[0]}")
        connection.exec_driver_sql(f"GRANT CREATE, USAGE ON SCHEMA public TO {names[0]} WITH GRANT OPTION")
    urls = [admin.set(username=n, password=PASSWORD).render_as_string(hide_password=False) for n in names]
    yield Server(postgres_url, *urls)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('{names[0]}', '{names[1]}')"
        )
        for name in names:
            connection.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
            connection.exec_driver_sql(f"DROP ROLE {name}")


def open_filled(url: str, tenant: str) -> Ledger:
    ledger = guanxi.open(url, tenant=tenant)
    worlds.fill(ledger)
    return ledger


def unbound(ledger: Ledger, statement: str) -> Any:
    """Run a statement that says nothing of a tenant on a ledger's own connection."""
    with ledger.store.database.connected() as connection:  # type: ignore[attr-defined]
        return connection.exec_driver_sql(statement).fetchall()


def live(ledger: Ledger, folder: Path) -> None:
    """Do with a ledger what is ordinarily done with one."""
    ledger.clock = lambda: NOW  # type: ignore[method-assign,assignment]
    before = ledger.store.count()
    actor = f"{ledger.store.tenant}-clerk"
    outcome = ledger.execute("C-50", OpenFile(name="Wang"), actor=actor)
    bought = RecordPurchase(receipt="L-1", paid=Money("12", "CNY"))
    outcome = ledger.execute("C-50", bought, actor=actor, command_id="life-1")
    ledger.correct(outcome.entries[0].id, {"quantity": 3}, actor=actor, reason="three")
    ledger.void(outcome.entries[0].id, actor=actor, reason="none")
    path = folder / f"{ledger.store.tenant}.csv"
    lines = [f"C-{60 + n},2025-05-{n % 28 + 1:02d},{n}.50\n" for n in range(60)]
    path.write_text("customer,day,paid\n" + "".join(lines), encoding="utf-8")
    done = import_file(ledger, path, mapped(files_opens=True), actor=actor, reason="the till's file")
    assert (done.accepted, done.refused) == (60, ())
    tellings = [Telling("C-50", OpenFile(), actor, occurred_at=NOW, command_id="again", batch="till-9")]
    assert ledger.take_in(tellings)[0].status == "refused"
    ledger.advance()
    ledger.reporting.project()
    assert {s.lag for s in ledger.reporting.status(checksum=True)} == {0}
    assert not [c for c in ledger.reporting.check() if c.faulty]
    assert ledger.reporting.rebuild(swap=True).swapped
    ledger.reporting.clean(broken_off=True)
    assert len(ledger.report("core.files").rows) >= 61
    assert ledger.report("retail.customers", as_of="2025-05-20").rows
    assert ledger.history("C-50").lines()
    ledger.run("retail.rfm", actor=actor)
    with ledger.store.engine.begin() as connection:  # type: ignore[attr-defined]
        ledger.execute(
            "C-50", RecordPurchase(receipt="L-2", paid=Money("9", "CNY")), actor=actor, connection=connection
        )
    assert ledger.check_determinism(["C-50"]).same
    assert verify(ledger.store).clean
    assert ledger.store.count() > before + 60


def test_a_statement_that_forgets_the_tenant_sees_its_own_rows_alone(server: Server) -> None:
    north, south = open_filled(server.owner, THEIRS), open_filled(server.owner, OURS)
    count = "SELECT count(*) FROM guanxi_entries"
    assert unbound(south, count)[0][0] == north.store.count() + south.store.count()
    server.secure()
    assert unbound(south, count)[0][0] == south.store.count() > 0
    assert unbound(north, count)[0][0] == north.store.count() > 0
    for table in (
        "guanxi_heads",
        "guanxi_claims",
        "guanxi_commands",
        "retail_customers__v2",
        "guanxi_keys.guanxi_keys",
    ):
        seen = unbound(south, f"SELECT DISTINCT tenant FROM {table}")
        assert [tuple(row) for row in seen] == [(OURS,)], table
    assert server.run(server.owner, count) == [(0,)]  # a connection that is nobody's
    assert unbound(south, "SELECT count(*) FROM guanxi_meta WHERE tenant = ''")[0][0]
    north.close()
    south.close()


def test_a_row_of_another_tenant_is_neither_written_nor_changed_nor_deleted(server: Server) -> None:
    north, south = open_filled(server.owner, THEIRS), open_filled(server.owner, OURS)
    server.secure()
    before = server.run(
        server.admin, f"SELECT * FROM guanxi_entries WHERE tenant = '{THEIRS}' ORDER BY position"
    )
    columns = ", ".join(c for c in north.store.page(0, 1)[0]._fields if c not in ("tenant", "position"))
    for statement in (
        f"INSERT INTO guanxi_entries (position, tenant, {columns}) SELECT position + 100000, '{THEIRS}', {columns} FROM guanxi_entries",
        f"INSERT INTO guanxi_heads SELECT '{THEIRS}', stream || 'x', subject, version, hash, recorded_at, next_due, judged_by FROM guanxi_heads",
        f"UPDATE guanxi_heads SET tenant = '{THEIRS}'",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            server.run(server.owner, statement, tenant=OURS)
    assert server.run(server.owner, f"DELETE FROM guanxi_entries WHERE tenant = '{THEIRS}'", tenant=OURS) == 0
    assert server.run(server.owner, "DELETE FROM guanxi_claims", tenant="nobody") == 0
    assert before == server.run(
        server.admin, f"SELECT * FROM guanxi_entries WHERE tenant = '{THEIRS}' ORDER BY position"
    )
    assert verify(north.store).clean
    north.close()
    south.close()


@pytest.mark.parametrize("who", ["owner", "app"])
def test_everything_works_with_it_on_and_when_it_is_off_again(
    server: Server, tmp_path: Path, who: str
) -> None:
    open_filled(server.owner, THEIRS).close()
    open_filled(server.owner, OURS).close()
    server.secure(role=server.role(server.app) if who == "app" else None)
    url = server.app if who == "app" else server.owner
    for tenant in (OURS, THEIRS):
        with_it = guanxi.open(url, tenant=tenant, create=False)
        live(with_it, tmp_path)
        with_it.close()
    # A tenant that comes later, and its read models.
    third = guanxi.open(url, tenant="west")
    live(third, tmp_path)
    assert [tuple(r) for r in unbound(third, "SELECT DISTINCT tenant FROM core_files")] == [("west",)]
    third.close()
    server.release()
    plain = guanxi.open(server.owner, tenant=OURS)
    rows = unbound(plain, "SELECT count(DISTINCT tenant) FROM guanxi_entries")
    assert rows[0][0] == 3
    assert verify(plain.store).clean
    plain.reporting.project()
    plain.close()


def test_every_table_that_is_made_later_is_under_the_policy_too(server: Server) -> None:
    first = guanxi.open(server.owner, tenant=THEIRS)
    server.secure()
    worlds.fill(first)
    first.reporting.rebuild(swap=True)
    first.close()
    tables = server.run(
        server.admin,
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'guanxi_keys') AND EXISTS"
        " (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant')",
    )
    assert {"guanxi_entries", "guanxi_keys", "guanxi_read_model_sums", "retail_customers__v2"} <= {
        t[0] for t in tables
    }
    assert not [name for name, on, forced in tables if not (on and forced)]


@pytest.mark.parametrize("made", [{"partitions": 3}, {"portable": True}], ids=["partitioned", "portable"])
def test_a_log_in_parts_and_one_for_plain_sql_are_under_it_too(server: Server, made: dict[str, Any]) -> None:
    open_store(server.owner, **made).close()
    server.secure(role=server.role(server.app))
    stores = [open_store(server.app, tenant=tenant) for tenant in (OURS, THEIRS)]
    for store in stores:
        for stream, count in (("few", 2), ("many", 100)):
            store.append(batch(growth(stream, 0, count, tenant=store.tenant), tenant=store.tenant))
        assert (store.count(), store.last_position()) == (102, store.page(0, 500)[-1].position)
    spaces = (
        "SELECT c.relname FROM pg_class c WHERE c.relname LIKE 'guanxi_entries%%' AND c.relkind IN ('r', 'p')"
    )
    tables = [row[0] for row in server.run(server.admin, spaces)]
    assert len(tables) == (4 if "partitions" in made else 1)
    for table in tables:
        with stores[0].database.connected() as connection:
            seen = connection.exec_driver_sql(f"SELECT DISTINCT tenant FROM {table}").fetchall()
        assert {row[0] for row in seen} <= {OURS}
    for store in stores:
        store.close()


def test_what_another_tenant_has_in_flight_is_waited_for_although_its_rows_cannot_be_seen(
    server: Server,
) -> None:
    ours, theirs = (open_store(server.owner, tenant=tenant) for tenant in (OURS, THEIRS))
    server.secure()
    ours.append(batch(growth("before", 0, tenant=OURS), tenant=OURS))
    before = ours.last_position()
    with theirs.database.open_connection() as connection, connection.begin() as transaction:
        theirs.append(batch(growth("held", 0, tenant=THEIRS), tenant=THEIRS), connection)
        ours.append(batch(growth("after", 0, tenant=OURS), tenant=OURS))
        assert ours.horizon() == theirs.horizon() == before
        assert [e.stream for e in ours.page(0, 10)] == ["before"]
        assert len(ours.in_flight()) == 1
        transaction.commit()
    assert [e.stream for e in ours.page(0, 10)] == ["before", "after"]
    assert [e.stream for e in theirs.page(0, 10)] == ["held"]
    assert ours.page(0, 10)[-1].position == theirs.page(0, 10)[-1].position + 1
    ours.close()
    theirs.close()


def test_a_second_tenant_of_a_bound_role_shares_the_tables_and_cleans_only_its_own(server: Server) -> None:
    north, south = open_filled(server.owner, THEIRS), guanxi.open(server.owner, tenant=OURS)
    server.secure()
    worlds.fill(south)  # the read models' tables are there, and whose they are can't be seen
    north_rows = north.report("retail.customers").rows
    without = south.store.projector([], south.source())
    assert without.clean(absent=True)
    assert north.report("retail.customers").rows == north_rows
    assert south.report("retail.customers").rows
    north.close()
    south.close()


def test_a_hosts_connection_is_bound_for_its_transaction_and_not_beyond(server: Server) -> None:
    north, south = open_filled(server.owner, THEIRS), open_filled(server.owner, OURS)
    server.secure(role=server.role(server.app))
    engine = sa.create_engine(
        sa.make_url(server.app).set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=0
    )
    count = sa.text("SELECT count(*) FROM guanxi_entries")
    setting = sa.text("SELECT current_setting('guanxi.tenant', true)")
    before = south.store.count(), north.store.count()

    def tell(ledger: Ledger, receipt: str, connection: sa.Connection) -> None:
        bought = RecordPurchase(receipt=receipt, paid=Money("9", "CNY"))
        ledger.execute("C-3", bought, actor="host", connection=connection)

    with engine.begin() as connection:
        tell(south, "H-1", connection)
        assert connection.execute(count).scalar_one() > before[0]
        # Two ledgers take turns in one transaction, inside savepoints that come to nothing, too.
        tell(north, "H-1", connection)
        assert connection.execute(setting).scalar_one() == THEIRS
        with connection.begin_nested() as savepoint:
            tell(south, "H-2", connection)
            savepoint.rollback()
        tell(south, "H-3", connection)
        tell(north, "H-4", connection)
    with engine.connect() as connection:
        assert not connection.execute(setting).scalar_one()
        assert connection.execute(count).scalar_one() == 0
    for ledger, receipts in ((south, {"H-1", "H-3"}), (north, {"H-1", "H-4"})):
        sales = ledger.history("C-3").state("retail.purchases").sales
        assert {r for r in sales if r.startswith("H")} == receipts
        assert verify(ledger.store).clean
        ledger.close()
    engine.dispose()


def test_a_role_of_the_application_can_neither_change_entries_nor_switch_it_off(server: Server) -> None:
    open_filled(server.owner, OURS).close()
    server.secure(role=server.role(server.app))
    for statement in (
        "UPDATE guanxi_entries SET actor = 'me'",
        "DELETE FROM guanxi_entries",
        "TRUNCATE guanxi_entries",
        "UPDATE guanxi_commands SET digest = ''",
        "ALTER TABLE guanxi_entries DISABLE ROW LEVEL SECURITY",
        "DROP POLICY guanxi_tenant ON guanxi_entries",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"):
            server.run(server.app, statement, tenant=OURS)
    with pytest.raises(Unavailable, match="not_the_owner"):
        row_security.release(Database(server.app))


def test_which_tenants_there_are_is_shown_to_the_owner_and_to_nobody_else(server: Server) -> None:
    north, south = open_filled(server.owner, THEIRS), open_filled(server.owner, OURS)
    counts = {THEIRS: north.store.count(), OURS: south.store.count()}
    streams = {OURS: len(south.store.streams(None)), THEIRS: len(north.store.streams(None))}
    last = {OURS: south.store.last_recorded(), THEIRS: north.store.last_recorded()}
    guanxi.open(server.owner, tenant="empty").close()

    def seen(url: str, tenant: str = OURS, *, read_only: bool = False) -> row_security.Tenants:
        store = open_store(url, tenant=tenant, create=False, read_only=read_only)
        try:
            return row_security.tenants(store.database)
        finally:
            store.close()

    for secured in (False, True):
        found = seen(server.owner)
        assert (found.secured, found.whole) == (secured, True)
        assert {t.name: t.entries for t in found.lines} == {**counts, "empty": 0}
        assert {t.name: t.streams for t in found.lines if t.entries} == streams
        assert {t.name: t.last_recorded for t in found.lines if t.entries} == last
        server.secure(role=server.role(server.app))
    assert seen(server.owner, read_only=True) == found
    bound = seen(server.app)
    assert (bound.secured, bound.whole, [t.name for t in bound.lines]) == (True, False, [OURS])
    assert seen(server.app, "nobody").lines == ()
    assert {t.name for t in seen(server.admin).lines} == {OURS, THEIRS, "empty"}  # a superuser is never bound
    # To say so does not help a role that owns nothing.
    statements = (
        "SELECT set_config('guanxi.operator', 'on', true)",
        "SELECT DISTINCT tenant FROM guanxi_heads",
    )
    assert server.run(server.app, *statements, tenant=OURS) == [(OURS,)]
    assert server.run(server.owner, statements[0], "SELECT count(*) FROM guanxi_entries") == [(0,)]
    north.close()
    south.close()


def test_it_is_switched_on_whole_or_not_at_all(server: Server) -> None:
    open_filled(server.owner, OURS).close()
    with pytest.raises(Invalid, match="unknown_role"):
        server.secure(role="nobody_by_that_name")
    assert server.run(server.owner, "SELECT count(*) FROM pg_policies") == [(0,)]
    with pytest.raises(Unavailable, match="not_the_owner") as caught:
        row_security.secure(Database(server.app))
    assert server.role(server.owner) in caught.value.message
    first = server.secure()
    assert server.secure() == first  # again, as after an upgrade
    assert "guanxi_entries" in first
    server.release()
    assert server.run(server.owner, "SELECT count(*) FROM pg_policies") == [(0,)]


def test_the_command_line_switches_it_on_and_off_and_tells_whom_it_shows_what(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GUANXI_DB", "GUANXI_KEYS", "GUANXI_TENANT"):
        monkeypatch.delenv(name, raising=False)
    open_filled(server.owner, OURS).close()
    open_filled(server.owner, THEIRS).close()

    def told(url: str, *arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main([*arguments, "--db", url, "--tenant", OURS]) == code
        said = capsys.readouterr()
        return " ".join((said.out + said.err).split())

    assert "2 tenants; row-level security is off." in told(server.owner, "tenants")
    assert "error: " in told(server.app, "tenants", "secure", code=1)  # it has no rights yet
    role = server.role(server.app)
    assert "Row-level security is on for" in told(server.owner, "tenants", "secure", "--role", role)
    assert "not_the_owner" in told(server.app, "tenants", "secure", "--off", code=1)
    shown = told(server.owner, "tenants")
    assert THEIRS in shown
    assert "Row-level security is on." in shown
    hidden = told(server.app, "tenants")
    assert THEIRS not in hidden
    assert "the owner of the tables sees all of them" in hidden
    assert "所有者可看到全部租户" in told(server.app, "tenants", "--lang", "zh")
    assert '"whole": false' in told(server.app, "tenants", "list", "--json")
    assert "Nothing is wrong." in told(server.app, "verify")
    assert "行级安全" in told(server.owner, "tenants", "secure", "--off", "--lang", "zh")
    assert "2 tenants; row-level security is off." in told(server.owner, "tenants")


def test_sqlite_says_that_it_knows_no_such_thing(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    for call in (row_security.secure, row_security.release):
        with pytest.raises(Invalid, match="not_on_sqlite"):
            call(store.database)
    assert row_security.tenants(store.database).lines == ()
    store.close()


def test_the_log_stays_quick_under_the_policy(server: Server) -> None:
    """The plan of what is asked most still goes by the index of the stream."""
    ledger = open_filled(server.owner, OURS)
    server.secure()
    with ledger.store.database.connected() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("SET enable_seqscan = off")
        query = (
            "EXPLAIN SELECT * FROM guanxi_entries WHERE tenant = 'south' AND stream = 'x' ORDER BY version"
        )
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(query))
    assert re.search(r"Index Cond: .*tenant = 'south'.*AND .*stream = 'x'", plan)
    ledger.close()
