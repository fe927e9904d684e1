"""Keys: made once for each subject and family, kept apart from the log, and gone for good when destroyed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from guanxi.kernel.errors import Invalid, SchemaTooNew, Unavailable
from guanxi_adapters.sql import SqlKeyring, open_keyring, open_store
from guanxi_adapters.sql.keys import keys_url


@pytest.fixture
def keyring(any_url: str) -> Iterator[SqlKeyring]:
    opened = open_keyring(any_url)
    yield opened
    opened.close()


def test_a_subject_has_one_key_for_each_family(keyring: SqlKeyring) -> None:
    key_id, secret = keyring.key_for("c1", "identity")
    assert keyring.key_for("c1", "identity") == (key_id, secret)
    assert len(secret) == 64
    others = [keyring.key_for("c1", "contact"), keyring.key_for("c2", "identity")]
    assert len({key_id, *[i for i, _ in others]}) == len({secret, *[s for _, s in others]}) == 3
    assert keyring.key(key_id) == secret
    assert keyring.key("unheard-of") is None
    assert "." not in key_id


def test_keys_are_committed_before_they_are_returned(shared_url: str) -> None:
    one, two = open_keyring(shared_url), open_keyring(shared_url)
    key_id, secret = one.key_for("c1", "identity")
    assert two.key(key_id) == secret
    assert two.key_for("c1", "identity") == (key_id, secret)
    assert two.token_key() == one.token_key()
    one.close()
    two.close()


def test_racing_threads_get_the_same_key(shared_url: str) -> None:
    rings = [open_keyring(shared_url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(rings[i % 4].key_for, f"c{i // 8}", "identity") for i in range(64)]
        tokens = {future.result() for future in [pool.submit(ring.token_key) for ring in rings]}
    found = [future.result() for future in asked]
    assert all(len(set(found[i : i + 8])) == 1 for i in range(0, 64, 8))
    assert len(set(found)) == 8
    assert len(tokens) == 1
    for ring in rings:
        ring.close()


def test_many_keys_are_made_at_once(keyring: SqlKeyring) -> None:
    kept = keyring.key_for("c7", "identity")
    keyring.keys_for((f"c{i}", family) for i in range(6_000) for family in ("identity", "contact"))
    assert keyring.key_for("c7", "identity") == kept
    assert len({keyring.key_for(f"c{i}", "contact") for i in range(6_000)}) == 6_000


def test_a_destroyed_key_is_gone_and_the_next_one_is_another(keyring: SqlKeyring) -> None:
    key_id, secret = keyring.key_for("c1", "identity")
    kept = keyring.key_for("c1", "contact")
    assert keyring.destroy("c1", "identity")
    assert not keyring.destroy("c1", "identity")
    assert not keyring.destroy("c9", "identity")
    assert keyring.key(key_id) is None
    assert keyring.key_for("c1", "contact") == kept
    new_id, new_secret = keyring.key_for("c1", "identity")
    assert new_id != key_id
    assert new_secret != secret


def test_a_destroyed_secret_is_in_none_of_the_files(sqlite_url: str, tmp_path: Path) -> None:
    ring = open_keyring(sqlite_url)
    ring.keys_for((f"c{i}", "identity") for i in range(300))
    _, secret = ring.key_for("c5", "identity")
    before = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret in before
    ring.destroy("c5", "identity")
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert all(secret not in content for content in after.values())
    assert after["ledger.keys.db-wal"] == b""
    ring.close()


def test_a_reader_that_keeps_the_trace_is_reported(sqlite_url: str) -> None:
    ring, other = open_keyring(sqlite_url, timeout=0.2), open_keyring(sqlite_url)
    key_id, _ = ring.key_for("c1", "identity")
    with other.database.connected() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM guanxi_keys").scalar()
        with pytest.raises(Unavailable, match="trace_left"):
            ring.destroy("c1", "identity")
    assert ring.key(key_id) is None
    ring.close()
    other.close()


def test_other_processes_notice_a_destroyed_key_in_time(shared_url: str) -> None:
    one, two = open_keyring(shared_url), open_keyring(shared_url, freshness=0.1)
    key_id, secret = one.key_for("c1", "identity")
    assert two.key(key_id) == secret
    one.destroy("c1", "identity")
    time.sleep(0.15)
    assert two.key(key_id) is None
    one.close()
    two.close()


def test_keys_stand_apart_from_the_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'customers.db'}"
    store, ring = open_store(url), open_keyring(url)
    ring.key_for("c1", "identity")
    keys = tmp_path / "customers.keys.db"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("customers.keys.db*"))
    with store.engine.connect() as connection:
        assert not [name for name in sa.inspect(connection).get_table_names() if "keys" in name]
    ring.close()
    store.close()


def test_keys_on_a_server_stand_in_a_schema_of_their_own(postgres_url: str) -> None:
    store, ring = open_store(postgres_url), open_keyring(postgres_url)
    ring.key_for("c1", "identity")
    with store.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names(schema="guanxi_keys")
        assert sorted(names) == ["guanxi_keys", "guanxi_keys_meta", "guanxi_token_keys"]
        assert not [name for name in sa.inspect(connection).get_table_names() if "keys" in name]
    ring.close()
    store.close()


def test_keys_may_be_kept_elsewhere_but_not_in_the_logs_own_file(sqlite_url: str, tmp_path: Path) -> None:
    ring = open_keyring(sqlite_url, keys=f"sqlite:///{tmp_path / 'safe.db'}")
    ring.key_for("c1", "identity")
    assert (tmp_path / "safe.db").exists()
    assert not (tmp_path / "ledger.keys.db").exists()
    ring.close()
    with pytest.raises(Invalid, match="keys_beside_log"):
        open_keyring(sqlite_url, keys=sqlite_url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.db", "sqlite+pysqlite:///x.keys.db"),
        ("sqlite:////data/x.sqlite", "sqlite+pysqlite:////data/x.sqlite.keys.db"),
        ("sqlite://", "sqlite+pysqlite://"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ],
)
def test_where_keys_are_kept_follows_from_the_logs_url(url: str, expected: str) -> None:
    assert keys_url(url) == expected


def test_tenants_have_keys_of_their_own(shared_url: str) -> None:
    one, two = open_keyring(shared_url), open_keyring(shared_url, tenant="other")
    key_id, _ = one.key_for("c1", "identity")
    assert two.key(key_id) is None
    assert two.key_for("c1", "identity")[0] != key_id
    assert two.token_key() != one.token_key()
    assert not two.destroy("c2", "identity")
    one.close()
    two.close()


def test_missing_keys_are_not_made_unless_wanted_and_newer_ones_are_refused(shared_url: str) -> None:
    with pytest.raises(Unavailable, match=r"no_such_file|no_keys_here"):
        open_keyring(shared_url, create=False)
    ring = open_keyring(shared_url)
    with ring.database.engine.begin() as connection:
        table = "guanxi_keys_meta" if ring.database.is_sqlite else "guanxi_keys.guanxi_keys_meta"
        connection.exec_driver_sql(f"UPDATE {table} SET value = '9' WHERE key = 'schema_version'")
    ring.close()
    with pytest.raises(SchemaTooNew):
        open_keyring(shared_url)
