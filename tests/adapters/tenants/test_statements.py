"""Every statement that the adapters issue names its tenant: looked at on its way to the database, while a broad life goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

import guanxi
from guanxi_adapters.sql.functions import FUNCTIONS
from tests.adapters.tenants import world as worlds
from tests.adapters.tenants.test_row_security import live
from tests.adapters.tenants.world import NOW, OURS, THEIRS, tables_of

EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "making tables": (r"^(CREATE|ALTER|DROP) ", "a table is everybody's; its rows are not touched"),
    "holding a table": (
        r"^LOCK TABLE .* IN ACCESS SHARE MODE$",
        "keeps others from dropping it; reads nothing",
    ),
    "whether others share a table": (
        r"^SELECT guanxi_read_models\.tenant FROM guanxi_read_models WHERE guanxi_read_models\.version = ",
        "a table that another tenant uses must not be dropped; only the names of tenants are read",
    ),
    "whether others share a log": (
        r"^SELECT count\(\*\) FROM guanxi_entries WHERE tenant <> ",
        "only whether there are any: positions without gaps are no one tenant's then",
    ),
    "swapping in what was built": (
        r"^INSERT INTO \S+ \([^)]*\) SELECT [^()]* FROM \S+__(building|apart)_[0-9a-f]{8}\"?$",
        "a build's table holds one tenant's rows",
    ),
}
"""Statements that name no tenant, and why they need not."""

_TOUCHING = ("select", "insert", "update", "delete", "with", "copy", "create", "alter", "drop", "lock")
_PLACE = r"%s|%\((?P<name>\w+)\)s"


@attrs.define
class Seen:
    """A statement, with what was handed over for its places; on SQLite the values stand in the text."""

    sql: str
    rows: list[Any] = attrs.field(factory=list)


@attrs.define
class Watch:
    """What was issued, and which tables there are that hold rows of tenants."""

    seen: list[Seen] = attrs.field(factory=list)

    def note(self, sql: Any, rows: Sequence[Any] = ()) -> None:
        text = sql if isinstance(sql, str) else sql.decode() if isinstance(sql, bytes) else str(sql)
        self.seen.append(Seen(" ".join(text.split()), [r for r in rows if r is not None]))


@pytest.fixture
def watch(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Look at every statement of this process on its way to the database."""
    found = Watch()
    if url.startswith("sqlite"):

        def trace(connection: Any, _record: object) -> None:
            connection.set_trace_callback(found.note)

        sa.event.listen(sa.pool.Pool, "connect", trace)
        yield found
        sa.event.remove(sa.pool.Pool, "connect", trace)
        return
    import psycopg

    execute, executemany, copy = psycopg.Cursor.execute, psycopg.Cursor.executemany, psycopg.Cursor.copy

    def watched_execute(self: Any, query: Any, params: Any = None, **more: Any) -> Any:
        found.note(query, [params])
        return execute(self, query, params, **more)

    def watched_executemany(self: Any, query: Any, params_seq: Any, **more: Any) -> Any:
        rows = list(params_seq)
        found.note(query, rows)
        return executemany(self, query, rows, **more)

    def watched_copy(self: Any, statement: Any, params: Any = None, **more: Any) -> Any:
        seen = Seen(" ".join(str(statement).split()))
        found.seen.append(seen)
        context = copy(self, statement, params, **more)
        enter = context.__enter__

        class Watched:
            def __enter__(self) -> Any:
                made = enter()
                write = made.write_row

                def note(row: Any) -> None:
                    seen.rows.append(row)
                    write(row)

                made.write_row = note
                return made

            def __exit__(self, *error: Any) -> Any:
                return context.__exit__(*error)

        return Watched()

    monkeypatch.setattr(psycopg.Cursor, "execute", watched_execute)
    monkeypatch.setattr(psycopg.Cursor, "executemany", watched_executemany)
    monkeypatch.setattr(psycopg.Cursor, "copy", watched_copy)
    yield found


@pytest.mark.parametrize(
    "url",
    ["sqlite", *(pytest.param(kind, marks=pytest.mark.postgres) for kind in ("postgres", "portable"))],
    indirect=True,
    scope="module",
)
def test_every_statement_on_rows_of_tenants_names_the_tenant(url: str, watch: Watch, tmp_path: Path) -> None:
    foreign = guanxi.open(url, tenant=THEIRS)
    worlds.fill(foreign)
    foreign.close()
    watch.seen.clear()
    ours = guanxi.open(url, tenant=OURS)
    worlds.fill(ours)
    live(ours, tmp_path)
    with ours.subscribe(0) as events:
        next(events)
    ours.reporting.followers()
    list(ours.store.source_references("till"))
    ours.search(actor="x", occurred_from=NOW)
    ours.backend.keyring.destroy(ours.find("C-3") or "", "identity")
    without = ours.store.projector([], ours.source())
    without.clean(absent=True, broken_off=True)
    with ours.store.database.connected() as connection:  # type: ignore[attr-defined]
        names = {name for _, name in tables_of(connection)} | {"retail_customers__v2", "core_files"}
    names |= {"guanxi_keys", "guanxi_token_keys", "guanxi_keys_meta"}  # on SQLite, in a file of their own
    ours.close()
    assert len(watch.seen) > 300
    touched, used, wrong = set[str](), set[str](), list[str]()
    for seen in watch.seen:
        mine = _tables_in(seen.sql, names)
        if not mine or not seen.sql.lower().startswith(_TOUCHING):
            continue
        touched |= mine
        exception = next((n for n, (form, _) in EXCEPTIONS.items() if re.search(form, seen.sql)), None)
        if exception is not None:
            used.add(exception)
        elif (fault := _fault(seen, len(mine))) is not None:
            wrong.append(f"{fault}: {seen.sql[:300]} {str(seen.rows[:1])[:200]}")
    assert not wrong, "\n".join(sorted(set(wrong))[:10])
    assert {
        "guanxi_entries",
        "guanxi_heads",
        "guanxi_claims",
        "guanxi_commands",
        "guanxi_read_models",
    } <= touched
    assert {"guanxi_keys", "guanxi_token_keys", "core_files", "retail_customers__v2"} <= touched
    expected = EXCEPTIONS.keys() - (
        {"holding a table", "swapping in what was built"} if "sqlite" in url else set()
    )
    assert used >= expected - {"swapping in what was built", "whether others share a log"}


def _tables_in(sql: str, names: set[str]) -> set[str]:
    """Return which tables a statement speaks of, those that are being built among them; columns told by table don't count."""
    found = {w for w in re.findall(r"(?<![\w.'])\"?([a-z]\w*)\"?(?![\w.(])", sql) if w in names}
    found |= set(re.findall(r"\bguanxi_keys\.\"?(guanxi_\w+)", sql))
    return found | set(re.findall(r"\b(\w+__(?:building|apart|old)_[0-9a-f]{8})\b", sql))


def _fault(seen: Seen, tables: int) -> str | None:
    """Return what is wrong with a statement, None where it names our tenant for every table."""
    head = seen.sql.split(" ", 1)[0].upper()
    if head == "COPY":
        return None if seen.rows and {row[0] for row in seen.rows} == {OURS} else "copied without the tenant"
    if head == "INSERT":
        return _fault_of_insert(seen)
    if re.search(r"\bguanxi_(append|guard)\(", seen.sql):
        return None
    compared = r"tenant(?: \|\| '')?\"?\)? (?:=|IN) \(?(?:'' ?, ?)?"
    places = re.finditer(compared + rf"(?:{_PLACE}|'(?P<said>\w*)')", seen.sql)
    named = [_values(seen, m) for m in places]
    if any(values - {OURS, ""} for values in named):
        return f"names {named}"
    ours = sum(OURS in values or values == {""} for values in named)
    return None if ours >= (tables if " JOIN " in seen.sql else 1) else "names no tenant"


def _values(seen: Seen, found: re.Match[str]) -> set[Any]:
    """Return what is handed over for a place of a statement."""
    if found["said"] is not None:
        return {found["said"]}
    if found["name"] is not None:
        return {row[found["name"]] for row in seen.rows}
    place = seen.sql[: found.end()].count("%s") - 1
    return {row[place] for row in seen.rows}


def _fault_of_insert(seen: Seen) -> str | None:
    columns = re.search(r"\(([^)]*)\)", seen.sql)
    assert columns is not None
    names = [c.strip().strip('"') for c in columns[1].split(",")]
    if "tenant" not in names:
        return "inserted without the tenant"
    place = names.index("tenant")
    if not seen.rows:  # SQLite: the values stand in the text
        return (
            None
            if f"'{OURS}'" in seen.sql.partition("VALUES")[2] or "''" in seen.sql
            else "inserted for nobody"
        )
    said = [list(row.values())[place] if isinstance(row, Mapping) else row[place] for row in seen.rows]
    given = {
        part.strip('"') for value in said for part in str(value).strip("{}[]").replace("'", "").split(",")
    }
    return None if given <= {OURS, ""} and given else f"inserted for {given}"


def test_the_servers_functions_name_the_tenant_in_every_statement() -> None:
    table = r"(?<!\w)(guanxi_(?:entries|heads|claims|commands))(?![\w\[;])"
    statements = [
        " ".join(s.split()) for f in FUNCTIONS for s in re.split(r";|\bTHEN\b|\bELSE\b|\bLOOP\b", f)
    ]
    reading = [s for s in statements if re.search(rf"(?:FROM|UPDATE|INTO) {table}", s)]
    assert len(reading) >= 6
    for statement in reading:
        bound = re.search(r"old\.tenant = [hck]\.tenant", statement)
        whole = re.search(r"INSERT INTO guanxi_\w+ (?:VALUES \([hck]\.\*\)|\(tenant, )", statement)
        assert bound or whole, statement


@pytest.mark.parametrize(
    ("sql", "row", "fault"),
    [
        ("SELECT * FROM guanxi_entries WHERE tenant = %s", (OURS,), False),
        ("SELECT * FROM guanxi_entries WHERE position > %s AND (tenant || '') = %s", (1, OURS), False),
        ("SELECT * FROM guanxi_entries WHERE tenant = %s", (THEIRS,), True),
        ("SELECT * FROM guanxi_entries WHERE position > %s", (1,), True),
        ("DELETE FROM guanxi_heads WHERE stream = %s", ("s",), True),
        ("UPDATE guanxi_heads SET version = %s WHERE tenant = %s", (1, OURS), False),
        ("INSERT INTO guanxi_heads (tenant, stream) VALUES (%s, %s)", (OURS, "s"), False),
        ("INSERT INTO guanxi_heads (tenant, stream) VALUES (%s, %s)", (THEIRS, "s"), True),
        ("INSERT INTO guanxi_heads (stream) VALUES (%s)", ("s",), True),
    ],
)
def test_the_watch_tells_a_statement_that_forgets_the_tenant(
    sql: str, row: tuple[Any, ...], fault: bool
) -> None:
    assert (_fault(Seen(sql, [row]), 1) is not None) is fault
