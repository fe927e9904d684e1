"""The table that says where each read model stands: its lines, how they and the tables they speak of are named, its statements."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

import sqlalchemy as sa

from guanxi_adapters.sql import schema
from guanxi_adapters.sql.engine import Database

LIVE, BUILDING, APART, OLD = "live", "building", "apart", "old"
"""What a line speaks of: the table that readers see; one that anybody may go on building; one that a single process builds;
one that another version has superseded."""

_LONGEST = 63
"""Characters of a table's name on PostgreSQL."""

_BESIDE = re.compile(r"(?P<model>.+?)(?:__v\d+)?__(?P<kind>building|apart|old)(?:_[0-9a-f]{8})?\Z")

sums = sa.Table(
    "guanxi_read_model_sums",
    sa.MetaData(),
    sa.Column("tenant", schema.text(), primary_key=True),
    sa.Column("name", schema.text(), primary_key=True),
    sa.Column("version", sa.BigInteger(), nullable=False),
    sa.Column("position", sa.BigInteger(), nullable=False),
    sa.Column("rows", sa.BigInteger(), nullable=False),
    sa.Column("checksum", schema.text(), nullable=False),
)
"""What the rows of a read model summed to when they were swapped in."""


class Standing(NamedTuple):
    """A line of the table of read models."""

    name: str
    version: int
    position: int
    rebuilt_at: str | None
    parked_at: int | None
    error: str | None

    @property
    def model(self) -> str:
        """The read model's name."""
        found = _BESIDE.match(self.name)
        return self.name if found is None else found["model"]

    @property
    def kind(self) -> str:
        """What the line speaks of."""
        found = _BESIDE.match(self.name)
        return LIVE if found is None else found["kind"]

    def suffix(self, tenant: str) -> str:
        """Return what the name of its table ends with."""
        return "" if self.kind in (LIVE, OLD) else suffix_of(self.kind, tenant)


class Sum(NamedTuple):
    """What the rows of a read model summed to at a position."""

    name: str
    version: int
    position: int
    rows: int
    checksum: str


def suffix_of(kind: str, tenant: str) -> str:
    """Return what the name of a table ends with while a tenant builds it; tenants' builds have tables of their own."""
    return f"__{kind}_{hashlib.sha256(tenant.encode()).hexdigest()[:8]}"


def versioned(version: int) -> str:
    """Return what a version adds to a name: nothing for the first one."""
    return "" if version == 1 else f"__v{version}"


def line_name(model: str, version: int, kind: str, tenant: str) -> str:
    """Return the name of a line."""
    if kind == LIVE:
        return model
    return f"{model}{versioned(version)}" + (f"__{OLD}" if kind == OLD else suffix_of(kind, tenant))


def table_name(model: str, version: int, suffix: str = "") -> str:
    """Return the name of a read model's table; one too long for PostgreSQL is cut, with a digest in the middle."""
    name = f"{model.replace('.', '_')}{versioned(version)}{suffix}"
    if len(name) <= _LONGEST:
        return name
    mark = "_" + hashlib.sha256(model.encode()).hexdigest()[:8]
    ending = f"{mark}{versioned(version)}{suffix}"
    return model.replace(".", "_")[: _LONGEST - len(ending)] + ending


class Statements:
    """The statements on that table."""

    def __init__(self, database: Database) -> None:
        b, compile_, t = sa.bindparam, database.compile, schema.read_models
        mine = t.c.tenant == b("tenant")
        self.standings = compile_(sa.select(*[t.c[name] for name in Standing._fields]).where(mine))
        of = (t.c.version == b("version"), t.c.name.in_([b("live"), b("old")]))
        self.holders = compile_(sa.select(t.c.tenant).where(*of))
        insert = database.insert(t).values({c.name: b(c.name) for c in t.columns})
        self.begin = compile_(insert.on_conflict_do_nothing())
        self.forget = compile_(sa.delete(t).where(mine, t.c.name == b("name")))
        at = (t.c.tenant == b("in_tenant"), t.c.name == b("of_name"), t.c.version == b("of_version"))
        guard = (
            *at,
            t.c.position == b("at_position"),
            sa.func.coalesce(t.c.rebuilt_at, "") == b("since"),
            t.c.parked_at.is_(None),
        )
        self.advance = compile_(sa.update(t).values(position=b("new_position")).where(*guard))
        parked: dict[str, Any] = {"parked_at": b("new_parked_at"), "error": b("new_error")}
        self.park = compile_(sa.update(t).values(parked).where(*guard))
        cleared: dict[str, Any] = {"parked_at": sa.null(), "error": sa.null()}
        self.unpark = compile_(sa.update(t).values(cleared).where(*at, t.c.parked_at == b("was_parked_at")))
        self.rename = compile_(
            sa.update(t)
            .values(name=b("new_name"))
            .where(*at, sa.func.coalesce(t.c.rebuilt_at, "") == b("since"))
        )
        self.finish = compile_(sa.delete(t).where(*guard))
        put = database.insert(sums).values({c.name: b(c.name) for c in sums.columns})
        changed = {c.name: put.excluded[c.name] for c in sums.columns if not c.primary_key}
        self.put_sum = compile_(
            put.on_conflict_do_update(index_elements=[sums.c.tenant, sums.c.name], set_=changed)
        )
        self.sums = compile_(
            sa.select(*[sums.c[name] for name in Sum._fields]).where(sums.c.tenant == b("tenant"))
        )
        self.forget_sum = compile_(
            sa.delete(sums).where(sums.c.tenant == b("tenant"), sums.c.name == b("name"))
        )
