"""Every statement of the log, compiled once for the database at hand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from guanxi.kernel.entries import COLUMNS, SOURCE_SEPARATOR, FoldRow, Head, Passing
from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database, Statement

EXTENDED = ("version", "hash", "recorded_at", "rules_known")
"""What of a head no index holds."""

STORED = COLUMNS[:-1]
"""The columns of an entry whose position the database gives."""


def of_tenant(database: Database) -> sa.ColumnElement[bool]:
    """Return the condition that an entry is the tenant's, for reading the log in order of position.

    On PostgreSQL an index begins with the tenant and the position. In an SQLite file entries lie in order of position, and
    the index that begins with the tenant must look uninviting: a planner without statistics would sort the whole log.
    """
    tenant = sa.literal_column("+tenant") if database.is_sqlite else schema.entries.c.tenant
    return tenant == sa.bindparam("tenant")


def page_of(database: Database, *, named: bool = False) -> Statement:
    """Return what reads a page of whole entries behind ``after``, up to ``horizon``; of certain ``names``, if wanted."""
    e, b = schema.entries.c, sa.bindparam
    query = sa.select(*[e[name] for name in COLUMNS]).where(of_tenant(database))
    query = query.where(e.position > b("after"), e.position <= b("horizon"))
    query = query.where(database.among(e.name)) if named else query
    return database.compile(query.order_by(e.position).limit(b("limit")))


def _judges(h: sa.Table) -> sa.Select[Any]:
    """Return what lists the digests of facets that judged streams last: one step through the index for each, however many streams."""
    mine, judged_by = h.c.tenant == sa.bindparam("tenant"), h.c.judged_by
    found = sa.select(sa.func.min(judged_by).label("judged_by")).where(mine).cte("found", recursive=True)
    above = sa.select(sa.func.min(judged_by)).where(mine, judged_by > found.c.judged_by).scalar_subquery()
    found = found.union_all(sa.select(above).where(found.c.judged_by.is_not(None)))
    return sa.select(found.c.judged_by).where(found.c.judged_by.is_not(None))


def _source(e: sa.Table) -> sa.ColumnElement[str | None]:
    """Return a source reference as one text, as ``source_text`` does; nothing where an entry has none."""
    document, line = sa.func.coalesce(e.c.source_document, ""), sa.func.coalesce(e.c.source_line, "")
    return (e.c.source_system + SOURCE_SEPARATOR + document + SOURCE_SEPARATOR + line).label("source")


class Statements:
    """Every statement of the log, compiled once for the database at hand."""

    def __init__(self, database: Database) -> None:
        b, compile_ = sa.bindparam, database.compile
        e, h, c, k, m = schema.entries, schema.heads, schema.claims, schema.commands, schema.meta
        head = [h.c[name] for name in Head._fields]
        fold = [*(e.c[name] for name in FoldRow._fields[:-1]), _source(e)]
        whole = [e.c[name] for name in COLUMNS]
        mine, stream = e.c.tenant == b("tenant"), e.c.stream == b("stream")
        among = database.among

        given = STORED if database.is_sqlite else COLUMNS
        self.insert_entry = compile_(sa.insert(e).values({name: b(name) for name in given}))
        self.insert_head = compile_(_ignoring(database, h))
        at = (h.c.tenant == b("in_tenant"), h.c.stream == b("of_stream"), h.c.version == b("expected"))
        moved: dict[str, Any] = {name: b(f"new_{name}") for name in Head._fields[2:]}
        # Once a stream stands apart it does so for ever, whoever wrote a head meanwhile without knowing it.
        moved["apart_since"] = sa.func.coalesce(h.c.apart_since, moved["apart_since"])
        self.move_head = compile_(sa.update(h).values(moved).where(*at))
        extend = sa.update(h).values({name: b(f"new_{name}") for name in EXTENDED}).where(*at)
        same = (h.c.next_due.is_not_distinct_from(b("next_due")), h.c.judged_by == b("judged_by"))
        apart = h.c.apart_since.is_not_distinct_from(b("apart_since"))
        self.extend_head = compile_(extend.where(*same, apart))
        self.take_claim = compile_(_ignoring(database, c))
        key = [c.c[name] == b(name) for name in ("tenant", "kind", "token", "stream")]
        self.release_claim = compile_(sa.delete(c).where(*key))
        self.note_command = compile_(_ignoring(database, k))

        my_heads = sa.select(*head).where(h.c.tenant == b("tenant"))
        self.heads = compile_(my_heads.where(among(h.c.stream)))
        self.head = compile_(my_heads.where(h.c.stream == b("names")))
        rest = my_heads.where(h.c.stream > b("after")).order_by(h.c.stream).limit(b("limit"))
        self.streams = compile_(rest)
        self.streams_of = compile_(rest.where(h.c.subject == b("subject")))
        fallen = h.c.next_due <= b("until")
        self.due = compile_(rest.where(fallen | among(h.c.judged_by)))
        later = sa.select(h.c.stream).where(h.c.tenant == b("tenant"), h.c.stream > b("after"))
        self.due_streams = compile_(later.where(fallen).limit(b("limit")))
        self.judged_streams = compile_(later.where(among(h.c.judged_by)).limit(b("limit")))
        self.judges = compile_(_judges(h))
        mine_heads = sa.select(h.c.stream).where(h.c.tenant == b("tenant"))
        self.apart = compile_(mine_heads.where(h.c.apart_since.is_not(None)).order_by(h.c.stream))
        self.judged_by = compile_(mine_heads.where(among(h.c.judged_by)).order_by(h.c.stream))
        behind = (h.c.rules_known < b("published"), h.c.recorded_at >= b("since"))
        self.behind_rules = compile_(my_heads.where(*behind).order_by(h.c.stream))

        one = sa.select(*fold).where(mine, stream).order_by(e.c.version)
        self.fold_rows = compile_(one)
        self.fold_rows_up_to = compile_(one.where(e.c.position <= b("up_to")))
        many = sa.select(e.c.stream, *fold).where(mine, among(e.c.stream)).order_by(e.c.stream, e.c.version)
        up_to = e.c.position <= b("up_to")
        of_kinds = among(e.c.name, "kinds") | e.c.target.is_not(None)
        self.fold_rows_of = {
            (bool(kinds), bool(bound)): compile_(many.where(*kinds, *bound))
            for kinds in ((), (of_kinds,))
            for bound in ((), (up_to,))
        }
        """By whether kinds of event are asked for, and whether a place in the log bounds them."""
        imported = e.c.batch.is_not(None)
        together = sa.func.group_concat if database.is_sqlite else sa.func.string_agg
        late = sa.select(
            e.c.stream,
            e.c.recorded_at,
            imported.label("imported"),
            sa.func.min(e.c.version),
            sa.func.min(e.c.effective_from),
            together(e.c.name, sa.literal_column("' '")),
        ).where(mine, among(e.c.stream), e.c.effective_from < e.c.recorded_at)
        late = late.group_by(e.c.stream, e.c.recorded_at, imported)
        self.told_late = compile_(late.order_by(e.c.stream, e.c.recorded_at, imported))
        self.entries = compile_(sa.select(*whole).where(mine, stream).order_by(e.c.version))

        ours = of_tenant(database)
        after, reached = e.c.position > b("after"), e.c.position <= b("horizon")
        in_order = (ours, after, reached)
        self.page = page_of(database)
        passing = sa.select(*[e.c[name] for name in Passing._fields]).where(*in_order)
        self.passing = compile_(passing.order_by(e.c.position).limit(b("limit")))
        position = sa.select(e.c.position)
        last = position.where(ours, reached).order_by(e.c.position.desc()).limit(1)
        self.last_position = compile_(last)
        self.count = compile_(sa.select(sa.func.count()).select_from(e).where(*in_order))
        self.last_recorded = compile_(sa.select(sa.func.max(e.c.recorded_at)).where(*in_order))
        named = position.where(*in_order, e.c.name == b("name"))
        self.first_named = compile_(named.order_by(e.c.position).limit(1))
        known = e.c.recorded_at <= b("recorded_at")
        latest = position.where(*in_order, known).order_by(e.c.position.desc())
        self.latest_recorded = compile_(latest.limit(1))
        stored = sa.select(e.c.stream, e.c.version, e.c.hash, e.c.position)
        self.stored = compile_(stored.where(mine, stream, e.c.version > b("after")).order_by(e.c.version))

        headed = sa.select(h.c.stream).where(h.c.tenant == b("tenant"), h.c.stream == e.c.stream)
        first = sa.func.min(e.c.position)
        alone = sa.select(e.c.stream, sa.func.min(e.c.version), first, sa.func.count()).where(
            mine, ~headed.correlate(e).exists()
        )
        self.unheaded = compile_(alone.group_by(e.c.stream).order_by(first))

        place = (e.c.source_document, e.c.source_line, e.c.position)
        sourced = sa.select(
            e.c.source_document, e.c.source_line, e.c.stream, e.c.version, e.c.name, e.c.position
        )
        named = sourced.where(
            mine,
            e.c.source_system == b("system"),
            e.c.source_line.is_not(None),
            sa.tuple_(*place) > sa.tuple_(b("document"), b("line"), b("position")),
        )
        self.of_source = compile_(named.order_by(*place).limit(b("limit")))
        self.of_source_and_batch = compile_(
            named.where(e.c.batch == b("batch")).order_by(*place).limit(b("limit"))
        )

        mine_of_kind = (c.c.tenant == b("tenant"), c.c.kind == b("kind"))
        held = sa.select(c.c.token, c.c.stream).where(*mine_of_kind)
        held = held.order_by(c.c.policy == "advisory", c.c.stream)
        self.holders = compile_(held.where(among(c.c.token)))
        self.holder = compile_(held.where(c.c.token == b("names")))
        record = [k.c[name] for name in ("command_id", "digest", "stream", "first_version", "last_version")]
        recorded = sa.select(*record).where(k.c.tenant == b("tenant"))
        self.commands = compile_(recorded.where(among(k.c.command_id)))
        self.command = compile_(recorded.where(k.c.command_id == b("names")))
        both = m.c.tenant.in_([sa.literal_column(f"'{schema.EVERY_TENANT}'"), b("tenant")])
        self.meta = compile_(sa.select(m.c.key, m.c.value).where(both))
        put = database.insert(m)
        newer = {"value": put.excluded.value}
        self.put_meta = compile_(put.on_conflict_do_update(index_elements=["tenant", "key"], set_=newer))


def _ignoring(database: Database, table: sa.Table) -> Any:
    """Return an insert that leaves a row alone that is there: the count of rows tells, and no transaction is spoilt."""
    return (
        database.insert(table)
        .values({c.name: sa.bindparam(c.name) for c in table.columns})
        .on_conflict_do_nothing()
    )
